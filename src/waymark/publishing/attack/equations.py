"""Printed tables -> linear equations over whole numbers, as an attacker would write them.

Nothing here knows how the numbers were protected: only what labels, roles and bases say. The kinds
of equation, with the example that each function works out:

- totals, subtotals and columns of all (`_add_totals`, `_add_subtotal`, `_add_columns`);
- rounded percentages as bounds of their counts (`_bound_by_percentages`);
- one count in several tables, and counts in heads of columns (`_link_cells`, `_add_heads`);
- a count under a condition beside the same without it (`_add_conditions`);
- factors recorded together (`recorded_together.tie_factors`).
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from waymark.publishing.attack.grid import WITHHELD, PrintedRow, plain_label, printed_number
from waymark.publishing.attack.merge_files import MergedTable, PrintedBlock, is_share
from waymark.publishing.attack.recorded_together import tie_factors
from waymark.publishing.attack.unknowns import BoundedEquation, Key, Name, UnknownCounts

HEAD = re.compile(r"(.*\S)\s*[\[(](?:of |base |n ?= ?)?([\d,]+)(?: \w+)?[\])]")
STATED = "Stated"
"""The column of what reports state, in tables of silence."""
JOINTS = (", or ", " or ", " and ", " + ", ", ", "; ")
"""Texts between two kinds that are counted together."""


def unknown_counts(
    tables: Sequence[MergedTable], notes: Mapping[str, Sequence[str]]
) -> UnknownCounts:
    """The whole system of a folder. notes: under each table, by id."""
    system = UnknownCounts()
    elsewhere = {
        plain_label(line.label)
        for table in tables
        if STATED not in table.columns
        for block in table.blocks
        for _, line in block.lines
    }
    for table in tables:
        if not table.process:
            for block in table.blocks:
                _add_block(system, table, block, elsewhere)
    for table in tables:
        _add_heads(system, table)
    _link_all(system)
    _add_conditions(system)
    for table in tables:
        for note in notes.get(table.id, ()):
            tie_factors(system, table, note)
    return system


def _add_block(
    system: UnknownCounts, table: MergedTable, block: PrintedBlock, elsewhere: Collection[str]
) -> None:
    """The counts of a block with everything that its own rows and columns say.

    Fire [c], fall 6, all 9 of a base of 9: fire lies in [0, 9], and fire + 6 = 9.

    elsewhere: the rows of tables that do not count what reports state. How few reports state no
    cause tells of the reports and of nobody in them; how few record no cold home tells of people,
    and cold homes are a row of another table.
    """
    counts = table.counts()
    lines = [(at, line) for at, line in block.lines if line.role != "measure"]
    whole = next((at for at, line in lines if line.role == "total"), None)
    for at, line in lines:
        for column in counts:
            _bound_cell(system, table, block, (at, column), line)
        _bound_by_percentages(system, table, block, at, line)
        _name_cells(system, table, block, at, line)
    _add_totals(system, table, lines, whole)
    _add_columns(system, table, [at for at, _ in lines])
    if whole is None and block.base:
        system.sides.update(
            (table.id, at, column)
            for at, line in lines
            for column in counts
            if table.columns[column] != STATED or plain_label(line.label) in elsewhere
        )


def _bound_cell(
    system: UnknownCounts,
    table: MergedTable,
    block: PrintedBlock,
    place: tuple[int, int],
    line: PrintedRow,
) -> None:
    """The bounds of one cell by what it prints; a withheld one lies between 0 and the base.

    A rounded 10 in a table that says "none lies further than 4" lies in [6, 14].
    """
    name = (table.id, *place)
    base = block.base[0] if block.base else None
    printed = line.cells[place[1]]
    value = printed_number(printed)
    system.low[name], system.high[name] = 0, float("inf") if base is None else base
    if base is not None:
        system.bases[name] = base
    if value is not None:
        system.low[name] = max(0, value - table.within)
        system.high[name] = value + table.within
        if table.within:
            system.rounded.append(name)
    elif printed == WITHHELD:
        system.withheld.append(name)


def _bound_by_percentages(
    system: UnknownCounts, table: MergedTable, block: PrintedBlock, at: int, line: PrintedRow
) -> None:
    """Bounds of a count from the percentage to its right, if that is of counted numbers.

    13 per cent of 24, rounded to whole numbers, is 3 alone: 2 would print as 8, 4 as 17. So a
    percentage left beside [c] gives the count away. "Lower" and "upper" bound one side only.
    """
    if table.within or not block.base:
        return
    base = block.base[0]
    for column, label in enumerate(table.columns):
        value = printed_number(line.cells[column])
        # Columns "n, per cent": the percentage in column 1 is of the number in column 0. With "n,
        # per cent, lower, upper" all three belong to column 0, the last two as bounds.
        before = [other for other in table.counts() if other < column]
        if value is None or "per cent" not in label.lower() or not before:
            continue
        # Half is rounded up, as the product prints: (200 n + base) // (2 base) per cent.
        fits = [n for n in range(base + 1) if (200 * n + base) // (2 * base) == value]
        name = (table.id, at, before[-1])
        # Base 24, printed 13: fits = [3], so 3 <= n <= 3. Base 300, printed 1: fits = [2, 3, 4], so
        # the count is 2 to 4, which at a threshold of 5 is a leak. A lower bound of 13 says n >= 3
        # only.
        if fits and "upper" not in label.lower():
            system.at_least(name, fits[0])
        if fits and "lower" not in label.lower():
            system.at_most(name, fits[-1])


def _add_totals(
    system: UnknownCounts,
    table: MergedTable,
    lines: Sequence[tuple[int, PrintedRow]],
    whole: int | None,
) -> None:
    """Totals are the sum of all parts; a subtotal of as many parts above it as add up.

    Rows 2, 3, "all deaths" 5, 7, 4, all 16: the subtotal is 2 + 3, and the total 2 + 3 + 7 + 4.
    """
    parts = [at for at, line in lines if line.role in {"part", "unknown"}]
    if whole is not None:
        for column in table.counts():
            system.add_sum((table.id, whole, column), [(table.id, at, column) for at in parts])
    above: list[int] = []
    for at, line in lines:
        if line.role == "part":
            above.append(at)
        elif line.role == "subtotal":
            _add_subtotal(system, table, at, above)
            above = []


def _add_subtotal(system: UnknownCounts, table: MergedTable, at: int, above: Sequence[int]) -> None:
    for column in table.counts():
        before = len(system.equations)
        # All parts above, then without the first, and so on, until the printed numbers allow a sum.
        for start in range(len(above)):
            parts = [(table.id, row, column) for row in above[start:]]
            system.add_sum((table.id, at, column), parts, guessed=True)
            if len(system.equations) > before:
                break


def _add_columns(system: UnknownCounts, table: MergedTable, rows: Sequence[int]) -> None:
    """A column of all is the sum of the others, unless some row says otherwise.

    Died, lives, all in two rows: 3, [c], 10 and 4, 8, 12. Both can add up, so [c] = 10 - 3 = 7. A
    row 3, 4, 6 would say that the columns overlap, and no row is taken to add up.
    """
    counts = table.counts()
    every = [at for at in counts if table.columns[at].lower() == "all"]
    if len(every) != 1 or len(counts) < 3:
        return
    # "All" must be the sum in every row: in one row alone 3 + 4 = 7 can be chance.
    others = [at for at in counts if at != every[0]]
    sums = [
        ((table.id, at, every[0]), [(table.id, at, column) for column in others]) for at in rows
    ]
    if all(system.can_add(whole, parts) for whole, parts in sums):
        for whole, parts in sums:
            system.add_sum(whole, parts)


# ---- counts that several tables print ----


def _name_cells(
    system: UnknownCounts, table: MergedTable, block: PrintedBlock, at: int, line: PrintedRow
) -> None:
    """A count is named by its base and the labels that narrow it."""
    if block.base is None or line.role == "unknown":
        return
    of_row = frozenset[str]() if line.role == "total" else frozenset({plain_label(line.label)})
    counts = table.counts()
    for column in counts:
        label = table.columns[column].lower()
        every = len(counts) == 1 or label in {"all", "reviews", "children", "recommendations"}
        narrowed = of_row if every else of_row | {plain_label(label)}
        system.named.setdefault((*block.base, narrowed), []).append((table.id, at, column))
    if not of_row:
        _bound_total(system, table, block, at)


def _bound_total(system: UnknownCounts, table: MergedTable, block: PrintedBlock, at: int) -> None:
    """All of a base are as many as it says."""
    counts = table.counts()
    every = [column for column in counts if table.columns[column].lower() == "all"]
    every = every or list(counts)
    name = (table.id, at, every[0])
    if block.base and (len(every) == 1) and system.low[name] <= block.base[0] <= system.high[name]:
        system.at_least(name, block.base[0])
        system.at_most(name, block.base[0])


def _add_heads(system: UnknownCounts, table: MergedTable) -> None:
    """A number in the head of a column is a count: "Fire (n = 4)" says that 4 reviews are fires."""
    base = table.blocks[0].base if table.blocks else None
    for label in table.columns:
        head = HEAD.fullmatch(label)
        if head and base:
            value = float(head[2].replace(",", ""))
            ends = max(0.0, value - table.within), value + table.within
            for names in _counted_in_head(system, base, plain_label(head[1])):
                terms = tuple((name, 1) for name in names)
                system.equations.append(BoundedEquation(terms, *ends, guessed=True))


def _counted_in_head(
    system: UnknownCounts, base: tuple[int, str], label: str
) -> Iterator[tuple[Name, ...]]:
    """The counts of a name, or of two names that are counted together in one column."""
    alone = {
        next(iter(key[2])): names[0]
        for key, names in system.named.items()
        if key[:2] == base and len(key[2]) == 1
    }
    if label in alone:
        yield (alone[label],)
    for first in alone:
        for joint in JOINTS:
            second = label.removeprefix(first + joint)
            if second != label and second in alone:
                yield (alone[first], alone[second])


def _ambiguous_labels(system: UnknownCounts) -> set[Key]:
    """Labels that mean several things: "Recorded" is 3 in one table and 2 in another."""
    return {
        key
        for key, (first, *others) in system.named.items()
        if len(key[2]) == 1 and not all(system.can_add(first, [other]) for other in others)
    }


def _link_all(system: UnknownCounts) -> None:
    several = _ambiguous_labels(system)
    for key, names in system.named.items():
        if not any((*key[:2], frozenset({label})) in several for label in key[2]):
            _link_cells(system, names)


def _link_cells(system: UnknownCounts, names: Sequence[Name]) -> None:
    """Cells of one name are one count, unless the printed numbers say otherwise.

    "Death" is [c] as a row of one table and 4 as a total of another: it is 4 in both.
    """
    first, *others = names
    for other in others:
        system.add_sum(first, [other], guessed=True)


# ---- counts of those alone who meet a condition ----


def _add_conditions(system: UnknownCounts) -> None:
    """A count under a condition is part of the same count without it.

    Cold homes are 9 of all reviews and 8 of those "where cause is fire": 9 = 8 + rest, so 1 review
    of another cause had a cold home. And the base of the condition, 6, is the count of fires.
    """
    for (number_of, unit, narrowed), (part, *_) in system.named.items():
        plain, where, condition = unit.partition(" where ")
        if not where:
            continue
        for (_, other, same), (whole, *_) in system.named.items():
            if other == plain and same == narrowed:
                _add_rest(system, part, whole)
        values = [plain_label(value) for value in condition.partition(" is ")[2].split(" or ")]
        alone = [_count_of_label(system, plain, value) for value in values]
        if all(alone):
            terms = tuple((name, 1) for name in alone if name)
            system.equations.append(BoundedEquation(terms, number_of, number_of, guessed=True))


def _add_rest(system: UnknownCounts, part: Name, whole: Name) -> None:
    table, row, column = part
    # Of 12 reviews 6 are fires: no more than 6 can have a cold home and no fire.
    others = system.bases[whole] - system.bases[part]
    if others < 0:
        return
    rest = (f"{table} beside {whole[0]}", row, column)
    system.low[rest], system.high[rest] = 0, others
    system.rests[rest] = part
    system.add_sum(whole, [part, rest], guessed=True)


def _count_of_label(system: UnknownCounts, unit: str, label: str) -> Name | None:
    """The count of all of a unit that one label narrows."""
    cells = (
        names[0]
        for (_, other, narrowed), names in system.named.items()
        if other == unit and narrowed == frozenset({label})
    )
    return next(cells, None)


def percentages_left(tables: Sequence[MergedTable]) -> list[tuple[str, str]]:
    """Table and row of every percentage that is printed beside a withheld count."""
    return [
        (table.id, line.label)
        for table in tables
        for line in table.lines
        if any(line.cells[at] == WITHHELD for at in table.counts())
        for at, label in enumerate(table.columns)
        if is_share(label) and printed_number(line.cells[at]) is not None
    ]
