"""Models of facts about reviews and children: judgements are superseded, never edited."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from waymark.documents.models import Review, TextAnchor
from waymark.frameworks.models import Basis, Variable


class PersonInReview(models.Model):
    """Person in a review. name: as in the report, such as "Mother", never a real name.

    number: counted from 1 in the review. withdrawn_at: when the coder withdrew the person and no
    other coder describes them.
    """

    # The level of the variables about such a person.
    LEVEL: ClassVar[str]

    number = models.PositiveSmallIntegerField(help_text="counted from 1 in the review")
    name = models.CharField(max_length=60)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Child(PersonInReview):
    """Child in a review."""

    LEVEL = "child"

    review = models.ForeignKey(Review, models.PROTECT, related_name="children")

    class Meta:
        ordering: ClassVar = ["review", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "number"], name="one_child_of_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.review_id}/{self.number}"


class Adult(PersonInReview):
    """Adult in a review."""

    LEVEL = "adult"

    review = models.ForeignKey(Review, models.PROTECT, related_name="adults")

    class Meta:
        ordering: ClassVar = ["review", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "number"], name="one_adult_of_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.review_id}/adult {self.number}"


class DescribedPerson(models.Model):
    """A child or adult as one coder describes them; hidden from the others until all finish."""

    coder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    child = models.ForeignKey(Child, models.PROTECT, null=True, related_name="descriptions")
    adult = models.ForeignKey(Adult, models.PROTECT, null=True, related_name="descriptions")
    name = models.CharField(max_length=60)
    described_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["child__number", "adult__number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["coder", "child"], name="one_description_of_a_child"),
            models.UniqueConstraint(fields=["coder", "adult"], name="one_description_of_an_adult"),
            models.CheckConstraint(
                condition=Q(child=None) ^ Q(adult=None), name="description_of_one_person"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Judgement(models.Model):
    """One coder's value of one variable, for a review or for one child or adult of it.

    value: a value of the variable's list, or several as "learning, hearing"; a year as "2003"; an
    age in whole months as "5".
    child, adult: null for variables of a review.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="judgements")
    child = models.ForeignKey(Child, models.PROTECT, null=True, related_name="judgements")
    adult = models.ForeignKey(Adult, models.PROTECT, null=True, related_name="judgements")
    variable = models.ForeignKey(Variable, models.PROTECT, related_name="judgements")
    coder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    value = models.CharField(max_length=500)
    memo = models.TextField(blank=True)
    decided_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["review", "child", "variable"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["review", "variable", "coder"],
                condition=Q(superseded_at=None, child=None, adult=None),
                name="one_current_judgement_of_a_review",
            ),
            models.UniqueConstraint(
                fields=["adult", "variable", "coder"],
                condition=Q(superseded_at=None, adult__isnull=False),
                name="one_current_judgement_of_an_adult",
            ),
            models.CheckConstraint(
                condition=Q(child=None) | Q(adult=None), name="judgement_of_one_person"
            ),
            models.UniqueConstraint(
                fields=["child", "variable", "coder"],
                condition=Q(superseded_at=None, child__isnull=False),
                name="one_current_judgement_of_a_child",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variable_id} of {self.review_id}: {self.value}"


class JudgementQuote(TextAnchor):
    """Quotation that supports a judgement."""

    judgement = models.ForeignKey(Judgement, models.PROTECT, related_name="quotes")

    class Meta:
        ordering: ClassVar = ["report", "start"]

    def __str__(self) -> str:
        return self.key


class GroupAnswer(models.Model):
    """One act by which a coder answered the open questions of a group with "not mentioned"."""

    coder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    review = models.ForeignKey(Review, models.PROTECT, related_name="+")
    group = models.CharField(max_length=60)
    judgements = models.ManyToManyField(Judgement, related_name="+")
    answered_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-answered_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.group} of {self.review_id}"


class AgreedJudgement(models.Model):
    """Agreed value of a variable; overviews read only this layer.

    judgements: of the coders, whose quotes support it. A computed variable has the row that its
    source has, with its own value.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="agreed_judgements")
    child = models.ForeignKey(Child, models.PROTECT, null=True, related_name="agreed_judgements")
    adult = models.ForeignKey(Adult, models.PROTECT, null=True, related_name="agreed_judgements")
    variable = models.ForeignKey(Variable, models.PROTECT, related_name="agreed")
    value = models.CharField(max_length=500)
    basis = models.CharField(max_length=12, choices=Basis.choices)
    reason = models.TextField(blank=True)
    judgements = models.ManyToManyField(Judgement, related_name="agreed_in")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["review", "child", "variable"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["review", "variable"],
                condition=Q(superseded_at=None, child=None, adult=None),
                name="one_agreed_judgement_of_a_review",
            ),
            models.UniqueConstraint(
                fields=["adult", "variable"],
                condition=Q(superseded_at=None, adult__isnull=False),
                name="one_agreed_judgement_of_an_adult",
            ),
            models.UniqueConstraint(
                fields=["child", "variable"],
                condition=Q(superseded_at=None, child__isnull=False),
                name="one_agreed_judgement_of_a_child",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variable_id} of {self.review_id}: {self.value}"
