"""Alerts of the demo: a catch-up of public items, and all that is new in its library."""

import re
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from django.utils import timezone

from waymark.accounts.audit import serialized
from waymark.accounts.models import State, User
from waymark.alerts.criteria import alert_criteria
from waymark.alerts.models import AlertIssue, AlertList
from waymark.alerts.queries.issues import issue_mark
from waymark.alerts.services import issues as alerts
from waymark.alerts.services.item_texts import ItemText
from waymark.core import yaml_file
from waymark.core.wording import date_in_words
from waymark.demo.sources import SourceRecord
from waymark.library.models import CatalogueRecord
from waymark.pipeline.alerts.build_alerts import build_issue


class ListedItem(SourceRecord):
    """A public item, with the facts that its page states. minutes: to read that page.

    record: key of the resource that it is, or is of the same series as (record_is).
    """

    title: str
    producer: str
    record: str = ""
    record_is: Literal["", "this item", "an earlier year of the same series"] = ""
    nation: str
    audience: str
    what: str
    content_note: str = ""
    minutes: int
    published: str = ""
    date_as_checked: str
    url: str
    url_is: str


class AlertFile(SourceRecord):
    """The catch-up alert."""

    format: Literal["waymark-alert 1"]
    title: str
    kind: Literal["catch-up"]
    checked_on: date
    introduction: str
    items: tuple[ListedItem, ...]


def read_alert(place: Path) -> AlertFile:
    """The catch-up alert of the demo. Raises SpecError."""
    file = place / "services" / "alert.yaml"
    alert, _ = yaml_file.read_yaml(file.read_text("utf-8"), AlertFile, file=file.name)
    return alert


def text_of(item: ListedItem) -> ItemText:
    """An item as the Weekly alert tells it."""
    minutes = "1 minute" if item.minutes == 1 else f"{item.minutes} minutes"
    # A date that no page states is not made up: the summary says what was found.
    undated = "" if item.published else f" {item.date_as_checked}"
    return ItemText(
        heading=item.title,
        summary=f"{item.what} For {item.audience}. About {minutes} to read.{undated}",
        group=item.nation,
        source=item.producer,
        dated=published_in_words(item.published),
        address=item.url,
        content_note=item.content_note,
    )


def published_in_words(published: str) -> str:
    """2026 -> 2026, 2025-07 -> July 2025, 2026-02-12 -> 12 February 2026, "" -> ""."""
    if re.fullmatch(r"\d{4}-\d\d", published):
        return date_in_words(date.fromisoformat(f"{published}-01")).partition(" ")[2]
    return date_in_words(date.fromisoformat(published)) if "-" in published else published


def are_published() -> bool:
    """True if the catch-up alert was approved."""
    issues = AlertIssue.objects.filter(alert_list=AlertList.WEEKLY)
    return issues.exclude(approved_at=None).exists()


def public_number(key: str) -> int | None:
    """Number of the record of a resource; None if somebody removed it from the demo."""
    rows = CatalogueRecord.objects.filter(resource__key=key, resource__state=State.PUBLISHED)
    return rows.values_list("pk", flat=True).first()


def publish_alerts(place: Path, *, editor: User) -> None:
    """Approve the catch-up alert and New in the library, each once."""
    now = timezone.now()
    _publish_catch_up(read_alert(place), editor, now)
    _publish_library(editor, now)


@serialized
def _publish_catch_up(alert: AlertFile, editor: User, now: datetime) -> None:
    if are_published():
        return
    # In a demo of an earlier version people may have opened a draft: what they added stays.
    draft = alerts.open_draft(by=editor, alert_list=AlertList.WEEKLY, now=now)
    alerts.change_issue(
        by=editor, issue=draft, title=alert.title, introduction=alert.introduction, now=now
    )
    for item in alert.items:
        record = None
        if item.record_is == "this item":
            record = public_number(item.record)
        alerts.add_item(by=editor, issue=draft, text=text_of(item), record=record, now=now)
    alerts.group_items(by=editor, issue=draft, now=now)
    _approve(draft, editor, now)


@serialized
def _publish_library(editor: User, now: datetime) -> None:
    issues = AlertIssue.objects.filter(alert_list=AlertList.LIBRARY)
    if issues.exclude(approved_at=None).exists():
        return
    built = build_issue(by=editor, alert_list=AlertList.LIBRARY, now=now)
    # All of the library is new at once: more than a rule approves without a person.
    # Nothing is new in a demo of an earlier version, whose records were public before its lists.
    if built.items and built.issue is not None and not built.approved:
        _approve(built.issue, editor, now)


def _approve(draft: AlertIssue, editor: User, now: datetime) -> None:
    checklist = [row.key for row in alert_criteria().checklist]
    alerts.approve_issue(
        by=editor, issue=draft, checklist=checklist, seen=issue_mark(draft), now=now
    )
