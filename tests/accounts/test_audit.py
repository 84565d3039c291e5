"""The audit in the database itself: nothing is changed, nothing taken away."""

import hashlib
import json

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories import NOON
from waymark.accounts.audit import (
    FIRST,
    before_commit,
    broken_links,
    chain_head,
    record_entry,
    serialized_in,
)
from waymark.accounts.models import AuditEntry
from waymark.core.errors import RuleError

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry():
    return record_entry(
        actor=None, action="try", subject="review R1", now=NOON, words="Zoë", parts=[2]
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda: AuditEntry.objects.update(actor="somebody else"),
        lambda: AuditEntry.objects.all().delete(),
    ],
    ids=["changed", "deleted"],
)
def test_the_database_refuses_to_have_an_entry(entry, change):
    with pytest.raises(DatabaseError, match="audit entries are never"), transaction.atomic():
        change()
    assert chain_head() == entry.digest
    assert broken_links() == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows no TRUNCATE")
def test_the_database_refuses_to_have_all_entries_emptied_at_once(entry):
    with pytest.raises(DatabaseError, match="audit entries are never"), transaction.atomic():
        connection.cursor().execute("TRUNCATE accounts_auditentry")
    assert chain_head() == entry.digest


def test_an_entry_read_back_has_the_hash_it_was_written_with(entry):
    assert broken_links() == []
    assert AuditEntry.objects.get().detail == {"words": "Zoë", "parts": [2]}


def forged(*, digest="", **values):
    """An entry put into the table past the audit; its own hash is right if none is given."""
    entry = AuditEntry(at=NOON, actor="ann", action="try", subject="review R1", **values)
    whole = {
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
        "previous": entry.previous,
    }
    entry.digest = digest or hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
    entry.save(force_insert=True)
    return entry


def test_an_entry_that_does_not_name_the_one_before_it_breaks_the_chain(entry):
    """Its own hash is right: so would be that of every entry after one that was taken out."""
    beside = forged(previous=FIRST)
    after = record_entry(actor=None, action="try", subject="review R2", now=NOON)
    assert after.previous == beside.digest
    assert broken_links() == [beside.pk]


def test_an_entry_that_names_the_one_before_it_is_in_order(entry):
    forged(previous=entry.digest)
    assert broken_links() == []


def test_an_entry_whose_hash_is_of_other_content_breaks_the_chain(entry):
    wrong = forged(previous=entry.digest, digest="f" * 64)
    record_entry(actor=None, action="try", subject="review R2", now=NOON)
    assert broken_links() == [wrong.pk]


@serialized_in("library")
def three_at_once(*, fail=False):
    for subject in ("review R01", "review R02", "review R03"):
        record_entry(actor=None, action="edit review", subject=subject, now=NOON)
    if fail:
        before_commit(refuse)


def refuse():
    raise RuleError("nothing of it may stay")


def test_entries_of_one_service_follow_one_another_by_one_question_and_one_statement(entry):
    with CaptureQueriesContext(connection) as queries:
        three_at_once()
    statements = [query["sql"] for query in queries.captured_queries]
    assert sum("ORDER BY" in statement for statement in statements) == 1
    into_log = f'INSERT INTO "{AuditEntry._meta.db_table}"'
    assert sum(statement.startswith(into_log) for statement in statements) == 1
    assert not any(statement.startswith("SAVEPOINT") for statement in statements[1:])
    rows = list(AuditEntry.objects.order_by("pk"))
    assert [row.previous for row in rows] == [FIRST, *(row.digest for row in rows[:-1])]
    assert len(rows) == 4
    assert broken_links() == []


def test_the_entry_after_a_refused_service_names_the_last_that_was_stored(entry):
    with pytest.raises(RuleError):
        three_at_once(fail=True)
    three_at_once()
    assert AuditEntry.objects.order_by("pk")[1].previous == entry.digest
    assert broken_links() == []


@serialized_in("library")
def refused():
    record_entry(actor=None, action="edit review", subject="review R04", now=NOON)
    refuse()


@serialized_in("library")
def refused_within():
    record_entry(actor=None, action="edit review", subject="review R01", now=NOON)
    with pytest.raises(RuleError):
        refused()
    record_entry(actor=None, action="edit review", subject="review R05", now=NOON)


def test_a_refused_service_within_another_leaves_no_entry_and_those_around_it_stay():
    refused_within()
    subjects = AuditEntry.objects.order_by("pk").values_list("subject", flat=True)
    assert list(subjects) == ["review R01", "review R05"]
    assert broken_links() == []


@serialized_in("library")
def noted_before_commit():
    record_entry(actor=None, action="edit review", subject="review R01", now=NOON)
    before_commit(
        lambda: record_entry(actor=None, action="edit review", subject="review R02", now=NOON)
    )


def test_an_entry_made_by_a_callback_before_the_commit_follows_the_others():
    noted_before_commit()
    subjects = AuditEntry.objects.order_by("pk").values_list("subject", flat=True)
    assert list(subjects) == ["review R01", "review R02"]
    assert broken_links() == []
