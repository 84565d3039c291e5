"""What records are about: concepts of the thesaurus, with the wider ones that these stand under."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from waymark.library.languages import language_said
from waymark.library.models import CatalogueRecord, Concept, Label, LabelKind


@dataclass(frozen=True, slots=True)
class Subject:
    """A concept with its names.

    key: the concept's. name: as concept_names() tells. names: all of them with their
    language, hidden ones too. given: assigned by a cataloguer, not a wider concept of one that was.
    """

    key: str
    name: str
    names: tuple[tuple[str, str], ...]
    given: bool


def subjects_of(records: Iterable[int]) -> dict[int, list[Subject]]:
    """The subjects of each record: those assigned, then the wider ones, each group by name.

    A record about emotional abuse is also about abuse: the wider concepts come with it.
    """
    assigned: dict[int, list[int]] = defaultdict(list)
    through = CatalogueRecord.subjects.through._default_manager
    rows = through.filter(cataloguerecord__in=list(records))
    for record, concept in rows.values_list("cataloguerecord_id", "concept_id"):
        assigned[record].append(concept)
    if not assigned:
        return {}
    wider = steps("from_concept_id", "to_concept_id")
    above = {record: reached(given, wider) - set(given) for record, given in assigned.items()}
    named = _subjects(
        {one for record, given in assigned.items() for one in (*given, *above[record])}
    )
    return {
        record: [
            Subject(*named[concept], given=is_given)
            for group, is_given in ((given, True), (above[record], False))
            for concept in sorted(group, key=lambda one: named[one][1].casefold())
        ]
        for record, given in assigned.items()
    }


def steps(start: str, end: str) -> dict[int, list[int]]:
    """Concept -> its wider concepts, or its narrower ones: "from_concept_id" is the narrower."""
    found: dict[int, list[int]] = defaultdict(list)
    for one, other in Concept.broader.through._default_manager.order_by("pk").values_list(
        start, end
    ):
        found[one].append(other)
    return found


def reached(starts: Iterable[int], step: Mapping[int, list[int]]) -> set[int]:
    """The starts and all that is reached from them; a circle ends where it began."""
    found: set[int] = set()
    to_do = list(starts)
    while to_do:
        one = to_do.pop()
        if one not in found:
            found.add(one)
            to_do += step.get(one, [])
    return found


def concept_names(keys: Iterable[str]) -> dict[str, str]:
    """key -> the preferred name in English, else in another language; without one, the key."""
    wanted = list(keys)
    preferred = Label.objects.filter(kind=LabelKind.PREFERRED, concept__key__in=wanted)
    names: dict[str, str] = {}
    for key, language, text in preferred.values_list("concept__key", "language", "text"):
        if language.startswith("en") or key not in names:
            names[key] = text
    return {key: names.get(key, key) for key in wanted}


def headings_among(keys: Iterable[str]) -> frozenset[str]:
    """Of some subjects, those at the top of the thesaurus that others of them stand under.

    Nearly everything stands under one of these, so that they tell little beside the others.
    """
    wanted = list(keys)
    if not wanted:
        return frozenset()
    tops = Concept.objects.filter(key__in=wanted, broader=None, narrower__key__in=wanted)
    return frozenset(tops.values_list("key", flat=True))


def _subjects(concepts: Iterable[int]) -> dict[int, tuple[str, str, tuple[tuple[str, str], ...]]]:
    """Number of a concept -> key, name, all names with their language."""
    keys = dict(Concept.objects.filter(pk__in=concepts).values_list("pk", "key"))
    names = concept_names(keys.values())
    every: dict[int, list[tuple[str, str]]] = defaultdict(list)
    labels = Label.objects.filter(concept__in=keys).order_by("pk")
    for concept, text, language in labels.values_list("concept_id", "text", "language"):
        every[concept].append((text, language_said(language)))
    return {one: (key, names[key], tuple(every[one])) for one, key in keys.items()}
