"""Concepts and their names."""

from typing import ClassVar

from django.db import models


class ThesaurusScheme(models.Model):
    """Metadata of the thesaurus: one row. base: start of the URI of each concept, before its key.

    language: of definitions and of the names shown. version: changes with each edit, so that a
    parsed thesaurus can be cached under it. edition: the number of the published thesaurus.
    """

    address = models.CharField(max_length=300)
    base = models.CharField(max_length=300)
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    creator = models.CharField(max_length=200, blank=True)
    licence = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=10, default="en")
    version = models.CharField(max_length=32, default="")
    edition = models.CharField(max_length=20, blank=True, default="")

    def __str__(self) -> str:
        return self.title


class Concept(models.Model):
    """A subject of the thesaurus (SKOS). key: the last part of its URI.

    broader: its wider concepts; related: neither wider nor narrower, symmetric. ended: retired, so
    that existing records keep it and new ones cannot use it. replaced_by: the concept that a
    retired one was merged into. matches: [kind, address] of concepts of other schemes.
    """

    key = models.SlugField(max_length=80, unique=True)
    definition = models.TextField(blank=True)
    scope_note = models.TextField(blank=True)
    history_note = models.TextField(blank=True, default="")
    change_note = models.TextField(blank=True, default="")
    matches = models.JSONField(default=list)
    broader = models.ManyToManyField("self", symmetrical=False, related_name="narrower")
    related = models.ManyToManyField("self", symmetrical=True)
    ended = models.BooleanField(default=False)
    replaced_by = models.ForeignKey("self", models.SET_NULL, null=True, related_name="replaces")

    class Meta:
        ordering: ClassVar = ["key"]

    def __str__(self) -> str:
        return self.key


class LabelKind(models.TextChoices):
    PREFERRED = "preferred", "Preferred"
    ALTERNATIVE = "alternative", "Alternative"
    HIDDEN = "hidden", "Hidden"
    DRAFT = "draft", "Draft, not checked by a translator"


class Label(models.Model):
    """A name of a concept, with at most one preferred name in each language.

    hidden: misspellings, which lead to the concept but are never shown. note: shown to people who
    search by this name.
    """

    concept = models.ForeignKey(Concept, models.CASCADE, related_name="labels")
    kind = models.CharField(max_length=12, choices=LabelKind.choices)
    language = models.CharField(max_length=10, default="en")
    text = models.CharField(max_length=120, db_index=True)
    note = models.TextField(blank=True, default="")

    class Meta:
        ordering: ClassVar = ["concept", "kind", "language", "text"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["concept", "language", "text"], name="one_label_of_a_text"
            ),
            models.UniqueConstraint(
                fields=["concept", "language"],
                condition=models.Q(kind=LabelKind.PREFERRED),
                name="one_preferred_label_of_a_language",
            ),
        ]

    def __str__(self) -> str:
        return self.text
