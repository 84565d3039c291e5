"""Enquiries of the form and of callers: stored once, acknowledged, answered, opened again."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from tests.factories import answer_identifiers, make_person, make_report, make_review
from waymark.accounts.models import AuditEntry, Role, State
from waymark.core.errors import ConcurrentChange, NotFound, NotPermitted, RuleError
from waymark.core.opening_hours import opening_hours
from waymark.core.uk_time import UK_TIME
from waymark.enquiries.citation_marks import marks_in, numbered, spoilt_mark
from waymark.enquiries.models import Enquiry, EnquiryState
from waymark.enquiries.queries import desk
from waymark.enquiries.services import (
    NewEnquiry,
    TooManyEnquiries,
    assign_enquiry,
    close_enquiry,
    log_call,
    note_on_enquiry,
    reply_on_page,
    send_answer,
    take_enquiry,
)
from waymark.mail.models import Letter

pytestmark = pytest.mark.django_db

# A Monday, at 10:00 in London.
MONDAY = datetime(2026, 6, 1, 10, tzinfo=UK_TIME)
DAY = timedelta(days=1)
ASKER = "asker@board.example"
VISITOR = AnonymousUser()


@pytest.fixture(autouse=True)
def installation(settings, tmp_path):
    settings.DATA = tmp_path
    settings.DESK_HOURS = opening_hours("Mon-Fri 09:00-17:00", "ENG")
    settings.ANSWER_DAYS = 2
    settings.MAIL_FROM = "library@waymark.example"
    settings.CONTACT_EMAIL = "desk@waymark.example"
    settings.SITE_ADDRESS = "https://waymark.example"


def asked(text="What do reviews say about missed visits?", **values):
    return NewEnquiry(**{"kind": "question", "text": text, "address": ASKER, **values})


def ask(text="What do reviews say about missed visits?", *, now=MONDAY, network="n", **values):
    return take_enquiry(by=VISITOR, asked=asked(text, **values), network=network, now=now)


def answer(enquiry, text="See the review.", *, by, now=MONDAY + DAY, state="answered"):
    seen = enquiry.messages.last().pk
    return send_answer(by=by, enquiry=enquiry, text=text, state=state, seen=seen, now=now)


def test_an_enquiry_has_a_reference_a_due_time_and_its_words():
    enquiry = ask(asked_from="/topics/neglect/")
    assert enquiry.reference.startswith("E2026-")
    assert enquiry.due_at == datetime(2026, 6, 3, 10, tzinfo=UK_TIME)
    assert (enquiry.state, enquiry.channel) == ("waiting", "web")
    assert enquiry.subject == "What do reviews say about missed visits?"
    assert [message.text for message in enquiry.messages.all()] == [enquiry.subject]
    assert len(enquiry.token) >= 43


def test_the_acknowledgement_has_the_reference_and_the_private_link_and_repeats_no_words():
    enquiry = ask("Is the report on Quillfeather yours?")
    letter = Letter.objects.get()
    assert (letter.to, letter.reply_to) == (ASKER, "desk@waymark.example")
    assert letter.automatic is True
    link = f"https://waymark.example/ask/{enquiry.reference}/{enquiry.token}/"
    assert link in letter.body
    assert "by 3 June 2026" in letter.body
    assert "Quillfeather" not in letter.subject + letter.body
    assert enquiry.receipt_id == letter.message_id


def test_words_about_a_child_at_risk_put_whom_to_call_first_in_the_acknowledgement():
    enquiry = ask("My neighbour is hitting her children every night.")
    assert enquiry.may_be_at_risk
    letter = Letter.objects.get(key=f"{enquiry.reference} received")
    assert letter.body.startswith("If a child is in danger now, call 999.")


def test_the_desk_is_told_once_of_words_about_a_child_at_risk_and_reads_them_only_here():
    editor = make_person(Role.EDITOR)
    editor.email = "editor@waymark.example"
    editor.save()
    make_person(Role.CODER)
    enquiry = ask("My neighbour is hitting her children every night.")
    reply_on_page(
        by=VISITOR,
        enquiry=enquiry,
        token=enquiry.token,
        text="My pupil went missing on Monday.",
        network="n",
        now=MONDAY,
    )
    letter = Letter.objects.get(key__contains="at risk")
    assert letter.to == "editor@waymark.example"
    assert enquiry.reference in letter.subject
    assert "neighbour" not in letter.body
    ask("Which reviews?", address="other@b.example")
    assert Letter.objects.filter(key__contains="at risk").count() == 1


def test_the_log_names_the_enquiry_and_no_address():
    enquiry = ask()
    entry = AuditEntry.objects.get(action="receive enquiry")
    assert entry.subject == f"enquiry {enquiry.reference}"
    assert ASKER not in str(entry.detail)


def test_a_form_that_is_sent_twice_is_one_enquiry():
    first = ask(form="one")
    assert ask(form="one", now=MONDAY + timedelta(minutes=5)) == first
    assert Letter.objects.count() == 1
    assert ask("Another question", form="one") != first


def test_who_knows_the_words_and_the_address_of_an_asker_does_not_get_their_link():
    """Requests for a loan all have the same words; the answer to a form leads to its thread."""
    first = ask(form="one")
    assert ask(form="two").token != first.token
    assert ask().token != first.token
    assert len({ask().token, ask().token}) == 2


def test_one_address_gets_one_acknowledgement_a_day():
    for number in range(3):
        ask(f"Question {number}")
    assert Letter.objects.count() == 1
    ask("Question 4", now=MONDAY + DAY + timedelta(minutes=1))
    assert Letter.objects.count() == 2


def test_a_mailbox_and_a_network_are_limited_by_the_day():
    for number in range(5):
        ask(f"Question {number}", network=str(number))
    with pytest.raises(TooManyEnquiries):
        ask("Question 6", network="another")
    for number in range(10):
        ask(f"Question {number}", address=f"{number}@b.example", network="n")
    with pytest.raises(TooManyEnquiries):
        ask("One more", address="10@b.example", network="n")
    assert ask("Question 7", now=MONDAY + DAY + timedelta(minutes=1))


def test_nobody_else_can_do_what_the_desk_does():
    enquiry, coder = ask(), make_person(Role.CODER)
    for action in (
        lambda: answer(enquiry, by=coder),
        lambda: log_call(by=coder, asked=asked(), now=MONDAY),
        lambda: note_on_enquiry(by=coder, enquiry=enquiry, text="x", now=MONDAY),
        lambda: close_enquiry(by=coder, enquiry=enquiry, spam=True, now=MONDAY),
        lambda: desk.listed_enquiries(coder),
        lambda: desk.enquiry_for(enquiry.reference, coder),
    ):
        with pytest.raises(NotPermitted):
            action()


def test_an_answer_is_sent_by_a_person_and_keeps_its_time_by_opening_hours():
    enquiry, editor = ask(), make_person(Role.EDITOR)
    message = answer(enquiry, by=editor, now=MONDAY + DAY)
    enquiry.refresh_from_db()
    assert (enquiry.state, enquiry.answered_at) == ("answered", MONDAY + DAY)
    # From 10:00 to 17:00, and from 9:00 to 10:00.
    assert (enquiry.opening_minutes, enquiry.in_time) == (480, True)
    letter = Letter.objects.exclude(pk=Letter.objects.first().pk).get()
    assert letter.to == ASKER
    assert letter.automatic is False
    assert letter.message_id == message.message_id
    assert "See the review." in letter.body


def test_an_answer_to_an_asker_who_called_is_stored_without_an_email():
    editor = make_person(Role.EDITOR)
    enquiry = log_call(by=editor, asked=asked(address="", phone="01234 5678"), now=MONDAY)
    assert (enquiry.channel, enquiry.assigned_to) == ("phone", editor)
    answer(enquiry, by=editor)
    assert Letter.objects.count() == 0
    enquiry.refresh_from_db()
    assert enquiry.state == "answered"


def test_an_answer_does_not_pass_a_message_that_nobody_read():
    enquiry, editor = ask(), make_person(Role.EDITOR)
    seen = enquiry.messages.last().pk
    reply_on_page(
        by=VISITOR,
        enquiry=enquiry,
        token=enquiry.token,
        text="I mean babies.",
        network="n",
        now=MONDAY,
    )
    with pytest.raises(ConcurrentChange, match="newer message"):
        send_answer(by=editor, enquiry=enquiry, text="x", state="answered", seen=seen, now=MONDAY)


def test_a_reply_of_the_asker_opens_the_enquiry_again_and_is_due_anew():
    enquiry, editor = ask(), make_person(Role.EDITOR)
    answer(enquiry, by=editor)
    reply_on_page(
        by=VISITOR,
        enquiry=enquiry,
        token=enquiry.token,
        text="And in Wales?",
        network="n",
        now=MONDAY + 3 * DAY,
    )
    enquiry.refresh_from_db()
    assert (enquiry.state, enquiry.ended_at) == ("waiting", None)
    assert enquiry.due_at == datetime(2026, 6, 8, 10, tzinfo=UK_TIME)
    # The time to the first answer is what is counted.
    assert enquiry.answered_at == MONDAY + DAY


def test_a_wrong_link_opens_and_changes_nothing():
    enquiry = ask()
    for token in ("", "x" * 43, enquiry.token[:-1]):
        with pytest.raises(NotFound):
            desk.thread_of(enquiry.reference, token)
        with pytest.raises(RuleError):
            reply_on_page(
                by=VISITOR, enquiry=enquiry, token=token, text="x", network="n", now=MONDAY
            )
    assert desk.thread_of(enquiry.reference, enquiry.token) == enquiry


def test_enquiries_are_handed_on_to_people_of_the_desk_alone():
    enquiry, editor, coder = ask(), make_person(Role.EDITOR), make_person(Role.CODER)
    assign_enquiry(by=editor, enquiry=enquiry, person=editor, now=MONDAY)
    assert desk.waiting_enquiries(editor).get(assigned_to=editor) == enquiry
    with pytest.raises(RuleError, match="does not handle enquiries"):
        assign_enquiry(by=editor, enquiry=enquiry, person=coder, now=MONDAY)


def test_what_is_overdue_waits_since_its_due_time():
    enquiry, editor = ask(), make_person(Role.EDITOR)
    assert not desk.overdue_enquiries(editor, enquiry.due_at).exists()
    assert desk.overdue_enquiries(editor, enquiry.due_at + timedelta(seconds=1)).exists()
    close_enquiry(by=editor, enquiry=enquiry, spam=True, now=MONDAY)
    assert not desk.overdue_enquiries(editor, enquiry.due_at + DAY).exists()
    assert Enquiry.objects.get().state == EnquiryState.SPAM


# ---- citations ----


def test_equal_citations_have_one_number_and_the_text_shows_it():
    text = "Visits stopped [passage ab-0-9], as [record R07] says [passage ab-0-9]."
    assert [str(mark) for mark in marks_in(text)] == ["[passage ab-0-9]", "[record R07]"]
    assert numbered(text) == "Visits stopped [1], as [2] says [1]."
    assert numbered("See [1] and [note x].") == "See [1] and [note x]."
    assert spoilt_mark("It [passage ab-0-9 and more\nx") == "[passage ab-0-9 and more"
    assert spoilt_mark(text) == ""


def test_an_answer_cites_what_the_asker_can_see():
    review = make_review("T7", title="Child Maple")
    report = make_report(review, "1.1 The visits stopped in May.")
    answer_identifiers(report)
    key = report.passages.get().key
    enquiry, editor = ask(), make_person(Role.EDITOR)
    message = answer(enquiry, f"They stopped [passage {key}], see [record T7].", by=editor)
    assert message.text == "They stopped [1], see [2]."
    rows = [(row.number, row.kind, row.label, row.path) for row in message.citations.all()]
    assert rows == [
        (1, "passage", "Child Maple, page 1", f"/p/{key}/"),
        (2, "record", "Child Maple", "/reviews/T7/"),
    ]
    assert f"1. Child Maple, page 1\n   https://waymark.example/p/{key}/" in (
        Letter.objects.last().body
    )


@pytest.mark.parametrize("state", [State.INTERNAL, State.WITHDRAWN, State.EMBARGOED])
def test_an_answer_cannot_cite_what_only_staff_see(state):
    review = make_review("T7", state=state)
    key = make_report(review, "1.1 The visits stopped in May.").passages.get().key
    enquiry, editor = ask(), make_person(Role.EDITOR)
    for mark in (f"[passage {key}]", "[record T7]", "[record none]", "[table demo T1]"):
        with pytest.raises(RuleError, match="nothing that the asker can see"):
            answer(enquiry, f"See {mark}.", by=editor)
    assert enquiry.messages.count() == 1
