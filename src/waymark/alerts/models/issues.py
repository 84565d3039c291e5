"""Issues of the lists, and the items that each contains."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from waymark.library.models import CatalogueRecord


class AlertList(models.TextChoices):
    """A list that people subscribe to. Items of TOPICS and SEARCHES differ between subscribers."""

    WEEKLY = "weekly", "Weekly alert"
    LIBRARY = "library", "New in the library"
    REVIEWS = "reviews", "Case reviews update"
    TOPICS = "topics", "Followed topics"
    SEARCHES = "searches", "Followed searches"


class AlertIssue(models.Model):
    """A dated issue of a list. number: from 1 in the list.

    first_day, last_day: the days that it covers, both included. approved_at: since when its items
    are fixed and it is being sent; null for a draft. No issue is approved without an item.
    """

    alert_list = models.CharField(max_length=10, choices=AlertList.choices)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    introduction = models.TextField(blank=True)
    first_day = models.DateField()
    last_day = models.DateField()
    created_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["alert_list", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["alert_list", "number"], name="one_alert_issue_of_a_number"
            ),
            models.UniqueConstraint(
                fields=["alert_list"],
                condition=Q(approved_at=None),
                name="one_draft_issue_of_a_list",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.alert_list} {self.number}"

    def audit_subject(self) -> str:
        return f"alert issue {self.alert_list} {self.number}"


class IssueItem(models.Model):
    """An item of an issue: heading, one paragraph, source, date and where to read more.

    followed: what it is sent for: "" for all subscribers of the list, "topic <key>" or "search
    <hash>" in the lists of followed topics and searches, so that one record may be several items.
    dated: the date of the publication in words. record: null for an item outside the library.
    corrected_at, withdrawn_at: set when what was sent proved wrong or had to go; correction: what
    those who received it are told.
    """

    issue = models.ForeignKey(AlertIssue, models.PROTECT, related_name="items")
    position = models.PositiveIntegerField()
    group = models.CharField(max_length=80, blank=True)
    followed = models.CharField(max_length=100, blank=True)
    heading = models.CharField(max_length=300)
    summary = models.TextField()
    source = models.CharField(max_length=200, blank=True)
    dated = models.CharField(max_length=60, blank=True)
    address = models.URLField(max_length=1000, blank=True)
    content_note = models.CharField(max_length=300, blank=True)
    record = models.ForeignKey(CatalogueRecord, models.PROTECT, null=True, related_name="+")
    corrected_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    correction = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["issue", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["issue", "followed", "record"],
                name="one_item_of_a_record_for_each_thing_followed",
            ),
        ]

    def __str__(self) -> str:
        return self.heading
