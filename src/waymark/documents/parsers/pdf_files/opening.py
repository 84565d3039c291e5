"""Opening a checked PDF with pdfium, for reading and for drawing its pages (no Django)."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2

from waymark.documents.parsers.pdf_files.preflight import open_with_qpdf


def changed_copy(path: Path, *changes: Callable[[Any], None]) -> pypdfium2.PdfDocument:
    """Open a copy of a PDF, in memory, after changes to it. Raises PdfiumError and PdfError."""
    copy = io.BytesIO()
    with open_with_qpdf(path) as pdf:
        for change in changes:
            change(pdf)
        pdf.save(copy)
    return pypdfium2.PdfDocument(copy.getvalue())


def open_pdf(path: Path) -> pypdfium2.PdfDocument:
    """Open a PDF; one that pdfium cannot open, as qpdf repairs it. Raises PdfiumError.

    qpdf finds the objects of a file whose end is missing; pdfium needs the table at its end.
    """
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        try:
            return changed_copy(path)
        except pikepdf.PdfError:
            raise error from None
