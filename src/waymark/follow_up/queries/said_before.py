"""Recommendations that say nearly the same as another, of all reviews and inquiries.

The vectors of all current words are cached in each process. They name no row that a person sees:
each answer reads the rows again from what the person may see at this moment, so what is withdrawn
is gone at once. Words never change, so the cache grows by the rows that were added since.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from django.db.models import Q, QuerySet

from waymark.accounts.content_state import ContentCache, ContentMark
from waymark.accounts.permissions import Actor
from waymark.accounts.visibility import visible_to
from waymark.follow_up.queries import open_recommendations
from waymark.follow_up.text_similarity import CLOSE, LEAST, MOST, TextVectors, stems_of
from waymark.recommendations.import_rows import fingerprint_of
from waymark.recommendations.models import (
    Comparison,
    InquiryAddressee,
    InquiryRecommendation,
    Recommendation,
    RecommendationRelation,
)
from waymark.recommendations.relation_keys import RelationKey, read_relation_key

LOOKED_AT = 200
"""Nearest texts that are looked at for rows the person may see."""


@dataclass(frozen=True, slots=True)
class ComparedRecommendation:
    """A recommendation of a review or an inquiry, to be compared with others.

    source: its review or inquiry, such as "review-12"; label: short, unique to it; title: of the
    review or scheme. review, number or scheme, number: what its page is addressed by.
    """

    key: RelationKey
    source: str
    label: str
    text: str
    review: str = ""
    number: int = 0
    scheme: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class SaidBefore:
    """A recommendation beside another. relation: Comparison, "" if nobody has compared the two.

    identical: the same words; same_source: of the same review or inquiry.
    """

    other: ComparedRecommendation
    similarity: float
    identical: bool
    same_source: bool
    relation: str = ""

    @property
    def closeness(self) -> str:
        """The similarity in words, "" if it is below what is shown."""
        if self.identical:
            return "The same words"
        if self.similarity >= CLOSE:
            return "Nearly the same words"
        return "Similar words" if self.similarity >= LEAST else ""


@dataclass(frozen=True, slots=True)
class RepeatedPair:
    """Two recommendations that say nearly the same."""

    one: ComparedRecommendation
    other: ComparedRecommendation
    similarity: float
    identical: bool


# ---- the vectors ----


Row = tuple[str, int]
"""Table and primary key of a recommendation."""
REVIEW, INQUIRY = "review", "inquiry"


class _Index:
    """Vectors of the words of every recommendation, with its row."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._begin()

    def nearest(self, text: str) -> list[tuple[Row, float]]:
        """The rows with the most similar words, with the similarity, the most similar first."""
        with self._lock:
            new = list(self._new_rows())
            self._vectors.add([words for _, words in new])
            self._note(new)
            if self._vectors.outgrown:
                self._begin()
            near = self._vectors.nearest(text, least=LEAST, most=LOOKED_AT)
            return [(self._rows[at], similarity) for at, similarity in near]

    def _begin(self) -> None:
        self._rows: list[Row] = []
        self._known: set[Row] = set()
        self._last = {REVIEW: 0, INQUIRY: 0}
        rows = list(self._new_rows())
        self._vectors = TextVectors((words for _, words in rows), stems_of)
        self._note(rows)

    def _note(self, rows: Iterable[tuple[Row, str]]) -> None:
        for row, _ in rows:
            self._rows.append(row)
            self._known.add(row)
            self._last[row[0]] = max(self._last[row[0]], row[1])

    def _new_rows(self) -> Iterator[tuple[Row, str]]:
        # A row can be committed after one with a higher key: the latest are looked at again.
        reviews = Recommendation.objects.filter(
            pk__gt=self._last[REVIEW] - LOOKED_AT, superseded_at=None
        )
        inquiries = InquiryRecommendation.objects.filter(pk__gt=self._last[INQUIRY] - LOOKED_AT)
        for table, rows in (
            (REVIEW, reviews.order_by("pk").values_list("pk", "exact")),
            (INQUIRY, inquiries.order_by("pk").values_list("pk", "text")),
        ):
            for pk, words in rows.iterator(chunk_size=5_000):
                if (table, pk) not in self._known:
                    yield (table, pk), words


_indexes: ContentCache[_Index] = ContentCache(1)


# ---- what a person may see ----


def open_inquiry_recommendations(person: Actor, now: datetime) -> QuerySet[InquiryRecommendation]:
    """The current recommendations of inquiries of schemes that a person may see."""
    return InquiryRecommendation.objects.filter(
        visible_to(person, now=now, prefix="inquiry__scheme__"), superseded_at=None
    )


def _compared(
    reviews: Iterable[Recommendation], inquiries: Iterable[InquiryRecommendation]
) -> Iterator[tuple[Row, ComparedRecommendation]]:
    for row in reviews:
        yield (
            (REVIEW, row.pk),
            ComparedRecommendation(
                RelationKey(review=row.review_id, number=row.number),
                f"review-{row.review_id}",
                f"{row.review.reference} recommendation {row.number}",
                row.exact,
                review=row.review.reference,
                number=row.number,
                title=row.review.title,
            ),
        )
    rows = list(inquiries)
    numbers = _first_numbers(rows)
    for item in rows:
        yield (
            (INQUIRY, item.pk),
            ComparedRecommendation(
                RelationKey(inquiry=item.pk),
                f"inquiry-{item.inquiry_id}",
                f"{item.inquiry.reference} {numbers.get(item.pk, '')}".strip(),
                item.text,
                number=item.pk,
                scheme=item.inquiry.scheme.key,
                title=item.inquiry.scheme.name,
            ),
        )


def _first_numbers(rows: Sequence[InquiryRecommendation]) -> dict[int, str]:
    """Primary key of each recommendation -> the first number by which its scheme knows it."""
    numbers: dict[int, str] = {}
    for at in range(0, len(rows), 1_000):
        current = InquiryAddressee.objects.filter(
            recommendation__in=[row.pk for row in rows[at : at + 1_000]], superseded_at=None
        )
        numbers |= dict(current.order_by("-number").values_list("recommendation", "number"))
    return numbers


def _visible(
    rows: Sequence[Row], person: Actor, now: datetime
) -> dict[Row, ComparedRecommendation]:
    keys: dict[str, list[int]] = {REVIEW: [], INQUIRY: []}
    for table, pk in rows:
        keys[table].append(pk)
    reviews = open_recommendations(person, now).filter(pk__in=keys[REVIEW])
    inquiries = open_inquiry_recommendations(person, now).filter(pk__in=keys[INQUIRY])
    return dict(
        _compared(reviews.select_related("review"), inquiries.select_related("inquiry__scheme"))
    )


def recommendation_with(
    key: RelationKey, person: Actor, now: datetime
) -> ComparedRecommendation | None:
    """The recommendation of a key, if the person may see it."""
    return next(iter(_with_keys([key], person, now).values()), None)


def recommendation_of(
    reference: str, number: int, person: Actor, now: datetime
) -> ComparedRecommendation | None:
    """The recommendation of a review, if the person may see it."""
    rows = open_recommendations(person, now).filter(review__reference=reference, number=number)
    return next((row for _, row in _compared(rows.select_related("review"), ())), None)


def _with_keys(
    keys: Iterable[RelationKey], person: Actor, now: datetime
) -> dict[RelationKey, ComparedRecommendation]:
    keys = list(keys)
    reviews = Q(pk=None)
    for key in keys:
        if key.review:
            reviews |= Q(review=key.review, number=key.number)
    rows = _compared(
        open_recommendations(person, now).filter(reviews).select_related("review"),
        open_inquiry_recommendations(person, now)
        .filter(pk__in=[key.inquiry for key in keys if key.inquiry])
        .select_related("inquiry__scheme"),
    )
    return {row.key: row for _, row in rows}


# ---- answers ----


def said_before(
    text: str,
    person: Actor,
    now: datetime,
    *,
    key: RelationKey | None = None,
    source: str = "",
    with_different: bool = False,
) -> list[SaidBefore]:
    """What says nearly the same as a text, of what a person may see.

    First what people have confirmed; then what comes from elsewhere in other words; then the same
    words, and what is of the same review. key: of the recommendation itself, None if it is not
    recorded yet; source: its review or inquiry, such as "review-12". with_different: also what
    people judged to be something else.
    """
    # One index for all states of the content: it follows what is added by itself.
    near = _indexes.value(ContentMark("", staff=True, visible=()), "words", _Index).nearest(text)
    visible = _visible([row for row, _ in near], person, now)
    relations = _relations_of(key) if key is not None else {}
    similarities = {
        visible[row].key: (visible[row], similarity) for row, similarity in near if row in visible
    }
    for other, row in _with_keys(relations, person, now).items():
        similarities.setdefault(other, (row, 0.0))
    words = fingerprint_of(text)
    answers = [
        SaidBefore(
            row,
            similarity,
            fingerprint_of(row.text) == words,
            row.source == source,
            relations.get(other, ""),
        )
        for other, (row, similarity) in similarities.items()
        if other != key
    ]
    if not with_different:
        answers = [row for row in answers if row.relation != Comparison.DIFFERENT]
    answers.sort(key=_order)
    related = sum(1 for row in answers if row.relation)
    return answers[: max(MOST, related)]


def _order(row: SaidBefore) -> tuple[bool, bool, bool, float, str]:
    confirmed = row.relation in {Comparison.SAME, Comparison.CONTRADICTS}
    return not confirmed, row.same_source, row.identical, -row.similarity, row.other.label


def _relations_of(key: RelationKey) -> dict[RelationKey, str]:
    """Keys of the recommendations that people have compared with one, with how they relate."""
    own = str(key)
    rows = RecommendationRelation.objects.filter(
        Q(first=own) | Q(second=own), taken_back_at=None
    ).values_list("first", "second", "relation")
    relations = {}
    for first, second, relation in rows:
        other = read_relation_key(second if first == own else first)
        if other is not None:
            relations[other] = relation
    return relations


def repeated_pairs(
    person: Actor, now: datetime, *, least: float = LEAST, between_sources: bool = False
) -> list[RepeatedPair]:
    """All pairs of what a person may see that are at least so similar, the most similar first.

    between_sources: only of different reviews or inquiries. Pairs in different words come before
    those in the same words.
    """
    compared = [
        row
        for _, row in _compared(
            open_recommendations(person, now)
            .select_related("review")
            .order_by("review__reference", "number"),
            open_inquiry_recommendations(person, now)
            .select_related("inquiry__scheme")
            .order_by("inquiry__reference", "pk"),
        )
    ]
    prints = [fingerprint_of(row.text) for row in compared]
    vectors = TextVectors((row.text for row in compared), stems_of)
    pairs = [
        RepeatedPair(
            compared[pair.first],
            compared[pair.second],
            pair.similarity,
            prints[pair.first] == prints[pair.second],
        )
        for pair in vectors.pairs(least=least)
        if not between_sources or compared[pair.first].source != compared[pair.second].source
    ]
    return sorted(
        pairs, key=lambda pair: (pair.identical, -pair.similarity, pair.one.label, pair.other.label)
    )
