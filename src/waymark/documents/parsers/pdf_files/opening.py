"""Opening a checked PDF with pdfium, for reading and for drawing its pages (no Django)."""

import ctypes
import io
import mmap
import os
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


def _content_of(path: Path) -> "ctypes.Array[ctypes.c_char] | bytes":
    """Content of a file for pdfium, as a part of memory that the system reads as it is needed.

    pdfium is given no path: it would look for the file where it was before the sandbox.
    """
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return b""
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    return (ctypes.c_char * len(content)).from_buffer(content)


def open_pdf(path: Path) -> pypdfium2.PdfDocument:
    """Open a PDF; one that pdfium cannot open, as qpdf repairs it. Raises PdfiumError.

    qpdf finds the objects of a file whose end is missing; pdfium needs the table at its end.
    """
    try:
        return pypdfium2.PdfDocument(_content_of(path))
    except pypdfium2.PdfiumError as error:
        try:
            return changed_copy(path)
        except pikepdf.PdfError:
            raise error from None
