"""Years and ages in a query as people write them. Pure.

    2019-2021, 2004 to 2006, 2009/10    these words, or records of these years
    since 2015, before 2010             records from 2015; records up to 2009
    2013                                the word, or records of the year
    under 1, under ones                 these words, or the names of babies in the thesaurus

Only words side by side are read so, outside of quotation marks, fields and NOT.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from waymark.library.language.analyser import words_in
from waymark.library.search.tree import (
    AndNode,
    ExpandedNode,
    OrNode,
    QueryTree,
    WordNode,
    YearsNode,
    all_of,
    any_of,
)

YEAR = r"(?:19|20)[0-9]{2}"
RANGE = re.compile(
    rf"(?:from |between )?(?P<first>{YEAR})(?:[-\u2013/]| (?:to|until|and|\u2013|-) )"
    rf"(?P<last>{YEAR}|[0-9]{{2}})",
    re.ASCII,
)
OPEN = re.compile(rf"(?P<sign>since|from|after|before|until|till) (?P<year>{YEAR})", re.ASCII)
ONE = re.compile(rf"(?P<year>{YEAR})", re.ASCII)
UNDER_ONE = re.compile(r"(?:under|below) (?:the age of )?(?:1s?|ones?)(?: years?)?")
BABIES = "babies under one"
LONGEST = 6
"""Words that are read together."""


@dataclass(frozen=True, slots=True)
class NumberReading:
    """What some words of a query were also searched as. typed: the words; meant: in words."""

    typed: str
    meant: str


NamesOf = Callable[[str], Sequence[str]]
"""Words that name a subject -> all names of the subject; none if they name none."""


def with_numbers(tree: QueryTree, names_of: NamesOf) -> tuple[QueryTree, tuple[NumberReading, ...]]:
    """The query with its years and ages also searched as such, and how they were read."""
    readings: list[NumberReading] = []

    def read(node: QueryTree) -> QueryTree:
        if isinstance(node, AndNode):
            return all_of(_parts(node.parts))
        if isinstance(node, OrNode):
            return any_of(map(read, node.parts))
        return all_of(_parts((node,)))

    def _parts(parts: Sequence[QueryTree]) -> Iterator[QueryTree]:
        at = 0
        while at < len(parts):
            run = _words_from(parts, at)
            for length in range(len(run), 0, -1):
                typed = run[:length]
                if reading := _read(typed, names_of):
                    meaning, node = reading
                    readings.append(NumberReading(" ".join(word.text for word in typed), meaning))
                    yield node
                    at += length
                    break
            else:
                yield run[0] if run else read(parts[at]) if _is_group(parts[at]) else parts[at]
                at += 1

    return read(tree), tuple(readings)


def _is_group(node: QueryTree) -> bool:
    return isinstance(node, AndNode | OrNode)


def _words_from(parts: Sequence[QueryTree], at: int) -> list[WordNode]:
    run: list[WordNode] = []
    for part in parts[at : at + LONGEST]:
        if not isinstance(part, WordNode):
            break
        run.append(part)
    return run


def _read(run: Sequence[WordNode], names_of: NamesOf) -> tuple[str, QueryTree] | None:
    """The meaning of words that are a year, years or an age, and the search; None for others."""
    text = " ".join(word.text for word in run).casefold()
    if match := RANGE.fullmatch(text):
        first, last = int(match["first"]), _last_year(match["first"], match["last"])
        if first >= last:
            return None
        forms = (f"{first}-{last}", f"{first}-to-{last}", f"{first}-{last % 100:02}")
        return _years(run, forms, first, last)
    if match := OPEN.fullmatch(text):
        year, sign = int(match["year"]), match["sign"]
        if sign in ("since", "from", "after"):
            return _years(run, (), year + (sign == "after"), None)
        return _years(run, (), None, year - (sign == "before"))
    if match := ONE.fullmatch(text):
        return _years(run, (text,), int(text), int(text))
    if UNDER_ONE.fullmatch(text) and (names := names_of(BABIES)):
        written = ("under-1", "under-one", *("-".join(words_in(name)) for name in names))
        typed, *others = (_as_word(run, form) for form in dict.fromkeys(written))
        return BABIES, ExpandedNode(typed, tuple(others))
    return None


def _last_year(first: str, last: str) -> int:
    """2009 and "10" -> 2010."""
    return int(last if len(last) == len(first) else first[:2] + last)


def _years(
    run: Sequence[WordNode], forms: Sequence[str], first: int | None, last: int | None
) -> tuple[str, QueryTree]:
    years = YearsNode(first, last, start=run[0].start, end=run[-1].end)
    if first is None or last is None:
        meaning = f"from {first}" if last is None else f"up to {last}"
    else:
        meaning = f"of {first}" if first == last else f"from {first} to {last}"
    return f"records {meaning}", any_of([*(_as_word(run, form) for form in forms), years])


def _as_word(run: Sequence[WordNode], text: str) -> WordNode:
    return WordNode(text, start=run[0].start, end=run[-1].end)
