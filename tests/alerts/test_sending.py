"""Sending over real SMTP: what arrives, who is due, what is tried again and what never is."""

import re
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.alerts.mailing_rows import (
    EARLIER,
    free_port,
    make_issue,
    make_subscriber,
    send_all,
    sink,
)
from tests.alerts.rows import public_record
from tests.factories import NOON, make_person
from waymark.accounts.installation import bind_folder, pause_sending, resume_sending
from waymark.accounts.models import Role, State
from waymark.alerts.models import (
    AlertList,
    DeliveryDecision,
    DeliveryOutcome,
    Dispatch,
    DispatchKind,
    IssueItem,
    Mailing,
    MailingState,
    Subscription,
)
from waymark.alerts.queries.dispatches import journal_file, mailing_of_return
from waymark.alerts.services.corrections import withdraw_item
from waymark.alerts.services.decisions import begin_issue
from waymark.alerts.services.sending import PAUSES, retry_failed, settle_unknown
from waymark.core.errors import NotPermitted, RuleError
from waymark.library.services.retention import TombstoneText
from waymark.pipeline.alerts import alert_sending
from waymark.pipeline.library.record_corrections import correct_record
from waymark.pipeline.removals.state_changes import change_state

pytestmark = pytest.mark.django_db
__all__ = ["sink"]
MINUTE = timedelta(minutes=1)


def outcomes() -> dict[tuple[str, str], str]:
    """Address and heading -> the decision."""
    rows = DeliveryDecision.objects.select_related("subscriber", "item")
    return {(row.subscriber.address, row.item.heading): row.outcome for row in rows}


def states() -> list[tuple[str, str]]:
    """State and reason of each mailing."""
    return list(Mailing.objects.values_list("state", "reason"))


# ---- what arrives ----


def test_an_issue_reaches_everyone_due_once(sink):
    people = [make_subscriber() for _ in range(3)]
    make_issue("Safer sleep", "Private fostering")
    send_all()
    assert sink.receivers == [person.address for person in people]
    assert send_all(NOON + timedelta(days=30)) == 0
    assert set(outcomes().values()) == {"due"}
    assert states() == [("sent", "")] * 3
    # One connection for all of them.
    assert sink.connections == 1


def test_an_email_says_who_sends_it_to_whom_and_how_to_end_it_with_one_click(sink):
    person = make_subscriber(address="Ann@Bücher.example")
    make_issue("Safer sleep & babies")
    send_all()
    ((return_address, receiver, email),) = sink.arrived
    mailing = Mailing.objects.get()
    assert receiver == "Ann@xn--bcher-kva.example"
    assert email["To"] == "Ann@xn--bcher-kva.example"
    assert email["From"].addresses[0].display_name == "The library, of learning"
    assert email["Reply-To"] == "desk@waymark.example"
    assert email["Subject"] == "Weekly alert 1"
    assert email["Message-ID"] == mailing.message_id
    assert email["Date"].datetime == NOON
    assert email["List-Id"] == '"Weekly alert" <weekly.alerts.waymark.example>'
    assert email["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = email["List-Unsubscribe"].strip("<>")
    assert address.startswith("http")
    assert f"/{person.token}/weekly/" in address
    assert email["Auto-Submitted"] == "auto-generated"
    assert email["Precedence"] == "bulk"
    text = email.get_body(("plain",)).get_content()
    assert "* Safer sleep & babies\r\n  About Safer sleep & babies." in text
    assert f"Unsubscribe: {address}" in text
    html = email.get_body(("html",)).get_content()
    assert f'href="{address}"' in html
    assert ".invalid" not in text + html
    assert mailing_of_return(return_address) == mailing
    assert return_address.endswith("@waymark.example")


def test_a_forged_return_address_is_nobodys(sink):
    make_subscriber()
    make_issue()
    send_all()
    ((return_address, _, _),) = sink.arrived
    local, _, domain = return_address.partition("@")
    assert mailing_of_return(f"{local.upper()}@{domain}") is not None
    for forged in (f"{local[:-1]}x@{domain}", f"bounce+1@{domain}", f"{'9' * 40}@{domain}", ""):
        assert mailing_of_return(forged) is None


# ---- who is due ----


def test_each_decision_is_made_once_and_says_why_not(sink):
    make_subscriber(address="due@x.example")
    make_subscriber(address="unconfirmed@x.example", confirmed=None)
    make_subscriber(address="later-confirmed@x.example", confirmed=NOON + MINUTE)
    make_subscriber(address="stopped@x.example", stopped=EARLIER)
    make_subscriber(address="later@x.example", started=NOON + MINUTE)
    make_subscriber(AlertList.LIBRARY, address="other-list@x.example")
    left = make_subscriber(address="left@x.example")
    Subscription.objects.filter(subscriber=left).update(ended_at=NOON - MINUTE)
    make_issue("Safer sleep")
    send_all(NOON + timedelta(hours=1))
    assert sink.receivers == ["due@x.example"]
    assert outcomes() == {
        ("due@x.example", "Safer sleep"): "due",
        ("unconfirmed@x.example", "Safer sleep"): "unconfirmed",
        ("later-confirmed@x.example", "Safer sleep"): "unconfirmed",
        ("stopped@x.example", "Safer sleep"): "stopped",
    }
    row = DeliveryDecision.objects.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        DeliveryDecision.objects.create(
            subscriber=row.subscriber, item=row.item, outcome=DeliveryOutcome.DUE
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        DeliveryDecision.objects.filter(outcome="stopped").update(mailing=Mailing.objects.get())


def test_more_subscribers_than_one_step_takes_are_decided_in_order(sink, monkeypatch):
    monkeypatch.setattr("waymark.alerts.services.decisions.SUBSCRIBERS_AT_ONCE", 2)
    people = [make_subscriber() for _ in range(5)]
    make_issue()
    send_all()
    assert sink.receivers == [person.address for person in people]


def test_the_same_record_by_two_topics_is_listed_under_each_and_lost_under_none(sink):
    topics = (AlertList.TOPICS, "topic sleep"), (AlertList.TOPICS, "topic infants")
    make_subscriber(*topics, address="both@x.example")
    make_subscriber(topics[1], address="one@x.example")
    make_issue(
        ("Safer sleep", "topic sleep"),
        ("Safer sleep again", "topic infants"),
        ("Neglect", "topic neglect"),
        alert_list=AlertList.TOPICS,
    )
    send_all()
    texts = {to: email.get_body(("plain",)).get_content() for _, to, email in sink.arrived}
    assert list(texts) == ["both@x.example", "one@x.example"]
    assert "* Safer sleep\r\n" in texts["both@x.example"]
    assert "* Safer sleep again\r\n" in texts["both@x.example"]
    assert "* Safer sleep\r\n" not in texts["one@x.example"]
    assert "Neglect" not in "".join(texts.values())


def test_a_record_that_an_earlier_issue_brought_by_the_same_topic_is_not_sent_again(sink):
    topics = (AlertList.TOPICS, "topic sleep"), (AlertList.TOPICS, "topic infants")
    make_subscriber(topics[0], address="one@x.example")
    make_subscriber(*topics, address="both@x.example")
    record = public_record("R1")
    for followed in ("topic sleep", "topic sleep", "topic infants"):
        issue = make_issue(("Safer sleep", followed), alert_list=AlertList.TOPICS)
        issue.items.update(record=record)
        send_all()
    first, second, third = IssueItem.objects.order_by("pk")
    assert set(first.decisions.values_list("outcome", flat=True)) == {"due"}
    assert set(second.decisions.values_list("outcome", flat=True)) == {"already"}
    # By another topic it is another item.
    assert list(third.decisions.values_list("outcome", flat=True)) == ["due"]
    assert sink.receivers == ["one@x.example", "both@x.example", "both@x.example"]


def test_who_follows_nothing_that_is_new_gets_no_email(sink):
    make_subscriber((AlertList.TOPICS, "topic neglect"))
    make_issue(("Safer sleep", "topic sleep"), alert_list=AlertList.TOPICS)
    send_all()
    assert sink.arrived == []
    assert Mailing.objects.count() == 0


def test_an_issue_without_items_is_never_begun(sink):
    make_subscriber()
    issue = make_issue()
    IssueItem.objects.update(withdrawn_at=NOON)
    with pytest.raises(RuleError, match="an empty issue is not sent"):
        begin_issue(issue=issue, now=NOON)
    draft = make_issue(approved=None)
    with pytest.raises(RuleError, match="draft"):
        begin_issue(issue=draft, now=NOON)
    assert send_all() == 0
    assert not Dispatch.objects.exists()


def test_who_leaves_before_it_is_sent_gets_nothing(sink):
    people = [make_subscriber() for _ in range(3)]
    issue = make_issue()
    begin_issue(issue=issue, now=NOON)
    Subscription.objects.filter(subscriber=people[1]).update(ended_at=NOON + MINUTE)
    people[2].stopped_at = NOON + MINUTE
    people[2].save()
    send_all()
    assert sink.receivers == [people[0].address]
    assert [state for state, _ in states()] == ["sent", "dropped", "dropped"]


def test_an_item_withdrawn_before_it_is_sent_is_not_sent(sink):
    make_subscriber()
    issue = make_issue("Safer sleep", "Wrong")
    begin_issue(issue=issue, now=NOON)
    withdraw_item(by=None, item=issue.items.last(), correction="It was wrong.", now=NOON)
    send_all()
    ((_, _, email),) = sink.arrived
    assert "Wrong" not in email.get_body(("plain",)).get_content()


# ---- corrections ----


def test_a_correction_goes_to_those_who_received_the_item_alone(sink):
    make_subscriber(address="before@x.example")
    gone = make_subscriber(address="gone@x.example")
    make_subscriber(address="refused@x.example")
    sink.recipients["refused@x.example"] = "550 5.7.1 blocked"
    issue = make_issue("Safer sleep")
    send_all()
    Subscription.objects.filter(subscriber=gone).update(ended_at=NOON + MINUTE)
    make_subscriber(address="new@x.example", started=NOON + MINUTE)
    sink.arrived.clear()
    sink.recipients.clear()
    later = NOON + timedelta(hours=1)
    withdraw_item(by=None, item=issue.items.get(), correction="The report was wrong.", now=later)
    send_all(later + MINUTE)
    ((_, receiver, email),) = sink.arrived
    assert receiver == "before@x.example"
    assert email["Subject"] == "Withdrawn: Safer sleep"
    assert "The report was wrong." in email.get_body(("plain",)).get_content()
    assert Dispatch.objects.get(kind=DispatchKind.WITHDRAWAL).mailings.count() == 2
    assert send_all(later + timedelta(days=1)) == 0


def test_a_correction_is_not_sent_to_whoever_gets_the_corrected_text(sink):
    first, second = make_subscriber(), make_subscriber()
    sink.recipients[second.address] = "451 try later"
    issue = make_issue("Safer sleep")
    send_all()
    item = issue.items.get()
    item.heading, item.correction, item.corrected_at = "Safest sleep", "Safest.", NOON + MINUTE / 2
    item.save()
    sink.recipients.clear()
    sink.arrived.clear()
    send_all(NOON + 2 * MINUTE)
    subjects = {receiver: email["Subject"] for _, receiver, email in sink.arrived}
    assert subjects == {
        second.address: "Weekly alert 1",
        first.address: "Correction: Safest sleep",
    }


# ---- refusals, pauses and limits ----


def test_what_the_server_refuses_for_now_is_tried_after_growing_pauses(sink):
    make_subscriber()
    make_issue()
    sink.data = "451 try again later"
    now = NOON
    send_all(now)
    for number, pause in enumerate(PAUSES, start=1):
        mailing = Mailing.objects.get()
        assert (mailing.state, mailing.attempts, mailing.next_at) == (
            "waiting",
            number,
            now + pause,
        )
        assert send_all(now + pause - timedelta(seconds=1)) == 0
        now += pause
        send_all(now)
    assert states() == [("failed", "451 try again later")]
    assert send_all(now + timedelta(days=30)) == 0
    sink.data = "250 OK"
    dispatch = Dispatch.objects.get()
    with pytest.raises(NotPermitted):
        retry_failed(by=make_person(Role.CODER), dispatch=dispatch, now=now)
    assert retry_failed(by=make_person(Role.EDITOR), dispatch=dispatch, now=now) == 1
    send_all(now)
    assert states() == [("sent", "")]
    assert len(sink.arrived) == 1


def test_a_refused_receiver_does_not_stop_the_others(sink):
    people = [make_subscriber() for _ in range(3)]
    sink.recipients[people[1].address] = "550 5.7.1 blocked"
    make_issue()
    send_all()
    assert sink.receivers == [people[0].address, people[2].address]
    assert states() == [("sent", ""), ("refused", "550 5.7.1 blocked"), ("sent", "")]


def test_a_server_that_cannot_be_reached_costs_no_attempt_and_is_asked_less_and_less(
    sink, settings
):
    make_subscriber()
    make_issue()
    working = settings.MAIL_SERVER
    settings.MAIL_SERVER = {**working, "port": free_port()}
    send_all()
    dispatch = Dispatch.objects.get()
    assert (dispatch.failures, dispatch.resume_at) == (1, NOON + PAUSES[0])
    assert "could not be reached" in dispatch.problem
    send_all(NOON + MINUTE)
    dispatch.refresh_from_db()
    assert (dispatch.failures, dispatch.resume_at) == (2, NOON + MINUTE + PAUSES[1])
    assert Mailing.objects.get().attempts == 0
    settings.MAIL_SERVER = working
    send_all(NOON + timedelta(hours=1))
    dispatch.refresh_from_db()
    assert (dispatch.failures, dispatch.problem) == (0, "")
    assert states() == [("sent", "")]


def test_nothing_is_sent_while_sending_is_paused(sink):
    bind_folder(now=NOON)
    make_subscriber()
    make_issue()
    pause_sending(reason="Maintenance", now=NOON)
    send_all()
    assert sink.arrived == []
    assert states() == [("waiting", "")]
    resume_sending(by=None, now=NOON)
    send_all()
    assert states() == [("sent", "")]


def test_a_domain_gets_no_more_in_an_hour_than_the_limit(sink, settings):
    settings.ALERTS_PER_DOMAIN = 2
    for number in range(3):
        make_subscriber(address=f"a{number}@small.example")
    make_subscriber(address="b@other.example")
    make_issue()
    send_all()
    assert sink.receivers == ["a0@small.example", "a1@small.example", "b@other.example"]
    assert send_all(NOON + 59 * MINUTE) == 0
    send_all(NOON + 61 * MINUTE)
    assert sink.receivers[3:] == ["a2@small.example"]


def test_an_address_that_no_email_can_have_is_refused(sink):
    make_subscriber(address="a\nBcc: b@x.example")
    make_subscriber(address="ä@x.example")
    make_subscriber(address="fine@x.example")
    make_issue()
    send_all()
    assert sink.receivers == ["fine@x.example"]
    assert [state for state, _ in states()] == ["refused", "refused", "sent"]


# ---- what nobody knows ----


def left_by_a_worker(sink, *lines: str) -> Mailing:
    """A mailing that a worker had claimed when it ended, with what its journal says of it."""
    make_subscriber()
    issue = make_issue()
    dispatch = begin_issue(issue=issue, now=NOON)
    pause = sink.rcpt
    sink.rcpt = "451 later"
    send_all()
    sink.rcpt = pause
    mailing = Mailing.objects.get()
    Mailing.objects.update(state=MailingState.CLAIMED, next_at=None)
    with journal_file(dispatch).open("a") as journal:
        journal.writelines(f"{line.format(mailing.message_id)}\n" for line in lines)
    sink.arrived.clear()
    return mailing


def test_an_email_is_in_the_journal_before_the_server_has_its_text(sink):
    make_subscriber()
    issue = make_issue()
    journal = journal_file(begin_issue(issue=issue, now=NOON))
    lines = []
    sink.on_data = lambda: lines.extend(journal.read_text().splitlines())
    send_all()
    name = Mailing.objects.get().message_id
    assert [line for line in lines if not line.startswith("boot ")] == [f"text {name} 0"]
    assert journal.read_text().splitlines()[-2:] == [f"text {name} 0", f"sent {name} 0 250 OK"]


def test_a_claim_without_a_line_in_the_journal_is_sent(sink):
    left_by_a_worker(sink)
    send_all(NOON + MINUTE)
    assert len(sink.arrived) == 1
    assert states() == [("sent", "")]


def test_a_claim_that_the_journal_says_was_sent_is_not_sent_again(sink):
    left_by_a_worker(sink, "text {} 0", "sent {} 0 250 OK")
    send_all(NOON + MINUTE)
    assert sink.arrived == []
    assert states() == [("sent", "by the journal of attempts")]


def test_a_claim_whose_text_was_begun_is_unknown_until_a_person_settles_it(sink):
    mailing = left_by_a_worker(sink, "text {} 0")
    send_all(NOON + MINUTE)
    assert send_all(NOON + timedelta(days=9)) == 0
    assert sink.arrived == []
    assert states() == [("unknown", "the text was being sent when the worker ended")]
    dispatch = Dispatch.objects.get()
    editor = make_person(Role.EDITOR)
    with pytest.raises(NotPermitted):
        settle_unknown(
            by=make_person(Role.CODER), dispatch=dispatch, mailings=None, arrived=True, now=NOON
        )
    settle_unknown(by=editor, dispatch=dispatch, mailings=[mailing.pk], arrived=False, now=NOON)
    send_all(NOON + MINUTE)
    ((_, _, email),) = sink.arrived
    assert email["Message-ID"] == mailing.message_id
    assert states() == [("sent", "")]
    with pytest.raises(RuleError, match="unknown any more"):
        settle_unknown(by=editor, dispatch=dispatch, mailings=None, arrived=True, now=NOON)


def test_an_unknown_email_can_be_counted_as_sent(sink):
    left_by_a_worker(sink, "text {} 0")
    send_all(NOON + MINUTE)
    settled = settle_unknown(
        by=None, dispatch=Dispatch.objects.get(), mailings=None, arrived=True, now=NOON
    )
    assert (settled.sent, settled.again) == (1, 0)
    assert send_all(NOON + timedelta(days=9)) == 0
    assert [state for state, _ in states()] == ["sent"]
    assert sink.arrived == []


def test_a_text_that_was_refused_is_not_in_doubt(sink):
    left_by_a_worker(sink, "text {} 0", "back {} 0")
    send_all(NOON + MINUTE)
    assert states() == [("sent", "")]


def test_a_claim_is_unknown_if_the_computer_was_restarted_meanwhile(sink):
    left_by_a_worker(sink, "boot 00000000-0000-0000-0000-000000000000")
    send_all(NOON + MINUTE)
    assert states() == [("unknown", "the computer was restarted while it was being sent")]


def test_a_connection_that_ends_after_the_text_leaves_that_email_unknown(sink):
    people = [make_subscriber() for _ in range(3)]
    make_issue()
    sink.abort_after = 2
    send_all()
    # It had arrived, and nobody could tell; the third went over a new connection.
    assert sink.receivers == [person.address for person in people]
    assert sink.connections == 2
    (first, (state, reason), third) = states()
    assert (first, state, third) == (("sent", ""), "unknown", ("sent", ""))
    assert "the connection ended after the text was sent" in reason


# ---- an older copy of the database ----


def test_what_an_older_copy_has_not_sent_is_unknown_unless_the_journal_knows_it(sink):
    bind_folder(now=NOON)
    people = [make_subscriber() for _ in range(3)]
    make_issue()
    send_all()
    assert len(sink.arrived) == 3
    # The copy was made after the first email; the journal lacks the third.
    journal = journal_file(Dispatch.objects.get())
    last = Mailing.objects.last()
    lines = [line for line in journal.read_text().splitlines() if last.message_id not in line]
    journal.write_text("".join(f"{line}\n" for line in lines))
    Mailing.objects.exclude(pk=Mailing.objects.first().pk).update(state="waiting", sent_at=None)
    pause_sending(reason="restored", now=NOON, older_database=True)
    sink.arrived.clear()
    send_all(NOON + MINUTE)
    assert [state for state, _ in states()] == ["sent", "sent", "unknown"]
    resume_sending(by=None, now=NOON)
    send_all(NOON + MINUTE)
    assert sink.arrived == []
    settle_unknown(by=None, dispatch=Dispatch.objects.get(), mailings=None, arrived=False, now=NOON)
    send_all(NOON + MINUTE)
    assert sink.receivers == [people[2].address]


def test_an_issue_approved_again_in_an_older_copy_is_not_sent_again(sink):
    make_subscriber()
    issue = make_issue("Safer sleep")
    send_all()
    assert len(sink.arrived) == 1
    # The copy was made when the issue was a draft.
    DeliveryDecision.objects.all().delete()
    Mailing.objects.all().delete()
    Dispatch.objects.all().delete()
    issue.approved_at = NOON + MINUTE
    issue.save()
    alert_sending._settled.clear()
    send_all(NOON + 2 * MINUTE)
    assert len(sink.arrived) == 1
    assert states() == [("sent", "by the journal of attempts")]


# ---- followed things, monthly ----


def test_who_chose_every_month_gets_what_is_new_in_one_email_of_the_month(sink):
    topic = (AlertList.TOPICS, "topic sleep")
    monthly = make_subscriber(topic, address="monthly@x.example")
    monthly.followed_frequency = "monthly"
    monthly.save()
    make_subscriber(topic, address="weekly@x.example")
    for number, day in enumerate((date(2026, 5, 4), date(2026, 5, 11), date(2026, 6, 1)), start=1):
        issue = make_issue((f"Item {number}", "topic sleep"), alert_list=AlertList.TOPICS)
        issue.last_day = day
        issue.save()
        send_all(NOON + timedelta(days=number))
    read = {
        (to, email["Subject"]): re.findall("Item .", email.get_body(("plain",)).get_content())
        for _, to, email in sink.arrived
    }
    assert read == {
        ("monthly@x.example", "Followed topics 1"): ["Item 1", "Item 1"],
        ("weekly@x.example", "Followed topics 1"): ["Item 1", "Item 1"],
        ("weekly@x.example", "Followed topics 2"): ["Item 2", "Item 2"],
        ("monthly@x.example", "Followed topics 3"): ["Item 2", "Item 2", "Item 3", "Item 3"],
        ("weekly@x.example", "Followed topics 3"): ["Item 3", "Item 3"],
    }


# ---- records of the library ----


def _sent_with(record, *people):
    issue = make_issue("About visits")
    IssueItem.objects.filter(issue=issue).update(record=record)
    send_all()
    return issue


def test_those_who_received_a_record_hear_once_that_it_was_withdrawn(sink):
    record = public_record("visits")
    receiver, later = make_subscriber(), NOON + timedelta(days=1)
    _sent_with(record)
    make_subscriber(started=later)
    change_state(by=None, item=record.review, state=State.INTERNAL, now=later)
    send_all(later)
    assert len(sink.arrived) == 1
    change_state(by=None, item=record.review, state=State.PUBLISHED, now=later)
    change_state(by=None, item=record.review, state=State.WITHDRAWN, now=later)
    send_all(later)
    send_all(later)
    assert sink.receivers == [receiver.address] * 2
    email = sink.arrived[-1][2]
    text = " ".join(email.get_body(("plain",)).get_content().split())
    assert "has withdrawn the record that it was about. It was in “Weekly alert 1”." in text
    # The title of what was withdrawn may be why it was.
    assert "About visits" not in email.as_string()


def test_a_withdrawn_record_with_a_neutral_title_is_named_by_that(sink):
    record = public_record("visits")
    make_subscriber()
    _sent_with(record)
    change_state(
        by=None,
        item=record.review,
        state=State.WITHDRAWN,
        now=NOON,
        tombstone=TombstoneText("Mistake.", title="A report about prams"),
    )
    send_all()
    email = sink.arrived[-1][2]
    assert email["Subject"] == "Withdrawn: A report about prams"
    assert "About visits" not in email.as_string()


def test_an_editor_tells_the_receivers_of_a_record_what_was_wrong(sink):
    record = public_record("visits")
    receiver, later = make_subscriber(), NOON + timedelta(days=1)
    issue = _sent_with(record)
    with pytest.raises(NotPermitted):
        correct_record(by=make_person(Role.CODER), record=record, correction="x", now=later)
    assert correct_record(by=None, record=record, correction="It has 9 pages.", now=later) == 1
    item = issue.items.get()
    assert (item.heading, item.correction) == (record.review.title, "It has 9 pages.")
    send_all(later)
    assert sink.receivers == [receiver.address] * 2
    email = sink.arrived[-1][2]
    assert email["Subject"] == f"Correction: {record.review.title}"
    with pytest.raises(RuleError, match="no alert with this record"):
        correct_record(by=None, record=public_record("other"), correction="x", now=later)
