"""The parts of a specification for the selection of reviews and the disclosure decision."""

import datetime
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from waymark.frameworks.variables import FrameworkPart, Text, Words


def matching_pattern(pattern: str, how: str) -> AfterValidator:
    """Validator of a text by a pattern. how: the rule in words, for the message."""

    def checked(text: str) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise ValueError(f"must be {how}")
        return text

    return AfterValidator(checked)


Slug = Annotated[
    str,
    matching_pattern(r"[a-z0-9][a-z0-9-]{0,59}", "small letters, digits and hyphens, at most 60"),
]
Reference = Annotated[
    str,
    matching_pattern(r"[A-Za-z0-9_-]{1,60}", "the reference of a review: letters, digits, - and _"),
]


class ExcludedReview(FrameworkPart):
    """A review that was obtained and is excluded, with the reason."""

    review: Reference
    reason: Text


class SampleDescription(FrameworkPart):
    """The population of a sample: more reviews than were read, drawn by a method fixed before.

    population: number of reviews to draw from. of: a description of them. drawn: the method. Shares
    have an interval of sampling error only if there is a sample.
    """

    population: Annotated[int, Field(ge=2)]
    of: Words
    drawn: Text


class SpecSelection(FrameworkPart):
    """The reviews of an overview: one collection, a list, or the results of a library query.

    exclude: reviews to leave out, with reasons. sample_of: given if they are a sample of more.
    """

    collection: Slug | None = None
    reviews: tuple[Reference, ...] = ()
    query: Annotated[str | None, StringConstraints(min_length=1, max_length=1000)] = None
    exclude: tuple[ExcludedReview, ...] = ()
    sample_of: SampleDescription | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "SpecSelection":
        if [self.collection is not None, bool(self.reviews), self.query is not None].count(
            True
        ) != 1:
            raise ValueError("give exactly one of collection, reviews and query")
        return self


def not_a_sample(counted: int, population: int) -> str:
    """The fault of a sample that is not smaller than its population."""
    return (
        f"sample_of: {counted} reviews are counted, so they are not a sample of {population}:"
        " remove sample_of or correct population"
    )


class DisclosureDecision(FrameworkPart):
    """The data controller's disclosure decision: profile, name, role, reason and date.

    role: as "Head of the review board"; decisions of earlier versions of Waymark have none.
    open_process: under a profile other than open, numbers about the process of review still link
    to their reviews and passages; false if the sources are not public. keep_withheld: withhold
    again what an earlier edition withheld, which a change of very few reviews makes necessary.
    proposed: nobody has decided yet, so the overview can be frozen and read but not published.
    """

    profile: Literal["open", "k3", "k5", "r5"]
    controller: Words
    role: Words | None = None
    reason: Text
    decided: datetime.date
    open_process: bool = True
    keep_withheld: bool = False
    proposed: bool = False
