"""Rows that many tests begin with: services write them once in each process, later tests copy them.

Each test has the rows in its own transaction and its own copies of the instances, as if it had run
the services. They run again where something else is stored already, and on PostgreSQL, where keys
go on after a test.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from functools import cache, wraps
from pathlib import Path
from typing import Generic, TypeVar

from django.conf import settings
from django.db import connection, transaction

Value = TypeVar("Value")
Row = tuple[object, ...]
IN_PROCESS = ("removals.jsonl", "installation.json", "audit-position", "static")
"""What the folder of a process of tests holds besides: tests/conftest.py begins without it."""


def written_once(build: Callable[..., Value]) -> Callable[..., Value]:
    """Decorate what writes the same rows and files in every test, and returns their instances.

    Texts, numbers, moments and rows with a sha256 that are given are told apart. Other arguments
    are not: they must be the same wherever as many rows are stored. A fixture may be decorated,
    below `pytest.fixture`.
    """
    writer: _Writer[Value] = _Writer()

    @wraps(build)
    def write(*given: object, **named: object) -> Value:
        told_apart = tuple(map(_told_apart, (*given, *sorted(named.items()))))
        return writer.write(lambda: build(*given, **named), told_apart)

    return write


def _told_apart(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(map(_told_apart, value))
    return value if isinstance(value, str | int | date) else getattr(value, "sha256", None)


@dataclass(frozen=True)
class _Written(Generic[Value]):
    """What a call wrote."""

    rows: dict[str, list[Row]]
    files: dict[str, bytes]
    value: Value


class _Writer(Generic[Value]):
    """What calls wrote, by what was given, and the rows and the last key of every table before."""

    def __init__(self) -> None:
        self._written: dict[Row, _Written[Value]] = {}

    def write(self, build: Callable[[], Value], given: Row) -> Value:
        """The instances, whose rows are now in the database."""
        if connection.vendor != "sqlite":
            return build()
        start = given + _numbers_of_rows() + _next_keys()
        written = self._written.get(start)
        if written is None:
            return self._first(build, start)
        _insert(written.rows)
        for name, content in written.files.items():
            path = Path(settings.DATA) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return deepcopy(written.value)

    def _first(self, build: Callable[[], Value], start: Row) -> Value:
        rows, files = _all_rows(), _all_files()
        value = build()
        added = {}
        for table, after in _all_rows().items():
            before = set(rows[table])
            added[table] = [row for row in after if row not in before]
        self._written[start] = _Written(
            rows={table: new for table, new in added.items() if new},
            files={name: file for name, file in _all_files().items() if files.get(name) != file},
            value=deepcopy(value),
        )
        return value


@cache
def _tables() -> list[str]:
    return sorted(connection.introspection.table_names())


def _columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pragma_table_info(%s) ORDER BY cid", [table])
        return [f'"{name}"' for (name,) in cursor.fetchall()]


def _numbers_of_rows() -> Row:
    counts = ", ".join(f'(SELECT count(*) FROM "{table}")' for table in _tables())  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}")
        return tuple(cursor.fetchone())


def _next_keys() -> Row:
    """The last key that each table has given: rows with other keys may be those of others here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, seq FROM sqlite_sequence WHERE seq > 0 ORDER BY name")
        return tuple(cursor.fetchall())


def _all_rows() -> dict[str, list[Row]]:
    rows = {}
    with connection.cursor() as cursor:
        for table in _tables():
            # With the sign, SQLite returns what it stored, and no value read as its column's type.
            columns = ", ".join(f"+{column}" for column in _columns(table))
            cursor.execute(f'SELECT {columns} FROM "{table}" ORDER BY rowid')  # noqa: S608
            rows[table] = cursor.fetchall()
    return rows


def _insert(rows: dict[str, list[Row]]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for table, new in rows.items():
            places = ", ".join(["%s"] * len(new[0]))
            # A row that the services changed takes the place of the one before.
            insert = f'INSERT OR REPLACE INTO "{table}" VALUES ({places})'  # noqa: S608
            cursor.executemany(insert, new)


def _all_files() -> dict[str, bytes]:
    folder = Path(settings.DATA)
    paths = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return {
        str(path): (folder / path).read_bytes()
        for path in paths
        if path.parts[0] not in IN_PROCESS and not path.name.startswith(_database_name())
    }


def _database_name() -> str:
    return Path(str(connection.settings_dict["NAME"])).name
