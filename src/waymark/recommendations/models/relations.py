"""How recommendations relate to each other, as people have read them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class Comparison(models.TextChoices):
    """How one recommendation relates to another, as a person has read them."""

    SAME = "same", "Says the same"
    CONTRADICTS = "contradicts", "Contradicts"
    DIFFERENT = "different", "Not the same"


class RecommendationRelation(models.Model):
    """A person's reading of two recommendations. Never edited, only taken back.

    first, second: keys of recommendations (see relation_keys.py), in the order of their letters.
    """

    first = models.CharField(max_length=40)
    second = models.CharField(max_length=40, db_index=True)
    relation = models.CharField(max_length=12, choices=Comparison.choices)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    taken_back_at = models.DateTimeField(null=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["recorded_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["first", "second"],
                condition=Q(taken_back_at=None),
                name="one_relation_of_two_recommendations",
            ),
            models.CheckConstraint(
                condition=~Q(first=models.F("second")), name="relation_of_two_recommendations"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} {self.relation} {self.second}"

    def audit_subject(self) -> str:
        return f"recommendations {self.first} and {self.second}"
