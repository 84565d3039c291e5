"""Authors of publications: people and bodies, with the names under which works are catalogued."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from waymark.library.models.catalogue import Resource


class AuthorKind(models.TextChoices):
    PERSON = "person", "Person"
    BODY = "body", "Organisation"


class Author(models.Model):
    """Authority record of an author of publications; never of a person whom a review is about.

    key: in addresses, never changed. name: the heading, "Surname, First" for a person. merged_into:
    the record that replaces this one, which was a second record of the same author. hidden_at: when
    staff took the page away, such as at the author's request; the names stay on the works.
    """

    key = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=6, choices=AuthorKind.choices, default=AuthorKind.PERSON)
    note = models.TextField(blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="duplicates"
    )
    hidden_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("pk")),
                name="author_merged_into_another",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def audit_subject(self) -> str:
        return f"author {self.key}"


class AuthorName(models.Model):
    """A name form, exactly as records have it: of one author, unless a work says otherwise."""

    author = models.ForeignKey(Author, models.PROTECT, related_name="names")
    name = models.CharField(max_length=200, unique=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class AuthorOfWork(models.Model):
    """In one work, a name means another author than it does elsewhere: two people have one name."""

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="authors_told_apart")
    name = models.CharField(max_length=200)
    author = models.ForeignKey(Author, models.PROTECT, related_name="works_told_apart")

    class Meta:
        ordering: ClassVar = ["resource", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["resource", "name"], name="one_author_of_a_name_in_a_work"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.resource_id}"


class DifferentAuthors(models.Model):
    """Two authors whom somebody found to be different, so that nobody merges them."""

    first = models.ForeignKey(Author, models.CASCADE, related_name="differs_from")
    second = models.ForeignKey(Author, models.CASCADE, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["first", "second"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["first", "second"], name="two_different_authors_once"),
            models.CheckConstraint(condition=~Q(first=F("second")), name="two_authors_differ"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} is not {self.second_id}"
