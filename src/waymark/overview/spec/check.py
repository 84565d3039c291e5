"""Checks of a specification against its framework: every fault with its line in the YAML."""

from collections.abc import Iterable, Iterator

from waymark.core import yaml_file
from waymark.core.errors import FileFault, SpecError
from waymark.core.near_names import did_you_mean
from waymark.frameworks.families import variables_of_group, variables_with_silence
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.spec.cell_check import cell_faults
from waymark.overview.spec.conditions import (
    computed_beside_source,
    conflicting_conditions,
    misplaced_condition,
)
from waymark.overview.spec.dimension_check import (
    dimension_faults,
    known_code_faults,
    level_faults,
    no_code,
    no_variable,
    value_faults,
    variable_called,
)
from waymark.overview.spec.fitting import (
    fitted_spec,
    is_unrecorded,
    tables_with_other_coarser,
    with_theme_in_place,
)
from waymark.overview.spec.ids import repeated_faults, selection_faults, table_faults
from waymark.overview.spec.layers import layer_faults, with_layers_as_blocks
from waymark.overview.spec.names import SMART
from waymark.overview.spec.schema import (
    AgreementTable,
    AnyTable,
    CodeChoice,
    ContactsTable,
    CooccurrenceTable,
    CrosstabBlock,
    CrosstabTable,
    Dimension,
    FigureSpec,
    OverviewSpec,
    QualifierChoice,
    Recode,
    SilenceTable,
    StatesTable,
    ThemesTable,
    Unit,
    WhereCondition,
    read_overview,
)

Finding = tuple[yaml_file.Path, str]


def checked_overview(source: str, framework: FrameworkFile, *, file: str) -> OverviewSpec:
    """The specification of a YAML text that fits the framework.

    Raises SpecError with every fault.
    """
    spec, lines = read_overview(source, file=file)
    findings = [*_theme_faults(spec, framework), *_coarser_faults(spec)]
    spec = with_theme_in_place(spec, framework)
    findings += _spec_faults(spec, framework)
    # Blocks are left out only now: the faults above name places of the whole text.
    spec = fitted_spec(spec, framework)
    # Cells are checked only if all tables fit: otherwise one fault would be listed many times.
    findings = findings or list(cell_faults(spec, framework))
    if findings:
        faults = [FileFault(yaml_file.line_of(lines, path), message) for path, message in findings]
        raise SpecError(file, faults)
    return spec


def _spec_faults(spec: OverviewSpec, framework: FrameworkFile) -> Iterator[Finding]:
    name = f"{framework.framework} {framework.version}"
    if spec.framework != name:
        yield ("framework",), f"the overview names {spec.framework}, but the framework is {name}"
        return
    yield from selection_faults(spec)
    yield from repeated_faults([table.id for table in spec.tables], ("tables",), "id")
    yield from repeated_faults([figure.id for figure in spec.figures], ("figures",), "id")
    for number, table in enumerate(spec.tables):
        yield from _table_faults(table, framework, ("tables", number))
        yield from table_faults(table, ("tables", number))
        yield from _condition_faults(table, framework, ("tables", number, "where"))
    if spec.disclosure.profile != "open":
        tables = with_layers_as_blocks(spec, framework).tables
        for at, message in (
            *conflicting_conditions(tables),
            *computed_beside_source(tables, framework),
        ):
            yield ("tables", *at), message
    yield from _figure_faults(spec)


def _theme_faults(spec: OverviewSpec, framework: FrameworkFile) -> Iterator[Finding]:
    """A theme of the specification that the framework has not got."""
    if spec.theme is not None and spec.theme.code is not None:
        yield from known_code_faults(spec.theme.code, framework, ("theme", "code"))
    if spec.theme is not None and spec.theme.factor is not None:
        yield from _state_faults([spec.theme.factor], framework, ("theme", "factor"))


def _coarser_faults(spec: OverviewSpec) -> Iterator[Finding]:
    for number in tables_with_other_coarser(spec):
        message = (
            f"{spec.tables[number].id}: coarser columns are made from the theme of a study alone:"
            " remove coarser"
        )
        yield ("tables", number, "coarser"), message


def _table_faults(
    table: AnyTable, framework: FrameworkFile, at: yaml_file.Path
) -> Iterator[Finding]:
    match table:
        case CrosstabTable():
            yield from _crosstab_faults(table, framework, at)
        case StatesTable() | ContactsTable():
            yield from _group_faults(table, framework, (*at, "group"))
            yield from _columns_faults(table, framework, at)
        case SilenceTable():
            yield from _group_faults(table, framework, (*at, "group"))
            yield from _by_faults(table, framework, (*at, "by"))
        case CooccurrenceTable():
            for place, factors in enumerate(table.of):
                yield from _state_faults(factors.any_of, framework, (*at, "of", place, "any_of"))
        case ThemesTable():
            yield from _themes_faults(table, framework, at)
        case AgreementTable():
            yield from _code_faults(table.of, framework, (*at, "of"))


def _condition_faults(
    table: AnyTable, framework: FrameworkFile, at: yaml_file.Path
) -> Iterator[Finding]:
    if table.where is not None:
        if message := misplaced_condition(table):
            yield at, message
        else:
            yield from _where_faults(table.where, "review", framework, at)


def _where_faults(
    where: WhereCondition, unit: Unit, framework: FrameworkFile, at: yaml_file.Path
) -> Iterator[Finding]:
    variable = variable_called(where.variable, framework)
    if variable is None:
        yield (*at, "variable"), no_variable(where.variable, framework)
    else:
        yield from level_faults(variable, unit, (*at, "variable"))
        yield from value_faults(where.values, variable, (*at, "values"))
        if variable.type == "categories":
            yield (*at, "variable"), f"{variable.id} has several values and cannot be a condition"


def _themes_faults(
    table: ThemesTable, framework: FrameworkFile, at: yaml_file.Path
) -> Iterator[Finding]:
    yield from _code_faults(table.of, framework, (*at, "of"))
    yield from _columns_faults(table, framework, at)
    if table.order == "listed" and not table.of.codes:
        yield (*at, "order"), "order: listed needs codes that are listed in of.codes"
    if table.qualified is not None:
        yield from _qualifier_faults(table, table.qualified, framework, (*at, "qualified"))


def _columns_faults(
    table: ThemesTable | StatesTable | ContactsTable, framework: FrameworkFile, at: yaml_file.Path
) -> Iterator[Finding]:
    if table.columns is not None:
        yield from dimension_faults(table.columns, "review", framework, (*at, "columns"))


def _by_faults(
    table: SilenceTable, framework: FrameworkFile, at: yaml_file.Path
) -> Iterator[Finding]:
    """Facts by which silence cannot be counted: a small number of each would be in its row."""
    by = table.by
    if by is not None:
        yield from dimension_faults(by, "review", framework, at)
        if not by.about_process or by.count is not None:
            message = (
                f"{table.id}: silence is counted by facts about the process of review, such as the"
                " year or the kind of report: use one, and add process: true"
            )
            yield at, message


def _qualifier_faults(
    table: ThemesTable, choice: QualifierChoice, framework: FrameworkFile, at: yaml_file.Path
) -> Iterator[Finding]:
    if table.columns is not None or table.where is not None:
        # Protection ties themes by a fact to all reviews with the theme, not to some passages.
        yield at, f"{table.id}: qualified counts all reviews, so remove columns and where"
    known = framework.qualifiers.get(choice.name, ())
    for value in choice.values:
        if value not in known:
            yield at, f"the framework has no qualifier {choice.name} with the value {value}"


DRAWN_OF = {
    "flow": {"flow"},
    "columns": {"crosstab"},
    "bars": {"crosstab", "contacts", "states", "themes", "cooccurrence", "silence"},
    "ranges": {"states"},
    "dots": {"themes", "contacts"},
    "stacked": {"crosstab"},
    "shares": {"crosstab"},
    "matrix": {"themes", "states", "contacts"},
}
OF_PARTS = frozenset({"stacked", "shares"})


def _figure_faults(spec: OverviewSpec) -> Iterator[Finding]:
    tables = {table.id: table for table in spec.tables}
    for number, figure in enumerate(spec.figures):
        at: yaml_file.Path = ("figures", number)
        table = tables.get(figure.table)
        if table is None:
            near = did_you_mean(figure.table, tables)
            yield (*at, "table"), f"{figure.id}: there is no table {figure.table}{near}"
        elif table.kind not in DRAWN_OF[figure.kind]:
            message = f"{figure.id}: {figure.kind} cannot show a {table.kind} table"
            yield (*at, "kind"), message
        else:
            for part, message in (
                *_block_choice_faults(figure, table),
                *_parts_faults(figure, table),
            ):
                yield (*at, part), f"{figure.id}: {message}"


def _block_choice_faults(figure: FigureSpec, table: AnyTable) -> Iterator[tuple[str, str]]:
    """Field of a figure -> message: a block that a table does not have, or one of several."""
    blocks = [block.id for block in table.blocks] if isinstance(table, CrosstabTable) else []
    if figure.block is not None and figure.block not in blocks:
        yield "block", f"{table.id} has no block {figure.block}"
    elif figure.block is None and len(blocks) > 1:
        yield "block", f"name one block of {table.id}: {', '.join(blocks)}"


def _parts_faults(figure: FigureSpec, table: AnyTable) -> Iterator[tuple[str, str]]:
    """Field of a figure -> message: a kind of drawing that does not fit the columns."""
    across = getattr(table, "columns", None) is not None
    if (figure.kind == "matrix") != across:
        yield "kind", "use matrix for tables with columns by a fact, and for nothing else"
    if (figure.kind in OF_PARTS) != (len(figure.parts) > 1):
        yield "parts", "list two or more parts for stacked bars and shares, and for nothing else"
    if isinstance(table, StatesTable) and figure.kind == "ranges" and "percent" not in table.show:
        yield "table", f"ranges need percent in show of {table.id}"


def _crosstab_faults(
    table: CrosstabTable, framework: FrameworkFile, at: yaml_file.Path
) -> Iterator[Finding]:
    yield from repeated_faults([block.id for block in table.blocks], (*at, "blocks"), "id")
    yield from layer_faults(table, framework, at)
    units = {block.unit for block in table.blocks}
    if "recommendation" in units and len(units) > 1:
        yield (*at, "blocks"), f"{table.id}: put recommendations into a table of their own"
    optional = sum(block.optional for block in table.blocks)
    if optional and len(table.blocks) - optional < 2:
        # With fewer, the ids of rows would change once the framework has the variables.
        yield (*at, "blocks"), f"{table.id}: optional blocks need two others beside them"
    for number, block in enumerate(table.blocks):
        if is_unrecorded(block, framework):
            continue
        yield from _block_faults(block, framework, (*at, "blocks", number))
        if table.order == "count" and (block.rows.subtotals or block.rows.variable == SMART):
            yield (*at, "order"), f"{block.id} has subtotals, so remove order: count"


def _block_faults(
    block: CrosstabBlock, framework: FrameworkFile, at: yaml_file.Path
) -> Iterator[Finding]:
    if block.where is not None:
        yield from _where_faults(block.where, block.unit, framework, (*at, "where"))
    yield from dimension_faults(block.rows, block.unit, framework, (*at, "rows"))
    if block.columns is not None:
        yield from dimension_faults(block.columns, block.unit, framework, (*at, "columns"))
    for number, recode in enumerate(block.recodes):
        yield from _recode_faults(block, recode, framework, (*at, "recodes", number))
    if block.median and block.rows.count is None:
        yield (*at, "median"), f"{block.id}: a median needs rows with a count"
    if (block.least or block.most) and not block.rows.counts_months:
        # The most children of a review is a fact about one family.
        message = f"{block.id}: least and most need rows that count months"
        yield (*at, "least" if block.least else "most"), message
    if block.rows.counts_months and (block.columns or block.where):
        yield (*at, "rows"), f"{block.id}: months are counted of all reviews, without columns"


def _recode_faults(
    block: CrosstabBlock, recode: Recode, framework: FrameworkFile, at: yaml_file.Path
) -> Iterator[Finding]:
    if (recode.totals or recode.columns) and block.columns is None:
        yield at, f"{block.id} has no columns, so a coarser version can only change its rows"
    for part in ("rows", "columns"):
        dimension: Dimension | None = getattr(recode, part)
        if dimension is not None:
            yield from dimension_faults(dimension, block.unit, framework, (*at, part))


def _group_faults(
    table: StatesTable | ContactsTable | SilenceTable, framework: FrameworkFile, at: yaml_file.Path
) -> Iterator[Finding]:
    if isinstance(table, SilenceTable):
        if not variables_with_silence(framework, table.group, table.leave_out):
            yield at, f"{table.id}: there is no variable on which reports can be silent"
        every = {variable.group for variable in framework.variables if variable.group}
        for name in table.leave_out:
            if name not in every:
                near = did_you_mean(name, every)
                yield (*at, "leave_out"), f"there is no group {name} of variables{near}"
        return
    kind = "state" if table.kind == "states" else "contact"
    if not any(variable.type == kind for variable in variables_of_group(framework, table.group)):
        of_kind = [variable for variable in framework.variables if variable.type == kind]
        groups = [variable.group for variable in of_kind if variable.group]
        near = did_you_mean(table.group, groups)
        yield at, f"there is no group {table.group} of {kind} variables{near}"


def _state_faults(
    names: Iterable[str], framework: FrameworkFile, at: yaml_file.Path
) -> Iterator[Finding]:
    for name in names:
        variable = variable_called(name, framework)
        if variable is None:
            yield at, no_variable(name, framework)
        elif variable.type != "state":
            yield at, f"{name} is not a factor with states"


def _code_faults(
    choice: CodeChoice, framework: FrameworkFile, at: yaml_file.Path
) -> Iterator[Finding]:
    known = {code.id for code in framework.codes}
    for name in choice.codes:
        if name not in known:
            yield (*at, "codes"), no_code(name, framework)
    if choice.family and choice.family not in known:
        yield (*at, "family"), no_code(choice.family, framework)
    sections = [section.id for section in framework.sections]
    if choice.section and choice.section not in sections:
        near = did_you_mean(choice.section, sections)
        yield (*at, "section"), f"there is no section {choice.section}{near}"
    if choice.themes and not any(code.theme for code in framework.codes):
        yield (*at, "themes"), "the framework has no themes for learning"
