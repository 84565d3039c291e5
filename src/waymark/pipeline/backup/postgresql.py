"""Copies of a PostgreSQL database by its own programs, pg_dump and pg_restore.

The numbers of rows are counted in the transaction whose snapshot pg_dump is given, so they are of
the same moment. A password goes to the programs by the environment, never by the command line,
which everybody on the machine can read.
"""

import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, LiteralString, TypeVar

import psycopg
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo

from waymark.core.errors import RuleError

R = TypeVar("R")
Ask = Callable[[str], Iterable[tuple[Any, ...]]]
Cursor = psycopg.Cursor[tuple[Any, ...]]
LIBPQ = ("host", "port", "user", "dbname", "service", "sslmode", "sslrootcert", "sslcert", "sslkey")
TABLES: LiteralString = (
    "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
)


def dump(to: Path, contents: Callable[[list[str], Ask], R]) -> R:
    """Write the database to a new file; what `contents` reads, at the same moment, by its tables
    and a function that answers queries."""
    connection.close()
    with psycopg.connect(_address(), password=_password()) as server:
        server.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with server.cursor() as cursor:
            snapshot = _one(cursor, "SELECT pg_export_snapshot()")
            to.touch(mode=0o600, exist_ok=False)
            _run("pg_dump", f"--snapshot={snapshot}", "--format=custom", f"--file={to}")
            found = contents(_tables(cursor), lambda query: _all(cursor, query))
    check_dump(to)
    return found


def check_dump(path: Path) -> None:
    """Raises RuleError where pg_restore cannot read the list of what a dump holds."""
    _call(["pg_restore", "--list", str(path)])


def is_empty() -> bool:
    """Whether the database has no table yet."""
    return not connection.introspection.table_names()


def load(path: Path) -> None:
    """Fill the empty database from a dump, all or nothing."""
    connection.close()
    _run("pg_restore", "--single-transaction", "--exit-on-error", str(path))


def counts() -> dict[str, int]:
    """Table -> number of rows."""
    with psycopg.connect(_address(), password=_password()) as server, server.cursor() as cursor:
        count = sql.SQL("SELECT count(*) FROM {}")
        return {
            name: int(_one(cursor, count.format(sql.Identifier(name)))) for name in _tables(cursor)
        }


def size() -> int:
    """Bytes that the database takes on its server: a dump is smaller."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def _tables(cursor: Cursor) -> list[str]:
    return [str(name) for (name,) in cursor.execute(TABLES).fetchall()]


def _all(cursor: Cursor, query: str) -> list[tuple[Any, ...]]:
    return cursor.execute(query.encode()).fetchall()


def _one(cursor: Cursor, query: LiteralString | sql.Composed) -> Any:
    row = cursor.execute(query).fetchone()
    return row[0] if row else None


def _address() -> str:
    """The database as libpq names it, without the password."""
    said = connection.get_connection_params()
    return make_conninfo(**{name: said[name] for name in LIBPQ if said.get(name)})


def _password() -> str | None:
    return connection.get_connection_params().get("password") or None


def _run(program: str, *options: str) -> None:
    common = [program, "--no-owner", "--no-privileges", f"--dbname={_address()}", "--no-password"]
    _call([*common, *options], password=_password() or "")


def _call(command: list[str], *, password: str = "") -> None:
    from waymark.settings import environment

    more = {"PGPASSWORD": password} if password else {}
    try:
        run = subprocess.run(
            command, check=False, capture_output=True, text=True, env=environment() | more
        )
    except FileNotFoundError:
        raise RuleError(
            f"{command[0]} is not installed: install PostgreSQL's client programs "
            "(postgresql-client) of the version of your server"
        ) from None
    if run.returncode != 0:
        why = " ".join(run.stderr.split())[-400:]
        raise RuleError(f"{command[0]} failed: {why}")
