"""Scanned pages for the tests: typeset here, so that every word is known, and then made worse."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
import typst
from PIL import Image, ImageFilter

from waymark.documents.isolation.engine import find_engine

needs_tesseract = pytest.mark.skipif(
    find_engine() is None, reason="Tesseract is not installed: scans are not recognised"
)

WORDS = (
    "The visits stopped in May and nobody wrote down a reason for it. The family had moved to "
    "another town, where the misunderstanding about responsibilities continued over the summer. "
    "The school noticed that the child was often tired and told the education welfare officer."
)
SETUP = '#set page(paper: "a4", margin: 2.2cm)\n#set text(size: 11pt, lang: "en")\n'


def page_image(
    source: str,
    *,
    dpi: int = 150,
    skew: float = 0.0,
    noise: float = 0.0,
    blur: float = 0.0,
) -> Image.Image:
    """The first page of typst source in grey; skew in degrees, noise in tones of 255."""
    document = pypdfium2.PdfDocument(typst.compile(source.encode()))
    pixels = document[0].render(scale=dpi / 72, grayscale=True).to_numpy().copy()
    image = Image.fromarray(pixels.reshape(pixels.shape[:2]))
    if skew:
        image = image.rotate(skew, Image.Resampling.BICUBIC, fillcolor=255)
    if blur:
        image = image.filter(ImageFilter.GaussianBlur(blur))
    if noise:
        tones = np.asarray(image, np.float64) * 0.85 + 25
        tones += np.random.default_rng(0).normal(0, noise, tones.shape)
        image = Image.fromarray(np.clip(tones, 0, 255).astype(np.uint8))
    return image


def pdf_of_pages(
    into: Path, pages: Sequence[Image.Image | bytes], *, over: dict[int, bytes] | None = None
) -> Path:
    """A PDF of A4 pages: images that fill them, or typst PDFs. over: page -> content upon it."""
    with pikepdf.new() as pdf:
        for page in pages:
            if isinstance(page, bytes):
                with pikepdf.open(io.BytesIO(page)) as source:
                    pdf.pages.extend(source.pages)
            else:
                drawn = io.BytesIO()
                page.save(drawn, "PDF", resolution=page.width / (595 / 72))
                with pikepdf.open(drawn) as source:
                    pdf.pages.extend(source.pages)
        for number, content in (over or {}).items():
            page = pdf.pages[number - 1]
            page.add_resource(
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Font,
                    Subtype=pikepdf.Name.Type1,
                    BaseFont=pikepdf.Name.Helvetica,
                    Encoding=pikepdf.Name.WinAnsiEncoding,
                ),
                pikepdf.Name.Font,
                pikepdf.Name.F1,
            )
            # What the page itself draws may leave the scale changed.
            page.contents_add(b"q", prepend=True)
            page.contents_add(b"Q " + content)
        pdf.save(into)
    return into


def scan_of(into: Path, source: str, **damage: float) -> Path:
    """A PDF of one scanned page."""
    return pdf_of_pages(into, [page_image(source, **damage)])
