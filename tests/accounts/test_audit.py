"""The audit in the database itself: nothing is changed, nothing taken away."""

import hashlib
import json

import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories import NOON
from waymark.accounts.audit import FIRST, broken_links, chain_head, record_entry
from waymark.accounts.models import AuditEntry

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
