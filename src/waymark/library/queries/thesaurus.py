"""Read the thesaurus. It contains no facts about people, so that everybody may see it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import CharField, F, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from waymark.accounts.content_state import ContentCache
from waymark.accounts.permissions import Actor
from waymark.accounts.visibility import OPEN_TO_STAFF, visible_to
from waymark.core.errors import require_found
from waymark.library.models import CatalogueRecord, Concept, Label, ThesaurusScheme
from waymark.library.queries.library_mark import library_mark
from waymark.library.thesaurus import (
    ALTERNATIVE,
    DRAFT,
    PREFERRED,
    SchemeDetails,
    SubjectLexicon,
    SubjectMatch,
    SubjectName,
    Thesaurus,
    ThesaurusSubject,
    broader_keys,
    narrower_keys,
    top_concepts,
)

NO_SCHEME = SchemeDetails("urn:waymark:subjects", "urn:waymark:subject:", "Subjects")


def current_thesaurus() -> Thesaurus:
    """The whole current thesaurus, cached for each version."""
    return _cached_thesaurus(thesaurus_version())


def subject_lexicon() -> SubjectLexicon:
    """The names of the current thesaurus, ready to look up, cached for each version."""
    return _cached_lexicon(thesaurus_version())


def thesaurus_version() -> str:
    """Identifier that changes with each edit of the thesaurus; "" if there is none."""
    return ThesaurusScheme.objects.values_list("version", flat=True).first() or ""


# Two versions: during a change, other requests still use the old one.
@lru_cache(maxsize=2)
def _cached_lexicon(version: str) -> SubjectLexicon:
    return SubjectLexicon(_cached_thesaurus(version))


@lru_cache(maxsize=2)
def _cached_thesaurus(version: str) -> Thesaurus:
    row = ThesaurusScheme.objects.filter(version=version).values(*asdict(NO_SCHEME)).first()
    if row is None:
        return Thesaurus(NO_SCHEME, {})
    names: dict[int, list[SubjectName]] = defaultdict(list)
    labels = Label.objects.values_list("concept_id", "kind", "language", "text", "note")
    for concept, *name in labels:
        names[concept].append(SubjectName(*name))
    keys = dict(Concept.objects.values_list("pk", "key"))
    broader = _linked_keys(Concept.broader.through, keys)
    related = _linked_keys(Concept.related.through, keys)
    subjects = {
        concept.key: ThesaurusSubject(
            key=concept.key,
            names=tuple(sorted(names[concept.pk])),
            definition=concept.definition,
            scope_note=concept.scope_note,
            broader=frozenset(broader[concept.key]),
            related=frozenset(related[concept.key]),
            ended=concept.ended,
            replaced_by=keys.get(concept.replaced_by_id or 0, ""),
            history_note=concept.history_note,
            change_note=concept.change_note,
            matches=frozenset(SubjectMatch(*match) for match in concept.matches),
        )
        for concept in Concept.objects.order_by("key")
    }
    return Thesaurus(SchemeDetails(**row), subjects)


def _linked_keys(through: type[Model], keys: dict[int, str]) -> dict[str, set[str]]:
    """key -> keys, for one relation between concepts. keys: by number."""
    links: dict[str, set[str]] = defaultdict(set)
    rows = through._default_manager.values_list("from_concept_id", "to_concept_id")
    for concept, linked in rows:
        links[keys[concept]].add(keys[linked])
    return links


# ---- for pages ----


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """A subject in a list. records: number of visible records about it or a narrower one."""

    key: str
    name: str
    records: int = 0


@dataclass(frozen=True, slots=True)
class SubjectBranch:
    """A subject in the tree, with the narrower ones by name."""

    line: SubjectLine
    below: tuple["SubjectBranch", ...]


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A line of the A to Z. see: the preferred name; "" where the line is that name."""

    text: str
    key: str
    see: str


@dataclass(frozen=True, slots=True)
class SubjectPage:
    """A subject with everything its page shows. others: preferred names in other languages.

    others, used_for, drafts: (language, name). drafts: for staff, not checked by a translator.
    """

    subject: ThesaurusSubject
    name: str
    others: tuple[tuple[str, str], ...]
    used_for: tuple[tuple[str, str], ...]
    drafts: tuple[tuple[str, str], ...]
    broader: tuple[SubjectLine, ...]
    narrower: tuple[SubjectLine, ...]
    related: tuple[SubjectLine, ...]
    replaced_by: SubjectLine | None
    records: int


def subject_tree(person: Actor, now: datetime) -> tuple[SubjectBranch, ...]:
    """The subjects in use, from the top down; one with two broader subjects is below both."""
    thesaurus = current_thesaurus()
    counts = record_counts(person, now)
    # The model has broader links only: turn them round once, not for each branch.
    below: dict[str, list[str]] = defaultdict(list)
    for subject in thesaurus.subjects.values():
        if not subject.ended:
            for wider in subject.broader:
                below[wider].append(subject.key)

    def branches(keys: Iterable[str]) -> tuple[SubjectBranch, ...]:
        unsorted = [
            SubjectBranch(_subject_line(thesaurus, key, counts), branches(below[key]))
            for key in keys
        ]
        return tuple(sorted(unsorted, key=lambda branch: branch.line.name.casefold()))

    return branches(top_concepts(thesaurus))


def a_to_z(language: str = "") -> list[tuple[str, list[IndexEntry]]]:
    """First letter -> preferred and alternative names of the subjects in use, in one language."""
    thesaurus = current_thesaurus()
    language = language or thesaurus.scheme.language
    letters: dict[str, list[IndexEntry]] = defaultdict(list)
    for subject in thesaurus.subjects.values():
        for name in subject.names if not subject.ended else ():
            if name.language == language and name.kind in (PREFERRED, ALTERNATIVE):
                see = "" if name.kind == PREFERRED else subject.name(language)
                letters[_first_letter(name.text)].append(IndexEntry(name.text, subject.key, see))
    return [
        (letter, sorted(letters[letter], key=lambda entry: entry.text.casefold()))
        for letter in sorted(letters)
    ]


def _first_letter(name: str) -> str:
    """The letter under which a name is listed; "0-9" for numbers, "#" for none."""
    initial = next((sign for sign in name if sign.isalnum()), "#").upper()
    return "0-9" if initial.isdigit() else initial


def subject_page(key: str, person: Actor, now: datetime) -> SubjectPage:
    """A subject with its names and linked subjects. Raises NotFound."""
    thesaurus = current_thesaurus()
    subject = require_found(thesaurus.subjects.get(key), f"there is no subject {key}")
    language = thesaurus.scheme.language
    counts = record_counts(person, now)

    def lines(keys: Iterable[str]) -> tuple[SubjectLine, ...]:
        unsorted = [_subject_line(thesaurus, other, counts) for other in keys]
        return tuple(sorted(unsorted, key=lambda line: line.name.casefold()))

    preferred = _names_of_kind(subject, PREFERRED)
    replacement = subject.replaced_by
    return SubjectPage(
        subject=subject,
        name=subject.name(language),
        others=tuple((code, text) for code, text in preferred if code != language),
        used_for=_names_of_kind(subject, ALTERNATIVE),
        drafts=_names_of_kind(subject, DRAFT),
        broader=lines(subject.broader),
        narrower=lines(narrower_keys(thesaurus.subjects, key)),
        related=lines(subject.related),
        replaced_by=_subject_line(thesaurus, replacement, counts) if replacement else None,
        records=counts.get(key, 0),
    )


def _names_of_kind(subject: ThesaurusSubject, kind: str) -> tuple[tuple[str, str], ...]:
    """(language, name) of the names of a kind."""
    return tuple((name.language, name.text) for name in subject.names if name.kind == kind)


def _subject_line(thesaurus: Thesaurus, key: str, counts: Mapping[str, int]) -> SubjectLine:
    name = thesaurus.subjects[key].name(thesaurus.scheme.language)
    return SubjectLine(key, name, counts.get(key, 0))


_cached_counts: ContentCache[Mapping[str, int]] = ContentCache()


def record_counts(person: Actor, now: datetime) -> Mapping[str, int]:
    """key -> number of visible records about the subject or a narrower one.

    Cached for a state of the content: a withdrawal changes the numbers at once.
    """
    mark = library_mark(person, now)
    return _cached_counts.value(mark, thesaurus_version(), lambda: _count_records(person, now))


def _count_records(person: Actor, now: datetime) -> Mapping[str, int]:
    visible = visible_to(person, now=now, prefix="cataloguerecord__review__") | visible_to(
        person, now=now, prefix="cataloguerecord__resource__"
    )
    subjects = current_thesaurus().subjects
    assigned = CatalogueRecord.subjects.through._default_manager.filter(visible)
    records: dict[str, set[int]] = defaultdict(set)
    for key, record in assigned.values_list("concept__key", "cataloguerecord_id"):
        records[key].add(record)
    # Sets, not sums: a record with two narrower subjects counts once for the broader one.
    counted: dict[str, set[int]] = defaultdict(set)
    for key, numbers in records.items():
        for wider in (key, *(broader_keys(key, subjects) if key in subjects else ())):
            counted[wider] |= numbers
    return {key: len(numbers) for key, numbers in counted.items()}


def listed_subjects(language: str) -> QuerySet[Concept]:
    """All subjects, each with its preferred name in a language, for a list that can be searched."""
    labels = Label.objects.filter(concept=OuterRef("pk"), kind=PREFERRED, language=language)
    name = Coalesce(Subquery(labels.values("text")[:1]), F("key"), output_field=CharField())
    # Each once, however many of its names match a search.
    return Concept.objects.annotate(name=Lower(name)).distinct()


@dataclass(frozen=True, slots=True)
class RecordToDivide:
    """A record with a subject that an edition divided. reference: of the review or the resource.

    candidates: the subjects that the divided one gave names to; the record has none of them.
    """

    reference: str
    title: str
    subject: str
    candidates: tuple[str, ...]


def records_to_divide(
    splits: Mapping[str, frozenset[str]], *, kind: str = ""
) -> list[RecordToDivide]:
    """Records for which a person should decide whether a part of a divided subject fits better.

    kind: "review" or "resource" for only these, and of these only what staff may see; "" for all.
    """
    seen = {f"{kind}__state__in": OPEN_TO_STAFF} if kind else {}
    records = (
        CatalogueRecord.objects.filter(subjects__key__in=splits, **seen)
        .select_related("review", "resource")
        .prefetch_related("subjects")
        .distinct()
    )
    listed = []
    for record in records:
        keys = {concept.key for concept in record.subjects.all()}
        described = record.review or record.resource
        listed += [
            RecordToDivide(
                getattr(described, "reference", "") or getattr(described, "key", ""),
                getattr(described, "title", ""),
                subject,
                tuple(sorted(splits[subject])),
            )
            for subject in keys & set(splits)
            if not keys & splits[subject]
        ]
    return sorted(listed, key=lambda row: (row.subject, row.reference))
