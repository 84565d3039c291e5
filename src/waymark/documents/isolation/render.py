"""One page of a PDF as an image, drawn by pdfium in the disposable child (no Django)."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
from PIL import Image

from waymark.core.errors import FileRefused
from waymark.documents.parsers.pdf_files.opening import open_pdf

MOST_PIXELS = 40_000_000
WEBP_SIDE = 16_383
"""Most pixels on a side of a WebP image."""


def page_as_image(path: Path, number: int, width: int, file_format: str = "png") -> bytes:
    """Page number (from 1), width pixels wide, as "webp" or "png"; grey if it has no colour.

    A page that would be too large is drawn smaller. Raises FileRefused if it cannot be drawn.
    """
    page = _page_of(path, number)
    wide, high = page.get_size()
    scale = _bounded_scale(page, width / max(wide, 1))
    if file_format == "webp":
        scale = min(scale, (WEBP_SIDE - 1) / max(wide, high, 1))
    pixels = page.render(scale=scale, rev_byteorder=True).to_numpy()[:, :, :3]
    plain = np.array_equal(pixels[:, :, 0], pixels[:, :, 1]) and np.array_equal(
        pixels[:, :, 0], pixels[:, :, 2]
    )
    image = Image.fromarray(np.ascontiguousarray(pixels[:, :, 0] if plain else pixels))
    drawn = io.BytesIO()
    if file_format == "webp":
        # Quality 80 keeps small print sharp. Method 2 takes half the time of the usual 4 and makes
        # the file a tenth larger.
        image.save(drawn, "WEBP", quality=80, method=2)
    else:
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
