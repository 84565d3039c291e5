"""Cells of official tables: a number, a marker that stands for one, or a number with one. Pure."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MARKERS = {
    "c": "withheld to protect people",
    "x": "not available",
    "z": "not applicable",
    "low": "not zero, but rounds to zero",
    "u": "low reliability",
}
"""Shorthand of the Government Statistical Service -> its meaning."""
WITHHELD = "c"
MOST_DECIMALS = 6
MOST_DIGITS = 14
MINUS = "\u2212"
_NUMBER = re.compile(r"[-\u2212]?(\d{1,3}(?:,\d{3})+|\d+)?(?:\.(\d+))?")
_WITH_MARKER = re.compile(r"(.*?)\s*\[?([A-Za-z]+)\]?")


class UnreadableCell(ValueError):
    """Text that is neither a number nor a known marker."""


@dataclass(frozen=True, slots=True)
class IndicatorCell:
    """A value, a marker, or both. decimals: digits after the point as the source printed them.

    A marker is never a zero, and a cell without a number always has one.
    """

    value: Decimal | None
    decimals: int = 0
    marker: str = ""

    @property
    def shown(self) -> str:
        """As printed, with thousands separators: "1,234.5", "[c]", "12 [u]"."""
        return shown_value(self.value, self.decimals, self.marker)

    @property
    def plain(self) -> str:
        """As official files print it: "1234.5", "c"."""
        return plain_value(self.value, self.decimals, self.marker)


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def shown_value(value: Decimal | None, decimals: int, marker: str) -> str:
    """A value as pages print it: see IndicatorCell.shown."""
    mark = f"[{marker}]" if marker else ""
    if value is None:
        return mark
    return f"{_rounded(value, decimals):,} {mark}".rstrip()


def plain_value(value: Decimal | None, decimals: int, marker: str) -> str:
    """A value as official files print it: see IndicatorCell.plain."""
    return f"{'' if value is None else _rounded(value, decimals)} {marker}".strip()


def read_cell(text: str, symbols: dict[str, str] | None = None) -> IndicatorCell:
    """The cell that a text means. symbols: further signs of a file -> marker, such as ":" -> "x".

    symbols may have "" for an empty cell. Raises UnreadableCell.
    """
    text = text.strip()
    if symbols and text in symbols:
        return IndicatorCell(None, 0, symbols[text])
    if not text:
        raise UnreadableCell("the cell is empty: say in the mapping what an empty cell means")
    if (number := _number(text)) is not None:
        return number
    match = _WITH_MARKER.fullmatch(text)
    marker = match[2].lower() if match else ""
    if match is None or marker not in MARKERS:
        raise UnreadableCell(f"{text[:30]!r} is neither a number nor a marker")
    if not match[1]:
        return IndicatorCell(None, 0, marker)
    number = _number(match[1])
    if number is None:
        raise UnreadableCell(f"{text[:30]!r} is neither a number nor a marker")
    return IndicatorCell(number.value, number.decimals, marker)


def _number(text: str) -> IndicatorCell | None:
    """The number that a text is; None for other text."""
    match = _NUMBER.fullmatch(text)
    if match is None or not (match[1] or match[2]):
        return None
    whole, decimals = (match[1] or "0").replace(",", ""), len(match[2] or "")
    if decimals > MOST_DECIMALS or len(whole) > MOST_DIGITS:
        raise UnreadableCell(f"{text[:30]!r} has too many digits")
    return IndicatorCell(Decimal(text.replace(",", "").replace(MINUS, "-")), decimals)
