"""Reviews and children that an attacker cannot tell apart, in classes. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from waymark.publishing.attack.facts import REST, AttackedEdition, LabelledFact, PrintedCount
from waymark.publishing.attack.unknowns import Name


@dataclass(frozen=True, slots=True)
class AlikeRecords:
    """Reviews or children alike. known: what each of them has; weights: of each count of passages.

    size: an unknown for children of whom nothing says how many are in these editions alone.
    """

    unit: str
    editions: frozenset[int]
    size: int | Name
    names: tuple[str, ...] = ()
    known: frozenset[tuple[LabelledFact, str]] = frozenset()
    weights: tuple[int, ...] = ()

    @property
    def facts(self) -> dict[LabelledFact, str]:
        return dict(self.known)


@dataclass(slots=True)
class KnownValues:
    """Values of reviews that are known from numbers that name them: known, by review.

    touched: the facts that these help to learn; telling: the facts that help; at: in which edition.
    """

    known: dict[str, dict[LabelledFact, str]]
    touched: frozenset[LabelledFact]
    telling: frozenset[LabelledFact]
    at: frozenset[tuple[int, LabelledFact]]


def known_values(
    counts: Sequence[PrintedCount], editions: Sequence[AttackedEdition]
) -> KnownValues:
    """Values of reviews from numbers that name those whom they count."""
    known: dict[str, dict[LabelledFact, str]] = defaultdict(dict)
    at = set()
    for count in counts:
        if count.records and len(count.conditions) == 1 and len(count.conditions[0][1]) == 1:
            ((fact, values),) = count.conditions
            at.add((count.edition, fact))
            for review in count.records:
                known[review][fact] = next(iter(values))
    for edition, fact in sorted(at, key=lambda pair: (pair[0], pair[1].values)):
        for review in editions[edition].names:
            # A review of the edition that the cells of this fact do not name has none of the named
            # values.
            known[review].setdefault(fact, REST)
    touched, telling = _touched_facts(counts, {fact for _, fact in at})
    return KnownValues(known, frozenset(touched), frozenset(telling), frozenset(at))


def _touched_facts(
    counts: Sequence[PrintedCount], opened: set[LabelledFact]
) -> tuple[set[LabelledFact], set[LabelledFact]]:
    """Facts beside which a table prints an opened one, and the opened ones that it prints."""
    # A table of cause by age, where cause was opened by names, also says something about age.
    touched, telling = set(opened), set[LabelledFact]()
    for count in counts:
        facts = {fact for fact, _ in count.conditions}
        if count.weights or facts & opened:
            touched |= facts
            telling |= facts & opened if facts - opened else set()
    return touched, telling


def named_classes(
    counts: Sequence[PrintedCount], editions: Sequence[AttackedEdition], opened: KnownValues
) -> Iterator[AlikeRecords]:
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
        # Alike means: in the same editions, with the same known values, and with as many passages
        # under every number that counts passages. An attacker cannot tell such reviews apart, so
        # they are one class with one unknown for each value, not one for each review.
        key = (frozenset(members[review]), known, weights)
        alike[key].append(review)
        classes[key] = key
    for key, (at, known, weights) in classes.items():
        names = tuple(alike[key])
        yield AlikeRecords("review", at, len(names), names, known, weights)
    for edition in editions:
        nameless = edition.sizes.get("review", 0) - len(edition.names)
        if nameless:
            yield _class_without_names(edition.at, nameless, opened, len(weighed))


def _class_without_names(
    edition: int, size: int, opened: KnownValues, weighed: int
) -> AlikeRecords:
    """Reviews that no number of an edition names: they have none of what is opened."""
    known = frozenset((fact, REST) for fact in opened.telling if (edition, fact) in opened.at)
    return AlikeRecords("review", frozenset({edition}), size, (), known, (0,) * weighed)
