"""Text recognition of scanned pages: the queue, its results, and a person's choice for each page.

The lease works as that of an upload (intake.py): a page whose worker was killed is free again when
its lease has run out, and the slow worker's result is then ignored.
"""

# Example: pages 2 and 4 of a report are scans. Both wait; a worker leases page 2, stores its words
# (done, not in the text), then page 4. When no page of the report waits or runs, the file is read
# again with the words of both pages; both are then in the text.

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import FileRefused, RuleError
from waymark.documents.models import (
    QUEUED_STATES,
    UNREAD_STATES,
    PageRecognition,
    RecognitionState,
    Report,
    Review,
)
from waymark.documents.queries.recognition import BEHIND, OPEN_PAGES
from waymark.documents.reading.headings import shorten_text
from waymark.documents.reading.recognised import RecognisedPage, unpack_page
from waymark.documents.reading.values import ReadReport

LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 3


def queue_unread(*, report: Report, read: ReadReport) -> int:
    """Queue the unread pages of a reading, in the caller's transaction; returns how many are new.

    Pages that were recognised, failed or were decided on before stay as they are.
    """
    known = set(report.recognitions.values_list("number", flat=True))
    rows = [PageRecognition(report=report, number=number) for number in read.unread]
    new = [row for row in rows if row.number not in known]
    PageRecognition.objects.bulk_create(new)
    return len(new)


LONGEST_REASON = 500


@audit.serialized
def lease_page(*, now: datetime, reports: Collection[int] | None = None) -> PageRecognition | None:
    """Lease the page that has waited longest to the caller, who recognises it; None if none waits.

    reports: primary keys, to lease pages of these reports only. After three workers that died, the
    page has failed.
    """
    free = Q(state=RecognitionState.WAITING) | Q(
        state=RecognitionState.RUNNING, lease_until__lt=now
    )
    rows = PageRecognition.objects.select_for_update(skip_locked=True, of=("self",)).filter(free)
    if reports is not None:
        rows = rows.filter(report__in=reports)
    for page in rows.select_related("report__review").order_by("pk"):
        if page.attempts < MOST_ATTEMPTS:
            page.state, page.lease_until = RecognitionState.RUNNING, now + LEASE
            page.attempts += 1
            page.save(update_fields=["state", "lease_until", "attempts"])
            return page
        page.state, page.lease_until = RecognitionState.FAILED, None
        page.reason = f"text recognition stopped {MOST_ATTEMPTS} times"
        page.save(update_fields=["state", "lease_until", "reason"])
    return None


@audit.serialized
def finish_page(
    *,
    by: Actor,
    page: PageRecognition,
    recognised: RecognisedPage,
    now: datetime,
    note: str = "",
) -> None:
    """Store the recognised words of a leased page.

    note: what staff must know about them, such as a language that was not installed. Nothing
    changes if another worker has taken the page in the meantime. Raises NotPermitted.
    """
    require_permission(by, "add reports")
    if not _still_leased(page):
        return
    page.state, page.lease_until, page.reason = RecognitionState.DONE, None, note[:500]
    page.words, page.confidence = recognised.pack(), recognised.confidence
    page.engine, page.languages = recognised.engine, recognised.languages
    page.recognised_at, page.in_text = now, False
    page.save()


@audit.serialized
def fail_page(*, by: Actor, page: PageRecognition, refused: FileRefused, now: datetime) -> None:
    """Record that a leased page could not be recognised. Raises NotPermitted."""
    require_permission(by, "add reports")
    if not _still_leased(page):
        return
    page.state, page.lease_until = RecognitionState.FAILED, None
    page.reason = refused.reason[:500]
    page.save(update_fields=["state", "lease_until", "reason"])
    audit.record_about(
        by, "fail to recognise page", page.report, now, page=page.number, reason=page.reason
    )


def _still_leased(page: PageRecognition) -> bool:
    rows = PageRecognition.objects.filter(
        pk=page.pk,
        attempts=page.attempts,
        # A person's choice counts the attempts anew: the end of the lease tells two firsts apart.
        lease_until=page.lease_until,
        state=RecognitionState.RUNNING,
    )
    return rows.exists()


@audit.serialized
def return_page(*, page: PageRecognition) -> None:
    """Let a leased page wait again, for a process that is told to stop before it is recognised.

    This attempt is not counted.
    """
    if _still_leased(page):
        page.state, page.lease_until = RecognitionState.WAITING, None
        page.attempts -= 1
        page.save(update_fields=["state", "lease_until", "attempts"])


@audit.serialized
def release_pages(*, by: Actor, report: Report, now: datetime) -> list[int]:
    """Let the pages of a report wait again that a process had begun; returns their numbers.

    Safe also while that process is alive: what it brings is then ignored, as after the end of its
    lease. Raises NotPermitted.
    """
    require_permission(by, "add reports")
    running = report.recognitions.filter(state=RecognitionState.RUNNING)
    pages = list(running.order_by("number").values_list("number", flat=True))
    if pages:
        running.update(state=RecognitionState.WAITING, lease_until=None)
        audit.record_about(by, "release pages", report, now, pages=pages)
    return pages


@audit.serialized
def choose_pages(
    *,
    by: Actor,
    report: Report,
    now: datetime,
    numbers: Iterable[int] = (),
    languages: str = "",
    own_words: bool = False,
    because: str = "",
) -> list[int]:
    """Queue pages for recognition, or use the file's own words for them; returns their numbers.

    numbers: none for all pages that wait or failed; with no such page, all that were recognised.
    languages: "" for the usual ones of the review. own_words: also for pages of images alone, which
    need no text; because: the reason, since words of images are then not searched before
    publication. Raises NotPermitted; RuleError for a page that has no image, if there is none to
    choose, and for own words without a reason.
    """
    require_permission(by, "add reports")
    because = " ".join(because.split())
    if own_words and not because:
        raise RuleError(
            "enter a reason: words that are only in the images of these pages are not checked"
        )
    chosen = sorted(set(numbers)) or _pages_to_choose(report)
    images = set(report.pages.filter(has_image=True).values_list("number", flat=True))
    if missing := [number for number in chosen if number not in images]:
        raise RuleError(f"{report.file_name} has no image of a page {missing[0]}")
    if not chosen:
        raise RuleError(f"{report.file_name} has no page to recognise: name the pages")
    rows = {row.number: row for row in report.recognitions.filter(number__in=chosen)}
    for number in chosen:
        row = rows.get(number) or PageRecognition(report=report, number=number)
        row.chosen, row.lease_until, row.reason = True, None, ""
        row.state = RecognitionState.OWN_WORDS if own_words else RecognitionState.WAITING
        row.attempts, row.languages = 0, languages
        row.save()
    words = "own" if own_words else "recognised"
    detail: dict[str, object] = {"pages": chosen, "words": words, "languages": languages}
    if own_words:
        detail["because"] = because[:LONGEST_REASON]
    audit.record_about(by, "choose words of pages", report, now, **detail)
    return chosen


def _pages_to_choose(report: Report) -> list[int]:
    rows = report.recognitions.order_by("number")
    undone = rows.filter(state__in=UNREAD_STATES)
    return list((undone or rows).values_list("number", flat=True))


def reports_behind(among: Collection[int] | None = None) -> QuerySet[Report]:
    """The reports whose text has to be read again, with no page left to recognise."""
    busy = PageRecognition.objects.filter(state__in=QUEUED_STATES)
    behind = PageRecognition.objects.filter(BEHIND)
    rows = Report.objects.filter(pk__in=behind.values("report"), original__erased_at=None)
    if among is not None:
        rows = rows.filter(pk__in=among)
    return rows.exclude(pk__in=busy.values("report")).order_by("pk")


def recognised_pages(report: Report) -> dict[int, RecognisedPage]:
    """Number -> words of the recognised pages of a report."""
    # A page that waits or failed again has the words of the time before.
    rows = report.recognitions.exclude(state=RecognitionState.OWN_WORDS).exclude(words=None)
    return {row.number: replace(unpack_page(row.words or b""), chosen=row.chosen) for row in rows}


@audit.serialized
def mark_in_text(
    *, by: Actor, report: Report, pages: Collection[int], read: ReadReport, now: datetime
) -> None:
    """Record that the text of a report has the words of these recognised pages, and no others.

    Further unread pages of the reading are queued. A report that was named after its file, and its
    review, get the title that was read. Raises NotPermitted.
    """
    require_permission(by, "add reports")
    rows = report.recognitions.all()
    rows.filter(number__in=pages).update(in_text=True)
    rows.exclude(number__in=pages).update(in_text=False)
    queue_unread(report=report, read=read)
    if read.title:
        title = shorten_text(read.title, 300)
        Report.objects.filter(pk=report.pk, title=report.file_name).update(title=title)
        Review.objects.filter(pk=report.review_id, title=report.file_name).update(title=title)
    audit.record_about(by, "use recognised words", report, now, pages=sorted(pages))


@audit.serialized
def fail_reading(*, by: Actor, report: Report, refused: FileRefused, now: datetime) -> None:
    """Record that a report could not be read with its recognised words. Raises NotPermitted."""
    require_permission(by, "add reports")
    report.recognitions.filter(BEHIND).update(
        state=RecognitionState.FAILED, in_text=False, reason=refused.reason[:500]
    )
    audit.record_about(by, "fail to use recognised words", report, now, reason=refused.reason)


def reason_unread(report: Report) -> str:
    """Reason why scanned pages prevent publication, as the end of a sentence; "" if none does."""
    return reasons_unread([report]).get(report.pk, "")


def reasons_unread(reports: Collection[Report]) -> dict[int, str]:
    """The same of many, by primary key, in one query; without those whose pages are read."""
    rows = PageRecognition.objects.filter(OPEN_PAGES, report__in=reports).order_by("number")
    numbers: defaultdict[int, list[int]] = defaultdict(list)
    for report, number in rows.values_list("report", "number"):
        numbers[report].append(number)
    return {report: _unread_in_words(pages) for report, pages in numbers.items()}


def _unread_in_words(numbers: Sequence[int]) -> str:
    if len(numbers) > 12:
        return f"has {len(numbers)} scanned pages whose text is not recognised yet"
    pages = f"page{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
    return f"has scanned pages whose text is not recognised yet ({pages})"


def open_questions(reports: Collection[Report]) -> dict[int, tuple[str, str]]:
    """Why scanned pages prevent the publication of reports, and what to do, by primary key."""
    why = reasons_unread(reports)
    return {report.pk: (why[report.pk], _remedy(report)) for report in reports if report.pk in why}


def _remedy(report: Report) -> str:
    return (
        f"wait for it, or run waymark reports recognise {report.key}, with --own-words and a "
        "reason if these pages need no text"
    )
