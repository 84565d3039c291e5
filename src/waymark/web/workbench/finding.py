"""Finding words in the report that a coder codes: only pages in view are in the browser."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from waymark.core.spans import Span
from waymark.documents.queries.readings import passage_spans
from waymark.web.shared.clean_input import clean_line
from waymark.web.workbench.bench import ENTERED, Bench
from waymark.web.workbench.parts import TextPart

LONGEST_WORDS = 200
MOST_FOUND = 500
AROUND = 70
"""Characters of the text before and after found words."""
_APOSTROPHE = re.compile("['\u2018\u2019]")


def places_of(words: str, text: str) -> Iterator[Span]:
    """Where words are in a text, whatever the capitals, line breaks and kind of apostrophe."""
    parts = [_APOSTROPHE.sub(_APOSTROPHE.pattern, re.escape(part)) for part in words.split()]
    if parts:
        for match in re.finditer(r"\s+".join(parts), text, re.IGNORECASE):
            yield Span(*match.span())


@dataclass(frozen=True, slots=True)
class FoundWords:
    """Words found in a report. before, after: around them, of their passage alone, because the
    next one may be hidden; hidden: their own is.
    """

    span: Span
    part: TextPart
    before: str
    words: str
    after: str
    hidden: bool


@require_safe
def find_words(request: HttpRequest, name: str, version: str, key: str) -> HttpResponse:
    """Places of ?q= in the report: a list with links, or for the script their positions."""
    bench = Bench.of(request, key, name, version)
    if key not in request.session.get(ENTERED, []):
        # The content note comes before all words of the report.
        return redirect(bench.address())
    words = clean_line(request.GET.get("q", ""))[:LONGEST_WORDS]
    places = list(places_of(words, bench.content))
    first_places = places[:MOST_FOUND]
    if request.accepts("text/html"):
        rows = list(_found(bench, first_places))
        context = {"bench": bench, "words": words, "rows": rows, "number": len(places)}
        return render(request, "workbench/find.html", context)
    rows_of_places = [
        [span.start, span.end, bench.part_at(span.start).number] for span in first_places
    ]
    return JsonResponse({"places": rows_of_places, "number": len(places)})


def _found(bench: Bench, places: list[Span]) -> Iterator[FoundWords]:
    text, report = bench.content, bench.desk.report
    passages = passage_spans(report, report.reading, Span(0, len(text))) if places else []
    starts = [passage.start for passage in passages]
    for span in places:
        at = bisect_right(starts, span.start) - 1
        first, last = (passages[at].start, passages[at].end) if at >= 0 else (span.start, span.end)
        yield FoundWords(
            span,
            bench.part_at(span.start),
            text[max(span.start - AROUND, first) : span.start],
            span.of(text),
            text[span.end : min(span.end + AROUND, last)],
            bench.is_veiled(text[first:last]),
        )
