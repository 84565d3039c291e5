"""Two of our own desks that are set to answer each other: real processes, mail over real SMTP."""

import subprocess
import sys
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller

from tests.databases import environment_for
from tests.mail.test_outbox import free_port
from tests.new_installations import migrated_database

DESKS = {"one": "desk@one.example", "two": "desk@two.example"}
# A round, on a day counted from today: fetch what arrived, sort it, send what was written.
WORK = """
import django, sys
django.setup()
from datetime import timedelta
from django.utils import timezone
from waymark.pipeline import send_letter
from waymark.pipeline.mail import inbound_mail
for line in sys.stdin:
    clock = lambda: timezone.now() + timedelta(days=int(line))
    inbound_mail._asked.clear()
    while inbound_mail.collect_mail(clock):
        pass
    while inbound_mail.sort_mail(clock):
        pass
    sent = 0
    while send_letter(clock):
        sent += 1
    print(sent, flush=True)
"""


class Postman:
    """A mail server that puts each email into the maildir of its recipient's desk.

    strips: header that it drops, as some mail systems do.
    """

    def __init__(self, folders):
        self.folders, self.strips, self.number = folders, (), 0

    async def handle_DATA(self, server, session, envelope):
        message = message_from_bytes(envelope.content)
        for name in self.strips:
            del message[name]
        self.number += 1
        for recipient in envelope.rcpt_tos:
            name = next(name for name, address in DESKS.items() if address == recipient)
            (self.folders[name] / "new" / f"{self.number}.x").write_bytes(message.as_bytes())
        return "250 OK"


def desk(name, data, maildir, port):
    """A process of a desk that does a round for each line it reads."""
    environment = {
        **environment_for(data),
        "DJANGO_SETTINGS_MODULE": "waymark.settings",
        "WAYMARK_SMTP_URL": f"smtp://127.0.0.1:{port}",
        "WAYMARK_MAIL_FROM": DESKS[name],
        "WAYMARK_CONTACT_EMAIL": DESKS[name],
        "WAYMARK_MAILDIR": str(maildir),
    }
    command = [sys.executable, "-c", WORK]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    return subprocess.Popen(command, env=environment, text=True, **pipes)


def sent_in_round(process, day):
    process.stdin.write(f"{day}\n")
    process.stdin.flush()
    return int(process.stdout.readline())


THREAD = ("In-Reply-To", "References")
MARKS = ("Auto-Submitted", "X-Auto-Response-Suppress")
SCENARIOS = (
    # One acknowledges; the other sees that a program sent it.
    ((), [(1, 0), (0, 0), (0, 0)]),
    # Headers are lost on the way: the other takes it for an enquiry and acknowledges it once. That
    # is a reply to the first, which acknowledges no reply.
    (MARKS, [(1, 1), (0, 0), (0, 0)]),
    # Not even the thread is left: each address gets one acknowledgement a day.
    (MARKS + THREAD, [(1, 1), (0, 0), (0, 0)]),
)
"""Headers that are lost on the way -> emails that each desk sends in each round."""


@pytest.fixture
def folders(tmp_path):
    made = {name: tmp_path / name / "maildir" for name in DESKS}
    for folder in made.values():
        for part in ("new", "cur", "tmp"):
            (folder / part).mkdir(parents=True)
    return made


@pytest.fixture
def postman(folders):
    handler = Postman(folders)
    controller = Controller(handler, "127.0.0.1", free_port(), ready_timeout=60)
    controller.start()
    handler.port = controller.port
    yield handler
    controller.stop()


def test_two_desks_that_write_to_each_other_stop_at_once(tmp_path, folders, postman):
    desks = [
        desk(name, migrated_database(tmp_path / name / "data"), folders[name], postman.port)
        for name in DESKS
    ]
    try:
        for number, (strips, expected) in enumerate(SCENARIOS):
            postman.strips = strips
            first = f"From: {DESKS['two']}\nTo: {DESKS['one']}\nSubject: {number}\n\nWhich?\n"
            (folders["one"] / "new" / f"first-{number}").write_text(first)
            # A day of its own: what is limited by the day begins anew.
            rounds = [
                tuple(sent_in_round(process, 2 * number) for process in desks) for _ in expected
            ]
            assert rounds == expected, strips
    finally:
        for process in desks:
            process.stdin.close()
            process.wait(timeout=60)
            process.stdout.close()
