"""Moving the database from SQLite to PostgreSQL and back: every row, every number, or nothing."""

import json
import os
import signal
import sqlite3
from contextlib import closing, suppress
from itertools import count

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections

from tests.factories import NOON, make_review
from tests.pipeline.forked import Child, Failed
from tests.postgresql_server import new_database, running_server, server_programs
from waymark.core.locks import FolderLock
from waymark.documents.models import Review
from waymark.library.models import Import
from waymark.pipeline import examine_installation, installation_notes
from waymark.pipeline.backup.sqlite import table_names
from waymark.pipeline.checks.schema import migrate_database
from waymark.pipeline.move_database import move_database
from waymark.setting_values import postgresql_setting

pytestmark = [
    pytest.mark.skipif("DATABASE_URL" in os.environ, reason="begins with a file of SQLite"),
    pytest.mark.skipif(server_programs() is None, reason="PostgreSQL's server is not installed"),
]
numbers = count()
ENGLISH = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-GB'"
# A whole number written as 1e3, one below 2**53 and one above 2**64, letters beyond 16 bits.
HARD_JSON = {"b": [1e3, 1.5, 2**53 - 1, 10**30], "a": {"ö": "😀", "": None}, "n": -0.0}


@pytest.fixture(scope="module")
def server():
    with running_server() as url:
        yield url


@pytest.fixture
def empty(server):
    return new_database(server, f"moved{next(numbers)}")


@pytest.fixture
def on_data(data, django_db_blocker):
    """Does work on the data folder in a process of its own, with a database of an address."""

    def done(work, url=""):
        return Child(django_db_blocker, data, lambda: _on(url, work), share=False)

    return done


def _on(url, work):
    if url:
        connections.settings["default"] = {
            **connections.settings["default"],
            **postgresql_setting(url),
        }
        del connections["default"]
    return work()


def moved(address):
    lock = FolderLock(settings.DATA)
    lock.lock_shared()
    said = []
    done = move_database(address, lock, now=NOON, tell=said.append)
    return {"tables": done.tables, "rows": done.rows, "kept": done.kept, "said": said}


def make_it_hard():
    """Values on which databases differ, a deleted row's number, and a table of SQLite itself."""
    Import.objects.create(
        key="hard", source="😀.ris", format="ris", content=b"\x00\xff", report=HARD_JSON, at=NOON
    )
    make_review("GONE").delete()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def contents(path):
    """Table -> rows, with JSON read; among them the last number that each table gave."""
    with closing(sqlite3.connect(path)) as database:
        rows = {}
        for name in [*table_names(database), "sqlite_sequence"]:
            query = " ".join(("SELECT * FROM", name))
            rows[name] = sorted(map(_read, database.execute(query)), key=repr)
        return rows


def _read(row):
    return tuple(_parsed(value) for value in row)


def _parsed(value):
    if isinstance(value, str) and value[:1] in "[{":
        with suppress(ValueError):
            return json.dumps(json.loads(value, parse_float=_number), sort_keys=True)
    return value


def _number(digits):
    return int(float(digits)) if float(digits).is_integer() else float(digits)


def file_of(data):
    return data / "waymark.sqlite3"


def tables(url):
    with psycopg.connect(url) as database:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        return [name for (name,) in database.execute(query)]


def faults():
    return [fault for check in examine_installation(now=NOON) for fault in check.faults]


def test_every_row_and_number_comes_to_postgresql_and_back(data, on_data, empty):
    on_data(make_it_hard).result()
    before, faults_before = contents(file_of(data)), on_data(faults).result()
    there = on_data(lambda: moved(empty)).result()
    assert there["rows"] == sum(map(len, before.values())) - len(before["sqlite_sequence"])
    assert there["tables"] == len(before) - 1 == len(tables(empty))
    assert not file_of(data).exists()
    assert contents(data / there["kept"]) == before

    assert on_data(faults, empty).result() == faults_before
    report = on_data(lambda: Import.objects.get(key="hard").report, empty).result()
    assert report == {"b": [1000, 1.5, 2**53 - 1, 10**30], "a": {"ö": "😀", "": None}, "n": 0}

    back = on_data(lambda: moved("sqlite"), empty).result()
    assert (back["rows"], back["tables"]) == (there["rows"], there["tables"])
    assert contents(file_of(data)) == before
    assert file_of(data).stat().st_mode & 0o777 == 0o600
    assert on_data(faults).result() == faults_before
    assert len(tables(empty)) == there["tables"], "the database on the server is kept"


def test_a_number_of_a_deleted_row_is_not_given_again(data, on_data, empty):
    on_data(make_it_hard).result()
    last = dict(contents(file_of(data))["sqlite_sequence"])["documents_review"]
    on_data(lambda: moved(empty)).result()
    assert on_data(lambda: Review.objects.filter(pk=last).exists(), empty).result() is False
    assert on_data(lambda: make_review("NEW").pk, empty).result() == last + 1


@pytest.mark.parametrize("title", ["a\x00b", "a" * 600])
def test_a_row_that_does_not_fit_is_named_and_nothing_is_moved(data, on_data, empty, title):
    def spoil():
        review = make_review("LONG")
        Review.objects.filter(pk=review.pk).update(title=title)
        return review.pk

    key = on_data(spoil).result()
    message = rf"row {key} of documents_review does not fit into PostgreSQL \(.*Nothing was"
    with pytest.raises(Failed, match=message):
        on_data(lambda: moved(empty)).result()
    assert tables(empty) == []
    assert on_data(lambda: Review.objects.get(pk=key).title).result() == title


def test_a_move_that_is_killed_leaves_the_old_database_in_use(data, on_data, empty):
    before = contents(file_of(data))

    def killed():
        def say(step):
            if step.startswith("comparing"):
                os.kill(os.getpid(), signal.SIGKILL)

        lock = FolderLock(settings.DATA)
        lock.lock_shared()
        move_database(empty, lock, now=NOON, tell=say)

    with pytest.raises(Failed, match="killed"):
        on_data(killed).result()
    assert contents(file_of(data)) == before
    assert tables(empty) == []
    on_data(lambda: moved(empty)).result()

    def killed_back():
        def say(step):
            os.kill(os.getpid(), signal.SIGKILL)

        lock = FolderLock(settings.DATA)
        lock.lock_shared()
        move_database("sqlite", lock, now=NOON, tell=say)

    with pytest.raises(Failed, match="killed"):
        on_data(killed_back, empty).result()
    assert not file_of(data).exists()
    on_data(lambda: moved("sqlite"), empty).result()
    assert contents(file_of(data)) == before


def test_what_cannot_be_moved_is_refused(data, on_data, empty, server):
    def refused(address, url=""):
        with pytest.raises(Failed) as failure:
            on_data(lambda: moved(address), url).result()
        return str(failure.value)

    assert "the database is SQLite already" in refused("sqlite")
    assert "the address must begin with postgresql://" in refused("mysql://here/db")
    assert "names no database" in refused("postgresql://waymark@")
    assert "the database at this address does not answer: " in refused(
        server.replace("/waymark?", "/missing?")
    )
    with psycopg.connect(empty, autocommit=True) as database:
        database.execute("CREATE TABLE other (id int)")
    assert "is not empty: create a new one with createdb" in refused(empty)
    with psycopg.connect(empty, autocommit=True) as database:
        database.execute("DROP TABLE other")

    english = new_database(server, "english", ENGLISH)
    assert "--locale=C" in refused(english)
    notes = on_data(lambda: (migrate_database(), installation_notes())[1], english).result()
    assert any("createdb --locale=C" in note for note in notes)

    site = FolderLock(data)
    site.lock_shared()
    assert "another waymark command is using" in refused(empty)
    site.close()
    with closing(sqlite3.connect(file_of(data))) as database:
        database.execute("CREATE TABLE notes (id int)")
    assert "the table notes is not one of Waymark's" in refused(empty)
    with closing(sqlite3.connect(file_of(data))) as database:
        database.execute("DROP TABLE notes")
    kept = on_data(lambda: moved(empty)).result()["kept"]
    assert "the database is PostgreSQL already" in refused(empty, empty)
    (data / kept).rename(file_of(data))
    assert "exists already: move it away" in refused("sqlite", empty)
    assert "contains this installation already" in refused(empty)
