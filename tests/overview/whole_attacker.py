"""An attacker of whole releases: every printed number as a sum over single reviews, in an exact
integer program of its own.

It knows what anybody can read: the tables with their heads, bases, notes and records, the spec and
the profile; which reviews an edition counts; and that the reviews of an earlier one are in a later
one with the same facts. It knows nothing of the engine.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from waymark.core.tables import Row, Table

CAUSES = ("fire", "fall", "harm", "unknown")
RECORDED = (True, False)
PEOPLE = ("cause", "cold", "alone")
BASE = re.compile(r"(\d+) review")
HEAD = re.compile(r".*\(n = (\d+)\)")
WITHIN = re.compile(r"further than (\d+) from")


@dataclass(frozen=True, slots=True)
class Review:
    """All that is coded of a review: facts about people, two themes, its children."""

    cause: str
    cold: bool
    alone: bool
    visits: bool
    letters: bool
    children: int
    died: int


Facts = tuple[str, bool, bool, bool, bool]
FAMILIES = [(children, died) for children in (1, 2) for died in range(children + 1)]
"""Children and those of them who died. Of reviews with two, some have more: one more at a time."""
ONE_MORE = [(1, 0), (1, 1)]
MOST_MORE = 100
Weight = Callable[[Review], int]
"""How much a review counts in a number: as one review, or as some of its children."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a table. secret: its own smallness is protected; base: of what it is a part.

    children: it counts these, not reviews. low, high: what is printed, None where it is withheld.
    """

    place: str
    weight: Weight
    secret: bool
    low: int | None = None
    high: int | None = None
    base: int | None = None
    records: tuple[str, ...] = ()
    children: bool = False


# ---- what the spec says that rows, columns and conditions count ----


def of_cause(row: str, review: Review) -> bool:
    """Kinds that are counted together have joined ids; the row of all has no cause."""
    return row == "all" or review.cause in row.split("-")


def of_cold(column: str, review: Review) -> bool:
    return column in {"n", "all", "yes-no"} or review.cold is (column == "yes")


def of_size(row: str, review: Review) -> bool:
    return row == "all" or (review.children == 1) is (row == "one")


def of_theme(row: str, review: Review) -> bool:
    return review.visits if row == "th.visits" else review.letters


def of_factor(row: str, review: Review) -> bool:
    return review.cold if row == "fac.cold" else review.alone


def of_stated(row: str, review: Review) -> bool:
    """Whether the report states a variable: no report of these names a nurse."""
    stated = {"cause": review.cause != "unknown", "fac.cold": review.cold}
    return (stated | {"fac.alone": review.alone, "ag.nurse": False})[row]


def of_stated_part(row: str, review: Review) -> bool:
    """A row of a variable for the reviews with visits, without them, or for all.

    In its last version a table is of all together, and its rows are the variables alone.
    """
    variable, _, part = row.rpartition(".")
    if part in {"found", "missed", "all"}:
        return of_stated(variable, review) and by_visits(part, review)
    return of_stated(row, review)


def by_visits(column: str, review: Review) -> bool:
    return {"found": review.visits, "missed": not review.visits}.get(column, True)


def anything(column: str, review: Review) -> bool:
    return True


Meets = Callable[[str, Review], bool]


def children_of(column: str, review: Review) -> int:
    lives = review.children - review.died
    return {"died": review.died, "lives": lives}.get(column, review.children)


def cause_column(column: str, review: Review) -> bool:
    return column in {"n", "recorded"} or of_cause(column, review)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a table is read. where: the condition of all of it. columns: those with counts."""

    row: Meets
    column: Meets
    where: Callable[[Review], bool] = lambda review: True
    children: bool = False
    people: bool = True
    across: bool = False
    no_secret: frozenset[str] = frozenset()
    """Rows of facts of which it is no secret that they are not known."""


def fires(review: Review) -> bool:
    return review.cause == "fire"


def colds(review: Review) -> bool:
    return review.cold


READINGS = {
    "causes": Reading(of_cause, anything),
    "causes_by_cold": Reading(of_cause, of_cold),
    "sizes": Reading(of_size, anything),
    "sizes_by_cause": Reading(of_size, cause_column),
    "children": Reading(of_cause, anything, children=True),
    "children_by_fate": Reading(of_cause, anything, children=True),
    "factors": Reading(of_factor, anything),
    "factors_of_fires": Reading(of_factor, anything, where=fires),
    "silence": Reading(of_stated, anything, no_secret=frozenset({"cause"})),
    "causes_by_visits": Reading(of_cause, by_visits),
    "children_by_visits": Reading(of_cause, by_visits, children=True),
    "factors_by_visits": Reading(of_factor, by_visits, across=True),
    "factors_by_cause": Reading(of_factor, cause_column, across=True),
    "silence_by_visits": Reading(
        of_stated_part,
        anything,
        no_secret=frozenset({"cause", "cause.found", "cause.missed", "cause.all"}),
    ),
    "themes": Reading(of_theme, anything, people=False),
    "themes_by_cause": Reading(of_theme, cause_column, people=False, across=True),
    "themes_by_cold": Reading(of_theme, of_cold, people=False, across=True),
    "themes_of_colds": Reading(of_theme, anything, where=colds, people=False),
    "themes_of_fires": Reading(of_theme, anything, where=fires, people=False),
}


def _weight(reading: Reading, row: str, column: str, review: Review) -> int:
    if not (reading.where(review) and reading.row(row, review) and reading.column(column, review)):
        return 0
    return children_of(column, review) if reading.children else 1


def numbers_of(kind: str, table: Table) -> Iterator[Number]:
    """Every number that a table prints or withholds, its heads and its base among them."""
    reading = READINGS[kind]
    base = BASE.match(table.base)
    if base and not reading.children:
        weight = partial(_weight, Reading(anything, anything, reading.where), "", "")
        yield Number(f"{table.id} base", weight, False, int(base[1]), int(base[1]))
    whole = int(base[1]) if base and kind in {"factors", "factors_of_fires", "silence"} else None
    for at, column in enumerate(table.columns):
        if column.kind != "count" or column.id == "passages":
            continue
        head = HEAD.fullmatch(column.label)
        if head and reading.across:
            weight = partial(
                _weight, Reading(anything, reading.column, reading.where), "", column.id
            )
            within = _within(reading, table)
            low, high = max(0, int(head[1]) - within), int(head[1]) + within
            yield Number(f"{table.id} {column.id} head", weight, False, low, high)
        for row in table.rows:
            # What is stated of children is of no fact that another of these tables withholds.
            of_children = kind.startswith("silence") and "hildren" in row.group
            if row.role != "measure" and row.cells[at].mark in {"", "[c]"} and not of_children:
                part = int(head[1]) if head and reading.across else whole
                other_side = None if row.id in reading.no_secret else part
                yield _number(reading, table, row, at, other_side)


def _number(reading: Reading, table: Table, row: Row, at: int, base: int | None) -> Number:
    """One cell. What stands for unknown is nobody's secret."""
    column, cell = table.columns[at], row.cells[at]
    weight = partial(_weight, reading, row.id, column.id)
    secret = reading.people and "unknown" not in {row.role, row.id, column.id}
    secret = secret and row.id not in reading.no_secret
    place = f"{table.id} {row.id} {column.id}"
    if cell.mark:
        return Number(place, weight, secret, base=base, children=reading.children)
    within = _within(reading, table)
    printed = int(cell.shown.replace(",", ""))
    low, high = max(0, printed - within), printed + within
    rounded = secret and within > 0
    records = tuple(cell.records)
    return Number(place, weight, rounded, low, high, base, records, reading.children)


def _within(reading: Reading, table: Table) -> int:
    """How far a printed number of a rounded table can be from the true one."""
    notes = WITHIN.search(" ".join(table.notes))
    return int(notes[1]) if notes and reading.people else 0


# ---- the integer program ----


@dataclass(frozen=True, slots=True)
class Edition:
    """What is printed of some reviews. names: of the reviews that it counts."""

    names: frozenset[str]
    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """An unknown: how many of a class are of a kind. more: one more child of such a review."""

    at: int
    kind: Review
    facts: Facts
    more: bool = False


class Attacker:
    """All editions together. facts: those that the tables count; of others all values are alike."""

    def __init__(self, editions: Sequence[Edition]) -> None:
        self.editions = editions
        self.classes = self._classes()
        counts_children = any(one.children for edition in editions for one in edition.numbers)
        self.places: list[Place] = []
        for facts in _told_apart(editions):
            for at, (within, marks, _) in enumerate(self.classes):
                kinds = [
                    kind
                    for kind in (Review(*facts, *family) for family in FAMILIES)
                    if self._fits(within, marks, kind)
                ]
                self.places += [Place(at, kind, facts) for kind in kinds]
                if counts_children and kinds:
                    more = (Review(*facts, *family) for family in ONE_MORE)
                    self.places += [Place(at, kind, facts, more=True) for kind in more]
        rows = [
            [float(one.at == at and not one.more) for one in self.places]
            for at in range(len(self.classes))
        ]
        lows = [float(len(names)) for _, _, names in self.classes]
        highs = list(lows)
        for number_of, edition in enumerate(editions):
            for number in edition.numbers:
                if number.low is not None and number.high is not None:
                    rows.append(self._row(number_of, number))
                    lows.append(number.low)
                    highs.append(number.high)
        for at, facts in dict.fromkeys((one.at, one.facts) for one in self.places if one.more):
            rows.append(self._more(at, facts))
            lows.append(-np.inf)
            highs.append(0)
        self.matrix, self.lows, self.highs = np.array(rows), np.array(lows), np.array(highs)

    def _more(self, at: int, facts: Facts) -> list[float]:
        """Only reviews with two children can have more."""
        return [
            0.0
            if (one.at, one.facts) != (at, facts)
            else 1.0
            if one.more
            else -float(MOST_MORE * (one.kind.children > 1))
            for one in self.places
        ]

    def _classes(self) -> list[tuple[tuple[int, ...], tuple[bool, ...], list[str]]]:
        """Reviews that nothing tells apart: of the same editions and named by the same numbers."""
        alike: dict[tuple[tuple[int, ...], tuple[bool, ...]], list[str]] = {}
        names = sorted(frozenset[str]().union(*(one.names for one in self.editions)))
        for name in names:
            within = tuple(at for at, one in enumerate(self.editions) if name in one.names)
            marks = tuple(
                name in number.records for at in within for number in _opened(self.editions[at])
            )
            alike.setdefault((within, marks), []).append(name)
        return [(*key, found) for key, found in alike.items()]

    def _fits(self, within: tuple[int, ...], marks: tuple[bool, ...], kind: Review) -> bool:
        opened = [number for at in within for number in _opened(self.editions[at])]
        return all((one.weight(kind) > 0) is mark for one, mark in zip(opened, marks, strict=True))

    def _row(self, edition: int, number: Number) -> list[float]:
        return [
            float(number.weight(one.kind))
            if edition in self.classes[one.at][0] and (number.children or not one.more)
            else 0.0
            for one in self.places
        ]

    def ends(self, edition: int, number: Number) -> tuple[int, int]:
        """The least and the most that a number can be."""
        row = self._row(edition, number)
        least = self._least(row)
        most = self._least([-one for one in row])
        assert least is not None
        assert most is not None
        return round(float(np.dot(row, least))), round(float(np.dot(row, most)))

    def reaches(self, edition: int, number: Number, low: float, high: float) -> bool:
        """Whether a number can lie in a range, which is quicker to tell than its ends."""
        row = self._row(edition, number)
        return self._least([0.0] * len(row), [(row, low, high)]) is not None

    def lies(self, edition: int, number: Number, low: float, high: float, one: Number) -> bool:
        """As reaches, to somebody who knows that they are the only one whom another counts."""
        rows = [self._row(edition, number), self._row(edition, one)]
        sides = [(rows[0], low, high), (rows[1], 1.0, 1.0)]
        return self._least([0.0] * len(rows[0]), sides) is not None

    def named(self) -> list[tuple[str, str, object]]:
        """Facts about people that follow of a review by its name.

        Not where all reviews of the same editions are alike: that is printed of all of them.
        """
        kinds = {one.kind for one in self.places}
        left = {
            (at, fact, value): [
                float(one.at == at and not one.more and getattr(one.kind, fact) == value)
                for one in self.places
            ]
            for at in range(len(self.classes))
            for fact in PEOPLE
            for value in {getattr(kind, fact) for kind in kinds}
            if self._counted(fact, kinds)
        }
        while left:
            found = self._least(np.sum(list(left.values()), axis=0).tolist())
            assert found is not None
            full = {
                key: row
                for key, row in left.items()
                if round(float(np.dot(row, found))) == len(self.classes[key[0]][2])
            }
            if len(full) == len(left):
                break
            left = full
        return [
            (name, fact, value)
            for at, fact, value in left
            if not all(
                (other, fact, value) in left
                for other, (within, _, _) in enumerate(self.classes)
                if within == self.classes[at][0]
            )
            for name in self.classes[at][2]
        ]

    @staticmethod
    def _counted(fact: str, kinds: Collection[Review]) -> bool:
        """Whether any number depends on a fact: else one value stands for all."""
        return len({getattr(kind, fact) for kind in kinds}) > 1

    def _least(
        self, objective: Sequence[float], extra: Sequence[tuple[list[float], float, float]] = ()
    ) -> np.ndarray | None:
        matrix, lows, highs = self.matrix, self.lows, self.highs
        for row, low, high in extra:
            matrix = np.vstack([matrix, row])
            lows, highs = np.append(lows, low), np.append(highs, high)
        found = milp(
            objective,
            constraints=[LinearConstraint(csr_matrix(matrix), lows, highs)],
            bounds=Bounds(0, np.inf),
            integrality=np.ones(len(self.places)),
        )
        assert found.status in {0, 2}, found.message
        return None if found.x is None else np.rint(found.x)


def _opened(edition: Edition) -> list[Number]:
    return [one for one in edition.numbers if one.records and "/" not in one.records[0]]


def _told_apart(editions: Sequence[Edition]) -> list[Facts]:
    """Facts that the numbers tell apart, one of each that they do not."""
    seen: dict[tuple[int, ...], Facts] = {}
    weights = [number.weight for edition in editions for number in edition.numbers]
    for facts in product(CAUSES, RECORDED, RECORDED, RECORDED, RECORDED):
        kinds = [Review(*facts, *family) for family in FAMILIES]
        seen.setdefault(tuple(weight(kind) for kind in kinds for weight in weights), facts)
    return list(seen.values())


def broken_promises(
    attacker: Attacker, truth: Sequence[Sequence[Review]], profile: str
) -> list[str]:
    """Each small count that can be narrowed below what its profile promises, with what is left.

    Under k3 and k5 a small count can be 0 and can be k or more; under r5 it can be five numbers.
    """
    k = int(profile[1:])
    made = []
    for at, edition in enumerate(attacker.editions):
        for number in edition.numbers:
            counted = sum(number.weight(review) for review in truth[at])
            if number.low is not None and number.high is not None:
                assert number.low <= counted <= number.high, (number.place, counted)
            if number.secret:
                narrow = _narrow_rounded if profile == "r5" else _narrow
                if narrow(attacker, at, number, counted, k):
                    ends = attacker.ends(at, number)
                    made.append(f"edition {at + 1}, {number.place}: {counted} is in {ends}")
    return made


def _narrow(attacker: Attacker, at: int, number: Number, counted: int, k: int) -> bool:
    small = 0 < counted < k and not (
        attacker.reaches(at, number, 0, 0) and attacker.reaches(at, number, k, np.inf)
    )
    rest = None if number.base is None else number.base - counted
    other = rest is not None and 0 < rest < k
    return small or (
        other
        and number.base is not None
        and not (
            attacker.reaches(at, number, number.base, number.base)
            and attacker.reaches(at, number, 0, number.base - k)
        )
    )


def _narrow_rounded(attacker: Attacker, at: int, number: Number, counted: int, k: int) -> bool:
    if not 0 < counted < k:
        return False
    low, high = attacker.ends(at, number)
    return high - low + 1 < k


def told_to_insiders(
    attacker: Attacker, truth: Sequence[Sequence[Review]], profile: str
) -> list[str]:
    """Each small count that follows for the only one in another, who knows that they are.

    To them it can be k or more, and 1 at the least. Not a count of which they are themselves.
    """
    k = int(profile[1:])
    made = []
    for at, edition in enumerate(attacker.editions):
        hidden = [one for one in edition.numbers if one.secret and one.low is None]
        for one in hidden:
            inside = [review for review in truth[at] if one.weight(review)]
            if sum(one.weight(review) for review in inside) != 1:
                continue
            for other in hidden:
                counted = sum(other.weight(review) for review in truth[at])
                if 0 < counted < k and not other.weight(inside[0]):
                    safe = attacker.lies(at, other, k, np.inf, one)
                    if not (safe and attacker.lies(at, other, 0, 1, one)):
                        made.append(f"edition {at + 1}, {other.place}: {counted}, from {one.place}")
    return made
