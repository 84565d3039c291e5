"""A mail comes back through the inbox of the installation, and stops the address that is gone."""

import pytest

from tests.alerts.mailing_rows import make_issue, make_subscriber, send_all, sink
from tests.factories import NOON
from waymark.alerts.models import Bounce, Mailing
from waymark.alerts.queries.dispatches import return_address
from waymark.mail.models import InboundMail
from waymark.mail.services import receive_mail
from waymark.pipeline.mail.bounced_mail import note_bounces
from waymark.pipeline.mail.inbound_mail import sort_mail

pytestmark = pytest.mark.django_db
__all__ = ["sink"]
BOUNCE = b"From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\n<ann@x.example>: "


@pytest.mark.parametrize(
    ("raw", "state", "kind", "reason", "stopped"),
    [
        (BOUNCE + b"550 5.1.1 no such user", "done", "bounce", "user unknown", True),
        (BOUNCE + b"552 5.2.2 mailbox full", "done", "bounce", "full", False),
        (
            b"From: ann@x.example\nSubject: Out of office\n\nUser unknown",
            "done",
            "automatic",
            "auto-reply",
            False,
        ),
        (
            b"From: ann@x.example\nSubject: Re: alert\n\nThank you",
            "to_sort",
            "bounce",
            "it says of no email of ours that it failed",
            False,
        ),
        (b"no email at all", "refused", "bounce", "it does not begin with a header", False),
    ],
)
def test_a_mail_to_a_return_address_is_read_once_and_says_what_came_of_it(
    raw, state, kind, reason, stopped, sink
):
    person = make_subscriber(address="ann@x.example")
    make_issue()
    send_all()
    address = return_address(Mailing.objects.get())
    receive_mail(raw=raw, recipient=address, now=NOON)
    clock = lambda: NOON  # noqa: E731
    assert sort_mail(clock)
    assert note_bounces(clock)
    assert not note_bounces(clock)
    mail = InboundMail.objects.get()
    assert (mail.state, mail.kind) == (state, kind)
    assert mail.reason.startswith(reason)
    person.refresh_from_db()
    assert (person.stopped_at is not None) == stopped
    assert Bounce.objects.count() == (state == "done")
