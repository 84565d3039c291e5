"""Content of the chapters of a report, generated and written, before marks become words. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from waymark.core.errors import FileFault
from waymark.core.tables import ProtectedTable, Row
from waymark.overview.releases.release import Release
from waymark.overview.spec.schema import AnyTable, CrosstabTable, FlowTable, ThemesTable
from waymark.publishing.document.chapter_tables import RESULTS, TABLES, Place, tables_by_part
from waymark.publishing.document.citations import (
    CitedRecord,
    ReportContent,
    passage_keys,
    record_keys,
)
from waymark.publishing.document.claims.check import has_checks, review_sentences
from waymark.publishing.document.markdown import PART, SECTION, Block, read_text
from waymark.publishing.document.method_text import (
    limits_of_overview,
    method_paragraphs,
    selection_paragraphs,
)
from waymark.publishing.document.nodes import (
    CaseTable,
    DefinitionList,
    EditionInfo,
    FactList,
    HeadingNode,
    Inline,
    InlineNumber,
    Node,
    NoteList,
    ParagraphNode,
    PointList,
    SourceList,
    WebLink,
    Words,
)
from waymark.publishing.document.predictive_value import panel_nodes
from waymark.publishing.document.render import (
    definition_of_spec,
    filled_words,
    framework_paragraph,
    provenance_facts,
    table_nodes,
)
from waymark.publishing.document.report_plan import PlanChapter, ReportPlan, read_plan, slot_of
from waymark.publishing.document.suggestion_text import suggestion_nodes


@dataclass(frozen=True, slots=True)
class WrittenBlock:
    """Block of a text that an editor wrote."""

    slot: str
    block: Block


Piece = Node | WrittenBlock


@dataclass(frozen=True, slots=True)
class ChapterPieces:
    """A chapter: how it is numbered, and its pieces, of which the first is its heading."""

    numbered: Literal["count", "letter", "none"]
    pieces: tuple[Piece, ...]


def themes_of(release: Release) -> tuple[str, ...]:
    """Ids of the codes that are themes for learning, in the framework's order."""
    return tuple(code.id for code in release.framework.codes if code.theme is not None)


def plan_for(release: Release, report: ReportContent) -> ReportPlan:
    """Plan of a report, checked against the tables of its overview. Raises SpecError."""
    return read_plan(report.plan, tables=tuple(table.id for table in release.spec.tables))


def source_anchor(key: str) -> str:
    """The id of a publication in the references."""
    return f"source--{key}"


def gather_chapters(
    release: Release, report: ReportContent, edition: EditionInfo
) -> tuple[list[ChapterPieces], list[tuple[str, FileFault]]]:
    """Return the chapters with their pieces, and the faults of all texts.

    A chapter without content is left out. Tables that no chapter takes are in a last one, before
    the appendices.
    """
    plan = plan_for(release, report)
    gathering = _ChapterGatherer(release, report, edition)
    tables, left = tables_by_part(plan, release.spec.tables)
    filled = [
        ChapterPieces(chapter.number, (HeadingNode(2, chapter.title, chapter.id), *pieces))
        for chapter in plan.chapters
        if (pieces := list(gathering.chapter(chapter, tables)))
    ]
    rest = [piece for spec in left for piece in gathering.table(spec)]
    if rest:
        # After the last numbered chapter: appendices and references stay at the end.
        counted = [at for at, entry in enumerate(filled, start=1) if entry.numbered == "count"]
        last = ChapterPieces("count", (HeadingNode(2, RESULTS, "results"), *rest))
        filled.insert(counted[-1] if counted else 0, last)
    return filled, gathering.faults


@dataclass(slots=True)
class _ChapterGatherer:
    release: Release
    report: ReportContent
    edition: EditionInfo
    faults: list[tuple[str, FileFault]] = field(default_factory=list)

    def chapter(
        self, chapter: PlanChapter, tables: Mapping[Place, list[AnyTable]]
    ) -> Iterator[Piece]:
        """Pieces of a chapter under its heading."""
        for part in chapter.parts:
            if part.startswith("text"):
                yield from self._text(slot_of(chapter.id, part.removeprefix("text").strip()))
            elif part.startswith(TABLES):
                for spec in tables[chapter.id, part]:
                    yield from self.table(spec)
            else:
                yield from self._made(chapter, part)

    def table(self, spec: AnyTable) -> list[Node]:
        """The section of a table."""
        return table_nodes(spec, self.release.table(spec.id), self.release)

    def _text(self, slot: str, level: int = SECTION) -> Iterator[WrittenBlock]:
        read = read_text(self.report.texts.get(slot, ""), level=level)
        self.faults += [(slot, fault) for fault in read.faults]
        return (WrittenBlock(slot, block) for block in read.blocks)

    def _made(self, chapter: PlanChapter, part: str) -> Iterator[Piece]:
        """Pieces of a part that the program generates."""
        makers: dict[str, Callable[[PlanChapter], Iterable[Piece]]] = {
            "points": self._points,
            "about": self._about,
            "method": self._method,
            "limits": self._limits,
            "selection": self._selection,
            "cases": lambda _: case_nodes(self.release),
            "themes": self._themes,
            "framework": self._framework,
            "references": self._references,
            "provenance": self._provenance,
        }
        yield from makers[part](chapter)

    def _points(self, chapter: PlanChapter) -> Iterator[Piece]:
        if self.release.spec.points:
            yield HeadingNode(3, "Main points", f"{chapter.id}--main-points")
            yield PointList(
                tuple(filled_words(point, self.release) for point in self.release.spec.points)
            )

    def _about(self, chapter: PlanChapter) -> Iterator[Piece]:
        yield from (
            ParagraphNode(filled_words(text, self.release)) for text in self.release.spec.about
        )

    def _method(self, chapter: PlanChapter) -> Iterator[Piece]:
        yield HeadingNode(3, "What was done", f"{chapter.id}--method")
        yield from (
            ParagraphNode(filled_words(text, self.release))
            for text in method_paragraphs(self.release)
        )
        yield from suggestion_nodes(self.release)

    def _limits(self, chapter: PlanChapter) -> Iterator[Piece]:
        yield HeadingNode(3, "What these figures cannot tell", f"{chapter.id}--limits")
        yield PointList(tuple((text,) for text in limits_of_overview(self.release.spec)))
        yield from panel_nodes(self.release)

    def _selection(self, chapter: PlanChapter) -> Iterator[Piece]:
        yield from (
            ParagraphNode(filled_words(text, self.release))
            for text in selection_paragraphs(self.release)
        )
        flow = next(
            (table for table in self.release.spec.tables if isinstance(table, FlowTable)), None
        )
        if flow is not None:
            coded = self.release.table(flow.id).table.cell("coded", "n")
            if coded.records:
                yield FactList((("Read and coded", ", ".join(coded.records)),))

    def _themes(self, chapter: PlanChapter) -> Iterator[Piece]:
        for name in themes_of(self.release):
            code = self.release.framework.code(name)
            yield HeadingNode(3, code.name, f"{chapter.id}--{name}")
            counted = _review_count_words(name, self.release)
            marked = _marked_words(name, self.release)
            yield ParagraphNode((code.definition, *counted, *marked))
            yield from self._text(slot_of(chapter.id, name), PART)

    def _framework(self, chapter: PlanChapter) -> Iterator[Piece]:
        framework = self.release.framework
        yield framework_paragraph(self.release)
        if framework.variables:
            yield HeadingNode(3, "Facts about reviews and children", f"{chapter.id}--variables")
            yield DefinitionList(tuple(definition_of_spec(entry) for entry in framework.variables))
        for section in framework.sections:
            codes = [entry for entry in framework.codes if entry.section == section.id]
            if codes:
                yield HeadingNode(3, section.name, f"{chapter.id}--section-{section.id}")
                yield DefinitionList(tuple(definition_of_spec(entry) for entry in codes))

    def _references(self, chapter: PlanChapter) -> Iterator[Piece]:
        texts = self.report.texts.values()
        if any(key in self.report.passages for key in passage_keys(texts)):
            yield HeadingNode(3, "Passages of reports", f"{chapter.id}--passages")
            yield NoteList(())
        if any(key in self.report.records for key in record_keys(texts)):
            yield HeadingNode(3, "Publications", f"{chapter.id}--publications")
            yield SourceList(())

    def _provenance(self, chapter: PlanChapter) -> Iterator[Piece]:
        yield provenance_facts(self.release, self.edition)
        # Editions from before sentences were checked have no such marks, and stay as they were.
        if not has_checks(self.report):
            return
        figures = [
            (f"{figure.chapter}, “{figure.text}”: {figure.reason}.",)
            for figure in review_sentences(self.release, self.report).typed
            if figure.listed
        ]
        if figures:
            yield HeadingNode(3, TYPED, f"{chapter.id}--typed")
            yield ParagraphNode((TYPED_LEAD,))
            yield PointList(tuple(figures))


TYPED = "Figures typed by hand"
TYPED_LEAD = (
    "No table of this report has these figures. Editors typed them in the texts, for the reasons"
    " given here."
)


def _review_count_words(theme: str, release: Release) -> Words:
    """Sentence on the number of reviews with a theme, if a table of the overview counts it."""
    for spec in release.spec.tables:
        if isinstance(spec, ThemesTable) and spec.columns is None and spec.qualified is None:
            number = _theme_number(spec, theme, release)
            if number is not None:
                base = release.table(spec.id).table.cell(theme, "n").base
                return " It was found in ", number, f" of {base} reviews."
    return ()


def _marked_words(theme: str, release: Release) -> Words:
    """Sentence on the reviews with a passage on the theme that coders marked, as a strength."""
    for spec in release.spec.tables:
        if isinstance(spec, ThemesTable) and spec.qualified is not None:
            number = _theme_number(spec, theme, release)
            if number is not None:
                marks = " or ".join(spec.qualified.values).replace("_", " ")
                return f" Reviews with a passage on it that was marked as {marks}: ", number, "."
    return ()


def _theme_number(spec: ThemesTable, theme: str, release: Release) -> InlineNumber | None:
    """The number of reviews with a theme, with its link; None if the table does not count it."""
    try:
        cell = release.table(spec.id).table.cell(theme, "n")
    except KeyError:
        return None
    return InlineNumber(spec.id, theme, "n", cell.shown, opens=bool(cell.records))


# ---- the reviews side by side ----

UNDECIDED_CASES = (
    "Single reviews are not shown side by side, because nobody has decided that this overview may"
    " be published with all its numbers."
)


def case_nodes(release: Release) -> Iterator[Piece]:
    """Table of the reviews side by side; only under the profile open, if somebody decided on it.

    It is made from the cells that link to their reviews. Under any other profile cells about people
    link to nothing, so a sentence replaces the table. Rows of single reviews can identify a family,
    so a profile that is only proposed, or is not the one decided on, is not enough.
    """
    decision = release.spec.disclosure
    if release.profile == "open" and (decision.proposed or decision.profile != "open"):
        yield ParagraphNode((UNDECIDED_CASES,))
        return
    if release.profile != "open":
        message = (
            f"Under the disclosure profile {release.profile} no single case is described here: the"
            " tables show children, families and services together."
        )
        yield ParagraphNode((message,))
        return
    columns = [
        (title, labels)
        for spec in release.spec.tables
        if isinstance(spec, CrosstabTable)
        for title, labels in _block_labels(spec, release.table(spec.id))
    ]
    reviews = sorted({review for _, labels in columns for review in labels})
    if not reviews:
        return
    title = "The reviews side by side"
    head = ("Review", *(title for title, _ in columns))
    rows = tuple((review, *(labels.get(review, "") for _, labels in columns)) for review in reviews)
    yield CaseTable(title, head, rows)


def _block_labels(
    spec: CrosstabTable, protected: ProtectedTable
) -> Iterator[tuple[str, dict[str, str]]]:
    """Title of each block that counts reviews, with the row label of each review."""
    several = len(spec.blocks) > 1
    for block in spec.blocks:
        # How long a review took is no fact about the children in it.
        if block.unit != "review" or block.rows.counts_months:
            continue
        rows = [
            row
            for row in protected.table.rows
            if row.role in {"part", "unknown"}
            # A table of several blocks prefixes the ids of rows with that of the block.
            and (not several or row.id.startswith(f"{block.id}."))
        ]
        yield block.title, {review: row.label for row in rows for review in _row_reviews(row)}


def _row_reviews(row: Row) -> set[str]:
    """References of the reviews that a row counts; children have a slash in theirs."""
    return {record for cell in row.cells for record in cell.records if "/" not in record}


# ---- references ----


def full_reference(record: CitedRecord) -> Words:
    """Reference to a publication, in full."""
    who = "; ".join(record.authors)
    year = f" ({record.year or 'no date'})"
    inlines: list[Inline] = [f"{who}{year}. "] if who else []
    inlines.append(WebLink(record.title, record.url) if record.url else record.title)
    inlines += [] if who else [year]
    inlines += [f". {record.source}"] if record.source else []
    if record.publisher and record.publisher != who:
        inlines.append(f". {record.publisher}")
    return (*(part for part in inlines if part), ".")
