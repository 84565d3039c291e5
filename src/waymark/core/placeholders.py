"""Find placeholder texts: TODO, "...", a single letter, the words of a template.

A text with placeholders can be saved but not signed or published.
"""

import re
from dataclasses import dataclass

WORD = re.compile(r"[^\W\d_]{2,}")
TEMPLATE = frozenset(
    {
        *("asdf", "change me", "changeme", "controller", "example", "foo", "foo bar", "n a", "na"),
        *("name", "nil", "no reason", "nobody", "none", "not yet decided", "not yet known"),
        *("not yet named", "null", "placeholder", "reason", "replace me", "role", "somebody"),
        *("someone", "test", "testing", "text", "text here", "title", "to be confirmed"),
        *("tba", "tbc", "tbd", "to be decided", "to be named", "to do", "todo", "unknown"),
        *("unnamed", "untitled", "your name"),
    }
)
"""Whole texts that are placeholders, in lower case and without punctuation."""
UNFINISHED = re.compile(
    r"\b(?:TODO|FIXME|TBA|TBC|TBD|XXX+)\b"
    r"|(?i:\btodo:|\blorem ipsum\b|\bhas yet to decide\b"
    r"|\b(?:insert|enter|write|replace|add) (?:your |the |a )?\w+ here\b"
    r"|[<\[](?:your |the |insert |enter )*(?:controller|date|name|reason|role|text|title|words)"
    r"(?: here)?[>\]])"
)
DOTS = re.compile(r"\s*(?:\.{2,}|…|[-_?]{3,})\s*")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Placeholder in a text. line: counted from 1."""

    words: str
    line: int


def find_placeholders(text: str) -> list[Placeholder]:
    """Placeholders of a text, in order; empty for a real text and for "".

    "TODO" -> TODO in line 1; "C" -> C in line 1; "The council agreed." -> none.
    """
    lines = text.splitlines()
    matches = [
        Placeholder(match[0].strip(), number)
        for number, line in enumerate(lines, start=1)
        for match in [UNFINISHED.search(line) or DOTS.fullmatch(line)]
        if match
    ]
    # A whole text of one word from a template ("Reason") is a placeholder; the same word inside a
    # sentence is not.
    whole = text.strip()
    if not matches and whole and _names_nothing(whole):
        return [Placeholder(whole[:40], 1 + len(text[: text.index(whole)].splitlines()))]
    return matches


def _names_nothing(text: str) -> bool:
    if WORD.search(text) is None:
        return True
    return " ".join(re.findall(r"[^\W_]+", text.casefold())) in TEMPLATE
