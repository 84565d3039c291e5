"""Sign-in by an organisation in a real browser, under the content security policy of the site.

The site is localhost and the provider 127.0.0.1: to a browser two sites, as in use.
"""

import time

import pytest
from playwright.sync_api import expect

from tests.web.openid_provider import CLIENT, KEY, SECRET, running_provider
from tests.web.small_site import small_site
from tests.web.test_alert_journey import faults

pytestmark = pytest.mark.browser

ROWS = """
import os
import django
django.setup()
from django.conf import settings
from django.utils import timezone
from tests.factories import make_person
from waymark.accounts.models import Role
from waymark.accounts.services import add_invitation, link_organisation
now, issuer = timezone.now(), os.environ["WAYMARK_OIDC_ISSUER"]
ann = make_person(Role.EDITOR, name="ann")
link_organisation(person=ann, issuer=issuer, subject="subject-ann", by=None, now=now)
ben = make_person(Role.CODER, name="ben")
made = add_invitation(person=ben, by=None, now=now)
(settings.DATA / "token").write_text(made.token)
"""


@pytest.fixture(scope="module")
def provider():
    with running_provider() as server:
        yield server


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("organisation")


@pytest.fixture(scope="module")
def site(provider, folder):
    named = {"ISSUER": provider.issuer, "CLIENT_ID": CLIENT, "CLIENT_SECRET": SECRET}
    named |= {"NAME": "Ash Council", "PRIVATE_HOSTS": "127.0.0.1"}
    settings = {f"WAYMARK_OIDC_{name}": value for name, value in named.items()}
    with small_site(folder, ROWS, host="localhost", **settings) as address:
        yield address


@pytest.fixture
def page(chromium, site, provider):
    """A window, and what its console said was wrong. The provider knows who sits there as ann."""
    provider.signing, provider.now = KEY, int(time.time())
    provider.claims = {"sub": "subject-ann"}
    context = chromium.new_context(base_url=site)
    context.set_default_timeout(20_000)
    window = context.new_page()
    errors: list[str] = []
    window.on("console", lambda line: errors.append(line.text))
    yield window
    context.close()
    assert [line for line in errors if "status of 403" not in line] == []


def heading(page):
    return page.get_by_role("heading", level=1)


def test_a_person_signs_in_by_the_organisation_and_comes_to_the_page_they_asked_for(page, axe):
    page.goto("/staff/resources/")
    wrong = faults(page, axe)
    page.get_by_role("link", name="Sign in by Ash Council").click()
    page.wait_for_url("**/staff/resources/")
    expect(page.get_by_role("button", name="Sign out").first).to_be_visible()
    assert wrong == []


def test_an_invitation_leads_by_the_organisation_and_links_the_account(page, provider, folder, axe):
    provider.claims = {"sub": "subject-ben"}
    page.goto(f"/account/link/{(folder / 'data' / 'token').read_text()}/")
    page.get_by_role("button", name="Use that account").click()
    expect(page.get_by_text("will be linked to the account ben here")).to_be_visible()
    wrong = faults(page, axe)
    page.get_by_role("link", name="Go on to Ash Council").click()
    expect(page.get_by_role("button", name="Sign out").first).to_be_visible()
    page.context.clear_cookies()
    page.goto("/sign-in/")
    page.get_by_role("link", name="Sign in by Ash Council").click()
    expect(page.get_by_role("button", name="Sign out").first).to_be_visible()
    assert wrong == []


def test_a_stranger_reads_what_to_do(page, provider, axe):
    provider.claims = {"sub": "subject-of-nobody"}
    page.goto("/sign-in/")
    page.get_by_role("link", name="Sign in by Ash Council").click()
    expect(page.get_by_role("main")).to_contain_text("subject-of-nobody")
    assert faults(page, axe) == []
