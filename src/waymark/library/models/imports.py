"""Batches of records from other catalogues."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from waymark.library.models.catalogue import CatalogueRecord


class ImportState(models.TextChoices):
    PROPOSED = "proposed", "Preview, not imported"
    DONE = "done", "Imported"
    UNDONE = "undone", "Undone"


class Import(models.Model):
    """A batch of records imported from another catalogue, and the outcome of each.

    key: for web addresses. source: file name, or address of the harvested catalogue. content: the
    file, until a person has decided about its preview and, for a week, about the possible
    duplicates that it left out. report: the outcome, as
    queries.imports.plan_as_json writes it.
    """

    key = models.SlugField(max_length=20, unique=True)
    source = models.CharField(max_length=500)
    format = models.SlugField(max_length=20)
    sha256 = models.CharField(max_length=64, blank=True)
    content = models.BinaryField(null=True)
    state = models.CharField(
        max_length=10, choices=ImportState.choices, default=ImportState.PROPOSED
    )
    report = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.source} ({self.key})"

    def audit_subject(self) -> str:
        return f"import {self.key}"


class ImportedRecord(models.Model):
    """A record that came with an import. place: its position there, as "line 12".

    identity: SHA-256 of its identifier at the source, by which it is recognised when it comes
    again; content: SHA-256 of its data. changed_at: of the catalogue record, just after it was
    made.
    """

    batch = models.ForeignKey(Import, models.CASCADE, related_name="records")
    record = models.OneToOneField(CatalogueRecord, models.CASCADE, related_name="came_with")
    place = models.CharField(max_length=60)
    # Unique in all imports: a record that comes again updates this row.
    identity = models.CharField(max_length=64, unique=True)
    content = models.CharField(max_length=64)
    changed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["batch", "pk"]

    def __str__(self) -> str:
        return f"{self.place} of {self.batch_id}"
