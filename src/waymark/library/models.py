"""The catalogue: one record for each review and each resource, what they are about, what became
of them.

Whoever may see the review or resource may see its record. Everything here is written by the
services of this stage alone.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models

from waymark.accounts.models import Visible
from waymark.documents.models import Anchored, Report, Review


class ResourceKind(models.TextChoices):
    RESEARCH = "research-report", "Research report"
    BRIEFING = "thematic-briefing", "Thematic briefing"
    GUIDANCE = "guidance", "Guidance"
    STATISTICS = "statistics", "Statistics"
    EVALUATION = "evaluation", "Evaluation"
    TRAINING = "training-course", "Training course"
    TOOL = "tool", "Tool"
    WEB_PAGE = "web-page", "Web page"


class Resource(Visible):
    """A publication about the field, described here and kept elsewhere: the record links to it.

    key: short and stable, used in addresses. authors: names as printed on it, "Surname, First",
    in order; conducted_by: the bodies that did the work, as a sentence names them. key_points:
    sentences. contents: [title, page] for each entry of its contents list, page null where it has
    none. language: BCP 47. covers: the time that its figures or cases are from, in words.
    accessed_on: when whoever catalogued a web page last looked at it. starts_on, ends_on,
    cpd_hours: of a training course alone.
    """

    key = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=30, choices=ResourceKind.choices)
    title = models.CharField(max_length=300)
    strapline = models.CharField(max_length=300, blank=True)
    authors = models.JSONField(default=list, blank=True)
    conducted_by = models.CharField(max_length=300, blank=True)
    publisher = models.CharField(max_length=200, blank=True)
    series = models.CharField(max_length=200, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    published_on = models.DateField(null=True, blank=True)
    covers = models.CharField(max_length=100, blank=True)
    nation = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=10, default="en")
    summary = models.TextField(blank=True)
    key_points = models.JSONField(default=list, blank=True)
    contents = models.JSONField(default=list, blank=True)
    url = models.URLField(max_length=500, blank=True)
    doi = models.CharField(max_length=100, blank=True)
    isbn = models.CharField(max_length=20, blank=True)
    accessed_on = models.DateField(null=True, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    cpd_hours = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    added_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["key"]

    def __str__(self) -> str:
        return f"{self.key}: {self.title}"


class ThesaurusScheme(models.Model):
    """What is said of the thesaurus as a whole: one row. base: how the address of each of its
    concepts begins, before the key. language: of definitions and of the names shown here.
    version: another with each change, so that what was read of the thesaurus can be kept."""

    address = models.CharField(max_length=300)
    base = models.CharField(max_length=300)
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    creator = models.CharField(max_length=200, blank=True)
    licence = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=10, default="en")
    version = models.CharField(max_length=32, default="")

    def __str__(self) -> str:
        return self.title


class Concept(models.Model):
    """A subject of the thesaurus (SKOS). key: the last part of its address.

    broader: its wider concepts; related: neither wider nor narrower, both ways. ended: kept for
    the records that carry it, no longer offered. replaced_by: what an ended one was merged into.
    """

    key = models.SlugField(max_length=80, unique=True)
    definition = models.TextField(blank=True)
    scope_note = models.TextField(blank=True)
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


class Label(models.Model):
    """A name of a concept. At most one preferred name in a language; hidden: misspellings,
    found by but never shown."""

    concept = models.ForeignKey(Concept, models.CASCADE, related_name="labels")
    kind = models.CharField(max_length=12, choices=LabelKind.choices)
    language = models.CharField(max_length=10, default="en")
    text = models.CharField(max_length=120, db_index=True)

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


class CatalogueRecord(models.Model):
    """The library's record of a review or of a resource: exactly one of the two.

    changed_at > indexed_at (or indexed_at null) means the search index still has to follow.
    available_at: when the public could first find it; null until then, never changed after, so
    that what is catalogued again is not announced as new. harvest_at: when what harvesters are
    told of it last changed.
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
                condition=models.Q(review__isnull=False, resource__isnull=True)
                | models.Q(review__isnull=True, resource__isnull=False),
                name="record_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"record of {self.review_id or self.resource_id}"


class RelationKind(models.TextChoices):
    RELATED = "related", "Related"
    PART_OF = "part-of", "Part of"
    REPLACES = "replaces", "Replaces"


class Relation(models.Model):
    """That a record has to do with another. Related holds both ways and is kept once."""

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
    """What the catalogue says of a review beyond what every stage needs.

    scheme: the kind of process, by its key in the data of schemes, which says the statuses and
    how long each step may take. pseudonym: what the report calls the child or family. keywords:
    as an earlier catalogue gave them, uncontrolled. anonymous: published on behalf of a board that
    is not named; then the review's board is empty and only the deposit knows it. year: in which it
    was published, where no day is known. abstract: what an imported abstract said, part by part, as
    exchange.abstracts.said_of writes it: for those who catalogue and code, never counted.
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

    def __str__(self) -> str:
        return f"details of {self.review_id}"


class AbstractPlace(Anchored):
    """A sentence of a review's abstract that stands word for word in a report.

    ordinal: its place in the abstract, counted from 0.
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

    status, decision: as its scheme names them; decision: "" where the status takes none.
    superseded_at: when it was taken back as entered wrongly; the row stays.
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


class Retention(models.Model):
    """For how long the file of a report may be had. until: the first day on which it may not.

    legal_hold: nothing happens on that day while it is set; hold_reason says why.
    """

    report = models.OneToOneField(
        Report, models.CASCADE, related_name="retention", primary_key=True
    )
    until = models.DateField(null=True, blank=True, db_index=True)
    legal_hold = models.BooleanField(default=False)
    hold_reason = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.report_id} until {self.until}"


class RemovalKind(models.TextChoices):
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"


class Removal(models.Model):
    """That something which was public went, as its tombstone tells it.

    report: the report that went, null where the whole record did. reason: for the public, without
    what identifies anybody. title: as the tombstone names it; a neutral one. successor: the record
    to look at instead. undone_at: when it was put back; the row stays.
    """

    record = models.ForeignKey(CatalogueRecord, models.CASCADE, related_name="removals")
    report = models.ForeignKey(Report, models.CASCADE, null=True, related_name="removals")
    kind = models.CharField(max_length=10, choices=RemovalKind.choices)
    at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)
    title = models.CharField(max_length=300)
    successor = models.ForeignKey(
        CatalogueRecord, models.SET_NULL, null=True, related_name="successor_of"
    )
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.record_id} {self.kind}"


class DepositState(models.TextChoices):
    RECEIVED = "received", "Received"
    IN_CHECK = "in_check", "In check"
    RETURNED = "returned", "Returned"
    PUBLISHED = "published", "Published"


class Deposit(models.Model):
    """A report that a board sent for the repository, and what became of it.

    reference: what the board is told, for its letters. batch: of the intake that holds the files.
    Copyright stays with the board; rights: what it said of its right to have it published.
    anonymous: publish on behalf of a board that is not named. available_years: for how long the
    file may be had. Seen by staff alone.
    """

    reference = models.CharField(max_length=20, unique=True)
    board = models.CharField(max_length=200)
    contact_name = models.CharField(max_length=200)
    contact_email = models.EmailField()
    title = models.CharField(max_length=300)
    note = models.TextField(blank=True)
    rights = models.CharField(max_length=300)
    anonymous = models.BooleanField(default=False)
    embargo_until = models.DateField(null=True, blank=True)
    available_years = models.PositiveSmallIntegerField(default=5)
    batch = models.CharField(max_length=32, db_index=True)
    state = models.CharField(
        max_length=10, choices=DepositState.choices, default=DepositState.RECEIVED
    )
    review = models.ForeignKey(Review, models.SET_NULL, null=True, related_name="deposits")
    returned_because = models.TextField(blank=True)
    received_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["-received_at", "-pk"]

    def __str__(self) -> str:
        return self.reference


class DepositMade(models.Model):
    """That a deposit was made, kept for a day so that nobody makes too many.

    origin, mailbox: keyed hashes of where the request came from and of the e-mail address given.
    """

    origin = models.CharField(max_length=64)
    mailbox = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"deposit at {self.at:%Y-%m-%d %H:%M}"


class Letter(models.Model):
    """An e-mail to be sent, and whether it was: written with what it tells of, sent by the worker.

    key: what it is about, so that it is written once. message_id: fixed when it is written, so
    that a letter sent twice because a process died in between is recognised as one. lease_until:
    until when nobody else may send it: a worker holds it, or it is to be tried again then. failed:
    what went wrong last; with no lease_until, nothing more is tried until staff say so.
    """

    key = models.CharField(max_length=100, unique=True)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    message_id = models.CharField(max_length=200)
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    failed = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["written_at", "pk"]
        indexes: ClassVar = [models.Index(fields=["sent_at", "lease_until"])]

    def __str__(self) -> str:
        return self.key


class SavedSearch(models.Model):
    """A search that a person keeps. tree: as tree.to_json() writes it, null where everything is
    asked for; filters: facet -> values. broaden: whether it also searches the names that the
    thesaurus has for what was typed: what was typed is kept, not what it is broadened to."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_searches"
    )
    name = models.CharField(max_length=120)
    tree = models.JSONField(null=True)
    filters = models.JSONField(default=dict)
    sort = models.CharField(max_length=12, default="relevance")
    broaden = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["person", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "name"], name="one_saved_search_of_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ImportState(models.TextChoices):
    PROPOSED = "proposed", "To be looked at"
    DONE = "done", "Done"
    UNDONE = "undone", "Undone"


class Import(models.Model):
    """Records that came together from another catalogue, and what became of each.

    key: for addresses. source: name of the file, or address of the harvested catalogue. content:
    the file, only while somebody looks at what it would bring. report: what was told when it was
    done, as imports.report writes it.
    """

    key = models.SlugField(max_length=20, unique=True)
    source = models.CharField(max_length=500)
    format = models.SlugField(max_length=20)
    sha256 = models.CharField(max_length=64, blank=True)
    content = models.BinaryField(null=True)
    state = models.CharField(
        max_length=10, choices=ImportState.choices, default=ImportState.PROPOSED
    )
    report = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.source} ({self.key})"


class ImportedRecord(models.Model):
    """That a record came with an import. place: where it stood there, as "line 12".

    identity: of the record at its source (SHA-256), by which it is known when it comes again;
    content: SHA-256 of what was said of it. changed_at: of the record, just after it was made.
    """

    batch = models.ForeignKey(Import, models.CASCADE, related_name="records")
    record = models.OneToOneField(CatalogueRecord, models.CASCADE, related_name="came_with")
    place = models.CharField(max_length=60)
    identity = models.CharField(max_length=64, unique=True)
    content = models.CharField(max_length=64)
    changed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["batch", "pk"]

    def __str__(self) -> str:
        return f"{self.place} of {self.batch_id}"


def to_do() -> models.QuerySet[CatalogueRecord]:
    """The records that the index still has to follow."""
    return CatalogueRecord.objects.filter(
        models.Q(indexed_at=None) | models.Q(changed_at__gt=models.F("indexed_at"))
    )
