"""What the public finds: one record for each review."""

from typing import ClassVar

from django.db import models

from waymark.documents.models import Review


class CatalogueRecord(models.Model):
    """The library's record of a review. Whoever may see the review may see its record.

    changed_at > indexed_at (or indexed_at null) means the search index still has to follow.
    """

    review = models.OneToOneField(Review, models.CASCADE, related_name="record")
    changed_at = models.DateTimeField()
    indexed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["review__reference"]
        indexes: ClassVar = [models.Index(fields=["changed_at", "indexed_at"])]

    def __str__(self) -> str:
        return f"record of {self.review_id}"


def to_do() -> models.QuerySet[CatalogueRecord]:
    """The records that the index still has to follow."""
    return CatalogueRecord.objects.filter(
        models.Q(indexed_at=None) | models.Q(changed_at__gt=models.F("indexed_at"))
    )
