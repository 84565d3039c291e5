"""The YAML of an overview: which reviews, which tables and figures, and who decided to show what.

Every table is one of a few general kinds; what it counts is said by data, never by code of its own.
"""

import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from waymark.core import yamlfile
from waymark.frameworks.schema import CodeSpec, FrameworkFile, Id, Part, Text, Words
from waymark.overview.spec_selection import Decision, Selection, Slug, written

TableId = Annotated[str, written(r"T\d{1,3}", "T and a number, as T3")]
FigureId = Annotated[str, written(r"F\d{1,3}", "F and a number, as F3")]
FrameworkName = Annotated[
    str,
    written(r"[a-z][a-z0-9-]{1,59} \d+\.\d+\.\d+", "a name and a version, as cr-core 1.0.0"),
]
Period = Annotated[Words, BeforeValidator(lambda said: str(said) if type(said) is int else said)]
"""A single year stands in YAML as a number."""
Unit = Literal["review", "child", "recommendation"]
PLURAL = {"review": "reviews", "child": "children", "recommendation": "recommendations"}


class Values(Part):
    """A named set of a variable's values. deaths: those that count as a death; rest: all others.

    What stands for unknown is never part of rest: it keeps a row or column of its own.
    """

    id: Id
    label: Words
    values: tuple[Id, ...] = ()
    deaths: bool = False
    rest: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> "Values":
        if [bool(self.values), self.deaths, self.rest].count(True) != 1:
            raise ValueError("say one of values, deaths and rest")
        return self


class Band(Part):
    """Whole numbers from start to end, both included; without end, start and above."""

    id: Id
    label: Words
    start: Annotated[int, Field(alias="from", ge=0)]
    end: Annotated[int | None, Field(alias="to", ge=0)] = None

    def holds(self, number: int) -> bool:
        """Whether the number lies in the band."""
        return self.start <= number and (self.end is None or number <= self.end)


class Dimension(Part):
    """What rows or columns stand for: a variable, or how many children a review has.

    groups: the variable's values taken together; bands: of ages (in months) or of counts;
    subtotals: rows after the last of their parts. shown_by: for children counted, the variable of
    a child whose quotes show that the child is in the report. process: a fact about the process of
    review, not about a family: totals by it alone are printed however small.
    """

    variable: Id | None = None
    count: Literal["children"] | None = None
    shown_by: Id | None = None
    process: bool = False
    groups: tuple[Values, ...] = ()
    bands: tuple[Band, ...] = ()
    subtotals: tuple[Values, ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> "Dimension":
        if (self.variable is None) == (self.count is None):
            raise ValueError("say either variable or count")
        if self.groups and self.subtotals:
            raise ValueError("groups have no subtotals")
        return self


class Where(Part):
    """Only the records whose variable has one of these values."""

    variable: Id
    values: Annotated[tuple[Id, ...], Field(min_length=1)]


class Recode(Part):
    """A coarser version of a block, for profiles under which the finer one would lose too much.

    label: as the note says it, "ages in four bands". rows, columns: in place of the block's own.
    totals: the crossing is not printed, only the totals of rows and of columns.
    """

    label: Words
    rows: Dimension | None = None
    columns: Dimension | None = None
    totals: bool = False

    @model_validator(mode="after")
    def _coarser(self) -> "Recode":
        if not (self.rows or self.columns or self.totals):
            raise ValueError("say rows, columns or totals")
        return self


class Block(Part):
    """Records of one unit, counted by rows, and by columns where there are any.

    Recommendations are counted by recommendation.category, .audience, .smart (a recommendation can
    meet several criteria), .status, .status_and_evidence (complete told apart by its impact) and
    .impact. each: how many records there are for each review, as a row of its own.
    recodes: coarser versions, in the order in which they are tried.
    base: what the records are, in words, as "children who were a subject of a review".
    percent: of all records of the block. median: of the counts, as a row of its own.
    """

    id: Id
    title: Words
    unit: Unit
    base: Words
    where: Where | None = None
    rows: Dimension
    columns: Dimension | None = None
    percent: bool = False
    median: Words | None = None
    each: Words | None = None
    all_label: Words
    recodes: tuple[Recode, ...] = ()


class CodeChoice(Part):
    """Which codes: the themes for learning, those of a section, or those listed."""

    themes: bool = False
    section: Id | None = None
    codes: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> "CodeChoice":
        if [self.themes, bool(self.section), bool(self.codes)].count(True) != 1:
            raise ValueError("say one of themes, section and codes")
        return self


def codes_of(framework: FrameworkFile, choice: CodeChoice) -> list[CodeSpec]:
    """The codes chosen, in the framework's order."""
    if choice.themes:
        return [code for code in framework.codes if code.theme is not None]
    if choice.section:
        return [code for code in framework.codes if code.section == choice.section]
    return [code for code in framework.codes if code.id in choice.codes]


class Factors(Part):
    """A named set of factors; it is recorded where any of them is present or suspected."""

    label: Words
    any_of: Annotated[tuple[Id, ...], Field(min_length=1)]


class _Table(Part):
    """where: only these reviews are counted; a crosstab says it of each block."""

    id: TableId
    title: Words
    intro: str = ""
    notes: tuple[Text, ...] = ()
    where: Where | None = None


class _AboutPeople(_Table):
    """process: the table is about the process of review, so nothing in it is withheld."""

    process: bool = False


class FlowTable(_Table):
    """How reviews reached the analysis: identified, obtained, excluded, coded, coded twice."""

    kind: Literal["flow"]


Order = Literal["framework", "count"]


class Crosstab(_AboutPeople):
    """Records by one or two variables, in one block or several. all_first: the total column.

    order: of the rows of each block; count puts the largest first, what is unknown stays last.
    """

    kind: Literal["crosstab"]
    blocks: Annotated[tuple[Block, ...], Field(min_length=1)]
    all_first: bool = False
    order: Order = "framework"


Measure = Literal[
    "recorded",
    "percent",
    "lower",
    "upper",
    "present",
    "suspected",
    "stated_absent",
    "not_mentioned",
    "unclear",
]


class StatesTable(_AboutPeople):
    """Factors of a group in their five states."""

    kind: Literal["states"]
    group: Id
    order: Order = "framework"
    show: tuple[Measure, ...] = ("recorded", "percent", "lower", "upper", "not_mentioned")


class ContactsTable(_AboutPeople):
    """Services of a group by whether they were in contact."""

    kind: Literal["contacts"]
    group: Id
    order: Order = "framework"


class CooccurrenceTable(_AboutPeople):
    """In how many reviews none, one, two ... of the named sets of factors are recorded."""

    kind: Literal["cooccurrence"]
    of: Annotated[tuple[Factors, ...], Field(min_length=2, max_length=9)]


class ThemesTable(_Table):
    """Codes by the reviews that bear them, with the passages beside.

    columns: reviews by a variable in their place, each column with its own base. order: listed
    keeps that of the codes named.
    """

    kind: Literal["themes"]
    of: CodeChoice
    order: Order | Literal["listed"] = "count"
    columns: Dimension | None = None


class AgreementTable(_Table):
    """How far two coders agreed, apart, on which codes a review bears."""

    kind: Literal["agreement"]
    of: CodeChoice


AnyTable = Annotated[
    FlowTable
    | Crosstab
    | StatesTable
    | ContactsTable
    | CooccurrenceTable
    | ThemesTable
    | AgreementTable,
    Field(discriminator="kind"),
]


class CellName(Part):
    """A cell of a table in its finest version, by the ids of its row and column."""

    table: TableId
    row: Words
    column: Words = "n"


class AtMost(Part):
    """What anybody can reason out: fewer is never more than more, whatever the data."""

    fewer: CellName
    more: CellName
    because: Text


class Prevalence(Part):
    """How common something is, and who says so. one_in: 4000 is 1 in 4,000; or percent.

    date: of the source, or of what it counts.
    """

    one_in: Annotated[Decimal | None, Field(ge=1)] = None
    percent: Annotated[Decimal | None, Field(gt=0, le=100)] = None
    source: Text
    date: datetime.date

    @model_validator(mode="after")
    def _one_way(self) -> "Prevalence":
        if (self.one_in is None) == (self.percent is None):
            raise ValueError("say either one_in or percent")
        return self


class PredictiveValue(Part):
    """What a factor would be worth if somebody took it for a sign of what will happen: the panel.

    factor: the count of reviews that record it. among: the population that both prevalences are
    of, which must be one that can be compared. harm: how many in it come to such a review;
    factor_in_population: how many in it have the factor. Without both the panel stays disabled.
    """

    factor: CellName
    among: Words = ""
    harm: Prevalence | None = None
    factor_in_population: Prevalence | None = None

    @model_validator(mode="after")
    def _of_one_population(self) -> "PredictiveValue":
        if self.harm and self.factor_in_population and not self.among:
            raise ValueError("say among whom: both prevalences must be of one population")
        return self


class FigureSpec(Part):
    """A drawing of one table. column: the one drawn (bounds need no naming).

    parts: the columns of stacked bars and shares, in order; where their crossing is not printed,
    column alone is drawn. block: the one drawn of a table of several.
    """

    id: FigureId
    kind: Literal["flow", "columns", "bars", "ranges", "dots", "stacked", "shares", "matrix"]
    table: TableId
    title: Words
    column: Id | None = None
    block: Id | None = None
    parts: tuple[Id, ...] = ()


class OverviewSpec(Part):
    """A whole overview as its YAML says it. place, period: as printed in every title.

    as_at: the day on which one asks what is overdue; the day of freezing where it is not given.

    predictive_value: what a factor would be worth as a prediction, which is next to nothing.

    points, about and the intro of a table may name cells, as {T3/all/n}: the number is put in from
    the protected table, and opens to its evidence like the cell itself.
    """

    overview: Slug
    title: Words
    subtitle: Words
    framework: FrameworkName
    place: Words
    period: Period
    as_at: datetime.date | None = None
    about: tuple[Text, ...] = ()
    points: tuple[Text, ...] = ()
    select: Selection
    disclosure: Decision
    logic: tuple[AtMost, ...] = ()
    tables: Annotated[tuple[AnyTable, ...], Field(min_length=1)]
    figures: tuple[FigureSpec, ...] = ()
    predictive_value: PredictiveValue | None = None

    @property
    def framework_name(self) -> str:
        return self.framework.split(" ")[0]

    @property
    def framework_version(self) -> str:
        return self.framework.split(" ")[1]


def read_overview(source: str, *, file: str) -> tuple[OverviewSpec, yamlfile.Lines]:
    """The spec of a YAML text with the lines of its values. Raises SpecError with every fault."""
    return yamlfile.read(source, OverviewSpec, file=file)
