"""What is behind a number, as pages show it: reviews with their words, a part at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from waymark.core.tables import Cell
from waymark.overview.trace import ReviewBehind
from waymark.web.paging import Paging

SIZE = 50
"""Reviews with their words on one page of evidence."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A review in the list behind a number. number: its place in it, from 1."""

    number: int
    review: ReviewBehind


def numbered(reviews: Sequence[ReviewBehind], paging: Paging) -> list[Counted]:
    """The reviews of a page with their places in the whole list."""
    return [Counted(paging.first + place, review) for place, review in enumerate(reviews)]


def counted_in(cell: Cell) -> str:
    """What a cell counts, as its references say: "R01/2" is a child, "R01/rec2" what was asked."""
    inside = {record.partition("/")[2][:3] for record in cell.records}
    if inside <= {""}:
        return "review"
    return "recommendation" if "rec" in inside else "child"


def printed(cell: Cell) -> str:
    """The number as it is printed, a share with its sign."""
    return f"{cell.shown}%" if cell.kind == "percent" else cell.shown
