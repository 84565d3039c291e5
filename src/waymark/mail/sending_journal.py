"""Journal of attempts to send: what a killed worker had begun, and what the mail server accepted.

    boot <id of the start of the computer>      by whoever opens the file to send
    text <Message-ID> <round>                   written just before the text of an email is sent
    sent <Message-ID> <round> <reply>           written when the mail server has accepted it
    back <Message-ID> <round>                   written when it has refused the text

A line is in the file system before the next command goes to the mail server, so it survives the end
of the process at any moment. If the computer itself stops, lines may be lost; the id of its start
tells. A round begins when a person has an email sent again that may have been sent before.

Example: `text <a@b> 0` without `sent <a@b> 0`: whether <a@b> arrived is unknown. No line for
<c@b>, and the computer has not been started since: it was certainly not sent.
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from waymark.core.files import flush_folder

_LINE = re.compile(r"(boot|text|sent|back) (\S+)(?: (\d+))?(?: (.*))?")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(slots=True)
class JournalContents:
    """What a journal says. sent: Message-ID -> reply of the mail server. begun: Message-ID -> last
    round in which its text was begun. boot: of the last worker, "" if not known.
    """

    sent: dict[str, str] = field(default_factory=dict)
    begun: dict[str, int] = field(default_factory=dict)
    boot: str = ""

    def in_doubt(self, message_id: str, round_: int) -> bool:
        """True if the text was begun in this round or a later one and nobody knows what came."""
        return message_id not in self.sent and self.begun.get(message_id, -1) >= round_

    def is_complete(self) -> bool:
        """True if no line can have been lost since the last worker wrote to it."""
        return bool(self.boot) and self.boot == boot_id()


class JournalWriter:
    """The journal of one worker. Each line is one write: a kill never splits it."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def text(self, message_id: str, round_: int) -> None:
        """Write that the text of an email is sent next."""
        os.write(self._handle, f"text {message_id} {round_}\n".encode())

    def sent(self, message_id: str, round_: int, reply: str) -> None:
        """Write that the mail server accepted an email."""
        words = " ".join(reply.split())[:200]
        os.write(self._handle, f"sent {message_id} {round_} {words}\n".encode())

    def refused(self, message_id: str, round_: int) -> None:
        """Write that the mail server did not take an email whose text was begun."""
        os.write(self._handle, f"back {message_id} {round_}\n".encode())

    def flush(self) -> None:
        """Put all lines on the disk."""
        os.fsync(self._handle)


def boot_id() -> str:
    """Identifier of the start of this computer; "" where the system has none."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


@contextmanager
def writing(path: Path) -> Iterator[JournalWriter | None]:
    """Open a journal to send, for one worker at a time; None if another one is sending.

    The lock ends with the process, so whoever gets it knows that no worker is sending.
    """
    new = not path.exists()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        if new:
            flush_folder(path.parent)
        yield JournalWriter(handle)
    finally:
        os.close(handle)


def note_boot(path: Path) -> None:
    """Write the start of this computer, after all claims of earlier workers were settled."""
    with path.open("ab") as file:
        file.write(f"boot {boot_id() or '-'}\n".encode())
        file.flush()
        os.fsync(file.fileno())


def read_journal(path: Path) -> JournalContents:
    """What a journal says; nothing if there is none. A damaged line is passed over."""
    contents = JournalContents()
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return contents
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        kind, name, round_ = match[1], match[2], int(match[3] or 0)
        if kind == "boot":
            contents.boot = "" if name == "-" else name
        elif kind == "text":
            contents.begun[name] = max(contents.begun.get(name, 0), round_)
        elif kind == "back":
            contents.begun.pop(name, None)
        else:
            contents.sent[name] = match[4] or ""
    return contents


def carry_over(old: Path, new: Path) -> int:
    """Add to a folder of journals what those of an older folder say; return how many lines.

    For a restored backup: its journals end at the time of the backup.
    """
    added = 0
    for source in sorted(old.glob("*.journal")):
        target = new / source.name
        lines = source.read_text(encoding="utf-8", errors="replace").splitlines()
        known = set()
        if target.exists():
            known = set(target.read_text(encoding="utf-8", errors="replace").splitlines())
        more = [line for line in lines if line not in known and _LINE.fullmatch(line)]
        if more:
            new.mkdir(mode=0o700, parents=True, exist_ok=True)
            with target.open("ab") as file:
                file.write("".join(f"{line}\n" for line in more).encode())
                file.flush()
                os.fsync(file.fileno())
        added += len(more)
    return added
