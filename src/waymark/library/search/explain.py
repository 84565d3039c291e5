"""Explain a query in plain English. Pure."""

from waymark.library.search.tree import (
    FIELDS,
    AndNode,
    DatesNode,
    ExpandedNode,
    FieldNode,
    NotNode,
    OrNode,
    PhraseNode,
    PrefixNode,
    QueryTree,
    TopicNode,
    WordNode,
    YearsNode,
)


def explain_query(tree: QueryTree) -> str:
    """The meaning of a query for a reader of a report.

    theme:neglect year:2004-2006 -> "theme for learning contains “neglect”, and year of the review
    from 2004 to 2006"
    """
    match tree:
        case AndNode(parts=parts):
            return ", and ".join(_explain_part(part) for part in parts)
        case OrNode(parts=parts):
            return ", or ".join(_explain_part(part) for part in parts)
        case NotNode(part=part):
            return f"not ({explain_query(part)})"
        case ExpandedNode(typed=typed) | TopicNode(typed=typed):
            return explain_query(typed)
        case _:
            return _explain_leaf(tree)


def _explain_leaf(
    leaf: WordNode | PrefixNode | PhraseNode | FieldNode | YearsNode | DatesNode,
) -> str:
    match leaf:
        case YearsNode(first=first, last=last):
            return f"{FIELDS['year']} {_explain_range(first, last)}"
        case DatesNode(name=name, first=start, last=end):
            return f"{FIELDS[name]} {_explain_range(start, end)}"
        case FieldNode(name=name, text=text):
            return f"{FIELDS[name]} contains “{text}”"
        case WordNode(text=text):
            return f"any form of the word “{text}”"
        case PrefixNode(text=text):
            return f"any word starting with “{text}”"
        case PhraseNode(text=text):
            return f"the exact words “{text}”"


def _explain_part(tree: QueryTree) -> str:
    return f"({explain_query(tree)})" if isinstance(tree, AndNode | OrNode) else explain_query(tree)


def _explain_range(first: int | str | None, last: int | str | None) -> str:
    """2004, 2006 -> "from 2004 to 2006"; None, 2006 -> "up to 2006"; 2004, None -> "from 2004"."""
    if first == last:
        return f"{first}"
    if first is None:
        return f"up to {last}"
    return f"from {first}" if last is None else f"from {first} to {last}"
