"""Print the notes that are the same under every table once in a chapter. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from waymark.overview.disclosure.protection_notes import OPEN
from waymark.overview.tables.tabulate import COUNTED_WITH, SELECTION
from waymark.publishing.document.nodes import Node, TableNode


def without_repeated_notes(nodes: Iterable[Node]) -> Iterator[Node]:
    """Nodes of a chapter, with standing notes under its first table only.

    Notes about what a profile withholds stay under each table: a reader needs them there.
    """
    first: dict[str, str] = {}
    for node in nodes:
        if not isinstance(node, TableNode):
            yield node
            continue
        standing = [note for note in node.protected.table.notes if _is_standing(note)]
        repeated = tuple(note for note in standing if note in first)
        above = first[repeated[0]] if repeated else ""
        for note in standing:
            first.setdefault(note, node.name)
        yield replace(node, above=above, repeated=repeated)


def _is_standing(note: str) -> bool:
    return note in {SELECTION, OPEN} or note.startswith(COUNTED_WITH)
