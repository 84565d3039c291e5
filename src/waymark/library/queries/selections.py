"""The filters of a search that have a meaning, and notes about the others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from waymark.accounts.permissions import Actor
from waymark.library.search.parser import QueryNote
from waymark.library.search.protocol import COLLECTION, FACETS, FILTERS, LIMITS, TOPIC, Filters

YEAR = "year"
MOST_CHOSEN = 20
MOST_OF_A_VISITOR, FACETS_OF_A_VISITOR = 8, 5
LONGEST_VALUE = 200
MOST_TOPICS = 3

Selections = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class UsableFilters:
    """selections: facet -> chosen values. years: first and last, None for no limit.

    topics: keys, not looked up.
    """

    selections: Selections = field(default_factory=dict)
    years: tuple[int | None, int | None] = (None, None)
    notes: tuple[QueryNote, ...] = ()
    topics: tuple[str, ...] = ()


def usable_filters(filters: Filters, person: Actor) -> UsableFilters:
    """The filters that have a meaning, as many as the person may combine."""
    selections: Selections = {}
    notes = [
        QueryNote(f"There is no filter {name[:60]}. Filters: {', '.join(FILTERS)}.")
        for name in filters
        if name not in FILTERS
    ]
    for facet in (name for name in filters if name in FACETS):
        usable = _usable_values(filters[facet])
        if facet == YEAR:
            usable, year_notes = _usable_years(usable)
            notes += year_notes
        if usable:
            # Values twice, or by the hundred, come from crawlers that follow every link of a list.
            selections[facet] = tuple(dict.fromkeys(usable))[:MOST_CHOSEN]
    years, limit_notes = _year_limits(filters)
    notes += limit_notes
    if person is not None and not person.is_authenticated:
        selections, notes = _limited_selections(selections, notes)
    topics = _usable_values(filters.get(TOPIC, ()))[:MOST_TOPICS]
    return UsableFilters(selections, years, tuple(notes), tuple(dict.fromkeys(topics)))


def _usable_values(values: Iterable[str]) -> list[str]:
    return [value for value in values if value and len(value) <= LONGEST_VALUE]


def _usable_years(values: Iterable[str]) -> tuple[list[str], list[QueryNote]]:
    years, notes = [], []
    for value in values:
        number = value.strip()
        if number.isascii() and number.isdecimal() and len(number) <= len("2004"):
            years.append(number)
        else:
            notes.append(QueryNote(f"{value[:60]} is not a year."))
    return years, notes


def _year_limits(
    filters: Mapping[str, Sequence[str]],
) -> tuple[tuple[int | None, int | None], list[QueryNote]]:
    """First and last year. Two in the wrong order are surely a slip: they change places."""
    limits: list[int | None] = []
    notes: list[QueryNote] = []
    for name in LIMITS:
        years, year_notes = _usable_years(value for value in filters.get(name, ()) if value.strip())
        notes += year_notes
        limits.append(int(years[0]) if years else None)
    first, last = limits
    if first is not None and last is not None and first > last:
        notes.append(QueryNote(f"We searched from {last} to {first}."))
        first, last = last, first
    return (first, last), notes


def _limited_selections(
    selections: Selections, notes: list[QueryNote]
) -> tuple[Selections, list[QueryNote]]:
    """The first choices of a visitor who is not signed in.

    Crawlers follow every combination of filters, and 13 facets with 20 values each have more
    combinations than anyone can compute: a visitor gets 8 choices in 5 facets. The collection is
    the tab that a reader looks at, so it is always used and not counted.
    """
    limited: Selections = {}
    left = MOST_OF_A_VISITOR
    for facet, values in selections.items():
        if facet == COLLECTION:
            limited[facet] = values
        elif left and len(limited.keys() - {COLLECTION}) < FACETS_OF_A_VISITOR:
            limited[facet] = values[:left]
            left -= len(limited[facet])
    if limited == selections:
        return selections, notes
    message = (
        f"You can combine up to {MOST_OF_A_VISITOR} filters from {FACETS_OF_A_VISITOR} groups "
        "without signing in. We ignored the others. Add words to narrow your search further."
    )
    return limited, [*notes, QueryNote(message)]
