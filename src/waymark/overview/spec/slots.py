"""The rows or columns of a dimension: values, years, bands, groups, subtotals. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from waymark.core.tables import RowRole
from waymark.frameworks.variables import VariableSpec
from waymark.overview.spec.names import (
    CRITERIA,
    ELSEWHERE,
    FOUND,
    MISSED,
    NOT_JUDGED,
    NOT_RECORDED,
    NOTHING_REPORTED,
    OUTSIDE,
    PREFIX,
    SMART,
)
from waymark.overview.spec.schema import Dimension, ValueGroup


class ValueTest(Protocol):
    """True if a stored value belongs to a slot; None means that nothing was judged."""

    def __call__(self, value: str | None) -> bool: ...


@dataclass(frozen=True, slots=True)
class AxisSlot:
    """One row or column of a dimension, with the test for the values that it counts."""

    id: str
    label: str
    role: RowRole
    contains: ValueTest


def _one_of(values: Iterable[str]) -> ValueTest:
    allowed = frozenset(values)
    return lambda value: value in allowed


def axis_slots(
    dimension: Dimension, variable: VariableSpec | None, values: Sequence[str | None]
) -> list[AxisSlot]:
    """The slots of a dimension in order, unknown ones last; every value is in at least one.

    variable: None for a count. values: those that records of the block have; a slot
    for what nobody judged is there only if they contain None.
    """
    ordered = _known_slots(dimension, variable, values)
    if None in values:
        of_recommendations = variable is not None and variable.id.startswith(PREFIX)
        label = NOTHING_REPORTED if of_recommendations else "Not judged"
        ordered.append(AxisSlot(NOT_JUDGED, label, "unknown", lambda value: value is None))
    return ordered


def _known_slots(
    dimension: Dimension, variable: VariableSpec | None, values: Sequence[str | None]
) -> list[AxisSlot]:
    if dimension.code is not None:
        return [
            AxisSlot(FOUND, "With the theme", "part", _one_of([FOUND])),
            AxisSlot(MISSED, "Without the theme", "part", _one_of([MISSED])),
        ]
    if dimension.bands:
        return _band_slots(dimension, variable, values)
    if variable is None:
        return []
    if variable.type == "year":
        return _year_slots(values)
    if variable.id == SMART:
        return _criteria_slots()
    if dimension.groups:
        return _group_slots(dimension, variable)
    return _value_slots_and_other(dimension, variable, values)


def _band_slots(
    dimension: Dimension, variable: VariableSpec | None, values: Sequence[str | None]
) -> list[AxisSlot]:
    bands = [
        AxisSlot(
            band.id,
            band.label,
            "part",
            lambda value, band=band: bool(value) and band.contains(int(value)),
        )
        for band in dimension.bands
    ]
    outside = [v for v in values if v and not any(slot.contains(v) for slot in bands)]
    if outside:
        bands.append(AxisSlot(OUTSIDE, "Outside these bands", "part", _one_of(outside)))
    every_record_has_one = variable is not None and variable.type == "year"
    if not every_record_has_one and (variable is not None or dimension.counts_months):
        # An age that a report does not give is stored as "", which is not the same as not judged.
        bands.append(AxisSlot(NOT_RECORDED, "Not recorded", "unknown", lambda value: value == ""))
    return bands


def _year_slots(values: Sequence[str | None]) -> list[AxisSlot]:
    """Every year from the first to the last, including those with nothing to count."""
    years = [int(value) for value in values if value]
    return [
        AxisSlot(str(year), str(year), "part", _one_of([str(year)]))
        for year in (range(min(years), max(years) + 1) if years else ())
    ]


def _value_slots_and_other(
    dimension: Dimension, variable: VariableSpec, values: Sequence[str | None]
) -> list[AxisSlot]:
    """Values, and one more slot for what was recorded by another framework's list."""
    listed = _value_slots(dimension, variable)
    known = {value.value for value in variable.allowed}
    others = [value for value in values if value is not None and value not in known]
    if others and variable.id.startswith(PREFIX):
        listed.append(AxisSlot(ELSEWHERE, "Not in the framework's list", "part", _one_of(others)))
    return listed


def _criteria_slots() -> list[AxisSlot]:
    """Each criterion that a recommendation meets, then all of them."""
    criteria = [
        AxisSlot(
            criterion, label, "part", lambda value, name=criterion: name in (value or "").split()
        )
        for criterion, label in CRITERIA.items()
    ]
    return [
        *criteria,
        AxisSlot("every", "All of these", "subtotal", lambda value: value == " ".join(CRITERIA)),
    ]


def _values_in(
    group: ValueGroup, variable: VariableSpec, others: Sequence[ValueGroup] = ()
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


def _group_slots(dimension: Dimension, variable: VariableSpec) -> list[AxisSlot]:
    values = [_values_in(group, variable, dimension.groups) for group in dimension.groups]
    groups = [
        AxisSlot(group.id, group.label, "part", _one_of(members))
        for group, members in zip(dimension.groups, values, strict=True)
    ]
    grouped = frozenset[str]().union(*values)
    left = [value for value in variable.allowed if value.value not in grouped]
    return groups + [
        AxisSlot(
            value.value, value.label, "unknown" if value.unknown else "part", _one_of([value.value])
        )
        for value in left
    ]


def named_values(
    dimension: Dimension, variable: VariableSpec
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Id, label and values of each group, then of each value that is in none."""
    grouped: set[str] = set()
    for group in dimension.groups:
        members = _values_in(group, variable, dimension.groups)
        grouped |= members
        yield group.id, group.label, tuple(sorted(members))
    for value in variable.allowed:
        if value.value not in grouped:
            yield value.value, value.label, (value.value,)


def _value_slots(dimension: Dimension, variable: VariableSpec) -> list[AxisSlot]:
    """Each value, unknown ones last, with a subtotal directly after the last of its parts."""
    ordered: list[AxisSlot] = []
    waiting = [(subtotal, _values_in(subtotal, variable)) for subtotal in dimension.subtotals]
    listed: set[str] = set()
    for value in sorted(variable.allowed, key=lambda value: value.unknown):
        role: RowRole = "unknown" if value.unknown else "part"
        ordered.append(AxisSlot(value.value, value.label, role, _one_of([value.value])))
        listed.add(value.value)
        for subtotal, parts in [pair for pair in waiting if pair[1] <= listed]:
            ordered.append(AxisSlot(subtotal.id, subtotal.label, "subtotal", _one_of(parts)))
            waiting.remove((subtotal, parts))
    return ordered
