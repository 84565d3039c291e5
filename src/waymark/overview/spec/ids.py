"""Ids in a specification that would name two things: every fault with its path. Pure.

A row, a column or a cell is found by its id. If two had one id, only one of them would be counted,
drawn or named in a sentence, and nobody could tell which.
"""

from collections.abc import Iterator, Sequence

from waymark.core import yaml_file
from waymark.frameworks.variables import AllowedValue, VariableSpec
from waymark.overview.spec.names import ALL, NOT_JUDGED, NOT_RECORDED, OUTSIDE
from waymark.overview.spec.schema import (
    AnyTable,
    CodeChoice,
    Dimension,
    OverviewSpec,
    SilenceTable,
    StatesTable,
)

Finding = tuple[yaml_file.Path, str]
OWN = frozenset({ALL, NOT_JUDGED, OUTSIDE, "all", "each", "least", "median", "most", "percent"})
"""Ids of rows and columns that tables add themselves."""


def axis_faults(
    dimension: Dimension, variable: VariableSpec | None, at: yaml_file.Path
) -> Iterator[Finding]:
    """Ids of groups, bands and subtotals that name something else as well.

    variable: None for the number of children.
    """
    allowed = variable.allowed if variable is not None else ()
    used_beside = {
        "groups": frozenset(_ungrouped_values(dimension, allowed)),
        "bands": frozenset({NOT_RECORDED}),
        "subtotals": frozenset(value.value for value in allowed),
    }
    for part, others in used_beside.items():
        ids = [member.id for member in getattr(dimension, part)]
        yield from _id_faults(ids, others, (*at, part))
    rests = [number for number, group in enumerate(dimension.groups) if group.rest]
    for number in rests[1:]:
        message = f"{dimension.groups[number].id}: only one group can have rest"
        yield (*at, "groups", number, "rest"), message


def _ungrouped_values(dimension: Dimension, allowed: Sequence[AllowedValue]) -> Iterator[str]:
    """The values that keep a row or column of their own beside the groups."""
    grouped = {value for group in dimension.groups for value in group.values}
    if any(group.deaths for group in dimension.groups):
        grouped |= {value.value for value in allowed if value.death}
    if any(group.rest for group in dimension.groups):
        grouped |= {value.value for value in allowed if not value.unknown}
    return (value.value for value in allowed if value.value not in grouped)


def _id_faults(ids: Sequence[str], others: frozenset[str], at: yaml_file.Path) -> Iterator[Finding]:
    for number, name in enumerate(ids):
        if name in ids[:number]:
            yield (*at, number, "id"), f"{name} is used twice: give each a different id"
        elif name in OWN:
            yield (*at, number, "id"), f"{name} is reserved for tables: choose another id"
        elif name in others:
            yield (*at, number, "id"), f"{name} is already a row or column: choose another id"


def table_faults(table: AnyTable, at: yaml_file.Path) -> Iterator[Finding]:
    """Names that a table lists twice, or a list that is empty."""
    if isinstance(table, StatesTable | SilenceTable):
        if not table.show:
            yield (*at, "show"), f"{table.id}: list at least one column in show"
        yield from repeated_faults(table.show, (*at, "show"))
    choice = getattr(table, "of", None)
    if isinstance(choice, CodeChoice):
        yield from repeated_faults(choice.codes, (*at, "of", "codes"))


def selection_faults(spec: OverviewSpec) -> Iterator[Finding]:
    """Reviews that are selected or excluded twice."""
    yield from repeated_faults(spec.select.reviews, ("select", "reviews"))
    excluded = [exclusion.review for exclusion in spec.select.exclude]
    for number, review in enumerate(excluded):
        if review in excluded[:number]:
            yield ("select", "exclude", number), f"{review} is excluded twice"


def repeated_faults(names: Sequence[str], at: yaml_file.Path, *field: str) -> Iterator[Finding]:
    """Names that a list has twice. field: of each entry, if the fault is in one of its fields."""
    for number, name in enumerate(names):
        if name in names[:number]:
            yield (*at, number, *field), f"{name} is listed twice"
