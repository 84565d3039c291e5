"""Find what may identify a person in a report: rules only, no model (no Django).

It supports the people who check a report and never certifies that a report is anonymous.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from waymark.documents.anonymity.dates import find_dates
from waymark.documents.anonymity.facts import find_rare_facts
from waymark.documents.anonymity.identifiers import PERSON, Identifier, without_overlaps
from waymark.documents.anonymity.names import find_names
from waymark.documents.anonymity.numbers import find_numbers
from waymark.documents.anonymity.places import find_addresses, find_institutions
from waymark.documents.anonymity.pseudonyms import (
    declared_pseudonyms,
    inconsistent_pseudonyms,
    named_pseudonyms,
    pseudonym_spans,
)
from waymark.documents.anonymity.public_bodies import PublicContacts, public_contacts
from waymark.documents.anonymity.surroundings import surroundings_of
from waymark.documents.anonymity.tokens import runs_of, tokenise
from waymark.documents.anonymity.word_lists import is_place_name, words_of

Sources = Mapping[str, str]
PLAIN = str.maketrans({"\u2018": "'", "\u2019": "'", "\u2010": "-", "\u2011": "-", "\u00a0": " "})
"""Typographic quotes, hyphens and spaces -> typed ones: one letter for one, so positions stay."""


def find_identifiers(
    text: str,
    *,
    sources: Sources | None = None,
    never: Collection[str] = (),
    always: Collection[str] = (),
    bodies: Sequence[Path] = (),
) -> list[Identifier]:
    """Mentions of identifiers in a text, in its order; then those in other parts of the file.

    sources: name of another part, such as "file name", -> its words. never, always: words that are
    never, or always, an identifier here; letters' case does not count. bodies: files with contacts
    of more public bodies.
    """
    contacts = public_contacts(*bodies)
    # A description has parts alone, and declares in any of them.
    declaring = text or "\n".join((sources or {}).values())
    pseudonyms = declared_pseudonyms(declaring.translate(PLAIN))
    left_out = {fold_words(words) for words in never}
    return [
        replace(find, source=name, surroundings=surroundings_of(content, find.start, find.end))
        for name, content in {"": text, **(sources or {})}.items()
        if content
        for find in _find_in_text(content, always, pseudonyms, contacts)
        if fold_words(find.words) not in left_out
    ]


def fold_words(words: str) -> str:
    """Words for comparison: case, apostrophes and white space do not count."""
    return " ".join(words.translate(PLAIN).casefold().split())


def may_name_person(words: str) -> bool:
    """True if the rules take words for a person's name in a sentence, or they can be one.

    "Siobhan", "Grace" and "brackenthwaite" are; "Manchester" and "the board" are not.
    """
    plain = " ".join(words.translate(PLAIN).split())
    if any(word in words_of("ambiguous") for word in plain.lower().split()):
        return True
    capitals = " ".join(word[:1].upper() + word[1:] for word in plain.split())
    if is_place_name(plain.casefold()):
        return False
    return any(find.kind == PERSON for find in find_identifiers(f"They often met {capitals} then."))


def _find_in_text(
    text: str, always: Collection[str], pseudonyms: frozenset[str], contacts: PublicContacts
) -> list[Identifier]:
    text = text.translate(PLAIN)
    source = tokenise(text)
    runs = runs_of(source.tokens)
    structured = [
        list(_listed(text, always)),
        find_numbers(text),
        list(find_dates(text)),
        list(find_addresses(text)),
        list(find_institutions(source, runs)),
        list(named_pseudonyms(text, pseudonyms)),
    ]
    # Words on the list of this installation are found in the address of a public body too.
    public = list(contacts.spans(text))
    structured[1:] = [_outside(public, finds) for finds in structured[1:]]
    covered = [(find.start, find.end) for finds in structured for find in finds]
    names = find_names(source, runs, [*covered, *public, *pseudonym_spans(text)], pseudonyms)
    finds = without_overlaps([*structured, names, list(find_rare_facts(text))])
    # These are statements about a pseudonym, not words to mask: they may overlap others.
    return sorted(
        [*finds, *inconsistent_pseudonyms(text, finds)], key=lambda find: (find.start, find.end)
    )


def _outside(spans: Sequence[tuple[int, int]], finds: Iterable[Identifier]) -> list[Identifier]:
    """The finds that are not a part of one of the spans."""
    return [
        find
        for find in finds
        if not any(start <= find.start and find.end <= end for start, end in spans)
    ]


def _listed(text: str, always: Collection[str]) -> Iterator[Identifier]:
    for words in always:
        pattern = r"\s+".join(re.escape(word) for word in words.split())
        for match in re.finditer(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE):
            yield Identifier(PERSON, *match.span(), words, "is on the list of identifiers")
