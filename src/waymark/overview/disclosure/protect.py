"""Statistical disclosure control of tables: the only way from a table to a protected table. Pure.

Everything that is shown or written (pages, figures, files, links to evidence) takes protected
tables, and this module alone makes them. Under k3 and k5 small counts are suppressed (primary
suppression) with as many others as keep them from being worked out (secondary suppression); under
r5 all counts are rounded so that totals add up (controlled rounding).
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from waymark.core.errors import RuleError
from waymark.core.tables import SEAL as _SEAL
from waymark.core.tables import (
    WITHHELD_MARK,
    Cell,
    Column,
    ProtectedTable,
    Row,
    Table,
    percent_cell,
)
from waymark.overview.disclosure.count_keys import Place
from waymark.overview.disclosure.engine.history import ReleaseLedgerEntry
from waymark.overview.disclosure.engine.protect_counts import PROFILES as ENGINE_PROFILES
from waymark.overview.disclosure.engine.protect_counts import profile_of
from waymark.overview.disclosure.engine.release import (
    NOTHING_BEFORE,
    EarlierReleases,
    Tie,
    rounded_release,
    suppressed_release,
)
from waymark.overview.disclosure.exempt_codes import check_practice
from waymark.overview.disclosure.protection_notes import (
    CLOSED,
    COARSER,
    HIDDEN,
    NOT_LISTED,
    OPEN,
    PROCESS,
    RECORDED_ONLY,
    ROUNDED,
    TOGETHER,
    UNCROSSED,
    UNTOLD,
    WITHHELD,
)
from waymark.overview.disclosure.regrouping import derived_counts, process_facts
from waymark.overview.disclosure.release_plan import AssembledTable, ReleasePlan, TablePlan
from waymark.overview.disclosure.theme_access import check_crossings, crossing_before, lists_themes
from waymark.overview.spec.schema import AnyTable, CrosstabTable, ThemesTable
from waymark.overview.tables.notes import BOUNDS, SILENCE
from waymark.overview.tables.tabulate import base_in_words, drawn_sample, finish_table

PROFILES = ENGINE_PROFILES
"""Name -> the method, and its threshold or base of rounding."""


def protect_tables(tables: Sequence[Table], *, profile: str) -> tuple[ProtectedTable, ...]:
    """Tables on their own, which can only be open: every number stays as counted.

    Raises RuleError for any other profile: it needs the equations between the counts, which a plan
    has (protect_release).
    """
    kind, _ = profile_of(profile)
    if kind != "open":
        raise RuleError(f"{profile} protects a release as a whole: it needs the plan of all tables")
    return tuple(
        ProtectedTable(replace(table, notes=(*table.notes, OPEN)), profile, _SEAL)
        for table in tables
    )


def with_note(tables: Sequence[ProtectedTable], note: str) -> tuple[ProtectedTable, ...]:
    """Protected tables with one more note, before their own."""
    return tuple(
        replace(table, table=replace(table.table, notes=(note, *table.table.notes)), seal=_SEAL)
        for table in tables
    )


@dataclass(frozen=True, slots=True)
class _PrintableCounts:
    """The printable number of each count, by key; None: withheld.

    steps: the version chosen of each part. exact: numbers are as counted, not rounded.
    """

    steps: Mapping[str, int]
    value: Callable[[str], int | None]
    exact: bool
    note: str


@dataclass(frozen=True, slots=True)
class CountedTable:
    """A table as it was counted, in the version that is shown, with the numbers withheld from it.

    keys: of its counts, and of the counts behind its percentages.
    """

    table: Table
    keys: Mapping[Place, str]


@dataclass(frozen=True, slots=True)
class ReleaseProtection:
    """Protected tables, and the entry that the ledger must keep of them.

    counted: the true tables, only for people who may see withheld numbers. small: the keys of
    primary suppressions. opens: True if numbers about the process link to their reviews.
    """

    tables: tuple[ProtectedTable, ...]
    entry: ReleaseLedgerEntry
    counted: tuple[CountedTable, ...]
    small: frozenset[str]
    opens: bool


@dataclass(frozen=True, slots=True)
class KeptProtection:
    """The part of a ReleaseProtection that a release is made from."""

    tables: tuple[ProtectedTable, ...]
    entry: ReleaseLedgerEntry
    opens: bool


def restored_tables(tables: Sequence[Table], profile: str) -> tuple[ProtectedTable, ...]:
    """Tables that protect_release() made, read back. Only for protection_file.py."""
    return tuple(ProtectedTable(table, profile, _SEAL) for table in tables)


def protect_release(
    plan: ReleasePlan,
    *,
    profile: str,
    name: str = "this release",
    past: EarlierReleases = NOTHING_BEFORE,
) -> ReleaseProtection:
    """All tables of a release, protected together: one table can undo what another withholds.

    profile: k3 and k5 withhold, r5 rounds. name: of the release in the ledger. Raises RuleError for
    another profile, and if some table cannot be shown under this one.
    """
    kind, k = profile_of(profile)
    if kind == "open":
        raise RuleError("open needs no plan: its tables are protected one by one")
    check_practice((table.spec for table in plan.tables), plan.facts.framework)
    plan = plan.at(k)
    # Under k3 the engine chooses what to withhold and how coarse each table becomes; only then is a
    # table printed, from the counts of that step.
    settle = _rounded_counts if kind == "round" else _suppressed_counts
    printable, entry = settle(plan, k, profile, name, past)
    crossed = plan.crossed(printable.steps)
    drawn = drawn_sample(plan.facts, plan.spec)
    why_closed = _why_closed(plan, crossed, past)
    pairs = [_protected_table(plan, table, profile, printable, why_closed) for table in plan.tables]
    tables = tuple(
        replace(
            protected,
            table=finish_table(
                protected.table,
                table.spec,
                drawn,
                plan.facts.rows.bases,
                rounded=not (table.process or printable.exact),
            ),
            seal=_SEAL,
        )
        for table, (protected, _) in zip(plan.tables, pairs, strict=True)
    )
    counted = tuple(counted for _, counted in pairs)
    # Small for its own sake, not to protect another: the reason shown to people who may see it.
    small = entry.system.primaries(k) & entry.withheld
    opens = why_closed is None
    listed = lists_themes(tuple(table.spec for table in plan.tables))
    return ReleaseProtection(
        tables, replace(entry, opened=opens and listed, crossed=crossed), counted, small, opens
    )


def _rounded_counts(
    plan: ReleasePlan, k: int, profile: str, name: str, past: EarlierReleases
) -> tuple[_PrintableCounts, ReleaseLedgerEntry]:
    """The numbers under controlled rounding; themes are then crossed with nothing."""
    tie = _ties(plan, k, past)
    # Rounded to 5, most themes by a fact would print 0 or 5: they start with their last version.
    last = {part.name: len(part.versions) - 1 for part in plan.themes}
    rounded = rounded_release(plan.ladders, k, links=plan.links, tie=tie, past=past, begin=last)
    rounding = rounded.rounded
    note = ROUNDED.format(profile, k, rounding.within)
    entry = ReleaseLedgerEntry(
        name,
        rounding.system,
        frozenset(),
        past.records,
        k,
        rounding.printed,
        rounding.within,
        past.largest,
    )
    return _PrintableCounts(rounded.steps, rounding.printed.get, exact=False, note=note), entry


def _suppressed_counts(
    plan: ReleasePlan, k: int, profile: str, name: str, past: EarlierReleases
) -> tuple[_PrintableCounts, ReleaseLedgerEntry]:
    """The numbers that are left after primary and secondary suppression."""
    check_crossings(plan, past)
    tie = _ties(plan, k, past)
    safe = suppressed_release(plan.ladders, k, links=plan.links, tie=tie, past=past)
    system, withheld = safe.system, safe.pattern.withheld & safe.system.index.keys()
    printable = _PrintableCounts(
        safe.steps,
        lambda key: None if key in withheld else system.count(key).value,
        exact=True,
        note=WITHHELD.format(profile, k),
    )
    return printable, ReleaseLedgerEntry(
        name, system, withheld, past.records, k, largest=past.largest
    )


def _ties(plan: ReleasePlan, k: int, past: EarlierReleases) -> Tie:
    process = process_facts(plan.spec)
    return partial(derived_counts, plan.facts, k=k, process=process, records=past.records)


def _why_closed(plan: ReleasePlan, crossed: Collection[str], past: EarlierReleases) -> str | None:
    """The reason why no number of a release links to its reviews, as a note; None if some do.

    "" if it was decided so, which needs no note.
    """
    if not plan.spec.disclosure.open_process:
        return ""
    if crossed:
        return NOT_LISTED.format("this overview counts")
    earlier = crossing_before(past)
    return NOT_LISTED.format(f"{earlier} counted") if earlier else None


def _protected_table(
    plan: ReleasePlan,
    table: TablePlan,
    profile: str,
    printable: _PrintableCounts,
    why_closed: str | None,
) -> tuple[ProtectedTable, CountedTable]:
    """One table with its marks, notes and heads, and the same as counted.

    A table about the process keeps its numbers. Of any other each count is printed, rounded or
    marked: "Fire 2, fall 7, all 9" under k3 becomes "Fire [c], fall [c], all 9" with two notes, one
    on the profile and one that its numbers do not link to reviews. Rows ordered by size are ordered
    again by what is printed, because the place of a [c] among 9, 7, 4 would bound it.
    """
    assembled = plan.assembled(table, printable.steps)
    counted = CountedTable(assembled.table, {**assembled.cells, **assembled.shares})
    if table.process:
        visible = assembled.table if why_closed is None else _without_evidence(assembled.table)
        notes = [*visible.notes, PROCESS.format(profile), *([why_closed] if why_closed else [])]
        return ProtectedTable(replace(visible, notes=tuple(notes)), profile, _SEAL), counted
    if isinstance(table.spec, ThemesTable) and table.parts and not assembled.cells:
        return ProtectedTable(
            _crossing_nothing(table.spec, assembled, plan, profile), profile, _SEAL
        ), (counted)
    rows = [_protected_row(row, assembled, printable) for row in assembled.table.rows]
    # Ordered by true size, a [c] between 9 and 7 would lie between 9 and 7.
    if _by_size(table.spec):
        rows.sort(key=_largest_first)
    # Bounds and silence need the true number of reviews that do not mention a thing: a table whose
    # counts can be withheld has neither, so the notes about them go too.
    notes_ = [RECORDED_ONLY if note == BOUNDS else note for note in assembled.table.notes]
    notes_ = [note for note in notes_ if note != SILENCE]
    notes_ += [COARSER.format(label) for label in assembled.coarser]
    notes_ += _notes_on_kinds(table, assembled, printable)
    # Only bases that are printed: a base in words ("of 4 reviews") reveals as much as one in a
    # cell.
    bases = list(_printable_bases(table, printable))
    base = base_in_words(table.spec, plan.facts, bases, rounded=not printable.exact)
    protected = replace(
        assembled.table,
        base=base,
        columns=_protected_columns(assembled, printable),
        rows=tuple(rows),
        notes=(*notes_, printable.note, CLOSED),
    )
    return ProtectedTable(protected, profile, _SEAL), counted


def _by_size(spec: AnyTable) -> bool:
    """Return True if rows are ordered by the number printed in their first column."""
    across = isinstance(spec, ThemesTable) and spec.columns is not None
    counts = getattr(spec, "order", "framework") == "count"
    return counts and not across and not isinstance(spec, CrosstabTable)


def _protected_columns(
    assembled: AssembledTable, printable: _PrintableCounts
) -> tuple[Column, ...]:
    """The columns; a base in a head is replaced by its mark if it is withheld."""
    heads = []
    for column in assembled.table.columns:
        # The base of a kind is a count like any other: "Fire (n = 2)" would print a small one.
        key = next((assembled.heads[at] for at in assembled.heads if at[1] == column.id), None)
        heads.append(column if key is None else _with_printed_base(column, key, printable))
    return tuple(heads)


def _with_printed_base(column: Column, key: str, printable: _PrintableCounts) -> Column:
    """A column with its base as it may be printed: withheld, rounded or as counted."""
    value = printable.value(key)
    if " (n = " not in column.label or (value is not None and printable.exact):
        return column
    base = WITHHELD_MARK if value is None else f"{value:,}"
    return replace(column, label=f"{column.label.rpartition(' (n = ')[0]} (n = {base})")


def _notes_on_kinds(
    table: TablePlan, assembled: AssembledTable, printable: _PrintableCounts
) -> Iterator[str]:
    if not isinstance(table.spec, ThemesTable):
        return
    version = table.parts[0].versions[printable.steps[table.parts[0].name]]
    if version.together:
        yield TOGETHER.format("; ".join(version.together))
    if version.left_out:
        yield HIDDEN.format("; ".join(version.left_out))
    crossed = {row for row, _ in assembled.cells}
    if uncrossed := [row.label for row in assembled.table.rows if row.id not in crossed]:
        yield UNCROSSED.format("; ".join(uncrossed))


def _crossing_nothing(
    spec: ThemesTable, assembled: AssembledTable, plan: ReleasePlan, profile: str
) -> Table:
    """Themes by a fact in their last version: of all reviews, or nothing under a condition.

    A theme found in 3 of the reviews that meet a condition says that there are at least 3 of them.
    """
    if spec.where is None:
        return replace(
            _without_evidence(assembled.table),
            notes=(*assembled.table.notes, PROCESS.format(profile), CLOSED),
        )
    rows = tuple(
        replace(row, cells=tuple(Cell(None, kind=cell.kind, mark="[z]") for cell in row.cells))
        for row in assembled.table.rows
    )
    base = base_in_words(spec, plan.facts, [None])
    notes = (*assembled.table.notes, UNTOLD.format(profile), CLOSED)
    return replace(assembled.table, base=base, rows=rows, notes=notes)


def _printable_bases(table: TablePlan, printable: _PrintableCounts) -> Iterator[int | None]:
    """The number of records of each part as it may be printed; that of all is never secret."""
    wheres = [block.where for block in getattr(table.spec, "blocks", [table.spec])]
    for part, where in zip(table.parts[: len(wheres)], wheres, strict=True):
        counts = part.versions[printable.steps[part.name]].counts
        if where is None and printable.exact:
            yield counts.system.count(counts.base).value
        elif where is None:
            # As rounded as the total and what percentages are of: 25, where the reviews are 24.
            yield printable.value(counts.base)
        else:
            yield printable.value(counts.base) if printable.exact else None


def _largest_first(row: Row) -> float:
    """Sort key by the number printed, withheld ones last; equals stay in the framework's order."""
    value = row.cells[0].value
    return 1.0 if value is None else -float(value)


def _without_evidence(table: Table) -> Table:
    """The same numbers without links to their evidence."""
    rows = tuple(
        replace(row, cells=tuple(replace(cell, evidence=(), records=()) for cell in row.cells))
        for row in table.rows
    )
    return replace(table, rows=rows)


def _protected_row(row: Row, assembled: AssembledTable, printable: _PrintableCounts) -> Row:
    cells = tuple(
        _protected_cell(row, column, cell, assembled, printable)
        for column, cell in zip(assembled.table.columns, row.cells, strict=True)
    )
    return replace(row, cells=cells)


def _protected_cell(
    row: Row, column: Column, cell: Cell, assembled: AssembledTable, printable: _PrintableCounts
) -> Cell:
    place = (row.id, column.id)
    # A percentage is of the printed number and base: of [c] there is none, of a rounded 10 of 25 it
    # is 40, whatever the true counts are.
    key = assembled.cells.get(place) or assembled.shares.get(place)
    if key is None:
        return _without_count(row, column, cell, assembled, printable)
    value, base = printable.value(key), printable.value(assembled.bases[place])
    if value is None:
        return Cell(None, base, column.kind, mark=WITHHELD_MARK)
    if place in assembled.shares:
        return percent_cell(Cell(value), base or 0)
    return Cell(value, base, column.kind)


def _without_count(
    row: Row, column: Column, cell: Cell, assembled: AssembledTable, printable: _PrintableCounts
) -> Cell:
    """A cell that is no count: a median, or a crossing that this version does not print ([z]).

    A median is printed only if every count of its block is: 6, 5, 4 and 3 reviews about one to four
    people have the median 2. With the 3 as [c], a printed median of 2 would say that fewer reviews
    are about more than two people than the 6 + 5 that are not: 4 + [c] < 11.
    """
    if column.kind != "number" and row.role != "measure":
        return Cell(None, kind=column.kind, mark="[z]")
    if cell.mark or cell.value is None:
        return Cell(None, kind=cell.kind, mark=cell.mark or "[x]")
    block = row.id.rpartition(".")[0]
    beside = [key for (at, _), key in assembled.cells.items() if at.rpartition(".")[0] == block]
    if not printable.exact or any(printable.value(key) is None for key in beside):
        return Cell(None, None, cell.kind, mark=WITHHELD_MARK)
    return Cell(cell.value, cell.base, cell.kind, decimals=cell.decimals)
