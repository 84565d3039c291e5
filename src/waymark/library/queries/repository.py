"""What staff look after in the repository: deposits, letters, terms; and what tombstones tell."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from waymark.accounts.permissions import Actor, require
from waymark.accounts.visibility import OPEN_TO_STAFF, visible_to
from waymark.core.errors import NotFound
from waymark.documents.models import Intake, IntakeState, Report, Review
from waymark.documents.queries import open_reports, open_reviews, text_of
from waymark.library.models import (
    CatalogueRecord,
    Deposit,
    DepositState,
    Letter,
    Removal,
    RemovalKind,
    Resource,
    Retention,
)
from waymark.library.terms import SOON
from waymark.library.traces import Trace, traces
from waymark.overview.queries import counted_reviews
from waymark.publishing.models import Publication
from waymark.publishing.queries import publications

HANDLE = "handle deposits"
MOST_TRACES = 50


# ---- deposits ----


def deposit_counts(person: Actor) -> dict[DepositState, int]:
    """State -> deposits in it, without the zeros. Raises NotPermitted."""
    require(person, HANDLE)
    rows = Deposit.objects.order_by().values_list("state").annotate(Count("pk"))
    return {DepositState(state): number for state, number in rows}


def deposits(
    person: Actor, *, state: DepositState | None, offset: int, limit: int
) -> tuple[int, list[Deposit]]:
    """How many deposits are in a state (None: any), and those from offset on, the last first."""
    require(person, HANDLE)
    rows = Deposit.objects.select_related("review", "decided_by")
    if state is not None:
        rows = rows.filter(state=state)
    return rows.count(), list(rows[offset : offset + limit])


def deposit_for(reference: str, person: Actor) -> Deposit:
    """The deposit of a reference. Raises NotPermitted, NotFound."""
    require(person, HANDLE)
    found = Deposit.objects.filter(reference=reference).select_related("review", "decided_by")
    deposit = found.first()
    if deposit is None:
        raise NotFound(f"there is no deposit {reference}")
    return deposit


def deposit_of_batch(batch: str) -> Deposit | None:
    """The deposit whose files these are; for taking in."""
    return Deposit.objects.filter(batch=batch).first()


@dataclass(frozen=True, slots=True)
class Named:
    """A place where a file names the board. page: counted from 1, 0 for its title."""

    page: int
    words: str
    whole: bool


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file of a deposit, and what there is to know before it is published.

    report: None while it waits and where it was refused. own: it came with this deposit; a file
    whose bytes were here before belongs to another. named: where it names the board, MOST_TRACES
    places at most.
    """

    intake: Intake
    report: Report | None
    own: bool
    named: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """A deposit under check. waiting: files not read yet."""

    deposit: Deposit
    files: tuple[CheckedFile, ...]
    waiting: int

    @property
    def reports(self) -> tuple[Report, ...]:
        """The reports that came with it."""
        return tuple(one.report for one in self.files if one.report is not None and one.own)

    @property
    def named(self) -> bool:
        """Whether a file of its own names the board by its whole name."""
        return any(place.whole for one in self.files if one.own for place in one.named)

    @property
    def hinted(self) -> bool:
        """Whether a file of its own has a telling word of the board's name."""
        return any(one.named for one in self.files if one.own)


def check_of(deposit: Deposit) -> Check:
    """What the reader found in the files of a deposit, and where they name the board."""
    rows = Intake.objects.filter(batch=deposit.batch).order_by("pk")
    intakes = list(rows.select_related("report__review", "report__original"))
    waiting = {IntakeState.WAITING, IntakeState.READING}
    return Check(
        deposit,
        tuple(_checked(intake, deposit.board) for intake in intakes),
        sum(intake.state in waiting for intake in intakes),
    )


def _checked(intake: Intake, board: str) -> CheckedFile:
    report = intake.report
    if report is None:
        return CheckedFile(intake, None, own=False, named=())
    of_text = traces(board, text_of(report))[:MOST_TRACES]
    titled = [
        Named(0, one.words, one.whole)
        for said in (report.title, report.file_name, *report.warnings)
        for one in traces(board, said)
    ]
    hidden = [
        Named(page, one.words, one.whole)
        for page, words in report.hidden_texts.values_list("page", "words")
        for one in traces(board, words)
    ]
    own = intake.state == IntakeState.STORED
    return CheckedFile(intake, report, own, (*titled, *hidden, *_placed(report, of_text)))


def _placed(report: Report, found: Iterable[Trace]) -> list[Named]:
    starts = list(report.pages.order_by("number").values_list("number", "start", "end"))
    return [
        Named(
            next((number for number, start, end in starts if start <= one.start < end), 1),
            one.words,
            one.whole,
        )
        for one in found
    ]


# ---- letters ----


@dataclass(frozen=True, slots=True)
class Post:
    """Letters that are not sent. failed: those that nothing tries any more."""

    waiting: tuple[Letter, ...]
    failed: tuple[Letter, ...]


def unsent(person: Actor) -> Post:
    """The letters that are not sent, those that wait longest first. Raises NotPermitted."""
    require(person, HANDLE)
    rows = list(Letter.objects.filter(sent_at=None).order_by("written_at", "pk"))
    failed = [one for one in rows if one.failed and one.lease_until is None]
    return Post(tuple(one for one in rows if one not in failed), tuple(failed))


def letters_of(deposit: Deposit) -> list[Letter]:
    """The letters about a deposit, in the order in which they were written."""
    return list(Letter.objects.filter(key__startswith=f"{deposit.reference} "))


def letter_for(number: int, person: Actor) -> Letter:
    """A letter by its number. Raises NotPermitted, NotFound."""
    require(person, HANDLE)
    found = Letter.objects.filter(pk=number).first()
    if found is None:
        raise NotFound(f"there is no letter {number}")
    return found


# ---- terms ----


def due(now: datetime) -> QuerySet[Retention]:
    """The terms that are over and have not been carried out."""
    return Retention.objects.filter(
        until__lte=timezone.localdate(now), legal_hold=False, report__state__in=OPEN_TO_STAFF
    )


def retention_of(report: Report) -> Retention:
    """For how long its file may be had; without an end where nothing was said."""
    return Retention.objects.filter(report=report).first() or Retention(report=report)


@dataclass(frozen=True, slots=True)
class Terms:
    """What staff are told of the time for which files may be had.

    over: not gone yet although the time is over: the worker is behind; held: over or not, kept by
    a legal hold; soon: within SOON; endless: public, and no end is set (how many, and the first).
    """

    over: tuple[Retention, ...]
    held: tuple[Retention, ...]
    soon: tuple[Retention, ...]
    endless: tuple[Report, ...]
    endless_total: int


def terms(person: Actor, now: datetime, *, limit: int = 100) -> Terms:
    """The terms that staff have to know of. Raises NotPermitted."""
    require(person, "publish reports")
    today = timezone.localdate(now)
    rows = Retention.objects.filter(report__state__in=OPEN_TO_STAFF)
    rows = rows.select_related("report__review").order_by("until", "pk")
    ending = rows.filter(legal_hold=False, until__lte=today + SOON)
    endless = public_without_end(now).select_related("review")
    return Terms(
        over=tuple(ending.filter(until__lte=today)),
        held=tuple(rows.filter(legal_hold=True)),
        soon=tuple(ending.filter(until__gt=today)),
        endless=tuple(endless.order_by("received_at", "pk")[:limit]),
        endless_total=endless.count(),
    )


def public_without_end(now: datetime) -> QuerySet[Report]:
    """The reports that everybody may read and whose time has no end, legal holds apart."""
    return open_reports(AnonymousUser(), now).filter(
        Q(retention=None) | Q(retention__until=None, retention__legal_hold=False)
    )


# ---- tombstones ----


@dataclass(frozen=True, slots=True)
class Successor:
    """What to look at instead: a review by its reference, or a resource by its key."""

    title: str
    reference: str
    key: str


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What stands in the place of what went; nothing of it beyond what staff wrote.

    of: the review that is still open, where only a report of it went.
    """

    title: str
    reason: str
    on: date
    kind: RemovalKind
    successor: Successor | None
    of: Review | None


def tombstone_of(
    thing: Review | Report | Resource, person: Actor, now: datetime
) -> Tombstone | None:
    """The tombstone at the address of a thing, where it was public and went; else None."""
    if isinstance(thing, Resource):
        return _tombstone(thing.state, Removal.objects.filter(record__resource=thing), person, now)
    review = thing if isinstance(thing, Review) else thing.review
    whole = Removal.objects.filter(record__review=review, report=None)
    if review.state not in OPEN_TO_STAFF:
        return _tombstone(review.state, whole, person, now)
    if isinstance(thing, Review) or not open_reviews(person, now).filter(pk=review.pk).exists():
        return None
    return _tombstone(thing.state, thing.removals.all(), person, now, of=review)


def _tombstone(
    state: str,
    removals: QuerySet[Removal],
    person: Actor,
    now: datetime,
    of: Review | None = None,
) -> Tombstone | None:
    if state in OPEN_TO_STAFF:
        return None
    found = removals.filter(undone_at=None).select_related("successor__review").first()
    if found is None:
        return None
    return Tombstone(
        title=found.title,
        reason=found.reason,
        on=timezone.localdate(found.at),
        kind=RemovalKind(found.kind),
        successor=_successor(found.successor, person, now),
        of=of,
    )


def _successor(record: CatalogueRecord | None, person: Actor, now: datetime) -> Successor | None:
    """What it points to, where the person may see that."""
    if record is None:
        return None
    if record.review_id is not None:
        review = open_reviews(person, now).filter(pk=record.review_id).first()
        return Successor(review.title, review.reference, "") if review else None
    resource = Resource.objects.filter(visible_to(person, now=now), record=record).first()
    return Successor(resource.title, "", resource.key) if resource else None


@dataclass(frozen=True, slots=True)
class Gone:
    """A report of a review that is open, which is not any more. kind: of the report, in words."""

    kind: str
    key: str
    stone: Tombstone


def gone_reports(review: Review, person: Actor, now: datetime) -> list[Gone]:
    """The reports of a review that the public could read once, and cannot any more."""
    rows = Report.objects.filter(review=review).exclude(state__in=OPEN_TO_STAFF)
    told = [(one, tombstone_of(one, person, now)) for one in rows.select_related("review")]
    return [Gone(one.get_kind_display(), one.key, stone) for one, stone in told if stone]


def held_resource(key: str, person: Actor) -> Resource:
    """A resource in any state, for those who may change it. Raises NotPermitted, NotFound."""
    require(person, "publish reports")
    found = Resource.objects.filter(key=key).first()
    if found is None:
        raise NotFound(f"there is no resource {key}")
    return found


def record_called(said: str) -> CatalogueRecord:
    """The record of a review's reference or a resource's key. Raises NotFound."""
    rows = CatalogueRecord.objects.select_related("review", "resource")
    found = rows.filter(Q(review__reference=said) | Q(resource__key=said)).first()
    if found is None:
        raise NotFound(f"there is no record {said}")
    return found


def is_public(thing: Review | Report | Resource, now: datetime) -> bool:
    """Whether everybody may see it now."""
    everybody = AnonymousUser()
    if isinstance(thing, Review):
        return open_reviews(everybody, now).filter(pk=thing.pk).exists()
    if isinstance(thing, Report):
        return open_reports(everybody, now).filter(pk=thing.pk).exists()
    return Resource.objects.filter(visible_to(everybody, now=now), pk=thing.pk).exists()


def editions_counting(review: Review) -> list[Publication]:
    """The editions that stand and count a review, the newest first."""
    return [one for one in publications() if review.reference in counted_reviews(one.snapshot)]
