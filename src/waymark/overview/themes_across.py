"""Themes by another fact of a review: every column has its own base, printed in its head. Pure.

The numbers cross the process of review with a fact about people, and a theme found in 3 reviews
of a kind says that there are at least 3. So in a coarser version the kinds of which the number
would be withheld are counted together.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from waymark.core.evidence import CodeRow
from waymark.core.tables import Cell, Column, Row, RowRole
from waymark.frameworks.families import with_descendants
from waymark.overview.crosstab import axis_of
from waymark.overview.factors import ordered
from waymark.overview.facts import CarriersOf, Counted, Facts, Record
from waymark.overview.spec import Dimension, ThemesTable
from waymark.overview.themes import codes_in_order

ALL_KINDS = "all"


@dataclass(frozen=True, slots=True)
class Kind:
    """A column: reviews of one kind, with the rows that say so. parts: ids, of several kinds."""

    id: str
    label: str
    role: RowRole
    reviews: tuple[Record, ...]
    carriers: CarriersOf
    parts: frozenset[str]


def kinds_of(dimension: Dimension, facts: Facts) -> list[Kind]:
    """The columns of a dimension as they are counted, subtotals after their parts."""
    axis = axis_of(dimension, facts.reviews, facts)
    split = axis.split(facts.reviews)
    made = []
    for slot in axis.slots:
        inside = tuple(split.standing_in(slot))
        parts = frozenset({slot.id})
        if slot.role == "subtotal":
            # Also a kind that no review is of: what it counts is in the subtotal by definition.
            parts = frozenset(
                one.id for one in axis.slots if one.role != "subtotal" and slot.holds(one.id)
            )
        made.append(Kind(slot.id, slot.label, slot.role, inside, axis.carriers, parts))
    return made


@dataclass(frozen=True, slots=True)
class SafeKinds:
    """The columns that may be shown; together, hidden: labels of what was merged or left out."""

    kinds: tuple[Kind, ...]
    together: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


def safe_kinds(kinds: Sequence[Kind], base: Callable[[str], int | None], k: int) -> SafeKinds:
    """Columns under a profile. base: the number of reviews of a kind, None where it is withheld.

    Kinds withheld become one column, in the place of the first. What counts fewer than k is left
    out. A subtotal stays only where it holds all of those put together or none: else the
    difference would tell them apart. Where nothing else will do, all reviews are one column.
    """
    plain = [one for one in kinds if one.role != "subtotal"]
    withheld = [one for one in plain if base(one.id) is None]
    if len(withheld) == len(plain) or len(withheld) == 1:
        return SafeKinds((all_together(kinds),))
    merged = frozenset(one.id for one in withheld)
    hidden = [
        one for one in kinds if one.id not in merged and not _stands(one, base(one.id), merged, k)
    ]
    left_out = {one.id for one in hidden}
    made = [one for one in kinds if one.id not in merged | left_out]
    if withheld:
        name = "-".join(one.id for one in withheld)
        before = [one for one in kinds[: kinds.index(withheld[0])] if one.id not in left_out]
        made.insert(len(before), _together(withheld, name, _either(withheld)))
    return SafeKinds(
        tuple(made), tuple(one.label for one in withheld), tuple(one.label for one in hidden)
    )


def _stands(kind: Kind, base: int | None, merged: frozenset[str], k: int) -> bool:
    if kind.role == "subtotal":
        return base is not None and (merged.isdisjoint(kind.parts) or merged <= kind.parts)
    return not 0 < (base or 0) < k


def _together(kinds: Iterable[Kind], name: str, label: str) -> Kind:
    found = list(kinds)
    reviews = sorted(
        {record for one in found for record in one.reviews}, key=lambda record: record.at
    )
    parts = frozenset[str]().union(*(one.parts for one in found))
    return Kind(name, label, "part", tuple(reviews), found[0].carriers, parts)


def all_together(kinds: Iterable[Kind]) -> Kind:
    """All reviews in one column."""
    plain = [one for one in kinds if one.role != "subtotal"]
    return _together(plain, ALL_KINDS, "All reviews")


def _either(kinds: Sequence[Kind]) -> str:
    """Labels as one: "Assault and infant death together"; a word in capitals keeps them."""
    first, *others = (one.label for one in kinds)
    return " and ".join([first, *map(lowered, others)]) + " together"


def lowered(label: str) -> str:
    """A label inside a sentence; a word in capitals keeps them."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def across_columns(kinds: Sequence[Kind]) -> list[Column]:
    """One column for each kind, with its base in the head."""
    return [Column(one.id, f"{one.label} (n = {len(one.reviews)})") for one in kinds]


def across_rows(table: ThemesTable, facts: Facts, kinds: Sequence[Kind]) -> list[Row]:
    """One row for each code; a cell counts the reviews of a kind that bear it."""
    rows, sizes = [], []
    for code in codes_in_order(table, facts):
        family = with_descendants(facts.framework, code.id)
        bearing = facts.bearing(family)
        rows.append(Row(code.id, code.name, tuple(_cell(one, bearing) for one in kinds)))
        sizes.append(sum(map(bool, bearing)))
    return ordered(rows, sizes, table.order)


def _cell(kind: Kind, bearing: Sequence[tuple[CodeRow, ...]]) -> Cell:
    found = [record for record in kind.reviews if bearing[record.at]]
    carried = Counted(found, lambda one: (*bearing[one.at], *kind.carriers(one)))
    return carried.cell(len(kind.reviews))
