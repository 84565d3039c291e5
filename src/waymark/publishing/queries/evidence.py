"""Evidence of the numbers of editions, and the places where editions use a passage."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from waymark.accounts.permissions import Actor, has_permission
from waymark.core.errors import NotFound
from waymark.documents.keys import SpanKey, parse_span_key
from waymark.overview.queries import evidence
from waymark.overview.tables.lineage import CellUse
from waymark.publishing.document.citations import passage_keys
from waymark.publishing.document.nodes import ChapterNodes, chapters_of
from waymark.publishing.document.report_plan import read_plan
from waymark.publishing.models import CountedCell, CountedPassage, Publication
from waymark.publishing.queries.editions import current_editions, document_of, report_of
from waymark.publishing.queries.ledger import entries_up_to


def cell_evidence(
    publication: Publication,
    table: str,
    row: str,
    column: str,
    *,
    person: Actor,
    now: datetime,
    part: slice = evidence.EVERY,
) -> evidence.CellEvidence:
    """Evidence of a number of an edition, limited to reports that the person may see.

    part: slice of its reviews, in their order. Raises NotFound, also for a withheld number.
    """
    return evidence.cell_evidence(
        publication.frozen,
        table,
        row,
        column,
        person=person,
        now=now,
        profile=publication.profile,
        earlier=entries_up_to(publication),
        part=part,
    )


@dataclass(frozen=True, slots=True)
class PassageUse:
    """A cell of an edition that counts a passage."""

    publication: Publication
    cell: CellUse


def uses_of(keys: Collection[str]) -> list[PassageUse]:
    """Cells of current editions that citation keys of a report are counted in.

    The caller checks that the passage is open to the person.
    """
    editions = current_editions()
    stored = _stored_uses([edition for edition in editions if edition.uses_stored], keys)
    return [
        PassageUse(edition, cell)
        for edition in editions
        for cell in (
            stored.get(edition.pk, ())
            if edition.uses_stored
            # Published by an earlier version, and no worker has started since.
            else evidence.uses_of(edition.frozen, keys, edition.profile, entries_up_to(edition))
        )
    ]


def _stored_uses(
    editions: Collection[Publication], keys: Collection[str]
) -> dict[int, tuple[CellUse, ...]]:
    """Cells that citation keys are counted in by edition, each once, in the order of the keys."""
    rows = CountedPassage.objects.filter(key__in=keys, publication__in=editions)
    numbers = {(row.publication_id, row.key): row.cells for row in rows}
    cells = CountedCell.objects.in_bulk({pk for cells in numbers.values() for pk in cells})
    return {
        edition.pk: tuple(
            dict.fromkeys(
                _use_of(cells[pk]) for key in keys for pk in numbers.get((edition.pk, key), ())
            )
        )
        for edition in editions
    }


def _use_of(cell: CountedCell) -> CellUse:
    return CellUse(
        cell.table,
        cell.title,
        cell.row,
        cell.row_label,
        cell.column,
        cell.column_label,
        cell.value_text,
    )


# ---- numbers that are not open to everybody ----

RESTRICTED = "see protected numbers"


@dataclass(frozen=True, slots=True)
class WithheldCell:
    """A cell that is withheld, rounded or not linked to its evidence, without its number.

    group: block of its row. printed: the text that everybody sees there.
    """

    row: str
    row_label: str
    group: str
    column: str
    column_label: str
    printed: str


def withheld_cells(publication: Publication, table: str, *, person: Actor) -> list[WithheldCell]:
    """Cells of a table that only some people may open, in the order of the table.

    Raises NotFound for everybody else, before anything is looked up, and if there are none.
    """
    if not has_permission(person, RESTRICTED):
        # NotFound and not NotPermitted: nobody else should learn that there is more to a number.
        raise NotFound(f"there is no page of what is withheld in {table}")
    covered = evidence.suppressed_table(
        publication.frozen, table, profile=publication.profile, earlier=entries_up_to(publication)
    )
    return [
        WithheldCell(
            cell.row.id,
            cell.row.label,
            cell.row.group,
            cell.column.id,
            cell.column.label,
            cell.printed,
        )
        for cell in covered.covered.values()
    ]


def withheld_cell(
    publication: Publication, table: str, row: str, column: str, *, person: Actor
) -> WithheldCell:
    """A withheld cell by its place. Raises NotFound as withheld_cells does."""
    for cell in withheld_cells(publication, table, person=person):
        if (cell.row, cell.column) == (row, column):
            return cell
    raise NotFound(f"there is nothing withheld in {table}, {row}, {column}")


def withheld_evidence(
    publication: Publication,
    table: str,
    row: str,
    column: str,
    *,
    person: Actor,
    now: datetime,
    part: slice,
) -> evidence.SuppressedEvidence:
    """Evidence of one of them: only for the service that records who opened it.

    Raises NotFound for a cell that is not there, or is open to everybody.
    """
    return evidence.suppressed_evidence(
        publication.frozen,
        table,
        row,
        column,
        person=person,
        now=now,
        profile=publication.profile,
        earlier=entries_up_to(publication),
        part=part,
    )


def withheld_uses_of(keys: Collection[str], *, person: Actor) -> list[PassageUse]:
    """Cells that only some people may open and that citation keys of a report are counted in.

    Empty for everybody else, for whom nothing is computed.
    """
    if not has_permission(person, RESTRICTED):
        return []
    return [
        PassageUse(edition, cell)
        for edition in current_editions()
        # Under open nothing is withheld, so its snapshot need not be read.
        if edition.profile != "open"
        for cell in evidence.suppressed_uses(
            edition.frozen, keys, profile=edition.profile, earlier=entries_up_to(edition)
        )
    ]


# ---- chapters ----


@dataclass(frozen=True, slots=True)
class ChapterUse:
    """A chapter of an edition that cites a passage. anchor: the chapter's id."""

    publication: Publication
    anchor: str
    title: str


def chapters_citing(keys: Iterable[str], *, now: datetime) -> list[ChapterUse]:
    """Chapters of current editions that cite words overlapping with these citation keys."""
    places = [parse_span_key(key) for key in keys]
    return [
        ChapterUse(publication, chapter.heading.anchor, chapter.heading.full_text)
        for publication in current_editions()
        for chapter in _citing_chapters(publication, places, now)
    ]


def _citing_chapters(
    publication: Publication, places: list[SpanKey], now: datetime
) -> Iterator[ChapterNodes]:
    report = report_of(publication)
    if report is None:
        return
    # Asked first, because most editions cite nothing there and composing a document is slow.
    cited = {key for key in report.passages if _overlaps(parse_span_key(key), places)}
    if not cited:
        return
    plan = read_plan(report.plan)
    citing = {
        chapter.id
        for slot, text in report.texts.items()
        if cited.intersection(passage_keys([text])) and (chapter := plan.chapter_of(slot))
    }
    for nodes in chapters_of(document_of(publication, now=now)):
        if nodes.heading.anchor in citing:
            yield nodes


def _overlaps(place: SpanKey, others: list[SpanKey]) -> bool:
    return any(
        place.text == other.text
        and other.span.start < place.span.end
        and place.span.start < other.span.end
        for other in others
    )
