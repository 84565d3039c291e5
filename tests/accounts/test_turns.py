"""Changes made at the same moment, by processes of one installation and a real database."""

import json
import subprocess
import sys
from textwrap import dedent

import pytest

from tests.databases import environment_for
from tests.new_installations import migrated_database
from waymark.accounts.sign_in import HERE_LIMIT

# Run apart: the audit refuses to be emptied, as a test with threads would have to do.
PROGRAM = dedent(
    """
    import json
    import os
    import sys
    from datetime import UTC, datetime
    from threading import Barrier, Thread

    os.environ["DJANGO_SETTINGS_MODULE"] = "waymark.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from waymark.accounts.audit import broken_links, serialized, record_entry
    from waymark.accounts.models import AuditEntry, FailedSignIn, Role, User
    from waymark.accounts.services import create_account
    from waymark.accounts.sign_in import try_sign_in
    from waymark.core.errors import RuleError

    NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
    call_command("migrate", verbosity=0)

    def at_once(work, times=8):
        together, came = Barrier(times), []

        def one(number):
            try:
                together.wait()
                came.append(work(number))
            except Exception as error:
                came.append(type(error).__name__)
            finally:
                connection.close()

        threads = [Thread(target=one, args=[number]) for number in range(times)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return came

    def new_account(number):
        create_account(name="Ann", password="correct horse battery", roles=[Role.READER], by=None,
                       now=NOW)
        return "made"

    def wrong_password(number):
        return try_sign_in(name="nobody", password="x", network="192.0.2.1", now=NOW).paused

    @serialized
    def two_accounts(number):
        for name in sorted(NAMES, reverse=bool(number % 2)):
            User.objects.filter(username=name).update(last_name=str(number))
            subject = f"account {name}"
            record_entry(actor=None, action="name", subject=subject, now=NOW, number=number)
        return "named"

    made = at_once(new_account)
    paused = at_once(wrong_password)
    NAMES = ("Ben", "Cat")
    for name in NAMES:
        User.objects.create(username=name)
    named = at_once(two_accounts)
    print(json.dumps({
        "made": sorted(made), "paused": sorted(paused), "named": named,
        "failures": FailedSignIn.objects.count(), "entries": AuditEntry.objects.count(),
        "broken": broken_links(),
    }))
    """
)


@pytest.fixture(scope="module")
def came(tmp_path_factory):
    """What came of each change that eight threads made at once."""
    environment = environment_for(migrated_database(tmp_path_factory.mktemp("turns")))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_of_eight_who_take_a_name_at_once_one_gets_it_and_the_others_are_told(came):
    assert came["made"] == ["RuleError"] * 7 + ["made"]


def test_guesses_made_at_once_count_each_other(came):
    assert came["failures"] == HERE_LIMIT
    assert came["paused"] == [False] * HERE_LIMIT + [True] * (8 - HERE_LIMIT)


def test_changes_of_the_same_rows_in_another_order_do_not_block_each_other(came):
    assert came["named"] == ["named"] * 8


def test_the_audit_chain_stays_whole_whoever_writes_at_once(came):
    assert came["entries"] == 1 + 2 * 8
    assert came["broken"] == []
