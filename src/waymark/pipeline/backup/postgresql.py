"""Copies of a PostgreSQL database, made by its own programs pg_dump and pg_restore.

Rows are counted in a REPEATABLE READ transaction that exports its snapshot, and pg_dump reads from
that snapshot: rows written in between are in neither. A password is passed in the environment,
never on the command line, which everybody on the machine can read.
"""

import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString, TypeVar

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from waymark.core.errors import RuleError
from waymark.core.extras import OptionalModule

if TYPE_CHECKING:
    import psycopg
    from psycopg import conninfo, sql
else:
    psycopg = OptionalModule("psycopg", "postgres")
    conninfo = OptionalModule("psycopg.conninfo", "postgres")
    sql = OptionalModule("psycopg.sql", "postgres")

R = TypeVar("R")
Ask = Callable[[str], Iterable[tuple[Any, ...]]]
LIBPQ = ("host", "port", "user", "dbname", "service", "sslmode", "sslrootcert", "sslcert", "sslkey")
TABLES: LiteralString = (
    "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
)


def dump_database(to: Path, contents: Callable[[list[str], Ask], R]) -> R:
    """Dump the database to a new file; returns the result of contents at the same moment.

    contents: called with the names of the tables and a function that runs a query.
    """
    connection.close()
    with psycopg.connect(_connection_string(), password=_connection_password()) as server:
        server.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with server.cursor() as cursor:
            # The snapshot lives as long as this transaction: it stays open while pg_dump runs.
            snapshot = _single_value(cursor, "SELECT pg_export_snapshot()")
            to.touch(mode=0o600, exist_ok=False)
            _run_on_database("pg_dump", f"--snapshot={snapshot}", "--format=custom", f"--file={to}")
            result = contents(_table_names(cursor), lambda query: _all_rows(cursor, query))
    check_dump(to)
    return result


def check_dump(path: Path) -> None:
    """Raise RuleError if pg_restore cannot read the table of contents of a dump."""
    _run_program(["pg_restore", "--list", str(path)])


def is_empty() -> bool:
    """True if the database has no table yet."""
    return not connection.introspection.table_names()


def load_dump(path: Path) -> None:
    """Fill the empty database from a dump, all or nothing."""
    connection.close()
    _run_on_database("pg_restore", "--single-transaction", "--exit-on-error", str(path))


def row_counts() -> dict[str, int]:
    """Table -> number of rows."""
    with (
        psycopg.connect(_connection_string(), password=_connection_password()) as server,
        server.cursor() as cursor,
    ):
        count = sql.SQL("SELECT count(*) FROM {}")
        return {
            name: int(_single_value(cursor, count.format(sql.Identifier(name))))
            for name in _table_names(cursor)
        }


def sorts_by_letters(database: BaseDatabaseWrapper) -> bool:
    """True if texts are in the order of their code points, as SQLite has them: "B" before "a"."""
    with database.cursor() as cursor:
        cursor.execute("SELECT x FROM (VALUES ('a b'), ('B'), ('aa')) AS t (x) ORDER BY x")
        return [row[0] for row in cursor.fetchall()] == ["B", "a b", "aa"]


def database_bytes() -> int:
    """Size of the database on its server in bytes: a dump is smaller."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def _table_names(cursor: "psycopg.Cursor[tuple[Any, ...]]") -> list[str]:
    return [str(name) for (name,) in cursor.execute(TABLES).fetchall()]


def _all_rows(cursor: "psycopg.Cursor[tuple[Any, ...]]", query: str) -> list[tuple[Any, ...]]:
    return cursor.execute(query.encode()).fetchall()


def _single_value(
    cursor: "psycopg.Cursor[tuple[Any, ...]]", query: "LiteralString | sql.Composed"
) -> Any:
    row = cursor.execute(query).fetchone()
    return row[0] if row else None


def _connection_string() -> str:
    """Connection string of the database for libpq, without the password."""
    parameters = connection.get_connection_params()
    return conninfo.make_conninfo(
        **{name: parameters[name] for name in LIBPQ if parameters.get(name)}
    )


def _connection_password() -> str | None:
    return connection.get_connection_params().get("password") or None


def _run_on_database(program: str, *options: str) -> None:
    common = [
        program,
        "--no-owner",
        "--no-privileges",
        f"--dbname={_connection_string()}",
        "--no-password",
    ]
    _run_program([*common, *options], password=_connection_password() or "")


def _run_program(command: list[str], *, password: str = "") -> None:
    from waymark.settings import environment

    more = {"PGPASSWORD": password} if password else {}
    try:
        run = subprocess.run(
            command, check=False, capture_output=True, text=True, env=environment() | more
        )
    except FileNotFoundError:
        raise RuleError(
            f"{command[0]} is not installed: install PostgreSQL's client programs "
            "(postgresql-client) in the version of your server"
        ) from None
    if run.returncode != 0:
        why = " ".join(run.stderr.split())[-400:]
        raise RuleError(f"{command[0]} failed: {why}")
