"""The steps of an overview in a real browser, from its reviews to its edition, through links."""

import pytest
from playwright.sync_api import expect

from tests.web.test_browser import both_ways, sign_in

pytestmark = pytest.mark.browser
TYPESETTING = 60_000
"""Milliseconds; a few seconds where nothing else runs."""


def at_work(window, site, name, width=1280, **how):
    here = window(width=width, **how)
    sign_in(here, site, name)
    open_list(here.page)
    return here


def open_list(page):
    """To the overviews in progress, by the menu."""
    # By the width, not by what is seen at this moment: the menu may not be laid out yet.
    if page.viewport_size["width"] < 960:
        page.get_by_text("Workspace menu").click()
    page.get_by_role("link", name="Overviews in progress").first.click()


def begin(page, name):
    """A new overview of the 24 reviews of the demo."""
    page.get_by_role("link", name="Create an overview").click()
    page.get_by_label("Title").fill(f"The {name} overview")
    page.get_by_label("Web address name").fill(name)
    page.get_by_label("Copy from").select_option("demo")
    page.get_by_role("button", name="Create overview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"The {name} overview")


def forward(page, label):
    """Does what the page says comes next."""
    page.locator(".next-step").get_by_role("link", name=label).click()


@both_ways
def test_a_new_overview_of_24_reviews_with_one_table_changed_needs_no_yaml(window, site, script):
    name = "stepped" if script else "stepped-plain"
    here = at_work(window, site, "analyst", script=script, width=1280 if script else 390)
    page = here.page
    begin(page, name)
    page.get_by_role("link", name="T3: Nature of the incident").click()
    page.get_by_label("Title", exact=True).fill("What happened")
    if script:
        expect(page.locator("#preview-status")).to_have_text("Preview updated: table 3.")
    else:
        page.get_by_role("button", name="Show preview").click()
    expect(page.locator("#preview")).to_contain_text("What happened")
    page.get_by_role("button", name="Save table").click()
    expect(page.get_by_role("status").first).to_contain_text("Version 2 is saved.")
    expect(page.get_by_role("link", name="F3: What happened")).to_be_visible()
    page.get_by_role("link", name="Freeze", exact=True).click()
    page.get_by_role("button", name="Freeze the numbers").click()
    expect(page.locator("main")).to_contain_text("24 reviews counted")
    assert here.complaints == []


def test_without_a_connection_a_text_is_kept_and_a_closed_tab_loses_nothing(window, site):
    here = at_work(window, site, "editor")
    page, address = here.page, "/staff/overviews/demo/report/foreword/"
    page.goto(address)
    area = page.get_by_label("Text (Markdown)")
    before = area.input_value()
    page.context.set_offline(True)
    area.fill(f"{before}\nTyped without a connection.")
    expect(page.locator("#stored")).to_contain_text(
        "No connection: your text is kept in this browser"
    )
    page.context.set_offline(False)
    # Closing comes before the connection is used again.
    page.goto(address)
    expect(area).to_have_value(f"{before}\nTyped without a connection.")
    # Another browser keeps nothing of it: what it shows, the server has.
    page.wait_for_load_state("networkidle")
    other = at_work(window, site, "editor").page
    other.goto(address)
    area = other.get_by_label("Text (Markdown)")
    expect(area).to_have_value(f"{before}\nTyped without a connection.")
    other.get_by_role("button", name="Go back to the last version").click()
    expect(area).to_have_value(before)


def decide_on_open(page):
    page.get_by_label("Show every number (open)").check()
    page.get_by_label("Data controller").fill("Jo Ash")
    page.get_by_label("Role").fill("Chair of the board")
    for part, value in (("Day", "12"), ("Month", "1"), ("Year", "2026")):
        page.get_by_label(part, exact=True).fill(value)
    page.get_by_label("Reason").fill("Every review and every report is public.")
    page.get_by_role("button", name="Record decision").click()


def sign_and_publish(analyst, editor, name, edition):
    """From the draft to an edition: both sign, the editor publishes. Only links and buttons."""
    forward(analyst, "Sign")
    analyst.get_by_role("button", name="Sign as analyst").click()
    expect(analyst.locator(".next-step")).to_contain_text("an editor must sign")
    open_list(editor)
    editor.get_by_role("link", name=f"Read the draft of The {name} overview").click()
    forward(editor, "Sign")
    editor.get_by_role("button", name="Sign as editor").click()
    # The edition is typeset in the request.
    editor.get_by_role("button", name="Publish next edition").click(timeout=TYPESETTING)
    expect(editor.locator("main")).to_contain_text(
        f"Edition {edition} is published.", timeout=TYPESETTING
    )


@both_ways
def test_two_editions_are_written_read_signed_twice_and_published_through_links_alone(
    window, site, script
):
    name, how = "linked" if script else "linked-plain", {"script": script}
    how["width"] = 1280 if script else 390
    here = at_work(window, site, "analyst", **how)
    page = here.page
    begin(page, name)
    forward(page, "Record the decision on small numbers")
    decide_on_open(page)
    forward(page, "Freeze the numbers")
    page.get_by_role("button", name="Freeze the numbers").click()
    page.get_by_role("link", name="Write", exact=True).click()
    page.get_by_role("link", name="The text of Foreword").click()
    page.get_by_label("Text (Markdown)").fill("These reviews were read to learn from them.")
    if script:
        expect(page.locator("#stored")).to_contain_text("Stored for you.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Read and confirm 34 texts carried over").first.click()
    expect(page.locator("main")).to_contain_text("These reviews were read to learn from them.")
    boxes = page.locator(".carried input[type=checkbox]")
    expect(boxes).to_have_count(34)
    for box in boxes.all():
        box.check()
    page.get_by_role("button", name="Confirm the ticked texts").click()
    there = at_work(window, site, "editor", **how)
    sign_and_publish(page, there.page, name, edition=1)
    # The second edition begins where the first ended: with the list.
    open_list(page)
    page.get_by_role("link", name=f"The {name} overview", exact=True).click()
    page.get_by_role("link", name="Write", exact=True).click()
    page.get_by_role("link", name="The text of Foreword").click()
    page.get_by_label("Text (Markdown)").fill("These reviews were read again, a year later.")
    if script:
        expect(page.locator("#stored")).to_contain_text("Stored for you.")
    page.get_by_role("button", name="Save", exact=True).click()
    forward(page, "Read the draft")
    expect(page.locator("main")).to_contain_text("These reviews were read again, a year later.")
    # Publishing led the editor to the public page.
    there.page.get_by_role("link", name="My work").first.click()
    sign_and_publish(page, there.page, name, edition=2)
    page = there.page
    assert here.complaints + there.complaints == []
    # The other tests of this site count one published overview.
    page.get_by_role("link", name="Withdraw this edition").click()
    page.get_by_label("Reason").fill("The end of this test.")
    page.get_by_role("button", name="Withdraw").click()
