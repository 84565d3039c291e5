"""Images of pages beside their text, with what is marked on them."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from waymark.core.spans import Span
from waymark.documents.files.page_images import WEBP_WIDTHS
from waymark.documents.models import Report
from waymark.documents.queries.readings import AnyPage
from waymark.documents.reading.words import Box, span_rectangles, unpack_words
from waymark.web.reader.highlighting import TextMarks

USUAL = WEBP_WIDTHS[2]
"""Width for browsers that choose none."""


@dataclass(frozen=True, slots=True)
class HighlightBox:
    """Mark on the image of a page, in points from its top left corner.

    hit: number of the hit it belongs to, 0 for cited words.
    """

    x: str
    y: str
    width: str
    height: str
    hit: int = 0

    @classmethod
    def of(cls, box: Box, hit: int = 0) -> "HighlightBox":
        """Format a box with two decimals and a point, in every locale."""
        x0, y0, x1, y1 = box
        return cls(f"{x0:.2f}", f"{y0:.2f}", f"{x1 - x0:.2f}", f"{y1 - y0:.2f}", hit)

    def __str__(self) -> str:
        return f"{self.hit} {self.x} {self.y} {self.width} {self.height}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Image of a page with the addresses of its widths, and its marks. width, height: in points."""

    number: int
    width: str
    height: str
    boxes: tuple[HighlightBox, ...]
    address: str
    widths: str
    largest: str

    @classmethod
    def of(cls, report: Report, page: AnyPage, boxes: Sequence[HighlightBox]) -> "Sheet":
        """The image of a page of a report that the person may see."""
        addresses = {
            width: reverse("page-image-webp", args=[report.key, page.number, width])
            for width in WEBP_WIDTHS[1:]  # the first is for thumbnails
        }
        return cls(
            page.number,
            f"{page.width:.2f}",
            f"{page.height:.2f}",
            tuple(boxes),
            addresses[USUAL],
            ", ".join(f"{address} {width}w" for width, address in addresses.items()),
            addresses[max(addresses)],
        )


def boxes_on_pages(
    pages: Sequence[AnyPage], packed: Mapping[int, bytes], marks: TextMarks
) -> Mapping[int, tuple[HighlightBox, ...]]:
    """Number of a page -> what is marked on its image, of the pages that have marks.

    packed: word boxes by the number of their page.
    """
    marked: dict[int, list[tuple[int, Span]]] = {}
    for hit, span in _numbered(marks):
        for page in _pages_of(pages, span):
            marked.setdefault(page, []).append((hit, span))
    boxes: dict[int, tuple[HighlightBox, ...]] = {}
    for page in marked.keys() & packed.keys():
        words = unpack_words(packed[page])
        boxes[page] = tuple(
            HighlightBox.of(box, hit)
            for hit, span in marked[page]
            for box in span_rectangles(words, span)
        )
    return boxes


def _numbered(marks: TextMarks) -> Iterator[tuple[int, Span]]:
    yield from ((0, span) for span in marks.targets)
    yield from enumerate(marks.hits, start=1)


def _pages_of(pages: Sequence[AnyPage], span: Span) -> Iterator[int]:
    """Numbers of the pages that a span is on."""
    at = max(bisect_right(pages, span.start, key=lambda page: page.start) - 1, 0)
    while at < len(pages) and pages[at].start < span.end:
        if span.start < pages[at].end:
            yield pages[at].number
        at += 1
