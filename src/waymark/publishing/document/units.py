"""Units of the numbers in tables. Pure."""

from waymark.core.tables import Column, Row, Table
from waymark.overview.spec.schema import PLURAL, AnyTable, CrosstabTable, SilenceTable

CHILDREN = PLURAL["child"].capitalize()
"""Heading of the rows about children in a table of silence."""
OF_CHILDREN = f"({PLURAL['child']})"


def unit_of(spec: AnyTable, table: Table, row: Row, column: Column) -> str:
    """Unit of the counts in a row and column, in the singular: "review", "passage", ...

    A table of several blocks has a unit for each; a table of themes counts reviews in one column
    and passages in the next.
    """
    if isinstance(spec, CrosstabTable):
        # Rows carry the title of their block as group; a table of one block has no groups.
        blocks = {block.title: block.unit for block in spec.blocks}
        return blocks.get(row.group, spec.blocks[0].unit)
    if isinstance(spec, SilenceTable):
        # By period, a heading names the variable before its unit: "Age (children)".
        return "child" if row.group == CHILDREN or row.group.endswith(OF_CHILDREN) else "review"
    return "passage" if column.id == "passages" else table.unit


def units_of(spec: AnyTable, table: Table) -> tuple[str, ...]:
    """Units of the counts of a table, each once, in the order of its rows."""
    return tuple(
        dict.fromkeys(
            unit_of(spec, table, row, column)
            for row in table.rows
            for column, cell in zip(table.columns, row.cells, strict=True)
            if cell.kind == "count"
        )
    )
