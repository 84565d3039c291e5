"""Names of authors: of a person, "Surname, First", or of a body, whatever commas it has.

A record stores which of its authors are bodies. Where a source does not say, the look of the name
decides: "Board of Trees, Hedges and Shrubs" is a body, "Board, Ann" a person.
"""

import re
from collections.abc import Collection, Iterable

_BODY_WORDS = """
    academy administration agency alliance assembly association authority board bureau bwrdd cabinet
    centre charity children's clinic coalition college comhairle comisiynydd commission commissioner
    committee confederation conference consortium constabulary council cymdeithas cyngor department
    directorate division executive faculty federation feidhmeannacht forum foundation government
    group headquarters health hospital inspectorate institute institution laboratory league library
    limited llywodraeth lscb lscp ltd ministry ncb network nhs nspcc office ofsted organisation
    organization panel parliament partners partnership police prifysgol programme project roinn
    school secretariat service services society taskforce team trust tusla union unit university
"""
BODY_WORDS = frozenset(_BODY_WORDS.split())
"""Words that a body's name has and a person's surname hardly ever."""
_SUFFIX = re.compile(r"(?i)(jr|sr|junior|senior|ii|iii|iv|esq|obe|mbe|cbe|dbe|qc|kc|phd|md)\.?")
_MARK = re.compile(r"(?i)(?P<kind>organisation|organization|body|person)\s*:\s*(?P<name>\S.*)")
_WORD = re.compile(r"[^\W\d_][\w'.\N{RIGHT SINGLE QUOTATION MARK}]*")


def looks_like_body(name: str) -> bool:
    """True if a name is, by its look, that of a body: without a comma, or with a word of bodies.

    A surname of one word is a person's even so: "Service, Robert"; "Board, Ann".
    """
    before, comma, after = name.partition(",")
    if not comma:
        return True
    parts = [part.strip() for part in after.split(",") if part.strip()]
    names = [part for part in parts if not _SUFFIX.fullmatch(part)]
    if len(names) > 1 or has_body_word(after) or " and " in after:
        return True
    return len(before.split()) > 1 and has_body_word(before)


def has_body_word(text: str) -> bool:
    """True for a text with a word that names of bodies have, such as "department"."""
    words = text.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return not BODY_WORDS.isdisjoint(word.rstrip(".") for word in _WORD.findall(words))


def bodies_among(
    names: Iterable[str], *, bodies: Iterable[str] = (), persons: Collection[str] = ()
) -> tuple[str, ...]:
    """Those of some names that are bodies: the known ones, and what looks like one."""
    known = frozenset(filter(None, bodies))
    return tuple(
        name
        for name in dict.fromkeys(names)
        if name in known or (name not in persons and looks_like_body(name))
    )


def has_marks(lines: Iterable[str]) -> bool:
    """True if one of some lines says what its name is, as "organisation: Ash, Elm Ltd" does."""
    return any(_MARK.fullmatch(line.strip()) for line in lines)


def read_author_lines(lines: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All names, and those of bodies, of lines such as "Ash, Ann" and "organisation: Ash, Elm Ltd".

    A mark before the name says what it is; without one the look of the name decides.
    """
    names: list[str] = []
    bodies: list[str] = []
    for line in lines:
        match = _MARK.fullmatch(line.strip())
        name = match["name"] if match else line.strip()
        names.append(name)
        if match["kind"].casefold() != "person" if match else looks_like_body(name):
            bodies.append(name)
    return tuple(names), tuple(bodies)


def author_lines(authors: Iterable[str], bodies: Collection[str]) -> tuple[str, ...]:
    """Names as read_author_lines() reads them, marked only where the look of one is wrong."""
    return tuple(
        name
        if looks_like_body(name) == (name in bodies)
        else f"{'organisation' if name in bodies else 'person'}: {name}"
        for name in authors
    )


def in_reading_order(name: str, *, body: bool | None = None) -> str:
    """ "Devaney, John" as "John Devaney"; a body's name unchanged. body: None if it is unknown."""
    surname, comma, first = name.partition(",")
    if looks_like_body(name) if body is None else body:
        return name
    return f"{first.strip()} {surname.strip()}" if comma and first.strip() else name


def with_initials(name: str, *, body: bool) -> str:
    """ "Devaney, John Paul" as "Devaney, J. P."; a body's name unchanged."""
    surname, comma, first = name.partition(",")
    # All given names: "John Paul" gives "J. P.".
    initials = " ".join(f"{given_name[0]}." for given_name in first.split())
    return f"{surname}, {initials}" if not body and comma and initials else name
