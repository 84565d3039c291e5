"""The number of database queries of a page of the workspace does not depend on its rows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.briefings.writing import ABOUT, make_briefing
from tests.factories import NOON, make_person, make_report, make_review
from tests.library.conftest import shelve
from waymark.accounts.models import Role, State
from waymark.alerts.models import Candidate
from waymark.briefings.services import add_briefing, save_briefing_text
from waymark.library.models import ServiceNotice
from waymark.library.services.topics import add_topic
from waymark.library.topics.description import TopicDescription

pytestmark = pytest.mark.django_db
FEW, MANY = 2, 12
PAGES = {
    "/staff/": 22,
    "/staff/alerts/inbox/": 16,
    "/staff/alerts/lists/": 20,
    "/staff/briefings/": 24,
    "/staff/find-and-quote/?q=nobody+asked": 24,
    "/staff/keeping/": 16,
    "/staff/my-work/": 30,
    "/staff/notices/": 12,
    "/staff/overviews/": 20,
    "/staff/subjects/": 12,
    "/staff/topics/": 20,
    "/staff/reviews/B1/record/": 47,
}
"""Address -> most queries that it may ask, when what it caches is cached."""


@pytest.fixture
def editor(client, framework, settings, tmp_path):
    settings.DATA = tmp_path
    person = make_person(Role.EDITOR, Role.ANALYST, Role.CATALOGUER, name="eddie")
    client.force_login(person)
    return person


def add_rows(person, small, first, last):
    """More of everything that the pages list."""
    stopped, letters, _ = small.keys
    for number in range(first, last):
        manuscript = add_briefing(
            by=person, kind="briefing", slug=f"b{number}", about=ABOUT, now=NOON
        )
        for slot, key in (("issues", stopped), ("learning", letters)):
            text = f"Words. [@{key}]"
            save_briefing_text(
                by=person, manuscript=manuscript, slot=slot, text=text, base=0, now=NOON
            )
        Candidate.objects.create(title=f"Candidate {number}", gathered_at=NOON)
        ServiceNotice.objects.create(text=f"Notice {number}", first_day=NOON, added_at=NOON)
        review = make_review(f"I{number}", state=State.INTERNAL)
        make_report(review, "Nobody asked.", state=State.INTERNAL)
        shelve(review)
        description = TopicDescription(f"Topic {number}", "About it.", ("asked",), (), ())
        add_topic(by=None, key=f"t{number}", description=description, now=NOON)


def queries(client):
    return {page: min(queries_of(client, page) for _ in range(3)) for page in PAGES}


def queries_of(client, page):
    """One time of three something cached may have run out; the first time it is filled."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(page).status_code == 200, page
    return len(captured)


def test_no_staff_page_asks_more_queries_of_twelve_rows_than_of_two(client, editor):
    small = make_briefing()
    shelve(*(report.review for report in small.reports))
    add_rows(editor, small, 0, FEW)
    few = queries(client)
    add_rows(editor, small, FEW, MANY)
    assert queries(client) == few
    assert {page: number for page, number in few.items() if number > PAGES[page]} == {}
