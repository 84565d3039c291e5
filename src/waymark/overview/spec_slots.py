"""The rows or columns of a dimension: values, years, bands, groups, subtotals. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from waymark.core.tables import RowRole
from waymark.frameworks.schema import VariableSpec
from waymark.overview.spec import Dimension, Values
from waymark.overview.spec_names import (
    CRITERIA,
    ELSEWHERE,
    NOT_JUDGED,
    NOT_RECORDED,
    NOTHING_TOLD,
    OUTSIDE,
    PREFIX,
    SMART,
)


class ValueTest(Protocol):
    """True if a stored value belongs to a slot; None means that nothing was judged."""

    def __call__(self, value: str | None) -> bool: ...


@dataclass(frozen=True, slots=True)
class Slot:
    """One row or column of a dimension, with the test for the values that it counts."""

    id: str
    label: str
    role: RowRole
    holds: ValueTest


def _among(values: Iterable[str]) -> ValueTest:
    allowed = frozenset(values)
    return lambda value: value in allowed


def slots(
    dimension: Dimension, variable: VariableSpec | None, values: Sequence[str | None]
) -> list[Slot]:
    """The slots of a dimension in order, unknown ones last; every value is in at least one.

    variable: None for the number of children. values: those that records of the block have; a slot
    for what nobody judged is there only if they contain None.
    """
    ordered = _known_slots(dimension, variable, values)
    if None in values:
        of_recommendations = variable is not None and variable.id.startswith(PREFIX)
        label = NOTHING_TOLD if of_recommendations else "Not judged"
        ordered.append(Slot(NOT_JUDGED, label, "unknown", lambda value: value is None))
    return ordered


def _known_slots(
    dimension: Dimension, variable: VariableSpec | None, values: Sequence[str | None]
) -> list[Slot]:
    if dimension.bands:
        return _bands(dimension, variable, values)
    if variable is None:
        return []
    if variable.type == "year":
        return _years(values)
    if variable.id == SMART:
        return _criteria()
    if dimension.groups:
        return _groups(dimension, variable)
    return _values_or_other(dimension, variable, values)


def _bands(
    dimension: Dimension, variable: VariableSpec | None, values: Sequence[str | None]
) -> list[Slot]:
    bands = [
        Slot(
            band.id,
            band.label,
            "part",
            lambda value, band=band: bool(value) and band.holds(int(value)),
        )
        for band in dimension.bands
    ]
    outside = [v for v in values if v and not any(slot.holds(v) for slot in bands)]
    if outside:
        bands.append(Slot(OUTSIDE, "Outside these bands", "part", _among(outside)))
    if variable is not None:
        # An age that a report does not give is stored as "", which is not the same as not judged.
        bands.append(Slot(NOT_RECORDED, "Not recorded", "unknown", lambda value: value == ""))
    return bands


def _years(values: Sequence[str | None]) -> list[Slot]:
    """Every year from the first to the last, including those with nothing to count."""
    years = [int(value) for value in values if value]
    return [
        Slot(str(year), str(year), "part", _among([str(year)]))
        for year in (range(min(years), max(years) + 1) if years else ())
    ]


def _values_or_other(
    dimension: Dimension, variable: VariableSpec, values: Sequence[str | None]
) -> list[Slot]:
    """Values, and one more slot for what was recorded by another framework's list."""
    listed = _values(dimension, variable)
    known = {value.value for value in variable.allowed}
    others = [value for value in values if value is not None and value not in known]
    if others and variable.id.startswith(PREFIX):
        listed.append(Slot(ELSEWHERE, "Not in the framework's list", "part", _among(others)))
    return listed


def _criteria() -> list[Slot]:
    """Each criterion that a recommendation meets, then all of them."""
    criteria = [
        Slot(criterion, label, "part", lambda value, name=criterion: name in (value or "").split())
        for criterion, label in CRITERIA.items()
    ]
    return [
        *criteria,
        Slot("every", "All of these", "subtotal", lambda value: value == " ".join(CRITERIA)),
    ]


def _values_in(
    group: Values, variable: VariableSpec, others: Sequence[Values] = ()
) -> frozenset[str]:
    """The values of a group; of the one for the rest, the known values that no other has."""
    if group.deaths:
        return frozenset(value.value for value in variable.allowed if value.death)
    if group.rest:
        grouped = frozenset[str]().union(
            *(_values_in(other, variable) for other in others if not other.rest)
        )
        return frozenset(
            value.value
            for value in variable.allowed
            if not value.unknown and value.value not in grouped
        )
    return frozenset(group.values)


def _groups(dimension: Dimension, variable: VariableSpec) -> list[Slot]:
    values = [_values_in(group, variable, dimension.groups) for group in dimension.groups]
    groups = [
        Slot(group.id, group.label, "part", _among(members))
        for group, members in zip(dimension.groups, values, strict=True)
    ]
    grouped = frozenset[str]().union(*values)
    left = [value for value in variable.allowed if value.value not in grouped]
    return groups + [
        Slot(
            value.value, value.label, "unknown" if value.unknown else "part", _among([value.value])
        )
        for value in left
    ]


def _values(dimension: Dimension, variable: VariableSpec) -> list[Slot]:
    """Each value, unknown ones last, with a subtotal directly after the last of its parts."""
    ordered: list[Slot] = []
    waiting = [(subtotal, _values_in(subtotal, variable)) for subtotal in dimension.subtotals]
    listed: set[str] = set()
    for value in sorted(variable.allowed, key=lambda value: value.unknown):
        role: RowRole = "unknown" if value.unknown else "part"
        ordered.append(Slot(value.value, value.label, role, _among([value.value])))
        listed.add(value.value)
        for subtotal, parts in [pair for pair in waiting if pair[1] <= listed]:
            ordered.append(Slot(subtotal.id, subtotal.label, "subtotal", _among(parts)))
            waiting.remove((subtotal, parts))
    return ordered
