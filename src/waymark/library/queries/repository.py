"""Repository work of staff: deposits, retention periods; and tombstones."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, islice

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet, TextChoices
from django.db.models.functions import Coalesce
from django.utils import timezone

from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF, in_visible, visible_rows, visible_to
from waymark.core.errors import require_found
from waymark.documents.anonymity.board_names import find_name
from waymark.documents.models import Intake, IntakeState, Report, Review
from waymark.documents.queries.reader import (
    open_reports,
    open_reviews,
    text_of,
)
from waymark.documents.queries.readiness import reviews_ready
from waymark.documents.queries.readings import running_lines_of
from waymark.library.access.retention_period import EXPIRY_WARNING
from waymark.library.models import (
    CatalogueRecord,
    Deposit,
    DepositState,
    Publishable,
    Removal,
    RemovalKind,
    Resource,
    Retention,
)
from waymark.overview.queries.overviews import counted_reviews
from waymark.publishing.models import Publication
from waymark.publishing.queries import current_editions

HANDLE_DEPOSITS = "handle deposits"
MAX_MENTIONS = 50
UNDECIDED = (DepositState.TO_CONFIRM, DepositState.RECEIVED, DepositState.IN_CHECK)
NOT_YET_OPEN = (State.RECEIVED, State.IN_CHECK)


# ---- deposits ----


def listed_deposits(person: Actor) -> QuerySet[Deposit]:
    """All deposits. Raises NotPermitted."""
    require_permission(person, HANDLE_DEPOSITS)
    return Deposit.objects.select_related("review", "decided_by")


def deposits_in(state: DepositState, person: Actor) -> QuerySet[Deposit]:
    """The deposits in a state, the newest first. Raises NotPermitted."""
    require_permission(person, HANDLE_DEPOSITS)
    return Deposit.objects.filter(state=state)


def reviews_to_publish(person: Actor) -> QuerySet[Review]:
    """Reviews that are not public yet, with files without a question; those of deposits apart.

    A deposit is decided on its own page. Raises NotPermitted.
    """
    undecided = Deposit.objects.filter(state__in=UNDECIDED)
    sent_in = Intake.objects.filter(
        batch__in=undecided.order_by().values("batch"), report__isnull=False
    )
    return reviews_ready(person).exclude(reports__in=sent_in.values("report"))


def returnable_deposits(person: Actor) -> QuerySet[Deposit]:
    """The deposits that nobody has begun to check, unconfirmed ones first. Raises NotPermitted."""
    require_permission(person, HANDLE_DEPOSITS)
    rows = Deposit.objects.filter(state__in=(DepositState.TO_CONFIRM, DepositState.RECEIVED))
    return rows.order_by("-state", "-received_at", "-pk")


def stale_unconfirmed(before: datetime) -> QuerySet[Deposit]:
    """The deposits received before a moment that nobody confirmed, and of which nothing was read.

    Without a mail server their files are read, and staff decide.
    """
    read = Intake.objects.exclude(state__in=(IntakeState.HELD, IntakeState.REFUSED))
    return Deposit.objects.filter(state=DepositState.TO_CONFIRM, received_at__lt=before).exclude(
        batch__in=read.order_by().values("batch")
    )


def deposit_for(reference: str, person: Actor) -> Deposit:
    """The deposit with a reference. Raises NotPermitted, NotFound."""
    require_permission(person, HANDLE_DEPOSITS)
    rows = Deposit.objects.filter(reference=reference).select_related("review", "decided_by")
    return require_found(rows.first(), f"there is no deposit {reference}")


def deposit_of_batch(batch: str) -> Deposit | None:
    """The deposit that a batch of files belongs to, for their ingest."""
    return Deposit.objects.filter(batch=batch).first()


@dataclass(frozen=True, slots=True)
class BoardMention:
    """A place where a file names the board. page: counted from 1, 0 for its title or name."""

    page: int
    words: str
    whole: bool


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file of a deposit with the result of its check.

    report: None while the file waits, or if it was refused. own: first received with this deposit;
    False for a file that the library had before. named: places where it names the board, at most
    MAX_MENTIONS of its text.
    """

    intake: Intake
    report: Report | None
    own: bool
    named: tuple[BoardMention, ...]


@dataclass(frozen=True, slots=True)
class DepositCheck:
    """A deposit under check. waiting: number of files that are not read yet."""

    deposit: Deposit
    files: tuple[CheckedFile, ...]
    waiting: int

    @property
    def held(self) -> bool:
        """True if its files are not read before it is confirmed."""
        return any(file.intake.state == IntakeState.HELD for file in self.files)

    @property
    def reports(self) -> tuple[Report, ...]:
        """The reports first received with this deposit."""
        return tuple(file.report for file in self.files if file.report is not None and file.own)

    @property
    def named(self) -> bool:
        """True if a file of its own contains the full name of the board."""
        return any(place.whole for file in self.files if file.own for place in file.named)

    @property
    def hinted(self) -> bool:
        """True if a file of its own contains a distinctive word of the board's name."""
        return any(file.named for file in self.files if file.own)


def check_of(deposit: Deposit) -> DepositCheck:
    """The results of reading a deposit's files, with the places where they name the board."""
    rows = Intake.objects.filter(batch=deposit.batch).order_by("pk")
    intakes = list(rows.select_related("report__review", "report__original"))
    waiting = {IntakeState.HELD, IntakeState.WAITING, IntakeState.READING}
    return DepositCheck(
        deposit,
        tuple(_checked_file(intake, deposit.board) for intake in intakes),
        sum(intake.state in waiting for intake in intakes),
    )


def _checked_file(intake: Intake, board: str) -> CheckedFile:
    report = intake.report
    if report is None:
        return CheckedFile(intake, None, own=False, named=())
    # Every part of a file that can contain the name, besides its text.
    titles = (report.title, report.file_name, *report.warnings)
    hidden = report.hidden_texts.values_list("page", "words")
    named = (
        *_named_in(board, ((0, title) for title in titles)),
        *_named_in(board, hidden),
        *islice(_named_in(board, _running_headers(report)), MAX_MENTIONS),
        *_named_in_text(board, report),
    )
    return CheckedFile(intake, report, intake.state == IntakeState.STORED, named)


def _named_in(board: str, texts: Iterable[tuple[int, str]]) -> Iterator[BoardMention]:
    """texts: each with its page."""
    for page, text in texts:
        for trace in find_name(board, text):
            yield BoardMention(page, trace.words, trace.whole)


def _running_headers(report: Report) -> Iterator[tuple[int, str]]:
    """Each page with its running headers and footers: a name may be set over two lines."""
    for page, lines in groupby(running_lines_of(report, report.reading), key=lambda line: line[0]):
        yield page, "\n".join(text for _, text in lines)


def _named_in_text(board: str, report: Report) -> Iterator[BoardMention]:
    pages = list(report.pages.order_by("number").values_list("number", "start", "end"))
    for trace in find_name(board, text_of(report))[:MAX_MENTIONS]:
        page = next((number for number, start, end in pages if start <= trace.start < end), 1)
        yield BoardMention(page, trace.words, trace.whole)


# ---- retention periods ----


def expired_retentions(now: datetime) -> QuerySet[Retention]:
    """The retention periods that have passed while the file is still here."""
    return Retention.objects.filter(
        until__lte=timezone.localdate(now), legal_hold=False, report__state__in=OPEN_TO_STAFF
    )


def retention_of(report: Report) -> Retention:
    """Retention period of a report's file; an unsaved one without an end if none is set."""
    return retentions_of([report]).get(report.pk) or Retention(report=report)


def retentions_of(reports: Iterable[Report]) -> dict[int, Retention]:
    """Primary key of a report -> retention period of its file, of those that have one."""
    rows = Retention.objects.filter(report__in=list(reports))
    return {retention.report_id: retention for retention in rows}


class ExpiryStatus(TextChoices):
    """Status of the expiry of a file. ENDING: expired, or about to within EXPIRY_WARNING."""

    ENDING = "ending", "Expired, or expiring within 90 days"
    OVER = "over", "Expired, not yet removed"
    SOON = "soon", "Expiring within 90 days"
    LATER = "later", "Expiring later"
    HELD = "held", "On legal hold"
    ENDLESS = "endless", "Public, with no expiry date"


def files_with_expiry(person: Actor, now: datetime) -> QuerySet[Report]:
    """Reports whose file expires, is on legal hold, or is public without an end.

    expires: its first day without it, a day far ahead for no end. Raises NotPermitted.
    """
    require_permission(person, "publish reports")
    without_end = Q(pk__in=public_without_end(now).order_by().values("pk"))
    dated = Q(retention__until__isnull=False) | Q(retention__legal_hold=True)
    rows = Report.objects.filter(without_end | dated, state__in=OPEN_TO_STAFF)
    return rows.select_related("review", "retention").annotate(
        expires=Coalesce("retention__until", date.max)
    )


def in_expiry(status: ExpiryStatus, now: datetime) -> Q:
    """Condition for the files of files_with_expiry() in a status."""
    today = timezone.localdate(now)
    last = today + EXPIRY_WARNING
    running = Q(retention__legal_hold=False)
    conditions = {
        ExpiryStatus.ENDING: running & Q(retention__until__lte=last),
        ExpiryStatus.OVER: running & Q(retention__until__lte=today),
        ExpiryStatus.SOON: running & Q(retention__until__gt=today, retention__until__lte=last),
        ExpiryStatus.LATER: running & Q(retention__until__gt=last),
        ExpiryStatus.HELD: Q(retention__legal_hold=True),
        ExpiryStatus.ENDLESS: Q(pk__in=public_without_end(now).order_by().values("pk")),
    }
    return conditions[status]


def ending_retentions(person: Actor, now: datetime) -> QuerySet[Retention]:
    """Retention periods that have passed or end within EXPIRY_WARNING. Raises NotPermitted."""
    require_permission(person, "publish reports")
    last = timezone.localdate(now) + EXPIRY_WARNING
    rows = Retention.objects.filter(report__state__in=OPEN_TO_STAFF)
    return rows.filter(legal_hold=False, until__lte=last).order_by("until", "pk")


def public_without_end(now: datetime) -> QuerySet[Report]:
    """Public reports whose retention period has no end, legal holds apart."""
    return open_reports(AnonymousUser(), now).filter(
        Q(retention=None) | Q(retention__until=None, retention__legal_hold=False)
    )


# ---- tombstones ----


@dataclass(frozen=True, slots=True)
class Successor:
    """The item to see instead: a review by its reference, or a resource by its key."""

    title: str
    reference: str
    key: str


@dataclass(frozen=True, slots=True)
class Tombstone:
    """Public note about an item that was removed, with only what staff wrote for it.

    review: the one that is still open, if only a report of it was removed.
    """

    title: str
    reason: str
    on: date
    kind: RemovalKind
    successor: Successor | None
    review: Review | None


def tombstone_of(item: Publishable, person: Actor, now: datetime) -> Tombstone | None:
    """The tombstone at the address of an item that was public and was removed, else None."""
    review = item.related_review()
    whole = review or item
    # A removed review hides its reports: its own tombstone answers for them.
    if whole.state not in OPEN_TO_STAFF:
        removals = Removal.objects.filter(record__in=records_of(item), report=None)
        return _tombstone_for(whole.state, removals, person, now)
    if whole is item or not visible_rows(Review, person, now).filter(pk=whole.pk).exists():
        return None
    removals = Removal.objects.filter(report=item.pk)
    return _tombstone_for(item.state, removals, person, now, review=review)


def records_of(item: Publishable) -> QuerySet[CatalogueRecord]:
    """The catalogue record of an item; of a report, that of its review. Empty if it has none."""
    review = item.related_review()
    of = {"review": review} if review is not None else {"resource": item}
    return CatalogueRecord.objects.select_related("review", "resource").filter(**of)


def _tombstone_for(
    state: str,
    removals: QuerySet[Removal],
    person: Actor,
    now: datetime,
    review: Review | None = None,
) -> Tombstone | None:
    if state in OPEN_TO_STAFF:
        return None
    removal = removals.filter(undone_at=None).select_related("successor__review").first()
    if removal is None:
        return None
    return Tombstone(
        title=removal.title,
        reason=removal.reason,
        on=timezone.localdate(removal.at),
        kind=RemovalKind(removal.kind),
        successor=_visible_successor(removal.successor, person, now),
        review=review,
    )


def _visible_successor(
    record: CatalogueRecord | None, person: Actor, now: datetime
) -> Successor | None:
    """The successor, if the person may see it."""
    if record is None:
        return None
    if record.review_id is not None:
        review = open_reviews(person, now).filter(pk=record.review_id).first()
        return Successor(review.title, review.reference, "") if review else None
    resource = Resource.objects.filter(visible_to(person, now=now), record=record).first()
    return Successor(resource.title, "", resource.key) if resource else None


@dataclass(frozen=True, slots=True)
class RemovedReport:
    """A removed report of a review that is still open. kind: of the report, in words."""

    kind: str
    key: str
    stone: Tombstone


@dataclass(frozen=True, slots=True)
class ReportsOfReview:
    """The reports of a review that a person may see, and those that were public and removed."""

    visible: tuple[Report, ...]
    removed: tuple[RemovedReport, ...]


def reports_and_removed(review: Review, person: Actor, now: datetime) -> ReportsOfReview:
    """The reports of a review, in one query unless some were removed."""
    removed = ~Q(state__in=OPEN_TO_STAFF)
    rows = Report.objects.filter(in_visible(Report, person, now=now) | removed, review=review)
    rows = rows.select_related("review")
    stones = [
        (row, tombstone_of(row, person, now)) for row in rows if row.state not in OPEN_TO_STAFF
    ]
    return ReportsOfReview(
        tuple(row for row in rows if row.state in OPEN_TO_STAFF),
        tuple(
            RemovedReport(row.get_kind_display(), row.key, stone) for row, stone in stones if stone
        ),
    )


def resource_to_publish(key: str, person: Actor) -> Resource:
    """A resource in any state, for those who may change it. Raises NotPermitted, NotFound."""
    require_permission(person, "publish reports")
    return require_found(Resource.objects.filter(key=key).first(), f"there is no resource {key}")


def record_named(name: str) -> CatalogueRecord:
    """The record of a review's reference or a resource's key. Raises NotFound."""
    rows = CatalogueRecord.objects.select_related("review", "resource")
    return require_found(
        rows.filter(Q(review__reference=name) | Q(resource__key=name)).first(),
        f"there is no record {name}",
    )


def is_public(item: Publishable, now: datetime) -> bool:
    """Return True if everybody may see an item now."""
    return visible_rows(type(item), AnonymousUser(), now).filter(pk=item.pk).exists()


def editions_counting(review: Review) -> list[Publication]:
    """The current editions that count a review, the newest first."""
    # In Python: which reviews an edition counts is in its snapshot, not in the database.
    editions = current_editions()
    return [row for row in editions if review.reference in counted_reviews(row.frozen)]
