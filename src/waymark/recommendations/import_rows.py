"""Read recommendations of inquiries from the rows of a table (no Django).

Each row is a recommendation to one recipient. Text that was encoded twice is repaired;
a row that cannot be stored is refused with its column and the reason, and the others are read.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from time import strptime

from waymark.core.errors import FileRefused
from waymark.core.sheet_rows import Row

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "number": ("number", "recommendation number", "ref", "reference", "id"),
    "inquiry": ("inquiry", "investigation", "inquiry reference", "review", "report"),
    "recipient": ("recipient", "addressee", "addressed to", "organisation", "to"),
    "text": ("recommendation", "recommendation text", "text"),
    "status": ("status", "state"),
    "made": ("made", "date made", "made on", "issued", "date"),
    "closed": ("closed", "date closed", "closed on"),
    "reply": ("reply text", "reply", "response"),
}
"""What a column holds -> its headings, in small letters."""
LONGEST = {"number": 60, "inquiry": 100, "recipient": 200, "status": 100}
LONGEST_TEXT = 20_000
DATES = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%d/%m/%Y", "%d %B %Y", "%d %b %Y")
_NOT_A_WORD = re.compile(r"[\W_]+")

RowKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class RecommendationRowRead:
    """A recommendation to one recipient. inquiry: "" if unknown.

    row: its number as a spreadsheet shows it.
    """

    row: int
    number: str
    inquiry: str
    recipient: str
    text: str
    status: str
    made: date | None
    closed: date | None
    reply: str

    @property
    def fingerprint(self) -> str:
        """The same for rows of an inquiry whose texts differ in case and punctuation only.

        Rows without an inquiry may be of several, so that none is taken for another.
        """
        text = self.text if self.inquiry else f"{self.number} {self.text}"
        return fingerprint_of(text)

    @property
    def key(self) -> RowKey:
        """Inquiry, number (without one the fingerprint) and recipient: one row of a file."""
        return self.inquiry, self.number or self.fingerprint, self.recipient


@dataclass(frozen=True, slots=True)
class RowRefusal:
    """Why a row is not stored."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class RepairedCell:
    """A cell whose text had been encoded twice."""

    row: int
    column: str


@dataclass(frozen=True, slots=True)
class RecommendationReading:
    """What was read of a table. rows: how many there are below its head."""

    rows: int
    read: tuple[RecommendationRowRead, ...]
    refused: tuple[RowRefusal, ...]
    repaired: tuple[RepairedCell, ...]


class _Refusal(Exception):
    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind, self.reason = kind, reason


def fingerprint_of(text: str) -> str:
    """SHA-256 of the words of a text, without case and punctuation."""
    words = _NOT_A_WORD.sub(" ", text.casefold()).strip()
    return hashlib.sha256(words.encode()).hexdigest()


def read_recommendations(rows: Sequence[Row], *, name: str) -> RecommendationReading:
    """Read a table whose first row has the headings. Raises FileRefused without those needed."""
    if not rows:
        raise FileRefused(name, "it has no rows", "Give the columns a heading each")
    heads = [cell.strip() for cell in rows[0][1]]
    kinds = _kinds_of(heads, name)
    read: dict[RowKey, RecommendationRowRead] = {}
    refused: list[RowRefusal] = []
    repaired: list[RepairedCell] = []
    for number, cells in rows[1:]:
        values: dict[str, str] = {}
        for head, kind, cell in zip(heads, kinds, cells, strict=False):
            values[kind] = repair_encoding(cell)
            if kind and values[kind] != cell:
                repaired.append(RepairedCell(number, head))
        try:
            row = _row_of(number, values)
            _require_new(row, read)
        except _Refusal as refusal:
            column = heads[kinds.index(refusal.kind)]
            refused.append(RowRefusal(number, column, refusal.reason))
        else:
            read[row.key] = row
    return RecommendationReading(
        len(rows) - 1, tuple(read.values()), tuple(refused), tuple(repaired)
    )


def repair_encoding(text: str) -> str:
    """A text that was read in the wrong encoding, and stored so, as it was before."""
    if text.isascii():
        return text
    import ftfy

    return ftfy.fix_encoding(text)


def _kinds_of(heads: Sequence[str], name: str) -> list[str]:
    """What each column holds, "" for those that are left out."""
    kinds: list[str] = []
    for head in heads:
        words = " ".join(head.casefold().split())
        kind = next((kind for kind, known in COLUMNS.items() if words in known), "")
        kinds.append("" if kind in kinds else kind)
    if "text" not in kinds:
        raise FileRefused(name, "it has no column Recommendation", "Name the column so")
    return kinds


def _row_of(number: int, values: Mapping[str, str]) -> RecommendationRowRead:
    def text_of(kind: str) -> str:
        value = values.get(kind, "").strip()
        if len(value) > (most := LONGEST.get(kind, LONGEST_TEXT)):
            raise _Refusal(kind, f"has more than {most:,} characters: shorten it")
        return value

    if not text_of("text"):
        raise _Refusal("text", "is empty: enter it, or leave the row out")
    if not any(letter.isalnum() for letter in text_of("text")):
        raise _Refusal("text", "has no words: enter the recommendation, or leave the row out")
    row = RecommendationRowRead(
        number,
        text_of("number"),
        text_of("inquiry"),
        text_of("recipient"),
        text_of("text"),
        text_of("status"),
        _date_of("made", text_of("made")),
        _date_of("closed", text_of("closed")),
        text_of("reply"),
    )
    if row.made and row.closed and row.closed < row.made:
        raise _Refusal("closed", f"{row.closed} is before it was made on {row.made}: correct it")
    return row


def _date_of(kind: str, text: str) -> date | None:
    if not text:
        return None
    for pattern in DATES:
        try:
            return date(*strptime(text, pattern)[:3])
        except ValueError:
            continue
    raise _Refusal(kind, f"{text[:40]!r} is not a date such as 2012-12-14 or 14/12/2012")


def _require_new(row: RecommendationRowRead, read: Mapping[RowKey, RecommendationRowRead]) -> None:
    earlier = read.get(row.key)
    if earlier is None:
        return
    if row.number:
        raise _Refusal("number", f"row {earlier.row} has the same inquiry, number and recipient")
    raise _Refusal("text", f"row {earlier.row} has the same inquiry, recipient and words")
