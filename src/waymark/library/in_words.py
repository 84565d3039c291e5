"""Explain a query in plain English. Pure."""

from waymark.library.tree import (
    FIELDS,
    And,
    Broadened,
    Dates,
    Field,
    Not,
    Or,
    Phrase,
    Prefix,
    Tree,
    Word,
    Years,
)


def in_words(tree: Tree) -> str:
    """The meaning of a query for a reader of a report.

    theme:neglect year:2004-2006 -> "theme for learning contains “neglect”, and year of the review
    from 2004 to 2006"
    """
    match tree:
        case And(parts=parts):
            return ", and ".join(_grouped(part) for part in parts)
        case Or(parts=parts):
            return ", or ".join(_grouped(part) for part in parts)
        case Not(part=part):
            return f"not ({in_words(part)})"
        case Broadened(typed=typed):
            return in_words(typed)
        case _:
            return _leaf(tree)


def _leaf(leaf: Word | Prefix | Phrase | Field | Years | Dates) -> str:
    match leaf:
        case Years(first=first, last=last):
            return f"{FIELDS['year']} {_range(first, last)}"
        case Dates(name=name, first=start, last=end):
            return f"{FIELDS[name]} {_range(start, end)}"
        case Field(name=name, text=text):
            return f"{FIELDS[name]} contains “{text}”"
        case Word(text=text):
            return f"any form of the word “{text}”"
        case Prefix(text=text):
            return f"any word starting with “{text}”"
        case Phrase(text=text):
            return f"the exact words “{text}”"


def _grouped(tree: Tree) -> str:
    return f"({in_words(tree)})" if isinstance(tree, And | Or) else in_words(tree)


def _range(first: int | str | None, last: int | str | None) -> str:
    """2004, 2006 -> "from 2004 to 2006"; None, 2006 -> "up to 2006"; 2004, None -> "from 2004"."""
    if first == last:
        return f"{first}"
    if first is None:
        return f"up to {last}"
    return f"from {first}" if last is None else f"from {first} to {last}"
