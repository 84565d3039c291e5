"""Counts of single reviews and children: whole numbers of each combination of facts, by class.

A class is reviews that nothing tells apart: of the same editions and named behind the same numbers.
What they have is unknown, and every printed number is a sum over classes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

from waymark.publishing.attack.cliques import Group, groups_of
from waymark.publishing.attack.facts import REST, Condition, Count, Edition, Fact
from waymark.publishing.attack.unknowns import Equation, Name, Unknowns

MOST_UNKNOWNS = 12_000
Terms = list[tuple[Name, int]]


@dataclass(frozen=True, slots=True)
class Class:
    """Reviews or children alike. known: what each of them has; weights: of each count of passages.

    size: an unknown for children of whom nothing says how many are in these editions alone.
    """

    unit: str
    editions: frozenset[int]
    size: int | Name
    names: tuple[str, ...] = ()
    known: frozenset[tuple[Fact, str]] = frozenset()
    weights: tuple[int, ...] = ()

    @property
    def facts(self) -> dict[Fact, str]:
        return dict(self.known)


@dataclass(slots=True)
class Opened:
    """Values of reviews that are known from numbers that name them: known, by review.

    touched: the facts that these help to learn; telling: the facts that help; at: in which edition.
    """

    known: dict[str, dict[Fact, str]]
    touched: frozenset[Fact]
    telling: frozenset[Fact]
    at: frozenset[tuple[int, Fact]]


def opened_of(counts: Sequence[Count], editions: Sequence[Edition]) -> Opened:
    """Values of reviews from numbers that name those whom they count."""
    known: dict[str, dict[Fact, str]] = defaultdict(dict)
    at = set()
    for count in counts:
        if count.records and len(count.conditions) == 1 and len(count.conditions[0][1]) == 1:
            ((fact, values),) = count.conditions
            at.add((count.edition, fact))
            for review in count.records:
                known[review][fact] = next(iter(values))
    for edition, fact in sorted(at, key=lambda pair: (pair[0], pair[1].values)):
        for review in editions[edition].names:
            known[review].setdefault(fact, REST)
    touched, telling = _touched(counts, {fact for _, fact in at})
    return Opened(known, frozenset(touched), frozenset(telling), frozenset(at))


def _touched(counts: Sequence[Count], opened: set[Fact]) -> tuple[set[Fact], set[Fact]]:
    """Facts beside which a table prints an opened one, and the opened ones that it prints."""
    touched, telling = set(opened), set[Fact]()
    for count in counts:
        facts = {fact for fact, _ in count.conditions}
        if count.weights or facts & opened:
            touched |= facts
            telling |= facts & opened if facts - opened else set()
    return touched, telling


@dataclass(slots=True)
class Singles:
    """The classes of all editions with their unknowns. untried: what was left out, in words."""

    fine: list[Class] = field(default_factory=list)
    coarse: list[Class] = field(default_factory=list)
    untried: list[str] = field(default_factory=list)
    joints: dict[Class, dict[tuple[Fact, ...], dict[tuple[str, ...], Name]]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    touched: frozenset[Fact] = frozenset()
    low: dict[Name, float] = field(default_factory=dict)
    high: dict[Name, float] = field(default_factory=dict)
    equations: list[Equation] = field(default_factory=list)

    def add_to(self, system: Unknowns) -> None:
        system.low.update(self.low)
        system.high.update(self.high)
        system.equations += self.equations

    def unknown(self, high: float) -> Name:
        name = ("single", len(self.low), 0)
        self.low[name], self.high[name] = 0, high
        return name

    def tie(self, terms: Terms, low: float, high: float) -> None:
        """Terms lie in a range; what can never be is no equation (the counts are read wrongly)."""
        summed: dict[Name, int] = defaultdict(int)
        for name, factor in terms:
            summed[name] += factor
        left = tuple((name, factor) for name, factor in summed.items() if factor)
        if left:
            self.equations.append(Equation(left, low, high, guessed=True, single=True))

    def level(self, facts: Iterable[Fact]) -> list[Class]:
        """Classes of reviews apart where records help to learn all of these facts."""
        every = set(facts)
        return self.fine if every and every <= self.touched else self.coarse

    def having(self, alike: Class, conditions: Sequence[Condition]) -> tuple[Terms, int] | None:
        """The number of a class that meet all conditions: unknowns to add up, and a number.

        Of a class of 5 that are all known to be fires, "fire" is 5, and "fire with a cold home" is
        the unknown of that combination. None if no combination has all of these facts.
        """
        known = alike.facts
        left = [pair for pair in merged_conditions(conditions) if pair[0] not in known]
        if any(known[fact] not in values for fact, values in conditions if fact in known):
            return [], 0
        if not left:
            return ([], alike.size) if isinstance(alike.size, int) else ([(alike.size, 1)], 0)
        facts = {fact for fact, _ in left}
        joint = min(
            (pair for pair in self.joints[alike].items() if facts <= set(pair[0])),
            key=lambda pair: len(pair[1]),
            default=None,
        )
        return None if joint is None else (_margin(*joint, left), 0)


def merged_conditions(conditions: Sequence[Condition]) -> list[Condition]:
    """Each fact once, with the values that meet every condition on it."""
    merged: dict[Fact, frozenset[str]] = {}
    for fact, values in conditions:
        merged[fact] = merged[fact] & values if fact in merged else values
    return list(merged.items())


def _margin(
    facts: tuple[Fact, ...],
    cells: Mapping[tuple[str, ...], Name],
    conditions: Sequence[Condition],
) -> Terms:
    places = [(facts.index(fact), values) for fact, values in conditions]
    return [
        (name, 1)
        for cell, name in cells.items()
        if all(cell[place] in values for place, values in places)
    ]


def singles_of(counts: Sequence[Count], editions: Sequence[Edition]) -> Singles:
    """All classes, their unknowns, and an equation for every printed number."""
    opened = opened_of(counts, editions)
    singles = Singles(touched=opened.touched)
    singles.fine = list(_fine(counts, editions, opened))
    singles.coarse = list(_coarse(singles, editions))
    printed = {frozenset(fact for fact, _ in count.conditions) for count in counts} - {frozenset()}
    groups, large = groups_of(printed)
    for group in large:
        singles.untried.append(f"{_said(group)}: not tested all at once")
    # Too many unknowns for the solver: first only facts that one table prints together, then none.
    if _size(singles, groups) > MOST_UNKNOWNS:
        singles.untried.append("combinations of more than two facts were not tested")
        groups = list(printed)
    if _size(singles, groups) > MOST_UNKNOWNS:
        singles.untried.append("single reviews and children: too many combinations of facts")
        return Singles(untried=singles.untried)
    _put_down(singles, groups)
    for count in counts:
        _equation(singles, count)
    return singles


def _said(group: Iterable[Fact]) -> str:
    return "; ".join(sorted(fact.name for fact in group))


def _fine(counts: Sequence[Count], editions: Sequence[Edition], opened: Opened) -> Iterator[Class]:
    """Reviews by name, together if nothing tells them apart.

    A1 and A2 are in edition 1 and both named as showing "visits"; A3 is not: the classes are
    {A1, A2} and {A3}. Reviews that no number names are one class without names.
    """
    members: dict[str, set[int]] = defaultdict(set)
    for edition in editions:
        for review in edition.names:
            members[review].add(edition.at)
    weighed = [count.weights for count in counts if count.weights is not None]
    alike: dict[tuple[object, ...], list[str]] = defaultdict(list)
    classes = {}
    for review in sorted(members):
        known = frozenset(
            pair for pair in opened.known.get(review, {}).items() if pair[0] in opened.telling
        )
        weights = tuple(passages.get(review, 0) for passages in weighed)
        key = (frozenset(members[review]), known, weights)
        alike[key].append(review)
        classes[key] = key
    for key, (at, known, weights) in classes.items():
        names = tuple(alike[key])
        yield Class("review", at, len(names), names, known, weights)
    for edition in editions:
        nameless = edition.sizes.get("review", 0) - len(edition.names)
        if nameless:
            yield _nameless(edition.at, nameless, opened, len(weighed))


def _nameless(edition: int, size: int, opened: Opened, weighed: int) -> Class:
    """Reviews that no number of an edition names: they have none of what is opened."""
    known = frozenset((fact, REST) for fact in opened.telling if (edition, fact) in opened.at)
    return Class("review", frozenset({edition}), size, (), known, (0,) * weighed)


def _coarse(singles: Singles, editions: Sequence[Edition]) -> Iterator[Class]:
    """Reviews and children by the editions that they are in."""
    sizes: dict[frozenset[int], int] = defaultdict(int)
    for fine in singles.fine:
        sizes[fine.editions] += fine.size if isinstance(fine.size, int) else 0
    yield from (Class("review", at, size) for at, size in sizes.items())
    every = list(sizes) or [frozenset({edition.at}) for edition in editions]
    children = _children_by_editions(singles, every, editions)
    yield from (Class("child", at, name) for at, name in children.items())


def _children_by_editions(
    singles: Singles, sets: Sequence[frozenset[int]], editions: Sequence[Edition]
) -> dict[frozenset[int], Name]:
    """An unknown for the children in each set of editions; together they are those of each.

    A first edition has 30 children and a second 45. Those in both are x, those in the second alone
    y: x = 30 and x + y = 45. sets: the editions that some reviews are in.
    """
    sizes = {edition.at: edition.sizes["child"] for edition in editions if "child" in edition.sizes}
    children: dict[frozenset[int], Name] = {}
    for at in sets:
        within = frozenset(at & sizes.keys())
        if within and within not in children:
            children[within] = singles.unknown(min(sizes[edition] for edition in within))
    for edition, size in sizes.items():
        terms: Terms = [(name, 1) for at, name in children.items() if edition in at]
        singles.tie(terms, size, size)
    return children


# ---- unknowns ----


def _size(singles: Singles, groups: Sequence[Group]) -> int:
    """About how many unknowns there will be."""
    total = 0
    for group in groups:
        unit = next(iter(group)).unit
        cells = 1
        for alike in singles.level(group):
            if alike.unit == unit:
                cells = 1
                known = alike.facts
                for fact in group:
                    cells *= 1 if fact in known else len(fact.values)
                total += cells
    return total


def _put_down(singles: Singles, groups: Sequence[Group]) -> None:
    fine = {group & singles.touched for group in groups} - {frozenset()}
    for alike in singles.fine:
        _joints(singles, alike, fine)
    rest = [group for group in groups if not group <= singles.touched]
    for alike in singles.coarse:
        mine = {group for group in rest if next(iter(group)).unit == alike.unit}
        _joints(singles, alike, mine)
    for group in {group & singles.touched for group in rest} - {frozenset()}:
        _nested(singles, tuple(group))


def _joints(singles: Singles, alike: Class, groups: Iterable[Group]) -> None:
    """Unknowns for each combination of each group; groups that share facts agree on them.

    Groups {cause, cold} and {cause, age}: the fires of the first, cold or not, are as many as the
    fires of the second, of any age. The margin of cause is one set of unknowns for both.
    """
    known = alike.facts
    reduced = {frozenset(fact for fact in group if fact not in known) for group in groups}
    largest = [a for a in reduced if a and not any(a < b for b in reduced)]
    largest.sort(key=lambda group: sorted((fact.values, fact.number) for fact in group))
    for group in largest:
        _joint(singles, alike, group)
    # Two groups with a fact in common have one margin of it, each equal to the same unknowns.
    shared: dict[Group, set[Group]] = defaultdict(set)
    for first, second in combinations(largest, 2):
        if first & second:
            shared[first & second].update((first, second))
    for part, wholes in shared.items():
        margin = _joint(singles, alike, part)
        for whole in wholes:
            _agree(singles, alike, _ordered(whole), margin)


def _ordered(group: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(sorted(group, key=lambda fact: (fact.values, fact.number)))


def _joint(singles: Singles, alike: Class, group: Group) -> tuple[Fact, ...]:
    facts = _ordered(group)
    if facts not in singles.joints[alike]:
        most = alike.size if isinstance(alike.size, int) else singles.high[alike.size]
        cells = {cell: singles.unknown(most) for cell in product(*(fact.values for fact in facts))}
        singles.joints[alike][facts] = cells
        terms: Terms = [(name, 1) for name in cells.values()]
        if isinstance(alike.size, int):
            singles.tie(terms, alike.size, alike.size)
        else:
            singles.tie([*terms, (alike.size, -1)], 0, 0)
    return facts


def _agree(singles: Singles, alike: Class, whole: tuple[Fact, ...], part: tuple[Fact, ...]) -> None:
    for cell, name in singles.joints[alike][part].items():
        conditions = [(fact, frozenset({value})) for fact, value in zip(part, cell, strict=True)]
        singles.tie([*_margin(whole, singles.joints[alike][whole], conditions), (name, -1)], 0, 0)


def _nested(singles: Singles, facts: tuple[Fact, ...]) -> None:
    """Reviews by their editions are those of all finer classes of these together.

    Classes {A1, A2} and {A3} of edition 1: its fires = fires among {A1, A2} + fires among {A3}.
    """
    for alike in singles.coarse:
        if alike.unit != facts[0].unit:
            continue
        within = [fine for fine in singles.fine if fine.editions == alike.editions]
        for cell in product(*(fact.values for fact in facts)):
            conditions = [
                (fact, frozenset({value})) for fact, value in zip(facts, cell, strict=True)
            ]
            parts = [singles.having(fine, conditions) for fine in within]
            whole = singles.having(alike, conditions)
            if whole is None or not all(parts):
                continue
            terms = [(name, -factor) for name, factor in whole[0]]
            besides = -whole[1]
            for part in parts:
                if part is not None:
                    terms += part[0]
                    besides += part[1]
            singles.tie(terms, -besides, -besides)


def _equation(singles: Singles, count: Count) -> None:
    """A printed number is the sum of those it counts over all classes of its edition.

    "Fire 3" = fires of class {A1, A2} + fires of {A3}; a number of passages counts each review with
    its passages: "visits, 7 passages" = 4 x fires of {A1} + 3 x fires of {A2}.
    """
    terms: Terms = []
    besides = 0
    for alike in singles.level(fact for fact, _ in count.conditions):
        if alike.unit != count.unit or count.edition not in alike.editions:
            continue
        having = singles.having(alike, count.conditions)
        if having is None:
            return
        weight = 1
        if count.weights is not None:
            weight = count.weights.get(alike.names[0], 0) if alike.names else 0
        terms += [(name, factor * weight) for name, factor in having[0]]
        besides += weight * having[1]
    if count.cell is not None:
        singles.tie([*terms, (count.cell, -1)], -besides, -besides)
    else:
        singles.tie(terms, count.low - besides, count.high - besides)
