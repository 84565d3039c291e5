"""The administrator's pages: who has an account, what they may do, closing and reopening it."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import NOON, make_person, make_review
from tests.web.test_pages import see
from waymark.accounts.models import AuditEntry, Role
from waymark.accounts.queries import find_account
from waymark.accounts.services import close_account
from waymark.coding.models import Coding
from waymark.coding.services import assign_coder

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    person = make_person(Role.ADMINISTRATOR, name="admin")
    client.force_login(person)
    return person


@pytest.fixture
def ann():
    return make_person(Role.CODER, name="ann")


def page(person):
    return reverse("manage-account", args=[person.pk])


def post(client, person, action, **values):
    return client.post(page(person), {"action": action, **values}, follow=True)


def words(answer):
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("role", [Role.READER, Role.CATALOGUER, Role.ANALYST, Role.EDITOR])
def test_the_pages_are_for_administrators_alone(client, ann, role):
    client.force_login(make_person(role))
    assert "You cannot do this" in see(client, reverse("accounts"), status=403)
    assert "You cannot do this" in see(client, page(ann), status=403)
    assert post(client, ann, "close").status_code == 403
    assert find_account("ann").is_active


def test_the_list_tells_roles_the_last_sign_in_and_what_is_closed(client, administrator, ann):
    close_account(person=make_person(name="ben"), by=administrator, now=NOON)
    ann.last_login = NOON
    ann.save()
    said = see(client, reverse("accounts"))
    assert "ann Not given Coder 4 May 2026, 13:00 Open" in said
    assert "ben Not given None Never Closed" in said
    assert "Accounts" in see(client, reverse("staff"))


def test_others_are_not_led_to_it(client, ann):
    client.force_login(ann)
    assert reverse("accounts") not in client.get(reverse("staff")).content.decode()


def test_roles_are_granted_and_withdrawn_from_the_next_page_on(client, administrator, ann):
    theirs = Client()
    theirs.force_login(ann)
    assert theirs.get(reverse("specs")).status_code == 403
    assert "ann now has the role analyst." in words(post(client, ann, "grant", role="analyst"))
    assert theirs.get(reverse("specs")).status_code == 200
    said = words(post(client, ann, "withdraw", role="analyst"))
    assert "ann no longer has the role analyst." in said
    assert theirs.get(reverse("specs")).status_code == 403
    actions = AuditEntry.objects.filter(actor="admin").values_list("action", flat=True)
    assert list(actions) == ["grant role", "withdraw role"]


def test_closing_signs_the_person_out_at_their_next_request_and_for_good(
    client, administrator, ann
):
    theirs = Client()
    theirs.force_login(ann)
    assert theirs.get(reverse("staff")).status_code == 200
    assert "The account ann is closed." in words(post(client, ann, "close"))
    assert theirs.get(reverse("staff")).status_code == 302
    assert "The account ann is open again." in words(post(client, ann, "reopen"))
    assert theirs.get(reverse("staff")).status_code == 302, "the session that ended stays ended"
    theirs.force_login(find_account("ann"))
    assert theirs.get(reverse("staff")).status_code == 200
    assert client.get(reverse("staff")).status_code == 200, "other sessions go on"


def test_an_administrator_sees_where_a_person_is_signed_in_and_signs_them_out(
    client, administrator, ann
):
    assert "Nowhere" in see(client, page(ann))
    theirs = Client()
    theirs.force_login(ann)
    assert "Unknown device, last used" in see(client, page(ann))
    assert "ann is signed out everywhere." in words(post(client, ann, "sign-out"))
    assert theirs.get(reverse("staff")).status_code == 302
    assert client.get(reverse("staff")).status_code == 200
    assert "Sign out everywhere" not in see(client, page(administrator))


def test_an_administrator_lets_a_person_try_to_sign_in_again(client, administrator, ann):
    assert "Failed attempts" not in see(client, page(ann))
    for _ in range(5):
        Client().post(reverse("sign-in"), {"name": "ann", "password": "wrong"})
    right = {"name": "ann", "password": "correct horse battery"}
    assert Client().post(reverse("sign-in"), right).status_code == 429
    assert "5 in the last hour" in see(client, page(ann))
    assert "ann can try to sign in again." in words(post(client, ann, "forget"))
    assert Client().post(reverse("sign-in"), right).status_code == 302


def test_an_administrator_invites_a_person_who_chooses_the_password(client, administrator):
    assert "Invite a person" in see(client, reverse("accounts"))
    sent = {"name": "ben", "email": "ben@example.org", "roles": ["coder", "analyst"]}
    answer = client.post(reverse("invite-account"), sent)
    assert "ben is invited" in words(answer)
    assert "An email with a link is on its way to ben@example.org." in words(answer)
    link = re.search(r"/account/link/[^<]+/", words(answer))[0]
    assert find_account("ben").roles == {Role.CODER, Role.ANALYST}
    stranger = Client()
    new = "four calm grey stones"
    assert stranger.post(link, {"new_password": new, "new_password_again": new}).status_code == 302
    signed = stranger.post(reverse("sign-in"), {"name": "ben", "password": new})
    assert signed.url == reverse("my-work")


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"name": "", "roles": ["coder"]}, "Enter a name for the account."),
        ({"name": "ben"}, "Choose at least one role."),
        ({"name": "ann", "roles": ["coder"]}, "The account ann already exists"),
        ({"name": "ben", "roles": ["coder"], "email": "x"}, "Email address: Enter a valid"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused_with_the_reason(
    client, administrator, ann, sent, why
):
    answer = client.post(reverse("invite-account"), sent)
    assert answer.status_code == 400
    assert why in words(answer)


def test_an_administrator_makes_a_link_for_an_account_and_changes_its_address(
    client, administrator, ann
):
    answer = post(client, ann, "invite")
    assert "Give this link to the person yourself" in words(answer)
    assert "/account/link/" in words(answer)
    assert "The email address is saved." in words(post(client, ann, "email", email="a@b.example"))
    assert "a@b.example" in see(client, page(ann))
    assert "on its way to a@b.example" in words(post(client, ann, "invite"))
    assert post(client, ann, "email", email="nothing").status_code == 400


def test_a_closed_account_cannot_sign_in(client, administrator, ann):
    post(client, ann, "close")
    answer = Client().post(reverse("sign-in"), {"name": "ann", "password": "correct horse battery"})
    assert answer.status_code == 400


def test_what_is_left_open_is_named_and_the_work_stays_the_persons(
    client, administrator, ann, framework
):
    review = make_review("R7")
    assign_coder(by=ann, review=review, framework=framework, coder=ann, now=NOON)
    said = see(client, page(ann))
    assert "R7: assigned to this account and not finished" in said
    assert "stay assigned to it: R7" in said
    post(client, ann, "close")
    assert "R7: assigned to this account and not finished" in see(client, page(ann))
    assert review.assignments.get().coder == ann
    assert not Coding.objects.exists()


def test_nobody_closes_themselves_or_the_last_administrator(client, administrator):
    assert "You cannot close your own account." in see(client, page(administrator))
    make_person(Role.ADMINISTRATOR)
    answer = post(client, administrator, "close")
    assert answer.status_code == 400
    assert "There is a problem" in words(answer)
    assert "You cannot close your own account: ask another administrator. Nothing was" in words(
        answer
    )
    answer = post(client, administrator, "withdraw", role="administrator")
    assert "You cannot remove this role from yourself" in words(answer)
    assert find_account("admin").is_active


@pytest.mark.parametrize(
    "form", [{"action": ""}, {"action": "grant", "role": "king"}, {"action": "grant"}]
)
def test_a_form_that_asks_for_nothing_there_is_changes_nothing(client, administrator, ann, form):
    answer = client.post(page(ann), form)
    assert answer.status_code == 400
    assert "There is a problem" in words(answer)
    assert find_account("ann").roles == {Role.CODER}


def test_a_form_without_its_token_is_refused(administrator, ann):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(administrator)
    assert strict.post(page(ann), {"action": "close"}).status_code == 403
    assert find_account("ann").is_active
