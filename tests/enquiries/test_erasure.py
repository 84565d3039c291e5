"""Erasing who asked by rule: what goes, what stays, and that the numbers stay the same."""

from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from tests.enquiries.test_emails import email, with_files
from tests.factories import make_person
from waymark.accounts.models import AuditEntry, Role
from waymark.core.opening_hours import opening_hours
from waymark.core.uk_time import UK_TIME
from waymark.enquiries.models import DeskErasure, Enquiry, EnquiryAttachment
from waymark.enquiries.queries.files import attachment_path, attachments_folder
from waymark.enquiries.queries.statistics import desk_statistics, in_hours
from waymark.enquiries.services import (
    NewEnquiry,
    close_enquiry,
    log_call,
    note_on_enquiry,
    send_answer,
    take_enquiry,
)
from waymark.enquiries.services.erasure import erase_due, plan_erasure
from waymark.mail.inbound.outcome import raw_folder
from waymark.mail.models import InboundMail, Letter
from waymark.mail.services import receive_mail
from waymark.pipeline.backup.making import _paths_to_copy
from waymark.pipeline.mail.inbound_mail import sort_mail

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 6, 1, 10, tzinfo=UK_TIME)
DAY = timedelta(days=1)
# Twelve months after the end, and not a day earlier.
DUE = MONDAY + 366 * DAY
SECRET = "Quillfeather"


@pytest.fixture(autouse=True)
def installation(settings, tmp_path):
    settings.DATA = tmp_path
    settings.DESK_HOURS = opening_hours("Mon-Fri 09:00-17:00", "ENG")
    settings.CONTACT_EMAIL = "desk@waymark.example"
    settings.MAIL_FROM = "library@waymark.example"
    settings.KEEP_ENQUIRIES_MONTHS = 12


@pytest.fixture
def editor():
    return make_person(Role.EDITOR, name="editor")


def ask(text=f"A question of {SECRET}", now=MONDAY):
    asked = NewEnquiry(
        "question",
        text,
        name=SECRET,
        address=f"{SECRET}@b.example",
        phone=f"0 {SECRET}",
        asked_from=f"/find/?q={SECRET}",
    )
    return take_enquiry(by=AnonymousUser(), asked=asked, network="n", now=now)


def answer(enquiry, editor, now=MONDAY):
    seen = enquiry.messages.last().pk
    text = f"Dear {SECRET}"
    send_answer(by=editor, enquiry=enquiry, text=text, state="answered", seen=seen, now=now)


def take(message, now=MONDAY):
    mail = receive_mail(raw=message.as_bytes(), recipient=f"{SECRET}@w.example", now=now)
    sort_mail(lambda: now)
    return mail


def everything_stored():
    """All that every table says, without the audit log."""
    rows = []
    for model in apps.get_models():
        if model._meta.app_label in {"enquiries", "mail"}:
            rows += [repr(row) for row in model._default_manager.values_list()]
    return " ".join(rows).casefold()


def test_after_its_time_nothing_says_who_asked_or_what(editor, client):
    enquiry = ask()
    answer(enquiry, editor)
    note_on_enquiry(by=editor, enquiry=enquiry, text=SECRET, now=MONDAY)
    letter = Letter.objects.last()
    reply = with_files((f"{SECRET}.html", SECRET.encode()))
    reply.replace_header("From", f"{SECRET}@b.example")
    reply["In-Reply-To"] = letter.message_id
    take(reply)
    take(email(f"{SECRET}@evil.example", text=SECRET, References=letter.message_id))
    assert EnquiryAttachment.objects.count() == 1
    answer(Enquiry.objects.get(), editor)
    link = reverse("enquiry-thread", args=[enquiry.reference, enquiry.token])
    assert SECRET.casefold() in everything_stored()

    assert erase_due(now=DUE - 2 * DAY) == 0
    plan = plan_erasure(now=DUE)
    assert (plan.references, plan.messages, plan.attachments, plan.emails) == (
        (enquiry.reference,),
        4,
        1,
        2,
    )
    assert erase_due(now=DUE) == 1, "the enquiry, with its emails"
    assert SECRET.casefold() not in everything_stored()
    files = [path for folder in (attachments_folder(), raw_folder()) for path in folder.rglob("*")]
    assert [path for path in files if path.is_file()] == []
    row = Enquiry.objects.get()
    assert (row.subject, row.erased_at, row.kind, row.state) == (
        "Erased",
        DUE,
        "question",
        "answered",
    )
    assert client.get(link).status_code == 404
    done = DeskErasure.objects.get()
    assert (done.enquiries, done.messages, done.attachments, done.emails) == (1, 4, 1, 2)
    entry = AuditEntry.objects.get(action="erase enquiries")
    assert entry.detail == {"enquiries": 1, "emails": 2}
    assert enquiry.reference not in str(entry.subject)
    assert erase_due(now=DUE) == 0


def test_what_still_waits_for_us_is_never_erased(editor):
    ask()
    assert plan_erasure(now=MONDAY + 9_999 * DAY).references == ()
    assert erase_due(now=MONDAY + 9_999 * DAY) == 0


def test_a_dry_run_changes_nothing(editor):
    close_enquiry(by=editor, enquiry=ask(), spam=True, now=MONDAY)
    before = everything_stored()
    assert len(plan_erasure(now=DUE).references) == 1
    assert everything_stored() == before


def test_emails_that_became_nothing_go_too_and_do_not_come_again(editor):
    message = email(text=SECRET, Precedence="bulk")
    take(message)
    assert erase_due(now=DUE) == 1
    assert not InboundMail.objects.get().has_raw
    again = receive_mail(raw=message.as_bytes(), now=DUE)
    assert (InboundMail.objects.count(), again.state) == (1, "done")


def test_a_file_that_another_enquiry_has_too_stays_until_that_is_erased(editor):
    for number in (1, 2):
        message = with_files(("a.html", b"the same"))
        message.replace_header("From", f"asker{number}@b.example")
        take(message)
    first, second = Enquiry.objects.order_by("pk")
    digest = EnquiryAttachment.objects.first().sha256
    close_enquiry(by=editor, enquiry=first, spam=False, now=MONDAY)
    erase_due(now=DUE)
    assert attachment_path(digest).exists()
    close_enquiry(by=editor, enquiry=second, spam=False, now=MONDAY)
    erase_due(now=DUE)
    assert not attachment_path(digest).exists()


def test_the_log_of_erasures_ages_out_itself(editor):
    close_enquiry(by=editor, enquiry=ask(), spam=False, now=MONDAY)
    erase_due(now=DUE)
    assert DeskErasure.objects.count() == 1
    assert plan_erasure(now=DUE + 366 * DAY).log == 1
    assert erase_due(now=DUE + 366 * DAY) == 1
    assert DeskErasure.objects.count() == 0


# ---- statistics ----


def test_the_statistics_are_counted_and_stay_the_same_after_erasure(editor):
    for days in (0, 1, 2):
        answer(ask(f"Question {days}"), editor, now=MONDAY + days * DAY)
    late = ask("Question 4", now=MONDAY + 30 * DAY)
    answer(late, editor, now=MONDAY + 37 * DAY)
    log_call(by=editor, asked=NewEnquiry("search", "Which?"), now=MONDAY)
    close_enquiry(by=editor, enquiry=ask("Spam"), spam=True, now=MONDAY)
    counts = desk_statistics(editor)
    # Minutes: 0, 480 (a day of 8 hours), 960, and 2,400 for the late one.
    total = counts.total
    assert (total.received, total.answered, total.in_time, total.waiting) == (5, 4, 3, 1)
    assert (total.median_minutes, total.ninth_minutes) == (720, 2400)
    assert [(row.name, row.received) for row in counts.months] == [("2026-07", 1), ("2026-06", 4)]
    assert [row.received for row in counts.kinds] == [4, 1, 0, 0, 0]
    assert [row.received for row in counts.channels] == [4, 0, 1]
    assert counts.spam == 1
    erase_due(now=DUE + 40 * DAY)
    assert Enquiry.objects.filter(erased_at__isnull=False).count() == 5
    assert desk_statistics(editor) == counts


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(None, ""), (1, "1 minute"), (45, "45 minutes"), (90, "1.5 hours"), (480, "8 hours")],
)
def test_opening_time_in_words(minutes, words):
    assert in_hours(minutes) == words


def test_the_page_of_the_statistics(client, editor):
    answer(ask(), editor)
    client.force_login(editor)
    words = client.get(reverse("desk-statistics")).content.decode()
    assert "June 2026" in words
    assert SECRET not in words


def test_emails_and_files_are_part_of_each_backup(settings):
    for folder in (raw_folder(), attachments_folder()):
        (folder / "ab").mkdir(parents=True)
        (folder / "ab" / "abcdef").write_bytes(b"x")
    copied = {path.relative_to(settings.DATA).as_posix() for path in _paths_to_copy(settings.DATA)}
    assert {"inbound-mail/ab/abcdef", "enquiry-files/ab/abcdef"} <= copied
