"""What may leave the house: the only way from a table to a protected table.

Everything that is shown or written (pages, figures, files, links to evidence) takes protected
tables, and this module alone makes them. Pure.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import InitVar, dataclass, replace
from functools import partial
from typing import Literal

from waymark.core.errors import RuleError
from waymark.core.tables import Cell, Column, Row, Table, percent_cell
from waymark.overview.finishing import finished
from waymark.overview.meaning import Place
from waymark.overview.plan import Assembled, ReleasePlan, TablePlan, kinds_told
from waymark.overview.practice import check_practice
from waymark.overview.protection.ledger import Entry
from waymark.overview.protection.release import (
    NOTHING_BEFORE,
    Past,
    rounded_release,
    suppressed_release,
)
from waymark.overview.spec import Crosstab, ThemesTable
from waymark.overview.tabulate import (
    BOUNDS,
    SILENCE,
    base_in_words,
    counted_table,
    drawn_of,
)
from waymark.overview.themes_across import Kind, kinds_of, made_up_of, not_finer, safe_kinds
from waymark.overview.ties import process_facts, tied

_SEAL = object()
PROFILES: dict[str, tuple[Literal["open", "withhold", "round"], int]] = {
    "open": ("open", 1),
    "k3": ("withhold", 3),
    "k5": ("withhold", 5),
    "r5": ("round", 5),
}
OPEN = "Disclosure profile open: every number is shown as counted."
PROCESS = "Disclosure profile {0}: these numbers are about the process of review, shown as counted."
WITHHELD = (
    "Disclosure profile {0}: a number of people or reviews under {1} is withheld, and with it"
    " others from which it could be worked out. Percentages are withheld with their numbers."
)
ROUNDED = (
    "Disclosure profile {0}: numbers are rounded to multiples of {1} so that totals still add up;"
    " none lies further than {2} from what was counted. Percentages are of rounded numbers."
)
CLOSED = (
    "The numbers of this table do not open to their reviews: what stands behind one could undo what"
    " is withheld of another."
)
COARSER = "Under this profile the table is shown coarser: {0}."
TOGETHER = "Counted together, because how many reviews are of each kind is withheld: {0}."
NOT_FINER = (
    "Counted together, because another table groups the same fact otherwise, and the difference"
    " would tell what neither may show: {0}."
)
UNTOLD = (
    "Disclosure profile {0}: nothing is shown, because how many reviews meet the condition is not,"
    " and a theme found in some of them would say how many there are at least."
)
HIDDEN = "Not shown, because few reviews are of that kind or their number is withheld: {0}."
RECORDED_ONLY = (
    "Recorded means that the report records the factor as present or suspected. Silence is not"
    " absence: what a report does not mention may still have been there."
)


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
    ("[u]", "not given, because the base is under 20"),
    ("[x]", "not available"),
    ("[z]", "not applicable"),
)


def protect(tables: Sequence[Table], *, profile: str) -> tuple[ProtectedTable, ...]:
    """Tables on their own, which can only be open: every number stays as counted.

    Raises RuleError for any other profile: it needs to know what ties the counts together, which a
    plan says (protect_release).
    """
    kind, _ = _profile(profile)
    if kind != "open":
        raise RuleError(f"{profile} protects a release as a whole: it needs the plan of all tables")
    return tuple(
        ProtectedTable(replace(table, notes=(*table.notes, OPEN)), profile, _SEAL)
        for table in tables
    )


def marked(tables: Sequence[ProtectedTable], note: str) -> tuple[ProtectedTable, ...]:
    """Protected tables with a note before their own, as that they are not for giving out."""
    return tuple(
        replace(one, table=replace(one.table, notes=(note, *one.table.notes)), seal=_SEAL)
        for one in tables
    )


def _profile(name: str) -> tuple[Literal["open", "withhold", "round"], int]:
    if name not in PROFILES:
        raise RuleError(f"there is no disclosure profile {name}; there are {', '.join(PROFILES)}")
    return PROFILES[name]


@dataclass(frozen=True, slots=True)
class _Shown:
    """What may be printed of each count, by key; None: withheld. blank: crossings not printed."""

    steps: Mapping[str, int]
    value: Callable[[str], int | None]
    exact: bool
    note: str


@dataclass(frozen=True, slots=True)
class Counted:
    """A table as it was counted, in the version that is shown: everything that is withheld of it.

    keys: of its counts, and of what its percentages are of.
    """

    table: Table
    keys: Mapping[Place, str]


@dataclass(frozen=True, slots=True)
class Protection:
    """Protected tables, and what the ledger must remember of them.

    counted: what stands behind each, for those alone who may see what is withheld. small: the keys
    of counts that are withheld for their own sake.
    """

    tables: tuple[ProtectedTable, ...]
    entry: Entry
    counted: tuple[Counted, ...]
    small: frozenset[str]


def protect_release(
    plan: ReleasePlan,
    *,
    profile: str,
    name: str = "this release",
    past: Past = NOTHING_BEFORE,
) -> Protection:
    """All tables of a release, protected together: what one shows can undo what another hides.

    profile: k3 and k5 withhold, r5 rounds. name: of the release in the ledger. Raises RuleError for
    another profile, and where some table cannot be shown under this one.
    """
    kind, k = _profile(profile)
    check_practice((table.spec for table in plan.tables), plan.facts.framework)
    tie = partial(tied, plan.facts, k=k, process=process_facts(plan.spec))
    if kind == "round":
        rounded = rounded_release(plan.ladders, k, links=plan.links, tie=tie, past=past)
        made = rounded.rounded
        note = ROUNDED.format(profile, k, made.within)
        shown = _Shown(rounded.steps, made.printed.get, exact=False, note=note)
        entry = Entry(
            name, made.system, frozenset(), past.records, k, made.printed, made.within, past.largest
        )
    elif kind == "withhold":
        safe = suppressed_release(plan.ladders, k, links=plan.links, tie=tie, past=past)
        system, withheld = safe.system, safe.pattern.withheld & safe.system.index.keys()
        shown = _Shown(
            safe.steps,
            lambda key: None if key in withheld else system.count(key).value,
            exact=True,
            note=WITHHELD.format(profile, k),
        )
        entry = Entry(name, system, withheld, past.records, k, largest=past.largest)
    else:
        raise RuleError("open needs no plan: use protect()")
    drawn = drawn_of(plan.facts, plan.spec)
    across: dict[str, list[Kind]] = {}
    # Conditions come last: they count within the kinds that columns show, never the other way.
    last = sorted(plan.tables, key=lambda one: one.spec.where is not None)
    done = {one.spec.id: _protected(plan, one, profile, shown, across) for one in last}
    found = [(table.spec, done[table.spec.id]) for table in plan.tables]
    tables = tuple(
        replace(one, table=finished(one.table, table, drawn), seal=_SEAL)
        for table, (one, _) in found
    )
    counted = tuple(counted for _, (_, counted) in found)
    small = entry.system.primaries(k) & entry.withheld
    return Protection(tables, entry, counted, small)


def _protected(
    plan: ReleasePlan,
    table: TablePlan,
    profile: str,
    shown: _Shown,
    across: dict[str, list[Kind]],
) -> tuple[ProtectedTable, Counted]:
    """across: for each fact the columns in which an earlier table has themes by it, filled here."""
    if isinstance(table.spec, ThemesTable) and table.parts:
        return _themes_across(plan, table, table.spec, profile, shown, across)
    made = plan.assembled(table, shown.steps)
    counted = Counted(made.table, {**made.cells, **made.shares})
    if table.process:
        kept = made.table if plan.spec.disclosure.open_process else _closed(made.table)
        notes = (*kept.notes, PROCESS.format(profile))
        return ProtectedTable(replace(kept, notes=notes), profile, _SEAL), counted
    rows = [_protected_row(row, made, shown) for row in made.table.rows]
    by_size = getattr(table.spec, "order", "framework") == "count"
    if by_size and not isinstance(table.spec, Crosstab):
        rows.sort(key=_largest_first)
    said = [RECORDED_ONLY if note == BOUNDS else note for note in made.table.notes]
    said = [note for note in said if note != SILENCE]
    said += [COARSER.format(label) for label in made.coarser]
    base = base_in_words(table.spec, plan.facts, list(_bases(table, shown)))
    protected = replace(made.table, base=base, rows=tuple(rows), notes=(*said, shown.note, CLOSED))
    return ProtectedTable(protected, profile, _SEAL), counted


def _bases(table: TablePlan, shown: _Shown) -> Iterator[int | None]:
    """How many records each part counts, as far as it may be told; all there are is no secret."""
    wheres = [one.where for one in getattr(table.spec, "blocks", [table.spec])]
    for part, where in zip(table.parts, wheres, strict=True):
        counts = part.versions[shown.steps[part.name]].counts
        if where is None:
            yield counts.system.count(counts.base).value
        else:
            yield shown.value(counts.base) if shown.exact else None


def _themes_across(
    plan: ReleasePlan,
    table: TablePlan,
    spec: ThemesTable,
    profile: str,
    shown: _Shown,
    across: dict[str, list[Kind]],
) -> tuple[ProtectedTable, Counted]:
    """Themes in columns of which every base may be shown.

    Under rounding no exact base may: then all reviews are one column. No column divides one in
    which an earlier table counts themes by the same fact.
    """
    (part,) = table.parts
    version = part.versions[shown.steps[part.name]]

    def base(kind: str) -> int | None:
        key = version.counts.cells[kind, "n"]
        return shown.value(key) if shown.exact and not version.totals else None

    dimension = kinds_told(spec, plan.spec.tables, plan.facts)
    kinds = kinds_of(dimension, plan.facts) if dimension else []
    safe = safe_kinds(kinds, base, _profile(profile)[1])
    fact = (dimension.variable if dimension else None) or "number of children"
    coarse = not_finer(safe.kinds, across.get(fact, []))
    left_out = [one for one in kinds if one.label in safe.hidden]
    across.setdefault(fact, [*safe.kinds, *left_out])
    if spec.where is not None:
        told = made_up_of(plan.facts.meeting(spec.where), coarse.kinds)
        return _themes_within(plan, spec, profile, told=told)
    notes = [PROCESS.format(profile)]
    if safe.together:
        notes.append(TOGETHER.format("; ".join(safe.together)))
    if coarse.together:
        notes.append(NOT_FINER.format("; ".join(coarse.together)))
    if safe.hidden:
        notes.append(HIDDEN.format("; ".join(safe.hidden)))
    made = counted_table(spec, plan.facts, plan.spec, coarse.kinds)
    protected = replace(_closed(made), notes=(*made.notes, *notes, CLOSED))
    return ProtectedTable(protected, profile, _SEAL), Counted(made, {})


def _themes_within(
    plan: ReleasePlan, spec: ThemesTable, profile: str, *, told: bool
) -> tuple[ProtectedTable, Counted]:
    """Themes in the reviews that meet a condition. told: how many do may be shown.

    Else nothing is: a theme found in 3 of them says that there are at least 3.
    """
    if told:
        made = counted_table(spec, plan.facts, plan.spec)
        kept = replace(_closed(made), notes=(*made.notes, PROCESS.format(profile), CLOSED))
        return ProtectedTable(kept, profile, _SEAL), Counted(made, {})
    order: Literal["framework", "listed"] = "listed" if spec.order == "listed" else "framework"
    made = counted_table(spec.model_copy(update={"order": order}), plan.facts, plan.spec)
    rows = tuple(
        replace(row, cells=tuple(Cell(None, kind=cell.kind, mark="[c]") for cell in row.cells))
        for row in made.rows
    )
    base = base_in_words(spec, plan.facts, [None])
    kept = replace(made, base=base, rows=rows, notes=(*made.notes, UNTOLD.format(profile), CLOSED))
    return ProtectedTable(kept, profile, _SEAL), Counted(made, {})


def _largest_first(row: Row) -> float:
    """By the number printed, those withheld last; equals stay as the framework has them."""
    value = row.cells[0].value
    return 1.0 if value is None else -float(value)


def _closed(table: Table) -> Table:
    """The same numbers without a way to what stands behind them."""
    rows = tuple(
        replace(row, cells=tuple(replace(cell, evidence=(), records=()) for cell in row.cells))
        for row in table.rows
    )
    return replace(table, rows=rows)


def _protected_row(row: Row, made: Assembled, shown: _Shown) -> Row:
    cells = tuple(
        _protected_cell(row, column, cell, made, shown)
        for column, cell in zip(made.table.columns, row.cells, strict=True)
    )
    return replace(row, cells=cells)


def _protected_cell(row: Row, column: Column, cell: Cell, made: Assembled, shown: _Shown) -> Cell:
    place = (row.id, column.id)
    key = made.cells.get(place) or made.shares.get(place)
    if key is None:
        return _without_count(row, column, cell, made, shown)
    value, base = shown.value(key), shown.value(made.bases[place])
    if value is None:
        return Cell(None, base, column.kind, mark="[c]")
    if place in made.shares:
        return percent_cell(Cell(value), base or 0)
    return Cell(value, base, column.kind)


def _without_count(row: Row, column: Column, cell: Cell, made: Assembled, shown: _Shown) -> Cell:
    """A median stands while nothing it was taken from is hidden; a crossing not printed is gone."""
    if column.kind != "number" and row.role != "measure":
        return Cell(None, kind=column.kind, mark="[z]")
    if cell.mark or cell.value is None:
        return Cell(None, kind=cell.kind, mark=cell.mark or "[x]")
    block = row.id.rpartition(".")[0]
    beside = [key for (one, _), key in made.cells.items() if one.rpartition(".")[0] == block]
    if not shown.exact or any(shown.value(key) is None for key in beside):
        return Cell(None, None, cell.kind, mark="[c]")
    return Cell(cell.value, cell.base, cell.kind, decimals=cell.decimals)
