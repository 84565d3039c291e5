"""Bodies: boards, agencies and other organisations, with their names and what became of them."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class BodyKind(models.TextChoices):
    BOARD = "board", "Safeguarding board, partnership or committee"
    SOCIAL_CARE = "social-care", "Social care"
    HEALTH = "health", "Health"
    EDUCATION = "education", "Education"
    POLICE = "police", "Police"
    JUSTICE = "justice", "Courts, probation and youth justice"
    GOVERNMENT = "government", "Government"
    REGULATOR = "regulator", "Inspectorate or regulator"
    VOLUNTARY = "voluntary", "Voluntary organisation"
    PROFESSIONAL = "professional", "Professional body"
    OTHER = "other", "Other"


class Body(models.Model):
    """A board, agency or organisation. key: in addresses, never changed.

    begins_on, ends_on: when it existed, null if that is not known. merged_into: the record that
    replaces this one, which was a second record of the same body. listed: staff made its record
    public; a body that was not listed is public where a public review or recommendation names it.
    """

    key = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=BodyKind.choices, default=BodyKind.OTHER)
    nation = models.CharField(max_length=60, blank=True)
    begins_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)
    listed = models.BooleanField(default=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="duplicates"
    )
    added_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        verbose_name_plural = "bodies"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("pk")), name="merged_into_another"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def audit_subject(self) -> str:
        return f"body {self.key}"


class BodyName(models.Model):
    """A name of a body, exactly as reviews and recommendations write it: of one body only.

    from_on, until_on: when the body had this name, null if that is not known.
    """

    body = models.ForeignKey(Body, models.PROTECT, related_name="names")
    name = models.CharField(max_length=200, unique=True)
    from_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["from_on", "name"]

    def __str__(self) -> str:
        return self.name


class BodyIdentifier(models.Model):
    """Identifier of a body in another register, such as a charity number."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="identifiers")
    scheme = models.CharField(max_length=60)
    value = models.CharField(max_length=100)

    class Meta:
        ordering: ClassVar = ["scheme", "value"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scheme", "value"], name="one_body_of_an_identifier"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.value}"


class SuccessionKind(models.TextChoices):
    REPLACED = "replaced", "Replaced by"
    MERGED = "merged", "Merged into"
    SPLIT = "split", "Split into"


class BodySuccession(models.Model):
    """A body took over from an earlier one. on: the day, null if it is not known."""

    earlier = models.ForeignKey(Body, models.PROTECT, related_name="successions")
    later = models.ForeignKey(Body, models.PROTECT, related_name="predecessions")
    kind = models.CharField(max_length=8, choices=SuccessionKind.choices)
    on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["on", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["earlier", "later"], name="one_succession_of_two"),
            models.CheckConstraint(
                condition=~Q(earlier=F("later")), name="succession_of_two_bodies"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.earlier_id} {self.kind} {self.later_id}"
