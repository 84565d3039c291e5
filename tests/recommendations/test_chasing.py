"""Chasing those who are late: reminders by email, once, by the ladder; none while paused."""

from datetime import date, timedelta

import pytest

from tests.factories import NOON
from tests.recommendations.test_ledger import enter, serve
from tests.recommendations.test_recommendations import core, record  # noqa: F401
from waymark.accounts.installation import pause_sending
from waymark.accounts.models import Installation
from waymark.bodies.services import BodyAbout, add_body, add_succession
from waymark.core.jobs import HourlyRun
from waymark.mail.models import Letter
from waymark.pipeline.follow_up import chase as chase_now
from waymark.recommendations import services
from waymark.recommendations.models import LedgerEntry
from waymark.recommendations.services import ChaseResult, NewEntry

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def asked(report):
    """A recommendation of review T1."""
    record(report)
    return report.review


@pytest.fixture
def trust():
    return add_body(by=None, about=BodyAbout("Ash Trust"), now=NOON)


def contact(body, address="office@ash.example"):
    return services.add_contact(by=None, body=body, address=address, now=NOON)


def late(review, words="Ash Trust"):
    """An addressee that was told on 12 January 2026 and had 56 days: late since 10 March."""
    addressee = serve(review, words, scheme="coroner-pfd")
    enter(addressee, "notified")
    return addressee


def reminders():
    rows = LedgerEntry.objects.exclude(step=None).order_by("pk")
    return list(rows.values_list("kind", "step", "on"))


def test_a_body_is_reminded_once_by_an_email_to_each_of_its_addresses(asked, trust):
    contact(trust)
    contact(trust, "second@ash.example")
    late(asked)
    assert services.chase_late(now=NOON) == ChaseResult(reminded=1, emails=2)
    assert services.chase_late(now=NOON) == ChaseResult()
    assert set(Letter.objects.values_list("to", flat=True)) == {
        "office@ash.example",
        "second@ash.example",
    }
    letter = Letter.objects.first()
    assert letter.subject == "1 recommendation waiting for Ash Trust"
    assert "T1, recommendation 1: late since 10 March 2026 (first reminder)" in letter.body
    assert reminders() == [("reminded", 1, date(2026, 5, 4))]


def test_the_letter_quotes_no_word_of_the_report(asked, trust):
    contact(trust)
    late(asked)
    services.chase_late(now=NOON)
    assert "visits" not in Letter.objects.get().body


def test_steps_that_were_missed_follow_a_week_apart_and_end_with_the_list_of_the_late(asked, trust):
    contact(trust)
    late(asked)
    moments = [NOON + days * DAY for days in (0, 6, 7, 14, 60, 61, 200)]
    for moment in moments:
        services.chase_late(now=moment)
    assert reminders() == [
        ("reminded", 1, date(2026, 5, 4)),
        ("reminded", 2, date(2026, 5, 11)),
        ("reminded", 3, date(2026, 5, 18)),
        ("listed", 4, date(2026, 7, 3)),
    ]
    assert Letter.objects.count() == 3


def test_nothing_is_chased_while_sending_is_paused(asked, trust):
    contact(trust)
    late(asked)
    Installation.objects.get_or_create(pk=1, defaults={"identifier": "x", "created_at": NOON})
    pause_sending(by=None, reason="Restored from a backup.", now=NOON)
    assert services.chase_late(now=NOON) == ChaseResult(paused=True)
    assert (reminders(), Letter.objects.count()) == ([], 0)


def test_a_body_without_an_address_is_counted_and_reminded_by_hand(asked, trust):
    addressee = late(asked)
    assert services.chase_late(now=NOON) == ChaseResult(without_address=1)
    addressee.refresh_from_db()
    services.record_entry_of(
        by=None,
        addressee=addressee,
        entry=NewEntry("reminded", date(2026, 5, 1), how="letter"),
        now=NOON,
    )
    assert reminders() == [("reminded", 1, date(2026, 5, 1))]
    contact(trust)
    assert services.chase_late(now=NOON) == ChaseResult()
    assert services.chase_late(now=NOON + 7 * DAY).reminded == 1
    assert reminders()[-1][:2] == ("reminded", 2)


def test_nobody_is_chased_who_has_just_answered_or_is_not_late(asked, trust):
    contact(trust)
    addressee = late(asked)
    enter(addressee, "answered", on=date(2026, 5, 1), answer="accepted")
    assert services.chase_late(now=NOON) == ChaseResult()


def test_the_body_that_took_over_is_reminded_of_what_its_predecessor_was_asked(asked, trust):
    board = add_body(by=None, about=BodyAbout("Board of Ash"), now=NOON)
    add_succession(by=None, earlier=trust, later=board, kind="replaced", now=NOON)
    contact(board, "board@ash.example")
    late(asked)
    assert services.chase_late(now=NOON).reminded == 1
    assert Letter.objects.get().to == "board@ash.example"


def test_the_worker_chases_once_an_hour(asked, trust):
    contact(trust)
    late(asked)
    chase = HourlyRun(chase_now)
    assert chase(lambda: NOON)
    assert not chase(lambda: NOON)
    assert not chase(lambda: NOON + timedelta(minutes=59))
    assert chase(lambda: NOON + 7 * DAY)
    assert len(reminders()) == 2
