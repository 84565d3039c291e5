"""Second factor: codes that work once, recovery codes, pauses, and who removes it."""

import base64
import hmac
import struct
from datetime import timedelta

import pytest

from tests.factories import NOON, make_person
from waymark.accounts.models import AuditEntry, RecoveryCode, Role, SecondFactor
from waymark.accounts.proofs import WRONG_CODE, try_second_step
from waymark.accounts.second_factor import needs_factor, new_salt, secret_of, step_of
from waymark.accounts.services import (
    add_factor,
    remove_factor,
    remove_own_factor,
    renew_recovery_codes,
)
from waymark.accounts.sign_in import CODE_LIMIT, HERE_LIMIT, Device, try_sign_in
from waymark.core.errors import NotPermitted, RuleError

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
SALT = "a" * 64
STEP = timedelta(seconds=30)


@pytest.fixture
def ann():
    return make_person(Role.EDITOR, name="ann")


def app_code(salt, now):
    """What an app shows: RFC 6238, worked out here from the standard."""
    key = base64.b32decode(secret_of(salt))
    digest = hmac.digest(key, struct.pack(">Q", int(now.timestamp()) // 30), "sha1")
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def add(person, now=NOON, **more):
    values = {"salt": SALT, "code": app_code(SALT, now), "password": PASSWORD, "keep": None}
    return add_factor(**values | more, by=person, now=now)


def second_step(person, code, now=NOON, network="192.0.2.1", device=None):
    return try_second_step(person=person, proof=code, network=network, now=now, device=device)


def test_without_a_second_factor_the_password_signs_in(ann):
    outcome = try_sign_in(name="ann", password=PASSWORD, network="192.0.2.1", now=NOON)
    assert (outcome.person, outcome.code_for) == (ann, None)


def test_with_one_the_password_signs_nobody_in_and_the_code_does(ann):
    add(ann)
    outcome = try_sign_in(name="ann", password=PASSWORD, network="192.0.2.1", now=NOON)
    assert (outcome.person, outcome.code_for) == (None, ann)
    assert not AuditEntry.objects.filter(action="sign in").exists()
    later = NOON + STEP
    assert second_step(ann, app_code(SALT, later), later).person == ann
    assert AuditEntry.objects.filter(action="sign in", actor="ann").count() == 1


def test_a_code_works_once_and_no_earlier_one_after_it(ann):
    add(ann, NOON)
    assert second_step(ann, app_code(SALT, NOON)).message == WRONG_CODE, "used to add the factor"
    later = NOON + 5 * STEP
    assert second_step(ann, app_code(SALT, later), later).person == ann
    assert second_step(ann, app_code(SALT, later), later).person is None
    assert second_step(ann, app_code(SALT, later - STEP), later).person is None


def test_codes_are_taken_for_half_a_minute_before_and_after():
    def takes(offset):
        return step_of(SALT, app_code(SALT, NOON + offset * STEP), NOON) is not None

    assert [takes(offset) for offset in (-2, -1, 0, 1, 2)] == [False, True, True, True, False]
    code = app_code(SALT, NOON)
    assert step_of(SALT, f" {code[:3]} {code[3:]}", NOON) is not None
    assert step_of(SALT, "", NOON) is None
    assert step_of(new_salt(), code, NOON) is None


def test_the_secret_is_neither_in_the_database_nor_the_same_with_another_key(ann, settings):
    add(ann)
    stored = SecondFactor.objects.get()
    secret = secret_of(stored.salt)
    assert secret not in str(vars(stored))
    settings.SECRET_KEY = "another key of another site"
    assert secret_of(stored.salt) != secret


def test_each_recovery_code_signs_in_once(ann):
    codes = add(ann)
    assert len(set(codes)) == 10
    assert not RecoveryCode.objects.filter(digest__in=codes).exists()
    assert second_step(ann, codes[3].upper().replace("-", " ")).person == ann
    assert second_step(ann, codes[3]).person is None
    entry = AuditEntry.objects.get(action="use recovery code")
    assert entry.detail == {"left": 9}


def test_recovery_codes_of_one_person_are_of_no_use_to_another(ann):
    ben = make_person(name="ben")
    add(ann)
    codes = add(ben)
    assert second_step(ann, codes[0]).person is None


def test_new_recovery_codes_end_those_before(ann):
    old = add(ann)
    new = renew(ann, old[1])
    assert second_step(ann, old[0]).person is None
    assert second_step(ann, new[0]).person == ann


def test_who_knows_the_password_alone_gets_no_new_recovery_codes(ann):
    """They would be a second factor without the first one."""
    old = add(ann)
    with pytest.raises(NotPermitted):
        renew(ann, old[0], password="wrong")
    with pytest.raises(RuleError, match="wrong or has been used"):
        renew(ann, "000000")
    assert second_step(ann, old[0]).person == ann


def renew(person, code, password=PASSWORD):
    return renew_recovery_codes(
        by=person, password=password, proof=code, network="192.0.2.1", now=NOON
    )


def test_wrong_codes_lead_to_a_pause_that_does_not_reach_a_known_device(ann):
    codes = add(ann)
    for _ in range(HERE_LIMIT):
        assert second_step(ann, "000000").message == WRONG_CODE
    paused = second_step(ann, codes[0])
    assert paused.paused
    assert "Wait 1 minute" in paused.message
    here = Device("a" * 32, (ann.pk,))
    assert second_step(ann, codes[0], device=here).person == ann
    assert second_step(ann, codes[1], now=NOON + timedelta(minutes=1)).person == ann


def test_whoever_has_the_password_guesses_few_codes_from_however_many_networks(ann):
    codes = add(ann)
    for number in range(CODE_LIMIT):
        assert second_step(ann, "000000", network=f"198.51.100.{number}").message == WRONG_CODE
    stranger = second_step(ann, codes[0], network="203.0.113.1")
    assert stranger.paused
    assert "Wait 60 minutes" in stranger.message
    here = Device("a" * 32, (ann.pk,))
    assert second_step(ann, codes[0], network="203.0.113.1", device=here).person == ann
    later = NOON + timedelta(hours=1)
    assert second_step(ann, codes[1], later, network="203.0.113.1").person == ann


def test_adding_one_needs_the_password_and_a_code_of_the_app(ann):
    with pytest.raises(NotPermitted):
        add(ann, password="wrong")
    with pytest.raises(RuleError, match="wrong or has been used"):
        add(ann, code="000000")
    add(ann)
    with pytest.raises(RuleError, match="already"):
        add(ann, salt=SALT)
    assert SecondFactor.objects.count() == 1


def test_removing_ones_own_needs_the_password_and_a_code(ann):
    codes = add(ann)

    def remove(password, code):
        remove_own_factor(
            by=ann, password=password, proof=code, network="192.0.2.1", keep=None, now=NOON
        )

    with pytest.raises(NotPermitted):
        remove("wrong", codes[0])
    with pytest.raises(RuleError, match="wrong or has been used"):
        remove(PASSWORD, "000000")
    remove(PASSWORD, codes[0])
    assert not SecondFactor.objects.exists()
    assert not RecoveryCode.objects.exists()


def test_an_administrator_removes_that_of_another_and_the_log_says_so(ann):
    boss = make_person(Role.ADMINISTRATOR, name="boss")
    add(ann)
    add(boss)
    with pytest.raises(NotPermitted):
        remove_factor(person=boss, by=ann, now=NOON)
    with pytest.raises(RuleError, match="your own"):
        remove_factor(person=boss, by=boss, now=NOON)
    remove_factor(person=ann, by=boss, now=NOON)
    assert SecondFactor.objects.get().person == boss
    entry = AuditEntry.objects.get(action="remove second factor")
    assert (entry.actor, entry.subject) == ("boss", "account ann")
    with pytest.raises(RuleError, match="no second factor"):
        remove_factor(person=ann, by=boss, now=NOON)


def test_the_setting_says_which_roles_need_one(ann, settings):
    assert not needs_factor(ann)
    settings.SECOND_FACTOR_ROLES = frozenset({"editor", "administrator"})
    assert needs_factor(ann)
    assert not needs_factor(make_person(Role.CODER))
    assert tuple(Role.values) == settings.ROLES
    add(ann)
    assert not needs_factor(ann)
