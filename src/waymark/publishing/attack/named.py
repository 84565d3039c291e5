"""Facts about people that follow for named reviews, or for a person who is counted."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from waymark.publishing.attack.alike_records import AlikeRecords
from waymark.publishing.attack.facts import Condition, LabelledFact
from waymark.publishing.attack.single import SingleRecords, Terms
from waymark.publishing.attack.solve import BoundsSolver, Contradiction
from waymark.publishing.attack.unknowns import Name, UnknownCounts

NONE = "none of these"


@dataclass(frozen=True, slots=True)
class AttributedFact:
    """A review of which a fact about people follows."""

    review: str
    fact: str
    value: str


@dataclass(frozen=True, slots=True)
class InsiderInference:
    """A withheld count that follows for the only person in another, its cell known.

    known, learnt: places of the cells. high None: without end.
    """

    known: Name
    learnt: Name
    low: int
    high: int | None


def attributed_facts(
    solver: BoundsSolver, singles: SingleRecords, conditions: Sequence[Condition]
) -> Iterator[AttributedFact]:
    """Each fact about people that a reader of the numbers knows of a review by its name.

    conditions: values that labels name. A fact that is the same of all reviews of the same
    editions is no news about one of them.

    3 named reviews show a theme, and "theme by cause" prints 3 fires of 9 reviews for it: each of
    the three is attributed to a fire.
    """
    sure = _always_full(solver, _candidate_facts(singles, conditions))
    every: dict[frozenset[int], int] = defaultdict(int)
    for members in singles.fine:
        every[members.editions] += len(members.names)
    alike: dict[tuple[frozenset[int], Condition], int] = defaultdict(int)
    closest: dict[tuple[AlikeRecords, LabelledFact], frozenset[str]] = {}
    for members, (fact, values) in sure:
        alike[members.editions, (fact, values)] += len(members.names)
    for members, (fact, values) in sure:
        known = closest.get((members, fact))
        # The same of all reviews is no news of one: 12 of 12 are fires, as the table says.
        apart = alike[members.editions, (fact, values)] < every[members.editions]
        if apart and (known is None or values < known):
            closest[members, fact] = values
    for (members, fact), values in closest.items():
        for review in members.names:
            yield AttributedFact(review, fact.name, " or ".join(sorted(values)) or NONE)


Candidates = dict[tuple[AlikeRecords, Condition], tuple[Terms, int]]


def _candidate_facts(singles: SingleRecords, conditions: Sequence[Condition]) -> Candidates:
    candidates: Candidates = {}
    for alike in singles.fine:
        for condition in conditions if alike.names and isinstance(alike.size, int) else ():
            fact = condition[0]
            if fact in singles.touched and fact not in alike.facts:
                having = singles.number_with(alike, [condition])
                if having is not None and isinstance(alike.size, int):
                    candidates[alike, condition] = having[0], alike.size
    return candidates


def _always_full(
    solver: BoundsSolver, candidates: Candidates
) -> list[tuple[AlikeRecords, Condition]]:
    """The values that all of a class have in every table of whole numbers that fits.

    Each program asks for as little as can be of all that are left at once; those that are less
    than full in it are no longer sought.
    """
    # One program instead of one for each candidate: if their sum can be less than full, at least
    # one falls out each time; if it cannot, all that are left are certain.
    left = dict(candidates)
    while left:
        objective: dict[Name, float] = defaultdict(float)
        for terms, _ in left.values():
            for name, factor in terms:
                objective[name] += factor
        least = solver.least(objective)
        full = {
            key: (terms, size)
            for key, (terms, size) in left.items()
            if sum(least[name] * factor for name, factor in terms) == size
        }
        if len(full) == len(left):
            break
        left = full
    return list(left)


def to_insiders(
    solver: BoundsSolver,
    system: UnknownCounts,
    within: Mapping[Name, int],
    exposed: Collection[Name],
) -> Iterator[InsiderInference]:
    """Withheld counts that follow for the only person counted in another one beside them.

    Fire [c], fall [c], all 3: for anybody fire is 0 to 3. The only one in "fire" knows that it is
    1, and so that fall is 2.

    within: the threshold of each withheld cell. exposed: cells that follow for anybody.
    """
    withheld = set(system.withheld) - set(exposed)
    tried = set()
    for equation in solver.equations:
        # One count in two tables tells the only person in it nothing new.
        if equation.is_one_count:
            continue
        open_to = [name for name, _ in equation.terms if not equation.single and name in withheld]
        for known in open_to:
            for learnt in open_to:
                if known != learnt and (known, learnt) not in tried:
                    tried.add((known, learnt))
                    yield from _learnt_counts(solver, known, learnt, within[learnt])


def _learnt_counts(
    solver: BoundsSolver, known: Name, learnt: Name, k: int
) -> Iterator[InsiderInference]:
    try:
        low, high = solver.interval(learnt, {known: 1})
    except Contradiction:
        return
    if high is not None and high < k:
        yield InsiderInference(known, learnt, low, high)
