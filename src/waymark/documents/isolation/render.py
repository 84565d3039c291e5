"""One page of a PDF as a PNG image, drawn by pdfium in the disposable child (no Django)."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
from PIL import Image

from waymark.core.errors import FileRefused
from waymark.documents.parsers.pdf_files.opening import open_pdf

MOST_PIXELS = 40_000_000


def page_as_png(path: Path, number: int, width: int) -> bytes:
    """Page number (from 1), width pixels wide, as PNG; in grey if the page has no colour.

    Raises FileRefused if the page cannot be drawn.
    """
    page = _page_of(path, number)
    scale = _bounded_scale(page, width / max(page.get_size()[0], 1))
    pixels = page.render(scale=scale, rev_byteorder=True).to_numpy()[:, :, :3]
    plain = np.array_equal(pixels[:, :, 0], pixels[:, :, 1]) and np.array_equal(
        pixels[:, :, 0], pixels[:, :, 2]
    )
    image = Image.fromarray(np.ascontiguousarray(pixels[:, :, 0] if plain else pixels))
    drawn = io.BytesIO()
    image.save(drawn, "PNG", compress_level=6)
    return drawn.getvalue()


def page_in_grey(path: Path, number: int, scale: float) -> tuple[Image.Image, float]:
    """Page number (from 1) in grey, and the pixels for each point: scale, or fewer if too many.

    Raises FileRefused if the page cannot be drawn.
    """
    page = _page_of(path, number)
    scale = _bounded_scale(page, scale)
    pixels = page.render(scale=scale, grayscale=True).to_numpy()
    return Image.fromarray(np.ascontiguousarray(pixels.reshape(pixels.shape[:2]))), scale


def _page_of(path: Path, number: int) -> Any:
    try:
        document = open_pdf(path)
        document.init_forms()  # before a page is opened: else fields without a drawing stay empty
        page = document[number - 1]
    except (pypdfium2.PdfiumError, IndexError) as error:
        raise FileRefused(
            path.name, f"has no page {number} that can be drawn", "Check it"
        ) from error
    return page


def _bounded_scale(page: Any, scale: float) -> float:
    """Scale, or a smaller one for a page that would have too many pixels."""
    # 1,240 pixels of A4 (595 x 842 points) are 1,240 x 1,755 = 2.2 million; a page of 200 inches
    # square would be drawn at most 6,324 pixels wide.
    wide, high = page.get_size()
    return float(min(scale, (MOST_PIXELS / max(wide * high, 1)) ** 0.5))
