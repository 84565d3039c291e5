"""Optional blocks of tables, which are left out if the framework has not got their variables. Pure.

A specification can so count what a later version of a framework records, before there is one.
"""

from waymark.frameworks.schema import FrameworkFile
from waymark.overview.spec.schema import AnyTable, CrosstabBlock, CrosstabTable, OverviewSpec

UNRECORDED = "The framework {0} {1} does not record: {2}."


def is_unrecorded(block: CrosstabBlock, framework: FrameworkFile) -> bool:
    """True for an optional block that counts by a variable which the framework has not got."""
    known = {variable.id for variable in framework.variables}
    named = {
        part.variable for part in (block.rows, block.columns, block.where) if part and part.variable
    }
    return block.optional and not named <= known


def fitted_spec(spec: OverviewSpec, framework: FrameworkFile) -> OverviewSpec:
    """The specification without the blocks that the framework cannot fill, with a note of them."""
    tables = tuple(_fitted_table(table, framework) for table in spec.tables)
    return spec if tables == spec.tables else spec.model_copy(update={"tables": tables})


def _fitted_table(table: AnyTable, framework: FrameworkFile) -> AnyTable:
    if not isinstance(table, CrosstabTable):
        return table
    missing = [block for block in table.blocks if is_unrecorded(block, framework)]
    if not missing:
        return table
    titles = "; ".join(block.title for block in missing)
    note = UNRECORDED.format(framework.framework, framework.version, titles)
    blocks = tuple(block for block in table.blocks if block not in missing)
    return table.model_copy(update={"blocks": blocks, "notes": (*table.notes, note)})
