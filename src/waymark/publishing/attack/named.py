"""Facts about people that follow of reviews that are named, or of somebody who is counted."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from waymark.publishing.attack.equations import Name, Unknowns
from waymark.publishing.attack.facts import Condition, Fact
from waymark.publishing.attack.single import Class, Singles, Terms
from waymark.publishing.attack.solve import Contradiction, Solver

NONE = "none of these"


@dataclass(frozen=True, slots=True)
class Attributed:
    """A review of which a fact about people follows."""

    review: str
    fact: str
    value: str


@dataclass(frozen=True, slots=True)
class ToInsider:
    """A withheld count that follows for somebody who is the only one in another, its cell known.

    known, learnt: places of the cells. high None: without end.
    """

    known: Name
    learnt: Name
    low: int
    high: int | None


def attributed(solver: Solver, singles: Singles, told: Sequence[Condition]) -> Iterator[Attributed]:
    """Each fact about people that whoever reads the numbers knows of a review by its name.

    told: values that labels name. What is printed of all reviews of the same editions alike is no
    news of one of them.
    """
    sure = _always_full(solver, _candidates(singles, told))
    every: dict[frozenset[int], int] = defaultdict(int)
    for one in singles.fine:
        every[one.editions] += len(one.names)
    alike: dict[tuple[frozenset[int], Condition], int] = defaultdict(int)
    closest: dict[tuple[Class, Fact], frozenset[str]] = {}
    for one, (fact, values) in sure:
        alike[one.editions, (fact, values)] += len(one.names)
    for one, (fact, values) in sure:
        known = closest.get((one, fact))
        apart = alike[one.editions, (fact, values)] < every[one.editions]
        if apart and (known is None or values < known):
            closest[one, fact] = values
    for (one, fact), values in closest.items():
        for review in one.names:
            yield Attributed(review, fact.name, " or ".join(sorted(values)) or NONE)


Candidates = dict[tuple[Class, Condition], tuple[Terms, int]]


def _candidates(singles: Singles, told: Sequence[Condition]) -> Candidates:
    made: Candidates = {}
    for one in singles.fine:
        for condition in told if one.names and isinstance(one.size, int) else ():
            fact = condition[0]
            if fact in singles.touched and fact not in one.facts:
                having = singles.having(one, [condition])
                if having is not None and isinstance(one.size, int):
                    made[one, condition] = having[0], one.size
    return made


def _always_full(solver: Solver, candidates: Candidates) -> list[tuple[Class, Condition]]:
    """The values that all of a class have in every table of whole numbers that fits.

    Each program asks for as little as can be of all that are left at once; those that are less
    than full in it are no longer sought.
    """
    left = dict(candidates)
    while left:
        objective: dict[Name, float] = defaultdict(float)
        for terms, _ in left.values():
            for name, factor in terms:
                objective[name] += factor
        found = solver.least(objective)
        full = {
            key: (terms, size)
            for key, (terms, size) in left.items()
            if sum(found[name] * factor for name, factor in terms) == size
        }
        if len(full) == len(left):
            break
        left = full
    return list(left)


def to_insiders(
    solver: Solver, system: Unknowns, within: Mapping[Name, int], exposed: Collection[Name]
) -> Iterator[ToInsider]:
    """Withheld counts that follow for whoever is the only one counted in another beside them.

    within: the threshold of each withheld cell. exposed: cells that follow for anybody.
    """
    withheld = set(system.withheld) - set(exposed)
    asked = set()
    for equation in solver.equations:
        open_to = [name for name, _ in equation.terms if not equation.single and name in withheld]
        for known in open_to:
            for learnt in open_to:
                if known != learnt and (known, learnt) not in asked:
                    asked.add((known, learnt))
                    yield from _learnt(solver, known, learnt, within[learnt])


def _learnt(solver: Solver, known: Name, learnt: Name, k: int) -> Iterator[ToInsider]:
    try:
        low, high = solver.interval(learnt, {known: 1})
    except Contradiction:
        return
    if high is not None and high < k:
        yield ToInsider(known, learnt, low, high)
