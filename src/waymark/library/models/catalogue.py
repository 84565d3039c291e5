"""Records of reviews and resources, and how they are linked."""

from datetime import timedelta
from typing import ClassVar

from django.db import models

from waymark.accounts.models import Visible
from waymark.documents.models import Report, Review, TextAnchor
from waymark.library.models.thesaurus import Concept

LINK_PATIENCE = timedelta(days=7)
"""A link that has failed for shorter may be one whose server is being repaired."""


class ResourceKind(models.TextChoices):
    RESEARCH = "research-report", "Research report"
    ARTICLE = "journal-article", "Journal article"
    BOOK = "book", "Book"
    CHAPTER = "book-chapter", "Book chapter"
    THESIS = "thesis", "Thesis"
    INQUIRY = "inquiry-report", "Inquiry or official report"
    BRIEFING = "thematic-briefing", "Thematic briefing"
    GUIDANCE = "guidance", "Guidance"
    LEGISLATION = "legislation", "Legislation"
    STATISTICS = "statistics", "Statistics"
    EVALUATION = "evaluation", "Evaluation"
    TRAINING = "training-course", "Training course"
    TOOL = "tool", "Tool"
    WEB_PAGE = "web-page", "Web page"
    RECORDING = "recording", "Film or podcast"
    ANSWER = "answered-question", "Answered question"


class Resource(Visible):
    """A publication about the field, described here and published elsewhere.

    key: short and stable, used in web addresses. authors: names as printed, "Surname, First" or
    the name of a body, in order; author_bodies: those of them that are bodies. conducted_by: the
    organisations that did the work, as text. key_points: sentences.
    contents: [title, page] for each entry of its table of contents, page null where it has none.
    rights_holder, licence: whose it is and the terms of reuse, "" if unknown; licence: a short name
    of core.licences, or other terms in words. language: BCP 47. covers: the period of its figures
    or cases, in words. accessed_on: when the cataloguer last looked at a web page. series: its
    series. report_number: as printed, such as DFE-RR226 or Cm 5730. host_title, volume, issue,
    pages: of an article the journal and the place in it, of a chapter the book, edited by editors.
    place: where it was published. keywords: words of a cataloguer or another catalogue that the
    thesaurus does not have. transcript_url: of a film or podcast. link_checked_at, link_status,
    link_fault: when its address was last tried, the status of HTTP with which it answered, null
    without an answer, and what was wrong, "" if nothing; link_failed_at: since when it has failed
    each time; link_due_at: when it is tried next, null if it never was. audience: whom it is for,
    in words. starts_on, ends_on, cpd_hours: training courses only. evaluated: what was evaluated,
    setting: where; standard: how strong its evidence is, in words; with method, sample, limits and
    cost evaluations only, whose findings are the key_points.
    """

    key = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=30, choices=ResourceKind.choices)
    title = models.CharField(max_length=300)
    strapline = models.CharField(max_length=300, blank=True)
    authors = models.JSONField(default=list, blank=True)
    author_bodies = models.JSONField(default=list, blank=True)
    conducted_by = models.CharField(max_length=300, blank=True)
    publisher = models.CharField(max_length=200, blank=True, db_index=True)
    series = models.CharField(max_length=200, blank=True)
    report_number = models.CharField(max_length=60, blank=True, default="")
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    published_on = models.DateField(null=True, blank=True)
    covers = models.CharField(max_length=100, blank=True)
    nation = models.CharField(max_length=60, blank=True)
    audience = models.CharField(max_length=200, blank=True, default="")
    language = models.CharField(max_length=10, default="en")
    summary = models.TextField(blank=True)
    key_points = models.JSONField(default=list, blank=True)
    contents = models.JSONField(default=list, blank=True)
    url = models.URLField(max_length=500, blank=True)
    doi = models.CharField(max_length=100, blank=True)
    isbn = models.CharField(max_length=20, blank=True)
    rights_holder = models.CharField(max_length=200, blank=True, default="")
    licence = models.CharField(max_length=200, blank=True, default="")
    accessed_on = models.DateField(null=True, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    cpd_hours = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    evaluated = models.CharField(max_length=300, blank=True, default="")
    setting = models.CharField(max_length=300, blank=True, default="")
    method = models.TextField(blank=True, default="")
    sample = models.CharField(max_length=500, blank=True, default="")
    limits = models.TextField(blank=True, default="")
    standard = models.CharField(max_length=500, blank=True, default="")
    cost = models.CharField(max_length=300, blank=True, default="")
    editors = models.JSONField(default=list, blank=True)
    host_title = models.CharField(max_length=300, blank=True, default="")
    volume = models.CharField(max_length=40, blank=True, default="")
    issue = models.CharField(max_length=40, blank=True, default="")
    pages = models.CharField(max_length=40, blank=True, default="")
    edition = models.CharField(max_length=60, blank=True, default="")
    place = models.CharField(max_length=200, blank=True, default="")
    issn = models.CharField(max_length=20, blank=True, default="")
    keywords = models.JSONField(default=list, blank=True)
    transcript_url = models.URLField(max_length=500, blank=True, default="")
    link_checked_at = models.DateTimeField(null=True, blank=True)
    link_status = models.PositiveSmallIntegerField(null=True, blank=True)
    link_fault = models.CharField(max_length=200, blank=True, default="")
    link_failed_at = models.DateTimeField(null=True, blank=True)
    link_due_at = models.DateTimeField(null=True, blank=True)
    added_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["key"]
        indexes: ClassVar = [
            models.Index(fields=["link_failed_at"]),
            models.Index(fields=["link_due_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.title}"

    @property
    def is_link_down(self) -> bool:
        """True if its address failed twice, the second time a week or more after the first."""
        failed, checked = self.link_failed_at, self.link_checked_at
        return failed is not None and checked is not None and checked - failed >= LINK_PATIENCE

    def audit_subject(self) -> str:
        return f"resource {self.key}"

    def related_review(self) -> None:
        """No review: its record is its own."""


Publishable = Review | Report | Resource
"""A record with a publication state of its own."""


class CatalogueRecord(models.Model):
    """The library's record of exactly one review or resource.

    changed_at > indexed_at (or indexed_at null): the search index is not up to date yet.
    available_at: when the public could first find it; null until then and never changed after, so
    that a record catalogued again is not announced as new. harvest_at: when the data given to
    harvesters last changed.
    """

    review = models.OneToOneField(Review, models.CASCADE, null=True, related_name="record")
    resource = models.OneToOneField(Resource, models.CASCADE, null=True, related_name="record")
    subjects = models.ManyToManyField(Concept, related_name="records", blank=True)
    changed_at = models.DateTimeField()
    indexed_at = models.DateTimeField(null=True)
    available_at = models.DateTimeField(null=True)
    harvest_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [
            models.Index(fields=["changed_at", "indexed_at"]),
            models.Index(fields=["harvest_at"]),
            models.Index(fields=["available_at"]),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                # Two nullable keys instead of a generic relation: the database checks both.
                condition=models.Q(review__isnull=False, resource__isnull=True)
                | models.Q(review__isnull=True, resource__isnull=False),
                name="record_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"record of {self.review_id or self.resource_id}"

    @property
    def described(self) -> Review | Resource:
        """The review or resource that it describes."""
        described = self.review or self.resource
        if described is None:
            raise LookupError(f"record {self.pk} has neither a review nor a resource")
        return described

    def audit_subject(self) -> str:
        """The described record in the words of the audit log: "review R01"."""
        return self.described.audit_subject()


class RelationKind(models.TextChoices):
    RELATED = "related", "Related"
    PART_OF = "part-of", "Part of"
    REPLACES = "replaces", "Replaces"


class Relation(models.Model):
    """A link between two records. "Related" is symmetric and stored once."""

    source = models.ForeignKey(CatalogueRecord, models.CASCADE, related_name="relations")
    target = models.ForeignKey(CatalogueRecord, models.CASCADE, related_name="related_from")
    kind = models.CharField(max_length=10, choices=RelationKind.choices)

    class Meta:
        ordering: ClassVar = ["source", "kind", "target"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "target"], name="one_relation_of_a_pair"),
            models.CheckConstraint(
                condition=~models.Q(source=models.F("target")), name="no_relation_to_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"


class ReviewDetails(models.Model):
    """Catalogue data of a review that no other stage needs.

    scheme: the kind of review process, a key of builtin/schemes.yaml, which defines the statuses
    and their time limits. pseudonym: the name that the report uses for the child or family.
    keywords: uncontrolled, from an earlier catalogue. anonymous: published on behalf of a board
    that is not named; then the review's board is empty and only the deposit names it. year: of
    publication, where the day is unknown. abstract: the parts of an imported abstract, as
    exchange.abstracts.read.abstract_contents writes it: for cataloguers and coders, never counted.
    content_notes: values of ContentNote, in their order; empty if nobody has chosen any.
    rights_holder, licence: of its reports, as of a Resource.
    """

    review = models.OneToOneField(Review, models.CASCADE, related_name="details", primary_key=True)
    scheme = models.SlugField(max_length=40, blank=True)
    pseudonym = models.CharField(max_length=100, blank=True)
    period_from = models.DateField(null=True, blank=True)
    period_to = models.DateField(null=True, blank=True)
    keywords = models.JSONField(default=list, blank=True)
    anonymous = models.BooleanField(default=False)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    abstract = models.JSONField(default=dict, blank=True)
    content_notes = models.JSONField(default=list, blank=True)
    rights_holder = models.CharField(max_length=200, blank=True, default="")
    licence = models.CharField(max_length=200, blank=True, default="")

    def __str__(self) -> str:
        return f"details of {self.review_id}"


class AbstractPlace(TextAnchor):
    """A sentence of a review's abstract that appears word for word in a report.

    ordinal: its position in the abstract, counted from 0.
    """

    review = models.ForeignKey(Review, models.CASCADE, related_name="abstract_places")
    ordinal = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar = ["review", "ordinal"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "key"], name="one_abstract_place_of_a_key"),
        ]

    def __str__(self) -> str:
        return self.key


class ReviewStep(models.Model):
    """A status that a review reached, and when.

    status, decision: keys of its process; decision: "" where the status needs none. superseded_at:
    when it was withdrawn as entered wrongly; the row stays.
    """

    review = models.ForeignKey(Review, models.CASCADE, related_name="steps")
    status = models.SlugField(max_length=40)
    decision = models.SlugField(max_length=40, blank=True)
    on = models.DateField()
    reason = models.CharField(max_length=500, blank=True)
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["review", "on", "pk"]

    def __str__(self) -> str:
        return f"{self.review_id} {self.status} {self.on}"


def unindexed_records() -> models.QuerySet[CatalogueRecord]:
    """The records that the search index is not up to date with."""
    return CatalogueRecord.objects.filter(
        models.Q(indexed_at=None) | models.Q(changed_at__gt=models.F("indexed_at"))
    )
