"""An editor's text: the part of Markdown that is read, its marks, and that nothing else gets in."""

import pytest
from html5lib import HTMLParser
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.publishing.small_release import EDITION, small_release
from waymark.publishing.document.citations import ReportContent
from waymark.publishing.document.compose import compose_report
from waymark.publishing.document.markdown import (
    LinkedText,
    SectionHead,
    TextAside,
    TextList,
    TextMark,
    TextParagraph,
    TextQuote,
    WordsRun,
    read_text,
)
from waymark.publishing.document.report_plan import default_plan
from waymark.publishing.formats.html import render_fragment
from waymark.publishing.formats.pdf import render_pdf

KEY = "3f9c01ab2d44-10-42"


def words(runs):
    return "".join(run.text for run in runs if isinstance(run, WordsRun | LinkedText))


def faults(text):
    return [(fault.line, fault.message) for fault in read_text(text).faults]


def test_paragraphs_headings_lists_and_asides_are_read():
    read = read_text("### One\n\nA *b* **c**\nd\n\n- e\n- f\n\n1. g\n\n> h\n\n#### Two\n\ni")
    head, first, bullets, numbers, aside, part, last = read.blocks
    assert (head, part) == (SectionHead(3, "One", 1), SectionHead(4, "Two", 13))
    assert isinstance(first, TextParagraph)
    assert [(run.text, run.strong, run.stressed) for run in first.runs] == [
        ("A ", False, False),
        ("b", False, True),
        (" ", False, False),
        ("c", True, False),
        (" ", False, False),
        ("d", False, False),
    ]
    assert isinstance(bullets, TextList)
    assert [words(item) for item in bullets.items] == ["e", "f"]
    assert (bullets.ordered, numbers.ordered) == (False, True)
    assert isinstance(aside, TextAside)
    assert words(last.runs) == "i"
    assert read.faults == ()


def test_marks_are_found_with_their_lines():
    text = f"A {{T3/all/n}}\nand {{see T3}} [@{KEY}]\n[@record:a-2013]\n\n{{quote {KEY}}}"
    assert list(read_text(text).marks()) == [
        TextMark("cell", "T3/all/n", 1),
        TextMark("see", "T3", 2),
        TextMark("note", KEY, 2),
        TextMark("record", "a-2013", 3),
        TextMark("quote", KEY, 5),
    ]


def test_quotations_one_under_the_other_are_two():
    read = read_text(f"{{quote {KEY}}}\n{{quote {KEY}}}")
    assert [type(block) for block in read.blocks] == [TextQuote, TextQuote]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (f"Words\nand {{quote {KEY}}}", 2, "a line of its own"),
        ("{T3}", 1, "{T3} is not a mark"),
        ("\n\n[@two words]", 3, "is not a mark"),
        ("# Large", 1, "use ### or ####"),
        ("### A {see T3}", 1, "can contain only words"),
        ("### ", 1, "needs words"),
        ("- a\n  - b", 2, "lists cannot be nested"),
        ("[x](http://a.b)", 1, "must be https://"),
        ("[x](ftp://a.b)", 1, "must be https://"),
        ("a\n[x](/p/1)", 2, "must be https://"),
    ],
)
def test_what_is_not_used_here_is_told_with_its_line_and_its_words_stay(text, line, says):
    ((where, message),) = faults(text)
    assert where == line
    assert says in message


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "<b>x</b>", "<!-- x -->", "    <i>", "```\n<i>\n```", "&lt;i>"],
)
def test_what_looks_like_html_is_words(text):
    page = html_of(text)
    assert "<script" not in page
    assert "<b>" not in page
    assert "<i>" not in page
    assert "<!--" not in page
    assert "&lt;" in page


def test_headings_of_a_theme_stand_under_the_one_that_is_made():
    (head,) = read_text("### Mine", level=4).blocks
    assert head == SectionHead(4, "Mine", 1)


def html_of(text, slot="introduction"):
    report = compose_report(small_release(), ReportContent(default_plan(), {slot: text}), EDITION)
    return render_fragment(report.document, address="/overviews/small/")


TAGS = {
    *("h2", "h3", "h4", "p", "ul", "ol", "li", "a", "em", "strong", "blockquote", "footer", "span"),
    *("div", "table", "caption", "small", "thead", "tbody", "tfoot", "tr", "th", "td", "dl", "dt"),
    *("dd", "figure", "figcaption", "nav"),
}
HOSTILE = st.lists(
    st.sampled_from(
        [
            *(
                "<script>",
                "</p>",
                "<img src=x onerror=y>",
                "<!--",
                "]]>",
                "&#x3c;",
                "\\<",
                "`",
                "~~~",
            ),
            *("# ", "### ", "- ", "  - ", "1. ", "> ", "\n", "\n\n", "    ", "\t", "---", "==="),
            *(
                "*",
                "**",
                "_",
                "[",
                "](",
                ")",
                "](https://a.b)",
                "](javascript:x)",
                "![",
                "<https://a>",
            ),
            *("{T3/all/n}", "{T3/", "{see T3}", "{see ", "{quote ", f"{{quote {KEY}}}", "}", "{"),
            *(
                "[@",
                f"[@{KEY}]",
                "[@record:",
                "[@record:x]",
                "]",
                "T3",
                "words ",
                "é",
                "\u202e",
                "\x00",
            ),
        ]
    )
    | st.text(max_size=8),
    max_size=40,
).map("".join)


RELEASE = small_release()
BARE = compose_report(RELEASE, ReportContent(default_plan()), EDITION)


@settings(max_examples=100, deadline=None)
@given(HOSTILE, st.sampled_from(["introduction", "key-themes:th.letters"]))
def test_any_text_gives_a_page_of_nothing_but_our_own_elements(text, slot):
    report = compose_report(RELEASE, ReportContent(default_plan(), {slot: text}), EDITION)
    nodes = [node for node in report.document.nodes if node not in BARE.document.nodes]
    page = render_fragment(
        type(report.document)("", "", "", "", EDITION.dated, tuple(nodes)),
        address="/overviews/small/",
    )
    tree = HTMLParser(namespaceHTMLElements=False).parseFragment(page)
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag == "DOCUMENT_FRAGMENT":
            continue
        assert element.tag in TAGS | {"svg"}, page
        assert not [name for name in element.attrib if name.startswith("on")], page
        leads = element.attrib.get("href", "https://")
        assert leads.startswith(("https://", "/overviews/small/", "#")), page


def test_any_character_comes_through_the_pdf():
    text = "Words \u202e \ud55c \u0000 #x $y$ @z <label> \\ // /* */ #{"
    report = compose_report(
        small_release(), ReportContent(default_plan(), {"introduction": text}), EDITION
    )
    assert render_pdf(report.document).startswith(b"%PDF-")
