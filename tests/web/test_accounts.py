"""Signing in and out, one's own account and password, by the test client."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_person
from tests.web.test_pages import see
from waymark.accounts.models import AuditEntry, Role
from waymark.accounts.services import close_account, reset_password
from waymark.accounts.sessions import session_mark
from waymark.accounts.sign_in import ACCOUNT_LIMIT, HERE_LIMIT, WRONG
from waymark.mail.models import Letter
from waymark.web.shared.form_guard import started_token

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
NEW = "a quiet path uphill"
FIRST = "made by someone else"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def ann():
    return make_person(Role.CODER, name="ann")


def try_to_sign_in(client, name="ann", password=PASSWORD, **more):
    return client.post(reverse("sign-in"), {"name": name, "password": password, **more})


def is_signed_in(client):
    return client.get(reverse("account")).status_code == 200


def test_signing_in_leads_to_the_page_one_came_for(client, ann):
    wanted = reverse("account")
    answer = client.get(wanted)
    assert answer.url == f"{reverse('sign-in')}?next={wanted}"
    assert try_to_sign_in(client, next=wanted).url == wanted
    assert is_signed_in(client)


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "javascript:x"])
def test_signing_in_never_leads_to_another_site(client, ann, elsewhere):
    assert try_to_sign_in(client, next=elsewhere).url == reverse("my-work")


def test_signing_in_without_a_page_leads_staff_to_their_work_and_readers_to_the_start(client, ann):
    make_person(Role.READER, name="reader")
    assert try_to_sign_in(client, "reader").url == "/"
    client.logout()
    assert try_to_sign_in(client).url == reverse("my-work")


@pytest.mark.parametrize("name", ["sign-in", "password"])
def test_a_password_is_masked_while_it_is_typed(client, ann, name):
    if name == "password":
        client.force_login(ann)
    fields = re.findall(r"<input[^>]*>", client.get(reverse(name)).content.decode())
    asked = [field for field in fields if "password" in field]
    assert asked
    assert all('type="password"' in field for field in asked)


def test_an_unknown_name_and_a_wrong_password_get_the_same_page(client, ann):
    def page(name):
        answer = try_to_sign_in(client, name, "not the password")
        said = answer.content.decode().replace(f'value="{name}"', "")
        return answer.status_code, "".join(
            line for line in said.splitlines() if "csrfmiddlewaretoken" not in line
        )

    assert page("ann") == page("nobody")
    assert WRONG in page("ann")[1]
    assert not is_signed_in(client)


def test_after_many_failures_the_page_says_to_wait(client, ann):
    for _ in range(HERE_LIMIT):
        try_to_sign_in(client, password="not the password")
    answer = try_to_sign_in(client)
    assert answer.status_code == 429
    assert "Wait 1 minute and try again." in answer.content.decode()
    assert not is_signed_in(client)


def test_who_has_signed_in_on_a_device_is_not_locked_out_by_strangers(client, ann):
    try_to_sign_in(client)
    client.post(reverse("sign-out"))
    for number in range(ACCOUNT_LIMIT):
        Client(REMOTE_ADDR=f"198.51.100.{number}").post(
            reverse("sign-in"), {"name": "ann", "password": "wrong"}
        )
    assert try_to_sign_in(Client(REMOTE_ADDR="203.0.113.1")).status_code == 429
    cookie = client.cookies["device"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    travelling = Client(REMOTE_ADDR="203.0.113.1")
    travelling.cookies["device"] = cookie.value
    assert try_to_sign_in(travelling).status_code == 302
    forger = Client(REMOTE_ADDR="203.0.113.2")
    forger.cookies["device"] = cookie.value[:-2] + "xx"
    assert try_to_sign_in(forger).status_code == 429


def test_all_addresses_of_one_ipv6_network_count_together(ann):
    for number in range(HERE_LIMIT):
        try_to_sign_in(Client(REMOTE_ADDR=f"2001:db8:1:2::{number}"), password="wrong")
    assert try_to_sign_in(Client(REMOTE_ADDR="2001:db8:1:2:ffff::1")).status_code == 429
    assert try_to_sign_in(Client(REMOTE_ADDR="2001:db8:1:3::1")).status_code == 302


def test_after_many_wrong_current_passwords_the_form_says_to_wait(client, ann):
    client.force_login(ann)
    sent = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
    for _ in range(HERE_LIMIT):
        assert client.post(reverse("password"), sent).status_code == 400
    answer = client.post(reverse("password"), sent | {"old_password": PASSWORD})
    assert "Wait 1 minute and try again." in answer.content.decode()
    ann.refresh_from_db()
    assert ann.check_password(PASSWORD)


def test_behind_a_proxy_the_address_it_saw_counts(client, ann, settings):
    settings.HTTPS = True
    for number in range(HERE_LIMIT):
        client.post(
            reverse("sign-in"),
            {"name": "ann", "password": "wrong"},
            headers={"X-Forwarded-For": f"forged{number}, 192.0.2.1"},
        )
    answer = client.post(
        reverse("sign-in"),
        {"name": "ann", "password": PASSWORD},
        headers={"X-Forwarded-For": "192.0.2.1"},
    )
    assert answer.status_code == 429
    elsewhere = {"X-Forwarded-For": "192.0.2.2"}
    answer = client.post(
        reverse("sign-in"), {"name": "ann", "password": PASSWORD}, headers=elsewhere
    )
    assert answer.status_code == 302


def test_signing_out_needs_a_form_and_ends_the_session(client, ann):
    try_to_sign_in(client)
    assert client.get(reverse("sign-out")).status_code == 405
    assert is_signed_in(client)
    answer = client.post(reverse("sign-out"), follow=True)
    assert "You are signed out." in answer.content.decode()
    assert not is_signed_in(client)
    assert [entry.action for entry in AuditEntry.objects.all()] == ["sign in", "sign out"]


def test_the_account_page_tells_roles_and_what_they_allow(client, ann):
    client.force_login(ann)
    said = see(client, reverse("account"))
    assert "Coder" in said
    assert "see unpublished reports" in said
    assert "manage accounts" not in said


def test_pages_of_a_person_are_kept_by_no_cache(client, ann):
    client.force_login(ann)
    assert client.get("/")["Cache-Control"] == "private, no-store"


def test_a_password_is_changed_and_other_sessions_end(client, ann):
    other = type(client)()
    try_to_sign_in(client)
    try_to_sign_in(other)
    answer = client.post(
        reverse("password"),
        {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW},
        follow=True,
    )
    assert "Your password is changed." in answer.content.decode()
    assert is_signed_in(client)
    assert not is_signed_in(other)
    assert AuditEntry.objects.filter(action="change password").exists()


def test_whoever_signs_in_with_a_first_password_must_choose_their_own(client, ann):
    reset_password(person=ann, new=FIRST, by=None, now=timezone.now(), first=True)
    assert try_to_sign_in(client, password=FIRST).status_code == 302
    password = reverse("password")
    for name in ("home", "my-work", "account", "find"):
        assert client.get(reverse(name)).url == password, name
    assert client.post(reverse("own-sessions"), {"do": "others"}).url == password
    assert "Choose your own password" in see(client, password)

    def choose(new):
        sent = {"old_password": FIRST, "new_password1": new, "new_password2": new}
        return client.post(password, sent)

    refused = choose(FIRST)
    assert refused.status_code == 400
    assert "The new password is the current one" in refused.content.decode()
    assert choose(NEW).url == reverse("my-work")
    assert client.get(reverse("my-work")).status_code == 200
    other = type(client)()
    assert try_to_sign_in(other, password=FIRST).status_code == 400
    assert try_to_sign_in(other, password=NEW).url == reverse("my-work")


def ask_for_link(client, address):
    started = started_token(ago=10)
    return client.post(reverse("forgotten-password"), {"address": address, "started": started})


def test_asking_for_a_new_password_is_answered_alike_for_every_address(client, ann):
    ann.email = "ann@example.org"
    ann.save()

    def page(address):
        return TOKEN.sub("", ask_for_link(client, address).content.decode())

    assert page("ann@example.org") == page("nobody@example.org")
    assert Letter.objects.count() == 1
    assert ask_for_link(client, "no address").status_code == 400


def test_a_forgotten_password_is_replaced_by_the_link_and_signs_nobody_in(client, ann):
    ann.email = "ann@example.org"
    ann.save()
    before = type(client)()
    try_to_sign_in(before)
    ask_for_link(client, "ann@example.org")
    link = re.search(r"/account/link/\S+/", Letter.objects.get().body)[0]
    assert "For the account ann" in see(client, link)
    token = link.strip("/").rpartition("/")[2]
    page = client.get(link).content.decode()
    assert token not in page, "no other page gets the address of the link"
    assert "Report a concern" not in page
    differs = client.post(link, {"new_password": NEW, "new_password_again": NEW + "x"})
    assert "The two passwords differ" in differs.content.decode()
    weak = client.post(link, {"new_password": "short", "new_password_again": "short"})
    assert "at least 12 characters" in weak.content.decode()
    assert client.post(link, {"new_password": NEW, "new_password_again": NEW}).url == reverse(
        "sign-in"
    )
    assert not is_signed_in(client)
    assert not is_signed_in(before)
    assert try_to_sign_in(client, password=NEW).status_code == 302
    assert "This link no longer works" in see(Client(), link, status=404)


def test_somebody_with_a_first_password_can_sign_out(client, ann):
    reset_password(person=ann, new=FIRST, by=None, now=timezone.now(), first=True)
    try_to_sign_in(client, password=FIRST)
    assert client.post(reverse("sign-out")).url == "/"
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("old", "new", "again", "why"),
    [
        ("wrong", NEW, NEW, "The current password is incorrect"),
        (PASSWORD, NEW, NEW + "x", "The two passwords differ"),
        (PASSWORD, "short", "short", "at least 12 characters"),
    ],
)
def test_a_password_that_will_not_do_is_refused_with_the_reason(client, ann, old, new, again, why):
    client.force_login(ann)
    see(client, reverse("password"))
    answer = client.post(
        reverse("password"), {"old_password": old, "new_password1": new, "new_password2": again}
    )
    assert answer.status_code == 400
    assert why in answer.content.decode()
    ann.refresh_from_db()
    assert ann.check_password(PASSWORD)


def test_a_closed_account_is_signed_out_at_once(client, ann):
    client.force_login(ann)
    close_account(person=ann, by=None, now=ann.date_joined)
    assert not is_signed_in(client)


def test_own_sessions_are_listed_and_ended_one_by_one_or_all_others(client, ann):
    phone, desk = Client(headers={"User-Agent": IPHONE}), Client()
    for one in (client, phone, desk):
        try_to_sign_in(one)
    page = reverse("own-sessions")
    said = see(client, page)
    assert "Safari on iPhone" in said
    assert said.count("Unknown device") >= 2
    key = phone.cookies["sessionid"].value
    assert key not in client.get(page).content.decode()
    answer = client.post(page, {"session": session_mark(key)}, follow=True)
    assert "You are signed out there." in answer.content.decode()
    assert (is_signed_in(phone), is_signed_in(desk)) == (False, True)
    again = client.post(page, {"session": session_mark(key)})
    assert again.status_code == 400
    assert "That session has already ended" in again.content.decode()
    answer = client.post(page, {"do": "others"}, follow=True)
    assert "You are signed out of 1 other session." in answer.content.decode()
    assert (is_signed_in(client), is_signed_in(desk)) == (True, False)
    assert client.post(page).status_code == 400
