"""View models of the evidence for a number: its reviews with their passages, page by page."""

from dataclasses import dataclass

from waymark.core.tables import Cell
from waymark.library.queries.content_notes import content_notes_by_reference
from waymark.overview.queries.evidence import CellEvidence, VisibleReviewEvidence
from waymark.web.shared.paging import Paging

SIZE = 50
"""Reviews on one page of evidence."""


@dataclass(frozen=True, slots=True)
class EvidenceReview:
    """Review that a number counts. number: its position in the whole list, from 1.

    content_notes: as a phrase, "" for a review that the person may not see.
    """

    number: int
    review: VisibleReviewEvidence
    content_notes: str


def evidence_context(evidence: CellEvidence, paging: Paging) -> dict[str, object]:
    """What the pages of open and of protected numbers show alike."""
    cell = evidence.cell
    notes = content_notes_by_reference(row.reference for row in evidence.reviews if row.open)
    return {
        "table": evidence.table,
        "row": evidence.row,
        "column": evidence.column,
        "value": published_value(cell),
        "unit": counted_unit(cell),
        "counted": counted_records(cell, reviews=evidence.total),
        "reviews": [
            EvidenceReview(paging.first + place, review, notes.get(review.reference, ""))
            for place, review in enumerate(evidence.reviews)
        ],
        "quoted_keys": [passage.key for row in evidence.reviews for passage in row.passages],
        "total": evidence.total,
        "silent": not cell.evidence,
        "closed": evidence.closed,
        "paging": paging,
    }


def counted_unit(cell: Cell) -> str:
    """Unit of a cell, from its record keys: "R01/2" is a child, "R01/rec2" a recommendation."""
    # "R01" -> "", "R01/2" -> "2", "R01/rec2" -> "rec".
    inside = {record.partition("/")[2][:3] for record in cell.records}
    if inside <= {""}:
        return "review"
    return "recommendation" if "rec" in inside else "child"


def counted_records(cell: Cell, *, reviews: int) -> str:
    """Number of things that a cell counts, in words: "6 children". reviews: those it counts."""
    unit = counted_unit(cell)
    count = reviews if unit == "review" else len(cell.records)
    plural = "children" if unit == "child" else f"{unit}s"
    return f"{count} {unit if count == 1 else plural}"


def published_value(cell: Cell) -> str:
    """The number as published, with a percent sign for a percentage."""
    return f"{cell.shown}%" if cell.kind == "percent" else cell.shown
