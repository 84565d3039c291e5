"""One page of a PDF as a PNG image, drawn by pdfium in the disposable child (no Django)."""

import io
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image

from waymark.core.errors import FileRefused
from waymark.documents.parsers.opening import open_pdf

MOST_PIXELS = 40_000_000


def page_as_png(path: Path, number: int, width: int) -> bytes:
    """Page number (from 1), width pixels wide, as PNG; in grey if the page has no colour.

    Raises FileRefused if the page cannot be drawn.
    """
    try:
        document = open_pdf(path)
        document.init_forms()  # before a page is opened: else fields without a drawing stay empty
        page = document[number - 1]
    except (pypdfium2.PdfiumError, IndexError) as error:
        raise FileRefused(
            path.name, f"has no page {number} that can be drawn", "Check it"
        ) from error
    wide, high = page.get_size()
    # 1,240 pixels of A4 (595 x 842 points) are 1,240 x 1,755 = 2.2 million; a page of 200 inches
    # square would be drawn at most 6,324 pixels wide.
    scale = min(width / max(wide, 1), (MOST_PIXELS / max(wide * high, 1)) ** 0.5)
    pixels = page.render(scale=scale, rev_byteorder=True).to_numpy()[:, :, :3]
    plain = np.array_equal(pixels[:, :, 0], pixels[:, :, 1]) and np.array_equal(
        pixels[:, :, 0], pixels[:, :, 2]
    )
    image = Image.fromarray(np.ascontiguousarray(pixels[:, :, 0] if plain else pixels))
    drawn = io.BytesIO()
    image.save(drawn, "PNG", compress_level=6)
    return drawn.getvalue()
