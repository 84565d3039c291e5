"""Topics: plain names under which visitors find reviews and resources."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class Topic(models.Model):
    """A topic. key: its name in addresses. withdrawn_at: since when it is hidden, else null."""

    key = models.SlugField(max_length=60, unique=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["key"]

    def __str__(self) -> str:
        return self.key

    def audit_subject(self) -> str:
        return f"topic {self.key}"


class TopicOrigin(models.TextChoices):
    LOADED = "loaded", "Loaded from a file"
    EDITED = "edited", "Edited by staff"


class TopicVersion(models.Model):
    """One version of what a topic is. number: from 1; superseded_at: null for the current one.

    words: words and phrases to search by; subjects: keys of the thesaurus; codes: ids of codes of
    the frameworks; counted_codes: further ones, whose passages are not shown, such as causes of
    death; related: keys of other topics. created_by: null for the operator.
    """

    topic = models.ForeignKey(Topic, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    summary = models.TextField()
    words = models.JSONField(default=list)
    subjects = models.JSONField(default=list)
    codes = models.JSONField(default=list)
    counted_codes = models.JSONField(default=list)
    related = models.JSONField(default=list)
    origin = models.CharField(max_length=10, choices=TopicOrigin.choices)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["topic", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["topic", "number"], name="one_topic_version_of_a_number"
            ),
            models.UniqueConstraint(
                fields=["topic"], condition=Q(superseded_at=None), name="one_current_topic_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic_id} version {self.number}"
