"""Description of a briefing or guide, stored as YAML in its text "about". Pure."""

import datetime
from typing import Annotated

import yaml
from pydantic import Field, StringConstraints, model_validator

from waymark.core.yaml_file import read_yaml
from waymark.frameworks.variables import FrameworkPart, Words

ABOUT = "about"
"""Name of the text that has the description."""
Line = Annotated[str, StringConstraints(max_length=300, strip_whitespace=True)]
Year = Annotated[int, Field(ge=1900, le=2200)]


class BriefingAbout(FrameworkPart):
    """What a briefing is about and what it is based on.

    subjects: keys of the thesaurus. query: words of the search that selected the reviews; rule: the
    selection in words. reviews: references of the reviews read. first, last: years in which they
    were published. searched_on: date of the search. overview: name of the overview whose tables
    give its numbers, "" for a briefing without numbers.
    """

    title: Words
    strapline: Line = ""
    audience: Words
    subjects: tuple[Line, ...] = ()
    query: Line = ""
    rule: Line = ""
    reviews: tuple[Line, ...] = ()
    first: Year | None = None
    last: Year | None = None
    searched_on: datetime.date | None = None
    review_on: datetime.date | None = None
    overview: Line = ""

    @model_validator(mode="after")
    def _in_order(self) -> "BriefingAbout":
        if self.first and self.last and self.first > self.last:
            raise ValueError("the first year comes after the last one")
        if len(set(self.reviews)) < len(self.reviews):
            raise ValueError("a review is listed twice")
        return self

    @property
    def period(self) -> str:
        """Years of publication in words: "2004 to 2008"; "" if they are not known."""
        years = [str(year) for year in dict.fromkeys((self.first, self.last)) if year]
        return " to ".join(years)


def read_about(source: str) -> BriefingAbout:
    """Read a description. Raises SpecError with the lines that are wrong."""
    about, _ = read_yaml(source, BriefingAbout, file=ABOUT)
    return about


def about_yaml(about: BriefingAbout) -> str:
    """Write a description as YAML; the same description always gives the same text."""
    values = about.model_dump(mode="python", exclude_defaults=True)
    listed = {
        key: list(value) if isinstance(value, tuple) else value for key, value in values.items()
    }
    return yaml.safe_dump(listed, allow_unicode=True, sort_keys=False, width=100)
