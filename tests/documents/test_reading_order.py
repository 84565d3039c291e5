"""Reading order of pages drawn in many ways, against the known order and against bare pdfium's."""

import re
import shutil
import subprocess
from collections import Counter, defaultdict
from itertools import chain

import pypdfium2
import pytest

from tests.documents.drawn_pages import (
    FIRST_LIST,
    PAGES,
    bulleted,
    prose,
    rows_of,
    wide_cells_by_line,
)
from tests.documents.making import LEFT, RIGHT, line, paragraph, pdf_of
from tests.shared import SHARED, needs_shared
from waymark.core.spans import Span
from waymark.documents.parsers import pdf
from waymark.documents.reading.values import ReadingLimits, broken_laws
from waymark.documents.reading.words import span_rectangles, unpack_words

WORDS = re.compile(r"\w+")


def words(text):
    return WORDS.findall(text.lower())


def inversions(text, truth):
    """Pairs of words that stand the other way round than in the truth, the same words paired off.

    Example: of the truth "a b c", "b c a" has two: b before a, and c before a.
    """
    places = defaultdict(list)
    for place, word in enumerate(words(truth)):
        places[word].append(place)
    order = [places[word].pop(0) for word in words(text) if places[word]]
    return sum(
        before > after for number, before in enumerate(order) for after in order[number + 1 :]
    )


def read(path):
    report = pdf.read_pdf(path, path.name, ReadingLimits())
    assert broken_laws(report) == []
    return report


def bare(path):
    with pypdfium2.PdfDocument(path) as document:
        return " ".join(page.get_textpage().get_text_range() for page in document)


def right_edge(lines, x, folder):
    """Where the longest of some lines ends, in points."""
    report = read(pdf_of([b"".join(paragraph(x, 700, lines))], folder / "width.pdf"))
    boxes = unpack_words(report.pages[0].words.pack())
    return max(x1 for _, _, x1, _ in span_rectangles(boxes, Span(0, len(report.text))))


@pytest.mark.parametrize("case", PAGES)
def test_a_page_is_read_in_the_order_of_reading_and_never_worse_than_it_was_drawn(tmp_path, case):
    drawn, truth = PAGES[case]
    path = pdf_of([b"".join(drawn)], tmp_path / "page.pdf")
    text = read(path).text
    assert inversions(text, truth) == 0
    assert inversions(text, truth) <= inversions(bare(path), truth)
    assert sorted(words(text)) == sorted(words(truth))


@pytest.mark.parametrize("first_drawn", ["bullets", "words"])
def test_a_bullet_drawn_apart_from_its_words_is_put_before_them(tmp_path, first_drawn):
    report = read(pdf_of([b"".join(bulleted(first_drawn))], tmp_path / "list.pdf"))
    assert report.text == "\n".join(f"\u2022 {item}" for item in FIRST_LIST)
    assert {passage.kind for passage in report.passages} == {"item"}


def test_a_row_of_two_cells_between_paragraphs_is_one_line(tmp_path):
    row = [line(50, 700, "Leadership of the service"), line(320, 700, "Requires improvement")]
    drawn = [*row, *paragraph(50, 670, [f"{text} again and again" for text in LEFT])]
    report = read(pdf_of([b"".join(drawn)], tmp_path / "row.pdf"))
    assert report.text.startswith("Leadership of the service Requires improvement\n")


def test_a_label_drawn_after_the_text_does_not_part_a_paragraph(tmp_path):
    # Between the lines above and below it is room for one line, but it begins further right.
    drawn = [*paragraph(50, 700, LEFT[:3]), *paragraph(50, 642, LEFT[3:])]
    label = line(150, 661, "Figure 1", size=6)
    report = read(pdf_of([b"".join([*drawn, label])], tmp_path / "label.pdf"))
    assert words(report.text) == words(prose(LEFT, ["Figure 1"]))


def test_the_labels_of_a_figure_do_not_part_a_sentence_that_runs_past_it(tmp_path):
    drawn = [*paragraph(50, 700, LEFT[:3]), *paragraph(50, 500, LEFT[3:])]
    labels = [line(120, 640, "Visits by month"), line(160, 560, "Winter")]
    report = read(pdf_of([b"".join([*drawn, *labels])], tmp_path / "figure.pdf"))
    assert words(report.text) == words(prose(LEFT, ["Visits by month", "Winter"]))


def test_the_rows_of_a_table_follow_one_another_though_its_sentences_are_parted(tmp_path):
    drawn, rows = wide_cells_by_line()
    text = read(pdf_of([b"".join(drawn)], tmp_path / "table.pdf")).text
    places = [[text.index(part) for part in chain.from_iterable(row)] for row in rows]
    assert max(places[0]) < min(places[1])
    assert max(places[1]) < min(places[2])


@pytest.mark.parametrize("gutter", [8, 10, 14])
def test_columns_with_a_narrow_gutter_are_told_apart(tmp_path, gutter):
    x = right_edge(LEFT, 50, tmp_path) + gutter
    path = pdf_of(
        [b"".join(rows_of(paragraph(50, 700, LEFT), paragraph(x, 700, RIGHT)))],
        tmp_path / "narrow.pdf",
    )
    assert read(path).text == f"{prose(LEFT)}\n{prose(RIGHT)}"


def turned(x, y, quarters, text):
    """One line that begins at a place and runs right, down, left or up (0 to 3 quarter turns)."""
    across, up = ((1, 0), (0, -1), (-1, 0), (0, 1))[quarters]
    matrix = b"%d %d %d %d %g %g Tm" % (across, up, -up, across, x, y)
    return b"BT /F1 10 Tf %s (%s) Tj ET\n" % (matrix, text.encode())


def turned_paragraph(x, y, quarters, lines):
    """Lines one below the other, as a person sees who turns the page."""
    right, down = ((0, -1), (-1, 0), (0, 1), (1, 0))[quarters]
    return [
        turned(x + 12 * n * right, y + 12 * n * down, quarters, text)
        for n, text in enumerate(lines)
    ]


@pytest.mark.parametrize("quarters", [1, 2, 3])
@pytest.mark.parametrize("rotate", [0, 90, 270])
def test_a_page_of_turned_text_is_read_as_a_person_reads_who_turns_it(tmp_path, quarters, rotate):
    below = {1: (200, 400), 2: (300, 500), 3: (400, 400)}[quarters]
    drawn = [
        *turned_paragraph(300, 400, quarters, LEFT),
        *turned_paragraph(*below, quarters, RIGHT),
    ]
    report = read(pdf_of([b"".join(drawn)], tmp_path / "turned.pdf", rotate=rotate))
    assert report.text == f"{prose(LEFT)}\n{prose(RIGHT)}"


def test_sideways_words_come_after_the_upright_ones_of_the_page(tmp_path):
    cells = [
        line(x, 700 - 14 * row, cell)
        for row, texts in enumerate([("May 2001", "First visit"), ("June 2001", "No answer")])
        for x, cell in zip((90, 300), texts, strict=True)
    ]
    label = turned_paragraph(60, 660, 3, ["visits to", "the family"])
    report = read(pdf_of([b"".join([*label, *cells])], tmp_path / "label.pdf"))
    assert report.text == "May 2001 First visit\nJune 2001 No answer\nvisits to the family"


def test_a_sideways_label_does_not_continue_an_upright_sentence(tmp_path):
    drawn = [
        *paragraph(90, 700, LEFT[:3]),
        *turned_paragraph(60, 660, 3, ["visits to", "a family"]),
    ]
    report = read(pdf_of([b"".join(drawn)], tmp_path / "label.pdf"))
    assert report.text == f"{prose(LEFT[:3])}\nvisits to a family"


def test_columns_of_sideways_text_are_told_apart(tmp_path):
    # Turned anticlockwise, the left column of the turned page is at the foot of the upright one.
    rows = rows_of(turned_paragraph(100, 60, 3, LEFT), turned_paragraph(100, 420, 3, RIGHT))
    report = read(pdf_of([b"".join(rows)], tmp_path / "turned.pdf"))
    assert report.text == f"{prose(LEFT)}\n{prose(RIGHT)}"


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_sideways_word_is_marked_where_it_is_printed(tmp_path, quarters):
    path = pdf_of([turned(300, 400, quarters, "Nobody asked why.")], tmp_path / "turned.pdf")
    report = read(path)
    start = report.text.index("asked")
    boxes = unpack_words(report.pages[0].words.pack())
    ((x0, y0, x1, y1),) = span_rectangles(boxes, Span(start, start + 5))
    with pypdfium2.PdfDocument(path) as document:
        pixels = 255 - document[0].render(scale=2).to_numpy()[:, :, 0].astype(int)
    inside = pixels[int(2 * y0) : int(2 * y1) + 1, int(2 * x0) : int(2 * x1) + 1]
    # 5 of 17 characters are about a third of the ink.
    assert 0.15 < inside.sum() / pixels.sum() < 0.45


def test_slanted_words_are_read_like_upright_ones(tmp_path):
    stamp = b"BT /F1 40 Tf .7 .7 -.7 .7 200 300 Tm (DRAFT) Tj ET\n"
    report = read(pdf_of([b"".join([stamp, *paragraph(60, 700, LEFT)])], tmp_path / "stamp.pdf"))
    assert sorted(report.text.split("\n")) == sorted(["DRAFT", prose(LEFT)])


# ---- real reports ----

REAL = SHARED / "data" / "ofsted_pdf"
BROKEN = re.compile("[-\u2010\ufffe\x02]\\s*")
PROSE = 8  # words in a line, on average
LEAST = 0.99


def bare_pages(path):
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_range() for page in document]


def pdftotext_pages(path):
    """The pages as pdftotext reads them, none where it is not installed."""
    program = shutil.which("pdftotext")
    if program is None:
        return []
    done = subprocess.run([program, path, "-"], check=True, capture_output=True)
    return done.stdout.decode().split("\f")


def without_running_lines(pages):
    """Pages without the lines that are, numbers aside, on three of them.

    The number of a paragraph, "4.", which pdftotext puts on a line of its own, stays.
    """
    lines = [[line.strip() for line in page.splitlines() if line.strip()] for page in pages]
    kinds = Counter(kind for page in lines for kind in set(map(without_numbers, page)))
    return [
        [line for line in page if kinds[without_numbers(line)] < 3 or line[-1] == "."]
        for page in lines
    ]


def without_numbers(text):
    return re.sub(r"\d+", "#", text)


def shingles(text):
    """Each five words that follow one another, with how often they do."""
    tokens = words(BROKEN.sub("", text))
    return Counter(zip(*(tokens[n:] for n in range(5)), strict=False))


@needs_shared
@pytest.mark.parametrize("path", sorted(REAL.glob("*.pdf")), ids=lambda path: path.stem)
def test_the_prose_of_a_real_report_keeps_the_order_of_other_readers(path):
    ours = shingles(read(path).text)
    for pages in filter(None, (bare_pages(path), pdftotext_pages(path))):
        common = total = 0
        for lines in without_running_lines(pages):
            if sum(len(words(line)) for line in lines) >= PROSE * len(lines):
                theirs = shingles("\n".join(lines))
                common += (theirs & ours).total()
                total += theirs.total()
        assert common >= LEAST * total > 0
