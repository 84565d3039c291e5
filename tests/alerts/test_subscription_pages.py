"""Pages of the alerts: sign up, confirm, change, unsubscribe, erase; without a password."""

import re

import pytest
from django.core import signing
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.alerts.subscribing import LIBRARY, WEEKLY, subscribe
from tests.web.test_pages import strictly
from waymark.alerts.choices import search_choice, topic_choice
from waymark.alerts.models import AlertIssue, SignUp, Subscriber, Subscription
from waymark.alerts.services import subscriptions
from waymark.library.services.topics import add_topic
from waymark.library.topics.description import TopicDescription
from waymark.mail.models import Letter
from waymark.web.shared import form_guard

pytestmark = pytest.mark.django_db


@pytest.fixture
def topic():
    return add_topic(
        by=None,
        key="neglect",
        description=TopicDescription(
            name="Neglect", summary="Needs that are not met.", words=("neglect",)
        ),
        now=timezone.now(),
    )


def words(answer) -> str:
    """The text of a page."""
    text = re.sub(r"<(script|style|head).*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def send(client=None, **changed):
    """Send the form of the page Alerts."""
    values = {
        "email": "ann@a.example",
        "lists": ["weekly"],
        "started": form_guard.started_token(ago=60),
        **changed,
    }
    return (client or Client()).post(reverse("alerts"), values)


def current(subscriber) -> list[str]:
    return sorted(str(row) for row in subscriber.subscriptions.filter(ended_at=None))


# ---- sign up ----


def test_the_page_says_what_each_list_is_and_how_often(client):
    text = words(client.get(reverse("alerts")))
    for part in ("Weekly alert", "New in the library", "Every week", "Every month"):
        assert part in text
    assert "Last issue" not in text


def test_a_sign_up_is_answered_alike_whatever_the_address_is(client):
    subscribe("known@a.example")
    answers = [
        words(send(email=address)).replace(address, "X")
        for address in ("known@a.example", "new@a.example", "new@a.example")
    ]
    assert len(set(answers)) == 1
    assert "Check your email" in answers[0]


def test_a_link_from_a_topic_and_a_search_keeps_the_choice(client, topic):
    query = "q=infants&nation=England"
    page = client.get(reverse("alerts"), {"topic": ["neglect", "none"], "search": query})
    form = page.content.decode()
    assert re.search(r'<input[^>]*value="neglect"[^>]*checked', form)
    assert "infants, with 1 filter" in form
    searches = re.search(r'name="searches" value="([^"]+)"', form)[1].replace("&amp;", "&")
    send(lists=[], topics=["neglect"], searches=[searches], frequency="monthly")
    record = SignUp.objects.get()
    assert record.followed_frequency == "monthly"
    assert [row["alert_list"] for row in record.choices] == ["topics", "searches"]
    assert [row["name"] for row in record.choices] == ["Neglect", "infants, with 1 filter"]
    assert record.choices[1]["search"] == "?q=infants&nation=England"


def test_the_same_search_is_followed_once_whatever_its_order_and_page(client):
    spellings = ("q=infants&sort=title", "?q=infants&page=3", "q=infants")
    page = client.get(reverse("alerts"), {"search": spellings})
    assert page.content.decode().count('name="searches"') == 1


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"email": ""}, "Enter an email address"),
        ({"email": "änn@a.example"}, "Enter an email address"),
        ({"email": "ann@straße.example"}, "Enter an email address"),
        ({"lists": []}, "Choose at least one alert."),
        ({"homepage": "https://b.example"}, "Leave this field empty"),
        ({"started": ""}, "send the form again"),
        ({"started": "forged"}, "send the form again"),
    ],
)
def test_a_form_with_an_error_is_shown_again_and_nothing_is_stored(changed, message):
    answer = send(**changed)
    assert answer.status_code == 400
    assert message in words(answer)
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("seconds", [0, 25 * 3_600])
def test_a_form_that_comes_back_at_once_or_the_next_day_is_shown_again(seconds):
    answer = send(started=form_guard.started_token(ago=seconds))
    assert answer.status_code == 400
    assert 'value="ann@a.example"' in answer.content.decode()
    assert not Letter.objects.exists()


def test_a_form_needs_its_token(client):
    forger = Client(enforce_csrf_checks=True)
    assert send(forger).status_code == 403


def test_a_flood_from_one_ipv6_network_is_one_sender(settings):
    for number in range(50):
        client = Client(REMOTE_ADDR=f"2001:db8:0:1::{number:x}")
        assert send(client, email=f"p{number}@a.example").status_code == 200
    same = Client(REMOTE_ADDR="2001:db8:0:1:ffff::1")
    other = Client(REMOTE_ADDR="2001:db8:0:2::1")
    refused = send(same, email="p50@a.example")
    assert refused.status_code == 429
    assert "try again tomorrow" in words(refused)
    assert send(other, email="p51@a.example").status_code == 200


# ---- confirm ----


def test_the_page_of_the_letter_has_one_button_and_nothing_else(client):
    send()
    address = reverse("alert-confirm", args=[SignUp.objects.get().token])
    page = client.get(address)
    html = page.content.decode()
    main = html[html.index("<body>") :]
    assert main.count("<button") == 1
    assert re.findall(r"<(a|input|select)\b", re.sub(r'<input type="hidden"[^>]*>', "", main)) == [
        "a"
    ], "the link to the main content alone"
    assert "Send alerts to ann@a.example" in words(page)
    assert not Subscription.objects.exists(), "GET changes nothing"
    client.head(address)
    assert not Subscription.objects.exists()
    assert "Your alerts are confirmed" in words(client.post(address))
    assert Subscription.objects.count() == 1
    for again in (client.post(address), client.get(address)):
        assert again.status_code == 200
        assert "Already confirmed" in words(again)


def test_an_old_or_unknown_link_leads_to_the_sign_up(client):
    answer = client.post(reverse("alert-confirm", args=["none"]))
    assert answer.status_code == 410
    assert reverse("alerts") in answer.content.decode()


# ---- preferences ----


def test_preferences_are_changed_without_a_password(client, topic):
    person = subscribe("ann@a.example", WEEKLY, search_choice("?q=infants", "infants"))
    address = reverse("alert-preferences", args=[person.token])
    page = client.get(address)
    assert "ann@a.example" in words(page)
    searches = re.search(r'name="searches" value="([^"]+)"', page.content.decode())[1]
    values = {"lists": ["library"], "topics": ["neglect"], "searches": [searches]}
    answer = client.post(address, {**values, "frequency": "monthly"}, follow=True)
    assert "Your choices are saved." in words(answer)
    assert current(person) == ["library", f"searches {searches}", "topics topic neglect"]
    person.refresh_from_db()
    assert person.followed_frequency == "monthly"
    added = SignUp.objects.get(source="preferences")
    assert [row["alert_list"] for row in added.choices] == ["library", "topics"]


def test_a_topic_that_was_withdrawn_stays_among_the_preferences_under_its_name(client):
    person = subscribe("ann@a.example", topic_choice("gone", "A withdrawn topic"))
    page = client.get(reverse("alert-preferences", args=[person.token]))
    assert "A withdrawn topic" in words(page)


def test_all_alerts_are_stopped_with_one_button(client):
    person = subscribe("ann@a.example", WEEKLY, LIBRARY)
    client.post(reverse("alert-stop", args=[person.token]))
    person.refresh_from_db()
    assert (current(person), person.stopped_because) == ([], subscriptions.OWN_STOP)
    client.post(
        reverse("alert-preferences", args=[person.token]),
        {"lists": ["weekly"], "frequency": "weekly"},
    )
    person.refresh_from_db()
    assert (current(person), person.stopped_at) == (["weekly"], None)


def test_another_address_is_confirmed_before_anything_goes_there(client):
    person = subscribe("ann@a.example", WEEKLY)
    client.post(reverse("alert-address", args=[person.token]), {"email": "ann@b.example"})
    person.refresh_from_db()
    assert person.address == "ann@a.example"
    letter = Letter.objects.get(to="ann@b.example")
    client.post(re.search(r"/alerts/confirm/\S+", letter.body)[0])
    person.refresh_from_db()
    assert (person.address, person.address_key) == ("ann@b.example", "ann@b.example")
    assert current(person) == ["weekly"]
    notice = Letter.objects.filter(to="ann@a.example").latest("pk")
    assert "go to another address" in notice.subject
    assert "ann@b.example" not in notice.body


def test_an_address_that_subscribes_already_takes_over_what_the_other_received(client):
    other = subscribe("ann@b.example", LIBRARY)
    person = subscribe("ann@a.example", WEEKLY)
    page = client.post(
        reverse("alert-address", args=[person.token]), {"email": "ANN@b.example"}, follow=True
    )
    assert "We have sent an email to your new address" in words(page)
    letter = Letter.objects.get(to="ANN@b.example")
    client.post(re.search(r"/alerts/confirm/\S+", letter.body)[0])
    assert current(other) == ["library", "weekly"]
    person.refresh_from_db()
    assert (current(person), person.stopped_because) == ([], subscriptions.MOVED)


def test_the_present_address_is_no_other_one(client):
    person = subscribe()
    answer = client.post(reverse("alert-address", args=[person.token]), {"email": "Ann@A.example"})
    assert answer.status_code == 400
    assert "go to this address already" in words(answer)


def test_a_person_erases_themselves_and_their_links_end(client):
    person = subscribe()
    address = reverse("alert-erase", args=[person.token])
    assert "cannot be undone" in words(client.get(address))
    assert Subscriber.objects.get().address == "ann@a.example"
    assert "Your address is erased" in words(client.post(address, follow=True))
    assert Subscriber.objects.get().address == ""
    assert client.get(reverse("alert-preferences", args=[person.token])).status_code == 404


def test_the_link_of_an_unconfirmed_address_opens_nothing(client):
    send()
    person = Subscriber.objects.get()
    assert client.get(reverse("alert-preferences", args=[person.token])).status_code == 404


# ---- unsubscribe: RFC 8058 ----


def leave(person, alert_list="weekly") -> str:
    return reverse("alert-unsubscribe", args=[person.token, alert_list])


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        (b"", "application/x-www-form-urlencoded"),
        (b"", ""),
        (b"\xff\x00 no form at all", "multipart/form-data; boundary=x"),
        (b"{", "application/json"),
    ],
)
def test_a_mail_program_unsubscribes_with_any_body_without_cookie_or_token(body, content_type):
    person = subscribe("ann@a.example", WEEKLY, LIBRARY)
    program = Client(enforce_csrf_checks=True)
    answer = program.generic("POST", leave(person), body, content_type=content_type)
    assert answer.status_code == 200
    assert current(person) == ["library"]


@pytest.mark.parametrize(
    "headers", [{"Transfer-Encoding": "chunked"}, {"Content-Length": str(10**9)}]
)
def test_a_body_of_unknown_or_any_size_is_not_read_and_stops_nobody_from_leaving(headers):
    person = subscribe()
    answer = Client().generic("POST", leave(person), b"", headers=headers)
    assert answer.status_code == 200
    assert current(person) == []


def test_the_answer_is_the_same_for_every_token(client):
    person = subscribe()
    answers = [
        client.post(address).content.decode().replace(token, "X")
        for token in (person.token, person.token, "b" * 43, "none")
        for address in [reverse("alert-unsubscribe", args=[token, "weekly"])]
    ]
    assert len(set(answers)) == 1
    assert current(person) == []


def test_a_program_that_follows_links_unsubscribes_nobody(client):
    person = subscribe()
    page = client.get(leave(person))
    client.head(leave(person))
    assert current(person) == ["weekly"]
    assert 'method="post"' in page.content.decode()
    assert "Unsubscribe from “Weekly alert”" in words(page)


def test_a_fault_of_the_site_is_not_answered_as_if_it_had_worked(client, monkeypatch):
    person = subscribe()

    def fails(**_values: object) -> None:
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(subscriptions, "unsubscribe", fails)
    answer = client.post(leave(person))
    assert (answer.status_code, answer["Retry-After"]) == (503, "120")
    assert current(person) == ["weekly"]


def test_an_unknown_list_is_no_page(client):
    assert client.post(leave(subscribe(), "none")).status_code == 404


def test_every_page_of_a_subscriber_is_whole(client, topic):
    send()
    strictly(client.get(reverse("alert-confirm", args=[SignUp.objects.get().token])))
    strictly(send())
    strictly(send(email=""))
    person = subscribe("ben@a.example", search_choice("?q=infants", "infants & others"))
    address = reverse("alert-address", args=[person.token])
    strictly(client.post(address, {"email": "ben"}))
    for name, more in (
        ("alert-preferences", ()),
        ("alert-erase", ()),
        ("alert-unsubscribe", ("weekly",)),
    ):
        strictly(client.get(reverse(name, args=[person.token, *more])))
    strictly(client.post(leave(person)))
    for name in ("alert-erased", "alert-confirm"):
        strictly(client.get(reverse(name, args=["none"] if name == "alert-confirm" else [])))


def test_no_page_with_a_token_is_stored_or_listed(client):
    person = subscribe()
    for name, more in (
        ("alert-preferences", ()),
        ("alert-erase", ()),
        ("alert-unsubscribe", ("weekly",)),
    ):
        answer = client.get(reverse(name, args=[person.token, *more]))
        assert "no-store" in answer["Cache-Control"], name
        assert answer["X-Robots-Tag"] == "noindex, nofollow", name
        assert answer["Referrer-Policy"] == "same-origin", name


def test_a_link_of_a_person_is_in_no_other_address_on_its_page(client):
    person = subscribe()
    for name, more in (("alert-preferences", ()), ("alert-unsubscribe", ("weekly",))):
        page = client.get(reverse(name, args=[person.token, *more])).content.decode()
        links = re.findall(r'(?:href|action|value)="([^"]*)"', page)
        with_token = [link for link in links if person.token in link]
        assert with_token, name
        assert all(link.startswith("/alerts/") for link in with_token), name


def test_the_last_issue_of_a_list_is_named_with_its_archive(client):
    now = timezone.now()
    for number, approved in ((1, now), (2, now), (3, None)):
        AlertIssue.objects.create(
            alert_list="weekly",
            number=number,
            title=f"Weekly alert {number}",
            first_day=now.date(),
            last_day=now.date(),
            created_at=now,
            approved_at=approved,
        )
    page = client.get(reverse("alerts"))
    assert "Last issue: Weekly alert 2 ," in words(page)
    assert reverse("alert-issue", args=["weekly", 2]) in page.content.decode()
    assert "Weekly alert 3" not in words(page)


def test_the_moment_in_a_form_is_signed_for_forms_alone():
    answer = send(started=signing.dumps(0.0, salt="another"))
    assert answer.status_code == 400
