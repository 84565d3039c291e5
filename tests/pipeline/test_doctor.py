"""What the doctor finds, and what it leaves alone."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from tests.factories import NOON, make_person
from tests.overview import small
from waymark.accounts.models import AuditEntry, Role
from waymark.accounts.services import grant_role
from waymark.documents.models import Intake, Passage, ReportText
from waymark.documents.storage import original_path
from waymark.library.models import Label
from waymark.library.services import catalogue_review, index_changed
from waymark.library.services.thesaurus import load_builtin
from waymark.overview.models import Overview, Snapshot
from waymark.overview.snapshot_file import packed
from waymark.pipeline import examine, suggest_codes, take_in

pytestmark = pytest.mark.django_db

TEXT = b"1 Findings\n\nThe visits stopped in May. Nobody asked why.\n\nThe file held two letters.\n"


# What somebody with the rights of the database's owner could do.
UNGUARD = {
    "sqlite": "DROP TRIGGER audit_no_update",
    "postgresql": "DROP TRIGGER audit_no_change ON accounts_auditentry",
}


@pytest.fixture(autouse=True)
def data(settings, tmp_path):
    settings.DATA = tmp_path
    return tmp_path


def make_snapshot(framework, kept):
    person = make_person()
    overview = Overview.objects.create(
        slug="small", title="Small", framework=framework, created_by=person, created_at=NOON
    )
    return Snapshot.objects.create(
        overview=overview,
        number=1,
        taken_at=NOON,
        taken_by=person,
        spec="",
        rows=kept.content,
        sha256=kept.sha256,
        code_version="1",
    )


@pytest.fixture
def stored(framework, data):
    file = data / "report.txt"
    file.write_bytes(TEXT)
    report = take_in(by=None, path=file, now=NOON)
    suggest_codes(by=None, report=report, framework=framework, now=NOON)
    catalogue_review(by=None, review=report.review, now=NOON)
    index_changed(now=NOON)
    return report


def faults():
    return [fault for one in examine(now=NOON) for fault in one.faults]


def test_a_sound_installation_has_no_faults(stored):
    assert faults() == []


def test_a_changed_or_missing_original_is_named(stored):
    path: Path = original_path(stored.original_id)
    path.chmod(0o600)
    path.write_bytes(TEXT + b"more")
    assert "has changed" in faults()[0]
    path.unlink()
    assert "is not there" in faults()[0]


def test_words_that_no_longer_stand_in_their_report_are_named(stored):
    text = ReportText.objects.get(report=stored)
    ReportText.objects.filter(pk=text.pk).update(content=text.content.replace("stopped", "started"))
    assert any("does not stand in its report" in fault for fault in faults())


def test_a_passage_that_leaves_the_text_is_named(stored):
    last = Passage.objects.filter(report=stored).last()
    Passage.objects.filter(pk=last.pk).update(end=last.end + 500)
    assert any(last.key in fault for fault in faults())


def test_a_snapshot_that_changed_or_was_damaged_is_named(stored, framework):
    kept = packed(small.rows())
    made = make_snapshot(framework, kept)
    assert faults() == []
    Snapshot.objects.update(sha256="0" * 64)
    assert faults() == ["snapshot 1 of small is not what was frozen"]
    Snapshot.objects.update(rows=kept.content[:-9], sha256=made.sha256)
    (fault,) = faults()
    assert fault.startswith("snapshot 1 of small: the frozen rows are damaged: bring the database")


def test_a_rewritten_audit_entry_is_named(stored):
    grant_role(person=make_person(), role=Role.READER, by=None, now=NOON)
    first = AuditEntry.objects.order_by("pk").first()
    with connection.cursor() as cursor:
        cursor.execute(UNGUARD[connection.vendor])
        cursor.execute(
            "UPDATE accounts_auditentry SET actor = 'somebody else' WHERE id = %s", [first.pk]
        )
    assert f"audit entry {first.pk} does not fit" in faults()[0]


def test_an_upload_whose_reader_died_is_named_with_what_to_do(stored):
    Intake.objects.create(
        batch="b",
        file_name="late.pdf",
        state="reading",
        lease_until=NOON - timedelta(minutes=1),
        received_at=NOON,
    )
    assert faults() == ["late.pdf was being read when its reader stopped: run waymark work"]


def test_records_that_wait_to_be_indexed_are_counted(stored):
    catalogue_review(by=None, review=stored.review, now=NOON + timedelta(hours=1))
    assert faults() == ["1 of 1 records wait to be indexed: run waymark work --once"]


def test_a_missing_search_index_is_named_with_what_makes_it_again(stored, data):
    shutil.rmtree(data / "index")
    assert faults() == ["there is no search index of this version: run waymark work --once"]


def test_a_subject_that_breaks_the_rules_is_told():
    load_builtin(by=None, now=NOON)
    Label.objects.filter(concept__key="neglect", kind="preferred", language="en").delete()
    name, faults = next(
        (one.name, one.faults) for one in examine(now=NOON) if one.name.startswith("the thesaurus")
    )
    assert name == "the thesaurus keeps its rules"
    assert faults == (
        "subject neglect has no preferred name in the language en: change it at Staff, Thesaurus",
    )
