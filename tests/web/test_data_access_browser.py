"""Restricted data in a real browser, with and without script: asked for, approved, taken, over."""

import re
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.web.test_browser import both_ways, sign_in
from waymark.core.uk_time import UK_TIME

pytestmark = pytest.mark.browser


def emailed_link(site, address):
    """Path of the private page, from the email to an address that the site has stored."""
    with closing(sqlite3.connect(f"file:{site.data / 'waymark.sqlite3'}?mode=ro", uri=True)) as db:
        (body,) = db.execute('SELECT body FROM library_letter WHERE "to" = ?', [address]).fetchone()
    return re.search(r"/data/access/DA\S+/", body)[0]


def last_day_is(site, reference, day):
    """Let an approval end on a day, as time would."""
    with closing(sqlite3.connect(site.data / "waymark.sqlite3", timeout=20)) as db, db:
        (number,) = db.execute(
            "UPDATE data_access_dataapplication SET expires_on = ? WHERE reference = ? RETURNING 1",
            [day.isoformat(), reference],
        ).fetchone()
        assert number == 1


def apply_for_rows(page, site, address):
    """Apply for all coded records, and confirm the address. The reference of the application."""
    page.goto("/impact/")
    page.get_by_role("link", name="Restricted data").click()
    page.get_by_role("link", name="Apply for restricted data").click()
    for label, value in (
        ("Your name", "Zennor Vale"),
        ("Organisation", "University of Nowhere"),
        ("Email address", address),
        ("What do you need the data for?", "To count how often visits stopped."),
        ("Ethics approval", "Nowhere REC 12/34"),
        ("For how many months?", "3"),
    ):
        page.get_by_label(label).fill(value)
    page.get_by_label(re.compile("^All coded records")).check()
    page.get_by_label("I accept the terms").check()
    page.wait_for_timeout(2_100)  # as long as a form takes at least
    page.get_by_role("button", name="Send application").click()
    assert "/DA" not in page.content()
    page.goto(emailed_link(site, address))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Your application DA")
    page.get_by_role("button", name="Confirm my address").click()
    expect(page.locator("main")).to_contain_text("Two people decide on it")
    return page.get_by_role("heading", level=1).locator(".num").inner_text()


@both_ways
def test_an_application_is_approved_by_two_the_data_is_taken_and_then_refused(window, site, script):
    width = 1280 if script else 390
    applicant = window(script=script, width=width)
    page = applicant.page
    reference = apply_for_rows(page, site, f"zennor.{script}@nowhere.example")
    private = page.url
    until = datetime.now(UK_TIME) + timedelta(days=30)
    for name, button in (("analyst", "Propose approval"), ("editor", "Confirm approval")):
        staff = window(script=script, width=width)
        sign_in(staff, site, name)
        staff.page.goto("/staff/data-access/")
        staff.page.get_by_role("link", name=reference).click()
        expect(staff.page.locator("main")).to_contain_text("address confirmed on")
        if name == "analyst":
            staff.page.get_by_label(re.compile("^Rows of single reviews")).check()
            day = (("Day", until.day), ("Month", until.month), ("Year", until.year))
            for label, value in day:
                staff.page.get_by_role("textbox", name=label, exact=True).fill(str(value))
        staff.page.get_by_role("button", name=button).click()
        expect(staff.page.get_by_role("status").first).to_contain_text("pprov")
        if name == "analyst":
            expect(staff.page.locator("main")).to_contain_text("another person must confirm it")
            expect(staff.page.get_by_role("button", name="Confirm approval")).to_have_count(0)
        assert staff.complaints == []
    page.goto(private)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the data").click()
    assert download.value.suggested_filename == f"{reference}-records.zip"
    page.goto(private)
    expect(page.locator("main")).to_contain_text("SHA-256")
    old = window(script=script, width=width)
    old.page.goto(private)
    last_day_is(site, reference, datetime.now(UK_TIME).date() - timedelta(days=1))
    old.page.get_by_role("button", name="Download the data").click()
    expect(old.page.locator("main")).to_contain_text("Your access has ended: no data was sent.")
    page.goto(private)
    page.get_by_role("button", name="I have destroyed the data").click()
    expect(page.locator("main")).to_contain_text("Your access has ended")
    expect(old.page.get_by_role("button", name="Download the data")).to_have_count(0)
    assert [*applicant.complaints, *old.complaints] == []
