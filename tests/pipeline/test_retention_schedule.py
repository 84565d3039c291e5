"""Personal data are erased by schedule: what is due, what stays, and what the log says."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.db.models import EmailField

from tests.factories import NOON
from waymark.accounts.models import AuditEntry
from waymark.alerts.models import SignUp, SignUpAttempt, Subscriber
from waymark.core.errors import RuleError
from waymark.data_access.models import ApplicationEvent
from waymark.enquiries.models import DeskEvent, Enquiry, EnquiryMessage, EnquiryState
from waymark.library.models import Deposit, DepositState
from waymark.library.services.deposits import tell_withdrawn
from waymark.mail.email_text import EmailText
from waymark.mail.models import InboundMail, InboundMailState, Letter
from waymark.mail.outbox import write_letter
from waymark.pipeline.retention.rules import (
    RULES,
    RetentionRule,
    apply_retention,
    retention_run,
)
from waymark.pipeline.retention.schedule import built_in_schedule, retention_schedule
from waymark.setting_values import days_setting

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
DOCS = Path(__file__).resolve().parents[2] / "docs"


def days_ago(days):
    return NOON - days * DAY


def erased(**options):
    """Key -> number erased, of those that erased anything."""
    results = apply_retention(now=NOON, **options)
    return {row.period.key: row.erased for row in results if row.erased}


def letter(key, sent_at, **fields):
    given = {"to": "ann@example.org", "subject": "About R1", "body": "Words", "message_id": "<1@a>"}
    return Letter.objects.create(key=key, written_at=NOON, sent_at=sent_at, **(given | fields))


def deposit(reference, state, decided_at):
    return Deposit.objects.create(
        reference=reference,
        board="Northshire",
        contact_name="Ann Example",
        contact_email="ann@example.org",
        title="A review",
        rights="ours",
        batch=reference,
        state=state,
        received_at=days_ago(3_000),
        decided_at=decided_at,
    )


def subscriber(number, **fields):
    return Subscriber.objects.create(
        address=f"a{number}@example.org",
        address_key=f"a{number}@example.org",
        token=f"token {number}",
        created_at=days_ago(900),
        **fields,
    )


# ---- each line of the schedule ----


def test_every_line_of_the_schedule_has_a_rule_and_every_rule_a_line():
    assert [row.key for row in built_in_schedule()] == list(RULES)


def test_sessions_that_expired_are_deleted_and_running_ones_stay():
    for key, expires in (("over", days_ago(1)), ("running", NOON + DAY)):
        Session.objects.create(session_key=key, session_data="", expire_date=expires)
    assert erased() == {"sessions": 1}
    assert list(Session.objects.values_list("pk", flat=True)) == ["running"]


def test_marks_of_forms_are_forgotten_after_a_day_without_a_next_form():
    for days in (0.9, 1.1):
        at = days_ago(days)
        DeskEvent.objects.create(kind="network", mark="m", at=at)
        SignUpAttempt.objects.create(network="n", mailbox="m", at=at)
        ApplicationEvent.objects.create(mark="m", at=at)
    assert erased() == {"form-marks": 3}
    assert DeskEvent.objects.get().at == days_ago(0.9)


def test_a_sent_email_loses_its_address_and_words_after_a_year_and_is_not_written_again():
    letter("R1 old", days_ago(366))
    letter("R1 new", days_ago(364))
    letter("R1 unsent", None)
    assert erased() == {"sent-emails": 1}
    old = Letter.objects.get(key="R1 old")
    assert (old.to, old.subject, old.body, old.sent_at) == ("", "Erased", "", days_ago(366))
    assert Letter.objects.filter(to="ann@example.org").count() == 2
    write_letter(key="R1 old", to="ann@example.org", wording=EmailText("A", "b"), now=NOON)
    assert Letter.objects.get(key="R1 old").to == ""
    assert erased() == {}


def test_the_contact_of_a_decided_deposit_is_erased_with_its_emails():
    deposit("D1", DepositState.RETURNED, days_ago(366))
    deposit("D2", DepositState.RETURNED, days_ago(364))
    deposit("D3", DepositState.PUBLISHED, days_ago(366))
    deposit("D4", DepositState.PUBLISHED, days_ago(2_191))
    deposit("D5", DepositState.IN_CHECK, None)
    letter("D1 returned", days_ago(10))
    letter("D2 returned", days_ago(10))
    assert erased() == {"returned-deposits": 1, "published-deposits": 1}
    with_contact = Deposit.objects.exclude(contact_email="").exclude(contact_name="")
    assert set(with_contact.values_list("reference", flat=True)) == {"D2", "D3", "D5"}
    assert Letter.objects.get().key == "D2 returned"


def test_nobody_is_written_to_whose_address_was_erased():
    row = deposit("D4", DepositState.PUBLISHED, days_ago(2_191))
    apply_retention(now=NOON)
    row.refresh_from_db()
    tell_withdrawn(by=None, deposits=[row], now=NOON)
    assert not Letter.objects.exists()


def test_a_subscriber_who_stopped_all_is_erased_after_a_year_and_may_subscribe_again():
    subscriber(1, stopped_at=days_ago(366), confirmed_at=days_ago(800))
    subscriber(2, stopped_at=days_ago(364), confirmed_at=days_ago(800))
    subscriber(3, confirmed_at=days_ago(800))
    assert erased() == {"stopped-subscribers": 1}
    assert sorted(Subscriber.objects.values_list("address", flat=True)) == [
        *("", "a2@example.org", "a3@example.org"),
    ]
    assert apps.get_model("alerts", "SuppressedAddress").objects.count() == 0


def test_a_sign_up_that_nobody_confirmed_is_forgotten_after_a_week():
    for number, days in ((1, 8), (2, 6)):
        SignUp.objects.create(
            subscriber=subscriber(number),
            address=f"a{number}@example.org",
            address_key=f"a{number}@example.org",
            choices=[],
            token=f"sign-up {number}",
            created_at=days_ago(days),
        )
    assert erased() == {"unconfirmed-sign-ups": 1}
    assert SignUp.objects.get().address == "a2@example.org"


# ---- dry run, log, periods ----


def test_a_dry_run_counts_and_changes_nothing():
    letter("R1 old", days_ago(366))
    deposit("D1", DepositState.RETURNED, days_ago(366))
    results = apply_retention(now=NOON, dry_run=True)
    due = {row.period.key: row.due for row in results if row.due}
    assert due == {"sent-emails": 1, "returned-deposits": 1}
    assert all(row.erased == 0 for row in results)
    assert Letter.objects.get().body == "Words"
    assert not AuditEntry.objects.exists()


def test_a_line_that_fails_stops_no_other_and_its_work_is_done_by_the_next_run(monkeypatch, caplog):
    Session.objects.create(session_key="over", session_data="", expire_date=days_ago(1))
    letter("R1 old", days_ago(366))

    def broken(*_):
        raise OSError("the disk is full")

    rule = RULES["sessions"]
    monkeypatch.setitem(RULES, "sessions", RetentionRule(rule.count, broken))
    with pytest.raises(OSError, match="the disk is full"):
        retention_run(NOON)
    assert Letter.objects.get().body == ""
    assert Session.objects.exists()
    assert "sessions" in caplog.text
    monkeypatch.setitem(RULES, "sessions", rule)
    assert retention_run(NOON)
    assert not Session.objects.exists()


def test_a_run_erases_as_many_as_a_dry_run_counts():
    """Also of an enquiry that came by email: the email goes with it and is not counted twice."""
    old = days_ago(800)
    enquiry = Enquiry.objects.create(
        reference="E1", state=EnquiryState.ANSWERED, received_at=old, due_at=old, ended_at=old
    )
    mail = InboundMail.objects.create(
        sha256="a" * 64, received_at=old, has_raw=True, state=InboundMailState.DONE
    )
    EnquiryMessage.objects.create(enquiry=enquiry, mail=mail, at=old, text="Words")
    Session.objects.create(session_key="over", session_data="", expire_date=days_ago(1))
    letter("R1 old", days_ago(366))
    planned = {row.period.key: row.due for row in apply_retention(now=NOON, dry_run=True)}
    assert {key: due for key, due in planned.items() if due} == {
        "sessions": 1,
        "sent-emails": 1,
        "enquiries": 1,
    }
    assert erased() == {"sessions": 1, "sent-emails": 1, "enquiries": 1}
    assert not InboundMail.objects.filter(has_raw=True).exists()


def test_the_log_says_how_many_and_names_nobody():
    letter("R1 old", days_ago(366))
    Session.objects.create(session_key="over", session_data="", expire_date=days_ago(1))
    assert retention_run(NOON)
    assert not retention_run(NOON)
    entries = AuditEntry.objects.values_list("action", "subject", "detail").order_by("pk")
    assert list(entries) == [
        ("delete sessions", "accounts", {"number": 1}),
        ("erase sent emails", "emails", {"number": 1}),
    ]


def test_more_than_one_transaction_holds_are_all_erased():
    Letter.objects.bulk_create(
        Letter(key=f"R{number}", to="a@b.example", message_id="<1@a>", body="x", written_at=NOON)
        for number in range(1_050)
    )
    Letter.objects.update(sent_at=days_ago(400))
    assert erased() == {"sent-emails": 1_050}


def test_an_operator_sets_a_period(settings):
    settings.RETENTION = {"sent-emails": 30}
    letter("R1", days_ago(31))
    assert erased() == {"sent-emails": 1}
    assert {row.key: row.in_words for row in retention_schedule()}["sent-emails"] == "30 days"


@pytest.mark.parametrize("key", ["sent-email", "concerns"])
def test_a_period_that_is_unknown_or_promised_cannot_be_set(settings, caplog, key):
    settings.RETENTION = {key: 1}
    letter("R1", days_ago(366))
    with pytest.raises(RuleError, match=f"WAYMARK_RETENTION names '{key}': the periods .* are"):
        apply_retention(now=NOON)
    assert not retention_run(NOON)
    assert "WAYMARK_RETENTION" in caplog.text
    assert Letter.objects.get().body == "Words"


def test_a_setting_of_periods_is_read(monkeypatch):
    monkeypatch.setenv("WAYMARK_RETENTION", "sent-emails=90, sessions = 1")
    assert days_setting("WAYMARK_RETENTION") == {"sent-emails": 90, "sessions": 1}
    monkeypatch.setenv("WAYMARK_RETENTION", "sent-emails: 90")
    with pytest.raises(ImproperlyConfigured, match="such as sent-emails=90"):
        days_setting("WAYMARK_RETENTION")


# ---- the data map ----


def test_the_data_map_says_of_every_line_how_long_it_is_kept():
    text = (DOCS / "data-map.md").read_text("utf-8")
    for row in built_in_schedule():
        period = "`WAYMARK_KEEP_ENQUIRIES_MONTHS`" if row.days is None else row.in_words
        assert f"| `{row.key}` | {row.what} | {period} | {row.counted_from} |" in text, row.key


def test_every_table_with_an_email_address_is_on_the_data_map():
    text = (DOCS / "data-map.md").read_text("utf-8")
    tables = {
        model.__name__
        for model in apps.get_models()
        if any(isinstance(field, EmailField) for field in model._meta.get_fields())
    }
    assert len(tables) >= 7
    assert {name for name in tables if f"`{name}`" not in text} == set()
