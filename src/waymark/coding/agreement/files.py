"""Read files of ratings and of coded spans, as other tools export them: CSV with a row of heads."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import TypeVar

from waymark.coding.agreement.ratings import Rating
from waymark.coding.agreement.spans import CodedSpan
from waymark.coding.agreement.summary import CodedRating
from waymark.core.errors import FileFault, RuleError, SpecError

RATING_COLUMNS = ("unit", "coder", "code", "value")
SPAN_COLUMNS = ("document", "coder", "code", "start", "end")
MOST_FAULTS = 20
_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class RatingsFile:
    """A file of ratings, or of spans with the length of each document."""

    ratings: tuple[CodedRating, ...] = ()
    spans: tuple[CodedSpan, ...] = ()
    lengths: Mapping[str, float] | None = None


def parse_ratings(text: str, *, file: str) -> RatingsFile:
    """The ratings or spans of a CSV file; the columns tell which.

    Ratings: unit, coder, code, value and, if known, document. A row without a value is one that
    the coder did not rate. Spans: document, coder, code, start, end and, if known, length of the
    document. Raises SpecError with the line of each row that cannot be read.
    """
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    heads = [head.strip().lower() for head in rows.fieldnames or ()]
    rows.fieldnames = heads
    if set(SPAN_COLUMNS) <= set(heads):
        spans = _read(rows, _span, file)
        lengths: dict[str, float] = {}
        for span, length in spans:
            if length is not None:
                lengths[span.document] = max(length, lengths.get(span.document, 0.0))
        return RatingsFile(spans=tuple(span for span, _ in spans), lengths=lengths or None)
    if set(RATING_COLUMNS) <= set(heads):
        ratings = _read(rows, _rating, file)
        return RatingsFile(ratings=tuple(rating for rating in ratings if rating is not None))
    raise SpecError(
        file,
        [
            FileFault(
                1,
                f"columns are {', '.join(heads) or 'missing'}; ratings need "
                f"{', '.join(RATING_COLUMNS)}, spans {', '.join(SPAN_COLUMNS)}",
            )
        ],
    )


def _read(
    rows: "csv.DictReader[str]", convert: Callable[[Mapping[str, str]], _Row], file: str
) -> list[_Row]:
    read, faults = [], []
    for number, row in _numbered(rows, file):
        try:
            read.append(convert(row))
        except RuleError as error:
            faults.append(FileFault(number, str(error)))
            if len(faults) == MOST_FAULTS:
                break
    if faults:
        raise SpecError(file, faults)
    if not read:
        raise SpecError(file, [FileFault(0, "there are no rows below the heads of the columns")])
    return read


def _numbered(rows: "csv.DictReader[str]", file: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        for row in rows:
            cells = {head: (cell or "").strip() for head, cell in row.items() if head}
            if any(cells.values()):
                yield rows.line_num, cells
    except csv.Error as error:
        raise SpecError(file, [FileFault(rows.line_num, f"this is not CSV: {error}")]) from error


def _rating(row: Mapping[str, str]) -> CodedRating | None:
    _need(row, "unit", "coder")
    if not row["value"]:
        return None
    rating = Rating(row["unit"], row["coder"], row["value"], row.get("document", ""))
    return CodedRating(row["code"], rating)


def _span(row: Mapping[str, str]) -> tuple[CodedSpan, float | None]:
    _need(row, *SPAN_COLUMNS)
    start, end = _number(row, "start"), _number(row, "end")
    length = _number(row, "length") if row.get("length") else None
    if length is not None and end > length:
        raise RuleError(f"the span ends at {end:g}, after the end of its document ({length:g})")
    return CodedSpan(row["document"], row["coder"], row["code"], start, end), length


def _need(row: Mapping[str, str], *columns: str) -> None:
    empty = [column for column in columns if not row[column]]
    if empty:
        raise RuleError(f"{' and '.join(empty)}: empty")


def _number(row: Mapping[str, str], column: str) -> float:
    try:
        number = float(row[column])
    except ValueError:
        number = inf
    if not 0 <= number < inf:
        raise RuleError(f"{column}: {row[column]!r} is not a number of characters")
    return number
