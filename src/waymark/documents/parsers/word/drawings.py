"""Text boxes, SmartArt, charts and inserted documents of a Word file, each at its anchor."""

from dataclasses import replace

from waymark.documents.parsers.flow import tidy_text
from waymark.documents.parsers.word.findings import IN_DESCRIPTION
from waymark.documents.parsers.word.headings import BOX, WordParagraph
from waymark.documents.parsers.word.hidden import OFF_PAGE, Place
from waymark.documents.parsers.word.names import DIAGRAM, A, Element, R
from waymark.documents.parsers.word.paragraphs import part_within
from waymark.documents.parsers.word.shapes import is_off_page, is_old_shape_off_page
from waymark.documents.parsers.word.story import StoryReader


def box(reader: StoryReader, element: Element, place: Place) -> None:
    within = replace(place, ground=None, part=part_within(place.part, BOX), clip=None)
    reader.attach(reader.read(element, within))


def anchor(reader: StoryReader, element: Element, place: Place) -> None:
    if place.hidden is None and is_off_page(element, reader.document.page):
        place = replace(place, hidden=OFF_PAGE)
    reader.children(element, place)


def description(reader: StoryReader, element: Element, _: Place) -> None:
    """What screen readers say for a drawing."""
    reader.findings.unsure += [
        (element.get(name, ""), IN_DESCRIPTION) for name in ("descr", "title", "alt")
    ]


def old_shape(reader: StoryReader, element: Element, place: Place) -> None:
    description(reader, element, place)
    if place.hidden is None and is_old_shape_off_page(element, reader.document.page):
        place = replace(place, hidden=OFF_PAGE)
    reader.children(element, place)


def word_art(reader: StoryReader, element: Element, place: Place) -> None:
    _drawn_words(reader, [element.get("string", "")], place)


def diagram(reader: StoryReader, element: Element, place: Place) -> None:
    """SmartArt: the words of its points, in their order."""
    _, name = reader.relation(element.get(f"{R}dm", ""))
    root = reader.document.package.part(name) if name else None
    _drawn_words(
        reader,
        [
            "".join(part.text or "" for part in paragraph.iter(f"{A}t"))
            for point in (root.iter(f"{DIAGRAM}pt") if root is not None else ())
            for paragraph in point.iter(f"{A}p")
        ],
        place,
    )


def _drawn_words(reader: StoryReader, lines: list[str], place: Place) -> None:
    texts = [text for text in map(tidy_text, lines) if text]
    if place.hidden is not None:
        reader.findings.conceal(" ".join(texts), place.hidden)
        return
    for text in texts:
        reader.findings.bounds.count(text)
    part = part_within(place.part, BOX)
    reader.attach([WordParagraph(text, part=part, may_head=False) for text in texts])


def chart(reader: StoryReader, _: Element, place: Place) -> None:
    reader.findings.charts += place.hidden is None


def chunk(reader: StoryReader, element: Element, place: Place) -> None:
    """A document inserted as it is, in another format or not."""
    reader.end_joined(place)
    _, name = reader.relation(element.get(f"{R}id", ""))
    content = reader.document.package.content(name) if name else None
    paragraphs = reader.document.read_chunk(name, content) if content is not None else []
    if place.hidden is not None:
        words = " ".join(paragraph.text for paragraph in paragraphs)
        reader.findings.conceal(words, place.hidden)
    else:
        reader.out += paragraphs
