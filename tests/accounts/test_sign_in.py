"""Signing in: one answer to every wrong attempt, a pause after many, and the audit."""

from datetime import timedelta

import pytest

from tests.factories import NOON, make_person
from waymark.accounts.models import AuditEntry, FailedSignIn, Role
from waymark.accounts.services import reset_password
from waymark.accounts.sign_in import (
    ACCOUNT_LIMIT,
    ADDRESS_LIMIT,
    FIRST_OVER,
    HERE_LIMIT,
    PAUSE,
    WRONG,
    note_sign_out,
    try_sign_in,
)

pytestmark = pytest.mark.django_db

RIGHT = "correct horse battery"


@pytest.fixture
def ann():
    return make_person(Role.READER, name="Ann")


def attempt(name="Ann", password=WRONG, address="192.0.2.1", now=NOON):
    return try_sign_in(name=name, password=password, address=address, now=now)


def test_the_right_password_signs_in_whatever_the_case_of_the_name(ann):
    assert attempt("ann", RIGHT).person == ann
    assert AuditEntry.objects.get().action == "sign in"


def test_an_unknown_name_a_wrong_password_and_a_closed_account_are_answered_alike(ann):
    closed = make_person(name="closed")
    closed.is_active = False
    closed.save()
    answers = {attempt().message, attempt("nobody").message, attempt("closed", RIGHT).message}
    assert answers == {WRONG}


def test_failures_are_audited_for_accounts_that_exist_only(ann):
    attempt()
    attempt("a password typed by mistake")
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.subject) == (
        "visitor",
        "failed sign-in",
        "account Ann",
    )


def test_what_is_typed_and_from_where_is_not_kept_in_clear(ann):
    attempt("secret typed by mistake", address="192.0.2.77")
    row = FailedSignIn.objects.get()
    assert "secret" not in row.account
    assert "192.0.2" not in row.address


def test_after_five_failures_even_the_right_password_has_to_wait(ann):
    for _ in range(HERE_LIMIT):
        assert not attempt().paused
    assert attempt(password=RIGHT).paused
    assert attempt("ANN", RIGHT).paused
    later = NOON + PAUSE
    assert attempt(password=RIGHT, now=later).person == ann


def test_the_pause_holds_for_unknown_names_too():
    for _ in range(HERE_LIMIT):
        attempt("nobody")
    assert attempt("nobody").paused


def test_somebody_elses_failures_elsewhere_do_not_lock_the_account(ann):
    for _ in range(HERE_LIMIT):
        attempt(address="198.51.100.9")
    assert attempt(password=RIGHT).person == ann


def test_many_failures_on_one_account_from_everywhere_pause_it(ann):
    for number in range(ACCOUNT_LIMIT):
        attempt(address=f"198.51.100.{number}")
    assert attempt(password=RIGHT).paused


def test_many_names_tried_from_one_address_pause_the_address(ann):
    for number in range(ADDRESS_LIMIT):
        attempt(f"name{number}")
    assert attempt(password=RIGHT).paused
    assert attempt(password=RIGHT, address="192.0.2.2").person == ann


def test_a_sign_in_that_succeeds_forgets_the_failures_before_it(ann):
    for _ in range(HERE_LIMIT - 1):
        attempt()
    attempt(password=RIGHT)
    for _ in range(HERE_LIMIT - 1):
        attempt()
    assert attempt(password=RIGHT).person == ann


def test_old_failures_are_deleted():
    attempt("nobody")
    attempt("somebody", now=NOON + PAUSE + timedelta(seconds=1))
    assert FailedSignIn.objects.count() == 1


def test_a_first_password_signs_in_for_seven_days(ann):
    reset_password(person=ann, new="four calm grey stones", by=None, now=NOON, first=True)
    after = NOON + timedelta(days=7)
    assert attempt(password="four calm grey stones", now=after - timedelta(seconds=1)).person == ann
    late = attempt(password="four calm grey stones", now=after)
    assert (late.person, late.message) == (None, FIRST_OVER)


def test_signing_out_is_audited(ann):
    note_sign_out(person=ann, now=NOON)
    assert AuditEntry.objects.get().action == "sign out"
