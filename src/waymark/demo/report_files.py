"""Write a report as a file that a board might send: PDF, Word, web page, or scan with a text layer.

The same source always gives the same bytes, so a report keeps its key in every build.
"""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pikepdf
import pypdfium2

from waymark.core.extras import OptionalModule
from waymark.demo.sources import ReportSource

docx = OptionalModule("docx", "report")
typst = OptionalModule("typst", "report")
TEMPLATE = Path(__file__).resolve().parent / "report.typ"
BANNER = "Fictional report, written to demonstrate Waymark. No real child, family or service."
SCAN_DPI = 110
# The earliest date of a ZIP entry: the time of the build would change the bytes.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def write_pdf(source: ReportSource) -> bytes:
    """The report as a PDF with text, bookmarks and tags."""
    about = source.about
    data = {
        "title": about.title,
        "banner": BANNER,
        "board": about.board,
        "author": about.author,
        "period": about.period,
        "dates": about.dates_in_words,
        "blocks": [
            {"kind": block.kind, "text": block.text, "level": block.level}
            for block in source.blocks
        ],
    }
    compiled = typst.compile(
        TEMPLATE,
        sys_inputs={"source": json.dumps(data)},
        ignore_system_fonts=True,
        timestamp=int(datetime(about.published.year, 1, 1, tzinfo=UTC).timestamp()),
    )
    if not isinstance(compiled, bytes):
        raise TypeError("typst gave pages, not one PDF")
    return compiled


def write_scan(source: ReportSource) -> bytes:
    """PDF as from a scanner: each page is one image, with the words in a layer beneath."""
    plain = write_pdf(source)
    pictures = pypdfium2.PdfDocument(plain)
    with pikepdf.open(io.BytesIO(plain)) as pdf:
        for page, original in zip(pdf.pages, pictures, strict=True):
            image = original.render(scale=SCAN_DPI / 72, grayscale=True).to_pil()
            packed = io.BytesIO()
            image.save(packed, "JPEG", quality=60)
            # The image is added to the page as an XObject and drawn over its words, which a reader
            # still finds: "q" and "Q" save and restore the graphics state around the old content.
            stream = pikepdf.Stream(pdf, packed.getvalue())
            stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
            stream.Width, stream.Height = image.size
            stream.ColorSpace, stream.BitsPerComponent = pikepdf.Name.DeviceGray, 8
            stream.Filter = pikepdf.Name.DCTDecode
            name = page.add_resource(stream, pikepdf.Name.XObject, pikepdf.Name.Scan)
            width, height = original.get_size()
            draw = f"q {width:.2f} 0 0 {height:.2f} 0 0 cm {name} Do Q".encode()
            page.contents_add(b"q", prepend=True)
            page.contents_add(b"Q " + draw)
        # A scanner does not tag what it scans.
        for tagged in ("/StructTreeRoot", "/MarkInfo"):
            if tagged in pdf.Root:
                del pdf.Root[tagged]
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True)
    pictures.close()
    return out.getvalue()


def write_docx(source: ReportSource) -> bytes:
    """The report as a Word document with heading styles and the banner in the page header."""
    about = source.about
    document = docx.Document()
    fixed = datetime(about.published.year, 1, 1, tzinfo=UTC)
    core = document.core_properties
    core.title, core.author, core.language = about.title, about.board, "en-GB"
    core.created = core.modified = fixed
    document.sections[0].header.paragraphs[0].text = BANNER
    for block in source.blocks:
        if block.kind == "heading":
            document.add_heading(block.text, block.level)
            if block.level == 1:
                document.add_paragraph(_imprint_text(source))
        else:
            style = "List Bullet" if block.kind == "item" else None
            document.add_paragraph(block.text, style)
    out = io.BytesIO()
    document.save(out)
    return _with_fixed_dates(out.getvalue())


def _with_fixed_dates(packed: bytes) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(packed)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        # [Content_Types].xml must come first in an Office file; the order of the rest is fixed too.
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return out.getvalue()


def write_html(source: ReportSource) -> bytes:
    """The report as a board's web page."""
    title = escape(source.about.title)
    body = [f"<p>{escape(BANNER)}</p>"]
    listing = False
    for block in source.blocks:
        if (block.kind == "item") != listing:
            body.append("<ul>" if block.kind == "item" else "</ul>")
            listing = block.kind == "item"
        tag = {"item": "li", "paragraph": "p"}.get(block.kind, f"h{block.level}")
        body.append(f"<{tag}>{escape(block.text)}</{tag}>")
        if block.kind == "heading" and block.level == 1:
            body.append(f"<p>{escape(_imprint_text(source))}</p>")
    body += ["</ul>"] if listing else []
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head><meta charset="utf-8">'
        f"<title>{title}</title></head>\n<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"
    ).encode()


def _imprint_text(source: ReportSource) -> str:
    about = source.about
    return (
        f"{about.board}. Written by {about.author}. Period under review: {about.period}. "
        f"{about.dates_in_words}."
    )


WRITERS: dict[str, tuple[str, Callable[[ReportSource], bytes]]] = {
    "pdf": (".pdf", write_pdf),
    "scan": (".pdf", write_scan),
    "docx": (".docx", write_docx),
    "html": (".html", write_html),
}


def write_report(source: ReportSource, how: str, into: Path) -> Path:
    """Write one report's file into a folder and return its path, as "R01-overview-report.pdf"."""
    ending, writer = WRITERS[how]
    path = into / f"{source.about.review}-overview-report{ending}"
    path.write_bytes(writer(source))
    return path
