"""Themes by another fact about a review: every column has its own base, shown in its head. Pure.

The numbers cross the process of review with a fact about people, and a theme found in 3 reviews of
a kind reveals that there are at least 3. So in a coarser version, the kinds whose number would be
withheld are counted together.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from waymark.core.evidence import CodeRow
from waymark.core.tables import Cell, Column, Row, RowRole
from waymark.frameworks.families import with_descendants
from waymark.overview.snapshot.coded_reviews import CarriersOf, CodedReviews, CountedRecords, Record
from waymark.overview.spec.schema import Dimension, ThemesTable
from waymark.overview.tables.crosstab import axis_of
from waymark.overview.tables.factors import ordered_rows
from waymark.overview.tables.themes import codes_in_order

ALL_KINDS = "all"


@dataclass(frozen=True, slots=True)
class ReviewKind:
    """A column: reviews of one kind, with the evidence of it. parts: ids of the kinds in it."""

    id: str
    label: str
    role: RowRole
    reviews: tuple[Record, ...]
    carriers: CarriersOf
    parts: frozenset[str]


def kinds_of(dimension: Dimension, facts: CodedReviews) -> list[ReviewKind]:
    """The columns of a dimension as they are counted, subtotals after their parts."""
    axis = axis_of(dimension, facts.reviews, facts)
    split = axis.split(facts.reviews)
    kinds = []
    for slot in axis.slots:
        inside = tuple(split.in_slot(slot))
        parts = frozenset({slot.id})
        if slot.role == "subtotal":
            # Also a kind that no review is of: its count is in the subtotal by definition.
            parts = frozenset(
                part.id for part in axis.slots if part.role != "subtotal" and slot.contains(part.id)
            )
        kinds.append(ReviewKind(slot.id, slot.label, slot.role, inside, axis.carriers, parts))
    return kinds


@dataclass(frozen=True, slots=True)
class SafeKinds:
    """Columns that may be shown; together, hidden: labels of kinds merged and left out."""

    kinds: tuple[ReviewKind, ...]
    together: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


def safe_kinds(kinds: Sequence[ReviewKind], base: Callable[[str], int | None], k: int) -> SafeKinds:
    """The columns to show under a profile. base: number of reviews of a kind, None if withheld.

    Withheld kinds become one column, in the place of the first. A kind of fewer than k reviews is
    left out. A subtotal is kept only if it contains all of the merged kinds or none: otherwise the
    difference would tell them apart. If no columns are left, all reviews are one column.

    With k = 5 and the bases assault 12, fire 2, fall 4 and unknown 3, where fire and fall are
    withheld, the columns are assault (12) and "Fire and fall together" (6); unknown is left out. A
    subtotal of fire and fall stays: it says no more than the merged column. One of assault and
    fire goes: its 14 less the 12 of assault would give the 2 of fire. If fire alone were withheld,
    it could be merged with nothing, and its 2 would be the total less the other columns.
    """
    plain = _without_subtotals(kinds)
    withheld = [kind for kind in plain if base(kind.id) is None]
    # One withheld kind follows from the total and the others; if all are withheld, the merged
    # column is the total.
    if len(withheld) in {1, len(plain)}:
        return SafeKinds((all_reviews_kind(kinds),))
    merged = frozenset(kind.id for kind in withheld)
    others = [kind for kind in kinds if kind.id not in merged]
    hidden = [kind for kind in others if not _can_show(kind, base(kind.id), merged, k)]
    columns = [kind for kind in others if kind not in hidden]
    if withheld:
        first = kinds.index(withheld[0])
        # assault, fire, fall: the first withheld is fire at 1, one shown column is before it, so
        # the merged column goes to place 1, where a reader looks for it.
        at = sum(kinds.index(column) < first for column in columns)
        columns.insert(at, _merged_kind(withheld))
    return SafeKinds(tuple(columns), _kind_labels(withheld), _kind_labels(hidden))


def _without_subtotals(kinds: Iterable[ReviewKind]) -> list[ReviewKind]:
    return [kind for kind in kinds if kind.role != "subtotal"]


def _can_show(kind: ReviewKind, base: int | None, merged: frozenset[str], k: int) -> bool:
    if kind.role == "subtotal":
        return base is not None and (merged.isdisjoint(kind.parts) or merged <= kind.parts)
    return not 0 < (base or 0) < k


def _kind_labels(kinds: Iterable[ReviewKind]) -> tuple[str, ...]:
    return tuple(kind.label for kind in kinds)


def _merged_kind(kinds: Sequence[ReviewKind]) -> ReviewKind:
    return _combined_kind(kinds, "-".join(kind.id for kind in kinds), _combined_label(kinds))


def _combined_kind(kinds: Sequence[ReviewKind], name: str, label: str) -> ReviewKind:
    reviews = sorted(
        {record for kind in kinds for record in kind.reviews}, key=lambda record: record.at
    )
    parts = frozenset[str]().union(*(kind.parts for kind in kinds))
    return ReviewKind(name, label, "part", tuple(reviews), kinds[0].carriers, parts)


def all_reviews_kind(kinds: Iterable[ReviewKind]) -> ReviewKind:
    """All reviews in one column."""
    return _combined_kind(_without_subtotals(kinds), ALL_KINDS, "All reviews")


def _combined_label(kinds: Sequence[ReviewKind]) -> str:
    """Labels as one: "Assault and infant death together"; a word in capitals keeps them."""
    first, *others = (kind.label for kind in kinds)
    return " and ".join([first, *map(lower_first, others)]) + " together"


def lower_first(label: str) -> str:
    """A label inside a sentence; a word in capitals keeps them."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def across_columns(kinds: Sequence[ReviewKind]) -> list[Column]:
    """One column for each kind, with its base in the head."""
    return [Column(kind.id, f"{kind.label} (n = {len(kind.reviews)})") for kind in kinds]


def across_rows(table: ThemesTable, facts: CodedReviews, kinds: Sequence[ReviewKind]) -> list[Row]:
    """One row for each code; a cell counts the reviews of a kind that have it."""
    rows, sizes = [], []
    for code in codes_in_order(table, facts):
        family = with_descendants(facts.framework, code.id)
        bearing = facts.code_rows_by_review(family)
        rows.append(Row(code.id, code.name, tuple(_kind_cell(kind, bearing) for kind in kinds)))
        sizes.append(sum(map(bool, bearing)))
    return ordered_rows(rows, sizes, table.order)


def _kind_cell(kind: ReviewKind, bearing: Sequence[tuple[CodeRow, ...]]) -> Cell:
    reviews = [record for record in kind.reviews if bearing[record.at]]
    counted = CountedRecords(reviews, lambda record: (*bearing[record.at], *kind.carriers(record)))
    return counted.cell(len(kind.reviews))
