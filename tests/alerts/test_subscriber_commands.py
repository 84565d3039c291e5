"""Commands about subscribers, and what waymark doctor finds."""

import json

import pytest
from click.testing import CliRunner

from tests.alerts.subscribing import DAY, HOUR, LIBRARY, WEEKLY, ask, subscribe
from tests.factories import NOON
from waymark.alerts.models import Subscriber, Subscription, SuppressedAddress
from waymark.alerts.queries.faults import subscriber_faults
from waymark.alerts.services.erasure import erase_address
from waymark.cli import main

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def this_database(monkeypatch):
    """Run commands on the database of the test."""
    monkeypatch.setattr("waymark.cli.subscribers.start_django", lambda: None)


def run(*words, code=0, typed=None):
    answer = CliRunner().invoke(main, ["alerts", *words], input=typed)
    assert answer.exit_code == code, answer.output
    return answer


def test_subscribers_are_counted_by_state_and_list():
    subscribe("ann@a.example", WEEKLY, LIBRARY)
    ask("ben@a.example")
    assert json.loads(run("subscribers", "--json").stdout) == {
        "confirmed": 1,
        "unconfirmed": 1,
        "stopped": 0,
        "erased": 0,
        "lists": {"weekly": 1, "library": 1, "reviews": 0, "topics": 0, "searches": 0},
    }
    assert "confirmed: 1\nunconfirmed: 1\n" in run("subscribers").stdout


def test_an_address_is_erased_also_from_standard_input():
    subscribe("ann@a.example")
    subscribe("ben@a.example")
    assert json.loads(run("erase", "ANN@a.example", "--json").stdout) == {"erased": True}
    assert json.loads(run("erase", "-", "--json", typed="ben@a.example\n").stdout) == {
        "erased": True
    }
    assert set(Subscriber.objects.values_list("address", flat=True)) == {""}
    assert "suppressed" in run("erase", "cat@a.example").stdout
    assert SuppressedAddress.objects.count() == 3


def test_what_is_no_address_is_refused_and_not_repeated():
    answer = CliRunner().invoke(main, ["alerts", "erase", "ann.lee"])
    assert answer.exit_code != 0
    assert "ann" not in f"{answer.output}{answer.exception}"


# ---- doctor ----


def test_subscribers_that_confirmed_are_no_fault():
    subscribe("ann@a.example")
    ask("ben@a.example")
    erase_address(by=None, address=subscribe("cat@a.example").address, now=NOON)
    assert list(subscriber_faults(NOON + 8 * DAY)) == []


def test_sign_ups_that_should_be_forgotten_are_a_fault_after_a_day():
    ask("ben@a.example")
    (fault,) = subscriber_faults(NOON + 8 * DAY + HOUR)
    assert fault.startswith("1 sign-ups that nobody confirmed")


def test_alerts_to_who_did_not_confirm_or_was_erased_are_faults_without_an_address():
    person = subscribe("ann@a.example")
    Subscriber.objects.update(confirmed_at=None)
    (fault,) = subscriber_faults(NOON)
    assert fault == f"subscriber {person.pk} receives alerts without having confirmed"
    Subscriber.objects.update(confirmed_at=NOON, erased_at=NOON)
    (fault,) = subscriber_faults(NOON)
    assert fault == f"subscriber {person.pk} receives alerts and is erased"


def test_an_erased_address_that_came_back_by_itself_is_a_fault():
    person = subscribe("ann@a.example")
    erase_address(by=None, address="ann@a.example", now=NOON)
    Subscriber.objects.update(address_key="ann@a.example", erased_at=None)
    Subscription.objects.update(ended_at=NOON)
    (fault,) = subscriber_faults(NOON)
    assert fault.startswith(f"subscriber {person.pk} is confirmed, and had their address erased")
