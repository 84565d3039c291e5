"""Mail of a real IMAP server (Dovecot), which script/setup --dev installs."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from waymark.core.errors import ServiceUnavailable
from waymark.mail.inbound.deliveries import unread_by_imap

DOVECOT = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
# It runs as root alone, and reads mail as another user.
pytestmark = pytest.mark.skipif(
    DOVECOT is None or os.getuid() != 0, reason="needs Dovecot, and root to start it"
)
CONFIGURATION = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{home}/Maildir
first_valid_uid = 1
passdb {{
  driver = static
  args = password=p@ss
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the IMAP server did not start")


@pytest.fixture(scope="module")
def server():
    """A running server: its maildir and address. The folder Desk is beside the inbox."""
    # Not below the folder of pytest: only its owner may enter that, and "nobody" reads the mail.
    base, port = Path(tempfile.mkdtemp(prefix="waymark-imap-")), _free_port()
    base.chmod(0o755)
    person = pwd.getpwnam("nobody")
    home = base / "home"
    for folder in ("Maildir", "Maildir/.Desk"):
        for part in ("cur", "new", "tmp"):
            (home / folder / part).mkdir(parents=True)
    for path in (home, *home.rglob("*")):
        os.chown(path, person.pw_uid, person.pw_gid)
    text = CONFIGURATION.format(
        base=base, home=home, port=port, uid=person.pw_uid, gid=person.pw_gid
    )
    (base / "dovecot.conf").write_text(text, "utf-8")
    running = subprocess.Popen([DOVECOT, "-F", "-c", str(base / "dovecot.conf")])
    try:
        _wait_for(port)
        yield home / "Maildir", f"imap://desk:p%40ss@127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(timeout=30)
        shutil.rmtree(base, ignore_errors=True)


def _deliver(folder: Path, name: str, text: str) -> None:
    path = folder / "new" / name
    path.write_bytes(text.encode())
    person = pwd.getpwnam("nobody")
    os.chown(path, person.pw_uid, person.pw_gid)


def test_each_unseen_email_is_fetched_as_it_was_until_it_is_marked(server):
    maildir, address = server
    first = "From: ann@a.example\r\nSubject: Caf\u00e9\r\n\r\nOne line.\r\n"
    _deliver(maildir, "1.a.host", first)
    _deliver(maildir, "2.a.host", "From: bea@b.example\r\n\r\nTwo.\r\n")
    rows = list(unread_by_imap(f"{address}/INBOX"))
    assert rows[0].raw == first.encode()
    assert len(rows) == 2
    # Fetching alone marks nothing: a worker that is killed here loses no email.
    again = unread_by_imap(f"{address}/INBOX")
    next(again).done()
    again.close()
    (left,) = unread_by_imap(f"{address}/INBOX")
    assert left.raw.endswith(b"Two.\r\n")


def test_another_folder_is_read_and_a_wrong_one_or_password_is_refused(server):
    maildir, address = server
    _deliver(maildir / ".Desk", "3.a.host", "From: eve@c.example\r\n\r\nThree.\r\n")
    (row,) = unread_by_imap(f"{address}/Desk")
    assert row.raw.endswith(b"Three.\r\n")
    with pytest.raises(ServiceUnavailable, match="cannot be read"):
        list(unread_by_imap(f"{address}/None"))
    wrong = address.replace("p%40ss", "secret")
    with pytest.raises(ServiceUnavailable) as refusal:
        list(unread_by_imap(f"{wrong}/INBOX"))
    assert "secret" not in str(refusal.value)
