"""What is given out: editions of an overview, each from one frozen snapshot."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from waymark.overview.models import Snapshot


class Publication(models.Model):
    """One published edition of an overview.

    profile: the disclosure profile it was protected with. pdf: file name in the publications
    folder, named by SHA-256. ledger: what later editions must not undo, as ledger_file.py writes
    it; it holds withheld numbers and is never shown. withdrawn_at: set once when it is taken back;
    the row stays.
    """

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="publications")
    slug = models.SlugField(max_length=60)
    edition = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    profile = models.CharField(max_length=10)
    pdf = models.CharField(max_length=80)
    ledger = models.BinaryField(default=b"")
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["slug", "-edition"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["slug", "edition"], name="one_edition_of_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.slug}, edition {self.edition}"
