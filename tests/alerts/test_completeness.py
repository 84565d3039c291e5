"""Whether an issue reached everyone due, or why not."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from tests.alerts.mailing_rows import EARLIER, make_issue, make_subscriber, send_all, sink
from tests.factories import NOON, make_person
from waymark.accounts.models import Role
from waymark.alerts.models import AlertList, Bounce, Mailing, Subscription
from waymark.alerts.queries.completeness import (
    delivery_report,
    report_by_name,
    unsettled_dispatches,
    why_not,
)
from waymark.alerts.queries.failing import failing_subscribers, failures_in_a_row
from waymark.cli import alerts as commands
from waymark.cli import main
from waymark.core.errors import NotFound, NotPermitted

pytestmark = pytest.mark.django_db
__all__ = ["sink"]
HOUR = timedelta(hours=1)


@pytest.fixture
def world(sink):
    """An issue sent to people of every kind. Name -> subscriber."""
    people = {
        "sent": make_subscriber(),
        "refused": make_subscriber(address="refused@x.example"),
        "waiting": make_subscriber(address="waiting@x.example"),
        "unconfirmed": make_subscriber(confirmed=None),
        "stopped": make_subscriber(stopped=EARLIER),
        "later": make_subscriber(started=NOON + HOUR),
        "other list": make_subscriber(AlertList.LIBRARY),
        "left": make_subscriber(),
    }
    Subscription.objects.filter(subscriber=people["left"]).update(ended_at=NOON - HOUR)
    sink.recipients = {"refused@x.example": "550 5.1.1 unknown", "waiting@x.example": "451 later"}
    people["issue"] = make_issue("Safer sleep", "Neglect")
    send_all()
    return people


def test_a_report_counts_who_was_due_and_every_reason_why_not(world):
    report = delivery_report(world["issue"], None)
    (row,) = report.items[:1]
    assert (row.item.heading, row.due, row.reached, row.monthly) == ("Safer sleep", 3, 1, 0)
    assert row.of_state == {"sent": 1, "refused": 1, "waiting": 1}
    assert row.not_due == {"unconfirmed": 1, "stopped": 1}
    assert report.later == 1
    assert report.bounces == {"user unknown": 1}
    (sending,) = report.dispatches
    assert sending.reasons == {
        ("refused", "550 5.1.1 unknown"): 1,
        ("waiting", "451 later"): 1,
    }


def test_an_issue_is_finished_when_no_email_waits_and_nothing_is_unknown(world, sink):
    issue = world["issue"]
    assert not delivery_report(issue, None).finished
    sink.recipients = {}
    send_all(NOON + HOUR)
    assert delivery_report(issue, None).finished
    Mailing.objects.filter(subscriber=world["sent"]).update(state="unknown", sent_at=None)
    assert not delivery_report(issue, None).finished
    assert not delivery_report(make_issue(), None).finished


def test_each_person_can_be_told_why_an_item_did_not_come(world):
    item = world["issue"].items.first()
    reasons = {name: why_not(item, person.pk) for name, person in world.items() if name != "issue"}
    assert reasons == {
        "sent": "",
        "refused": "Refused: 550 5.1.1 unknown",
        "waiting": "Waiting: 451 later",
        "unconfirmed": "Had not confirmed the address",
        "stopped": "Sending to the address was stopped",
        "later": "Subscribed later",
        "other list": "Not subscribed",
        "left": "Had unsubscribed",
    }


def test_the_report_is_for_those_who_edit_alerts(world):
    with pytest.raises(NotPermitted):
        delivery_report(world["issue"], make_person(Role.CODER))
    assert delivery_report(world["issue"], make_person(Role.EDITOR))
    assert report_by_name("weekly-1", None).issue == world["issue"]
    for name in ("weekly-2", "weekly", "neglect-1", "weekly-1x", "weekly-²"):
        with pytest.raises(NotFound, match="such as weekly-12"):
            report_by_name(name, None)
    with pytest.raises(NotPermitted):
        unsettled_dispatches(make_person(Role.CODER))


def test_the_command_prints_the_report_and_settles_what_is_unknown(world, monkeypatch):
    monkeypatch.setattr(commands, "start_django", lambda: None)
    Mailing.objects.filter(subscriber=world["sent"]).update(state="unknown", sent_at=None)
    result = CliRunner().invoke(main, ["alerts", "report", "weekly-1", "--json"])
    answer = json.loads(result.stdout)
    assert answer["finished"] is False
    assert answer["subscribed_later"] == 1
    (emails,) = answer["emails"]
    assert emails["states"] == {"refused": 1, "unknown": 1, "waiting": 1}
    assert [(row["heading"], row["due"]) for row in answer["items"]] == [
        ("Safer sleep", 3),
        ("Neglect", 3),
    ]
    text = CliRunner().invoke(main, ["alerts", "report", "weekly-1"]).stdout
    assert text.startswith("not finished\n")
    assert "Safer sleep: 0 of 3 due; not due: 1 Sending to the address was stopped" in text
    one = Mailing.objects.get(state="unknown").message_id.strip("<>")
    for name, number in (("other@x.example", 0), (one, 1)):
        command = ["alerts", "settle", "weekly-1", "--again", "--message-id", name, "--json"]
        result = CliRunner().invoke(main, command)
        assert json.loads(result.stdout) == {"arrived": 0, "again": number}
    Mailing.objects.filter(subscriber=world["sent"]).update(state="unknown", sent_at=None)
    result = CliRunner().invoke(main, ["alerts", "settle", "weekly-1", "--arrived", "--json"])
    assert json.loads(result.stdout) == {"arrived": 1, "again": 0}
    assert CliRunner().invoke(main, ["alerts", "settle", "weekly-1"]).exit_code == 2


# ---- failures in a row ----


def test_failures_are_counted_in_a_row_until_an_email_arrives(sink):
    person = make_subscriber()
    moments = [NOON + timedelta(days=7 * week) for week in range(4)]
    for moment, fails in zip(moments, (True, False, True, True), strict=True):
        issue = make_issue(approved=moment)
        send_all(moment)
        if fails:
            mailing = Mailing.objects.get(dispatch__issue=issue)
            Bounce.objects.create(
                mailing=mailing, source="email", kind="full", hard=False, at=moment
            )
    now = moments[-1] + timedelta(days=1)
    assert failures_in_a_row([person.pk], now) == {person.pk: 2}
    # A day after the next one nobody knows yet; a week after, it has arrived.
    make_issue(approved=now)
    send_all(now)
    assert failures_in_a_row([person.pk], now + timedelta(days=1)) == {person.pk: 2}
    assert failures_in_a_row([person.pk], now + timedelta(days=7)) == {}
    assert list(failing_subscribers(None)) == [person]
    with pytest.raises(NotPermitted):
        failing_subscribers(make_person(Role.CODER))


def test_an_automatic_reply_is_no_failure(sink):
    person = make_subscriber()
    make_issue()
    send_all()
    Bounce.objects.create(
        mailing=Mailing.objects.get(), source="email", kind="auto-reply", hard=False, at=NOON
    )
    assert list(failing_subscribers(None)) == []
    assert failures_in_a_row([person.pk], NOON + timedelta(days=9)) == {}
