"""Profiles of abstract lists by year: patterns in profiles.yaml, checked and compiled. Pure.

The lists changed their layout over the years, so each profile says how headings and labels are
written in some years. MONTH and NUMBER in a pattern stand for any month or number word:

    "(?P<year>\\d{4}) - (?P<authority>.+) - (?P<pseudonym>.+)"   matches  2014 - Board - Child A
"""

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from waymark.core import yaml_file
from waymark.core.errors import FileFault, SpecError

FILE = Path(__file__).resolve().parent / "profiles.yaml"
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
NUMBERS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
)  # fmt: skip
PARTS = (
    "event",
    "background",
    "issues",
    "learning",
    "recommendations",
    "model",
    "ethnicity",
    "keywords",
)
Part = Literal[
    "event", "background", "issues", "learning", "recommendations", "model", "ethnicity", "keywords"
]
Pattern = Annotated[str, Field(min_length=1, max_length=1_000)]


class StrictModel(BaseModel):
    """Base of the models of profiles.yaml: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ListProfile(StrictModel):
    """Layout of the lists of some years. order: of the parts, used if a label is missing.

    bare_keywords: the last line contains keywords without a label. marked_headings: HTML headings
    begin an abstract even without a year.
    """

    name: str
    years: tuple[int, int]
    headings: tuple[Pattern, ...]
    parts: dict[Part, Pattern]
    bare_keywords: bool
    marked_headings: bool = False
    order: tuple[Part, ...]

    @property
    def heading_patterns(self) -> tuple[re.Pattern[str], ...]:
        """Patterns of whole heading lines."""
        return tuple(compile_pattern(rf"(?:{pattern})\.?", whole=True) for pattern in self.headings)

    @property
    def label_pattern(self) -> re.Pattern[str]:
        """Any label with its colon, at the start or after the end of a sentence.

        A label without a colon counts at the start, where it ends in "include" or "includes", or
        begins with "Makes".
        """
        named = "|".join(f"(?P<{name}>{pattern})" for name, pattern in self.parts.items())
        return compile_pattern(rf"(?:^|(?<=[.;] ))(?:(?:{named})|(?P<lost>includes?)) ?:+ ?")


class EventPatterns(StrictModel):
    """Patterns of the facts in the first sentence of an abstract."""

    outcome: dict[str, Pattern]
    sex: dict[str, Pattern]
    age: Pattern
    aged: Pattern
    stage: Pattern
    when: Pattern
    unspecified: Pattern


class ListProfiles(StrictModel):
    """All profiles, with the patterns that they share."""

    format: Literal["waymark-abstracts 1"]
    list_year: Pattern
    unnamed: Pattern
    links: Pattern
    profiles: tuple[ListProfile, ...]
    event: EventPatterns

    def of_year(self, year: int | None) -> ListProfile | None:
        """The profile of a year; None if there is none."""
        for profile in self.profiles:
            if year is not None and profile.years[0] <= year <= profile.years[1]:
                return profile
        return None


@cache
def compile_pattern(pattern: str, *, whole: bool = False) -> re.Pattern[str]:
    """Compile a pattern with MONTH and NUMBER filled in. Raises re.error."""
    filled = pattern.replace("MONTH", "|".join(MONTHS)).replace("NUMBER", "|".join(NUMBERS))
    return re.compile(rf"\A(?:{filled})\Z" if whole else filled, re.IGNORECASE)


def read_profiles(source: str, *, file: str) -> ListProfiles:
    """Read profiles from YAML. Raises SpecError with the line of each fault."""
    profiles, lines = yaml_file.read_yaml(source, ListProfiles, file=file)
    faults = []
    for number, profile in enumerate(profiles.profiles):
        for path, pattern in [
            *((("headings", index), heading) for index, heading in enumerate(profile.headings)),
            *((("parts", name), label) for name, label in profile.parts.items()),
        ]:
            try:
                compile_pattern(pattern)
            except re.error as error:
                line = yaml_file.line_of(lines, ("profiles", number, *path))
                faults.append(FileFault(line, f"{profile.name}: {error}"))
    if faults:
        raise SpecError(file, faults)
    return profiles


@cache
def builtin_profiles() -> ListProfiles:
    """The profiles that come with the program."""
    return read_profiles(FILE.read_text("utf-8"), file=FILE.name)
