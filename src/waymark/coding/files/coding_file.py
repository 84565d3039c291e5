"""Coding files: one coder's work on one review, and an adjudicator's decisions, as YAML.

A quote must occur in the report word for word (apart from line breaks and runs of spaces) and only
once: otherwise it is refused with its line. Example: "no  health visitor" is found where a line
breaks after "health"; in a report that also says "but no health visitor came" it is refused as
occurring 2 times.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from waymark.coding.files.look_alikes import character_differences
from waymark.core import yaml_file
from waymark.core.errors import RuleError
from waymark.core.spans import Span

ADJUDICATION = "waymark-adjudication 1"


class CodingFilePart(BaseModel):
    """Part of a coding file: no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ChildEntry(CodingFilePart):
    number: int = Field(ge=1, le=99)
    name: str = Field(min_length=1, max_length=60)


class AdultEntry(CodingFilePart):
    number: int = Field(ge=1, le=99)
    name: str = Field(min_length=1, max_length=60)


class JudgementEntry(CodingFilePart):
    """One value of a variable, for the review, a child or an adult; quotes: words of the report."""

    variable: str
    child: int | None = None
    adult: int | None = None
    value: Any
    quotes: tuple[str, ...] = ()
    memo: str = ""


class CodingEntry(CodingFilePart):
    code: str
    quote: str = Field(min_length=1)
    qualifiers: dict[str, str] = Field(default_factory=dict)
    memo: str = ""


class RecommendationEntry(CodingFilePart):
    number: int = Field(ge=1)
    quote: str = Field(min_length=1)
    category: str
    audience: str
    smart: tuple[Literal["specific", "measurable", "achievable", "relevant", "timed"], ...] = ()


class CodingFile(CodingFilePart):
    """One coder's work on one review. report: the kind of the quoted report."""

    format: Literal["waymark-coding 1"]
    framework: str
    review: str
    report: str
    coder: str
    children: tuple[ChildEntry, ...] = ()
    adults: tuple[AdultEntry, ...] = ()
    judgements: tuple[JudgementEntry, ...] = ()
    codings: tuple[CodingEntry, ...] = ()
    recommendations: tuple[RecommendationEntry, ...] = ()


class CodeDecision(CodingFilePart):
    code: str
    agreed: Literal["present", "absent"]
    reason: str = Field(min_length=1)


class JudgementDecision(CodingFilePart):
    variable: str
    child: int | None = None
    adult: int | None = None
    agreed: Any
    reason: str = Field(min_length=1)


def _kind_of_decision(entry: Any) -> str:
    """Tag of a decision, so that an error in it names only the fields of its kind."""
    of_variable = isinstance(entry, dict) and "variable" in entry and "code" not in entry
    return "decision on a variable" if of_variable else "decision on a code"


Decision = Annotated[
    Annotated[CodeDecision, Tag("decision on a code")]
    | Annotated[JudgementDecision, Tag("decision on a variable")],
    Discriminator(_kind_of_decision),
]


class AdjudicationFile(CodingFilePart):
    """An adjudicator's decisions where two coders of one review differ."""

    format: Literal["waymark-adjudication 1"]
    framework: str
    review: str
    adjudicator: str
    decisions: tuple[Decision, ...] = ()


def read_coding(source: str, *, file: str) -> tuple[CodingFile, yaml_file.Lines]:
    """A coding file and the lines of its values. Raises SpecError."""
    return yaml_file.read_yaml(source, CodingFile, file=file)


def read_adjudication(source: str, *, file: str) -> tuple[AdjudicationFile, yaml_file.Lines]:
    """An adjudication file and the lines of its values. Raises SpecError."""
    return yaml_file.read_yaml(source, AdjudicationFile, file=file)


def find_quote(text: str, quote: str) -> Span:
    """The span of a quote in a text; any run of white space matches any other.

    Raises RuleError if it does not occur, or more than once: a quote that could mean two places is
    not evidence of either.
    """
    words = quote.split()
    if not words:
        raise RuleError("the quote is empty")
    # The text of a PDF breaks lines where the page does; a quote is copied with or without breaks.
    pattern = re.compile(r"\s+".join(re.escape(word) for word in words))
    matches = list(pattern.finditer(text))
    if not matches:
        message = f"the quote is not in the report: {_shortened_quote(quote)}"
        alike = character_differences(text, quote)
        if alike:
            message += f"; {'; '.join(map(str, alike))}: copy the words from the report"
        raise RuleError(message)
    if len(matches) > 1:
        raise RuleError(
            f"the quote occurs {len(matches)} times in the report; make it longer: "
            f"{_shortened_quote(quote)}"
        )
    return Span(*matches[0].span())


def _shortened_quote(quote: str) -> str:
    plain = " ".join(quote.split())
    return f'"{plain}"' if len(plain) <= 60 else f'"{plain[:57]}..."'
