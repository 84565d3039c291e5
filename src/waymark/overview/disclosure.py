"""What may leave the house: the only way from a table to a protected table.

Everything that is shown or written (pages, figures, files, links to evidence) takes protected
tables, and this module alone makes them. Pure.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from waymark.core.errors import RuleError
from waymark.core.tables import SEAL as _SEAL
from waymark.core.tables import Cell, Column, ProtectedTable, Row, Table, percent_cell
from waymark.overview.meaning import Place
from waymark.overview.opened import check_crossings, crossing_before, lists_themes
from waymark.overview.plan import Assembled, ReleasePlan, TablePlan
from waymark.overview.practice import check_practice
from waymark.overview.protection.ledger import Entry
from waymark.overview.protection.release import (
    NOTHING_BEFORE,
    Past,
    rounded_release,
    suppressed_release,
)
from waymark.overview.spec import AnyTable, Crosstab, ThemesTable
from waymark.overview.tabulate import (
    BOUNDS,
    SILENCE,
    base_in_words,
    drawn_of,
    finished,
)
from waymark.overview.ties import process_facts, tied

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
UNCROSSED = (
    "Not told apart, because too many numbers would have to be withheld or a small one could be"
    " worked out: {0}."
)
UNTOLD = (
    "Disclosure profile {0}: nothing is shown, because from how many of these reviews show a theme"
    " a withheld number could be worked out."
)
HIDDEN = "Not shown, because few reviews are of that kind or their number is withheld: {0}."
NOT_LISTED = (
    "Reviews are not listed here, because {0} themes by a fact about people: with the reviews that"
    " show a theme, what is withheld could be worked out review by review."
)
RECORDED_ONLY = (
    "Recorded means that the report records the factor as present or suspected. Silence is not"
    " absence: what a report does not mention may still have been there."
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
    of counts that are withheld for their own sake. opens: whether numbers about the process lead to
    their reviews.
    """

    tables: tuple[ProtectedTable, ...]
    entry: Entry
    counted: tuple[Counted, ...]
    small: frozenset[str]
    opens: bool


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
    if kind == "open":
        raise RuleError("open needs no plan: use protect()")
    check_practice((table.spec for table in plan.tables), plan.facts.framework)
    plan = plan.at(k)
    settle = _rounded if kind == "round" else _withheld
    shown, entry = settle(plan, k, profile, name, past)
    crossed = plan.crossed(shown.steps)
    drawn = drawn_of(plan.facts, plan.spec)
    why_closed = _why_closed(plan, crossed, past)
    found = [
        (table.spec, _protected(plan, table, profile, shown, why_closed)) for table in plan.tables
    ]
    tables = tuple(
        replace(one, table=finished(one.table, table, drawn), seal=_SEAL)
        for table, (one, _) in found
    )
    counted = tuple(counted for _, (_, counted) in found)
    small = entry.system.primaries(k) & entry.withheld
    opens = why_closed is None
    listed = lists_themes(tuple(table.spec for table in plan.tables))
    return Protection(
        tables, replace(entry, opened=opens and listed, crossed=crossed), counted, small, opens
    )


def _rounded(
    plan: ReleasePlan, k: int, profile: str, name: str, past: Past
) -> tuple[_Shown, Entry]:
    """What is printed where all counts are rounded; themes are then crossed with nothing."""
    tie = partial(tied, plan.facts, k=k, process=process_facts(plan.spec))
    last = {part.name: len(part.versions) - 1 for part in plan.themes}
    rounded = rounded_release(plan.ladders, k, links=plan.links, tie=tie, past=past, begin=last)
    made = rounded.rounded
    note = ROUNDED.format(profile, k, made.within)
    entry = Entry(
        name, made.system, frozenset(), past.records, k, made.printed, made.within, past.largest
    )
    return _Shown(rounded.steps, made.printed.get, exact=False, note=note), entry


def _withheld(
    plan: ReleasePlan, k: int, profile: str, name: str, past: Past
) -> tuple[_Shown, Entry]:
    """What is printed where small counts, and what would give them away, are withheld."""
    check_crossings(plan, past)
    tie = partial(tied, plan.facts, k=k, process=process_facts(plan.spec))
    safe = suppressed_release(plan.ladders, k, links=plan.links, tie=tie, past=past)
    system, withheld = safe.system, safe.pattern.withheld & safe.system.index.keys()
    shown = _Shown(
        safe.steps,
        lambda key: None if key in withheld else system.count(key).value,
        exact=True,
        note=WITHHELD.format(profile, k),
    )
    return shown, Entry(name, system, withheld, past.records, k, largest=past.largest)


def _why_closed(plan: ReleasePlan, crossed: Collection[str], past: Past) -> str | None:
    """Why no number of a release opens to its reviews, as a note; None where some do.

    "" where it was decided so, which needs no note.
    """
    if not plan.spec.disclosure.open_process:
        return ""
    if crossed:
        return NOT_LISTED.format("this overview counts")
    earlier = crossing_before(past)
    return NOT_LISTED.format(f"{earlier} counted") if earlier else None


def _protected(
    plan: ReleasePlan, table: TablePlan, profile: str, shown: _Shown, why_closed: str | None
) -> tuple[ProtectedTable, Counted]:
    """why_closed: see _why_closed."""
    made = plan.assembled(table, shown.steps)
    counted = Counted(made.table, {**made.cells, **made.shares})
    if table.process:
        kept = made.table if why_closed is None else _closed(made.table)
        notes = [*kept.notes, PROCESS.format(profile), *([why_closed] if why_closed else [])]
        return ProtectedTable(replace(kept, notes=tuple(notes)), profile, _SEAL), counted
    if isinstance(table.spec, ThemesTable) and table.parts and not made.cells:
        return ProtectedTable(_crossing_nothing(table.spec, made, plan, profile), profile, _SEAL), (
            counted
        )
    rows = [_protected_row(row, made, shown) for row in made.table.rows]
    if _by_size(table.spec):
        rows.sort(key=_largest_first)
    said = [RECORDED_ONLY if note == BOUNDS else note for note in made.table.notes]
    said = [note for note in said if note != SILENCE]
    said += [COARSER.format(label) for label in made.coarser]
    said += _notes_on_kinds(table, made, shown)
    base = base_in_words(table.spec, plan.facts, list(_bases(table, shown)))
    protected = replace(
        made.table,
        base=base,
        columns=_heads(made, shown),
        rows=tuple(rows),
        notes=(*said, shown.note, CLOSED),
    )
    return ProtectedTable(protected, profile, _SEAL), counted


def _by_size(spec: AnyTable) -> bool:
    """Whether rows are ordered by what is printed in their first column."""
    across = isinstance(spec, ThemesTable) and spec.columns is not None
    counts = getattr(spec, "order", "framework") == "count"
    return counts and not across and not isinstance(spec, Crosstab)


def _heads(made: Assembled, shown: _Shown) -> tuple[Column, ...]:
    """Columns, of those with a base of their own without it where it is withheld."""
    heads = []
    for column in made.table.columns:
        key = next((made.heads[at] for at in made.heads if at[1] == column.id), None)
        hidden = key is not None and shown.value(key) is None
        label = f"{column.label.rpartition(' (n = ')[0]} (n = [c])" if hidden else column.label
        heads.append(replace(column, label=label))
    return tuple(heads)


def _notes_on_kinds(table: TablePlan, made: Assembled, shown: _Shown) -> Iterator[str]:
    if not isinstance(table.spec, ThemesTable):
        return
    version = table.parts[0].versions[shown.steps[table.parts[0].name]]
    if version.together:
        yield TOGETHER.format("; ".join(version.together))
    if version.left_out:
        yield HIDDEN.format("; ".join(version.left_out))
    crossed = {row for row, _ in made.cells}
    if uncrossed := [row.label for row in made.table.rows if row.id not in crossed]:
        yield UNCROSSED.format("; ".join(uncrossed))


def _crossing_nothing(spec: ThemesTable, made: Assembled, plan: ReleasePlan, profile: str) -> Table:
    """Themes by a fact in their last version: of all reviews, or nothing under a condition.

    A theme found in 3 of those that meet a condition would say that there are at least 3.
    """
    if spec.where is None:
        return replace(
            _closed(made.table), notes=(*made.table.notes, PROCESS.format(profile), CLOSED)
        )
    rows = tuple(
        replace(row, cells=tuple(Cell(None, kind=cell.kind, mark="[z]") for cell in row.cells))
        for row in made.table.rows
    )
    base = base_in_words(spec, plan.facts, [None])
    notes = (*made.table.notes, UNTOLD.format(profile), CLOSED)
    return replace(made.table, base=base, rows=rows, notes=notes)


def _bases(table: TablePlan, shown: _Shown) -> Iterator[int | None]:
    """How many records each part counts, as far as it may be told; all there are is no secret."""
    wheres = [one.where for one in getattr(table.spec, "blocks", [table.spec])]
    for part, where in zip(table.parts[: len(wheres)], wheres, strict=True):
        counts = part.versions[shown.steps[part.name]].counts
        if where is None:
            yield counts.system.count(counts.base).value
        else:
            yield shown.value(counts.base) if shown.exact else None


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
