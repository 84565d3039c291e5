"""The desk in a real browser: answers for everyone, copies and gaps."""

import re

import pytest
from playwright.sync_api import expect

from tests.web.test_alert_journey import PASSWORD, faults, mailing_site, patient, sign_in
from tests.web.test_browser import both_ways

pytestmark = pytest.mark.browser
__all__ = ["mailing_site", "patient"]

ROWS = f"""
import django
django.setup()
from django.utils import timezone
from waymark.accounts.models import Role, State
from waymark.accounts.services import create_account
from waymark.library.catalogue.resource_description import ResourceDescription
from waymark.library.services import add_resource, set_resource_state
now = timezone.now()
for name, role in (("author", Role.CATALOGUER), ("editor", Role.EDITOR)):
    create_account(
        name=name, password={PASSWORD!r}, roles=[role], full_name=name, by=None, now=now
    )
described = ResourceDescription(kind="research-report", title="Visits that were missed")
resource = add_resource(by=None, description=described, key="missed", now=now)
set_resource_state(by=None, resource=resource, state=State.PUBLISHED, now=now)
"""


@pytest.fixture(scope="module")
def desk_site(mailing_site):
    mailing_site.run(ROWS)
    return mailing_site


class Journey:
    """Windows of one site, with what axe-core says of the pages."""

    def __init__(self, chromium, site, axe, *, script: bool) -> None:
        self.chromium, self.site, self.axe, self.script = chromium, site, axe, script
        self.wrong: list[str] = []

    def window(self, name: str = ""):
        context = self.chromium.new_context(
            base_url=self.site.address, java_script_enabled=self.script, bypass_csp=True
        )
        page = context.new_page()
        if name:
            sign_in(page, name)
        return page

    def check(self, page) -> None:
        if self.script:
            self.wrong += faults(page, self.axe)


@pytest.fixture
def journey(chromium, desk_site, axe, patient, script):
    return Journey(chromium, desk_site, axe, script=script)


def _ask(page, text: str, *, phone: str = "01632 960 123") -> None:
    page.goto("/ask/")
    page.get_by_label("A question", exact=True).check()
    page.get_by_label("Your question").fill(text)
    page.get_by_label("Telephone number").fill(phone)
    page.wait_for_timeout(2_100)  # as long as a form takes at least
    page.get_by_role("button", name="Send question").click()


@both_ways
def test_an_answer_is_written_approved_found_offered_and_withdrawn(journey, script):
    word = "autumn" if script else "winter"
    question = f"What do reviews say about health visits in {word}?"
    asker = journey.window()
    _ask(asker, f"I wonder about visits in {word}. What is known?")
    expect(asker.get_by_role("main")).to_contain_text("We have your message.")
    author = journey.window("author")
    author.goto("/staff/enquiries/")
    author.get_by_role("link", name=re.compile(f"visits in {word}")).click()
    author.get_by_label("Answer", exact=True).fill("Visits stopped, says [record missed].")
    author.get_by_role("button", name="Send answer").click()
    author.get_by_role("link", name="Write an answer for everyone").click()
    expect(author.get_by_label("Answer")).to_have_value("Visits stopped, says [record missed].")
    journey.check(author)
    author.get_by_label("Question").fill(question)
    author.get_by_role("button", name="Save answer").click()
    expect(author.get_by_role("main")).to_contain_text("Another person than its author")
    journey.check(author)
    editor = journey.window("editor")
    editor.goto("/staff/answers/?approved=no")
    journey.check(editor)
    editor.get_by_role("link", name=question).click()
    editor.get_by_role("button", name="Approve and publish answer").click()
    expect(editor.get_by_role("main")).to_contain_text("Published")
    reader = journey.window()
    reader.goto("/answers/")
    journey.check(reader)
    reader.get_by_role("link", name=question).click()
    expect(reader.get_by_role("main")).to_contain_text("Visits stopped, says [1].")
    expect(reader.get_by_role("link", name="Visits that were missed").first).to_be_visible()
    journey.check(reader)
    for _ in range(30):  # until the worker has indexed it
        _ask(reader, f"Please, what about health visits in {word}, in reviews?", phone="01632 961")
        if "answered similar" in reader.get_by_role("heading", level=1).inner_text():
            break
    expect(reader.get_by_role("heading", level=1)).to_have_text(
        "We answered similar questions before"
    )
    journey.check(reader)
    reader.get_by_role("button", name="Change my question").click()
    expect(reader.get_by_label("Your question")).to_have_value(re.compile(f"visits in {word}"))
    editor.get_by_label("Reason").fill("It was wrong.")
    editor.get_by_role("button", name="Withdraw answer").click()
    expect(editor.get_by_role("main")).to_contain_text("Withdrawn")
    reader.goto("/answers/")
    expect(reader.get_by_role("link", name=question)).to_have_count(0)
    assert journey.wrong == []


@both_ways
def test_a_copy_is_asked_for_and_what_is_missing_is_on_the_gap_list(journey, script):
    name = "Ann" if script else "Bea"
    reader = journey.window()
    reader.goto("/resources/missed/")
    reader.get_by_role("link", name="Ask for a copy or a loan").click()
    journey.check(reader)
    reader.get_by_label("A copy of a part").check()
    reader.get_by_label("Telephone number").fill("01632 960 123")
    reader.get_by_label("Part that you need").fill("Chapter 3")
    reader.get_by_label("Name").fill(name)
    reader.wait_for_timeout(2_100)
    reader.get_by_role("button", name="Send request").click()
    expect(reader.get_by_role("alert")).to_contain_text("Confirm each point of the declaration")
    reader.get_by_label("I confirm each of these points").check()
    reader.get_by_role("button", name="Send request").click()
    expect(reader.get_by_role("main")).to_contain_text("We have your message.")
    reference = reader.url.split("/ask/")[1].split("/")[0]
    editor = journey.window("editor")
    editor.goto(f"/staff/enquiries/{reference}/")
    expect(editor.get_by_role("main")).to_contain_text("Chapter 3. Declaration")
    editor.get_by_label("What the library does not have").fill(f"A guide for {name}a, 1998")
    editor.get_by_role("button", name="Add to gap list").click()
    journey.check(editor)
    editor.get_by_role("link", name=f"A guide for {name}a, 1998").click()
    editor.get_by_label("Added", exact=True).check()
    editor.get_by_label("Record that was added").fill("missed")
    editor.get_by_role("button", name="Save state").click()
    expect(editor.get_by_role("main")).to_contain_text("Added since")
    journey.check(editor)
    editor.goto("/staff/gaps/")
    journey.check(editor)
    editor.goto("/staff/resources/missed/holdings/")
    journey.check(editor)
    editor.get_by_label("Held by a library").check()
    editor.get_by_label("Library or site").fill(f"{name} library")
    editor.get_by_role("button", name="Add place").click()
    reader.goto("/resources/missed/")
    expect(reader.get_by_role("main")).to_contain_text(f"Held by a library: {name} library")
    journey.check(reader)
    assert journey.wrong == []
