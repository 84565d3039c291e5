"""The second factor in pages: adding one, signing in with it, and what does not go round it."""

import re
from datetime import timedelta

import pyotp
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.accounts.test_second_factor import app_code
from tests.factories import make_person
from tests.web.test_pages import see
from waymark.accounts.models import Role, SecondFactor
from waymark.accounts.services import add_factor, reset_password
from waymark.pipeline.mail.account_links import choose_password, invite_again

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
NEW = "four calm grey stones"
SALT = "b" * 64
CODES = re.compile(r"<code>([a-z2-9]{5}-[a-z2-9]{5})</code>")


@pytest.fixture
def ann():
    return make_person(Role.EDITOR, name="ann")


@pytest.fixture
def codes(ann):
    """Recovery codes of Ann's second factor, added some minutes ago."""
    then = timezone.now() - timedelta(minutes=5)
    values = {"salt": SALT, "code": app_code(SALT, then), "password": PASSWORD, "keep": None}
    return add_factor(**values, by=ann, now=then)


def password_step(client, password=PASSWORD, **more):
    return client.post(reverse("sign-in"), {"name": "ann", "password": password, **more})


def code_step(client, code):
    return client.post(reverse("second-step"), {"code": code})


def is_signed_in(client):
    return client.get(reverse("account")).status_code == 200


def test_a_second_factor_is_added_with_a_code_of_the_app_and_gives_recovery_codes(client, ann):
    other = Client()
    for one in (client, other):
        password_step(one)
    page = reverse("second-factor")
    assert "None: add one" in see(client, reverse("account"))
    assert "Add a second factor" in see(client, page)
    answer = client.get(page)
    assert '<div role="img"' in answer.content.decode()
    assert "<svg" in answer.content.decode()
    signed = answer.context["form"]["salt"].value()
    key = answer.context["secret"].replace(" ", "")
    assert f"{key[:4]} {key[4:8]}" in answer.content.decode()
    # The app takes the key from the page.
    sent = {"salt": signed, "code": pyotp.TOTP(key).now(), "password": "wrong"}
    refused = client.post(page, sent)
    assert refused.status_code == 400
    assert "The current password is incorrect" in refused.content.decode()
    assert refused.context["secret"] == answer.context["secret"], "the app needs no new key"
    added = client.post(page, sent | {"password": PASSWORD})
    assert len(CODES.findall(added.content.decode())) == 10
    assert is_signed_in(client)
    assert not is_signed_in(other)
    assert "You have 10 recovery codes left." in see(client, page)


def test_the_salt_of_another_persons_page_is_not_taken(client, ann):
    make_person(name="ben")
    theirs = Client()
    theirs.force_login(make_person(name="eve"))
    signed = theirs.get(reverse("second-factor")).context["form"]["salt"].value()
    client.force_login(ann)
    answer = client.post(reverse("second-factor"), {"salt": signed})
    assert answer.context["form"]["salt"].value() != signed


def test_signing_in_asks_for_the_code_after_the_password(client, ann, codes):
    wanted = reverse("own-sessions")
    assert password_step(client, next=wanted).url == reverse("second-step")
    assert not is_signed_in(client)
    assert "Enter a code" in see(client, reverse("second-step"))
    wrong = code_step(client, "000000")
    assert wrong.status_code == 400
    assert "This code is wrong or has been used." in wrong.content.decode()
    before = client.cookies["sessionid"].value
    assert code_step(client, app_code(SALT, timezone.now())).url == wanted
    assert is_signed_in(client)
    assert client.cookies["sessionid"].value != before
    assert code_step(Client(), app_code(SALT, timezone.now())).url == reverse("sign-in")


def test_a_recovery_code_signs_in(client, ann, codes):
    password_step(client)
    assert code_step(client, codes[0]).url == reverse("my-work")
    assert is_signed_in(client)


def test_the_code_must_follow_within_10_minutes_and_before_the_password_changes(
    client, ann, codes, monkeypatch
):
    password_step(client)
    reset_password(person=ann, new=NEW, by=None, now=timezone.now())
    assert code_step(client, codes[0]).url == reverse("sign-in")
    password_step(client, NEW)
    later = timezone.now() + timedelta(minutes=10)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert code_step(client, codes[0]).url == reverse("sign-in")
    assert not is_signed_in(client)


def test_a_link_for_a_new_password_does_not_go_round_the_second_factor(client, ann, codes):
    link = invite_again(person=ann, by=None, now=timezone.now()).link
    token = link.rstrip("/").rpartition("/")[2]
    choose_password(token=token, new=NEW, now=timezone.now())
    assert SecondFactor.objects.exists()
    assert password_step(client, NEW).url == reverse("second-step")
    assert not is_signed_in(client)


def test_a_role_that_needs_one_is_led_to_adding_it_and_to_nothing_else(client, ann, settings):
    settings.SECOND_FACTOR_ROLES = frozenset({"editor"})
    client.force_login(ann)
    page = reverse("second-factor")
    for name in ("home", "my-work", "account"):
        assert client.get(reverse(name)).url == page, name
    assert "Your role needs a second factor." in see(client, page)
    assert client.get(reverse("password")).status_code == 200
    coder = Client()
    coder.force_login(make_person(Role.CODER))
    assert coder.get(reverse("my-work")).status_code == 200


def test_a_role_that_has_one_works_as_before(client, ann, codes, settings):
    settings.SECOND_FACTOR_ROLES = frozenset({"editor"})
    password_step(client)
    code_step(client, codes[0])
    assert client.get(reverse("my-work")).status_code == 200


def test_recovery_codes_are_renewed_and_the_factor_removed_on_its_page(client, ann, codes):
    client.force_login(ann)
    page = reverse("second-factor")
    elsewhere = Client()
    elsewhere.force_login(ann)
    for wrong in ({"password": "wrong", "code": codes[0]}, {"password": PASSWORD, "code": ""}):
        assert client.post(page, {"do": "renew", **wrong}).status_code == 400
    renewed = client.post(page, {"do": "renew", "password": PASSWORD, "code": codes[0]})
    new = CODES.findall(renewed.content.decode())
    assert len(new) == 10
    assert not set(new) & set(codes)
    wrong = client.post(page, {"do": "remove", "password": PASSWORD, "code": codes[0]})
    assert "wrong or has been used" in wrong.content.decode()
    sent = {"do": "remove", "password": PASSWORD, "code": new[0]}
    assert client.post(page, sent).url == reverse("account")
    assert not SecondFactor.objects.exists()
    assert client.get(page).status_code == 200
    assert elsewhere.get(page).status_code == 302  # signed out


def test_an_administrator_removes_a_lost_one_and_the_person_is_signed_out(client, ann, codes):
    client.force_login(make_person(Role.ADMINISTRATOR, name="boss"))
    theirs = Client()
    theirs.force_login(ann)
    page = reverse("manage-account", args=[ann.pk])
    assert "Lost second factor" in see(client, page)
    answer = client.post(page, {"action": "remove-factor"}, follow=True)
    assert "The second factor of ann is removed." in answer.content.decode()
    assert not is_signed_in(theirs)
    assert password_step(Client()).url == reverse("my-work")
