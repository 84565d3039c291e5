"""Reasons for refusing a PDF are true: what it draws counts, not what it lists."""

import re
import zlib

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name

from tests.documents.making import (
    LEFT,
    REPORT,
    forms_within_forms,
    inflating,
    line,
    paragraph,
    pdf_of,
    typeset,
)
from waymark.core.errors import FileRefused
from waymark.documents import parsers
from waymark.documents.isolation.render import page_as_image
from waymark.documents.reading.values import ReadingLimits

PROSE = b"".join(paragraph(60, 700, LEFT))
REPAIRED = (
    "the file is damaged and was repaired: words or pages may be missing, compare it with the "
    "printed report"
)


def read(path):
    return parsers.read_file(path, path.name, ReadingLimits())


def refusal(path):
    with pytest.raises(FileRefused) as caught:
        read(path)
    return caught.value


def changed(path, change):
    """The PDF after a change. change: called with the open file."""
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        change(pdf)
        pdf.save(path)
    return path


def form(pdf, content, **parts):
    stream = pdf.make_stream(content)
    stream.Type, stream.Subtype, stream.BBox = Name.XObject, Name.Form, Array([0, 0, 9, 9])
    for name, value in parts.items():
        stream[f"/{name}"] = value
    return pdf.make_indirect(stream)


# ---- forms ----


def test_forms_that_share_one_list_of_resources_are_no_bomb(tmp_path):
    """Many producers give every form the resources of the page, itself among them."""

    def share(pdf):
        shared = pdf.make_indirect(Dictionary(XObject=Dictionary()))
        for number in range(12):
            shared.XObject[f"/F{number}"] = form(pdf, b"0 0 9 9 re f", Resources=shared)
        shared.Font = pdf.pages[0].Resources.Font
        pdf.pages[0].Resources = shared
        pdf.pages[0].Contents = pdf.make_stream(b"/F0 Do /F1 Do " + PROSE)

    path = changed(pdf_of([PROSE], tmp_path / "a.pdf"), share)
    assert read(path).text == " ".join(LEFT)


@pytest.mark.parametrize(
    ("content", "filters"),
    [
        (b"/X Do " * 10, None),
        (b"/#58 Do " * 10, None),
        (b"/X %a comment\n Do " * 10, None),
        (b"/X Do " * 10, "/ASCIIHexDecode"),
    ],
)
def test_forms_within_forms_are_counted_however_they_are_written(tmp_path, content, filters):
    def rewrite(pdf):
        for item in pdf.objects:
            if isinstance(item, pikepdf.Stream) and "/Resources" in item:
                if filters:
                    item.write(content.hex().encode() + b">", filter=Name(filters))
                else:
                    item.write(content)

    path = changed(forms_within_forms(tmp_path / "a.pdf", levels=6, each=1), rewrite)
    assert refusal(path).reason == "draws forms within forms without bound"


def test_forms_without_resources_of_their_own_are_counted(tmp_path):
    """They draw from the resources of the page."""

    def nest(pdf):
        names = [f"/F{number}" for number in range(7)]
        drawn = [f"{name} Do ".encode() * 10 for name in names[1:]] + [b"0 0 9 9 re f"]
        listed = {name: form(pdf, content) for name, content in zip(names, drawn, strict=True)}
        pdf.pages[0].Resources = Dictionary(XObject=Dictionary(listed))
        pdf.pages[0].Contents = pdf.make_stream(b"/F0 Do")

    path = changed(pdf_of([PROSE], tmp_path / "a.pdf"), nest)
    assert refusal(path).reason == "draws forms within forms without bound"


def test_forms_in_damaged_streams_are_counted(tmp_path):
    """pdfium draws what comes before the damage."""

    def spoil(pdf):
        for item in pdf.objects:
            if isinstance(item, pikepdf.Stream) and "/Resources" in item:
                packed = zlib.compress(b"/X Do " * 10 + bytes(range(256)) * 9)
                item.write(packed[:-40] + b"\xff" * 40, filter=Name.FlateDecode)

    path = forms_within_forms(tmp_path / "a.pdf", levels=6, each=1)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        spoil(pdf)
        pdf.save(path, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    assert refusal(path).reason == "draws forms within forms without bound"


def test_a_form_that_draws_itself_is_refused(tmp_path):
    def loop(pdf):
        inner = form(pdf, b"/X Do")
        inner.Resources = Dictionary(XObject=Dictionary({"/X": inner}))
        pdf.pages[0].Resources = Dictionary(XObject=Dictionary({"/X": inner}))
        pdf.pages[0].Contents = pdf.make_stream(b"/X Do")

    path = changed(pdf_of([PROSE], tmp_path / "a.pdf"), loop)
    assert refusal(path).reason == "draws a form within itself"


def test_a_page_that_draws_a_form_without_end_is_refused(tmp_path):
    def repeat(pdf):
        pdf.pages[0].Resources.XObject = Dictionary({"/X": form(pdf, b"0 0 9 9 re f")})
        pdf.pages[0].Contents = pdf.make_stream(b"/X Do " * 300_000)

    path = changed(pdf_of([PROSE], tmp_path / "a.pdf"), repeat)
    assert refusal(path).reason == "draws forms within forms without bound"


# ---- images ----


def with_image(
    path, *, width, height, bits=8, colour="/DeviceGray", parts=1, drawn=True, data=None
):
    """A page of prose, and an image that it lists and may draw."""
    if data is None:
        packer = zlib.compressobj(1)
        row = b"\xff" * ((width * bits * parts + 7) // 8)
        data = b"".join([*(packer.compress(row) for _ in range(height)), packer.flush()])

    def add(pdf):
        image = pdf.make_stream(data, Filter=Name.FlateDecode)
        image.Type, image.Subtype = Name.XObject, Name.Image
        image.Width, image.Height, image.BitsPerComponent = width, height, bits
        image.ColorSpace = Name(colour)
        page = pdf.pages[0]
        page.Resources.XObject = Dictionary({"/P": image})
        page.Contents = pdf.make_stream((b"q 90 0 0 90 0 0 cm /P Do Q " if drawn else b"") + PROSE)

    return changed(pdf_of([PROSE], path), add)


@pytest.mark.parametrize(
    "image",
    [
        {"width": 7_000, "height": 8_000, "colour": "/DeviceRGB", "parts": 3},
        {"width": 20_000, "height": 28_000, "bits": 1},
        {"width": 40_000, "height": 40_000, "drawn": False, "data": zlib.compress(b"\xff")},
    ],
    ids=["a large scan in colour", "a plan in black and white", "not drawn"],
)
def test_large_images_are_read(tmp_path, image):
    assert read(with_image(tmp_path / "a.pdf", **image)).text == " ".join(LEFT)


def test_an_image_over_the_limit_is_named_and_not_called_malicious(tmp_path):
    fault = refusal(with_image(tmp_path / "a.pdf", width=20_000, height=20_000, data=b""))
    limit = "has an image of 400,000,000 pixels on page 1; the limit is 179,000,000"
    assert fault.reason == limit
    assert fault.remedy == "Save a copy with smaller images and upload that"


def test_an_image_that_grows_beyond_its_sides_is_refused(tmp_path):
    packer = zlib.compressobj(9)
    bomb = b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(200)), packer.flush()])
    path = with_image(tmp_path / "a.pdf", width=100, height=100, data=bomb)
    assert refusal(path).reason == "has a part that grows to more than 128 MiB when unpacked"


def test_a_part_written_as_text_inflates_within_the_limit_too(tmp_path):
    def wrap(pdf):
        raw = pdf.pages[0].Contents.read_raw_bytes()
        names = Array([Name.ASCIIHexDecode, Name.FlateDecode])
        pdf.pages[0].Contents.write(raw.hex().encode() + b">", filter=names)

    path = inflating(tmp_path / "a.pdf", mebibytes=200)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        wrap(pdf)
        pdf.save(path, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    assert refusal(path).reason == "has a part that grows to more than 128 MiB when unpacked"


# ---- words ----


def test_pages_alike_but_for_a_number_are_text(tmp_path):
    pages = [
        line(60, 800, f"Answer {number} of the practitioners")
        + line(60, 780, "The words of the form are the same on every page")
        for number in range(1, 6)
    ]
    report = read(pdf_of(pages, tmp_path / "a.pdf"))
    assert report.text.count("of the practitioners") == 5
    assert "Answer 4 of" in report.text


def test_pages_whose_words_may_be_drawn_as_shapes_wait_for_text_recognition(tmp_path):
    assert read(pdf_of([b"0 0 300 300 re f"], tmp_path / "a.pdf")).unread == (1,)
    assert refusal(pdf_of([b""], tmp_path / "b.pdf")).reason == "has only empty pages"


# ---- cut short ----


def cut_short(path, count, *, objects):
    """The first objects of a PDF of so many pages, as Word writes it: the list of pages first."""
    pages = range(count)
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>"
        % (count, b" ".join(b"%d 0 R" % (4 + 2 * number) for number in pages)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number in pages:
        content = line(60, 700, f"The panel met on day {number + 1}")
        parts.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % (5 + 2 * number)
        )
        parts.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    written = [
        b"%d 0 obj\n%s\nendobj\n" % (number, part) for number, part in enumerate(parts, start=1)
    ]
    path.write_bytes(b"%PDF-1.7\n" + b"".join(written[:objects]) + b"xref\n0 ")
    return path


def test_a_file_that_has_lost_pages_is_refused_with_their_number(tmp_path):
    """Half a report in the library would look like a whole one: its findings come last."""
    assert str(refusal(cut_short(tmp_path / "a.pdf", 9, objects=9))) == (
        "a.pdf: is cut short: 6 of its 9 pages are missing. Ask for another copy"
    )
    assert refusal(cut_short(tmp_path / "b.pdf", 2, objects=5)).reason == (
        "is cut short: 1 of its 2 pages is missing"
    )


def test_a_file_that_has_lost_all_words_is_damaged_and_not_empty(tmp_path):
    assert refusal(cut_short(tmp_path / "a.pdf", 1, objects=4)).reason == "is damaged or cut short"


def test_a_file_that_has_lost_only_its_end_is_read_with_a_warning(tmp_path):
    report = read(cut_short(tmp_path / "a.pdf", 2, objects=7))
    assert "day 2" in report.text
    assert report.warnings == (REPAIRED,)


def with_table(content, numbers, *, before=None, off=0):
    """A PDF with a table of these objects at its end. before: place of the earlier table.

    off: by how much the file misstates the place of the new one. Returns also the true place.
    """
    entries = b"0 1\n0000000000 65535 f \n" + b"".join(
        b"%d 1\n%010d 00000 n \n" % (number, content.rfind(b"\n%d 0 obj" % number) + 1)
        for number in numbers
    )
    earlier = b"" if before is None else b"/Prev %d " % before
    place = len(content)
    size = 1 + max(map(int, re.findall(rb"^(\d+) 0 obj", content, re.MULTILINE)))
    return b"%sxref\n%strailer\n<< /Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (
        *(content, entries, size, earlier, place + off),
    ), place


@pytest.mark.parametrize(("off", "warnings"), [(0, 0), (5, 1)])
def test_a_page_that_an_editor_removed_is_not_lost(tmp_path, off, warnings):
    """The first version of the file, which states four pages, is still in it."""
    path = cut_short(tmp_path / "a.pdf", 4, objects=11)
    first, place = with_table(path.read_bytes().removesuffix(b"xref\n0 "), range(1, 12))
    three = b"2 0 obj\n<< /Type /Pages /Count 3 /Kids [4 0 R 6 0 R 8 0 R] >>\nendobj\n"
    path.write_bytes(with_table(first + three, [2], before=place, off=off)[0])
    report = read(path)
    assert len(report.pages) == 3
    assert report.warnings.count(REPAIRED) == warnings


# ---- encryption ----


def encrypted(path, **options):
    pdf_of([PROSE], path)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        rights = pikepdf.Encryption(owner="secret", **options)
        off = pikepdf.ObjectStreamMode.disable
        pdf.save(path, encryption=rights, object_stream_mode=off)
    return path


@pytest.mark.parametrize(
    "options",
    [
        {"user": "", "R": 2, "aes": False, "metadata": False},
        {"user": "", "R": 3, "aes": False, "metadata": False},
        {"user": "", "R": 4, "aes": True, "metadata": True},
        {"user": "", "R": 4, "aes": True, "metadata": False},
        {"user": "", "R": 6, "aes": True},
    ],
)
def test_a_file_that_needs_no_password_to_open_is_read(tmp_path, options):
    report = read(encrypted(tmp_path / "a.pdf", **options))
    assert (report.text, report.warnings) == (" ".join(LEFT), ())


def test_a_file_of_which_only_attachments_need_a_password_is_read(tmp_path):
    locked = encrypted(tmp_path / "locked.pdf", user="key", R=4, aes=True).read_bytes()
    rights = re.search(rb"<<[^<]*/CF <<.*?/V 4 >>", locked, re.DOTALL)[0]
    rights = rights.replace(b"F /StdCF", b"F /Identity").replace(b"/V 4", b"/EFF /StdCF /V 4")
    path = pdf_of([PROSE], tmp_path / "a.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.save(path, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    whole = path.read_bytes().replace(b"trailer << ", b"trailer << /Encrypt " + rights + b" ")
    path.write_bytes(whole)
    assert read(path).text == " ".join(LEFT)


def test_a_file_encrypted_for_certificates_is_named(tmp_path):
    content = encrypted(tmp_path / "a.pdf", user="", R=3, aes=False, metadata=False).read_bytes()
    path = tmp_path / "b.pdf"
    path.write_bytes(content.replace(b"/Filter /Standard", b"/Filter /Adobe.PubSec"))
    assert refusal(path).reason == "is encrypted in a way that Waymark cannot read"


# ---- damage ----


def damaged(path, change):
    content = change(path.read_bytes())
    path.write_bytes(content)
    return path


DAMAGES = {
    "a wrong place of the table": lambda raw: re.sub(rb"startxref\n\d+", b"startxref\n12", raw),
    "no end": lambda raw: raw[: raw.rfind(b"startxref")],
    "rubbish after the end": lambda raw: raw + bytes(5_000),
    "a wrong length": lambda raw: re.sub(rb"/Length \d+", b"/Length 7", raw),
}


@pytest.mark.parametrize("change", DAMAGES.values(), ids=DAMAGES)
def test_damage_that_can_be_repaired_is_a_warning(tmp_path, change):
    path = damaged(pdf_of([PROSE], tmp_path / "a.pdf"), change)
    report = read(path)
    assert (report.text, report.warnings) == (" ".join(LEFT), (REPAIRED,))


def test_damage_that_is_found_only_in_reading_a_stream_is_a_warning(tmp_path):
    """The table of objects is whole, so the file opens without a warning."""
    path = cut_short(tmp_path / "a.pdf", 1, objects=5)
    content = path.read_bytes().removesuffix(b"xref\n0 ")
    wrong = re.sub(rb"/Length \d+", b"/Length 7", content)
    path.write_bytes(with_table(wrong, range(1, 6))[0])
    report = read(path)
    assert (report.text, report.warnings) == ("The panel met on day 1", (REPAIRED,))


def test_a_page_whose_stream_is_cut_short_is_read_up_to_there(tmp_path):
    path = pdf_of([PROSE], tmp_path / "a.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        packed = zlib.compress(PROSE)
        pdf.pages[0].Contents.write(packed[:-40], filter=Name.FlateDecode)
        pdf.save(path, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    assert read(path).text.startswith(LEFT[0])


def test_a_file_that_lost_its_end_is_read_and_drawn_as_repaired(tmp_path):
    whole = typeset(REPORT, tmp_path / "a.pdf")
    path = damaged(whole, lambda raw: raw[: len(raw) * 95 // 100])
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(path)
    assert REPAIRED in read(path).warnings
    assert page_as_image(path, 1, 200).startswith(b"\x89PNG")


@pytest.mark.parametrize("box", [None, [0, 0, 595]])
def test_a_page_without_a_proper_size_has_the_usual_one(tmp_path, box):
    def spoil(pdf):
        del pdf.pages[0].MediaBox
        if box:
            pdf.pages[0].obj["/MediaBox"] = Array(box)

    report = read(changed(pdf_of([PROSE], tmp_path / "a.pdf"), spoil))
    assert report.text == " ".join(LEFT)
    assert (report.pages[0].width, report.pages[0].height) == (612, 792)


def test_a_page_without_resources_is_read(tmp_path):
    def spoil(pdf):
        del pdf.pages[0].Resources

    path = changed(pdf_of([PROSE], tmp_path / "a.pdf"), spoil)
    assert read(path).text == " ".join(LEFT)
