"""Acts of coders in the workbench, appended and never edited, and what coders chose for themselves.

Undo is an act too. Each act names what the next "undo" takes back and what the next "redo" brings
back, so the last row of a desk (a coder, a report and a framework) is its whole state:

    act        kind   undo  redo  beneath
    1 code A   code   1     -     -
    2 code B   code   2     -     1
    3          undo   1     3     -          takes back 2: "undo" now means 1, "redo" means 3
    4          redo   4     -     1          does 2 again
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from waymark.documents.models import Report
from waymark.frameworks.models import Code, Framework


class DeskRow(models.Model):
    """Row of one coder's work on one report with one framework."""

    coder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    report = models.ForeignKey(Report, models.PROTECT, related_name="+")
    framework = models.ForeignKey(Framework, models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class ActionKind(models.TextChoices):
    CODE = "code", "Code added"
    CHANGE = "change", "Coding changed"
    BOUNDARIES = "boundaries", "Boundaries changed"
    REMOVE = "remove", "Coding removed"
    MEMO = "memo", "Memo on the report"
    READ = "read", "Page marked"
    SUGGESTION = "suggestion", "Suggestion decided"
    UNDO = "undo", "Undone"
    REDO = "redo", "Done again"


class CodingAction(DeskRow):
    """One act of a coder. act: id that the page chose, so that a repeated request acts once.

    before, after: what the act replaced, and by what: {"codings": [{"start", "end", "code",
    "qualifiers", "memo"}], "memo": text of the memo on the report, "read": [numbers of parts],
    "suggestion": {"id", "outcome": "", "accepted", "changed" or "refused"}}, of these only what the
    act concerns. Positions are in the text of that reading. target: the act that an undo took back
    or a redo did again. undo, redo, beneath: see the head of the module.
    """

    act = models.CharField(max_length=40)
    number = models.PositiveIntegerField(help_text="counted from 1 at each desk")
    kind = models.CharField(max_length=10, choices=ActionKind.choices)
    reading = models.PositiveSmallIntegerField()
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    target = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    undo = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    redo = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    beneath = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["coder", "report", "framework", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["coder", "act"], name="one_action_of_an_act"),
            models.UniqueConstraint(
                fields=["coder", "report", "framework", "number"], name="one_action_of_a_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"


class ReportMemo(DeskRow):
    """A coder's memo on a report. Superseded, never edited."""

    text = models.TextField()
    decided_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["coder", "report", "framework"],
                condition=Q(superseded_at=None),
                name="one_current_report_memo",
            ),
        ]

    def __str__(self) -> str:
        return f"memo of {self.coder_id} on {self.report_id}"


class ReadPart(DeskRow):
    """Part of a report (a page, where it has pages) that a coder has marked as read."""

    reading = models.PositiveSmallIntegerField()
    part = models.PositiveIntegerField()
    decided_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["coder", "report", "framework", "reading", "part"],
                condition=Q(superseded_at=None),
                name="one_current_read_part",
            ),
        ]

    def __str__(self) -> str:
        return f"part {self.part} of {self.report_id}"


class VeilChoice(models.TextChoices):
    NEVER = "never", "Do not hide any passage"
    MARKED = "marked", "Hide passages whose words point to violence, abuse or death"
    ALWAYS = "always", "Hide every passage until I show it"


class CoderSettings(models.Model):
    """How a coder wants the workbench. break_minutes: 0 for no reminder. No evidence: edited."""

    coder = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", primary_key=True
    )
    veil = models.CharField(max_length=10, choices=VeilChoice.choices, default=VeilChoice.NEVER)
    break_minutes = models.PositiveSmallIntegerField(default=45)

    def __str__(self) -> str:
        return f"workbench of {self.coder_id}"


class CodeKey(models.Model):
    """Letter by which a coder applies a code. No evidence: edited."""

    coder = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    framework = models.ForeignKey(Framework, models.CASCADE, related_name="+")
    code = models.ForeignKey(Code, models.CASCADE, related_name="+")
    key = models.CharField(max_length=1)

    class Meta:
        ordering: ClassVar = ["key"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["coder", "framework", "key"], name="one_code_of_a_key"),
            models.UniqueConstraint(fields=["coder", "code"], name="one_key_of_a_code"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.code_id}"
