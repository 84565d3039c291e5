"""Pseudonyms of a report: declared or not, and used consistently or not (no Django)."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from waymark.documents.anonymity.identifiers import PERSON, PSEUDONYM, Identifier
from waymark.documents.anonymity.word_lists import is_common, words_of

LABELS = "|".join(
    (
        "Child|Baby|Infant|Sibling|Half[- ][Ss]ibling|Brother|Sister|Adult|Mother|Father|Parent",
        "Family|Person|Subject|Young Person|Boy|Girl|Male|Female|Partner|Twin|Uncle|Aunt",
        "Grandmother|Grandfather|Patient|Carer|Mr|Mrs|Ms|Miss|Dr|Stepfather|Professional",
        "School|Hospital|Nursery|Area|Town",
    )
)
LETTERED = re.compile(
    rf"\b(?P<label>{LABELS})\s+(?P<mark>[A-Z]{{1,2}}\d?|\d{{1,2}})\b(?!['.][A-Za-z])"
)
NAMED = re.compile(r"\b(?:Child|Baby|Family|Sibling|Adult|Infant)\s+(?P<name>[A-Z][^\W\d_]{2,})\b")
WRITING = r"(?:report|review|pages?|document|text|summary|overview|purpose)"
STOP = r"(?=\s*(?:[.,;:)]|$)| (?:and|as|to (?:protect|keep|hide)|in th))"
# "known as Karen throughout her childhood" and "the name Karen was used by her mother" speak of the
# person, not of the report.
HERE = (
    rf"(?:(?:here|throughout|below){STOP}|in (?:this|the|these) {WRITING}"
    rf"|throughout (?:this|the|these) {WRITING}|for (?:this {WRITING}|the purposes?)"
    r"|a pseudonym|pseudonyms?|not (?:(?:his|her|their|the child's) )?real names?)"
)
CALLED = (
    r"(?:called|known as|named|referred to(?: here)? as|identified as|described as|given the name)"
)
GIVEN = (
    r"(?:(?:used|chosen|given) "
    rf"(?:here\b|(?:in|for|throughout) th(?:is|e|ese) {WRITING}|to protect)"
    r"|not (?:(?:his|her|their|the) )?real)"
)
LISTED = r"(?:(?:Child|Baby|Family|Sibling|Adult) )?[A-Z][\w'-]{0,30}"
NAME_LIST = rf"(?P<names>{LISTED}(?:(?:, and |, | and ){LISTED}){{0,8}})"
QUOTED = rf"[“\"']?{NAME_LIST}[”\"']?"
DECLARED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{CALLED} (?:here )?{QUOTED},? \(?{HERE}",
        rf"\b(?:here|in this (?:report|review)),? (?:is |are )?{CALLED} {QUOTED}",
        rf"\bthroughout(?: th(?:is|e) {WRITING})?,? (?:is|are) {CALLED} {QUOTED}",
        rf"\bcalled here {NAME_LIST}",
        (
            rf"\bpseudonyms? {QUOTED} (?:(?:is|are|was|were|has been|have been) )?"
            r"(?:used|chosen|given|not)"
        ),
        rf"\bthe names? {QUOTED} (?:(?:is|are|was|were|has been|have been) )?{GIVEN}",
        (
            rf"{QUOTED},? (?:which )?(?:is|are) (?:a pseudonym|pseudonyms"
            r"|not (?:his|her|their|the) real (?:names?|ones?))"
        ),
    )
)
MOST_PSEUDONYMS = 100
"""Pseudonyms of a report that are compared with one another."""
SEXES = {
    "boy": "male", "son": "male", "brother": "male", "man": "male", "male": "male",
    "girl": "female", "daughter": "female", "sister": "female", "woman": "female",
    "female": "female",
}  # fmt: skip


def declared_pseudonyms(text: str) -> frozenset[str]:
    """Words that are pseudonyms, in lower case: the report says so, or nobody is called so."""
    names = {match["name"].lower() for match in NAMED.finditer(text)}
    names &= words_of("plain_pseudonyms")
    for pattern in DECLARED:
        for match in pattern.finditer(text):
            names.update(re.findall(r"[^\W\d_]{2,}", match["names"].lower()))
    return frozenset(names)


def pseudonym_spans(text: str) -> list[tuple[int, int]]:
    """Spans of pseudonyms such as "Child A" and "Sibling 2", and of names after "Child"."""
    named = [
        match.span("name") for match in NAMED.finditer(text) if _may_be_name(match["name"].lower())
    ]
    return [*named, *(match.span() for match in LETTERED.finditer(text))]


def named_pseudonyms(text: str, declared: frozenset[str]) -> Iterator[Identifier]:
    """Names after "Child" or "Baby" that the report does not declare as pseudonyms."""
    seen = set(declared)
    for match in NAMED.finditer(text):
        word = match["name"].lower()
        if word not in seen and _may_be_name(word):
            seen.add(word)
            yield Identifier(
                PSEUDONYM,
                *match.span("name"),
                match["name"],
                "may be a pseudonym, but the report does not say so",
            )


def _may_be_name(word: str) -> bool:
    general = words_of("agencies") | words_of("roles") | words_of("capital_words")
    plants = words_of("ambiguous") | words_of("plants") | words_of("plain_pseudonyms")
    return word in plants or not (word in general or is_common(word))


def inconsistent_pseudonyms(text: str, persons: Iterable[Identifier]) -> Iterator[Identifier]:
    """Gaps in a sequence, one pseudonym for two people, and initials of names in the report."""
    places: dict[str, dict[str, re.Match[str]]] = defaultdict(dict)
    for match in LETTERED.finditer(text):
        places[match["label"].title()].setdefault(match["mark"], match)
    for label in ("Child", "Sibling", "Adult", "Baby"):
        yield from _gaps(label, places[label])
    first_uses = [match for marks in places.values() for match in marks.values()][:MOST_PSEUDONYMS]
    yield from _two_people(text, first_uses)
    yield from _real_initials(first_uses, persons)


def _at(match: re.Match[str], words: str, reason: str) -> Identifier:
    return Identifier(PSEUDONYM, *match.span(), words, reason)


def _gaps(label: str, marks: dict[str, re.Match[str]]) -> Iterator[Identifier]:
    # Example: Child A, Child C -> Child B is missing: was a child left out, or a name replaced?
    letters = sorted(mark for mark in marks if len(mark) == 1 and mark.isalpha())
    for before, after in pairwise(letters):
        missing = [chr(code) for code in range(ord(before) + 1, ord(after))]
        if missing and (letters[0] == "A" or len(missing) == 1):
            skipped = ", ".join(f"{label} {letter}" for letter in missing)
            yield _at(marks[after], f"{label} {after}", f"the sequence has no {skipped}")


def _two_people(text: str, first_uses: list[re.Match[str]]) -> Iterator[Identifier]:
    for match in first_uses:
        described = re.compile(
            rf"\b{re.escape(match[0])}\b(?:,? \(?(?:who )?(?:is|was|the|an?|\w+-year-old) )"
            rf"(?:[\w-]+ ){{0,3}}?(?P<sex>{'|'.join(SEXES)})\b"
        )
        uses = described.finditer(text)
        if len({SEXES[use["sex"]] for use in uses}) > 1:
            yield _at(match, match[0], "seems to be used for two people")


def _real_initials(
    first_uses: list[re.Match[str]], persons: Iterable[Identifier]
) -> Iterator[Identifier]:
    names = {
        find.words[:1]: find.words for find in persons if find.kind == PERSON and not find.source
    }
    for match in first_uses:
        if match["mark"] in names and match["mark"].isalpha():
            yield _at(
                match, match[0], "may be the real initial: a name in the report begins with it"
            )
