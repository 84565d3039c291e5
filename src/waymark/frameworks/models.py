"""Coding frameworks with their codes and variables, versioned and frozen once published."""

from typing import ClassVar

from django.db import models


class Basis(models.TextChoices):
    """Basis of an agreed code or value: one coder, both coders or an adjudicator."""

    SOLE = "sole", "Coded by one person"
    BOTH = "both", "Both coders agreed"
    ADJUDICATED = "adjudicated", "Adjudicated"


class Framework(models.Model):
    """One version of one framework. source: the YAML as loaded; sha256: of that source.

    qualifiers: name -> list of values. Frozen once published_at is set; a new version is a new row.
    """

    name = models.SlugField(max_length=60)
    version = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    language = models.CharField(max_length=10)
    licence = models.CharField(max_length=60)
    source = models.TextField()
    sha256 = models.CharField(max_length=64)
    qualifiers = models.JSONField(default=dict)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["name", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "version"], name="one_framework_of_a_version"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def audit_subject(self) -> str:
        return f"framework {self}"


class Code(models.Model):
    """A code for spans. code: its id, such as "prac.early"; section: the heading it is under."""

    framework = models.ForeignKey(Framework, models.CASCADE, related_name="codes")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    code = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    definition = models.TextField()
    include = models.JSONField(default=list)
    exclude = models.JSONField(default=list)
    cues = models.JSONField(default=list)
    section = models.CharField(max_length=80)
    theme = models.PositiveSmallIntegerField(null=True)
    order = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["framework", "order"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["framework", "code"], name="one_code_of_an_id"),
        ]

    def __str__(self) -> str:
        return self.code


class VariableLevel(models.TextChoices):
    REVIEW = "review", "Review"
    CHILD = "child", "Child"
    ADULT = "adult", "Adult"


class VariableType(models.TextChoices):
    CATEGORY = "category", "One of a list"
    CATEGORIES = "categories", "Several of a list"
    STATE = "state", "State of a factor"
    CONTACT = "contact", "Contact with a service"
    YEAR = "year", "Year"
    AGE = "age", "Age"
    NUMBER = "number", "Number"
    TEXT = "text", "Text"


class Variable(models.Model):
    """A typed fact about a review, a child or an adult.

    values: list of {"value", "label", ...}; for lists, states and contacts the only ones allowed.
    group: variables counted together in one table, such as "factors"; "" if counted alone.
    """

    framework = models.ForeignKey(Framework, models.CASCADE, related_name="variables")
    variable = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    definition = models.TextField()
    include = models.JSONField(default=list)
    exclude = models.JSONField(default=list)
    level = models.CharField(max_length=10, choices=VariableLevel.choices)
    type = models.CharField(max_length=10, choices=VariableType.choices)
    group = models.CharField(max_length=60, blank=True)
    values = models.JSONField(default=list)
    order = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["framework", "order"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["framework", "variable"], name="one_variable_of_an_id"),
        ]

    def __str__(self) -> str:
        return self.variable
