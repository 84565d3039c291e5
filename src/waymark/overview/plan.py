"""How the tables of an overview are protected: their counts, their coarser versions, their links.

What is sensitive is said by the spec: a table about the process of review shows everything; every
other withholds what is small, and becomes coarser first where it has coarser versions. Pure.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from waymark.core.errors import RuleError
from waymark.core.tables import Table
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.factors import RECORDED, cooccurrence_rows, states_of
from waymark.overview.facts import Facts, variables_of
from waymark.overview.links import (
    RECORDED_STATE,
    children_of_reviews,
    joint_counts,
    reasoned,
    together_key,
)
from waymark.overview.meaning import (
    CountedPart,
    Place,
    block_counts,
    conditions_of,
    outside,
    row_counts,
    whole_of,
)
from waymark.overview.protection.cells import Count, CountSystem, Exposure, adds_up, joined
from waymark.overview.protection.recode import Ladder, Step
from waymark.overview.snapshot import FrozenRows
from waymark.overview.spec import (
    AnyTable,
    Block,
    ContactsTable,
    CooccurrenceTable,
    Crosstab,
    Dimension,
    Measure,
    OverviewSpec,
    StatesTable,
    ThemesTable,
)
from waymark.overview.spec_where import at_odds
from waymark.overview.tabulate import counted_table
from waymark.overview.themes_across import kinds_within

SHOWN_STATES: tuple[Measure, ...] = ("recorded", "percent")
"""Bounds and single states say how many reports are silent or unsure: they are for open alone."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a part. label: "" for the finest; block: that of a crosstab, else None."""

    label: str
    counts: CountedPart
    block: Block | None = None
    totals: bool = False


@dataclass(frozen=True, slots=True)
class PartPlan:
    """A table, or a block of one, that becomes coarser on its own. name: as "T5" or "T4.sex"."""

    name: str
    versions: tuple[Version, ...]

    @property
    def ladder(self) -> Ladder:
        """The versions as the engine takes them."""
        steps = tuple(
            Step(one.label, one.counts.system, one.counts.interior, last_resort=one.totals)
            for one in self.versions
        )
        return Ladder(self.name, steps)


@dataclass(frozen=True, slots=True)
class TablePlan:
    """One table. parts: none where it is about the process and has no counts of records."""

    spec: AnyTable
    parts: tuple[PartPlan, ...]

    @property
    def process(self) -> bool:
        """Whether everything in it is shown."""
        return not self.parts or getattr(self.spec, "process", False) is True


@dataclass(frozen=True, slots=True)
class Assembled:
    """A table in chosen versions, not yet protected.

    cells, shares: the keys of its counts and of what its percentages are of; bases: of what they
    are shares of; coarser: the labels of versions that are not the finest.
    """

    table: Table
    cells: Mapping[Place, str]
    shares: Mapping[Place, str]
    bases: Mapping[Place, str]
    coarser: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """All tables of an overview with everything that ties their counts."""

    spec: OverviewSpec
    facts: Facts
    tables: tuple[TablePlan, ...]
    links: tuple[CountSystem, ...]

    @property
    def ladders(self) -> tuple[Ladder, ...]:
        """One for each part of a table, in order."""
        return tuple(part.ladder for table in self.tables for part in table.parts)

    def assembled(self, table: TablePlan, steps: Mapping[str, int]) -> Assembled:
        """A table counted in the versions chosen, rows in the order of the framework."""
        chosen = [part.versions[steps[part.name]] for part in table.parts]
        made = counted_table(_in_versions(table, chosen), self.facts, self.spec)
        cells: dict[Place, str] = {}
        shares: dict[Place, str] = {}
        bases: dict[Place, str] = {}
        for version in chosen:
            cells |= version.counts.cells
            shares |= version.counts.shares
            both = [*version.counts.cells, *version.counts.shares]
            bases |= dict.fromkeys(both, version.counts.base)
        return Assembled(made, cells, shares, bases, tuple(v.label for v in chosen if v.label))


def plan_of(
    rows: FrozenRows,
    spec: OverviewSpec,
    framework: FrameworkFile,
    *,
    leaving_out: Collection[str] = (),
) -> ReleasePlan:
    """The plan of an overview. leaving_out: ids of tables that are not given out.

    The rules of logic hold with all tables or with some: whoever reads knows them. Raises
    RuleError where one does not hold, and where conditions of tables cannot stand together.
    """
    facts = Facts(rows, framework)
    for _, message in at_odds(spec.tables):
        raise RuleError(message)
    every = tuple(
        TablePlan(table, tuple(_parts(table, facts, spec.tables))) for table in spec.tables
    )
    finest = {one.spec.id: _finest(one) for one in every if one.parts}
    tables = tuple(one for one in every if one.spec.id not in leaving_out)
    links = [*_links(tables, facts), *reasoned(spec.logic, finest)]
    return ReleasePlan(spec, facts, tables, tuple(links))


def _finest(table: TablePlan) -> CountedPart:
    parts = [part.versions[0].counts for part in table.parts]
    cells = {place: key for part in parts for place, key in part.cells.items()}
    counts = {count.key: count for part in parts for count in part.system.counts}
    system = CountSystem(tuple(counts.values()), ())
    return CountedPart(system, cells, {}, frozenset(), parts[0].base)


def _parts(table: AnyTable, facts: Facts, tables: Sequence[AnyTable]) -> list[PartPlan]:
    match table:
        case Crosstab() if any(block.unit == "recommendation" for block in table.blocks):
            # What a review asked for, and what became of it, is about the process of review.
            return []
        case Crosstab():
            return [_block_plan(table, block, facts) for block in table.blocks]
        case ContactsTable():
            return [_rows_plan(table, "n", "in_contact", frozenset({"in_contact"}), facts)]
        case StatesTable():
            return [_rows_plan(table, "recorded", RECORDED_STATE, RECORDED, facts)]
        case ThemesTable() if (dimension := kinds_told(table, tables, facts)) is not None:
            return [_bases_plan(table.id, dimension, facts)]
        case CooccurrenceTable():
            return [PartPlan(table.id, (Version("", _together_counts(table, facts)),))]
        case _:
            return []


def _rows_plan(
    table: ContactsTable | StatesTable,
    column: str,
    condition: str,
    states: frozenset[str],
    facts: Facts,
) -> PartPlan:
    rows = [
        (
            one.id,
            f"{one.id} is {condition}",
            len(states_of(facts, one.id, table.where).counted(states).records),
        )
        for one in variables_of(facts.framework, table.group)
    ]
    counts = row_counts(facts, rows, where=table.where, column=column, process=table.process)
    return PartPlan(table.id, (Version("", counts),))


def kinds_told(table: ThemesTable, tables: Sequence[AnyTable], facts: Facts) -> Dimension | None:
    """The kinds of reviews that themes are counted in; None where it is in all of them.

    tables: all of the overview, since conditions on one fact tell together what each does not.
    """
    return kinds_within(table.where, tables, facts) if table.where else table.columns


def _bases_plan(name: str, dimension: Dimension, facts: Facts) -> PartPlan:
    """Of themes across, the bases of the columns: like a table of that fact alone.

    Nothing of them counts as interior, since columns are put together where a base is withheld. In
    the last version only all reviews have a column.
    """
    block = Block(
        id="kinds", title="Kinds", unit="review", base="reviews", rows=dimension, all_label="All"
    )
    counts = block_counts(block, facts, several=False, process=False, totals=False)
    bases = replace(counts, interior=frozenset())
    hidden = [count.key for count in bases.system.counts if count.exposure != "known"]
    without = replace(bases, system=bases.system.hiding(hidden))
    return PartPlan(name, (Version("", bases), Version("", without, totals=True)))


def _together_counts(table: CooccurrenceTable, facts: Facts) -> CountedPart:
    """None, one, two ... recorded: these make up all reviews that are counted."""
    made = [len(row.cells[0].records) for row in cooccurrence_rows(table, facts)[:-1]]
    exposure: Exposure = "known" if table.process else "sensitive"
    said = conditions_of(table.where)
    keys = [together_key(table, number, said) for number in range(len(made))]
    whole = whole_of(table.where, facts, process=table.process)
    counts = [Count(key, size, exposure) for key, size in zip(keys, made, strict=True)]
    cells = {(str(number), "n"): key for number, key in enumerate(keys)}
    system = CountSystem((*counts, whole), (adds_up(whole.key, keys),))
    whole_system = joined([system, *outside(table.where, "review", whole, facts)])
    cells["all", "n"] = whole.key
    return CountedPart(whole_system, cells, {}, frozenset(keys), whole.key)


def _block_plan(table: Crosstab, block: Block, facts: Facts) -> PartPlan:
    several = len(table.blocks) > 1
    versions = [("", block, False)]
    for recode in block.recodes:
        coarser = block.model_copy(
            update={
                "rows": recode.rows or block.rows,
                "columns": recode.columns or block.columns,
            }
        )
        versions.append((recode.label, coarser, recode.totals))
    return PartPlan(
        f"{table.id}.{block.id}" if several else table.id,
        tuple(
            Version(
                label,
                block_counts(one, facts, several=several, process=table.process, totals=totals),
                one,
                totals,
            )
            for label, one, totals in versions
        ),
    )


def _links(tables: Sequence[TablePlan], facts: Facts) -> list[CountSystem]:
    made: list[CountSystem | None] = []
    for table in tables:
        if isinstance(table.spec, CooccurrenceTable):
            made.append(joint_counts(table.spec, facts))
        for part in table.parts:
            finest = part.versions[0]
            if finest.block is not None:
                made.append(children_of_reviews(finest.block, finest.counts, facts))
    return [system for system in made if system is not None]


def _in_versions(table: TablePlan, chosen: Sequence[Version]) -> AnyTable:
    """The spec of a table with the versions chosen; what is shown is not ordered by hidden size."""
    match table.spec:
        case Crosstab() if chosen:
            blocks = tuple(version.block for version in chosen if version.block is not None)
            return table.spec.model_copy(update={"blocks": blocks})
        case StatesTable():
            show = SHOWN_STATES if not table.process else table.spec.show
            return table.spec.model_copy(update={"show": show, "order": "framework"})
        case ContactsTable():
            return table.spec.model_copy(update={"order": "framework"})
        case _:
            return table.spec
