"""Counts of single reviews and children: whole numbers of each combination of facts, by class.

A class is reviews that nothing tells apart: of the same editions and named behind the same numbers.
What they have is unknown, and every printed number is a sum over classes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

from waymark.publishing.attack.alike_records import AlikeRecords, known_values, named_classes
from waymark.publishing.attack.cliques import Group, groups_of
from waymark.publishing.attack.facts import AttackedEdition, Condition, LabelledFact, PrintedCount
from waymark.publishing.attack.unknowns import BoundedEquation, Name, UnknownCounts

MOST_UNKNOWNS = 12_000
Terms = list[tuple[Name, int]]


@dataclass(slots=True)
class SingleRecords:
    """The classes of all editions with their unknowns. untried: what was left out, in words."""

    fine: list[AlikeRecords] = field(default_factory=list)
    coarse: list[AlikeRecords] = field(default_factory=list)
    untried: list[str] = field(default_factory=list)
    joints: dict[AlikeRecords, dict[tuple[LabelledFact, ...], dict[tuple[str, ...], Name]]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    touched: frozenset[LabelledFact] = frozenset()
    low: dict[Name, float] = field(default_factory=dict)
    high: dict[Name, float] = field(default_factory=dict)
    equations: list[BoundedEquation] = field(default_factory=list)

    def add_to(self, system: UnknownCounts) -> None:
        system.low.update(self.low)
        system.high.update(self.high)
        system.equations += self.equations

    def add_unknown(self, high: float) -> Name:
        name = ("single", len(self.low), 0)
        self.low[name], self.high[name] = 0, high
        return name

    def add_equation(self, terms: Terms, low: float, high: float) -> None:
        """Terms lie in a range; what can never be is no equation (the counts are read wrongly)."""
        summed: dict[Name, int] = defaultdict(int)
        for name, factor in terms:
            summed[name] += factor
        left = tuple((name, factor) for name, factor in summed.items() if factor)
        if left:
            self.equations.append(BoundedEquation(left, low, high, guessed=True, single=True))

    def level(self, facts: Iterable[LabelledFact]) -> list[AlikeRecords]:
        """Classes of reviews apart where records help to learn all of these facts."""
        every = set(facts)
        return self.fine if every and every <= self.touched else self.coarse

    def number_with(
        self, alike: AlikeRecords, conditions: Sequence[Condition]
    ) -> tuple[Terms, int] | None:
        """The number of a class that meet all conditions: unknowns to add up, and a number.

        Of a class of 5 that are all known to be fires, "fire" is 5, and "fire with a cold home" is
        the unknown of that combination. None if no combination has all of these facts.
        """
        # What all records of the class have needs no unknown: fires that are known to be fires are
        # not split by cause.
        known = alike.facts
        left = [pair for pair in merged_conditions(conditions) if pair[0] not in known]
        if any(known[fact] not in values for fact, values in conditions if fact in known):
            return [], 0
        if not left:
            return ([], alike.size) if isinstance(alike.size, int) else ([(alike.size, 1)], 0)
        facts = {fact for fact, _ in left}
        # Fire is in the joints (fire) and (fire, cold home): the smaller one has fewer unknowns to
        # add up, and so closer bounds.
        joint = min(
            (pair for pair in self.joints[alike].items() if facts <= set(pair[0])),
            key=lambda pair: len(pair[1]),
            default=None,
        )
        return None if joint is None else (_margin_terms(*joint, left), 0)


def merged_conditions(conditions: Sequence[Condition]) -> list[Condition]:
    """Each fact once, with the values that meet every condition on it."""
    merged: dict[LabelledFact, frozenset[str]] = {}
    for fact, values in conditions:
        merged[fact] = merged[fact] & values if fact in merged else values
    return list(merged.items())


def _margin_terms(
    facts: tuple[LabelledFact, ...],
    cells: Mapping[tuple[str, ...], Name],
    conditions: Sequence[Condition],
) -> Terms:
    places = [(facts.index(fact), values) for fact, values in conditions]
    return [
        (name, 1)
        for cell, name in cells.items()
        if all(cell[place] in values for place, values in places)
    ]


def single_records(
    counts: Sequence[PrintedCount], editions: Sequence[AttackedEdition]
) -> SingleRecords:
    """All classes, their unknowns, and an equation for every printed number."""
    opened = known_values(counts, editions)
    singles = SingleRecords(touched=opened.touched)
    singles.fine = list(named_classes(counts, editions, opened))
    singles.coarse = list(_classes_by_editions(singles, editions))
    printed = {frozenset(fact for fact, _ in count.conditions) for count in counts} - {frozenset()}
    groups, large = groups_of(printed)
    for group in large:
        singles.untried.append(f"{_group_name(group)}: not tested all at once")
    # Too many unknowns for the solver: first only facts that one table prints together, then none.
    if _number_of_unknowns(singles, groups) > MOST_UNKNOWNS:
        singles.untried.append("combinations of more than two facts were not tested")
        groups = list(printed)
    if _number_of_unknowns(singles, groups) > MOST_UNKNOWNS:
        singles.untried.append("single reviews and children: too many combinations of facts")
        return SingleRecords(untried=singles.untried)
    _add_joints(singles, groups)
    for count in counts:
        _add_printed_count(singles, count)
    return singles


def _group_name(group: Iterable[LabelledFact]) -> str:
    return "; ".join(sorted(fact.name for fact in group))


def _classes_by_editions(
    singles: SingleRecords, editions: Sequence[AttackedEdition]
) -> Iterator[AlikeRecords]:
    """Reviews and children by the editions that they are in."""
    sizes: dict[frozenset[int], int] = defaultdict(int)
    for fine in singles.fine:
        sizes[fine.editions] += fine.size if isinstance(fine.size, int) else 0
    yield from (AlikeRecords("review", at, size) for at, size in sizes.items())
    every = list(sizes) or [frozenset({edition.at}) for edition in editions]
    children = _children_by_editions(singles, every, editions)
    yield from (AlikeRecords("child", at, name) for at, name in children.items())


def _children_by_editions(
    singles: SingleRecords, sets: Sequence[frozenset[int]], editions: Sequence[AttackedEdition]
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
            children[within] = singles.add_unknown(min(sizes[edition] for edition in within))
    for edition, size in sizes.items():
        terms: Terms = [(name, 1) for at, name in children.items() if edition in at]
        singles.add_equation(terms, size, size)
    return children


# ---- unknowns ----


def _number_of_unknowns(singles: SingleRecords, groups: Sequence[Group]) -> int:
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


def _add_joints(singles: SingleRecords, groups: Sequence[Group]) -> None:
    fine = {group & singles.touched for group in groups} - {frozenset()}
    for alike in singles.fine:
        _add_class_joints(singles, alike, fine)
    rest = [group for group in groups if not group <= singles.touched]
    for alike in singles.coarse:
        mine = {group for group in rest if next(iter(group)).unit == alike.unit}
        _add_class_joints(singles, alike, mine)
    for group in {group & singles.touched for group in rest} - {frozenset()}:
        _add_nesting(singles, tuple(group))


def _add_class_joints(singles: SingleRecords, alike: AlikeRecords, groups: Iterable[Group]) -> None:
    """Unknowns for each combination of each group; groups that share facts agree on them.

    Groups {cause, cold} and {cause, age}: the fires of the first, cold or not, are as many as the
    fires of the second, of any age. The margin of cause is one set of unknowns for both.
    """
    known = alike.facts
    reduced = {frozenset(fact for fact in group if fact not in known) for group in groups}
    # {cause} within {cause, cold} would only repeat unknowns: its numbers are their sums.
    largest = [a for a in reduced if a and not any(a < b for b in reduced)]
    largest.sort(key=lambda group: sorted((fact.values, fact.number) for fact in group))
    for group in largest:
        _add_joint(singles, alike, group)
    # Two groups with a fact in common have one margin of it, each equal to the same unknowns.
    shared: dict[Group, set[Group]] = defaultdict(set)
    for first, second in combinations(largest, 2):
        if first & second:
            shared[first & second].update((first, second))
    for part, wholes in shared.items():
        margin = _add_joint(singles, alike, part)
        for whole in wholes:
            _add_agreement(singles, alike, _ordered_facts(whole), margin)


def _ordered_facts(group: Iterable[LabelledFact]) -> tuple[LabelledFact, ...]:
    return tuple(sorted(group, key=lambda fact: (fact.values, fact.number)))


def _add_joint(
    singles: SingleRecords, alike: AlikeRecords, group: Group
) -> tuple[LabelledFact, ...]:
    facts = _ordered_facts(group)
    if facts not in singles.joints[alike]:
        most = alike.size if isinstance(alike.size, int) else singles.high[alike.size]
        cells = {
            cell: singles.add_unknown(most) for cell in product(*(fact.values for fact in facts))
        }
        singles.joints[alike][facts] = cells
        terms: Terms = [(name, 1) for name in cells.values()]
        if isinstance(alike.size, int):
            singles.add_equation(terms, alike.size, alike.size)
        else:
            singles.add_equation([*terms, (alike.size, -1)], 0, 0)
    return facts


def _add_agreement(
    singles: SingleRecords,
    alike: AlikeRecords,
    whole: tuple[LabelledFact, ...],
    part: tuple[LabelledFact, ...],
) -> None:
    for cell, name in singles.joints[alike][part].items():
        conditions = [(fact, frozenset({value})) for fact, value in zip(part, cell, strict=True)]
        singles.add_equation(
            [*_margin_terms(whole, singles.joints[alike][whole], conditions), (name, -1)], 0, 0
        )


def _add_nesting(singles: SingleRecords, facts: tuple[LabelledFact, ...]) -> None:
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
            parts = [singles.number_with(fine, conditions) for fine in within]
            whole = singles.number_with(alike, conditions)
            if whole is None or not all(parts):
                continue
            # parts - whole = 0, with numbers on the right side: parts x + y and a whole z + 1 that
            # has one known review give x + y - z = 1.
            terms = [(name, -factor) for name, factor in whole[0]]
            besides = -whole[1]
            for part in parts:
                if part is not None:
                    terms += part[0]
                    besides += part[1]
            singles.add_equation(terms, -besides, -besides)


def _add_printed_count(singles: SingleRecords, count: PrintedCount) -> None:
    """A printed number is the sum of those it counts over all classes of its edition.

    "Fire 3" = fires of class {A1, A2} + fires of {A3}; a number of passages counts each review with
    its passages: "visits, 7 passages" = 4 x fires of {A1} + 3 x fires of {A2}.
    """
    terms: Terms = []
    besides = 0
    for alike in singles.level(fact for fact, _ in count.conditions):
        if alike.unit != count.unit or count.edition not in alike.editions:
            continue
        having = singles.number_with(alike, count.conditions)
        if having is None:
            return
        weight = 1
        if count.weights is not None:
            weight = count.weights.get(alike.names[0], 0) if alike.names else 0
        terms += [(name, factor * weight) for name, factor in having[0]]
        besides += weight * having[1]
    if count.cell is not None:
        singles.add_equation([*terms, (count.cell, -1)], -besides, -besides)
    else:
        singles.add_equation(terms, count.low - besides, count.high - besides)
