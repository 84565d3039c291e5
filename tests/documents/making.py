"""Files for the tests, made on the spot: small, and each with exactly what its test is about."""

import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import pikepdf
import pypdfium2
import typst
from pikepdf import Array, Dictionary, Name

A4 = (595, 842)

REPORT = """
#set document(title: "A title nobody sees")
#set page(
  paper: "a4",
  header: [Case management review: Child Oak],
  footer: context [Page #counter(page).display() of #counter(page).final().first()],
)
#set text(size: 11pt, lang: "en", hyphenate: true)
#set par(justify: true)
#text(size: 20pt, weight: "bold")[Case management review: Child Oak]

= 1. What happened
#for number in range(1, 9) [
  1.#number The visits stopped in May and nobody wrote down a reason for it. The family had moved
  to another town, where the misunderstanding about responsibilities continued over the summer.
  The school noticed that the child was often tired and told the education welfare officer.

]
== Contact with services
#for number in range(1, 9) [
  2.#number The health visitor called four times at the house and found nobody at home. She wrote
  to the general practitioner, who did not answer the letter until the autumn of that year.

]
= Recommendations
- The Trust should agree who tells whom when a family moves.
- The board should ask each service, within six months, what became of the recommendation and
  whether practice has changed.
"""


def typeset(source: str, into: Path) -> Path:
    """A PDF set by typst."""
    into.write_bytes(typst.compile(source.encode()))
    return into


def pdf_of(
    pages: Sequence[bytes],
    into: Path,
    *,
    box: tuple[float, float, float, float] = (0, 0, *A4),
    rotate: int = 0,
    **root: object,
) -> Path:
    """A PDF whose pages have these content streams; F1 is Helvetica, F2 its bold face."""
    with pikepdf.new() as pdf:
        fonts = {
            name: pdf.make_indirect(
                Dictionary(
                    Type=Name.Font,
                    Subtype=Name.Type1,
                    BaseFont=Name(face),
                    Encoding=Name.WinAnsiEncoding,
                )
            )
            for name, face in (("/F1", "/Helvetica"), ("/F2", "/Helvetica-Bold"))
        }
        for content in pages:
            page = pdf.add_blank_page(page_size=A4)
            page.MediaBox = Array(box)
            page.Resources = Dictionary(Font=Dictionary(fonts))
            page.Contents = pdf.make_stream(content)
            if rotate:
                page.Rotate = rotate
        for name, value in root.items():
            pdf.Root[f"/{name}"] = value
        pdf.save(into)
    return into


def line(x: float, y: float, words: str, *, size: float = 10, bold: bool = False) -> bytes:
    """One line of text at a place counted from the bottom left."""
    escaped = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").encode("cp1252")
    font = b"/F2" if bold else b"/F1"
    return b"BT %s %g Tf %g %g Td (%s) Tj ET\n" % (font, size, x, y, escaped)


def paragraph(x: float, y: float, lines: Sequence[str], *, size: float = 10) -> list[bytes]:
    """Lines one below the other, 12 points apart."""
    return [line(x, y - 12 * n, words, size=size) for n, words in enumerate(lines)]


LEFT = (
    "The panel met nine times and heard from eleven",
    "practitioners, who spoke frankly about their work",
    "and about the pressure that they had been under",
    "in the months before the child was admitted to",
    "hospital with injuries that could not be explained",
    "by anything that the adults in the house had said.",
)
RIGHT = (
    "The chair wrote to the family and offered to meet",
    "them at a place of their choosing, with a friend or",
    "an advocate, and to go through what the panel had",
    "found before the report was finished and presented",
    "to the board, which considered it in the spring and",
    "accepted all that it recommended to the services.",
)
TWO_COLUMNS = " ".join(LEFT) + "\n" + " ".join(RIGHT)


def column_lines() -> tuple[list[bytes], list[bytes]]:
    """Two columns of prose side by side."""
    return paragraph(50, 700, LEFT), paragraph(320, 700, RIGHT)


def image_only(into: Path) -> Path:
    """One page that shows a grey picture and holds no text."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=A4)
        picture = pdf.make_stream(zlib.compress(b"\x80" * 100), Filter=Name.FlateDecode)
        picture.Type, picture.Subtype = Name.XObject, Name.Image
        picture.Width = picture.Height = 10
        picture.ColorSpace, picture.BitsPerComponent = Name.DeviceGray, 8
        page.Resources = Dictionary(XObject=Dictionary({"/P": picture}))
        page.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /P Do Q")
        pdf.save(into)
    return into


SECRET = "Her name was secret"
BOX = b"0 g 55 695 200 16 re f\n"
"""Covers SECRET at (60, 700)."""


def scanned(
    into: Path,
    *,
    boxed_in_image: bool = False,
    boxed_above: bool = False,
    layer_first: bool = False,
    marker: tuple[int, int] = (0, 255),
) -> Path:
    """One page: a picture of words, and over it the same words as a text layer, not painted.

    SECRET stands on its first line; a black box may cover it in the picture or above it.
    layer_first: the words are painted instead, under the picture. marker: tones of the letters and
    the paper of the first line.
    """
    words = b"".join([line(60, 700, SECRET), *paragraph(60, 600, LEFT)])
    seen = pdf_of([words + (BOX if boxed_in_image else b"")], into.with_suffix(".seen.pdf"))
    with pypdfium2.PdfDocument(seen) as document:
        pixels = document[0].render(scale=2, grayscale=True).to_numpy().copy()
    seen.unlink()
    ink, paper = marker
    line_of_secret = pixels[2 * (842 - 715) : 2 * (842 - 690)]
    line_of_secret[:] = ink + line_of_secret.astype(float) / 255 * (paper - ink)
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=A4)
        picture = pdf.make_stream(zlib.compress(pixels.tobytes()), Filter=Name.FlateDecode)
        picture.Type, picture.Subtype = Name.XObject, Name.Image
        picture.Height, picture.Width = pixels.shape[:2]
        picture.ColorSpace, picture.BitsPerComponent = Name.DeviceGray, 8
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        page.Resources = Dictionary(
            XObject=Dictionary({"/P": picture}), Font=Dictionary({"/F1": font})
        )
        image = b"q 595 0 0 842 0 0 cm /P Do Q\n"
        content = words + image if layer_first else image + b"3 Tr\n" + words
        page.Contents = pdf.make_stream(content + (BOX if boxed_above else b""))
        pdf.save(into)
    return into


def locked(into: Path, *, user: str = "", owner: str = "secret", extract: bool = True) -> Path:
    """A PDF with passwords."""
    pdf_of([b"".join(paragraph(60, 700, LEFT))], into)
    with pikepdf.open(into, allow_overwriting_input=True) as pdf:
        allowed = pikepdf.Permissions(extract=extract)
        pdf.save(into, encryption=pikepdf.Encryption(user=user, owner=owner, allow=allowed))
    return into


def inflating(into: Path, *, mebibytes: int, times: int = 1) -> Path:
    """A PDF whose page content inflates to that size, packed `times` times over."""
    packer = zlib.compressobj(9)
    block = b" " * (1 << 20)
    packed = b"".join([*(packer.compress(block) for _ in range(mebibytes)), packer.flush()])
    for _ in range(times - 1):
        packed = zlib.compress(packed, 9)
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=A4)
        page.Contents = pikepdf.Stream(pdf, packed)
        page.Contents.Filter = Array([Name.FlateDecode] * times)
        pdf.save(into, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return into


def forms_within_forms(into: Path, *, levels: int, each: int) -> Path:
    """A PDF with forms that draw forms: each ** levels drawings from a few hundred bytes."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=A4)
        inner = pdf.make_stream(b"0 0 1 1 re f")
        inner.Type, inner.Subtype, inner.BBox = Name.XObject, Name.Form, Array([0, 0, 1, 1])
        for _ in range(levels):
            outer = pdf.make_stream(b"/X Do " * each)
            outer.Type, outer.Subtype, outer.BBox = Name.XObject, Name.Form, Array([0, 0, 1, 1])
            outer.Resources = Dictionary(XObject=Dictionary({"/X": inner}))
            inner = pdf.make_indirect(outer)
        page.Resources = Dictionary(XObject=Dictionary({"/X": inner}))
        page.Contents = pdf.make_stream(b"/X Do")
        pdf.save(into)
    return into


def page_tree_loop(into: Path) -> Path:
    """A PDF whose page tree holds itself."""
    body = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Pages/Kids[2 0 R]/Count 1/Parent 2 0 R>>endobj\n"
        b"trailer<</Root 1 0 R/Size 4>>\n%%EOF\n"
    )
    into.write_bytes(body)
    return into


def archive(into: Path, parts: dict[str, str | bytes]) -> Path:
    """A zip of these parts."""
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return into


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="word/document.xml" Type="http://schemas.openxmlformats.org/'
    'officeDocument/2006/relationships/officeDocument"/></Relationships>'
)


OFFICE = "http://schemas.openxmlformats.org"
WORD_NAMESPACES = (
    f'{W} xmlns:r="{OFFICE}/officeDocument/2006/relationships" '
    f'xmlns:mc="{OFFICE}/markup-compatibility/2006" '
    f'xmlns:m="{OFFICE}/officeDocument/2006/math" '
    f'xmlns:wp="{OFFICE}/drawingml/2006/wordprocessingDrawing" '
    f'xmlns:a="{OFFICE}/drawingml/2006/main" xmlns:dgm="{OFFICE}/drawingml/2006/diagram" '
    f'xmlns:pic="{OFFICE}/drawingml/2006/picture" xmlns:c="{OFFICE}/drawingml/2006/chart" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)


def word_relations(**targets: tuple[str, str]) -> str:
    """The relations of a Word document, by id: kind and target."""
    relations = "".join(
        f'<Relationship Id="{key}" Target="{target}" '
        f'Type="{OFFICE}/officeDocument/2006/relationships/{kind}"/>'
        for key, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{OFFICE}/package/2006/relationships">{relations}</Relationships>'


def word_file(
    into: Path,
    body: str,
    *,
    files: dict[str, str | bytes] | None = None,
    before: str = "",
    **parts: str,
) -> Path:
    """A DOCX with this body. parts: further files of its word folder, by their names.

    files: further files with their whole names. before: elements before the body.
    """
    document = f"<w:document {WORD_NAMESPACES}>{before}<w:body>{body}</w:body></w:document>"
    more = {f"word/{name}.xml": content for name, content in parts.items()}
    return archive(
        into,
        {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": RELATIONS,
            "word/document.xml": document,
            **more,
            **(files or {}),
        },
    )


def png(into: Path) -> Path:
    """A small picture."""
    from PIL import Image

    image = io.BytesIO()
    Image.new("L", (4, 4)).save(image, "PNG")
    into.write_bytes(image.getvalue())
    return into
