"""Passkeys in pages: the challenge of a session, and what the pages say where none can be used."""

import json
import re
from datetime import timedelta

import pyotp
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.accounts.authenticator import Authenticator
from tests.factories import make_person
from tests.web.test_fresh_sign_in import grant, has_role, signed_in_ago
from tests.web.test_pages import see
from tests.web.test_second_factor import CODES, PASSWORD, code_step, is_signed_in, password_step
from waymark.accounts.models import Passkey, Role, SecondFactor
from waymark.web.shared.passkey_forms import question, take_answer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_ADDRESS = "https://waymark.example"
    settings.ALLOWED_HOSTS = ["waymark.example", "testserver"]


@pytest.fixture
def ann():
    return make_person(Role.EDITOR, name="ann")


@pytest.fixture
def client():
    """A browser at the address of the site."""
    return browser()


class SecureClient(Client):
    """A browser that asks by HTTPS."""

    def generic(self, *args, **more):
        return super().generic(*args, **more | {"secure": True})


def browser():
    return SecureClient(SERVER_NAME="waymark.example")


def challenge_of(answer):
    """The challenge that a page hands to the browser."""
    return json.loads(answer.context["question"])["publicKey"]


def add(client, device, name="Phone", **more):
    page = reverse("passkeys")
    text = device.make(challenge_of(client.get(page))).text
    return client.post(page, {"name": name, "password": PASSWORD, "passkey": text, **more})


@pytest.fixture
def phone(ann):
    """The device with Ann's passkey. codes: her recovery codes."""
    device, there = Authenticator(), browser()
    there.force_login(ann)
    device.codes = CODES.findall(add(there, device).content.decode())
    return device


def use_in(client, page, device, **sent):
    """Use a passkey on a page that asks for one."""
    text = device.use(challenge_of(client.get(page))).text
    return client.post(page, {"passkey": text, **sent})


def test_a_passkey_is_added_named_listed_and_signs_in(client, ann):
    device, other = Authenticator(), browser()
    for one in (client, other):
        password_step(one)
    assert "add a passkey" in see(client, reverse("second-factor"))
    assert "You have none." in see(client, reverse("passkeys"))
    added = add(client, device, "My work phone")
    assert len(CODES.findall(added.content.decode())) == 10
    assert is_signed_in(client)
    assert not is_signed_in(other)
    assert "1 passkey: change" in see(client, reverse("account"))
    assert "My work phone" in see(client, reverse("passkeys"))
    assert password_step(other, next=reverse("own-sessions")).url == reverse("second-step")
    assert use_in(other, reverse("second-step"), device).url == reverse("own-sessions")
    assert is_signed_in(other)
    assert add(other, Authenticator("key"), "Key").url == reverse("passkeys"), "no codes again"


def test_what_was_typed_before_the_session_ended_goes_through_the_passkey(client, ann, phone):
    sent = {"name": "Infants", "summary": "The visits stopped in May."}
    here = {"origin": "https://waymark.example"}
    page = client.post(reverse("add-topic"), sent, headers=here).content.decode()
    kept = re.search(r'name="kept" value="([^"]+)"', page)[1]
    step = password_step(client, kept=kept)
    assert step.content.decode().count(f'name="kept" value="{kept}"') == 2, "passkey and code"
    text = phone.use(challenge_of(step)).text
    again = client.post(reverse("second-step"), {"passkey": text, "kept": kept})
    assert "The visits stopped in May." in again.content.decode()
    assert is_signed_in(client)


def test_the_form_says_what_is_missing(client, ann):
    client.force_login(ann)
    page = reverse("passkeys")
    empty = client.post(page, {}).content.decode()
    assert "Enter a name, such as My work phone." in empty
    assert "Enter your current password." in empty
    plain = client.post(page, {"name": "Phone", "password": PASSWORD})
    assert plain.status_code == 400
    assert "It needs a browser with JavaScript." in plain.content.decode()
    wrong = add(client, Authenticator(), password="wrong")
    assert "The current password is incorrect" in wrong.content.decode()
    assert not Passkey.objects.exists()


def test_a_challenge_is_for_one_answer_and_five_minutes(client, ann, phone, monkeypatch):
    page = reverse("second-step")
    password_step(client)
    text = phone.use(challenge_of(client.get(page))).text
    wrong = phone.use({"challenge": "AAAA"}).text
    assert client.post(page, {"passkey": wrong}).status_code == 400
    again = client.post(page, {"passkey": text})
    assert "was not accepted" in again.content.decode(), "the first answer used the challenge up"
    now = timezone.now()
    text = phone.use(challenge_of(client.get(page))).text
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(minutes=5, seconds=1))
    late = client.post(page, {"passkey": text})
    assert "That took too long" in late.content.decode()
    assert not is_signed_in(client)


def test_an_answer_uses_its_challenge_up_also_where_the_page_does_not_ask_again(rf, ann, phone):
    """After an answer that was accepted no page is shown that would have another question."""
    request = rf.get(reverse("second-step"), secure=True, HTTP_HOST="waymark.example")
    request.session = {}
    assert question(request, ann) != ""
    assert take_answer(request, "answer").challenge is not None
    assert take_answer(request, "answer").challenge is None


def test_the_challenge_of_one_session_is_of_no_use_in_another(client, ann, phone):
    page, other = reverse("second-step"), browser()
    for one in (client, other):
        password_step(one)
    text = phone.use(challenge_of(other.get(page))).text
    client.get(page)
    assert client.post(page, {"passkey": text}).status_code == 400
    assert not is_signed_in(client)


def test_the_answer_is_not_shown_again(client, ann, phone):
    password_step(client)
    answer = client.post(reverse("second-step"), {"passkey": "not-an-answer"})
    assert "not-an-answer" not in answer.content.decode()


def test_a_recovery_code_works_in_place_of_a_passkey(client, ann, phone):
    password_step(client)
    page = see(client, reverse("second-step"))
    assert "Use a passkey or a code" in page
    assert "Enter one of your recovery codes." in page
    assert code_step(client, phone.codes[0]).url == reverse("my-work")
    assert is_signed_in(client)


def test_without_javascript_the_pages_say_what_works(client, ann, phone):
    password_step(client)
    step = client.get(reverse("second-step")).content.decode()
    said = "Passkeys need JavaScript, which is off in this browser."
    assert f'<noscript><p class="notes">{said} Enter a code instead.' in step
    client.force_login(ann)
    assert f'<noscript><p class="notice">{said}' in client.get(reverse("passkeys")).content.decode()


def test_at_another_address_the_pages_say_where_passkeys_work(ann, phone):
    elsewhere = Client()  # http://testserver
    password_step(elsewhere)
    step = see(elsewhere, reverse("second-step"))
    assert "Your passkeys work only at https://waymark.example" in step
    elsewhere.force_login(ann)
    made_at = "Passkeys of this site are made and used at https://waymark.example"
    assert made_at in see(elsewhere, reverse("passkeys"))


def test_a_site_without_https_says_that_it_has_none(ann, settings):
    settings.SITE_ADDRESS = "http://192.0.2.1"
    here = Client()
    here.force_login(ann)
    assert "Browsers offer passkeys only for a site that has a name" in see(
        here, reverse("passkeys")
    )
    assert "add a passkey" not in see(here, reverse("second-factor"))


def test_a_passkey_is_removed_with_itself_or_a_code(client, ann, phone):
    client.force_login(ann)
    page = reverse("remove-passkey", args=[Passkey.objects.get().pk])
    assert "Enter a code." in client.post(page, {"password": PASSWORD}).content.decode()
    assert use_in(client, page, phone, password="wrong").status_code == 400
    assert use_in(client, page, phone, password=PASSWORD).url == reverse("passkeys")
    assert not Passkey.objects.exists()
    assert password_step(browser()).url == reverse("my-work")


def test_the_passkey_of_another_person_is_not_found(client, ann, phone):
    client.force_login(make_person(name="ben"))
    page = reverse("remove-passkey", args=[Passkey.objects.get().pk])
    assert client.get(page).status_code == 404
    assert client.post(page, {"password": PASSWORD, "code": "0"}).status_code == 404


def test_an_app_is_added_beside_a_passkey_and_removed_with_it(client, ann, phone):
    client.force_login(ann)
    page = reverse("add-app")
    shown = client.get(page)
    signed, key = shown.context["form"]["salt"].value(), shown.context["secret"].replace(" ", "")
    sent = {"salt": signed, "code": pyotp.TOTP(key).now(), "password": PASSWORD}
    assert client.post(page, sent).url == reverse("second-factor")
    assert client.get(page).url == reverse("second-factor")
    removed = use_in(client, reverse("second-factor"), phone, do="remove", password=PASSWORD)
    assert removed.url == reverse("account")
    assert not SecondFactor.objects.exists()
    assert "1 passkey." in see(client, reverse("second-factor"))


def test_a_role_that_needs_a_factor_can_add_a_passkey(client, ann, settings):
    settings.SECOND_FACTOR_ROLES = frozenset({"editor"})
    client.force_login(ann)
    assert client.get(reverse("my-work")).url == reverse("second-factor")
    assert add(client, Authenticator()).status_code == 200
    assert client.get(reverse("my-work")).status_code == 200


def test_a_passkey_is_the_fresh_proof_before_a_grave_act(client):
    boss, device = make_person(Role.ADMINISTRATOR, name="boss"), Authenticator()
    client.force_login(boss)
    add(client, device)
    ben = make_person(Role.CODER, name="ben")
    signed_in_ago(client, minutes=10)
    asked = grant(client, ben)
    assert asked.status_code == 403
    wrong = grant(client, ben, confirm_passkey="{}", confirm_password="")
    assert "was not accepted" in wrong.content.decode()
    assert not has_role(ben)
    answer = device.use(challenge_of(wrong)).text
    assert grant(client, ben, confirm_passkey=answer, confirm_password="").status_code == 302
    assert has_role(ben)
    signed_in_ago(client, minutes=10)
    assert grant(client, ben, confirm_passkey=answer, confirm_password="").status_code == 403


def test_an_administrator_sees_passkeys_and_removes_them(client, ann, phone):
    client.force_login(make_person(Role.ADMINISTRATOR, name="boss"))
    page = reverse("manage-account", args=[ann.pk])
    assert "1 passkey" in see(client, page)
    client.post(page, {"action": "remove-factor"})
    assert not Passkey.objects.exists()
