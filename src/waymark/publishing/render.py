"""A release -> one document: headings, words, numbers, tables, figures. Every format reads this.

Pure. It sees protected tables alone; a number in a sentence is a cell of one, and opens like it.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from waymark.core.errors import RuleError
from waymark.core.tables import Figure
from waymark.overview.disclosure import ProtectedTable
from waymark.overview.release import Release
from waymark.publishing.method import definitions, limits, method

CELL = re.compile(r"\{(T\d+)/([^/{}]+)/([^/{}]+)\}")


@dataclass(frozen=True, slots=True)
class Heading:
    """level 2 for sections, 3 for parts of them (1 is the title). anchor: its id in the page."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a sentence: the cell of a table, as printed there. opens: it has evidence."""

    table: str
    row: str
    column: str
    shown: str
    opens: bool


Words = tuple[str | Number, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    words: Words


@dataclass(frozen=True, slots=True)
class Points:
    """A list of sentences."""

    points: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values, as of the edition."""

    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """What was counted under a name. include, exclude: notes of the framework."""

    name: str
    id: str
    text: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definitions:
    definitions: tuple[Definition, ...]


@dataclass(frozen=True, slots=True)
class TableNode:
    """name: as printed before the title, "Table 3"."""

    name: str
    protected: ProtectedTable


@dataclass(frozen=True, slots=True)
class FigureNode:
    """name: as printed before the title, "Figure 3". table: the name of the table it draws."""

    name: str
    figure: Figure
    table: str


@dataclass(frozen=True, slots=True)
class Contents:
    """The tables and the figures, each as name, title and anchor."""

    tables: tuple[tuple[str, str, str], ...]
    figures: tuple[tuple[str, str, str], ...]


Node = Heading | Paragraph | Points | Facts | Definitions | TableNode | FigureNode | Contents


@dataclass(frozen=True, slots=True)
class Edition:
    """Which edition, given out when. number None: not published, a draft."""

    number: int | None
    on: datetime

    @property
    def said(self) -> str:
        day = spoken(self.on.date())
        if self.number is None:
            return f"Draft, not published. Figures as frozen on {day}."
        return f"Edition {self.number}, published on {day}"


@dataclass(frozen=True, slots=True)
class Document:
    """A whole publication. dated: of the edition, the same in every rendering of it."""

    title: str
    subtitle: str
    scope: str
    edition: str
    dated: datetime
    nodes: tuple[Node, ...]


def spoken(day: date) -> str:
    """A date as people write it: 24 January 2013."""
    return f"{day.day} {day:%B %Y}"


def document(release: Release, edition: Edition) -> Document:
    """The document of a release. Raises RuleError where a text names a cell that is not there."""
    spec = release.spec
    nodes: list[Node] = []
    if spec.points:
        nodes.append(Heading(2, "Main points", "main-points"))
        nodes.append(Points(tuple(words(point, release) for point in spec.points)))
    nodes.append(Heading(2, "About this overview", "about"))
    nodes += [Paragraph(words(text, release)) for text in spec.about]
    nodes.append(_contents(release))
    nodes += _results(release)
    nodes.append(Heading(2, "How this overview was made", "method"))
    nodes += [Paragraph(words(text, release)) for text in method(release)]
    nodes.append(Heading(2, "What these figures cannot tell", "limits"))
    nodes.append(Points(tuple((text,) for text in limits())))
    nodes.append(Heading(2, "What was counted", "definitions"))
    nodes += _definitions(release)
    nodes.append(Heading(2, "Where these figures come from", "provenance"))
    nodes.append(_provenance(release, edition))
    return Document(
        title=spec.title,
        subtitle=spec.subtitle,
        scope=f"{spec.place}, {spec.period}",
        edition=edition.said,
        dated=edition.on,
        nodes=tuple(nodes),
    )


def name_of(part: str) -> str:
    """The id of a table or figure as printed: T3 -> "Table 3", F5 -> "Figure 5".

    Numbers are the ids', so they stay the same from edition to edition, also where one is left out.
    """
    return f"{'Table' if part.startswith('T') else 'Figure'} {part[1:]}"


def words(text: str, release: Release) -> Words:
    """A text with its named cells put in. Raises RuleError that says which one is not there."""
    made: list[str | Number] = []
    at = 0
    for found in CELL.finditer(text):
        made.append(text[at : found.start()])
        made.append(_number(found[1], found[2], found[3], release))
        at = found.end()
    return tuple(part for part in (*made, text[at:]) if part != "")


def _number(table: str, row: str, column: str, release: Release) -> Number:
    try:
        cell = release.table(table).table.cell(row, column)
    except KeyError as error:
        raise RuleError(f"the overview names {{{table}/{row}/{column}}}: no such cell") from error
    return Number(table, row, column, cell.shown, opens=bool(cell.records) and not cell.mark)


def _contents(release: Release) -> Contents:
    return Contents(
        tables=tuple((name_of(one.id), one.title, one.id) for one in release.spec.tables),
        figures=tuple((name_of(one.id), one.title, one.id) for one in release.spec.figures),
    )


def _results(release: Release) -> list[Node]:
    """A heading of its own for each table: the figures drawn of it, then the table."""
    nodes: list[Node] = [Heading(2, "Results", "results")]
    for spec, protected in zip(release.spec.tables, release.tables, strict=True):
        nodes.append(Heading(3, spec.title, f"about-{spec.id}"))
        if spec.intro:
            nodes.append(Paragraph(words(spec.intro, release)))
        nodes += [
            FigureNode(name_of(figure.id), figure, name_of(spec.id))
            for figure in release.figures_of(spec.id)
        ]
        nodes.append(TableNode(name_of(spec.id), protected))
    return nodes


def _definitions(release: Release) -> list[Node]:
    lead = (
        f"These are the words of the framework {release.spec.framework},"
        f" {release.framework.title}, by which the reports were read."
    )
    return [
        Paragraph((lead,)),
        Definitions(
            tuple(
                Definition(one.name, one.id, one.definition, one.include, one.exclude)
                for one in definitions(release)
            )
        ),
    ]


def _provenance(release: Release, edition: Edition) -> Facts:
    spec, source = release.spec, release.provenance
    decision = spec.disclosure
    return Facts(
        (
            ("Edition", edition.said),
            ("Overview", spec.overview),
            ("Framework", f"{spec.framework} (SHA-256 {source.framework_sha256})"),
            ("Frozen rows", f"Snapshot {source.snapshot}, {spoken(source.taken_at.date())}"),
            ("SHA-256 of the rows", source.sha256),
            ("Program", f"Waymark {source.code_version}"),
            ("Disclosure profile", release.profile),
            (
                "Decided by",
                f"{decision.controller}, {spoken(decision.decided)}. {decision.reason}",
            ),
        )
    )
