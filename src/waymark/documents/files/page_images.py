"""Images of pages, drawn once in an isolated child and then cached on disk."""

from pathlib import Path

from waymark.core.errors import FileRefused, NotFound
from waymark.documents.files import storage
from waymark.documents.ingest import reading_limits
from waymark.documents.isolation.parent import draw_isolated
from waymark.documents.models import Report

WIDTH = 1_240  # pixels: A4 at 150 dots per inch
NARROWEST, WIDEST = 100, 4_000


def page_png(report: Report, number: int, width: int = WIDTH) -> bytes:
    """Page number (from 1) of a report as PNG, width pixels wide (100 to 4,000).

    Raises NotFound if the format has no pages, or the page does not exist or cannot be drawn.
    """
    width = min(max(width, NARROWEST), WIDEST)
    image = storage.page_images_folder() / report.key[:2] / f"{report.key}-{number}-{width}.png"
    try:
        return image.read_bytes()
    except FileNotFoundError:
        pass
    if not report.pages.filter(number=number, has_image=True).exists():
        raise NotFound(f"{report.title} has no image of a page {number}")
    # Two requests may draw the same page at once: both write the same bytes, whole.
    drawn = _draw_page(storage.original_path(report.original_id), number, width)
    storage.write_whole(image.parent, [drawn], name=lambda: image.name)
    return drawn


def _draw_page(path: Path, number: int, width: int) -> bytes:
    try:
        return draw_isolated(path, number, width, reading_limits())
    except FileRefused as refused:
        raise NotFound(f"page {number} cannot be drawn: {refused.reason}") from refused


def delete_page_images(report: Report) -> None:
    """Delete the drawn pages of a report that was withdrawn or has expired."""
    for image in (storage.page_images_folder() / report.key[:2]).glob(f"{report.key}-*.png"):
        image.unlink(missing_ok=True)
