"""Mail that arrives from a maildir, over IMAP and over LMTP: each once, and none lost."""

import re
import smtplib
import socket
import socketserver
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from tests.databases import environment_for, rows_of
from tests.factories import NOON
from tests.new_installations import migrated_database
from waymark.core.errors import FileRefused, ServiceUnavailable
from waymark.mail import services
from waymark.mail.bounces import classify
from waymark.mail.inbound.deliveries import unread_by_imap, unread_in_maildir
from waymark.mail.inbound.email_content import read_email
from waymark.mail.inbound.outcome import raw_bytes
from waymark.mail.models import InboundMail
from waymark.mail.raw_mail import MAX_BYTES
from waymark.pipeline.mail import inbound_mail


def raw_email(number=1, text="x"):
    return f"From: a@b.example\nSubject: Mail {number}\n\n{text}\n".encode()


@pytest.fixture
def maildir(settings, tmp_path):
    folder = tmp_path / "maildir"
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    settings.DATA, settings.MAILDIR, settings.IMAP_URL = tmp_path, folder, ""
    inbound_mail._asked.clear()
    return folder


def put(folder: Path, number: int, content: bytes | None = None) -> Path:
    path = folder / "new" / f"{number}.x.example"
    path.write_bytes(raw_email(number) if content is None else content)
    return path


def collect(now=NOON):
    inbound_mail._asked.clear()
    return inbound_mail.collect_mail(lambda: now)


# ---- a maildir ----


@pytest.mark.django_db
def test_each_new_email_of_a_maildir_is_stored_once_and_marked_as_seen(maildir):
    put(maildir, 1)
    put(maildir, 2)
    assert collect() is True
    assert collect() is False
    assert [raw_bytes(mail) for mail in InboundMail.objects.all()] == [raw_email(1), raw_email(2)]
    assert list((maildir / "new").iterdir()) == []
    names = sorted(path.name for path in (maildir / "cur").iterdir())
    assert names == ["1.x.example:2,S", "2.x.example:2,S"]


@pytest.mark.django_db
def test_an_email_that_was_stored_before_it_was_marked_is_known_when_it_comes_again(maildir):
    path = put(maildir, 1)
    services.receive_mail(raw=path.read_bytes(), now=NOON)
    collect()
    assert InboundMail.objects.count() == 1


@pytest.mark.django_db
def test_an_email_that_is_too_large_is_refused_without_its_bytes_and_stays_in_the_maildir(maildir):
    large = put(maildir, 1, raw_email() + b"x" * MAX_BYTES)
    size = large.stat().st_size
    collect()
    mail = InboundMail.objects.get()
    assert (mail.state, mail.has_raw, mail.size) == ("refused", False, size)
    assert (maildir / "cur" / "1.x.example:2,S").stat().st_size == size


@pytest.mark.django_db
def test_a_flood_stays_where_it_is_until_later(maildir, monkeypatch):
    monkeypatch.setattr(services, "MAX_IN_A_DAY", 2)
    for number in range(4):
        put(maildir, number)
    collect()
    assert InboundMail.objects.count() == 2
    assert len(list((maildir / "new").iterdir())) == 2
    collect(NOON + timedelta(days=1, seconds=1))
    assert InboundMail.objects.count() == 4


def test_a_folder_that_is_no_maildir_is_named(tmp_path):
    with pytest.raises(ServiceUnavailable, match="is no maildir"):
        list(unread_in_maildir(tmp_path))


# ---- IMAP ----


class ImapServer(socketserver.StreamRequestHandler):
    """As much of an IMAP server as reading a folder needs."""

    mails: ClassVar[dict[int, bytes]] = {}
    seen: ClassVar[set[int]] = set()

    def handle(self):
        self.wfile.write(b"* OK ready\r\n")
        while line := self.rfile.readline():
            tag, command = line.decode().strip().split(" ", 1)
            lines = list(self.answer(command))
            self.wfile.write(b"".join(lines) + f"{tag} OK done\r\n".encode())

    def answer(self, command):
        if command.upper().startswith("CAPABILITY"):
            yield b"* CAPABILITY IMAP4rev1\r\n"
        elif command.startswith("UID SEARCH"):
            unseen = [str(number) for number in self.mails if number not in self.seen]
            yield f"* SEARCH {' '.join(unseen)}\r\n".encode()
        elif match := re.match(r"UID FETCH (\d+) \((.+)\)", command):
            raw = self.mails[int(match[1])]
            if "SIZE" in match[2]:
                size = 99_000_000 if b"LARGE" in raw else len(raw)
                yield f"* 1 FETCH (UID {match[1]} RFC822.SIZE {size})\r\n".encode()
            else:
                yield f"* 1 FETCH (UID {match[1]} BODY[] {{{len(raw)}}}\r\n".encode() + raw
                yield b")\r\n"
        elif match := re.match(r"UID STORE (\d+) \+FLAGS", command):
            self.seen.add(int(match[1]))
        elif command.startswith(("SELECT", "EXAMINE")):
            yield b"* 2 EXISTS\r\n"


@pytest.fixture
def imap():
    ImapServer.mails = {7: raw_email(7), 8: b"Subject: LARGE\n\nx", 9: raw_email(9)}
    ImapServer.seen = set()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), ImapServer) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"imap://user:p%40ss@127.0.0.1:{server.server_address[1]}/INBOX"
        server.shutdown()


@pytest.mark.django_db
def test_each_unseen_email_of_an_imap_folder_is_stored_once_and_then_marked(
    imap, settings, tmp_path
):
    settings.DATA, settings.MAILDIR, settings.IMAP_URL = tmp_path, None, imap
    assert collect() is True
    assert ImapServer.seen == {7, 8, 9}
    states = [(mail.has_raw, mail.state) for mail in InboundMail.objects.order_by("pk")]
    assert states == [(True, "waiting"), (False, "refused"), (True, "waiting")]
    assert collect() is False


def test_an_imap_server_that_cannot_be_reached_is_named_without_its_password():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ServiceUnavailable) as caught:
        list(unread_by_imap(f"imap://user:secret@127.0.0.1:{port}/INBOX"))
    assert "secret" not in str(caught.value)


# ---- LMTP ----


def test_an_email_over_lmtp_is_accepted_once_it_is_stored(tmp_path):
    data, place = migrated_database(tmp_path), tmp_path / "lmtp"
    command = [sys.executable, "-m", "waymark", "mail", "listen", "--socket", str(place)]
    process = subprocess.Popen(command, env=environment_for(data), stderr=subprocess.PIPE)
    try:
        assert b"receiving mail at" in process.stderr.readline()
        with smtplib.LMTP(str(place)) as client:
            for number in (1, 2):
                client.sendmail("a@b.example", ["desk@waymark.example"], raw_email(number))
            with pytest.raises(smtplib.SMTPResponseException) as refused:
                client.sendmail("a@b.example", ["d@w.example"], raw_email() + b"x" * MAX_BYTES)
            assert refused.value.smtp_code in {500, 552}
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stderr.close()
    rows = rows_of(data, "SELECT recipient, state FROM mail_inboundmail ORDER BY id")
    assert rows == [("desk@waymark.example", "waiting")] * 2


# ---- what emails say ----


def test_a_subject_is_decoded_and_cannot_break_a_line():
    raw = b"From: a@b.example\nSubject: =?utf-8?q?caf=C3=A9=0ABcc=3A_x=40y?= =?bad?x?y?=\n\nx"
    subject = read_email(raw, own=frozenset(), name="x").subject
    assert "\n" not in subject
    assert "caf" in subject


@pytest.mark.parametrize("word", ["=?utf-8?b?abcde?=", "=?utf-7?q?+2AA-?=", "=?idna?q?xn--?="])
def test_a_damaged_encoded_word_is_shown_as_it_came_and_stops_nothing(word):
    raw = (
        f"From: {word} <a@b.example>\nSubject: {word}\n"
        f'Content-Type: application/x; name="{word}"\n\nx'
    ).encode()
    email = read_email(raw, own=frozenset(), name="x")
    assert email.sender == "a@b.example"
    assert "".join((email.name, email.subject, email.files[0].name)).encode()
    assert not classify(raw).recipients


def test_addresses_inside_very_many_brackets_are_none():
    raw = b"From: " + b"(" * 1_900 + b"\nTo: " + b"(" * 1_900 + b"\nSubject: x\n\nx"
    email = read_email(raw, own=frozenset(), name="x")
    assert (email.sender, email.recipient) == ("", "")
    assert not classify(raw).recipients


def test_a_message_id_that_fits_on_no_line_of_an_answer_is_left_out():
    raw = f"From: a@b.example\nMessage-ID: <{'a' * 990}>\n\nx".encode()
    assert read_email(raw, own=frozenset(), name="x").message_id == ""


def test_a_type_with_very_many_parameters_is_refused_at_once():
    raw = b"From: a@b.example\nContent-Type: multipart/mixed; " + b"a=b;\n " * 100_000 + b"\n\nx"
    began = time.process_time()
    with pytest.raises(FileRefused, match="more than 10,000 bytes"):
        read_email(raw, own=frozenset(), name="x")
    assert time.process_time() - began < 1


def test_a_report_of_very_many_recipients_is_read_soon():
    row = b"Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n"
    raw = (
        b'From: a@b.example\nContent-Type: multipart/report; boundary="x"\n\n'
        b"--x\nContent-Type: text/plain\n\n" + b"a@b.example: unknown\n" * 5_000 + b"--x\n"
        b"Content-Type: message/delivery-status\n\n" + row * 5_000 + b"--x--"
    )
    began = time.process_time()
    assert len(classify(raw).recipients) == 50
    assert time.process_time() - began < 5


def test_of_many_references_only_the_first_are_read():
    ids = " ".join(f"<{number}@x.example>" for number in range(500))
    raw = f"From: a@b.example\nReferences: {ids}\n\nx".encode()
    assert len(read_email(raw, own=frozenset(), name="x").references) == 50


@pytest.mark.parametrize(
    "name", ["..\\..\\x.exe", "/etc/x.exe", "a/b/x.exe", " x.exe ", "x\u202e.exe", "x\x00.exe"]
)
def test_the_name_of_a_file_is_a_name_and_no_path(name):
    raw = (
        b"From: a@b.example\nContent-Type: application/x\n"
        b'Content-Disposition: attachment; filename="' + name.encode() + b'"\n\nx'
    )
    (file,) = read_email(raw, own=frozenset(), name="x").files
    assert "/" not in file.name
    assert "\\" not in file.name
    assert file.name.isprintable()
    assert file.name.endswith(".exe")


@pytest.mark.parametrize(
    ("charset", "body"),
    [
        # Half of a character that UTF-16 writes in two: no database stores it.
        ("utf-7", b"+2AA-words"),
        ("raw_unicode_escape", b"\\ud800words"),
        ("unicode_escape", b"\\ud800words"),
        # Codecs of Python that no mail program uses. This one takes the square of the length.
        ("punycode", b"99" * 200_000 + b"words"),
        ("idna", b"xn--a." * 60_000 + b"words"),
        ("undefined", b"words"),
        ("zlib", b"words"),
        ("a\x00b", b"words"),
    ],
)
def test_text_in_any_charset_is_read_soon_and_can_be_stored(charset, body):
    head = f"From: a@b.example\nContent-Type: text/plain; charset={charset}\n\n".encode()
    began = time.process_time()
    text = read_email(head + body, own=frozenset(), name="x").text
    assert time.process_time() - began < 1
    assert text.encode("utf-8")


@pytest.mark.parametrize(
    "markup", ["<!--", "<", "<a ", "<![", "<?", "</a", "<a b='", "<div>", "<table><b>"]
)
def test_markup_that_never_ends_is_read_soon(markup):
    body = (markup * 60_000).encode()
    raw = b"From: a@b.example\nContent-Type: text/html\n\n<p>Which reviews?</p>" + body
    began = time.process_time()
    text = read_email(raw, own=frozenset(), name="x").text
    assert time.process_time() - began < 4
    assert text.startswith("Which reviews?")
