"""Integrity rules of a thesaurus: those of SKOS, and those that searching and cataloguing need."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from waymark.library.thesaurus.model import (
    DRAFT,
    LANGUAGE,
    MAX_LABEL_LENGTH,
    MAX_NOTE_LENGTH,
    PREFERRED,
    Thesaurus,
    ThesaurusSubject,
    broader_keys,
    folded_name,
)

ADDRESS = re.compile(r"(https?://|urn:)[^\s<>\"{}|^`\\]{1,300}")
BrokenRule = tuple[str, str]
"""The key of a subject ("" for the whole file), and the rule it breaks."""


def broken_rules(thesaurus: Thesaurus) -> list[BrokenRule]:
    """Return every broken rule, in the order of keys; empty for a sound thesaurus."""
    subjects = thesaurus.subjects
    language = thesaurus.scheme.language
    return sorted(
        {
            *(fault for s in subjects.values() for fault in _subject_faults(s, language)),
            *_shared_names(subjects.values()),
            *_broken_links(subjects),
            *_hierarchy_faults(subjects),
            *_misplaced_tops(thesaurus),
        }
    )


def _subject_faults(subject: ThesaurusSubject, language: str) -> Iterator[BrokenRule]:
    """Faults of one subject on its own: names, notes, replacement."""
    key = subject.key
    preferred = Counter(name.language for name in subject.names if name.kind == PREFERRED)
    if not preferred[language]:
        yield key, f"has no preferred name in the language {language}"
    for code, number in preferred.items():
        if number > 1:
            yield key, f"has {number} preferred names in the language {code}"
    yield from _name_faults(subject, language)
    yield from _note_faults(subject)
    for match in sorted(subject.matches):
        if not ADDRESS.fullmatch(match.address):
            yield key, f"{match.address[:60]!r} is no address of a concept of another scheme"
    if subject.replaced_by and not subject.ended:
        yield key, "is replaced by another subject but is still in use"


def _note_faults(subject: ThesaurusSubject) -> Iterator[BrokenRule]:
    notes = (
        *(subject.definition, subject.scope_note, subject.history_note, subject.change_note),
        *(name.note for name in subject.names),
    )
    if max(map(len, notes)) > MAX_NOTE_LENGTH:
        yield subject.key, f"a note is longer than {MAX_NOTE_LENGTH:,} characters"


def _name_faults(subject: ThesaurusSubject, language: str) -> Iterator[BrokenRule]:
    for name in subject.names:
        if name.kind == DRAFT and name.language == language:
            yield subject.key, f"the draft name {name.text!r} is in the thesaurus's own language"
    names = Counter((name.language, name.text) for name in subject.names)
    for (code, text), number in names.items():
        if number > 1:
            yield subject.key, f"has the name {text!r} ({code}) twice"
        if not text.strip() or len(text) > MAX_LABEL_LENGTH:
            yield (
                subject.key,
                f"the name {text[:30]!r} must have 1 to {MAX_LABEL_LENGTH} characters",
            )
        if not LANGUAGE.fullmatch(code):
            yield subject.key, f"the name {text[:30]!r} needs a language, such as @en"


def _shared_names(subjects: Iterable[ThesaurusSubject]) -> Iterator[BrokenRule]:
    """A name leads to one subject in use; retired subjects may share names."""
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for subject in subjects:
        # A merged subject's names lead to its replacement, which has them too.
        if not subject.ended:
            for name in subject.names:
                owners[name.language, folded_name(name.text)].add(subject.key)
    for (language, text), keys in owners.items():
        first, *others = sorted(keys)
        for other in others:
            yield other, f"shares the name {text!r} ({language}) with {first}"


def _broken_links(subjects: Mapping[str, ThesaurusSubject]) -> Iterator[BrokenRule]:
    for subject in subjects.values():
        for word, keys in (
            ("broader", subject.broader),
            ("related", subject.related),
            ("replaced by", {subject.replaced_by} - {""}),
        ):
            for key in keys:
                yield from _link_faults(subject, word, key, subjects)


def _link_faults(
    subject: ThesaurusSubject, word: str, key: str, subjects: Mapping[str, ThesaurusSubject]
) -> Iterator[BrokenRule]:
    if key == subject.key:
        yield subject.key, f"names itself as {word}"
    elif key not in subjects:
        yield subject.key, f"names {key} as {word}, which is not in the thesaurus"
    elif subjects[key].ended and not subject.ended:
        yield subject.key, f"names {key} as {word}, which is no longer in use"


def _hierarchy_faults(subjects: Mapping[str, ThesaurusSubject]) -> Iterator[BrokenRule]:
    """Circles, and SKOS S27: a related subject is not a broader one, at any distance."""
    for key, subject in subjects.items():
        broader = broader_keys(key, subjects)
        if key in broader:
            yield key, "is broader than itself: its broader subjects form a circle"
        for other in subject.related & broader:
            yield key, f"is related to {other} and also narrower than it"


def _misplaced_tops(thesaurus: Thesaurus) -> Iterator[BrokenRule]:
    """Where a file declares top concepts, they are exactly those without anything broader."""
    if thesaurus.tops is None:
        return
    for key, subject in thesaurus.subjects.items():
        if not subject.ended and not subject.broader and key not in thesaurus.tops:
            yield key, "has nothing broader and is not a top concept of the scheme"
        if subject.broader and key in thesaurus.tops:
            yield key, "is a top concept of the scheme and has something broader"
