"""A thesaurus as plain values, and its hierarchy. No Django here.

Each statement has one form: narrower is kept as broader the other way round, and a top concept is
one that has nothing broader.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

MAX_BYTES = 5 * 1024 * 1024
"""Size of a file of it."""
MAX_SUBJECTS = 20_000
MAX_LABEL_LENGTH = 120
MAX_NOTE_LENGTH = 4_000
KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,79}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,1}")
PREFERRED, ALTERNATIVE, HIDDEN, DRAFT = "preferred", "alternative", "hidden", "draft"
EXACT, CLOSE = "exact", "close"
BROAD, NARROW, RELATED = "broad", "narrow", "related"
MATCH_KINDS = (EXACT, CLOSE, BROAD, NARROW, RELATED)


@dataclass(frozen=True, slots=True, order=True)
class SubjectName:
    """A label of a subject. kind: preferred, alternative, hidden or draft; language: as "en".

    A draft is a name in another language that no translator has checked: a search for it finds the
    subject, only staff see it. note: what people are shown who search by this name.
    """

    kind: str
    language: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True, order=True)
class SubjectMatch:
    """A concept of another scheme, and how its meaning compares.

    kind: exact or close for the same or nearly the same meaning, broad for a wider concept, narrow
    for a narrower one, or related. address: its URI, as urn:waymark:framework:cr-core:prac.neglect.
    """

    kind: str
    address: str


@dataclass(frozen=True, slots=True)
class ThesaurusSubject:
    """One concept. broader, related: keys; replaced_by: the key of its replacement, or "".

    definition, scope_note, history_note, change_note: in the language of the scheme. history_note:
    how the meaning or the name changed, with dates; change_note: what an edition changed here.
    ended: retired, kept for the records that carry it.
    """

    key: str
    names: tuple[SubjectName, ...]
    definition: str = ""
    scope_note: str = ""
    broader: frozenset[str] = frozenset()
    related: frozenset[str] = frozenset()
    ended: bool = False
    replaced_by: str = ""
    history_note: str = ""
    change_note: str = ""
    matches: frozenset[SubjectMatch] = frozenset()

    def name(self, language: str) -> str:
        """The preferred name in a language, else in any language, else the key."""
        preferred = {name.language: name.text for name in self.names if name.kind == PREFERRED}
        return preferred.get(language) or next(iter(preferred.values()), self.key)


@dataclass(frozen=True, slots=True)
class SchemeDetails:
    """Metadata of a thesaurus. base: start of the URI of each subject, before its key.

    edition: the number of a published version, as "2".
    """

    address: str
    base: str
    title: str
    description: str = ""
    creator: str = ""
    licence: str = ""
    language: str = "en"
    edition: str = ""


@dataclass(frozen=True, slots=True)
class Thesaurus:
    """A scheme and its subjects by key.

    tops: the top concepts that a file declares; None: all subjects without anything broader.
    """

    scheme: SchemeDetails
    subjects: Mapping[str, ThesaurusSubject]
    tops: frozenset[str] | None = None


def broader_keys(key: str, subjects: Mapping[str, ThesaurusSubject]) -> frozenset[str]:
    """All broader subjects of a subject, at any distance; in a circle it contains the key too."""
    broader: set[str] = set()
    pending = list(subjects[key].broader)
    while pending:
        wider = pending.pop()
        # Seen ones are skipped, so that a circle in a faulty file ends; broken_rules() reports it.
        if wider not in broader and wider in subjects:
            broader.add(wider)
            pending.extend(subjects[wider].broader)
    return frozenset(broader)


def top_concepts(thesaurus: Thesaurus) -> list[str]:
    """The keys of the top concepts in use, sorted."""
    subjects = thesaurus.subjects.values()
    return sorted(subject.key for subject in subjects if not (subject.broader or subject.ended))


def narrower_keys(subjects: Mapping[str, ThesaurusSubject], key: str) -> list[str]:
    """The keys of the subjects in use directly below a subject, sorted."""
    return sorted(
        subject.key for subject in subjects.values() if key in subject.broader and not subject.ended
    )


def folded_name(text: str) -> str:
    """A name as names are compared: case folded, single spaces."""
    return " ".join(text.casefold().split())


def related_both_ways(subjects: Mapping[str, ThesaurusSubject]) -> dict[str, ThesaurusSubject]:
    """The subjects with every "related" link mirrored (SKOS: related is symmetric)."""
    related: dict[str, set[str]] = defaultdict(set)
    for subject in subjects.values():
        for other in subject.related:
            related[subject.key].add(other)
            related[other].add(subject.key)
    return {
        key: replace(subject, related=frozenset(related[key])) for key, subject in subjects.items()
    }
