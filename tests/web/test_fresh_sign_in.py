"""Grave acts ask for the password again, keep what was sent, and go on."""

from datetime import timedelta

import html5lib
import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from tests.factories import make_person
from waymark.accounts.models import Role
from waymark.accounts.queries import find_account
from waymark.accounts.sessions import CONFIRMED
from waymark.web.middleware.fresh_sign_in import GRAVE

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture
def ann():
    return make_person(Role.CODER, name="ann")


@pytest.fixture
def administrator(client):
    person = make_person(Role.ADMINISTRATOR, name="admin")
    client.force_login(person)
    return person


def signed_in_ago(client, **ago):
    session = client.session
    session[CONFIRMED] = (timezone.now() - timedelta(**ago)).isoformat()
    session.save()


def grant(client, person, **more):
    sent = {"action": "grant", "role": "editor", **more}
    return client.post(reverse("manage-account", args=[person.pk]), sent)


def has_role(person):
    return Role.EDITOR in find_account(person.username).roles


def test_within_10_minutes_of_signing_in_nothing_is_asked(client, administrator, ann):
    signed_in_ago(client, minutes=9)
    assert grant(client, ann).status_code == 302
    assert has_role(ann)


def test_later_the_password_is_asked_for_and_nothing_is_done_before(client, administrator, ann):
    signed_in_ago(client, minutes=10)
    asked = grant(client, ann)
    assert asked.status_code == 403
    assert "Enter your password again" in asked.content.decode()
    assert asked["Cache-Control"] == "private, no-store"
    assert not has_role(ann)
    wrong = grant(client, ann, confirm_password="wrong")
    assert "The current password is incorrect" in wrong.content.decode()
    assert not has_role(ann)
    assert grant(client, ann, confirm_password=PASSWORD).status_code == 302
    assert has_role(ann)


def test_what_was_sent_is_kept_in_the_form_and_the_password_is_not(client, administrator):
    signed_in_ago(client, minutes=10)
    sent = {"name": 'ben"><b>', "roles": ["coder", "analyst"], "confirm_password": "wrong"}
    answer = client.post(reverse("invite-account") + "?a=1&b=2", sent)
    tree = html5lib.parse(answer.content.decode(), namespaceHTMLElements=False)
    (form,) = [one for one in tree.iter("form") if one.get("action", "").endswith("?a=1&b=2")]
    kept = [
        (one.get("name"), one.get("value"))
        for one in form.iter("input")
        if one.get("name") != "csrfmiddlewaretoken"
    ]
    assert kept == [
        ("name", 'ben"><b>'),
        ("roles", "coder"),
        ("roles", "analyst"),
        ("confirm_passkey", None),
        ("confirm_password", None),
    ]


def test_once_entered_it_is_not_asked_for_again(client, administrator, ann):
    signed_in_ago(client, minutes=10)
    grant(client, ann, confirm_password=PASSWORD)
    withdrawn = client.post(
        reverse("manage-account", args=[ann.pk]), {"action": "withdraw", "role": "editor"}
    )
    assert withdrawn.status_code == 302
    assert not has_role(ann)


def test_wrong_passwords_lead_to_a_pause(client, administrator, ann):
    signed_in_ago(client, minutes=10)
    for _ in range(5):
        grant(client, ann, confirm_password="wrong")
    paused = grant(client, ann, confirm_password=PASSWORD)
    assert "Wait 1 minute" in paused.content.decode()
    assert not has_role(ann)


def test_a_session_of_an_earlier_version_is_asked(client, administrator, ann):
    session = client.session
    del session[CONFIRMED]
    session.save()
    assert grant(client, ann).status_code == 403


def test_looking_and_other_buttons_ask_for_nothing(client, administrator, ann):
    signed_in_ago(client, hours=1)
    assert client.get(reverse("manage-account", args=[ann.pk])).status_code == 200
    assert client.post(reverse("own-sessions"), {"do": "others"}).status_code == 302
    # A button of the page of a subscriber that erases nothing.
    other = client.post(reverse("subscriber", args=[999_999]), {"action": "stop"})
    assert "Enter your password again" not in other.content.decode()
    erase = client.post(reverse("subscriber", args=[999_999]), {"action": "erase"})
    assert "Enter your password again" in erase.content.decode()


def test_visitors_are_led_to_signing_in(ann):
    answer = grant(Client(), ann)
    assert answer.url.startswith(reverse("sign-in"))


@pytest.mark.parametrize("name", GRAVE)
def test_every_page_of_the_list_exists(name):
    assert get_resolver().reverse_dict.getlist(name), name


@pytest.mark.parametrize(
    ("name", "args", "button"),
    [
        ("bulk-preview", ["reviews"], ""),
        ("course-state", ["first-steps"], ""),
        ("publish-highlight", [], "publish"),
        ("publish-highlight", [], "withdraw"),
        ("edit-answer", ["sleep"], "publish"),
        ("edit-answer", ["sleep"], "withdraw"),
        ("edit-topic", ["sleep"], "withdraw"),
        ("edit-alert-item", [1], "withdraw"),
        ("edit-other-overview", ["wales-2020"], "list"),
        ("edit-other-overview", ["wales-2020"], "unlist"),
    ],
)
def test_whatever_publishes_or_withdraws_asks_for_the_password(
    client, administrator, name, args, button
):
    signed_in_ago(client, minutes=10)
    asked = client.post(reverse(name, args=args), {"do": button})
    assert asked.status_code == 403
    assert "Enter your password again" in asked.content.decode()
