"""Issues: drafted, edited and approved; corrections.py has what happens after that.

One person approves an issue, with a checklist: an alert tells of what others have published, in
words that a second person can read and correct on the web at once. What only repeats records of
the library is approved by the rule of its list.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Max

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.alerts.criteria import alert_criteria
from waymark.alerts.days import days_in_words
from waymark.alerts.models import AlertIssue, AlertList, Candidate, IssueItem, ListSchedule
from waymark.alerts.queries.issues import (
    APPROVE,
    EDIT,
    issue_mark,
    new_records,
)
from waymark.alerts.services.item_texts import (
    ItemText,
    RecordItem,
    check_lengths,
    check_text,
    write_text,
)
from waymark.alerts.services.schedules import note_made, start_lists
from waymark.core.errors import ConcurrentChange, RuleError
from waymark.core.uk_time import uk_date
from waymark.library.queries.hydrate import open_records

MOST_AUTOMATIC = 100
"""Items of an issue that is approved without a person: more are probably an import gone wrong."""
DAY = timedelta(days=1)


# ---- drafts ----


@audit.serialized
def open_draft(*, by: Actor, alert_list: AlertList, now: datetime) -> AlertIssue:
    """The draft of a list; a new one if there is none. Raises NotPermitted."""
    require_permission(by, EDIT)
    draft = AlertIssue.objects.filter(alert_list=alert_list, approved_at=None).first()
    if draft is not None:
        return draft
    start_lists_of_worker(now)
    first, last = _days(alert_list, now)
    number = AlertIssue.objects.filter(alert_list=alert_list).aggregate(most=Max("number"))
    draft = AlertIssue.objects.create(
        alert_list=alert_list,
        number=(number["most"] or 0) + 1,
        title=f"{AlertList(alert_list).label}: {days_in_words(first, last)}",
        first_day=first,
        last_day=last,
        created_at=now,
    )
    audit.record_about(by, "draft alert issue", draft, now)
    return draft


def start_lists_of_worker(now: datetime) -> None:
    """Begin the lists on the first use of an installation, whoever is the first to use them."""
    if ListSchedule.objects.count() < len(AlertList):
        start_lists(by=None, now=now)


def _days(alert_list: AlertList, now: datetime) -> tuple[date, date]:
    """First and last day of an issue: from the day after the issue before to today."""
    last = uk_date(now)
    before = AlertIssue.objects.filter(alert_list=alert_list, approved_at__isnull=False).first()
    if before is not None:
        return min(before.last_day + DAY, last), last
    starts_at = ListSchedule.objects.get(alert_list=alert_list).starts_at
    return min(uk_date(starts_at), last), last


@audit.serialized
def store_draft(
    *,
    by: Actor,
    alert_list: AlertList,
    items: Sequence[RecordItem],
    now: datetime,
    considered: Collection[int] = (),
) -> AlertIssue | None:
    """Write the draft of a list of records anew; what people added to it by hand stays.

    items: in their order. considered: numbers of records that were looked at and of which nobody
    who follows something gets an item. A record that another issue of the list has is left out.
    None if there is nothing to write and no draft. Raises NotPermitted.
    """
    require_permission(by, EDIT)
    draft = AlertIssue.objects.filter(alert_list=alert_list, approved_at=None).first()
    if not items and draft is None:
        return None
    draft = draft or open_draft(by=by, alert_list=alert_list, now=now)
    fresh = set(new_records(alert_list, now).values_list("pk", flat=True))
    draft.items.filter(record__isnull=False, candidate=None, by_hand=False).delete()
    by_hand = list(draft.items.all())
    rows = [
        IssueItem(issue=draft, record_id=row.record, followed=row.followed, **asdict(row.text))
        for row in items
        if row.record in fresh
    ]
    keys_by_hand = {(item.followed, item.record_id) for item in by_hand}
    rows = [row for row in rows if (row.followed, row.record_id) not in keys_by_hand]
    for position, row in enumerate([*rows, *by_hand], 1):
        row.position = position
    IssueItem.objects.bulk_create(rows)
    IssueItem.objects.bulk_update(by_hand, ["position"])
    # Only what this issue was made of: a record that became public meanwhile is for the next one.
    made_of = {row.record for row in items} | set(considered)
    draft.records.set(fresh & made_of)
    _store_days(draft, now)
    audit.record_about(by, "build alert issue", draft, now, items=len(rows))
    return draft


def _store_days(draft: AlertIssue, now: datetime) -> None:
    """Let a draft cover the days up to today; a title that people wrote stays."""
    label = AlertList(draft.alert_list).label
    automatic = draft.title == f"{label}: {days_in_words(draft.first_day, draft.last_day)}"
    draft.first_day, draft.last_day = _days(AlertList(draft.alert_list), now)
    if automatic:
        draft.title = f"{label}: {days_in_words(draft.first_day, draft.last_day)}"
    draft.save(update_fields=["first_day", "last_day", "title"])


@audit.serialized
def change_issue(
    *, by: Actor, issue: AlertIssue, title: str, introduction: str, now: datetime
) -> None:
    """Change title and introduction of a draft. Raises NotPermitted, RuleError."""
    require_permission(by, EDIT)
    draft = _draft(issue)
    draft.title, draft.introduction = " ".join(title.split()), " ".join(introduction.split())
    if not draft.title:
        raise RuleError("enter a title")
    check_lengths(draft.introduction)
    draft.save(update_fields=["title", "introduction"])
    audit.record_about(by, "change alert issue", draft, now)


@audit.serialized
def add_item(
    *, by: Actor, issue: AlertIssue, text: ItemText, now: datetime, record: int | None = None
) -> IssueItem:
    """Add an item at the end of a draft. Raises NotPermitted, RuleError."""
    require_permission(by, EDIT)
    draft = _draft(issue)
    check_text(text)
    return append_item(by=by, draft=draft, text=text, record=record, now=now)


@audit.serialized
def append_item(
    *, by: Actor, draft: AlertIssue, text: ItemText, record: int | None, now: datetime
) -> IssueItem:
    """Add an item that may lack its summary until it is approved. Raises NotPermitted."""
    require_permission(by, EDIT)
    last = draft.items.aggregate(most=Max("position"))["most"] or 0
    item = IssueItem.objects.create(
        issue=draft, position=last + 1, record_id=record, by_hand=True, **asdict(text)
    )
    audit.record_about(by, "add alert item", draft, now, item=item.pk)
    return item


@audit.serialized
def change_item(*, by: Actor, item: IssueItem, text: ItemText, now: datetime) -> None:
    """Change an item of a draft. Raises NotPermitted, RuleError."""
    require_permission(by, EDIT)
    draft = _draft(item.issue)
    check_text(text)
    write_text(item, text, by_hand=True)
    audit.record_about(by, "change alert item", draft, now, item=item.pk)


@audit.serialized
def move_item(*, by: Actor, item: IssueItem, up: bool, now: datetime) -> None:
    """Change places with the item before, or after. Nothing happens at the ends."""
    require_permission(by, EDIT)
    draft = _draft(item.issue)
    items = list(draft.items.all())
    at = next(number for number, other in enumerate(items) if other.pk == item.pk)
    to = at - 1 if up else at + 1
    if 0 <= to < len(items):
        items[at], items[to] = items[to], items[at]
        for position, row in enumerate(items, 1):
            row.position = position
        IssueItem.objects.bulk_update(items, ["position"])
        audit.record_about(by, "move alert item", draft, now, item=item.pk)


@audit.serialized
def group_items(*, by: Actor, issue: AlertIssue, now: datetime) -> None:
    """Put the items of a draft together by group: in the order in which the groups begin."""
    require_permission(by, EDIT)
    draft = _draft(issue)
    items = list(draft.items.all())
    groups = list(dict.fromkeys(item.group for item in items))
    items.sort(key=lambda item: groups.index(item.group))
    for position, row in enumerate(items, 1):
        row.position = position
    IssueItem.objects.bulk_update(items, ["position"])
    audit.record_about(by, "group alert items", draft, now)


@audit.serialized
def remove_item(*, by: Actor, item: IssueItem, now: datetime) -> None:
    """Take an item out of a draft; its candidate waits for a decision again.

    Raises NotPermitted; RuleError for a list that must contain every new record.
    """
    require_permission(by, EDIT)
    draft = _draft(item.issue)
    if item.record_id is not None and draft.records.filter(pk=item.record_id).exists():
        raise RuleError(
            "this list contains every new record: withdraw the record if it should not be public"
        )
    Candidate.objects.filter(item=item).update(
        item=None, decision="", criterion="", note="", decided_at=None, decided_by=None
    )
    number = item.pk
    item.delete()
    audit.record_about(by, "remove alert item", draft, now, item=number)


# ---- approval ----


@audit.serialized
def approve_issue(
    *, by: Actor, issue: AlertIssue, checklist: Collection[str], seen: str, now: datetime
) -> AlertIssue:
    """Fix a draft and hand it to sending. checklist: what the person confirmed; seen: its
    issue_mark() when they read it.

    Items of records that are no longer public are left out first. Raises NotPermitted; RuleError
    for an empty issue and an incomplete checklist; ConcurrentChange if it was changed since.
    """
    require_permission(by, APPROVE)
    draft = _draft(issue)
    needed = [row.key for row in alert_criteria().checklist]
    if missing := [key for key in needed if key not in checklist]:
        raise RuleError(f"confirm each point of the checklist: {len(missing)} not confirmed")
    if seen != issue_mark(draft):
        raise ConcurrentChange("the issue was changed after you opened this page: read it again")
    without = [item.heading for item in draft.items.filter(summary="")]
    if draft.alert_list == AlertList.WEEKLY and without:
        raise RuleError(f"write a summary of “{without[0]}” first")
    return _approve(draft, by=by, checklist=needed, now=now)


@audit.serialized
def approve_by_rule(*, issue: AlertIssue, now: datetime) -> bool:
    """Approve the draft of a list that needs no person; False if a person must look at it."""
    draft = _draft(issue)
    automatic = ListSchedule.objects.get(alert_list=draft.alert_list).automatic
    # Of followed topics and searches a record has many items: count what became public.
    if not automatic or draft.records.count() > MOST_AUTOMATIC:
        return False
    if not _open_items(draft, now):
        return False
    _approve(draft, by=None, checklist=[], now=now)
    return True


def _approve(
    draft: AlertIssue, *, by: Actor, checklist: Sequence[str], now: datetime
) -> AlertIssue:
    items = _open_items(draft, now)
    if not items:
        raise RuleError("an issue without items is not sent: add an item first")
    gone = draft.items.exclude(pk__in=[item.pk for item in items])
    # They are not part of the issue: if they become public again, another issue has them.
    draft.records.remove(*(item.record_id for item in gone if item.record_id))
    gone.delete()
    _store_days(draft, now)
    draft.approved_at = now
    draft.approved_by = by if isinstance(by, User) else None
    draft.checklist = list(checklist)
    draft.save(update_fields=["approved_at", "approved_by", "checklist"])
    note_made(alert_list=AlertList(draft.alert_list), now=now)
    audit.record_about(by, "approve alert issue", draft, now, items=len(items))
    return draft


def _open_items(draft: AlertIssue, now: datetime) -> list[IssueItem]:
    """The items whose record everybody may see, and those without a record."""
    items = list(draft.items.all())
    visible = set(
        open_records(AnonymousUser(), now)
        .filter(pk__in=[item.record_id for item in items if item.record_id])
        .values_list("pk", flat=True)
    )
    return [item for item in items if item.record_id is None or item.record_id in visible]


@audit.serialized
def discard_draft(*, by: Actor, issue: AlertIssue, now: datetime) -> None:
    """Delete a draft; its candidates wait for a decision again. Raises NotPermitted, RuleError."""
    require_permission(by, APPROVE)
    draft = _draft(issue)
    Candidate.objects.filter(item__issue=draft).update(
        item=None, decision="", criterion="", note="", decided_at=None, decided_by=None
    )
    audit.record_about(by, "discard alert issue", draft, now)
    draft.items.all().delete()
    draft.delete()


# ---- checks ----


def _draft(issue: AlertIssue) -> AlertIssue:
    """The issue as it is stored. Raises RuleError if it is approved or gone."""
    draft = AlertIssue.objects.select_for_update(of=("self",)).filter(pk=issue.pk).first()
    if draft is None:
        raise RuleError("this draft was discarded")
    if draft.approved_at is not None:
        raise RuleError("this issue is approved: correct or withdraw single items")
    return draft
