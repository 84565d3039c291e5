"""Headings of abstracts: year, authority and the name of the child or family."""

import re
from dataclasses import dataclass

from waymark.library.exchange.abstracts.listed import ListLine
from waymark.library.exchange.abstracts.profiles import (
    MONTHS,
    ListProfile,
    ListProfiles,
    compile_pattern,
)
from waymark.library.exchange.readers.result import clean_line

LONGEST_HEADING = 160


@dataclass(frozen=True, slots=True)
class AbstractHeading:
    """The heading of an abstract. authority: "" if the board is not named."""

    text: str
    line: int
    year: int | None
    month: int | None
    authority: str
    pseudonym: str
    anonymous: bool
    profile: ListProfile
    notes: tuple[str, ...] = ()


def heading_in(
    list_line: ListLine, profiles: ListProfiles, list_year: int | None
) -> AbstractHeading | None:
    """Read a line as a heading; None for any other line."""
    text = list_line.text
    if len(text) > LONGEST_HEADING:
        return None
    year_match = compile_pattern(r"(?:(?:MONTH) )?(?P<year>20\d\d)(?!\d)").match(text)
    year = int(year_match["year"]) if year_match else list_year
    profile = profiles.of_year(year)
    if profile is None:
        return None
    # "2013 was the year of ..." begins like a heading, but is a sentence of an abstract.
    if year_match is not None and _is_sentence(text):
        return None
    # The first pattern that matches wins: their order in the profile matters.
    for pattern in profile.heading_patterns:
        match = pattern.match(text)
        if match is not None:
            return _read_heading(list_line, match.groupdict(), profile, profiles, list_year)
    if list_line.marked and profile.marked_headings and list_year is not None:
        return _read_heading(list_line, {"pseudonym": text}, profile, profiles, list_year)
    return None


def _is_sentence(text: str) -> bool:
    """True for a sentence that begins with a year: "2013 was the year in which it happened."."""
    return text.endswith(".") and re.match(r"(?:\w+ )?20\d\d [a-z]", text) is not None


def _read_heading(
    list_line: ListLine,
    values: dict[str, str | None],
    profile: ListProfile,
    profiles: ListProfiles,
    list_year: int | None,
) -> AbstractHeading:
    authority, pseudonym = (
        clean_line(values.get(name) or "") for name in ("authority", "pseudonym")
    )
    anonymous = (
        bool(authority)
        and compile_pattern(profiles.unnamed, whole=True).match(authority) is not None
    )
    notes = []
    if not pseudonym:
        notes.append("the heading has no name that identifies the child or family")
    if not authority:
        notes.append("the heading names no board")
    month, year = values.get("month"), values.get("year")
    return AbstractHeading(
        text=list_line.text,
        line=list_line.number,
        year=int(year) if year else list_year,
        month=MONTHS.index(month.capitalize()) + 1 if month else None,
        authority="" if anonymous else authority,
        pseudonym=pseudonym,
        anonymous=anonymous,
        profile=profile,
        notes=tuple(notes),
    )
