"""Those who write to SQLite wait in a queue; nobody waits for ever, or for a dead process."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest
from django.db import IntegrityError, OperationalError, connection, connections

from waymark.sqlite.base import DatabaseWrapper, lock_within, unlock


@pytest.fixture
def connect(tmp_path, django_db_blocker):
    """Opens a connection to a database with one empty table, which any thread may use."""
    path = tmp_path / "waymark.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE notes (word TEXT UNIQUE)")
        database.commit()
    opened = []

    def open_connection(timeout=20.0, mode="IMMEDIATE"):
        settings = connection.settings_dict | {
            "NAME": path,
            "OPTIONS": {"transaction_mode": mode, "timeout": timeout},
        }
        opened.append(DatabaseWrapper(settings, alias="default"))
        opened[-1].inc_thread_sharing()
        return opened[-1]

    with django_db_blocker.unblock():
        yield open_connection
        for each in opened:
            each.close()


class Transaction:
    """A transaction of one connection, begun and ended by hand."""

    def __init__(self, connection):
        self.connection = connection

    def begin(self):
        self.connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)

    def write(self, word):
        with self.connection.cursor() as cursor:
            cursor.execute("INSERT INTO notes VALUES (%s)", [word])

    def end(self, *, keep=True):
        if keep:
            self.connection.commit()
        else:
            self.connection.rollback()
        self.connection.set_autocommit(True)


def begun(connection):
    transaction = Transaction(connection)
    transaction.begin()
    return transaction


def words(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT word FROM notes ORDER BY rowid")
        return [word for (word,) in cursor.fetchall()]


def write_in_thread(connection, word, refused=None):
    def run():
        try:
            own = begun(connection)
        except OperationalError:
            refused.set()
            return
        own.write(word)
        own.end()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize("keep", [True, False])
def test_a_transaction_waits_until_the_one_before_it_has_ended(connect, keep):
    first = begun(connect())
    waiting = write_in_thread(connect(), "second")
    time.sleep(0.2)
    first.write("first")
    assert waiting.is_alive()
    first.end(keep=keep)
    waiting.join(10)
    assert words(connect()) == (["first"] if keep else []) + ["second"]


def test_a_connection_that_is_closed_in_a_transaction_gives_up_its_turn(connect):
    first = connect()
    begun(first)
    waiting = write_in_thread(connect(), "second")
    first.close()
    waiting.join(10)
    assert words(connect()) == ["second"]


def test_who_waited_longer_than_the_limit_learns_that_the_database_is_locked(connect):
    first, refused = begun(connect()), threading.Event()
    write_in_thread(connect(timeout=0.1), "late", refused).join(10)
    assert refused.is_set()
    first.write("first")
    first.end()
    # The one that gave up does not keep the turn that came to it later.
    write_in_thread(connect(), "next").join(10)
    assert words(connect()) == ["first", "next"]


def test_readers_wait_for_nobody(connect):
    first = begun(connect())
    first.write("not yet committed")
    assert words(connect(timeout=0)) == []
    begun(connect(timeout=0, mode=None)).end()
    first.end()


def test_a_statement_that_fails_leaves_the_turn_to_the_next(connect):
    first = begun(connect())
    first.write("same")
    with pytest.raises(IntegrityError):
        first.write("same")
    first.end(keep=False)
    write_in_thread(connect(timeout=1), "next").join(10)
    assert words(connect()) == ["next"]


LOCKS = """
import os, sys, time
from waymark.sqlite.base import lock_within
assert lock_within(os.open(sys.argv[1], os.O_RDONLY | os.O_CREAT, 0o600), 1)
print("locked", flush=True)
time.sleep(60)
"""


def test_a_killed_process_leaves_its_turn_to_the_next(connect, tmp_path):
    queue = tmp_path / "waymark.sqlite3-queue"
    with subprocess.Popen(
        [sys.executable, "-c", LOCKS, queue], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "locked\n"
        waiting = write_in_thread(connect(), "after the kill")
        time.sleep(0.1)
        assert waiting.is_alive()
        process.kill()
        waiting.join(10)
    assert words(connect()) == ["after the kill"]


def test_a_process_forked_in_a_transaction_does_not_keep_its_turn(connect):
    first = begun(connect())
    child = os.fork()
    if not child:
        time.sleep(30)
        os._exit(0)
    try:
        first.end()
        write_in_thread(connect(timeout=1), "next").join(10)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert words(connect()) == ["next"]


def test_many_who_wait_are_all_served_and_none_is_lost(connect):
    first = begun(connect())
    waiting = [write_in_thread(connect(), f"{number:02}") for number in range(12)]
    first.end()
    for thread in waiting:
        thread.join(20)
    assert sorted(words(connect())) == [f"{number:02}" for number in range(12)]


def test_the_queue_is_a_file_of_its_owner_alone(connect, tmp_path):
    write_in_thread(connect(), "first").join(10)
    assert (tmp_path / "waymark.sqlite3-queue").stat().st_mode & 0o777 == 0o600


def test_a_lock_that_came_too_late_is_given_back(tmp_path):
    path = tmp_path / "queue"
    first, second = (os.open(path, os.O_RDONLY | os.O_CREAT, 0o600) for _ in range(2))
    assert lock_within(first, 0)
    assert not lock_within(second, 0.05)
    unlock(first)
    third = os.open(path, os.O_RDONLY)
    assert lock_within(third, 10)
    unlock(third)


def test_the_product_uses_the_queue_for_sqlite():
    assert connection.vendor != "sqlite" or isinstance(connections["default"], DatabaseWrapper)
