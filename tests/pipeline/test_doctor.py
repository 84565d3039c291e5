"""Faults that the doctor finds, and things that it leaves alone."""

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import CaptureQueriesContext

from tests.factories import NOON, make_person, make_report, make_review
from tests.overview import small
from tests.pipeline.installation import ON_POSTGRESQL
from waymark.accounts import installation
from waymark.accounts.models import AuditEntry, Role, State
from waymark.accounts.services import grant_role
from waymark.coding.machine_files import suggesters_folder
from waymark.core import data_folder
from waymark.documents.files.storage import original_path
from waymark.documents.models import Intake, Page, Passage, ReportText, Review
from waymark.library.models import Label
from waymark.library.queries.search_backend import search_backend
from waymark.library.services import catalogue_review, index_changed, rebuild_index
from waymark.library.services.thesaurus import load_builtin
from waymark.mail.inbound.outcome import raw_path
from waymark.mail.models import InboundMail
from waymark.overview.models import Overview, Snapshot
from waymark.overview.snapshot.file_format import pack_rows
from waymark.pipeline import examine_installation, store_file, suggest_codes
from waymark.pipeline.checks import host
from waymark.pipeline.checks.check_readings import passage_faults, quotation_faults

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


def make_snapshot(framework, frozen):
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
        rows=frozen.content,
        sha256=frozen.sha256,
        code_version="1",
    )


@pytest.fixture
def stored(framework, data):
    file = data / "report.txt"
    file.write_bytes(TEXT)
    report = store_file(by=None, path=file, now=NOON)
    suggest_codes(by=None, report=report, framework=framework, now=NOON)
    catalogue_review(by=None, review=report.review, now=NOON)
    index_changed(now=NOON)
    installation.bind_folder(now=NOON)
    return report


def faults():
    return [fault for check in examine_installation(now=NOON) for fault in check.faults]


def test_a_sound_installation_has_no_faults(stored):
    assert faults() == []


def test_a_changed_or_missing_original_is_named(stored):
    path: Path = original_path(stored.original_id)
    path.chmod(0o600)
    path.write_bytes(TEXT + b"more")
    assert "has changed" in faults()[0]
    path.unlink()
    assert "is missing" in faults()[0]


def test_words_that_no_longer_stand_in_their_report_are_named(stored):
    text = ReportText.objects.get(report=stored)
    ReportText.objects.filter(pk=text.pk).update(content=text.content.replace("stopped", "started"))
    assert any("is not in the text of its report" in fault for fault in faults())


def test_a_passage_that_leaves_the_text_is_named(stored):
    last = Passage.objects.filter(report=stored).last()
    Passage.objects.filter(pk=last.pk).update(end=last.end + 500)
    assert any(last.key in fault for fault in faults())


def test_a_page_that_leaves_the_text_is_named_with_its_report(stored):
    Page.objects.filter(report=stored, number=1).update(end=10_000)
    assert faults() == [f"page 1 of report {stored.key} is outside its text"]


def test_passages_that_overlap_are_named_in_the_report_that_has_them(stored):
    other = make_report(make_review("R2"), "The nurse called.", "Nobody came.")
    last = Passage.objects.filter(report=other).last()
    Passage.objects.filter(pk=last.pk).update(start=last.start - 2)
    assert list(passage_faults()) == [
        f"passage {last.key} of report {other.key} is outside its text or out of order"
    ]


def test_texts_are_checked_with_as_many_queries_however_many_reports_there_are(stored):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert list(passage_faults()) == list(quotation_faults()) == []
        return len(captured)

    before = queries()
    for number in range(5):
        make_report(make_review(f"Q{number}"), "The nurse called.", "Nobody came.")
    assert queries() == before


def test_a_snapshot_that_changed_or_was_damaged_is_named(stored, framework):
    frozen = pack_rows(small.rows())
    snapshot = make_snapshot(framework, frozen)
    assert faults() == []
    Snapshot.objects.update(sha256="0" * 64)
    assert faults() == ["snapshot 1 of small has changed since it was frozen"]
    Snapshot.objects.update(rows=frozen.content[:-9], sha256=snapshot.sha256)
    (fault,) = faults()
    assert fault.startswith(
        "snapshot 1 of small: the frozen rows are damaged: restore the database"
    )


def test_a_rewritten_audit_entry_is_named(stored):
    grant_role(person=make_person(), role=Role.READER, by=None, now=NOON)
    first = AuditEntry.objects.order_by("pk").first()
    with connection.cursor() as cursor:
        cursor.execute(UNGUARD[connection.vendor])
        cursor.execute(
            "UPDATE accounts_auditentry SET actor = 'somebody else' WHERE id = %s", [first.pk]
        )
    assert f"audit entry {first.pk} does not match" in faults()[0]


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
    assert faults() == ["1 of 1 records are waiting to be indexed: run waymark work --once"]


def test_a_missing_search_index_is_named_with_what_makes_it_again(stored, data):
    shutil.rmtree(data / "index")
    assert faults() == ["the search index is missing or cannot be read: run waymark index rebuild"]


def test_a_subject_that_breaks_the_rules_is_told():
    load_builtin(by=None, now=NOON)
    Label.objects.filter(concept__key="neglect", kind="preferred", language="en").delete()
    name, faults = next(
        (check.name, check.faults)
        for check in examine_installation(now=NOON)
        if check.name.startswith("the thesaurus")
    )
    assert name == "the thesaurus follows its rules"
    problem = "subject neglect has no preferred name in the language en"
    assert faults == (f"{problem}: change it at Workspace, Thesaurus",)


def test_an_original_or_a_pdf_that_cannot_be_read_is_told_and_the_others_are_still_checked(
    stored, framework, data
):
    path = original_path(stored.original_id)
    path.unlink()
    path.mkdir()
    assert [fault for fault in faults() if "cannot be read" in fault and str(path) in fault]


@pytest.mark.parametrize(
    ("content", "fault"), [(b"", "empty"), (b" \n", "empty"), (b"\xffabc", "damaged")]
)
def test_a_secret_key_that_is_none_is_told(stored, data, content, fault):
    (data / "secret-key").write_bytes(content)
    (message,) = faults()
    assert f"secret-key is {fault}: restore it from a backup, or delete it" in message


def test_an_emptied_index_is_told(stored, data):
    search_backend().rebuild([[]])
    assert faults() == ["1 of 1 records are not in the search index: run waymark index rebuild"]
    rebuild_index(now=NOON)
    assert faults() == []


def test_an_index_that_shows_what_may_not_be_seen_is_told(stored):
    Review.objects.update(state=State.WITHDRAWN)
    (fault,) = [fault for fault in faults() if "search index" in fault]
    assert fault == (
        "the search index shows 1 records to staff instead of 0: run waymark index rebuild"
    )


@pytest.mark.parametrize("content", [b"\xff not JSON", b'{"generation": 7}', b""])
def test_garbage_in_the_pointer_of_the_index_is_told(stored, data, content):
    (data / "index" / "current").write_bytes(content)
    assert faults() == ["the search index is missing or cannot be read: run waymark index rebuild"]


def test_a_damaged_file_of_the_index_is_named(stored, data):
    (path,) = data.glob("index/*/staff/passages/*.term")
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[:5] + bytes([content[5] ^ 1]) + content[6:])
    (fault,) = faults()
    assert path.name in fault
    assert fault.endswith("run waymark index rebuild")


@pytest.mark.skipif(
    ON_POSTGRESQL, reason="there an SQL error ends the transaction of a test; the doctor has none"
)
def test_a_check_that_dies_is_a_fault_of_its_own_and_the_others_still_run(stored, data):
    Overview.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE documents_intake RENAME TO elsewhere")
    checks = {check.name: check.faults for check in examine_installation(now=NOON)}
    (fault,) = checks["no upload is stuck"]
    assert fault.startswith("it could not be checked (")
    assert checks["the search index is up to date"] == ()


def test_a_database_of_an_earlier_or_a_newer_version_is_told_with_what_to_do(stored):
    recorder = MigrationRecorder(connection)
    recorder.record_applied("library", "0999_of_the_future")
    (fault,) = faults()
    assert "newer version" in fault
    assert "library.0999_of_the_future" in fault
    recorder.record_unapplied("library", "0999_of_the_future")
    last = sorted(name for app, name in recorder.applied_migrations() if app == "library")[-1]
    recorder.record_unapplied("library", last)
    assert faults() == ["1 migrations of this version are missing: run waymark migrate"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b'{"installation": "0000", "version": 1}', "belongs to installation 0000"),
        (b"\xff", "does not name the installation of this folder"),
        (None, "does not name its installation"),
    ],
)
def test_a_folder_and_a_database_of_two_installations_are_told(stored, data, content, fault):
    installation.folder_file().unlink()
    if content is not None:
        installation.folder_file().write_bytes(content)
    (message,) = faults()
    assert fault in message


@pytest.mark.parametrize("content", ["9999", "\u0660\u0661", ""])
def test_a_database_that_may_be_older_than_the_folder_is_told(stored, data, content):
    (data / "audit-position").write_text(content)
    (fault,) = faults()
    assert "emails are paused at the next start" in fault


def test_an_email_or_file_that_arrived_and_is_missing_is_a_fault(stored):
    mail = InboundMail.objects.create(sha256="ab" * 32, received_at=NOON, has_raw=True)
    (fault,) = [fault for fault in faults() if "arrived" in fault]
    assert f"the email {mail.pk} that arrived has no file (abababababab)" in fault
    path = raw_path(mail.sha256)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    assert [fault for fault in faults() if "arrived" in fault] == []


def test_a_trained_suggester_is_checked_by_its_hash_and_a_file_that_none_names_is_told(framework):
    from tests.coding.settled_world import small_model, trained_machine

    machine = trained_machine(framework, small_model())
    name = "every trained suggester exists and is unchanged"
    path = suggesters_folder() / machine.sha256
    assert _faults_of(name) == ()
    (path.parent / "stray").write_bytes(b"x")
    path.chmod(0o600)
    path.write_bytes(b"changed")
    changed, stray = _faults_of(name)
    assert "has changed: restore" in changed
    assert "stray: its training was cut short" in stray
    path.unlink()
    assert "is missing" in _faults_of(name)[0]


def _faults_of(name):
    (result,) = (row for row in examine_installation(now=NOON) if row.name == name)
    return result.faults


# ---- notes on the place and the programs of the installation ----


@pytest.mark.parametrize(
    ("mounted", "backend", "noted"),
    [
        ("nfs4", "tantivy", True),
        ("nfs4", "opensearch", False),
        ("ceph", "tantivy", False),
    ],
)
def test_a_data_folder_on_nfs_is_noted_with_the_embedded_index(
    data, settings, monkeypatch, tmp_path, mounted, backend, noted
):
    settings.DATA, settings.SEARCH_BACKEND = tmp_path / "a shared" / "data", backend
    mounts = tmp_path / "mounts"
    place = str(tmp_path / "a shared").replace(" ", r"\040")
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/data {place} {mounted} rw 0 0\n")
    monkeypatch.setattr(data_folder, "MOUNTS", mounts)
    notes = list(host.file_system_notes())
    assert [f"on NFS ({mounted})" in note for note in notes] == ([True] if noted else [])


def test_a_tesseract_that_does_not_start_confined_is_noted(monkeypatch, tmp_path):
    """One outside the system, whose libraries lie neither there nor beside it."""
    library, program = tmp_path / "far" / "library", tmp_path / "near" / "tesseract"
    for path in (library, program):
        path.parent.mkdir()
    library.write_text("")
    start = f'#!/bin/sh\n. "{library}" || exit 9\necho "tesseract 5.3.0"\n'
    program.write_text(start)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    (note,) = host.engine_notes()
    assert f"{program} does not start where uploaded files are read" in note
    monkeypatch.setenv("PATH", os.defpath)
    assert list(host.engine_notes()) == []
