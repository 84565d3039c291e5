"""Signing in by an organisation (OpenID Connect), with a small provider that really answers."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.accounts.test_second_factor import SALT, app_code
from tests.factories import make_person
from tests.web.openid_provider import CLIENT, KEY, OTHER_KEY, SECRET, running_provider, visit
from tests.web.test_fresh_sign_in import grant, has_role
from tests.web.test_pages import see
from tests.web.test_second_factor import PASSWORD, is_signed_in
from waymark.accounts.models import AuditEntry, OrganisationAccount, Role, SecondFactor
from waymark.accounts.second_factor import new_salt
from waymark.accounts.services import (
    add_factor,
    add_invitation,
    close_account,
    link_organisation,
    unlink_organisation,
)
from waymark.core.errors import NotPermitted, RuleError
from waymark.setting_values import OrganisationSignIn, organisation_setting
from waymark.web.middleware import pacing

pytestmark = pytest.mark.django_db

WAY, BACK = "organisation-sign-in", "organisation-back"


@pytest.fixture(scope="module")
def server():
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(server, settings):
    """The provider as it is when nothing is wrong; the setting names it."""
    server.claims, server.about, server.signing, server.asked = {}, {}, KEY, []
    server.now = int(time.time())
    settings.SITE_ADDRESS = "http://testserver"
    configure(settings, server)
    return server


def configure(settings, server, **more):
    values = {"name": "Ash Council", "private_hosts": ("127.0.0.1",)} | more
    settings.ORGANISATION_SIGN_IN = OrganisationSignIn(server.issuer, CLIENT, SECRET, **values)


@pytest.fixture
def ann():
    return make_person(Role.EDITOR, name="ann")


@pytest.fixture
def linked(ann, provider):
    link(ann, provider)
    return ann


def link(person, provider, subject="subject-1", by=None):
    values = {"issuer": provider.issuer, "subject": subject, "now": timezone.now()}
    link_organisation(person=person, by=by, **values)


def enter(client, *, invitation="", **query):
    """Go to the provider and come back. invitation: token of a link that is used so."""
    if invitation:
        client.post(reverse("account-link", args=[invitation]), {"do": "organisation"})
    there = client.get(reverse(WAY), query)
    assert there.status_code == 302
    back = visit(there.url)
    return client.get(back.removeprefix("http://testserver"))


def refusals():
    entries = AuditEntry.objects.filter(action="refuse organisation sign-in")
    return [entry.detail["reason"] for entry in entries]


# ---- signing in ----


def test_a_linked_person_signs_in_and_comes_to_the_page_they_wanted(client, linked):
    page = client.get(reverse("sign-in"))
    assert "Sign in by Ash Council" in page.content.decode()
    assert enter(client, next=reverse("own-sessions")).url == reverse("own-sessions")
    assert is_signed_in(client)
    assert AuditEntry.objects.get(action="sign in").detail == {"way": "organisation"}
    assert OrganisationAccount.objects.get().last_used_at is not None
    assert enter(Client()).url == reverse("my-work")
    assert enter(Client(), next="https://evil.example/").url == reverse("my-work")


def test_the_way_there_has_a_state_a_nonce_and_a_challenge_that_nobody_can_guess(client, provider):
    addresses = [client.get(reverse(WAY)).url for _ in range(2)]
    first, second = (parse_qs(urlsplit(address).query) for address in addresses)
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name][0]) >= 43
        assert first[name] != second[name]
    assert first["redirect_uri"] == ["http://testserver/sign-in/organisation/back/"]
    assert "prompt" not in first


WRONG = {
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "another"},
    "a second audience and no party": {"aud": [CLIENT, "another"]},
    "another party": {"azp": "another"},
    "another issuer": {"iss": "https://other.example"},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "an end that is over": {"exp": 1_000_000_000},
    "no end": {"exp": None},
    "a time to come": {"iat": 9_000_000_000, "exp": 9_000_000_300},
    "the hash of another access token": {"at_hash": "AAAA"},
}


@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG)
def test_a_token_is_refused_with(client, linked, provider, claims):
    provider.claims = claims
    refuse_and_audit(client, "ID token")


def refuse_and_audit(client, reason):
    answer = enter(client)
    assert answer.status_code == 400
    assert "The sign-in by your organisation did not succeed." in answer.content.decode()
    assert not is_signed_in(client)
    assert [one[: len(reason)] for one in refusals()] == [reason]


def test_a_token_that_nobody_signed_is_refused(client, linked, provider):
    provider.signing = None
    refuse_and_audit(client, "ID token")


def test_a_token_that_another_signed_is_refused(client, linked, provider):
    provider.signing = OTHER_KEY
    refuse_and_audit(client, "ID token")


def come_back(client, **changed):
    """Come back with another query than the provider gave."""
    back = urlsplit(visit(client.get(reverse(WAY)).url))
    query = {name: values[0] for name, values in parse_qs(back.query).items()}
    return client.get(back.path, query | changed)


def test_another_state_issuer_code_or_an_error_is_refused(client, linked, provider):
    cases = {
        "state": {"state": "another"},
        "issuer": {"iss": "https://other.example"},
        "the provider refused the code": {"code": "another"},
        "the provider refused": {"error": "access_denied"},
    }
    for reason, changed in cases.items():
        assert come_back(client, **changed).status_code == 400, reason
    assert refusals() == list(cases)
    assert not is_signed_in(client)


def test_a_code_is_for_the_session_that_asked_and_for_once(client, linked, provider):
    back = visit(client.get(reverse(WAY)).url).removeprefix("http://testserver")
    assert Client().get(back).status_code == 400
    assert client.get(back).status_code == 302
    client.logout()
    assert client.get(back).status_code == 400
    assert refusals() == ["state", "state"]


def test_a_stranger_is_refused_and_reads_what_to_give_to_an_administrator(client, ann, provider):
    ann.email = "ann@ash.example"
    ann.save()
    provider.claims = {"email": "ann@ash.example", "email_verified": True}
    answer = enter(client)
    assert answer.status_code == 403
    assert "this identifier: subject-1" in answer.content.decode()
    assert refusals() == ["not linked"]
    assert not OrganisationAccount.objects.exists()


def test_the_same_subject_of_another_issuer_is_a_stranger(client, ann, provider):
    values = {"issuer": "https://other.example", "subject": "subject-1", "now": timezone.now()}
    link_organisation(person=ann, by=None, **values)
    assert enter(client).status_code == 403
    assert refusals() == ["not linked"]


def test_a_leaver_whose_account_is_closed_is_refused(client, linked):
    close_account(person=linked, by=None, now=timezone.now(), last=True)
    answer = enter(client)
    assert answer.status_code == 403
    assert "This account is closed." in answer.content.decode()
    entry = AuditEntry.objects.get(action="refuse organisation sign-in")
    assert (entry.subject, entry.detail["reason"]) == ("account ann", "closed")


@pytest.mark.parametrize(
    ("limits", "claims", "status"),
    [
        ({"domains": frozenset({"ash.example"})}, {}, 403),
        ({"domains": frozenset({"ash.example"})}, {"email": "a@ash.example"}, 403),
        (
            {"domains": frozenset({"ash.example"})},
            {"email": "a@Ash.example", "email_verified": True},
            302,
        ),
        (
            {"domains": frozenset({"ash.example"})},
            {"email": "a@oak.example", "email_verified": True},
            403,
        ),
        ({"group": ("groups", "reviews")}, {}, 403),
        ({"group": ("groups", "reviews")}, {"groups": ["other"]}, 403),
        ({"group": ("groups", "reviews")}, {"groups": ["other", "reviews"]}, 302),
    ],
)
def test_the_setting_limits_who_may_enter(
    client, linked, provider, settings, limits, claims, status
):
    configure(settings, provider, **limits)
    provider.claims = claims
    assert enter(client).status_code == status
    assert refusals() == ([] if status == 302 else ["not allowed"])


# ---- second factor and fresh proof ----


def test_a_second_factor_is_asked_for_unless_the_organisation_did(
    client, linked, provider, settings
):
    now = timezone.now()
    values = {"salt": SALT, "code": app_code(SALT, now), "password": PASSWORD, "keep": None}
    (code, *_) = add_factor(**values, by=linked, now=now)
    provider.claims = {"amr": ["pwd", "mfa"]}
    assert enter(client).url == reverse("second-step"), "the setting does not say that it counts"
    assert client.post(reverse("second-step"), {"code": code}).url == reverse("my-work")
    configure(settings, provider, factors=frozenset({"mfa", "gold"}))
    assert enter(Client()).url == reverse("my-work")
    provider.claims = {"acr": "gold"}
    assert enter(Client()).url == reverse("my-work")
    provider.claims = {"amr": ["pwd"], "acr": "tin"}
    assert enter(Client()).url == reverse("second-step")


def test_a_role_that_needs_a_factor_has_it_by_the_organisation(client, linked, provider, settings):
    settings.SECOND_FACTOR_ROLES = frozenset({"editor"})
    enter(client)
    assert client.get(reverse("my-work")).url == reverse("second-factor")
    configure(settings, provider, factors=frozenset({"mfa"}))
    provider.claims = {"amr": ["mfa"]}
    there = Client()
    enter(there)
    assert there.get(reverse("my-work")).status_code == 200


def test_a_sign_in_that_the_provider_remembered_is_no_fresh_proof(client, provider):
    boss, ben = make_person(Role.ADMINISTRATOR, name="boss"), make_person(Role.CODER, name="ben")
    link(boss, provider)
    provider.claims = {"auth_time": provider.now - 3_600}
    enter(client)
    assert grant(client, ben).status_code == 403
    again = client.get(reverse(WAY)).url
    assert "prompt=login&max_age=0" in again
    provider.claims = {}
    enter(client)
    assert grant(client, ben).status_code == 302
    assert has_role(ben)


# ---- links ----


def test_an_invitation_links_the_account_once(client, provider):
    ben = make_person(Role.CODER, name="ben")
    made = add_invitation(person=ben, by=None, now=timezone.now())
    page = see(client, reverse("account-link", args=[made.token]))
    assert "Or use your account at Ash Council" in page
    asked = client.post(reverse("account-link", args=[made.token]), {"do": "organisation"})
    assert "will be linked to the account ben here" in asked.content.decode()
    assert enter(client).url == reverse("my-work")
    assert OrganisationAccount.objects.get().person == ben
    assert enter(Client()).url == reverse("my-work")
    provider.claims = {"sub": "subject-2"}
    assert enter(Client(), invitation=made.token).status_code == 403
    assert refusals() == ["not linked"]


def test_an_address_alone_lets_nobody_link_the_account_of_another(client, provider):
    ben = make_person(Role.CODER, name="ben")
    token = add_invitation(person=ben, by=None, now=timezone.now()).token
    client.get(reverse("account-link", args=[token]))
    back = visit(client.get(reverse(WAY), {"invitation": token}).url)
    assert client.get(back.removeprefix("http://testserver")).status_code == 403
    strict = Client(enforce_csrf_checks=True)
    sent = {"do": "organisation"}
    assert strict.post(reverse("account-link", args=[token]), sent).status_code == 403
    assert not OrganisationAccount.objects.exists()


@pytest.mark.parametrize("used", ["second factor", "organisation"])
def test_an_invitation_goes_round_neither_a_second_factor_nor_a_link(client, provider, used):
    ben = make_person(Role.CODER, name="ben")
    if used == "second factor":
        now = timezone.now()
        SecondFactor.objects.create(person=ben, salt=new_salt(), last_step=0, added_at=now)
    else:
        link(ben, provider, subject="own")
    token = add_invitation(person=ben, by=None, now=timezone.now()).token
    answer = enter(client, invitation=token)
    assert answer.status_code == 400
    assert "This account is in use already" in answer.content.decode()
    assert not is_signed_in(client)
    assert not OrganisationAccount.objects.filter(subject="subject-1").exists()


def test_a_provider_that_gives_no_time_of_signing_in_proves_nothing_fresh(client, provider, linked):
    provider.claims = {"auth_time": None}
    assert enter(client).url == reverse("my-work")
    assert is_signed_in(client)


def test_an_invitation_links_nobody_who_may_not_enter(client, provider, settings):
    ben = make_person(Role.CODER, name="ben")
    made = add_invitation(person=ben, by=None, now=timezone.now())
    configure(settings, provider, group=("groups", "reviews"))
    assert enter(client, invitation=made.token).status_code == 400
    assert not OrganisationAccount.objects.exists()


def test_an_administrator_links_and_ends_the_link_on_the_page_of_the_account(client, ann, provider):
    client.force_login(make_person(Role.ADMINISTRATOR, name="boss"))
    page = reverse("manage-account", args=[ann.pk])
    assert client.post(page, {"action": "link", "subject": " "}).status_code == 400
    client.post(page, {"action": "link", "subject": " subject-1 "})
    assert "to subject-1. Last used: never." in see(client, page)
    there = Client()
    enter(there)
    client.post(page, {"action": "unlink"})
    assert not is_signed_in(there)
    assert enter(Client()).status_code == 403
    actions = AuditEntry.objects.filter(actor="boss").values_list("action", flat=True)
    assert list(actions) == ["link organisation account", "unlink organisation account"]


def test_one_account_at_the_organisation_is_one_persons(ann, provider):
    ben = make_person(name="ben")
    link(ann, provider)
    with pytest.raises(RuleError, match="another person already"):
        link(ben, provider)
    with pytest.raises(NotPermitted):
        link(ben, provider, "subject-2", by=ben)
    with pytest.raises(NotPermitted):
        unlink_organisation(person=ann, by=ben, now=timezone.now())
    with pytest.raises(RuleError, match="no account at the organisation"):
        unlink_organisation(person=ben, by=None, now=timezone.now())


# ---- the provider and the setting ----


@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://other.example"},
        {"token_endpoint": None},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "/moved"},
        {"jwks_uri": "https://127.0.0.1:1/keys"},
    ],
    ids=["other issuer", "no endpoint", "without HTTPS", "redirect", "other port"],
)
def test_a_provider_that_describes_itself_wrongly_signs_nobody_in(client, linked, provider, about):
    if about.get("jwks_uri") == "/moved":
        about = {"jwks_uri": f"{provider.issuer}/moved"}
    started = client.get(reverse(WAY))
    back = visit(started.url).removeprefix("http://testserver")
    provider.about = about
    answer = client.get(back)
    assert answer.status_code == 503
    assert "does not answer at the moment" in answer.content.decode()
    assert not is_signed_in(client)


def test_a_provider_on_a_private_network_is_not_asked_unless_the_setting_names_it(
    client, provider, settings
):
    configure(settings, provider, private_hosts=())
    assert client.get(reverse(WAY)).status_code == 503
    assert provider.asked == []


def test_one_network_cannot_make_the_site_ask_the_provider_without_end(
    client, provider, monkeypatch
):
    monkeypatch.setattr(pacing.ORGANISATION, "at_once", 1.0)
    pacing.ORGANISATION.forget()
    assert client.get(reverse(WAY)).status_code == 302
    assert client.get(reverse(WAY)).status_code == 429
    assert client.get(reverse(BACK)).status_code == 429
    assert len(provider.asked) == 1


def test_off_there_is_no_button_no_page_and_no_question(client, linked, provider, settings):
    settings.ORGANISATION_SIGN_IN = None
    assert "Ash Council" not in client.get(reverse("sign-in")).content.decode()
    for name in (WAY, BACK):
        assert client.get(reverse(name)).status_code == 404
    assert provider.asked == []


def test_the_setting_is_whole_or_off(monkeypatch, tmp_path):
    assert organisation_setting() is None
    monkeypatch.setenv("WAYMARK_OIDC_ISSUER", "http://login.example")
    with pytest.raises(ImproperlyConfigured, match="WAYMARK_OIDC_ISSUER must be"):
        organisation_setting()
    monkeypatch.setenv("WAYMARK_OIDC_ISSUER", "https://login.example")
    with pytest.raises(ImproperlyConfigured, match="WAYMARK_OIDC_CLIENT_ID"):
        organisation_setting()
    (tmp_path / "secret").write_text("of a file\n")
    monkeypatch.setenv("WAYMARK_OIDC_CLIENT_ID", "waymark")
    monkeypatch.setenv("WAYMARK_OIDC_CLIENT_SECRET_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("WAYMARK_OIDC_GROUP", "groups=reviews")
    monkeypatch.setenv("WAYMARK_OIDC_DOMAINS", "Ash.example, oak.example")
    made = organisation_setting()
    assert (made.client_secret, made.group) == ("of a file", ("groups", "reviews"))
    assert made.domains == {"ash.example", "oak.example"}
    monkeypatch.setenv("WAYMARK_OIDC_GROUP", "reviews")
    with pytest.raises(ImproperlyConfigured, match="WAYMARK_OIDC_GROUP"):
        organisation_setting()
