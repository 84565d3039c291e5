"""Passages that may not be cited because their words carry a fact that a table may withhold."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache

from waymark.core.errors import NotFound, ParseError
from waymark.core.evidence import reading_of_key, report_of_key
from waymark.core.spans import Span, merged_spans
from waymark.documents.keys import SpanKey, parse_span_key
from waymark.documents.models import Report
from waymark.documents.queries.readings import ReadingComparison
from waymark.overview.models import Snapshot
from waymark.overview.queries.overviews import frozen_rows
from waymark.overview.releases.release import Release


@lru_cache(maxsize=4)
def _fact_spans(pk: int, sha256: str) -> dict[str, list[Span]]:
    """Spans of each text that support a fact about a review or child. sha256: for the key."""
    facts: dict[str, list[Span]] = defaultdict(list)
    for row in frozen_rows(Snapshot.objects.get(pk=pk)).judgements:
        for quote in row.quotes:
            facts[quote.text].append(Span(quote.start, quote.end))
    return {text: merged_spans(spans) for text, spans in facts.items()}


class FactPlaces:
    """The places of facts about children, families and reviews. spans: by the key of the text."""

    def __init__(self, spans: Mapping[str, Sequence[Span]]) -> None:
        self.spans = spans
        self._comparisons: dict[str, ReadingComparison] = {}

    def carried_by(self, place: SpanKey) -> bool:
        """True if words carry a fact, or if nobody can tell.

        Facts in another reading of the same report are compared by words. Example: facts were
        frozen with reading 1, and a chapter cites the same words in reading 2.
        """
        texts = [text for text in self.spans if report_of_key(text) == place.report]
        return any(self._overlaps(text, self._place_in(text, place)) for text in texts)

    def cover(self, place: SpanKey) -> bool:
        """True if words are a part of one of the places."""
        for text in self.spans:
            span = self._place_in(text, place) if report_of_key(text) == place.report else None
            if span is not None and any(
                fact.start <= span.start and span.end <= fact.end for fact in self.spans[text]
            ):
                return True
        return False

    def _place_in(self, text: str, place: SpanKey) -> Span | None:
        if text == place.text:
            return place.span
        if place.report not in self._comparisons:
            report = Report.objects.get(key=place.report)
            self._comparisons[place.report] = ReadingComparison(report)
        with suppress(NotFound):
            return self._comparisons[place.report].words_in(
                place.reading, place.span, reading_of_key(text)
            )
        return None

    def _overlaps(self, text: str, span: Span | None) -> bool:
        # Half-open spans overlap: [10, 20) and [19, 30) share 19; [10, 20) and [20, 30) share
        # nothing.
        return span is None or any(
            fact.start < span.end and span.start < fact.end for fact in self.spans[text]
        )


def side_doors(snapshot: Snapshot, release: Release, keys: Iterable[str]) -> dict[str, str]:
    """Keys that may not be cited under the profile of a release, each with the reason.

    Under open there are none. Under another profile, words that support a fact about a child,
    family or review would reveal one that is counted in a number that may be withheld. Example: a
    table withholds 3 of 24 reviews with neglect; a quotation about neglect names one of the 3. If
    the way from numbers to reviews is closed too, no passage may be cited.
    """
    if release.profile == "open":
        return {}
    decided = not release.spec.disclosure.open_process
    if decided or not release.opens:
        why = "themes are counted by a fact about people, so no review may be named for one"
        if decided:
            why = "the data controller closed the way to the reviews (open_process: false)"
        return {
            key: f"under {release.profile} the passage {key} cannot be cited: {why}" for key in keys
        }
    facts = FactPlaces(_fact_spans(snapshot.pk, snapshot.sha256))
    refused = {}
    for key in keys:
        try:
            place = parse_span_key(key)
        except ParseError:
            continue
        if facts.carried_by(place):
            refused[key] = (
                f"under {release.profile} the passage {key} cannot be cited: its words carry a fact"
                " about a child or a family, which tells what a table may withhold"
            )
    return refused
