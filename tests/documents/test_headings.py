"""Headings of a PDF: what is one, its level, the paths it gives, and the title of the report."""

import pytest

from tests.documents.making import line, paragraph, pdf_of
from waymark.documents.parsers import pdf
from waymark.documents.reading.details import is_detail, is_labelled
from waymark.documents.reading.values import ReadingLimits, broken_laws

PROSE = (
    "The panel met nine times and heard from eleven practitioners, who spoke frankly about their",
    "work and about the pressure that they had been under in the months before the child was",
    "admitted to hospital with injuries that nobody could explain.",
)
TEXT = " ".join(PROSE)
LEADERS = "The impact of leaders on social work practice with children and families"


def prose(y):
    return b"".join(paragraph(60, y, PROSE))


def bold(y, words, *, x=60, size=10):
    return line(x, y, words, size=size, bold=True)


def read(pages, into):
    report = pdf.read_pdf(pdf_of(pages, into / "report.pdf"), "report.pdf", ReadingLimits())
    assert broken_laws(report) == []
    return report


def outline(report):
    """Path of the headings above each passage that is none."""
    return [passage.heading for passage in report.passages if passage.kind != "heading"]


def body(report):
    return [report.text[passage.start : passage.end] for passage in report.passages]


def headings(report):
    return [
        report.text[passage.start : passage.end]
        for passage in report.passages
        if passage.kind == "heading"
    ]


def judgement_table(y):
    """Rows of a label of two lines and a grade beside the middle of it, all in bold."""
    return b"".join(
        [
            bold(y, "The impact of leaders on social work practice with"),
            bold(y - 12, "children and families"),
            bold(y - 6, "Requires improvement", x=400),
            bold(y - 40, "The experiences and progress of children in care"),
            bold(y - 40, "Good", x=400),
        ]
    )


def test_a_label_and_its_grade_are_one_passage_and_no_heading(tmp_path):
    content = bold(760, "Inspection of services", size=20) + judgement_table(720) + prose(640)
    report = read([content], tmp_path)
    assert body(report) == [
        "Inspection of services",
        f"{LEADERS} Requires improvement",
        "The experiences and progress of children in care Good",
        TEXT,
    ]
    assert headings(report) == ["Inspection of services"]
    assert outline(report) == ["", "", ""]


def test_a_row_in_larger_type_heads_its_section_by_its_label(tmp_path):
    row = (
        bold(700, "Leadership, management", size=14)
        + bold(682, "and governance", size=14)
        + bold(691, "Requires improvement", x=380, size=14)
    )
    content = prose(770) + row + prose(640)
    report = read([content], tmp_path)
    assert outline(report) == ["", "Leadership, management and governance"]
    assert body(report)[1] == "Leadership, management and governance Requires improvement"


DETAILS = [
    "Inspection dates: 2 to 6 December 2019",
    "Lead reviewer: A. Writer",
    "Report published: 20 September 2016",
    "15 September 2015",
    "September 2015",
    "6 to 30 July 2015",
    "Requires improvement to be good",
    "12 High Street",
    "Store Street",
    "M1 2WD",
    "Anytown, AB12 3CD",
    "T: 0300 123 1231",
    "Textphone: 0161 618 8524",
    "office@example.org",
    "www.example.org",
]


@pytest.mark.parametrize("words", DETAILS)
def test_a_detail_is_no_heading_however_it_is_printed(tmp_path, words):
    content = bold(770, "Findings", size=14) + prose(740) + bold(690, words, size=14) + prose(660)
    report = read([content], tmp_path)
    assert headings(report) == ["Findings"]
    assert set(outline(report)) <= {"", "Findings"}


@pytest.mark.parametrize(
    "words",
    [
        "Recommendation 1: share records in time",
        "The experiences and progress of children in care: inadequate",
        "What happened: the first year",
        "Early help: a good start",
        "Contact with services",
        "Good practice",
        "The Family Court",
        "Inspection findings",
    ],
)
def test_a_heading_may_have_a_colon_or_the_words_of_a_grade(tmp_path, words):
    assert not is_detail(words)
    assert not is_labelled(words)
    report = read([prose(770) + bold(720, words) + prose(690)], tmp_path)
    assert headings(report) == [words]


def test_the_lines_of_an_address_above_its_postcode_are_no_headings(tmp_path):
    address = [bold(600 - 20 * n, words) for n, words in enumerate(["Oak Gate", "Anytown"])]
    content = [bold(770, "Contact"), prose(740), *address, bold(560, "AB1 2CD"), prose(520)]
    report = read([b"".join(content)], tmp_path)
    assert headings(report) == ["Contact"]


def test_a_value_below_a_value_belongs_to_the_label_beside_it(tmp_path):
    rows = [
        line(60, 700, "Inspector:") + line(200, 700, "A. Writer"),
        line(60, 680, "Team:") + line(200, 680, "B. Reader"),
        bold(668, "Inspector of Schools", x=200),
    ]
    report = read([b"".join([*rows, prose(600)])], tmp_path)
    assert body(report)[:2] == ["Inspector: A. Writer", "Team: B. Reader Inspector of Schools"]
    assert headings(report) == []


def test_a_bold_line_without_text_below_is_no_heading(tmp_path):
    content = prose(770) + bold(700, "Child A") + bold(680, "Child B") + bold(660, "Findings")
    report = read([content + prose(640)], tmp_path)
    assert headings(report) == ["Findings"]


def test_a_heading_over_a_heading_is_one(tmp_path):
    content = line(60, 800, "Child Oak", size=24) + prose(770)
    content += bold(700, "Findings", size=16) + bold(675, "Early help") + prose(650)
    report = read([content], tmp_path)
    assert outline(report) == ["", "Findings > Early help"]


def test_a_type_that_cells_of_tables_have_needs_long_text_below(tmp_path):
    def cells(y, name, event):
        return bold(y, name) + line(250, y, event)

    table = [cells(560 - 20 * n, f"Child {n}", "Seen at home in May") for n in range(4)]
    note = bold(460, "Mother") + line(60, 440, "Seen by the nurse at home.")
    content = [bold(770, "Findings"), prose(740), *table, note, prose(400)]
    report = read([b"".join(content)], tmp_path)
    assert headings(report) == ["Findings", "Mother"]
    short = [bold(770, "Findings"), prose(740), *table, note]
    assert headings(read([b"".join(short)], tmp_path)) == ["Findings"]


def test_numbered_headings_have_the_level_of_their_number(tmp_path):
    # "2 The child" is printed smaller than "1 The family" by mistake.
    content = [
        bold(780, "1 The family", size=14),
        bold(755, "1.1 Contact", size=12),
        prose(735),
        bold(680, "2 The child", size=13),
        bold(655, "2.1 School", size=12),
        prose(635),
        bold(580, "3 The plan", size=14),
        prose(560),
    ]
    report = read([prose(700), b"".join(content)], tmp_path)
    assert outline(report) == ["", "1 The family > 1.1 Contact", "2 The child > 2.1 School",
                               "3 The plan"]  # fmt: skip


def test_headings_of_one_size_have_one_level_whatever_their_letters(tmp_path):
    # Letters of one size have boxes of several heights: these are told apart by the size alone.
    words = ["Aaron", "gypsy", "Jay", "ONE (two)"]
    content = [bold(780 - 90 * n, w.capitalize(), size=12) + prose(760 - 90 * n)
               for n, w in enumerate(words)]  # fmt: skip
    report = read([prose(700), b"".join(content)], tmp_path)
    assert all(">" not in path for path in outline(report))


def test_the_mark_of_a_note_is_in_no_path(tmp_path):
    heading = bold(700, "Information about this area2")
    report = read([prose(770) + heading + prose(670)], tmp_path)
    assert outline(report) == ["", "Information about this area"]
    assert headings(report) == ["Information about this area2"]


def test_the_title_is_the_largest_type_with_the_lines_that_follow(tmp_path):
    cover = [
        line(60, 770, "Anytown Council", size=24),
        bold(730, "Inspection of services for children in need of help and", size=14),
        bold(690, "Review of the safeguarding board1", size=14),
        bold(650, "Inspection date: 6 to 30 July 2015", size=14),
        bold(620, "Services in Anytown are good", size=14),
        prose(590),
    ]
    report = read([b"".join(cover), bold(770, "Findings", size=14) + prose(740)], tmp_path)
    assert report.title == (
        "Anytown Council: Inspection of services for children in need of help and Review of the"
        " safeguarding board"
    )
    assert not any("Anytown Council" in path or "Inspection" in path for path in outline(report))


def test_the_title_may_have_the_kind_of_document_above_it(tmp_path):
    cover = [
        line(60, 780, "Serious case review", size=16),
        line(60, 740, "Child Oak", size=28),
        line(60, 700, "Overview report", size=16),
        prose(640),
    ]
    report = read([b"".join(cover)], tmp_path)
    assert report.title == "Serious case review: Child Oak: Overview report"


def test_the_heading_of_the_first_section_is_not_in_the_title(tmp_path):
    cover = [line(60, 770, "Child Oak", size=24), bold(730, "Introduction", size=14), prose(700)]
    report = read([b"".join([*cover, bold(640, "Findings", size=14), prose(610)])], tmp_path)
    assert report.title == "Child Oak"
    assert outline(report) == ["Introduction", "Findings"]


def test_headings_far_below_the_title_are_not_in_it(tmp_path):
    sections = [line(60, 640, "What happened", size=24), prose(610), bold(560, "Early help"),
                prose(540), line(60, 480, "What we learned", size=24), prose(450)]  # fmt: skip
    page = [line(60, 770, "Child Oak", size=24), line(60, 735, "in Anytown", size=24), prose(700)]
    report = read([b"".join([*page, *sections])], tmp_path)
    assert report.title == "Child Oak in Anytown"
    assert outline(report)[1:] == ["What happened", "What happened > Early help", "What we learned"]


def test_a_date_does_not_end_the_title(tmp_path):
    page = [line(60, 770, "Child Oak", size=24), line(60, 745, "6 July 2015"),
            line(60, 715, "Overview report", size=24), prose(680)]  # fmt: skip
    assert read([b"".join(page)], tmp_path).title == "Child Oak Overview report"


def test_a_first_section_as_large_as_the_title_is_not_in_it(tmp_path):
    page = [line(60, 770, "Child Oak", size=24), line(60, 730, "Introduction", size=24)]
    assert read([b"".join([*page, prose(700)])], tmp_path).title == "Child Oak"


@pytest.mark.parametrize("label", ["Part 1", "Section 12", "Appendix B", "CHAPTER TWO", "Annex C:"])
def test_the_number_of_a_chapter_may_be_far_from_its_name(tmp_path, label):
    heading = bold(700, label) + bold(700, "Background", x=160)
    report = read([prose(770) + heading + prose(670)], tmp_path)
    assert headings(report) == [f"{label} Background"]
    assert outline(report) == ["", f"{label} Background"]


def test_a_part_with_its_grade_stays_a_row_of_a_table(tmp_path):
    rows = bold(700, "Part 1") + bold(700, "Good", x=160)
    rows += bold(680, "Part 2") + bold(680, "Inadequate", x=160)
    report = read([prose(770) + rows + prose(650)], tmp_path)
    assert headings(report) == []


def entries(y, *names):
    """Lines of a contents page: a name, and far from it the number of its page."""
    return b"".join(
        line(60, y - 20 * n, name) + line(500, y - 20 * n, str(3 * n + 2))
        for n, name in enumerate(names)
    )


CHAPTERS = ("Foreword", "The family", "What happened", "Findings", "Recommendations", "Glossary")


def test_the_entries_of_a_contents_page_are_not_below_the_chapter_before_it(tmp_path):
    pages = [
        bold(770, "Summary", size=14) + prose(740),
        bold(770, "Contents", size=18) + entries(730, *CHAPTERS),
        prose(770) + bold(700, "The family", size=14) + prose(670),
    ]
    report = read(pages, tmp_path)
    assert outline(report) == ["Summary", *["Contents"] * 6, "", "The family"]


def test_a_contents_page_without_a_heading_has_no_path(tmp_path):
    pages = [bold(770, "Summary", size=14) + prose(740), line(60, 770, "Contents")]
    pages[1] += entries(730, *CHAPTERS)
    pages.append(bold(770, "The family", size=14) + prose(740))
    assert outline(read(pages, tmp_path)) == ["Summary", *[""] * 7, "The family"]


def test_a_chapter_below_the_contents_on_their_page_is_a_heading(tmp_path):
    page = bold(800, "Child Oak", size=20) + bold(770, "Contents", size=14)
    page += entries(740, *CHAPTERS) + bold(600, "Foreword", size=14) + prose(570)
    report = read([page], tmp_path)
    assert outline(report) == [*["Contents"] * 6, "Foreword"]


def test_a_table_of_counts_is_no_contents_page(tmp_path):
    counts = (41, 17, 33, 9, 28, 12)
    rows = b"".join(
        line(60, 660 - 20 * n, f"Children of {n} years") + line(500, 660 - 20 * n, str(count))
        for n, count in enumerate(counts)
    )
    page = bold(770, "Referrals", size=14) + prose(740) + rows
    page += bold(500, "Outcomes", size=14) + prose(470)
    report = read([prose(770), page], tmp_path)
    assert outline(report) == ["", *["Referrals"] * 7, "Outcomes"]


def test_a_title_has_at_most_300_characters(tmp_path):
    words = "A very long title of a report on the services"
    lines = [line(30, 800 - 50 * n, f"{words} {number}", size=20)
             for n, number in enumerate("ABCDEFGH")]  # fmt: skip
    report = read([b"".join([*lines, prose(300)])], tmp_path)
    assert 280 < len(report.title) <= 300
    assert report.title.endswith("…")


def test_a_line_parted_from_its_bullet_is_an_item(tmp_path):
    # The bullets are drawn after the words.
    words = [line(80, 700, "The Trust should agree who tells whom when a family"),
             line(80, 688, "moves to another town."),
             line(80, 670, "The board should ask what became of the plan.")]  # fmt: skip
    bullets = [line(60, 700, "•"), line(60, 670, "•")]
    report = read([b"".join([*words, *bullets])], tmp_path)
    assert body(report) == [
        "• The Trust should agree who tells whom when a family moves to another town.",
        "• The board should ask what became of the plan.",
    ]
    assert {passage.kind for passage in report.passages} == {"item"}


@pytest.mark.parametrize(
    "numbers", [("1.1(a)", "1.1(b)"), ("2(i)", "2(ii)"), ("(1)(a)", "(1)(b)"), ("R1.", "R2.")]
)
def test_items_with_numbers_of_several_parts_stay_apart(tmp_path, numbers):
    first, second = numbers
    lines = [line(60, 700, f"{first} The Trust should agree who tells whom when a family"),
             line(60, 688, "moves to another town and the records have to follow"),
             line(60, 676, f"{second} The board should ask what became of the plan")]  # fmt: skip
    report = read([b"".join(lines)], tmp_path)
    assert [text.split(" ", 1)[0] for text in body(report)] == [first, second]
    assert {passage.kind for passage in report.passages} == {"item"}
