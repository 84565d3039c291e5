"""Printed tables -> linear equations over whole numbers, as an attacker would put them down.

Nothing here knows how the numbers were protected: only what labels, roles and bases say.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from waymark.publishing.attack.grid import WITHHELD, Line, number
from waymark.publishing.attack.merged import Block, Published, is_share

Name = tuple[str, int, int]
"""A cell: table, row and column; what no table prints has the table "" and numbers of its own."""
Key = tuple[int, str, frozenset[str]]
HEAD = re.compile(r"(.*\S)\s*[\[(](?:of |base |n ?= ?)?([\d,]+)(?: \w+)?[\])]")
TOGETHER = re.compile(r"Counted: (.+?)\. Each counts once")
MANY = 6
"""Factors whose combinations are put down: 64 of them."""
JOINTS = (", or ", " or ", " and ", " + ", ", ", "; ")
"""What stands between two kinds that are counted together."""


@dataclass(frozen=True, slots=True)
class Equation:
    """sum of factor x cell is at least low and at most high.

    guessed: read out of words. single: about single reviews and children.
    """

    terms: tuple[tuple[Name, int], ...]
    low: float
    high: float
    guessed: bool = False
    single: bool = False


@dataclass(slots=True)
class Unknowns:
    """Every count with the least and the most that is printed of it; and what ties them.

    withheld: cells with a mark in place of a number. shown: cells that print a rounded number.
    bases: of each cell, where it is said. sides: cells of which the rest of the base counts too.
    wrong: totals that their parts do not make up. rests: of counts under a condition, those whom
    the same count without it has besides.
    """

    low: dict[Name, float] = field(default_factory=dict)
    high: dict[Name, float] = field(default_factory=dict)
    equations: list[Equation] = field(default_factory=list)
    withheld: list[Name] = field(default_factory=list)
    rounded: list[Name] = field(default_factory=list)
    bases: dict[Name, int] = field(default_factory=dict)
    sides: set[Name] = field(default_factory=set)
    named: dict[Key, list[Name]] = field(default_factory=dict)
    wrong: list[Name] = field(default_factory=list)
    rests: dict[Name, Name] = field(default_factory=dict)

    def take_in(self, other: "Unknowns") -> None:
        """The counts of another rendering besides, of other names."""
        self.low.update(other.low)
        self.high.update(other.high)
        self.bases.update(other.bases)
        self.rests.update(other.rests)
        self.sides |= other.sides
        self.equations += other.equations
        self.withheld += other.withheld
        self.rounded += other.rounded

    def at_least(self, name: Name, value: float) -> None:
        self.low[name] = max(self.low[name], value)

    def at_most(self, name: Name, value: float) -> None:
        self.high[name] = min(self.high[name], value)

    def can_add(self, whole: Name, parts: Sequence[Name]) -> bool:
        """Whether what is printed lets the parts make up the whole."""
        least, most = (sum(side[one] for one in parts) for side in (self.low, self.high))
        return least <= self.high[whole] and most >= self.low[whole]

    def adds(self, whole: Name, parts: Sequence[Name], *, guessed: bool = False) -> None:
        """The parts make up the whole, unless what is printed says otherwise."""
        if self.can_add(whole, parts):
            terms = ((whole, -1), *((one, 1) for one in parts))
            self.equations.append(Equation(terms, 0, 0, guessed))
        elif not guessed:
            self.wrong.append(whole)


def unknowns(tables: Sequence[Published], notes: Mapping[str, Sequence[str]]) -> Unknowns:
    """The whole system of a folder. notes: under each table, by id."""
    made = Unknowns()
    for table in tables:
        if not table.process:
            for block in table.blocks:
                _block(made, table, block)
    for table in tables:
        _heads(made, table)
    _link_all(made)
    _conditions(made)
    for table in tables:
        for note in notes.get(table.id, ()):
            _together(made, table, note)
    return made


def _block(made: Unknowns, table: Published, block: Block) -> None:
    counts = table.counts()
    lines = [(at, line) for at, line in block.lines if line.role != "measure"]
    whole = next((at for at, line in lines if line.role == "total"), None)
    for at, line in lines:
        for column in counts:
            _cell(made, table, block, (at, column), line)
        _shares(made, table, block, at, line)
        _name(made, table, block, at, line)
    _down(made, table, lines, whole)
    _across(made, table, [at for at, _ in lines])
    if whole is None and block.base:
        made.sides.update((table.id, at, column) for at, _ in lines for column in counts)


def _cell(
    made: Unknowns, table: Published, block: Block, place: tuple[int, int], line: Line
) -> None:
    """What one cell prints; what is not printed lies between nought and the base."""
    name = (table.id, *place)
    base = block.base[0] if block.base else None
    shown = line.cells[place[1]]
    value = number(shown)
    made.low[name], made.high[name] = 0, float("inf") if base is None else base
    if base is not None:
        made.bases[name] = base
    if value is not None:
        made.low[name] = max(0, value - table.within)
        made.high[name] = value + table.within
        if table.within:
            made.rounded.append(name)
    elif shown == WITHHELD:
        made.withheld.append(name)


def _shares(made: Unknowns, table: Published, block: Block, at: int, line: Line) -> None:
    """What percentages say of the count to their left, where they are of counted numbers."""
    if table.within or not block.base:
        return
    base = block.base[0]
    for column, label in enumerate(table.columns):
        value = number(line.cells[column])
        before = [one for one in table.counts() if one < column]
        if value is None or "per cent" not in label.lower() or not before:
            continue
        fits = [n for n in range(base + 1) if (200 * n + base) // (2 * base) == value]
        name = (table.id, at, before[-1])
        if fits and "upper" not in label.lower():
            made.at_least(name, fits[0])
        if fits and "lower" not in label.lower():
            made.at_most(name, fits[-1])


def _down(
    made: Unknowns, table: Published, lines: Sequence[tuple[int, Line]], whole: int | None
) -> None:
    """Totals are all parts; a subtotal is the parts above it, as many as can be."""
    parts = [at for at, line in lines if line.role in {"part", "unknown"}]
    if whole is not None:
        for column in table.counts():
            made.adds((table.id, whole, column), [(table.id, at, column) for at in parts])
    above: list[int] = []
    for at, line in lines:
        if line.role == "part":
            above.append(at)
        elif line.role == "subtotal":
            _subtotal(made, table, at, above)
            above = []


def _subtotal(made: Unknowns, table: Published, at: int, above: Sequence[int]) -> None:
    for column in table.counts():
        before = len(made.equations)
        for start in range(len(above)):
            parts = [(table.id, one, column) for one in above[start:]]
            made.adds((table.id, at, column), parts, guessed=True)
            if len(made.equations) > before:
                break


def _across(made: Unknowns, table: Published, rows: Sequence[int]) -> None:
    """A column of all is the others together, unless some row says otherwise."""
    counts = table.counts()
    every = [at for at in counts if table.columns[at].lower() == "all"]
    if len(every) != 1 or len(counts) < 3:
        return
    others = [at for at in counts if at != every[0]]
    sums = [
        ((table.id, at, every[0]), [(table.id, at, column) for column in others]) for at in rows
    ]
    if all(made.can_add(whole, parts) for whole, parts in sums):
        for whole, parts in sums:
            made.adds(whole, parts)


# ---- counts that several tables print ----


def plain_label(label: str) -> str:
    """A label without what only says that it is all of them: "All reviews of a death": "death"."""
    said = re.sub(r"^all \w+ (of|with|who) (an? |the )?", "", label.lower().strip())
    return re.sub(r"\s+", " ", said)


def _name(made: Unknowns, table: Published, block: Block, at: int, line: Line) -> None:
    """A count is named by its base and the labels that narrow it."""
    if block.base is None or line.role == "unknown":
        return
    of_row = frozenset[str]() if line.role == "total" else frozenset({plain_label(line.label)})
    counts = table.counts()
    for column in counts:
        label = table.columns[column].lower()
        every = len(counts) == 1 or label in {"all", "reviews", "children", "recommendations"}
        narrowed = of_row if every else of_row | {plain_label(label)}
        made.named.setdefault((*block.base, narrowed), []).append((table.id, at, column))
    if not of_row:
        _grand(made, table, block, at)


def _grand(made: Unknowns, table: Published, block: Block, at: int) -> None:
    """All of a base are as many as it says."""
    counts = table.counts()
    every = [one for one in counts if table.columns[one].lower() == "all"] or list(counts)
    name = (table.id, at, every[0])
    if block.base and (len(every) == 1) and made.low[name] <= block.base[0] <= made.high[name]:
        made.at_least(name, block.base[0])
        made.at_most(name, block.base[0])


def _heads(made: Unknowns, table: Published) -> None:
    """A number in the head of a column is the base of that column."""
    base = table.blocks[0].base if table.blocks else None
    for label in table.columns:
        said = HEAD.fullmatch(label)
        if said and base:
            value = float(said[2].replace(",", ""))
            for names in _counted_in_head(made, base, plain_label(said[1])):
                terms = tuple((name, 1) for name in names)
                made.equations.append(Equation(terms, value, value, guessed=True))


def _counted_in_head(
    made: Unknowns, base: tuple[int, str], label: str
) -> Iterator[tuple[Name, ...]]:
    """The counts of a name, or of two names that are counted together in one column."""
    alone = {
        next(iter(key[2])): names[0]
        for key, names in made.named.items()
        if key[:2] == base and len(key[2]) == 1
    }
    if label in alone:
        yield (alone[label],)
    for one in alone:
        for joint in JOINTS:
            other = label.removeprefix(one + joint)
            if other != label and other in alone:
                yield (alone[one], alone[other])


def _several(made: Unknowns) -> set[Key]:
    """Labels that stand for several things: "Recorded" is 3 in one table and 2 in another."""
    return {
        key
        for key, (first, *others) in made.named.items()
        if len(key[2]) == 1 and not all(made.can_add(first, [other]) for other in others)
    }


def _link_all(made: Unknowns) -> None:
    several = _several(made)
    for key, names in made.named.items():
        if not any((*key[:2], frozenset({label})) in several for label in key[2]):
            _link(made, names)


def _link(made: Unknowns, names: Sequence[Name]) -> None:
    """Cells of one name are one count, unless what is printed says otherwise."""
    first, *others = names
    for other in others:
        made.adds(first, [other], guessed=True)


# ---- counts of those alone who meet a condition ----


def _conditions(made: Unknowns) -> None:
    """Who is counted under a condition is counted without it, too, with others besides."""
    for (number_of, unit, narrowed), (part, *_) in made.named.items():
        plain, where, said = unit.partition(" where ")
        if not where:
            continue
        for (_, other, same), (whole, *_) in made.named.items():
            if other == plain and same == narrowed:
                _beside(made, part, whole)
        values = [plain_label(one) for one in said.partition(" is ")[2].split(" or ")]
        alone = [_alone(made, plain, one) for one in values]
        if all(alone):
            terms = tuple((name, 1) for name in alone if name)
            made.equations.append(Equation(terms, number_of, number_of, guessed=True))


def _beside(made: Unknowns, part: Name, whole: Name) -> None:
    table, row, column = part
    others = made.bases[whole] - made.bases[part]
    if others < 0:
        return
    rest = (f"{table} beside {whole[0]}", row, column)
    made.low[rest], made.high[rest] = 0, others
    made.rests[rest] = part
    made.adds(whole, [part, rest], guessed=True)


def _alone(made: Unknowns, unit: str, label: str) -> Name | None:
    """The count of all of a unit that one label narrows."""
    found = (
        names[0]
        for (_, other, narrowed), names in made.named.items()
        if other == unit and narrowed == frozenset({label})
    )
    return next(found, None)


# ---- factors that are recorded together ----


def _together(made: Unknowns, table: Published, note: str) -> None:
    """How many of several factors are recorded, tied to how often each is."""
    said = TOGETHER.search(note)
    block = table.blocks[0] if table.blocks else None
    if said is None or block is None or block.base is None:
        return
    sets = [_labels(one) for one in said[1].split(";")]
    atoms = [label for one in sets for label in one]
    if len(atoms) > MANY:
        return
    patterns = list(product((0, 1), repeat=len(atoms)))
    names = [(f"{table.id} together", at, 0) for at in range(len(patterns))]
    made.low.update(dict.fromkeys(names, 0.0))
    made.high.update(dict.fromkeys(names, float(block.base[0])))
    by_pattern = dict(zip(patterns, names, strict=True))
    for place, label in enumerate(atoms):
        for name in made.named.get((*block.base, frozenset({label})), [])[:1]:
            held = [one for pattern, one in by_pattern.items() if pattern[place]]
            made.adds(name, held, guessed=True)
    rows = [at for at, line in block.lines if line.role == "part"]
    if len(rows) == len(sets) + 1:
        for number_of, at in enumerate(rows):
            held = [by_pattern[one] for one in patterns if _met(sets, one) == number_of]
            made.adds((table.id, at, 0), held, guessed=True)


def _labels(said: str) -> list[str]:
    inside = re.search(r"\((.+)\)", said)
    names: Iterator[str] = iter(inside[1].split(" or ")) if inside else iter([said])
    return [plain_label(one) for one in names]


def _met(sets: Sequence[Sequence[str]], pattern: Sequence[int]) -> int:
    """How many of the sets a pattern of atoms meets."""
    met, at = 0, 0
    for one in sets:
        met += any(pattern[at : at + len(one)])
        at += len(one)
    return met


def percentages_left(tables: Sequence[Published]) -> list[tuple[str, str]]:
    """Table and row of every percentage that stands beside a withheld count."""
    return [
        (table.id, line.label)
        for table in tables
        for line in table.lines
        if any(line.cells[at] == WITHHELD for at in table.counts())
        for at, label in enumerate(table.columns)
        if is_share(label) and number(line.cells[at]) is not None
    ]
