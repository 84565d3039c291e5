"""Mails that come back: what they say about an address, and what nobody may count as a bounce."""

import csv
import hashlib
import json
from email.message import EmailMessage

import pytest
from click.testing import CliRunner

from tests.shared import SHARED, needs_shared
from waymark.cli import main
from waymark.core.errors import FileRefused
from waymark.mail.bounces import classify

PERSON = "ann@trust.example.org"
REPORT = """\
Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: bounce+1@library.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

{text}

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

{fields}

--b
Content-Type: message/rfc822

To: ann@trust.example.org
Subject: Weekly alert

Spam, blacklist, mailbox full.
--b--
"""
PLAIN = """\
From: {sender}
To: bounce+1@library.example
Subject: {subject}
{headers}
{text}
"""


def report(status, diagnostic="", *, action="failed", text="", source="smtp"):
    """A report of a mail server about one recipient."""
    fields = [f"Final-Recipient: rfc822; {PERSON}", f"Action: {action}", f"Status: {status}"]
    if diagnostic:
        fields.append(f"Diagnostic-Code: {source}; {diagnostic}")
    return classify(REPORT.format(text=text, fields="\n".join(fields)).encode())


def plain(text, *, sender="MAILER-DAEMON@mx.example.net", subject="failure notice", headers=""):
    """A mail of text alone. headers: lines that end with a line feed."""
    mail = PLAIN.format(sender=sender, subject=subject, headers=headers, text=text)
    return classify(mail.encode())


def only(mail):
    """Address, kind and hardness of the one recipient of a mail."""
    (recipient,) = mail.recipients
    return recipient.address, str(recipient.kind), recipient.hard


@pytest.mark.parametrize(
    ("status", "reply", "kind"),
    [
        ("5.1.1", "550 5.1.1 <ann@trust.example.org>: Recipient address rejected", "user unknown"),
        ("5.0.0", "550 No such user here", "user unknown"),
        ("5.1.6", "551 5.1.6 recipient no longer on server", "user unknown"),
        ("5.1.2", "550 5.1.2 Host unknown", "host unknown"),
        ("5.1.10", "556 5.1.10 Recipient address has null MX", "host unknown"),
        ("5.7.27", "550 Host does not accept mail", "host unknown"),
        # The server that refused knew more than the one that reports.
        ("5.0.0", "550 5.1.1 unknown or illegal user", "user unknown"),
    ],
)
def test_an_address_that_does_not_exist_is_a_hard_bounce(status, reply, kind):
    assert only(report(status, reply)) == (PERSON, kind, True)


@pytest.mark.parametrize(
    ("status", "reply", "kind"),
    [
        ("5.2.2", "552 5.2.2 Quota exceeded (mailbox for user is full)", "full"),
        ("5.1.1", "550 mailbox is full", "full"),
        ("5.3.4", "552 5.3.4 message too large", "too big"),
        ("5.7.1", "550 5.7.1 blocked by our reputation list", "policy"),
        ("5.1.1", "550 5.7.1 IP address blacklisted by recipient", "policy"),
        ("5.1.8", "553 5.1.8 Domain of sender address does not exist", "policy"),
        ("5.0.0", "554 This account has been disabled", "refused"),
        ("5.0.0", "550 Go away", "refused"),
        ("4.4.1", "connect to mx.example.org: Connection timed out", "delayed"),
        ("4.1.2", "450 4.1.2 Domain not found", "delayed"),
        ("5.0.0", "450 Host or domain name not found", "delayed"),
    ],
)
def test_a_failure_that_is_not_of_the_address_is_soft(status, reply, kind):
    assert only(report(status, reply)) == (PERSON, kind, False)


@pytest.mark.parametrize(
    "step", ["end of DATA command", "MAIL FROM command", "EHLO command", "end of\n    DATA command"]
)
def test_unknown_user_after_the_text_or_before_the_recipient_says_nothing_of_the_address(step):
    reply = "550 Unknown user"
    mail = report("5.0.0", reply, text=f"<{PERSON}>: host mx said: {reply} (in reply to {step})")
    assert only(mail) == (PERSON, "refused", False)
    mail = report("5.0.0", reply, text=f"<{PERSON}>: {reply} (in reply to RCPT TO command)")
    assert only(mail) == (PERSON, "user unknown", True)


def test_a_server_that_still_tries_is_never_the_last_word():
    mail = report("4.1.1", "450 4.1.1 User unknown", action="delayed")
    assert only(mail) == (PERSON, "delayed", False)


def test_a_program_of_the_mailbox_that_fails_is_soft():
    mail = report("5.1.1", "procmail: No such user", source="x-unix")
    assert only(mail) == (PERSON, "refused", False)


def test_a_report_of_success_is_no_failure():
    assert only(report("2.1.5", "250 2.1.5 Ok", action="delivered")) == (PERSON, "delivered", False)
    assert only(report("2.1.5", "250 2.1.5 Ok")) == (PERSON, "delivered", False)


def test_each_recipient_of_a_report_has_a_reason_of_its_own():
    fields = (
        f"Final-Recipient: rfc822; forwarded@example.com\nOriginal-Recipient: rfc822;{PERSON}\n"
        "Action: failed\nStatus: 5.2.2\n\n"
        "Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.1.1"
    )
    mail = classify(REPORT.format(text="", fields=fields).encode())
    assert [(one.address, str(one.kind), one.hard) for one in mail.recipients] == [
        (PERSON, "full", False),
        ("bob@example.org", "user unknown", True),
    ]


def test_a_report_without_a_reason_takes_it_from_its_text():
    text = "   ----- Transcript -----\nmail.local: unknown user: ann"
    assert only(report("5.5.0", text=text)) == (PERSON, "user unknown", True)


QMAIL = f"""Hi. This is the qmail-send program at mx.example.net.
<{PERSON}>:
Sorry, no mailbox here by that name. (#5.1.1)
--- Below this line is a copy of the message.
mailbox full"""
EXIM = f"""A message sent by
  <news@library.example>
could not be delivered. The following
address(es) failed:
  {PERSON}
    mailbox is full: retry timeout exceeded
------ This is a copy of the message ------
No such user"""


@pytest.mark.parametrize(
    ("text", "kind", "hard"),
    [
        (QMAIL, "user unknown", True),
        (EXIM, "full", False),
        (f"Your message did not reach the following recipient: {PERSON}", "refused", False),
        (f"  {PERSON}\n    Unrouteable address", "user unknown", True),
    ],
)
def test_a_bounce_of_text_alone_is_read_by_the_block_of_each_address(text, kind, hard):
    mail = plain(text)
    assert [(str(one.kind), one.hard) for one in mail.recipients] == [(kind, hard)]
    assert mail.automatic is False


def test_a_bounce_that_a_person_forwards_is_read_through_the_marks_of_quoting():
    quoted = f"> Final-Recipient: RFC822; {PERSON}\n> Action: failed\n> Status: 5.1.1\n"
    mail = plain(f"See below.\n>\n{quoted}", sender="bob@library.example", subject="Fwd: Returned")
    assert only(mail) == (PERSON, "user unknown", True)


@pytest.mark.parametrize(
    ("subject", "headers"),
    [
        ("Automatic reply: Weekly alert", ""),
        ("Re: Weekly alert", "Auto-Submitted: auto-replied\n"),
        ("Re: Weekly alert", "Auto-Submitted: auto-replied (vacation)\nReturn-Path: <>\n"),
        ("Re: Weekly alert", "X-Autoreply: yes\n"),
        ("Re: Weekly alert", "Precedence: auto_reply\n"),
        ("Out of the office", "Return-Path: <>\n"),
        ("=?utf-8?q?Abwesenheitsnotiz?=", ""),
        ("=?utf-8?b?UsOpcG9uc2UgYXV0b21hdGlxdWU=?=", ""),
    ],
)
def test_an_automatic_reply_is_no_bounce_whatever_its_words(subject, headers):
    text = "User unknown here? I no longer work here, this mailbox does not exist.\n550 5.1.1"
    mail = plain(text, sender=f"Ann <{PERSON}>", subject=subject, headers=headers)
    assert mail.automatic
    assert only(mail) == (PERSON, "auto-reply", False)


@pytest.mark.parametrize(
    "headers",
    ["Auto-Submitted: auto-generated\n", "Precedence: bulk\n", "List-Id: <a.example>\n"],
)
def test_other_mail_of_programs_is_automatic_and_no_bounce(headers):
    mail = plain("Hello", sender=PERSON, subject="Our newsletter", headers=headers)
    assert mail.automatic
    assert not mail.recipients


def test_a_mail_of_a_person_is_neither():
    mail = plain("Unknown user?", sender=PERSON, subject="Re: Weekly alert")
    assert not mail.automatic
    assert not mail.recipients


def test_a_complaint_names_who_complained_and_is_not_hard():
    mail = (
        "From: abuse@example.net\nSubject: complaint\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nSpam.\n--b\nContent-Type: message/feedback-report\n\n"
        f"Feedback-Type: abuse\nOriginal-Rcpt-To: <{PERSON}>\n\n--b--\n"
    )
    assert only(classify(mail.encode())) == (PERSON, "complaint", False)


def nested(depth):
    """An email in an email, so many times."""
    headers = "From: a@example.org\nContent-Type: message/rfc822\n\n" * depth
    return f"{headers}From: a@example.org\n\nUser unknown\n".encode()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "does not begin with a header"),
        (b"%PDF-1.7\n1 0 obj", "does not begin with a header"),
        (b"\x00\xff" * 500, "does not begin with a header"),
        (nested(5_000), "more than 100 emails"),
        (b"From: a@example.org\n\n" + b"x" * 10_000_000, "the limit is 10,000,000"),
    ],
)
def test_a_hostile_mail_is_refused_with_its_reason(raw, reason):
    with pytest.raises(FileRefused, match=reason):
        classify(raw, name="bad.eml")


@pytest.mark.parametrize(
    "part",
    [
        "Content-Type: text/plain; charset=no-such-charset\n\nuser unknown",
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n!!!!",
        "Content-Type: text/plain; charset=utf-16\n\n\ud83d",
        "Content-Type: multipart/report; boundary=missing\n\nnothing",
        "Content-Type: message/delivery-status\n\n\n\n\n",
        'Content-Type: text/plain; charset="=?utf-8?q?=ff?="\n\nx',
    ],
)
def test_broken_encodings_are_read_as_far_as_they_go(part):
    raw = f"From: MAILER-DAEMON@mx.example.net\nSubject: =?x?y?z?=\n{part}"
    mail = classify(raw.encode("utf-8", "surrogatepass"))
    assert not mail.automatic


def test_a_text_made_to_keep_patterns_busy_is_read_in_no_time():
    for text in (
        "a" * 300_000,
        "<" * 300_000,
        "user " * 60_000,
        f"{'x@' * 100_000}",
        ">\n" * 99_000,
    ):
        plain(text)


def test_the_command_classifies_what_it_can_and_refuses_the_rest(tmp_path):
    bounce = EmailMessage()
    bounce["From"], bounce["Subject"] = "MAILER-DAEMON@mx.example.net", "Undeliverable"
    bounce.set_content(f"<{PERSON}>: 550 5.1.1 no such user")
    (tmp_path / "a.eml").write_bytes(bounce.as_bytes())
    (tmp_path / "b.eml").write_bytes(b"no email")
    files = [str(tmp_path / name) for name in ("b.eml", "a.eml", "missing.eml")]
    result = CliRunner().invoke(main, ["alerts", "bounce", *files, "--json"])
    answer = json.loads(result.stdout)
    recipient = {"address": PERSON, "kind": "user unknown", "hard": True}
    assert answer["mails"] == [
        {"file": files[1], "automatic": False, "hard": True, "recipients": [recipient]}
    ]
    assert [row["file"] for row in answer["refused"]] == [files[0], files[2]]
    assert result.exit_code == 1


@needs_shared
def test_published_bounces_of_five_mail_servers_are_told_hard_from_soft():
    right: dict[bool, list[bool]] = {True: [], False: []}
    folder = SHARED / "data" / "bounces"
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as stream:
        truth = list(csv.DictReader(stream))
    for row in truth:
        mail = classify((folder / row["file"]).read_bytes(), name=row["file"])
        recipients = dict(enumerate(mail.recipients, start=1))
        recipient = recipients.get(int(row["recipient"]))
        hard = recipient is not None and recipient.hard
        half = hashlib.sha256(row["file"].encode()).digest()[0] % 2 == 0
        right[half].append(hard == (row["hard"] == "true"))
        assert not mail.automatic
    assert (len(right[True]), len(right[False])) == (110, 114)
    # The half that the rules were written by, and the other.
    assert sum(right[True]) >= 107
    assert sum(right[False]) >= 109
    assert sum(map(sum, right.values())) / 224 >= 0.97
