"""Subjects of records: concepts of the thesaurus, and the broader concepts above them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from waymark.library.language.languages import language_of_tag
from waymark.library.models import CatalogueRecord, Concept, Label, LabelKind


@dataclass(frozen=True, slots=True)
class RecordSubject:
    """A concept with its names.

    name: as concept_names() gives it. names: every name with its language, hidden ones included.
    assigned: by a cataloguer; False for a broader concept of one that was.
    """

    key: str
    name: str
    names: tuple[tuple[str, str], ...]
    assigned: bool


def subjects_of(records: Iterable[int]) -> dict[int, list[RecordSubject]]:
    """Record -> its subjects: those assigned, then the broader ones, each group by name.

    A record about emotional abuse is also about abuse, so that the broader concepts come with it.
    """
    assigned: dict[int, list[int]] = defaultdict(list)
    through = CatalogueRecord.subjects.through._default_manager
    rows = through.filter(cataloguerecord__in=list(records))
    for record, concept in rows.values_list("cataloguerecord_id", "concept_id"):
        assigned[record].append(concept)
    if not assigned:
        return {}
    # The whole hierarchy at once: a few hundred rows, against a query for each level.
    wider = concept_links("from_concept_id", "to_concept_id")
    above = {
        record: reachable_concepts(concepts, wider) - set(concepts)
        for record, concepts in assigned.items()
    }
    every = set[int]().union(*assigned.values(), *above.values())
    names = _concept_names(every)
    return {
        record: [
            RecordSubject(*names[concept], assigned=assigned_here)
            for group, assigned_here in ((concepts, True), (above[record], False))
            for concept in sorted(group, key=lambda concept: names[concept][1].casefold())
        ]
        for record, concepts in assigned.items()
    }


def concept_links(start: str, end: str) -> dict[int, list[int]]:
    """Concept -> its broader or its narrower concepts.

    start, end: columns of the relation; "from_concept_id" is the narrower concept.
    """
    links: dict[int, list[int]] = defaultdict(list)
    rows = Concept.broader.through._default_manager.order_by("pk")
    for concept, linked in rows.values_list(start, end):
        links[concept].append(linked)
    return links


def reachable_concepts(starts: Iterable[int], links: Mapping[int, list[int]]) -> set[int]:
    """The starts and everything that links lead to from them, at any distance; safe in circles."""
    visited: set[int] = set()
    pending = list(starts)
    while pending:
        concept = pending.pop()
        if concept not in visited:
            visited.add(concept)
            pending += links.get(concept, [])
    return visited


def concept_names(keys: Iterable[str]) -> dict[str, str]:
    """key -> the preferred name in English, else in another language, else the key."""
    concepts = list(keys)
    preferred = Label.objects.filter(kind=LabelKind.PREFERRED, concept__key__in=concepts)
    names: dict[str, str] = {}
    for key, language, text in preferred.values_list("concept__key", "language", "text"):
        if language.startswith("en") or key not in names:
            names[key] = text
    return {key: names.get(key, key) for key in concepts}


def _concept_names(
    concepts: Iterable[int],
) -> dict[int, tuple[str, str, tuple[tuple[str, str], ...]]]:
    """Concept -> key, preferred name, and all names with their language."""
    keys = dict(Concept.objects.filter(pk__in=concepts).values_list("pk", "key"))
    preferred = concept_names(keys.values())
    names: dict[int, list[tuple[str, str]]] = defaultdict(list)
    labels = Label.objects.filter(concept__in=keys).order_by("pk")
    for concept, text, language in labels.values_list("concept_id", "text", "language"):
        names[concept].append((text, language_of_tag(language)))
    return {concept: (key, preferred[key], tuple(names[concept])) for concept, key in keys.items()}
