"""Recommendations of inquiries that are not case reviews, imported from the files of others."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from waymark.accounts.models import State, Visible
from waymark.bodies.models import Body


class InquiryScheme(Visible):
    """A scheme of inquiries with recommendations of its own, such as those of coroners.

    key: in addresses. source: where the files come from; licence: what may be done with them.
    It is shown to staff only until it is published.
    """

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200, unique=True)
    source = models.CharField(max_length=500, blank=True)
    licence = models.CharField(max_length=200, blank=True)
    added_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    def audit_subject(self) -> str:
        return f"inquiry-scheme {self.key}"


class Inquiry(models.Model):
    """An inquiry of a scheme. reference: as the scheme writes it, such as "AO-2010-011"."""

    scheme = models.ForeignKey(InquiryScheme, models.PROTECT, related_name="inquiries")
    reference = models.CharField(max_length=100)

    class Meta:
        ordering: ClassVar = ["scheme", "reference"]
        verbose_name_plural = "inquiries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scheme", "reference"], name="one_inquiry_of_reference")
        ]

    def __str__(self) -> str:
        return self.reference


class InquiryRecommendation(models.Model):
    """One recommendation of an inquiry, however many were asked.

    fingerprint: SHA-256 of its words without case and punctuation. made_on: the earliest day on
    which it was made. superseded_at: when the last of its addressees was superseded.
    """

    inquiry = models.ForeignKey(Inquiry, models.PROTECT, related_name="recommendations")
    text = models.TextField()
    fingerprint = models.CharField(max_length=64)
    made_on = models.DateField(null=True)
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["inquiry", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["inquiry", "fingerprint"], name="one_inquiry_recommendation_of_words"
            )
        ]

    def __str__(self) -> str:
        return f"{self.inquiry_id} recommendation {self.pk}"


class InquiryAddressee(models.Model):
    """Somebody whom a recommendation of an inquiry asks to act, with its own state.

    number: of the recommendation to this addressee; words: "" if the file names nobody; status: in
    the words of the scheme, which no other scheme shares. A changed row supersedes the earlier one.
    """

    recommendation = models.ForeignKey(
        InquiryRecommendation, models.PROTECT, related_name="addressees"
    )
    number = models.CharField(max_length=60, blank=True)
    words = models.CharField(max_length=200, blank=True)
    body = models.ForeignKey(Body, models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=100, blank=True)
    made_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    reply = models.TextField(blank=True)
    imported_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["recommendation", "number", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["recommendation", "number", "words"],
                condition=Q(superseded_at=None),
                name="one_inquiry_addressee_of_words",
            )
        ]

    def __str__(self) -> str:
        return f"{self.words}: {self.recommendation_id}"


SCHEME_STATES = (State.INTERNAL, State.PUBLISHED, State.WITHDRAWN)
"""States that a person can choose for a scheme."""
