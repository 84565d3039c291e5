"""From a number to the words behind it, and from words to the numbers they carry, for one person.

Whether a person may see an overview at all is asked one stage up, where it is published; here the
words behind its numbers are let through only as far as the person may see the reports.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from waymark.accounts.models import State
from waymark.accounts.permissions import Actor
from waymark.core.errors import NotFound
from waymark.core.tables import Cell, Column, Row, Table
from waymark.documents.models import Report, Review
from waymark.documents.queries import closed_reports, closed_reviews, open_reports, open_reviews
from waymark.frameworks.models import Basis
from waymark.overview.behind import (
    Behind,
    CellUse,
    ToldCell,
    behind,
    open_cells,
    reviews_behind,
    uses_of_keys,
)
from waymark.overview.held import held
from waymark.overview.models import Snapshot
from waymark.overview.queries import release_of, suppressed_of
from waymark.overview.spec import OverviewSpec
from waymark.overview.uncovered import Uncovered

EVERY = slice(None)
GONE = (State.WITHDRAWN, State.EXPIRED)


@dataclass(frozen=True, slots=True)
class PassageBehind:
    """Words that carry a fact. said: the fact in words; basis: how it was agreed, in words."""

    key: str
    report: Report
    page: int
    exact: str
    said: str
    basis: str


@dataclass(frozen=True, slots=True)
class ReviewBehind:
    """A review that a cell counts, with its words.

    open: the person may see the review; if not, everything but the reference is empty. withdrawn:
    it is not open because it was withdrawn or its term is over, not because it is not published.
    children: those of it that are counted, where the cell counts children, by the names that its
    reports chose; none where all its reports are closed. closed: passages of it that the person
    may not see (any more); none of either is silence.
    """

    reference: str
    title: str
    open: bool
    children: tuple[str, ...]
    passages: tuple[PassageBehind, ...]
    closed: int
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class CellEvidence:
    """What is behind one number: a part of its reviews.

    total: how many reviews there are in all; reviews: those asked for. closed: passages, of all of
    them, that the person may not see (any more).
    """

    table: Table
    row: Row
    column: Column
    cell: Cell
    reviews: tuple[ReviewBehind, ...]
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
    """What stands behind a cell, as far as the person may see the reports.

    part: of the reviews, in their order. Raises NotFound for a cell that is not there, is withheld
    or does not open.
    """
    release = release_of(snapshot, profile, earlier)
    shown = release.table(table).table
    place = _found(shown, row, column)
    opening = _Opening(snapshot, release.spec, person, now, part)
    return opening.of(shown, *place)


@dataclass(frozen=True, slots=True)
class CoveredEvidence:
    """What is behind a number that is not open to everybody.

    printed: what everybody sees in its place; why: in words.
    """

    evidence: CellEvidence
    printed: str
    why: str


def covered_evidence(
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
) -> CoveredEvidence:
    """A number that is withheld, rounded or does not open, and what stands behind it.

    Whether the person may see it is asked by the service that opens it. Raises NotFound for a cell
    that is not there, and for one that is open to everybody.
    """
    found = covered_table(snapshot, table, profile=profile, earlier=earlier)
    cell = found.covered.get((row, column))
    if cell is None:
        raise NotFound(f"there is nothing withheld in {found.table.id}, {row}, {column}")
    spec = release_of(snapshot, profile, earlier).spec
    opening = _Opening(snapshot, spec, person, now, part)
    evidence = opening.of(found.table, cell.row, cell.column, cell.cell)
    return CoveredEvidence(evidence, cell.printed, cell.why)


def covered_table(
    snapshot: Snapshot, table: str, *, profile: str, earlier: tuple[bytes, ...]
) -> Uncovered:
    """A table with its cells that are not open to everybody. Raises NotFound."""
    made = suppressed_of(snapshot, profile, earlier)
    found = next((one for one in made if one.table.id == table.upper()), None)
    if found is None:
        raise NotFound(f"nothing of a table {table} is withheld")
    return found


@dataclass(frozen=True, slots=True)
class _Opening:
    """Who opens what stands behind cells of a snapshot, and which part of its reviews."""

    snapshot: Snapshot
    spec: OverviewSpec
    person: Actor
    now: datetime
    part: slice

    def of(self, table: Table, row: Row, column: Column, cell: Cell) -> CellEvidence:
        """What stands behind one cell, as far as the person may see it."""
        spec = next(one for one in self.spec.tables if one.id == table.id)
        references = reviews_behind(cell)
        wanted = references[self.part]
        hidden = _hidden(self.person, self.now).intersection(references)
        facts = held(self.snapshot).facts()
        found = behind(facts, spec, row.id, cell, dict.fromkeys((*wanted, *sorted(hidden))))
        seen = _Seen.of([one.review for one in found], self.person, self.now)
        opened = {one.review: seen.opened(one) for one in found}
        return CellEvidence(
            table=table,
            row=row,
            column=column,
            cell=cell,
            reviews=tuple(opened[reference] for reference in wanted),
            total=len(references),
            closed=sum(opened[reference].closed for reference in hidden),
        )


def _hidden(person: Actor, now: datetime) -> set[str]:
    """References of the reviews of which something is closed to a person: mostly few."""
    reports = closed_reports(person, now).values_list("review__reference", flat=True)
    return {*reports, *closed_reviews(person, now).values_list("reference", flat=True)}


def _found(table: Table, row: str, column: str) -> tuple[Row, Column, Cell]:
    rows = {one.id: one for one in table.rows}
    columns = {one.id: one for one in table.columns}
    if row not in rows or column not in columns:
        raise NotFound(f"{table.id} has no cell {row}, {column}")
    cell = table.cell(row, column)
    if cell.mark or not cell.records:
        raise NotFound(f"there is nothing to open behind {table.id}, {row}, {column}")
    return rows[row], columns[column], cell


@dataclass(frozen=True, slots=True)
class _Seen:
    """The reviews and reports, of some, that a person may see: by reference, by key.

    withdrawn: references of those reviews that nobody may see any more.
    """

    reviews: Mapping[str, Review]
    reports: Mapping[str, Report]
    withdrawn: frozenset[str]

    @classmethod
    def of(cls, references: Collection[str], person: Actor, now: datetime) -> "_Seen":
        """Asks for them once."""
        reviews = open_reviews(person, now).filter(reference__in=references)
        reports = open_reports(person, now).filter(review__reference__in=references)
        gone = closed_reviews(person, now).filter(reference__in=references)
        return cls(
            {one.reference: one for one in reviews},
            {one.key: one for one in reports},
            frozenset(gone.filter(state__in=GONE).values_list("reference", flat=True)),
        )

    def opened(self, found: Behind) -> ReviewBehind:
        """A review with the words that the person may see."""
        review = self.reviews.get(found.review)
        if review is None:
            return ReviewBehind(
                found.review,
                "",
                open=False,
                children=(),
                passages=(),
                closed=len(found.words),
                withdrawn=found.review in self.withdrawn,
            )
        named = any(report.review_id == review.pk for report in self.reports.values())
        passages = tuple(
            PassageBehind(
                key=words.quote.key,
                report=self.reports[words.quote.report],
                page=words.quote.page,
                exact=words.quote.exact,
                said=words.said,
                basis=Basis(words.basis).label,
            )
            for words in found.words
            if words.quote.report in self.reports
        )
        return ReviewBehind(
            found.review,
            review.title,
            open=True,
            children=found.children if named else (),
            passages=passages,
            closed=len(found.words) - len(passages),
        )


def uses_of(
    snapshot: Snapshot,
    keys: Collection[str],
    profile: str,
    earlier: tuple[bytes, ...] = (),
) -> tuple[CellUse, ...]:
    """The open cells of a snapshot that citation keys of one report carry.

    In the order of the keys, then of the tables.
    """
    tables = [one.table for one in release_of(snapshot, profile, earlier).tables]
    return _uses(snapshot, keys, [(table, open_cells(table)) for table in tables])


def covered_uses(
    snapshot: Snapshot, keys: Collection[str], *, profile: str, earlier: tuple[bytes, ...]
) -> tuple[CellUse, ...]:
    """The cells that are not open to everybody and that these keys carry, without their numbers."""
    return _uses(
        snapshot,
        keys,
        [
            (
                one.table,
                [
                    ToldCell(cell.row, cell.column, cell.cell, cell.printed)
                    for cell in one.covered.values()
                    if cell.column.kind == "count"
                ],
            )
            for one in suppressed_of(snapshot, profile, earlier)
        ],
    )


def _uses(
    snapshot: Snapshot,
    keys: Collection[str],
    tables: Collection[tuple[Table, Collection[ToldCell]]],
) -> tuple[CellUse, ...]:
    facts = held(snapshot).facts()
    made: dict[str, tuple[CellUse, ...]] = {}
    for review in {facts.review_of(key.partition("-")[0]) for key in keys}:
        if review is not None:
            made |= uses_of_keys(tables, review, keys)
    return tuple(use for key in keys for use in made.get(key, ()))
