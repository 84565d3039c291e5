"""The dated profiles of abstract lists: data (profiles.yaml), checked and made ready. Pure."""

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from waymark.core import yamlfile
from waymark.core.errors import Fault, SpecError

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


class Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Profile(Said):
    """How the lists of some years are written. order: of the parts, for a label that vanished.

    bare_keywords: the last line is keywords without a label. marked_headings: what HTML marks as a
    heading is one, without a year.
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
        """The headings, whole lines."""
        return tuple(compiled(rf"(?:{one})\.?", whole=True) for one in self.headings)

    @property
    def label_pattern(self) -> re.Pattern[str]:
        """Any label with its colon, at the start or after the end of a sentence.

        A label without a colon counts at the start, where it ends in "include" or "includes", or
        begins with "Makes".
        """
        named = "|".join(f"(?P<{name}>{pattern})" for name, pattern in self.parts.items())
        return compiled(rf"(?:^|(?<=[.;] ))(?:(?:{named})|(?P<lost>includes?)) ?:+ ?")


class Event(Said):
    outcome: dict[str, Pattern]
    sex: dict[str, Pattern]
    age: Pattern
    aged: Pattern
    stage: Pattern
    when: Pattern
    unspecified: Pattern


class Profiles(Said):
    format: Literal["waymark-abstracts 1"]
    list_year: Pattern
    unnamed: Pattern
    links: Pattern
    profiles: tuple[Profile, ...]
    event: Event

    def of_year(self, year: int | None) -> Profile | None:
        """The profile of a year; None where there is none."""
        for one in self.profiles:
            if year is not None and one.years[0] <= year <= one.years[1]:
                return one
        return None


@cache
def compiled(pattern: str, *, whole: bool = False) -> re.Pattern[str]:
    """A pattern with MONTH and NUMBER filled in. Raises re.error."""
    filled = pattern.replace("MONTH", "|".join(MONTHS)).replace("NUMBER", "|".join(NUMBERS))
    return re.compile(rf"\A(?:{filled})\Z" if whole else filled, re.IGNORECASE)


def read_profiles(source: str, *, file: str) -> Profiles:
    """Profiles from YAML. Raises SpecError: each fault with its line."""
    made, lines = yamlfile.read(source, Profiles, file=file)
    faults = []
    for number, profile in enumerate(made.profiles):
        for path, pattern in [
            *((("headings", at), one) for at, one in enumerate(profile.headings)),
            *((("parts", name), one) for name, one in profile.parts.items()),
        ]:
            try:
                compiled(pattern)
            except re.error as error:
                line = yamlfile.line_of(lines, ("profiles", number, *path))
                faults.append(Fault(line, f"{profile.name}: {error}"))
    if faults:
        raise SpecError(file, faults)
    return made


@cache
def builtin_profiles() -> Profiles:
    """The profiles that come with the program."""
    return read_profiles(FILE.read_text("utf-8"), file=FILE.name)
