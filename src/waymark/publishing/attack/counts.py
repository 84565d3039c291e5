"""Printed tables -> counts of reviews and children by the facts that their labels name.

Rows or columns that add up to their total are the values of one fact; a row of a table in which
rows do not add up is a fact of two values.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from waymark.publishing.attack.equations import HEAD, TOGETHER, plain_label
from waymark.publishing.attack.facts import (
    REST,
    Condition,
    Count,
    Edition,
    Fact,
    Range,
    Registry,
)
from waymark.publishing.attack.grid import WITHHELD, Line, number
from waymark.publishing.attack.merged import Block, Published

RECORDED = re.compile(r"(.+) is recorded as present or suspected")


def counts_of(edition: Edition, registry: Registry) -> list[Count]:
    """All counts of reviews and children of an edition; tables about people first."""
    made: list[Count] = []
    tables = sorted(edition.tables, key=lambda table: (table.process, _across(table)))
    blocks = [
        _Block(edition, registry, table, block, number_of)
        for table in tables
        for number_of, block in enumerate(table.blocks)
    ]
    plain = [one for one in blocks if one.counted and not one.where]
    for one in plain:
        dict(one.rows())
    for one in (*plain, *(one for one in blocks if one.counted and one.where)):
        made += one.counts()
    return made


def _across(table: Published) -> bool:
    return any(HEAD.fullmatch(label) for label in table.columns)


class _Block:
    """One block of a table, read."""

    def __init__(
        self, edition: Edition, registry: Registry, table: Published, block: Block, number_of: int
    ) -> None:
        self.edition, self.registry, self.table, self.block = edition, registry, table, block
        self.lines = [(at, line) for at, line in block.lines if line.role != "measure"]
        base, said = block.base or (0, "")
        self.base = base
        self.unit, _, self.where = said.partition(" where ")
        name = table.id.rpartition("/")[2]
        self.place = (name, str(number_of))
        self.whole = next((at for at, line in self.lines if line.role == "total"), None)

        size = edition.sizes.get(self.unit)
        together = any(TOGETHER.search(one) for one in edition.notes.get(table.id, ()))
        self.counted = bool(
            self.lines and size and not together and (self.where or size == self.base)
        )

    def counts(self) -> Iterator[Count]:
        """Every number that it prints, as a count of those who meet conditions."""
        within: tuple[Condition, ...] = ()
        if self.where:
            within = (self._meeting(),)
            yield self._count(within, (self.base, self.base))
        columns = dict(self._columns())
        rows = dict(self.rows())
        for at, line in self.lines:
            for column in columns.keys() & set(range(len(line.cells))):
                shown = line.cells[column]
                if at in rows and (number(shown) is not None or shown == WITHHELD):
                    conditions = (*rows[at], *columns[column], *within)
                    yield self._printed(at, line, column, conditions)
        yield from self._heads(within)
        if self.whole is None and len(columns) == 1:
            yield from self._passages(rows, within)

    # ---- what rows and columns stand for ----

    def rows(self) -> Iterator[tuple[int, tuple[Condition, ...]]]:
        """The conditions that each row stands for."""
        if self.whole is None:
            for at, line in self.lines:
                yield at, (self._alone(line, at),)
            return
        parts = [(at, line) for at, line in self.lines if line.role == "part"]
        margins = {plain_label(line.label): self._margin(at) for at, line in parts}
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
                above = []
                yield at, (whole,)
            elif line.role == "unknown":
                yield at, ((fact, frozenset({REST})),)
            elif values:
                yield at, ()

    def _subtotal(self, fact: Fact, at: int, above: Sequence[tuple[int, str]]) -> Condition:
        low, high = self._margin(at)
        for start in range(len(above)):
            margins = [self._margin(part) for part, _ in above[start:]]
            if sum(one for one, _ in margins) <= high and sum(one for _, one in margins) >= low:
                return fact, frozenset(value for _, value in above[start:])
        return fact, frozenset(value for _, value in above)

    def _alone(self, line: Line, at: int) -> Condition:
        label = plain_label(line.label)
        apart = self.where or _across(self.table)
        for fact, values in self._named(label).items() if apart else ():
            if values == {label}:
                return fact, values
        margin = (0.0, float(self.base)) if apart else self._margin(at)
        return self._fact({label: margin}, "alone"), frozenset({label})

    def _columns(self) -> Iterator[tuple[int, tuple[Condition, ...]]]:
        counts = self.table.counts()
        if _across(self.table):
            for column, condition in self._kinds():
                yield column, (condition,)
            return
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
        """Columns that add up to all: the values of a fact, or groups of those of a known one."""
        labels = {at: plain_label(self.table.columns[at]) for at in columns}
        if all(line.cells[at] == "[z]" for _, line in self.lines for at in columns):
            return
        margins = {at: self._column_margin(at) for at in columns}
        groups = self._groups(labels, margins, complete=True)
        if groups is None:
            fact = self._fact({labels[at]: margins[at] for at in columns}, "columns")
            groups = {at: (fact, frozenset({label})) for at, label in labels.items()}
        yield from groups.items()

    def _named(self, label: str) -> dict[Fact, frozenset[str]]:
        return self.registry.named(self.edition.at, self.unit, label)

    def _groups(
        self, labels: Mapping[int, str], margins: Mapping[int, Range], *, complete: bool
    ) -> dict[int, Condition] | None:
        """Columns as groups of the values of a fact known from rows.

        complete: one column may be all the others of the fact, as "no death" beside "death".
        """
        named = {at: self._named(label) for at, label in labels.items()}
        for fact in dict.fromkeys(fact for facts in named.values() for fact in facts):
            made = {at: (fact, facts[fact]) for at, facts in named.items() if fact in facts}
            left = [at for at in labels if at not in made]
            if len(left) == 1 and complete and len(labels) > 1:
                rest = frozenset(fact.values).difference(*(values for _, values in made.values()))
                made[left[0]] = fact, rest
                left = []
            fits = all(
                self.registry.fits(self.edition.at, one, margins[at]) for at, one in made.items()
            )
            if not left and fits:
                return made
        return None

    def _kinds(self) -> Iterator[tuple[int, Condition]]:
        """Columns with their bases in their heads."""
        heads = dict(self._said())
        labels = {at: label for at, (label, _) in heads.items()}
        margins = {at: (float(base), float(base)) for at, (_, base) in heads.items()}
        groups = self._groups(labels, margins, complete=False)
        yield from (groups if groups is not None else self._new_kinds(heads)).items()

    def _new_kinds(self, heads: Mapping[int, tuple[str, int]]) -> dict[int, Condition]:
        """Kinds of a fact that no rows show. A column "All ..." may be those before it together."""
        parts: dict[int, tuple[str, int]] = {}
        sums: dict[int, list[str]] = {}
        for at, (label, base) in heads.items():
            before = list(parts.values())
            start = next(
                (n for n in range(len(before) - 1) if sum(b for _, b in before[n:]) == base), None
            )
            if self.table.columns[at].lower().startswith("all ") and start is not None:
                sums[at] = [name for name, _ in before[start:]]
            else:
                parts[at] = (label, base)
        if sum(base for _, base in parts.values()) > self.base:
            return {}
        fact = self._fact({name: (n, n) for name, n in parts.values()}, "heads")
        made: dict[int, Condition] = {
            at: (fact, frozenset({label})) for at, (label, _) in parts.items()
        }
        return made | {at: (fact, frozenset(names)) for at, names in sums.items()}

    def _said(self) -> Iterator[tuple[int, tuple[str, int]]]:
        for at in self.table.counts():
            head = HEAD.fullmatch(self.table.columns[at])
            if head:
                yield at, (plain_label(head[1]), int(head[2].replace(",", "")))

    def _meeting(self) -> Condition:
        """What a condition says, as far as other tables name it; else a fact of its own."""
        said = self.where.lower().strip(" .")
        ends = (float(self.base), float(self.base))
        recorded = RECORDED.fullmatch(said)
        labels = [recorded[1]] if recorded else said.partition(" is ")[2].split(" or ")
        values = [self._named(plain_label(one)) for one in labels]
        for fact in values[0] if values else ():
            if all(fact in one for one in values):
                condition = fact, frozenset[str]().union(*(one[fact] for one in values))
                if self.registry.fits(self.edition.at, condition, ends):
                    return condition
        return self._fact({said: ends}, "where"), frozenset({said})

    def _fact(self, margins: Mapping[str, Range], axis: str) -> Fact:
        fact = self.registry.fact(self.edition.at, self.unit, margins, (*self.place, axis))
        if not self.table.process or axis in {"heads", "where"}:
            self.registry.people.add(fact)
        return fact

    # ---- numbers ----

    def _range(self, at: int, column: int) -> Range:
        name = (self.table.id, at, column)
        if name in self.edition.unknown:
            return self.edition.unknown[name]
        value = number(self.table.lines[at].cells[column])
        return (0.0, float(self.base)) if value is None else (value, value)

    def _margin(self, at: int) -> Range:
        """What is printed of a row in the column of all."""
        counts = self.table.counts()
        every = [one for one in counts if self.table.columns[one].lower() == "all"] or counts[:1]
        return self._range(at, every[0])

    def _column_margin(self, column: int) -> Range:
        return (0.0, float(self.base)) if self.whole is None else self._range(self.whole, column)

    def _count(self, conditions: tuple[Condition, ...], ends: Range) -> Count:
        return Count(self.edition.at, self.unit, conditions, *ends)

    def _printed(
        self, at: int, line: Line, column: int, conditions: tuple[Condition, ...]
    ) -> Count:
        name = (self.table.id, at, column)
        ends = self._range(at, column)
        records = line.records[column] if line.records else ()
        if len(records) != ends[0] or any("/" in one for one in records):
            records = ()
        cell = name if name in self.edition.unknown else None
        return Count(self.edition.at, self.unit, conditions, *ends, cell, records)

    def _heads(self, within: tuple[Condition, ...]) -> Iterator[Count]:
        if _across(self.table) and not within:
            heads = dict(self._said())
            for column, conditions in self._columns():
                base = float(heads[column][1])
                yield self._count(conditions, (base, base))

    def _passages(
        self, rows: Mapping[int, tuple[Condition, ...]], within: tuple[Condition, ...]
    ) -> Iterator[Count]:
        """Passages of the reviews that meet a condition, where those of each review are known."""
        columns = [at for at, label in enumerate(self.table.columns) if label == "Passages"]
        if not columns or not within:
            return
        for at, line in self.lines:
            weights = self.edition_weights(line.label)
            value = number(line.cells[columns[0]])
            if weights and value is not None:
                yield Count(
                    self.edition.at,
                    self.unit,
                    (*rows[at], *within),
                    value,
                    value,
                    weights=weights,
                )

    def edition_weights(self, label: str) -> Mapping[str, int]:
        """The passages of each review in an opened row of that label."""
        for table in self.edition.tables:
            for line in table.lines:
                if line.label == label and line.passages:
                    return dict(line.passages)
        return {}
