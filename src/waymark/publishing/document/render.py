"""Turn a release without chapters into a document: main points, results, method and provenance.

Pure. It reads only protected tables; a number in a sentence is a cell of one and links to the same
evidence. Editions published before reports had chapters are still rendered like this; a report with
chapters is put together by compose.py from the same parts.
"""

import re
from collections.abc import Iterable

from waymark.core.errors import RuleError
from waymark.core.tables import ProtectedTable
from waymark.core.uk_time import uk_date
from waymark.core.wording import date_in_words
from waymark.frameworks.schema import CodeSpec
from waymark.frameworks.variables import VariableSpec
from waymark.overview.releases.release import Release
from waymark.overview.spec.schema import AnyTable, FigureSpec
from waymark.overview.spec.selection import DisclosureDecision
from waymark.publishing.document.method_text import (
    counted_definitions,
    limits_of_overview,
    method_paragraphs,
)
from waymark.publishing.document.nodes import (
    ContentsLists,
    DefinitionList,
    EditionInfo,
    FactList,
    FigureNode,
    HeadingNode,
    Inline,
    InlineNumber,
    Node,
    ParagraphNode,
    PointList,
    ReportDocument,
    TableNode,
    TermDefinition,
    Words,
)
from waymark.publishing.document.predictive_value import panel_nodes
from waymark.publishing.document.suggestion_text import suggestion_nodes
from waymark.publishing.document.table_notes import NoteNumbers

CELL = re.compile(r"\{(T\d+)/([^/{}]+)/([^/{}]+)\}")


SILENT = re.compile(r"[ \t]*\{(?:check|exempt) [^{}\n]+\}")
"""Marks that link or exempt a word: claims.check reads them."""


def plain_document(release: Release, edition: EditionInfo) -> ReportDocument:
    """Document of a release. Raises RuleError for a text that names a missing cell."""
    spec = release.spec
    nodes: list[Node] = []
    if spec.points:
        nodes.append(HeadingNode(2, "Main points", "main-points"))
        nodes.append(PointList(tuple(filled_words(point, release) for point in spec.points)))
    nodes.append(HeadingNode(2, "About this overview", "about"))
    nodes += [ParagraphNode(filled_words(text, release)) for text in spec.about]
    nodes.append(contents_lists(release))
    nodes += NoteNumbers().number(_result_nodes(release))
    nodes.append(HeadingNode(2, "How this overview was made", "method"))
    nodes += [ParagraphNode(filled_words(text, release)) for text in method_paragraphs(release)]
    nodes += suggestion_nodes(release)
    nodes.append(HeadingNode(2, "What these figures cannot tell", "limits"))
    nodes.append(PointList(tuple((text,) for text in limits_of_overview(spec))))
    nodes += panel_nodes(release)
    nodes.append(HeadingNode(2, "What was counted", "definitions"))
    nodes += _definition_nodes(release)
    nodes.append(HeadingNode(2, "Where these figures come from", "provenance"))
    nodes.append(provenance_facts(release, edition))
    return ReportDocument(
        title=spec.title,
        subtitle=spec.subtitle,
        scope=f"{spec.place}, {spec.period}",
        edition=edition.statement,
        dated=edition.dated,
        nodes=tuple(nodes),
    )


def name_of(part: str) -> str:
    """Printed name of a table or figure: T3 -> "Table 3", F5 -> "Figure 5".

    The numbers come from the ids, so they stay the same in every edition, even if a table is left
    out.
    """
    return f"{'Table' if part.startswith('T') else 'Figure'} {part[1:]}"


def filled_words(text: str, release: Release) -> Words:
    """Text with the values of the cells it names, without marks that print nothing.

    Raises RuleError that names a missing cell.
    """
    text = SILENT.sub("", text)
    parts: list[Inline] = []
    at = 0
    # {T3/deaths/n}: table, row and column.
    for match in CELL.finditer(text):
        parts.append(text[at : match.start()])
        parts.append(_cell_number(match[1], match[2], match[3], release))
        at = match.end()
    return tuple(part for part in (*parts, text[at:]) if part != "")


def _cell_number(table: str, row: str, column: str, release: Release) -> InlineNumber:
    try:
        cell = release.table(table).table.cell(row, column)
    except KeyError as error:
        raise RuleError(
            f"the overview names {{{table}/{row}/{column}}}: there is no such cell"
        ) from error
    # A withheld cell has no records in a protected table; the mark is checked as well, to be sure.
    return InlineNumber(table, row, column, cell.shown, opens=bool(cell.records) and not cell.mark)


def contents_lists(release: Release) -> ContentsLists:
    """The lists of tables and figures by their numbers: table 2 before table 14."""

    def listed(parts: Iterable[AnyTable | FigureSpec]) -> tuple[tuple[str, str, str], ...]:
        ordered = sorted(parts, key=lambda part: int(part.id[1:]))
        return tuple((name_of(part.id), part.title, part.id) for part in ordered)

    return ContentsLists(listed(release.spec.tables), listed(release.spec.figures))


def _result_nodes(release: Release) -> list[Node]:
    """A section for each table: the figures drawn from it, then the table."""
    nodes: list[Node] = [HeadingNode(2, "Results", "results")]
    for spec, protected in zip(release.spec.tables, release.tables, strict=True):
        nodes += table_nodes(spec, protected, release)
    return nodes


def table_nodes(spec: AnyTable, protected: ProtectedTable, release: Release) -> list[Node]:
    """Section of a table: heading, introduction, the figures drawn from it, the table itself."""
    nodes: list[Node] = [HeadingNode(3, spec.title, f"about-{spec.id}")]
    if spec.intro:
        nodes.append(ParagraphNode(filled_words(spec.intro, release)))
    nodes += [
        FigureNode(name_of(figure.id), figure, name_of(spec.id))
        for figure in release.figures_of(spec.id)
    ]
    nodes.append(TableNode(name_of(spec.id), protected))
    return nodes


def _definition_nodes(release: Release) -> list[Node]:
    return [
        framework_paragraph(release),
        DefinitionList(tuple(definition_of_spec(entry) for entry in counted_definitions(release))),
    ]


def framework_paragraph(release: Release) -> ParagraphNode:
    """Sentence that introduces the definitions."""
    lead = (
        f"These are the definitions of the framework {release.spec.framework},"
        f" {release.framework.title}, with which the reports were read."
    )
    return ParagraphNode((lead,))


def definition_of_spec(entry: VariableSpec | CodeSpec) -> TermDefinition:
    """Definition of a variable or code."""
    return TermDefinition(entry.name, entry.id, entry.definition, entry.include, entry.exclude)


def provenance_facts(release: Release, edition: EditionInfo) -> FactList:
    """Source of the numbers: frozen rows, program, protection and signatures."""
    spec, source = release.spec, release.provenance
    decision, frozen = spec.disclosure, date_in_words(uk_date(source.taken_at))
    return FactList(
        (
            ("Edition", edition.statement),
            ("Overview", spec.overview),
            ("Framework", f"{spec.framework} (SHA-256 {source.framework_sha256})"),
            ("Frozen rows", f"Snapshot {source.snapshot}, {frozen}"),
            ("SHA-256 of the rows", source.sha256),
            ("Program", f"Waymark {source.code_version}"),
            ("Disclosure profile", release.profile),
            ("Decided by", _decision_text(decision, release.profile)),
            *_search_facts(release),
            *_signature_facts(edition),
        )
    )


def _decision_text(decision: DisclosureDecision, profile: str) -> str:
    if decision.proposed:
        return f"Nobody yet: the profile is only proposed. {decision.reason}"
    who = f"{decision.controller} ({decision.role})" if decision.role else decision.controller
    # Only in drafts and trials: an edition under another profile than the one decided on is
    # refused.
    if profile != decision.profile:
        day = date_in_words(decision.decided)
        return f"Nobody: {who} decided on the profile {decision.profile}, {day}"
    return f"{who}, {date_in_words(decision.decided)}. {decision.reason}"


def _search_facts(release: Release) -> list[tuple[str, str]]:
    """Search that selected the reviews, its meaning in words and the number it found."""
    answered = release.measured.answered
    if answered is None:
        return []
    number = f"{len(answered.references):,} when the rows were frozen"
    return [
        ("Query", answered.query),
        ("Its meaning", answered.explanation),
        ("Reviews found", number),
    ]


def _signature_facts(edition: EditionInfo) -> list[tuple[str, str]]:
    """Signatures and signed content; empty for editions from before signatures existed."""
    if not edition.content:
        return []
    who = "; ".join(
        f"{signature.name} ({signature.capacity}), {date_in_words(uk_date(signature.signed_at))}"
        for signature in edition.signatures
    )
    return [("Signed by", who or "Nobody yet"), ("SHA-256 of what is signed", edition.content)]
