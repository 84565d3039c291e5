"""Projects of other programs that a person imports."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class ProjectImportState(models.TextChoices):
    PROPOSED = "proposed", "Preview, not imported"
    DONE = "done", "Imported"


class ProjectImport(models.Model):
    """A project file of another program, and the outcome of its import. Only its person sees it.

    key: for web addresses. project: as it was read, in JSON, until the person has decided: it has
    the texts and names of another program; then "". choices: framework, users, codes and assign.
    report: as plan_as_json of the pipeline writes it.
    """

    key = models.SlugField(max_length=20, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(
        max_length=10, choices=ProjectImportState.choices, default=ProjectImportState.PROPOSED
    )
    project = models.TextField(blank=True)
    choices = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.key})"

    def audit_subject(self) -> str:
        return f"coding import {self.key}"
