"""Searches put together from the fields of a form, or from earlier searches. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from waymark.library.language.analyser import words_in
from waymark.library.search.parser import parse_query
from waymark.library.search.tree import (
    OPERATORS,
    WORD_FIELDS,
    FieldNode,
    PhraseNode,
    QueryTree,
    WordNode,
    YearsNode,
    all_of,
    any_of,
    as_text,
    none_of,
)


@dataclass(frozen=True, slots=True)
class AdvancedSearch:
    """The fields of the advanced search form, as typed.

    title: words in any order; author, publisher, subject: words side by side.
    """

    every: str = ""
    phrase: str = ""
    either: str = ""
    without: str = ""
    title: str = ""
    author: str = ""
    publisher: str = ""
    subject: str = ""

    def as_query(self) -> str:
        """The search in the query language; "" if no field has words."""
        parts: list[QueryTree] = list(_words(self.every))
        if phrase := words_in(self.phrase):
            parts.append(PhraseNode(" ".join(phrase)))
        if either := _words(self.either):
            parts.append(any_of(either))
        parts += [FieldNode("title", word) for word in words_in(self.title)]
        parts += [
            FieldNode(name, " ".join(words))
            for name in ("author", "publisher", "subject")
            if (words := words_in(getattr(self, name)))
        ]
        parts += map(none_of, _words(self.without))
        return as_text(all_of(parts)) if parts else ""


def _words(text: str) -> list[WordNode]:
    """The words of a field; operators, which the fields stand for, are left out."""
    return [WordNode(word) for word in words_in(text) if word not in OPERATORS]


@dataclass(frozen=True, slots=True)
class EarlierSearch:
    """An earlier search: what was typed, and the filters that were chosen."""

    text: str
    filters: Mapping[str, Sequence[str]]


def combined_query(searches: Iterable[EarlierSearch], *, either: bool) -> str:
    """All or any of some searches as one text; filters become fields where there is a field."""
    trees = [tree for search in searches if (tree := _tree_of(search)) is not None]
    if not trees:
        return ""
    return as_text(any_of(trees) if either else all_of(trees))


def _tree_of(search: EarlierSearch) -> QueryTree | None:
    parts: list[QueryTree] = []
    if (typed := parse_query(search.text).tree) is not None:
        parts.append(typed)
    for name, values in search.filters.items():
        words = [words for value in values if (words := words_in(value))]
        if name in WORD_FIELDS and words:
            parts.append(any_of(FieldNode(name, " ".join(each)) for each in words))
    first, last = (_year(search.filters, name) for name in ("from", "to"))
    if first is not None or last is not None:
        parts.append(YearsNode(first, last))
    return all_of(parts) if parts else None


def _year(filters: Mapping[str, Sequence[str]], name: str) -> int | None:
    value = next(iter(filters.get(name, ())), "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) == 4 else None
