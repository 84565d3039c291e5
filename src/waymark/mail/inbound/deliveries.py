"""Emails as a maildir or an IMAP folder has them, one after the other (no Django).

A source deletes nothing. An email is marked as seen once it is stored, so one that was stored when
the process was killed comes again, and is known by its hash.
"""

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from waymark.core.errors import ServiceUnavailable
from waymark.mail.raw_mail import MAX_BYTES

SECONDS = 30
"""Timeout for each answer of an IMAP server."""
PORTS = {"imap": 143, "imaps": 993}


@dataclass(frozen=True, slots=True)
class UnreadEmail:
    """An email of a source. raw: its bytes, None if there are more than MAX_BYTES.

    sha256: of an email without bytes. done: marks it as seen.
    """

    raw: bytes | None
    size: int
    sha256: str
    done: Callable[[], None]


def unread_in_maildir(folder: Path) -> Iterator[UnreadEmail]:
    """The new emails of a maildir, the oldest first. Raises ServiceUnavailable."""
    if not (folder / "new").is_dir() or not (folder / "cur").is_dir():
        raise ServiceUnavailable(f"{folder} is no maildir: it needs the folders new, cur and tmp")
    files = [path for path in (folder / "new").iterdir() if path.is_file()]
    for path in sorted(files, key=lambda path: (path.stat().st_mtime, path.name)):
        size = path.stat().st_size
        with path.open("rb") as file:
            raw = file.read() if size <= MAX_BYTES else None
            digest = "" if raw is not None else file_digest(file, "sha256").hexdigest()
        yield UnreadEmail(raw, size, digest, partial(_mark_seen, path, folder))


def _mark_seen(path: Path, folder: Path) -> None:
    """Move a file to cur/ with the flag S, as mail programs do."""
    with suppress(FileNotFoundError):
        path.rename(folder / "cur" / f"{path.name.partition(':')[0]}:2,S")


def unread_by_imap(url: str) -> Iterator[UnreadEmail]:
    """The unseen emails of a folder, by imaps://user:password@host/FOLDER.

    Raises ServiceUnavailable, without the address, which can contain a password.
    """
    try:
        with _signed_in(url) as server:
            for number in _unseen(server):
                yield _fetched(server, number)
    except (imaplib.IMAP4.error, OSError) as error:
        raise ServiceUnavailable(f"the IMAP server cannot be read: {error}") from error


def _signed_in(url: str) -> imaplib.IMAP4:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    if parts.scheme == "imaps":
        # Without a context of ours, any certificate would do.
        context = ssl.create_default_context()
        server: imaplib.IMAP4 = imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=SECONDS)
    else:
        server = imaplib.IMAP4(host, port, timeout=SECONDS)
    try:
        server.login(unquote(parts.username or ""), unquote(parts.password or ""))
        folder = unquote(parts.path.strip("/")) or "INBOX"
        answer, _ = server.select(f'"{folder}"')
        if answer != "OK":
            raise imaplib.IMAP4.error("there is no such folder")
    except BaseException:
        server.shutdown()
        raise
    return server


def _unseen(server: imaplib.IMAP4) -> list[str]:
    _, numbers = server.uid("SEARCH", "UNSEEN")
    return numbers[0].decode("ascii", "replace").split() if numbers and numbers[0] else []


def _fetched(server: imaplib.IMAP4, number: str) -> UnreadEmail:
    """One email. PEEK leaves it unseen until it is stored."""
    _, sizes = server.uid("FETCH", number, "(RFC822.SIZE)")
    match = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(_bytes_of(sizes)))
    size = int(match[1]) if match else 0
    raw = None
    if size <= MAX_BYTES:
        _, parts = server.uid("FETCH", number, "(BODY.PEEK[])")
        raw = next((part[1] for part in parts if isinstance(part, tuple)), b"")
    # Without the bytes, what is unique on the server has to do.
    digest = "" if raw is not None else sha256(f"imap {number} {size}".encode()).hexdigest()

    def seen() -> None:
        server.uid("STORE", number, "+FLAGS", r"(\Seen)")

    return UnreadEmail(raw, len(raw) if raw is not None else size, digest, seen)


def _bytes_of(answers: list[Any]) -> Iterator[bytes]:
    for answer in answers:
        if isinstance(answer, bytes):
            yield answer
        elif isinstance(answer, tuple):
            yield from (part for part in answer if isinstance(part, bytes))
