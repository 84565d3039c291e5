"""Notes on fields of a query whose words are no value there is: kind:podcast, theme:weather."""

import difflib
from collections.abc import Iterator

from waymark.library.language.analyser import word_forms, words_in
from waymark.library.queries.facet_labels import facet_value_labels
from waymark.library.queries.search_backend import search_backend
from waymark.library.queries.thesaurus import subject_lexicon
from waymark.library.search.parser import QueryNote
from waymark.library.search.protocol import IndexQuery
from waymark.library.search.tree import (
    FIELDS,
    AndNode,
    ExpandedNode,
    FieldNode,
    NotNode,
    OrNode,
    QueryTree,
)

LISTED = frozenset({"kind"})
"""Fields of which all values are named."""
CLOSED = LISTED | {"theme", "nature", "subject"}
"""Fields whose values are known."""
MOST_FIELDS = 5
NEAR, MOST_NEAR = 0.6, 3


def unknown_value_notes(tree: QueryTree | None, request: IndexQuery) -> tuple[QueryNote, ...]:
    """A note for each field of a query that no record has, with the values that are meant perhaps.

    request: its audience and the records to leave out count.
    """
    fields = [field for field in dict.fromkeys(_fields_of(tree)) if field.name in CLOSED]
    notes = []
    for field in fields[:MOST_FIELDS]:
        alone = IndexQuery(field, request.audience, without=request.without)
        if not search_backend().count(alone):
            notes.append(QueryNote(_note_on(field), field.start, field.end))
    return tuple(notes)


def _fields_of(tree: QueryTree | None) -> Iterator[FieldNode]:
    match tree:
        case AndNode(parts=parts) | OrNode(parts=parts):
            for part in parts:
                yield from _fields_of(part)
        case NotNode(part=part) | ExpandedNode(typed=part):
            yield from _fields_of(part)
        case FieldNode():
            yield tree


def _note_on(field: FieldNode) -> str:
    values = _values_of(field.name)
    meaning = {"kind": "kind"}.get(field.name, FIELDS[field.name])
    if any(_terms(field.text) <= _terms(value) for value in values):
        return f"No record has the {meaning} “{field.text}”."
    message = f"There is no {meaning} “{field.text}”."
    if field.name in LISTED:
        return f"{message} You can search for {', '.join(sorted(set(values)))}."
    folded = {value.casefold(): value for value in values}
    near = difflib.get_close_matches(field.text.casefold(), folded, n=MOST_NEAR, cutoff=NEAR)
    if near:
        return f"{message} Similar: {'; '.join(folded[value] for value in near)}."
    return message


def _values_of(name: str) -> list[str]:
    if name == "subject":
        return subject_lexicon().every_name()
    return list(facet_value_labels(name))


def _terms(text: str) -> frozenset[str]:
    return frozenset(word_forms(word)[1] for word in words_in(text))
