"""Letters over real SMTP: what arrives, what is tried again, and what a killed worker leaves."""

import os
import re
import signal
import socket
import subprocess
import sys
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller

from tests.databases import environment_for, rows_of
from tests.factories import NOON, make_person
from tests.new_installations import migrated_database
from waymark import pipeline
from waymark.accounts.models import Role
from waymark.core.errors import NotPermitted, RuleError
from waymark.mail.email_text import EmailText, EmailThread
from waymark.mail.models import Letter
from waymark.mail.outbox import write_letter
from waymark.mail.services import LEASE, PAUSES, lease_letter, send_again

SAID = EmailText("Deposit D2026-7KQ4M2 has been received", "Thank you, a chairde, tá sé anseo.\n")


class Office:
    """A mail server. answers: to RCPT and to DATA; arrived: the letters it took."""

    def __init__(self):
        self.recipient, self.data = "250 OK", "250 OK"
        self.arrived = []
        self.on_data = lambda: None

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server, session, envelope):
        if self.data.startswith("250"):
            self.arrived.append((envelope, message_from_bytes(envelope.content, policy=default)))
            self.on_data()
        return self.data


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def office():
    fresh = Office()
    # Five seconds to be ready, as it has by itself, are few where other tests run beside.
    controller = Controller(fresh, hostname="127.0.0.1", port=free_port(), ready_timeout=60)
    controller.start()
    fresh.port = controller.port
    yield fresh
    controller.stop()


@pytest.fixture
def mail(settings, office):
    """The site sends by the office."""
    settings.MAIL_FROM = "library@waymark.example"
    settings.SITE_NAME = "The library, of learning"
    settings.MAIL_SERVER = {
        "host": "127.0.0.1",
        "port": office.port,
        "username": "",
        "password": "",
        "use_tls": False,
        "use_ssl": False,
    }
    return office


def written(key="D2026-7KQ4M2 received", to="board@zennorshire.example", now=NOON):
    return write_letter(key=key, to=to, wording=SAID, now=now)


def sent(now=NOON):
    return pipeline.send_letter(clock=lambda: now)


@pytest.mark.django_db
def test_a_letter_arrives_as_it_was_written_with_the_address_of_the_site(mail, settings):
    letter = written()
    assert sent() is True
    assert sent() is False
    ((envelope, message),) = mail.arrived
    assert envelope.mail_from == "library@waymark.example"
    assert envelope.rcpt_tos == ["board@zennorshire.example"]
    assert message["Subject"] == SAID.subject
    assert message["From"].addresses[0].addr_spec == "library@waymark.example"
    assert message["From"].addresses[0].display_name == "The library, of learning"
    assert message["Message-ID"] == letter.message_id
    assert letter.message_id.endswith("@waymark.example>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == NOON
    text = message.get_content().replace("\r\n", "\n")
    assert text.startswith(SAID.body)
    assert text.endswith(f"\n\n-- \n{settings.SITE_NAME}: {settings.SITE_ADDRESS}\n")
    letter.refresh_from_db()
    assert (letter.sent_at, letter.attempts, letter.lease_until) == (NOON, 1, None)


@pytest.mark.django_db
def test_a_letter_that_a_person_wrote_stays_in_its_thread_and_is_no_automatic_one(mail):
    thread = EmailThread(
        reply_to="desk@waymark.example", in_reply_to="<asked@b.example>", automatic=False
    )
    write_letter(key="E2026-7KQ4M2 answer", to="a@b.example", wording=SAID, now=NOON, thread=thread)
    assert sent() is True
    ((_, message),) = mail.arrived
    assert message["Reply-To"] == "desk@waymark.example"
    assert message["In-Reply-To"] == message["References"] == "<asked@b.example>"
    assert message["Auto-Submitted"] is None


@pytest.mark.django_db
def test_replies_go_to_the_contact_of_the_site_which_each_letter_names(mail, settings):
    settings.CONTACT_EMAIL, settings.CONTACT_PHONE = "help@waymark.example", "01234 567890"
    written()
    assert sent() is True
    ((_, message),) = mail.arrived
    assert message["Reply-To"] == "help@waymark.example"
    assert "Contact: help@waymark.example, 01234 567890" in message.get_content()


@pytest.mark.django_db
def test_a_long_paragraph_flows_and_its_words_and_links_stay_whole(mail):
    link = f"https://waymark.example/{'long-' * 20}"
    words = "We keep the file for five years. " * 12
    body = f"{words.strip()}\n\n- one\n- two\n\n{link}\n"
    write_letter(key="x", to="a@b.example", wording=EmailText("Long", body), now=NOON)
    assert sent() is True
    ((_, message),) = mail.arrived
    assert message["Content-Type"].params["format"] == "flowed"
    lines = message.get_content().replace("\r\n", "\n").split("\n")
    assert max(len(line) for line in lines if "://" not in line) <= 72
    # A program that knows flowed text joins lines that end in a space.
    read = re.sub(r" \n", " ", "\n".join(lines).replace("\n-- \n", "\n--\n"))
    assert read.startswith(body.rstrip())


@pytest.mark.django_db
def test_an_automatic_letter_in_a_thread_says_that_it_is_a_reply(mail):
    thread = EmailThread(in_reply_to="<asked@b.example>")
    write_letter(key="x", to="a@b.example", wording=SAID, now=NOON, thread=thread)
    assert sent() is True
    ((_, message),) = mail.arrived
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "All"


@pytest.mark.django_db
def test_a_letter_is_written_once_whatever_happens_twice(mail):
    first, second = written(), written(to="other@example.org")
    assert first == second
    assert Letter.objects.get().to == "board@zennorshire.example"


@pytest.mark.django_db
def test_a_mailbox_that_does_not_exist_is_told_to_staff_and_not_tried_again(mail):
    mail.recipient = "550 no such mailbox"
    letter = written()
    assert sent() is True
    letter.refresh_from_db()
    assert (letter.failed, letter.lease_until) == ("550 no such mailbox", None)
    assert sent(NOON + timedelta(days=30)) is False
    mail.recipient = "250 OK"
    with pytest.raises(NotPermitted):
        send_again(by=make_person(Role.CODER), letter=letter, now=NOON)
    send_again(by=make_person(Role.CATALOGUER), letter=letter, now=NOON)
    assert sent() is True
    assert len(mail.arrived) == 1
    with pytest.raises(RuleError, match="has already been sent"):
        send_again(by=None, letter=letter, now=NOON)


@pytest.mark.django_db
@pytest.mark.parametrize("answer", ["recipient", "data"])
def test_what_may_pass_is_tried_again_after_longer_and_longer_pauses(mail, answer):
    setattr(mail, answer, "451 try again later")
    letter, now = written(), NOON
    for number, pause in enumerate(PAUSES, start=1):
        assert sent(now) is True
        letter.refresh_from_db()
        assert (letter.attempts, letter.lease_until) == (number, now + pause)
        assert sent(now + pause - timedelta(seconds=1)) is False
        now += pause
    assert sent(now) is True
    letter.refresh_from_db()
    assert (letter.lease_until, letter.failed) == (None, "451 try again later")
    assert sent(now + timedelta(days=30)) is False
    assert mail.arrived == []


@pytest.mark.django_db
def test_a_server_that_cannot_be_reached_costs_one_attempt(mail, settings):
    settings.MAIL_SERVER = {**settings.MAIL_SERVER, "port": free_port()}
    letter = written()
    assert sent() is True
    letter.refresh_from_db()
    assert "could not be reached" in letter.failed
    assert letter.lease_until == NOON + PAUSES[0]


@pytest.mark.django_db
def test_without_a_mail_server_a_letter_waits(settings):
    settings.MAIL_SERVER = {**settings.MAIL_SERVER, "host": ""}
    written()
    assert sent() is False
    assert Letter.objects.get().attempts == 0


@pytest.mark.django_db
def test_nothing_that_is_typed_can_add_a_line_to_the_head_of_a_letter(mail):
    letter = written()
    Letter.objects.filter(pk=letter.pk).update(to="a@b.example\nBcc: c@d.example")
    assert sent() is True
    letter.refresh_from_db()
    assert letter.failed
    assert mail.arrived == []
    assert letter.lease_until is None


@pytest.mark.django_db
def test_two_workers_never_hold_the_same_letter(mail):
    written("1")
    written("2")
    leased = [lease_letter(now=NOON), lease_letter(now=NOON), lease_letter(now=NOON)]
    assert [email.key if email else None for email in leased] == ["1", "2", None]
    assert lease_letter(now=NOON + LEASE).key == "1"


# ---- a worker that is killed ----

START = """
import django, sys
django.setup()
from datetime import timedelta
from django.core.management import call_command
from django.utils import timezone
"""
WRITE = (
    START
    + """
call_command("migrate", verbosity=0)
from waymark.library.deposits import email_templates
from waymark.mail.outbox import write_letter
for number in range(6):
    said = email_templates.receipt_email(f"D2026-{number}", files=1, years=5, site="Waymark")
    write_letter(key=str(number), to="a@b.example", wording=said, now=timezone.now())
"""
)
WORK = (
    START
    + """
from waymark import pipeline
later = timedelta(minutes=int(sys.argv[1]))
pipeline.run_worker(once=True, clock=lambda: timezone.now() + later)
"""
)


def test_a_worker_killed_between_sending_and_noting_it_loses_nothing(tmp_path, office):
    """Killed while the server takes the second letter: it comes once more, under the same
    Message-ID, and all six are there."""
    environment = {
        **environment_for(migrated_database(tmp_path)),
        "DJANGO_SETTINGS_MODULE": "waymark.settings",
        "WAYMARK_SMTP_URL": f"smtp://127.0.0.1:{office.port}",
        "WAYMARK_MAIL_FROM": "library@waymark.example",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    subprocess.run([sys.executable, "-c", WRITE], env=environment, check=True)
    running = []

    def strike():
        if len(office.arrived) == 2:
            os.kill(running[-1].pid, signal.SIGKILL)

    office.on_data = strike
    ends = []
    for minutes in (0, 10):
        command = [sys.executable, "-c", WORK, str(minutes)]
        running.append(subprocess.Popen(command, env=environment))
        ends.append(running[-1].wait(timeout=60))
    assert ends == [-signal.SIGKILL, 0]
    seen = [message["Message-ID"] for _, message in office.arrived]
    assert len(seen) == 7
    assert len(set(seen)) == 6
    rows = rows_of(tmp_path, "SELECT message_id FROM library_letter WHERE sent_at IS NOT NULL")
    assert {row[0] for row in rows} == set(seen)


def test_every_letter_names_the_organisation_that_runs_the_site(settings, db):
    wording = EmailText("Hello", "Dear reader,\n\nThe library\n")
    values = {"to": "a@b.example", "wording": wording, "now": NOON}
    assert write_letter(key="plain", **values).body == "Dear reader,\n\nThe library\n"
    settings.ORGANISATION = "A board"
    settings.ORGANISATION_ADDRESS = "1 Example Street"
    body = write_letter(key="named", **values).body
    assert body == "Dear reader,\n\nThe library\nA board, 1 Example Street\n"
