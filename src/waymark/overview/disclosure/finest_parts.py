"""One fact grouped in different ways: the finest parts that all groupings tell apart. Pure.

A table groups natures as assault+suicide and the others, another table as suicide and the others.
Together they tell three parts apart: assault, suicide, the others. Every printed count is a sum of
such parts, and these sums are the equations that differencing works with.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from math import prod

from waymark.frameworks.variables import VariableSpec
from waymark.overview.disclosure.count_keys import CHILDREN, UNJUDGED, CountKey, FactCondition
from waymark.overview.disclosure.table_links import RECORDED_STATE
from waymark.overview.disclosure.theme_counts import THEME
from waymark.overview.snapshot.coded_reviews import CodedReviews, Record
from waymark.overview.spec.names import FOUND, MISSED, NOT_RECORDED
from waymark.overview.spec.schema import Unit
from waymark.overview.tables.factors import RECORDED

MOST_TOGETHER = 400
"""The most parts into which three facts may divide the records to be combined."""
Element = str | None
"""One distinct value; of numbers the first of a stretch. None: nothing was judged."""
IS_UNJUDGED = (UNJUDGED,)


def about_facts(keys: Iterable[CountKey], facts: CodedReviews) -> list[CountKey]:
    """Those of the keys whose conditions are all on values of known facts, one at least.

    Free text with spaces is no value that another table could group otherwise.
    """
    known = {variable.id for variable in facts.framework.variables} | {CHILDREN}
    known |= {f"{THEME}{code.id}" for code in facts.framework.codes}
    return [key for key in keys if key.conditions and all(_plain_conditions(key, known))]


def _plain_conditions(key: CountKey, known: Collection[str]) -> Iterator[bool]:
    for condition in key.conditions:
        yield (
            isinstance(condition, FactCondition)
            and condition.fact in known
            and (
                condition.values == IS_UNJUDGED
                or not any(" " in value for value in condition.values)
            )
        )


class _GroupedFact:
    """A variable, or the number of children: the values that the conditions on it tell apart.

    starts: of a number, where the stretches begin that all bands tell apart: bands 0-11 and 6-17
    give the stretches from 0, 6, 12 and 18 on. values: of each record its element.
    """

    def __init__(
        self, name: str, conditions: Iterable[FactCondition], facts: CodedReviews, unit: Unit
    ) -> None:
        self.name = name
        self.variable: VariableSpec | None = None
        if name != CHILDREN and not name.startswith(THEME):
            self.variable = facts.framework.variable(name)
        number = self.variable is not None and self.variable.type in {"age", "number"}
        self.numeric = name == CHILDREN or number
        # Conditions "0-11", "12-23" and "outside 0-11+12-23" have the starts 0, 12 and 24: any
        # number of months lies in just one of [0, 12), [12, 24) and [24, ...).
        judged = (condition.values for condition in conditions if condition.values != IS_UNJUDGED)
        texts = {text for values in judged for text in values}
        self.starts = sorted(set(_stretch_starts(texts))) if self.numeric else []
        self.values = [self._element(value) for value in self._recorded(facts, unit)]
        self.found = frozenset(self.values)
        self.elements = self._elements(texts)

    def _recorded(self, facts: CodedReviews, unit: Unit) -> Sequence[Element]:
        """The value of each record of a unit, in their order."""
        records = facts.records_of_unit(unit)
        if self.name == CHILDREN:
            return [str(len(facts.children_of(record))) for record in records]
        if self.name.startswith(THEME):
            return facts.theme_states(records, self.name.removeprefix(THEME))
        return facts.values(records, self.name)

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
            listed = [*sorted(texts)]
        others = sorted(value for value in self.found if value and value not in listed)
        return [*listed, *others, None]

    def holds(self, condition: FactCondition, element: Element) -> bool:
        """Return True if the condition is true for this value.

        A child of 30 months is in the stretch from 12 on where the bands are 0-11 and 12-35:
        element "12" meets "12-35", and "outside 0-11".
        """
        unjudged = condition.values == IS_UNJUDGED
        if element is None or unjudged:
            return element is None and unjudged
        if self.numeric:
            unrecorded = condition.values == (NOT_RECORDED,)
            if not element or unrecorded:
                return not element and unrecorded
            bands = _number_bands(condition.values)
            return any(low <= int(element) <= high for low, high in bands) != condition.outside
        state = self.variable is not None and self.variable.type == "state"
        if state and condition.values == (RECORDED_STATE,):
            return element in RECORDED
        return (element in condition.values) != condition.outside

    def condition(self, elements: Sequence[Element]) -> FactCondition:
        """The condition of a record with one of these values, as the tables word it.

        Stretches from 0, 12 and 36 on: elements "0" and "12" are the band "0-35", "12" alone is
        "12-35", "36" is "36-"; "0" and "36", which do not touch, are the two values themselves.
        """
        # The wording must be the tables' own: only so is a part that a table prints the same count.
        if list(elements) == [None]:
            return FactCondition(self.name, IS_UNJUDGED)
        if not self.numeric:
            state = self.variable is not None and self.variable.type == "state"
            recorded = state and set(elements) == RECORDED
            names = [RECORDED_STATE] if recorded else [value or UNJUDGED for value in elements]
            return FactCondition.one_of(self.name, names)
        # Starts 0, 12, 36: the elements "0" and "12" have the places 0 and 1, which follow each
        # other, so they are one band. "0" and "36" have 0 and 2, and None has no place: these are
        # listed one by one.
        places = [self.starts.index(int(value)) for value in elements if value]
        if len(places) != len(elements) or places != list(range(places[0], places[-1] + 1)):
            return FactCondition.one_of(self.name, [value or NOT_RECORDED for value in elements])
        after = self.starts[places[-1] + 1 :]
        return FactCondition(
            self.name, (f"{self.starts[places[0]]}-{after[0] - 1 if after else ''}",)
        )

    def ends(self, elements: Sequence[Element]) -> tuple[int, int | None]:
        """The least and the most of numbers; None: no limit."""
        places = [self.starts.index(int(value)) for value in elements if value]
        after = self.starts[max(places) + 1 :]
        return self.starts[min(places)], after[0] - 1 if after else None

    def unknown(self, elements: Iterable[Element]) -> bool:
        """Return True if all of these mean unknown, or not found: silence is not absence."""
        if self.name.startswith(THEME):
            return {MISSED}.issuperset(elements)
        allowed = self.variable.allowed if self.variable is not None else ()
        unknown = {value.value for value in allowed if value.unknown} | {"", None}
        return unknown.issuperset(elements)


def _number_bands(texts: Iterable[str]) -> Iterator[tuple[int, float]]:
    """The stretches of numbers among the values of a condition: "0-11", "12-"."""
    for text in texts:
        low, dash, high = text.partition("-")
        if dash and low.isdigit():
            yield int(low), int(high) if high else float("inf")


def _stretch_starts(texts: Iterable[str]) -> Iterator[int]:
    yield 0
    for low, high in _number_bands(texts):
        yield low
        if high != float("inf"):
            yield int(high) + 1


_Cut = tuple[tuple[Element, ...], ...]
"""The values of a fact in the sets that the keys tell apart."""
Part = dict[str, tuple[Element, ...]]
"""Of each fact the values that the records of a part have."""


class FactGroupings:
    """The keys of one unit, by the facts that they are about.

    parts: the finest by their keys. together: those that only three facts together tell apart; they
    let the engine reason from the pairs, and no table makes them numbers to protect. records: those
    that are counted; of all values of a fact, also those that none of them has, there are parts.
    """

    def __init__(
        self,
        facts: CodedReviews,
        unit: Unit,
        keys: Sequence[CountKey],
        among: Collection[str] | None = None,
    ) -> None:
        """among: the reviews whose records are counted; None: all."""
        self.unit = unit
        self.records: Sequence[Record] = [
            record
            for record in facts.records_of_unit(unit)
            if among is None or record.review in among
        ]
        self.keys = keys
        self.parts: dict[CountKey, Part] = {}
        self.together: dict[CountKey, Part] = {}
        conditions: dict[str, set[FactCondition]] = {}
        for key in keys:
            for name in key.facts:
                conditions.setdefault(name, set()).update(key.conditions_on(name))
        self.facts = {
            name: _GroupedFact(name, some, facts, unit) for name, some in conditions.items()
        }
        self._about: dict[frozenset[str], list[CountKey]] = {}
        for key in keys:
            self._about.setdefault(key.facts, []).append(key)
        self._sizes: dict[frozenset[str], Counter[tuple[Element, ...]]] = {}

    def sums(self) -> Iterator[tuple[CountKey, list[CountKey]]]:
        """Each key with the finest parts that make it up.

        Keys "a+s" and "s" of a fact with the values a, s, i: the parts are a, s and i, and the sums
        (a+s, [a, s]) and (s, [s]).
        """
        for names, keys in self._about.items():
            # Keys on fewer facts are totals of these, with what these leave out: of 24 children 20
            # have a recorded age, so "died" is more than "died" by age. That also holds where they
            # leave out nothing: deaths by fire, by fall and by harm are blocks, and deaths less
            # those by fall and by harm are those by fire.
            wider = [key for less in self._about if less < names for key in self._about[less]]
            theme = any(name.startswith(THEME) for name in names)
            if theme:
                # A kind that no table of themes tells apart is no number of theirs to protect.
                yield from self._sums(self._cuts(names, keys), keys)
            every = [*keys, *wider]
            yield from self._sums(self._cuts(names, every), every, together=theme)
        for names in self._triples():
            # Three facts that tables cross two by two (cause by age, age by place, place by cause):
            # the finest parts have all three, as a count of one pair bounds those of the others.
            pairs = (frozenset(pair) for pair in combinations(sorted(names), 2))
            keys = [key for pair in pairs for key in self._about[pair]]
            cuts = self._cuts(names, keys)
            if prod(map(len, cuts.values())) <= MOST_TOGETHER:
                yield from self._sums(cuts, keys, together=True)

    def totals(self) -> Iterator[tuple[CountKey, list[CountKey]]]:
        """All records with the finest parts by each set of facts."""
        for names, keys in self._about.items():
            yield from self._sums(self._cuts(names, keys), [CountKey(self.unit)], together=True)

    def crossings(self) -> Iterator[tuple[CountKey, list[CountKey]]]:
        """Each key, and all records, with the parts by each set of facts that some key counts.

        Keys "visits found", "fire" and "visits found and fire": the parts are found and missed, of
        fires and of the others, and a fire is of the parts found or missed.
        """
        for names in self._about:
            fewer = (key for less, some in self._about.items() if less <= names for key in some)
            every = [CountKey(self.unit), *fewer]
            cuts = self._cuts(names, every)
            if prod(map(len, cuts.values())) <= MOST_TOGETHER:
                yield from self._sums(cuts, every, together=True)

    def _triples(self) -> Iterator[frozenset[str]]:
        """Facts that are counted by each other two at a time, and not all three together."""
        beside: dict[str, set[str]] = {}
        for first, second in (sorted(names) for names in self._about if len(names) == 2):
            beside.setdefault(first, set()).add(second)
        for first, others in beside.items():
            for second in sorted(others):
                for third in sorted(others & beside.get(second, set())):
                    if (names := frozenset({first, second, third})) not in self._about:
                        yield names

    def _cuts(self, names: Iterable[str], keys: Sequence[CountKey]) -> dict[str, _Cut]:
        return {name: self._cut(name, keys) for name in sorted(names)}

    def _sums(
        self, cuts: Mapping[str, _Cut], keys: Sequence[CountKey], *, together: bool = False
    ) -> Iterator[tuple[CountKey, list[CountKey]]]:
        for key in keys:
            inside = [
                [values for values in cut if self._meets(self.facts[name], values[0], key)]
                for name, cut in cuts.items()
            ]
            parts = (dict(zip(cuts, values, strict=True)) for values in product(*inside))
            yield key, [self._part_key(part, together=together) for part in parts]

    def _meets(self, fact: _GroupedFact, element: Element, key: CountKey) -> bool:
        return all(fact.holds(condition, element) for condition in key.conditions_on(fact.name))

    def _cut(self, name: str, keys: Sequence[CountKey]) -> _Cut:
        """The values of a fact in sets: those in one set are alike to every one of the keys."""
        fact = self.facts[name]
        alike: dict[tuple[bool, ...], list[Element]] = {}
        different = dict.fromkeys(
            key.conditions_on(name) for key in keys if key.conditions_on(name)
        )
        for element in fact.elements:
            answers = (
                all(fact.holds(condition, element) for condition in conditions)
                for conditions in different
            )
            alike.setdefault(tuple(answers), []).append(element)
        unjudged = None in fact.found
        return tuple(tuple(values) for values in alike.values() if unjudged or values != [None])

    def _part_key(self, part: Part, *, together: bool) -> CountKey:
        conditions = (self.facts[name].condition(values) for name, values in part.items())
        key = CountKey(self.unit, tuple(conditions))
        (self.together if together else self.parts)[key] = part
        return key

    def size(self, key: CountKey) -> int:
        """The number of records of a key, of a part or of one that was given."""
        part = self.parts.get(key) or self.together.get(key)
        names = tuple(sorted(part if part is not None else key.facts))
        tally = self._tally(names)
        if part is not None:
            return sum(tally[values] for values in product(*(part[name] for name in names)))
        return sum(
            number
            for values, number in tally.items()
            if all(
                self._meets(self.facts[name], value, key)
                for name, value in zip(names, values, strict=True)
            )
        )

    def _tally(self, names: tuple[str, ...]) -> Counter[tuple[Element, ...]]:
        """The number of records of each combination of values of these facts."""
        together = frozenset(names)
        if together not in self._sizes:
            values = [self.facts[name].values for name in names]
            self._sizes[together] = Counter(
                tuple(of_fact[record.at] for of_fact in values) for record in self.records
            )
        return self._sizes[together]

    def wholes(self, key: CountKey) -> frozenset[CountKey]:
        """The keys about the same facts, or more, that a part is a part of."""
        part = self.parts[key]
        return frozenset(
            whole
            for whole in self.keys
            if whole.facts >= part.keys()
            and all(self._meets(self.facts[name], part[name][0], whole) for name in part)
        )

    def secret(self, key: CountKey, process: frozenset[str]) -> bool:
        """Return True if a small part is protected: not unknown values, not the process alone."""
        part = self.parts.get(key) or self.together[key]
        known = any(self.facts[name].unknown(values) for name, values in part.items())
        return not known and not is_about_process(key, process)


def is_about_process(key: CountKey, process: frozenset[str]) -> bool:
    """Return True if a key is on no fact about people. process: variables about the process."""
    return all(name in process or name.startswith(THEME) for name in key.facts)
