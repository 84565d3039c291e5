"""Which pages are unread: scans, whatever is stamped on them; never pages that are set in type."""

import pytest
import typst

from tests.documents.making import REPORT, line, pdf_of, scanned, typeset
from tests.documents.scans import SETUP, WORDS, page_image, pdf_of_pages, scan_of
from waymark.documents.isolation.parent import read_isolated
from waymark.documents.parsers.scanned.unread import is_garbled
from waymark.documents.reading.values import ReadingLimits

LIMITS = ReadingLimits()


def read(path):
    return read_isolated(path, path.name, LIMITS)


def test_a_scanned_page_is_unread_and_the_other_pages_are_read(tmp_path):
    typed = typst.compile((SETUP + WORDS).encode())
    path = pdf_of_pages(tmp_path / "a.pdf", [typed, page_image(SETUP + WORDS)])
    report = read(path)
    assert report.unread == (2,)
    assert "The visits stopped in May" in report.text
    assert report.warnings[-1] == "the text of scanned pages is not recognised (page 2)"


@pytest.mark.parametrize("stamp", ["a", "CONFIDENTIAL: copy 3 of 12", "Page 14"])
def test_a_stray_letter_or_a_stamp_does_not_make_a_scan_read(tmp_path, stamp):
    scan = page_image(SETUP + WORDS)
    path = pdf_of_pages(tmp_path / "a.pdf", [scan], over={1: line(60, 800, stamp)})
    assert read(path).unread == (1,)


def test_a_file_of_scans_alone_is_read_as_pages_without_text(tmp_path):
    report = read(scan_of(tmp_path / "a.pdf", SETUP + WORDS))
    assert (report.unread, report.text, report.title) == ((1,), "", "")


def test_a_faint_noisy_skewed_scan_is_unread(tmp_path):
    path = scan_of(tmp_path / "a.pdf", SETUP + WORDS, skew=2, noise=18, blur=0.6)
    assert read(path).unread == (1,)


def test_a_scan_with_a_good_layer_keeps_it(tmp_path):
    report = read(scanned(tmp_path / "a.pdf"))
    assert report.unread == ()
    assert [page.source for page in report.pages] == ["layer"]


def test_a_scan_whose_layer_is_no_words_is_unread(tmp_path):
    # Every letter 29 places too far, as fonts without a map of their letters give it.
    layer = b"3 Tr\n" + b"".join(
        line(62, 762 - 14 * row, "7KH YLVLWV VWRSSHG LQ 0D\\ DQG QRERG\\ ZURWH GRZQ UHDVRQV")
        for row in range(4)
    )
    path = pdf_of_pages(tmp_path / "a.pdf", [page_image(SETUP + WORDS)], over={1: layer})
    assert read(path).unread == (1,)


def test_typeset_pages_with_tables_figures_and_ruled_lines_are_read(tmp_path):
    table = "#table(columns: 4, " + ", ".join(f"[{number} %]" for number in range(120)) + ")"
    figure = "#rect(width: 100%, height: 9cm, fill: gradient.linear(red, blue, green))"
    path = typeset(f"{SETUP}{WORDS}\n\n{table}\n{figure}", tmp_path / "a.pdf")
    assert read(path).unread == ()


def test_a_picture_of_words_within_a_typeset_page_is_a_figure(tmp_path):
    # A photographed letter over two fifths of the page, in the middle of a typeset one.
    letter = page_image(SETUP + WORDS * 3).crop((150, 100, 1100, 800))
    letter.save(tmp_path / "letter.png")
    source = f'{SETUP}{WORDS * 2}\n#image("letter.png", width: 100%)\n{WORDS}'
    (tmp_path / "a.typ").write_text(source)
    path = tmp_path / "a.pdf"
    path.write_bytes(typst.compile(tmp_path / "a.typ"))
    assert read(path).unread == ()


def test_a_page_whose_letters_are_drawn_as_shapes_is_unread(tmp_path):
    # 60 small crosses in a row stand for outlines: ink like text, no image and no words.
    strokes = b"".join(
        b"%d %d m %d %d l %d %d m %d %d l S\n" % (x, y, x + 4, y + 6, x + 4, y, x, y + 6)
        for y in range(500, 700, 14)
        for x in range(60, 500, 6)
    )
    assert read(pdf_of([strokes], tmp_path / "a.pdf")).unread == (1,)


def test_an_empty_page_is_not_unread(tmp_path):
    path = pdf_of([line(60, 700, "The visits stopped in May."), b""], tmp_path / "a.pdf")
    report = read(path)
    assert report.unread == ()
    assert report.warnings == ("no text on page 2",)


def test_the_report_of_the_other_tests_is_read(tmp_path):
    assert read(typeset(REPORT, tmp_path / "a.pdf")).unread == ()


def test_words_are_told_from_what_fonts_without_a_map_give():
    shifted = "7KH YLVLWV VWRSSHG LQ 0D DQG QRERG ZURWH GRZQ D UHDVRQ IRU LW " * 2
    assert is_garbled(shifted.split())
    assert is_garbled(["\ue001\ue002\ue003\ue004"] * 40)
    welsh = "Daeth yr ymweliadau i ben ym mis Mai ac nid oedd neb wedi nodi rheswm dros hynny"
    irish = "Stad na cuairteanna i mí na Bealtaine agus níor scríobh aon duine síos an fáth"
    for words in (WORDS, welsh * 2, irish * 2, "SERIOUS CASE REVIEW CHILD OAK " * 8):
        assert not is_garbled(words.split())
    assert not is_garbled(["12", "44%", "2019"] * 60)
    assert not is_garbled(["Requires", "improvement", "Good", "Inadequate", "Outstanding"] * 10)
