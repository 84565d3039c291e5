"""The outbox, and the mail that arrived."""

from typing import ClassVar

from django.db import models


class Letter(models.Model):
    """An outgoing email: written in the transaction of the event it reports, sent by the worker.

    key: the event, so that it is written once. message_id: fixed when it is written, so that mail
    programs show an email once that was sent twice because a process died. lease_until: until when
    no other worker may send it: one is sending it, or it waits for its next attempt. failed: the
    last error; with no lease_until, it is not tried again until staff ask for it. reply_to: where
    replies go, "" for the sender. in_reply_to: Message-ID of the email that it answers. automatic:
    no person wrote it.
    """

    key = models.CharField(max_length=100, unique=True)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    message_id = models.CharField(max_length=200)
    reply_to = models.EmailField(blank=True)
    in_reply_to = models.CharField(max_length=998, blank=True)
    automatic = models.BooleanField(default=True)
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    failed = models.CharField(max_length=500, blank=True)

    class Meta:
        # Its name from when emails belonged to the library: installations keep their rows.
        db_table = "library_letter"
        ordering: ClassVar = ["written_at", "pk"]
        # For the worker, which asks again and again for unsent emails.
        indexes: ClassVar = [models.Index(fields=["sent_at", "lease_until"])]

    def __str__(self) -> str:
        return self.key

    def audit_subject(self) -> str:
        return f"letter {self.key}"


class InboundMailKind(models.TextChoices):
    BOUNCE = "bounce", "Bounce"
    AUTOMATIC = "automatic", "Automatic reply"
    REPLY = "reply", "Reply"
    NEW = "new", "New email"
    UNKNOWN = "unknown", "Unknown"


class InboundMailState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    DONE = "done", "Done"
    TO_SORT = "to_sort", "For a person to decide"
    REFUSED = "refused", "Refused"


class InboundMail(models.Model):
    """An email that arrived; its bytes are a file in the data folder, once for equal bytes.

    sha256: of the bytes. recipient: to whom it was delivered, "" if that is not known. reason: why
    it was refused, or is what it is. has_raw: False if the bytes were not stored, or were erased.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    recipient = models.CharField(max_length=254, blank=True)
    received_at = models.DateTimeField(db_index=True)
    kind = models.CharField(
        max_length=10, choices=InboundMailKind.choices, default=InboundMailKind.UNKNOWN
    )
    state = models.CharField(
        max_length=10, choices=InboundMailState.choices, default=InboundMailState.WAITING
    )
    reason = models.CharField(max_length=500, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    has_raw = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["received_at", "pk"]
        indexes: ClassVar = [models.Index(fields=["state", "kind"])]

    def __str__(self) -> str:
        return f"inbound mail {self.pk}"

    def audit_subject(self) -> str:
        return f"inbound mail {self.pk}"
