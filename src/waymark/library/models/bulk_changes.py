"""Bulk changes: one change of many reviews or resources, with what each had before."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class BulkAction(models.TextChoices):
    PUBLISH = "publish", "Publish"
    INTERNAL = "internal", "Make internal"
    ADD_SUBJECTS = "add-subjects", "Add subjects"
    REMOVE_SUBJECTS = "remove-subjects", "Remove subjects"
    SET_FIELD = "set-field", "Change a field"


class BulkField(models.TextChoices):
    """A field of resources that one change can give the same value."""

    PUBLISHER = "publisher", "Publisher"
    NATION = "nation", "Nation"
    LANGUAGE = "language", "Language"
    LICENCE = "licence", "Licence"
    RIGHTS_HOLDER = "rights_holder", "Rights holder"
    AUDIENCE = "audience", "Audience"


class BulkKind(models.TextChoices):
    REVIEW = "review", "Reviews"
    RESOURCE = "resource", "Resources"


class BulkChange(models.Model):
    """A change that a person made to many records at once.

    key: for web addresses. subjects: keys of the subjects that were added or removed. field,
    value: of resources, what was changed and to what, "" for removed. undone_at: when it was
    undone, as far as the records had not been changed since.
    """

    key = models.SlugField(max_length=20, unique=True)
    kind = models.CharField(max_length=10, choices=BulkKind.choices)
    action = models.CharField(max_length=20, choices=BulkAction.choices)
    subjects = models.JSONField(default=list, blank=True)
    field = models.CharField(max_length=20, choices=BulkField.choices, blank=True, default="")
    value = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.get_kind_display().lower()} ({self.key})"

    def audit_subject(self) -> str:
        return f"bulk change {self.key}"


class BulkOutcome(models.TextChoices):
    CHANGED = "changed", "Changed"
    SAME = "same", "Nothing to change"
    REFUSED = "refused", "Refused"
    OVERTAKEN = "overtaken", "Changed since the preview"


class BulkUndo(models.TextChoices):
    RESTORED = "restored", "Restored"
    LEFT = "left", "Left as it is"


class BulkChangeItem(models.Model):
    """A record of a bulk change. name: reference of a review, or key of a resource.

    note: why it was refused, or what stayed. before, after: state and reports, subjects or a
    field, as pipeline.bulk_changes describes them; for undoing. undo, undo_note: the same for
    undoing.
    """

    change = models.ForeignKey(BulkChange, models.CASCADE, related_name="items")
    name = models.CharField(max_length=80)
    outcome = models.CharField(max_length=10, choices=BulkOutcome.choices)
    note = models.TextField(blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    undo = models.CharField(max_length=10, choices=BulkUndo.choices, blank=True)
    undo_note = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["change", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["change", "name"], name="one_item_of_a_record"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.outcome}"
