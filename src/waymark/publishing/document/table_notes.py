"""Number the notes of all tables of a report, and print stock notes once. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from waymark.publishing.document.nodes import Node, TableNode
from waymark.publishing.document.note_marks import is_stock


class NoteNumbers:
    """The numbers of the notes of one edition, in the order in which tables print them."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._printed: dict[str, str] = {}

    def number(self, nodes: Iterable[Node]) -> Iterator[Node]:
        """Nodes of a chapter with their tables' notes numbered; the same note, the same number.

        The text of a stock note is printed under the first table of the edition that has it.
        """
        for node in nodes:
            yield self._numbered(node) if isinstance(node, TableNode) else node

    def _numbered(self, node: TableNode) -> TableNode:
        notes = node.protected.table.notes
        numbers = tuple(self._numbers.setdefault(note, len(self._numbers) + 1) for note in notes)
        above = tuple(self._printed.get(note, "") if is_stock(note) else "" for note in notes)
        for note in notes:
            self._printed.setdefault(note, node.name)
        return replace(node, numbers=numbers, above=above)
