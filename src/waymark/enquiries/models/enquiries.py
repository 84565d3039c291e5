"""Enquiries to the Information Service and the messages of each."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class EnquiryKind(models.TextChoices):
    QUESTION = "question", "Question"
    SEARCH = "search", "Literature search"
    REFERENCES = "references", "Reference check"
    COPY = "copy", "Copy or loan"
    CONSULTANCY = "consultancy", "Consultancy"


class EnquiryChannel(models.TextChoices):
    WEB = "web", "Web form"
    EMAIL = "email", "Email"
    PHONE = "phone", "Phone call"


class EnquiryState(models.TextChoices):
    WAITING = "waiting", "Waiting for us"
    ASKED = "asked", "Waiting for the asker"
    ANSWERED = "answered", "Answered"
    CLOSED = "closed", "Closed without an answer"
    SPAM = "spam", "Spam"


class Enquiry(models.Model):
    """An enquiry. reference: what the asker quotes, such as E2026-7KQ4M2; token: for their link.

    asked_from: address on this site of the page where they asked. due_at: when the first answer is
    due by the opening hours. erased_at: when all that says who asked was erased; the row stays,
    because the desk counts its work.
    """

    reference = models.CharField(max_length=20, unique=True)
    token = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=12, choices=EnquiryKind.choices)
    channel = models.CharField(max_length=10, choices=EnquiryChannel.choices)
    state = models.CharField(
        max_length=10, choices=EnquiryState.choices, default=EnquiryState.WAITING
    )
    subject = models.CharField(max_length=200)
    name = models.CharField(max_length=200, blank=True)
    address = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    asked_from = models.CharField(max_length=500, blank=True)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["due_at", "pk"]

    def __str__(self) -> str:
        return self.reference

    def audit_subject(self) -> str:
        return f"enquiry {self.reference}"
