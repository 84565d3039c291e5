"""One fact grouped in different ways: the finest parts that all groupings tell apart. Pure."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product
from math import prod

from waymark.frameworks.schema import VariableSpec
from waymark.overview.factors import RECORDED
from waymark.overview.facts import UNITS, Facts
from waymark.overview.links import RECORDED_STATE
from waymark.overview.meaning import (
    CHILDREN,
    UNJUDGED,
    chosen,
    key_of,
)
from waymark.overview.spec import Unit
from waymark.overview.spec_names import NOT_RECORDED, OUTSIDE
from waymark.overview.theme_counts import FOUND, MISSED, THEME, shows

MOST_TOGETHER = 400
"""Into how many parts three facts may divide the records and still be set against each other."""
Element = str | None
"""A value that is told apart; of numbers the first of a stretch. None: nothing was judged."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key taken apart. said: fact -> what is said of it, all of which holds."""

    key: str
    unit: Unit
    said: Mapping[str, tuple[str, ...]]

    @property
    def facts(self) -> frozenset[str]:
        return frozenset(self.said)


def taken_apart(key: str, facts: Facts) -> Key | None:
    """A key in its parts; None where it says something else than values of facts."""
    unit = next((one for one in UNITS if key.startswith(f"{one}: ")), None)
    if unit is None or key == key_of(unit):
        return None
    known = {variable.id for variable in facts.framework.variables} | {CHILDREN}
    known |= {f"{THEME}{code.id}" for code in facts.framework.codes}
    said: dict[str, tuple[str, ...]] = {}
    for condition in key.removeprefix(f"{unit}: ").split(" and "):
        name, _, values = condition.partition(" is ")
        plain = values.removeprefix(f"{OUTSIDE} ")
        if name not in known or not plain or (" " in plain and values != UNJUDGED):
            return None
        said[name] = (*said.get(name, ()), values)
    return Key(key, unit, said)


class _Fact:
    """A variable, or the number of children: the values that the keys tell apart."""

    def __init__(self, name: str, said: Iterable[str], facts: Facts, unit: Unit) -> None:
        self.name = name
        records = facts.of_unit(unit)
        found: Sequence[Element]
        self.variable: VariableSpec | None = None
        if name == CHILDREN:
            found = [str(len(facts.children_of(record))) for record in records]
        elif name.startswith(THEME):
            found = shows(name.removeprefix(THEME), facts)
        else:
            self.variable = facts.framework.variable(name)
            found = facts.values(records, name)
        age = self.variable is not None and self.variable.type == "age"
        self.numeric = name == CHILDREN or age
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
        if self.name.startswith(THEME):
            return [FOUND, MISSED]
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

    def ends(self, elements: Sequence[Element]) -> tuple[int, int | None]:
        """The least and the most of numbers; None: no limit."""
        places = [self.starts.index(int(one)) for one in elements if one]
        after = self.starts[max(places) + 1 :]
        return self.starts[min(places)], after[0] - 1 if after else None

    def unknown(self, elements: Iterable[Element]) -> bool:
        """Whether all of these say that nothing is known, or not found: silence is not absence."""
        if self.name.startswith(THEME):
            return {MISSED}.issuperset(elements)
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


class Groupings:
    """The keys of one unit, by the facts that they are about.

    parts: the finest by their keys. together: those that only three facts together tell apart; they
    say what can be reasoned out of the pairs, and no table makes them numbers to protect.
    """

    def __init__(self, facts: Facts, unit: Unit, keys: Sequence[Key]) -> None:
        self.unit = unit
        self.keys = keys
        self.parts: dict[str, dict[str, tuple[Element, ...]]] = {}
        self.together: dict[str, dict[str, tuple[Element, ...]]] = {}
        said: dict[str, set[str]] = {}
        for key in keys:
            for name, texts in key.said.items():
                said.setdefault(name, set()).update(texts)
        self.facts = {name: _Fact(name, texts, facts, unit) for name, texts in said.items()}
        self._about: dict[frozenset[str], list[Key]] = {}
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
            theme = any(name.startswith(THEME) for name in names)
            if theme:
                # A kind that no table of themes tells apart is no number of theirs to protect.
                yield from self._sums(self._cuts(names, keys), keys)
            every = [*keys, *wider]
            yield from self._sums(self._cuts(names, every), every, together=theme)
        for names in self._triples():
            pairs = (frozenset(pair) for pair in combinations(sorted(names), 2))
            keys = [key for pair in pairs for key in self._about[pair]]
            cuts = self._cuts(names, keys)
            if prod(map(len, cuts.values())) <= MOST_TOGETHER:
                yield from self._sums(cuts, keys, together=True)

    def _triples(self) -> Iterator[frozenset[str]]:
        """Facts that are counted by each other two at a time, and not all three together."""
        beside: dict[str, set[str]] = {}
        for one, two in (sorted(names) for names in self._about if len(names) == 2):
            beside.setdefault(one, set()).add(two)
        for one, others in beside.items():
            for two in sorted(others):
                for three in sorted(others & beside.get(two, set())):
                    if (names := frozenset({one, two, three})) not in self._about:
                        yield names

    def _cuts(self, names: Iterable[str], keys: Sequence[Key]) -> dict[str, _Cut]:
        return {name: self._cut(name, keys) for name in sorted(names)}

    def _sums(
        self, cuts: Mapping[str, _Cut], keys: Sequence[Key], *, together: bool = False
    ) -> Iterator[tuple[str, list[str]]]:
        for key in keys:
            inside = [
                [some for some in cut if self._so(self.facts[name], some[0], key)]
                for name, cut in cuts.items()
            ]
            found = (dict(zip(cuts, part, strict=True)) for part in product(*inside))
            yield key.key, [self._part(part, together=together) for part in found]

    def _some_only(self, names: Iterable[str], keys: Sequence[Key]) -> bool:
        """Whether keys leave out some records by one of these facts: then no total says it all."""
        for name in names:
            fact = self.facts[name]
            covered = {one for one in fact.found if any(self._so(fact, one, key) for key in keys)}
            if covered != fact.found:
                return True
        return False

    def _so(self, fact: _Fact, element: Element, key: Key) -> bool:
        return all(fact.holds(text, element) for text in key.said.get(fact.name, ()))

    def _cut(self, name: str, keys: Sequence[Key]) -> _Cut:
        fact = self.facts[name]
        alike: dict[tuple[bool, ...], list[Element]] = {}
        told = list({key.said[name]: key for key in keys if name in key.said}.values())
        for element in fact.elements:
            alike.setdefault(tuple(self._so(fact, element, key) for key in told), []).append(
                element
            )
        return tuple(tuple(some) for some in alike.values() if some != [None] or None in fact.found)

    def _part(self, part: dict[str, tuple[Element, ...]], *, together: bool) -> str:
        name = key_of(self.unit, [self.facts[one].name_of(some) for one, some in part.items()])
        (self.together if together else self.parts)[name] = part
        return name

    def size(self, name: str) -> int:
        """How many records a key counts, of a part or of one that was given."""
        part = self.parts.get(name) or self.together.get(name)
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

    def wholes(self, name: str) -> frozenset[str]:
        """The keys about the same facts, or more, that a part is a part of."""
        part = self.parts[name]
        return frozenset(
            key.key
            for key in self.keys
            if key.facts >= part.keys()
            and all(self._so(self.facts[one], some[0], key) for one, some in part.items())
        )

    def secret(self, name: str, process: frozenset[str]) -> bool:
        """Whether a small part is to be protected: not what is unknown, not the process alone."""
        part = self.parts[name]
        known = any(self.facts[one].unknown(some) for one, some in part.items())
        people = [one for one in part if one not in process and not one.startswith(THEME)]
        return not known and bool(people)
