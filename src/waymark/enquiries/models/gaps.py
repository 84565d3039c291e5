"""What people asked for and the library does not have."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from waymark.enquiries.models.enquiries import Enquiry
from waymark.library.models import Resource


class GapState(models.TextChoices):
    TO_FIND = "to_find", "To find"
    ORDERED = "ordered", "Ordered"
    ADDED = "added", "Added"
    UNAVAILABLE = "unavailable", "Cannot be had"


class LibraryGap(models.Model):
    """Something that was asked for and not found. The same asked again is one gap.

    title: what it is, without a word of who asked; folded: as it is compared. resource: the record
    of it, of an added one alone. note: of cataloguers, such as where it was ordered.
    """

    title = models.CharField(max_length=300)
    folded = models.CharField(max_length=300, unique=True)
    state = models.CharField(max_length=11, choices=GapState.choices, default=GapState.TO_FIND)
    resource = models.ForeignKey(Resource, models.PROTECT, null=True, related_name="gaps")
    note = models.CharField(max_length=500, blank=True)
    noted_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-noted_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state="added", resource__isnull=False)
                | ~models.Q(state="added") & models.Q(resource=None),
                name="an_added_gap_has_its_record",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def audit_subject(self) -> str:
        return f"gap {self.pk}"


class GapRequest(models.Model):
    """An enquiry in which a gap was asked for. It stays, as a number, when the asker is erased."""

    gap = models.ForeignKey(LibraryGap, models.CASCADE, related_name="requests")
    enquiry = models.ForeignKey(Enquiry, models.CASCADE, related_name="gaps")
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["noted_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gap", "enquiry"], name="one_request_of_a_gap"),
        ]

    def __str__(self) -> str:
        return f"{self.enquiry_id} asked for {self.gap_id}"
