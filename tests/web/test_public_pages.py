"""The pages every public service has: contact, privacy, terms, complaints, accessibility; exit."""

import re
from datetime import date

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from tests.factories import NOON, make_person, make_review
from tests.library.conftest import make_resource, shelve
from waymark import setting_values as project
from waymark.accounts.models import Role
from waymark.library.models import Resource, ReviewDetails
from waymark.library.services import set_details

pytestmark = pytest.mark.django_db

PAGES = ("contact", "privacy", "terms", "complaints", "accessibility")
MODEL_STATEMENT = (
    "How accessible this site is",
    "Feedback and contact information",
    "Reporting accessibility problems with this site",
    "Enforcement procedure",
    "Technical information about this site's accessibility",
    "Compliance status",
    "Non-accessible content",
    "Non-compliance with the accessibility regulations",
    "Disproportionate burden",
    "Content that's not within the scope of the accessibility regulations",
    "What we're doing to improve accessibility",
    "Preparation of this accessibility statement",
)


def see(client, name):
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def named(settings):
    """An installation that says who runs it."""
    settings.ORGANISATION = "Northshire Learning Partnership"
    settings.ORGANISATION_ADDRESS = "1 Example Street"
    settings.OPENING_HOURS = "Monday to Friday, 9am to 5pm"
    settings.CONTACT_EMAIL = "ask@northshire.example"
    settings.CONTACT_PHONE = "01632 960 001"
    settings.COMPLAINTS_EMAIL = "complaints@northshire.example"


def test_the_footer_leads_to_each_of_them(client):
    home = see(client, "home")
    for name in (*PAGES, "removals"):
        assert f'href="{reverse(name)}"' in home, name


@pytest.mark.parametrize("name", ["contact", "privacy", "complaints", "accessibility"])
def test_they_name_who_runs_the_site_as_the_settings_do(client, named, name):
    assert "Northshire Learning Partnership" in see(client, name)


def test_contact_has_the_hours_the_address_and_a_number_to_call(client, named):
    page = see(client, "contact")
    for text in ("Monday to Friday, 9am to 5pm", "1 Example Street", 'href="tel:01632960001"'):
        assert text in page


def test_without_a_contact_the_page_says_so_and_offers_the_form(client):
    page = see(client, "contact")
    assert "No contact details are set on this site" in page
    assert 'href="/concern/"' in page


def test_complaints_go_to_their_own_address_or_to_the_contact(client, named, settings):
    assert "mailto:complaints@northshire.example" in see(client, "complaints")
    settings.COMPLAINTS_EMAIL = ""
    assert "mailto:ask@northshire.example" in see(client, "complaints")


def test_the_accessibility_statement_has_the_sections_of_the_model_in_their_order(client):
    headings = re.findall(
        r"<h[23]>(.+?)</h[23]>", see(client, "accessibility").replace("\u2019", "'")
    )
    assert [text for text in headings if text in MODEL_STATEMENT] == list(MODEL_STATEMENT)


def test_the_accessibility_statement_has_its_days_and_contacts_from_the_settings(client, settings):
    settings.ACCESSIBILITY_EMAIL = "access@northshire.example"
    settings.ACCESSIBILITY_PHONE = "01632 960 002"
    settings.ACCESSIBILITY_PREPARED = date(2027, 1, 24)
    settings.ACCESSIBILITY_REVIEWED = date(2028, 2, 3)
    page = " ".join(see(client, "accessibility").split())
    assert "prepared on 24 January 2027 and last reviewed on 3 February 2028" in page
    assert "mailto:access@northshire.example" in page
    assert "01632 960 002" in page


def test_a_day_that_is_none_is_refused_by_the_name_of_its_setting(monkeypatch):
    monkeypatch.setenv("WAYMARK_ACCESSIBILITY_REVIEWED", "24 January")
    with pytest.raises(ImproperlyConfigured, match="WAYMARK_ACCESSIBILITY_REVIEWED must be a day"):
        project.day_setting("WAYMARK_ACCESSIBILITY_REVIEWED", date(2026, 1, 1))


def test_privacy_names_each_cookie_and_how_long_a_concern_is_kept(client, settings):
    settings.KEEP_YEARS = 7
    page = see(client, "privacy")
    assert len(re.findall(r'<th scope="row">(?:CSRF|Session)</th>', page)) == 2
    assert "until 90 days after our decision" in page
    assert "7 years" in page


def test_terms_give_the_licence_of_the_data(client, settings):
    assert "no licence is given" in see(client, "terms")
    settings.DATA_LICENCE = "CC-BY-4.0"
    assert "licensed under CC-BY-4.0" in see(client, "terms")


def test_each_item_says_who_holds_the_rights_and_how_it_may_be_reused(client):
    review = make_review("W01")
    shelve(make_resource("wise", title="Wise words"))
    pages = (reverse("review", args=["W01"]), reverse("resource", args=["wise"]))
    for page in pages:
        words = client.get(page).content.decode()
        assert "not known who holds the rights in" in words
        assert "terms not known" in words
    set_details(by=None, review=review, rights_holder="A board", licence="OGL-UK-3.0", now=NOON)
    Resource.objects.update(rights_holder="A press", licence="For teaching only")
    review_page, resource_page = (client.get(page).content.decode() for page in pages)
    assert "A board" in review_page
    assert 'rel="license">Open Government Licence 3.0</a>' in review_page
    assert "A press" in resource_page
    assert "For teaching only" in resource_page


def test_a_cataloguer_enters_the_rights_of_a_review(client):
    make_review("W01", title="A review")
    client.force_login(make_person(Role.CATALOGUER))
    address = reverse("edit-review", args=["W01"])
    seen = re.search(r'name="seen" value="([^"]+)"', client.get(address).content.decode())[1]
    form = {"title": "A review", "seen": seen, "do": "save", "licence": "cc by 4.0"}
    assert client.post(address, form | {"rights_holder": "A board"}).status_code == 302
    assert list(ReviewDetails.objects.values_list("rights_holder", "licence")) == [
        ("A board", "CC-BY-4.0")
    ]


def test_reading_sets_no_cookie(client):
    for name in ("home", "topics", *PAGES):
        assert not client.get(reverse(name)).cookies, name


# ---- exit this page, share ----


def test_a_page_is_left_by_a_link_that_works_without_javascript(client, settings):
    assert "Exit this page" not in see(client, "about")
    settings.EXIT_PAGE = "https://www.example.org/weather"
    page = see(client, "about")
    assert page.count('href="https://www.example.org/weather"') == 1
    # It is reached by the second press of the Tab key, after the link that skips the header.
    body = page[page.index("<body") :]
    assert re.findall(r"<a [^>]*>([^<]+)</a>", body)[:2] == [
        "Skip to main content",
        "Exit this page",
    ]


def test_the_workspace_has_no_exit_button_and_no_form_for_concerns(client, settings):
    settings.EXIT_PAGE = "https://www.example.org/weather"
    client.force_login(make_person(Role.EDITOR))
    page = see(client, "staff")
    assert "Exit this page" not in page
    assert "Report a concern about this page" not in page


@pytest.mark.parametrize("value", ["javascript:alert(1)", "http://a.example", "//a.example", "x"])
def test_an_exit_page_that_is_no_address_is_refused(monkeypatch, value):
    monkeypatch.setenv("WAYMARK_EXIT_PAGE", value)
    with pytest.raises(ImproperlyConfigured, match="WAYMARK_EXIT_PAGE must be an address"):
        project.web_address_setting("WAYMARK_EXIT_PAGE")


def test_a_page_that_may_be_listed_can_be_shared_and_names_no_review(client):
    page = see(client, "about")
    assert "mailto:?subject=Waymark&amp;body=http%3A%2F%2Ftestserver%2Fabout%2F" in page
    assert 'data-copy="Copy link"' in page
    assert "mailto:?" not in see(client, "find")
