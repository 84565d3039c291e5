"""The outbox."""

from typing import ClassVar

from django.db import models


class Letter(models.Model):
    """An outgoing email: written in the transaction of the event it reports, sent by the worker.

    key: the event, so that it is written once. message_id: fixed when it is written, so that mail
    programs show an email once that was sent twice because a process died. lease_until: until when
    no other worker may send it: one is sending it, or it waits for its next attempt. failed: the
    last error; with no lease_until, it is not tried again until staff ask for it.
    """

    key = models.CharField(max_length=100, unique=True)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    message_id = models.CharField(max_length=200)
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
