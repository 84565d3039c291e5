"""Models of reports and editions: texts, signatures and publications."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from waymark.overview.models import Overview, Snapshot


class ReportVersion(models.Model):
    """Version of one text of a report. It is never edited; the next version supersedes it.

    slot: name of the text, from report_plan.slot_of; "plan" for the plan of the chapters. text:
    Markdown as document/markdown.py reads it, or the YAML of the plan. number: counted from 1 in
    the slot.
    """

    overview = models.ForeignKey(Overview, models.PROTECT, related_name="report_versions")
    slot = models.CharField(max_length=130)
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["overview", "slot", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["overview", "slot", "number"], name="one_report_version_of_a_number"
            ),
            models.UniqueConstraint(
                fields=["overview", "slot"],
                condition=Q(superseded_at=None),
                # Two people who save at once cannot both become current, whatever the code does.
                name="one_current_report_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot}, version {self.number}"


class Publication(models.Model):
    """One published edition of an overview.

    profile: disclosure profile it was protected with. pdf: name of the file in the publications
    folder: the SHA-256 of its bytes. ledger: what later editions must not undo, as history_file.py
    writes it; it contains withheld numbers and is never shown. withdrawn_at: set once; the row
    stays. report: texts and citations, as document/citations.py writes them; content: the signed
    hash of them. Both are empty in editions published before reports had chapters.
    """

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="publications")
    slug = models.SlugField(max_length=60)
    edition = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    profile = models.CharField(max_length=10)
    pdf = models.CharField(max_length=80)
    ledger = models.BinaryField(default=b"")
    report = models.BinaryField(default=b"")
    content = models.CharField(max_length=64, blank=True)
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


class SigningCapacity(models.TextChoices):
    """Role of a signer: the analyst answers for the numbers, the editor for publishing them."""

    ANALYST = "analyst", "Analyst"
    EDITOR = "editor", "Editor"


class Signature(models.Model):
    """A person's signature on exactly one content of a report.

    content: hash from citations.content_sha256. name: of the person at that time. voided_at: when a
    text was changed afterwards; the row stays. publication: edition that it was used for.
    """

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="signatures")
    profile = models.CharField(max_length=10)
    content = models.CharField(max_length=64)
    capacity = models.CharField(max_length=10, choices=SigningCapacity.choices)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(max_length=310)
    signed_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)
    publication = models.ForeignKey(
        Publication, models.PROTECT, null=True, related_name="signatures"
    )

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                # Void and used signatures may repeat: the same person signs the same content again
                # after a text was changed and put back, or after an edition was withdrawn.
                fields=["snapshot", "content", "signed_by"],
                condition=Q(voided_at=None, publication=None),
                name="one_open_signature_of_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} as {self.capacity}"
