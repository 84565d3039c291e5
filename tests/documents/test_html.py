"""Web pages: paragraphs, lists with their numbers, tables, notes, and pages made by Word."""

import pytest

from tests.documents.test_formats import rows
from waymark.core.errors import FileRefused
from waymark.documents import parsers
from waymark.documents.parsers.html import CUT_SHORT
from waymark.documents.reading.values import ReadingLimits, broken_laws

LIMITS = ReadingLimits()


def read(folder, body, head=""):
    path = folder / "page.html"
    path.write_text(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>", "utf-8")
    report = parsers.read_file(path, path.name, LIMITS)
    assert broken_laws(report) == []
    return report


def texts(report):
    return [text for _, _, text in rows(report)]


@pytest.mark.parametrize(
    ("body", "paragraphs"),
    [
        ("<p>One.<br><br>Two.</p>", ["One.", "Two."]),
        ("One.<br>\n &nbsp;<br/>Two.<br>Still two.", ["One.", "Two. Still two."]),
        ("<h2>Part 1<br><br>Findings</h2>", ["Part 1 Findings"]),
        ("<p>One.<hr>Two.", ["One.", "Two."]),
        ("<pre>The panel met nine times and heard from all,\nin May.\n\nTwo.</pre>",
         ["The panel met nine times and heard from all, in May.", "Two."]),
        ('<div style="white-space: pre-wrap">One.\n\nTwo.</div>', ["One.", "Two."]),
        ("<div>One.\n\nStill one.</div>", ["One. Still one."]),
        ("<span style='display:block'>One.</span><span style='display:block'>Two.</span>",
         ["One.", "Two."]),
    ],
)  # fmt: skip
def test_paragraphs_end_where_a_reader_sees_them_end(tmp_path, body, paragraphs):
    assert texts(read(tmp_path, body)) == paragraphs


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("re<b>port</b> the<span> child</span>", "report the child"),
        (
            '<b style="display:inline-block">One</b><b style="display:inline-block">two</b>',
            "One two",
        ),
        ("The case was weak<sup>12</sup>.", "The case was weak[12]."),
        ("Nobody asked.<sup><a href='#n3'>3</a></sup> He", "Nobody asked.[3] He"),
        ("in 2015<sup>4</sup>", "in 2015[4]"),
        ("the panel<sup>[5]</sup>", "the panel[5]"),
        ("H<sub>2</sub>O, 10<sup>3</sup>, m<sup>2</sup>, 1<sup>st</sup>", "H2O, 10^3, m2, 1st"),
        ("Name: <input value='Oak'> <textarea>Seen.</textarea>", "Name: Oak\nSeen."),
    ],
)
def test_words_and_numbers_of_notes_are_not_glued(tmp_path, body, text):
    assert read(tmp_path, f"<div>{body}</div>").text == text


@pytest.mark.parametrize(
    ("body", "items"),
    [
        ("<ol><li>One<li>Two</ol>", ["1. One", "2. Two"]),
        ("<ol start=4><li>Four<li value=9>Nine<li>Ten</ol>", ["4. Four", "9. Nine", "10. Ten"]),
        ("<ol type=a><li>One<li>Two</ol>", ["a. One", "b. Two"]),
        ("<ol type=I><li>One<li>Two</ol>", ["I. One", "II. Two"]),
        ('<ol style="list-style-type: upper-alpha"><li>One</ol>', ["A. One"]),
        ("<ol reversed start=2><li>Two<li>One</ol>", ["2. Two", "1. One"]),
        ("<ul><li>One</ul>", ["One"]),
        ('<ol style="list-style: none"><li>4.2 One</ol>', ["4.2 One"]),
        ("<ol><li>One<ul><li>In it</ul><li>Two</ol>", ["1. One", "In it", "2. Two"]),
        ("<ol><li><p>One</p><p>Still one</p><li>Two</ol>", ["1. One", "Still one", "2. Two"]),
        ("<ol><li hidden>No<li>One</ol>", ["1. One"]),
    ],
)
def test_items_keep_the_numbers_that_people_cite(tmp_path, body, items):
    report = read(tmp_path, body)
    assert texts(report) == items
    assert {kind for kind, _, _ in rows(report)} == {"item"}


def test_a_label_and_its_value_stay_together(tmp_path):
    body = (
        "<table><tr><th>Age</th><th>Outcome</th></tr><tr><td><p>3 years</p></td><td>Died</td></tr>"
        "<tr><td>Alone</td></tr><tr><td><p>One.</p><p>Two.</p></td><td>Beside</td></tr></table>"
    )
    assert texts(read(tmp_path, body)) == [
        "Age | Outcome", "3 years | Died", "Alone", "One.", "Two.", "Beside",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "title", ["", "<title>Child Elm</title>", "<title>Recommendations</title>"]
)
@pytest.mark.parametrize("heading", ["Recommendations", "2. What we advise"])
def test_the_only_main_heading_may_be_that_of_a_section(tmp_path, title, heading):
    page = f"<h1>{heading}</h1><p>Ask the child.</p><h2>Staff</h2><p>All."
    report = read(tmp_path, page, title)
    assert [(path, text) for kind, path, text in rows(report) if kind == "paragraph"] == [
        (heading, "Ask the child."), (f"{heading} > Staff", "All."),
    ]  # fmt: skip


def test_the_main_heading_in_the_middle_of_a_page_is_no_title(tmp_path):
    page = "<p>The panel met.</p><h1>What we learned</h1><p>Ask.</p>"
    report = read(tmp_path, page, "<title>Child Elm</title>")
    assert rows(report)[-1] == ("paragraph", "What we learned", "Ask.")


@pytest.mark.parametrize("title", ["", "<title>Child Elm | The board</title>", "<title>x</title>"])
def test_the_title_of_a_page_is_in_no_path(tmp_path, title):
    page = "<h1>Child Elm</h1><p>The panel met.</p><h2>Facts</h2><p>Two visits.</p>"
    report = read(tmp_path, page, title)
    assert [path for kind, path, _ in rows(report) if kind == "paragraph"] == ["", "Facts"]


def test_headings_are_known_by_their_role_and_their_outline_level(tmp_path):
    body = (
        "<div role=heading aria-level=1>Child Ash</div><p style='mso-outline-level:2'>Findings</p>"
        "<div role=heading>Lessons</div><p>One.</p>"
    )
    assert rows(read(tmp_path, body)) == [
        ("heading", "", "Child Ash"),
        ("heading", "", "Findings"),
        ("heading", "", "Lessons"),
        ("paragraph", "Lessons", "One."),
    ]


def test_a_page_saved_by_word_is_read_as_its_readers_see_it(tmp_path):
    head = (
        "<meta name=Generator content='Microsoft Word 15'><!--[if gte mso 9]><xml>"
        "<o:Author>Robin Example</o:Author></xml><![endif]--><style><!-- p.MsoNormal {margin:0} -->"
        "</style>"
    )
    body = (
        "<h1><span style='mso-list:Ignore'>1.<span>&nbsp;&nbsp; </span></span>Findings</h1>"
        "<p class=MsoNormal>The child\u2019s needs<o:p></o:p></p>"
        "<p class=MsoListParagraph><![if !supportLists]><span style='mso-list:Ignore'>4.2<span>"
        "&nbsp; </span></span><![endif]>Supervision was weak.</p>"
        "<p class=MsoNormal><s><del>old words</del></s><ins>added</ins>"
        "<span style='display:none;mso-hide:all'>unseen</span></p>"
        "<div style='mso-element:comment-list'>Ask her again</div>"
    )
    report = read(tmp_path, body, head)
    assert rows(report) == [
        ("heading", "", "1. Findings"),
        ("paragraph", "1. Findings", "The child\u2019s needs"),
        ("item", "1. Findings", "4.2 Supervision was weak."),
        ("paragraph", "1. Findings", "added"),
    ]
    assert [(find.kind, find.text) for find in report.hidden] == [
        ("deleted", "old words"), ("invisible", "unseen"), ("comment", "Ask her again"),
    ]  # fmt: skip
    assert report.warnings[0] == (
        "the file names its author (\u201cRobin Example\u201d): remove the name before you share it"
    )


@pytest.mark.parametrize(
    "start",
    [
        "<script>var page = 1;</script><p>",
        "<!-- saved from a site --><p>",
        f"<!-- {20_000 * 'x'} --><p>",
        "<style>p { margin: 0 }</style><div>",
        '<?xml version="1.0"?><?xml-stylesheet href="a.css"?><!DOCTYPE html><html><body>',
        "<center><font size=2>",
        "\n\n<BODY><P>",
        "Content of the page follows\n<html><body>",
    ],
)
def test_a_page_is_known_by_its_markup_however_it_begins(tmp_path, start):
    (tmp_path / "page").write_text(f"{start}The panel met.")
    report = parsers.read_file(tmp_path / "page", "page", LIMITS)
    assert report.media_type == "text/html"
    assert report.text.endswith("The panel met.")


def test_a_page_that_never_ends_its_heading_has_paragraphs(tmp_path):
    assert rows(read(tmp_path, "<p>One<p>Two<h2>Head<p>Three <b>bold<i>x</b>y</i>")) == [
        ("paragraph", "", "One"),
        ("paragraph", "", "Two"),
        ("heading", "", "Head"),
        ("paragraph", "Head", "Three boldxy"),
    ]


def test_a_page_of_frames_is_refused_with_the_names_of_its_files(tmp_path):
    frames = '<html><frameset><frame src="a.html"><frame src="b.html"></frameset></html>'
    (tmp_path / "page.html").write_text(frames)
    with pytest.raises(FileRefused, match=r"its words are in other files \(a.html, b.html\)"):
        parsers.read_file(tmp_path / "page.html", "page.html", LIMITS)


def test_pages_shown_in_a_page_are_told(tmp_path):
    report = read(tmp_path, "<p>Seen.</p><iframe src=a.html></iframe>")
    assert report.warnings == ("it shows 1 other page, which is not in this file",)


@pytest.mark.parametrize(
    "end", ["<a href=x", "</p", "<!-- a note", "<script>let a = 1", "<STYLE>p {}"]
)
def test_a_page_that_ends_within_its_markup_has_a_warning(tmp_path, end):
    (tmp_path / "a.html").write_text(f"<html><body><p>Seen.</p>{end}")
    report = parsers.read_file(tmp_path / "a.html", "a.html", LIMITS)
    assert (report.text, report.warnings) == ("Seen.", (CUT_SHORT,))


@pytest.mark.parametrize("end", ["", "<p>2 < 3", "<!-- a --><!-->", "<script>'</p'</script>"])
def test_a_page_without_its_last_tags_has_none(tmp_path, end):
    (tmp_path / "a.html").write_text(f"<html><body><p>Seen.</p>{end}")
    assert parsers.read_file(tmp_path / "a.html", "a.html", LIMITS).warnings == ()


def test_words_of_drawings_and_formulas_are_read(tmp_path):
    drawing = (
        "<svg><title>Figure</title><style>text { fill: red }</style><defs><text>No</text></defs>"
        "<text><tspan>Referrals</tspan><tspan>rose</tspan></text><text>by half</text></svg>"
    )
    formula = "<p>A rate of <math><mn>3</mn><mo>/</mo><mn>4</mn></math> of all.</p>"
    report = read(tmp_path, f"<p>Seen.</p>{drawing}{formula}<div style='background:#000'>"
                  "<svg><text fill='#fff'>White</text></svg></div>")  # fmt: skip
    assert texts(report) == ["Seen.", "Referrals rose", "by half", "A rate of 3/4 of all.", "White"]


def test_choices_of_menus_are_left_out_with_a_warning(tmp_path):
    menu = "<select><option>Good<option>Poor</select><select><option>Yes</select>"
    assert read(tmp_path, f"<p>Seen.</p>{menu}").warnings == (
        "3 choices of menus were left out: check which one was made",
    )


@pytest.mark.parametrize(
    "element",
    [
        '<img src="a.jpg" alt="Photo of her brother">',
        '<a href="#" aria-label="Photo of her brother">More</a>',
        '<p title="Photo of her brother">More</p>',
        "<svg><desc>Photo of her brother</desc></svg>",
    ],
)
def test_texts_for_screen_readers_are_listed_as_hidden(tmp_path, element):
    report = read(tmp_path, f"<p>Seen.</p>{element}<p>More</p>")
    assert [(find.kind, find.text) for find in report.hidden] == [
        ("alternate", "Photo of her brother"),
    ]
    assert "brother" not in report.text


def test_a_text_for_screen_readers_that_the_page_shows_is_no_find(tmp_path):
    page = '<h1>The family</h1><img alt="Logo"><img alt="Family: the Logo"><a title="">The end</a>'
    assert read(tmp_path, page).hidden == ()
