"""Counts of recommendations, kept for blocks of reviews."""

from typing import ClassVar

from django.db import models

REVIEWS_IN_BLOCK = 512


class CountBlock(models.Model):
    """The reviews whose primary keys give the same number when divided by REVIEWS_IN_BLOCK.

    changes: how often the recommendations of these reviews, or the addressees of these, have
    changed. counts: of the recommendations, as follow_up/queries/picture_counts.py makes them;
    counted_for: SHA-256 of all that they were counted from, "" before they are counted. Counts that
    are for anything else are never used.
    """

    number = models.PositiveIntegerField(primary_key=True)
    changes = models.PositiveBigIntegerField(default=0)
    counted_for = models.CharField(max_length=64, blank=True, default="")
    counts = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["number"]

    def __str__(self) -> str:
        return f"reviews from {self.number * REVIEWS_IN_BLOCK}"
