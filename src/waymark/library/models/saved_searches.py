"""Searches that people saved."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class SavedSearch(models.Model):
    """A search that a person saved.

    tree: as tree.to_json() writes it, null for a search for everything; filters: facet -> values.
    broaden: also search related names from the thesaurus; the tree contains only what was typed.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_searches"
    )
    name = models.CharField(max_length=120)
    tree = models.JSONField(null=True)
    filters = models.JSONField(default=dict)
    sort = models.CharField(max_length=12, default="relevance")
    broaden = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["person", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "name"], name="one_saved_search_of_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
