"""A briefing in a real browser, with JavaScript and without: written, checked, signed, used."""

import pytest
from playwright.sync_api import expect

from tests.web.small_site import small_site
from tests.web.test_alert_journey import PASSWORD, faults, sign_in
from tests.web.test_browser import both_ways

pytestmark = pytest.mark.browser

# The key of the first report that tests.factories makes.
REPORT = "000000000001"
WORDS = "The visits stopped in May. Nobody asked why."
KEY = f"{REPORT}-0-{len(WORDS)}"
ROWS = f"""
import django
django.setup()
from django.utils import timezone
from tests.factories import make_report, make_review
from waymark.accounts.models import Role
from waymark.accounts.services import create_account
for name, role in (("author", Role.CATALOGUER), ("editor", Role.EDITOR)):
    create_account(
        name=name, password={PASSWORD!r}, roles=[role], full_name=name, by=None, now=timezone.now()
    )
make_report(make_review("B1", title="Child Maple"), {WORDS!r})

"""
DATES = {"Date of the search": ("1", "4", "2026"), "To be reviewed on": ("1", "4", "2027")}
NO_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def briefing_site(tmp_path_factory):
    with small_site(tmp_path_factory.mktemp("briefing"), ROWS) as address:
        yield address


class Readers:
    """Windows of the people of a journey, narrow without JavaScript."""

    def __init__(self, chromium, address, axe, *, script: bool) -> None:
        self.chromium, self.address, self.axe, self.script = chromium, address, axe, script
        self.wrong: list[str] = []
        self.contexts = []

    def window(self, name: str = ""):
        context = self.chromium.new_context(
            base_url=self.address,
            java_script_enabled=self.script,
            bypass_csp=True,
            viewport={"width": 1280 if self.script else 320, "height": 860},
        )
        context.set_default_timeout(20_000)
        self.contexts.append(context)
        page = context.new_page()
        if name:
            sign_in(page, name)
        return page

    def check(self, page) -> None:
        page.wait_for_load_state()
        if self.script:
            self.wrong += faults(page, self.axe)
        assert self.script or page.evaluate(NO_OVERFLOW) <= 0


@pytest.fixture
def people(chromium, briefing_site, axe, script):
    readers = Readers(chromium, briefing_site, axe, script=script)
    yield readers
    for context in readers.contexts:
        context.close()


def describe(page, slug: str) -> None:
    page.get_by_role("link", name="Create briefing").click()
    page.get_by_label("Thematic briefing").check()
    page.get_by_label("Web address name").fill(slug)
    page.get_by_label("Title").fill(f"Visits that stop: {slug}")
    page.get_by_label("Audience").fill("health visitors")
    page.get_by_label("How the reviews were selected").fill("Reviews in which visits stopped.")
    page.get_by_label("Reviews read").fill("B1")
    page.get_by_label("Published from the year").fill("2004")
    page.get_by_label("Published to the year").fill("2008")
    for label, parts in DATES.items():
        date = page.get_by_role("group", name=label)
        for part, value in zip(("Day", "Month", "Year"), parts, strict=True):
            date.get_by_label(part).fill(value)
    page.get_by_role("button", name="Create briefing").click()


def write(page, title: str, text: str) -> None:
    page.get_by_role("link", name=title, exact=True).click()
    page.get_by_label("Text", exact=True).fill(text)
    page.get_by_role("button", name="Save text").click()


def back(page, slug: str) -> None:
    page.get_by_label("Breadcrumb").get_by_role("link", name=f"Visits that stop: {slug}").click()


@both_ways
def test_a_briefing_goes_from_its_first_text_to_a_team_that_used_it(people, script):
    slug = "with-script" if script else "without-script"
    written_and_signed_by_its_author(people, slug)
    signed_and_published_by_an_editor(people)
    used_by_a_team(people, slug)
    assert people.wrong == []


def written_and_signed_by_its_author(people, slug):
    author = people.window("author")
    author.goto("/staff/briefings/")
    describe(author, slug)
    people.check(author)
    write(author, "Why the reviews were commissioned", "The visits stopped in May.")
    expect(author.get_by_role("main")).to_contain_text("nothing supports this statement")
    people.check(author)
    author.get_by_label("Text", exact=True).fill(f"The visits stopped in May. [@{KEY}]")
    author.get_by_role("button", name="Save text").click()
    expect(author.get_by_role("main")).not_to_contain_text("nothing supports this statement")
    back(author, slug)
    short = "\n\n".join(f"### Part {part}\n\nWe ask. {{own}}" for part in "ABCDEF")
    texts = {
        "Key issues": f"The visits stopped in May. [@{KEY}]",
        "Learning for improved practice": "Ask why. {own}",
        "Limits": "We read little. {own}",
        "Seven-minute form": f"{short}\n\n### Questions\n\n- Who?\n- When?\n- How?\n",
    }
    for title, text in texts.items():
        write(author, title, text)
        back(author, slug)
    expect(author.get_by_role("main")).to_contain_text("No problems found")
    author.get_by_role("link", name="Check and sign").click()
    expect(author.get_by_role("main")).to_contain_text(WORDS)
    people.check(author)
    author.get_by_role("button", name="Sign as author").click()
    expect(author.get_by_role("main")).to_contain_text("Another person must give the second")
    expect(author.get_by_role("button", name="Publish next edition")).to_have_count(0)


def signed_and_published_by_an_editor(people):
    editor = people.window("editor")
    editor.goto("/staff/briefings/")
    waiting = editor.get_by_role("heading", name="Waiting for your signature")
    waiting.locator("xpath=following-sibling::ul[1]").get_by_role("link").last.click()
    editor.get_by_role("button", name="Sign as editor").click()
    people.check(editor)
    editor.get_by_role("button", name="Publish next edition").click()
    expect(editor.get_by_role("main")).to_contain_text("Edition 1")


def used_by_a_team(people, slug):
    team = people.window()
    team.goto("/briefings/")
    team.get_by_role("link", name=f"Visits that stop: {slug}", exact=True).click()
    team.get_by_role("link", name="Check this briefing").click()
    expect(team.get_by_role("main")).to_contain_text(WORDS)
    team.get_by_role("link", name="Seven minutes").click()
    expect(team.get_by_role("main")).to_contain_text("seven parts and three questions")
    team.get_by_role("link", name="Tell us how you used it").click()
    team.get_by_label("Your team and organisation").fill("Riverside team")
    for part, value in zip(("Day", "Month", "Year"), ("1", "5", "2026"), strict=True):
        team.get_by_label(part, exact=True).fill(value)
    team.get_by_label("What did you change?").fill("We ring on the day.")
    people.check(team)
    team.wait_for_timeout(2_100)  # as long as a form takes at least
    team.get_by_role("button", name="Send record").click()
    people.check(team)

    author = people.window("author")
    author.goto("/staff/briefings/")
    author.get_by_role("link", name="How teams used them (1 waiting)").click()
    people.check(author)
    author.get_by_role("button", name="Show record").click()
    team.goto(f"/briefings/{slug}/")
    expect(team.get_by_role("main")).to_contain_text("We ring on the day.")
