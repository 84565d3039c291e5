"""Whether an overview's spec fits its framework: every fault with the line of the YAML."""

from collections.abc import Iterable, Iterator

from waymark.core import yamlfile
from waymark.core.errors import Fault, RuleError, SpecError
from waymark.frameworks.schema import FrameworkFile, VariableSpec
from waymark.overview.recommended import PREFIX, recommendation_variable
from waymark.overview.spec import (
    AgreementTable,
    AnyTable,
    Block,
    CodeChoice,
    ContactsTable,
    CooccurrenceTable,
    Crosstab,
    Dimension,
    OverviewSpec,
    Recode,
    StatesTable,
    ThemesTable,
    Unit,
    Values,
    read_overview,
)

Finding = tuple[yamlfile.Path, str]
COUNTED = frozenset({"category", "year", "age", "state", "contact"})


def checked_overview(source: str, framework: FrameworkFile, *, file: str) -> OverviewSpec:
    """The spec of a YAML text that fits the framework. Raises SpecError with every fault."""
    spec, lines = read_overview(source, file=file)
    faults = [
        Fault(yamlfile.line_of(lines, path), message) for path, message in _faults(spec, framework)
    ]
    if faults:
        raise SpecError(file, faults)
    return spec


def _faults(spec: OverviewSpec, framework: FrameworkFile) -> Iterator[Finding]:
    said = f"{framework.framework} {framework.version}"
    if spec.framework != said:
        yield ("framework",), f"the overview is about {spec.framework}, the framework is {said}"
        return
    yield from _repeated(("tables",), [table.id for table in spec.tables])
    yield from _repeated(("figures",), [figure.id for figure in spec.figures])
    for number, table in enumerate(spec.tables):
        yield from _table_faults(table, framework, ("tables", number))
    yield from _figure_faults(spec)
    yield from _logic_faults(spec)


def _table_faults(
    table: AnyTable, framework: FrameworkFile, at: yamlfile.Path
) -> Iterator[Finding]:
    match table:
        case Crosstab():
            yield from _crosstab_faults(table, framework, at)
        case StatesTable() | ContactsTable():
            yield from _group_faults(table, framework, (*at, "group"))
        case CooccurrenceTable():
            for place, factors in enumerate(table.of):
                for name in factors.any_of:
                    yield from _state_faults(name, framework, (*at, "of", place, "any_of"))
        case ThemesTable(columns=Dimension() as across):
            yield from _code_faults(table.of, framework, (*at, "of"))
            yield from _dimension_faults(across, "review", framework, (*at, "columns"))
        case ThemesTable() | AgreementTable():
            yield from _code_faults(table.of, framework, (*at, "of"))


def _repeated(at: yamlfile.Path, ids: list[str]) -> Iterator[Finding]:
    for number, one in enumerate(ids):
        if one in ids[:number]:
            yield (*at, number, "id"), f"{one} stands here twice"


def _figure_faults(spec: OverviewSpec) -> Iterator[Finding]:
    kinds = {table.id: table.kind for table in spec.tables}
    fits = {
        "flow": {"flow"},
        "columns": {"crosstab"},
        "bars": {"crosstab", "contacts", "states", "themes", "cooccurrence"},
        "ranges": {"states"},
        "dots": {"themes", "contacts"},
        "stacked": {"crosstab"},
        "shares": {"crosstab"},
        "matrix": {"themes"},
    }
    across = {table.id for table in spec.tables if isinstance(table, ThemesTable) and table.columns}
    blocks = {
        table.id: {block.id for block in table.blocks}
        for table in spec.tables
        if isinstance(table, Crosstab)
    }
    for number, figure in enumerate(spec.figures):
        kind = kinds.get(figure.table)
        at: yamlfile.Path = ("figures", number)
        if kind is None:
            yield (*at, "table"), f"{figure.id}: there is no table {figure.table}"
        elif kind not in fits[figure.kind]:
            yield (*at, "kind"), f"{figure.id}: {figure.kind} cannot be drawn of a {kind} table"
        elif (figure.kind == "matrix") != (figure.table in across):
            yield (
                (*at, "kind"),
                f"{figure.id}: a matrix is drawn of themes with columns, and only it",
            )
        elif figure.block is not None and figure.block not in blocks.get(figure.table, set()):
            yield (*at, "block"), f"{figure.id}: {figure.table} has no block {figure.block}"
        elif (figure.kind in {"stacked", "shares"}) != (len(figure.parts) > 1):
            yield (*at, "parts"), f"{figure.id}: parts are the columns of stacked bars and shares"


def _crosstab_faults(
    table: Crosstab, framework: FrameworkFile, at: yamlfile.Path
) -> Iterator[Finding]:
    yield from _repeated((*at, "blocks"), [block.id for block in table.blocks])
    units = {block.unit for block in table.blocks}
    if "recommendation" in units and len(units) > 1:
        yield (*at, "blocks"), f"{table.id}: recommendations stand in a table of their own"
    for number, block in enumerate(table.blocks):
        yield from _block_faults(block, framework, (*at, "blocks", number))


def _block_faults(block: Block, framework: FrameworkFile, at: yamlfile.Path) -> Iterator[Finding]:
    if block.where is not None:
        variable = _variable(block.where.variable, framework)
        where = (*at, "where", "variable")
        if variable is None:
            yield where, f"there is no variable {block.where.variable}"
        else:
            yield from _level_faults(variable, block.unit, where)
            yield from _value_faults(block.where.values, variable, (*at, "where", "values"))
    yield from _dimension_faults(block.rows, block.unit, framework, (*at, "rows"))
    if block.columns is not None:
        yield from _dimension_faults(block.columns, block.unit, framework, (*at, "columns"))
    for number, recode in enumerate(block.recodes):
        yield from _recode_faults(block, recode, framework, (*at, "recodes", number))
    if block.median and block.rows.count is None:
        yield (*at, "median"), f"{block.id}: a median needs rows that count children"


def _recode_faults(
    block: Block, recode: Recode, framework: FrameworkFile, at: yamlfile.Path
) -> Iterator[Finding]:
    if (recode.totals or recode.columns) and block.columns is None:
        yield at, f"{block.id} has no columns: it can only be given other rows"
    for part in ("rows", "columns"):
        dimension: Dimension | None = getattr(recode, part)
        if dimension is not None:
            yield from _dimension_faults(dimension, block.unit, framework, (*at, part))


def _logic_faults(spec: OverviewSpec) -> Iterator[Finding]:
    known = {table.id for table in spec.tables}
    for number, rule in enumerate(spec.logic):
        for side, cell in (("fewer", rule.fewer), ("more", rule.more)):
            if cell.table not in known:
                yield ("logic", number, side, "table"), f"there is no table {cell.table}"


def _dimension_faults(
    dimension: Dimension, unit: Unit, framework: FrameworkFile, at: yamlfile.Path
) -> Iterator[Finding]:
    yield from _band_faults(dimension, at)
    if dimension.count is not None:
        yield from _count_faults(dimension, unit, framework, at)
        return
    variable = _variable(dimension.variable or "", framework)
    if variable is None:
        yield (*at, "variable"), f"there is no variable {dimension.variable}"
        return
    yield from _level_faults(variable, unit, (*at, "variable"))
    if variable.type not in COUNTED:
        yield (*at, "variable"), f"{variable.id} is {variable.type}: it cannot be counted"
    if (variable.type == "age") != bool(dimension.bands):
        yield (*at, "bands"), f"{variable.id}: bands go with ages, and ages need them"
    for part in ("groups", "subtotals"):
        sets: tuple[Values, ...] = getattr(dimension, part)
        for number, one in enumerate(sets):
            yield from _value_faults(one.values, variable, (*at, part, number, "values"))
    yield from _group_overlaps(dimension, variable, (*at, "groups"))


def _count_faults(
    dimension: Dimension, unit: Unit, framework: FrameworkFile, at: yamlfile.Path
) -> Iterator[Finding]:
    if unit != "review":
        yield (*at, "count"), "children are counted for each review: the unit must be review"
    if dimension.shown_by and _variable(dimension.shown_by, framework) is None:
        yield (*at, "shown_by"), f"there is no variable {dimension.shown_by}"
    if not dimension.bands:
        yield (*at, "count"), "counted children need bands"


def _band_faults(dimension: Dimension, at: yamlfile.Path) -> Iterator[Finding]:
    below = -1
    for number, band in enumerate(dimension.bands):
        last = number == len(dimension.bands) - 1
        if band.end is None and not last:
            yield (*at, "bands", number), f"{band.id}: only the last band may be open"
            return
        if band.start <= below or (band.end is not None and band.end < band.start):
            yield (*at, "bands", number), f"{band.id}: bands must rise and not overlap"
        below = band.end if band.end is not None else band.start


def _group_overlaps(
    dimension: Dimension, variable: VariableSpec, at: yamlfile.Path
) -> Iterator[Finding]:
    seen: set[str] = set()
    for number, group in enumerate(dimension.groups):
        held = {value.value for value in variable.allowed if value.death and group.deaths}
        held |= set(group.values)
        if held & seen:
            yield (*at, number), f"{group.id}: a value stands in two groups"
        seen |= held


def _level_faults(variable: VariableSpec, unit: Unit, at: yamlfile.Path) -> Iterator[Finding]:
    of_recommendations = variable.id.startswith(PREFIX)
    if of_recommendations and unit != "recommendation":
        yield at, f"{variable.id}: the unit must be recommendation"
    elif unit == "recommendation" and not of_recommendations:
        yield at, f"{variable.id} is no fact about recommendations"
    elif unit == "review" and variable.level == "child":
        yield at, f"{variable.id} is a fact about children: the unit must be child"


def _value_faults(
    values: Iterable[str], variable: VariableSpec, at: yamlfile.Path
) -> Iterator[Finding]:
    allowed = {value.value for value in variable.allowed}
    for value in values:
        if value not in allowed:
            yield at, f"{variable.id} has no value {value}"


def _group_faults(
    table: StatesTable | ContactsTable, framework: FrameworkFile, at: yamlfile.Path
) -> Iterator[Finding]:
    wanted = "state" if table.kind == "states" else "contact"
    if not any(one.group == table.group and one.type == wanted for one in framework.variables):
        yield at, f"there is no group {table.group} of {wanted} variables"


def _state_faults(name: str, framework: FrameworkFile, at: yamlfile.Path) -> Iterator[Finding]:
    variable = _variable(name, framework)
    if variable is None:
        yield at, f"there is no variable {name}"
    elif variable.type != "state":
        yield at, f"{name} is not a factor with states"


def _code_faults(
    choice: CodeChoice, framework: FrameworkFile, at: yamlfile.Path
) -> Iterator[Finding]:
    known = {code.id for code in framework.codes}
    for name in choice.codes:
        if name not in known:
            yield (*at, "codes"), f"there is no code {name}"
    if choice.section and choice.section not in {section.id for section in framework.sections}:
        yield (*at, "section"), f"there is no section {choice.section}"
    if choice.themes and not any(code.theme for code in framework.codes):
        yield (*at, "themes"), "the framework has no themes for learning"


def _variable(name: str, framework: FrameworkFile) -> VariableSpec | None:
    told = recommendation_variable(name, framework)
    if told is not None:
        return told
    try:
        return framework.variable(name)
    except RuleError:
        return None
