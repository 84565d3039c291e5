"""The plan of a release: the counts of all tables, their coarser versions, their links. Pure.

The spec says which counts are sensitive: a table about the process of review shows everything; any
other has its small counts suppressed, and first becomes coarser if it has coarser versions
(recoding before suppression).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from waymark.core.errors import RuleError
from waymark.core.tables import Table
from waymark.frameworks.families import variables_of_group
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.disclosure.block_counts import block_counts
from waymark.overview.disclosure.count_keys import (
    CountedPart,
    CountKey,
    FactCondition,
    Place,
    conditions_of,
    outside_condition,
    row_counts,
    whole_count,
)
from waymark.overview.disclosure.engine.cells import CountSystem, Exposure, adds_up, joined_systems
from waymark.overview.disclosure.engine.recode import RecodeLadder, RecodeStep
from waymark.overview.disclosure.silence_counts import facts_stated_by_code, silence_counts
from waymark.overview.disclosure.split_counts import DividedRow, divided_counts
from waymark.overview.disclosure.table_links import (
    RECORDED_STATE,
    children_of_reviews,
    joint_counts,
    logic_systems,
    together_key,
)
from waymark.overview.disclosure.theme_counts import (
    NOTHING,
    ThemesCounts,
    fact_crossed,
    facts_crossed_in,
    themes_across,
    themes_within,
)
from waymark.overview.snapshot.coded_reviews import CodedReviews
from waymark.overview.snapshot.rows import FrozenRows
from waymark.overview.spec.conditions import conflicting_conditions
from waymark.overview.spec.schema import (
    AnyTable,
    ContactsTable,
    CooccurrenceTable,
    CrosstabBlock,
    CrosstabTable,
    Dimension,
    Measure,
    OverviewSpec,
    SilenceTable,
    StatesTable,
    ThemesTable,
)
from waymark.overview.tables.factors import (
    RECORDED,
    cooccurrence_rows,
    states_of,
    variables_divided,
)
from waymark.overview.tables.tabulate import counted_table
from waymark.overview.tables.themes_by_group import ReviewKind

SHOWN_STATES: tuple[Measure, ...] = ("recorded", "percent")
"""Bounds and single states count the reports that are silent or unsure: for open alone."""


@dataclass(frozen=True, slots=True)
class PartVersion:
    """One version of a part. label: "" for the finest; block: that of a crosstab, else None.

    kinds: the columns of themes across, with the labels of those that are counted together or
    left out. crosses: the facts about people by which it counts codes. columns: of factors or
    services by a fact.
    """

    label: str
    counts: CountedPart
    block: CrosstabBlock | None = None
    totals: bool = False
    kinds: tuple[ReviewKind, ...] | None = None
    together: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    crosses: tuple[str, ...] = ()
    columns: Dimension | None = None


@dataclass(frozen=True, slots=True)
class PartPlan:
    """A table, or a block of one, that becomes coarser on its own. name: as "T5" or "T4.sex".

    lesser: the table whose parts do so before others, if it is one.
    """

    name: str
    versions: tuple[PartVersion, ...]
    lesser: str = ""

    @property
    def ladder(self) -> RecodeLadder:
        """The versions in the engine's form."""
        steps = tuple(
            RecodeStep(
                version.label,
                version.counts.system,
                version.counts.interior,
                last_resort=version.totals,
            )
            for version in self.versions
        )
        return RecodeLadder(self.name, steps, self.lesser)


@dataclass(frozen=True, slots=True)
class TablePlan:
    """One table. parts: none if it is about the process and has no counts of records."""

    spec: AnyTable
    parts: tuple[PartPlan, ...]

    @property
    def process(self) -> bool:
        """True if everything in it is shown."""
        return not self.parts or getattr(self.spec, "process", False) is True


@dataclass(frozen=True, slots=True)
class AssembledTable:
    """A table in chosen versions, not yet protected.

    cells, shares: the keys of its counts and of the counts behind its percentages; bases: the keys
    of their bases; heads: of the numbers in the heads of columns; coarser: the labels of versions
    that are not the finest.
    """

    table: Table
    cells: Mapping[Place, str]
    shares: Mapping[Place, str]
    bases: Mapping[Place, str]
    heads: Mapping[Place, str]
    coarser: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """All tables of an overview with the equations between their counts."""

    spec: OverviewSpec
    facts: CodedReviews
    tables: tuple[TablePlan, ...]
    links: tuple[CountSystem, ...]

    @property
    def ladders(self) -> tuple[RecodeLadder, ...]:
        """One for each part of a table, in order."""
        return tuple(part.ladder for table in self.tables for part in table.parts)

    @property
    def themes(self) -> tuple[PartPlan, ...]:
        """The parts that count codes by a fact."""
        return tuple(
            part
            for table in self.tables
            if isinstance(table.spec, ThemesTable)
            for part in table.parts
        )

    def at(self, k: int) -> "ReleasePlan":
        """The plan at a threshold, with small columns of themes put together."""
        tables, links = [], list(self.links)
        for table in self.tables:
            spec = table.spec
            counts = None
            if isinstance(spec, ThemesTable):
                counts = _counts_of_themes(spec, self.facts, k)
            if isinstance(spec, ThemesTable) and counts is not None:
                tables.append(TablePlan(spec, tuple(_themes_plan(spec, counts))))
                links += counts.parts_of_themes(self.facts)
            else:
                tables.append(table)
        return replace(self, tables=tuple(tables), links=tuple(links))

    def crossed(self, steps: Mapping[str, int]) -> frozenset[str]:
        """The facts about people by which codes are counted in the versions chosen."""
        return frozenset(
            fact
            for table in self.tables
            for version in _printed_versions(table, steps)
            for fact in version.crosses
        )

    def assembled(self, table: TablePlan, steps: Mapping[str, int]) -> AssembledTable:
        """A table counted in the versions chosen, rows in the order of the framework."""
        chosen = _printed_versions(table, steps)
        kinds = next((version.kinds for version in chosen), None)
        table_counted = counted_table(_in_versions(table, chosen), self.facts, self.spec, kinds)
        cells: dict[Place, str] = {}
        shares: dict[Place, str] = {}
        bases: dict[Place, str] = {}
        heads: dict[Place, str] = {}
        for version in chosen:
            cells |= version.counts.cells
            shares |= version.counts.shares
            both = [*version.counts.cells, *version.counts.shares]
            bases |= {**dict.fromkeys(both, version.counts.base), **version.counts.bases}
            heads |= version.counts.bases
        labels = tuple(version.label for version in chosen if version.label)
        return AssembledTable(table_counted, cells, shares, bases, heads, labels)


def plan_of(
    rows: FrozenRows,
    spec: OverviewSpec,
    framework: FrameworkFile,
    *,
    leaving_out: Collection[str] = (),
) -> ReleasePlan:
    """The plan of an overview. leaving_out: ids of tables that are not published.

    The rules of logic apply even if their tables are left out: readers know them anyway. Raises
    RuleError if one is not true of the counts, or conditions of tables contradict each other.
    """
    facts = CodedReviews.of_rows(rows, framework)
    for _, message in conflicting_conditions(spec.tables):
        raise RuleError(message)
    # Of all tables, also those left out: a rule of logic may name a cell of one.
    every = tuple(TablePlan(table, tuple(_part_plans(table, facts))) for table in spec.tables)
    finest = {table.spec.id: _finest_counts(table) for table in every if table.parts}
    tables = tuple(table for table in every if table.spec.id not in leaving_out)
    links = [*_table_links(tables, facts), *logic_systems(spec.logic, finest)]
    return ReleasePlan(spec, facts, tables, tuple(links))


def _finest_counts(table: TablePlan) -> CountedPart:
    parts = [part.versions[0].counts for part in table.parts]
    cells = {place: key for part in parts for place, key in part.cells.items()}
    counts = {count.key: count for part in parts for count in part.system.counts}
    system = CountSystem(tuple(counts.values()), ())
    return CountedPart(system, cells, {}, frozenset(), parts[0].base)


def _part_plans(table: AnyTable, facts: CodedReviews) -> list[PartPlan]:
    match table:
        case CrosstabTable() if any(block.unit == "recommendation" for block in table.blocks):
            # Recommendations, and the progress on them, are about the process of review.
            return []
        case CrosstabTable():
            return [_block_plan(table, block, facts) for block in table.blocks]
        case ContactsTable() | StatesTable():
            return [_plan_of_rows(table, facts)]
        case SilenceTable():
            return _silence_plans(table, facts)
        case ThemesTable() if (counts := _counts_of_themes(table, facts, 1)) is not None:
            return _themes_plan(table, counts)
        case CooccurrenceTable():
            return [PartPlan(table.id, (PartVersion("", _together_counts(table, facts)),))]
        case _:
            return []


def _rows_plan(
    table: ContactsTable | StatesTable,
    column: str,
    condition: str,
    states: frozenset[str],
    facts: CodedReviews,
) -> PartPlan:
    rows = [
        (
            variable.id,
            FactCondition(variable.id, (condition,)),
            len(states_of(facts, variable.id, table.where).in_states(states).records),
        )
        for variable in variables_of_group(facts.framework, table.group)
    ]
    counts = row_counts(facts, rows, where=table.where, column=column, process=table.process)
    return PartPlan(table.id, (PartVersion("", counts),))


def _silence_plans(table: SilenceTable, facts: CodedReviews) -> list[PartPlan]:
    """A part for each unit; in the last version of a table by a fact, of all together."""
    versions = [("", table)]
    if table.by is not None:
        versions.append(("all together", table.model_copy(update={"by": None})))
    counted = [
        (
            label,
            silence_counts(version, facts),
            tuple(facts_stated_by_code(version, facts.framework)),
        )
        for label, version in versions
    ]
    return [
        PartPlan(
            f"{table.id}.{unit}",
            tuple(
                PartVersion(label, by[unit], totals=bool(label), crosses=crosses)
                for label, by, crosses in counted
            ),
        )
        for unit in counted[0][1]
    ]


def _plan_of_rows(table: ContactsTable | StatesTable, facts: CodedReviews) -> PartPlan:
    if table.columns is not None:
        return _columns_plan(table, table.columns, facts)
    return _rows_part(table, facts)


def _columns_plan(
    table: ContactsTable | StatesTable, columns: Dimension, facts: CodedReviews
) -> PartPlan:
    """Factors or services by another fact; in the last version of all reviews together."""
    state, states = (
        (RECORDED_STATE, RECORDED)
        if isinstance(table, StatesTable)
        else ("in_contact", frozenset({"in_contact"}))
    )
    rows = [
        DividedRow(
            variable.id,
            FactCondition(variable.id, (state,)),
            frozenset(states_of(facts, variable.id, None).in_states(states).records),
        )
        for variable in variables_divided(table, columns, facts.framework)
    ]
    crosses = tuple(row.id for row in rows) if columns.code is not None else ()
    by = [("", columns)]
    by += [("fewer columns", table.coarser)] if table.coarser is not None else []
    versions = [
        PartVersion(
            label,
            divided_counts(rows, dimension, "review", facts, process=table.process),
            crosses=crosses,
            columns=dimension,
        )
        for label, dimension in by
    ]
    of_all = table.model_copy(update={"columns": None, "coarser": None})
    (last,) = _rows_part(of_all, facts).versions
    versions.append(replace(last, label="all reviews together", totals=True))
    return PartPlan(table.id, tuple(versions))


def _rows_part(table: ContactsTable | StatesTable, facts: CodedReviews) -> PartPlan:
    """Factors or services of all reviews, or of those that meet a condition."""
    if isinstance(table, ContactsTable):
        return _rows_plan(table, "n", "in_contact", frozenset({"in_contact"}), facts)
    return _rows_plan(table, "recorded", RECORDED_STATE, RECORDED, facts)


def _counts_of_themes(table: ThemesTable, facts: CodedReviews, k: int) -> ThemesCounts | None:
    """k: threshold under which columns are put together. None for themes of all reviews."""
    if table.where is not None:
        return themes_within(table, table.where, facts)
    if table.columns is not None:
        return themes_across(table, table.columns, facts, k=k)
    return None


def _themes_plan(table: ThemesTable, counts: ThemesCounts) -> list[PartPlan]:
    """The bases of themes by a fact, then each theme, which may have to stay uncrossed."""
    # In the last version no theme is crossed, so no base of a kind is printed, only all reviews.
    hidden = [key for key in counts.bases.system.index if key != str(CountKey("review"))]
    without = replace(counts.bases, system=counts.bases.system.hiding(hidden))
    finest = PartVersion(
        "", counts.bases, kinds=counts.kinds, together=counts.together, left_out=counts.left_out
    )
    last = PartVersion("", without, totals=True, kinds=counts.every)
    bases = PartPlan(table.id, (finest, last), table.id)
    fact = fact_crossed(table) if counts.kinds != counts.every or table.where else ""
    crosses = (fact,) if fact else ()
    uncrossed = PartVersion("", NOTHING, totals=True)
    rows = [
        PartPlan(f"{table.id}.{code}", (PartVersion("", row, crosses=crosses), uncrossed), table.id)
        for code, row in counts.rows.items()
    ]
    return [bases, *rows]


def _together_counts(table: CooccurrenceTable, facts: CodedReviews) -> CountedPart:
    """None, one, two ... recorded: these add up to all reviews that are counted."""
    sizes = [len(row.cells[0].records) for row in cooccurrence_rows(table, facts)[:-1]]
    exposure: Exposure = "known" if table.process else "sensitive"
    conditions = conditions_of(table.where)
    keys = [together_key(table, number, conditions) for number in range(len(sizes))]
    whole = whole_count(table.where, facts, process=table.process)
    counts = [key.count(size, exposure) for key, size in zip(keys, sizes, strict=True)]
    cells = {(str(number), "n"): count.key for number, count in enumerate(counts)}
    system = CountSystem((*counts, whole), (adds_up(whole.key, cells.values()),))
    interior = frozenset(cells.values())
    whole_system = joined_systems([system, *outside_condition(table.where, "review", whole, facts)])
    cells["all", "n"] = whole.key
    return CountedPart(whole_system, cells, {}, interior, whole.key)


def _block_plan(table: CrosstabTable, block: CrosstabBlock, facts: CodedReviews) -> PartPlan:
    several = len(table.blocks) > 1
    versions = [("", block, False)]
    for recode in block.recodes:
        coarser = block.model_copy(
            update={"rows": recode.rows or block.rows, "columns": recode.columns or block.columns}
        )
        versions.append((recode.label, coarser, recode.totals))
    return PartPlan(
        f"{table.id}.{block.id}" if several else table.id,
        tuple(
            PartVersion(
                label,
                block_counts(coarse, facts, several=several, process=table.process, totals=totals),
                coarse,
                totals,
                crosses=() if totals or table.process else facts_crossed_in(coarse),
            )
            for label, coarse, totals in versions
        ),
    )


def _table_links(tables: Sequence[TablePlan], facts: CodedReviews) -> list[CountSystem]:
    systems: list[CountSystem | None] = []
    for table in tables:
        if isinstance(table.spec, CooccurrenceTable):
            systems.append(joint_counts(table.spec, facts))
        for part in table.parts:
            finest = part.versions[0]
            if finest.block is not None:
                systems.append(children_of_reviews(finest.block, finest.counts, facts))
    return [system for system in systems if system is not None]


def _printed_versions(table: TablePlan, steps: Mapping[str, int]) -> list[PartVersion]:
    """The versions chosen of the parts of a table, as far as they can be printed together."""
    chosen = [part.versions[steps[part.name]] for part in table.parts]
    if isinstance(table.spec, ThemesTable) and chosen:
        return _crossed_versions(table, chosen)
    if isinstance(table.spec, SilenceTable) and any(version.totals for version in chosen):
        return [part.versions[-1] for part in table.parts]
    return chosen


def _crossed_versions(table: TablePlan, chosen: list[PartVersion]) -> list[PartVersion]:
    """The versions of themes by a fact; the last of the bases alone if no theme is crossed."""
    bases, *rows = chosen
    if bases.totals or not any(row.counts.cells for row in rows):
        return [table.parts[0].versions[-1]]
    return chosen


def _in_versions(table: TablePlan, chosen: Sequence[PartVersion]) -> AnyTable:
    """The spec of a table with the versions chosen, never ordered by numbers that are withheld."""
    match table.spec:
        case CrosstabTable() if chosen:
            blocks = tuple(version.block for version in chosen if version.block is not None)
            return table.spec.model_copy(update={"blocks": blocks})
        case StatesTable():
            show = SHOWN_STATES if not table.process else table.spec.show
            columns = chosen[0].columns
            return table.spec.model_copy(
                update={"show": show, "order": "framework", "columns": columns}
            )
        case SilenceTable() if not table.process:
            by = None if any(version.totals for version in chosen) else table.spec.by
            return table.spec.model_copy(update={"show": ("stated",), "by": by})
        case ContactsTable():
            return table.spec.model_copy(
                update={"order": "framework", "columns": chosen[0].columns}
            )
        case ThemesTable() if table.spec.where is not None and table.spec.order == "count":
            return table.spec.model_copy(update={"order": "framework"})
        case _:
            return table.spec
