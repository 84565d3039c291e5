"""Indicators, annual report and courses of the demo, built by their services alone."""

import pytest
from django.urls import reverse

from tests.demo.files import DEMO
from tests.factories import make_person
from waymark.accounts.models import Role
from waymark.demo.statistics import publish_annual_report, publish_statistics
from waymark.demo.training import publish_courses
from waymark.indicators.models import Indicator, IndicatorValue
from waymark.publishing.models import Publication
from waymark.training.models import CourseSession

pytestmark = pytest.mark.django_db


@pytest.fixture
def writers(settings, tmp_path):
    settings.DATA = tmp_path
    return {"analyst": make_person(Role.ANALYST), "editor": make_person(Role.EDITOR)}


def test_the_demo_shows_the_figures_of_its_file_and_a_second_build_adds_nothing(client, writers):
    for _ in range(2):
        publish_statistics(DEMO, **writers)
        publish_annual_report(DEMO, **writers)
    published = set(Indicator.objects.filter(state="published").values_list("slug", flat=True))
    assert published == {"registers", "in-care", "in-need", "deaths"}
    assert IndicatorValue.objects.count() == 11
    html = client.get(reverse("indicator", args=["registers"])).content.decode()
    assert "Northern Ireland: 2,334 on 31 March 2024" in html
    assert "2,094" in html
    assert "never added up" in html
    assert "Licence: not known" in html
    edition = Publication.objects.get(kind="annual")
    report = client.get(reverse("annual-report", args=[edition.slug])).content.decode()
    assert "no total for the United Kingdom" in report


def test_courses_of_the_demo_are_moved_and_cancelled(client):
    for _ in range(2):
        publish_courses(DEMO, make_person(Role.CATALOGUER))
    rows = CourseSession.objects.filter(course__slug="recording-a-childs-day-online")
    assert all(row.online for row in rows)
    assert set(CourseSession.objects.values_list("sequence", flat=True)) <= {0, 1}
    if CourseSession.objects.exists():
        assert b"STATUS:CANCELLED" in client.get(reverse("training-calendar")).content
