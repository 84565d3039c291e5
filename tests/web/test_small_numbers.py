"""The step of small numbers: which tables cannot be shown, and the buttons that change that."""

import pytest
import yaml
from django.test import Client
from django.urls import reverse

from tests.factories import NOON, make_person
from tests.overview.world import SPEC, make_world
from tests.web.test_pages import see, strictly, words_of
from waymark.accounts.models import Role
from waymark.overview.models import SpecVersion
from waymark.overview.queries.overviews import latest_version, overview_for
from waymark.overview.services import create_overview, freeze_overview
from waymark.pipeline.preview import preview_cache

pytestmark = pytest.mark.django_db

PAGE = reverse("decide", args=["small"])
CHECK = f"{PAGE}?check=1"
REMEDY = reverse("remedy", args=["small"])
PROTECTED = SPEC.replace("profile: open,", "profile: k5,").replace(
    "  - There are {T2/all/n} reviews.", "  - Words alone."
)


@pytest.fixture
def analyst(client, framework, settings, tmp_path):
    settings.DATA = tmp_path
    preview_cache.clear()
    make_world(framework)
    person = make_person(Role.ANALYST, name="ann")
    create_overview(by=person, spec=PROTECTED, file="small.yaml", now=NOON)
    client.force_login(person)
    return person


def refused(client):
    """The tables that the page says cannot be shown, each with its buttons."""
    tree = strictly(client.get(CHECK))
    return {
        section.get("aria-labelledby").removeprefix("refused-"): [
            button.get("value") for button in section.iter("button")
        ]
        for section in tree.findall(".//section[@class='advice']")
    }


def test_tables_are_counted_only_when_somebody_asks(client, analyst):
    assert "Check all tables" in see(client, PAGE)
    assert "cannot be shown under k5" in see(client, CHECK)


def test_each_refused_table_has_its_remedies_and_a_button_removes_the_refusal(client, analyst):
    before = refused(client)
    assert before
    for number, table in enumerate(before, start=1):
        assert before[table][-1] == "leave-out"
        answer = client.post(REMEDY, {"seen": str(number), "table": table, "do": "leave-out"})
        assert answer["Location"] == f"{CHECK}&undo={number + 1}#check"
    assert "All tables can be shown under k5." in see(client, CHECK)
    ids = {
        table["id"]
        for table in yaml.safe_load(latest_version(overview_for("small")).spec)["tables"]
    }
    assert ids == {"T1", "T2", "T3", "T10"} - set(before)


@pytest.mark.parametrize("page", ["sign-report", "draft"])
def test_a_release_that_its_tables_stop_leads_an_analyst_to_the_remedies(client, analyst, page):
    freeze_overview(by=analyst, overview=overview_for("small"), now=NOON)
    address = reverse(page, args=["small"])
    links = [link.get("href") for link in strictly(client.get(address)).iter("a")]
    assert f"{CHECK}#check" in links
    client.force_login(make_person(Role.EDITOR))
    shown = see(client, address)
    assert "An analyst can change this." in shown
    assert CHECK not in shown


@pytest.mark.parametrize(
    "data", [{"table": "T2", "do": "nonsense"}, {"table": "T9", "do": "leave-out"}]
)
def test_a_remedy_that_is_not_offered_changes_nothing_and_says_so(client, analyst, data):
    answer = client.post(REMEDY, {"seen": "1", **data})
    assert answer.status_code == 400
    alert = strictly(answer).find(".//div[@role='alert']")
    assert "does not have this remedy any more" in words_of(alert)
    assert SpecVersion.objects.count() == 1


def test_the_last_remedy_can_be_undone_from_the_page_that_it_led_to(client, analyst):
    text = latest_version(overview_for("small")).spec
    table = next(iter(refused(client)))
    page = client.post(REMEDY, {"seen": "1", "table": table, "do": "leave-out"})["Location"]
    (form,) = [
        form
        for form in strictly(client.get(page)).iter("form")
        if "Undo the last change" in words_of(form)
    ]
    seen = form.find(".//input[@name='seen']").get("value")
    assert client.post(REMEDY, {"seen": seen, "do": "undo"})["Location"] == f"{CHECK}#check"
    version = latest_version(overview_for("small"))
    assert (version.number, version.spec) == (3, text)
    assert table in refused(client)
    # A page from before offers and does nothing any more.
    assert "Undo the last change" not in see(client, page.replace("#check", ""))
    client.post(REMEDY, {"seen": seen, "do": "undo"})
    assert SpecVersion.objects.count() == 3
    client.post(REMEDY, {"seen": "3", "table": table, "do": "leave-out"})
    assert client.post(REMEDY, {"seen": seen, "do": "undo"}).status_code == 400
    assert SpecVersion.objects.count() == 4


def test_a_remedy_for_a_version_that_was_overtaken_changes_nothing(client, analyst):
    client.post(REMEDY, {"seen": "1", "table": "T3", "do": "leave-out"})
    answer = client.post(REMEDY, {"seen": "1", "table": "T2", "do": "leave-out"})
    assert answer.status_code == 400
    assert SpecVersion.objects.count() == 2


def test_an_editor_decides_and_neither_counts_nor_changes_tables(client, analyst):
    client.force_login(make_person(Role.EDITOR))
    assert "Which tables can be shown" not in see(client, CHECK)
    data = {"seen": "1", "table": "T2", "do": "leave-out"}
    assert client.post(REMEDY, data).status_code == 403
    client.logout()
    assert client.post(REMEDY, data)["Location"].startswith("/sign-in/")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(analyst)
    assert strict.post(REMEDY, data).status_code == 403
    assert SpecVersion.objects.count() == 1
