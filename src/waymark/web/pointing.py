"""What is marked on a page of a report: the words that somebody searched for, or a cited place."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest

from waymark.core.errors import ParseError
from waymark.core.spans import Span
from waymark.documents.keys import parse_span_key
from waymark.documents.models import Report
from waymark.documents.queries import Stretch
from waymark.library.queries import Marks, marks_for
from waymark.web.asked import AS_TYPED
from waymark.web.typed import typed

MOST_PLACES = 50
"""Places marked on one page at most: more than a page can show, and an address can carry."""
MOST_WORDS = 400


@dataclass(frozen=True, slots=True)
class Pointed:
    """marks: what is marked, words or places. places: what is cited, where the page opens."""

    marks: tuple[Span, ...]
    places: tuple[Span, ...] = ()

    def opens_at(self, stretch: Stretch) -> bool:
        """Whether a stretch of the page holds what the page was opened for."""
        return any(
            span.start < stretch.end and stretch.start < span.end
            for span in self.places or self.marks
        )


def pointed_at(request: HttpRequest, report: Report, stretches: Iterable[Stretch]) -> Pointed:
    """What an address points at: ?at= a place, and ?q= the words that were searched for.

    Without words, or where none of them stands on this page, the places themselves are marked.
    """
    places = tuple(_places(request.GET.getlist("at"), report))
    words = tuple(_words(request, stretches))
    return Pointed(words or places, places)


def _places(keys: Iterable[str], report: Report) -> Iterable[Span]:
    """The places named by keys, as far as they are places in this report."""
    for key in list(keys)[:MOST_PLACES]:
        try:
            owner, span = parse_span_key(key)
        except ParseError:
            continue
        if owner == report.key:
            yield span


def _words(request: HttpRequest, stretches: Iterable[Stretch]) -> list[Span]:
    query = typed(request.GET.get("q", ""))
    if not query:
        return []
    marks: Marks = marks_for(query, broaden=request.GET.get("broaden") != AS_TYPED)
    found = [
        Span(stretch.start + start, stretch.start + end)
        for stretch in stretches
        for start, end in marks(stretch.text)
    ]
    return found[:MOST_WORDS]
