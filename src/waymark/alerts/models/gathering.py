"""Feeds that the Weekly alert is gathered from, and the candidates that wait for a decision."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from waymark.alerts.criteria import alert_criteria
from waymark.alerts.models.issues import IssueItem
from waymark.library.models import CatalogueRecord


class FeedSource(models.Model):
    """A feed on the administrator's list: the only addresses that are fetched.

    topic: proposed for its candidates, "" for none. ended_at: when it left the list. etag,
    last_modified: of the last answer, so that an unchanged feed is not sent again. next_at: when it
    is fetched next; null while it waits for a person. read_at: when it was last read without a
    problem. failures: since then. problem, remedy: what went wrong last and what to do, "" if
    nothing did.
    """

    name = models.CharField(max_length=200)
    address = models.URLField(max_length=1000)
    topic = models.CharField(max_length=80, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)
    etag = models.CharField(max_length=300, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    next_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=500, blank=True)
    remedy = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["address"], condition=Q(ended_at=None), name="one_source_of_an_address"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def audit_subject(self) -> str:
        return f"feed source {self.pk}"


class Candidate(models.Model):
    """Something that the Weekly alert could tell, with the decision of a person.

    source: null for what was gathered from the library (record) or added by hand. entry: the name
    of the entry in its feed. address_key, doi, title_key: in the one spelling by which duplicates
    are recognised. duplicate_of: an earlier candidate of the same address or DOI, or possibly of
    the same title (duplicate_by). criterion: key of the criterion by which it was chosen or not
    chosen. item: what it became in an issue.
    """

    class Decision(models.TextChoices):
        WAITING = "", "Waiting"
        CHOSEN = "chosen", "Chosen"
        NOT_CHOSEN = "not-chosen", "Not chosen"

    source = models.ForeignKey(FeedSource, models.PROTECT, null=True, related_name="candidates")
    record = models.OneToOneField(CatalogueRecord, models.PROTECT, null=True, related_name="+")
    entry = models.CharField(max_length=64, blank=True)
    title = models.CharField(max_length=300)
    summary = models.TextField(blank=True)
    publisher = models.CharField(max_length=200, blank=True)
    dated = models.CharField(max_length=60, blank=True)
    address = models.URLField(max_length=1000, blank=True)
    address_key = models.CharField(max_length=1000, blank=True, db_index=True)
    doi = models.CharField(max_length=100, blank=True, db_index=True)
    title_key = models.CharField(max_length=300, blank=True, db_index=True)
    topic = models.CharField(max_length=80, blank=True)
    gathered_at = models.DateTimeField()
    duplicate_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    duplicate_by = models.CharField(max_length=10, blank=True)
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    criterion = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=500, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    item = models.OneToOneField(IssueItem, models.SET_NULL, null=True, related_name="candidate")

    class Meta:
        ordering: ClassVar = ["gathered_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "entry"],
                condition=~Q(entry=""),
                name="one_candidate_of_a_feed_entry",
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None)
                | ~Q(decision="") & Q(decided_at__isnull=False) & ~Q(criterion=""),
                name="a_decision_on_a_candidate_has_its_criterion",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def audit_subject(self) -> str:
        return f"candidate {self.pk}"

    @property
    def criterion_name(self) -> str:
        """The criterion in words."""
        return alert_criteria().name_of(self.criterion)
