"""The audit log as administrators read it: who did what to which record, and when."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import NOON, make_person, make_review
from tests.web.test_pages import see, strictly, words_of
from waymark.accounts.audit import record_entry
from waymark.accounts.audit_log import AuditSearch, audit_page
from waymark.accounts.content_state import ContentCache
from waymark.accounts.models import AuditEntry, Role, State
from waymark.accounts.permissions import ALLOWED
from waymark.core.errors import NotPermitted

pytestmark = pytest.mark.django_db
LOG = reverse("audit-log")


@pytest.fixture
def administrator(client):
    person = make_person(Role.ADMINISTRATOR, name="admin")
    client.force_login(person)
    return person


def enter(number=1, *, actor=None, action="set state", subject="review T1", day=0, **detail):
    now = NOON + timedelta(days=day)
    for _ in range(number):
        record_entry(actor=actor, action=action, subject=subject, now=now, **detail)


def rows(client, query=""):
    tree = strictly(client.get(LOG + query))
    return [[words_of(cell) for cell in row] for body in tree.iter("tbody") for row in body]


def test_the_log_says_who_did_what_to_which_record_and_when(client, administrator):
    make_review("T1", title="Child T1")
    make_review("T2", title="Withdrawn T2", state=State.WITHDRAWN)
    enter(actor=make_person(name="anna"))
    enter(action="withdraw", subject="review T2")
    assert rows(client) == [
        ["4 May 2026, 13:00", "operator", "Withdraw", "Review T2"],
        ["4 May 2026, 13:00", "anna", "Set state", "Review T1: Child T1"],
    ]


def test_the_page_shows_no_details_of_an_entry(client, administrator):
    enter(reason="The mother is Siobhan Example.", file="Siobhan.pdf")
    page = client.get(LOG).content.decode()
    assert "Siobhan" not in page
    assert AuditEntry.objects.get().digest not in page


def test_entries_are_chosen_by_person_action_record_and_days(client, administrator):
    anna = make_person(name="anna")
    enter(actor=anna, subject="review T1", day=0)
    enter(actor=anna, action="catalogue", subject="resource guide-1", day=1)
    enter(action="create account", subject="account anna", day=2)

    def subjects(query):
        return [row[3] for row in rows(client, query)]

    assert subjects("?person=anna") == ["Resource guide-1", "Review T1"]
    assert subjects("?person=operator") == ["Account anna"]
    assert subjects("?action=catalogue") == ["Resource guide-1"]
    assert subjects("?about=t1") == ["Review T1"]
    assert subjects("?about=account+anna") == ["Account anna"]
    assert subjects("?first=2026-05-05&last=2026-05-05") == ["Resource guide-1"]
    assert subjects("?first=2026-05-05") == ["Account anna", "Resource guide-1"]
    assert subjects("?person=anna&last=2026-05-04") == ["Review T1"]
    assert "No entries match." in see(client, LOG + "?about=T9")
    see(client, LOG + "?before=x", status=404)


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("?person=nobody", "person", "No entry is by “nobody”. Choose a person from the list."),
        ("?action=fly", "action", "No entry has the action “fly”."),
        ("?first=5+May", "first", "“5 May” is not a date. Enter a date such as 2026-05-04."),
        ("?first=2026-05-05&last=2026-05-04", "last", "The last day is before the first day."),
    ],
)
def test_a_filter_that_can_match_nothing_is_told_at_its_field(
    client, administrator, query, field, message
):
    enter()
    answer = client.get(LOG + query)
    assert answer.status_code == 400
    tree = strictly(answer)
    assert message in words_of(tree.find(".//div[@role='alert']"))
    (control,) = [row for row in tree.iter() if row.get("name") == field]
    assert control.get("aria-invalid") == "true"
    assert f"{control.get('id')}-problem" == control.get("aria-describedby")
    assert rows(client, query) == []


def test_the_log_comes_in_pages_that_new_entries_do_not_move(client, administrator):
    for number in range(1, 121):
        enter(subject=f"review T{number}", day=number // 50)

    def page(query):
        tree = strictly(client.get(LOG + query))
        links = {words_of(link): link.get("href") for link in tree.iter("a")}
        return [row[3] for row in rows(client, query)], links

    first, links = page("")
    assert first == [f"Review T{number}" for number in range(120, 70, -1)]
    assert "Newer entries" not in links
    older = links["Older entries"].removeprefix(LOG)
    enter(subject="review T121", day=9)
    second, links = page(older)
    assert second == [f"Review T{number}" for number in range(70, 20, -1)]
    third, _ = page(links["Older entries"].removeprefix(LOG))
    assert third == [f"Review T{number}" for number in range(20, 0, -1)]
    back, links = page(links["Newer entries"].removeprefix(LOG))
    assert back == first
    assert "Newer entries" in links
    assert "Review T121" in page(links["Newest entries"].removeprefix(LOG))[0]


def test_the_log_asks_as_many_queries_for_fifty_records_as_for_two(client, administrator):
    def queries():
        ContentCache.clear_all()
        with CaptureQueriesContext(connection) as captured:
            client.get(LOG)
        return len(captured)

    for number in range(2):
        enter(subject=make_review(f"T{number}").audit_subject())
    client.get(LOG)
    few = queries()
    for number in range(2, 50):
        enter(subject=make_review(f"T{number}").audit_subject(), action=f"action {number}")
    assert queries() == few


def test_only_administrators_read_the_log(client):
    assert ALLOWED["read the audit log"] == {Role.ADMINISTRATOR}
    for role in set(Role) - {Role.ADMINISTRATOR}:
        person = make_person(role)
        with pytest.raises(NotPermitted):
            audit_page(person, AuditSearch(), size=5)
        client.force_login(person)
        see(client, LOG, status=403)
