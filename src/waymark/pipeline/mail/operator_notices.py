"""Emails to the operators of the site (WAYMARK_OPERATOR_EMAIL) when it needs a person.

    a process of the site ended     at once, from its supervisor; at most one email an hour for each
    the disk is nearly full         \
    the backup is late               > looked for every five minutes; one email when it begins, and
    emails cannot be sent           /  one a day while it lasts

They go to the mail server directly and not through the outbox: a full disk, a damaged database or a
worker that does not start would keep them there. They name no person and no report.
"""

import fcntl
import json
import logging
import secrets
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from waymark.accounts.watch_state import last_backup, watch_folder
from waymark.core.jobs import Job, JobQueue, PacedRun
from waymark.core.uk_time import UK_TIME
from waymark.mail.models import Letter
from waymark.mail.queries import email_counts
from waymark.mail.smtp import SendingFailed, can_send, send_email

log = logging.getLogger(__name__)
EVERY = timedelta(minutes=5)
AGAIN = timedelta(days=1)
ENDED_AGAIN = timedelta(hours=1)
MIB = 1024 * 1024
SentNotices = dict[str, str]
"""Name of a notice -> when it was last emailed, in ISO form; of "watched since": the first look."""
SINCE = "watched since"


@dataclass(frozen=True, slots=True)
class Notice:
    """An email for the operators. name: the same while it is the same trouble."""

    name: str
    subject: str
    body: str


def wants_notices() -> bool:
    """True if operators have an address, and the site a mail server."""
    return bool(settings.OPERATOR_EMAIL) and can_send()


def watch_installation(now: datetime) -> bool:
    """Email operators what has gone wrong, each trouble once a day; True if any email was sent."""
    if not wants_notices():
        return False
    with _sent_notices() as sent_at:
        since = datetime.fromisoformat(sent_at.setdefault(SINCE, now.isoformat()))
        notices = {notice.name: notice for notice in current_notices(since=since, now=now)}
        for name in sent_at.keys() - notices.keys() - {SINCE}:
            # What is over is emailed anew when it begins again; an ended process after its hour.
            if not name.startswith("process "):
                del sent_at[name]
        sent = [_tell(notice, sent_at, now, AGAIN) for notice in notices.values()]
    return any(sent)


def tell_of_ended_process(name: str, code: int | None, now: datetime) -> bool:
    """Tell operators that a process ended by itself; True if an email was sent.

    code: its exit code, negative for a signal, None if it is not known.
    """
    if not wants_notices():
        return False
    if code is not None and code < 0:
        how = f"by the signal {signal.Signals(-code).name}"
        how += " (perhaps the machine has too little memory)" if code == -signal.SIGKILL else ""
    else:
        how = "" if code is None else f"with the exit code {code}"
    notice = Notice(
        f"process {name}",
        f"{name} ended and was started again",
        f"{name[0].upper()}{name[1:]} ended {how}".rstrip()
        + f" at {_uk_moment(now)} and was started again. If this repeats, read the log of the "
        "site: the reason is in its last lines. You get at most one of these emails an hour.\n",
    )
    with _sent_notices() as sent_at:
        return _tell(notice, sent_at, now, ENDED_AGAIN)


def current_notices(*, since: datetime, now: datetime) -> Iterator[Notice]:
    """What needs an operator now. since: when this installation was first watched."""
    free = shutil.disk_usage(settings.DATA).free // MIB
    if free < settings.DISK_WARNING_MIB:
        yield Notice(
            "disk",
            f"only {free:,} MiB of disk are free",
            f"The disk of {settings.DATA} has {free:,} MiB free, fewer than the "
            f"{settings.DISK_WARNING_MIB:,} of WAYMARK_DISK_WARNING_MIB. Uploads are refused "
            "first. Make room: delete old copies in before-migrating/ and old backups, or give "
            "the site a larger disk.\n",
        )
    backup = last_backup()
    if now - (backup or since) > timedelta(hours=settings.BACKUP_HOURS):
        last = f"was made at {_uk_moment(backup)}" if backup else "is not known of"
        yield Notice(
            "backup",
            "the backup is late",
            f"The last finished backup {last}, and one is due every {settings.BACKUP_HOURS} hours "
            "(WAYMARK_BACKUP_HOURS). Look at the timer that runs waymark backup, and run it now.\n",
        )
    yield from _email_notices(now)


def _email_notices(now: datetime) -> Iterator[Notice]:
    try:
        counts = email_counts(now)
    except DatabaseError as error:
        yield Notice(
            "database",
            "the database does not answer",
            f"The worker could not read the database ({type(error).__name__}). Run waymark "
            "doctor.\n",
        )
        return
    if counts.failed:
        yield Notice(
            "letters",
            f"{counts.failed} emails could not be sent",
            f"{counts.failed} emails were refused or given up. See Workspace, Unsent emails: each "
            "has its reason, and can be sent again.\n",
        )
    if counts.late:
        yield Notice(
            "late letters",
            f"{counts.late} emails wait for more than a day",
            "The mail server does not take them, or sending is paused. Run waymark sending "
            "status.\n",
        )


def _uk_moment(at: datetime) -> str:
    here = at.astimezone(UK_TIME)
    return f"{here:%H:%M} on {here.day} {here:%B %Y}"


@contextmanager
def _sent_notices() -> Iterator[SentNotices]:
    """When each notice was emailed, for one process at a time; stored at the end."""
    path = watch_folder() / "notices.json"
    with path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        # Empty where the disk was too full to write it: this process remembers it.
        sent_at = _read(path) or dict(_sent_here)
        try:
            yield sent_at
        finally:
            _sent_here.clear()
            _sent_here.update(sent_at)
            with suppress(OSError):
                file.truncate(0)
                file.write(json.dumps(sent_at))
                file.flush()


_sent_here: SentNotices = {}


def _read(path: Path) -> SentNotices:
    try:
        return dict(json.loads(path.read_text("utf-8") or "{}"))
    except ValueError:
        return {}


def _tell(notice: Notice, sent_at: SentNotices, now: datetime, again: timedelta) -> bool:
    """Send a notice unless it was sent a short time ago; True if it was sent."""
    before = sent_at.get(notice.name)
    if before is not None and timedelta() <= now - datetime.fromisoformat(before) < again:
        return False
    host = settings.SITE_ADDRESS.partition("://")[2]
    letter = Letter(
        key=f"operators {notice.name}",
        to=settings.OPERATOR_EMAIL,
        subject=f"Waymark at {host}: {notice.subject}"[:200],
        body=notice.body,
        message_id=f"<{secrets.token_hex(16)}@{settings.MAIL_FROM.rpartition('@')[2]}>",
        written_at=now,
    )
    try:
        send_email(letter)
    except SendingFailed as error:
        log.error("operators got no email that %s: %s", notice.subject, error)
        return False
    sent_at[notice.name] = now.isoformat()
    return True


JOBS = (Job("tell operators", JobQueue.READING, PacedRun(watch_installation, EVERY)),)
