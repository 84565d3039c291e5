"""Lists, their days, their issues and the items that each contains."""

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


CHOSEN_BY_PEOPLE = frozenset({AlertList.WEEKLY})
"""Lists whose items people choose; the others are made of what became public in the library."""


class ListSchedule(models.Model):
    """When the issues of a list are made.

    starts_at: what became public before belongs to no issue. weekday: 0 (Monday) to 6; null for a
    monthly list. day: of the month, 1 to 28; null for a weekly list. hour: in UK time. next_at:
    when its next issue is due. automatic: an issue that a job made is approved by it as well.
    """

    alert_list = models.CharField(max_length=10, choices=AlertList.choices, unique=True)
    starts_at = models.DateTimeField()
    weekday = models.PositiveSmallIntegerField(null=True)
    day = models.PositiveSmallIntegerField(null=True)
    hour = models.PositiveSmallIntegerField(default=7)
    next_at = models.DateTimeField()
    automatic = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["alert_list"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(weekday__lte=6, day=None) | Q(weekday=None, day__gte=1, day__lte=28),
                name="an_alert_list_is_weekly_or_monthly",
            ),
            models.CheckConstraint(condition=Q(hour__lte=23), name="an_alert_list_has_an_hour"),
        ]

    def __str__(self) -> str:
        return self.alert_list

    def audit_subject(self) -> str:
        return f"alert list {self.alert_list}"


class AlertIssue(models.Model):
    """A dated issue of a list. number: from 1 in the list.

    first_day, last_day: the days that it covers, both included. approved_at: since when its items
    are fixed and it is being sent; null for a draft. No issue is approved without an item.
    approved_by: null if it was approved by the rule of its list. records: what became public and
    belongs to this issue, with an item or, where nobody follows it, without. checklist: keys of
    what the person who approved it confirmed.
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
    records = models.ManyToManyField(CatalogueRecord, related_name="+", blank=True)
    checklist = models.JSONField(default=list, blank=True)

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
    by_hand: added or changed by a person, so that building the draft again leaves it.
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
    by_hand = models.BooleanField(default=False)
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
