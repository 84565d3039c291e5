"""Erasure: nothing of the person stays but a keyed hash, also when an older copy is restored."""

import pytest
from django.apps import apps

from tests.alerts.subscribing import HOUR, LIBRARY, WEEKLY, ask, subscribe
from tests.factories import NOON
from waymark.accounts import removals
from waymark.accounts.models import AuditEntry, Installation
from waymark.alerts.choices import search_choice
from waymark.alerts.models import (
    AlertList,
    SignUpSource,
    Subscriber,
    Subscription,
    SuppressedAddress,
)
from waymark.alerts.queries.recipients import recipients
from waymark.alerts.queries.suppression import is_suppressed
from waymark.alerts.services.erasure import erase_address
from waymark.alerts.services.sign_ups import SignUpRequest, sign_up_caller
from waymark.alerts.services.subscriptions import change_preferences, unsubscribe
from waymark.core.errors import RuleError
from waymark.pipeline.removals.replay_removals import begin_journal, replay_removals

pytestmark = pytest.mark.django_db


def everything() -> str:
    """The text of every row of every table, and the journal."""
    rows = [
        str(row)
        for model in apps.get_models()
        if model._meta.label != "accounts.User"
        for row in model._default_manager.values_list()
    ]
    return " ".join(rows) + removals.journal_file().read_text("utf-8")


def test_nothing_of_the_person_stays_in_any_table_but_the_hash():
    subscribe("zennor.vale@a.example", WEEKLY, search_choice("?q=tredavoe", "tredavoe"))
    ask("zennor.vale@a.example", LIBRARY, now=NOON + HOUR)
    assert erase_address(by=None, address="Zennor.Vale@a.example", now=NOON + 2 * HOUR)
    for word in ("zennor", "Zennor", "tredavoe"):
        assert word not in everything()
    row = Subscriber.objects.get()
    assert (row.address, row.erased_at) == ("", NOON + 2 * HOUR)
    assert SuppressedAddress.objects.count() == 1
    assert is_suppressed("zennor.vale@a.example")


def test_staff_cannot_sign_up_an_erased_address_but_its_owner_can():
    subscribe()
    erase_address(by=None, address="ann@a.example", now=NOON + HOUR)
    with pytest.raises(RuleError, match="had it erased"):
        sign_up_caller(
            by=None,
            request=SignUpRequest("ANN@a.example", (WEEKLY,)),
            source=SignUpSource.PHONE,
            now=NOON + 2 * HOUR,
        )
    ask(now=NOON + 2 * HOUR)
    assert is_suppressed("ann@a.example"), "anybody can type an address"
    again = subscribe("ann@a.example", now=NOON + 27 * HOUR)
    assert not is_suppressed("ann@a.example")
    assert again.pk != Subscriber.objects.exclude(erased_at=None).get().pk


def test_an_address_that_never_subscribed_can_be_suppressed():
    assert not erase_address(by=None, address="ann@a.example", now=NOON)
    assert is_suppressed("ann@a.example")


def test_an_erased_subscriber_keeps_the_counts_of_what_was_sent():
    person = subscribe()
    erase_address(by=None, address="ann@a.example", now=NOON + HOUR)
    row = Subscription.objects.get(subscriber=person)
    assert (row.started_at, row.ended_at) == (NOON, NOON + HOUR)
    assert not AuditEntry.objects.filter(detail__icontains="ann").exists()


# ---- a database restored from an older copy ----


def restored(**values) -> None:
    """Make the database as it was before the journal's lines: see replay_removals()."""
    Installation.objects.update_or_create(
        pk=1, defaults={"identifier": "x", "created_at": NOON, "removals_seen": 0}
    )
    SuppressedAddress.objects.all().delete()
    Subscriber.objects.update(**values)


def test_a_restored_copy_erases_again_whom_it_brought_back():
    Installation.objects.create(pk=1, identifier="x", created_at=NOON)
    person = subscribe()
    old = {name: getattr(person, name) for name in ("address", "address_key", "token")}
    erase_address(by=None, address="ann@a.example", now=NOON + HOUR)
    restored(**old, erased_at=None, stopped_at=None, stopped_because="")
    Subscription.objects.update(ended_at=None)
    assert len(replay_removals(now=NOON + 2 * HOUR)) > 0
    row = Subscriber.objects.get()
    assert (row.address, row.erased_at) == ("", NOON + 2 * HOUR)
    assert is_suppressed("ann@a.example")
    assert replay_removals(now=NOON + 3 * HOUR) == []


def test_a_restored_copy_ends_again_what_people_had_left_and_nothing_later():
    Installation.objects.create(pk=1, identifier="x", created_at=NOON)
    person = subscribe("ann@a.example", WEEKLY, LIBRARY)
    unsubscribe(token=person.token, alert_list="weekly", now=NOON + HOUR)
    unsubscribe(token=person.token, alert_list="library", now=NOON + HOUR)
    change_preferences(
        by=None, token=person.token, choices=[LIBRARY], frequency="", now=NOON + 2 * HOUR
    )
    Installation.objects.update(removals_seen=0)
    Subscription.objects.filter(alert_list="weekly").update(ended_at=None)
    replay_removals(now=NOON + 3 * HOUR)
    assert not recipients(AlertList.WEEKLY, NOON + 3 * HOUR).exists()
    assert recipients(AlertList.LIBRARY, NOON + 3 * HOUR).count() == 1


def test_a_list_that_was_left_twice_is_ended_again_after_a_copy_from_between():
    Installation.objects.create(pk=1, identifier="x", created_at=NOON)
    person = subscribe()
    unsubscribe(token=person.token, alert_list="weekly", now=NOON + HOUR)
    change_preferences(
        by=None, token=person.token, choices=[WEEKLY], frequency="", now=NOON + 2 * HOUR
    )
    seen = Installation.objects.get().removals_seen
    unsubscribe(token=person.token, alert_list="weekly", now=NOON + 3 * HOUR)
    Installation.objects.update(removals_seen=seen)
    Subscription.objects.filter(started_at=NOON + 2 * HOUR).update(ended_at=None)
    replay_removals(now=NOON + 4 * HOUR)
    assert not recipients(AlertList.WEEKLY, NOON + 4 * HOUR).exists()


def test_a_new_journal_begins_with_the_erased_addresses():
    erase_address(by=None, address="ann@a.example", now=NOON)
    removals.journal_file().unlink()
    begin_journal(now=NOON + HOUR)
    line, kinds = removals.last_entries().values()
    assert kinds["what"] == removals.KINDS
    assert line["subject"] == f"address {SuppressedAddress.objects.get().digest}"
