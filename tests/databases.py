"""An empty database for a program that a test starts on a data folder of its own."""

import hashlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg


def environment_for(data: Path) -> dict[str, str]:
    """The environment in which a program keeps everything in the folder `data`.

    On PostgreSQL the folder has a database of its own, made when it is first asked for.
    """
    kept = {name: said for name, said in os.environ.items() if not name.startswith("WAYMARK_")}
    kept["WAYMARK_DATA"] = str(data)
    if "DATABASE_URL" in kept:
        kept["DATABASE_URL"] = _own_database(kept["DATABASE_URL"], data)
    return kept


def _own_database(url: str, data: Path) -> str:
    name = _name_for(data)
    with psycopg.connect(url, autocommit=True) as server:
        known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known is None:
            server.execute(f"CREATE DATABASE {name}")
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def copy_database(built: Path, data: Path) -> bool:
    """On PostgreSQL, give a folder a copy of the database of another; False if it has its own."""
    url, name, of = os.environ["DATABASE_URL"], _name_for(data), _name_for(built)
    with psycopg.connect(url, autocommit=True) as server:
        known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known is None:
            server.execute(f"CREATE DATABASE {name} TEMPLATE {of}")
    return known is None


def _name_for(data: Path) -> str:
    return f"waymark_{hashlib.sha256(str(data).encode()).hexdigest()[:16]}"


def rows_of(data: Path, query: str) -> list[tuple] | None:
    """What a query finds in the folder's database; None where it has no such table yet."""
    url = environment_for(data).get("DATABASE_URL")
    if url is not None:
        try:
            with psycopg.connect(url) as database:
                return database.execute(query).fetchall()
        except psycopg.errors.UndefinedTable:
            return None
    try:
        place = f"file:{data / 'waymark.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(place, uri=True)) as database:
            return database.execute(query).fetchall()
    except sqlite3.OperationalError:
        return None
