"""A newer reading made from another one: text comes and goes, and all positions follow."""

from bisect import bisect_right
from dataclasses import replace

from waymark.documents.reading.values import ReadPassage, ReadReport, broken_laws
from waymark.documents.reading.words import WordBoxes

Edit = tuple[int, int, str]
"""Start and end of what goes, and what comes in its place."""


def edited(read: ReadReport, edits: list[Edit], *, extractor: str = "test/9") -> ReadReport:
    """The reading with its text edited. edits: in order, none over another, each on one page."""
    starts = [start for start, _, _ in edits]
    shifts = [0]
    for start, end, text in edits:
        shifts.append(shifts[-1] + len(text) - (end - start))

    def at(position: int) -> int:
        number = bisect_right(starts, position - 1)
        if number and position < edits[number - 1][1]:
            position = edits[number - 1][0]
            return position + shifts[number - 1]
        return position + shifts[number]

    text, done = [], 0
    for start, end, instead in edits:
        text += [read.text[done:start], instead]
        done = end
    newer = replace(
        read,
        extractor=extractor,
        text="".join([*text, read.text[done:]]),
        pages=tuple(
            replace(
                page,
                start=at(page.start),
                end=at(page.end),
                words=WordBoxes.of([], [], []),
            )
            for page in read.pages
        ),
        passages=tuple(_passages(read, at)),
        furniture=tuple(
            (at(start), at(end)) for start, end in read.furniture if at(start) < at(end)
        ),
    )
    assert not broken_laws(newer), broken_laws(newer)
    return newer


def _passages(read: ReadReport, at) -> list[ReadPassage]:
    moved = [
        replace(passage, start=at(passage.start), end=at(passage.end)) for passage in read.passages
    ]
    return [passage for passage in moved if passage.start < passage.end]


def without_furniture(read: ReadReport) -> list[Edit]:
    """Edits that take running headers and footers out, each with the line feed beside it."""
    edits = []
    for start, end in read.furniture:
        page = next(page for page in read.pages if page.start <= start and end <= page.end)
        if end < page.end:
            edits.append((start, end + 1, ""))
        elif start > page.start and not (edits and edits[-1][1] == start):
            edits.append((start - 1, end, ""))
        else:
            edits.append((start, end, ""))
    return edits
