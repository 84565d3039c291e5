"""Running headers, footers and page numbers: what is set aside, and what is text of the report."""

import pikepdf
import pytest

from tests.documents.making import line, paragraph, pdf_of
from waymark.documents.parsers import pdf
from waymark.documents.reading.values import ReadingLimits, broken_laws

TOPICS = ("school", "nurse", "police", "housing", "family", "clinic", "charity", "court")


def text_of(topic):
    return (
        f"Nobody in the {topic} service had read the plan of the year before.",
        f"The panel asked the {topic} service why, and it did not know.",
    )


def sheet(topic, *edges):
    """A page with two lines of text about a topic. edges: (x, y, words) of other lines."""
    content = [line(x, y, words) for x, y, words in edges]
    return b"".join([*content, *paragraph(60, 600, text_of(topic))])


def read(pages, into):
    report = pdf.read_pdf(pdf_of(pages, into / "report.pdf"), "report.pdf", ReadingLimits())
    assert broken_laws(report) == []
    return report


def running(report):
    return [line.text for line in report.running_lines]


def plain(topics):
    return "\n".join(" ".join(text_of(topic)) for topic in topics)


def test_a_header_of_several_lines_leaves_the_text(tmp_path):
    header = ((60, 810, "Anytown Safeguarding Board"), (60, 796, "Learning review"))
    report = read([sheet(topic, *header) for topic in TOPICS[:4]], tmp_path)
    assert report.text == plain(TOPICS[:4])
    assert running(report) == ["Anytown Safeguarding Board", "Learning review"] * 4


def test_left_and_right_pages_may_have_headers_of_their_own(tmp_path):
    pages = [
        sheet(topic, (60, 810, "Child Oak") if number % 2 else (400, 810, "Learning review"))
        for number, topic in enumerate(TOPICS[:5])
    ]
    report = read(pages, tmp_path)
    assert report.text == plain(TOPICS[:5])
    assert running(report)[:2] == ["Learning review", "Child Oak"]


@pytest.mark.parametrize(
    "numbers",
    [
        ("i", "ii", "iii", "iv"),
        ("Page one", "Page two", "Page three", "Page four"),
        ("- 1 -", "- 2 -", "- 3 -", "- 4 -"),
        ("Page 1 of 4", "Page 2 of 4", "Page 3 of 4", "Page 4 of 4"),
        ("twenty-one", "twenty-two", "twenty-three", "twenty-four"),
    ],
)
def test_page_numbers_in_figures_words_or_roman_letters_leave_the_text(tmp_path, numbers):
    pages = [
        sheet(topic, (290, 30, number)) for topic, number in zip(TOPICS, numbers, strict=False)
    ]
    report = read(pages, tmp_path)
    assert report.text == plain(TOPICS[:4])
    assert running(report) == list(numbers)


def test_a_header_may_name_the_section(tmp_path):
    sections = ("Facts", "Facts", "Facts", "Findings", "Findings", "Findings", "Lessons", "Sources")
    pages = [
        sheet(topic, (60, 810, f"Chapter: {section}"))
        for topic, section in zip(TOPICS, sections, strict=True)
    ]
    report = read(pages, tmp_path)
    assert report.text == plain(TOPICS)
    assert running(report) == [f"Chapter: {section}" for section in sections]


def test_a_header_may_be_on_all_pages_but_the_first(tmp_path):
    first = sheet(TOPICS[0])
    others = [sheet(topic, (60, 810, "Child Oak")) for topic in TOPICS[1:4]]
    report = read([first, *others], tmp_path)
    assert report.text == plain(TOPICS[:4])
    assert [line.page for line in report.running_lines] == [2, 3, 4]


def test_a_report_of_two_pages_has_a_header_and_footer(tmp_path):
    pages = [
        sheet(topic, (60, 810, "Child Oak"), (280, 30, f"{number} of 2"))
        for number, topic in enumerate(TOPICS[:2], start=1)
    ]
    report = read(pages, tmp_path)
    assert report.text == plain(TOPICS[:2])
    assert running(report) == ["Child Oak", "1 of 2", "Child Oak", "2 of 2"]


def test_headings_at_the_top_of_pages_far_apart_are_text(tmp_path):
    pages = [
        sheet(topic, *([(60, 790, "Summary")] if number in {0, 3, 6} else []))
        for number, topic in enumerate(TOPICS)
    ]
    report = read(pages, tmp_path)
    assert running(report) == []
    assert report.text.count("Summary") == 3


@pytest.mark.parametrize("heading", ["Recommendation #", "#. Findings of the panel", "#.# Facts"])
def test_numbered_headings_on_pages_of_their_own_are_text(tmp_path, heading):
    headings = [heading.replace("#", str(number)) for number in range(1, 5)]
    pages = [
        sheet(topic, (60, 790, words)) for words, topic in zip(headings, TOPICS[:4], strict=True)
    ]
    report = read(pages, tmp_path)
    assert running(report) == []
    assert [words for words in headings if words in report.text] == headings


def test_the_repeated_head_of_a_table_is_text_on_its_first_page_alone(tmp_path):
    def table(topic, event):
        rows = [(f"May at the {topic}", event), (f"June at the {topic}", event)]
        cells = [
            line(x, 770 - 20 * n, words)
            for n, row in enumerate(rows)
            for x, words in zip((60, 300), row, strict=True)
        ]
        return b"".join([line(60, 790, "Date"), line(300, 790, "Event"), *cells])

    pages = [
        line(60, 815, "Child Oak") + table(topic, f"Visit of the {topic}") + sheet(topic)
        for topic in TOPICS[:4]
    ]
    report = read(pages, tmp_path)
    assert report.text.startswith("Date Event\nMay at the school Visit of the school\n")
    assert report.text.count("Date") == 1
    assert running(report).count("Event") == 3
    assert running(report).count("Child Oak") == 4


def test_pages_that_are_alike_keep_their_text(tmp_path):
    form = [line(60, 790, "Name of the child:"), line(60, 770, "Name of the school they go to:")]
    report = read([b"".join(form)] * 3, tmp_path)
    assert running(report) == []
    assert report.text.count("Name of the child:") == 3


def test_the_first_lines_of_alike_pages_are_text(tmp_path):
    pages = [
        line(60, 20, "Child Oak")
        + b"".join(
            paragraph(60, 790, [f"Line {n} of page {page} says the same." for n in range(12)])
        )
        for page in range(4)
    ]
    report = read(pages, tmp_path)
    assert running(report) == ["Child Oak"] * 4
    assert report.text.count("Line 0 of page") == 4


def test_pages_full_of_small_print_that_is_alike_are_text(tmp_path):
    words = [f"Line {n} in small print of the same words on every page" for n in range(250)]
    dense = b"".join(line(20, 820 - 3.2 * n, text, size=3) for n, text in enumerate(words))
    report = read([dense] * 4, tmp_path)
    assert running(report) == []
    assert report.text.count("Line 0 in small print") == 4


def test_words_that_repeat_in_the_middle_of_pages_are_text(tmp_path):
    pages = [sheet(topic, (60, 500, "Requires improvement")) for topic in TOPICS[:4]]
    report = read(pages, tmp_path)
    assert report.text.count("Requires improvement") == 4


def test_the_title_in_the_properties_may_be_shown_in_the_header_alone(tmp_path):
    pages = [sheet(topic, (60, 810, "Learning review: Child Oak")) for topic in TOPICS[:4]]
    path = pdf_of(pages, tmp_path / "stated.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        document.docinfo["/Title"] = "Learning review: Child Oak"
        document.save(path)
    report = pdf.read_pdf(path, "stated.pdf", ReadingLimits())
    assert report.title == "Learning review: Child Oak"
