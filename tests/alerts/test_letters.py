"""Emails of an issue: what a mail program shows of them."""

import re
from dataclasses import replace

import html5lib
import pytest

from waymark.alerts.letters import (
    PREFERENCES,
    UNSUBSCRIBE,
    LetterIssue,
    LetterItem,
    Sender,
    correction_letter,
    issue_letter,
)

SENDER = Sender(
    site="Waymark",
    home="https://site.example/",
    because="You asked for the Weekly alert.",
    organisation="Evidence Society",
    postal_address="1 High Street, Antrim",
)
ITEM = LetterItem(
    heading="Safer sleep & babies",
    summary="A report on how advice reaches families.",
    group="Infants",
    source="Health Agency",
    dated="12 February 2026",
    address="https://agency.example/report?a=1&b=2",
    content_note="About the deaths of babies.",
)
ISSUE = LetterIssue(
    title="Weekly alert: 23 to 29 November 2026",
    introduction="One item this week.",
    items=(ITEM,),
    address="https://site.example/alerts/weekly/7/",
)


def test_the_text_of_a_letter_reads_from_top_to_bottom():
    assert issue_letter(ISSUE, SENDER).text == (
        "Weekly alert: 23 to 29 November 2026\n"
        "====================================\n"
        "\n"
        "One item this week.\n"
        "\n"
        "1 item. Read this on the web:\n"
        "https://site.example/alerts/weekly/7/\n"
        "\n"
        "Infants\n"
        "-------\n"
        "\n"
        "* Safer sleep & babies\n"
        "  Content note: About the deaths of babies.\n"
        "  A report on how advice reaches families.\n"
        "  Source: Health Agency. Date: 12 February 2026\n"
        "  Further information: https://agency.example/report?a=1&b=2\n"
        "\n"
        "-- \n"
        "You asked for the Weekly alert.\n"
        f"Change what you receive: {PREFERENCES}\n"
        f"Unsubscribe: {UNSUBSCRIBE}\n"
        "Waymark: https://site.example/\n"
        "Evidence Society, 1 High Street, Antrim\n"
    )


def test_the_html_is_valid_and_has_a_language_a_title_and_headings_in_order():
    html = issue_letter(ISSUE, SENDER).html
    document = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    assert document.get("lang") == "en-GB"
    assert document.findtext("head/title") == ISSUE.title
    levels = [node.tag for node in document.iter() if node.tag in ("h1", "h2", "h3")]
    assert levels == ["h1", "h2", "h3"]


def test_the_html_loads_nothing_and_follows_nobody():
    html = issue_letter(ISSUE, SENDER).html
    assert not re.search(r"<(img|script|link|iframe|form|object)|url\(|@import|http-equiv", html)


def test_there_are_colours_for_dark_screens():
    assert "prefers-color-scheme: dark" in issue_letter(ISSUE, SENDER).html


def test_items_without_a_group_stand_directly_below_the_title():
    issue = replace(ISSUE, items=(replace(ITEM, group=""),))
    assert re.findall(r"<(h\d)>", issue_letter(issue, SENDER).html) == ["h1", "h2"]


def test_each_receiver_gets_their_own_addresses_in_both_parts():
    letter = issue_letter(ISSUE, SENDER).filled(
        preferences="https://site.example/p/?t=a&x=1", unsubscribe="https://site.example/u/b/"
    )
    assert ".invalid" not in letter.text + letter.html
    assert "Unsubscribe: https://site.example/u/b/\n" in letter.text
    assert 'href="https://site.example/p/?t=a&amp;x=1"' in letter.html


def test_markup_in_an_item_is_shown_as_text():
    issue = replace(ISSUE, items=(replace(ITEM, heading="<b>x</b>", summary="<script>1</script>"),))
    html = issue_letter(issue, SENDER).html
    assert "&lt;script&gt;" in html
    assert "<script" not in html
    assert "<b>x" not in html


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "https://a.example/\nBcc: x", "no address"]
)
def test_only_an_address_of_the_web_becomes_a_link(address):
    letter = issue_letter(replace(ISSUE, items=(replace(ITEM, address=address),)), SENDER)
    assert address not in letter.html
    assert "Further information" not in letter.text


def test_a_subject_is_one_line():
    issue = replace(ISSUE, title="Weekly\r\nBcc: a@b.example\u202e alert")
    assert issue_letter(issue, SENDER).subject == "Weekly Bcc: a@b.example alert"


def test_an_issue_without_items_has_no_letter():
    with pytest.raises(ValueError, match="without items"):
        issue_letter(replace(ISSUE, items=()), SENDER)


def test_a_long_issue_loses_its_summaries_before_it_loses_headings():
    items = tuple(
        replace(ITEM, heading=f"Report {number}", summary=f"Summary {number}. " + "word " * 100)
        for number in range(200)
    )
    letter = issue_letter(replace(ISSUE, items=items), SENDER)
    assert len(letter.html.encode()) <= 90_000
    assert letter.items == 200
    assert "Report 199" in letter.html
    assert "200 items" in letter.text


def test_an_issue_of_too_many_headings_says_how_many_are_only_on_the_web():
    items = tuple(replace(ITEM, heading=f"Report {number}") for number in range(2_000))
    letter = issue_letter(replace(ISSUE, items=items), SENDER)
    assert len(letter.html.encode()) <= 90_000
    assert 0 < letter.items < 2_000
    assert f"{2_000 - letter.items:,} items more on the web" in letter.text
    assert f"Report {letter.items - 1}<" in letter.html
    assert f"Report {letter.items}<" not in letter.html


def test_a_correction_says_what_was_wrong_and_repeats_the_corrected_item():
    letter = correction_letter(
        item=ITEM,
        correction="The date was wrong.",
        withdrawn=False,
        address=ISSUE.address,
        sender=SENDER,
    )
    assert letter.subject == "Correction: Safer sleep & babies"
    assert "The date was wrong." in letter.text
    assert ITEM.summary in letter.text


def test_a_withdrawn_item_is_named_and_not_repeated():
    letter = correction_letter(
        item=ITEM,
        correction="The publisher withdrew it.",
        withdrawn=True,
        address=ISSUE.address,
        sender=SENDER,
    )
    assert letter.subject == "Withdrawn: Safer sleep & babies"
    assert "The publisher withdrew it." in letter.html
    for gone in (ITEM.summary, "agency.example", ITEM.source):
        assert gone not in letter.html + letter.text
