"""Contents of the page of a topic.

For visitors they are cached for a state of the library alone, in which the visible records are
counted anew at each request: so a withdrawal changes every number and passage at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import F, Q
from django.db.models.functions import Substr

from waymark.accounts.content_state import ContentCache
from waymark.accounts.permissions import Actor, has_permission
from waymark.accounts.visibility import in_visible
from waymark.coding.models import AgreedCode
from waymark.core.spans import Span
from waymark.documents.keys import SpanKey, parse_span_key, span_key
from waymark.documents.models import Passage, Report
from waymark.frameworks.models import Code
from waymark.frameworks.queries import current_framework
from waymark.library.models import TopicVersion
from waymark.library.queries.content_notes import content_notes_together
from waymark.library.queries.library_mark import index_mark
from waymark.library.queries.search import search_library
from waymark.library.queries.subjects import concept_names
from waymark.library.queries.topic_trees import open_topic_nodes
from waymark.library.queries.topics import OF_REVIEWS, TopicCount, topic_counts, topic_version
from waymark.library.search.highlights import highlight_spans
from waymark.library.search.protocol import SearchRequest
from waymark.library.search.results import SearchAnswer, SearchHit
from waymark.library.search.tree import TopicNode
from waymark.library.topics.passages import (
    BASES,
    NUMBER,
    TopicPassage,
    strongest_passages,
    whole_sentences,
    with_ellipses,
)
from waymark.library.topics.years import ReviewsByYear, reviews_by_year

CONSIDERED = 12
"""Reviews whose passages are compared: the first of the search for the topic."""
RESOURCES = 4


@dataclass(frozen=True, slots=True)
class TopicPage:
    """A topic with what a person may see of it.

    subjects: (key, name); codes, counted_codes: those of the current framework. reviews: number
    that the search reviews_query finds with the filter kind. content_notes: of the reviews of the
    passages, as a phrase. resources: the first of resources_total, found by resources_query.
    """

    version: TopicVersion
    by_year: ReviewsByYear
    passages: tuple[TopicPassage, ...]
    content_notes: str
    resources: tuple[SearchHit, ...]
    resources_total: int
    related: tuple[TopicCount, ...]
    subjects: tuple[tuple[str, str], ...]
    codes: tuple[Code, ...]
    counted_codes: tuple[Code, ...]

    @property
    def key(self) -> str:
        return self.version.topic.key

    @property
    def reviews(self) -> int:
        return self.by_year.total


def reviews_query(key: str) -> str:
    """The query for everything about a topic; for its reviews alone, with OF_REVIEWS."""
    return f"topic:{key}"


def resources_query(key: str) -> str:
    """The query for what is about a topic and no review."""
    return f"topic:{key} NOT kind:case-review"


_cached_pages: ContentCache[TopicPage] = ContentCache(size=64)


def topic_page(key: str, person: Actor, now: datetime) -> TopicPage:
    """The page of a topic; for visitors cached for a state of the library.

    Raises NotFound; ServiceUnavailable while there is no index.
    """
    mark = index_mark(person, now)
    version = topic_version(key)
    if mark is None or mark.staff:
        return _searched_page(version, person, now)
    place = version.pk, has_permission(person, "see protected numbers")
    return _cached_pages.value(mark, place, lambda: _searched_page(version, person, now))


def _searched_page(version: TopicVersion, person: Actor, now: datetime) -> TopicPage:
    key = version.topic.key
    node = open_topic_nodes(person)[key]
    request = SearchRequest(reviews_query(key), OF_REVIEWS, limit=CONSIDERED)
    answer = search_library(request, person=person, now=now)
    resources = search_library(
        SearchRequest(resources_query(key), limit=RESOURCES, counted=False), person=person, now=now
    )
    coded, only_counted = _coded_passages(answer.hits, node, person, now)
    candidates = _elsewhere([*coded, *_found_passages(answer.hits)], only_counted)
    strongest = _in_sentences(strongest_passages(candidates, number=2 * NUMBER))
    passages = _words_once(_elsewhere(strongest, only_counted))[:NUMBER]
    codes = _current_codes(version)
    return TopicPage(
        version,
        years_of(answer),
        tuple(passages),
        content_notes_together(passage.review for passage in passages),
        resources.hits,
        resources.total,
        tuple(topic_counts(person, now, keys=version.related)),
        tuple(concept_names(version.subjects).items()),
        tuple(code for code in codes if code.code in version.codes),
        tuple(code for code in codes if code.code in version.counted_codes),
    )


def years_of(answer: SearchAnswer) -> ReviewsByYear:
    """The reviews of a search by year: its facet of years."""
    facet = next((facet for facet in answer.facets if facet.name == "year"), None)
    counts = {int(value.value): value.count for value in facet.values} if facet else {}
    return reviews_by_year(counts, total=answer.total)


def _current_codes(version: TopicVersion) -> tuple[Code, ...]:
    """The codes of a topic that the current framework has, in its order."""
    listed = [*version.codes, *version.counted_codes]
    framework = current_framework() if listed else None
    if framework is None:
        return ()
    codes = Code.objects.filter(framework=framework, code__in=listed)
    return tuple(codes.select_related("framework"))


def _coded_passages(
    hits: Sequence[SearchHit], node: TopicNode, person: Actor, now: datetime
) -> tuple[list[TopicPassage], list[SpanKey]]:
    """Passages of some reviews with agreed codes of a topic, in reports that the person may see.

    Also the places of codes that only count, such as a cause of death: no passage is from there.
    """
    reviews = {
        hit.record.reference: (hit.record, rank)
        for rank, hit in enumerate(hits)
        if hit.record.number not in node.without_codes
    }
    rows = AgreedCode.codings.through.objects.filter(
        in_visible(Report, person, now=now, prefix="coding__report__"),
        agreedcode__review__reference__in=reviews,
        agreedcode__code__code__in=node.codes,
        agreedcode__present=True,
        agreedcode__superseded_at=None,
    ).order_by("agreedcode__code__order")
    agreed = (
        *("agreedcode__review__reference", "agreedcode__basis"),
        *("agreedcode__code__name", "agreedcode__code__code"),
    )
    coded: dict[tuple[str, str, int, str], list[tuple[str, str]]] = defaultdict(list)
    only_counted = []
    placed = rows.values_list(*agreed, "coding__key", "coding__page", "coding__exact")
    for review, basis, name, code, key, page, text in placed:
        if code in node.counted_codes:
            only_counted.append(parse_span_key(key))
        else:
            coded[review, key, page, text].append((basis, name))
    passages = [
        TopicPassage(
            review=review,
            title=reviews[review][0].title,
            key=key,
            page=page,
            text=text,
            basis=min((basis for basis, _ in agreements), key=BASES.index),
            codes=tuple(dict.fromkeys(name for _, name in agreements)),
            with_words=bool(highlight_spans(text, node)),
            rank=reviews[review][1],
        )
        for (review, key, page, text), agreements in coded.items()
    ]
    return passages, only_counted


def _elsewhere(passages: Iterable[TopicPassage], places: Iterable[SpanKey]) -> list[TopicPassage]:
    """The passages that share no words with any of the places."""
    taken: dict[str, list[Span]] = defaultdict(list)
    for place in places:
        taken[place.text].append(place.span)
    located = [(passage, parse_span_key(passage.key)) for passage in passages]
    return [
        passage
        for passage, place in located
        if not any(
            span.start < place.span.end and place.span.start < span.end
            for span in taken[place.text]
        )
    ]


def _words_once(passages: Iterable[TopicPassage]) -> list[TopicPassage]:
    """The passages without those that share words with a stronger one, which comes first.

    Two people may have coded parts of one sentence, and the search finds its whole paragraph.
    """
    kept: list[TopicPassage] = []
    for passage in passages:
        kept += _elsewhere([passage], [parse_span_key(each.key) for each in kept])
    return kept


def _in_sentences(passages: Sequence[TopicPassage]) -> list[TopicPassage]:
    """Passages that begin and end as sentences do, also where people coded fewer words.

    Words in an earlier reading, and those of two paragraphs, have an ellipsis instead.
    """
    places = {passage.key: parse_span_key(passage.key) for passage in passages}
    around = Q()
    for place in places.values():
        span = place.span
        around |= Q(
            report__key=place.report,
            report__reading=place.reading,
            start__lte=span.start,
            end__gte=span.end,
        )
    words = Substr("report__text__content", F("start") + 1, F("end") - F("start"))
    rows = Passage.objects.filter(around).order_by() if places else Passage.objects.none()
    located = rows.annotate(words=words).values_list("report__key", "start", "end", "words")
    paragraphs = list(located)
    return [_in_sentence(passage, places[passage.key], paragraphs) for passage in passages]


def _in_sentence(
    passage: TopicPassage, place: SpanKey, paragraphs: Sequence[tuple[str, int, int, str]]
) -> TopicPassage:
    span = place.span
    for report, start, end, words in paragraphs:
        if report == place.report and start <= span.start and span.end <= end:
            whole = whole_sentences(words, Span(span.start - start, span.end - start))
            cited = span_key(place.text, Span(whole.start + start, whole.end + start))
            return replace(passage, key=cited, text=with_ellipses(whole.of(words)))
    return replace(passage, text=with_ellipses(passage.text))


def _found_passages(hits: Sequence[SearchHit]) -> list[TopicPassage]:
    """Passages with the topic's words, which nobody has coded for it."""
    return [
        TopicPassage(
            review=hit.record.reference,
            title=hit.record.title,
            key=passage.key,
            page=passage.page,
            text=passage.text,
            basis="",
            codes=(),
            with_words=True,
            rank=rank,
            place=place,
        )
        for rank, hit in enumerate(hits)
        for place, passage in enumerate(hit.passages)
    ]
