"""The facets of a search with their labels, which are read once for each state of the content."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from waymark.accounts.content_state import ContentCache, digest_mark
from waymark.library.models import Concept
from waymark.library.models.kinds import COLLECTIONS, KINDS
from waymark.library.queries.agreed_facts import NATURE, theme_labels, value_labels, variable_names
from waymark.library.queries.review_facets import AGE_BANDS
from waymark.library.queries.subjects import concept_names
from waymark.library.search.protocol import FACETS, IndexResults
from waymark.library.search.results import FacetValue, SearchFacet

SUBJECT, YEAR = "subject", "year"
FIXED = {
    "collection": COLLECTIONS,
    "kind": KINDS,
    "age": {value: label for value, (label, _, _) in AGE_BANDS.items()},
}
"""Facets whose values have labels of their own."""
ORDERED = ("collection", "age")
VARIABLES = ("agency", "factor")
LABELS = {
    "collection": "Part of the library",
    "nation": "Nation",
    "year": "Year",
    "kind": "Kind",
    "agency": "Service involved",
    "factor": "Factor in the family",
    "age": "Age of the child",
    "theme": "Theme for learning",
    "nature": "Nature of the incident",
    "subject": "Subject",
    "board": "Board",
    "author": "Author",
    "publisher": "Publisher",
    "type": "Type of review",
}


def labelled_facets(
    results: IndexResults, selections: Mapping[str, tuple[str, ...]]
) -> tuple[SearchFacet, ...]:
    """The facets with their labels: years newest first, others by count. Choices always stay."""
    if not results.facets:
        return ()
    facets = []
    names = _cached_names.value(digest_mark(), None, _read_names)
    for name in FACETS:
        chosen = selections.get(name, ())
        counts = _facet_counts(name, results, chosen, names)
        labels = names.labels.get(name, {})
        order = _facet_order(name, counts)
        values = tuple(
            FacetValue(value, labels.get(value, value), counts[value], value in chosen)
            for value in order
        )
        facets.append(SearchFacet(name, LABELS[name], values))
    return tuple(facets)


def facet_value_labels(facet: str) -> list[str]:
    """The labels of all values that a facet with labels of its own may have."""
    names = _cached_names.value(digest_mark(), None, _read_names)
    return list(names.labels.get(facet, {}).values())


@dataclass(frozen=True, slots=True)
class _FacetNames:
    """labels: facet -> value -> label. below: top subject -> the subjects directly below it."""

    labels: Mapping[str, Mapping[str, str]]
    below: Mapping[str, Collection[str]]


_cached_names: ContentCache[_FacetNames] = ContentCache(size=2)


def _read_names() -> _FacetNames:
    variables = variable_names()
    labels = {
        **FIXED,
        **dict.fromkeys(VARIABLES, variables),
        SUBJECT: concept_names(Concept.objects.values_list("key", flat=True)),
        "theme": theme_labels(),
        "nature": value_labels(NATURE),
    }
    below: dict[str, set[str]] = defaultdict(set)
    tops = Concept.objects.filter(broader=None, narrower__isnull=False)
    for top, narrower in tops.values_list("key", "narrower__key"):
        below[top].add(narrower)
    return _FacetNames(labels, dict(below))


def _facet_counts(
    name: str, results: IndexResults, chosen: Iterable[str], names: _FacetNames
) -> dict[str, int]:
    """Value -> count. A broad subject is not listed beside narrower ones of its own."""
    counts = dict(results.facets.get(name, ()))
    for value in chosen:
        counts.setdefault(value, 0)
    if name == SUBJECT:
        # Nearly every subject is below a top one, so that they add little beside the others.
        headings = [top for top in counts if not counts.keys().isdisjoint(names.below.get(top, ()))]
        for heading in set(headings) - set(chosen):
            del counts[heading]
    return counts


def _facet_order(name: str, counts: Mapping[str, int]) -> list[str]:
    """Years newest first, bands of age and parts of the library in their order, others by count."""
    if name == YEAR:
        return sorted(counts, reverse=True)
    if name in ORDERED:
        known = list(FIXED[name])
        return sorted(counts, key=lambda each: known.index(each) if each in known else len(known))
    return list(counts)
