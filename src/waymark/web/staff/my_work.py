"""My work: what waits for the person who is signed in, and what they worked on last."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.accounts.models import User
from waymark.accounts.permissions import has_permission, require_account
from waymark.accounts.queries import Waiting, waiting_in
from waymark.core.wording import date_in_words
from waymark.documents.queries.anonymity import reports_with_alerts
from waymark.documents.queries.holdings import reports_with_hidden_text
from waymark.documents.queries.readings import readings_to_accept
from waymark.library.models import DepositState
from waymark.library.queries import repository
from waymark.mail.queries import count_unsent
from waymark.publishing.queries.in_progress import overviews_in_progress, texts_to_write
from waymark.web.shared.waiting_reviews import QUEUES
from waymark.web.staff.last_changes import last_changes

STAFF = "see unpublished reports"


@dataclass(frozen=True, slots=True)
class Task:
    """Work that waits for the person: one block of the page, with one action.

    number: of the things that the link lists. age: how long it has waited, in words. urgent: shown
    first, and marked.
    """

    title: str
    number: int
    age: str
    since: date
    url: str
    action: str
    urgent: bool = False


def _how_long(since: date, today: date) -> str:
    days = (today - since).days
    return "since today" if days <= 0 else "since yesterday" if days == 1 else f"for {days} days"


def _age(waiting: Waiting, today: date) -> str:
    """How long the oldest has waited."""
    wait = _how_long(_day(waiting.since), today)
    return f"Waiting {wait}" if waiting.number == 1 else f"The oldest has waited {wait}"


def _expiry(waiting: Waiting, today: date) -> str:
    day = date_in_words(_day(waiting.since))
    return f"Expires on {day}" if waiting.number == 1 else f"The first expires on {day}"


def _day(since: date | None) -> date:
    if since is None:
        return timezone.localdate()
    return timezone.localdate(since) if isinstance(since, datetime) else since


@dataclass(frozen=True, slots=True)
class Source:
    """Where tasks come from: a list that waits for people with a permission.

    one, many: its title for one thing, and for more. page: URL name of the list, and what follows.
    """

    permission: str
    waiting: Callable[[User, datetime], Waiting]
    one: str
    many: str
    action: str
    page: str
    rest: str = ""
    age: Callable[[Waiting, date], str] = _age
    urgent: bool = False

    def tasks(self, person: User, now: datetime) -> Iterator[Task]:
        """Its task, if anything waits."""
        waiting = self.waiting(person, now)
        if not waiting.number:
            return
        words = self.one if waiting.number == 1 else self.many
        yield Task(
            title=f"{waiting.number:,} {words}",
            number=waiting.number,
            age=self.age(waiting, timezone.localdate(now)),
            since=_day(waiting.since),
            url=reverse(self.page) + self.rest,
            action=self.action,
            urgent=self.urgent,
        )


def _deposits(state: DepositState, person: User, now: datetime) -> Waiting:
    return waiting_in(repository.deposits_in(state, person), "received_at")


def _queue(name: str, person: User, now: datetime) -> Waiting:
    return waiting_in(QUEUES[name].listed(person), "added_at")


def _to_sign(person: User, now: datetime) -> Waiting:
    rows = [row.status for row in overviews_in_progress(person) if row.awaits_person]
    taken = [status.snapshot.taken_at for status in rows if status.snapshot]
    return Waiting(len(rows), min(taken, default=None))


SOURCES = (
    Source(
        "handle deposits",
        partial(_deposits, DepositState.RECEIVED),
        "deposit to check",
        "deposits to check",
        "Check deposits",
        "deposits",
        "?state=received",
    ),
    Source(
        "handle deposits",
        partial(_deposits, DepositState.IN_CHECK),
        "deposit in check, to publish or return",
        "deposits in check, to publish or return",
        "Decide",
        "deposits",
        "?state=in_check",
    ),
    Source(
        "check anonymity",
        lambda person, now: waiting_in(reports_with_alerts(person), "received_at"),
        "report with words that may identify a person",
        "reports with words that may identify a person",
        "Check anonymity",
        "anonymity-checks",
    ),
    Source(
        "decide on hidden text",
        lambda person, now: waiting_in(reports_with_hidden_text(person), "received_at"),
        "report with hidden text to check",
        "reports with hidden text to check",
        "Check hidden text",
        "hidden-texts",
    ),
    Source(
        "add reports",
        lambda person, now: waiting_in(readings_to_accept(person), "read_at"),
        "newer text of a report to accept",
        "newer texts of reports to accept",
        "Compare texts",
        "newer-texts",
    ),
    Source(
        "publish reports",
        partial(_queue, "ready"),
        "review that is not public, with files that are ready",
        "reviews that are not public, with files that are ready",
        "See reviews",
        "staff",
        "?waiting=ready",
    ),
    Source(
        "code",
        partial(_queue, "coding"),
        "review assigned to you for coding",
        "reviews assigned to you for coding",
        "See reviews",
        "staff",
        "?waiting=coding",
    ),
    Source(
        "adjudicate",
        partial(_queue, "settling"),
        "coded review to settle",
        "coded reviews to settle",
        "See reviews",
        "staff",
        "?waiting=settling",
    ),
    Source(
        "write overviews",
        _to_sign,
        "overview to sign",
        "overviews to sign",
        "Read and sign",
        "specs",
        "#waiting",
    ),
    Source(
        "manage emails",
        lambda person, now: count_unsent(person),
        "email not sent",
        "emails not sent",
        "See unsent emails",
        "letters",
        urgent=True,
    ),
    Source(
        "publish reports",
        lambda person, now: waiting_in(repository.ending_retentions(person, now), "until"),
        "file expires within 90 days",
        "files expire within 90 days",
        "Decide on expiry",
        "keeping",
        age=_expiry,
    ),
)


def tasks_of(person: User, now: datetime) -> list[Task]:
    """All that waits for a person, urgent things first, then the oldest."""
    sources = [source for source in SOURCES if has_permission(person, source.permission)]
    tasks = [task for source in sources for task in source.tasks(person, now)]
    if has_permission(person, "write overviews"):
        tasks += _texts(person, now)
    return sorted(tasks, key=lambda task: (not task.urgent, task.since))


def _texts(person: User, now: datetime) -> Iterator[Task]:
    """Reports of overviews in which required chapters are missing."""
    for overview, number, frozen_at in texts_to_write(person):
        since = timezone.localdate(frozen_at)
        chapters = "chapter" if number == 1 else "chapters"
        yield Task(
            title=f"{number} required {chapters} to write: {overview.title}",
            number=number,
            age=f"Frozen {_how_long(since, timezone.localdate(now))}",
            since=since,
            url=reverse("writing", args=[overview.slug]),
            action="Write",
        )


@require_safe
def my_work(request: HttpRequest) -> HttpResponse:
    """What waits for the person, and what they changed last."""
    person = require_account(request.user, STAFF, "see your work")
    now = timezone.now()
    tasks = tasks_of(person, now)
    return render(
        request, "staff/my_work.html", {"tasks": tasks, "changes": last_changes(person, now)}
    )
