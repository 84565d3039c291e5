"""What a query says, as a tree: the form that is searched, printed and saved.

    And, Or   two or more parts, none of them of the parent's own kind
    Not       one part, never itself a Not
    Word      found in all its forms: "supervising" finds supervision
    Prefix    words that begin so: practition*
    Phrase    these words in this order, exactly as written
    Field     words of one field of the record: theme:neglect, board:"Two words"
    Years     years of the review, both ends included; None where an end is open
    Dates     days, both ends included; None where an end is open: added:2026-01..2026-03
    Broadened what was typed, and other names of the same from the thesaurus

Leaves know where they stood in the query; two trees are equal whatever the places. Build trees
with all_of, any_of and without: they keep the rules above.

What is printed and saved is what was typed: of a Broadened its typed part alone.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from waymark.core.errors import ParseError
from waymark.library.analysis import words

FIELDS = {
    "theme": "theme for learning",
    "nature": "nature of the incident",
    "year": "year of the review",
    "nation": "nation",
    "board": "board",
    "review": "reference or title of the review",
    "type": "type of review",
    "subject": "subject",
    "kind": "kind of record",
    "title": "title",
    "author": "author",
    "publisher": "publisher or board",
    "added": "day on which it became available",
    "published": "day of publication, else of completion",
}
DATE_FIELDS = frozenset({"added", "published"})
WORD_FIELDS = frozenset(FIELDS) - DATE_FIELDS - {"year"}
OPERATORS = frozenset({"AND", "OR", "NOT"})
LANGUAGE = 2
"""Of saved trees. 2 has dates and more fields than 1; whatever 1 says is read as it was meant."""
READ_LANGUAGES = frozenset({1, 2})
DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?", re.ASCII)
DEEPEST = 40
LARGEST = 1_000


@dataclass(frozen=True, slots=True)
class Leaf:
    """start, end: code points of the query as it was typed; 0 and 0 where it was not."""

    start: int = field(default=0, compare=False, kw_only=True)
    end: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Word(Leaf):
    """text: one word, or several joined with hyphens, which must stand side by side."""

    text: str


@dataclass(frozen=True, slots=True)
class Prefix(Leaf):
    """text: the beginning of one word, without the star."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase(Leaf):
    """text: words divided by one space."""

    text: str


@dataclass(frozen=True, slots=True)
class Field(Leaf):
    """name: one of WORD_FIELDS. text: words divided by one space."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Years(Leaf):
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Dates(Leaf):
    """name: one of DATE_FIELDS. first, last: a year, month or day as written, "2026-01"."""

    name: str
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Tree"


@dataclass(frozen=True, slots=True)
class Broadened:
    """typed: one Word, or an And of Words that stand side by side. names: other names of it."""

    typed: "Tree"
    names: tuple[Word, ...]


Sought = Word | Prefix | Phrase
LEAVES: dict[type[Sought], str] = {Word: "word", Prefix: "prefix", Phrase: "phrase"}
Tree = And | Or | Not | Word | Prefix | Phrase | Field | Years | Dates | Broadened


def all_of(parts: Iterable[Tree]) -> Tree:
    """All of one or more parts; a single part is itself."""
    flat = [one for part in parts for one in (part.parts if isinstance(part, And) else (part,))]
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(parts: Iterable[Tree]) -> Tree:
    """Any of one or more parts; a single part is itself."""
    flat = [one for part in parts for one in (part.parts if isinstance(part, Or) else (part,))]
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def without(part: Tree) -> Tree:
    """Whatever the part does not say; not not is nothing."""
    return part.part if isinstance(part, Not) else Not(part)


def sought(tree: Tree | None) -> Iterator[Sought]:
    """The words, prefixes and phrases that a hit may contain: nothing under a Not."""
    if isinstance(tree, And | Or):
        for part in tree.parts:
            yield from sought(part)
    elif isinstance(tree, Broadened):
        yield from sought(tree.typed)
        yield from tree.names
    elif isinstance(tree, Word | Prefix | Phrase):
        yield tree


def fields_in(tree: Tree) -> frozenset[str]:
    """The names of the word fields that a query asks about, also under a Not."""
    if isinstance(tree, And | Or):
        return frozenset[str]().union(*map(fields_in, tree.parts))
    if isinstance(tree, Not):
        return fields_in(tree.part)
    return frozenset({tree.name}) if isinstance(tree, Field) else frozenset()


def replaced(tree: Tree, changes: Mapping[Sought, Tree]) -> Tree:
    """The tree with other words in place of some; what stands under a Not stays."""
    match tree:
        case And(parts=parts):
            return all_of(replaced(part, changes) for part in parts)
        case Or(parts=parts):
            return any_of(replaced(part, changes) for part in parts)
        case Word() | Prefix() | Phrase():
            return changes.get(tree, tree)
    return tree


def as_text(tree: Tree) -> str:
    """The tree in the query language: parsing it gives the same tree again."""
    if isinstance(tree, And):
        return " ".join(_bracketed(part, (Or,)) for part in tree.parts)
    if isinstance(tree, Or):
        return " OR ".join(as_text(part) for part in tree.parts)
    if isinstance(tree, Not):
        return f"NOT {_bracketed(tree.part, (And, Or))}"
    if isinstance(tree, Broadened):
        return as_text(tree.typed)
    return _leaf_text(tree)


def _bracketed(tree: Tree, kinds: tuple[type, ...]) -> str:
    return f"({as_text(tree)})" if isinstance(tree, kinds) else as_text(tree)


def _leaf_text(leaf: Word | Prefix | Phrase | Field | Years | Dates) -> str:
    match leaf:
        case Word(text=text):
            return text
        case Prefix(text=text):
            return f"{text}*"
        case Phrase(text=text):
            return f'"{text}"'
        case Field(name=name, text=text):
            return f'{name}:"{text}"' if " " in text else f"{name}:{text}"
        case Years(first=first, last=last):
            ends = ["" if year is None else f"{year:04d}" for year in (first, last)]
            return f"year:{ends[0]}" if first == last else f"year:{ends[0]}-{ends[1]}"
        case Dates(name=name, first=start, last=end):
            return f"{name}:{start}" if start == end else f"{name}:{start or ''}..{end or ''}"


def to_json(tree: Tree) -> dict[str, Any]:
    """The tree as plain JSON, for saving: {"language": 2, "tree": {...}}."""
    return {"language": LANGUAGE, "tree": _plain(tree)}


def _plain(tree: Tree) -> dict[str, Any]:
    match tree:
        case And(parts=parts):
            return {"all": [_plain(part) for part in parts]}
        case Or(parts=parts):
            return {"any": [_plain(part) for part in parts]}
        case Not(part=part):
            return {"not": _plain(part)}
        case Field(name=name, text=text):
            return {"field": name, "is": text}
        case Years(first=first, last=last):
            return {"years": [first, last]}
        case Dates(name=name, first=start, last=end):
            return {"dates": name, "from": start, "to": end}
        case Broadened(typed=typed):
            return _plain(typed)
    return {LEAVES[type(tree)]: tree.text}


def from_json(saved: Mapping[str, Any]) -> Tree:
    """What to_json gave -> the tree. Raises ParseError for anything else."""
    if saved.get("language") not in READ_LANGUAGES:
        raise ParseError(f"expected a query of language {LANGUAGE}", text=repr(saved), at=0)
    left = [LARGEST]
    return _read(saved.get("tree"), depth=0, left=left)


def _read(said: Any, *, depth: int, left: list[int]) -> Tree:
    """left: how many more nodes may follow, counted down in place."""
    left[0] -= 1
    if depth > DEEPEST or left[0] < 0:
        raise ParseError("the query is too large", text=repr(said)[:60], at=0)

    def parts(listed: list[Any]) -> list[Tree]:
        return [_read(part, depth=depth + 1, left=left) for part in listed]

    match said:
        case {"all": [_, *_] as listed, **rest} if not rest:
            return all_of(parts(listed))
        case {"any": [_, *_] as listed, **rest} if not rest:
            return any_of(parts(listed))
        case {"not": part, **rest} if not rest:
            return without(_read(part, depth=depth + 1, left=left))
    return _read_leaf(said)


def _read_leaf(said: Any) -> Tree:
    match said:
        case {"years": [int() | None as first, int() | None as last], **rest} if not rest:
            return _years(first, last, said)
        case {"dates": str(name), "from": str() | None as start, "to": str() | None as end, **rest}:
            if not rest and name in DATE_FIELDS:
                return _dates(name, start, end, said)
        case {"field": str(name), "is": str(text), **rest} if not rest and name in WORD_FIELDS:
            return Field(name, " ".join(_words_of(text, said)))
        case {"word": str(text), **rest} if not rest:
            return Word(word_text("-".join(_words_of(text, said))))
        case {"phrase": str(text), **rest} if not rest:
            return Phrase(" ".join(_words_of(text, said)))
        case {"prefix": str(text), **rest} if not rest and len(words(text)) == 1:
            return Prefix(words(text)[0])
    raise _unknown(said)


def _words_of(text: str, said: Any) -> list[str]:
    found = words(text)
    if not found:
        raise _unknown(said)
    return found


def _years(first: int | None, last: int | None, said: Any) -> Years:
    known = [year for year in (first, last) if year is not None]
    if not known or known != sorted(known) or not all(0 <= year <= 9999 for year in known):
        raise _unknown(said)
    return Years(first, last)


def _dates(name: str, first: str | None, last: str | None, said: Any) -> Dates:
    ends = [day for day in (first, last) if day is not None]
    if not ends or not all(is_date(day) for day in ends) or not in_order(first, last):
        raise _unknown(said)
    return Dates(name, first, last)


def first_day(said: str) -> date:
    """The first day of a year, month or day written as 2026, 2026-01 or 2026-01-31."""
    year, month, day = _parts(said)
    return date(year, month or 1, day or 1)


def last_day(said: str) -> date:
    """The last day of a year, month or day."""
    year, month, day = _parts(said)
    month = month or 12
    return date(year, month, day or monthrange(year, month)[1])


def _parts(said: str) -> tuple[int, int, int]:
    """Year, month and day; 0 where it is not said."""
    year, month, day = (*map(int, said.split("-")), 0, 0)[:3]
    return year, month, day


def is_date(said: str) -> bool:
    """Whether this is a year, month or day that there is."""
    if not DATE.fullmatch(said) or "00" in said.split("-")[1:]:
        return False
    try:
        return first_day(said) <= last_day(said)
    except ValueError:
        return False


def in_order(first: str | None, last: str | None) -> bool:
    """Whether a range of dates holds any day; dates that there are, None where an end is open."""
    return first is None or last is None or first_day(first) <= last_day(last)


def word_text(text: str) -> str:
    """A word that is no operator: AND as a word is written and."""
    return text.lower() if text in OPERATORS else text


def _unknown(said: Any) -> ParseError:
    return ParseError("this is no part of a query", text=repr(said)[:60], at=0)
