"""What was typed is not lost when the session ends meanwhile, or the token of a form is stale."""

from datetime import timedelta

import html5lib
import pyotp
import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_person
from waymark.accounts.models import Role, SecondFactor
from waymark.accounts.second_factor import new_salt, secret_of
from waymark.accounts.services import add_invitation
from waymark.setting_values import OrganisationSignIn
from waymark.web.shared.kept_forms import kept_form

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
HERE = {"origin": "http://testserver"}
TYPED = "The visits stopped in May.\r\n\r\nNobody asked “why”: <b>five</b> weeks & more."
PAGE = reverse("add-topic")
SENT = {"name": "Infants", "summary": TYPED, "do": "save", "about": ["one", "two"]}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The data folder of this test."""
    settings.DATA = tmp_path


@pytest.fixture
def editor(db):
    return make_person(Role.EDITOR, name="eddie")


def fields_of(answer, action):
    """Names and values of the hidden fields of the form that goes to an address."""
    tree = html5lib.parse(answer.content.decode(), namespaceHTMLElements=False)
    (form,) = [one for one in tree.iter("form") if one.get("action") == action]
    hidden = [one for one in form.iter("input") if one.get("type") == "hidden"]
    return [(one.get("name"), one.get("value")) for one in hidden]


def kept_in(answer):
    return dict(fields_of(answer, reverse("sign-in")))["kept"]


def sign_in(client, kept, **more):
    sent = {"name": "eddie", "password": PASSWORD, "kept": kept, **more}
    return client.post(reverse("sign-in"), sent, headers=HERE)


def test_a_form_sent_after_the_session_ended_asks_to_sign_in_and_keeps_it(client, editor):
    answer = client.post(f"{PAGE}?a=1&b=2", SENT, headers=HERE)
    assert answer.status_code == 403
    assert answer["Cache-Control"] == "private, no-store"
    page = answer.content.decode()
    assert "You are signed out. What you entered has not been saved yet, and is kept" in page
    assert kept_form(kept_in(answer)).fields == (
        ("name", "Infants"),
        ("summary", TYPED),
        ("do", "save"),
        ("about", "one"),
        ("about", "two"),
    )


def test_after_signing_in_a_button_sends_it_to_where_it_was_going(client, editor):
    kept = kept_in(client.post(f"{PAGE}?a=1&b=2", SENT, headers=HERE))
    wrong = sign_in(client, kept, password="wrong")
    assert kept_in(wrong) == kept
    again = sign_in(client, kept)
    sent = fields_of(again, f"{PAGE}?a=1&b=2")[1:]
    assert sent == [
        ("name", "Infants"),
        # Parsers of HTML read each new line as one character; a browser sends it as two again.
        ("summary", TYPED.replace("\r\n", "\n")),
        ("do", "save"),
        ("about", "one"),
        ("about", "two"),
    ]
    assert client.get(reverse("account")).status_code == 200


def test_a_second_factor_is_asked_for_in_between(client, editor):
    salt = new_salt()
    SecondFactor.objects.create(person=editor, salt=salt, last_step=0, added_at=timezone.now())
    step = sign_in(client, kept_in(client.post(PAGE, SENT, headers=HERE)))
    assert client.get(reverse("account")).status_code == 302
    kept = dict(fields_of(step, reverse("second-step")))["kept"]
    code = pyotp.TOTP(secret_of(salt)).now()
    again = client.post(reverse("second-step"), {"code": code, "kept": kept}, headers=HERE)
    assert ("name", "Infants") in fields_of(again, PAGE)


def test_a_second_step_that_took_too_long_keeps_it_too(client, editor, monkeypatch):
    salt, now = new_salt(), timezone.now()
    SecondFactor.objects.create(person=editor, salt=salt, last_step=0, added_at=now)
    kept = kept_in(client.post(PAGE, SENT, headers=HERE))
    sign_in(client, kept)
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(minutes=11))
    late = client.post(reverse("second-step"), {"code": "1", "kept": kept}, headers=HERE)
    assert kept_in(late) == kept


def test_no_password_comes_back_in_a_page(client):
    token = add_invitation(person=make_person(name="ben"), by=None, now=timezone.now()).token
    strict = Client(enforce_csrf_checks=True)
    new = "a long new password of more than forty characters"
    sent = {"new_password": new, "new_password_again": new}
    answer = strict.post(reverse("account-link", args=[token]), sent, headers=HERE)
    assert answer.status_code == 403
    assert new not in answer.content.decode()


def test_a_stale_token_keeps_it_too(editor):
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    again = client.post(PAGE, SENT, headers=HERE)
    assert again.status_code == 403
    (token, *sent) = fields_of(again, PAGE)
    assert sent[0] == ("name", "Infants")
    answer = client.post(PAGE, {**SENT, token[0]: token[1]}, headers=HERE)
    assert "Send the form again" not in answer.content.decode()


def test_who_has_signed_in_in_another_window_goes_on_without_a_password(client, editor):
    kept = kept_in(client.post(PAGE, SENT, headers=HERE))
    client.force_login(editor)
    again = client.post(reverse("sign-in"), {"kept": kept}, headers=HERE)
    assert ("name", "Infants") in fields_of(again, PAGE)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(editor)
    again = strict.post(reverse("sign-in"), {"kept": kept, "password": ""}, headers=HERE)
    assert ("name", "Infants") in fields_of(again, PAGE)
    assert strict.post(reverse("sign-in"), {"kept": kept}).status_code == 403


def test_people_of_an_organisation_sign_in_in_another_window_and_keep_what_they_typed(
    client, editor, settings
):
    settings.ORGANISATION_SIGN_IN = OrganisationSignIn("https://id.example", "waymark", "secret")
    page = client.post(PAGE, SENT, headers=HERE).content.decode()
    assert 'target="_blank"' in page
    assert "I have signed in in the other window" in page
    assert 'target="_blank"' not in client.get(reverse("sign-in")).content.decode()


@pytest.mark.parametrize("origin", ["https://example.org", "null", ""])
def test_nothing_of_another_site_is_kept(editor, origin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    answer = client.post(PAGE, SENT, headers={"origin": origin} if origin else {})
    assert answer.status_code == 403
    assert "Infants" not in answer.content.decode()
    signed_out = Client().post(PAGE, SENT, headers={"origin": origin} if origin else {})
    assert b"Infants" not in signed_out.content
    assert signed_out.status_code == 302


def test_passwords_are_not_kept(client):
    sent = {"old_password": "one two three", "new_password1": "x"}
    assert client.post(reverse("password"), sent, headers=HERE).status_code == 302


def test_a_kept_form_that_someone_else_made_is_ignored(client, editor):
    answer = sign_in(client, "made:up:text")
    assert answer["Location"] == reverse("my-work")


def test_a_kept_form_ends_after_twelve_hours(client, editor, monkeypatch):
    kept = kept_in(client.post(PAGE, SENT, headers=HERE))
    made = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: made + 12 * 3_600 - 5)
    assert kept_form(kept) is not None
    monkeypatch.setattr(signing.time, "time", lambda: made + 12 * 3_600 + 5)
    assert kept_form(kept) is None


def test_a_long_text_is_kept_where_someone_has_signed_in_before(client, editor):
    long = SENT | {"summary": "x" * 100_000}
    assert client.post(PAGE, long, headers=HERE).status_code == 413
    sign_in(client, "")
    client.post(reverse("sign-out"))
    assert "kept" in dict(fields_of(client.post(PAGE, long, headers=HERE), reverse("sign-in")))
