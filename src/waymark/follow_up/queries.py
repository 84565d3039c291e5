"""Recommendations with their standing, limited to what a person may see.

Where an overview protects small numbers, single standings would undo the protection: of these
reviews the words are shown and the standing is not, and they are not counted by standing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import Cast, Coalesce, Substr

from waymark.accounts.content_state import ContentCache, content_mark
from waymark.accounts.permissions import Actor, has_permission, require_permission
from waymark.accounts.visibility import in_visible, visible_to
from waymark.bodies.models import Body
from waymark.bodies.queries import bodies_called, names_of, open_bodies
from waymark.core.errors import NotFound, require_found
from waymark.core.uk_time import uk_date
from waymark.documents.models import Report, Review
from waymark.documents.queries.reader import PassageRow, passages_of
from waymark.frameworks.queries import file_of, published_frameworks
from waymark.publishing.queries.protected import (
    facts_are_withheld,
    reviews_with_protected_numbers,
)
from waymark.recommendations.models import (
    Addressee,
    AddresseeAction,
    LedgerEntry,
    Progress,
    Recommendation,
    Standing,
)
from waymark.recommendations.response_schemes import response_schemes

MOST_BODIES = 20
_pictures: ContentCache["NationalPicture"] = ContentCache(16)


@dataclass(frozen=True, slots=True)
class PictureChoice:
    """What the national picture is limited to; "" and None for everything.

    late: only what is late. board: key of a body.
    """

    board: str = ""
    category: str = ""
    audience: str = ""
    standing: str = ""
    first: int | None = None
    last: int | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class PictureCount:
    """A line of the picture. value: in addresses; late: how many of the number are late."""

    value: str
    label: str
    number: int
    late: int


@dataclass(frozen=True, slots=True)
class NationalPicture:
    """Counts of recommendations. not_shown: those whose standing is withheld, in no table.

    boards: of reviews; bodies: that were asked, counted by addressee; years: in which the reviews
    ended, each with the counts by standing.
    """

    total: int
    late: int
    not_shown: int
    standings: tuple[PictureCount, ...]
    categories: tuple[PictureCount, ...]
    audiences: tuple[PictureCount, ...]
    boards: tuple[PictureCount, ...]
    bodies: tuple[PictureCount, ...]
    years: tuple[PictureCount, ...]
    by_year: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


# ---- rows ----


def open_recommendations(person: Actor, now: datetime) -> QuerySet[Recommendation]:
    """The current recommendations whose words a person may see."""
    # Joins, not lists of keys: the national picture goes through all of them.
    return Recommendation.objects.filter(
        visible_to(person, now=now, prefix="review__"),
        in_visible(Report, person, now=now, prefix="report__"),
        superseded_at=None,
    )


def _withheld(person: Actor) -> frozenset[str]:
    """References of the reviews whose standings a person must not see."""
    if has_permission(person, "see protected numbers"):
        return frozenset()
    return frozenset(reviews_with_protected_numbers())


def listed_recommendations(
    choice: PictureChoice, person: Actor, now: datetime
) -> QuerySet[Recommendation]:
    """The recommendations of a choice whose standing a person may see. Raises NotFound."""
    rows = open_recommendations(person, now).exclude(review__reference__in=_withheld(person))
    rows = rows.filter(
        **{
            name: value
            for name, value in (
                ("category", choice.category),
                ("audience", choice.audience),
                ("standing", choice.standing),
                ("review__completed_on__gte", choice.first and date(choice.first, 1, 1)),
                ("review__completed_on__lte", choice.last and date(choice.last, 12, 31)),
            )
            if value
        }
    )
    if choice.late:
        rows = rows.filter(overdue_from__lte=uk_date(now))
    if choice.board:
        body = _open_body(choice.board, person, now)
        rows = rows.filter(review__board__in=names_of(body).values("name"))
    return rows


def _open_body(key: str, person: Actor, now: datetime) -> Body:
    return require_found(
        open_bodies(person, now).filter(key=key).first(), f"there is no body {key}"
    )


# ---- the national picture ----


def national_picture(choice: PictureChoice, person: Actor, now: datetime) -> NationalPicture:
    """Counts of the recommendations that a person may see. Raises NotFound for an unknown board.

    Counted anew after each change that may alter what pages show, and each day.
    """
    mark = content_mark(person, now, Review, Report)
    protected = has_permission(person, "see protected numbers")
    key = (choice, uk_date(now), protected)
    return _pictures.value(mark, key, lambda: _count(choice, person, now))


def _count(choice: PictureChoice, person: Actor, now: datetime) -> NationalPicture:
    rows = listed_recommendations(choice, person, now).order_by()
    late = Case(When(overdue_from__lte=uk_date(now), then=1), default=0)
    year = Substr(Cast("review__completed_on", CharField()), 1, 4)
    cube = rows.annotate(is_late=late, year=year)
    grouped = list(
        cube.values_list("standing", "category", "audience", "year", "is_late")
        .annotate(Count("pk"))
        .order_by()
    )
    axes: list[Counter[str]] = [Counter() for _ in range(4)]
    lates: list[Counter[str]] = [Counter() for _ in range(4)]
    by_year: dict[str, Counter[str]] = {}
    total = late_total = 0
    for *values, is_late, number in grouped:
        total += number
        late_total += number * is_late
        for axis, value in enumerate(values):
            axes[axis][value or ""] += number
            lates[axis][value or ""] += number * is_late
        by_year.setdefault(values[3] or "", Counter())[values[0]] += number
    boards: Counter[str] = Counter()
    late_boards: Counter[str] = Counter()
    # Apart: by board as well there would be nearly as many groups as rows.
    for board, is_late, number in cube.values_list("review__board", "is_late").annotate(
        Count("pk")
    ):
        boards[board] += number
        late_boards[board] += number * is_late
    labels = labels_of_lists()
    return NationalPicture(
        total=total,
        late=late_total,
        not_shown=_not_shown(person, now),
        standings=tuple(
            PictureCount(value, str(label), axes[0][value], lates[0][value])
            for value, label in Standing.choices
            if axes[0][value]
        ),
        categories=_by_number(axes[1], lates[1], labels),
        audiences=_by_number(axes[2], lates[2], labels),
        boards=_by_board(boards, late_boards, person, now),
        bodies=_by_body(rows, person, now),
        years=tuple(
            PictureCount(value, value or "Year not known", axes[3][value], lates[3][value])
            for value in sorted(axes[3])
        ),
        by_year={value: dict(counts) for value, counts in sorted(by_year.items())},
    )


def _not_shown(person: Actor, now: datetime) -> int:
    withheld = _withheld(person)
    if not withheld:
        return 0
    return open_recommendations(person, now).filter(review__reference__in=withheld).count()


def _by_number(
    counts: Counter[str], late: Counter[str], labels: Mapping[str, str]
) -> tuple[PictureCount, ...]:
    lines = [
        PictureCount(value, labels.get(value) or in_words(value), number, late[value])
        for value, number in counts.items()
    ]
    return tuple(sorted(lines, key=lambda line: (-line.number, line.label)))


def _by_board(
    counts: Counter[str], late: Counter[str], person: Actor, now: datetime
) -> tuple[PictureCount, ...]:
    """Counts by the board of the review, all names of a body together."""
    bodies = bodies_called(frozenset(counts))
    shown = set(open_bodies(person, now).values_list("pk", flat=True))
    names: dict[str, str] = {}
    together: Counter[str] = Counter()
    together_late: Counter[str] = Counter()
    for words, number in counts.items():
        body = bodies.get(words)
        key = body.key if body is not None and body.pk in shown else ""
        names[key] = body.name if key and body is not None else "Board not named"
        together[key] += number
        together_late[key] += late[words]
    return _by_number(together, together_late, names)[:MOST_BODIES]


def _by_body(
    rows: QuerySet[Recommendation], person: Actor, now: datetime
) -> tuple[PictureCount, ...]:
    """Counts by the body that was asked: a recommendation to three bodies counts for each."""
    of_row = rows.filter(review=OuterRef("review"), number=OuterRef("number"))
    asked = Addressee.objects.filter(Exists(of_row), body__isnull=False).order_by()
    body = Coalesce("body__merged_into", "body")
    is_late = Count("pk", filter=Q(overdue_from__lte=uk_date(now)))
    counted = asked.annotate(who=body).values_list("who").annotate(asked=Count("pk"), late=is_late)
    top = sorted(counted, key=lambda row: -row[1])[:MOST_BODIES]
    names = {row.pk: row for row in Body.objects.filter(pk__in=[row[0] for row in top])}
    return tuple(
        PictureCount(names[pk].key, names[pk].name, number, late) for pk, number, late in top
    )


def in_words(value: str) -> str:
    """A value of a framework that no longer has a label."""
    return value.replace("_", " ").capitalize()


def labels_of_lists() -> dict[str, str]:
    """Labels of the categories and audiences of all published frameworks."""
    labels: dict[str, str] = {}
    for framework in published_frameworks():
        lists = file_of(framework).recommendations
        for option in (*lists.categories, *lists.audiences):
            labels.setdefault(option.value, option.label)
    return labels


# ---- one recommendation ----


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A line of a ledger. warm: something is late or was refused; source: Source."""

    on: date
    label: str
    words: str
    source: str
    warm: bool = False


@dataclass(frozen=True, slots=True)
class AddresseeView:
    """An addressee as its page shows it. body: None if it has no public page; level: in words."""

    addressee: Addressee
    body: Body | None
    level: str
    late: bool
    lines: tuple[LedgerLine, ...]
    actions: tuple[AddresseeAction, ...]


@dataclass(frozen=True, slots=True)
class RecommendationView:
    """A recommendation as its page shows it.

    withheld: only its words are shown. whole: what was reported of it as a whole.
    """

    recommendation: Recommendation
    withheld: bool
    late: bool
    addressees: tuple[AddresseeView, ...] = ()
    whole: tuple[LedgerLine, ...] = ()


def recommendation_view(
    reference: str, number: int, person: Actor, now: datetime
) -> RecommendationView:
    """One recommendation with its ledger. Raises NotFound."""
    rows = open_recommendations(person, now).select_related("review", "report")
    row = rows.filter(review__reference=reference, number=number).first()
    if row is None:
        raise NotFound(f"there is no recommendation {number} of {reference}")
    if not _may_see_facts(reference, person):
        return RecommendationView(row, withheld=True, late=False)
    today = uk_date(now)
    progress = list(
        Progress.objects.filter(
            recommendation__review=row.review, recommendation__number=number
        ).order_by("told_at", "pk")
    )
    asked = Addressee.objects.filter(review=row.review, number=number)
    addressees = asked.select_related("body__merged_into").prefetch_related("entries", "actions")
    shown = set(open_bodies(person, now).values_list("pk", flat=True))
    return RecommendationView(
        row,
        withheld=False,
        late=_is_late(row.overdue_from, today),
        addressees=tuple(
            _addressee_view(addressee, progress, shown, today) for addressee in addressees
        ),
        whole=tuple(_progress_lines(row for row in progress if row.addressee_id is None)),
    )


def finding_of(row: Recommendation) -> PassageRow | None:
    """The passage with the finding that a recommendation answers, in the current text.

    For a recommendation that the person may see: the finding is of the same report.
    """
    if not row.finding:
        return None
    return next((part for part in passages_of(row.report) if part.key == row.finding), None)


def _may_see_facts(reference: str, person: Actor) -> bool:
    return person is None or not facts_are_withheld(reference, person)


def _is_late(overdue_from: date | None, today: date) -> bool:
    return overdue_from is not None and overdue_from <= today


def _addressee_view(
    addressee: Addressee, progress: list[Progress], shown: set[int], today: date
) -> AddresseeView:
    body = addressee.body and (addressee.body.merged_into or addressee.body)
    entries = [entry for entry in addressee.entries.all() if entry.taken_back_at is None]
    lines = [_entry_line(entry, addressee) for entry in entries]
    lines += _progress_lines(row for row in progress if row.addressee_id == addressee.pk)
    answered = any(entry.kind == "answered" for entry in entries)
    if addressee.answer_due is not None:
        late = not answered and addressee.answer_due < today
        words = "no answer came" if late else ""
        lines.append(LedgerLine(addressee.answer_due, "Answer due", words, "rule", late))
    lines.sort(key=lambda line: line.on)
    return AddresseeView(
        addressee,
        body if body is not None and body.pk in shown else None,
        response_schemes().level_label(addressee.scheme, addressee.level),
        _is_late(addressee.overdue_from, today),
        tuple(lines),
        tuple(addressee.actions.all()),
    )


def _entry_line(entry: LedgerEntry, addressee: Addressee) -> LedgerLine:
    label = entry.get_answer_display() if entry.answer else entry.get_kind_display()
    words = ": ".join(part for part in (entry.how, entry.text) if part)
    if entry.level:
        level = response_schemes().level_label(addressee.scheme, entry.level)
        words = ": ".join(part for part in (level, entry.text) if part)
    warm = entry.kind in {"reminded", "listed", "escalated"} or entry.answer == "rejected"
    return LedgerLine(entry.on, label, words, entry.source, warm)


def _progress_lines(rows: Iterator[Progress]) -> Iterator[LedgerLine]:
    for row in rows:
        parts = [row.get_impact_display(), row.evidence]
        if row.judged_by:
            parts.append(f"judged by {row.judged_by}")
        if row.due:
            parts.append(f"due {row.due.day} {row.due:%B %Y}")
        label = row.get_status_display()
        if row.verified is not None:
            label += ", verified" if row.verified else ", not confirmed"
        yield LedgerLine(row.day, label, ". ".join(part for part in parts if part), row.source)


def open_addressees(person: Actor, now: datetime) -> QuerySet[Addressee]:
    """Everybody who was asked by a recommendation whose words a person may see.

    Raises NotPermitted: for those who record what happened.
    """
    require_permission(person, "record progress")
    of_row = open_recommendations(person, now).filter(
        review=OuterRef("review"), number=OuterRef("number")
    )
    return Addressee.objects.filter(Exists(of_row)).select_related("review", "body")


# ---- of a body ----


def recommendations_to(body: Body, person: Actor, now: datetime) -> QuerySet[Addressee]:
    """Where a body was asked to act, the latest first; none of a review that is protected."""
    rows = open_recommendations(person, now).exclude(review__reference__in=_withheld(person))
    of_row = rows.filter(review=OuterRef("review"), number=OuterRef("number"))
    asked = Addressee.objects.filter(
        Q(body=body) | Q(body__merged_into=body), Exists(of_row)
    ).select_related("review")
    return asked.order_by(F("told_on").desc(nulls_last=True), "pk")
