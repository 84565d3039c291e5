"""Tables of the training: courses, and the sessions in which they are given."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class CourseState(models.TextChoices):
    """Who sees a course: staff alone, everybody, or nobody any more."""

    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Course(models.Model):
    """A course. outcomes: what people can do after it, one on each line.

    cpd_hours: hours of continuing professional development; null if it has none. price: in pounds
    for each person, 0 if it is free; null if the provider says. details: preparation, exercises,
    assessment and what follows; an empty line begins a paragraph. topics: keys of topics of the
    library. content_note: what in it may distress.
    """

    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=500)
    outcomes = models.TextField(blank=True)
    audience = models.CharField(max_length=300, blank=True)
    provider = models.CharField(max_length=200)
    provider_address = models.URLField(max_length=1_000, blank=True)
    cpd_hours = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    details = models.TextField(blank=True, default="")
    topics = models.JSONField(default=list)
    content_note = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=CourseState.choices, default=CourseState.DRAFT)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["title", "slug"]

    def __str__(self) -> str:
        return self.title

    def audit_subject(self) -> str:
        return f"course {self.slug}"

    @property
    def outcome_list(self) -> list[str]:
        return [line.strip() for line in self.outcomes.splitlines() if line.strip()]

    @property
    def price_in_words(self) -> str:
        """The price, or who to ask."""
        if self.price is None:
            return "Ask the provider"
        if not self.price:
            return "Free"
        whole = self.price == self.price.to_integral_value()
        return f"£{self.price.quantize(Decimal(1 if whole else '0.01')):,}"


class CourseSession(models.Model):
    """A meeting of a course. part: such as "Part 1 of 2"; place: "" for online alone.

    uid: its lasting name in calendars. sequence: rises with each change that calendars show, so
    that they take it over. changed_at: of that change. places: how many people; null if not said.
    """

    course = models.ForeignKey(Course, models.PROTECT, related_name="sessions")
    uid = models.CharField(max_length=200, unique=True)
    sequence = models.PositiveIntegerField(default=0)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    part = models.CharField(max_length=60, blank=True)
    place = models.CharField(max_length=300, blank=True)
    online = models.BooleanField(default=False)
    places = models.PositiveIntegerField(null=True)
    booking_link = models.URLField(max_length=1_000, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    cancellation = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["starts_at", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")), name="a_session_ends_after_its_start"
            ),
            models.CheckConstraint(
                condition=Q(online=True) | ~Q(place=""), name="a_session_is_somewhere"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course}, {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def where(self) -> str:
        """Where it is, in words."""
        if self.online:
            return f"Online and at {self.place}" if self.place else "Online"
        return self.place

    def is_over(self, now: datetime) -> bool:
        return self.ends_at <= now
