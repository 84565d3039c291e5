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
    TopicNode        topic:neglect with what the topic consists of now

Leaves know their position in the typed query; equality ignores it. Build trees with all_of, any_of
and none_of, which keep the rules above: all_of([a, all_of([b, c])]) has the parts a, b, c, and
none_of(none_of(a)) is a.

Only what was typed is printed and saved: of an ExpandedNode its typed part, of a TopicNode its key.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from waymark.core.errors import ParseError
from waymark.library.language.analyser import words_in
from waymark.library.search.dates import dates_in_order, is_date

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
    "topic": "topic",
    "added": "date added to the library",
    "published": "date of publication, or of completion",
}
DATE_FIELDS = frozenset({"added", "published"})
WORD_FIELDS = frozenset(FIELDS) - DATE_FIELDS - {"year"}
OPERATORS = frozenset({"AND", "OR", "NOT"})
LANGUAGE = 2
"""Version of saved trees. 2 has dates and more fields than 1; trees of 1 keep their meaning."""
READ_LANGUAGES = frozenset({1, 2})
# Limits of saved trees. Parsed queries are far smaller (parser.py), but a saved tree comes from the
# database or a file, and one that is nested deeper would exhaust Python's stack.
DEEPEST = 40
LARGEST = 1_000


@dataclass(frozen=True, slots=True)
class LeafNode:
    """A node without parts. start, end: code points of the typed query; 0, 0 if not typed."""

    start: int = field(default=0, compare=False, kw_only=True)
    end: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class WordNode(LeafNode):
    """text: one word, or several joined with hyphens, which must be adjacent.

    apart: they may be in any order, with so many words between them; 0 if typed.
    """

    text: str
    apart: int = field(default=0, kw_only=True)


@dataclass(frozen=True, slots=True)
class PrefixNode(LeafNode):
    """text: the beginning of one word, without the star."""

    text: str


@dataclass(frozen=True, slots=True)
class PhraseNode(LeafNode):
    """text: words divided by one space."""

    text: str


@dataclass(frozen=True, slots=True)
class FieldNode(LeafNode):
    """name: one of WORD_FIELDS. text: words divided by one space.

    without: numbers of records of which the field must not be told to the person who searches.
    """

    name: str
    text: str
    without: frozenset[int] = field(default=frozenset(), compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class YearsNode(LeafNode):
    """first, last: years, both included; at least one is not None."""

    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class DatesNode(LeafNode):
    """name: one of DATE_FIELDS. first, last: a year, month or day as written, "2026-01"."""

    name: str
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class AndNode:
    """All of the parts match."""

    parts: tuple["QueryTree", ...]


@dataclass(frozen=True, slots=True)
class OrNode:
    """At least one of the parts matches."""

    parts: tuple["QueryTree", ...]


@dataclass(frozen=True, slots=True)
class NotNode:
    """The part does not match."""

    part: "QueryTree"


@dataclass(frozen=True, slots=True)
class ExpandedNode:
    """typed: one word, or several near each other. names: other names from the thesaurus."""

    typed: "QueryTree"
    names: tuple[WordNode, ...]


@dataclass(frozen=True, slots=True)
class TopicNode:
    """Records about a topic: with one of its subjects or agreed codes, or its words in their title.

    typed: the field that was typed. words: they also give the score and the passages of a hit.
    without_codes: numbers of records whose codes must not be told to the person who searches.
    counted_codes: those of the codes whose passages are not shown.
    """

    typed: FieldNode
    subjects: tuple[str, ...]
    codes: tuple[str, ...]
    words: tuple[WordNode, ...]
    without_codes: frozenset[int] = frozenset()
    counted_codes: frozenset[str] = frozenset()


TextNode = WordNode | PrefixNode | PhraseNode
LEAVES: dict[type[TextNode], str] = {WordNode: "word", PrefixNode: "prefix", PhraseNode: "phrase"}
QueryTree = (
    AndNode
    | OrNode
    | NotNode
    | WordNode
    | PrefixNode
    | PhraseNode
    | FieldNode
    | YearsNode
    | DatesNode
    | ExpandedNode
    | TopicNode
)


def all_of(parts: Iterable[QueryTree]) -> QueryTree:
    """Join one or more parts by AND; a single part is returned as it is."""
    flat = [
        node for part in parts for node in (part.parts if isinstance(part, AndNode) else (part,))
    ]
    return flat[0] if len(flat) == 1 else AndNode(tuple(flat))


def any_of(parts: Iterable[QueryTree]) -> QueryTree:
    """Join one or more parts by OR; a single part is returned as it is."""
    flat = [
        node for part in parts for node in (part.parts if isinstance(part, OrNode) else (part,))
    ]
    return flat[0] if len(flat) == 1 else OrNode(tuple(flat))


def none_of(part: QueryTree) -> QueryTree:
    """Negate the part; of a negated part, the part itself."""
    return part.part if isinstance(part, NotNode) else NotNode(part)


def text_nodes(tree: QueryTree | None) -> Iterator[TextNode]:
    """The words, prefixes and phrases that a hit may contain; nothing under a NOT."""
    if isinstance(tree, AndNode | OrNode):
        for part in tree.parts:
            yield from text_nodes(part)
    elif isinstance(tree, ExpandedNode):
        yield from text_nodes(tree.typed)
        yield from tree.names
    elif isinstance(tree, TopicNode):
        yield from tree.words
    elif isinstance(tree, WordNode | PrefixNode | PhraseNode):
        yield tree


def fields_in(tree: QueryTree) -> frozenset[str]:
    """The names of the word fields in a query, also under a NOT."""
    if isinstance(tree, AndNode | OrNode):
        return frozenset[str]().union(*map(fields_in, tree.parts))
    if isinstance(tree, NotNode):
        return fields_in(tree.part)
    field_node = tree.typed if isinstance(tree, TopicNode) else tree
    return frozenset({field_node.name}) if isinstance(field_node, FieldNode) else frozenset()


def replace_fields(tree: QueryTree, change: Callable[[FieldNode], QueryTree]) -> QueryTree:
    """The tree with each field node changed, also under a NOT."""
    match tree:
        case AndNode(parts=parts):
            return all_of(replace_fields(part, change) for part in parts)
        case OrNode(parts=parts):
            return any_of(replace_fields(part, change) for part in parts)
        case NotNode(part=part):
            return none_of(replace_fields(part, change))
        case FieldNode():
            return change(tree)
    return tree


def replace_nodes(tree: QueryTree, changes: Mapping[TextNode, QueryTree]) -> QueryTree:
    """The tree with some words replaced; nothing under a NOT is changed."""
    match tree:
        case AndNode(parts=parts):
            return all_of(replace_nodes(part, changes) for part in parts)
        case OrNode(parts=parts):
            return any_of(replace_nodes(part, changes) for part in parts)
        case WordNode() | PrefixNode() | PhraseNode():
            return changes.get(tree, tree)
    return tree


def as_text(tree: QueryTree) -> str:
    """The tree in the query language; parsing the text gives the same tree."""
    if isinstance(tree, AndNode):
        return " ".join(_bracketed_text(part, (OrNode,)) for part in tree.parts)
    if isinstance(tree, OrNode):
        return " OR ".join(as_text(part) for part in tree.parts)
    if isinstance(tree, NotNode):
        return f"NOT {_bracketed_text(tree.part, (AndNode, OrNode))}"
    if isinstance(tree, ExpandedNode | TopicNode):
        return as_text(tree.typed)
    return _leaf_text(tree)


def _bracketed_text(tree: QueryTree, kinds: tuple[type, ...]) -> str:
    return f"({as_text(tree)})" if isinstance(tree, kinds) else as_text(tree)


def _leaf_text(leaf: WordNode | PrefixNode | PhraseNode | FieldNode | YearsNode | DatesNode) -> str:
    match leaf:
        case WordNode(text=text):
            return text
        case PrefixNode(text=text):
            return f"{text}*"
        case PhraseNode(text=text):
            return f'"{text}"'
        case FieldNode(name=name, text=text):
            return f'{name}:"{text}"' if " " in text else f"{name}:{text}"
        # Four digits, because the parser reads years of four digits only: year:0999.
        case YearsNode(first=first, last=last):
            ends = ["" if year is None else f"{year:04d}" for year in (first, last)]
            return f"year:{ends[0]}" if first == last else f"year:{ends[0]}-{ends[1]}"
        case DatesNode(name=name, first=start, last=end):
            return f"{name}:{start}" if start == end else f"{name}:{start or ''}..{end or ''}"


def to_json(tree: QueryTree) -> dict[str, Any]:
    """The tree as JSON for saving: {"language": 2, "tree": {...}}.

    heron NOT otter* -> {"all": [{"word": "heron"}, {"not": {"prefix": "otter"}}]}
    """
    return {"language": LANGUAGE, "tree": _node_json(tree)}


def _node_json(tree: QueryTree) -> dict[str, Any]:
    match tree:
        case AndNode(parts=parts):
            return {"all": [_node_json(part) for part in parts]}
        case OrNode(parts=parts):
            return {"any": [_node_json(part) for part in parts]}
        case NotNode(part=part):
            return {"not": _node_json(part)}
        case FieldNode(name=name, text=text):
            return {"field": name, "is": text}
        case YearsNode(first=first, last=last):
            return {"years": [first, last]}
        case DatesNode(name=name, first=start, last=end):
            return {"dates": name, "from": start, "to": end}
        case ExpandedNode(typed=typed) | TopicNode(typed=typed):
            return _node_json(typed)
    return {LEAVES[type(tree)]: tree.text}


def from_json(saved: Mapping[str, Any]) -> QueryTree:
    """Read a tree that to_json() wrote. Raises ParseError for anything else."""
    if saved.get("language") not in READ_LANGUAGES:
        raise ParseError(f"expected a query of language version {LANGUAGE}", text=repr(saved), at=0)
    left = [LARGEST]
    return _read_node(saved.get("tree"), depth=0, left=left)


def _read_node(saved: Any, *, depth: int, left: list[int]) -> QueryTree:
    """Read one node. left: number of further nodes allowed, counted down in place."""
    left[0] -= 1
    if depth > DEEPEST or left[0] < 0:
        raise ParseError("the query is too large", text=repr(saved)[:60], at=0)

    def parts(listed: list[Any]) -> list[QueryTree]:
        return [_read_node(part, depth=depth + 1, left=left) for part in listed]

    # `**rest` and `not rest` refuse further keys: a tree with keys of a newer version is not read
    # as something else, for example {"word": "otter", "fuzzy": 1} as plain otter.
    match saved:
        case {"all": [_, *_] as listed, **rest} if not rest:
            return all_of(parts(listed))
        case {"any": [_, *_] as listed, **rest} if not rest:
            return any_of(parts(listed))
        case {"not": part, **rest} if not rest:
            return none_of(_read_node(part, depth=depth + 1, left=left))
    return _read_leaf(saved)


def _read_leaf(saved: Any) -> QueryTree:
    match saved:
        # "**rest ... if not rest" refuses keys that this version does not know: a saved search of a
        # later version must not run as if its extra condition were not there.
        case {"years": [int() | None as first, int() | None as last], **rest} if not rest:
            return _read_years(first, last, saved)
        case {"dates": str(name), "from": str() | None as start, "to": str() | None as end, **rest}:
            if not rest and name in DATE_FIELDS:
                return _read_dates(name, start, end, saved)
        case {"field": str(name), "is": str(text), **rest} if not rest and name in WORD_FIELDS:
            return FieldNode(name, " ".join(_words_of(text, saved)))
        case {"word": str(text), **rest} if not rest:
            return WordNode(word_text("-".join(_words_of(text, saved))))
        case {"phrase": str(text), **rest} if not rest:
            return PhraseNode(" ".join(_words_of(text, saved)))
        case {"prefix": str(text), **rest} if not rest and len(words_in(text)) == 1:
            return PrefixNode(words_in(text)[0])
    raise _unknown_node(saved)


def _words_of(text: str, saved: Any) -> list[str]:
    text_words = words_in(text)
    if not text_words:
        raise _unknown_node(saved)
    return text_words


def _read_years(first: int | None, last: int | None, saved: Any) -> YearsNode:
    known = [year for year in (first, last) if year is not None]
    if not known or known != sorted(known) or not all(0 <= year <= 9999 for year in known):
        raise _unknown_node(saved)
    return YearsNode(first, last)


def _read_dates(name: str, first: str | None, last: str | None, saved: Any) -> DatesNode:
    ends = [day for day in (first, last) if day is not None]
    if not ends or not all(is_date(day) for day in ends) or not dates_in_order(first, last):
        raise _unknown_node(saved)
    return DatesNode(name, first, last)


def word_text(text: str) -> str:
    """The text of a word that must not read as an operator: AND -> and."""
    return text.lower() if text in OPERATORS else text


def _unknown_node(saved: Any) -> ParseError:
    return ParseError("this is not part of a query", text=repr(saved)[:60], at=0)
