"""Paragraphs and items that a page break cuts: one passage, without what is printed between."""

import textwrap

import pytest

from tests.documents.making import line, paragraph, pdf_of, typeset
from waymark.coding.files.coding_file import find_quote
from waymark.core.spans import Span
from waymark.documents.parsers import pdf
from waymark.documents.reading.values import (
    ReadingLimits,
    ReadPage,
    ReadPassage,
    ReadReport,
    RunningLine,
    broken_laws,
)
from waymark.documents.reading.words import span_rectangles, unpack_words

FIRST = (
    "The health visitor called at the house in the first week of May and found nobody at home."
    " She wrote to the general practitioner and to the school nurse, who did not answer her until"
    " the autumn of the year, and she made a note that the family was about to move to"
)
REST = (
    "another town. The note was not passed on to the services there, and nobody in the new town"
    " knew that a plan had been made for the child."
)
OTHER = (
    "The chair of the panel met the parents twice. They told her that they had asked for help in"
    " the spring, and that no service had called them back."
)
NOTE = "1 A note on the sources of this chapter, in small type."


def prose(text, y=700, *, x=60, width=92, size=10):
    """A paragraph from a height down, in lines of so many characters."""
    return b"".join(paragraph(x, y, textwrap.wrap(text, width), size=size))


def item(text, y, marker="•"):
    """A list item whose lines begin further in than its marker."""
    return line(60, y, marker) + prose(text, y, x=80, width=88)


def sheet(number, *content):
    """A page with a running header and footer."""
    header = line(60, 800, "Case management review: Child Oak", size=9)
    return header + b"".join(content) + line(280, 30, f"Page {number}", size=9)


def read(pages, into):
    report = pdf.read_pdf(pdf_of(pages, into / "report.pdf"), "report.pdf", ReadingLimits())
    assert broken_laws(report) == []
    return report


def body(report):
    return [report.text[passage.start : passage.end] for passage in report.passages]


def pages_of(report, beginning):
    return next(
        (passage.page, passage.last_page)
        for passage in report.passages
        if report.text.startswith(beginning, passage.start)
    )


def test_a_paragraph_over_a_page_break_is_one_passage_without_header_and_footer(tmp_path):
    report = read([sheet(1, prose(OTHER), prose(FIRST, 100)), sheet(2, prose(REST))], tmp_path)
    assert body(report) == [OTHER, f"{FIRST} {REST}"]
    assert pages_of(report, "The health") == (1, 2)
    assert report.text == f"{OTHER}\n{FIRST} {REST}"


def test_the_running_lines_are_beside_the_text_with_their_page_and_box(tmp_path):
    report = read([sheet(1, prose(FIRST)), sheet(2, prose(REST))], tmp_path)
    assert [(running.page, running.text) for running in report.running_lines] == [
        (1, "Case management review: Child Oak"),
        (1, "Page 1"),
        (2, "Case management review: Child Oak"),
        (2, "Page 2"),
    ]
    x0, y0, x1, y1 = report.running_lines[1].box
    # "Page 1" of 9 points begins at 280 and stands on a line 30 points above the foot of 842.
    assert x0 == pytest.approx(280, abs=1)
    assert y0 < 842 - 30 < y1
    assert x1 < 320


def test_a_passage_over_a_page_break_has_rectangles_on_both_pages(tmp_path):
    report = read([sheet(1, prose(FIRST, 100)), sheet(2, prose(REST))], tmp_path)
    passage = report.passages[0]
    span = Span(passage.start, passage.end)
    marked = [len(span_rectangles(unpack_words(page.words.pack()), span)) for page in report.pages]
    assert marked == [len(textwrap.wrap(FIRST, 92)), len(textwrap.wrap(REST, 92))] == [3, 2]


def test_a_sentence_over_a_page_break_is_found_by_its_words(tmp_path):
    report = read([sheet(1, prose(FIRST, 100)), sheet(2, prose(REST))], tmp_path)
    quote = "she made a note that the family was about to move to another town."
    assert find_quote(report.text, quote).of(report.text) == quote


def test_a_word_broken_at_a_page_break_is_made_whole(tmp_path):
    first = f"{FIRST} another town, and told the safe-"
    report = read([sheet(1, prose(first, 100)), sheet(2, prose("guarding board."))], tmp_path)
    assert body(report)[0].endswith("and told the safeguarding board.")
    assert report.pages[0].end == report.pages[1].start
    last, (first_word, *_) = report.pages[0].words[-1], report.pages[1].words
    assert report.text[last.start : last.end] == "safe"
    assert report.text[first_word.start : first_word.end] == "guarding"


def test_a_hyphen_at_a_page_break_stays_where_the_document_writes_it(tmp_path):
    first = f"A multi-agency plan was made. {FIRST} another town, under the multi-"
    report = read([sheet(1, prose(first, 100)), sheet(2, prose("agency plan."))], tmp_path)
    assert body(report)[0].endswith("another town, under the multi-agency plan.")


def test_a_note_at_the_foot_is_read_before_the_paragraph_that_goes_on(tmp_path):
    first = sheet(1, prose(OTHER), prose(FIRST, 130), prose(NOTE, 80, size=8))
    report = read([first, sheet(2, prose(REST))], tmp_path)
    assert body(report) == [OTHER, NOTE, f"{FIRST} {REST}"]
    assert pages_of(report, NOTE) == (1, 1)
    assert report.text.index(NOTE) + len(NOTE) <= report.pages[0].end


def test_a_table_at_the_top_is_read_after_the_paragraph_that_goes_on(tmp_path):
    table = line(60, 700, "May 2001") + line(300, 700, "First visit")
    table += line(60, 680, "June 2001") + line(300, 680, "No answer")
    report = read([sheet(1, prose(FIRST, 100)), sheet(2, table, prose(REST, 640))], tmp_path)
    assert body(report) == [f"{FIRST} {REST}", "May 2001 First visit", "June 2001 No answer"]


def test_a_caption_at_the_top_is_read_after_the_paragraph_that_goes_on(tmp_path):
    caption = prose("Figure 3: Visits in each month of the year", 600)
    report = read([sheet(1, prose(FIRST, 100)), sheet(2, caption, prose(REST, 560))], tmp_path)
    assert body(report) == [f"{FIRST} {REST}", "Figure 3: Visits in each month of the year"]


def test_a_paragraph_may_run_over_three_pages(tmp_path):
    middle = " ".join([REST[:-1], "and", OTHER[:-1], "before"])
    pages = [sheet(1, prose(FIRST, 100)), sheet(2, prose(middle)), sheet(3, prose("they moved."))]
    report = read(pages, tmp_path)
    assert body(report) == [f"{FIRST} {middle} they moved."]
    assert pages_of(report, "The health") == (1, 3)


def test_an_item_goes_on_over_a_page_break(tmp_path):
    first = sheet(1, item(OTHER, 160), item(FIRST, 100))
    second = sheet(2, prose(REST, x=80, width=88), item(OTHER, 600))
    report = read([first, second], tmp_path)
    assert body(report) == [f"• {OTHER}", f"• {FIRST} {REST}", f"• {OTHER}"]
    assert {passage.kind for passage in report.passages} == {"item"}


def test_an_item_goes_on_after_a_sentence_that_fills_its_line(tmp_path):
    # The words after the break stand in line with those of the item, where no paragraph begins.
    full = "The panel found that the plan was not shared with the school, the nurse or the police."
    first = sheet(1, item(OTHER, 160), item(f"{full} {full}", 100))
    second = sheet(2, prose("Nobody asked why.", x=80), item(OTHER, 600))
    report = read([first, second], tmp_path)
    assert body(report)[1] == f"• {full} {full} Nobody asked why."


def test_a_paragraph_goes_on_with_a_name(tmp_path):
    first = FIRST.removesuffix("to") + "see"
    report = read([sheet(1, prose(first, 100)), sheet(2, prose(f"Oak. {OTHER}"))], tmp_path)
    assert body(report) == [f"{first} Oak. {OTHER}"]


def test_left_and_right_pages_may_have_other_margins(tmp_path):
    first = FIRST.removesuffix("to") + "see"
    pages = [
        sheet(1, prose(OTHER), prose(first, 100)),
        sheet(2, prose(f"Oak. {OTHER}", x=90), prose(OTHER, 500, x=90)),
    ]
    assert body(read(pages, tmp_path))[1] == f"{first} Oak. {OTHER}"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (OTHER, REST.capitalize()),  # a new paragraph after a full stop
        ("The parents were seen by", OTHER),  # a line that leaves room, as in an address
        (OTHER, f"2.1 {OTHER}"),  # a new numbered paragraph
        (FIRST, f"2.1 {OTHER}"),
    ],
)
def test_a_new_paragraph_after_a_page_break_is_its_own(tmp_path, first, second):
    report = read([sheet(1, prose(first, 100)), sheet(2, prose(second))], tmp_path)
    assert body(report) == [first, second]
    assert report.text == f"{first}\n{second}"


def test_a_new_item_after_a_page_break_is_its_own(tmp_path):
    pages = [sheet(1, item(FIRST, 100)), sheet(2, item("another town", 700))]
    assert body(read(pages, tmp_path)) == [f"• {FIRST}", "• another town"]


def test_a_heading_at_the_foot_or_top_of_a_page_is_joined_to_nothing(tmp_path):
    first = sheet(1, prose(OTHER), line(60, 80, "What the school knew", bold=True))
    second = sheet(2, prose(REST), line(60, 60, "Findings", size=16))
    report = read([first, second, sheet(3, prose(REST))], tmp_path)
    assert body(report) == [OTHER, "What the school knew", REST, "Findings", REST]
    third = sheet(2, line(60, 720, "Early help", bold=True), prose(OTHER))
    assert body(read([sheet(1, prose(FIRST, 100)), third], tmp_path)) == [
        FIRST,
        "Early help",
        OTHER,
    ]


def test_the_rows_of_a_table_over_a_page_break_stay_apart(tmp_path):
    def row(y, date, event):
        return line(60, y, date) + line(300, y, event)

    first = sheet(1, row(100, "May 2001", "First visit"), row(80, "and then", "a call by the"))
    second = sheet(2, row(700, "in June", "visitor"), row(680, "July", "None"), prose(OTHER, 600))
    assert body(read([first, second], tmp_path)) == [
        "May 2001 First visit",
        "and then a call by the",
        "in June visitor",
        "July None",
        OTHER,
    ]


def test_the_halves_of_a_paragraph_are_no_headings(tmp_path):
    first = "WHAT THE FAMILY TOLD THE PANEL WAS NOT WRITTEN DOWN BY ANY OF THOSE WHO HAD MET WITH"
    report = read([sheet(1, prose(first, 100)), sheet(2, prose("them."), prose(OTHER, 600))],
                  tmp_path)  # fmt: skip
    assert [passage.kind for passage in report.passages] == ["paragraph", "paragraph"]


def test_a_paragraph_goes_on_in_the_next_column(tmp_path):
    left = b"".join(paragraph(50, 200, textwrap.wrap(FIRST, 46)))
    right = b"".join(paragraph(320, 700, textwrap.wrap(f"{REST} {OTHER} {OTHER}", 46)))
    above = b"".join(paragraph(50, 700, textwrap.wrap(f"{OTHER} {REST} {OTHER}", 46)))
    report = read([above + left + right], tmp_path)
    assert f"{FIRST} {REST} {OTHER} {OTHER}" in body(report)


def test_a_number_within_a_sentence_begins_no_item(tmp_path):
    lines = [
        "1. The local authority knows of the children who do not go to school, and of these there",
        "12 are seen by a nurse every month at home or at a clinic.",
    ]
    content = line(60, 700, lines[0]) + line(71, 688, lines[1]) + item(OTHER, 600)
    assert body(read([content], tmp_path))[0] == " ".join(lines)
    pages = [sheet(1, prose(FIRST, 100)), sheet(2, prose(f"12 High Street. {OTHER}"))]
    assert body(read(pages, tmp_path)) == [f"{FIRST} 12 High Street. {OTHER}"]


def test_a_report_set_with_notes_headers_and_hyphens_has_every_paragraph_whole(tmp_path):
    paragraphs = [
        f"{number}.{part} The misunderstanding about responsibilities continued over the summer"
        f" of that year, and the practitioners{note} in the children's centre told the panel that"
        f" they had not been asked about it. {OTHER} {REST.capitalize()}"
        for number in range(1, 6)
        for part, note in enumerate(["", "#footnote[Those who worked there in 2011.]", ""], 1)
    ]
    head = (
        '#set page(paper: "a5", header: [Child Oak], footer: context counter(page).display("i"))\n'
        '#set text(size: 11pt, lang: "en", hyphenate: true)\n#set par(justify: true)\n'
    )
    path = typeset(head + "\n\n".join(paragraphs), tmp_path / "set.pdf")
    report = pdf.read_pdf(path, path.name, ReadingLimits())
    assert broken_laws(report) == []
    whole = [text for text in body(report) if text[0].isdigit() and "." in text[:3]]
    plain = [text.replace("#footnote[Those who worked there in 2011.]", "") for text in paragraphs]
    assert [text.replace("practitioners1", "practitioners")[:3] for text in whole] == [
        text[:3] for text in plain
    ]
    assert all(text.endswith("had been made for the child.") for text in whole)
    assert sum(passage.page < passage.last_page for passage in report.passages) >= 2


def test_pages_are_joined_by_a_line_feed_a_space_or_within_a_word():
    def report(text, first, second):
        pages = (ReadPage(1, 1, 1, *first), ReadPage(2, 1, 1, *second))
        return ReadReport("application/pdf", "x", "", text, pages, ())

    assert broken_laws(report("One\nTwo", (0, 3), (4, 7))) == []
    assert broken_laws(report("One two", (0, 3), (4, 7))) == []
    assert broken_laws(report("Onetwo", (0, 3), (3, 6))) == []
    assert broken_laws(report("One two", (0, 4), (4, 7))) == [
        "page 2 is not joined to the one before"
    ]
    assert broken_laws(report("One--two", (0, 3), (5, 8))) != []
    assert broken_laws(report("One-two", (0, 3), (4, 7))) != []


def test_a_running_line_is_on_a_page_of_the_report():
    pages = (ReadPage(1, 1, 1, 0, 3),)
    passages = (ReadPassage(0, 3, 1, 1, "", "paragraph"),)
    stray = RunningLine(2, "Page 2", (0.0, 0.0, 1.0, 1.0))
    report = ReadReport("application/pdf", "x", "", "One", pages, passages, running_lines=(stray,))
    assert broken_laws(report) == ["a running header or footer is on no page"]


def test_a_sentence_at_the_end_of_a_page_of_justified_lines_is_not_the_end_of_its_paragraph(
    tmp_path,
):
    # Lines of one width: each ends at the right edge, as the last line of a paragraph does not.
    full = "The panel met nine times that year and heard from eleven people about what they did."
    last = "It asked each of them twice."
    first = b"".join(paragraph(60, 700, [full] * 4 + [last]))
    first += b"".join(paragraph(60, 130, [full] * 5))
    second = b"".join(paragraph(60, 700, [full, last]))
    report = read([sheet(1, first), sheet(2, second)], tmp_path)
    assert body(report)[1] == " ".join([full] * 6 + [last])
    ragged = b"".join(paragraph(60, 130, [full, f"{full[:-1]} again,", f"and {full}"]))
    report = read([sheet(1, ragged), sheet(2, second)], tmp_path)
    assert body(report)[-1] == f"{full} {last}"
