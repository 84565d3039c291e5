"""Checks of stored files, page images and what waits to be read."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q

from waymark.accounts.models import State
from waymark.coding.machine_files import model_fault, suggesters_folder
from waymark.coding.queries.machines import known_model_files
from waymark.core.errors import RuleError
from waymark.documents.files.originals import original_store
from waymark.documents.files.page_images import drawn_pages
from waymark.documents.files.storage import (
    TEMPORARY,
    fault_of_file,
    files_of,
    page_images_folder,
    publications_folder,
)
from waymark.documents.isolation.engine import HOW_TO_INSTALL, find_engine
from waymark.documents.keys import report_key
from waymark.documents.models import (
    QUEUED_STATES,
    Intake,
    IntakeState,
    Original,
    RecognitionState,
    Report,
)
from waymark.documents.queries.holdings import reports_with_hidden_text
from waymark.documents.queries.recognition import pages_of_report, unread_reports
from waymark.enquiries.models import EnquiryAttachment
from waymark.enquiries.queries.files import attachment_path
from waymark.library.queries import repository
from waymark.mail.inbound.outcome import raw_path
from waymark.mail.models import InboundMail
from waymark.overview.models import Snapshot
from waymark.overview.snapshot.file_format import digest_of
from waymark.pipeline.checks.unknown_files import place_of, unknown_files
from waymark.publishing.models import Publication

LATE = timedelta(days=1)


def unknown_file_faults() -> Iterator[str]:
    unknown = unknown_files()
    for path in unknown.blocking:
        yield (
            f"{place_of(path)} is not known: restore a newer database, or run waymark files "
            "quarantine"
        )
    for path in unknown.uploads:
        yield f"no upload names {path}: run waymark files quarantine, then waymark ingest on it"
    for path in unknown.arriving:
        yield f"{place_of(path)} was being stored when its process was killed: upload it again"


def original_faults() -> Iterator[str]:
    store = original_store()
    for original in Original.objects.iterator():
        if original.erased_at is not None:
            if store.traces(original.sha256):
                yield (
                    f"original {original.sha256[:12]} was erased but still exists: run waymark work"
                )
        else:
            fault = store.fault(original.sha256)
            if fault:
                place = store.place(original.sha256)
                yield f"original {original.sha256[:12]} {fault}: restore {place} from a backup"
    for report in Report.objects.only("key", "original").iterator():
        if report.key != report_key(report.original_id):
            yield f"report {report.key} is not named after its original"


def upload_faults(now: datetime) -> Iterator[str]:
    late = Intake.objects.filter(state=IntakeState.READING, lease_until__lt=now)
    for intake in late.iterator():
        yield f"{intake.file_name} was being read when its reader stopped: run waymark work"


def snapshot_faults() -> Iterator[str]:
    for snapshot in Snapshot.objects.select_related("overview").iterator(chunk_size=5):
        name = f"snapshot {snapshot.number} of {snapshot.overview}"
        try:
            if digest_of(bytes(snapshot.rows)) != snapshot.sha256:
                yield f"{name} has changed since it was frozen"
        except RuleError as error:
            yield f"{name}: {error}"


def publication_faults() -> Iterator[str]:
    for publication in Publication.objects.filter(withdrawn_at=None).iterator():
        path = publications_folder() / publication.pdf
        fault = fault_of_file(path, path.stem)
        if fault:
            yield f"the PDF of {publication} {fault}: restore {path} from a backup"


def suggester_faults() -> Iterator[str]:
    known = known_model_files()
    for sha256 in sorted(known):
        if fault := model_fault(sha256):
            path = suggesters_folder() / sha256
            yield f"the file of a suggester {fault}: restore {path} from a backup"
    for path in sorted(files_of(suggesters_folder())):
        if path.name not in known and path.suffix != TEMPORARY:
            yield f"no suggester names {path}: its training was cut short, delete it"


def page_image_faults() -> Iterator[str]:
    hidden = (State.WITHDRAWN, State.EXPIRED)
    closed = Report.objects.filter(Q(state__in=hidden) | Q(review__state__in=hidden))
    for key in closed.values_list("key", flat=True).iterator():
        if drawn_pages(key):
            yield (
                f"report {key} is withdrawn or expired but has page images in "
                f"{page_images_folder() / key[:2]}"
            )


def hidden_text_unchecked() -> Iterator[str]:
    unchecked = Report.objects.filter(hidden_text_checked_at=None, original__erased_at=None)
    if count := unchecked.count():
        yield f"{count} stored files were not checked for hidden text: run waymark reports check"


def hidden_text_faults(now: datetime) -> Iterator[str]:
    for report in reports_with_hidden_text(None):
        if repository.is_public(report, now):
            yield (
                f"report {report.key} is public and has hidden text: check it at Workspace, "
                f"Hidden text, or run waymark reports answer {report.key}"
            )


def recognition_faults(now: datetime) -> Iterator[str]:
    """Pages that wait though no engine is installed, or for long, and pages that failed."""
    choose = "waymark reports recognise {0} --own-words if these pages need no text"
    engine = find_engine()
    for report in unread_reports(None):
        rows = pages_of_report(report, None)
        failed = [row.number for row in rows if row.state == RecognitionState.FAILED]
        waiting = sum(row.state in QUEUED_STATES for row in rows)
        if failed:
            yield (
                f"page {failed[0]} of report {report.key} could not be recognised: run waymark "
                f"reports recognise {report.key} again, or {choose.format(report.key)}"
            )
        if waiting and engine is None:
            yield (
                f"{waiting} scanned pages of report {report.key} need text recognition (OCR): "
                f"{HOW_TO_INSTALL}, or run {choose.format(report.key)}"
            )
        elif waiting and report.received_at < now - LATE:
            yield f"{waiting} scanned pages of report {report.key} wait: run waymark work"


def expiry_faults(now: datetime) -> Iterator[str]:
    for retention in repository.expired_retentions(now - LATE).select_related("report"):
        yield f"report {retention.report.key} expired on {retention.until}: run waymark work"


def arrived_faults() -> Iterator[str]:
    """Emails and their files that the database knows and the data folder does not have."""
    restore = "restore it from a backup, or erase its enquiry"
    for mail in InboundMail.objects.filter(has_raw=True).order_by("pk").iterator():
        if not raw_path(mail.sha256).is_file():
            yield f"the email {mail.pk} that arrived has no file ({mail.sha256[:12]}): {restore}"
    files = EnquiryAttachment.objects.exclude(sha256="").values_list("sha256", flat=True)
    for sha256 in files.order_by("sha256").distinct():
        if not attachment_path(sha256).is_file():
            yield f"a file of an enquiry is missing ({sha256[:12]}): {restore}"
