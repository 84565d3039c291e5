"""Hidden text: words that are in a file and that nobody sees. They are found, and left out."""

import pikepdf
import pytest

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
from waymark.documents.reading.values import ReadingLimits, as_plain, broken_laws

PROSE = paragraph(60, 600, LEFT)
WORDS = line(60, 700, SECRET)


def read(path):
    report = parsers.read_file(path, path.name, ReadingLimits())
    assert broken_laws(report) == []
    return report


def finds(report):
    return [(find.kind, find.text) for find in report.hidden]


def pdf_with(content, tmp_path, **options):
    return read(pdf_of([b"".join([*PROSE, *content])], tmp_path / "report.pdf", **options))


# ---- PDF ----

COVERED_WAYS = {
    "a black box": [WORDS, BOX],
    "a white box": [WORDS, BOX.replace(b"0 g", b"1 g")],
    "a grey box": [WORDS, BOX.replace(b"0 g", b"0.5 g")],
    "a red box": [WORDS, BOX.replace(b"0 g", b"1 0 0 rg")],
    "a polygon": [WORDS, b"0 g 50 690 m 300 690 l 300 720 l 50 720 l f\n"],
    "two half boxes": [WORDS, b"0 g 55 695 55 16 re f 108 695 120 16 re f\n"],
    "a thick line": [WORDS, b"0 G 20 w 50 704 m 300 704 l S\n"],
    "black on a black box": [BOX, WORDS],
}


@pytest.mark.parametrize("content", COVERED_WAYS.values(), ids=COVERED_WAYS)
def test_words_under_a_box_are_found_as_covered_and_left_out(tmp_path, content):
    report = pdf_with(content, tmp_path)
    assert finds(report) == [("covered", SECRET)]
    assert report.text == " ".join(LEFT)


@pytest.mark.parametrize(("box", "ink"), [(b"0 g ", b"1 g "), (b"1 g ", b"0 g ")])
def test_words_under_a_box_with_a_label_are_covered(tmp_path, box, ink):
    label = line(58, 700, "REMOVED BY THE BOARD")
    report = pdf_with([WORDS, BOX.replace(b"0 g ", box), ink, label, b"0 g "], tmp_path)
    assert finds(report) == [("covered", SECRET)]
    assert SECRET not in report.text
    assert "REMOVED BY THE BOARD" in report.text


def test_words_printed_twice_to_look_bold_are_no_find(tmp_path):
    report = pdf_with([WORDS, line(60.4, 700, SECRET)], tmp_path)
    assert finds(report) == []
    assert SECRET in report.text


@pytest.mark.parametrize(
    ("stated", "title"),
    [(f"Review. {SECRET}", LEFT[0]), (LEFT[0].upper(), LEFT[0].upper())],
)
def test_the_title_a_pdf_states_counts_where_its_pages_show_the_words(tmp_path, stated, title):
    path = pdf_of([b"".join(PROSE)], tmp_path / "report.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.docinfo["/Title"] = stated
        pdf.save(path)
    assert read(path).title.startswith(title)


INVISIBLE_WAYS = {
    "white on white": [b"1 g ", WORDS, b"0 g "],
    "nearly white": [b"0.98 g ", WORDS, b"0 g "],
    "painted as nothing": [b"3 Tr ", WORDS],
    "tiny": [line(60, 700, SECRET, size=1)],
    "off the page": [line(60, 900, SECRET)],
    "clipped": [b"q 0 0 10 10 re W n ", WORDS, b"Q "],
}


@pytest.mark.parametrize("content", INVISIBLE_WAYS.values(), ids=INVISIBLE_WAYS)
def test_words_that_cannot_be_seen_are_a_class_of_their_own(tmp_path, content):
    report = pdf_with(content, tmp_path)
    assert finds(report) == [("invisible", SECRET)]
    assert report.text == " ".join(LEFT)


def test_words_outside_the_crop_box_are_found(tmp_path):
    path = pdf_of([b"".join([*PROSE, line(60, 820, SECRET)])], tmp_path / "report.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.pages[0].CropBox = pikepdf.Array([0, 0, 595, 760])
        pdf.save(path)
    assert finds(read(path)) == [("invisible", SECRET)]


def test_words_of_a_layer_that_is_switched_off_are_found(tmp_path):
    content = [*PROSE, b"/OC /Layer BDC ", WORDS, b"EMC "]
    path = pdf_of([b"".join(content)], tmp_path / "report.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        layer = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="Names"))
        pdf.Root.OCProperties = pikepdf.Dictionary(
            OCGs=[layer], D=pikepdf.Dictionary(OFF=[layer], Order=[layer])
        )
        pdf.pages[0].Resources.Properties = pikepdf.Dictionary(Layer=layer)
        pdf.save(path)
    assert finds(read(path)) == [("invisible", SECRET)]


def with_annotation(path, *, subtype, appearance):
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        annotation = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name(subtype), Rect=[55, 695, 255, 711], F=4
        )
        if appearance:
            form = pdf.make_stream(b"0 g 0 0 200 16 re f")
            form.Type, form.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
            form.BBox = pikepdf.Array([0, 0, 200, 16])
            annotation.AP = pikepdf.Dictionary(N=form)
        pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(annotation)])
        pdf.save(path)
    return path


@pytest.mark.parametrize(
    ("subtype", "appearance"), [("/Square", True), ("/Highlight", True), ("/Redact", False)]
)
def test_words_under_a_mark_of_a_pdf_editor_are_covered(tmp_path, subtype, appearance):
    path = pdf_of([b"".join([*PROSE, WORDS])], tmp_path / "report.pdf")
    report = read(with_annotation(path, subtype=subtype, appearance=appearance))
    assert finds(report) == [("covered", SECRET)]
    assert report.text == " ".join(LEFT)


INNOCENT_PAGES = {
    "white on a dark panel": [b"0.2 g 55 695 200 16 re f 1 g ", WORDS, b"0 g "],
    "black on a pale panel": [b"0.9 g 55 695 200 16 re f 0 g ", WORDS],
    "red on a green ground as light": [b"0 0.5 0 rg 55 695 200 16 re f 1 0 0 rg ", WORDS, b"0 g "],
    "pale words": [b"0.75 g ", WORDS, b"0 g "],
    "underlined": [WORDS, b"0 G 0.7 w 60 698 m 160 698 l S\n"],
    "struck out": [WORDS, b"0 G 0.7 w 60 703 m 160 703 l S\n"],
    "in a frame": [WORDS, b"0 G 1 w 55 695 200 16 re S\n"],
    "small print": [line(60, 700, SECRET, size=4)],
    "outlines only": [b"1 Tr ", WORDS, b"0 Tr "],
    "a box beside them": [WORDS, b"0 g 300 695 200 16 re f\n"],
}


@pytest.mark.parametrize("content", INNOCENT_PAGES.values(), ids=INNOCENT_PAGES)
def test_words_that_can_be_seen_are_no_find(tmp_path, content):
    report = pdf_with(content, tmp_path)
    assert finds(report) == []
    assert SECRET in report.text


def test_a_line_loses_the_covered_words_and_those_that_are_partly_covered(tmp_path):
    content = [line(60, 700, "Before it, her name was, and after it"), b"0 g 101 695 62 16 re f\n"]
    report = pdf_with(content, tmp_path)
    assert finds(report) == [("covered", "her name wa")]
    assert report.text.startswith("Before it, and after it\n")


def test_a_find_says_where_it_is_on_the_page(tmp_path):
    (find,) = pdf_with([WORDS, BOX], tmp_path).hidden
    x0, y0, x1, y1 = find.box
    assert find.page == 1
    assert (round(x0), 150 < x1 < 170) == (60, True)
    assert 130 < y0 < 142 < y1 < 148  # the line is at 842 - 700 = 142 from the top


def test_no_warning_of_a_report_repeats_the_hidden_words(tmp_path):
    report = pdf_with([WORDS, BOX], tmp_path)
    assert report.warnings == ("hidden text left out: words under a box, 1 place on 1 page",)


# ---- scans ----

SCAN = (
    "the words come from a text layer under a scanned image (page 1): recognised words may be wrong"
)


@pytest.mark.parametrize(
    ("marker", "covered"),
    [((0, 60), True), ((10, 70), True), ((60, 0), True), ((0, 120), False), ((255, 20), False)],
)
def test_words_of_a_scan_under_a_dark_marker_are_covered(tmp_path, marker, covered):
    report = read(scanned(tmp_path / "scan.pdf", marker=marker))
    assert finds(report) == ([("covered", SECRET)] if covered else [])
    assert (SECRET in report.text) is not covered


@pytest.mark.parametrize("layer_first", [False, True])
def test_the_text_layer_of_a_scan_is_a_warning_and_not_hidden(tmp_path, layer_first):
    report = read(scanned(tmp_path / "scan.pdf", layer_first=layer_first))
    assert report.text == f"{SECRET}\n{' '.join(LEFT)}"
    assert (finds(report), report.warnings) == ([], (SCAN,))


@pytest.mark.parametrize("where", ["boxed_in_image", "boxed_above"])
def test_words_of_a_scan_under_a_black_box_are_covered(tmp_path, where):
    report = read(scanned(tmp_path / "scan.pdf", **{where: True}))
    assert finds(report) == [("covered", SECRET)]
    assert report.text == " ".join(LEFT)


# ---- web pages ----


def page_report(body, tmp_path, sheet=""):
    path = tmp_path / "report.html"
    path.write_text(f"<!doctype html><style>{sheet}</style><body><p>Seen.</p>{body}", "utf-8")
    return read(path)


HIDDEN_PARTS = {
    "hidden": "<p hidden>{}</p>",
    "display": '<p style="display:none">{}</p>',
    "visibility": '<p style="visibility: hidden">{}</p>',
    "opacity": '<p style="opacity: 0">{}</p>',
    "no size": '<p style="font-size:0">{}</p>',
    "tiny": '<p style="font-size: 1px; margin: 0">{}</p>',
    "off the screen": '<p style="position: absolute; left: -9999px">{}</p>',
    "white": '<p style="color:white">{}</p>',
    "an old font element": '<p><font color="#fefefe">{}</font></p>',
    "of no colour": '<p style="color: transparent">{}</p>',
    "of a colour that lets all through": '<p style="color: rgba(0, 0, 0, 0)">{}</p>',
    "of no height": '<p style="overflow: hidden; max-height: 0">{}</p>',
    "white on white in a panel": '<div style="background:#fff"><p style="color: #FFF">{}</p></div>',
}


@pytest.mark.parametrize("part", HIDDEN_PARTS.values(), ids=HIDDEN_PARTS)
def test_hidden_parts_of_a_web_page_are_found_and_left_out(tmp_path, part):
    report = page_report(part.format(SECRET), tmp_path)
    assert (finds(report), report.text) == ([("invisible", SECRET)], "Seen.")


BLACKED_OUT = {
    "both colours said": ('<b style="color:#000;background-color:#000">{}</b>', ""),
    "in the usual colour of words": ('<b style="background: #000">{}</b>', ""),
    "in the colour of the paragraph": (
        '<span style="color:black">He <b style="background:black">{}</b></span>',
        "",
    ),
    "a cell": ("<table><tr><td bgcolor=black>{}</td></tr></table>", ""),
    "a class": ("<b class=out>{}</b>", ".out { background-color: black; color: black }"),
    "an element": ("<mark>{}</mark>", "mark { background: black none; color: #000 }"),
    "by Word": ('<b style="background:black;mso-highlight:black">{}</b>', ""),
}


@pytest.mark.parametrize(("part", "sheet"), BLACKED_OUT.values(), ids=BLACKED_OUT)
def test_black_on_black_in_a_web_page_is_covered(tmp_path, part, sheet):
    report = page_report(f"<div>{part.format(SECRET)} Also seen.</div>", tmp_path, sheet)
    assert finds(report) == [("covered", SECRET)]
    assert (SECRET in report.text, "Also seen." in report.text) == (False, True)


def test_of_a_black_box_with_white_words_the_black_ones_are_left_out(tmp_path):
    body = f'<p style="background:black">{SECRET} <b style="color:white">Also seen.</b></p>'
    report = page_report(body, tmp_path)
    assert (finds(report), report.text) == ([("covered", SECRET)], "Seen.\nAlso seen.")


def test_a_style_sheet_hides_parts(tmp_path):
    sheet = "p { margin: 0 } /* .no {display: none} */ .gone, #out { display : none }"
    body = f'<p class="gone">{SECRET}</p><p class="no">Also seen.</p>'
    report = page_report(body, tmp_path, sheet)
    assert (finds(report), report.text) == ([("invisible", SECRET)], "Seen.\nAlso seen.")


SEEN_PARTS = {
    "closed details": ("<details><summary>More</summary><p>{}</p></details>", ""),
    "half transparent": ('<p style="opacity: 0.5">{}</p>', ""),
    "a width that begins like a size": ('<p style="font-size:0.9em">{}</p>', ""),
    "white on a dark panel": (
        '<div style="background:#003"><p style="color:#fff">{}</p></div>',
        "",
    ),
    "white where a style sheet sets backgrounds": (
        '<p style="color:#fff">{}</p>',
        "p { background: navy }",
    ),
    "white on black by a class": ("<p class=w>{}</p>", ".w { background: #000; color: #fff }"),
    "a dark page": ("<p>{}</p>", "body { background: #111; color: #eee }"),
    "white in a dark cell": (
        "<table><tr><td bgcolor=black><font color=white>{}</font></td></tr></table>",
        "",
    ),
    "white where a rule for every other row sets backgrounds": (
        "<p class=w>{}</p>",
        ".w { color: #fff } p:nth-child(even) { background: #000 }",
    ),
    "white where a rule for screens sets backgrounds": (
        "<p class=w>{}</p>",
        ".w { color: #fff } @media screen { p { background: #000; color: #eee } }",
    ),
    "a link in a dark menu": ('<p style="background:#000"><a href="#">{}</a></p>', ""),
    "hidden in print alone": ("<p>{}</p>", "@media print { p { display: none } }"),
    "shown by a pointer": ("<p>{}</p>", "p:hover { visibility: hidden }"),
    "named with aria": ('<p aria-hidden="true">{}</p>', ""),
}


@pytest.mark.parametrize(("part", "sheet"), SEEN_PARTS.values(), ids=SEEN_PARTS)
def test_parts_of_a_web_page_that_can_be_seen_are_no_find(tmp_path, part, sheet):
    report = page_report(part.format(SECRET), tmp_path, sheet)
    assert finds(report) == []
    assert SECRET in report.text


def test_waymark_text_gives_class_page_and_words_of_a_find(tmp_path):
    report = pdf_with([WORDS, BOX], tmp_path)
    assert as_plain(report)["hidden"] == [
        {
            "page": 1,
            "text": SECRET,
            "why": "it is covered by a box or an image, or is as dark as the box behind it",
            "class": "covered",
            "words": 4,
        }
    ]
