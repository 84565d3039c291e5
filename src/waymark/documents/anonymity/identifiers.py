"""Kinds of identifiers, and one mention of an identifier in a text (no Django)."""

from dataclasses import dataclass

PERSON, INITIALS, BIRTH_DATE, EXACT_DATE = "person", "initials", "birth-date", "exact-date"
PLACE, ADDRESS, INSTITUTION = "place", "address", "institution"
HEALTH_NUMBER, OFFICIAL_NUMBER, CONTACT = "health-number", "official-number", "contact"
PSEUDONYM, RARE_FACT = "pseudonym", "rare-fact"

KINDS = {
    PERSON: "Names of people",
    INITIALS: "Initials",
    BIRTH_DATE: "Dates of birth",
    EXACT_DATE: "Exact dates of a death or with an age",
    PLACE: "Names of places",
    ADDRESS: "Addresses and postcodes",
    INSTITUTION: "Named schools, surgeries, hospitals and places of worship",
    HEALTH_NUMBER: "Health service numbers",
    OFFICIAL_NUMBER: "Numbers of documents, vehicles and court cases",
    CONTACT: "Telephone numbers, email addresses and accounts",
    PSEUDONYM: "Pseudonyms",
    RARE_FACT: "Rare facts",
}
"""The twelve types of identifier -> the name that staff read."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A mention of something that may identify a person: text[start:end], in code points.

    kind: one of KINDS. words: as they are compared with other mentions, such as "Karen" for
    "Karen's". source: "" for the text, else the name of another part of the file, such as its name.
    surroundings: a mark of the words around it.
    """

    kind: str
    start: int
    end: int
    words: str
    reason: str
    source: str = ""
    surroundings: str = ""


def without_overlaps(ranked: list[list[Identifier]]) -> list[Identifier]:
    """Identifiers in the order of the text; where two overlap, the one of an earlier list stays."""
    apart: list[Identifier] = []
    covered = bytearray(1 + max((find.end for finds in ranked for find in finds), default=0))
    for finds in ranked:
        for find in finds:
            if not any(covered[find.start : find.end]):
                apart.append(find)
                covered[find.start : find.end] = b"\x01" * (find.end - find.start)
    return sorted(apart, key=lambda find: (find.start, find.end))
