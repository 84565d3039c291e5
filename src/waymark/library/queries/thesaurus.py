"""Reading the thesaurus. It holds no facts about people, so everybody may see it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import Model

from waymark.accounts.permissions import Actor
from waymark.accounts.visibility import visible_to
from waymark.core.errors import NotFound
from waymark.library.models import CatalogueRecord, Concept, Label, ThesaurusScheme
from waymark.library.thesaurus import (
    ALTERNATIVE,
    PREFERRED,
    Lexicon,
    Name,
    Scheme,
    Subject,
    Thesaurus,
    above,
    narrower_of,
    tops_of,
    words_of_name,
)

NO_SCHEME = Scheme("urn:waymark:subjects", "urn:waymark:subject:", "Subjects")


def thesaurus_now() -> Thesaurus:
    """The whole thesaurus as it stands; read once for each version of it."""
    return _read(thesaurus_version())


def lexicon() -> Lexicon:
    """The names of the thesaurus as it stands, for looking up; made once for each version."""
    return _lexicon(thesaurus_version())


def thesaurus_version() -> str:
    """A mark that is another after each change of the thesaurus; "" where there is none."""
    return ThesaurusScheme.objects.values_list("version", flat=True).first() or ""


@lru_cache(maxsize=2)
def _lexicon(version: str) -> Lexicon:
    return Lexicon(_read(version))


@lru_cache(maxsize=2)
def _read(version: str) -> Thesaurus:
    row = ThesaurusScheme.objects.filter(version=version).first()
    if row is None:
        return Thesaurus(NO_SCHEME, {})
    scheme = Scheme(
        address=row.address,
        base=row.base,
        title=row.title,
        description=row.description,
        creator=row.creator,
        licence=row.licence,
        language=row.language,
    )
    names: dict[int, list[Name]] = defaultdict(list)
    for concept, *said in Label.objects.values_list("concept_id", "kind", "language", "text"):
        names[concept].append(Name(*said))
    keys = dict(Concept.objects.values_list("pk", "key"))
    broader = _links(Concept.broader.through, keys)
    related = _links(Concept.related.through, keys)
    subjects = {
        one.key: Subject(
            key=one.key,
            names=tuple(sorted(names[one.pk])),
            definition=one.definition,
            scope_note=one.scope_note,
            broader=frozenset(broader[one.key]),
            related=frozenset(related[one.key]),
            ended=one.ended,
            replaced_by=keys.get(one.replaced_by_id or 0, ""),
        )
        for one in Concept.objects.order_by("key")
    }
    return Thesaurus(scheme, subjects)


def _links(through: type[Model], keys: dict[int, str]) -> dict[str, set[str]]:
    """key -> keys, of a relation of concepts with each other."""
    found: dict[str, set[str]] = defaultdict(set)
    rows = through._default_manager.values_list("from_concept_id", "to_concept_id")
    for one, other in rows:
        found[keys[one]].add(keys[other])
    return found


# ---- for pages ----


@dataclass(frozen=True, slots=True)
class Line:
    """A subject in a list. records: how many about it, or what is under it, the person may see."""

    key: str
    name: str
    records: int = 0


@dataclass(frozen=True, slots=True)
class Branch:
    """A subject of the tree with what stands under it, by name."""

    line: Line
    below: tuple["Branch", ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the A to Z. see: the preferred name that a name leads to; "" for one itself."""

    text: str
    key: str
    see: str


@dataclass(frozen=True, slots=True)
class SubjectPage:
    """All that is said of a subject. others: its preferred names in other languages, by language.

    paths: the ways down to it from the top, without itself.
    """

    subject: Subject
    name: str
    others: tuple[tuple[str, str], ...]
    used_for: tuple[tuple[str, str], ...]
    broader: tuple[Line, ...]
    narrower: tuple[Line, ...]
    related: tuple[Line, ...]
    replaced_by: Line | None
    records: int


def tree(person: Actor, now: datetime) -> tuple[Branch, ...]:
    """The subjects in use, from the top down; one with two wider subjects stands under both."""
    thesaurus = thesaurus_now()
    counts = record_counts(person, now)
    below: dict[str, list[str]] = defaultdict(list)
    for one in thesaurus.subjects.values():
        if not one.ended:
            for wider in one.broader:
                below[wider].append(one.key)

    def branch(key: str) -> Branch:
        return Branch(_line(thesaurus, key, counts), _sorted(below[key]))

    def _sorted(keys: Iterable[str]) -> tuple[Branch, ...]:
        made = [branch(key) for key in keys]
        return tuple(sorted(made, key=lambda one: one.line.name.casefold()))

    return _sorted(tops_of(thesaurus))


def a_to_z(language: str = "") -> list[tuple[str, list[Entry]]]:
    """First letter -> names, preferred and alternative, of the subjects in use, in one language."""
    thesaurus = thesaurus_now()
    wanted = language or thesaurus.scheme.language
    letters: dict[str, list[Entry]] = defaultdict(list)
    for one in thesaurus.subjects.values():
        for name in one.names:
            if one.ended or name.language != wanted or name.kind not in (PREFERRED, ALTERNATIVE):
                continue
            see = "" if name.kind == PREFERRED else one.name(wanted)
            initial = next((sign for sign in name.text if sign.isalnum()), "#").upper()
            letters["0-9" if initial.isdigit() else initial].append(Entry(name.text, one.key, see))
    return [
        (letter, sorted(letters[letter], key=lambda entry: entry.text.casefold()))
        for letter in sorted(letters)
    ]


def subject_page(key: str, person: Actor, now: datetime) -> SubjectPage:
    """A subject with its names in words. Raises NotFound."""
    thesaurus = thesaurus_now()
    one = thesaurus.subjects.get(key)
    if one is None:
        raise NotFound(f"there is no subject {key}")
    language = thesaurus.scheme.language
    counts = record_counts(person, now)

    def lines(keys: Iterable[str]) -> tuple[Line, ...]:
        made = [_line(thesaurus, other, counts) for other in keys]
        return tuple(sorted(made, key=lambda line: line.name.casefold()))

    return SubjectPage(
        subject=one,
        name=one.name(language),
        others=tuple(
            (name.language, name.text)
            for name in one.names
            if name.kind == PREFERRED and name.language != language
        ),
        used_for=tuple(
            (name.language, name.text) for name in one.names if name.kind == ALTERNATIVE
        ),
        broader=lines(one.broader),
        narrower=lines(narrower_of(thesaurus.subjects, key)),
        related=lines(one.related),
        replaced_by=_line(thesaurus, one.replaced_by, counts) if one.replaced_by else None,
        records=counts.get(key, 0),
    )


def _line(thesaurus: Thesaurus, key: str, counts: dict[str, int]) -> Line:
    name = thesaurus.subjects[key].name(thesaurus.scheme.language)
    return Line(key, name, counts.get(key, 0))


def record_counts(person: Actor, now: datetime) -> dict[str, int]:
    """key -> number of records about the subject, or one under it, that the person may see."""
    visible = visible_to(person, now=now, prefix="cataloguerecord__review__") | visible_to(
        person, now=now, prefix="cataloguerecord__resource__"
    )
    subjects = thesaurus_now().subjects
    carried = CatalogueRecord.subjects.through._default_manager.filter(visible)
    records: dict[str, set[int]] = defaultdict(set)
    for key, record in carried.values_list("concept__key", "cataloguerecord_id"):
        records[key].add(record)
    found: dict[str, set[int]] = defaultdict(set)
    for key, carrying in records.items():
        for one in (key, *(above(key, subjects) if key in subjects else ())):
            found[one] |= carrying
    return {key: len(carrying) for key, carrying in found.items()}


def find_subjects(text: str, *, limit: int = 20) -> list[Line]:
    """Subjects in use with a name that has words beginning as those typed; nearest names first."""
    words = words_of_name(text)
    thesaurus = thesaurus_now()
    ranked = []
    for one in thesaurus.subjects.values():
        fits = [
            (name.kind != PREFERRED, len(name.text))
            for name in one.names
            if _fits(words, words_of_name(name.text))
        ]
        if fits and not one.ended:
            ranked.append((min(fits), one.name(thesaurus.scheme.language), one.key))
    return [Line(key, name) for _, name, key in sorted(ranked)[:limit]]


def _fits(typed: tuple[str, ...], name: tuple[str, ...]) -> bool:
    return bool(typed) and all(any(word.startswith(part) for word in name) for part in typed)


# ---- for searches ----


@dataclass(frozen=True, slots=True)
class Expansion:
    """A subject that somebody named, with the other words for it.

    said: the words that named it. names: those of the subject and of all under it, its own
    preferred one first; hidden: further ones, misspelt or out of date, to be found by only.
    """

    key: str
    name: str
    said: str
    names: tuple[str, ...]
    hidden: tuple[str, ...]


def expansion_of(text: str) -> list[Expansion]:
    """The subjects that a text names, from left to right, with their words; empty for none."""
    words, book = words_of_name(text), lexicon()
    found = []
    for one in book.found_in(text):
        names = book.names_of(one.key)
        known = set(names)
        found.append(
            Expansion(
                key=one.key,
                name=book.name(one.key),
                said=" ".join(words[one.first : one.last]),
                names=names,
                hidden=tuple(
                    name for name in book.names_of(one.key, hidden=True) if name not in known
                ),
            )
        )
    return found
