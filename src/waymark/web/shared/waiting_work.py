"""Work that waits for staff: a registry of lists, for My work and for the counts in the menu.

An area that has work waiting for people adds a WaitingList of its own to WAITING_LISTS.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db.models import Count, Min, QuerySet, Value
from django.urls import reverse
from django.utils import timezone

from waymark.accounts.models import User
from waymark.accounts.permissions import has_permission
from waymark.accounts.queries import Waiting
from waymark.alerts.queries.candidates import sources_with_problems, waiting_candidates
from waymark.alerts.queries.completeness import unsettled_dispatches
from waymark.alerts.queries.failing import failing_subscribers
from waymark.alerts.queries.issues import drafts_due
from waymark.briefings.queries.uses import waiting_uses
from waymark.core.wording import date_in_words
from waymark.data_access.queries import waiting_applications
from waymark.documents.queries.anonymity import reports_with_identifiers
from waymark.documents.queries.holdings import reports_with_hidden_text
from waymark.documents.queries.readings import readings_to_accept
from waymark.enquiries.queries.desk import emails_to_sort, overdue_enquiries, waiting_enquiries
from waymark.enquiries.queries.published_answers import answers_to_approve
from waymark.library.models import ConcernKind, DepositState
from waymark.library.queries import repository
from waymark.library.queries.concerns import open_concerns
from waymark.library.queries.links import broken_links
from waymark.mail.queries import unsent_rows
from waymark.mail.smtp import can_send
from waymark.web.shared.waiting_reviews import QUEUES


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


def how_long(since: date, today: date) -> str:
    """Time that something has waited, in words."""
    days = (today - since).days
    return "since today" if days <= 0 else "since yesterday" if days == 1 else f"for {days} days"


def _age(waiting: Waiting, today: date) -> str:
    """Time that the oldest has waited."""
    wait = how_long(day_of(waiting.since), today)
    return f"Waiting {wait}" if waiting.number == 1 else f"The oldest has waited {wait}"


def _expiry(waiting: Waiting, today: date) -> str:
    day = date_in_words(day_of(waiting.since))
    return f"Expires on {day}" if waiting.number == 1 else f"The first expires on {day}"


def day_of(since: date | None) -> date:
    """The day of a moment; today for None."""
    if since is None:
        return timezone.localdate()
    return timezone.localdate(since) if isinstance(since, datetime) else since


@dataclass(frozen=True, slots=True)
class WaitingList:
    """A list that waits for people with a permission.

    rows: what waits for a person; since: column with the begin of the wait. one, many: its title
    for one thing, and for more. page: URL name of the list, and what follows. in_menu: cheap enough
    to be counted for the menu of every page. by_day: since is a day, not a moment.
    """

    permission: str
    rows: Callable[[User, datetime], QuerySet[Any]]
    since: str
    one: str
    many: str
    action: str
    page: str
    rest: str = ""
    age: Callable[[Waiting, date], str] = _age
    urgent: bool = False
    in_menu: bool = True
    by_day: bool = False

    def task(self, waiting: Waiting, now: datetime) -> Task:
        """Its task. waiting: at least one thing."""
        words = self.one if waiting.number == 1 else self.many
        return Task(
            title=f"{waiting.number:,} {words}",
            number=waiting.number,
            age=self.age(waiting, timezone.localdate(now)),
            since=day_of(waiting.since),
            url=reverse(self.page) + self.rest,
            action=self.action,
            urgent=self.urgent,
        )


def _deposits(state: DepositState, person: User, now: datetime) -> QuerySet[Any]:
    return repository.deposits_in(state, person)


def _unconfirmable_deposits(person: User, now: datetime) -> QuerySet[Any]:
    """Deposits that nobody can confirm, without a mail server; none where people can."""
    rows = repository.deposits_in(DepositState.TO_CONFIRM, person)
    return rows.none() if can_send() else rows


def _queue(name: str, person: User, now: datetime) -> QuerySet[Any]:
    return QUEUES[name].listed(person)


WAITING_LISTS = (
    WaitingList(
        "handle deposits",
        partial(_deposits, DepositState.RECEIVED),
        "received_at",
        "deposit to check",
        "deposits to check",
        "Check deposits",
        "deposits",
        "?state=received",
    ),
    WaitingList(
        "handle deposits",
        _unconfirmable_deposits,
        "received_at",
        "deposit that is not confirmed",
        "deposits that are not confirmed",
        "Check deposits",
        "deposits",
        "?state=to_confirm",
    ),
    WaitingList(
        "handle deposits",
        partial(_deposits, DepositState.IN_CHECK),
        "received_at",
        "deposit in check, to publish or return",
        "deposits in check, to publish or return",
        "Decide",
        "deposits",
        "?state=in_check",
    ),
    WaitingList(
        "check anonymity",
        lambda person, now: reports_with_identifiers(person),
        "received_at",
        "report with words that may identify a person",
        "reports with words that may identify a person",
        "Check anonymity",
        "anonymity-checks",
    ),
    WaitingList(
        "decide on hidden text",
        lambda person, now: reports_with_hidden_text(person),
        "received_at",
        "report with hidden text to check",
        "reports with hidden text to check",
        "Check hidden text",
        "hidden-texts",
    ),
    WaitingList(
        "add reports",
        lambda person, now: readings_to_accept(person),
        "read_at",
        "newer text of a report to accept",
        "newer texts of reports to accept",
        "Compare texts",
        "newer-texts",
    ),
    WaitingList(
        "write briefings",
        lambda person, now: waiting_uses(person),
        "received_at",
        "record of how a team used a briefing",
        "records of how teams used briefings",
        "Decide",
        "briefing-uses",
    ),
    WaitingList(
        "publish reports",
        partial(_queue, "ready"),
        "added_at",
        "review that is not public, with files that are ready",
        "reviews that are not public, with files that are ready",
        "See reviews",
        "staff",
        "?waiting=ready",
        in_menu=False,
    ),
    WaitingList(
        "code",
        partial(_queue, "coding"),
        "added_at",
        "review assigned to you for coding",
        "reviews assigned to you for coding",
        "Open your queue",
        "coding-queue",
        "?state=open",
        in_menu=False,
    ),
    WaitingList(
        "adjudicate",
        partial(_queue, "settling"),
        "added_at",
        "coded review to settle",
        "coded reviews to settle",
        "See reviews",
        "staff",
        "?waiting=settling",
        in_menu=False,
    ),
    WaitingList(
        "catalogue",
        lambda person, now: broken_links(person),
        "link_failed_at",
        "link that does not work",
        "links that do not work",
        "Mend links",
        "broken-links",
    ),
    WaitingList(
        "handle enquiries",
        overdue_enquiries,
        "received_at",
        "enquiry overdue",
        "enquiries overdue",
        "Answer now",
        "enquiries",
        "?due=overdue",
        urgent=True,
        in_menu=False,
    ),
    WaitingList(
        "handle enquiries",
        lambda person, now: waiting_enquiries(person).filter(assigned_to=person),
        "received_at",
        "enquiry assigned to you",
        "enquiries assigned to you",
        "Answer",
        "enquiries",
        "?state=waiting&assigned=mine",
    ),
    WaitingList(
        "handle enquiries",
        lambda person, now: waiting_enquiries(person).filter(assigned_to=None),
        "received_at",
        "enquiry that nobody is assigned to",
        "enquiries that nobody is assigned to",
        "Assign or answer",
        "enquiries",
        "?state=waiting&assigned=nobody",
    ),
    WaitingList(
        "handle enquiries",
        lambda person, now: answers_to_approve(person),
        "written_at",
        "answer to approve",
        "answers to approve",
        "Approve",
        "edit-answers",
        "?approved=no",
    ),
    WaitingList(
        "handle enquiries",
        lambda person, now: emails_to_sort(person),
        "received_at",
        "email that may belong to an enquiry",
        "emails that may belong to an enquiry",
        "Decide",
        "sort-emails",
        urgent=True,
    ),
    WaitingList(
        "decide on data access",
        lambda person, now: waiting_applications(person),
        "waiting_since",
        "application for restricted data",
        "applications for restricted data",
        "Decide",
        "data-applications",
    ),
    WaitingList(
        "manage emails",
        lambda person, now: unsent_rows(person),
        "written_at",
        "email not sent",
        "emails not sent",
        "See unsent emails",
        "letters",
        urgent=True,
    ),
    WaitingList(
        "edit alerts",
        waiting_candidates,
        "gathered_at",
        "candidate for the Weekly alert",
        "candidates for the Weekly alert",
        "Choose",
        "alert-inbox",
        "?decision=waiting",
    ),
    WaitingList(
        "approve alerts",
        drafts_due,
        "created_at",
        "alert to approve",
        "alerts to approve",
        "Read and approve",
        "edit-alerts",
    ),
    WaitingList(
        "manage emails",
        lambda person, now: unsettled_dispatches(person),
        "moment",
        "alert with emails to decide on",
        "alerts with emails to decide on",
        "Decide",
        "deliveries",
        urgent=True,
    ),
    WaitingList(
        "manage subscribers",
        lambda person, now: failing_subscribers(person),
        "last_failure",
        "subscriber whose emails fail",
        "subscribers whose emails fail",
        "See failing addresses",
        "failing-subscribers",
    ),
    WaitingList(
        "manage feeds",
        lambda person, now: sources_with_problems(person),
        "added_at",
        "feed that has a problem",
        "feeds that have a problem",
        "See feeds",
        "alert-feeds",
    ),
    WaitingList(
        "publish reports",
        repository.ending_retentions,
        "until",
        "file expires within 90 days",
        "files expire within 90 days",
        "Decide on expiry",
        "keeping",
        "?status=ending",
        age=_expiry,
        by_day=True,
    ),
    WaitingList(
        "publish reports",
        lambda person, now: open_concerns(person).filter(kind=ConcernKind.IDENTIFYING),
        "received_at",
        "concern that a page may identify a person",
        "concerns that pages may identify a person",
        "Decide now",
        "concerns",
        f"?state=open&kind={ConcernKind.IDENTIFYING}",
        urgent=True,
    ),
    WaitingList(
        "publish reports",
        lambda person, now: open_concerns(person).exclude(kind=ConcernKind.IDENTIFYING),
        "received_at",
        "other concern about a page",
        "other concerns about pages",
        "Decide",
        "concerns",
        "?state=open&kind=other-kinds",
    ),
)


def waiting_tasks(person: User, now: datetime) -> list[Task]:
    """The tasks of all lists in which something waits for a person: one query."""
    lists = [row for row in WAITING_LISTS if has_permission(person, row.permission)]
    # The first gives the type of all: a day can be read as a moment, and not the other way round.
    lists.sort(key=lambda row: row.by_day)
    counted = [
        row.rows(person, now)
        .order_by()
        .annotate(list_number=Value(number))
        .values("list_number")
        .annotate(list_count=Count("pk", distinct=True), list_since=Min(row.since))
        .values_list("list_number", "list_count", "list_since")
        for number, row in enumerate(lists)
    ]
    if not counted:
        return []
    first, *others = counted
    waiting: dict[int, Waiting] = {}
    for number, count, since in first.union(*others, all=True) if others else first:
        # A list without rows may give a row of nought: nothing is grouped but a constant.
        if count:
            before = waiting.get(number, Waiting(0, since))
            waiting[number] = Waiting(before.number + count, min(before.since or since, since))
    return [lists[number].task(waiting[number], now) for number in sorted(waiting)]


def waiting_counts(person: User, now: datetime) -> dict[str, int]:
    """URL name of a list -> the number of things in it that wait for a person: one query."""
    counted = [
        # Counted apart by the database and put together there.
        row.rows(person, now)
        .order_by()
        .annotate(menu_page=Value(row.page))
        .values("menu_page")
        .annotate(menu_count=Count("pk", distinct=True))
        .values_list("menu_page", "menu_count")
        for row in WAITING_LISTS
        if row.in_menu and has_permission(person, row.permission)
    ]
    counts: dict[str, int] = {}
    if counted:
        first, *others = counted
        for page, number in first.union(*others, all=True):
            # A list without rows may give a row of nought: nothing is grouped but a constant.
            if number:
                counts[page] = counts.get(page, 0) + number
    return counts
