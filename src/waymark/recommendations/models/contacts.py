"""Whom to write to at a body, and the links by which they enter *Our recommendations*."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from waymark.bodies.models import Body


class BodyContact(models.Model):
    """An email address that a body has registered: it gets reminders, and can report.

    address_key: the address in one spelling. Personal data: the row is deleted when it is removed.
    """

    body = models.ForeignKey(Body, models.PROTECT, related_name="contacts")
    address = models.EmailField()
    address_key = models.CharField(max_length=254, unique=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["body", "address"]

    def __str__(self) -> str:
        return f"contact {self.pk} of {self.body_id}"

    def audit_subject(self) -> str:
        return f"contact {self.pk} of body {self.body.key}"


class ContactLink(models.Model):
    """A mailed link to enter. digest: SHA-256 of its token, which is in the email alone."""

    contact = models.ForeignKey(BodyContact, models.CASCADE, related_name="links")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["made_at"]

    def __str__(self) -> str:
        return f"link {self.pk}"

    @property
    def letter_key(self) -> str:
        """Key of its email in the outbox."""
        return f"body link {self.pk}"


class ContactEvent(models.Model):
    """A request for a link, counted for a day. mark: keyed hash of the network or address."""

    mark = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["mark", "at"], name="contact_event_by_mark")]

    def __str__(self) -> str:
        return f"event {self.pk}"
