"""A subscriber's whole way in a real browser: sign up, confirm, receive, change, unsubscribe.

The site is a new installation that `waymark serve` serves; it sends by a real mail server.
"""

import os
import queue
import re
import socket
import subprocess
import sys
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import expect

from tests.alerts.feed_server import feed_server
from tests.databases import environment_for
from tests.new_installations import new_installation
from tests.web.axe import RUN_AXE
from tests.web.conftest import _wait_for
from tests.web.test_browser import STANDARDS, both_ways

pytestmark = pytest.mark.browser

APPROVE = """
import django
django.setup()
from django.utils import timezone
from waymark.alerts.models import AlertIssue, IssueItem
now = timezone.now()
number = AlertIssue.objects.count() + 1
issue = AlertIssue.objects.create(
    alert_list="weekly", number=number, title=f"Weekly alert {number}", first_day=now.date(),
    last_day=now.date(), created_at=now, approved_at=now,
)
IssueItem.objects.create(issue=issue, position=1, heading="Safer sleep", summary="New advice.")
"""


PASSWORD = "correct horse battery"
PEOPLE = f"""
import django
django.setup()
from django.utils import timezone
from waymark.accounts.models import Role
from waymark.accounts.services import create_account
for name, role in (("keeper", Role.ADMINISTRATOR), ("editor", Role.EDITOR)):
    create_account(
        name=name, password={PASSWORD!r}, roles=[role], full_name=name, by=None, now=timezone.now()
    )
"""


class Mailbox:
    """A mail server whose letters a test takes one after the other."""

    def __init__(self) -> None:
        self.letters: queue.Queue[EmailMessage] = queue.Queue()

    async def handle_DATA(self, server, session, envelope):
        self.letters.put(message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    def take(self) -> EmailMessage:
        return self.letters.get(timeout=60)


@dataclass(frozen=True)
class MailingSite:
    """A running site with its mail server."""

    address: str
    mailbox: Mailbox
    environment: dict[str, str]

    def approve_issue(self) -> None:
        """Approve an issue of the weekly alert with one item."""
        self.run(APPROVE)

    def run(self, source: str) -> None:
        """Run Python on the installation."""
        subprocess.run([sys.executable, "-c", source], env=self.environment, check=True)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def mailing_site(tmp_path_factory):
    data = new_installation(tmp_path_factory.mktemp("alerts") / "data")
    mailbox, port = Mailbox(), free_port()
    office = Controller(mailbox, hostname="127.0.0.1", port=free_port(), ready_timeout=60)
    office.start()
    address = f"http://127.0.0.1:{port}"
    environment = environment_for(data) | {
        "DJANGO_SETTINGS_MODULE": "waymark.settings",
        "WAYMARK_MAIL_FROM": "library@waymark.example",
        "WAYMARK_SMTP_URL": f"smtp://127.0.0.1:{office.port}",
        "WAYMARK_SITE_ADDRESS": address,
        "WAYMARK_FEED_PRIVATE_HOSTS": "localhost",
        "PATH": os.environ["PATH"],
    }
    program = str(Path(sys.executable).with_name("waymark"))
    serving = subprocess.Popen([program, "serve", "--port", str(port)], env=environment)
    try:
        _wait_for(port, serving)
        yield MailingSite(address, mailbox, environment)
    finally:
        serving.terminate()
        serving.wait(timeout=30)
        office.stop()


def link_in(letter: EmailMessage, part: str) -> str:
    """The address in the text of a letter whose path begins so."""
    text = letter.get_body(("plain",)).get_content()
    return re.search(rf"http://\S+/alerts/{part}/\S+", text)[0]


def faults(page, axe) -> list[str]:
    """What axe-core says is wrong with the page."""
    page.evaluate(axe)
    found = page.evaluate(RUN_AXE, {"type": "tag", "values": STANDARDS})
    return [f"{page.url} {one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]]


@pytest.fixture
def patient():
    """The worker looks for letters once in a second, and other tests run beside."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


@both_ways
def test_a_person_signs_up_confirms_receives_changes_and_unsubscribes(
    chromium, mailing_site, patient, axe, script
):
    address = f"ann{'' if script else '2'}@a.example"
    context = chromium.new_context(
        base_url=mailing_site.address, java_script_enabled=script, bypass_csp=True
    )
    page, mailbox = context.new_page(), mailing_site.mailbox
    wrong: list[str] = []

    def check() -> None:
        if script:
            wrong.extend(faults(page, axe))

    page.goto("/")
    page.get_by_role("link", name="Alerts", exact=True).first.click()
    check()
    page.get_by_label("Email address").fill(address)
    page.get_by_label("Weekly alert").check()
    # The form takes nobody for a person who sends it within two seconds.
    page.wait_for_timeout(2_500)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")

    page.goto(link_in(mailbox.take(), "confirm"))
    check()
    expect(page.get_by_role("button")).to_have_count(1)
    page.get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your alerts are confirmed")

    mailing_site.approve_issue()
    issue = mailbox.take()
    assert issue["To"].addresses[0].addr_spec == address
    assert "Safer sleep" in issue.get_body(("plain",)).get_content()
    page.goto(link_in(issue, "preferences"))
    check()
    page.get_by_label("New in the library").check()
    page.get_by_role("button", name="Save choices").click()
    expect(page.get_by_text("Your choices are saved.")).to_be_visible()
    expect(page.get_by_label("New in the library")).to_be_checked()

    page.goto(link_in(issue, "unsubscribe"))
    check()
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Unsubscribed")
    page.get_by_role("link", name="Change what you receive").click()
    expect(page.get_by_label("Weekly alert")).not_to_be_checked()
    expect(page.get_by_label("New in the library")).to_be_checked()
    assert wrong == []
    context.close()


def sign_in(page, name: str) -> None:
    page.context.clear_cookies()
    page.goto("/sign-in/")
    page.get_by_label("Account name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Sign in")


NEWS = {
    True: ("Agency", "/atom", "Safer sleep & babies"),
    False: ("Statistics", "/rss", "Annual statistics on child protection plans"),
}
"""With and without script -> a publisher, the path of its feed, and what is in it."""


@pytest.fixture(scope="module")
def staffed_site(mailing_site):
    mailing_site.run(PEOPLE)
    return mailing_site


@both_ways
def test_news_is_gathered_chosen_edited_previewed_and_approved(
    chromium, staffed_site, patient, axe, script
):
    publisher, path, heading = NEWS[script]
    context = chromium.new_context(
        base_url=staffed_site.address, bypass_csp=True, java_script_enabled=script
    )
    page = context.new_page()
    wrong: list[str] = []

    def look() -> None:
        # axe-core is a script itself.
        if script:
            wrong.extend(faults(page, axe))

    with feed_server() as server:
        sign_in(page, "keeper")
        page.goto("/staff/alerts/feeds/")
        page.get_by_label("Name of the publisher").fill(publisher)
        page.get_by_label("Address of the feed").fill(server.address(path))
        page.get_by_role("button", name="Add feed").click()
        # The worker fetches the feed.
        for _ in range(40):
            page.reload()
            if page.get_by_text("Not yet").count() == 0:
                break
            page.wait_for_timeout(500)
        look()
    sign_in(page, "editor")
    page.get_by_role("link", name="Weekly alert").first.click()
    look()
    page.get_by_role("button", name=f"Choose {heading}", exact=True).click()
    page.get_by_role("link", name="Open the draft").click()
    page.get_by_role("link", name=heading).click()
    page.get_by_label("Summary").fill("A report on advice for families.")
    page.get_by_role("button", name="Save").click()
    look()
    page.get_by_role("link", name="Preview and approve").click()
    look()
    preview = page.url
    page.get_by_role("link", name="Open the email").click()
    expect(page.get_by_text("A report on advice for families.")).to_be_visible()
    look()
    page.goto(preview)
    page.get_by_role("button", name="Approve and send").click()
    expect(page.get_by_role("alert")).to_contain_text("Confirm each point")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Approve and send").click()
    page.get_by_role("link", name="See it on the site").click()
    expect(page.get_by_role("link", name=heading)).to_be_visible()
    look()
    assert wrong == []
    context.close()
