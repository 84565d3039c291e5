"""Programs as coders of their own kind: what they are, what they read, and where they are off."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from waymark.documents.models import Report, Review
from waymark.frameworks.models import Framework


class MachineKind(models.TextChoices):
    CUES = "cues", "Cues of the framework"
    LINEAR = "linear", "Linear model"
    LANGUAGE = "language", "Language model"


class MachineState(models.TextChoices):
    WAITING = "waiting", "Waiting to be trained"
    READY = "ready", "Ready"
    REFUSED = "refused", "Not trained"


class MachineTask(models.Model):
    """A task of the background worker: leased by one at a time, free again if that is killed.

    done_at: when it ended, whatever came of it.
    """

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True


class MachineCoder(MachineTask):
    """A program that suggests codes, in one version. It is no account and nothing counts it.

    name: with its version, as Suggestion.suggester stores it. framework: that a linear model was
    trained for. sha256: of its file in the data folder, "" if it has none, also because the file of
    a report it learned from was erased. reviews, reports: those it was trained on. scores: on
    held-out documents, as pipeline.suggestions writes them; reason: why it was not trained.
    connection: of a language model, {"address", "model", "private"}. ended_at: when people stopped
    using it.
    """

    name = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=10, choices=MachineKind.choices)
    version = models.PositiveIntegerField(default=1)
    framework = models.ForeignKey(Framework, models.PROTECT, null=True, related_name="+")
    state = models.CharField(
        max_length=10, choices=MachineState.choices, default=MachineState.WAITING
    )
    reason = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    reviews = models.ManyToManyField(Review, related_name="+")
    reports = models.ManyToManyField(Report, related_name="+")
    scores = models.JSONField(default=dict)
    connection = models.JSONField(default=dict)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-asked_at", "-pk"]

    def __str__(self) -> str:
        return self.name

    def audit_subject(self) -> str:
        """Subject of its entries in the audit log."""
        return f"suggester {self.name}"


class SuggestionRun(MachineTask):
    """One program reads one report once. Without a run, no suggestion means nothing.

    passages: number read; suggested: number of new suggestions; dropped: proposals whose quote is
    not in the text. refused: why it did not read the report.
    """

    machine = models.ForeignKey(MachineCoder, models.PROTECT, related_name="runs")
    framework = models.ForeignKey(Framework, models.PROTECT, related_name="+")
    report = models.ForeignKey(Report, models.PROTECT, related_name="+")
    reading = models.PositiveSmallIntegerField()
    passages = models.PositiveIntegerField(default=0)
    suggested = models.PositiveIntegerField(default=0)
    dropped = models.PositiveIntegerField(default=0)
    refused = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["asked_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["machine", "framework", "report", "reading"], name="one_run_of_a_machine"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.machine_id} reads {self.report_id}"


class SuggestionBlock(models.Model):
    """A collection or a review in which no program may suggest anything.

    collection: its name, "" for a single review. lifted_at: when it was allowed again.
    """

    collection = models.CharField(max_length=60, blank=True)
    review = models.ForeignKey(Review, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    blocked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    blocked_at = models.DateTimeField()
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["collection", "review"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["collection"],
                condition=Q(lifted_at=None, review=None),
                name="one_block_of_a_collection",
            ),
            models.UniqueConstraint(
                fields=["review"], condition=Q(lifted_at=None), name="one_block_of_a_review"
            ),
        ]

    def __str__(self) -> str:
        return self.audit_subject()

    def audit_subject(self) -> str:
        """Subject of its entries in the audit log."""
        if self.review is not None:
            return self.review.audit_subject()
        return f"collection {self.collection}"


class PassageSample(models.Model):
    """Passages without a suggestion, drawn by chance for a person to read.

    seed: of the draw. passages: number of passages without a suggestion that it was drawn from.
    """

    machine = models.ForeignKey(MachineCoder, models.PROTECT, related_name="samples")
    framework = models.ForeignKey(Framework, models.PROTECT, related_name="+")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    seed = models.PositiveIntegerField()
    passages = models.PositiveIntegerField()
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    drawn_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-drawn_at", "-pk"]

    def __str__(self) -> str:
        return f"sample {self.pk}"

    def audit_subject(self) -> str:
        """Subject of its entries in the audit log."""
        return f"sample {self.pk} of {self.machine.name}"


class SampledPassage(models.Model):
    """A passage of a sample. codes: ids that its reader gave it; answered_at: null until then."""

    sample = models.ForeignKey(PassageSample, models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField()
    report = models.ForeignKey(Report, models.PROTECT, related_name="+")
    reading = models.PositiveSmallIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    codes = models.JSONField(default=list)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["sample", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sample", "number"], name="one_passage_of_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.number} of {self.sample_id}"
