"""What ties counts that group one fact differently, in this release and in earlier ones. Pure.

Assaults and suicides counted together, less suicides counted alone, are assaults; children under 2
less infants are those of 1. So each count is the sum of its finest parts, and a small part that no
table prints is protected as if one did.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product

from waymark.frameworks.schema import VariableSpec
from waymark.overview.factors import RECORDED
from waymark.overview.facts import UNITS, Facts
from waymark.overview.links import RECORDED_STATE
from waymark.overview.meaning import (
    CHILDREN,
    NOT_RECORDED,
    OUTSIDE,
    UNJUDGED,
    chosen,
    key_of,
)
from waymark.overview.protection.cells import Count, CountSystem, Equation, adds_up
from waymark.overview.protection.ledger import Entry
from waymark.overview.protection.release import Tied
from waymark.overview.spec import Crosstab, OverviewSpec, Unit

Element = str | None
"""A value that is told apart; of numbers the first of a stretch. None: nothing was judged."""


@dataclass(frozen=True, slots=True)
class _Key:
    """A key taken apart. said: fact -> what is said of it, all of which holds."""

    key: str
    unit: Unit
    said: Mapping[str, tuple[str, ...]]

    @property
    def facts(self) -> frozenset[str]:
        return frozenset(self.said)


def tied(
    facts: Facts,
    system: CountSystem,
    ledger: Sequence[Entry],
    *,
    k: int,
    process: frozenset[str],
) -> Tied:
    """The ties among what a release prints or withholds, and what earlier ones did.

    ledger: earlier releases; what they counted and this does not is counted anew, as latent.
    process: facts about the process of review, which need no protection. Keys that say something
    else than values of facts (of factors together) are tied elsewhere.
    """
    shown = _shown(system)
    every = dict.fromkeys(chain(shown, *(_shown(entry.system) for entry in ledger)))
    apart = [one for one in (_taken_apart(key, facts) for key in every) if one is not None]
    counts: dict[str, Count] = {}
    equations: dict[Equation, None] = {}
    guarded: set[str] = set()
    there = {frozenset(one.terms) for one in system.equations if not one.constant}
    for unit in UNITS:
        group = _Groupings(facts, unit, [one for one in apart if one.unit == unit])
        for key, parts in group.sums():
            equation = adds_up(key, parts)
            if parts != [key] and frozenset(equation.terms) not in there:
                equations[equation] = None
                counts |= {name: Count(name, group.size(name), "latent") for name in (key, *parts)}
        guarded |= {
            key
            for key in group.parts.keys() & counts.keys() - set(shown)
            if 0 < counts[key].value < k and group.secret(key, process)
        }
    return Tied(CountSystem(tuple(counts.values()), tuple(equations)), frozenset(guarded))


def _shown(system: CountSystem) -> list[str]:
    return [count.key for count in system.counts if count.exposure != "latent"]


def _taken_apart(key: str, facts: Facts) -> _Key | None:
    """A key in its parts; None where it says something else than values of facts."""
    unit = next((one for one in UNITS if key.startswith(f"{one}: ")), None)
    if unit is None or key == key_of(unit):
        return None
    known = {variable.id for variable in facts.framework.variables} | {CHILDREN}
    said: dict[str, tuple[str, ...]] = {}
    for condition in key.removeprefix(f"{unit}: ").split(" and "):
        name, _, values = condition.partition(" is ")
        plain = values.removeprefix(f"{OUTSIDE} ")
        if name not in known or not plain or (" " in plain and values != UNJUDGED):
            return None
        said[name] = (*said.get(name, ()), values)
    return _Key(key, unit, said)


class _Fact:
    """A variable, or the number of children: the values that the keys tell apart."""

    def __init__(self, name: str, said: Iterable[str], facts: Facts, unit: Unit) -> None:
        self.name = name
        records = facts.of_unit(unit)
        found: Sequence[Element]
        if name == CHILDREN:
            self.variable: VariableSpec | None = None
            found = [str(len(facts.children_of(record))) for record in records]
        else:
            self.variable = facts.framework.variable(name)
            found = facts.values(records, name)
        self.numeric = self.variable is None or self.variable.type == "age"
        texts = set(said)
        self.starts = sorted(set(_starts(texts))) if self.numeric else []
        self.values = [self._element(value) for value in found]
        self.found = frozenset(self.values)
        self.elements = self._elements(texts)

    def _element(self, value: Element) -> Element:
        """The element that a value belongs to."""
        if not self.numeric or not value:
            return value
        return str(self.starts[bisect_right(self.starts, int(value)) - 1])

    def _elements(self, texts: set[str]) -> list[Element]:
        if self.numeric:
            listed: list[Element] = [*map(str, self.starts), ""]
        elif self.variable is not None and self.variable.allowed:
            listed = [value.value for value in self.variable.allowed]
        else:
            listed = [*sorted({part for one in texts - {UNJUDGED} for part in one.split("+")})]
        others = sorted(one for one in self.found if one and one not in listed)
        return [*listed, *others, None]

    def holds(self, text: str, element: Element) -> bool:
        """Whether what is said is so of an element."""
        if element is None or text == UNJUDGED:
            return element is None and text == UNJUDGED
        if self.numeric:
            if not element or text == NOT_RECORDED:
                return not element and text == NOT_RECORDED
            inside = any(low <= int(element) <= high for low, high in _bands(text))
            return inside != text.startswith(OUTSIDE)
        if text == RECORDED_STATE and self.variable is not None and self.variable.type == "state":
            return element in RECORDED
        return element in text.split("+")

    def name_of(self, elements: Sequence[Element]) -> str:
        """What is said of a record with one of these values, as the tables say it."""
        if list(elements) == [None]:
            return f"{self.name} is {UNJUDGED}"
        if not self.numeric:
            state = self.variable is not None and self.variable.type == "state"
            recorded = state and set(elements) == RECORDED
            names = [RECORDED_STATE] if recorded else [one or UNJUDGED for one in elements]
            return chosen(self.name, names)
        places = [self.starts.index(int(one)) for one in elements if one]
        if len(places) != len(elements) or places != list(range(places[0], places[-1] + 1)):
            return chosen(self.name, [one or NOT_RECORDED for one in elements])
        after = self.starts[places[-1] + 1 :]
        return f"{self.name} is {self.starts[places[0]]}-{after[0] - 1 if after else ''}"

    def unknown(self, elements: Iterable[Element]) -> bool:
        """Whether all of these say that nothing is known."""
        allowed = self.variable.allowed if self.variable is not None else ()
        nobodys = {value.value for value in allowed if value.unknown} | {"", None}
        return nobodys.issuperset(elements)


def _bands(text: str) -> Iterator[tuple[int, float]]:
    """The stretches of numbers that are named: "0-11", "outside 0-11+12-" ."""
    for part in text.removeprefix(f"{OUTSIDE} ").split("+"):
        low, dash, high = part.partition("-")
        if dash and low.isdigit():
            yield int(low), int(high) if high else float("inf")


def _starts(texts: Iterable[str]) -> Iterator[int]:
    yield 0
    for low, high in chain.from_iterable(map(_bands, texts)):
        yield low
        if high != float("inf"):
            yield int(high) + 1


_Cut = tuple[tuple[Element, ...], ...]
"""The values of a fact in the sets that the keys tell apart."""


class _Groupings:
    """The keys of one unit, by the facts that they are about. parts: the finest by their keys."""

    def __init__(self, facts: Facts, unit: Unit, keys: Sequence[_Key]) -> None:
        self.unit = unit
        self.keys = keys
        self.parts: dict[str, dict[str, tuple[Element, ...]]] = {}
        said: dict[str, set[str]] = {}
        for key in keys:
            for name, texts in key.said.items():
                said.setdefault(name, set()).update(texts)
        self.facts = {name: _Fact(name, texts, facts, unit) for name, texts in said.items()}
        self._about: dict[frozenset[str], list[_Key]] = {}
        for key in keys:
            self._about.setdefault(key.facts, []).append(key)
        self._said = {key.key: key for key in keys}
        self._sizes: dict[frozenset[str], Counter[tuple[Element, ...]]] = {}

    def sums(self) -> Iterator[tuple[str, list[str]]]:
        """Each key with the finest parts that make it up."""
        for names, keys in self._about.items():
            fewer = [
                less for less in self._about if less < names and self._some_only(names - less, keys)
            ]
            wider = [key for less in fewer for key in self._about[less]]
            cuts = {name: self._cut(name, [*keys, *wider]) for name in sorted(names)}
            for key in (*keys, *wider):
                inside = [
                    [some for some in cut if self._so(self.facts[name], some[0], key)]
                    for name, cut in cuts.items()
                ]
                found = (dict(zip(cuts, part, strict=True)) for part in product(*inside))
                yield key.key, [self._part(part) for part in found]

    def _some_only(self, names: Iterable[str], keys: Sequence[_Key]) -> bool:
        """Whether keys leave out some records by one of these facts: then no total says it all."""
        for name in names:
            fact = self.facts[name]
            covered = {one for one in fact.found if any(self._so(fact, one, key) for key in keys)}
            if covered != fact.found:
                return True
        return False

    def _so(self, fact: _Fact, element: Element, key: _Key) -> bool:
        return all(fact.holds(text, element) for text in key.said.get(fact.name, ()))

    def _cut(self, name: str, keys: Sequence[_Key]) -> _Cut:
        fact = self.facts[name]
        alike: dict[tuple[bool, ...], list[Element]] = {}
        told = list({key.said[name]: key for key in keys if name in key.said}.values())
        for element in fact.elements:
            alike.setdefault(tuple(self._so(fact, element, key) for key in told), []).append(
                element
            )
        return tuple(tuple(some) for some in alike.values() if some != [None] or None in fact.found)

    def _part(self, part: dict[str, tuple[Element, ...]]) -> str:
        name = key_of(self.unit, [self.facts[one].name_of(some) for one, some in part.items()])
        self.parts[name] = part
        return name

    def size(self, name: str) -> int:
        """How many records a key counts, of a part or of one that was given."""
        part = self.parts.get(name)
        names = tuple(sorted(part if part is not None else self._said[name].facts))
        found = self._tally(names)
        if part is not None:
            return sum(found[some] for some in product(*(part[one] for one in names)))
        key = self._said[name]
        return sum(
            number
            for some, number in found.items()
            if all(self._so(self.facts[one], e, key) for one, e in zip(names, some, strict=True))
        )

    def _tally(self, names: tuple[str, ...]) -> Counter[tuple[Element, ...]]:
        held = frozenset(names)
        if held not in self._sizes:
            values = [self.facts[one].values for one in names]
            self._sizes[held] = Counter(zip(*values, strict=True))
        return self._sizes[held]

    def secret(self, name: str, process: frozenset[str]) -> bool:
        """Whether a small part is to be protected: not what is unknown, not the process alone."""
        part = self.parts[name]
        known = any(self.facts[one].unknown(some) for one, some in part.items())
        return not known and not process.issuperset(part)


def process_facts(spec: OverviewSpec) -> frozenset[str]:
    """The variables that some table says are about the process of review."""
    return frozenset(
        dimension.variable
        for table in spec.tables
        if isinstance(table, Crosstab)
        for block in table.blocks
        for dimension in (block.rows, block.columns)
        if dimension is not None and dimension.process and dimension.variable is not None
    )
