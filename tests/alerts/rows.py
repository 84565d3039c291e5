"""Rows for the tests of alerts."""

from datetime import datetime

from tests.factories import NOON, make_review
from waymark.accounts.models import State
from waymark.alerts.criteria import alert_criteria
from waymark.alerts.models import AlertIssue
from waymark.alerts.queries.issues import issue_mark
from waymark.alerts.services.issues import approve_issue
from waymark.alerts.services.item_texts import ItemText, RecordItem
from waymark.library.models import CatalogueRecord
from waymark.library.services import catalogue_review

CHECKLIST = [row.key for row in alert_criteria().checklist]
TEXT = ItemText(
    heading="New guidance on safer sleep",
    summary="A short account of it.",
    group="Infants",
    source="Health Agency",
    dated="3 May 2026",
    address="https://agency.example/guidance",
)


def public_record(
    reference: str, *, at: datetime = NOON, state: State = State.PUBLISHED, **values: object
) -> CatalogueRecord:
    """The record of a review that is catalogued at a time."""
    review = make_review(reference, state=state, title=f"Review {reference}", **values)
    return catalogue_review(by=None, review=review, now=at)


def item_of(record: CatalogueRecord, followed: str = "") -> RecordItem:
    """An item of a record as a job makes it."""
    return RecordItem(record.pk, ItemText(heading=f"Record {record.pk}", summary=""), followed)


def approve(issue: AlertIssue, *, by=None, now: datetime = NOON) -> AlertIssue:
    """Approve a draft as a person who has read it."""
    return approve_issue(by=by, issue=issue, checklist=CHECKLIST, seen=issue_mark(issue), now=now)
