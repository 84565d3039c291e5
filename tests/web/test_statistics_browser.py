"""Statistics and training in a real browser, with and without script, by the links of the site."""

import re
from datetime import datetime, timedelta

import icalendar
import pytest
from playwright.sync_api import expect

from tests.indicators.invented import MAPPING, TABLE
from tests.web.test_browser import both_ways, sign_in
from waymark.core.uk_time import UK_TIME

pytestmark = pytest.mark.browser


@both_ways
def test_an_indicator_is_imported_corrected_and_cited_as_at_a_day(window, site, script):
    slug = "plans-with-script" if script else "plans-without"
    here = window(script=script, width=1280 if script else 390)
    sign_in(here, site, "analyst")
    page = here.page
    page.goto("/staff/indicators/")
    page.get_by_role("link", name="Import a file").click()
    content = f"{TABLE}\n20x5,Reporting year,National,E92000001,England,,,,,,Plans,1,2,3"
    file = {"name": f"{slug}.csv", "mimeType": "text/csv", "buffer": content.encode()}
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Preview import").click()
    expect(page.locator("main")).to_contain_text("6 of 7 rows can be stored")
    expect(page.locator("main")).to_contain_text("Row 8, column time_period")
    page.get_by_role("textbox", name="Mapping", exact=True).fill(
        MAPPING.replace("children-on-plans", slug)
    )
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("18 new values")
    page.goto(f"/statistics/{slug}/areas/?measure=plans-at31&area=E12000099")
    page.get_by_label("Add up Ashby Mere").check()
    page.get_by_label("Add up Broadwater").check()
    page.get_by_role("button", name="Add up the chosen areas").click()
    expect(page.get_by_role("status").first).to_contain_text("withheld to protect people")
    page.get_by_role("link", name=re.compile("Broadwater")).click()
    page.get_by_role("link", name="Correct this value").click()
    page.get_by_label("Value").fill("39")
    page.get_by_label("Reason").fill("A typing error of the source.")
    page.get_by_role("button", name="Correct value").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Children on a plan: 39")
    expect(page.locator("table")).to_contain_text("A typing error of the source.")
    expect(page.locator("[data-copy='Copy citation']")).to_contain_text("as it was on")
    today = datetime.now(UK_TIME).date().isoformat()
    assert page.url.endswith(f"/on/{today}/")
    assert here.complaints == []


@both_ways
def test_a_course_is_added_changed_and_cancelled_and_its_calendar_follows(window, site, script):
    slug = "course-with-script" if script else "course-without"
    here = window(script=script, width=1280 if script else 390)
    sign_in(here, site, "cataloguer")
    page = here.page
    page.goto("/staff/training/")
    page.get_by_role("link", name="Add a course").click()
    page.get_by_label("Web address name").fill(slug)
    page.get_by_label("Title").fill(f"A {slug}")
    page.get_by_label("Summary").fill("What it is about.")
    page.get_by_label("Provider", exact=True).fill("Far North Partnership")
    page.get_by_role("button", name="Add course").click()
    page.get_by_role("link", name="Add a session").click()
    day = datetime.now(UK_TIME) + timedelta(days=40)
    for label, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        page.get_by_role("textbox", name=label, exact=True).fill(str(value))
    page.get_by_label("Starts").fill("9:30")
    page.get_by_label("Ends").fill("13:00")
    page.get_by_label("Online").check()
    page.get_by_role("button", name="Add session").click()
    page.get_by_role("button", name="Publish course").click()
    assert calendar_of(page, slug) == (0, "CONFIRMED", 9)
    page.get_by_role("link", name=re.compile("9:30")).click()
    page.get_by_label("Starts").fill("10:30")
    page.get_by_role("button", name="Save session").click()
    assert calendar_of(page, slug) == (1, "CONFIRMED", 10)
    page.get_by_role("link", name=re.compile("10:30")).click()
    page.get_by_label("Reason").fill("Too few people booked.")
    page.get_by_role("button", name="Cancel session").click()
    expect(page.get_by_role("status").first).to_contain_text("Session cancelled")
    assert calendar_of(page, slug) == (2, "CANCELLED", 10)
    page.goto(f"/training/{slug}/")
    expect(page.locator("main")).to_contain_text("Too few people booked.")
    assert here.complaints == []


def calendar_of(page, slug):
    """Sequence, status and hour of the only session of a course, as a calendar program gets it."""
    content = page.request.get(f"/training/{slug}/calendar.ics").body()
    (event,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    return event["SEQUENCE"], str(event["STATUS"]), event.start.hour
