"""Recommendations with their standing, limited to what a person may see.

Where an overview protects small numbers, single standings would undo the protection: of these
reviews the words are shown and the standing is not, and they are not counted by standing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from waymark.accounts.permissions import Actor, has_permission, require_permission
from waymark.accounts.visibility import in_visible, visible_to
from waymark.bodies.models import Body
from waymark.bodies.queries import names_of, open_bodies
from waymark.core.errors import NotFound, require_found
from waymark.core.uk_time import uk_date
from waymark.documents.models import Report
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
)
from waymark.recommendations.response_schemes import response_schemes


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


# ---- rows ----


def open_recommendations(person: Actor, now: datetime) -> QuerySet[Recommendation]:
    """The current recommendations whose words a person may see."""
    # Joins, not lists of keys: the national picture goes through all of them.
    return Recommendation.objects.filter(
        visible_to(person, now=now, prefix="review__"),
        in_visible(Report, person, now=now, prefix="report__"),
        superseded_at=None,
    )


def withheld_reviews(person: Actor) -> frozenset[str]:
    """References of the reviews whose standings a person must not see."""
    if has_permission(person, "see protected numbers"):
        return frozenset()
    return frozenset(reviews_with_protected_numbers())


def listed_recommendations(
    choice: PictureChoice, person: Actor, now: datetime
) -> QuerySet[Recommendation]:
    """The recommendations of a choice whose standing a person may see. Raises NotFound."""
    rows = open_recommendations(person, now).exclude(review__reference__in=withheld_reviews(person))
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
        body = open_body(choice.board, person, now)
        rows = rows.filter(review__board__in=names_of(body).values("name"))
    return rows


def open_body(key: str, person: Actor, now: datetime) -> Body:
    return require_found(
        open_bodies(person, now).filter(key=key).first(), f"there is no body {key}"
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
    open_keys = set(open_bodies(person, now).values_list("pk", flat=True))
    return RecommendationView(
        row,
        withheld=False,
        late=_is_late(row.overdue_from, today),
        addressees=tuple(
            _addressee_view(addressee, progress, open_keys, today) for addressee in addressees
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
    rows = open_recommendations(person, now).exclude(review__reference__in=withheld_reviews(person))
    of_row = rows.filter(review=OuterRef("review"), number=OuterRef("number"))
    addressees = Addressee.objects.filter(
        Q(body=body) | Q(body__merged_into=body), Exists(of_row)
    ).select_related("review")
    return addressees.order_by(F("told_on").desc(nulls_last=True), "pk")
