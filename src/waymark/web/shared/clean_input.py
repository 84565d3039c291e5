"""Text that a person typed, made safe to store, to show again and to search for."""

import re

# Control characters and code points that are no characters: no database or page takes them.
UNWANTED = re.compile(r"[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]+")
_UNWANTED_IN_LINES = re.compile(UNWANTED.pattern.replace(r"\x00-\x1f", r"\x00-\x08\x0b-\x1f"))


def clean_line(value: str) -> str:
    """The text with each run of unwanted characters as one space, trimmed."""
    return UNWANTED.sub(" ", value).strip()


def clean_lines(value: str) -> str:
    """The same for text of several lines: line breaks (as "\\n") and tabs stay."""
    return _UNWANTED_IN_LINES.sub(" ", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def whole_number(text: str) -> int | None:
    """The number that a page sent back, of at most nine digits; None for any other text."""
    # isdecimal() alone would take the digits of other scripts.
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
