"""Passkeys: which answers of a browser prove who a person is, and who adds and removes them."""

import json
from datetime import timedelta

import pytest

from tests.accounts.authenticator import PRESENT, Authenticator, coded
from tests.accounts.test_second_factor import SALT, app_code
from tests.factories import NOON, make_person
from waymark.accounts.models import AuditEntry, Passkey, RecoveryCode, Role, SecondFactor
from waymark.accounts.passkeys import (
    COPIED,
    MOST,
    TOO_LATE,
    WRONG_PASSKEY,
    PasskeyAnswer,
    ask,
    ask_for_new,
    passkey_origin,
)
from waymark.accounts.proofs import confirm_passkey, try_second_step
from waymark.accounts.second_factor import has_factor, needs_factor
from waymark.accounts.services import (
    add_factor,
    add_passkey,
    remove_factor,
    remove_own_factor,
    remove_passkey,
    renew_recovery_codes,
)
from waymark.accounts.sign_in import HERE_LIMIT, try_sign_in
from waymark.core.errors import NotFound, NotPermitted, RuleError

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
OFFICE = "192.0.2.1"


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_ADDRESS = "https://waymark.example"


@pytest.fixture
def ann():
    return make_person(Role.EDITOR, name="ann")


def add(person, device, name="Phone", password=PASSWORD, **how):
    _, challenge = ask_for_new(person)
    answer = device.make(challenge, **how)
    values = {"name": name, "answer": answer, "password": password, "keep": None}
    return add_passkey(**values, by=person, now=NOON)


def added(person, name="Phone", **how):
    device = Authenticator(name, **how)
    add(person, device, name)
    return device


def use(person, device, **how):
    _, challenge = ask(person)
    return second_step(person, device.use(challenge, **how))


def second_step(person, proof, now=NOON):
    return try_second_step(person=person, proof=proof, network=OFFICE, now=now)


def remove(person, proof, number=None, password=PASSWORD):
    number = number or Passkey.objects.filter(person=person).first().pk
    values = {"number": number, "password": password, "network": OFFICE, "keep": None}
    remove_passkey(**values, proof=proof, by=person, now=NOON)


# ---- signing in ----


def test_after_the_password_a_passkey_signs_in_and_its_use_is_noted(ann):
    phone = added(ann)
    outcome = try_sign_in(name="ann", password=PASSWORD, network=OFFICE, now=NOON)
    assert (outcome.person, outcome.code_for) == (None, ann)
    assert Passkey.objects.get().last_used_at is None
    assert use(ann, phone).person == ann
    stored = Passkey.objects.get()
    assert (stored.last_used_at, stored.sign_count) == (NOON, 2)
    assert AuditEntry.objects.filter(action="sign in", actor="ann").count() == 1


WRONG_WAYS = {
    "made for another site": {"origin": "https://waymark.example.evil.example"},
    "at another port": {"origin": "https://waymark.example:8443"},
    "without HTTPS": {"origin": "http://waymark.example"},
    "by a subdomain": {"origin": "https://a.waymark.example"},
    "in a frame of another site": {"crossed": True},
    "for another name of the site": {"site": "evil.example"},
    "of another challenge": {"signs": coded(bytes(32))},
    "without showing who the person is": {"flags": PRESENT},
    "without the person": {"flags": 0},
}


@pytest.mark.parametrize("how", WRONG_WAYS.values(), ids=WRONG_WAYS)
def test_a_passkey_is_refused_that_was_used(ann, how):
    phone = added(ann)
    assert use(ann, phone, **how).message == WRONG_PASSKEY
    assert AuditEntry.objects.filter(action="failed sign-in").count() == 1
    assert use(ann, phone).person == ann


@pytest.mark.parametrize("how", WRONG_WAYS.values(), ids=WRONG_WAYS)
def test_none_is_added_that_was_made(ann, how):
    with pytest.raises(RuleError, match="try"):
        add(ann, Authenticator(), **how)
    assert not has_factor(ann)


def test_the_answer_that_makes_a_passkey_does_not_use_one(ann):
    phone = added(ann)
    _, challenge = ask(ann)
    assert second_step(ann, phone.make(challenge)).message == WRONG_PASSKEY


def test_a_signature_of_another_key_under_the_same_id_is_refused(ann):
    added(ann)
    assert use(ann, Authenticator("Phone")).message == WRONG_PASSKEY


def test_the_passkey_of_another_person_is_refused(ann):
    ben = make_person(name="ben")
    added(ann)
    theirs = added(ben, "Ben")
    assert use(ann, theirs).message == WRONG_PASSKEY
    assert use(ben, theirs).person == ben


def test_without_a_challenge_of_the_session_nothing_is_checked(ann):
    phone = added(ann)
    _, challenge = ask(ann)
    answer = PasskeyAnswer(phone.use(challenge).text, None)
    assert second_step(ann, answer).message == TOO_LATE


@pytest.mark.parametrize("counts", [True, False], ids=["counted", "not counted"])
def test_a_passkey_signs_in_again_and_again(ann, counts):
    phone = added(ann, counts=counts)
    assert all(use(ann, phone).person == ann for _ in range(3))


def test_a_counter_that_went_back_is_refused_and_stands_in_the_log(ann):
    phone = added(ann)
    use(ann, phone)
    for count in (0, 1):  # the next use says 1, then 2, which was the last one
        phone.count = count
        assert use(ann, phone).message == COPIED
    assert AuditEntry.objects.filter(action="refuse passkey", subject="account ann").count() == 2
    phone.count, phone.counts = 0, False
    assert use(ann, phone).message == COPIED
    phone.counts, phone.count = True, 2
    assert use(ann, phone).person == ann


MALFORMED = [
    "",
    "null",
    "[]",
    "1",
    "{",
    "{}",
    '{"id": 1, "rawId": 1, "type": "public-key", "response": {}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA"}}',
    "[" * 9_000,
]


def test_what_no_browser_sends_is_refused(ann):
    phone = added(ann)
    _, challenge = ask(ann)
    whole = json.loads(phone.use(challenge).text)
    broken = [whole | {"id": "AAAA", "rawId": "AAAA"}]
    for name in whole["response"]:
        parts = ({name: value} for value in ("", "AAAA", None, 3, "é", [], {}))
        broken += [whole | {"response": whole["response"] | part} for part in parts]
    later = NOON
    values = {"name": "New", "password": PASSWORD, "keep": None, "by": ann}
    for text in [*MALFORMED, *(json.dumps(one) for one in broken)]:
        later += timedelta(hours=1)  # after every pause
        answer = PasskeyAnswer(text, challenge)
        assert second_step(ann, answer, later).message == WRONG_PASSKEY
        with pytest.raises(RuleError, match="not accepted"):
            add_passkey(**values, answer=answer, now=later)


def test_wrong_passkeys_lead_to_the_pauses_of_wrong_codes(ann):
    phone = added(ann)
    for _ in range(HERE_LIMIT):
        assert use(ann, phone, origin="https://evil.example").message == WRONG_PASSKEY
    assert use(ann, phone).paused


# ---- adding ----


def test_the_first_factor_brings_recovery_codes_and_later_ones_none(ann):
    codes = add(ann, Authenticator("a"), "Phone")
    assert len(codes) == 10
    assert add(ann, Authenticator("b"), "Key") == []
    then = NOON + timedelta(minutes=1)
    values = {"salt": SALT, "code": app_code(SALT, then), "password": PASSWORD, "keep": None}
    assert add_factor(**values, by=ann, now=then) == []
    assert RecoveryCode.objects.count() == 10
    assert second_step(ann, codes[0]).person == ann


def test_a_key_of_an_odd_kind_is_refused(ann):
    device = Authenticator()
    device._public_key = lambda: b"\xa1\x03\x81\x01"  # {3: [1]}: a list in place of its kind
    with pytest.raises(RuleError, match="a passkey of this kind"):
        add(ann, device)


def test_recovery_codes_are_renewed_with_the_password_and_a_passkey(ann):
    phone = Authenticator()
    old = add(ann, phone)
    values = {"by": ann, "password": PASSWORD, "network": OFFICE, "now": NOON}
    with pytest.raises(RuleError, match="wrong or has been used"):
        renew_recovery_codes(**values, proof="000000")
    new = renew_recovery_codes(**values, proof=phone.use(ask(ann)[1]))
    assert second_step(ann, old[0]).person is None
    assert second_step(ann, new[0]).person == ann


def test_adding_one_needs_the_password(ann):
    with pytest.raises(NotPermitted):
        add(ann, Authenticator(), password="wrong")
    assert not Passkey.objects.exists()


def test_a_passkey_has_one_owner_and_a_name_of_its_own(ann):
    phone = added(ann)
    with pytest.raises(RuleError, match="choose another name"):
        add(ann, Authenticator("other"), "PHONE")
    with pytest.raises(RuleError, match="in use already"):
        add(make_person(name="ben"), phone)
    for number in range(MOST - 1):
        added(ann, f"Key {number}")
    with pytest.raises(RuleError, match="remove one first"):
        added(ann, "One more")


def test_the_question_names_the_site_and_nobody(ann):
    added(ann)
    (new, _), (asked, _) = ask_for_new(ann), ask(ann)
    assert new["publicKey"]["rp"]["id"] == asked["publicKey"]["rpId"] == "waymark.example"
    assert new["publicKey"]["authenticatorSelection"]["userVerification"] == "required"
    assert asked["publicKey"]["userVerification"] == "required"
    assert len(new["publicKey"]["excludeCredentials"]) == 1
    assert new["publicKey"]["user"]["id"] == ask_for_new(ann)[0]["publicKey"]["user"]["id"]
    assert "ann" not in json.dumps(asked)


def test_a_passkey_is_the_factor_that_a_role_needs(ann, settings):
    settings.SECOND_FACTOR_ROLES = frozenset({"editor"})
    assert needs_factor(ann)
    added(ann)
    assert not needs_factor(ann)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://waymark.example", "https://waymark.example"),
        ("https://waymark.example:8443/", "https://waymark.example:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://waymark.example", None),
        ("http://127.0.0.1:8000", None),
        ("https://192.0.2.1", None),
        ("https://[2001:db8::1]", None),
    ],
)
def test_passkeys_need_a_name_and_https(settings, address, origin):
    settings.SITE_ADDRESS = address
    assert passkey_origin() == origin


# ---- removing ----


def test_removing_one_needs_the_password_and_a_second_factor(ann):
    phone, key = added(ann), added(ann, "Key")
    with pytest.raises(NotPermitted):
        remove(ann, phone.use(ask(ann)[1]), password="wrong")
    with pytest.raises(RuleError, match="wrong or has been used"):
        remove(ann, "000000")
    remove(ann, phone.use(ask(ann)[1]))
    assert Passkey.objects.get().name == "Key"
    assert use(ann, phone).message == WRONG_PASSKEY
    assert use(ann, key).person == ann
    assert AuditEntry.objects.get(action="remove passkey").detail == {"passkey": "Phone"}


def test_recovery_codes_end_with_the_last_factor(ann):
    codes = add(ann, Authenticator())
    then = {"salt": SALT, "code": app_code(SALT, NOON), "password": PASSWORD, "keep": None}
    add_factor(**then, by=ann, now=NOON)
    values = {"password": PASSWORD, "network": OFFICE, "keep": None}
    remove_own_factor(**values, proof=codes[0], by=ann, now=NOON)
    assert not SecondFactor.objects.exists()
    assert RecoveryCode.objects.count() == 9
    remove(ann, codes[1])
    assert not RecoveryCode.objects.exists()
    assert not has_factor(ann)


def test_nobody_removes_that_of_another(ann):
    ben = make_person(name="ben")
    codes = add(ben, Authenticator())
    added(ann, "Ann")
    with pytest.raises(NotFound):
        remove(ben, codes[0], Passkey.objects.get(person=ann).pk)
    assert Passkey.objects.filter(person=ann).exists()


def test_an_administrator_removes_passkeys_with_all_other_factors(ann):
    boss = make_person(Role.ADMINISTRATOR, name="boss")
    phone = added(ann)
    remove_factor(person=ann, by=boss, now=NOON)
    assert not has_factor(ann)
    assert not RecoveryCode.objects.exists()
    assert AuditEntry.objects.get(action="remove second factor").detail == {"passkeys": 1}
    assert use(ann, phone).message == WRONG_PASSKEY


# ---- before grave acts ----


def test_a_passkey_confirms_who_a_signed_in_person_is(ann):
    phone = added(ann)
    confirm_passkey(by=ann, answer=phone.use(ask(ann)[1]), now=NOON)
    wrong = phone.use(ask(ann)[1], origin="https://evil.example")
    with pytest.raises(RuleError, match="not accepted"):
        confirm_passkey(by=ann, answer=wrong, now=NOON)
    with pytest.raises(NotPermitted):
        confirm_passkey(by=None, answer=phone.use(ask(ann)[1]), now=NOON)
