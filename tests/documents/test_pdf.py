"""Reading of a PDF: reading order, paragraphs, headings, furniture, and where each word stands."""

import pypdfium2
import pytest

from tests.documents.making import (
    LEFT,
    REPORT,
    RIGHT,
    TWO_COLUMNS,
    column_lines,
    line,
    paragraph,
    pdf_of,
    typeset,
)
from waymark.core.spans import Span
from waymark.documents.parsers import pdf
from waymark.documents.reading.values import ReadingLimits, broken_laws
from waymark.documents.reading.words import span_rectangles, unpack_words

LIMITS = ReadingLimits()
BEYOND = "\U0001d400\U0001d401"  # two bold capitals of mathematics


def read(path):
    report = pdf.read_pdf(path, path.name, LIMITS)
    assert broken_laws(report) == []
    return report


def words(report, passage):
    return report.text[passage.start : passage.end]


def body(report):
    return [words(report, passage) for passage in report.passages]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return read(typeset(REPORT, tmp_path_factory.mktemp("pdf") / "oak.pdf"))


def test_the_largest_words_of_the_first_page_are_the_title(report):
    assert report.title == "Case management review: Child Oak"


def test_headings_give_the_path_of_what_follows_them(report):
    paths = {words(report, passage)[:4]: passage.heading for passage in report.passages}
    assert paths["1.1 "] == "1. What happened"
    assert paths["2.1 "] == "1. What happened > Contact with services"
    assert paths["• Th"] == "Recommendations"


def test_the_title_is_in_no_path(report):
    assert not any("Child Oak" in passage.heading for passage in report.passages)


def test_a_paragraph_is_one_line_of_the_text(report):
    second = next(text for text in body(report) if text.startswith("1.2 "))
    assert second == (
        "1.2 The visits stopped in May and nobody wrote down a reason for it. The family had moved "
        "to another town, where the misunderstanding about responsibilities continued over the "
        "summer. The school noticed that the child was often tired and told the education welfare "
        "officer."
    )


def test_list_items_are_items_and_numbered_paragraphs_are_paragraphs(report):
    kinds = {words(report, passage)[:4]: passage.kind for passage in report.passages}
    assert (kinds["• Th"], kinds["1.1 "], kinds["Reco"]) == ("item", "paragraph", "heading")


def test_running_headers_and_footers_are_beside_the_text(report):
    assert len(report.pages) == 2
    running = [(line.page, line.text) for line in report.running_lines]
    header = "Case management review: Child Oak"
    assert running == [(1, header), (1, "Page 1 of 2"), (2, header), (2, "Page 2 of 2")]
    # The title has the words of the header: it is in the text, once.
    assert report.text.count(header) == 1
    assert "Page 1" not in report.text


def test_a_passage_knows_its_page(report):
    last = report.passages[-1]
    assert (last.page, last.last_page) == (2, 2)
    assert words(report, last).endswith("whether practice has changed.")


def test_pages_have_their_size_in_points(report):
    assert [(round(page.width), round(page.height)) for page in report.pages] == [(595, 842)] * 2


@pytest.mark.parametrize("drawn", ["by column", "row by row", "right column first", "upwards"])
def test_columns_are_read_one_after_the_other_however_they_were_drawn(tmp_path, drawn):
    left, right = column_lines()
    order = {
        "by column": [*left, *right],
        "row by row": [part for row in zip(left, right, strict=True) for part in row],
        "right column first": [*right, *left],
        "upwards": [*left, *right][::-1],
    }[drawn]
    report = read(pdf_of([b"".join(order)], tmp_path / "columns.pdf"))
    assert report.text == TWO_COLUMNS


def test_a_heading_across_both_columns_is_read_before_them(tmp_path):
    left, right = column_lines()
    rows = [part for row in zip(left, right, strict=True) for part in row]
    heading = line(50, 740, "What the panel did, and what it was told about the year", size=16)
    report = read(pdf_of([b"".join([*rows, heading])], tmp_path / "heading.pdf"))
    assert report.text == f"What the panel did, and what it was told about the year\n{TWO_COLUMNS}"


def test_a_table_is_read_row_by_row(tmp_path):
    rows = [
        line(x, 700 - 20 * n, cell)
        for n, row in enumerate([("May 2001", "First visit"), ("June 2001", "No answer")])
        for x, cell in zip((60, 300), row, strict=True)
    ]
    report = read(pdf_of([b"".join(rows)], tmp_path / "table.pdf"))
    assert report.text == "May 2001 First visit\nJune 2001 No answer"


def test_a_number_far_from_its_words_stays_with_them(tmp_path):
    content = [
        line(60, 700, "1."),
        *paragraph(110, 700, ["The Trust should agree who tells whom", "when a family moves."]),
        line(60, 670, "2."),
        *paragraph(110, 670, ["The board should ask what became of it."]),
    ]
    report = read(pdf_of([b"".join(content)], tmp_path / "items.pdf"))
    assert report.text == (
        "1. The Trust should agree who tells whom when a family moves.\n"
        "2. The board should ask what became of it."
    )
    assert [passage.kind for passage in report.passages] == ["item", "item"]


def test_words_broken_at_a_line_end_are_made_whole(tmp_path):
    lines = [
        "Nobody asked about the respon-",
        "sibilities of the second service, or of the multi-",
        "agency group that had been set up a year earlier.",
    ]
    report = read(pdf_of([b"".join(paragraph(60, 700, lines))], tmp_path / "hyphens.pdf"))
    assert report.text == (
        "Nobody asked about the responsibilities of the second service, or of the multi-agency "
        "group that had been set up a year earlier."
    )


def test_a_hyphen_that_the_document_writes_elsewhere_is_kept(tmp_path):
    lines = ["Every case-worker knew the file. A case-", "worker had read it in the same spring."]
    report = read(pdf_of([b"".join(paragraph(60, 700, lines))], tmp_path / "kept.pdf"))
    assert report.text.endswith("A case-worker had read it in the same spring.")


def test_a_paragraph_runs_over_a_page_break_when_nothing_stands_between(tmp_path):
    pages = [b"".join(paragraph(60, 100, LEFT[:3])), b"".join(paragraph(60, 780, LEFT[3:]))]
    report = read(pdf_of(pages, tmp_path / "over.pdf"))
    assert [(passage.page, passage.last_page) for passage in report.passages] == [(1, 2)]
    assert report.text == " ".join(LEFT)


def test_bold_lines_are_headings_and_bold_words_within_a_paragraph_are_not(tmp_path):
    content = [
        line(60, 720, "Findings", bold=True),
        *paragraph(60, 700, LEFT),
        line(60, 600, "Early help", bold=True),
        *paragraph(60, 580, RIGHT[:2]),
        line(60, 556, "an advocate, and to go through what the panel had", bold=True),
        *paragraph(60, 544, RIGHT[3:]),
    ]
    report = read(pdf_of([b"".join(content)], tmp_path / "bold.pdf"))
    assert body(report) == ["Findings", " ".join(LEFT), "Early help", " ".join(RIGHT)]
    kinds = [passage.kind for passage in report.passages]
    assert kinds == ["heading", "paragraph", "heading", "paragraph"]


def test_the_entries_of_a_contents_page_are_not_headings(tmp_path):
    entries = [
        line(60, 700 - 20 * n, entry, bold=True) + line(500, 700 - 20 * n, str(n + 2), bold=True)
        for n, entry in enumerate(["Summary", "Findings", "Early help", "Lessons", "Appendix"])
    ]
    last = b"".join([line(60, 700, "Summary", bold=True), *paragraph(60, 680, LEFT)])
    report = read(pdf_of([b"".join(entries), last], tmp_path / "contents.pdf"))
    assert [words(report, passage) for passage in report.passages if passage.kind == "heading"] == [
        "Summary"
    ]
    assert report.text.startswith("Summary 2\nFindings 3\n")


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_rectangles_mark_the_ink_of_a_word_on_the_page_as_it_is_shown(tmp_path, turn):
    path = pdf_of([line(100, 500, "Nobody asked why.", size=20)], tmp_path / "turned.pdf",
                  rotate=turn)  # fmt: skip
    report = read(path)
    start = report.text.index("asked")
    boxes = span_rectangles(unpack_words(report.pages[0].words.pack()), Span(start, start + 5))
    (x0, y0, x1, y1) = boxes[0]
    page = pypdfium2.PdfDocument(path)[0]
    assert (report.pages[0].width, report.pages[0].height) == page.get_size()
    pixels = page.render(scale=2).to_numpy()[:, :, 0]
    inside = pixels[int(2 * y0) : int(2 * y1) + 1, int(2 * x0) : int(2 * x1) + 1]
    assert inside.min() < 60
    # The whole line is 17 characters: a rectangle for five of them holds about a third of the ink.
    assert 0.15 < (255 - inside.astype(int)).sum() / (255 - pixels.astype(int)).sum() < 0.45


def test_words_off_the_page_are_left_out_and_told(tmp_path):
    content = [*paragraph(60, 700, LEFT), line(60, 900, "Nobody can see these words")]
    report = read(pdf_of([b"".join(content)], tmp_path / "off.pdf"))
    assert report.text == " ".join(LEFT)
    assert report.warnings == (
        "hidden text left out: words that cannot be seen, 1 place on 1 page",
        "5 words are outside the visible page and were left out",
    )


def test_ligatures_and_symbol_bullets_become_plain_letters(tmp_path):
    source = "The offices found five files.\n\n- Difficult"
    report = read(typeset(source, tmp_path / "ligatures.pdf"))
    assert report.text == "The offices found five files.\n• Difficult"


def test_characters_beyond_the_first_plane_keep_every_position_right(tmp_path):
    source = f'#set text(font: "New Computer Modern Math")\nOne {BEYOND} two words here.'
    report = read(typeset(source, tmp_path / "planes.pdf"))
    assert report.text == f"One {BEYOND} two words here."
