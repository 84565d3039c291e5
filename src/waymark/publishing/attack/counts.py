"""Printed tables -> counts of reviews and children by the facts that their labels name.

Rows or columns that add up to their total are the values of one fact; a row of a table in which
rows do not add up is a fact of two values.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from waymark.publishing.attack.equations import HEAD
from waymark.publishing.attack.facts import (
    REST,
    AttackedEdition,
    Condition,
    FactRegistry,
    LabelledFact,
    PrintedCount,
    Range,
)
from waymark.publishing.attack.grid import WITHHELD, PrintedRow, plain_label, printed_number
from waymark.publishing.attack.merge_files import MergedTable, PrintedBlock
from waymark.publishing.attack.recorded_together import TOGETHER

RECORDED = re.compile(r"(.+) is recorded as present or suspected")


def counts_of(edition: AttackedEdition, registry: FactRegistry) -> list[PrintedCount]:
    """All counts of reviews and children of an edition; tables about people first.

    A table "Cause: fire 3, fall [c], all 12" gives three counts: of reviews with the cause fire, 3;
    with the cause fall, between 0 and 12; and of all reviews, 12.
    """
    tables = sorted(edition.tables, key=lambda table: (table.process, _has_kinds_across(table)))
    blocks = [
        _CountedBlock(edition, registry, table, block, number_of)
        for table in tables
        for number_of, block in enumerate(table.blocks)
    ]
    counted = [block for block in blocks if block.counted]
    plain = [block for block in counted if not block.where]
    # The rows of all tables first: they name the facts that conditions and columns are about.
    for block in plain:
        dict(block.rows())
    narrowed = (block for block in counted if block.where)
    return [count for block in (*plain, *narrowed) for count in block.counts()]


def _has_kinds_across(table: MergedTable) -> bool:
    return any(HEAD.fullmatch(label) for label in table.columns)


class _CountedBlock:
    """One block of a table as counts: the conditions of its rows, its columns and its base."""

    def __init__(
        self,
        edition: AttackedEdition,
        registry: FactRegistry,
        table: MergedTable,
        block: PrintedBlock,
        number_of: int,
    ) -> None:
        self.edition, self.registry, self.table, self.block = edition, registry, table, block
        # A median is no count of reviews, and adds up to nothing.
        self.lines = [(at, line) for at, line in block.lines if line.role != "measure"]
        base, unit_text = block.base or (0, "")
        self.base = base
        self.unit, _, self.where = unit_text.partition(" where ")
        name = table.id.rpartition("/")[2]
        self.place = (name, str(number_of))
        self.whole = next((at for at, line in self.lines if line.role == "total"), None)

        # Of "24 reviews" in an edition of 24, or under a condition; a block of 9 "reviews with a
        # plan" without a condition in words is of nobody knows whom, and is left out.
        size = edition.sizes.get(self.unit)
        together = any(TOGETHER.search(note) for note in edition.notes.get(table.id, ()))
        self.counted = bool(
            self.lines and size and not together and (self.where or size == self.base)
        )

    def counts(self) -> Iterator[PrintedCount]:
        """Every number that it prints, as a count of those who meet conditions."""
        within: tuple[Condition, ...] = ()
        if self.where:
            within = (self._where_condition(),)
            yield self._count(within, (self.base, self.base))
        columns = dict(self._columns())
        rows = dict(self.rows())
        for at, line in self.lines:
            for column in columns.keys() & set(range(len(line.cells))):
                printed = line.cells[column]
                if at in rows and (printed_number(printed) is not None or printed == WITHHELD):
                    conditions = (*rows[at], *columns[column], *within)
                    yield self._printed(at, line, column, conditions)
        yield from self._heads(within)
        if self.whole is None and len(columns) == 1:
            yield from self._passages(rows, within)

    # ---- conditions of rows and columns ----

    def rows(self) -> Iterator[tuple[int, tuple[Condition, ...]]]:
        """The conditions of each row.

        With a total, rows are values of one fact: fire, fall, "all deaths" (fire + fall), flood,
        all. A subtotal is the values above it. Without one, each row is a fact of two values.
        """
        if self.whole is None:
            for at, line in self.lines:
                yield at, (self._own_condition(line, at),)
            return
        parts = [(at, line) for at, line in self.lines if line.role == "part"]
        margins = {plain_label(line.label): self._margin(at) for at, line in parts}
        # One fact for all rows, as they add up to the total: every review is in one of them.
        fact = self._fact(margins, "rows")
        values = [plain_label(line.label) for _, line in parts]
        above: list[tuple[int, str]] = []
        for at, line in self.lines:
            label = plain_label(line.label)
            if line.role == "part":
                above.append((at, label))
                yield at, ((fact, frozenset({label})),)
            elif line.role == "subtotal":
                whole = self._subtotal(fact, at, above)
                self.registry.name(self.edition.at, label, whole)
                # A subtotal closes its group: "all deaths" is fire + fall, and the next is of what
                # comes after it.
                above = []
                yield at, (whole,)
            elif line.role == "unknown":
                yield at, ((fact, frozenset({REST})),)
            elif values:
                yield at, ()

    def _subtotal(self, fact: LabelledFact, at: int, above: Sequence[tuple[int, str]]) -> Condition:
        low, high = self._margin(at)
        # Of the parts above it, as many as can add up to it: 2, 3, 4 and "both" 7 are 3 + 4.
        for start in range(len(above)):
            margins = [self._margin(part) for part, _ in above[start:]]
            if (
                sum(least for least, _ in margins) <= high
                and sum(most for _, most in margins) >= low
            ):
                return fact, frozenset(value for _, value in above[start:])
        return fact, frozenset(value for _, value in above)

    def _own_condition(self, line: PrintedRow, at: int) -> Condition:
        label = plain_label(line.label)
        apart = self.where or _has_kinds_across(self.table)
        for fact, values in self._named(label).items() if apart else ():
            if values == {label}:
                return fact, values
        margin = (0.0, float(self.base)) if apart else self._margin(at)
        return self._fact({label: margin}, "alone"), frozenset({label})

    def _columns(self) -> Iterator[tuple[int, tuple[Condition, ...]]]:
        counts = self.table.counts()
        if _has_kinds_across(self.table):
            for column, condition in self._kinds():
                yield column, (condition,)
            return
        # "Died", "Lives", "All": the first two are values of a fact, the last has no condition. One
        # column of counts, or rows that do not add up, have none either.
        every = [at for at in counts if self.table.columns[at].lower() == "all"]
        if self.whole is None or len(counts) == 1:
            yield from ((at, ()) for at in counts[:1])
            return
        if len(every) == 1:
            yield every[0], ()
            others = [at for at in counts if at != every[0]]
            for column, condition in self._values(others):
                yield column, (condition,)

    def _values(self, columns: Sequence[int]) -> Iterator[tuple[int, Condition]]:
        """Columns that add up to all: values of a fact, or groups of the values of a known one."""
        labels = {at: plain_label(self.table.columns[at]) for at in columns}
        if all(line.cells[at] == "[z]" for _, line in self.lines for at in columns):
            return
        margins = {at: self._column_margin(at) for at in columns}
        groups = self._groups(labels, margins, complete=True)
        if groups is None:
            fact = self._fact({labels[at]: margins[at] for at in columns}, "columns")
            groups = {at: (fact, frozenset({label})) for at, label in labels.items()}
        yield from groups.items()

    def _named(self, label: str) -> dict[LabelledFact, frozenset[str]]:
        return self.registry.named(self.edition.at, self.unit, label)

    def _groups(
        self, labels: Mapping[int, str], margins: Mapping[int, Range], *, complete: bool
    ) -> dict[int, Condition] | None:
        """Columns as groups of the values of a fact known from rows.

        complete: one column may be all the others of the fact, as "no death" beside "death": with
        rows fire, fall and harm and a column "fire or fall", the other column is harm.
        """
        # Columns "died" and "lives" where rows elsewhere name died, lives and unknown: both are
        # values of one fact, and their margins must allow it. The first fact that fits all columns
        # is taken.
        named = {at: self._named(label) for at, label in labels.items()}
        for fact in dict.fromkeys(fact for facts in named.values() for fact in facts):
            groups = {at: (fact, facts[fact]) for at, facts in named.items() if fact in facts}
            left = [at for at in labels if at not in groups]
            # Labels 0 "fire or fall" and 1 "other": 0 is named, 1 is left. As the columns add up to
            # all, 1 must be what 0 is not: harm.
            if len(left) == 1 and complete and len(labels) > 1:
                values_taken = (values for _, values in groups.values())
                groups[left.pop()] = fact, frozenset(fact.values).difference(*values_taken)
            if not left and self._fit(groups, margins):
                return groups
        return None

    def _fit(self, groups: Mapping[int, Condition], margins: Mapping[int, Range]) -> bool:
        """Return True if the printed margins allow each column to be its group of values."""
        return all(
            self.registry.fits(self.edition.at, condition, margins[at])
            for at, condition in groups.items()
        )

    def _kinds(self) -> Iterator[tuple[int, Condition]]:
        """Columns with their bases in their heads."""
        heads = dict(self._head_bases())
        labels = {at: label for at, (label, _) in heads.items()}
        margins = {at: self._head_range(base) for at, (_, base) in heads.items()}
        groups = self._groups(labels, margins, complete=False)
        yield from (groups if groups is not None else self._new_kinds(heads)).items()

    def _new_kinds(self, heads: Mapping[int, tuple[str, int]]) -> dict[int, Condition]:
        """Kinds of a fact that no rows show. A column "All ..." may be those before it together.

        Heads "Fire (n = 4)", "Fall (n = 6)", "All deaths (n = 10)": 4 + 6 = 10, so the third is a
        sum, and the fact has the values fire and fall.
        """
        parts: dict[int, tuple[str, int]] = {}
        sums: dict[int, list[str]] = {}
        for at, (label, base) in heads.items():
            before = list(parts.values())
            # Heads with 4, 6 and 10 reviews: the tail [4, 6] adds up to 10, from place 0. At least
            # two must be added, for one alone would be a column of the same size, not a sum.
            start = next(
                (n for n in range(len(before) - 1) if sum(b for _, b in before[n:]) == base), None
            )
            if self.table.columns[at].lower().startswith("all ") and start is not None:
                sums[at] = [name for name, _ in before[start:]]
            else:
                parts[at] = (label, base)
        # The kinds overlap: 12 and 10 of 20 reviews are no values of one fact, of which each review
        # has one.
        if sum(base for _, base in parts.values()) > self.base:
            return {}
        fact = self._fact({name: self._head_range(n) for name, n in parts.values()}, "heads")
        conditions: dict[int, Condition] = {
            at: (fact, frozenset({label})) for at, (label, _) in parts.items()
        }
        return conditions | {at: (fact, frozenset(names)) for at, names in sums.items()}

    def _head_bases(self) -> Iterator[tuple[int, tuple[str, int]]]:
        for at in self.table.counts():
            head = HEAD.fullmatch(self.table.columns[at])
            if head:
                yield at, (plain_label(head[1]), int(head[2].replace(",", "")))

    def _head_range(self, base: int) -> Range:
        """A base in a head: of a rounded table it is rounded like its numbers."""
        return float(max(0, base - self.table.within)), float(base + self.table.within)

    def _where_condition(self) -> Condition:
        """The condition of the table, in values that other tables name; else a fact of its own."""
        condition_text = self.where.lower().strip(" .")
        ends = (float(self.base), float(self.base))
        recorded = RECORDED.fullmatch(condition_text)
        # "cause is fire or fall" gives the labels fire and fall; all must be values of one fact.
        labels = [recorded[1]] if recorded else condition_text.partition(" is ")[2].split(" or ")
        values = [self._named(plain_label(label)) for label in labels]
        for fact in values[0] if values else ():
            if all(fact in named for named in values):
                condition = fact, frozenset[str]().union(*(named[fact] for named in values))
                if self.registry.fits(self.edition.at, condition, ends):
                    return condition
        return self._fact({condition_text: ends}, "where"), frozenset({condition_text})

    def _fact(self, margins: Mapping[str, Range], axis: str) -> LabelledFact:
        fact = self.registry.fact(self.edition.at, self.unit, margins, (*self.place, axis))
        if not self.table.process or axis in {"heads", "where"}:
            self.registry.people.add(fact)
        return fact

    # ---- numbers ----

    def _range(self, at: int, column: int) -> Range:
        name = (self.table.id, at, column)
        if name in self.edition.unknown:
            return self.edition.unknown[name]
        value = printed_number(self.table.lines[at].cells[column])
        return (0.0, float(self.base)) if value is None else (value, value)

    def _margin(self, at: int) -> Range:
        """The least and the most of a row by what the column of all prints."""
        counts = self.table.counts()
        every = [column for column in counts if self.table.columns[column].lower() == "all"]
        return self._range(at, (every or counts)[0])

    def _column_margin(self, column: int) -> Range:
        return (0.0, float(self.base)) if self.whole is None else self._range(self.whole, column)

    def _count(self, conditions: tuple[Condition, ...], ends: Range) -> PrintedCount:
        return PrintedCount(self.edition.at, self.unit, conditions, *ends)

    def _printed(
        self, at: int, line: PrintedRow, column: int, conditions: tuple[Condition, ...]
    ) -> PrintedCount:
        name = (self.table.id, at, column)
        ends = self._range(at, column)
        records = line.records[column] if line.records else ()
        if len(records) != ends[0] or any("/" in record for record in records):
            records = ()
        cell = name if name in self.edition.unknown else None
        return PrintedCount(self.edition.at, self.unit, conditions, *ends, cell, records)

    def _heads(self, within: tuple[Condition, ...]) -> Iterator[PrintedCount]:
        if _has_kinds_across(self.table) and not within:
            heads = dict(self._head_bases())
            for column, conditions in self._columns():
                yield self._count(conditions, self._head_range(heads[column][1]))

    def _passages(
        self, rows: Mapping[int, tuple[Condition, ...]], within: tuple[Condition, ...]
    ) -> Iterator[PrintedCount]:
        """Passages of the reviews that meet a condition, where those of each review are known."""
        columns = [at for at, label in enumerate(self.table.columns) if label == "Passages"]
        if not columns or not within:
            return
        for at, line in self.lines:
            weights = self.passages_of(line.label)
            value = printed_number(line.cells[columns[0]])
            if weights and value is not None:
                yield PrintedCount(
                    self.edition.at, self.unit, (*rows[at], *within), value, value, weights=weights
                )

    def passages_of(self, label: str) -> Mapping[str, int]:
        """The passages of each review in an opened row of that label."""
        for table in self.edition.tables:
            for line in table.lines:
                if line.label == label and line.passages:
                    return dict(line.passages)
        return {}
