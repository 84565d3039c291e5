"""Reading a report chapter by chapter, and writing one, in a real browser: for everybody."""

import re

import pytest
from playwright.sync_api import expect

from tests.web.test_browser import OF_COLOUR, STANDARDS, both_ways, complaints, sign_in

pytestmark = pytest.mark.browser
CHAPTERS = "/overviews/demo/chapters/"
INTRODUCTION = "/staff/overviews/demo/report/introduction/"
PUBLIC = tuple(
    f"{CHAPTERS}{name}/"
    for name in (
        "summary",
        "review-process",
        "other-overviews",
        "case-profiles",
        "key-themes",
        "framework",
        "references",
        "provenance",
    )
)
STAFF = (
    "/staff/overviews/demo/report/",
    f"{INTRODUCTION}?preview=1",
    "/staff/overviews/demo/report/plan/",
    f"{INTRODUCTION}versions/",
    f"{INTRODUCTION}versions/1/",
    "/staff/overviews/demo/passages/prac.neglect/",
    "/staff/overviews/demo/sign/",
    "/staff/overviews/demo/decision/",
    "/staff/overviews/demo/draft/",
    "/staff/overviews/demo/compare/",
)

KEY_THEMES = re.compile(r"^\d+ The key themes$")


@both_ways
def test_from_the_contents_to_a_quotation_and_to_its_words_on_the_page(window, script):
    here = window(script=script)
    page = here.page
    page.goto("/overviews/demo/")
    page.get_by_role("link", name=KEY_THEMES).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(KEY_THEMES)
    quotation = page.locator("blockquote.passage").first
    said = quotation.locator("p").inner_text()
    quotation.locator("footer a").first.click()
    expect(page.locator("#quote")).to_have_text(said)
    page.get_by_role("link", name="View on the page").click()
    marked = " ".join(" ".join(page.locator(".read mark").all_inner_texts()).split())
    assert marked == said
    page.go_back()
    page.get_by_role("link", name=KEY_THEMES).click()
    expect(page.locator("h1")).to_have_text(KEY_THEMES)
    assert here.complaints == []


@both_ways
def test_a_note_leads_to_the_references_and_a_reference_to_its_table(window, script):
    here = window(script=script)
    page = here.page
    page.goto(f"{CHAPTERS}key-themes/")
    page.locator("a.note").first.click()
    expect(page).to_have_url(re.compile(r"/chapters/references/#note--1$"))
    expect(page.locator("#note--1")).to_be_in_viewport()
    page.goto(f"{CHAPTERS}summary/")
    page.get_by_role("link", name="Table 6").click()
    expect(page).to_have_url(re.compile(r"/chapters/case-profiles/#T6$"))
    expect(page.locator("#T6 caption")).to_be_in_viewport()
    assert here.complaints == []


@both_ways
def test_a_text_is_shown_before_it_is_saved_with_its_faults_by_line(window, site, script):
    here = window(script=script)
    sign_in(here, site, "analyst")
    page = here.page
    page.goto("/staff/overviews/demo/report/reflections/")
    area = page.get_by_label("Text (Markdown)")
    before = area.input_value()
    area.fill("### Mine\n\nOf {T3/all/n} reviews {T3/none/n}.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#wrong")).to_contain_text("Line 3: T3 has no row none")
    expect(page.locator(".preview")).to_contain_text("Of 24 reviews")
    expect(page.get_by_label("Text (Markdown)")).to_have_value(re.compile("^### Mine"))
    page.goto("/staff/overviews/demo/report/reflections/")
    # Where typing took longer than the pause, the text was stored for its writer alone.
    if page.locator("#unsaved").count():
        page.get_by_role("button", name="Go back to the last version").click()
    expect(page.get_by_label("Text (Markdown)")).to_have_value(before)
    assert here.complaints == []


@pytest.mark.parametrize("who", ["a visitor", "an analyst"])
def test_axe_finds_nothing_to_complain_of_in_light_and_dark(window, site, axe, who):
    here = window(without_csp=True)
    page = here.page
    addresses = PUBLIC
    if who == "an analyst":
        sign_in(here, site, "analyst")
        addresses = STAFF
    wrong = []
    for address in addresses:
        page.emulate_media(color_scheme="light")
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        page.evaluate(axe)
        wrong += complaints(page, address, {"type": "tag", "values": STANDARDS})
        page.emulate_media(color_scheme="dark")
        wrong += complaints(page, f"{address} (dark)", {"type": "rule", "values": OF_COLOUR})
    assert wrong == []


def test_nothing_scrolls_sideways_at_320_pixels(window, site):
    here = window(width=320)
    sign_in(here, site, "analyst")
    wide = []
    for address in (*PUBLIC, *STAFF):
        here.page.goto(address)
        width = here.page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            wide.append(f"{address}: {width}")
    assert wide == []
