"""The facets of a search with their labels."""

from collections.abc import Iterable, Mapping

from waymark.library.models.kinds import COLLECTIONS, KINDS
from waymark.library.queries.agreed_facts import NATURE, theme_labels, value_labels, variable_names
from waymark.library.queries.review_facets import AGE_BANDS
from waymark.library.queries.subjects import concept_names, top_concepts_among
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
    variables = _variables_named(results, selections)
    for name in FACETS:
        chosen = selections.get(name, ())
        counts = _facet_counts(name, results, chosen)
        labels = variables if name in VARIABLES else _facet_labels(name, list(counts))
        order = _facet_order(name, counts)
        values = tuple(
            FacetValue(value, labels.get(value, value), counts[value], value in chosen)
            for value in order
        )
        facets.append(SearchFacet(name, LABELS[name], values))
    return tuple(facets)


def _facet_counts(name: str, results: IndexResults, chosen: Iterable[str]) -> dict[str, int]:
    """Value -> count. A broad subject is not listed beside narrower ones of its own."""
    counts = dict(results.facets.get(name, ()))
    for value in chosen:
        counts.setdefault(value, 0)
    if name == SUBJECT:
        for heading in top_concepts_among(counts) - set(chosen):
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


def _variables_named(
    results: IndexResults, selections: Mapping[str, tuple[str, ...]]
) -> dict[str, str]:
    """Variable -> name, for services and factors together: one query for both facets."""
    listed = {value for name in VARIABLES for value, _ in results.facets.get(name, ())}
    listed |= {value for name in VARIABLES for value in selections.get(name, ())}
    return variable_names(listed) if listed else {}


def _facet_labels(facet: str, values: list[str]) -> dict[str, str]:
    if not values:
        return {}
    if facet in FIXED:
        return FIXED[facet]
    if facet == SUBJECT:
        return concept_names(values)
    if facet == "theme":
        return theme_labels(values)
    return value_labels(NATURE) if facet == "nature" else {}
