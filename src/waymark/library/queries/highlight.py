"""Highlight the words of a search in any text, for the pages that a hit links to."""

from collections.abc import Callable

from django.utils import timezone

from waymark.accounts.permissions import Actor
from waymark.library.queries.search import audience_of
from waymark.library.queries.topic_trees import with_topics
from waymark.library.queries.wording import QueryWorder
from waymark.library.search.highlights import HighlightSpan, highlight_spans
from waymark.library.search.parser import parse_query

Highlighter = Callable[[str], list[HighlightSpan]]


def highlighter_for(query: str, person: Actor, *, broaden: bool = True) -> Highlighter:
    """Return a function: text -> [start, end) of each word of the query in it, as in hits.

    query: as typed; parts that are not understood are ignored. broaden: also highlight the other
    names that the thesaurus has for the typed words, as a search by this person does.
    """
    audience = audience_of(person, timezone.now())
    worder = QueryWorder(query, audience, broaden=broaden)
    tree = worder.wording(with_topics(parse_query(query), None).tree).tree
    return lambda text: highlight_spans(text, tree)
