"""Failed redactions of every kind are found as such, and innocent pages are not taken for one."""

import zlib

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, OutlineItem

from tests.documents.making import (
    BOX,
    LEFT,
    SECRET,
    line,
    paragraph,
    pdf_of,
    scanned,
)
from waymark.documents import parsers
from waymark.documents.reading.values import ANSWERED_ONE_BY_ONE, ReadingLimits, broken_laws

PROSE = b"".join(paragraph(60, 600, LEFT))
WORDS = line(60, 700, SECRET)
PLACE = [55, 695, 255, 711]
CORNERS = [55, 711, 255, 711, 55, 695, 255, 695]


def read(path):
    report = parsers.read_file(path, path.name, ReadingLimits())
    assert broken_laws(report) == []
    return report


def finds(report):
    return [(find.kind, find.text) for find in report.hidden]


def form_of(pdf, content, **parts):
    form = pdf.make_stream(content)
    form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, 200, 16])
    for name, value in parts.items():
        form[f"/{name}"] = value
    return form


def annotated(subtype, appearance=b"", **parts):
    """A change that adds an annotation over the secret words."""

    def change(pdf):
        annotation = Dictionary(Type=Name.Annot, Subtype=Name(subtype), Rect=PLACE, F=4)
        for name, value in parts.items():
            annotation[f"/{name}"] = value
        if appearance:
            fonts = pdf.pages[0].Resources.Font
            form = form_of(pdf, appearance, Resources=Dictionary(Font=fonts))
            annotation.AP = Dictionary(N=form)
        pdf.pages[0].Annots = Array([pdf.make_indirect(annotation)])

    return change


def with_states(pdf):
    """Graphics states: /Half paints half through, /Nearly at nine tenths, /Mark like a marker."""
    pdf.pages[0].Resources.ExtGState = Dictionary(
        Half=Dictionary(ca=0.5), Nearly=Dictionary(ca=0.92), Mark=Dictionary(BM=Name.Multiply)
    )


def unnamed_font(pdf):
    """F3: a font that paints letters and does not say which."""
    differences = Array([33, *[Name(f"/g{number}") for number in range(33, 127)]])
    glyphs = {
        f"/g{number}": pdf.make_stream(b"600 0 0 0 600 700 d1 50 0 450 650 re f")
        for number in range(33, 127)
    }
    pdf.pages[0].Resources.Font.F3 = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type3,
        FontBBox=[0, 0, 600, 700],
        FontMatrix=[0.001, 0, 0, 0.001, 0, 0],
        FirstChar=33,
        LastChar=126,
        Widths=[600] * 94,
        CharProcs=Dictionary(glyphs),
        Encoding=Dictionary(Type=Name.Encoding, Differences=differences),
        Resources=Dictionary(),
    )


def with_image(pdf):
    """P: a grey picture."""
    picture = pdf.make_stream(zlib.compress(b"\x60" * 100), Filter=Name.FlateDecode)
    picture.Type, picture.Subtype = Name.XObject, Name.Image
    picture.Width = picture.Height = 10
    picture.ColorSpace, picture.BitsPerComponent = Name.DeviceGray, 8
    pdf.pages[0].Resources.XObject = Dictionary({"/P": picture})


def unchanged(pdf):
    pass


def page_with(content, change, tmp_path):
    path = pdf_of([PROSE + content], tmp_path / "report.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        change(pdf)
        pdf.save(path)
    return read(path)


# ---- ways that fail ----

FAILED = {
    "a bar nearly black": (WORDS + BOX.replace(b"0 g", b"0.1 g"), unchanged),
    "a box nearly black behind them": (BOX.replace(b"0 g", b"0.12 g") + b"0 g " + WORDS, unchanged),
    "a dark box behind them": (b"0 0 0.3 rg 55 695 200 16 re f 0 g " + WORDS, unchanged),
    "a bar that lets little through": (WORDS + b"/Nearly gs " + BOX, with_states),
    "a dark marker of an editor": (WORDS, annotated("/Highlight", C=[0, 0, 0], QuadPoints=CORNERS)),
    "a marker nearly black": (
        WORDS,
        annotated("/Highlight", C=[0.1, 0.1, 0.12], QuadPoints=CORNERS),
    ),
    "a mark for redaction drawn as a red frame": (
        WORDS,
        annotated("/Redact", b"1 0 0 RG 1 1 198 14 re S", QuadPoints=CORNERS),
    ),
    "a stamp over them": (WORDS, annotated("/Stamp", b"1 g 0 0 200 16 re f")),
    "a low bar": (WORDS + b"0 g 55 699 200 6 re f ", unchanged),
    "a thick line through them": (WORDS + b"0 G 5 w 55 702 m 255 702 l S ", unchanged),
}


@pytest.mark.parametrize(("content", "change"), FAILED.values(), ids=FAILED)
def test_words_that_someone_tried_to_black_out_are_covered(tmp_path, content, change):
    report = page_with(content, change, tmp_path)
    assert finds(report) == [("covered", SECRET)]
    assert report.text == " ".join(LEFT)


def test_a_number_under_a_white_box_is_covered_though_it_is_short(tmp_path):
    content = line(60, 700, "The child was 7 years old") + b"1 g 122 697 8 12 re f 0 g "
    report = page_with(content, unchanged, tmp_path)
    assert finds(report) == [("covered", "7")]
    assert report.text.startswith("The child was years old")


def test_words_in_a_font_that_does_not_name_its_letters_are_covered(tmp_path):
    content = b"BT /F3 10 Tf 60 700 Td (Rowan) Tj ET " + BOX
    (find,) = page_with(content, unnamed_font, tmp_path).hidden
    assert find.kind == "covered"
    assert find.box[0] == pytest.approx(60, abs=2)


@pytest.mark.parametrize("layer_first", [False, True])
def test_words_of_a_scan_under_a_box_with_a_label_are_covered(tmp_path, layer_first):
    path = scanned(tmp_path / "scan.pdf", boxed_above=True, layer_first=layer_first)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        page = pdf.pages[0]
        label = b" 0 Tr 1 g " + line(58, 700, "REMOVED BY THE BOARD") + b"0 g "
        page.Contents = pdf.make_stream(page.Contents.read_bytes() + label)
        pdf.save(path)
    report = read(path)
    assert finds(report) == [("covered", SECRET)]
    assert SECRET not in report.text
    assert "practitioners" in report.text


@pytest.mark.parametrize(
    ("painted", "replacement"),
    [("[name removed]", "Rowan Tree"), ("Child A", "Rowan"), ("A", "Ann"), ("A", "Ash")],
)
def test_a_name_given_out_in_place_of_painted_words_is_found_and_not_read(
    tmp_path, painted, replacement
):
    mark = f"/Span <</ActualText ({replacement})>> BDC ".encode()
    report = page_with(mark + line(60, 700, painted) + b"EMC ", unchanged, tmp_path)
    assert finds(report) == [("alternate", replacement)]
    assert report.text.startswith(painted)
    x0, y0, *_ = report.hidden[0].box
    assert (x0, 130 < y0 < 142) == (pytest.approx(60, abs=2), True)


@pytest.mark.parametrize(
    ("painted", "replacement", "read_as"),
    [
        ("oce", "office", "office"),
        ("The panel", "The panel", "The panel"),
        ("The panel", "The\\055panel", "The-panel"),
    ],
)
def test_a_replacement_that_completes_what_is_painted_is_read(
    tmp_path, painted, replacement, read_as
):
    mark = f"/Span <</ActualText ({replacement})>> BDC ".encode().replace(b"\\\\", b"\\")
    report = page_with(mark + line(60, 700, painted) + b"EMC ", unchanged, tmp_path)
    assert finds(report) == []
    assert report.text.startswith(read_as)


PALE = {"nearly white": b"0.95 g ", "very pale grey": b"0.9 g ", "pale yellow": b"1 1 0.85 rg "}


@pytest.mark.parametrize("colour", PALE.values(), ids=PALE)
def test_very_pale_words_are_invisible_and_no_failed_redaction(tmp_path, colour):
    report = page_with(colour + WORDS + b"0 g ", unchanged, tmp_path)
    assert finds(report) == [("invisible", SECRET)]


# ---- innocent pages ----


def bookmark_equal_to_a_heading(pdf):
    with pdf.open_outline() as outline:
        outline.root.append(OutlineItem(SECRET.upper(), 0))


def usual_properties(pdf):
    pdf.docinfo["/Producer"] = "Microsoft Word"
    pdf.docinfo["/Title"] = f"Microsoft Word - {SECRET}.docx"


HATCHING = b"0.4 G 0.5 w " + b"".join(
    b"%d 690 m %d 716 l S " % (x, x + 20) for x in range(40, 260, 8)
)
STRIPES = b"".join(b"0.85 g 55 %d 200 12 re f " % y for y in (671, 695, 719)) + b"0 g "
INNOCENT = {
    "a dark head of a table": (b"0.15 g 55 695 200 16 re f 1 g " + WORDS + b"0 g ", unchanged),
    "a banner of a message": (b"0 0.3 0.6 rg 40 680 515 40 re f 1 g " + WORDS + b"0 g ", unchanged),
    "shaded rows": (STRIPES + WORDS, unchanged),
    "tight shading behind": (b"0.8 g 55 699 200 7 re f 0 g " + WORDS, unchanged),
    "a white opaque box behind": (b"1 g 55 695 200 16 re f 0 g " + WORDS, unchanged),
    "a picture behind": (b"q 200 0 0 16 55 695 cm /P Do Q 1 g " + WORDS + b"0 g ", with_image),
    "a yellow marker": (WORDS, annotated("/Highlight", C=[1, 1, 0], QuadPoints=CORNERS)),
    "a marker painted over": (
        WORDS + b"q /Mark gs 1 1 0 rg 55 695 200 16 re f Q ",
        with_states,
    ),
    "a low marker painted over": (
        WORDS + b"q /Mark gs 1 1 0 rg 55 699 200 6 re f Q ",
        with_states,
    ),
    "a half transparent band": (WORDS + b"q /Half gs 0.8 g 55 695 200 16 re f Q ", with_states),
    "an underline of an editor": (WORDS, annotated("/Underline", C=[1, 0, 0], QuadPoints=CORNERS)),
    "struck out by an editor": (WORDS, annotated("/StrikeOut", C=[1, 0, 0], QuadPoints=CORNERS)),
    "struck out twice": (
        WORDS + b"0 G 0.7 w 60 702 m 160 702 l S 60 704 m 160 704 l S ",
        unchanged,
    ),
    "a frame of an editor": (WORDS, annotated("/Square", C=[1, 0, 0])),
    "a stamp beside": (
        WORDS,
        annotated("/Stamp", b"BT /F1 8 Tf 2 4 Td (RECEIVED) Tj ET", Rect=[300, 695, 500, 711]),
    ),
    "a head of a court": (line(60, 820, "Case 12-34 Page 1 of 9") + WORDS, unchanged),
    "hatching of a map": (WORDS + HATCHING, unchanged),
    "a watermark": (
        b"q 0.85 g BT /F2 60 Tf 0.9 0.4 -0.4 0.9 40 640 Tm (DRAFT) Tj ET Q " + WORDS,
        unchanged,
    ),
    "a shadow": (
        b"0.6 g " + line(61, 699, SECRET) + b"0 g " + WORDS,
        unchanged,
    ),
    "rules of a table": (
        WORDS + b"0 G 1 w 55 694 m 255 694 l S 55 712 m 255 712 l S 55 694 m 55 712 l S ",
        unchanged,
    ),
    "small grey words": (b"0.55 g " + line(60, 700, SECRET, size=6) + b"0 g ", unchanged),
    "an icon": (
        WORDS + b"BT /F3 10 Tf 300 700 Td (a) Tj ET ",
        unnamed_font,
    ),
    "labels on bars of a chart": (
        b"0.2 0.4 0.8 rg 55 690 30 30 re f 90 690 30 20 re f 0 g " + WORDS,
        unchanged,
    ),
    "white words on a dark circle": (
        b"0.2 g 160 704 m 160 780 10 780 10 704 c 10 620 160 620 160 704 c f 1 g "
        + WORDS
        + b"0 g ",
        unchanged,
    ),
    "a bookmark equal to a heading": (WORDS, bookmark_equal_to_a_heading),
    "usual properties": (WORDS, usual_properties),
}


@pytest.mark.parametrize(("content", "change"), INNOCENT.values(), ids=INNOCENT)
def test_an_innocent_page_is_not_taken_for_a_failed_redaction(tmp_path, content, change):
    report = page_with(content, change, tmp_path)
    assert not {kind for kind, _ in finds(report)} & ANSWERED_ONE_BY_ONE
    assert finds(report) == []
    assert SECRET in report.text


def test_a_label_on_a_scan_with_its_words_below_does_not_make_them_hidden(tmp_path):
    path = scanned(tmp_path / "scan.pdf", layer_first=True)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        page = pdf.pages[0]
        label = line(400, 800, "EXHIBIT 4")
        page.Contents = pdf.make_stream(page.Contents.read_bytes() + label)
        pdf.save(path)
    report = read(path)
    assert finds(report) == []
    assert SECRET in report.text
