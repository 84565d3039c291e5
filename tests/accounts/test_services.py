"""Accounts, roles and passwords."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.factories import NOON, make_person
from waymark.accounts.audit import broken_links
from waymark.accounts.models import AuditEntry, Role, User
from waymark.accounts.permissions import has_permission, roles_of
from waymark.accounts.queries import all_accounts, find_account
from waymark.accounts.services import (
    change_password,
    close_account,
    create_account,
    grant_role,
    reopen_account,
    reset_password,
    withdraw_role,
)
from waymark.core.errors import NotFound, NotPermitted, RuleError

pytestmark = pytest.mark.django_db

GOOD = "four calm grey stones"


@pytest.fixture
def administrator():
    return make_person(Role.ADMINISTRATOR, name="admin")


def make(name="reader", *, by=None, roles=(Role.READER,), password=GOOD):
    return create_account(name=name, password=password, roles=roles, by=by, now=NOON)


def test_an_installation_begins_without_an_account():
    """After all migrations: nothing comes with a password that others know."""
    assert not User.objects.exists()


def test_the_operator_makes_an_account_with_roles_and_the_audit_says_so():
    person = make("ann", roles=[Role.CODER, Role.ANALYST])
    assert roles_of(person) == {Role.CODER, Role.ANALYST}
    assert person.check_password(GOOD)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.subject) == (
        "operator",
        "create account",
        "account ann",
    )
    assert entry.detail == {"roles": ["analyst", "coder"]}
    assert broken_links() == []


def test_an_administrator_makes_an_account_and_others_may_not(administrator):
    assert make("ann", by=administrator).username == "ann"
    with pytest.raises(NotPermitted, match="you need the role administrator"):
        make("ben", by=make_person(Role.EDITOR))
    assert not User.objects.filter(username="ben").exists()


@pytest.mark.parametrize("name", ["", "ann/ben", "a" * 200])
def test_a_name_that_is_not_valid_is_said_to_be_the_name(name):
    with pytest.raises(RuleError, match=r"^account name: "):
        make(name)


@pytest.mark.parametrize("name", ["operator", "Visitor"])
def test_nobody_can_take_a_name_that_the_audit_uses_for_somebody_else(name):
    with pytest.raises(RuleError, match="choose another name"):
        make(name)


def test_a_name_is_taken_in_any_case_of_its_letters():
    make("Ann")
    with pytest.raises(RuleError, match="already exists"):
        make("aNN")


@pytest.mark.parametrize(
    ("password", "why"),
    [("short", "at least 12"), ("password1234", "too common"), ("reader-reader", "too similar")],
)
def test_a_weak_password_is_refused_with_the_reason_and_nothing_is_made(password, why):
    with pytest.raises(RuleError, match=why):
        make("reader-reader", password=password)
    assert not User.objects.exists()


def test_a_name_with_spaces_is_no_account_name():
    with pytest.raises(RuleError, match="valid username"):
        make("ann b")


def test_an_account_is_found_in_any_case_of_its_letters():
    person = make("ann")
    assert find_account(" ANN ") == person
    with pytest.raises(NotFound):
        find_account("nobody")


def test_a_role_counts_from_the_moment_it_is_granted_until_it_is_withdrawn(administrator):
    person = make("ann", roles=[])
    grant_role(person=person, role=Role.CODER, by=administrator, now=NOON)
    assert has_permission(person, "code")
    withdraw_role(person=person, role=Role.CODER, by=administrator, now=NOON)
    assert not has_permission(person, "code")
    said = list(AuditEntry.objects.values_list("action", flat=True))
    assert said == ["create account", "grant role", "withdraw role"]


def test_granting_a_role_twice_is_told_once(administrator):
    person = make("ann", roles=[])
    grant_role(person=person, role=Role.CODER, by=administrator, now=NOON)
    grant_role(person=person, role=Role.CODER, by=administrator, now=NOON)
    assert AuditEntry.objects.filter(action="grant role").count() == 1


def test_the_last_administrator_stays(administrator):
    with pytest.raises(RuleError, match="last administrator"):
        withdraw_role(person=administrator, role=Role.ADMINISTRATOR, by=administrator, now=NOON)
    with pytest.raises(RuleError, match="last administrator"):
        close_account(person=administrator, by=administrator, now=NOON)
    second = make("second", roles=[Role.ADMINISTRATOR])
    withdraw_role(person=administrator, role=Role.ADMINISTRATOR, by=second, now=NOON)
    assert not has_permission(administrator, "manage accounts")


def test_the_operator_cannot_take_away_the_last_administrator_either(administrator):
    with pytest.raises(RuleError, match="last administrator"):
        close_account(person=administrator, by=None, now=NOON)


def test_a_closed_administrator_is_nobody_to_manage_accounts(administrator):
    second = make("second", roles=[Role.ADMINISTRATOR])
    close_account(person=second, by=administrator, now=NOON)
    with pytest.raises(RuleError, match="last administrator"):
        close_account(person=administrator, by=None, now=NOON)


def test_nobody_closes_their_own_account_or_takes_that_role_from_themselves(administrator):
    make("second", roles=[Role.ADMINISTRATOR])
    with pytest.raises(RuleError, match="cannot close your own account"):
        close_account(person=administrator, by=administrator, now=NOON)
    with pytest.raises(RuleError, match="cannot remove this role from yourself"):
        withdraw_role(person=administrator, role=Role.ADMINISTRATOR, by=administrator, now=NOON)
    assert has_permission(find_account("admin"), "manage accounts")


def test_closing_and_reopening_are_for_administrators_and_on_record(administrator):
    person = make("ann", roles=[Role.CODER])
    for service in (close_account, reopen_account):
        with pytest.raises(NotPermitted):
            service(person=person, by=make_person(Role.EDITOR), now=NOON)
    close_account(person=person, by=administrator, now=NOON)
    reopen_account(person=person, by=administrator, now=NOON)
    reopen_account(person=person, by=administrator, now=NOON)
    assert has_permission(find_account("ann"), "code")
    done = AuditEntry.objects.filter(subject="account ann", actor="admin")
    assert [entry.action for entry in done] == ["close account", "reopen account"]


def test_the_sessions_of_a_closed_account_end_and_no_others(administrator):
    ann, other = make("ann"), make("other")
    for person in (ann, other, ann):
        client = Client()
        client.force_login(person)
    close_account(person=ann, by=administrator, now=timezone.now())
    (left,) = Session.objects.all()
    assert left.get_decoded()[SESSION_KEY] == str(other.pk)


def test_accounts_are_listed_for_administrators_open_ones_first(administrator):
    close_account(person=make("ann", roles=[Role.CODER]), by=administrator, now=NOON)
    make("ben", roles=[Role.EDITOR, Role.ANALYST])
    rows = all_accounts(administrator)
    assert [(row.username, sorted(row.roles)) for row in rows] == [
        ("admin", ["administrator"]),
        ("ben", ["analyst", "editor"]),
        ("ann", ["coder"]),
    ]
    with pytest.raises(NotPermitted):
        all_accounts(make_person(Role.EDITOR))


def test_a_closed_account_may_do_nothing(administrator):
    person = make("ann", roles=[Role.CODER])
    close_account(person=person, by=administrator, now=NOON)
    assert not has_permission(find_account("ann"), "code")


def test_a_person_changes_their_password_with_the_current_one():
    person = make("ann")
    change_password(by=person, current=GOOD, new="a quiet path uphill", now=NOON)
    assert find_account("ann").check_password("a quiet path uphill")
    with pytest.raises(NotPermitted, match="current password"):
        change_password(by=person, current=GOOD, new="another quiet path", now=NOON)
    with pytest.raises(RuleError, match="at least 12"):
        change_password(by=person, current="a quiet path uphill", new="short", now=NOON)


def test_an_administrator_resets_a_password_and_others_may_not(administrator):
    person = make("ann")
    reset_password(person=person, new="a quiet path uphill", by=administrator, now=NOON)
    assert find_account("ann").check_password("a quiet path uphill")
    with pytest.raises(NotPermitted):
        reset_password(person=person, new="another quiet path", by=person, now=NOON)
