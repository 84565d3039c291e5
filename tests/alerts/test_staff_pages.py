"""Subscribers for staff: counts, state and reason, history; no export and no address in a list."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.alerts.subscribing import LIBRARY, WEEKLY, ask, subscribe
from tests.alerts.test_subscription_pages import words
from tests.factories import NOON, make_person
from tests.web.test_pages import strictly
from waymark.accounts.models import Role
from waymark.alerts.models import SignUp, Subscriber
from waymark.alerts.services.erasure import erase_address
from waymark.alerts.services.subscriptions import stop_all, stop_undeliverable
from waymark.mail.models import Letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    client = Client()
    client.force_login(make_person(Role.CATALOGUER, name="cat"))
    return client


@pytest.fixture
def people():
    """One subscriber in each state, and one who confirmed and asked again."""
    subscribe("ann@a.example", WEEKLY, LIBRARY)
    ask("ben@a.example")
    bounced = subscribe("cat@a.example")
    stop_undeliverable(subscriber=bounced, reason="no such mailbox", now=NOON)
    stop_all(by=None, token=subscribe("dan@a.example").token, now=NOON)
    subscribe("eve@a.example")
    erase_address(by=None, address="eve@a.example", now=NOON)
    subscribe("fay@a.example")
    ask("fay@a.example", LIBRARY)
    return {row.address[:3]: row for row in Subscriber.objects.all()}


def test_confirmed_and_unconfirmed_are_counted_apart(staff, people):
    text = words(staff.get(reverse("subscribers")))
    assert "Confirmed 2 Not confirmed 1 Stopped 2 Erased 1" in text
    assert "Weekly alert 2 New in the library 1 Case reviews update 0" in text


def test_the_list_names_nobody_in_full_and_says_why_somebody_is_stopped(staff, people):
    text = words(staff.get(reverse("subscribers")))
    assert "ann@a.example" not in text
    assert "a…@a.example" in text
    assert "Stopped no such mailbox" in text
    assert "Stopped asked to stop all alerts" in text
    only = words(staff.get(reverse("subscribers"), {"state": "unconfirmed"}))
    assert "b…@a.example" in only
    assert "a…@a.example" not in only
    assert "a…@a.example" in words(staff.get(reverse("subscribers"), {"q": "nobody"}))
    wrong = words(staff.get(reverse("subscribers"), {"state": "none"}))
    assert "there is no “none”. Choose a value from the list." in wrong


def test_a_subscriber_is_found_by_the_exact_address_in_any_spelling(staff, people):
    address = reverse("find-subscriber")
    found = staff.post(address, {"address": " ANN@a.example."})
    assert found["Location"] == reverse("subscriber", args=[people["ann"].pk])
    for wrong in ("an", "ann@", "a.example", "ann@b.example", ""):
        answer = staff.post(address, {"address": wrong}, follow=True)
        assert "Nobody subscribes with this address" in words(answer), wrong


def test_the_page_of_a_subscriber_shows_consent_alerts_and_history(staff, people):
    text = words(staff.get(reverse("subscriber", args=[people["ann"].pk])))
    assert "ann@a.example" in text
    assert "4 May 2026, 13:00 Weekly alert, New in the library On the website 2026-11" in text
    assert "Confirmed, by visitor" in text
    waiting = words(staff.get(reverse("subscriber", args=[people["ben"].pk])))
    assert "has not been confirmed" in waiting
    assert "Consent None." in waiting


def test_a_person_undoes_a_stop_after_a_bounce_but_not_the_stop_of_the_subscriber(staff, people):
    bounced, left = people["cat"], people["dan"]
    assert "Undo the stop" in words(staff.get(reverse("subscriber", args=[bounced.pk])))
    assert "Undo the stop" not in words(staff.get(reverse("subscriber", args=[left.pk])))
    for person in (bounced, left):
        staff.post(reverse("subscriber", args=[person.pk]), {"action": "undo"})
        person.refresh_from_db()
    assert (bounced.stopped_at, bool(left.stopped_at)) == (None, True)
    text = words(staff.get(reverse("subscriber", args=[bounced.pk])))
    assert "Stop undone , by cat" in text.replace("undone,", "undone ,")
    assert "could not be delivered (no such mailbox), by operator" in text


def test_staff_stop_and_erase_a_person_who_asked(staff, people):
    address = reverse("subscriber", args=[people["ann"].pk])
    staff.post(address, {"action": "stop"})
    people["ann"].refresh_from_db()
    assert people["ann"].stopped_because == "asked to stop all alerts"
    refused = staff.post(address, {"action": "erase"}, follow=True)
    assert "tick the box" in words(refused)
    staff.post(address, {"action": "erase", "sure": "yes"})
    people["ann"].refresh_from_db()
    assert people["ann"].address == ""
    assert "Erased" in words(staff.get(address))
    assert staff.post(address, {"action": "x"}, follow=True).status_code == 200


def test_a_caller_is_signed_up_and_gets_the_letter(staff):
    page = staff.get(reverse("add-subscriber"))
    assert "Read this to them" in words(page)
    values = {"email": "ann@a.example", "source": "phone", "lists": ["weekly"]}
    answer = staff.post(reverse("add-subscriber"), values, follow=True)
    assert "We have emailed this person a link" in words(answer)
    record = SignUp.objects.get()
    assert (record.source, record.recorded_by.username) == ("phone", "cat")
    assert Letter.objects.get().to == "ann@a.example"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"source": ""}, "Choose how they asked."),
        ({"lists": []}, "Choose at least one alert."),
        ({"email": "ann"}, "Enter an email address"),
    ],
)
def test_a_sign_up_of_a_caller_that_lacks_something_is_shown_again(staff, changed, message):
    values = {"email": "ann@a.example", "source": "phone", "lists": ["weekly"], **changed}
    answer = staff.post(reverse("add-subscriber"), values)
    assert answer.status_code == 400
    assert message in words(answer)


def test_staff_cannot_add_an_erased_address_again(staff):
    erase_address(by=None, address="ann@a.example", now=timezone.now())
    values = {"email": "ann@a.example", "source": "email", "lists": ["weekly"]}
    answer = staff.post(reverse("add-subscriber"), values)
    assert answer.status_code == 400
    assert "had it erased" in words(answer)


@pytest.mark.parametrize("role", [None, Role.READER, Role.CODER, Role.ANALYST])
def test_nobody_else_sees_subscribers(people, role):
    client = Client()
    if role:
        client.force_login(make_person(role))
    number = people["ann"].pk
    refused = 403 if role else 302
    for address in (
        reverse("subscribers"),
        reverse("add-subscriber"),
        reverse("subscriber", args=[number]),
    ):
        assert client.get(address).status_code == refused
        assert client.post(address, {"action": "erase", "sure": "yes"}).status_code in {
            refused,
            405,
        }
    assert client.post(reverse("find-subscriber"), {"address": "ann@a.example"}).status_code == (
        refused
    )
    people["ann"].refresh_from_db()
    assert people["ann"].address == "ann@a.example"


def test_every_page_is_whole(staff, people):
    strictly(staff.get(reverse("subscribers")))
    strictly(staff.get(reverse("add-subscriber")))
    strictly(staff.post(reverse("add-subscriber"), {}))
    for person in people.values():
        strictly(staff.get(reverse("subscriber", args=[person.pk])))


def test_the_list_asks_as_many_queries_for_many_subscribers_as_for_few(
    staff, django_assert_max_num_queries
):
    for number in range(24):
        subscribe(f"p{number}@a.example", WEEKLY, LIBRARY)
    with django_assert_max_num_queries(30):
        page = staff.get(reverse("subscribers"))
    assert len(re.findall(r"<th scope=\"row\"><a ", page.content.decode())) == 24
