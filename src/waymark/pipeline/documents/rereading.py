"""Read stored files again with the readers of this version, and accept the newer text.

What is anchored in a report is in four stages; here they are asked for the places and told where
to move, in one transaction with the change of the text.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from waymark.accounts.audit import serialized_in
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.coding import services as coding
from waymark.coding.models import Suggestion
from waymark.coding.queries import codings_anchored_in
from waymark.core.errors import FileRefused, NotFound, RuleError
from waymark.core.spans import Span
from waymark.documents import services as documents
from waymark.documents.anchors import AnchoredPlace, anchored_places
from waymark.documents.files.storage import original_path
from waymark.documents.ingest import reading_limits
from waymark.documents.isolation.parent import read_many
from waymark.documents.models import (
    AnchorMove,
    MoveOutcome,
    RejectedReading,
    Report,
    ReportText,
)
from waymark.documents.queries import readings
from waymark.documents.reading.values import ReadReport
from waymark.library import services as library
from waymark.library.models import AbstractPlace
from waymark.pipeline.documents.stored_files import reading_jobs
from waymark.pipeline.library.indexing import update_index
from waymark.pipeline.publishing.publication_reasons import OPENING, opens_by_itself
from waymark.pipeline.removals.state_changes import change_state
from waymark.profiles import services as profiles
from waymark.profiles.queries import quotes_anchored_in
from waymark.recommendations import services as recommendations
from waymark.recommendations.queries import recommendations_anchored_in

STAGES = ("documents", "coding", "profiles", "recommendations", "library")
ANCHORED: tuple[Callable[[Report], QuerySet[Any]], ...] = (
    codings_anchored_in,
    lambda report: Suggestion.objects.filter(report=report),
    quotes_anchored_in,
    recommendations_anchored_in,
    lambda report: AbstractPlace.objects.filter(report=report),
)
"""Everything that is anchored in a report and counts or waits: history stays where it is."""
MOVERS: tuple[Callable[..., Mapping[str, str]], ...] = (
    coding.move_codings,
    profiles.move_quotes,
    recommendations.move_recommendations,
    library.move_abstract_places,
)


@dataclass(frozen=True, slots=True)
class MovedPlaces:
    """Number of places moved to a newer text.

    merged: a line for each coding that met another one of its coder and code there, and ended.
    """

    moved: int
    merged: tuple[str, ...] = ()

    def summary(self) -> str:
        """The merged codings in words, such as "1 coding merged (Delay, coded by ada)"."""
        number = len(self.merged)
        which = f" ({'; '.join(self.merged)})" if self.merged else ""
        return f"{number} coding{'s' * (number != 1)} merged{which}"


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """A report that was read again. state: same (the text), pending, accepted or rejected.

    moved, unsure, lost: places with quoted words, by whether they are in the newer text.
    """

    report: str
    file: str
    review: str
    extractor: str
    state: str
    moved: int = 0
    unsure: int = 0
    lost: int = 0


@dataclass(slots=True)
class RereadResult:
    """Outcome of reading stored files again. failed: files that could not be read."""

    reports: list[ReadAgain] = field(default_factory=list)
    failed: list[FileRefused] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The object that `waymark reports reread --json` prints."""
        return {
            "read": len(self.reports),
            **{
                state: sum(report.state == state for report in self.reports)
                for state in ("same", "pending", "accepted", "rejected")
            },
            **{
                outcome: sum(getattr(report, outcome) for report in self.reports)
                for outcome in MoveOutcome.values
            },
            "reports": [asdict(report) for report in self.reports],
            "failed": [{"file": fault.file, "reason": fault.reason} for fault in self.failed],
        }


def reread_reports(
    *,
    by: Actor,
    keys: Collection[str] = (),
    everything: bool = False,
    accept_moved: bool = False,
    also_rejected: bool = False,
    workers: int = 2,
    on_done: Callable[[str], None] = lambda name: None,
    clock: Callable[[], datetime] = timezone.now,
) -> RereadResult:
    """Read stored files again and keep each newer text until a person accepts it.

    keys: of the reports; without any, those that an older reader read; everything: all. A text that
    is the same is taken over at once. accept_moved: so is one in which every quotation is found
    with the same words. A text that a person has rejected is proposed again only with
    also_rejected. Raises NotPermitted, NotFound.
    """
    require_permission(by, "add reports")
    reports = _reports_to_read(by, keys, everything=everything)
    paths = {original_path(report.original_id): report for report in reports}
    result = RereadResult()
    jobs = reading_jobs(reports)
    for job, read in read_many(jobs, workers=workers, limits=reading_limits()):
        report = paths[job.path]
        try:
            if isinstance(read, FileRefused):
                raise FileRefused(report.file_name, read.reason, read.remedy)
            outcome = propose_reading(
                by=by,
                report=report,
                read=read,
                now=clock(),
                accept_moved=accept_moved,
                also_rejected=also_rejected,
            )
        except FileRefused as refusal:
            result.failed.append(refusal)
        except RuleError as error:  # such as a file that was erased while it was being read
            result.failed.append(FileRefused(report.file_name, str(error), "Try again"))
        else:
            result.reports.append(outcome)
        on_done(report.file_name)
    # If another process is writing the index, its worker finds these records by their state.
    with suppress(RuleError):
        update_index(clock=clock)
    result.reports.sort(key=lambda report: (report.review, report.report))
    return result


def _reports_to_read(by: Actor, keys: Collection[str], *, everything: bool) -> list[Report]:
    if not keys and not everything:
        return readings.reports_to_read_again(by)
    stored = Report.objects.filter(original__erased_at=None).select_related("review").order_by("pk")
    if everything:
        return list(stored)
    reports = list(stored.filter(key__in=keys))
    if missing := sorted(set(keys) - {report.key for report in reports}):
        raise NotFound(f"there is no report with a file {missing[0]}")
    return reports


@serialized_in(*STAGES)
def propose_reading(
    *,
    by: Actor,
    report: Report,
    read: ReadReport,
    now: datetime,
    accept_moved: bool = False,
    also_rejected: bool = False,
) -> ReadAgain:
    """Store the newer reading of one report; and accept it, where that is certain.

    See reread_reports(). Raises NotPermitted, RuleError.
    """
    require_permission(by, "add reports")
    places = places_anchored_in(report)
    pending = documents.propose_reading(
        by=by, report=report, read=read, places=places, now=now, again=also_rejected
    )
    documents.queue_unread(report=report, read=read)
    _hide_what_was_found(by, report, now, earlier=report.text.content)
    outcome = ReadAgain(
        report.key, report.file_name, report.review.reference, read.extractor, "same"
    )
    if pending is None:
        _follow_new_text(report, now)
        return outcome
    if isinstance(pending, RejectedReading):
        return replace(outcome, state="rejected")
    moves = list(report.moves.filter(reading=pending.number))
    counts = {name: sum(move.outcome == name for move in moves) for name in MoveOutcome.values}
    state = "pending"
    if accept_moved and counts[MoveOutcome.MOVED] == len(moves):
        accept_reading(by=by, report=report, now=now)
        state = "accepted"
    return ReadAgain(
        report.key, report.file_name, report.review.reference, read.extractor, state, **counts
    )


def _hide_what_was_found(by: Actor, report: Report, now: datetime, *, earlier: str) -> None:
    """A report waits for a person, if its newer reading shows more than may be published.

    One that is to be published by itself: if it shows hidden text, identifiers of people, or
    scanned pages that are not recognised yet. One that is published: if its text has words that may
    identify people, which the earlier text does not have, or has less often.
    """
    report.refresh_from_db()
    waits = opens_by_itself(report, now) and documents.reason_not_ready(report)
    opened = report.state in OPENING and documents.has_new_identifiers(report, earlier)
    if waits or opened:
        change_state(by=by, item=report, state=State.INTERNAL, now=now)


def places_anchored_in(report: Report) -> list[AnchoredPlace]:
    """Every place of a report at which something is anchored that counts or waits, each once."""
    places = chain.from_iterable(anchored_places(rows(report)) for rows in ANCHORED)
    return list({place.key: place for place in places}.values())


@serialized_in(*STAGES)
def accept_reading(*, by: Actor, report: Report, now: datetime) -> MovedPlaces:
    """Make the pending reading of a report its text, and move what is anchored in it.

    A public report whose newer text may identify people in words that are new is not public any
    more. What a person has not decided on stays in the older reading, where its words are shown,
    and counts on. Raises NotPermitted, RuleError.
    """
    require_permission(by, "add reports")
    places = places_anchored_in(report)
    earlier = ReportText.objects.get(report=report).content
    moves = documents.accept_reading(by=by, report=report, places=places, now=now)
    _hide_what_was_found(by, report, now, earlier=earlier)
    return _move(by, report, moves, now)


@serialized_in(*STAGES)
def decide_move(
    *, by: Actor, move: AnchorMove, now: datetime, keep: bool = False, quote: str = ""
) -> MovedPlaces:
    """Decide on one quoted place: take the proposed place, the place of a quote, or keep it.

    keep: it stays in its own reading. quote: words of the newer reading, where they are once.
    Nothing moves while the newer reading is pending. Raises NotPermitted; RuleError if there is no
    such place.
    """
    require_permission(by, "add reports")
    span = None if keep else (_place_of_quote(move, quote) if quote else move.span)
    if span is None and not keep:
        raise RuleError("no place was found for these words: enter the words as they are now")
    moves = documents.decide_move(by=by, move=move, span=span, now=now)
    return _move(by, move.report, moves, now)


def _place_of_quote(move: AnchorMove, quote: str) -> Span:
    text = readings.newer_text(move)
    words = quote.strip()
    start = text.find(words)
    if not words or start < 0:
        raise RuleError("these words are not in the newer text: copy them from there")
    if text.find(words, start + 1) >= 0:
        raise RuleError("these words are in the newer text more than once: enter more of them")
    return Span(start, start + len(words))


def _move(by: Actor, report: Report, moves: Mapping[str, Span], now: datetime) -> MovedPlaces:
    moved: set[str] = set()
    merged = coding.merge_codings(by=by, report=report, moves=moves, now=now)
    for move in MOVERS:
        moved.update(move(by=by, report=report, moves=moves, now=now))
    _follow_new_text(report, now)
    return MovedPlaces(
        len(moved),
        tuple(f"{row.code.name}, coded by {row.coder.username}" for row in merged),
    )


def _follow_new_text(report: Report, now: datetime) -> None:
    """Bring up to date what is made from the text of a report."""
    library.mark_changed(reviews=[report.review_id], now=now)
