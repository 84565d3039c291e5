"""Three-way tables: the layers of a block, which become blocks of their own. Pure.

A block of age by outcome with layers by cause is printed as age by outcome of all children, then of
those of each cause. Every margin is in it: rows by layers and columns by layers are the totals of
the layers. Each layer is a block with a condition, so the protection ties all of them together.
"""

from collections.abc import Iterator

from waymark.core import yaml_file
from waymark.frameworks.schema import FrameworkFile
from waymark.frameworks.variables import VariableSpec
from waymark.overview.spec.dimension_check import dimension_faults, variable_called
from waymark.overview.spec.names import PREFIX
from waymark.overview.spec.schema import (
    AnyTable,
    CrosstabBlock,
    CrosstabTable,
    Dimension,
    OverviewSpec,
    Recode,
    WhereCondition,
)
from waymark.overview.spec.slots import named_values

Finding = tuple[yaml_file.Path, str]
LAYERED = frozenset({"category", "state", "contact"})
MOST_LAYERS = 12


def with_layers_as_blocks(spec: OverviewSpec, framework: FrameworkFile) -> OverviewSpec:
    """The specification with a block for each layer, after the block of all records."""
    tables = tuple(_with_layers(table, framework) for table in spec.tables)
    return spec if tables == spec.tables else spec.model_copy(update={"tables": tables})


def _with_layers(table: AnyTable, framework: FrameworkFile) -> AnyTable:
    if not isinstance(table, CrosstabTable) or not any(block.layers for block in table.blocks):
        return table
    blocks = tuple(made for block in table.blocks for made in _blocks_of(block, framework))
    return table.model_copy(update={"blocks": blocks})


def _blocks_of(block: CrosstabBlock, framework: FrameworkFile) -> Iterator[CrosstabBlock]:
    layers = block.layers
    variable = variable_called(layers.variable or "", framework) if layers else None
    if layers is None or variable is None:
        yield block
        return
    whole = block.model_copy(update={"layers": None})
    yield whole
    # Layers have few records: where a crossing would lose too much, its totals are margins too.
    recodes = block.recodes
    if not any(recode.totals for recode in recodes):
        recodes = (*recodes, Recode(label="totals of the layers alone", totals=True))
    for name, label, values in named_values(layers, variable):
        about = {
            "id": f"{block.id}_{name}",
            "title": f"{block.title}: {label}",
            "base": f"{block.base} ({label})",
            "where": WhereCondition(variable=variable.id, values=values),
            "all_label": f"{block.all_label} ({label})",
            "recodes": recodes,
        }
        # A median, and the number for each review, are of all records alone.
        alone = dict.fromkeys(("median", "least", "most", "each"))
        yield whole.model_copy(update=about | alone)


def layer_faults(
    table: CrosstabTable, framework: FrameworkFile, at: yaml_file.Path
) -> Iterator[Finding]:
    """Layers that cannot be made into blocks, each fault with its path."""
    for place, block in enumerate(table.blocks):
        if block.layers is not None:
            here = (*at, "blocks", place, "layers")
            yield from dimension_faults(block.layers, block.unit, framework, here)
            if message := _unsuited(table, block, block.layers, framework):
                yield here, message


def _unsuited(
    table: CrosstabTable, block: CrosstabBlock, layers: Dimension, framework: FrameworkFile
) -> str:
    """Why a block cannot have its layers, "" if it can."""
    variable = variable_called(layers.variable or "", framework)
    if len(table.blocks) > 1:
        return f"{table.id}: a block with layers is the only one of its table"
    if block.columns is None:
        return f"{table.id}: layers need rows and columns: a table of two facts has these two"
    if block.where is not None:
        return f"{table.id}: a block has either layers or where: layers are conditions themselves"
    if layers.variable is None or layers.subtotals:
        return f"{table.id}: layers are the values of a variable, or groups of them"
    if variable is None:
        return ""
    return _unsuited_variable(table, block, layers, variable)


def _unsuited_variable(
    table: CrosstabTable, block: CrosstabBlock, layers: Dimension, variable: VariableSpec
) -> str:
    crossed = {part.variable for part in (block.rows, block.columns) if part is not None}
    if variable.type not in LAYERED or variable.id.startswith(PREFIX):
        return f"{table.id}: {variable.id} is no list of values, so it makes no layers"
    if variable.id in crossed:
        return f"{table.id}: {variable.id} is in the rows or columns already"
    number = len(list(named_values(layers, variable)))
    if number > MOST_LAYERS:
        return f"{table.id}: {number} layers, of at most {MOST_LAYERS}: combine values in groups"
    return ""
