"""From the database to the documents of the index: a few queries for each batch of reviews."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from waymark.accounts.models import State, Visible
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.documents.models import Passage, PassageKind, Report, ReportText, Review
from waymark.library.analysis import analysed
from waymark.library.facts import NATURE, YEAR_OF_REVIEW, Fact, themes_of, values_of, year_of
from waymark.library.search import Analysed, PassageDocument, RecordDocument, ReviewDocuments, Seen

# Reviews read at once: their texts stand in memory together.
BATCH = 20
ALWAYS = datetime.min.replace(tzinfo=UTC)


def documents_of(reviews: Iterable[int], *, now: datetime) -> Iterator[ReviewDocuments]:
    """The documents of each review, in their order; memory holds BATCH reviews at a time."""
    batch: list[int] = []
    for review in reviews:
        batch.append(review)
        if len(batch) == BATCH:
            yield from _batch(batch, now)
            batch = []
    if batch:
        yield from _batch(batch, now)


@dataclass(frozen=True, slots=True)
class _Part:
    """A report's words. public_from: ALWAYS where it is public already; None where it is not."""

    report: int
    public_from: datetime | None
    texts: tuple[Analysed, ...]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What was agreed about the reviews of a batch."""

    themes: dict[int, list[Fact]]
    natures: dict[int, list[Fact]]
    years: dict[int, list[Fact]]


def _batch(numbers: Sequence[int], now: datetime) -> Iterator[ReviewDocuments]:
    reviews = Review.objects.filter(state__in=OPEN_TO_STAFF).in_bulk(list(numbers))
    reports = Report.objects.filter(review__in=reviews, state__in=OPEN_TO_STAFF).order_by("pk")
    of_review: dict[int, list[Report]] = defaultdict(list)
    for report in reports:
        of_review[report.review_id].append(report)
    passages = _passages([report.pk for report in reports])
    facts = _Facts(
        themes_of(reviews), values_of(reviews, NATURE), values_of(reviews, YEAR_OF_REVIEW)
    )
    for number in numbers:
        review = reviews.get(number)
        if review is None:
            yield ReviewDocuments(number)
        else:
            yield _review(review, of_review[number], passages, facts, now)


def _passages(reports: list[int]) -> dict[int, list[tuple[int, bool, Analysed]]]:
    """Number, whether a heading, and words of each passage of each report."""
    contents = dict(
        ReportText.objects.filter(report__in=reports).values_list("report_id", "content")
    )
    rows = (
        Passage.objects.filter(report__in=reports)
        .order_by("report_id", "ordinal")
        .values_list("report_id", "pk", "start", "end", "kind")
    )
    found: dict[int, list[tuple[int, bool, Analysed]]] = defaultdict(list)
    for report, number, start, end, kind in rows.iterator(chunk_size=2_000):
        words = _words(contents.get(report, "")[start:end])
        found[report].append((number, kind == PassageKind.HEADING, words))
    return found


def _review(
    review: Review,
    reports: list[Report],
    passages: dict[int, list[tuple[int, bool, Analysed]]],
    facts: _Facts,
    now: datetime,
) -> ReviewDocuments:
    opening = _public_from(review, now)
    parts, places = [], []
    for report in reports:
        since = _later(opening, _public_from(report, now))
        seen = Seen(staff=True, public=since is not None, since=_moment(since))
        texts = [_words(report.title)]
        for number, heading, words in passages[report.pk]:
            places.append(PassageDocument(seen, number, words, heading))
            texts.append(words)
        parts.append(_Part(report.pk, since, tuple(texts)))
    records = tuple(_record(review, seen, held, facts) for seen, held in _views(opening, parts))
    return ReviewDocuments(review.pk, records, tuple(places))


def _views(opening: datetime | None, parts: list[_Part]) -> list[tuple[Seen, list[_Part]]]:
    """The different ways in which a review shows: to whom, when, and with which reports.

    Where everybody may see all that staff may, one document does for both.
    """
    if opening is None:
        return [(Seen(staff=True, public=False), parts)]
    moments = sorted({opening} | {p.public_from for p in parts if p.public_from is not None})
    views = []
    for number, since in enumerate(moments):
        until = moments[number + 1] if number + 1 < len(moments) else None
        held = [p for p in parts if p.public_from is not None and p.public_from <= since]
        views.append((Seen(staff=False, public=True, since=_moment(since), until=until), held))
    if len(views) == 1 and moments == [ALWAYS] and len(views[0][1]) == len(parts):
        return [(Seen(staff=True, public=True), parts)]
    return [(Seen(staff=True, public=False), parts), *views]


def _record(review: Review, seen: Seen, parts: list[_Part], facts: _Facts) -> RecordDocument:
    reports = frozenset(part.report for part in parts)
    themes = _of(facts.themes, review, reports)
    natures = _of(facts.natures, review, reports)
    year = year_of(review, _of(facts.years, review, reports))
    title = _words(review.title)
    about = [title, _words(review.summary), _words(review.board)]
    return RecordDocument(
        seen=seen,
        reports=tuple(part.report for part in parts),
        title=title,
        texts=(*about, *(text for part in parts for text in part.texts)),
        words={
            "theme": _stems(said for fact in themes for said in (fact.value, fact.label)),
            "nature": _stems(said for fact in natures for said in (fact.value, fact.label)),
            "nation": _stems([review.nation]),
            "board": _stems([review.board]),
            "review": _stems([review.reference, review.title]),
            "type": _stems([review.review_type]),
        },
        facets={
            "theme": tuple(fact.value for fact in themes),
            "nature": tuple(fact.value for fact in natures),
            "year": () if year is None else (str(year),),
            "nation": (review.nation,) if review.nation else (),
            "type": (review.review_type,) if review.review_type else (),
        },
        dated=_day(review.published_on or review.completed_on),
    )


def _of(facts: dict[int, list[Fact]], review: Review, reports: frozenset[int]) -> list[Fact]:
    return [fact for fact in facts.get(review.pk, []) if fact.seen_with(reports)]


def _public_from(thing: Visible, now: datetime) -> datetime | None:
    """From when everybody may see it: ALWAYS, a moment to come, or None for never as it stands."""
    if thing.state == State.PUBLISHED:
        return ALWAYS
    if thing.state == State.EMBARGOED and thing.public_from is not None:
        return ALWAYS if thing.public_from <= now else thing.public_from
    return None


def _later(first: datetime | None, second: datetime | None) -> datetime | None:
    return None if first is None or second is None else max(first, second)


def _moment(since: datetime | None) -> datetime | None:
    return None if since == ALWAYS else since


def _day(known: date | None) -> int:
    return known.toordinal() if known else 0


def _words(text: str) -> Analysed:
    return Analysed(*analysed(text))


def _stems(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(stems for text in texts if (stems := analysed(text)[1]))
