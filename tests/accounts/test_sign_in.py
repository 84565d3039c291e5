"""Signing in: one answer to every wrong attempt, a pause after many, and the audit."""

from datetime import timedelta

import pytest

from tests.factories import NOON, make_person
from waymark.accounts.models import AuditEntry, FailedSignIn, Role
from waymark.accounts.proofs import confirm_password
from waymark.accounts.services import forget_failures, reset_password
from waymark.accounts.sign_in import (
    ACCOUNT_LIMIT,
    FIRST_OVER,
    HERE_LIMIT,
    LONGEST_IF_KNOWN,
    NETWORK_LIMIT,
    WRONG,
    Device,
    note_sign_out,
    try_sign_in,
)
from waymark.core.errors import NotPermitted, RuleError

pytestmark = pytest.mark.django_db

RIGHT = "correct horse battery"


@pytest.fixture
def ann():
    return make_person(Role.READER, name="Ann")


def attempt(name="Ann", password=WRONG, network="192.0.2.1", now=NOON, device=None):
    return try_sign_in(name=name, password=password, network=network, now=now, device=device)


def minutes(number):
    return NOON + timedelta(minutes=number)


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
    attempt("secret typed by mistake", network="192.0.2.77")
    row = FailedSignIn.objects.get()
    assert "secret" not in row.account
    assert "192.0.2" not in row.address


def test_after_five_failures_even_the_right_password_has_to_wait(ann):
    for _ in range(HERE_LIMIT):
        assert not attempt().paused
    assert attempt(password=RIGHT).paused
    assert attempt("ANN", RIGHT).paused
    assert attempt(password=RIGHT).message.endswith("Wait 1 minute and try again.")
    assert attempt(password=RIGHT, now=minutes(1)).person == ann


def test_each_further_failure_lengthens_the_pause_up_to_15_minutes(ann):
    for _ in range(HERE_LIMIT - 1):
        attempt()
    now = 0
    for pause in (1, 2, 4, 8, 15, 15):
        assert not attempt(now=minutes(now)).paused
        assert attempt(now=minutes(now + pause - 0.1)).paused
        now += pause
    assert attempt(password=RIGHT, now=minutes(now)).person == ann


def test_the_pause_holds_for_unknown_names_too():
    for _ in range(HERE_LIMIT):
        attempt("nobody")
    assert attempt("nobody").paused


def test_somebody_elses_failures_elsewhere_do_not_lock_the_account(ann):
    for _ in range(HERE_LIMIT):
        attempt(network="198.51.100.9")
    assert attempt(password=RIGHT).person == ann


def test_many_failures_on_one_account_from_everywhere_pause_it(ann):
    for number in range(ACCOUNT_LIMIT):
        attempt(network=f"198.51.100.{number}")
    assert attempt(password=RIGHT).paused


def test_many_names_tried_from_one_network_pause_the_network(ann):
    for number in range(NETWORK_LIMIT):
        attempt(f"name{number}")
    assert attempt(password=RIGHT).paused
    assert attempt(password=RIGHT, network="192.0.2.2").person == ann


def test_a_sign_in_that_succeeds_forgets_the_failures_before_it(ann):
    for _ in range(HERE_LIMIT - 1):
        attempt()
    attempt(password=RIGHT)
    for _ in range(HERE_LIMIT - 1):
        attempt()
    assert attempt(password=RIGHT).person == ann


def flood(name="Ann"):
    for number in range(ACCOUNT_LIMIT):
        attempt(name, network=f"198.51.100.{number}")


def test_strangers_do_not_lock_the_account_where_it_has_signed_in_before(ann):
    attempt(password=RIGHT, network="192.0.2.1")
    flood()
    assert attempt(password=RIGHT, network="203.0.113.1").paused
    assert attempt(password=RIGHT, network="192.0.2.1").person == ann
    flood()
    here = Device("a" * 32, (ann.pk,))
    assert attempt(password=RIGHT, network="203.0.113.1", device=here).person == ann
    months_later = NOON + timedelta(days=90)
    for number in range(ACCOUNT_LIMIT):
        attempt(network=f"198.51.100.{number}", now=months_later)
    assert attempt(password=RIGHT, network="192.0.2.1", now=months_later).paused


def test_one_address_does_not_block_the_others_of_an_office(ann):
    attempt(password=RIGHT)
    for number in range(NETWORK_LIMIT):
        attempt(f"name{number}")
    assert attempt("Ben").paused
    assert attempt(password=RIGHT).person == ann


def test_who_guesses_in_the_same_office_does_not_delay_a_known_device(ann):
    for _ in range(HERE_LIMIT):
        attempt()
    assert attempt(password=RIGHT).paused
    assert attempt(password=RIGHT, device=Device("a" * 32, (ann.pk,))).person == ann


def test_a_known_device_is_slowed_down_by_its_own_failures_for_5_minutes_at_most(ann):
    here, now = Device("a" * 32, (ann.pk,)), 0
    for _ in range(HERE_LIMIT - 1):
        attempt(device=here)
    for pause in (1, 2, 4, 5, 5, 5):
        assert not attempt(device=here, now=minutes(now)).paused
        assert attempt(password=RIGHT, device=here, now=minutes(now + pause - 0.1)).paused
        now += pause
    assert timedelta(minutes=5) == LONGEST_IF_KNOWN


def test_the_device_of_somebody_else_is_known_to_them_alone(ann):
    theirs = Device("a" * 32, (make_person(name="ben").pk,))
    for _ in range(HERE_LIMIT):
        attempt(device=theirs)
    assert attempt(password=RIGHT).paused, "it counts as its network"


def test_wrong_current_passwords_lead_to_a_pause(ann):
    for _ in range(HERE_LIMIT):
        with pytest.raises(NotPermitted, match="incorrect"):
            confirm_password(by=ann, password="wrong", now=NOON)
    with pytest.raises(RuleError, match="Wait 1 minute"):
        confirm_password(by=ann, password=RIGHT, now=NOON)
    assert confirm_password(by=ann, password=RIGHT, now=minutes(1)) == ann
    assert attempt(password=RIGHT).person == ann, "signing in is another matter"


def test_an_administrator_lets_a_person_try_again(ann):
    flood()
    assert attempt(password=RIGHT).paused
    with pytest.raises(NotPermitted):
        forget_failures(person=ann, by=make_person(Role.EDITOR), now=NOON)
    by = make_person(Role.ADMINISTRATOR)
    assert forget_failures(person=ann, by=by, now=NOON) == ACCOUNT_LIMIT
    assert attempt(password=RIGHT).person == ann


def test_old_failures_are_deleted():
    attempt("nobody")
    attempt("somebody", now=minutes(60))
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
