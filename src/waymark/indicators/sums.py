"""Sums of values that are published apart: refused where they would undo a marker. Pure.

Example: a region has 100 children on plans. Its three areas have 60, 37 and [c]. Their shown sum is
97, and 100 minus 97 is the number that was withheld: so the sum is refused. If a fourth area is
withheld too, the rest would be the sum of two withheld numbers: it is refused as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from waymark.core.errors import RuleError
from waymark.indicators.cells import WITHHELD, IndicatorCell, shown_value


@dataclass(frozen=True, slots=True)
class SummedParts:
    """Sum of the chosen parts. names: of the parts, in the order in which they were chosen."""

    value: Decimal
    decimals: int
    names: tuple[str, ...]

    @property
    def shown(self) -> str:
        """The sum as printed."""
        return shown_value(self.value, self.decimals, "")


def sum_of_parts(
    parts: Mapping[str, IndicatorCell], chosen: Sequence[str], whole: IndicatorCell | None
) -> SummedParts:
    """Sum of the chosen parts of a whole. parts: all published parts by name.

    whole: the published total of all parts, None if there is none. Raises RuleError if a chosen
    part has no number, or if the whole minus the shown parts would give what a marker withholds.
    """
    if len(set(chosen)) < 2:
        raise RuleError("choose at least two values to add up")
    cells = {name: parts[name] for name in chosen}
    marked = [name for name, cell in cells.items() if cell.value is None or cell.marker]
    if marked:
        raise RuleError(
            f"{', '.join(marked[:5])}: a marker stands there, so these values cannot be added up"
        )
    if undoes_marker(parts, chosen, whole):
        raise RuleError(
            "this sum is not shown: the total minus the shown values would give a number that was"
            " withheld to protect people"
        )
    values = [cell.value for cell in cells.values() if cell.value is not None]
    return SummedParts(
        sum(values, Decimal(0)), max(cell.decimals for cell in cells.values()), tuple(cells)
    )


def undoes_marker(
    parts: Mapping[str, IndicatorCell], chosen: Sequence[str], whole: IndicatorCell | None
) -> bool:
    """True if the total minus shown values would give a withheld number.

    It does if one part alone is withheld, whichever others are added up; and if all shown parts
    are, because the rest is then the sum of the withheld ones.
    """
    withheld = [name for name, cell in parts.items() if cell.marker == WITHHELD]
    if not withheld or whole is None or whole.value is None:
        return False
    published = {name for name, cell in parts.items() if cell.value is not None}
    return len(withheld) == 1 or published <= set(chosen)
