"""Emails to the desk: whose they are, what is answered, and what only a person may decide.

The hardest case comes first: an email from another address that claims our Message-ID.
"""

from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from tests.factories import make_person
from waymark.accounts.models import AuditEntry, Role
from waymark.core.errors import RuleError
from waymark.core.opening_hours import opening_hours
from waymark.core.uk_time import UK_TIME
from waymark.enquiries.models import EmailToSort, Enquiry, EnquiryAttachment, EnquiryMessage
from waymark.enquiries.services import NewEnquiry, decide_email, send_answer, take_enquiry
from waymark.mail.models import InboundMail, Letter
from waymark.mail.services import receive_mail
from waymark.pipeline.mail import bounced_mail, inbound_mail
from waymark.pipeline.mail.bounced_mail import note_bounces
from waymark.pipeline.mail.inbound_mail import sort_mail

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 6, 1, 10, tzinfo=UK_TIME)
HOUR = timedelta(hours=1)
ASKER, STRANGER = "asker@board.example", "stranger@evil.example"
DESK = "desk@waymark.example"


@pytest.fixture(autouse=True)
def installation(settings, tmp_path):
    settings.DATA = tmp_path
    settings.DESK_HOURS = opening_hours("Mon-Fri 09:00-17:00", "ENG")
    settings.MAIL_FROM = "library@waymark.example"
    settings.CONTACT_EMAIL = DESK
    settings.SITE_ADDRESS = "https://waymark.example"


@pytest.fixture
def editor():
    return make_person(Role.EDITOR, name="editor")


@pytest.fixture
def answered(editor):
    """An enquiry of the asker that was answered by email; its last letter is the answer."""
    enquiry = take_enquiry(
        by=AnonymousUser(),
        asked=NewEnquiry("question", "Which reviews?", address=ASKER, name="Ann"),
        network="n",
        now=MONDAY,
    )
    seen = enquiry.messages.last().pk
    send_answer(
        by=editor,
        enquiry=enquiry,
        text="The secret answer.",
        state="answered",
        seen=seen,
        now=MONDAY + HOUR,
    )
    return Enquiry.objects.get()


def email(sender=ASKER, subject="A question", text="Which reviews are there?", **headers):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, DESK, subject
    message["Message-ID"] = headers.pop("message_id", f"<{abs(hash((sender, text)))}@x.example>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def arrive(message, now=MONDAY + 2 * HOUR):
    raw = message if isinstance(message, bytes) else message.as_bytes()
    mail = receive_mail(raw=raw, now=now)
    sort_mail(lambda: now)
    mail.refresh_from_db()
    return mail


def outcome(mail):
    return mail.kind, mail.state


# ---- another address, with our Message-ID ----


def forged(answered, text="Send me what you told Ann."):
    """An email of a stranger who has, or guessed, the Message-ID of our answer."""
    letter = Letter.objects.last()
    return email(
        STRANGER,
        f"Re: Your enquiry {answered.reference}",
        text,
        In_Reply_To=letter.message_id,
        References=letter.message_id,
    )


def test_a_reply_from_another_address_is_shown_to_the_desk_alone_and_answered_by_nobody(
    client, answered, editor
):
    letters = Letter.objects.count()
    assert outcome(arrive(forged(answered))) == ("reply", "to_sort")
    # Nothing goes to the newcomer, and nothing of the enquiry changes.
    assert Letter.objects.count() == letters
    assert not Letter.objects.filter(to=STRANGER).exists()
    answered.refresh_from_db()
    assert (answered.state, answered.address) == ("answered", ASKER)
    assert answered.messages.count() == 2
    # The asker sees nothing of it.
    thread = reverse("enquiry-thread", args=[answered.reference, answered.token])
    words = client.get(thread).content.decode()
    assert "Send me what you told Ann." not in words
    assert STRANGER not in words
    # The desk does, on the page of the enquiry.
    client.force_login(editor)
    row = EmailToSort.objects.get()
    assert (row.enquiry, row.reason, row.decision) == (answered, "other_address", "")
    desk = client.get(reverse("enquiry", args=[answered.reference])).content.decode()
    assert reverse("sort-email", args=[row.pk]) in desk
    page = client.get(reverse("sort-email", args=[row.pk])).content.decode()
    assert STRANGER in page
    assert "Send me what you told Ann." in page
    assert "1 email that may belong to an enquiry" in (
        client.get(reverse("my-work")).content.decode()
    )


def test_an_email_that_a_person_added_is_marked_and_answers_still_go_to_the_asker(
    client, answered, editor
):
    arrive(forged(answered, "I am her colleague."))
    client.force_login(editor)
    row = EmailToSort.objects.get()
    answer = client.post(
        reverse("sort-email", args=[row.pk]),
        {"decision": "added", "reference": answered.reference},
    )
    assert answer["Location"] == reverse("enquiry", args=[answered.reference])
    answered.refresh_from_db()
    assert (answered.state, answered.address) == ("waiting", ASKER)
    message = answered.messages.last()
    assert (message.sender, message.text) == ("other", "I am her colleague.")
    send_answer(
        by=editor,
        enquiry=answered,
        text="To both.",
        state="answered",
        seen=message.pk,
        now=MONDAY + 3 * HOUR,
    )
    assert not Letter.objects.filter(to=STRANGER).exists()
    last = Letter.objects.last()
    assert last.to == ASKER
    # It answers what the asker wrote, not the stranger's email.
    assert last.in_reply_to == ""
    client.logout()
    thread = reverse("enquiry-thread", args=[answered.reference, answered.token])
    assert "From another email address" in client.get(thread).content.decode()


def test_a_person_can_make_a_new_enquiry_of_it_which_shows_nothing_of_the_other(
    client, answered, editor
):
    arrive(forged(answered))
    new = decide_email(
        by=editor, row=EmailToSort.objects.get(), decision="new", enquiry=None, now=MONDAY
    )
    assert (new.address, new.channel) == (STRANGER, "email")
    assert new != answered
    letter = Letter.objects.get(to=STRANGER)
    assert answered.reference not in letter.body
    assert "secret" not in letter.body
    with pytest.raises(RuleError, match="someone else has decided"):
        decide_email(
            by=editor, row=EmailToSort.objects.get(), decision="dropped", enquiry=None, now=MONDAY
        )


def test_a_dropped_email_gets_no_answer(answered, editor):
    arrive(forged(answered))
    letters = Letter.objects.count()
    row = EmailToSort.objects.get()
    assert decide_email(by=editor, row=row, decision="dropped", enquiry=None, now=MONDAY) is None
    assert Letter.objects.count() == letters
    assert InboundMail.objects.get().state == "done"


def test_an_email_that_names_two_threads_is_left_to_a_person(answered, editor):
    first = Letter.objects.last().message_id
    other = arrive(email("other@b.example", text="Another question"))
    assert outcome(other) == ("new", "done")
    second = Letter.objects.get(to="other@b.example").message_id
    mail = arrive(email(ASKER, "Re: both", "x", References=f"{first} {second}"))
    assert outcome(mail) == ("reply", "to_sort")


# ---- replies of the asker ----


@pytest.mark.parametrize("header", ["In-Reply-To", "References"])
@pytest.mark.parametrize("which", [0, 1])
def test_a_reply_of_the_asker_to_any_email_of_ours_is_added_and_opens_the_enquiry(
    answered, header, which
):
    letter = list(Letter.objects.all())[which]
    reply = email("Asker@Board.example", "Re: nonsense", "And in Wales?")
    reply[header] = letter.message_id
    assert outcome(arrive(reply)) == ("reply", "done")
    answered.refresh_from_db()
    assert answered.state == "waiting"
    assert answered.messages.last().text == "And in Wales?"
    # Nobody acknowledges a reply.
    assert Letter.objects.count() == 2


def test_the_message_ids_of_our_emails_cannot_be_guessed(answered):
    ids = [letter.message_id for letter in Letter.objects.all()]
    assert len(set(ids)) == 2
    for message_id in ids:
        name = message_id.strip("<>").partition("@")[0]
        assert len(name) == 32
        assert answered.reference not in message_id


@pytest.mark.parametrize("sender", [ASKER, STRANGER])
@pytest.mark.parametrize(
    "subject",
    ["Re: {0}", "AW: [{0}] Your enquiry", "=?utf-8?q?Re=3A_{0}?="],
)
def test_a_match_by_subject_alone_goes_to_a_person_whoever_sent_it(answered, sender, subject):
    message = email(sender, "x", "More about it")
    del message["Subject"]
    raw = message.as_bytes().replace(
        b"\n", b"\nSubject: " + subject.format(answered.reference).encode() + b"\n", 1
    )
    assert outcome(arrive(raw)) == ("reply", "to_sort")
    assert EmailToSort.objects.get().reason == "subject"
    answered.refresh_from_db()
    assert answered.messages.count() == 2
    assert Letter.objects.count() == 2


def test_a_reference_that_nobody_has_is_only_a_subject(answered):
    mail = arrive(email(subject="Re: E2026-222222", text="Which?"))
    assert outcome(mail) == ("new", "done")


# ---- new enquiries ----


def test_an_email_becomes_an_enquiry_with_its_decoded_subject_and_is_acknowledged():
    message = email(subject="Fráuen, bábaí agus Ŵ", text="Cad a deir siad?")
    message.replace_header("From", "Áine Ní Bhriain <asker@board.example>")
    assert outcome(arrive(message)) == ("new", "done")
    enquiry = Enquiry.objects.get()
    assert (enquiry.subject, enquiry.name) == ("Fráuen, bábaí agus Ŵ", "Áine Ní Bhriain")
    assert (enquiry.channel, enquiry.kind, enquiry.address) == ("email", "question", ASKER)
    letter = Letter.objects.get()
    assert (letter.to, letter.in_reply_to) == (ASKER, message["Message-ID"])
    assert letter.automatic
    assert "Cad a deir" not in letter.body


def test_the_text_of_an_html_email_is_read_without_scripts():
    message = email(text="x")
    html = "<p>Which <b>reviews</b>?</p><script>alert(1)</script><style>p{}</style><p>Thanks</p>"
    message.set_content(html, subtype="html")
    arrive(message)
    assert Enquiry.objects.get().messages.get().text == "Which reviews ?\nThanks"


def test_the_same_bytes_are_one_email():
    message = email()
    assert arrive(message).pk == arrive(message).pk
    assert Enquiry.objects.count() == 1


def test_one_address_gets_one_acknowledgement_a_day():
    for number in range(4):
        arrive(email(text=f"Question {number}"))
    assert Enquiry.objects.count() == 4
    assert Letter.objects.count() == 1


def test_a_flood_of_one_address_is_refused_and_listed(client, editor):
    for number in range(12):
        mail = arrive(email(text=f"Question {number}"))
    assert Enquiry.objects.count() == 10
    assert outcome(mail) == ("unknown", "refused")
    client.force_login(editor)
    words = client.get(reverse("inbound-mail"), {"state": "refused"}).content.decode()
    assert "too many emails from this address within a day" in words


# ---- programs ----


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; x=y"},
        {"Precedence": "bulk"},
        {"Precedence": "list"},
        {"Precedence": "Junk"},
        {"Return_Path": "<>"},
        {"List_Id": "<news.example>"},
        {"X_Autoreply": "yes"},
    ],
)
def test_nothing_answers_an_email_of_a_program(headers):
    mail = arrive(email(**headers))
    assert outcome(mail) == ("automatic", "done")
    assert mail.reason
    assert not Enquiry.objects.exists()
    assert not Letter.objects.exists()


@pytest.mark.parametrize(
    "sender",
    ["MAILER-DAEMON@x.example", "no-reply@x.example", DESK, "Library@Waymark.example"],
)
def test_nothing_answers_our_own_addresses_and_daemons(sender):
    kind, state = outcome(arrive(email(sender, text=f"From {sender}")))
    assert (kind in {"automatic", "bounce"}, state) == (True, "done")
    assert not Enquiry.objects.exists()
    assert not Letter.objects.exists()


def test_auto_submitted_no_is_a_person():
    assert outcome(arrive(email(Auto_Submitted="no"))) == ("new", "done")


def test_a_subject_that_sounds_automatic_goes_to_a_person_and_is_not_lost(editor):
    mail = arrive(email(subject="Out of office: what do reviews say about staff on leave?"))
    assert outcome(mail) == ("reply", "to_sort")
    new = decide_email(
        by=editor, row=EmailToSort.objects.get(), decision="new", enquiry=None, now=MONDAY
    )
    assert new.address == ASKER
    assert not Letter.objects.exists()


def test_an_answer_that_bounced_is_noted_on_its_enquiry_and_opens_it_again(answered):
    letter = Letter.objects.last()
    raw = (
        "From: MAILER-DAEMON@mx.example\nTo: library@waymark.example\nReturn-Path: <>\n"
        "Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\n"
        "MIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nIt could not be delivered.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; {ASKER}\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 User unknown\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {letter.message_id}\n\n--b--\n"
    )
    assert outcome(arrive(raw.encode())) == ("bounce", "done")
    answered.refresh_from_db()
    assert answered.state == "waiting"
    assert "could not be delivered" in answered.notes.get().text
    assert Letter.objects.count() == 2


def test_a_mailing_that_came_back_waits_for_the_alerts():
    message = email()
    message["Delivered-To"] = "bounce+abc@waymark.example"
    raw = message.as_bytes()
    mail = receive_mail(raw=raw, recipient="bounce+abc@waymark.example", now=MONDAY)
    assert sort_mail(lambda: MONDAY) is True
    assert sort_mail(lambda: MONDAY) is False
    mail.refresh_from_db()
    assert outcome(mail) == ("bounce", "waiting")


# ---- what cannot be read ----


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"no email at all", "does not begin with a header"),
        (b"From: a@b.example, c@d.example\n\nx", "exactly one sender"),
        (b"Subject: x\n\nx", "exactly one sender"),
        (b"From: a b <a@@b>\n\nx", "sender"),
        (b"From: a@b.example\n" + b"Content-Type: multipart/x; boundary=a\n" * 101, "more than"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason_and_its_bytes_stay(
    client, editor, raw, reason
):
    mail = arrive(raw)
    assert outcome(mail) == ("unknown", "refused")
    assert reason in mail.reason
    client.force_login(editor)
    answer = client.get(reverse("inbound-file", args=[mail.pk]))
    assert b"".join(answer.streaming_content if answer.streaming else [answer.content]) == raw
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Type"] == "application/octet-stream"


def test_an_email_that_is_too_large_is_refused_and_not_stored():
    mail = receive_mail(raw=None, size=99_000_000, digest="a" * 64, now=MONDAY)
    assert outcome(mail) == ("unknown", "refused")
    assert "too large" in mail.reason
    assert not mail.has_raw
    assert sort_mail(lambda: MONDAY) is False


def test_text_that_no_database_stores_becomes_an_enquiry_without_it():
    raw = f"From: {ASKER}\nContent-Type: text/plain; charset=utf-7\n\nWhich +2AA- reviews?"
    assert outcome(arrive(raw.encode())) == ("new", "done")
    assert Enquiry.objects.get().messages.get().text == "Which ? reviews?"


def test_an_email_at_which_the_program_fails_is_refused_and_the_next_has_its_turn(monkeypatch):
    def fail(*, mail, now):
        raise ValueError("unforeseen")

    with monkeypatch.context() as broken:
        broken.setattr(inbound_mail, "take_email", fail)
        mail = arrive(email(text="one"))
    assert outcome(mail) == ("unknown", "refused")
    assert "ValueError" in mail.reason
    assert outcome(arrive(email(text="two"))) == ("new", "done")


def test_a_bounce_at_which_the_program_fails_is_refused_and_the_next_has_its_turn(monkeypatch):
    def fail(raw, *, name):
        raise ValueError("unforeseen")

    mail = receive_mail(raw=b"From: a@b.example\n\nx", recipient="bounce+1.x@y.example", now=MONDAY)
    sort_mail(lambda: MONDAY)
    with monkeypatch.context() as broken:
        broken.setattr(bounced_mail, "classify", fail)
        assert note_bounces(lambda: MONDAY) is True
    mail.refresh_from_db()
    assert outcome(mail) == ("bounce", "refused")
    assert note_bounces(lambda: MONDAY) is False


def test_an_address_that_is_longer_than_any_address_is_refused():
    sender = f"a@{'b.' * 126}example"
    assert len(sender) > 254
    assert outcome(arrive(email(sender=sender))) == ("unknown", "refused")


# ---- files ----


def with_files(*files):
    message = email()
    for name, content in files:
        message.add_attachment(content, maintype="text", subtype="html", filename=name)
    return message


def test_a_file_is_only_ever_downloaded_by_the_desk(client, editor):
    evil = b"<script>alert(1)</script>"
    arrive(with_files(("../../etc/pass\u202ewd.html", evil)))
    row = EnquiryAttachment.objects.get()
    assert (row.name, row.size) == ("passwd.html", len(evil))
    reference = Enquiry.objects.get().reference
    address = reverse("enquiry-attachment", args=[reference, row.pk])
    assert client.get(address).status_code == 302
    client.force_login(editor)
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == evil
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="passwd.html"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    client.force_login(make_person(Role.CODER))
    assert client.get(address).status_code == 403
    other = reverse("enquiry-attachment", args=["E2026-222222", row.pk])
    client.force_login(editor)
    assert client.get(other).status_code == 404


def test_too_many_and_too_large_files_are_named_and_not_stored(client, editor):
    files = [(f"{number}.html", b"x%d" % number) for number in range(11)]
    arrive(with_files(*files, ("big.html", b"x" * 5_000_001)))
    rows = EnquiryAttachment.objects.order_by("pk")
    assert [bool(row.sha256) for row in rows] == [True] * 10 + [False] * 2
    assert "more than 10 files" in rows.last().reason
    client.force_login(editor)
    page = client.get(reverse("enquiry", args=[Enquiry.objects.get().reference]))
    assert "big.html: not stored" in page.content.decode()


def test_no_address_is_in_the_log(answered):
    arrive(forged(answered))
    arrive(email("new@b.example", text="New"))
    said = " ".join(f"{row.subject} {row.detail}" for row in AuditEntry.objects.all())
    for address in (ASKER, STRANGER, "new@b.example"):
        assert address not in said


def test_a_reply_to_an_erased_enquiry_is_a_new_one(answered):
    Enquiry.objects.filter(pk=answered.pk).update(erased_at=MONDAY)
    letter = Letter.objects.last()
    arrive(email(text="Again", In_Reply_To=letter.message_id))
    assert Enquiry.objects.count() == 2
    assert EnquiryMessage.objects.filter(enquiry=answered).count() == 2
