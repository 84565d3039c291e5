"""Who receives a list at a moment, and the addresses in their emails."""

import pytest

from tests.alerts.subscribing import DAY, HOUR, LIBRARY, MINUTE, WEEKLY, ask, subscribe
from tests.factories import NOON
from waymark.alerts.choices import topic_choice
from waymark.alerts.models import AlertList, FollowedFrequency
from waymark.alerts.queries.links import preferences_address, unsubscribe_address
from waymark.alerts.queries.recipients import recipients, still_receives
from waymark.alerts.services.erasure import erase_address
from waymark.alerts.services.subscriptions import (
    change_preferences,
    stop_undeliverable,
    undo_stop,
    unsubscribe,
)

pytestmark = pytest.mark.django_db


def names(alert_list=AlertList.WEEKLY, at=NOON + DAY, **more):
    rows = recipients(alert_list, at, **more)
    return [row.subscriber.address.partition("@")[0] for row in rows]


def test_only_those_who_confirmed_and_subscribed_by_then_receive_a_list():
    subscribe("ann@a.example")
    subscribe("ben@a.example", LIBRARY)
    ask("cat@a.example")
    subscribe("dan@a.example", now=NOON + DAY)
    subscribe("eve@a.example", now=NOON + DAY + MINUTE)
    fay = subscribe("fay@a.example", LIBRARY)
    both = [WEEKLY, LIBRARY]
    later = NOON + DAY + MINUTE
    change_preferences(by=None, token=fay.token, choices=both, frequency="", now=later)
    assert names() == ["ann", "dan"]
    assert names(at=NOON - MINUTE) == []


def test_who_left_later_was_due_but_does_not_receive_any_more():
    person = subscribe()
    row = recipients(AlertList.WEEKLY, NOON).get()
    assert still_receives(row)
    assert unsubscribe(token=person.token, alert_list="weekly", now=NOON + HOUR)
    assert names(at=NOON) == ["ann"]
    assert names(at=NOON + HOUR) == []
    assert not still_receives(row)


def test_a_list_that_is_taken_up_again_is_a_new_subscription():
    person = subscribe()
    unsubscribe(token=person.token, alert_list="weekly", now=NOON + HOUR)
    change_preferences(
        by=None, token=person.token, choices=[WEEKLY], frequency="", now=NOON + 2 * HOUR
    )
    assert [names(at=NOON + n * HOUR) for n in range(3)] == [["ann"], [], ["ann"]]


def test_a_stopped_address_receives_nothing_until_the_stop_is_undone():
    person = subscribe()
    row = recipients(AlertList.WEEKLY, NOON).get()
    stop_undeliverable(subscriber=person, reason="no such mailbox", now=NOON + HOUR)
    assert names() == []
    assert not still_receives(row)
    undo_stop(by=None, subscriber=person, now=NOON + 2 * HOUR)
    assert names() == ["ann"]
    assert still_receives(row)


def test_an_erased_address_receives_nothing():
    subscribe()
    erase_address(by=None, address="ANN@a.example", now=NOON + HOUR)
    assert names(at=NOON) == []


def test_each_followed_topic_is_a_row_and_only_those_of_a_frequency_are_given():
    topics = topic_choice("neglect", "Neglect"), topic_choice("infants", "Infants")
    subscribe("ann@a.example", *topics, frequency="monthly")
    subscribe("ben@a.example", topics[0])
    assert names(AlertList.TOPICS) == ["ann", "ann", "ben"]
    assert names(AlertList.TOPICS, frequency=FollowedFrequency.MONTHLY) == ["ann", "ann"]
    assert names(AlertList.TOPICS, frequency=FollowedFrequency.WEEKLY) == ["ben"]


def test_the_addresses_in_emails_have_the_site_and_an_unguessable_part(settings):
    settings.SITE_ADDRESS = "https://library.example"
    person = subscribe()
    assert len(person.token) == 43
    start = f"https://library.example/alerts/preferences/{person.token}/"
    assert preferences_address(person) == start
    leave = unsubscribe_address(person, AlertList.WEEKLY)
    assert leave == f"https://library.example/alerts/unsubscribe/{person.token}/weekly/"
