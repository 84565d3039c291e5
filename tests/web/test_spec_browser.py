"""Writing what an overview asks for, in a real browser: the preview, faults, use by everybody."""

import re

import pytest
from playwright.sync_api import expect

from tests.web.test_browser import OF_COLOUR, STANDARDS, both_ways, complaints, sign_in

pytestmark = pytest.mark.browser
EDITOR = "/staff/overviews/demo/spec/"
PAGES = (
    "/staff/overviews/",
    "/staff/overviews/new/",
    f"{EDITOR}?table=T8",
    "/staff/overviews/demo/history/",
    "/staff/overviews/demo/versions/1/",
    "/staff/overviews/demo/reviews/",
    "/staff/overviews/demo/tables/",
    "/staff/overviews/demo/tables/T3/",
    "/staff/overviews/demo/figures/F3/",
    "/staff/overviews/demo/freeze/",
)


def at_work(window, site, address=EDITOR, **how):
    here = window(**how)
    sign_in(here, site, "analyst")
    here.page.goto(address)
    return here


def write(page, old, new):
    """Changes the text in the editor as typing does."""
    page.evaluate(
        "([before, after]) => { const area = document.getElementById('spec');"
        " area.value = area.value.replace(before, after);"
        " area.dispatchEvent(new Event('input', { bubbles: true })); }",
        [old, new],
    )


def test_the_preview_renews_itself_while_one_types_and_says_so(window, site):
    here = at_work(window, site)
    page = here.page
    expect(page.locator("#preview-status")).to_have_text("Preview updated: table 1.")
    page.get_by_label("Table to show").select_option("T3")
    expect(page.locator("#T3 caption")).to_contain_text("DRAFT, table 3. Nature of the incident")
    write(page, "title: Nature of the incident", "title: What happened")
    expect(page.locator("#T3 caption")).to_contain_text("DRAFT, table 3. What happened")
    expect(page.locator("#F3 .wide svg")).to_be_visible()
    expect(page.get_by_label("Table to show")).to_have_value("T3")
    # Told once, and not at all to who wants quiet.
    expect(page.locator("#preview-status")).to_have_text("Preview updated: table 3.")
    page.get_by_label("Do not announce new previews").check()
    write(page, "title: What happened", "title: The incident")
    expect(page.locator("#T3 caption")).to_contain_text("DRAFT, table 3. The incident")
    expect(page.locator("#preview-status")).to_be_empty()
    assert here.complaints == []


def test_a_fault_is_told_with_its_line_and_the_link_leads_there(window, site):
    here = at_work(window, site)
    page = here.page
    expect(page.locator("#preview .overview")).to_be_visible()
    write(page, "rows: {variable: sex}", "rows: {variable: six}")
    link = page.locator("#faults a")
    expect(link).to_have_text(re.compile(r"Line \d+"))
    line = int(link.inner_text().split()[1])
    expect(page.locator(f"#line-{line}")).to_have_class("wrong")
    link.click()
    area = "document.getElementById('spec')"
    chosen = page.evaluate(f"{area}.value.slice({area}.selectionStart, {area}.selectionEnd)")
    assert "variable: six" in chosen
    assert page.evaluate("document.activeElement.id") == "spec"
    expect(page.locator(f"#line-{line}")).to_be_in_viewport()
    write(page, "rows: {variable: six}", "rows: {variable: sex}")
    expect(page.locator("#preview .overview")).to_be_visible()
    expect(page.locator(f"#line-{line}")).not_to_have_class("wrong")
    assert here.complaints == []


def test_numbers_stand_beside_their_lines_also_after_more_were_typed(window, site):
    page = at_work(window, site).page
    write(page, "points:", "# more\n# and more\npoints:")
    area = page.locator("#spec").bounding_box()
    lines = page.evaluate("document.getElementById('spec').value.split('\\n').length")
    first, last = (page.locator(f"#line-{n}").bounding_box() for n in (1, lines))
    each = (last["y"] - first["y"]) / (lines - 1)
    height = page.evaluate(
        "parseFloat(getComputedStyle(document.getElementById('spec')).lineHeight)"
    )
    assert each == pytest.approx(height, abs=0.002)
    assert area["y"] <= first["y"]
    assert last["y"] + last["height"] <= area["y"] + area["height"]


@both_ways
def test_an_overview_is_begun_previewed_saved_and_frozen(window, site, script):
    name = "scripted" if script else "plain"
    here = at_work(window, site, "/staff/overviews/", script=script)
    page = here.page
    page.get_by_role("link", name="Create an overview").click()
    page.get_by_label("Title").fill(f"A {name} overview")
    page.get_by_label("Web address name").fill(name)
    page.get_by_label("Copy from").select_option("demo")
    page.get_by_role("button", name="Create overview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"A {name} overview")
    page.get_by_role("link", name="Advanced: the whole specification as text").click()
    if not script:
        page.get_by_label("Table to show").select_option("all")
        page.get_by_role("button", name="Show preview").click()
        page.get_by_label("Table to show").select_option("T1")
        page.get_by_role("button", name="Show preview").click()
    expect(page.locator("#T1")).to_contain_text("Read and coded")
    page.get_by_role("button", name="Save and freeze numbers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Versions and snapshots")
    expect(page.get_by_role("status").first).to_contain_text("frozen in snapshot 1.")
    assert here.complaints == []


def test_without_script_a_fault_leads_to_the_number_of_its_line(window, site):
    page = at_work(window, site, script=False).page
    page.locator("#spec").fill("overview: demo\ntitle: x\nbad")
    page.get_by_role("button", name="Show preview").click()
    page.get_by_role("link", name=re.compile(r"^Line \d")).first.click()
    expect(page.locator(".gutter :target")).to_be_in_viewport()


def test_axe_finds_nothing_to_complain_of_where_overviews_are_worked_on(window, site, axe):
    page = at_work(window, site, without_csp=True).page
    wrong = []
    for address in PAGES:
        page.emulate_media(color_scheme="light")
        page.goto(address)
        if "/spec/" in address:
            expect(page.locator("#preview .overview")).to_be_visible()
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        page.evaluate(axe)
        wrong += complaints(page, address, {"type": "tag", "values": STANDARDS})
        page.emulate_media(color_scheme="dark")
        wrong += complaints(page, f"{address} (dark)", {"type": "rule", "values": OF_COLOUR})
    write_wrong(page)
    page.evaluate(axe)
    wrong += complaints(page, "faults (dark)", {"type": "tag", "values": STANDARDS})
    assert wrong == []


def write_wrong(page):
    """The editor with faults in it."""
    page.goto(EDITOR)
    write(page, "kind: flow", "kind: flew")
    expect(page.locator("#faults")).to_be_visible()


def test_nothing_scrolls_sideways_where_overviews_are_worked_on(window, site):
    page = at_work(window, site, width=320).page
    wide = []
    for address in PAGES:
        page.goto(address)
        if "/spec/" in address:
            expect(page.locator("#preview .overview")).to_be_visible()
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            wide.append(f"{address}: {width}")
    assert wide == []
