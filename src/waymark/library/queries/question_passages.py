"""Passages for a question in words: the best passages of the records that match it best."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from waymark.accounts.permissions import Actor
from waymark.documents.keys import parse_span_key
from waymark.documents.queries.reader import open_reports
from waymark.library.queries.passages import passage_hits, visible_passages
from waymark.library.queries.search import any_word_tree, checked_results, prepared_search
from waymark.library.queries.search_backend import search_backend
from waymark.library.search.protocol import IndexQuery, SearchRequest
from waymark.library.search.results import PassageHit
from waymark.library.search.tree import text_nodes

MOST_RECORDS = 100
"""Records whose passages are weighed: all passages of a large library would take too long."""


def passages_for_question(
    question: str, *, person: Actor, now: datetime, limit: int = 20
) -> tuple[PassageHit, ...]:
    """The passages with the most and rarest words of a question, as far as the person may see them.

    If no record has all of the words, records with some of them count. Raises ServiceUnavailable
    while there is no index.
    """
    request = SearchRequest(question, limit=MOST_RECORDS, counted=False)
    query = prepared_search(request, person, now).query
    if query is None or not any(text_nodes(query.tree)):
        return ()
    query, results, _ = checked_results(query, person, now)
    loose = None if results.records else any_word_tree(query.tree)
    if loose is not None:
        query, results, _ = checked_results(replace(query, tree=loose, known=None), person, now)
    records = frozenset(match.record for match in results.records)
    return _hits(replace(query, offset=0, limit=limit), records, person, now)


def unpublished_among(keys: Iterable[str], now: datetime) -> set[str]:
    """Those of some citation keys whose report is not open to everyone now."""
    reports = {key: parse_span_key(key).report for key in keys}
    public = open_reports(AnonymousUser(), now).filter(key__in=set(reports.values()))
    open_to_all = set(public.values_list("key", flat=True))
    return {key for key, report in reports.items() if report not in open_to_all}


def _hits(
    query: IndexQuery, records: frozenset[int], person: Actor, now: datetime
) -> tuple[PassageHit, ...]:
    results = search_backend().find_passages(query, records=records)
    # A passage that is hidden since it was indexed is left out, and none takes its place.
    rows = visible_passages(results, person, now)
    return passage_hits(results, rows, query.tree)
