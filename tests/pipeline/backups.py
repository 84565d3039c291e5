"""A small installation to back up, and what two installations are compared by."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from django.conf import settings

from tests.data_access.test_data_access import apply, approve
from tests.factories import NOON
from tests.indicators.invented import published as published_indicator
from tests.training.courses import published_course
from tests.training.courses import session as course_session
from waymark.bodies.services import BodyAbout, add_body
from waymark.coding.machine_files import suggesters_folder
from waymark.coding.models import MachineCoder
from waymark.documents.files.storage import stage_upload, write_whole
from waymark.documents.models import Intake
from waymark.pipeline import examine_installation, ingest_files
from waymark.pipeline.backup import back_up
from waymark.pipeline.checks.checks_before_serving import open_installation
from waymark.pipeline.checks.schema import migrate_database
from waymark.pipeline.library import service_records
from waymark.recommendations.services import add_contact

CHANGED_BY_RESTORING = {
    "accounts_installation",
    "accounts_auditentry",
    "accounts_contentstate",
    "accounts_stagestate",
    "library_cataloguerecord",
}
"""Emails are paused, that is written down, nothing cached is valid, and the index is made anew."""
NOT_COPIED = ("index/", "arriving/", "operation/", "lock", "waymark.sqlite3", "audit-position")
TEXT = "1 Findings\n\nThe visits stopped in May {number}. Nobody asked why.\n"


def fill(reports: Path, count: int = 3) -> None:
    """Begin an installation with published reports, an upload that waits and a secret key."""
    migrate_database()
    open_installation(now=NOON)
    reports.mkdir(exist_ok=True)
    for number in range(count):
        (reports / f"r{number}.txt").write_text(TEXT.format(number=number))
    run = ingest_files(
        sorted(reports.iterdir()), workers=1, by=None, publish=True, clock=lambda: NOON
    )
    assert not run.refused
    staged = stage_upload([b"an upload that waits"])
    Intake.objects.create(batch="b", file_name="late.txt", staged=staged, received_at=NOON)
    (settings.DATA / "secret-key").write_text("secret")
    _fill_services()


def _fill_services() -> None:
    """A row or more of statistics, training, follow-up and applications for data."""
    published_indicator()
    published_course()
    course_session()
    body = add_body(by=None, about=BodyAbout("Ash Trust"), now=NOON)
    add_contact(by=None, body=body, address="ann@ash.example", now=NOON)
    approve(apply())
    service_records.update_service_records(now=NOON)
    _add_suggester(b"a trained model")


def _add_suggester(content: bytes) -> None:
    """A trained suggester, whose file a backup must contain."""
    sha256 = hashlib.sha256(content).hexdigest()
    write_whole(suggesters_folder(), [content], name=lambda: sha256)
    MachineCoder.objects.create(
        name="linear 1",
        kind="linear",
        state="ready",
        asked_at=NOON,
        done_at=NOON,
        sha256=sha256,
    )


def rows(database: Path) -> dict[str, list[tuple]]:
    """Table -> its rows, in their order."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as reading:
        names = reading.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: reading.execute(" ".join(("SELECT * FROM", name, "ORDER BY rowid"))).fetchall()
            for (name,) in names
            if not name.startswith("sqlite_")
        }


def files(data: Path) -> dict[str, bytes]:
    """Path -> content of each file that an installation owns, the database aside."""
    named = {path.relative_to(data).as_posix(): path for path in data.rglob("*") if path.is_file()}
    return {
        name: path.read_bytes()
        for name, path in sorted(named.items())
        if not name.startswith(NOT_COPIED)
    }


def assert_same(restored: Path, data: Path) -> None:
    """Both hold the same bytes, and the same rows but for what restoring writes."""
    assert files(restored) == files(data)
    first, other = rows(restored / "waymark.sqlite3"), rows(data / "waymark.sqlite3")
    assert set(first) == set(other)
    for table in set(first) - CHANGED_BY_RESTORING:
        assert first[table] == other[table], table
    audit = other["accounts_auditentry"]
    assert first["accounts_auditentry"][: len(audit)] == audit
    assert len(first["library_cataloguerecord"]) == len(other["library_cataloguerecord"])


def made(path):
    """Work that makes a backup; what is known of it, its place first."""

    def work():
        done = back_up(path, now=NOON)
        return [str(done.place), done.files, done.new, list(done.missing)]

    return work


def checks():
    """Faults found by the doctor, by name of the check."""
    return {check.name: list(check.faults) for check in examine_installation(now=NOON)}
