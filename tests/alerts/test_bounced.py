"""What failures do to subscribers: only an address that does not exist is stopped."""

import pytest

from tests.alerts.mailing_rows import make_issue, make_subscriber, send_all, sink
from tests.factories import NOON, make_person
from waymark.accounts.models import AuditEntry, Role
from waymark.alerts.models import Bounce, Mailing
from waymark.alerts.queries.dispatches import return_address
from waymark.alerts.services.bounces import bounced_email, mark_seen
from waymark.alerts.services.erasure import erase_subscriber
from waymark.core.errors import NotPermitted
from waymark.mail.bounces import classify
from waymark.mail.inbound.outcome import raw_path
from waymark.mail.services import receive_mail
from waymark.pipeline.mail.bounced_mail import note_bounces
from waymark.pipeline.mail.inbound_mail import sort_mail

pytestmark = pytest.mark.django_db
__all__ = ["sink"]


@pytest.fixture
def mailing(sink) -> Mailing:
    """An email that was sent."""
    make_subscriber(address="ann@trust.example.org")
    make_issue()
    send_all()
    return Mailing.objects.select_related("subscriber").get()


def come_back(mailing: Mailing, words: str, *, sha256="1" * 64, headers="") -> bool:
    """A mail that comes back to the return address of a mailing."""
    raw = (
        f"From: MAILER-DAEMON@mx.example.net\n{headers}Subject: failure notice\n\n"
        f"<ann@trust.example.org>: {words}\n"
    )
    return bounced_email(
        recipient=return_address(mailing), sha256=sha256, report=classify(raw.encode()), now=NOON
    )


def stopped(mailing: Mailing) -> str:
    mailing.subscriber.refresh_from_db()
    assert bool(mailing.subscriber.stopped_at) == bool(mailing.subscriber.stopped_because)
    return mailing.subscriber.stopped_because


def test_an_address_that_does_not_exist_is_stopped_at_once_with_the_reason(mailing):
    assert come_back(mailing, "550 5.1.1 no such user ann@trust.example.org")
    assert stopped(mailing) == "The address does not exist: emails to it come back"
    entry = AuditEntry.objects.filter(action="stop undeliverable").get()
    assert entry.subject == f"subscriber {mailing.subscriber_id}"
    # No address is kept in the audit log, nor with the words of the server.
    assert not [row for row in AuditEntry.objects.all() if "ann@" in f"{row.subject}{row.detail}"]
    assert Bounce.objects.get().words == "<(address)>: 550 5.1.1 no such user (address)"


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("552 5.2.2 mailbox full", "full"),
        ("550 5.7.1 blocked", "policy"),
        ("554 account disabled", "refused"),
        ("552 message too large", "too big"),
        ("450 4.1.1 user unknown, still being retried", "delayed"),
    ],
)
def test_any_other_failure_is_counted_and_stops_nothing(mailing, words, kind):
    for number in range(9):
        assert come_back(mailing, words, sha256=f"{number:064}")
    assert stopped(mailing) == ""
    assert set(Bounce.objects.values_list("kind", "hard")) == {(kind, False)}


def test_an_automatic_reply_is_counted_as_what_it_is(mailing):
    headers = "X-Autoreply: yes\n"
    assert come_back(mailing, "550 5.1.1 user unknown", headers=headers)
    assert stopped(mailing) == ""
    assert Bounce.objects.get().kind == "auto-reply"


def test_the_same_mail_counts_once(mailing):
    for _ in range(2):
        assert come_back(mailing, "550 5.7.1 blocked")
    assert Bounce.objects.count() == 1


def test_a_mail_that_is_no_bounce_of_ours_changes_nothing(mailing):
    bounce = classify(b"From: MAILER-DAEMON@x.example\nSubject: failure\n\n<a@b.c>: no such user\n")
    letter = classify(b"From: ann@trust.example.org\nSubject: Re: alert\n\nThank you.\n")
    address = return_address(mailing)
    forged = address.replace("bounce+", "bounce+1")
    for recipient, report in (
        ("desk@waymark.example", bounce),
        (forged, bounce),
        (address, letter),
    ):
        assert not bounced_email(recipient=recipient, sha256="2" * 64, report=report, now=NOON)
    assert stopped(mailing) == ""
    assert not Bounce.objects.exists()


def test_a_refusal_while_sending_counts_as_a_bounce(sink):
    addresses = {
        "unknown@x.example": "550 5.1.1 no such user",
        "full@x.example": "552 5.2.2 mailbox full",
        "later@x.example": "450 4.1.1 no such user",
    }
    people = {address: make_subscriber(address=address) for address in addresses}
    sink.recipients.update(addresses)
    make_issue()
    send_all()
    for person in people.values():
        person.refresh_from_db()
    assert [address for address, row in people.items() if row.stopped_at] == ["unknown@x.example"]
    rows = Bounce.objects.values_list("source", "kind", "hard")
    assert list(rows) == [("server", "user unknown", True), ("server", "full", False)]


def test_a_text_that_is_refused_stops_nobody_whatever_the_words(sink):
    person = make_subscriber()
    sink.data = "550 Unknown user"
    make_issue()
    send_all()
    person.refresh_from_db()
    assert person.stopped_at is None
    assert Bounce.objects.get().kind == "refused"


def test_staff_take_failures_off_their_list(mailing):
    come_back(mailing, "550 5.7.1 blocked")
    with pytest.raises(NotPermitted):
        mark_seen(by=make_person(Role.CODER), subscriber=mailing.subscriber, now=NOON)
    editor = make_person(Role.EDITOR)
    assert mark_seen(by=editor, subscriber=mailing.subscriber, now=NOON) == 1
    assert Bounce.objects.get().seen_by == editor


def test_erasing_a_subscriber_erases_the_emails_that_came_back_from_them(
    mailing, settings, tmp_path
):
    settings.DATA = tmp_path
    raw = (
        b"From: MAILER-DAEMON@mx.example.net\nSubject: failure notice\n\n"
        b"<ann@trust.example.org>: 550 5.7.1 Ann Vale is blocked\n"
    )
    mail = receive_mail(raw=raw, recipient=return_address(mailing), now=NOON)
    other = receive_mail(raw=raw + b"x", recipient="bounce+99.x@waymark.example", now=NOON)
    while sort_mail(lambda: NOON) or note_bounces(lambda: NOON):
        pass
    assert "Ann Vale" in Bounce.objects.get().words
    erase_subscriber(by=None, subscriber=mailing.subscriber, now=NOON)
    assert Bounce.objects.get().words == ""
    mail.refresh_from_db()
    assert (mail.has_raw, mail.recipient) == (False, "")
    assert not raw_path(mail.sha256).exists()
    assert raw_path(other.sha256).exists()
