"""Passages of other reviews that say something like one passage, where search by meaning is on.

The passages nearest in meaning, in the fused order of their nearness and of the rare words that
they share with it. On passages that people coded this finds more with a code in common than either
order alone (benchmarks/near.py). Vectors are those that a search has: none is made here.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import F
from django.db.models.functions import Substr

from waymark.accounts.permissions import Actor
from waymark.core.spans import Span
from waymark.documents.models import Passage, Report
from waymark.library.language.analyser import analyse_text
from waymark.library.meaning.fusion import fused
from waymark.library.meaning.vectors import text_hash
from waymark.library.queries.hydrate import visible_passage_numbers
from waymark.library.queries.meaning import LEAST_LIKENESS, meaning_is_on
from waymark.library.queries.passages import passage_hits, visible_passages
from waymark.library.queries.search import audience_of
from waymark.library.queries.vector_files import vectors_for
from waymark.library.search.index_values import microseconds
from waymark.library.search.protocol import PassageResults
from waymark.library.search.results import PassageHit
from waymark.library.search.similar_texts import rank_similar

NEAREST = 200
"""Passages among which those of other reviews are: many may be of the same review."""
COMPARED = 50
"""Passages of other reviews whose words are compared."""


def similar_passages(
    report: Report, span: Span, *, person: Actor, now: datetime, limit: int
) -> tuple[PassageHit, ...]:
    """The passages most like the one with this span, as far as the person may see them.

    span: in the current text of the report. Empty where search by meaning is off, and for words
    without a vector: of several passages, of a heading, or new.
    """
    text = _passage_around(report, span) if meaning_is_on() else ""
    if not text:
        return ()
    store, key = vectors_for(staff=audience_of(person, now).staff), text_hash(text)
    vector = store.vectors_of([key]).get(key)
    if vector is None:
        return ()
    rows = store.nearest(vector, now=microseconds(now), limit=NEAREST)
    near = {row.passage: row.text for row in rows if row.likeness >= LEAST_LIKENESS}
    texts = _texts_of_others(near, report, person, now)
    by_meaning = [number for number in near if number in texts][:COMPARED]
    by_words = rank_similar(text, [(number, texts[number]) for number in by_meaning], _stems)
    order = fused([by_meaning, [number for number, _ in by_words]])[:limit]
    results = PassageResults(len(order), tuple(order))
    return passage_hits(results, visible_passages(results, person, now), None)


def _passage_around(report: Report, span: Span) -> str:
    """The words of the passage that contains a span; "" if none does."""
    around = report.passages.filter(start__lte=span.start, end__gte=span.end)
    return around.order_by("start").values_list(_WORDS, flat=True).first() or ""


def _texts_of_others(
    near: Mapping[int, bytes], report: Report, person: Actor, now: datetime
) -> dict[int, str]:
    """Number -> words of the passages that the person may see, of other reviews than a report's.

    near: number -> hash of the words of which the vector is. A passage that has other words now,
    such as after a backup was restored, is left out until the vectors follow.
    """
    rows = Passage.objects.filter(pk__in=visible_passage_numbers(list(near), person, now))
    others = rows.exclude(report__review=report.review_id).order_by()
    texts = others.values_list("pk", _WORDS)
    return {number: words for number, words in texts if text_hash(words) == near[number]}


def _stems(text: str) -> list[str]:
    return analyse_text(text)[1].split()


# Cut out by the database: a whole report has thousands of times the words of a passage.
_WORDS = Substr("report__text__content", F("start") + 1, F("end") - F("start"))
