"""Emails to operators, over real SMTP: what they are told, how often, and what not."""

import shutil
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller

from tests.factories import NOON
from tests.mail.test_outbox import Office, free_port
from waymark.accounts.watch_state import last_backup, note_backup
from waymark.mail.models import Letter
from waymark.pipeline.mail import operator_notices
from waymark.pipeline.mail.operator_notices import tell_of_ended_process, watch_installation
from waymark.setting_values import listening_setting

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def server():
    controller = Controller(Office(), hostname="127.0.0.1", port=free_port(), ready_timeout=60)
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def office(server, settings, tmp_path):
    """The mail server of a site with room on its disk, watched since noon."""
    settings.DATA = tmp_path
    settings.MAIL_FROM = "library@example.org"
    settings.OPERATOR_EMAIL = "operators@example.org"
    settings.SITE_ADDRESS = "https://library.example.org"
    settings.DISK_WARNING_MIB = 1
    settings.BACKUP_HOURS = 48
    settings.MAIL_SERVER = {"host": "127.0.0.1", "port": server.port}
    operator_notices._sent_here.clear()
    server.handler.arrived = []
    server.handler.recipient = "250 OK"
    watch_installation(NOON)
    return server.handler


def subjects(office):
    return [email["Subject"] for _, email in office.arrived]


def letter(key, **fields):
    given = {"to": "ann@example.org", "subject": "About R1", "body": "Words", "message_id": "<1@a>"}
    return Letter.objects.create(key=key, **given, written_at=NOON, **fields)


def test_nothing_is_told_of_an_installation_that_is_well(office):
    note_backup(NOON)
    assert not watch_installation(NOON + HOUR)
    assert office.arrived == []


def test_a_late_backup_is_told_once_a_day_until_it_is_made(office):
    note_backup(NOON)
    assert not watch_installation(NOON + 48 * HOUR)
    late = NOON + 49 * HOUR
    assert watch_installation(late)
    assert not watch_installation(late + 23 * HOUR)
    assert watch_installation(late + 24 * HOUR)
    assert subjects(office) == ["Waymark at library.example.org: the backup is late"] * 2
    envelope, email = office.arrived[0]
    assert envelope.rcpt_tos == ["operators@example.org"]
    assert "was made at 13:00 on 4 May 2026" in email.get_content()
    note_backup(late + 25 * HOUR)
    assert not watch_installation(late + 26 * HOUR)
    # The next one that is late is told at once.
    assert watch_installation(late + 75 * HOUR)


def test_a_first_backup_that_was_never_made_is_late_two_days_after_the_first_look(office):
    assert last_backup() is None
    assert not watch_installation(NOON + 48 * HOUR)
    assert watch_installation(NOON + 49 * HOUR)


def test_a_disk_that_is_nearly_full_is_told_although_nothing_can_be_written(
    office, settings, monkeypatch
):
    free = shutil.disk_usage(settings.DATA).free // 1024**2
    settings.DISK_WARNING_MIB = free + 100_000

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(operator_notices.json, "dumps", refuse)
    assert watch_installation(NOON + HOUR)
    assert not watch_installation(NOON + 2 * HOUR)
    (subject,) = subjects(office)
    assert subject.endswith("MiB of disk are free")


def test_emails_that_fail_or_wait_are_counted_and_nobody_is_named(office):
    letter("R1 received", failed="550 no such user")
    letter("R2 received")
    letter("R3 received", sent_at=NOON)
    letter("R4 received", failed="451 later", lease_until=NOON + HOUR)
    note_backup(NOON + 25 * HOUR)
    assert watch_installation(NOON + 25 * HOUR)
    assert subjects(office) == [
        "Waymark at library.example.org: 1 emails could not be sent",
        "Waymark at library.example.org: 2 emails wait for more than a day",
    ]
    for _, email in office.arrived:
        text = email.as_string()
        assert not any(word in text for word in ("ann@", "R1", "no such user"))
    # It left the outbox alone, where it would wait with those that fail.
    assert Letter.objects.count() == 4


def test_a_process_that_ends_again_and_again_is_told_once_an_hour(office):
    assert tell_of_ended_process("the reading worker", -9, NOON)
    assert not tell_of_ended_process("the reading worker", -9, NOON + HOUR / 2)
    assert tell_of_ended_process("the upkeep worker", 1, NOON + HOUR / 2)
    # A look in between forgets none of them.
    note_backup(NOON + HOUR)
    watch_installation(NOON + HOUR / 2)
    assert not tell_of_ended_process("the reading worker", -9, NOON + HOUR * 0.9)
    assert tell_of_ended_process("the reading worker", -9, NOON + HOUR)
    first, second, _ = (email.get_content() for _, email in office.arrived)
    assert "SIGKILL (perhaps the machine has too little memory) at 13:00" in " ".join(first.split())
    assert "with the exit code 1" in second


def test_what_could_not_be_told_is_told_at_the_next_look(office, caplog):
    office.recipient = "451 come back later"
    late = NOON + 49 * HOUR
    assert not watch_installation(late)
    assert "operators got no email that the backup is late: 451" in caplog.text
    office.recipient = "250 OK"
    assert watch_installation(late + HOUR)


def test_without_an_address_nobody_is_told(office, settings):
    settings.OPERATOR_EMAIL = ""
    assert not watch_installation(NOON + 49 * HOUR)
    assert not tell_of_ended_process("the site", 1, NOON)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("", None), ("127.0.0.1:9101", ("127.0.0.1", 9101)), ("[::1]:9101", ("::1", 9101))],
)
def test_an_address_to_listen_at_is_an_address_and_a_port(monkeypatch, value, expected):
    monkeypatch.setenv("WAYMARK_METRICS", value)
    assert listening_setting("WAYMARK_METRICS") == expected


@pytest.mark.parametrize("value", ["9101", "localhost:9101", "127.0.0.1:0", "127.0.0.1:99999", "a"])
def test_an_address_to_listen_at_that_makes_no_sense_is_refused(monkeypatch, value):
    monkeypatch.setenv("WAYMARK_METRICS", value)
    with pytest.raises(Exception, match=r"WAYMARK_METRICS must be .* such as 127\.0\.0\.1:9101"):
        listening_setting("WAYMARK_METRICS")
