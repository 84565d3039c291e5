"""A recommendation in a real browser, with and without JavaScript: from its proposal to its end."""

import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.databases import environment_for
from tests.web.small_site import small_site
from tests.web.test_alert_journey import PASSWORD
from tests.web.test_briefing_journey import Readers
from tests.web.test_browser import both_ways
from waymark.core.uk_time import UK_TIME

pytestmark = pytest.mark.browser

WORDS = "The Trust should train all health visitors to ask why a visit was missed."
ROWS = f"""
import django
django.setup()
from datetime import date
from django.utils import timezone
from tests.factories import make_report, make_review
from waymark.accounts.models import Role, User
from waymark.accounts.services import create_account
from waymark.bodies.services import BodyAbout, add_body
from waymark.coding.services import assign_coder
from waymark.frameworks.services import builtin_frameworks, load_framework, publish_framework
from waymark.recommendations.services import add_contact
now = timezone.now()
source = builtin_frameworks()[0].read_text("utf-8")
framework = load_framework(by=None, source=source, file="core", now=now)
publish_framework(by=None, framework=framework, now=now)
for name, role in (("coder", Role.CODER), ("keeper", Role.CATALOGUER)):
    create_account(
        name=name, password={PASSWORD!r}, roles=[role], full_name=name, by=None, now=now
    )
trust = add_body(by=None, about=BodyAbout("Ash Trust", listed=True), now=now)
add_contact(by=None, body=trust, address="office@ash.example", now=now)
coder = User.objects.get(username="coder")
for reference, title in (("P1", "Child Maple"), ("P2", "Child Rowan")):
    review = make_review(reference, title=title, completed_on=date(2020, 1, 1))
    make_report(review, "1. " + {WORDS!r}, heading="Recommendations")
    assign_coder(by=None, review=review, framework=framework, coder=coder, now=now)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("recommendations")


@pytest.fixture(scope="module")
def recommendation_site(folder):
    with small_site(folder, ROWS) as address:
        yield address


@pytest.fixture
def people(chromium, recommendation_site, axe, script):
    readers = Readers(chromium, recommendation_site, axe, script=script)
    yield readers
    for context in readers.contexts:
        context.close()


@both_ways
def test_a_recommendation_is_proposed_confirmed_served_answered_chased_and_closed(
    people, folder, script
):
    reference = "P1" if script else "P2"
    confirmed_by_a_coder(people, reference)
    keeper = people.window("keeper")
    served_and_answered(keeper, reference)
    people.check(keeper)
    chased_by_the_ladder(keeper, folder)
    closed_with_evidence(keeper)
    people.check(keeper)
    read_by_everyone(people, reference)
    assert people.wrong == []


def confirmed_by_a_coder(people, reference):
    coder = people.window("coder")
    coder.goto(f"/staff/follow-up/{reference}/propose/")
    expect(coder.locator("blockquote").first).to_contain_text(WORDS)
    people.check(coder)
    coder.get_by_label("What it asks for").select_option("training")
    coder.get_by_label("Of whom").select_option("health")
    coder.get_by_label("Specific").check()
    coder.get_by_role("button", name="Confirm recommendation 1").click()
    expect(coder.get_by_role("status").first).to_contain_text("Recommendation 1 recorded.")
    expect(coder.get_by_role("main")).to_contain_text("Nothing is proposed")


def opened(page, summary):
    """The form under a summary, open."""
    details = page.locator("details").filter(has_text=summary).last
    if details.get_attribute("open") is None:
        details.locator("summary").first.click()
    return details.locator("form")


def enter_day(form, label, days):
    """Enter the day so many days ago."""
    day = datetime.now(UK_TIME) - timedelta(days=days)
    group = form.get_by_role("group", name=label, exact=True)
    for part, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        group.get_by_label(part).fill(str(value))


def recorded(page, kind, days, answer="", text=""):
    form = opened(page, "Record what happened")
    form.get_by_label("What happened").select_option(label=kind)
    enter_day(form, "On", days)
    if answer:
        form.get_by_label("Answer", exact=True).select_option(label=answer)
    form.get_by_label("In words").fill(text)
    form.get_by_role("button", name="Record").click()


def served_and_answered(page, reference):
    page.goto(f"/staff/follow-up/{reference}/1/")
    form = opened(page, "Add an addressee to act")
    form.get_by_label("Who is asked to act").fill("Ash Trust")
    form.get_by_role("button", name="Add").click()
    recorded(page, "Notified", 120)
    expect(page.get_by_role("main")).to_contain_text("Notified, no answer yet")
    # A refusal without its reason is sent back, with all that was entered.
    recorded(page, "Answered", 60, answer="Not accepted")
    expect(page.get_by_role("alert")).to_contain_text("enter the reason", ignore_case=True)
    recorded(page, "Answered", 60, answer="Accepted in part", text="Not for agency staff.")
    expect(page.get_by_role("main")).to_contain_text("Accepted in part, not started")
    form = opened(page, "Add an action")
    form.get_by_label("Action").fill("Train the teams of the north.")
    form.get_by_label("Who does it").fill("Head of nursing")
    enter_day(form, "Due (optional)", 20)
    form.get_by_role("button", name="Add action").click()
    expect(page.get_by_role("main")).to_contain_text("late since")


def chased_by_the_ladder(page, folder):
    program = str(Path(sys.executable).with_name("waymark"))
    environment = environment_for(folder / "data")
    subprocess.run([program, "recommendations", "chase"], env=environment, check=True)
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("email: First reminder")


def closed_with_evidence(page):
    form = opened(page, "Record that an action is done")
    enter_day(form, "Done on", 3)
    form.get_by_label("Evidence").fill("Register of the training days.")
    form.get_by_role("button", name="Record that it is done").click()
    form = opened(page, "Record progress")
    form.get_by_label("Status").select_option(label="Complete")
    form.get_by_label("What changed").select_option(label="Practice changed")
    enter_day(form, "Reported on", 2)
    form.get_by_label(re.compile("^Evidence \\(")).fill("30 of 30 missed visits were asked about.")
    form.get_by_label("Verification").select_option(label="Verified")
    form.get_by_label("Judged by").fill("Audit by the board")
    form.get_by_role("button", name="Record progress").click()
    expect(page.get_by_role("main")).to_contain_text("Complete, verified")


def read_by_everyone(people, reference):
    visitor = people.window()
    visitor.goto("/recommendations/")
    people.check(visitor)
    visitor.get_by_role("link", name="Complete, verified").first.click()
    visitor.get_by_role("link", name="List the recommendations").click()
    title = {"P1": "Child Maple", "P2": "Child Rowan"}[reference]
    visitor.get_by_role("link", name=f"{title}, 1", exact=True).click()
    main = visitor.get_by_role("main")
    for words in (
        *(WORDS, "Accepted in part", "Not for agency staff.", "First reminder"),
        *("Evidence: Register of the training days.", "30 of 30 missed visits were asked about."),
        *("judged by Audit by the board", "Complete, verified"),
    ):
        expect(main).to_contain_text(words)
    expect(main).not_to_contain_text("late since")
    people.check(visitor)
