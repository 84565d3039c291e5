"""Evidence of a number, and the numbers for which a passage is evidence, for one person.

The publishing stage decides if a person may see an overview at all. Here the evidence of its
numbers is limited to reports that the person may see.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from waymark.accounts.models import State
from waymark.accounts.permissions import Actor
from waymark.core.errors import NotFound
from waymark.core.evidence import text_of_key
from waymark.core.tables import Cell, Column, Row, Table
from waymark.documents.models import Report, Review
from waymark.documents.queries.reader import (
    closed_reports,
    closed_reviews,
    open_reports,
    open_reviews,
)
from waymark.frameworks.models import Basis
from waymark.overview.disclosure.suppressed_cells import SuppressedTable
from waymark.overview.models import Snapshot
from waymark.overview.queries.overviews import release_of, suppressed_of
from waymark.overview.queries.snapshot_cache import cached_snapshot
from waymark.overview.spec.schema import OverviewSpec
from waymark.overview.tables.lineage import (
    CellUse,
    ListedCell,
    ReviewEvidence,
    evidence_by_review,
    linked_cells,
    reviews_of_cell,
    uses_of_all_keys,
    uses_of_keys,
)

EVERY = slice(None)
GONE = (State.WITHDRAWN, State.EXPIRED)


@dataclass(frozen=True, slots=True)
class EvidencePassage:
    """A quote that is evidence of a fact. description: the fact in words; basis: its basis in
    words.
    """

    key: str
    report: Report
    page: int
    exact: str
    description: str
    basis: str


@dataclass(frozen=True, slots=True)
class VisibleReviewEvidence:
    """A review that a cell counts, with its evidence.

    open: True if the person may see the review; if not, everything but the reference is empty.
    withdrawn: True if it is closed because it was withdrawn or has expired, not because it is not
    published. children: those counted, by their names in the reports, if the cell counts children;
    none if all its reports are closed. closed: number of passages that the person may not see (any
    more). A review without passages of either kind is silent.
    """

    reference: str
    title: str
    open: bool
    children: tuple[str, ...]
    passages: tuple[EvidencePassage, ...]
    closed: int
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class CellEvidence:
    """Evidence of one number, in part of its reviews.

    total: number of all its reviews; reviews: the part. closed: number of passages in all of them
    that the person may not see (any more).
    """

    table: Table
    row: Row
    column: Column
    cell: Cell
    reviews: tuple[VisibleReviewEvidence, ...]
    total: int
    closed: int


def cell_evidence(
    snapshot: Snapshot,
    table: str,
    row: str,
    column: str,
    *,
    person: Actor,
    now: datetime,
    profile: str,
    earlier: tuple[bytes, ...] = (),
    part: slice = EVERY,
) -> CellEvidence:
    """Evidence of a cell, limited to reports that the person may see.

    part: of the reviews, in their order. Raises NotFound for a cell that does not exist, is
    withheld or has no link to its evidence.
    """
    release = release_of(snapshot, profile, earlier)
    printed = release.table(table).table
    place = _find_cell(printed, row, column)
    opening = _EvidenceRequest(snapshot, release.spec, person, now, part)
    return opening.evidence_of(printed, *place)


@dataclass(frozen=True, slots=True)
class SuppressedEvidence:
    """Evidence of a number that is not shown to everybody.

    printed: what everybody sees instead; why: the reason in words.
    """

    evidence: CellEvidence
    printed: str
    why: str


def suppressed_evidence(
    snapshot: Snapshot,
    table: str,
    row: str,
    column: str,
    *,
    person: Actor,
    now: datetime,
    profile: str,
    earlier: tuple[bytes, ...],
    part: slice = EVERY,
) -> SuppressedEvidence:
    """A number that is withheld, rounded or not linked, and its evidence.

    The service that opens it checks the permission of the person. Raises NotFound for a cell that
    does not exist, and for one that is open to everybody.
    """
    suppressed = suppressed_table(snapshot, table, profile=profile, earlier=earlier)
    cell = suppressed.covered.get((row, column))
    if cell is None:
        raise NotFound(f"there is nothing withheld in {suppressed.table.id}, {row}, {column}")
    spec = release_of(snapshot, profile, earlier).spec
    opening = _EvidenceRequest(snapshot, spec, person, now, part)
    evidence = opening.evidence_of(suppressed.table, cell.row, cell.column, cell.cell)
    return SuppressedEvidence(evidence, cell.printed, cell.why)


def suppressed_table(
    snapshot: Snapshot, table: str, *, profile: str, earlier: tuple[bytes, ...]
) -> SuppressedTable:
    """A table with its cells that are not open to everybody. Raises NotFound."""
    tables = suppressed_of(snapshot, profile, earlier)
    suppressed = next((entry for entry in tables if entry.table.id == table.upper()), None)
    if suppressed is None:
        raise NotFound(f"nothing is withheld in a table {table}")
    return suppressed


@dataclass(frozen=True, slots=True)
class _EvidenceRequest:
    """A request for the evidence of cells of a snapshot, by a person, for part of the reviews."""

    snapshot: Snapshot
    spec: OverviewSpec
    person: Actor
    now: datetime
    part: slice

    def evidence_of(self, table: Table, row: Row, column: Column, cell: Cell) -> CellEvidence:
        """Evidence of one cell, limited to reports that the person may see."""
        spec = next(spec for spec in self.spec.tables if spec.id == table.id)
        references = reviews_of_cell(cell)
        listed = references[self.part]
        # A page shows part of the reviews, but has to say how many passages of all are closed. Only
        # reviews with something closed can have any, and these are few, so they are added.
        hidden = _partly_closed_reviews(self.person, self.now).intersection(references)
        facts = cached_snapshot(self.snapshot).facts()
        evidence = evidence_by_review(
            facts, spec, row.id, cell, dict.fromkeys((*listed, *sorted(hidden)))
        )
        seen = _VisibleReviews.of([part.review for part in evidence], self.person, self.now)
        opened = {part.review: seen.visible_evidence(part) for part in evidence}
        return CellEvidence(
            table=table,
            row=row,
            column=column,
            cell=cell,
            reviews=tuple(opened[reference] for reference in listed),
            total=len(references),
            closed=sum(opened[reference].closed for reference in hidden),
        )


def _partly_closed_reviews(person: Actor, now: datetime) -> set[str]:
    """References of reviews with anything closed to a person: mostly few."""
    reports = closed_reports(person, now).values_list("review__reference", flat=True)
    return {*reports, *closed_reviews(person, now).values_list("reference", flat=True)}


def _find_cell(table: Table, row: str, column: str) -> tuple[Row, Column, Cell]:
    rows = {entry.id: entry for entry in table.rows}
    columns = {entry.id: entry for entry in table.columns}
    if row not in rows or column not in columns:
        raise NotFound(f"{table.id} has no cell {row}, {column}")
    cell = table.cell(row, column)
    if cell.mark or not cell.records:
        raise NotFound(f"{table.id}, {row}, {column} does not link to evidence")
    return rows[row], columns[column], cell


@dataclass(frozen=True, slots=True)
class _VisibleReviews:
    """Reviews by reference and reports by key, of some reviews, that a person may see.

    withdrawn: references of the reviews that nobody may see any more.
    """

    reviews: Mapping[str, Review]
    reports: Mapping[str, Report]
    withdrawn: frozenset[str]

    @classmethod
    def of(cls, references: Collection[str], person: Actor, now: datetime) -> "_VisibleReviews":
        """Load them, in three queries for any number of reviews."""
        reviews = open_reviews(person, now).filter(reference__in=references)
        reports = open_reports(person, now).filter(review__reference__in=references)
        closed = closed_reviews(person, now).filter(reference__in=references)
        return cls(
            {record.reference: record for record in reviews},
            {record.key: record for record in reports},
            frozenset(closed.filter(state__in=GONE).values_list("reference", flat=True)),
        )

    def visible_evidence(self, evidence: ReviewEvidence) -> VisibleReviewEvidence:
        """A review with the passages that the person may see."""
        review = self.reviews.get(evidence.review)
        if review is None:
            return VisibleReviewEvidence(
                evidence.review,
                "",
                open=False,
                children=(),
                passages=(),
                closed=len(evidence.quotes),
                withdrawn=evidence.review in self.withdrawn,
            )
        # Names of children are in the reports: they are shown only if a report is open.
        named = any(report.review_id == review.pk for report in self.reports.values())
        passages = tuple(
            EvidencePassage(
                key=words.quote.key,
                report=self.reports[words.quote.report],
                page=words.quote.page,
                exact=words.quote.exact,
                description=words.description,
                basis=Basis(words.basis).label,
            )
            for words in evidence.quotes
            if words.quote.report in self.reports
        )
        return VisibleReviewEvidence(
            evidence.review,
            review.title,
            open=True,
            children=evidence.children if named else (),
            passages=passages,
            closed=len(evidence.quotes) - len(passages),
        )


def uses_of(
    snapshot: Snapshot, keys: Collection[str], profile: str, earlier: tuple[bytes, ...] = ()
) -> tuple[CellUse, ...]:
    """The open cells of a snapshot for which citation keys of one report are evidence.

    Each once, in the order of the keys, then of the tables.
    """
    tables = [protected.table for protected in release_of(snapshot, profile, earlier).tables]
    return _uses_in_tables(snapshot, keys, [(table, linked_cells(table)) for table in tables])


def uses_of_all(
    snapshot: Snapshot, profile: str, earlier: tuple[bytes, ...] = ()
) -> dict[str, tuple[CellUse, ...]]:
    """Every citation key behind an open cell of a snapshot -> the cells that uses_of() gives."""
    tables = [protected.table for protected in release_of(snapshot, profile, earlier).tables]
    return uses_of_all_keys([(table, linked_cells(table)) for table in tables])


def suppressed_uses(
    snapshot: Snapshot, keys: Collection[str], *, profile: str, earlier: tuple[bytes, ...]
) -> tuple[CellUse, ...]:
    """The cells not open to everybody for which these keys are evidence, without their numbers."""
    return _uses_in_tables(
        snapshot,
        keys,
        [
            (
                suppressed.table,
                [
                    ListedCell(cell.row, cell.column, cell.cell, cell.printed)
                    for cell in suppressed.covered.values()
                    if cell.column.kind == "count"
                ],
            )
            for suppressed in suppressed_of(snapshot, profile, earlier)
        ],
    )


def _uses_in_tables(
    snapshot: Snapshot,
    keys: Collection[str],
    tables: Collection[tuple[Table, Collection[ListedCell]]],
) -> tuple[CellUse, ...]:
    facts = cached_snapshot(snapshot).facts()
    uses: dict[str, tuple[CellUse, ...]] = {}
    for review in {facts.review_of(text_of_key(key)) for key in keys}:
        if review is not None:
            uses |= uses_of_keys(tables, review, keys)
    # Several passages of a report can be evidence of the same number.
    return tuple(dict.fromkeys(use for key in keys for use in uses.get(key, ())))
