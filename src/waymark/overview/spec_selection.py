"""The parts of an overview that say which reviews it is about, and who decided what to show."""

import datetime
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from waymark.frameworks.schema import Part, Text, Words


def written(pattern: str, how: str) -> AfterValidator:
    """That a text is written so; how: said of one that is not."""

    def checked(said: str) -> str:
        if not re.fullmatch(pattern, said, re.ASCII):
            raise ValueError(f"must be {how}")
        return said

    return AfterValidator(checked)


Slug = Annotated[
    str, written(r"[a-z0-9][a-z0-9-]{0,59}", "small letters, digits and hyphens, at most 60")
]
Reference = Annotated[
    str, written(r"[A-Za-z0-9_-]{1,60}", "the reference of a review: letters, digits, - and _")
]


class Exclusion(Part):
    """A review that was obtained and left out, and why."""

    review: Reference
    reason: Text


class Sample(Part):
    """That the reviews are a sample: drawn, by a method fixed before, from more than were read.

    population: how many reviews there were to draw from. of: what these are, in words. drawn: how
    it was done. Only then do shares get an interval of sampling error.
    """

    population: Annotated[int, Field(ge=2)]
    of: Words
    drawn: Text


class Selection(Part):
    """Which reviews: one collection, those listed, or those a query of the library finds.

    Minus those left out with reasons. sample_of: where they are a sample of more.
    """

    collection: Slug | None = None
    reviews: tuple[Reference, ...] = ()
    query: Annotated[str | None, StringConstraints(min_length=1, max_length=1000)] = None
    exclude: tuple[Exclusion, ...] = ()
    sample_of: Sample | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Selection":
        if [self.collection is not None, bool(self.reviews), self.query is not None].count(
            True
        ) != 1:
            raise ValueError("say one of collection, reviews and query")
        return self


class Decision(Part):
    """Which disclosure profile the data controller decided on, with name, role, reason and date.

    role: as what the person decided, as "Head of the review board"; decisions of earlier versions
    of Waymark have none.
    open_process: under a profile other than open, numbers about the process of review still open
    to their reviews and passages; false where the sources are not public. keep_withheld: withhold
    again what an earlier edition withheld, which a change of very few reviews makes necessary.
    proposed: nobody has decided yet, so the overview can be frozen and read, and not be published.
    """

    profile: Literal["open", "k3", "k5", "r5"]
    controller: Words
    role: Words | None = None
    reason: Text
    decided: datetime.date
    open_process: bool = True
    keep_withheld: bool = False
    proposed: bool = False
