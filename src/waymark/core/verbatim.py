"""Find quoted words in a text word for word.

Only white space, the forms of quotation marks and the forms of hyphens may differ. A quote begins
and ends at the ends of words: "safe at home" is not in "unsafe at home".

    'did  “not” see' in "They did 'not' see her."  -> the words did 'not' see
    "did see" in "They did not see her."           -> not there
"""

import re
from collections.abc import Iterable
from typing import Literal

from waymark.core.spans import Span

QUOTE_MARKS = "'\"\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a"
HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad"
JOINING = "\\-\u2010\u2011\u00ad"
"""Hyphens within a word: "engagement" is a part of "non-engagement" and no word there."""
FORMS = str.maketrans(dict.fromkeys(QUOTE_MARKS, "'") | dict.fromkeys(HYPHENS, "-"))
LEAST_CHARACTERS = 12
ELLIPSIS = re.compile(r"[\[(]?(?:\u2026|\.\s?\.\s?\.+)[\])]?")
_PARTS = re.compile(rf"(\s+)|([{QUOTE_MARKS}])|([{HYPHENS}])|(.)", re.DOTALL)

QuoteFault = Literal["too short", "misattributed", "joined", "fabricated"]
"""Why a quote is not believed. misattributed: it is in another text; joined: its pieces are in the
texts and it is not; fabricated: it is nowhere."""


def find_words(quote: str, text: str) -> Span | None:
    """The first place of a quote in a text; None if it is not there word for word."""
    quote = quote.strip()
    if not quote:
        return None
    pattern = "".join(map(_pattern, _PARTS.finditer(quote)))
    before = rf"(?<![\w{JOINING}])" if quote[0].isalnum() else ""
    after = rf"(?![\w{JOINING}])" if quote[-1].isalnum() else ""
    match = re.search(f"{before}{pattern}{after}", text)
    return Span(*match.span()) if match else None


def _pattern(part: re.Match[str]) -> str:
    space, mark, hyphen, other = part.groups()
    if space:
        return r"\s+"
    if mark:
        return f"[{QUOTE_MARKS}]"
    return f"[{HYPHENS}]" if hyphen else re.escape(other)


def fault_of_quote(quote: str, text: str, others: Iterable[str]) -> QuoteFault | None:
    """Why a quote of a text is not believed; None if it is. others: texts it may come from."""
    if len(" ".join(quote.split())) < LEAST_CHARACTERS:
        return "too short"
    if find_words(quote, text):
        return None
    texts = [text, *others]
    if any(find_words(quote, other) for other in texts):
        return "misattributed"
    return "joined" if _is_joined(quote, texts) else "fabricated"


def _is_joined(quote: str, texts: list[str]) -> bool:
    """True if the quote can be cut into pieces that are each in a text, with or without dots."""
    # An end of line between the texts: no piece has one, so none goes from one text to the next.
    there = "\n".join(f" {_folded(text)} " for text in texts)
    words = _folded(ELLIPSIS.sub(" ", quote)).split()
    # Example: words 0-3 are in one text and 4-9 in another. From word 0 pieces end before 1, 2, 3
    # and 4, as far as they are long enough; from 4 one ends before 10, so the whole is covered.
    reached = {0}
    for start in range(len(words)):
        if start not in reached:
            continue
        for end in range(start + 1, len(words) + 1):
            piece = " ".join(words[start:end])
            if piece not in there:
                break
            if len(piece) >= LEAST_CHARACTERS:
                reached.add(end)
    return len(words) in reached


def _folded(text: str) -> str:
    return " ".join(text.translate(FORMS).split())
