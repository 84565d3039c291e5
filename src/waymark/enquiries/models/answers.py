"""Answers that the public can read: each is a resource of the library, with its sources."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from waymark.enquiries.models.enquiries import Enquiry
from waymark.library.catalogue.resource_description import version_of
from waymark.library.models import Resource


class PublishedAnswer(models.Model):
    """A question and its answer, written anew so that nobody can tell who asked.

    resource: its record in the library, of the kind ANSWER, with the question as its title and the
    numbered answer as its summary; whether it is public is the state of that record. text: the
    answer with the marks of its citations. enquiry: where it comes from; null if it was written
    without one. approved_mark: mark() of what was approved; "" since the last change.
    """

    resource = models.OneToOneField(Resource, models.PROTECT, related_name="published_answer")
    enquiry = models.ForeignKey(
        Enquiry, models.SET_NULL, null=True, related_name="published_answers"
    )
    text = models.TextField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    approved_mark = models.CharField(max_length=16, blank=True)

    class Meta:
        ordering: ClassVar = ["-written_at", "-pk"]

    def __str__(self) -> str:
        return self.resource.title

    def audit_subject(self) -> str:
        return f"answer {self.resource.key}"

    @property
    def mark(self) -> str:
        """Short hash of the question and the answer, by which a change is noticed."""
        return version_of(self.resource.title, self.text)

    @property
    def is_approved(self) -> bool:
        """True if somebody approved the words as they are now."""
        return bool(self.approved_mark) and self.approved_mark == self.mark
