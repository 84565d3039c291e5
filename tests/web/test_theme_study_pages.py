"""Theme studies and silence reports on the site: listed apart, with their cautions."""

import pytest
from django.urls import reverse

from tests.factories import make_person
from tests.web.test_overview_pages import SPEC, given_out
from tests.web.test_pages import see
from waymark.accounts.models import Role
from waymark.overview.models import Overview
from waymark.overview.queries.overviews import latest_version
from waymark.overview.spec.schema import read_overview

pytestmark = pytest.mark.django_db
STUDY = SPEC.replace("overview: small\n", "overview: study\nkind: theme-study\n").replace(
    "select:", "theme: {code: prac.communication}\nselect:"
)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def study(coded):
    return given_out(STUDY)


def test_a_theme_study_is_in_its_own_list_and_in_no_other(client, study):
    address = reverse("overview", args=["study"])
    assert address in client.get(reverse("theme-studies")).content.decode()
    for name in ("overviews", "silence-reports"):
        assert address not in client.get(reverse(name)).content.decode(), name
    assert address in client.get("/sitemap.xml").content.decode()


def test_its_page_begins_with_what_it_cannot_tell(client, study):
    page = see(client, reverse("overview", args=["study"]))
    assert "it cannot tell which family is at risk" in page
    assert "Cite this theme study" in page
    chapter = see(client, reverse("overview-chapter", args=["study", "methodology"]))
    assert "No statistical tests are made" in chapter


def test_the_lists_say_when_they_are_empty(client, db):
    assert "No theme studies have been published yet." in see(client, reverse("theme-studies"))
    assert "No silence reports have been published yet." in see(client, reverse("silence-reports"))


def test_an_analyst_starts_a_theme_study_by_choosing_its_theme(client, coded):
    client.force_login(make_person(Role.ANALYST))
    new = {
        "base": "builtin:theme-study",
        "title": "Neglect",
        "slug": "neglect",
        "query": "year:1900-",
    }
    refused = client.post(reverse("new-overview"), new)
    assert refused.status_code == 400
    assert "Choose the theme of the study." in refused.content.decode()
    made = client.post(reverse("new-overview"), {**new, "theme": "factor:fac.neglect"})
    assert made.status_code == 302
    source = latest_version(Overview.objects.get(slug="neglect")).spec
    spec, _ = read_overview(source, file="neglect.yaml")
    assert (spec.kind, spec.theme.factor) == ("theme-study", "fac.neglect")
    form = client.get(reverse("edit-table", args=["neglect", "T6"])).content.decode()
    assert "The theme of this theme study" in form
