"""Which names are used as places, and which as people, by the words around them (no Django)."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection

from waymark.documents.anonymity.identifiers import PLACE, Identifier
from waymark.documents.anonymity.word_lists import is_place_name, words_of

MOVED = "moved|move|moving|travelled|went|came|returned|back|relocated|transferred|flew|commuted"
LIVED = "lived|living|resident|based|housed|accommodated|born|settled|stayed|staying|raised|grew up"
KIND_OF_PLACE = "town|city|village|county|island|area|suburb|estate|parish|townland"
PLACE_BEFORE = re.compile(
    rf"\b(?:in|near|around|outside|throughout|across|within|(?:{MOVED}) (?:back )?(?:to|from)"
    rf"|(?:{LIVED}) (?:at|in|near|on)|(?:{KIND_OF_PLACE}) of"
    r"|(?:originally|was|were|is|are|family|people) from) (?:the )?$"
)
PERSON_BEFORE = re.compile(
    r"\b(?:confid\w+|trust\w*|interest\w*|belie\w+|love|faith|changes?|improvements?) in $"
)
CONTEXT = 60
"""Characters before and after a name that can say what it is."""
ACTS = re.compile(
    r"(?:'s?)?(?::\s|,? (?:who|aged|now aged|then aged)\b|,? and (?:an?|his|her|their|[A-Z])"
    r"| (?:(?:never|always|often|then|also|later|still|just|soon|now|usually|again|not) )?"
    r"(?P<verb>[\w'-]+))"
)
GENERAL_VERBS = frozenset({"is", "was", "has", "had", "does", "did"})
"""Verbs of people that are said of places as often."""


def with_places(
    text: str, finds: list[Identifier], *, of_people: Collection[str]
) -> list[Identifier]:
    """The finds; those used mostly where a place would be, or called as a large place, are places.

    "Manchester" is a place; "Mrs Manchester", "Manchester's mother" and "Manchester cried" are not.
    of_people: reasons of finds that can only be names of people.
    """
    local: dict[str, Counter[bool]] = defaultdict(Counter)
    for find in finds:
        local[find.words][find.reason not in of_people and _is_place(text, find)] += 1
    return [
        Identifier(PLACE, find.start, find.end, find.words, _reason_of_place(find))
        if local[find.words][True] > local[find.words][False]
        else find
        for find in finds
    ]


def _is_place(text: str, find: Identifier) -> bool:
    before = text[max(0, find.start - CONTEXT) : find.start]
    if PLACE_BEFORE.search(before) and not PERSON_BEFORE.search(before):
        return True
    return is_place_name(find.words.casefold()) and not _is_of_person(text, find.end)


def _is_of_person(text: str, end: int) -> bool:
    """True if the words after a name are said of people."""
    owned = re.match(r"'s? ([\w'-]+)", text[end : end + CONTEXT])
    if owned and owned[1].lower() in words_of("belongings"):
        return True
    after = ACTS.match(text, end)
    verb = (after["verb"] or "").lower() if after else ""
    return verb in words_of("person_verbs") - GENERAL_VERBS


def _reason_of_place(find: Identifier) -> str:
    if is_place_name(find.words.casefold()):
        return "is the name of a large place"
    return "a capital after a word of place"
