"""Newer readings of a stored file: proposed, compared, accepted; the older text is kept.

Citation keys are for ever: those of an older reading lead to its words, and never to what a newer
reading has at the same positions. So a reading with another text gets a number of its own, which is
part of its keys. Example: reading 1 of a report has the passage 3f9c01ab2d44-0-40; after reading 2
the current passage is 3f9c01ab2d44r2-0-38, and the first key still leads to reading 1.

    nothing -> pending           propose_reading(): readers see nothing of it
    pending -> current           accept_reading(): what was current becomes an older reading
    pending -> dropped           propose_reading() again, or replace_reading()
    pending -> rejected          reject_reading(): its hash stays, so that it is not proposed again
    any text -> another at once  replace_reading(): where nothing is anchored, such as a scan

Each place at which something is anchored has one AnchorMove: decide_move() says whether it moves to
the newer reading or stays in its own. Without a decision it stays, counts on, and is listed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.core.spans import Span
from waymark.documents.anchors import AnchoredPlace
from waymark.documents.models import (
    AnchorMove,
    MoveDecision,
    MoveOutcome,
    Page,
    Passage,
    Reading,
    ReadingPage,
    ReadingState,
    RecognitionState,
    RejectedReading,
    Report,
    ReportText,
)
from waymark.documents.queries.readings import content_of, furniture_of, newer_text
from waymark.documents.reading.relocate import SearchableText, relocate
from waymark.documents.reading.values import ReadPage, ReadPassage, ReadReport, RunningLine
from waymark.documents.reading.words import pack_words, unpack_words
from waymark.documents.services.anonymity import refresh_identifiers
from waymark.documents.services.hidden_text import record_check
from waymark.documents.services.reports import ROWS, store_text

PAGE_FIELDS = ("number", "width", "height", "start", "end", "has_image", "source")
PASSAGE_FIELDS = ("start", "end", "page", "last_page", "heading", "kind")


@audit.serialized
def replace_reading(
    *, by: Actor, report: Report, read: ReadReport, now: datetime
) -> Reading | None:
    """Make a newer reading of its file the text of a report; returns the older reading, kept.

    Nothing is kept, and the keys stay as they are, where the old text is the same or empty. What is
    anchored in the old text stays there: see accept_reading(). The caller updates the search index.
    A pending reading is dropped, as it was compared with the old text. Raises NotPermitted;
    RuleError for an erased file.
    """
    require_permission(by, "add reports")
    _require_file(report)
    drop_pending(report)
    record_check(by=by, report=report, hidden=read.hidden, now=now)
    return _make_current(by, report, read, now=now, read_at=now)


@audit.serialized
def propose_reading(
    *,
    by: Actor,
    report: Report,
    read: ReadReport,
    places: Iterable[AnchoredPlace],
    now: datetime,
    again: bool = False,
) -> Reading | RejectedReading | None:
    """Store a newer reading for a person to accept, with where the words of each place are in it.

    places: where something is anchored in the report. A reading with the same text becomes current
    at once, as every key stays (None is returned); any other changes nothing for readers. It
    replaces an earlier proposal with another text, and the decisions on that. A text that a person
    has rejected is not proposed: its rejection is returned. again: propose it all the same. Raises
    NotPermitted; RuleError for an erased file.
    """
    require_permission(by, "add reports")
    _require_file(report)
    if read.text == report.text.content:
        replace_reading(by=by, report=report, read=read, now=now)
        return None
    record_check(by=by, report=report, hidden=read.hidden, now=now)
    before = report.readings.filter(state=ReadingState.PENDING).first()
    if before is not None and before.content == read.text:
        _list_places(before, list(places))
        return before
    rejected = report.rejected_readings.filter(text_hash=_hash_of(read.text))
    if again:
        rejected.delete()
    if rejection := rejected.first():
        # A newer reader that gives the same text need not read the file again either.
        rejection.extractor = read.extractor
        rejection.save(update_fields=["extractor"])
        return rejection
    drop_pending(report)
    pending = Reading.objects.create(
        report=report,
        number=report.reading + 1,
        state=ReadingState.PENDING,
        extractor=read.extractor,
        content=read.text,
        furniture=[list(span) for span in read.furniture],
        running_lines=[asdict(line) for line in read.running_lines],
        passages=[[getattr(row, name) for name in PASSAGE_FIELDS] for row in read.passages],
        warnings=list(read.warnings),
        read_at=now,
    )
    _store_pages(pending, read.pages)
    moves = _list_places(pending, list(places))
    counts = {outcome: sum(move.outcome == outcome for move in moves) for outcome in MoveOutcome}
    audit.record_about(
        by, "propose reading", report, now, reading=pending.number, **counts, to=read.extractor
    )
    return pending


@audit.serialized
def accept_reading(
    *, by: Actor, report: Report, places: Iterable[AnchoredPlace], now: datetime
) -> dict[str, Span]:
    """Make the pending reading of a report its text; the one before stays as an older reading.

    places: where something is anchored now; it may be more than when the reading was proposed.
    Returns the old keys of the places that move with it, and their spans in the new text: those
    with the same words, and those that a person decided to move. The caller moves what is anchored
    there, in the same transaction, and updates the search index. Raises NotPermitted; RuleError if
    no reading is pending.
    """
    require_permission(by, "add reports")
    _require_file(report)
    pending = report.readings.filter(state=ReadingState.PENDING).first()
    if pending is None:
        raise RuleError(f"no newer reading of {report.key} is waiting: reload the page")
    _list_places(pending, list(places))
    read = _as_read(report, pending)
    read_at = pending.read_at
    pending.delete()
    _make_current(by, report, read, now=now, read_at=read_at)
    moves = report.moves.filter(reading=report.reading)
    certain = moves.filter(outcome=MoveOutcome.MOVED, decision="")
    certain.update(decision=MoveDecision.MOVE, decided_at=now, decided_by=_account(by))
    return {move.key: move.span for move in moves.filter(decision=MoveDecision.MOVE) if move.span}


@audit.serialized
def reject_reading(*, by: Actor, report: Report, reason: str, now: datetime) -> RejectedReading:
    """Reject the pending reading of a report: its text stays, and this one is not proposed again.

    Scanned pages that only the rejected reading had words of keep the file's own words. Raises
    NotPermitted; RuleError without a reason, or if no reading is pending.
    """
    require_permission(by, "add reports")
    report.refresh_from_db()
    pending = report.readings.filter(state=ReadingState.PENDING).first()
    if pending is None:
        raise RuleError(f"no newer reading of {report.key} is waiting: reload the page")
    if not reason.strip():
        raise RuleError("enter why you reject the newer text")
    rejection = RejectedReading.objects.create(
        report=report,
        extractor=pending.extractor,
        text_hash=_hash_of(pending.content),
        reason=reason.strip(),
        rejected_at=now,
        rejected_by=_account(by),
    )
    with_words = report.pages.exclude(source="").values("number")
    unused = report.recognitions.filter(in_text=True).exclude(number__in=with_words)
    pages = list(unused.values_list("number", flat=True))
    report.recognitions.filter(number__in=pages).update(
        state=RecognitionState.OWN_WORDS, in_text=False
    )
    audit.record_about(
        by,
        "reject reading",
        report,
        now,
        reading=pending.number,
        extractor=pending.extractor,
        reason=rejection.reason,
        pages=pages,
    )
    drop_pending(report)
    return rejection


@audit.serialized
def decide_move(
    *, by: Actor, move: AnchorMove, span: Span | None, now: datetime
) -> dict[str, Span]:
    """Decide on one place: span in the newer reading, or None to leave it in its own reading.

    Returns what accept_reading() returns, for this place, if its reading is current already; before
    that, the decision waits for it. Raises NotPermitted; RuleError if the place was moved already,
    if its list has been replaced, or for a span outside the text.
    """
    require_permission(by, "add reports")
    report = move.report
    report.refresh_from_db()
    move.refresh_from_db()
    if move.reading < report.reading:
        raise RuleError("the report has been read again since: reload the page")
    current = move.reading == report.reading
    if current and move.decision == MoveDecision.MOVE:
        raise RuleError("these words have already been moved: reload the page")
    if span is not None:
        move.start, move.end = span.start, span.end
        move.words = span.of(newer_text(move))
    move.decision = MoveDecision.KEEP if span is None else MoveDecision.MOVE
    move.decided_at, move.decided_by = now, _account(by)
    move.save()
    audit.record_about(
        by, "decide on place", report, now, key=move.key, reading=move.reading, to=move.decision
    )
    return {move.key: span} if span is not None and current else {}


def drop_pending(report: Report) -> None:
    """Delete the reading of a report that waits for a person, with its list of places."""
    for pending in report.readings.filter(state=ReadingState.PENDING):
        report.moves.filter(reading=pending.number).delete()
        pending.delete()


def _hash_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _account(by: Actor) -> User | None:
    return by if isinstance(by, User) else None


def _require_file(report: Report) -> None:
    """Read a report again from the database. Raises RuleError if its file was erased."""
    report.refresh_from_db()
    if report.original.erased_at is not None:
        raise RuleError(f"the file of {report.key} was erased: it cannot be read again")


def _make_current(
    by: Actor, report: Report, read: ReadReport, *, now: datetime, read_at: datetime
) -> Reading | None:
    """Keep the current text of a report as an older reading, and store another in its place."""
    before, text = report.extractor, report.text
    older = None
    if text.content.strip() and text.content != read.text:
        older = _keep_current(report, now)
        report.reading += 1
    text.delete()
    report.pages.all().delete()
    report.passages.all().delete()
    report.extractor, report.warnings = read.extractor, list(read.warnings)
    report.page_count, report.read_at = len(read.pages), read_at
    report.save(update_fields=["reading", "extractor", "warnings", "page_count", "read_at"])
    store_text(report=report, read=read)
    # Words that are new in the text, such as those of a scan, may name people. As the system: who
    # accepts a text need not be who may answer its possible identifiers.
    refresh_identifiers(by=None, report=report, now=now)
    audit.record_about(
        by,
        "replace reading",
        report,
        now,
        reading=report.reading,
        extractor=report.extractor,
        before=before,
    )
    return older


def _keep_current(report: Report, now: datetime) -> Reading:
    """Copy the current text, pages and passages of a report to an older reading."""
    text = ReportText.objects.get(report=report)
    passages = Passage.objects.filter(report=report).order_by("ordinal")
    reading = Reading.objects.create(
        report=report,
        number=report.reading,
        state=ReadingState.OLDER,
        extractor=report.extractor,
        content=text.content,
        furniture=text.furniture,
        running_lines=text.running_lines,
        passages=[list(row) for row in passages.values_list(*PASSAGE_FIELDS)],
        warnings=report.warnings,
        read_at=report.read_at or report.received_at,
        replaced_at=now,
    )
    _store_pages(reading, Page.objects.filter(report=report))
    return reading


def _store_pages(reading: Reading, pages: Iterable[Page | ReadPage]) -> None:
    ReadingPage.objects.bulk_create(
        (
            ReadingPage(
                reading=reading,
                words=page.words if isinstance(page, Page) else pack_words(page.words),
                **{name: getattr(page, name) for name in PAGE_FIELDS},
            )
            for page in pages
        ),
        batch_size=ROWS,
    )


def _as_read(report: Report, reading: Reading) -> ReadReport:
    """A stored reading as the reader returned it, without the hidden text, which has its rows."""
    return ReadReport(
        media_type=report.original.media_type,
        extractor=reading.extractor,
        title=report.title,
        text=reading.content,
        pages=tuple(
            ReadPage(
                **{name: getattr(page, name) for name in PAGE_FIELDS},
                words=unpack_words(bytes(page.words)) if page.words else (),
            )
            for page in reading.pages.all()
        ),
        passages=tuple(ReadPassage(*row) for row in reading.passages),
        furniture=tuple((start, end) for start, end in reading.furniture),
        running_lines=tuple(
            RunningLine(line["page"], line["text"], tuple(line["box"]))
            for line in reading.running_lines
        ),
        warnings=tuple(reading.warnings),
    )


# ---- where the words are ----


def _list_places(pending: Reading, places: Sequence[AnchoredPlace]) -> list[AnchorMove]:
    """Bring the list of a pending reading up to date; returns what is new in it.

    Example: while it waits, a person codes one more place and withdraws another coding.
    """
    listed = pending.report.moves.filter(reading=pending.number)
    listed.exclude(key__in=[place.key for place in places]).delete()
    known = set(listed.values_list("key", flat=True))
    moves = _moves_to(pending, [place for place in places if place.key not in known])
    return AnchorMove.objects.bulk_create(moves, batch_size=ROWS)


def _moves_to(pending: Reading, places: Sequence[AnchoredPlace]) -> list[AnchorMove]:
    """Each place with where its words are in a newer reading, in the order of the older one."""
    report = pending.report
    older = {
        number: SearchableText(content_of(report, number), furniture_of(report, number))
        for number in {place.reading for place in places}
    }
    newer = SearchableText(pending.content, pending.furniture)
    moves = []
    for place in sorted(places, key=lambda place: (place.reading, place.span)):
        there = relocate(place.span, older[place.reading], newer)
        moves.append(
            AnchorMove(
                report=report,
                reading=pending.number,
                key=place.key,
                exact=place.exact,
                outcome=there.outcome,
                start=there.span.start if there.span else None,
                end=there.span.end if there.span else None,
                words=there.span.of(newer.text) if there.span else "",
            )
        )
    return moves
