"""The panel on prediction in a specification, and cells that a specification names. Pure."""

import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field, model_validator

from waymark.frameworks.variables import FrameworkPart, Text, Words
from waymark.overview.spec.selection import matching_pattern

TableId = Annotated[str, matching_pattern(r"T\d{1,3}", "T and a number, as T3")]


class CellName(FrameworkPart):
    """A cell of a table in its finest version, by the ids of its row and column."""

    table: TableId
    row: Words
    column: Words = "n"


class AtMost(FrameworkPart):
    """A rule that anybody can reason out: fewer is never above more, whatever the data."""

    fewer: CellName
    more: CellName
    because: Text


class Prevalence(FrameworkPart):
    """A prevalence with its source. one_in: 4000 is 1 in 4,000; or percent.

    date: of the source, or of what it counts.
    """

    one_in: Annotated[Decimal | None, Field(ge=1)] = None
    percent: Annotated[Decimal | None, Field(gt=0, le=100)] = None
    source: Text
    date: datetime.date

    @model_validator(mode="after")
    def _one_way(self) -> "Prevalence":
        if (self.one_in is None) == (self.percent is None):
            raise ValueError("give either one_in or percent")
        return self


class PredictiveValue(FrameworkPart):
    """The panel on prediction: the predictive value of a factor, if somebody used it as a sign.

    factor: the count of reviews that record it. among: the population of both prevalences. harm:
    how many of it come to such a review; factor_in_population: how many of it have the factor.
    The panel stays disabled without both.
    """

    factor: CellName
    among: Words = ""
    harm: Prevalence | None = None
    factor_in_population: Prevalence | None = None

    @model_validator(mode="after")
    def _of_one_population(self) -> "PredictiveValue":
        if self.harm and self.factor_in_population and not self.among:
            raise ValueError("give among: both prevalences must be of one population")
        return self
