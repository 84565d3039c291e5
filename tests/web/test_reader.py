"""The whole report as one text: what is marked, found, listed and linked, and what it costs."""

import re

import html5lib
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.documents.test_arrangement import stretches
from tests.factories import NOON, make_report, make_review
from waymark import pipeline
from waymark.accounts.models import State
from waymark.core.spans import Span
from waymark.documents.models import Page, Passage, Report, ReportText
from waymark.documents.reading.arrangement import arrange
from waymark.documents.reading.values import WordBox
from waymark.documents.reading.words import pack_words
from waymark.web.reader.highlighting import TextMarks
from waymark.web.reader.report_html import PageBreak, ReportWriter, notes_in


def written(parts, *, marks=None):
    """HTML of the parts of a text, without the links to cite its passages."""
    groups = list(arrange(stretches(*parts)))
    writer = ReportWriter(marks or TextMarks(), str, notes=notes_in(groups))
    html = "".join(map(writer.group_html, groups))
    return re.sub(r' <a class="pin no-print"(?: tabindex="-1")? href="k-\d+">cite.*?</a>', "", html)


# ---- the text as HTML ----


def test_words_of_a_report_never_become_html():
    hostile = '<script>alert("x")</script> & <b'
    html = written(
        [
            ("paragraph", hostile),
            ("heading", hostile),
            ("item", hostile),
            ("paragraph", f"{hostile} | {hostile}"),
            ("paragraph", f"a | {hostile}"),
            ("loose", hostile),
            ("paragraph", f"[1] {hostile}"),
        ],
        marks=TextMarks((Span(3, 9),), (Span(5, 12),)),
    )
    assert "<script" not in html
    assert "<b" not in html.replace("<br", "")
    assert html.count("&lt;/script&gt;") == 8


def test_a_cited_place_begins_and_ends_in_words_that_are_heard():
    html = written([("paragraph", "Nobody asked why.")], marks=TextMarks((Span(7, 12),)))
    assert html == (
        '<p class="paragraph">Nobody <span class="cited" id="at" tabindex="-1">'
        '<span class="sr">Cited words begin: </span><mark class="target">asked</mark>'
        '<span class="sr"> Cited words end.</span></span> why.</p>\n'
    )


def test_a_hit_in_cited_words_is_marked_within_them():
    marks = TextMarks((Span(0, 12),), (Span(7, 12), Span(13, 16)), current=2)
    html = written([("paragraph", "Nobody asked why.")], marks=marks)
    hit = '<mark class="found" id="hit-1" tabindex="-1">asked</mark>'
    assert f'<mark class="target">Nobody {hit}</mark>' in html
    assert '<mark class="found now" id="hit-2" tabindex="-1">why</mark>.' in html


def test_a_citation_over_two_passages_begins_and_ends_once():
    # "One." is 0 to 4 and "Two." 5 to 9: the citation begins in the first and ends in the second.
    html = written([("paragraph", "One."), ("paragraph", "Two.")], marks=TextMarks((Span(0, 9),)))
    assert html.count("Cited words begin") == html.count("Cited words end") == 1
    assert html.count('id="at"') == 1
    assert html.count('<mark class="target">') == 2


def test_a_page_that_begins_within_a_paragraph_is_numbered_there():
    breaks = [PageBreak(0, "[1]"), PageBreak(7, "[2]")]
    groups = list(arrange(stretches(("paragraph", "Nobody asked."))))
    writer = ReportWriter(TextMarks(), str, breaks)
    assert writer.breaks_before(0) == "[1]"
    assert writer.group_html(groups[0]).startswith('<p class="paragraph">Nobody [2]asked.')


def test_a_page_that_begins_with_an_item_is_numbered_in_the_list():
    groups = list(arrange(stretches(("item", "• One"), ("item", "• Two"))))
    writer = ReportWriter(TextMarks(), str, [PageBreak(6, "[2]")])
    html = writer.group_html(groups[0])
    assert '<li>[2]<span class="marker">• </span>Two' in html
    assert html.startswith('<ul class="items">')


def test_rows_become_a_table_whose_last_cell_fills_it():
    html = written([("paragraph", "Judgement | Grade"), ("paragraph", "Leaders | Good | Steady")])
    assert html == (
        '<div class="scroll"><table class="cells"><tbody>\n'
        '<tr><td>Judgement</td><td colspan="2">Grade</td></tr>\n'
        "<tr><td>Leaders</td><td>Good</td><td>Steady</td></tr>\n"
        "</tbody></table></div>\n"
    )


def test_the_mark_of_a_note_leads_to_it_and_other_brackets_lead_nowhere():
    html = written([("paragraph", "As before.[1] See [2]."), ("paragraph", "[1] A letter.")])
    assert 'As before.<a class="note" href="#note-1">[1]</a> See [2].' in html
    assert '<p class="note" id="note-1" role="note" aria-label="Note 1">' in html


# ---- the page ----


@pytest.fixture
def long_report(db):
    """A report of three pages with an image each, of which the second and third share a passage."""
    texts = ("Findings", "The visits stopped in May.", "Nobody asked why the visits stopped.")
    report = make_report(make_review("T9"), *texts)
    Passage.objects.filter(report=report, start=0).update(kind="heading", heading="")
    # Findings 0-8, The visits ... 9-35, Nobody ... 36-72; page 3 begins at "the visits" (53).
    Page.objects.filter(report=report).delete()
    boxes = [
        [WordBox(0, 8, 72, 72, 120, 84)],
        [WordBox(9, 12, 72, 72, 90, 84), WordBox(13, 19, 95, 72, 130, 84)],
        [WordBox(53, 56, 72, 72, 90, 84), WordBox(57, 63, 95, 72, 130, 84)],
    ]
    for number, (start, end) in enumerate(((0, 8), (9, 52), (53, 72)), start=1):
        Page.objects.create(
            report=report,
            number=number,
            start=start,
            end=end,
            width=595,
            height=842,
            words=pack_words(boxes[number - 1]),
        )
    Report.objects.filter(pk=report.pk).update(page_count=3)
    return Report.objects.get(pk=report.pk)


def tree_of(client, address, **asked):
    answer = client.get(address, asked)
    assert answer.status_code == 200
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(answer.content.decode())


def words_of(element):
    return " ".join("".join(element.itertext()).split())


def by_id(tree, name):
    (element,) = [element for element in tree.iter() if element.get("id") == name]
    return element


def test_the_whole_report_is_one_text_with_its_contents_and_pages(client, long_report):
    tree = tree_of(client, reverse("report", args=[long_report.key]))
    text = words_of(tree.find(".//article"))
    for passage in ("Findings", "The visits stopped in May.", "Nobody asked why"):
        assert passage in text
    assert by_id(tree, "s-0").tag == "h2"
    links = {link.get("href"): words_of(link) for link in tree.iter("a")}
    assert links["#s-0"] == "Findings"
    for number in (1, 2, 3):
        assert by_id(tree, f"page-{number}").get("href").endswith(f"/pages/{number}/")
        assert links[f"#page-{number}"] == f"Page {number}"
    title = words_of(tree.find(".//title"))
    assert title.startswith("Overview report, T9: ")


def test_the_image_is_of_the_page_that_is_cited_with_its_words_marked(client, long_report):
    address = reverse("report", args=[long_report.key])
    tree = tree_of(client, address, at=f"{long_report.key}-53-63")
    image = next(image for image in tree.iter("img") if image.get("srcset"))
    assert f"/reports/{long_report.key}/pages/3/image-800.webp" in image.get("src")
    assert "with words highlighted" in image.get("alt")
    # Its size keeps the room, and words below it are seen until it is there.
    assert int(image.get("width")) < int(image.get("height"))
    (waiting,) = [one for one in tree.iter("span") if one.get("class") == "sheet-waiting"]
    assert (waiting.text, waiting.get("aria-hidden")) == ("Page image", "true")
    boxes = [box for box in tree.iter() if box.tag.endswith("rect")]
    # Two words side by side on one line are one box: from 72 to 130.
    assert [(box.get("x"), box.get("width"), box.get("class")) for box in boxes] == [
        ("72.00", "58.00", "hl target")
    ]
    assert by_id(tree, "page-3").get("data-boxes") == "0 72.00 72.00 58.00 12.00"
    assert by_id(tree, "page-2").get("data-boxes") is None
    assert words_of(by_id(tree, "at")) == "Cited words begin: the visits Cited words end."


def test_words_found_within_are_numbered_with_their_neighbours(client, long_report):
    address = reverse("report", args=[long_report.key])
    tree = tree_of(client, address, q="visits", hit="1")
    assert words_of(by_id(tree, "hit-count")) == "Hit 1 of 2"
    # On a phone they stay in reach together, so they are one part.
    steps = next(nav for nav in tree.iter("nav") if nav.get("class") == "hit-steps")
    assert words_of(steps) == "Hit 1 of 2 Show hit Next hit Clear"
    hits = list(tree.iter("mark"))
    assert [(mark.get("id"), mark.text) for mark in hits] == [
        ("hit-1", "visits"),
        ("hit-2", "visits"),
    ]
    assert by_id(tree, "hit-later").get("href") == f"{address}?q=visits&hit=2#hit-2"
    assert not [element for element in tree.iter() if element.get("id") == "hit-earlier"]
    last = tree_of(client, address, q="visits", hit="2")
    assert words_of(by_id(last, "hit-count")) == "Hit 2 of 2"
    assert by_id(last, "hit-earlier").get("href") == f"{address}?q=visits&hit=1#hit-1"
    assert "/pages/3/" in next(i.get("src") for i in last.iter("img") if i.get("srcset"))


def test_of_very_many_hits_the_first_are_marked_and_it_is_said(client, db):
    many = make_report(make_review("T8"), "visits and " * 1_001)
    tree = tree_of(client, reverse("report", args=[many.key]), q="visits")
    assert words_of(by_id(tree, "hit-count")).startswith("Hit 1 of 1000. There are more")
    assert len(list(tree.iter("mark"))) == 1_000


def stops(tree):
    """For each link to cite, whether the Tab key stops at it."""
    pins = [link for link in tree.iter("a") if (link.get("class") or "").startswith("pin")]
    return [link.get("tabindex") != "-1" for link in pins]


def test_the_tab_key_skips_the_links_to_cite_but_of_marked_words_until_it_is_asked_to_stop(
    client, long_report
):
    address = reverse("report", args=[long_report.key])
    assert stops(tree_of(client, address)) == [False, False]
    # "visits" is in the first paragraph, and again in the second.
    assert stops(tree_of(client, address, at=f"{long_report.key}-13-19")) == [True, False]
    assert stops(tree_of(client, address, q="asked")) == [False, True]
    tree = tree_of(client, address, q="asked")
    (ask,) = [link for link in tree.iter("a") if "by-key" in (link.get("class") or "")]
    assert ask.get("href") == f"{address}?q=asked&cite=stops#text-title"
    everything = tree_of(client, address, q="asked", cite="stops")
    assert stops(everything) == [True, True]
    assert not [link for link in everything.iter("a") if "by-key" in (link.get("class") or "")]
    page = tree_of(client, reverse("report-page", args=[long_report.key, 2]))
    assert all(stops(page))


@pytest.mark.parametrize(("asked", "nearest"), [(0, 1), (4, 3), (9_999, 3)])
def test_a_page_that_a_report_does_not_have_leads_to_the_nearest_which_says_so(
    client, long_report, asked, nearest
):
    whole = reverse("report", args=[long_report.key])
    addresses = [f"{whole}page/?number={asked}", f"{whole}pages/{asked}/"]
    for address in addresses if asked else addresses[:1]:
        answer = client.get(address, follow=True)
        page = reverse("report-page", args=[long_report.key, nearest])
        assert answer.redirect_chain == [(f"{page}?asked={asked}", 302)]
        words = " ".join(answer.content.decode().split())
        assert f"There is no page {asked} in this report. It has 3 pages." in words
    assert "There is no page" not in client.get(f"{page}?asked=2").content.decode()
    assert "There is no page" not in client.get(f"{page}?asked=x").content.decode()


def test_nothing_found_is_said(client, long_report):
    tree = tree_of(client, reverse("report", args=[long_report.key]), q="zebra")
    assert words_of(by_id(tree, "hit-count")) == "No hits for “zebra” in this report"


@pytest.mark.parametrize("hit", ["0", "3", "-1", "x", "9" * 400, "²"])
def test_a_hit_that_does_not_exist_opens_the_first(client, long_report, hit):
    tree = tree_of(client, reverse("report", args=[long_report.key]), q="visits", hit=hit)
    assert words_of(by_id(tree, "hit-count")) == "Hit 1 of 2"


@pytest.mark.parametrize("page", ["0", "2", "99", "x", "9" * 400])
def test_a_page_that_is_asked_for_is_shown_or_the_nearest(client, long_report, page):
    tree = tree_of(client, reverse("report", args=[long_report.key]), page=page)
    shown = {"2": 2, "99": 3, "9" * 400: 3}.get(page, 1)
    assert f"/pages/{shown}/" in next(i.get("src") for i in tree.iter("img") if i.get("srcset"))


def test_the_number_of_queries_does_not_grow_with_the_pages(client, long_report):
    address = reverse("report", args=[long_report.key])
    asked = {"at": f"{long_report.key}-53-63", "q": "visits"}
    client.get(address, asked)
    with CaptureQueriesContext(connection) as few:
        client.get(address, asked)
    text = ReportText.objects.get(report=long_report)
    start = len(text.content) + 1
    more = "\n".join(f"The visits of week {week} began." for week in range(100, 130))
    ReportText.objects.filter(report=long_report).update(content=f"{text.content}\n{more}")
    for number, line in enumerate(more.split("\n"), start=4):
        Page.objects.create(
            report=long_report,
            number=number,
            start=start,
            end=start + len(line),
            width=595,
            height=842,
            words=pack_words([WordBox(start + 4, start + 10, 72, 72, 120, 84)]),
        )
        Passage.objects.create(
            report=long_report,
            key=f"{long_report.key}-{start}-{start + len(line)}",
            ordinal=number + 10,
            start=start,
            end=start + len(line),
            page=number,
            last_page=number,
            kind="paragraph",
        )
        start += len(line) + 1
    with CaptureQueriesContext(connection) as many:
        page = client.get(address, asked).content.decode()
    assert "of 32" in page
    assert len(many) == len(few)


def test_a_format_without_pages_has_no_image_and_no_page_numbers(client, report):
    tree = tree_of(client, reverse("report", args=[report.key]))
    assert not [image for image in tree.iter("img") if image.get("srcset")]
    assert "page-1" not in {element.get("id") for element in tree.iter()}


def test_a_withdrawn_report_shows_nothing_of_its_text(client, report):
    pipeline.change_state(by=None, item=report, state=State.WITHDRAWN, now=NOON)
    answer = client.get(reverse("report", args=[report.key]), {"q": "visits"})
    assert answer.status_code == 404
    # The link to Ask us carries the address of the page, and with it what the visitor typed.
    page = html5lib.parse(answer.content.decode(), namespaceHTMLElements=False)
    assert "visits" not in words_of(page)
