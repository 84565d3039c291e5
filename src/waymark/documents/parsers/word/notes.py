"""Footnotes and endnotes of a Word file, and the marks that refer to them."""

from collections.abc import Iterator

from waymark.documents.parsers.word.names import Element, W, is_on, number_in, value_at
from waymark.documents.parsers.word.numbering import format_count

KINDS = {f"{W}footnoteReference": "footnote", f"{W}endnoteReference": "endnote"}
USUAL_FORMAT = {"footnote": "decimal", "endnote": "lowerRoman"}
ORDINARY = {"", "normal"}  # the others are lines that part the notes from the text


class Notes:
    """The notes of a document, each of which is read once, where it is first cited."""

    def __init__(
        self, parts: dict[str, Element | None], settings: Element | None, document: Element
    ) -> None:
        self._notes = {
            (kind, note.get(f"{W}id", "")): note
            for kind, root in parts.items()
            for note in (root.iterchildren(f"{W}{kind}") if root is not None else ())
            if note.get(f"{W}type", "") in ORDINARY
        }
        self._formats: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        for kind, usual in USUAL_FORMAT.items():
            path = f"{W}{kind}Pr"
            stated = [value_at(settings, f"{path}/{W}numFmt")]
            stated += [
                value_at(section, f"{path}/{W}numFmt") for section in document.iter(f"{W}sectPr")
            ]
            self._formats[kind] = next(filter(None, reversed(stated)), usual)
            start = number_in(value_at(settings, f"{path}/{W}numStart"), 1)
            self._counts[kind] = int(start) - 1

    def cited(self, reference: Element) -> Element | None:
        """The note that is referred to, the first time; else None."""
        return self._notes.pop((KINDS[str(reference.tag)], reference.get(f"{W}id", "")), None)

    def next_mark(self, reference: Element) -> str:
        """The mark of the next note; "" where the document has one of its own beside it."""
        own = reference.get(f"{W}customMarkFollows")
        if own is not None and is_on(reference, f"{W}customMarkFollows"):
            return ""
        kind = KINDS[str(reference.tag)]
        self._counts[kind] += 1
        return format_count(self._counts[kind], self._formats[kind])

    def uncited(self) -> Iterator[Element]:
        """The notes that nothing referred to."""
        yield from self._notes.values()
