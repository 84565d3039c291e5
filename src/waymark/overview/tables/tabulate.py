"""Frozen rows -> tables in which every cell has its base, its records and its evidence. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from waymark.core.tables import Cell, Column, Row, Table
from waymark.core.wording import date_in_words
from waymark.frameworks.families import with_descendants
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.snapshot.coded_reviews import CodedReviews
from waymark.overview.snapshot.rows import FrozenRows, PopulationBase
from waymark.overview.spec.names import (
    AGREEMENT_COLUMNS,
    ALL,
    EVIDENCE,
    IMPACT,
    SMART,
    STAGES,
    STATUS,
)
from waymark.overview.spec.schema import (
    PLURAL,
    AgreementTable,
    AnyTable,
    ContactsTable,
    CooccurrenceTable,
    CrosstabTable,
    Dimension,
    FlowTable,
    OverviewSpec,
    SilenceTable,
    StatesTable,
    ThemesTable,
    WhereCondition,
    chosen_codes,
)
from waymark.overview.tables import agreement, factors, silence, themes, themes_by_group
from waymark.overview.tables.confidence_intervals import DrawnSample, with_intervals
from waymark.overview.tables.crosstab import columns_of, crossings_of, crosstab_rows
from waymark.overview.tables.notes import (
    ACROSS,
    BOUNDS,
    COMPLETE_IS_NOT_IMPACT,
    CONTACT,
    COUNTED_WITH,
    CRITERIA_MET,
    MONTHS,
    MULTIPLE,
    OVERDUE,
    QUALIFIED,
    RECORDED_STATES,
    ROUNDING,
    SELECTION,
    SILENCE,
    SILENT_SUMMARIES,
    SILENT_VARIABLES,
    STATED_ALONE,
    THEMES,
)
from waymark.overview.tables.population_rates import with_rates
from waymark.overview.tables.themes_by_group import ReviewKind, lower_first


def tabulate(rows: FrozenRows, spec: OverviewSpec, framework: FrameworkFile) -> tuple[Table, ...]:
    """The tables of a specification in its order, counted from frozen rows and nothing else."""
    facts = CodedReviews.of_rows(rows, framework)
    drawn = drawn_sample(facts, spec)
    return tuple(
        finish_table(counted_table(table, facts, spec), table, drawn, rows.bases)
        for table in spec.tables
    )


def finish_table(
    table: Table,
    spec: AnyTable,
    drawn: DrawnSample | None,
    bases: Sequence[PopulationBase],
    *,
    rounded: bool = False,
) -> Table:
    """A table as it is shown, with its rows in order, intervals and rates on a population.

    drawn: None if no sample. rounded: its numbers are. Only what the table prints is used, so
    nothing that is withheld shows in any of them.
    """
    if isinstance(spec, CrosstabTable) and spec.order == "count":
        table = _by_size(table)
    table = with_intervals(table, spec, drawn, rounded=rounded)
    return with_rates(table, spec, bases, rounded=rounded)


def _by_size(table: Table) -> Table:
    """The parts of each block with the largest first; withheld numbers come last."""
    at = [column.id for column in table.columns].index(ALL)

    def size(row: Row) -> float:
        value = row.cells[at].value
        return 1.0 if value is None else -float(value)

    rows: list[Row] = []
    for (_, is_part), run in groupby(table.rows, key=lambda row: (row.group, row.role == "part")):
        members = list(run)
        rows += sorted(members, key=size) if is_part else members
    return replace(table, rows=tuple(rows))


def drawn_sample(facts: CodedReviews, spec: OverviewSpec) -> DrawnSample | None:
    """The sample that the reviews are; None if they are all that there were.

    Raises RuleError if the population is no larger than the sample.
    """
    sample = spec.select.sample_of
    return None if sample is None else DrawnSample(len(facts.reviews), sample)


def counted_table(
    table: AnyTable,
    facts: CodedReviews,
    spec: OverviewSpec,
    kinds: Sequence[ReviewKind] | None = None,
) -> Table:
    """One table as counted, before any protection.

    kinds: the columns of a table of themes by a fact, if they differ from its specification.
    """
    columns, rows, unit, base, notes = _table_contents(table, facts, kinds)
    notes += _recommendation_notes(table, spec)
    units = PLURAL.get(unit, unit)
    version = f"{COUNTED_WITH} {facts.rows.framework}."
    return Table(
        id=table.id,
        title=f"{table.title}: {units}, {spec.place}, {spec.period}",
        unit=unit,
        base=base,
        columns=tuple(columns),
        rows=tuple(rows),
        notes=(*table.notes, *notes, version, SELECTION),
        stub=_stub_heading(table),
        framework=facts.rows.framework,
    )


STUBS = {
    "flow": "Stage",
    "states": "Factor",
    "contacts": "Service",
    "cooccurrence": "How many of them",
    "silence": "Variable",
    "themes": "Theme",
    "agreement": "Code",
}


def _stub_heading(table: AnyTable) -> str:
    """The heading above the row labels: the title of one block, or the units of several."""
    if not isinstance(table, CrosstabTable):
        return STUBS[table.kind]
    if len(table.blocks) == 1:
        return table.blocks[0].title
    return " and ".join(dict.fromkeys(PLURAL[block.unit] for block in table.blocks)).capitalize()


TableContents = tuple[Sequence[Column], Sequence[Row], str, str, list[str]]


def _table_contents(
    table: AnyTable, facts: CodedReviews, kinds: Sequence[ReviewKind] | None
) -> TableContents:
    reviews = base_in_words(table, facts)
    match table:
        case FlowTable():
            rows = _flow_rows(facts)
            return (
                [Column("n", "Reviews")],
                rows,
                "review",
                _identified_base(facts),
                _flow_notes(facts),
            )
        case CrosstabTable():
            return _crosstab_contents(table, facts)
        case StatesTable() | ContactsTable() | SilenceTable():
            columns, rows, notes = _contents_by_variable(table, facts)
            unit = (
                silence.silence_unit(table, facts) if isinstance(table, SilenceTable) else "review"
            )
            return columns, rows, unit, reviews, notes
        case CooccurrenceTable():
            rows = factors.cooccurrence_rows(table, facts)
            notes = [_factor_sets_note(table, facts), SILENCE]
            return [Column("n", "Reviews")], rows, "review", reviews, notes
        case ThemesTable():
            return _themes_contents(table, facts, kinds)
        case AgreementTable():
            rows = agreement.agreement_rows(table, facts)
            twice, codes = (
                len(facts.rows.double_coded),
                len(chosen_codes(facts.framework, table.of)),
            )
            base = f"{twice * codes} units: {codes} codes in {twice} reviews coded twice"
            unit = "codes of reviews coded twice"
            return AGREEMENT_COLUMNS, rows, unit, base, agreement.agreement_notes(facts)


def _contents_by_variable(
    table: StatesTable | ContactsTable | SilenceTable, facts: CodedReviews
) -> tuple[list[Column], list[Row], list[str]]:
    """The columns, rows and notes of a table with a row for each variable."""
    if isinstance(table, SilenceTable):
        columns = silence.silence_columns(table)
        notes = [SILENT_VARIABLES, SILENCE] if len(columns) > 1 else [STATED_ALONE]
        notes += [SILENT_SUMMARIES] if table.by is not None else []
        return columns, silence.silence_rows(table, facts), notes
    if table.columns is not None:
        notes = [CONTACT] if isinstance(table, ContactsTable) else [RECORDED_STATES]
        notes += [ACROSS, MULTIPLE, *_not_judged(table.group, facts)]
        columns = factors.across_columns(table.columns, facts)
        return columns, factors.across_rows(table, table.columns, facts), notes
    if isinstance(table, ContactsTable):
        notes = [CONTACT, ROUNDING, MULTIPLE, *_not_judged(table.group, facts)]
        return factors.contacts_columns(), factors.contacts_rows(table, facts), notes
    notes = [BOUNDS, ROUNDING, MULTIPLE, SILENCE, *_not_judged(table.group, facts)]
    return factors.states_columns(table), factors.states_rows(table, facts), notes


def _themes_contents(
    table: ThemesTable, facts: CodedReviews, kinds: Sequence[ReviewKind] | None
) -> TableContents:
    reviews = base_in_words(table, facts)
    if table.columns is None:
        rows = themes.themes_rows(table, facts)
        notes = [THEMES, *_qualified_notes(table), ROUNDING, MULTIPLE]
        return themes.THEME_COLUMNS, rows, "review", reviews, notes
    shown_kinds = themes_by_group.kinds_of(table.columns, facts) if kinds is None else kinds
    rows = themes_by_group.across_rows(table, facts, shown_kinds)
    columns = themes_by_group.across_columns(shown_kinds)
    return columns, rows, "review", reviews, [ACROSS, MULTIPLE]


def _qualified_notes(table: ThemesTable) -> list[str]:
    if table.qualified is None:
        return []
    name, values = table.qualified.name, " or ".join(table.qualified.values)
    return [QUALIFIED.format(name.replace("_", " "), values.replace("_", " "))]


def base_in_words(
    table: AnyTable,
    facts: CodedReviews,
    printable_numbers: Sequence[int | None] | None = None,
    *,
    rounded: bool = False,
) -> str:
    """The base of a table with its number, as it is printed.

    printable_numbers: for each block of a crosstab, or for the whole table, None if its number may
    not be printed; by default, every number as counted. rounded: these are rounded, as "About 25
    reviews".
    """
    words = _exact_base(table, facts, printable_numbers)
    if not rounded:
        return words
    words = re.sub(r"(^|; )(?=\d)", r"\1about ", words)
    return words[0].upper() + words[1:]


def _exact_base(
    table: AnyTable, facts: CodedReviews, printable_numbers: Sequence[int | None] | None
) -> str:
    if isinstance(table, CrosstabTable):
        numbers = printable_numbers or [
            len(facts.records_meeting(block.where, block.unit)) for block in table.blocks
        ]
        bases = [
            block.base if number is None else f"{number} {block.base}"
            for block, number in zip(table.blocks, numbers, strict=True)
        ]
        return "; ".join(dict.fromkeys(bases))
    if isinstance(table, SilenceTable):
        return silence.silence_base(table, facts)
    (number,) = printable_numbers or [len(facts.records_meeting(table.where))]
    read = f"review{'s' * (number != 1)} read and coded{_condition_in_words(table.where, facts)}"
    return f"R{read[1:]}" if number is None else f"{number} {read}"


def _condition_in_words(where: WhereCondition | None, facts: CodedReviews) -> str:
    """A condition in words, as " where cause is fire or fall", or ""."""
    if where is None:
        return ""
    variable = facts.variable(where.variable)
    labels = [value.label for value in variable.allowed if value.value in where.values]
    return f" where {lower_first(variable.name)} is {' or '.join(map(lower_first, labels))}"


def _identified_base(facts: CodedReviews) -> str:
    number = len(facts.rows.reviews)
    return f"{number} review{'s' * (number != 1)} identified"


def _flow_rows(facts: CodedReviews) -> list[Row]:
    reviews = facts.rows.reviews
    obtained = [review for review in reviews if review.obtained]
    stages = {
        "identified": [review.reference for review in reviews],
        "obtained": [review.reference for review in obtained],
        "excluded": [review.reference for review in obtained if review.excluded],
        "coded": [record.review for record in facts.reviews],
        "double_coded": [review.review for review in facts.rows.double_coded],
    }
    rows = []
    for stage, references in stages.items():
        cell = Cell(len(references), len(reviews), records=tuple(references))
        rows.append(Row(stage, STAGES[stage], (cell,), "measure"))
    return rows


def _flow_notes(facts: CodedReviews) -> list[str]:
    waiting = [
        review.reference
        for review in facts.rows.reviews
        if review.obtained and not review.coded and not review.excluded
    ]
    left = [f"{row.reference}: {row.excluded}" for row in facts.rows.reviews if row.excluded]
    notes = ["Each number links to the reviews it counts."]
    if waiting:
        notes.append(f"Obtained but not yet coded, so not counted: {', '.join(waiting)}.")
    if left:
        notes.append(f"Excluded: {'; '.join(left)}.")
    return notes


def _crosstab_contents(table: CrosstabTable, facts: CodedReviews) -> TableContents:
    crossings = crossings_of(table, facts)
    columns = columns_of(table, crossings)
    units = dict.fromkeys(block.unit for block in table.blocks)
    unit = next(iter(units)) if len(units) == 1 else " and ".join(PLURAL[unit] for unit in units)
    rows = crosstab_rows(crossings, columns, facts)
    notes = [MONTHS] if any(block.rows.counts_months for block in table.blocks) else []
    notes += [ROUNDING] if any(block.percent for block in table.blocks) else []
    of_people = not all(
        block.rows.counts_months or block.unit == "recommendation" for block in table.blocks
    )
    if of_people and any(row.role == "unknown" for row in rows):
        notes.append(SILENCE)
    return columns, rows, unit, base_in_words(table, facts), notes


def _recommendation_notes(table: AnyTable, spec: OverviewSpec) -> list[str]:
    """Notes on the facts about recommendations by which a table counts."""
    if not isinstance(table, CrosstabTable):
        return []
    used = {
        dimension.variable
        for block in table.blocks
        for dimension in (block.rows, block.columns)
        if dimension is not None
    }
    day = f"on {date_in_words(spec.as_at)}" if spec.as_at else "on the day the numbers were frozen"
    notes = [CRITERIA_MET] if SMART in used else []
    if used & {STATUS, EVIDENCE, IMPACT}:
        notes.append(COMPLETE_IS_NOT_IMPACT)
    if used & {STATUS, EVIDENCE}:
        notes.append(OVERDUE.format(day))
    return notes


def _not_judged(group: str, facts: CodedReviews) -> list[str]:
    missing = [
        variable.name
        for variable in facts.framework.variables
        if variable.group == group and None in facts.values(facts.reviews, variable.id)
    ]
    return [f"Not judged in every review: {', '.join(missing)}."] if missing else []


def _factor_sets_note(table: CooccurrenceTable, facts: CodedReviews) -> str:
    labels = []
    for group in table.of:
        names = [facts.framework.variable(name).name for name in group.any_of]
        within = "" if names == [group.label] else f" ({' or '.join(names).lower()})"
        labels.append(group.label.lower() + within)
    return (
        f"Counted: {'; '.join(labels)}. Each counts once, if the report records it as present or"
        " suspected. The counts show what reports record together. They show nothing about causes."
    )


def sources_of_row(
    table: AnyTable, row: str, framework: FrameworkFile
) -> tuple[frozenset[str], frozenset[str]]:
    """The ids of the variables and of the codes that a row of a table is counted from."""
    match table:
        case StatesTable() | ContactsTable():
            variables, codes = _sources_of_dimension(table.columns, framework)
            return frozenset({row}) | variables, codes
        case SilenceTable():
            row = silence.variable_of_row(table, row, framework.variables)
            return frozenset({row}), frozenset()
        case CooccurrenceTable():
            return frozenset(name for group in table.of for name in group.any_of), frozenset()
        case ThemesTable():
            variables, codes = _sources_of_dimension(table.columns, framework)
            return variables, codes | frozenset(with_descendants(framework, row))
        case CrosstabTable():
            return _crosstab_sources(table, row, framework)
        case FlowTable() | AgreementTable():
            return frozenset(), frozenset()


def _sources_of_dimension(
    dimension: Dimension | None, framework: FrameworkFile
) -> tuple[frozenset[str], frozenset[str]]:
    """The ids of the variables and of the codes that a dimension counts by."""
    if dimension is None:
        return frozenset(), frozenset()
    names = frozenset({dimension.variable, dimension.shown_by} - {None})
    codes = () if dimension.code is None else with_descendants(framework, dimension.code)
    return frozenset(name for name in names if name), frozenset(codes)


def _crosstab_sources(
    table: CrosstabTable, row: str, framework: FrameworkFile
) -> tuple[frozenset[str], frozenset[str]]:
    names: set[str] = set()
    codes: set[str] = set()
    # With several blocks, a row id is "ages.young": the id of its block, then that of the row.
    for block in table.blocks:
        if len(table.blocks) == 1 or row.startswith(f"{block.id}."):
            for dimension in (block.rows, block.columns):
                variables, of_dimension = _sources_of_dimension(dimension, framework)
                names |= variables
                codes |= of_dimension
    return frozenset(names), frozenset(codes)
