"""The specification of an overview, as YAML: reviews, tables, figures and the disclosure decision.

Every table is one of a few general kinds; what it counts is data, never code of its own.
"""

import datetime
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, model_validator

from waymark.core import yaml_file
from waymark.frameworks.families import with_descendants
from waymark.frameworks.schema import CodeSpec, FrameworkFile
from waymark.frameworks.variables import FrameworkPart, Id, Text, Words
from waymark.overview.spec.named_cells import AtMost, PredictiveValue, TableId
from waymark.overview.spec.population import PopulationRates
from waymark.overview.spec.selection import (
    DisclosureDecision,
    Slug,
    SpecSelection,
    matching_pattern,
)

FigureId = Annotated[str, matching_pattern(r"F\d{1,3}", "F and a number, as F3")]
FrameworkName = Annotated[
    str,
    matching_pattern(
        r"[a-z][a-z0-9-]{1,59} \d+\.\d+\.\d+", "a name and a version, as cr-core 1.0.0"
    ),
]
Period = Annotated[
    Words, BeforeValidator(lambda value: str(value) if type(value) is int else value)
]
"""A single year is a number in YAML."""
Unit = Literal["review", "child", "recommendation"]
PLURAL = {"review": "reviews", "child": "children", "recommendation": "recommendations"}


class ValueGroup(FrameworkPart):
    """A named set of a variable's values. deaths: those that count as a death; rest: all others.

    A value for unknown is never part of rest: it keeps a row or column of its own.
    """

    id: Id
    label: Words
    values: tuple[Id, ...] = ()
    deaths: bool = False
    rest: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> "ValueGroup":
        if [bool(self.values), self.deaths, self.rest].count(True) != 1:
            raise ValueError("give exactly one of values, deaths and rest")
        return self


class Band(FrameworkPart):
    """Whole numbers from start to end, both included; without end, start and above."""

    id: Id
    label: Words
    start: Annotated[int, Field(alias="from", ge=0)]
    end: Annotated[int | None, Field(alias="to", ge=0)] = None

    def contains(self, number: int) -> bool:
        """True if the number is in the band."""
        return self.start <= number and (self.end is None or number <= self.end)


Count = Literal["children", "months_to_report", "months_to_publication"]


class Dimension(FrameworkPart):
    """The rows or columns of a block: by a variable, a theme, or a number that each review has.

    groups: values of the variable combined; bands: of ages (in months) or of counts; subtotals:
    rows after the last of their parts. shown_by: for counts of children, the variable of a child
    whose quotes are evidence that the child is in the report. process: a fact about the process of
    review, not about a family: totals by it alone are shown however small. code: reviews in which
    a code, or a part of it, is found, and those in which it is not. theme: by the theme of a theme
    study, which fitted_spec() puts in its place.
    """

    variable: Id | None = None
    count: Count | None = None
    shown_by: Id | None = None
    code: Id | None = None
    theme: bool = False
    process: bool = False
    groups: tuple[ValueGroup, ...] = ()
    bands: tuple[Band, ...] = ()
    subtotals: tuple[ValueGroup, ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> "Dimension":
        ways = (self.variable, self.count, self.code, self.theme or None)
        if sum(way is not None for way in ways) != 1:
            raise ValueError("give exactly one of variable, count, code and theme")
        if self.groups and self.subtotals:
            raise ValueError("give either groups or subtotals")
        if (self.code or self.theme) and (self.groups or self.bands or self.subtotals):
            raise ValueError("a theme is found or not: remove groups, bands and subtotals")
        return self

    @property
    def about_process(self) -> bool:
        """True for facts about the process of review: its totals are shown however small."""
        return self.process or self.counts_months or self.code is not None

    @property
    def counts_months(self) -> bool:
        """True for months, which are about the process of review alone."""
        return self.count is not None and self.count != "children"


class WhereCondition(FrameworkPart):
    """A condition: the records whose variable has one of these values."""

    variable: Id
    values: Annotated[tuple[Id, ...], Field(min_length=1)]


class Recode(FrameworkPart):
    """A coarser version of a block, for profiles under which the finer one would lose too much.

    label: for the note, as "ages in four bands". rows, columns: instead of the block's own.
    totals: the crossing is not shown, only the totals of rows and of columns.
    """

    label: Words
    rows: Dimension | None = None
    columns: Dimension | None = None
    totals: bool = False

    @model_validator(mode="after")
    def _coarser(self) -> "Recode":
        if not (self.rows or self.columns or self.totals):
            raise ValueError("give rows, columns or totals")
        return self


class CrosstabBlock(FrameworkPart):
    """Records of one unit, counted by rows, and by columns if it has any.

    Recommendations are counted by recommendation.category, .audience, .smart (a recommendation can
    meet several criteria), .status, .status_and_evidence (complete divided by its impact) and
    .impact. each: how many records there are for each review, as a row of its own.
    recodes: coarser versions, in the order in which they are tried.
    base: a description of the records, as "children who were a subject of a review".
    percent: of all records of the block. median, least, most: of the counts, as rows of their own.
    optional: left out, with a note, if the framework has not got its variables.
    layers: the rows and columns once more for each value of a third fact, each with its own base:
    a three-way table. fitted_spec() puts a block for each in its place.
    """

    id: Id
    title: Words
    unit: Unit
    base: Words
    where: WhereCondition | None = None
    rows: Dimension
    columns: Dimension | None = None
    layers: Dimension | None = None
    percent: bool = False
    median: Words | None = None
    least: Words | None = None
    most: Words | None = None
    optional: bool = False
    each: Words | None = None
    all_label: Words
    recodes: tuple[Recode, ...] = ()


class CodeChoice(FrameworkPart):
    """A choice of codes: the themes for learning, those of a section, or those listed.

    family: a code with all codes below it, as far as the framework divides it.
    """

    themes: bool = False
    section: Id | None = None
    family: Id | None = None
    codes: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> "CodeChoice":
        chosen = [self.themes, bool(self.section), bool(self.family), bool(self.codes)]
        if chosen.count(True) != 1:
            raise ValueError("give exactly one of themes, section, family and codes")
        return self


class QualifierChoice(FrameworkPart):
    """Values of a qualifier, as valence: strength, that passages must have to be counted."""

    name: Id
    values: Annotated[tuple[Id, ...], Field(min_length=1)]

    @property
    def pairs(self) -> frozenset[str]:
        """The values with the name of the qualifier, as the frozen rows have them."""
        return frozenset(f"{self.name}={value}" for value in self.values)


def chosen_codes(framework: FrameworkFile, choice: CodeChoice) -> list[CodeSpec]:
    """The codes chosen, in the framework's order."""
    if choice.themes:
        return [code for code in framework.codes if code.theme is not None]
    if choice.section:
        return [code for code in framework.codes if code.section == choice.section]
    if choice.family:
        family = with_descendants(framework, choice.family)
        return [code for code in framework.codes if code.id in family]
    return [code for code in framework.codes if code.id in choice.codes]


class FactorSet(FrameworkPart):
    """A named set of factors; it is recorded if any of them is present or suspected."""

    label: Words
    any_of: Annotated[tuple[Id, ...], Field(min_length=1)]


class _SpecTable(FrameworkPart):
    """where: only these reviews are counted; a crosstab has it in each block instead."""

    id: TableId
    title: Words
    intro: str = ""
    notes: tuple[Text, ...] = ()
    where: WhereCondition | None = None


class _AboutPeople(_SpecTable):
    """process: the table is about the process of review, so nothing in it is withheld."""

    process: bool = False


class FlowTable(_SpecTable):
    """Flow of reviews into the analysis: identified, obtained, excluded, coded, coded twice."""

    kind: Literal["flow"]


Order = Literal["framework", "count"]


class CrosstabTable(_AboutPeople):
    """Records by one or two variables, in one block or several. all_first: the total column.

    order: of the rows of each block; count puts the largest first, unknown values stay last. rates:
    beside the counts, on a population.
    """

    kind: Literal["crosstab"]
    blocks: Annotated[tuple[CrosstabBlock, ...], Field(min_length=1)]
    all_first: bool = False
    order: Order = "framework"
    rates: PopulationRates | None = None


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
    """Factors of a group in their five states.

    columns: reviews that record each factor, by another fact instead, each column with its base.
    coarser: columns for profiles under which these would lose too much; only a study has them, in
    place of its theme.
    """

    kind: Literal["states"]
    group: Id
    order: Order = "framework"
    show: tuple[Measure, ...] = ("recorded", "percent", "lower", "upper", "not_mentioned")
    columns: Dimension | None = None
    coarser: Dimension | None = None


class ContactsTable(_AboutPeople):
    """Services of a group by whether they were in contact.

    columns, coarser: as in a table of factors.
    """

    kind: Literal["contacts"]
    group: Id
    order: Order = "framework"
    columns: Dimension | None = None
    coarser: Dimension | None = None


SilenceMeasure = Literal["stated", "stated_absent", "unclear", "not_mentioned", "not_judged"]
SILENCE_MEASURES: tuple[SilenceMeasure, ...] = get_args(SilenceMeasure)


class SilenceTable(_AboutPeople):
    """Variables by what reports say of them: stated, stated absent, unclear, not mentioned.

    group: only the variables of a group; by default all whose silence can be counted. leave_out:
    groups without which they are counted, as details that are asked only where another answer is
    given. by: for each variable a row for each period, kind of report or other fact about the
    process of review.
    """

    kind: Literal["silence"]
    group: Id | None = None
    leave_out: tuple[Id, ...] = ()
    by: Dimension | None = None
    show: tuple[SilenceMeasure, ...] = SILENCE_MEASURES


class CooccurrenceTable(_AboutPeople):
    """In how many reviews none, one, two ... of the named sets of factors are recorded."""

    kind: Literal["cooccurrence"]
    of: Annotated[tuple[FactorSet, ...], Field(min_length=2, max_length=9)]


class ThemesTable(_SpecTable):
    """Codes by the number of reviews that have them, with the number of passages.

    columns: reviews by a variable instead, each column with its own base. order: listed keeps the
    order of the codes in the specification. qualified: only passages that a coder so marked.
    """

    kind: Literal["themes"]
    of: CodeChoice
    qualified: QualifierChoice | None = None
    order: Order | Literal["listed"] = "count"
    columns: Dimension | None = None


class AgreementTable(_SpecTable):
    """Agreement of two coders, who worked independently, on the codes of a review."""

    kind: Literal["agreement"]
    of: CodeChoice


AnyTable = Annotated[
    FlowTable
    | CrosstabTable
    | StatesTable
    | ContactsTable
    | SilenceTable
    | CooccurrenceTable
    | ThemesTable
    | AgreementTable,
    Field(discriminator="kind"),
]


class FigureSpec(FrameworkPart):
    """A drawing of one table. column: the one to draw (bounds need no name).

    parts: the columns of stacked bars and shares, in order; if their crossing is not shown, column
    alone is drawn. block: the one to draw of a table of several.
    """

    id: FigureId
    kind: Literal["flow", "columns", "bars", "ranges", "dots", "stacked", "shares", "matrix"]
    table: TableId
    title: Words
    column: Id | None = None
    block: Id | None = None
    parts: tuple[Id, ...] = ()


OverviewKind = Literal["overview", "theme-study", "silence-report"]


class StudiedTheme(FrameworkPart):
    """The theme of a theme study: a code that is found in a review or not, or a factor."""

    code: Id | None = None
    factor: Id | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "StudiedTheme":
        if (self.code is None) == (self.factor is None):
            raise ValueError("give either code or factor")
        return self


class OverviewSpec(FrameworkPart):
    """A whole specification. place, period: printed in every title.

    kind: of the work: a theme study sets the reviews with its theme against the others, a silence
    report counts what reports do not say. theme: of a theme study.

    as_at: the day for which recommendations are overdue; by default the day of freezing.
    predictive_value: the worth of a factor as a prediction, which is next to nothing.
    no_machine: no program suggested any code, which the method then says; freezing is refused if
    one did.

    points, about and the intro of a table may name cells, as {T3/all/n}: the number is inserted
    from the protected table, and links to its evidence like the cell itself.
    """

    overview: Slug
    kind: OverviewKind = "overview"
    title: Words
    subtitle: Words
    theme: StudiedTheme | None = None
    framework: FrameworkName
    place: Words
    period: Period
    as_at: datetime.date | None = None
    no_machine: bool = False
    about: tuple[Text, ...] = ()
    points: tuple[Text, ...] = ()
    select: SpecSelection
    disclosure: DisclosureDecision
    logic: tuple[AtMost, ...] = ()
    tables: Annotated[tuple[AnyTable, ...], Field(min_length=1)]
    figures: tuple[FigureSpec, ...] = ()
    predictive_value: PredictiveValue | None = None

    @model_validator(mode="after")
    def _theme_of_a_study(self) -> "OverviewSpec":
        if (self.theme is None) == (self.kind == "theme-study"):
            raise ValueError("a theme study, and nothing else, has a theme: give kind and theme")
        return self

    @property
    def framework_name(self) -> str:
        return self.framework.split(" ")[0]

    @property
    def framework_version(self) -> str:
        return self.framework.split(" ")[1]


def read_overview(source: str, *, file: str) -> tuple[OverviewSpec, yaml_file.Lines]:
    """The specification of a YAML text, and the lines of its values.

    Raises SpecError with every fault.
    """
    return yaml_file.read_yaml(source, OverviewSpec, file=file)
