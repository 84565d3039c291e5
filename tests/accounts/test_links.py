"""Links by which people choose a password: for whom, how long, how often, and what they end."""

from datetime import timedelta

import pytest

from tests.factories import NOON, make_person
from waymark.accounts.models import (
    AccountLink,
    AuditEntry,
    FailedSignIn,
    KnownNetwork,
    ResetRequest,
    Role,
    User,
)
from waymark.accounts.queries import open_link
from waymark.accounts.services import (
    TooManyResets,
    change_email,
    close_account,
    reopen_account,
)
from waymark.accounts.sign_in import try_sign_in
from waymark.core.errors import NotFound, NotPermitted, RuleError
from waymark.mail.models import Letter
from waymark.pipeline.mail.account_links import (
    choose_password,
    forget_old_links,
    invite_again,
    invite_person,
    request_reset,
)

pytestmark = pytest.mark.django_db

NEW = "four calm grey stones"
HOUR = timedelta(hours=1)


@pytest.fixture
def ann():
    person = make_person(Role.EDITOR, name="ann")
    person.email = "ann@example.org"
    person.save()
    return person


def token_of(link):
    return link.strip().rstrip("/").rpartition("/")[2]


def reset(address="ann@example.org", network="192.0.2.1", now=NOON):
    """Tokens of the links that are mailed."""
    before = set(Letter.objects.values_list("pk", flat=True))
    request_reset(address=address, network=network, now=now)
    return [
        token_of(next(line for line in letter.body.splitlines() if "/account/link/" in line))
        for letter in Letter.objects.exclude(pk__in=before)
    ]


def invite(by=None, **more):
    values = {"name": "ben", "full_name": "", "email": "", "roles": [Role.CODER], "now": NOON}
    return invite_person(**values | more, by=by)


def test_an_invited_person_chooses_the_password_and_nobody_else_knows_one():
    invitation = invite(by=make_person(Role.ADMINISTRATOR))
    ben = User.objects.get(username="ben")
    assert not ben.has_usable_password()
    assert (ben.roles, invitation.mailed) == ({Role.CODER}, False)
    choose_password(token=token_of(invitation.link), new=NEW, now=NOON + timedelta(days=6))
    ben.refresh_from_db()
    assert ben.check_password(NEW)
    assert [entry.action for entry in AuditEntry.objects.all()] == [
        "create account",
        "invite",
        "choose password by link",
    ]


def test_an_invitation_is_mailed_to_whoever_has_an_address():
    invitation = invite(email="ben@example.org")
    assert invitation.mailed
    letter = Letter.objects.get()
    assert letter.to == "ben@example.org"
    assert invitation.link in letter.body


def test_a_link_is_stored_as_a_digest_alone():
    invitation = invite()
    assert token_of(invitation.link) not in str(list(AccountLink.objects.values_list()))


def test_only_administrators_invite():
    with pytest.raises(NotPermitted):
        invite(by=make_person(Role.EDITOR))
    assert not AccountLink.objects.exists()


def test_a_forgotten_password_is_replaced_by_a_link_within_an_hour_once(ann):
    (token,) = reset()
    with pytest.raises(RuleError, match="too common"):
        choose_password(token=token, new="password1234", now=NOON)
    choose_password(token=token, new=NEW, now=NOON + HOUR - timedelta(seconds=1))
    ann.refresh_from_db()
    assert ann.check_password(NEW)
    assert not Letter.objects.exists(), "the email with the link is deleted"
    with pytest.raises(NotFound):
        choose_password(token=token, new="another quiet path", now=NOON + HOUR)
    (late,) = reset()
    with pytest.raises(NotFound):
        open_link(late, NOON + HOUR)


def test_an_address_is_found_in_any_case_and_gets_a_link_for_each_of_its_accounts(ann):
    other = make_person(name="ann2")
    other.email = "ANN@example.org"
    other.save()
    assert len(reset("Ann@Example.org")) == 2


def test_nobody_gets_a_link_for_an_unknown_address_or_a_closed_account(ann):
    assert reset("nobody@example.org") == []
    make_person(name="without-address")
    assert reset("") == []
    close_account(person=ann, by=None, now=NOON)
    assert reset() == []


def test_closing_an_account_ends_its_links(ann):
    (token,) = reset()
    close_account(person=ann, by=None, now=NOON)
    with pytest.raises(NotFound):
        open_link(token, NOON)
    reopen_account(person=ann, by=None, now=NOON)
    with pytest.raises(NotFound):
        open_link(token, NOON)


def test_a_new_invitation_ends_the_one_before(ann):
    first = token_of(invite_again(person=ann, by=None, now=NOON).link)
    second = token_of(invite_again(person=ann, by=None, now=NOON).link)
    with pytest.raises(NotFound):
        open_link(first, NOON)
    assert open_link(second, NOON).person == ann


def test_a_stranger_who_asks_for_a_reset_ends_no_link_that_was_sent_before(ann):
    invitation = token_of(invite_again(person=ann, by=None, now=NOON).link)
    (own,) = reset()
    (strangers,) = reset(network="198.51.100.1")
    for token in (invitation, own, strangers):
        assert open_link(token, NOON).person == ann
    choose_password(token=own, new=NEW, now=NOON)
    for token in (invitation, own, strangers):
        with pytest.raises(NotFound):
            open_link(token, NOON)


def test_strangers_do_not_use_up_the_resets_of_a_person_where_they_have_signed_in(ann):
    ann.set_password("correct horse battery")
    ann.save()
    try_sign_in(name="ann", password="correct horse battery", network="192.0.2.1", now=NOON)
    for number in range(3):
        reset(network=f"198.51.100.{number}")
    assert reset(network="203.0.113.1") == []
    assert [len(reset(network="192.0.2.1")) for _ in range(4)] == [1, 1, 1, 0]


def test_another_email_address_ends_the_links_that_went_to_the_one_before(ann):
    (token,) = reset()
    change_email(person=ann, email="new@example.org", by=None, now=NOON)
    with pytest.raises(NotFound):
        open_link(token, NOON)
    with pytest.raises(RuleError, match="email address"):
        change_email(person=ann, email="no address", by=None, now=NOON)


def test_one_address_gets_three_links_a_day(ann):
    assert [len(reset(network=f"192.0.2.{number}")) for number in range(5)] == [1, 1, 1, 0, 0]
    assert len(reset(now=NOON + timedelta(days=1))) == 1


def test_one_network_asks_for_twenty_links_a_day_whatever_the_address(ann):
    for number in range(20):
        reset(f"{number}@example.org")
    with pytest.raises(TooManyResets):
        reset()
    assert len(reset(network="192.0.2.2")) == 1


def test_traces_of_signing_in_are_deleted_when_they_no_longer_count(ann):
    reset()
    try_sign_in(name="ann", password="correct horse battery", network="192.0.2.1", now=NOON)
    try_sign_in(name="ann", password="wrong", network="192.0.2.1", now=NOON)

    def left(after):
        forget_old_links(now=NOON + after)
        rows = (FailedSignIn, ResetRequest, KnownNetwork)
        return [model.objects.count() for model in rows]

    assert left(HOUR - timedelta(seconds=1)) == [1, 1, 1]
    assert left(HOUR) == [0, 1, 1]
    assert left(timedelta(days=1)) == [0, 0, 1]
    assert left(timedelta(days=90)) == [0, 0, 0]


def test_links_that_are_over_are_deleted_with_their_emails(ann):
    reset()
    invite(email="ben@example.org")
    assert forget_old_links(now=NOON + HOUR) == 1
    assert [letter.to for letter in Letter.objects.all()] == ["ben@example.org"]
    assert forget_old_links(now=NOON + timedelta(days=7)) == 1
    assert not Letter.objects.exists()
