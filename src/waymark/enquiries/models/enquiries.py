"""Enquiries to the Information Service and the messages of each."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from waymark.mail.models import InboundMail


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

    asked_from: address on this site of the page where they asked. may_be_at_risk: the words suggest
    that a child is at risk now. receipt_id: Message-ID of the email that acknowledged it. due_at:
    when the next answer is due by the opening hours. answered_at, opening_minutes, in_time: of the
    first answer, with the time that it took while the desk was open. ended_at: since when it no
    longer waits for us. erased_at: when all that says who asked was erased; the row stays, because
    the desk counts its work.
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
    may_be_at_risk = models.BooleanField(default=False)
    receipt_id = models.CharField(max_length=200, blank=True, db_index=True)
    received_at = models.DateTimeField(db_index=True)
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    opening_minutes = models.PositiveIntegerField(null=True)
    in_time = models.BooleanField(null=True)
    ended_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["due_at", "pk"]
        indexes: ClassVar = [models.Index(fields=["state", "due_at"])]

    def __str__(self) -> str:
        return self.reference

    def audit_subject(self) -> str:
        return f"enquiry {self.reference}"


class MessageSender(models.TextChoices):
    ASKER = "asker", "Asker"
    DESK = "desk", "Information Service"
    OTHER = "other", "Another email address"


class EnquiryMessage(models.Model):
    """A message of an enquiry: the question, replies and answers. The asker can read all of them.

    author: who wrote it, of answers and of calls that staff logged. message_id: of the email it
    came as or was sent as, "" for none; those of answers are unguessable. mail: the email it came
    as. sender OTHER: an email from another address, which a person added.
    """

    enquiry = models.ForeignKey(Enquiry, models.CASCADE, related_name="messages")
    sender = models.CharField(max_length=6, choices=MessageSender.choices)
    text = models.TextField()
    at = models.DateTimeField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    message_id = models.CharField(max_length=998, blank=True, db_index=True)
    mail = models.ForeignKey(InboundMail, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.enquiry} {self.pk}"


class CitedKind(models.TextChoices):
    PASSAGE = "passage", "Passage"
    RECORD = "record", "Record"
    TABLE = "table", "Table"


class MessageCitation(models.Model):
    """What an answer cites. number: in the answer, from 1. key: of a passage, of a review
    ("R07") or resource, or of a table ("demo T12"). label, path: as they were when it was sent.
    """

    message = models.ForeignKey(EnquiryMessage, models.CASCADE, related_name="citations")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=7, choices=CitedKind.choices)
    key = models.CharField(max_length=200)
    label = models.CharField(max_length=500)
    path = models.CharField(max_length=500)

    class Meta:
        ordering: ClassVar = ["message", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "number"], name="one_citation_of_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.message} [{self.number}]"


class EnquiryAttachment(models.Model):
    """A file that came with an email: untrusted, never shown, downloaded as a file by staff alone.

    name: as sent, shown and never used as a path. sha256: of its bytes, "" if it was not stored;
    reason: why not.
    """

    message = models.ForeignKey(EnquiryMessage, models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    reason = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"attachment {self.pk}"


class EnquiryNote(models.Model):
    """An internal note. It has a table of its own, so that no page for the asker can show it."""

    enquiry = models.ForeignKey(Enquiry, models.CASCADE, related_name="notes")
    text = models.TextField()
    at = models.DateTimeField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["at", "pk"]

    def __str__(self) -> str:
        return f"note {self.pk} on {self.enquiry}"
