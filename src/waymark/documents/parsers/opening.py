"""Opening a checked PDF with pdfium, for reading and for drawing its pages (no Django)."""

import io
from pathlib import Path

import pikepdf
import pypdfium2

from waymark.documents.parsers.preflight import open_with_qpdf


def open_pdf(path: Path) -> pypdfium2.PdfDocument:
    """Open a PDF; one that pdfium cannot open, as qpdf repairs it. Raises PdfiumError.

    qpdf finds the objects of a file whose end is missing; pdfium needs the table at its end.
    """
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        repaired = io.BytesIO()
        try:
            with open_with_qpdf(path) as pdf:
                pdf.save(repaired)
        except pikepdf.PdfError:
            raise error from None
        return pypdfium2.PdfDocument(repaired.getvalue())
