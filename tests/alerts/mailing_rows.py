"""Subscribers, approved issues and a mail server, for the tests of sending."""

import shutil
import socket
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from itertools import count

import pytest
from aiosmtpd.controller import Controller

from tests.factories import NOON
from waymark.alerts.models import AlertIssue, AlertList, IssueItem, Subscriber, Subscription
from waymark.pipeline.alerts import alert_sending

EARLIER = NOON - timedelta(days=30)
_number = count(1)


def make_subscriber(
    *lists: AlertList | tuple[AlertList, str],
    address: str = "",
    confirmed: datetime | None = EARLIER,
    stopped: datetime | None = None,
    started: datetime = EARLIER,
) -> Subscriber:
    """Somebody who receives the lists, or follows one thing in each; the Weekly alert if none."""
    address = address or f"person{next(_number)}@trust.example.org"
    person = Subscriber.objects.create(
        address=address,
        address_key=address.lower(),
        token=f"token{next(_number):08}",
        created_at=EARLIER,
        confirmed_at=confirmed,
        stopped_at=stopped,
        stopped_because="Bounced" if stopped else "",
    )
    for row in lists or (AlertList.WEEKLY,):
        alert_list, followed = row if isinstance(row, tuple) else (row, "")
        Subscription.objects.create(
            subscriber=person, alert_list=alert_list, followed=followed, started_at=started
        )
    return person


def make_issue(
    *items: str | tuple[str, str],
    alert_list: AlertList = AlertList.WEEKLY,
    approved: datetime | None = NOON,
) -> AlertIssue:
    """An approved issue with these headings, each also with the thing followed."""
    number = AlertIssue.objects.filter(alert_list=alert_list).count() + 1
    issue = AlertIssue.objects.create(
        alert_list=alert_list,
        number=number,
        title=f"{alert_list.label} {number}",
        first_day=NOON.date(),
        last_day=NOON.date(),
        created_at=NOON,
        approved_at=approved,
    )
    for position, row in enumerate(items or ("Safer sleep",), start=1):
        heading, followed = row if isinstance(row, tuple) else (row, "")
        IssueItem.objects.create(
            issue=issue,
            position=position,
            followed=followed,
            heading=heading,
            summary=f"About {heading}.",
        )
    return issue


class Sink:
    """A mail server. rcpt, data: its answers; recipients: answers for single addresses; arrived:
    (return address, receiver, email) of what it took. on_data: called before it answers.
    abort_after: number of emails after which it ends the connection instead of answering.
    """

    def __init__(self) -> None:
        self.rcpt = self.data = "250 OK"
        self.recipients: dict[str, str] = {}
        self.arrived = []
        self.connections = 0
        self.on_data = lambda: None
        self.abort_after = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.recipients.get(address, self.rcpt)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        if self.data.startswith("250"):
            email = message_from_bytes(envelope.content, policy=default)
            self.arrived.append((envelope.mail_from, envelope.rcpt_tos[0], email))
        self.on_data()
        if self.abort_after and len(self.arrived) == self.abort_after:
            server.transport.abort()
        return self.data

    @property
    def receivers(self) -> list[str]:
        return [receiver for _, receiver, _ in self.arrived]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def sink(settings):
    """The mail server of the site."""
    fresh = Sink()
    # Five seconds to be ready, as it has by itself, are few where other tests run beside.
    controller = Controller(fresh, hostname="127.0.0.1", port=free_port(), ready_timeout=60)
    controller.start()
    settings.MAIL_FROM = "library@waymark.example"
    settings.SITE_NAME = "The library, of learning"
    settings.CONTACT_EMAIL = "desk@waymark.example"
    settings.MAIL_SERVER = {
        "host": "127.0.0.1",
        "port": controller.port,
        "username": "",
        "password": "",
        "use_tls": False,
        "use_ssl": False,
    }
    shutil.rmtree(settings.DATA / "sending", ignore_errors=True)
    alert_sending._settled.clear()
    yield fresh
    controller.stop()


def send_all(now: datetime = NOON, *, most: int = 1_000) -> int:
    """Let the worker do all that can be done at a moment; returns the number of its steps."""
    for steps in range(most):
        if not alert_sending.send_alerts(clock=lambda: now):
            return steps
    raise AssertionError(f"the worker had not ended after {most} steps")
