"""Read the demo's content for services: its models, what its cites name, and its numbers."""

import re
from collections import Counter
from datetime import date
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tests.demo.files import DEMO, coding_files, report_heads
from waymark.core import yaml_file
from waymark.demo.sources import read_progress, read_source
from waymark.frameworks.schema import read_framework
from waymark.frameworks.services import builtin_frameworks
from waymark.library.catalogue.content_notes import ContentNote

SERVICES = DEMO / "services"


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Figure(Record):
    value: int
    table: str
    row: str
    column: str


class Statement(Record):
    text: str
    cites: tuple[str, ...] = ()
    own: bool = False
    figures: tuple[Figure, ...] = ()

    @model_validator(mode="after")
    def _cited_or_own(self):
        if bool(self.cites) == self.own:
            raise ValueError("a statement has cites, or is marked as own: one of the two")
        return self


Statements = Annotated[tuple[Statement, ...], Field(min_length=1)]
Questions = Annotated[tuple[str, ...], Field(min_length=3, max_length=3)]


class Part(Record):
    heading: str
    statements: Statements


Parts = Annotated[tuple[Part, ...], Field(min_length=1)]


class Selection(Record):
    subjects: tuple[str, ...]
    rule: str
    reviews: tuple[str, ...]


class Period(Record):
    first: int
    last: int


class Change(Record):
    on: date
    what: str


class Sections(Record):
    why_commissioned: Statements
    key_issues: Parts
    learning: Parts
    what_helped: Statements


class TeamUse(Record):
    team: str
    used_on: date
    change: str


class Briefing(Record):
    key: str
    title: str
    strapline: str
    audience: str
    reading_minutes: int
    content_notes: tuple[ContentNote, ...]
    selection: Selection
    period: Period
    reviews_read: int
    searched_on: date
    tables: tuple[str, ...]
    figures: tuple[str, ...]
    sections: Sections
    questions: Questions
    limits: Statements
    references: tuple[str, ...]
    seven_minutes: Annotated[tuple[Part, ...], Field(min_length=7, max_length=7)]
    used_by: tuple[TeamUse, ...]
    reviewers: Annotated[tuple[str, ...], Field(min_length=2, max_length=2)]
    changes: tuple[Change, ...]
    review_on: date

    @property
    def statements(self):
        sections = self.sections
        yield from sections.why_commissioned
        for part in (*sections.key_issues, *sections.learning):
            yield from part.statements
        yield from (*sections.what_helped, *self.limits)

    @property
    def short_statements(self):
        for part in self.seven_minutes:
            yield from part.statements

    @property
    def short_prose(self):
        headings = (part.heading for part in self.seven_minutes)
        yield from (*headings, *self.questions)
        yield from (statement.text for statement in self.short_statements)

    @property
    def prose(self):
        sections = self.sections
        headings = [part.heading for part in (*sections.key_issues, *sections.learning)]
        yield from (self.title, self.strapline, self.selection.rule, *headings, *self.questions)
        yield from (statement.text for statement in self.statements)


class Briefings(Record):
    format: Literal["waymark-briefings 1"]
    briefings: tuple[Briefing, ...]


class Limits(Record):
    from_year: int
    nations: str
    languages: str


class Strategy(Record):
    places: tuple[str, ...]
    strings: tuple[str, ...]
    limits: Limits
    include: str
    exclude: str
    record_each_run: tuple[str, ...]
    records_in_report: int
    stop: str
    title: str
    parts: dict[str, str]
    combined: str
    summary: str
    results: dict[str, str]


class Refusal(Record):
    key: str
    asker: str
    question: str
    answer: Statements


class AnswerForEveryone(Record):
    question: str
    answer: Statements


class Enquiry(Refusal):
    content_notes: tuple[ContentNote, ...]
    subjects: tuple[str, ...]
    steps: Annotated[tuple[str, ...], Field(min_length=1)]
    strategy: Strategy | None = None
    for_everyone: AnswerForEveryone | None = None


class Enquiries(Record):
    format: Literal["waymark-enquiries 1"]
    enquiries: tuple[Enquiry, ...]
    refusals: tuple[Refusal, ...]

    @property
    def statements(self):
        public = [row.for_everyone for row in self.enquiries if row.for_everyone]
        for item in (*self.enquiries, *self.refusals, *public):
            yield from item.answer

    @property
    def prose(self):
        for enquiry in self.enquiries:
            yield from enquiry.steps
            if enquiry.strategy:
                yield from (enquiry.strategy.summary, *enquiry.strategy.results.values())
        yield from (statement.text for statement in self.statements)


def read(name, model):
    return yaml_file.read_yaml((SERVICES / name).read_text("utf-8"), model, file=name)[0]


# ---- what a cite names ----

NUMBERED = re.compile(r"((?:[A-F]|\d+\.)?\d+(?:\.\d+)*)\.? (?=\S)")
RECOMMENDATION = re.compile(
    r"(?:[\d.]+ )?(?:R|Rec\. |Recommendation )"
    r"(\d|one|two|three|four)(?: \([a-z ]+\))?[:.]? (?=[A-Z])"
)
ORDER = ("one", "two", "three", "four")


def paragraphs(review):
    """Label -> text of the numbered paragraphs of a report, and of its recommendations as "R1".

    A list and an unnumbered paragraph belong to the numbered one before them, up to a heading.
    """
    texts, label = {}, None
    for block in read_source(DEMO / "reports" / f"{review}.md").blocks:
        if block.kind == "heading":
            label = None
        elif match := RECOMMENDATION.match(block.text):
            label = None
            number = ORDER.index(match[1]) + 1 if match[1] in ORDER else int(match[1])
            texts[f"R{number}"] = block.text[match.end() :]
        elif block.kind == "paragraph" and (match := NUMBERED.match(block.text)):
            label = match[1]
            assert label not in texts, f"{review} has two paragraphs {label}"
            texts[label] = block.text[match.end() :]
        elif label:
            texts[label] += " " + block.text
    return texts


REPORTS = {head["review"]: paragraphs(head["review"]) for head in report_heads()}
RESOURCES = {
    record["key"]: record
    for record in yaml_file.load_yaml(
        (DEMO / "resources.yaml").read_text("utf-8"), file="resources.yaml"
    )[0]["resources"]
}
OVERVIEW = yaml_file.load_yaml((DEMO / "overview.yaml").read_text("utf-8"), file="overview.yaml")[0]
TABLES = {str(table["id"]) for table in OVERVIEW["tables"]}
FIGURES = {str(figure["id"]) for figure in OVERVIEW["figures"]}


def cited_text(cite):
    """Text that a cite names, None if it names nothing."""
    place, _, label = cite.partition(" ")
    if place == "library":
        return str(RESOURCES[label]) if label in RESOURCES else None
    if place == "table":
        return "" if label in TABLES | {"progress"} else None
    return REPORTS.get(place, {}).get(label)


def cited_reviews(statements):
    return {cite[:3] for s in statements for cite in s.cites if re.match(r"R\d\d ", cite)}


# ---- numbers ----

UNITS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
CARDINALS = {word: number for number, word in enumerate(UNITS)}
CARDINALS |= {word: 10 * number for number, word in enumerate(TENS, start=2)}
CARDINALS |= {"twice": 2, "hundred": 100, "dozen": 12}
NUMBER = re.compile(
    rf"\b(?:(?:{'|'.join(TENS)})-(?:{'|'.join(UNITS[1:10])})|{'|'.join(CARDINALS)}|\d+)\b", re.I
)


def numbers(text):
    """Numbers of a text, in words or digits. "One" is left out: it is more often a pronoun."""
    values = []
    for match in NUMBER.finditer(text):
        word = match[0].lower()
        value = int(word) if word.isdigit() else sum(CARDINALS[part] for part in word.split("-"))
        if word != "one":
            values.append(value)
    return values


def counted():
    """(table, row, column) -> number, counted from the files of the codings and of progress."""
    counts = Counter({("T1", "coded", "n"): len(coding_files())})
    for files in coding_files().values():
        for judgement in files[0]["judgements"]:
            counts.update(cells_of(judgement["variable"], judgement.get("value")))
        for recommendation in files[0]["recommendations"]:
            counts.update([("T12", "all", "n"), ("T12", recommendation["category"], "n")])
    training = asked_for_training()
    for entry in read_progress(DEMO).progress:
        if f"{entry.review} R{entry.number}" in training:
            impacts = (entry.impact, f"{entry.impact} and {entry.status}")
            counts["T13", "training", entry.status] += 1
            counts.update(("progress", "training", impact) for impact in impacts)
    return counts


@cache
def framework_file():
    """The framework of the overview, as published."""
    name, version = OVERVIEW["framework"].split()
    file = next(path for path in builtin_frameworks() if path.stem == f"{name}-{version}")
    return read_framework(file.read_text("utf-8"), file=file.name)


def cells_of(variable, value):
    """Cells of the overview's tables in which a judgement counts, of those that are quoted."""
    if variable == "trigger_class":
        groups = framework_file().variable("nature").derived.groups
        return [("T3", next(name for name, some in groups.items() if value in some), "n")]
    if variable == "register_status":
        return [("T6", value, "n"), ("T6", "all", "n")]
    if variable.startswith("ag.") and value == "in_contact":
        return [("T7", variable.removeprefix("ag."), "n")]
    return []


def asked_for_training():
    """Recommendations whose category is training, as they are cited: "R01 R3"."""
    return {
        f"{review} R{recommendation['number']}"
        for review, files in coding_files().items()
        for recommendation in files[0]["recommendations"]
        if recommendation["category"] == "training"
    }
