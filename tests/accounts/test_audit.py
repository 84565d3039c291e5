"""The audit in the database itself: nothing is changed, nothing taken away."""

import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories import NOON
from waymark.accounts.audit import broken_links, head, record
from waymark.accounts.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry():
    return record(actor=None, action="try", subject="review R1", now=NOON, words="Zoë", parts=[2])


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
    assert head() == entry.digest
    assert broken_links() == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows no TRUNCATE")
def test_the_database_refuses_to_have_all_entries_emptied_at_once(entry):
    with pytest.raises(DatabaseError, match="audit entries are never"), transaction.atomic():
        connection.cursor().execute("TRUNCATE accounts_auditentry")
    assert head() == entry.digest


def test_an_entry_read_back_has_the_hash_it_was_written_with(entry):
    assert broken_links() == []
    assert AuditEntry.objects.get().detail == {"words": "Zoë", "parts": [2]}
