"""Images of pages, drawn once in an isolated child and then cached on disk."""

from pathlib import Path

from waymark.core.errors import FileRefused, NotFound, OriginalMissing
from waymark.documents.files import storage
from waymark.documents.files.originals import original_store
from waymark.documents.ingest import reading_limits
from waymark.documents.isolation.parent import draw_isolated
from waymark.documents.models import Report

WIDTH = 1_240  # pixels: A4 at 150 dots per inch
NARROWEST, WIDEST = 100, 4_000
WEBP_WIDTHS = (160, 480, 800, 1_240, 2_000)
"""Widths in pixels that pages are shown in: few, so that nobody can fill the disk by asking."""
DRAWING = 1
"""Number of the way pages are drawn: raise it when the same page comes out differently."""


def page_png(report: Report, number: int, width: int = WIDTH) -> bytes:
    """Page number (from 1) of a report as PNG, width pixels wide (100 to 4,000).

    Raises NotFound if the format has no pages, or the page does not exist or cannot be drawn;
    OriginalMissing if the file is gone, OriginalsUnavailable if its store does not answer.
    """
    return _stored_or_drawn(report, number, min(max(width, NARROWEST), WIDEST), "png")


def page_webp(report: Report, number: int, width: int) -> bytes:
    """Page number (from 1) of a report as WebP, in one of WEBP_WIDTHS.

    Raises NotFound for another width, or as page_png.
    """
    if width not in WEBP_WIDTHS:
        raise NotFound(f"pages are not drawn {width} pixels wide")
    return _stored_or_drawn(report, number, width, "webp")


def image_tag(report: Report, number: int, width: int, file_format: str) -> str:
    """Entity tag of a page image: the same bytes of a file give the same image."""
    return f'"{report.key}-{number}-{width}-{file_format}-{DRAWING}"'


def is_drawn(report: Report, number: int, width: int, file_format: str) -> bool:
    """True if the image of a page is stored, and so costs little."""
    return _place_of(report, number, width, file_format).exists()


def _place_of(report: Report, number: int, width: int, file_format: str) -> Path:
    folder = storage.page_images_folder() / report.key[:2]
    return folder / f"{report.key}-{number}-{width}.{file_format}"


def _stored_or_drawn(report: Report, number: int, width: int, file_format: str) -> bytes:
    image = _place_of(report, number, width, file_format)
    try:
        return image.read_bytes()
    except FileNotFoundError:
        pass
    if not report.pages.filter(number=number, has_image=True).exists():
        raise NotFound(f"{report.title} has no image of a page {number}")
    store = original_store()
    try:
        with store.local_file(report.original_id) as original:
            if not original.is_file():
                raise OriginalMissing(report.key, original)
            drawn = _draw_page(original, number, width, file_format)
    except FileNotFoundError as error:
        raise OriginalMissing(report.key, store.place(report.original_id)) from error
    # Two requests may draw the same page at once: both write the same bytes, whole.
    storage.write_whole(image.parent, [drawn], name=lambda: image.name)
    return drawn


def _draw_page(path: Path, number: int, width: int, file_format: str) -> bytes:
    try:
        return draw_isolated(path, number, width, reading_limits(), file_format)
    except FileRefused as refused:
        raise NotFound(f"page {number} cannot be drawn: {refused.reason}") from refused


def drawn_pages(key: str) -> list[Path]:
    """Files of the drawn pages of a report, in all formats and widths."""
    return list((storage.page_images_folder() / key[:2]).glob(f"{key}-*"))


def delete_page_images(report: Report) -> None:
    """Delete the drawn pages of a report that was withdrawn or has expired."""
    for image in drawn_pages(report.key):
        image.unlink(missing_ok=True)
