"""Checklist of a catalogue record before it is published; and publishing it whole."""

# The checklist asks the rules of publication themselves (open_reasons), so that the page cannot say
# "ready" of what the service refuses.

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from waymark.accounts.audit import serialized_in
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import OpenReason, RuleError
from waymark.core.wording import date_in_words, list_in_words
from waymark.documents.models import Report, Review
from waymark.documents.services.readiness import ANONYMITY, HIDDEN_TEXT, SCANNED_PAGES
from waymark.library.models import Resource, Retention
from waymark.library.queries import repository
from waymark.library.queries.deposit_records import (
    recommended_gaps,
    record_gaps,
    resource_gaps,
    unread_files,
)
from waymark.pipeline.publishing.publication_reasons import (
    CONCERN,
    DEPOSIT,
    DESCRIPTION,
    EXPIRY,
    OPENING,
    RESOURCE_DESCRIPTION,
    open_reasons,
    require_ready,
)
from waymark.pipeline.removals.state_changes import change_state

CHECKS = frozenset({HIDDEN_TEXT, ANONYMITY, DESCRIPTION, RESOURCE_DESCRIPTION})
SUBJECT = "subject"


class ItemState(StrEnum):
    """State of an item. OPEN: it must be done before the record is published. ADVISED: it can be
    published without, and the list says so.
    """

    DONE = "done"
    OPEN = "open"
    ADVISED = "advised"


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One thing to be done. key: "files", "checks", "record", "subjects", "expiry" or "publish";
    detail: its state in words; action: what to do next, "" if nothing; reasons: of the service.
    """

    key: str
    label: str
    state: ItemState
    detail: str
    action: str = ""
    reasons: tuple[OpenReason, ...] = ()

    @property
    def done(self) -> bool:
        """True if nothing is left to do."""
        return self.state == ItemState.DONE


def checklist_of_review(review: Review, now: datetime) -> tuple[ChecklistItem, ...]:
    """Checklist of a review, in the order of the work; publishing comes last.

    For staff: the caller has asked whether the person may see it.
    """
    reasons = open_reasons(review, now, whole=True)
    reports = list(review.reports.filter(state__in=OPEN_TO_STAFF).order_by("kind", "pk"))
    gaps = record_gaps(review)
    items = (
        _files(review, reports, reasons),
        _checks("Hidden words and anonymity checked", reasons, reports=bool(reports)),
        _record([gap for gap in gaps if gap != SUBJECT], recommended_gaps(review)),
        _subjects(given=SUBJECT not in gaps, necessary=True),
        _expiry_dates(reports, reasons),
    )
    return (*items, _publication(review, items, reasons))


def checklist_of_resource(resource: Resource, now: datetime) -> tuple[ChecklistItem, ...]:
    """The same of a resource, which has no file."""
    reasons = open_reasons(resource, now)
    subjects = resource.record.subjects.exists()
    items = (
        _record([], resource_gaps(resource)),
        _checks("Description checked for names", reasons, reports=True),
        _subjects(given=subjects, necessary=False),
    )
    return (*items, _publication(resource, items, reasons))


def _of(reasons: Iterable[OpenReason], kinds: Collection[str]) -> tuple[OpenReason, ...]:
    return tuple(reason for reason in reasons if reason.kind in kinds)


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def _files(review: Review, reports: list[Report], reasons: list[OpenReason]) -> ChecklistItem:
    label = "Files received and read"
    scans, unread = _of(reasons, {SCANNED_PAGES}), unread_files(review)
    if unread:
        waiting = f"{_number(unread, 'file')} still to be read"
        return ChecklistItem("files", label, ItemState.OPEN, waiting, "See the files")
    if scans:
        detail = f"{_number(len(scans), 'file')} with scanned pages to check"
        return ChecklistItem(
            "files", label, ItemState.OPEN, detail, "Check the scanned pages", scans
        )
    if not reports:
        detail = "No file yet. The record can be published without one"
        return ChecklistItem("files", label, ItemState.ADVISED, detail, "Add a file")
    pages = sum(report.page_count for report in reports)
    detail = f"{_number(len(reports), 'file')}, {_number(pages, 'page')}"
    return ChecklistItem("files", label, ItemState.DONE, detail)


def _checks(label: str, reasons: list[OpenReason], *, reports: bool) -> ChecklistItem:
    waiting = _of(reasons, CHECKS)
    if not waiting:
        detail = "Nothing to decide" if reports else "No file to check"
        return ChecklistItem("checks", label, ItemState.DONE, detail)
    names = list_in_words(sorted({reason.name for reason in waiting}))
    detail = f"{_number(len(waiting), 'check')} to answer: {names}"
    return ChecklistItem("checks", label, ItemState.OPEN, detail, "Answer the checks", waiting)


def _record(gaps: list[str], recommended: list[str]) -> ChecklistItem:
    label = "Record complete"
    if gaps:
        detail = f"Missing: {list_in_words([*gaps, *recommended])}"
        return ChecklistItem("record", label, ItemState.OPEN, detail, "Complete the record")
    if recommended:
        detail = f"Better with: {list_in_words(recommended)}"
        return ChecklistItem("record", label, ItemState.ADVISED, detail, "Complete the record")
    return ChecklistItem("record", label, ItemState.DONE, "Nothing is missing")


def _subjects(*, given: bool, necessary: bool) -> ChecklistItem:
    label = "Subjects added"
    if given:
        return ChecklistItem("subjects", label, ItemState.DONE, "At least one")
    state = ItemState.OPEN if necessary else ItemState.ADVISED
    return ChecklistItem("subjects", label, state, "No subject yet", "Add subjects")


def _expiry_dates(reports: list[Report], reasons: list[OpenReason]) -> ChecklistItem:
    label = "Expiry date set"
    if expired := _of(reasons, {EXPIRY}):
        names = list_in_words([reason.name for reason in expired])
        detail = f"The date has passed: {names}"
        return ChecklistItem("expiry", label, ItemState.OPEN, detail, "Set a later date", expired)
    if not reports:
        return ChecklistItem("expiry", label, ItemState.DONE, "No file to expire")
    endless = [report for report in reports if _has_no_period(report)]
    if endless:
        detail = f"{_number(len(endless), 'public file')} without an end"
        return ChecklistItem("expiry", label, ItemState.ADVISED, detail, "Set the expiry date")
    dates = [repository.retention_of(report).until for report in reports]
    known = sorted(day for day in dates if day is not None)
    if len(known) < len(reports):
        return ChecklistItem(
            "expiry", label, ItemState.DONE, "Starts when the file is published, unless you set it"
        )
    return ChecklistItem(
        "expiry", label, ItemState.DONE, f"{date_in_words(known[0])}, the earliest"
    )


def _has_no_period(report: Report) -> bool:
    """True for a public file whose period has not been set, as those of earlier versions."""
    started = Retention.objects.filter(report=report).exists()
    return report.state == State.PUBLISHED and not started


def _publication(
    item: Review | Resource, before: Iterable[ChecklistItem], reasons: list[OpenReason]
) -> ChecklistItem:
    label, open_items = "Published", [step for step in before if step.state == ItemState.OPEN]
    if item.state in OPENING:
        state = item.get_state_display()
        return ChecklistItem("publish", label, ItemState.DONE, state)
    if open_items:
        detail = f"Not yet: {_number(len(open_items), 'item')} above to do first"
        return ChecklistItem("publish", label, ItemState.OPEN, detail, "See what is missing")
    if concerns := _of(reasons, {CONCERN}):
        detail = "Hidden because of a concern"
        return ChecklistItem("publish", label, ItemState.OPEN, detail, "Decide on it", concerns)
    if deposits := _of(reasons, {DEPOSIT}):
        detail = "Decide on the deposit"
        return ChecklistItem(
            "publish", label, ItemState.OPEN, detail, "Check the deposit", deposits
        )
    return ChecklistItem("publish", label, ItemState.OPEN, "Everything is ready", "Publish")


# ---- publishing ----


class IncompleteRecord(RuleError):
    """A record with gaps that nobody has confirmed."""


def require_catalogued(review: Review, *, incomplete: bool) -> None:
    """Raise IncompleteRecord if the record of a review has gaps that nobody has confirmed."""
    gaps = record_gaps(review)
    if gaps and not incomplete:
        raise IncompleteRecord(gaps_in_words(review, gaps))


def gaps_in_words(review: Review, gaps: Collection[str]) -> str:
    """Why a review whose record has gaps is not published; "" without gaps."""
    if not gaps:
        return ""
    missing = list_in_words([f"no {gap}" for gap in gaps])
    return (
        f"the record of {review.reference} has {missing}: catalogue it first, or confirm on its own"
        " page that it is published without"
    )


@serialized_in("documents", "library")
def publish_record(
    *,
    by: Actor,
    review: Review,
    now: datetime,
    reports: Collection[str] = (),
    state: State = State.PUBLISHED,
    public_from: datetime | None = None,
    incomplete: bool = False,
    seen: State | None = None,
) -> None:
    """Publish a review with some of its reports, now or later: all of them or nothing.

    reports: keys; state: published or embargoed; incomplete: a person wants it published with the
    gaps of its record. Raises NotPermitted; NotReady with everything that is open; RuleError for
    files that are still being read, for gaps, and for a report that is not of the review.
    """
    require_permission(by, "publish reports")
    chosen = list(review.reports.filter(key__in=reports, state__in=OPEN_TO_STAFF))
    if len(chosen) < len(set(reports)):
        raise RuleError("a chosen file is no longer part of this review: check the list again")
    require_ready([*chosen, review], now)
    if unread := unread_files(review):
        raise RuleError(f"{_number(unread, 'file')} of this review must be read first")
    require_catalogued(review, incomplete=incomplete)
    # Reports before the review: it becomes public only with something to read in it.
    items: tuple[Report | Review, ...] = (*chosen, review)
    for item in items:
        if item is review or item.state != state:
            change_state(
                by=by,
                item=item,
                state=state,
                now=now,
                public_from=public_from,
                seen=seen if item is review else None,
            )
