"""Reading order of pages drawn in many ways, against the known order and against bare pdfium's."""

import re
import shutil
import subprocess
from collections import Counter, defaultdict
from itertools import chain, zip_longest

import pypdfium2
import pytest

from tests.documents.making import LEFT, RIGHT, line, paragraph, pdf_of
from tests.shared import SHARED, needs_shared
from waymark.core.spans import Span
from waymark.documents.parsers import pdf
from waymark.documents.reading.values import ReadingLimits, broken_laws
from waymark.documents.reading.words import span_rectangles, unpack_words

WORDS = re.compile(r"\w+")
TITLE = "Seven minute briefing"
FAR_LEFT = (
    "A school nurse told the",
    "panel that she had seen",
    "the boy three times and",
    "each time had asked how",
    "he slept, which nobody",
    "else had thought to do.",
)
MIDDLE = (
    "Two letters went to the",
    "old address after the",
    "move and were returned",
    "unread. The clinic then",
    "closed the case without",
    "a call to the teachers.",
)
FAR_RIGHT = (
    "Later that summer, an",
    "aunt rang the duty team",
    "and described what she",
    "had seen. Her words are",
    "in the log, but nobody",
    "phoned her back.",
)
FACTS = ("Key facts", "Age of child: 3 years", "Outcome: serious harm", "Published: May 2021")
FIRST_LIST = ("Visits were missed", "Records were not read", "Nobody saw the child alone")
SECOND_LIST = ("Keep every visit", "Read the record first", "Ask the child what happened")


def rows_of(*columns):
    """Lines of several columns, row by row."""
    return [part for part in chain.from_iterable(zip_longest(*columns)) if part]


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


def prose(*blocks):
    return " ".join(chain.from_iterable(blocks))


def titled_late():
    return [*paragraph(50, 700, LEFT), *paragraph(320, 700, RIGHT), line(50, 740, TITLE, size=18)]


def late_line():
    left = paragraph(50, 700, LEFT)
    return [*left[:2], *left[3:], *paragraph(320, 700, RIGHT), left[2]]


def first_line_late():
    left = paragraph(50, 700, LEFT)
    return [*left[1:], *paragraph(320, 700, RIGHT), left[0]]


def sidebar_by_height():
    """Prose and a sidebar whose lines are further apart, drawn from the top down."""
    lines = [(700 - 12 * n, 50, text) for n, text in enumerate(LEFT)]
    lines += [(704 - 17 * n, 330, text) for n, text in enumerate(FACTS)]
    return [line(x, y, text) for y, x, text in sorted(lines, reverse=True)]


def bullets(x, y, items, *, apart=12):
    """The bullets and the words of a list, drawn separately."""
    marks = [line(x, y - 18 * n, "\u2022") for n in range(len(items))]
    return marks, [line(x + apart, y - 18 * n, item) for n, item in enumerate(items)]


def bulleted(first_drawn):
    marks, items = bullets(50, 700, FIRST_LIST)
    return [*marks, *items] if first_drawn == "bullets" else [*items, *marks]


def lists_in_columns():
    left, right = (bullets(x, 700, items) for x, items in ((50, FIRST_LIST), (320, SECOND_LIST)))
    drawn = [part for marks, items in (left, right) for part in rows_of(marks, items)]
    return [*drawn, line(50, 740, TITLE, size=18)]


def section_heading_between():
    """Two columns above a heading over both and two below it, the heading drawn last."""
    return [
        *rows_of(paragraph(50, 700, LEFT), paragraph(320, 700, RIGHT)),
        *rows_of(paragraph(50, 560, FAR_LEFT), paragraph(320, 560, MIDDLE)),
        line(50, 590, "What the panel heard from those who had known the family well", size=14),
    ]


def footnoted():
    """A page whose footnote and page number are drawn before its text."""
    note = line(
        50, 80, "1 The panel met in the spring and again in the autumn of that year", size=8
    )
    return [line(290, 40, "12"), note, *paragraph(50, 700, LEFT), *paragraph(50, 610, RIGHT)]


def chronology(*, by_cell):
    """A table with cells of several lines, drawn cell by cell or row by row of the whole table."""
    rows = [("May 2001",), LEFT[:3]], [("June 2001",), RIGHT[:3]], [("July 2001",), MIDDLE[:3]]
    cells = [
        [paragraph(60, 700 - 50 * n, date), paragraph(150, 700 - 50 * n, text)]
        for n, (date, text) in enumerate(rows)
    ]
    parts = [chain.from_iterable(row) if by_cell else rows_of(*row) for row in cells]
    truth = prose(*(block for row in rows for block in row))
    return list(chain.from_iterable(parts)), truth


def wide_cells():
    """A table of two columns of sentences, drawn cell by cell."""
    texts = (LEFT[:3], RIGHT[:3]), (LEFT[3:], RIGHT[3:])
    drawn = [
        part
        for n, (left, right) in enumerate(texts)
        for part in (*paragraph(50, 700 - 60 * n, left), *paragraph(320, 700 - 60 * n, right))
    ]
    return drawn, prose(LEFT[:3], RIGHT[:3], LEFT[3:], RIGHT[3:])


def wide_cells_by_line():
    """A table of three rows of sentences, drawn line by line across both columns."""
    texts = (LEFT[:3], RIGHT[:3]), (LEFT[3:], RIGHT[3:]), (FAR_LEFT[:2], MIDDLE[:3])
    drawn = [
        rows_of(paragraph(50, 700 - 50 * n, left), paragraph(320, 700 - 50 * n, right))
        for n, (left, right) in enumerate(texts)
    ]
    return list(chain.from_iterable(drawn)), texts


def short_table():
    """A table of short words in small letters, drawn row by row."""
    cells = [("seen alone", "yes", "not known"), ("seen at home", "no", "no"),
             ("asked about sleep", "not known", "yes"), ("letter answered", "no", "not known"),
             ("visit kept", "yes", "no")]  # fmt: skip
    drawn = [
        line(60 + 150 * column, 700 - 14 * row, cell)
        for row, texts in enumerate(cells)
        for column, cell in enumerate(texts)
    ]
    return drawn, prose(*cells)


def page_of(case):
    two = paragraph(50, 700, LEFT), paragraph(320, 700, RIGHT)
    three = [
        paragraph(x, 700, text) for x, text in ((50, FAR_LEFT), (220, MIDDLE), (390, FAR_RIGHT))
    ]
    side = paragraph(50, 700, FACTS), paragraph(220, 700, RIGHT)
    side_right = paragraph(50, 700, LEFT), paragraph(330, 706, FACTS)
    pages = {
        "columns": ([*two[0], *two[1]], prose(LEFT, RIGHT)),
        "columns row by row": (rows_of(*two), prose(LEFT, RIGHT)),
        "columns reversed": ([*two[0], *two[1]][::-1], prose(LEFT, RIGHT)),
        "right column first": ([*two[1], *two[0]], prose(LEFT, RIGHT)),
        "three columns": (list(chain(*three)), prose(FAR_LEFT, MIDDLE, FAR_RIGHT)),
        "three columns row by row": (rows_of(*three), prose(FAR_LEFT, MIDDLE, FAR_RIGHT)),
        "sidebar left": ([*side[0], *side[1]], prose(FACTS, RIGHT)),
        "sidebar left drawn last": ([*side[1], *side[0]], prose(RIGHT, FACTS)),
        "sidebar left row by row": (rows_of(*side), prose(FACTS, RIGHT)),
        "sidebar right": ([*side_right[0], *side_right[1]], prose(LEFT, FACTS)),
        "sidebar right row by row": (sidebar_by_height(), prose(LEFT, FACTS)),
        "title last": (titled_late(), prose([TITLE], LEFT, RIGHT)),
        "late line": (late_line(), prose(LEFT, RIGHT)),
        "first line late": (first_line_late(), prose(LEFT, RIGHT)),
        "bullets first": (bulleted("bullets"), prose(FIRST_LIST)),
        "bullets last": (bulleted("words"), prose(FIRST_LIST)),
        "lists in columns, title last": (
            lists_in_columns(),
            prose([TITLE], FIRST_LIST, SECOND_LIST),
        ),
        "footnote first": (
            footnoted(),
            prose(
                LEFT,
                RIGHT,
                ["1 The panel met in the spring and again in the autumn of that year 12"],
            ),
        ),
        "heading over columns last": (
            section_heading_between(),
            prose(
                LEFT,
                RIGHT,
                ["What the panel heard from those who had known the family well"],
                FAR_LEFT,
                MIDDLE,
            ),
        ),
        "chronology cell by cell": chronology(by_cell=True),
        "chronology row by row": chronology(by_cell=False),
        "wide cells": wide_cells(),
        "short table": short_table(),
    }
    return pages[case] if case else pages


@pytest.mark.parametrize("case", page_of(""))
def test_a_page_is_read_in_the_order_of_reading_and_never_worse_than_it_was_drawn(tmp_path, case):
    drawn, truth = page_of(case)
    path = pdf_of([b"".join(drawn)], tmp_path / "page.pdf")
    text = read(path).text
    assert inversions(text, truth) == 0
    assert inversions(text, truth) <= inversions(bare(path), truth)
    assert sorted(words(text)) == sorted(words(truth))


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
