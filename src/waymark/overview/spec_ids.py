"""Names inside an overview's spec that would stand for two things: every fault with its path. Pure.

A row, a column or a cell is found by its id. Of two with one id only one would be counted, drawn or
named in a sentence, and nobody could tell which.
"""

from collections.abc import Iterator, Sequence

from waymark.core import yamlfile
from waymark.frameworks.schema import Value, VariableSpec
from waymark.overview.spec import AnyTable, CodeChoice, Dimension, OverviewSpec, StatesTable
from waymark.overview.spec_names import ALL, NOT_JUDGED, NOT_RECORDED, OUTSIDE

Finding = tuple[yamlfile.Path, str]
OWN = frozenset({ALL, NOT_JUDGED, OUTSIDE, "all", "each", "median", "percent"})
"""Ids of rows and columns that tables make themselves."""


def axis_faults(
    dimension: Dimension, variable: VariableSpec | None, at: yamlfile.Path
) -> Iterator[Finding]:
    """Ids of groups, bands and subtotals that stand for something else as well.

    variable: None for the number of children.
    """
    allowed = variable.allowed if variable is not None else ()
    taken = {
        "groups": frozenset(_ungrouped(dimension, allowed)),
        "bands": frozenset({NOT_RECORDED}),
        "subtotals": frozenset(value.value for value in allowed),
    }
    for part, others in taken.items():
        ids = [one.id for one in getattr(dimension, part)]
        yield from _ids(ids, others, (*at, part))
    rests = [number for number, group in enumerate(dimension.groups) if group.rest]
    for number in rests[1:]:
        said = f"{dimension.groups[number].id}: all others can be one group only"
        yield (*at, "groups", number, "rest"), said


def _ungrouped(dimension: Dimension, allowed: Sequence[Value]) -> Iterator[str]:
    """The values that keep a row or column of their own beside the groups."""
    grouped = {value for group in dimension.groups for value in group.values}
    deaths = any(group.deaths for group in dimension.groups)
    rest = any(group.rest for group in dimension.groups)
    for value in allowed:
        if not (value.value in grouped or (deaths and value.death) or (rest and not value.unknown)):
            yield value.value


def _ids(ids: Sequence[str], others: frozenset[str], at: yamlfile.Path) -> Iterator[Finding]:
    for number, one in enumerate(ids):
        if one in ids[:number]:
            yield (*at, number, "id"), f"{one} stands here twice: give each an id of its own"
        elif one in OWN:
            yield (*at, number, "id"), f"{one} is an id that tables use themselves: take another"
        elif one in others:
            yield (*at, number, "id"), f"{one} has a row or column already: take another id"


def table_faults(table: AnyTable, at: yamlfile.Path) -> Iterator[Finding]:
    """What a table lists twice, or does not list at all."""
    if isinstance(table, StatesTable):
        if not table.show:
            yield (*at, "show"), f"{table.id}: say which columns to show"
        yield from _twice(table.show, (*at, "show"))
    choice = getattr(table, "of", None)
    if isinstance(choice, CodeChoice):
        yield from _twice(choice.codes, (*at, "of", "codes"))


def selection_faults(spec: OverviewSpec) -> Iterator[Finding]:
    """Reviews that are listed or left out twice."""
    yield from _twice(spec.select.reviews, ("select", "reviews"))
    left_out = [one.review for one in spec.select.exclude]
    for number, review in enumerate(left_out):
        if review in left_out[:number]:
            yield ("select", "exclude", number), f"{review} is left out here twice"


def _twice(names: Sequence[str], at: yamlfile.Path) -> Iterator[Finding]:
    for number, one in enumerate(names):
        if one in names[:number]:
            yield (*at, number), f"{one} stands here twice"
