"""Text recognition of a page: words with boxes, straightened, and read like the words of a PDF."""

import os
import re

import numpy as np
import pytest

from tests.documents.making import line
from tests.documents.scans import SETUP, WORDS, needs_tesseract, page_image, pdf_of_pages, scan_of
from waymark.core.errors import FileRefused, RuleError
from waymark.core.spans import Span
from waymark.documents.isolation import sandbox
from waymark.documents.isolation.engine import (
    Engine,
    find_engine,
    folders_of_program,
    how_to_install,
    languages_for,
    name_languages,
)
from waymark.documents.isolation.parent import (
    ReadingJob,
    close_readers,
    read_job,
    recognise_isolated,
)
from waymark.documents.isolation.straighten import skew_angle
from waymark.documents.isolation.tesseract import words_of_table
from waymark.documents.parsers.scanned.recognised_words import boxes_on_page, recognised_words
from waymark.documents.reading.recognised import (
    RecognisedPage,
    RecognisedWord,
    from_json,
    unpack_page,
)
from waymark.documents.reading.values import ReadingLimits
from waymark.documents.reading.words import span_rectangles

LIMITS = ReadingLimits()
HEADED = SETUP + "= Findings of the review\n" + WORDS


def recognise(path, number=1):
    return recognise_isolated(path, number, find_engine(), "eng", LIMITS)


def read_scan(path):
    """The file read with its first page recognised."""
    return read_job(ReadingJob(path, path.name, recognised={1: recognise(path)}), LIMITS)


def page_of(*words, angle=0.0, **values):
    return RecognisedPage("tesseract 5", "eng", angle, words, **values)


def word(text, x0=10.0, y0=10.0, confidence=90, begins_line=False):
    return RecognisedWord(text, (x0, y0, x0 + 20, y0 + 10), confidence, begins_line)


@needs_tesseract
def test_the_words_of_a_scan_are_the_text_of_its_page(tmp_path):
    report = read_scan(scan_of(tmp_path / "a.pdf", HEADED))
    assert report.text == f"Findings of the review\n{WORDS}"
    assert [page.source for page in report.pages] == ["scan"]
    assert report.unread == ()
    assert report.warnings == ("the words were recognised from a scan (page 1): check quotations",)
    assert report.title == "Findings of the review"


@needs_tesseract
def test_a_skewed_and_noisy_scan_is_straightened_before_it_is_recognised(tmp_path):
    path = scan_of(tmp_path / "a.pdf", HEADED, skew=-2, noise=18, blur=0.6)
    page = recognise(path)
    assert page.angle == pytest.approx(2, abs=0.2)
    assert page.confidence >= 90
    assert WORDS in read_job(ReadingJob(path, path.name, recognised={1: page}), LIMITS).text


@needs_tesseract
def test_a_quotation_is_marked_where_its_words_stand_on_a_skewed_scan(tmp_path):
    # The same page, straight and turned by two degrees about its middle.
    straight = read_scan(scan_of(tmp_path / "a.pdf", HEADED))
    skewed = read_scan(scan_of(tmp_path / "b.pdf", HEADED, skew=-2))
    boxes = [
        span_rectangles(report.pages[0].words, Span(at, at + 7))[0]
        for report in (straight, skewed)
        for at in [report.text.index("welfare")]
    ]
    middles = [np.array([(x0 + x1) / 2, (y0 + y1) / 2]) for x0, y0, x1, y1 in boxes]
    turn = np.radians(2)  # clockwise, seen with y downwards
    away = middles[0] - [297.5, 421]
    turned = [
        away[0] * np.cos(turn) - away[1] * np.sin(turn),
        away[0] * np.sin(turn) + away[1] * np.cos(turn),
    ]
    assert middles[1] == pytest.approx(turned + np.array([297.5, 421]), abs=2)


# Where the top left corner of the text is on a page that lies on its right side (turned clockwise
# by a quarter), on its head, and on its left side: in shares of the width and height.
CORNERS = {1: (0.9, 0.08), 2: (0.9, 0.92), 3: (0.1, 0.92)}


@needs_tesseract
@pytest.mark.parametrize("turn", CORNERS)
def test_a_scan_that_does_not_stand_upright_is_turned_before_it_is_recognised(tmp_path, turn):
    image = page_image(HEADED, noise=10, skew=1)
    path = pdf_of_pages(tmp_path / "a.pdf", [image.rotate(-90 * turn, expand=True)])
    report = read_scan(path)
    assert report.text == f"Findings of the review\n{WORDS}"
    page = report.pages[0]
    assert (page.width > page.height) == (turn != 2)
    x0, y0, x1, y1 = span_rectangles(page.words, Span(0, 8))[0]
    assert (x1 - x0 > y1 - y0) == (turn == 2)
    middle = (x0 + x1) / 2 / page.width, (y0 + y1) / 2 / page.height
    assert middle == pytest.approx(CORNERS[turn], abs=0.1)


@needs_tesseract
def test_two_columns_of_a_scan_are_read_one_after_the_other(tmp_path):
    source = f"{SETUP}#columns(2)[{WORDS * 3} #colbreak() Second column. {WORDS}]"
    report = read_scan(scan_of(tmp_path / "a.pdf", source, noise=10))
    assert " ".join(report.text.split()) == f"{WORDS * 3} Second column. {WORDS}"


@needs_tesseract
def test_the_rows_of_a_table_in_a_scan_stay_together(tmp_path):
    cells = ("Housing", "Share the chronology", "May 2016", "Police", "Name a lead", "June 2017")
    rows = "".join(f"[{cell}]," for cell in cells)
    source = f"{SETUP}#table(columns: (1fr, 2fr, 1fr), stroke: none, inset: 8pt, {rows})\n{WORDS}"
    text = " ".join(read_scan(scan_of(tmp_path / "a.pdf", source)).text.split())
    assert text.startswith("Housing Share the chronology May 2016 Police Name a lead June 2017")


@needs_tesseract
def test_what_is_not_text_on_a_scan_is_no_word(tmp_path):
    page = page_image(f"{SETUP}#line(length: 100%)\n#v(1cm)\n#line(length: 100%)\n{WORDS}")
    report = read_scan(pdf_of_pages(tmp_path / "a.pdf", [page]))
    assert not re.search(r"(^|\s)[|_—~-]+(\s|$)", report.text)


@needs_tesseract
def test_a_page_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(FileRefused, match="has no page 2"):
        recognise(scan_of(tmp_path / "a.pdf", HEADED), 2)


@needs_tesseract
def test_tesseract_has_the_limits_of_the_child_that_starts_it(tmp_path):
    path = scan_of(tmp_path / "a.pdf", SETUP + WORDS * 12, dpi=100)
    small = ReadingLimits(cpu_seconds=1, wall_seconds=2)
    with pytest.raises(FileRefused, match=r"more than|stopped"):
        recognise_isolated(path, 1, find_engine(), "eng", small)


@needs_tesseract
def test_a_language_that_is_no_name_never_reaches_the_program(tmp_path):
    with pytest.raises(FileRefused):
        recognise_isolated(
            scan_of(tmp_path / "a.pdf", HEADED), 1, find_engine(), "eng --psm 0", LIMITS
        )


@needs_tesseract
@pytest.mark.parametrize("place", ["sandbox", "no sandbox"])
def test_a_program_outside_the_system_opens_what_was_installed_with_it(
    tmp_path, monkeypatch, place
):
    """As that of conda does, whose libraries lie beside the folder of the program."""
    program, library = tmp_path / "conda/bin/tesseract", tmp_path / "conda/lib/of-conda"
    for path in (program, library):
        path.parent.mkdir(parents=True)
    library.write_text(f"engine={find_engine().program}\n")
    program.write_text(f'#!/bin/sh\n. "{library}" && exec "$engine" "$@"\n')
    program.chmod(0o755)
    path = scan_of(tmp_path / "a.pdf", HEADED)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    close_readers()
    with monkeypatch.context() as patch:
        if place == "no sandbox":
            patch.setattr(sandbox, "sandbox_fault", lambda: "bubblewrap is not installed")
        try:
            assert find_engine().program == str(program)
            assert "Findings" in [word.text for word in recognise(path).words]
        finally:
            close_readers()


def test_not_the_whole_folder_of_a_person_is_opened_for_a_program_in_it(tmp_path):
    for name in ("bin", "lib", "letters"):
        (tmp_path / name).mkdir()
    folders = folders_of_program(str(tmp_path / "bin" / "tesseract"))
    assert folders == [str(tmp_path / "bin"), str(tmp_path / "lib")]
    assert folders_of_program("/usr/bin/tesseract") == folders_of_program("") == []
    assert folders_of_program("/nix/store/1-tesseract/bin/tesseract") == ["/nix/store"]


def test_a_straight_page_is_not_turned():
    assert skew_angle(np.asarray(page_image(HEADED)), 150) == 0
    assert skew_angle(np.full((800, 600), 255, np.uint8), 100) == 0


def test_without_the_program_there_is_no_engine(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_engine() is None


def test_languages_are_those_that_are_installed():
    engine = Engine("/usr/bin/tesseract", "5.3.0", frozenset({"eng", "cym"}))
    assert engine.usable("eng+cym+gle") == "eng+cym"
    assert engine.usable("gle") == ""
    assert engine.missing("eng+cym+gle") == "gle"
    engine.require("eng+gle")
    package = r"no language 'gle' here: install it .*apt install tesseract-ocr-gle\)"
    with pytest.raises(RuleError, match=package):
        engine.require("gle")
    assert how_to_install("cym+chi_sim") == "apt install tesseract-ocr-cym tesseract-ocr-chi-sim"


def test_a_nation_adds_its_own_language_to_those_of_the_setting():
    assert languages_for("Wales", "eng") == "eng+cym"
    assert languages_for("Northern Ireland", "eng+cym") == "eng+cym+gle"
    assert languages_for("Wales", "cym+eng") == "cym+eng"
    assert languages_for("Scotland", "eng") == languages_for("", "eng") == "eng"
    assert name_languages("eng+cym+gle") == "English, Welsh and Irish"
    assert name_languages("deu") == "deu"


def test_the_table_of_tesseract_gives_words_lines_and_confidence():
    rows = (
        "5\t1\t1\t1\t1\t1\t30\t40\t50\t12\t96.4\tThe",
        "5\t1\t1\t1\t1\t2\t90\t40\t40\t12\t91.5\tpanel",
        "5\t1\t1\t1\t2\t1\t30\t60\t5\t90\t12.0\t|",
        "5\t1\t1\t1\t2\t2\t40\t60\t20\t12\t80.0\tmet",
        "4\t1\t1\t1\t2\t0\t30\t60\t60\t12\t-1\t",
    )
    assert list(words_of_table("level\tpage\n" + "\n".join(rows))) == [
        RecognisedWord("The", (30, 40, 80, 52), 96, begins_line=True),
        RecognisedWord("panel", (90, 40, 130, 52), 92, begins_line=False),
        RecognisedWord("met", (40, 60, 60, 72), 80, begins_line=True),
    ]


def test_recognised_words_are_packed_and_unpacked():
    page = page_of(word("The", begins_line=True), word("panel", 40), angle=1.5, chosen=True)
    assert unpack_page(page.pack()) == page
    for damaged in (b"", b"nothing", page.pack()[:-9]):
        with pytest.raises(RuleError):
            unpack_page(damaged)


@pytest.mark.parametrize(
    "row",
    [
        ["two words", 0, 0, 1, 1, 90, True],
        ["", 0, 0, 1, 1, 90, True],
        ["x" * 201, 0, 0, 1, 1, 90, True],
        ["word", 0, 0, float("inf"), 1, 90, True],
        ["word", 0, 0, 1],
    ],
)
def test_an_answer_that_is_no_page_of_words_is_refused(row):
    with pytest.raises(RuleError):
        from_json({"engine": "x", "languages": "eng", "angle": 0, "words": [row]})


def test_the_confidence_of_a_page_counts_words_by_their_length():
    # (2 * 50 + 8 * 100) / 10
    assert page_of(word("of", confidence=50), word("somebody", confidence=100)).confidence == 90
    assert page_of().confidence == 0


def test_a_page_of_low_confidence_is_marked_and_warned_of(tmp_path):
    path = scan_of(tmp_path / "a.pdf", HEADED)
    # 74 is below the limit of 75.
    words = [word("Panel", 20.0 * n, 50, 74) for n in range(5)]
    report = read_job(ReadingJob(path, path.name, recognised={1: page_of(*words)}), LIMITS)
    assert [page.source for page in report.pages] == ["poor-scan"]
    assert report.warnings[-1] == (
        "low quality scan or a form (page 1): many words may be wrong or missing, compare them "
        "with the page image"
    )


def test_the_words_of_the_file_stay_where_recognition_found_fewer(tmp_path):
    page = page_image(SETUP + WORDS)
    path = pdf_of_pages(tmp_path / "a.pdf", [page], over={1: line(60, 800, "Copy 3")})
    one = {1: page_of(word("Copy"))}
    assert read_job(ReadingJob(path, path.name, recognised=one), LIMITS).text == "Copy 3"
    chosen = {1: page_of(word("Copy"), chosen=True)}
    assert read_job(ReadingJob(path, path.name, recognised=chosen), LIMITS).text == "Copy"


def test_a_word_broken_over_lines_of_a_scan_is_joined():
    words = recognised_words(
        page_of(word("safe-", begins_line=True), word("guarding", y0=24, begins_line=True)),
        (595, 842),
    )
    assert (words.tokens, words.hyphen.tolist()) == (["safe", "guarding"], [True, False])


def test_the_words_of_a_line_have_boxes_of_one_height():
    # The base line is at 110 (the end of "an"), capitals are 8 high: 110 - 10 to 110 + 2.56.
    small = RecognisedWord("an", (10, 105, 20, 110), 90, begins_line=True)
    tall = RecognisedWord("Tom", (24, 102, 40, 110), 90, begins_line=False)
    low = RecognisedWord("gave", (44, 105, 60, 113), 90, begins_line=False)
    words = recognised_words(page_of(small, tall, low), (595, 842))
    assert words.boxes[:, 1] == pytest.approx([100, 100, 100])
    assert words.boxes[:, 3] == pytest.approx([112.56, 112.56, 112.56])


def test_boxes_are_turned_back_about_the_middle_of_the_page():
    # Straightening turned the page anticlockwise by a quarter: its right edge became the top one.
    # A word 20 wide and 10 high in the middle of the top is in the middle of the right edge again.
    on_page = boxes_on_page(np.array([[40.0, 5, 60, 15]]), 90, (100, 100))
    assert on_page[0] == pytest.approx([80, 45, 100, 55])


def test_lines_that_the_engine_cut_at_a_word_space_are_made_whole():
    """Ten lines that end in the same words come as lines and a column of the last word."""
    ends = [RecognisedWord("were", (60, 20 * n, 90, 20 * n + 8), 96, True) for n in range(1, 11)]
    column = [
        RecognisedWord("missed.", (95, 20 * n - 2, 140, 20 * n + 8), 96, True) for n in range(1, 11)
    ]
    apart = RecognisedWord("Margin", (200, 18, 240, 28), 96, True)
    words = recognised_words(
        RecognisedPage("tesseract 5", "eng", 0.0, (*ends, *column, apart)), (595, 842)
    )
    assert words.tokens == [*("were", "missed.") * 10, "Margin"]
    assert words.breaks.tolist() == [*(True, False) * 10, True]
