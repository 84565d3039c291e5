"""Plausibility of a decoded text: do its marks and accents stand where writers put them?"""

# Example: "Café £5" has two plausible characters (1.0). The same bytes read as Windows-1250 are
# "Café Ł5": a capital Ł before a digit is not plausible (0.0).

import re

NOT_ASCII = re.compile("[^\x00-\x7f]")
MOST = 5_000  # characters judged
OPENING = "\u2018\u201c\u201a\u201e\u00ab"
CLOSING = "\u2019\u201d\u00bb"
DASHES = "\u2013\u2014"
BULLETS = "\u2022\u00b7"
CURRENCY = "\u00a3\u20ac\u00a5"
SIGNS = "\u00a9\u00ae\u2122\u00b0\u00a7\u00bd\u00bc\u00be\u00b2\u00b3\u00b9\u00b1\u00d7\u00f7"
FRACTIONS = "\u00bd\u00bc\u00be\u00b1\u00d7\u00f7"
SPACE = "\u00a0"
NOT_HERE = "\u00fe\u00f0\u00de\u00d0"
"""Thorn and eth: in Celtic texts their bytes are y and w with a circumflex."""
KANA = re.compile("[\u3040-\u30ff\u4e00-\u9fff\u3000-\u3002\uff01-\uff5e]")


def plausibility(text: str) -> float:
    """Mean plausibility of the characters outside ASCII, from -1 to 1; 0 if there are none."""
    total, count = 0.0, 0
    for match in NOT_ASCII.finditer(text):
        at = match.start()
        before = text[at - 1] if at else "\n"
        after = text[at + 1] if at + 1 < len(text) else "\n"
        total += _plausible(match[0], before, after)
        count += 1
        if count == MOST:
            break
    return total / count if count else 0.0


def _plausible(char: str, before: str, after: str) -> float:
    """Plausibility of one character between its neighbours."""
    if KANA.match(char):
        return 1.0 if KANA.match(before) or KANA.match(after) else -1.0
    if char.isalpha():
        return _plausible_letter(char, before, after)
    if char in OPENING or char in CLOSING:
        return _plausible_quote(char, before, after)
    return 1.0 if _plausible_sign(char, before, after) else -1.0


def _plausible_letter(char: str, before: str, after: str) -> float:
    """A capital follows no small letter; no letter touches a digit; one alone says nothing."""
    if (
        ord(char) > 0x24F
        or char in "\u00aa\u00b5\u00ba\u0192"
        or before.isdigit()
        or after.isdigit()
    ):
        return -1.0  # beyond the Latin alphabets, as the Greek letters of Mac Roman
    if char in NOT_HERE:
        return 0.0
    if char.isupper():
        return -1.0 if before.islower() else float(after.isalpha() or before.isupper())
    if before.isupper() and after.isupper():
        return -1.0
    return float(before.isalpha() or after.isalpha())


def _plausible_quote(char: str, before: str, after: str) -> float:
    if char == "\u2019" and before.isalpha() and after.isalpha():
        return 1.0  # an apostrophe
    if char in OPENING:
        return 1.0 if not before.isalnum() and not after.isspace() else -1.0
    return 1.0 if not before.isspace() and not after.isalnum() else -1.0


def _plausible_sign(char: str, before: str, after: str) -> bool:
    if char in DASHES:
        return before.isspace() == after.isspace()
    if char in BULLETS:
        return before.isspace() and not after.isalnum()
    if char in CURRENCY:
        return after.isdigit() or before.isdigit()
    if char in FRACTIONS:
        return not before.isalpha() and not after.isalpha()
    if char in SIGNS:
        return not after.isalpha() or char == "\u00b0"
    return char == SPACE or (char == "\u2026" and (before.isalnum() or not after.isspace()))
