"""Signing up: nothing is sent before the owner of the address has confirmed."""

import hashlib
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.alerts.subscribing import DAY, HOUR, LIBRARY, MINUTE, WEEKLY, ask, subscribe, waiting
from tests.factories import NOON, make_person
from waymark.accounts.models import AuditEntry, ContentState, Role
from waymark.alerts import wordings
from waymark.alerts.choices import MOST_CHOICES, search_choice, topic_choice
from waymark.alerts.models import (
    AlertList,
    SignUp,
    SignUpAttempt,
    SignUpSource,
    Subscriber,
    Subscription,
)
from waymark.alerts.queries.recipients import recipients
from waymark.alerts.services import sign_ups
from waymark.alerts.services.erasure import erase_address
from waymark.alerts.services.sign_ups import (
    LinkExpired,
    SignUpRequest,
    TooManySignUps,
    confirm_sign_up,
    forget_unconfirmed,
    sign_up_caller,
)
from waymark.alerts.services.subscriptions import stop_undeliverable
from waymark.core.errors import NotFound, NotPermitted, RuleError
from waymark.mail.models import Letter

pytestmark = pytest.mark.django_db


def receives(alert_list=AlertList.WEEKLY, at=NOON):
    return [row.subscriber.address for row in recipients(alert_list, at)]


# ---- confirmation ----


def test_nothing_is_sent_before_the_address_is_confirmed():
    ask()
    assert receives() == []
    assert Subscription.objects.count() == 0
    confirm_sign_up(token=waiting().token, now=NOON + MINUTE)
    assert receives() == []
    assert receives(at=NOON + MINUTE) == ["ann@a.example"]


def test_the_letter_has_the_link_and_repeats_nothing_that_was_typed():
    search = search_choice("?q=buy+pills", "buy pills")
    ask("Ann@A.example", WEEKLY, search, topic_choice("neglect", "Neglect"))
    letter = Letter.objects.get()
    assert letter.to == "Ann@a.example"
    assert f"/alerts/confirm/{waiting('Ann@A.example').token}/" in letter.body
    assert "- Weekly alert\n- Followed topics (1)\n- Followed searches (1)" in letter.body
    assert "The link works until 6 May 2026, 13:00." in letter.body
    assert "pills" not in letter.body + letter.subject


def test_a_link_works_until_it_is_used_and_then_says_so():
    ask()
    token = waiting().token
    first, newly = confirm_sign_up(token=token, now=NOON + MINUTE)
    again, newly_again = confirm_sign_up(token=token, now=NOON + 30 * DAY)
    assert (newly, newly_again) == (True, False)
    assert again.confirmed_at == first.confirmed_at == NOON + MINUTE
    assert Subscription.objects.count() == 1


def test_a_link_works_for_48_hours_and_no_longer():
    ask()
    token = waiting().token
    with pytest.raises(LinkExpired):
        confirm_sign_up(token=token, now=NOON + 48 * HOUR)
    _, newly = confirm_sign_up(token=token, now=NOON + 48 * HOUR - MINUTE)
    assert newly


def test_an_unknown_link_confirms_nothing():
    ask()
    with pytest.raises(NotFound):
        confirm_sign_up(token="a" * 43, now=NOON)


def test_the_record_of_consent_names_wording_source_and_time():
    subscribe()
    record = SignUp.objects.get()
    assert (record.wording, record.source) == (wordings.CURRENT, SignUpSource.WEB)
    assert (record.created_at, record.confirmed_at) == (NOON, NOON)
    assert record.choices == [{"alert_list": "weekly", "followed": "", "name": "", "search": ""}]


def test_a_wording_that_people_agreed_to_is_never_changed():
    """A new text is a new version; the hash of each published one stays here."""
    hashes = {
        version: hashlib.sha256(text.encode()).hexdigest()[:12]
        for version, text in wordings.WORDINGS.items()
    }
    assert hashes == {"2026-11": "c73fc7737e60"}


def test_a_caller_is_signed_up_by_staff_and_confirms_too():
    person = make_person(Role.EDITOR)
    request = SignUpRequest("ann@a.example", (WEEKLY,))
    sign_up_caller(by=person, request=request, source=SignUpSource.PHONE, now=NOON)
    assert receives() == []
    record = waiting()
    assert (record.source, record.recorded_by) == (SignUpSource.PHONE, person)
    assert Letter.objects.get().body.startswith("You asked our staff to send")
    with pytest.raises(NotPermitted):
        sign_up_caller(
            by=make_person(Role.CODER), request=request, source=SignUpSource.PHONE, now=NOON
        )


def test_without_a_choice_or_with_too_many_nobody_signs_up():
    with pytest.raises(RuleError, match="at least one"):
        sign_ups.sign_up(
            by=None, request=SignUpRequest("a@a.example", ()), network="192.0.2.1", now=NOON
        )
    many = [topic_choice(f"t{number}", "Topic") for number in range(MOST_CHOICES + 1)]
    with pytest.raises(RuleError, match="at most 60"):
        ask("a@a.example", *many)


# ---- repeated requests ----


def test_a_second_letter_is_not_written_within_24_hours_and_the_first_confirms_all():
    ask()
    ask("ANN@a.example", LIBRARY, now=NOON + 24 * HOUR - MINUTE)
    assert Letter.objects.count() == 1
    confirm_sign_up(token=waiting().token, now=NOON + 25 * HOUR)
    rows = Subscription.objects.values_list("alert_list", flat=True)
    assert sorted(rows) == ["library", "weekly"]


def test_after_24_hours_a_new_letter_makes_the_link_work_for_48_hours_more():
    ask()
    token = waiting().token
    ask(now=NOON + 24 * HOUR)
    assert Letter.objects.count() == 2
    _, newly = confirm_sign_up(token=token, now=NOON + 71 * HOUR)
    assert newly


def test_a_subscriber_who_signs_up_again_gets_the_same_letter_and_nothing_twice():
    subscribe()
    ask("ann@a.example", WEEKLY, LIBRARY, now=NOON + HOUR)
    first, second = Letter.objects.order_by("pk")
    assert first.subject == second.subject
    assert receives(AlertList.LIBRARY, NOON + 2 * HOUR) == []
    confirm_sign_up(token=waiting().token, now=NOON + 2 * HOUR)
    assert Subscriber.objects.count() == 1
    assert sorted(Subscription.objects.values_list("alert_list", flat=True)) == [
        "library",
        "weekly",
    ]


def statements(address, now):
    """Shapes of the statements of a sign-up: its work, whatever the address is."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        ask(address, now=now)
    texts = [re.sub(r"'[^']*'|\b\d+\b|x[0-9a-f]+", "?", row["sql"]) for row in queries]
    return [text[:60] for text in texts if "SAVEPOINT" not in text]


def test_known_unknown_stopped_and_erased_addresses_cause_the_same_work():
    """So neither the answer nor its time tells them apart."""
    subscribe("known@a.example")
    stop_undeliverable(
        subscriber=subscribe("stopped@a.example"), reason="no such mailbox", now=NOON
    )
    subscribe("erased@a.example")
    erase_address(by=None, address="erased@a.example", now=NOON)
    later = NOON + 2 * DAY
    unknown = statements("unknown@a.example", later)
    for name in ("known", "stopped", "erased"):
        assert statements(f"{name}@a.example", later) == unknown
    assert Letter.objects.filter(written_at=later).count() == 4


# ---- limits ----


def test_one_mailbox_gets_five_letters_a_day_however_it_is_spelt():
    for number in range(8):
        ask(f"a.nn+{number}@a.example", network=f"192.0.2.{number}")
    assert Letter.objects.count() == 5
    ask("ann+9@a.example", now=NOON + DAY)
    assert Letter.objects.count() == 6


def test_one_network_sends_fifty_forms_a_day():
    for number in range(50):
        ask(f"p{number}@a.example")
    with pytest.raises(TooManySignUps):
        ask("p50@a.example")
    ask("p50@a.example", network="192.0.2.2")
    ask("p51@a.example", now=NOON + DAY)
    assert SignUpAttempt.objects.count() == 1, "those of the day before are deleted"


def test_all_networks_together_have_a_limit(monkeypatch):
    monkeypatch.setattr(sign_ups, "MOST_OF_ALL", 3)
    for number in range(3):
        ask(f"p{number}@a.example", network=f"192.0.2.{number}")
    with pytest.raises(TooManySignUps):
        ask("p3@a.example", network="192.0.2.9")
    assert Letter.objects.count() == 3


def test_the_limits_store_neither_address_nor_network():
    ask()
    row = SignUpAttempt.objects.get()
    assert len(row.network) == len(row.mailbox) == 64
    assert not re.search(r"[^0-9a-f]", row.network + row.mailbox)


# ---- forgotten ----


def test_who_does_not_confirm_is_forgotten_after_seven_days():
    ask()
    assert forget_unconfirmed(now=NOON + 7 * DAY - MINUTE) == 0
    assert forget_unconfirmed(now=NOON + 7 * DAY) == 1
    assert not Subscriber.objects.exists()
    assert not SignUp.objects.exists()
    assert not Letter.objects.exists()


def test_a_subscriber_stays_when_a_later_request_of_theirs_is_forgotten():
    subscribe()
    ask("ann@a.example", LIBRARY, now=NOON + HOUR)
    assert forget_unconfirmed(now=NOON + 8 * DAY) == 1
    assert receives(at=NOON + 8 * DAY) == ["ann@a.example"]
    assert SignUp.objects.count() == 1, "the record of consent stays"


def test_a_new_letter_begins_the_seven_days_again():
    ask()
    ask(now=NOON + 6 * DAY)
    assert forget_unconfirmed(now=NOON + 7 * DAY) == 0


def test_the_audit_log_names_no_address():
    subscribe()
    ask("ann@a.example", LIBRARY, now=NOON + HOUR)
    forget_unconfirmed(now=NOON + 9 * DAY)
    entries = AuditEntry.objects.values_list("action", "subject", "detail")
    assert {subject for _, subject, _ in entries} >= {f"subscriber {Subscriber.objects.get().pk}"}
    assert not re.search(r"ann|@", str(list(entries)))


def test_signing_up_leaves_what_is_cached_for_readers():
    subscribe()
    assert not ContentState.objects.exists()
