"""Issues for those who edit them and for everyone, and what became public since the last one."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Coalesce

from waymark.accounts.permissions import Actor, require_permission
from waymark.alerts.letters import LetterIssue, LetterItem
from waymark.alerts.models import AlertIssue, AlertList, IssueItem, ListSchedule
from waymark.core.errors import require_found
from waymark.library.models import CatalogueRecord
from waymark.library.queries.exchange import PageOf, kind_and_name
from waymark.library.queries.hydrate import is_open, open_records

EDIT, APPROVE = "edit alerts", "approve alerts"
ARCHIVED = (AlertList.WEEKLY, AlertList.LIBRARY, AlertList.REVIEWS, AlertList.TOPICS)
"""Lists with an archive. What single people search for is shown to nobody else."""


# ---- what became public ----


def new_records(alert_list: AlertList, now: datetime) -> QuerySet[CatalogueRecord]:
    """Public records that no approved issue of a list has yet.

    Complete by construction: a record is new until an issue has it, however late it became public.
    """
    schedule = ListSchedule.objects.filter(alert_list=alert_list).first()
    starts_at = schedule.starts_at if schedule else now
    approved = AlertIssue.objects.filter(alert_list=alert_list, approved_at__isnull=False)
    # available_at is null for a moment after an embargo has ended.
    since = Q(available_at__gt=starts_at) | Q(available_at=None)
    records = open_records(AnonymousUser(), now).filter(since)
    if alert_list == AlertList.REVIEWS:
        records = records.filter(review__isnull=False)
    records = records.exclude(pk__in=approved.filter(records__isnull=False).values("records"))
    return records.order_by(Coalesce("available_at", now), "pk")


# ---- for those who edit ----


def schedules(person: Actor) -> list[ListSchedule]:
    """The lists and their days. Raises NotPermitted."""
    require_permission(person, EDIT)
    return list(ListSchedule.objects.all())


def issues_of(alert_list: AlertList, person: Actor) -> QuerySet[AlertIssue]:
    """All issues of a list with the number of their items, the newest first."""
    require_permission(person, EDIT)
    rows = AlertIssue.objects.filter(alert_list=alert_list).select_related("approved_by")
    return rows.annotate(number_of_items=Count("items")).order_by("-number")


def issue_for(number: int, person: Actor) -> AlertIssue:
    """An issue by its row number. Raises NotPermitted, NotFound."""
    require_permission(person, EDIT)
    return require_found(
        AlertIssue.objects.filter(pk=number).first(), f"there is no alert issue {number}"
    )


def item_for(number: int, person: Actor) -> IssueItem:
    """An item by its row number. Raises NotPermitted, NotFound."""
    require_permission(person, EDIT)
    item = IssueItem.objects.select_related("issue").filter(pk=number).first()
    return require_found(item, f"there is no alert item {number}")


def drafts_due(person: Actor, now: datetime) -> QuerySet[AlertIssue]:
    """Drafts for a person to approve: made by a job, or of a list whose day has come."""
    require_permission(person, APPROVE)
    due = ListSchedule.objects.filter(next_at__lte=now).values("alert_list")
    drafts = AlertIssue.objects.filter(approved_at=None)
    return drafts.filter(~Q(alert_list=AlertList.WEEKLY) | Q(alert_list__in=due))


def issue_mark(issue: AlertIssue) -> str:
    """Short hash of what an issue says, by which a change since it was read is noticed."""
    columns = ("pk", "heading", "summary", "group", "source", "dated", "address", "content_note")
    # As they are stored: the object may be older than the last change.
    stored = AlertIssue.objects.filter(pk=issue.pk).values_list("title", "introduction")
    content = [*stored, *issue.items.values_list(*columns)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


# ---- for everyone ----


def shown_items(now: datetime) -> QuerySet[IssueItem]:
    """Items of approved issues that everyone may read: those of a withdrawn record are not among
    them, from the moment of its withdrawal on."""
    visible = Q(record=None) | is_open(AnonymousUser(), now, prefix="record__")
    items = IssueItem.objects.filter(visible, withdrawn_at=None, issue__approved_at__isnull=False)
    return items.select_related("record__review", "record__resource")


def items_of_record(record: CatalogueRecord) -> QuerySet[IssueItem]:
    """Items of approved issues about a record that are not withdrawn."""
    items = IssueItem.objects.filter(record=record, issue__approved_at__isnull=False)
    return items.filter(withdrawn_at=None).select_related("issue").order_by("pk")


def archived_issues(alert_list: str, now: datetime) -> QuerySet[AlertIssue]:
    """The approved issues of a list that have an item to show, the newest first.

    Each row has its number_of_items. Raises NotFound for a list without an archive.
    """
    require_found(alert_list if alert_list in ARCHIVED else None, f"there is no list {alert_list}")
    items = shown_items(now).filter(issue__alert_list=alert_list)
    rows = AlertIssue.objects.filter(alert_list=alert_list, approved_at__isnull=False)
    return (
        rows.filter(pk__in=items.values("issue"))
        .annotate(
            number_of_items=Count("items", filter=Q(items__in=items.values("pk"))),
            corrected_last=Max("items__corrected_at"),
            withdrawn_last=Max("items__withdrawn_at"),
        )
        .order_by("-number")
    )


def archived_issue(alert_list: str, number: int, now: datetime) -> AlertIssue:
    """One issue of an archive. Raises NotFound."""
    issue = archived_issues(alert_list, now).filter(number=number).first()
    return require_found(issue, f"there is no issue {number} of {alert_list}")


def items_to_show(issue: AlertIssue, now: datetime) -> list[IssueItem]:
    """The items of an approved issue that everyone may read, in order."""
    return list(shown_items(now).filter(issue=issue))


def changed_at(issue: AlertIssue) -> datetime | None:
    """When an issue of archived_issues() last changed."""
    moments = (
        issue.approved_at,
        getattr(issue, "corrected_last", None),
        getattr(issue, "withdrawn_last", None),
    )
    return max((moment for moment in moments if moment), default=None)


def topic_items(key: str, name: str, now: datetime, *, most: int) -> list[IssueItem]:
    """The latest items of archived issues about a topic, by its key or, in groups, its name."""
    about = Q(followed=f"topic {key}") | Q(group=name, issue__alert_list=AlertList.WEEKLY)
    items = shown_items(now).filter(about, issue__alert_list__in=ARCHIVED)
    return list(items.select_related("issue").order_by("-issue__approved_at", "position")[:most])


# ---- as a letter ----


def item_address(item: IssueItem, page_of: PageOf) -> str:
    """Where to read more: the page of its record, else the address of the publication."""
    if item.record is not None:
        return page_of(*kind_and_name(item.record))
    return item.address


def letter_items(
    items: Iterable[IssueItem], page_of: PageOf, names: Mapping[str, str] | None = None
) -> tuple[LetterItem, ...]:
    """Items as alerts.letters takes them. names: followed -> heading of its group."""
    return tuple(
        LetterItem(
            heading=item.heading,
            summary=item.summary,
            group=(names or {}).get(item.followed, item.group),
            source=item.source,
            dated=item.dated,
            address=item_address(item, page_of),
            content_note=item.content_note,
        )
        for item in items
    )


def letter_issue(
    issue: AlertIssue, items: Iterable[IssueItem], *, page_of: PageOf, address: str
) -> LetterIssue:
    """An issue as alerts.letters takes it. address: of the issue on the web."""
    return LetterIssue(issue.title, issue.introduction, letter_items(items, page_of), address)
