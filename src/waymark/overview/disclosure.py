"""What may leave the house: the only way from a table to a protected table.

Everything that is shown or written (pages, figures, files, links to evidence) takes protected
tables, and this module alone makes them. Pure.
"""

from collections.abc import Sequence
from dataclasses import InitVar, dataclass, replace

from waymark.core.errors import RuleError
from waymark.core.tables import Table

_SEAL = object()
OPEN = "Disclosure profile open: every number is shown as counted."


@dataclass(frozen=True, slots=True)
class ProtectedTable:
    """A table after protection. profile: the one applied; shorthand: marks in use and meanings."""

    table: Table
    profile: str
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise RuleError("a protected table is made by protect(), never by hand")

    @property
    def shorthand(self) -> tuple[tuple[str, str], ...]:
        """The marks that stand in this table, each with its meaning."""
        used = {cell.mark for row in self.table.rows for cell in row.cells if cell.mark}
        return tuple((mark, meaning) for mark, meaning in SHORTHAND if mark in used)


SHORTHAND = (
    ("[c]", "withheld to protect people"),
    ("[low]", "rounds to 0"),
    ("[u]", "not given, because the base is under 20"),
    ("[x]", "not available"),
    ("[z]", "not applicable"),
)


def protect(tables: Sequence[Table], *, profile: str) -> tuple[ProtectedTable, ...]:
    """All tables of a release, protected together: what one shows can undo what another hides.

    open: every number stays as counted. Raises RuleError for a profile that is not there yet.
    """
    if profile != "open":
        raise RuleError(f"{profile} is not available yet: only open")
    return tuple(
        ProtectedTable(replace(table, notes=(*table.notes, OPEN)), profile, _SEAL)
        for table in tables
    )
