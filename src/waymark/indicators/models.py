"""Tables of the indicators: what they measure, their values with all revisions, and their imports.

Values are appended. A value that was replaced keeps its row, with the moment at which it was
replaced, so that what held on a day can be shown for ever.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from waymark.indicators.areas import LEVELS, NATIONS
from waymark.indicators.cells import MARKERS, IndicatorCell, plain_value, shown_value
from waymark.indicators.contact_terms import CHANNELS
from waymark.indicators.contact_terms import TOPICS as CONTACT_TOPICS
from waymark.indicators.mapping import UNITS
from waymark.indicators.periods import PERIOD_TYPES, Period

PERSON = settings.AUTH_USER_MODEL


class IndicatorState(models.TextChoices):
    """Who sees an indicator: staff alone, everybody, or nobody any more."""

    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Comparability(models.TextChoices):
    """If the values of the four nations can be compared, by somebody who can judge that."""

    NOT_ASSESSED = "not-assessed", "Nobody has assessed this"
    NO = "no", "Not comparable"
    PARTLY = "partly", "Comparable with care"
    YES = "yes", "Comparable"


class Indicator(models.Model):
    """An indicator. title: its finding; name: what it measures, without a finding.

    topics: keys of topics of the library; overviews: names of those that show it as context.
    cautions: one on each line. comparability_by: who says if nations are comparable, with the
    address where they do.
    """

    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=300)
    name = models.CharField(max_length=300)
    topics = models.JSONField(default=list)
    overviews = models.JSONField(default=list)
    definition = models.TextField()
    cautions = models.TextField(blank=True)
    comparability = models.CharField(
        max_length=12, choices=Comparability.choices, default=Comparability.NOT_ASSESSED
    )
    comparability_note = models.TextField(blank=True)
    comparability_by = models.CharField(max_length=200, blank=True)
    comparability_address = models.URLField(max_length=1_000, blank=True)
    state = models.CharField(
        max_length=10, choices=IndicatorState.choices, default=IndicatorState.DRAFT
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["name", "slug"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(comparability=Comparability.NOT_ASSESSED) | ~Q(comparability_by=""),
                name="somebody_says_if_nations_are_comparable",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def audit_subject(self) -> str:
        return f"indicator {self.slug}"

    @property
    def caution_list(self) -> list[str]:
        return [line.strip() for line in self.cautions.splitlines() if line.strip()]


class IndicatorMeasure(models.Model):
    """A column of an indicator, for one breakdown. key: lasting name in addresses.

    words: what is counted, such as "children". position: in the order of the file.
    """

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="measures")
    key = models.CharField(max_length=200)
    label = models.CharField(max_length=300)
    breakdown = models.CharField(max_length=300, blank=True)
    unit = models.CharField(max_length=8, choices=tuple(UNITS.items()))
    words = models.CharField(max_length=100, blank=True)
    period_type = models.CharField(max_length=10, choices=tuple(PERIOD_TYPES.items()))
    position = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["indicator", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["indicator", "key"], name="one_measure_of_a_key"),
        ]

    def __str__(self) -> str:
        return self.label


class StatisticalArea(models.Model):
    """A nation, region or local area, by its code of the Office for National Statistics."""

    code = models.CharField(max_length=9, unique=True)
    name = models.CharField(max_length=200)
    level = models.CharField(max_length=10, choices=tuple(LEVELS.items()))
    nation = models.CharField(max_length=20, choices=tuple(NATIONS.items()))
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="parts")

    class Meta:
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.name


class StatisticalSource(models.Model):
    """Where values come from. licence: a short name such as OGL-UK-3.0, or the terms in words.

    note: what is not certain, such as a licence that nobody has confirmed.
    """

    title = models.CharField(max_length=300)
    publisher = models.CharField(max_length=200, blank=True)
    address = models.URLField(max_length=1_000, blank=True)
    licence = models.CharField(max_length=200, blank=True)
    published = models.DateField(null=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.title


class NationPanel(models.Model):
    """What one nation's part of an indicator says. finding: its title.

    measure: shown in its chart; null if there are no values: absence then says why. counting: how
    this nation counts.
    """

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="panels")
    nation = models.CharField(max_length=20, choices=tuple(NATIONS.items()))
    finding = models.CharField(max_length=200, blank=True)
    measure = models.ForeignKey(IndicatorMeasure, models.PROTECT, null=True, related_name="+")
    counting = models.TextField(blank=True)
    absence = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["indicator", "nation"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["indicator", "nation"], name="one_panel_of_a_nation"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.slug}, {self.get_nation_display()}"


class SeriesBreak(models.Model):
    """A day from which values are counted otherwise. nation: "" for all of them."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="breaks")
    nation = models.CharField(max_length=20, choices=tuple(NATIONS.items()), blank=True)
    starts = models.DateField()
    note = models.CharField(max_length=300)

    class Meta:
        ordering: ClassVar = ["indicator", "starts"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["indicator", "nation", "starts"], name="one_break_of_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts}: {self.note}"


class SavedMapping(models.Model):
    """A mapping that is run again on the next release. text: as YAML."""

    name = models.SlugField(max_length=60, unique=True)
    text = models.TextField()
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    def audit_subject(self) -> str:
        return f"indicator mapping {self.name}"


class IndicatorImport(models.Model):
    """A file and what it changed. content: only until it is imported; mapping: as YAML.

    refused: row, column and reason of each row that was not stored. imported_at: null for a file
    that is only previewed.
    """

    file = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(null=True)
    mapping = models.TextField()
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True, related_name="imports")
    rows = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    revised = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.JSONField(default=list)
    received_at = models.DateTimeField()
    imported_at = models.DateTimeField(null=True)
    by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return self.file

    def audit_subject(self) -> str:
        return f"file of statistics {self.sha256[:12]}"


class IndicatorValue(models.Model):
    """A value as it was from a day on. value: null where a marker stands for it.

    decimals: digits after the point as the source printed them. revision: from 1. holds_from: the
    UK day of recorded_at. superseded_at: when a later revision replaced it. reason: of a
    correction by hand.
    """

    measure = models.ForeignKey(IndicatorMeasure, models.PROTECT, related_name="values")
    area = models.ForeignKey(StatisticalArea, models.PROTECT, related_name="values")
    period_start = models.DateField()
    period_end = models.DateField()
    value = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    decimals = models.PositiveSmallIntegerField(default=0)
    marker = models.CharField(max_length=4, choices=tuple(MARKERS.items()), blank=True)
    note = models.CharField(max_length=500, blank=True)
    source = models.ForeignKey(StatisticalSource, models.PROTECT, related_name="values")
    file = models.ForeignKey(IndicatorImport, models.PROTECT, null=True, related_name="values")
    row = models.PositiveIntegerField(null=True, help_text="of the file")
    revision = models.PositiveIntegerField(default=1)
    holds_from = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    superseded_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["measure", "area", "period_start", "revision"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["measure", "area", "period_start", "period_end", "revision"],
                name="one_value_of_a_revision",
            ),
            models.UniqueConstraint(
                fields=["measure", "area", "period_start", "period_end"],
                condition=Q(superseded_at=None),
                name="one_current_value",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False) | ~Q(marker=""),
                name="a_value_or_a_marker",
            ),
            models.CheckConstraint(
                condition=Q(period_start__lte=F("period_end")), name="a_period_has_an_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.area} {self.period.key}: {self.shown}"

    @property
    def period(self) -> Period:
        return Period(self.period_start, self.period_end)

    @property
    def cell(self) -> IndicatorCell:
        return IndicatorCell(self.value, self.decimals, self.marker)

    @property
    def shown(self) -> str:
        return shown_value(self.value, self.decimals, self.marker)

    @property
    def plain(self) -> str:
        return plain_value(self.value, self.decimals, self.marker)


class LoggedContact(models.Model):
    """A contact of a helpline: when, what about, by which way, referred or not; and nobody.

    note: no name and nothing else that may identify a person; the service refuses it.
    """

    day = models.DateField()
    topic = models.CharField(max_length=20, choices=tuple(CONTACT_TOPICS.items()))
    channel = models.CharField(max_length=10, choices=tuple(CHANNELS.items()))
    referred = models.BooleanField()
    note = models.CharField(max_length=200, blank=True)
    logged_at = models.DateTimeField()
    logged_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["-day", "-pk"]
        indexes: ClassVar = [models.Index(fields=["day"], name="contacts_by_day")]

    def __str__(self) -> str:
        return f"{self.day}, {self.get_topic_display()}"

    def audit_subject(self) -> str:
        return f"contact {self.pk}"


class ContactHighlight(models.Model):
    """Protected counts of the contacts of a financial year, as they were published.

    starts: 1 April. tables: as contact_counts.ContactHighlightTables writes them. A year is counted
    once: two counts of it could be subtracted.
    """

    starts = models.DateField(unique=True)
    tables = models.JSONField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-starts"]

    def __str__(self) -> str:
        return f"contacts of {self.year}"

    def audit_subject(self) -> str:
        return f"contacts of {self.year}"

    @property
    def year(self) -> str:
        """Such as 2025-26."""
        return f"{self.starts.year}-{(self.starts.year + 1) % 100:02}"
