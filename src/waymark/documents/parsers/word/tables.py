"""Tables of a Word file, row by row."""

from dataclasses import replace

from waymark.documents.parsers.word.headings import TABLE
from waymark.documents.parsers.word.hidden import MARKED, MERGED, Place, RowClip
from waymark.documents.parsers.word.names import VAL, Element, W, is_on, number_in, value_at
from waymark.documents.parsers.word.paragraphs import part_within, row_paragraphs
from waymark.documents.parsers.word.story import StoryReader


def table(reader: StoryReader, element: Element, place: Place) -> None:
    reader.end_joined(place)
    ground = reader.document.rules.table_ground(element, place.ground)
    reader.children(element, replace(place, ground=ground, part=part_within(place.part, TABLE)))


def row(reader: StoryReader, element: Element, place: Place) -> None:
    properties = element.find(f"{W}trPr")
    if properties is not None:
        place = _place_in_row(reader, properties, place)
    outer, reader.cells = reader.cells, []
    reader.children(element, place)
    cells, reader.cells = reader.cells, outer
    reader.out += row_paragraphs(cells)


def _place_in_row(reader: StoryReader, properties: Element, place: Place) -> Place:
    deleted, inserted = properties.find(f"{W}del"), properties.find(f"{W}ins")
    if deleted is not None:
        return reader.deletion(deleted, place)
    if inserted is not None:
        reader.findings.insertions += 1
        reader.findings.note_person(inserted)
    if is_on(properties.find(f"{W}hidden")):
        return replace(place, hidden=place.hidden or MARKED)
    height = properties.find(f"{W}trHeight")
    if height is not None and height.get(f"{W}hRule") == "exact":
        return replace(place, clip=RowClip(number_in(height.get(VAL)) / 20, 0.0))
    return place


def cell(reader: StoryReader, element: Element, place: Place) -> None:
    properties = element.find(f"{W}tcPr")
    place = replace(place, ground=reader.document.rules.cell_ground(element, place.ground))
    if properties is not None:
        place = _place_in_cell(reader, properties, place)
    if place.clip is not None:
        width = number_in(value_at(properties, f"{W}tcW", f"{W}w")) / 20
        place = replace(place, clip=RowClip(place.clip.height, width))
    paragraphs = reader.read(element, place)
    if reader.cells is None:
        reader.out += paragraphs
    else:
        reader.cells.append(paragraphs)


def _place_in_cell(reader: StoryReader, properties: Element, place: Place) -> Place:
    deleted, merged = properties.find(f"{W}cellDel"), properties.find(f"{W}vMerge")
    if deleted is not None:
        return reader.deletion(deleted, place)
    # Word shows the first cell of those merged down a column, and not what the others hold.
    if merged is not None and merged.get(VAL, "continue") == "continue":
        return replace(place, hidden=place.hidden or MERGED)
    return place
