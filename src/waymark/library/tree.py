"""The query tree: the form of a query that is searched, printed and saved.

    AndNode, OrNode  two or more parts, none of the same kind as the parent
    NotNode          one part, never itself a NotNode
    WordNode         matches in all forms of the word: "supervising" finds supervision
    PrefixNode       words that start with these letters: practition*
    PhraseNode       exactly these words in this order
    FieldNode        words of one field of the record: theme:neglect, board:"Two words"
    YearsNode        years of the review, both ends included; None: no limit
    DatesNode        days, both ends included; None: no limit: added:2026-01..2026-03
    ExpandedNode     the typed words, and other names for them from the thesaurus

Leaves know their position in the typed query; equality ignores it. Build trees with all_of, any_of
and none_of, which keep the rules above: all_of([a, all_of([b, c])]) has the parts a, b, c, and
none_of(none_of(a)) is a.

Only what was typed is printed and saved: of an ExpandedNode, its typed part.
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
    "added": "date added to the library",
    "published": "date of publication, or of completion",
}
DATE_FIELDS = frozenset({"added", "published"})
WORD_FIELDS = frozenset(FIELDS) - DATE_FIELDS - {"year"}
OPERATORS = frozenset({"AND", "OR", "NOT"})
LANGUAGE = 2
"""Version of saved trees. 2 has dates and more fields than 1; trees of 1 keep their meaning."""
READ_LANGUAGES = frozenset({1, 2})
DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?", re.ASCII)
# Limits of saved trees. Parsed queries are far smaller (query.py), but a saved tree comes from the
# database or a file, and one that is nested deeper would exhaust Python's stack.
DEEPEST = 40
LARGEST = 1_000


@dataclass(frozen=True, slots=True)
class Leaf:
    """A node without parts. start, end: code points of the typed query; 0, 0 if not typed."""

    start: int = field(default=0, compare=False, kw_only=True)
    end: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Word(Leaf):
    """text: one word, or several joined with hyphens, which must be adjacent."""

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
    """first, last: years, both included; at least one is not None."""

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
    """All of the parts match."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of the parts matches."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not match."""

    part: "Tree"


@dataclass(frozen=True, slots=True)
class Broadened:
    """typed: one word, or adjacent words joined by AND. names: other names from the thesaurus."""

    typed: "Tree"
    names: tuple[Word, ...]


Sought = Word | Prefix | Phrase
LEAVES: dict[type[Sought], str] = {Word: "word", Prefix: "prefix", Phrase: "phrase"}
Tree = And | Or | Not | Word | Prefix | Phrase | Field | Years | Dates | Broadened


def all_of(parts: Iterable[Tree]) -> Tree:
    """Join one or more parts by AND; a single part is returned as it is."""
    flat = [node for part in parts for node in (part.parts if isinstance(part, And) else (part,))]
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(parts: Iterable[Tree]) -> Tree:
    """Join one or more parts by OR; a single part is returned as it is."""
    flat = [node for part in parts for node in (part.parts if isinstance(part, Or) else (part,))]
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def without(part: Tree) -> Tree:
    """Negate the part; of a negated part, the part itself."""
    return part.part if isinstance(part, Not) else Not(part)


def sought(tree: Tree | None) -> Iterator[Sought]:
    """The words, prefixes and phrases that a hit may contain; nothing under a NOT."""
    if isinstance(tree, And | Or):
        for part in tree.parts:
            yield from sought(part)
    elif isinstance(tree, Broadened):
        yield from sought(tree.typed)
        yield from tree.names
    elif isinstance(tree, Word | Prefix | Phrase):
        yield tree


def fields_in(tree: Tree) -> frozenset[str]:
    """The names of the word fields in a query, also under a NOT."""
    if isinstance(tree, And | Or):
        return frozenset[str]().union(*map(fields_in, tree.parts))
    if isinstance(tree, Not):
        return fields_in(tree.part)
    return frozenset({tree.name}) if isinstance(tree, Field) else frozenset()


def replaced(tree: Tree, changes: Mapping[Sought, Tree]) -> Tree:
    """The tree with some words replaced; nothing under a NOT is changed."""
    match tree:
        case And(parts=parts):
            return all_of(replaced(part, changes) for part in parts)
        case Or(parts=parts):
            return any_of(replaced(part, changes) for part in parts)
        case Word() | Prefix() | Phrase():
            return changes.get(tree, tree)
    return tree


def as_text(tree: Tree) -> str:
    """The tree in the query language; parsing the text gives the same tree."""
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
        # Four digits, because the parser reads years of four digits only: year:0999.
        case Years(first=first, last=last):
            ends = ["" if year is None else f"{year:04d}" for year in (first, last)]
            return f"year:{ends[0]}" if first == last else f"year:{ends[0]}-{ends[1]}"
        case Dates(name=name, first=start, last=end):
            return f"{name}:{start}" if start == end else f"{name}:{start or ''}..{end or ''}"


def to_json(tree: Tree) -> dict[str, Any]:
    """The tree as JSON for saving: {"language": 2, "tree": {...}}.

    heron NOT otter* -> {"all": [{"word": "heron"}, {"not": {"prefix": "otter"}}]}
    """
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
    """Read a tree that to_json() wrote. Raises ParseError for anything else."""
    if saved.get("language") not in READ_LANGUAGES:
        raise ParseError(f"expected a query of language version {LANGUAGE}", text=repr(saved), at=0)
    left = [LARGEST]
    return _read(saved.get("tree"), depth=0, left=left)


def _read(saved: Any, *, depth: int, left: list[int]) -> Tree:
    """Read one node. left: number of further nodes allowed, counted down in place."""
    left[0] -= 1
    if depth > DEEPEST or left[0] < 0:
        raise ParseError("the query is too large", text=repr(saved)[:60], at=0)

    def parts(listed: list[Any]) -> list[Tree]:
        return [_read(part, depth=depth + 1, left=left) for part in listed]

    # `**rest` and `not rest` refuse further keys: a tree with keys of a newer version is not read
    # as something else, for example {"word": "otter", "fuzzy": 1} as plain otter.
    match saved:
        case {"all": [_, *_] as listed, **rest} if not rest:
            return all_of(parts(listed))
        case {"any": [_, *_] as listed, **rest} if not rest:
            return any_of(parts(listed))
        case {"not": part, **rest} if not rest:
            return without(_read(part, depth=depth + 1, left=left))
    return _read_leaf(saved)


def _read_leaf(saved: Any) -> Tree:
    match saved:
        case {"years": [int() | None as first, int() | None as last], **rest} if not rest:
            return _years(first, last, saved)
        case {"dates": str(name), "from": str() | None as start, "to": str() | None as end, **rest}:
            if not rest and name in DATE_FIELDS:
                return _dates(name, start, end, saved)
        case {"field": str(name), "is": str(text), **rest} if not rest and name in WORD_FIELDS:
            return Field(name, " ".join(_words_of(text, saved)))
        case {"word": str(text), **rest} if not rest:
            return Word(word_text("-".join(_words_of(text, saved))))
        case {"phrase": str(text), **rest} if not rest:
            return Phrase(" ".join(_words_of(text, saved)))
        case {"prefix": str(text), **rest} if not rest and len(words(text)) == 1:
            return Prefix(words(text)[0])
    raise _unknown(saved)


def _words_of(text: str, saved: Any) -> list[str]:
    text_words = words(text)
    if not text_words:
        raise _unknown(saved)
    return text_words


def _years(first: int | None, last: int | None, saved: Any) -> Years:
    known = [year for year in (first, last) if year is not None]
    if not known or known != sorted(known) or not all(0 <= year <= 9999 for year in known):
        raise _unknown(saved)
    return Years(first, last)


def _dates(name: str, first: str | None, last: str | None, saved: Any) -> Dates:
    ends = [day for day in (first, last) if day is not None]
    if not ends or not all(is_date(day) for day in ends) or not in_order(first, last):
        raise _unknown(saved)
    return Dates(name, first, last)


def first_day(text: str) -> date:
    """The first day of a year, month or day written as 2026, 2026-01 or 2026-01-31."""
    year, month, day = _parts(text)
    return date(year, month or 1, day or 1)


def last_day(text: str) -> date:
    """The last day of a year, month or day."""
    year, month, day = _parts(text)
    month = month or 12
    return date(year, month, day or monthrange(year, month)[1])


def _parts(text: str) -> tuple[int, int, int]:
    """Year, month and day; 0 if missing: "2026-01" -> (2026, 1, 0)."""
    year, month, day = (*map(int, text.split("-")), 0, 0)[:3]
    return year, month, day


def is_date(text: str) -> bool:
    """True for an existing year, month or day: "2024-02-29" but not "2026-02-29"."""
    if not DATE.fullmatch(text) or "00" in text.split("-")[1:]:
        return False
    try:
        return first_day(text) <= last_day(text)
    except ValueError:
        return False


def in_order(first: str | None, last: str | None) -> bool:
    """True if a range contains at least one day. first, last: existing dates, or None."""
    return first is None or last is None or first_day(first) <= last_day(last)


def word_text(text: str) -> str:
    """The text of a word that must not read as an operator: AND -> and."""
    return text.lower() if text in OPERATORS else text


def _unknown(saved: Any) -> ParseError:
    return ParseError("this is not part of a query", text=repr(saved)[:60], at=0)
