"""The desk in a real browser, with JavaScript and without: a literature search, and references.

The site is a new installation that `waymark serve` serves, with one publication about nobody.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.web.small_site import small_site
from tests.web.test_alert_journey import PEOPLE, faults, sign_in
from tests.web.test_browser import both_ways

pytestmark = pytest.mark.browser

RECORD = """
from tests.library.conftest import make_resource, shelve
shelve(make_resource(
    "otters", title="Otters and the river: crossings in winter", authors=["Reed, Anna"], year=2012
))
"""
# On a narrow screen each cell has the name of its column.
COMBINED = re.compile(r"^3 .*#1 AND #2 .*1 ")
YEARS = re.compile(r"^Year .*2015 .*2012$")
REFERENCES = """1. Reed A (2012) Otters and the river: crossings in winter.
2. Reed A (2015) Otters and the river: crossings in winter.
3. Mole D (2015) Tunnels of the mind: attachment below ground."""


@pytest.fixture(scope="module")
def desk_site(tmp_path_factory):
    """Address of a running site with an editor."""
    with small_site(tmp_path_factory.mktemp("desk"), PEOPLE + RECORD) as address:
        yield address


@pytest.fixture
def page(chromium, desk_site, script):
    """A page of a person with or without JavaScript, on a narrow screen without."""
    context = chromium.new_context(
        base_url=desk_site,
        java_script_enabled=script,
        bypass_csp=True,
        viewport={"width": 1280 if script else 320, "height": 860},
    )
    context.set_default_timeout(30_000)
    expect.set_options(timeout=20_000)
    yield context.new_page()
    expect.set_options(timeout=5_000)
    context.close()


def ask_for_search(page, question):
    """Ask for a literature search; the address of the private page."""
    page.goto("/ask/")
    page.get_by_label("A literature search").check()
    page.get_by_label("Your question").fill(question)
    page.get_by_label("Telephone number").fill("01234 567 890")
    page.wait_for_timeout(2_100)  # as long as a form takes at least
    page.get_by_role("button", name="Send question").click()
    expect(page.get_by_role("main")).to_contain_text("We have your message.")
    return page.url


def search_until_finished(page, check, script):
    """From the page of the enquiry to a search that is finished."""
    page.get_by_role("link", name="Begin a literature search").click()
    check()
    page.get_by_label("Title").fill(f"Otters in winter {script}")
    page.get_by_label("Question", exact=True).fill("How do otters cross rivers in winter?")
    page.get_by_role("button", name="Begin search").click()
    page.get_by_label("Parts of the question").fill("Population: otters")
    check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Edit strategy in Our library").click()
    page.get_by_label("Search on line 1").fill("otters")
    page.get_by_label("Search on line 2").fill("winter")
    page.get_by_label("Search on line 3").fill("#1 AND #2")
    check()
    page.get_by_role("button", name="Save and run").click()
    expect(page.get_by_role("row", name=COMBINED)).to_be_visible()
    check()
    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_role("main")).to_contain_text("the same as on")
    page.get_by_role("link", name="Choose results and write notes").click()
    page.get_by_role("button", name="Choose Reed").click()
    page.get_by_label("Note on result 1").fill("They swim.")
    check()
    page.get_by_role("button", name="Save notes").click()
    page.get_by_role("link", name="Back to the search").click()
    page.get_by_role("button", name="Finish search").click()
    expect(page.get_by_role("main")).to_contain_text("They swim.")
    check()


@both_ways
def test_a_search_goes_from_the_question_to_the_report_of_the_asker(page, axe, script):
    wrong: list[str] = []

    def check() -> None:
        if script:
            wrong.extend(faults(page, axe))
        page.wait_for_load_state()
        # Nothing is wider than the screen.
        width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert script or page.evaluate(width) <= 0

    question = f"What is known about otters in winter? {'Twice' if script else 'Once'}"
    thread = ask_for_search(page, question)
    sign_in(page, "editor")
    page.goto("/staff/enquiries/")
    page.get_by_role("link", name=question).click()
    search_until_finished(page, check, script)
    page.goto("/staff/enquiries/")
    page.get_by_role("link", name=question).click()
    page.get_by_label("Answer", exact=True).fill("Our report is attached.")
    if script:
        expect(page.locator("#stored")).to_contain_text("Draft stored")
        page.reload()
        expect(page.get_by_label("Answer", exact=True)).to_have_value("Our report is attached.")
        check()
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_role("main")).to_contain_text("answer sent")
    expect(page.get_by_label("Answer", exact=True)).to_have_value("")
    page.context.clear_cookies()
    page.goto(thread)
    check()
    report = page.get_by_role("article").last.get_by_role("link", name="PDF")
    answer = page.request.get(report.get_attribute("href"))
    assert answer.body().startswith(b"%PDF")
    assert wrong == []


@both_ways
def test_anybody_pastes_references_and_sees_which_exist(page, axe, script):
    page.goto("/ask/")
    page.get_by_role("link", name="check them yourself").click()
    page.get_by_label("References").fill(REFERENCES)
    page.wait_for_timeout(2_100)
    page.get_by_role("button", name="Check references").click()
    expect(page.get_by_role("status")).to_contain_text(
        "1 found, 1 found with differences, 1 not found."
    )
    expect(page.get_by_role("row", name=YEARS)).to_be_visible()
    assert faults(page, axe) == [] if script else True
    page.get_by_role("link", name="Otters and the river").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Otters and the river")
