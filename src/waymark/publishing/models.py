"""Models of works on their way to publication: manuscripts with texts, signatures and editions."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from waymark.core.errors import NotFound
from waymark.overview.models import Overview, Snapshot


class ManuscriptKind(models.TextChoices):
    """Kind of a published work; kinds.py has the rules of each."""

    OVERVIEW = "overview", "Overview"
    BRIEFING = "briefing", "Thematic briefing"
    GUIDE = "guide", "Guide"
    ANNUAL = "annual", "Annual report"


class Manuscript(models.Model):
    """A work of any kind: the owner of its texts, the signatures on them and its editions.

    overview: the overview that it reports on; None for works of other kinds. next_edition: when the
    next edition is expected, in words such as "June 2027"; "" if nobody has said.
    """

    kind = models.CharField(max_length=10, choices=ManuscriptKind.choices)
    slug = models.SlugField(max_length=60)
    overview = models.OneToOneField(Overview, models.PROTECT, null=True, related_name="manuscript")
    next_edition = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["kind", "slug"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "slug"], name="one_manuscript_of_a_name"),
            models.CheckConstraint(
                condition=Q(kind=ManuscriptKind.OVERVIEW, overview__isnull=False)
                | (~Q(kind=ManuscriptKind.OVERVIEW) & Q(overview=None)),
                name="manuscripts_of_overviews_alone_have_an_overview",
            ),
        ]

    def __str__(self) -> str:
        return self.audit_subject()

    def audit_subject(self) -> str:
        return f"{self.kind} {self.slug}"


class ReportVersion(models.Model):
    """Version of one text of a manuscript. It is never edited; the next version supersedes it.

    slot: name of the text; of an overview, from report_plan.slot_of, or "plan" for the plan of the
    chapters. text: Markdown as document/markdown.py reads it, or the YAML of the plan. number:
    counted from 1 in the slot. carried_from: name of the overview that it was copied from, while
    nobody has confirmed that it is true here.
    """

    manuscript = models.ForeignKey(Manuscript, models.PROTECT, related_name="versions")
    slot = models.CharField(max_length=130)
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    superseded_at = models.DateTimeField(null=True)
    carried_from = models.SlugField(max_length=60, blank=True, default="", db_index=False)

    class Meta:
        ordering: ClassVar = ["manuscript", "slot", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["manuscript", "slot", "number"], name="one_report_version_of_a_number"
            ),
            models.UniqueConstraint(
                fields=["manuscript", "slot"],
                condition=Q(superseded_at=None),
                # Two people who save at once cannot both become current, whatever the code does.
                name="one_current_report_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot}, version {self.number}"


class UnsavedText(models.Model):
    """What a person has typed into a text and not yet saved as a version; nobody else sees it.

    base: number of the version that it changes. number: grows with each change, so that an older
    window cannot overwrite a newer one.
    """

    manuscript = models.ForeignKey(Manuscript, models.PROTECT, related_name="unsaved_texts")
    slot = models.CharField(max_length=130)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    base = models.PositiveIntegerField(help_text="of the version; 0 for none")
    number = models.PositiveIntegerField(help_text="grows with each change")
    changed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["manuscript", "slot", "person"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["manuscript", "slot", "person"], name="one_unsaved_text_of_a_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot}, not saved"


class Publication(models.Model):
    """One published edition of a manuscript.

    kind, slug: of the manuscript, for the address. snapshot, profile, ledger: of an overview alone:
    the rows it counts; the disclosure profile it was protected with; what later editions must not
    undo, as history_file.py writes it, which contains withheld numbers and is never shown. pdf:
    name of the file in the publications folder: the SHA-256 of its bytes. withdrawn_at: set once;
    the row stays. report: texts and citations, as document/citations.py writes them; content: the
    signed hash of them. Both are empty in editions published before reports had chapters.
    uses_stored: its CountedPassages are stored. False for a while in an edition that an earlier
    version of the program published.
    """

    manuscript = models.ForeignKey(Manuscript, models.PROTECT, related_name="editions")
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, null=True, related_name="publications")
    kind = models.CharField(max_length=10, choices=ManuscriptKind.choices)
    slug = models.SlugField(max_length=60)
    edition = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    profile = models.CharField(max_length=10, blank=True)
    pdf = models.CharField(max_length=80)
    ledger = models.BinaryField(default=b"")
    report = models.BinaryField(default=b"")
    content = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    uses_stored = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["slug", "-edition"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "slug", "edition"], name="one_edition_of_a_number"
            ),
            models.CheckConstraint(
                condition=~Q(kind=ManuscriptKind.OVERVIEW) | Q(snapshot__isnull=False),
                name="an_edition_of_an_overview_has_a_snapshot",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug}, edition {self.edition}"

    @property
    def frozen(self) -> Snapshot:
        """Snapshot of an edition of an overview. Raises NotFound for other kinds."""
        if self.snapshot is None:
            raise NotFound(f"{self} counts no reviews: it is a {self.kind}")
        return self.snapshot


class EditionFile(models.Model):
    """File of an edition in a format besides its PDF, made once and never again.

    ending: of its name, which tells the format. content: deleted with a withdrawn edition.
    """

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="files")
    ending = models.CharField(max_length=8)
    content = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["publication", "ending"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["publication", "ending"], name="one_file_of_an_edition_in_a_format"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publication}, {self.ending}"


class EditionNoteKind(models.TextChoices):
    """Kind of a note on an edition."""

    CHANGE = "change", "What changed since the edition before"
    CORRECTION = "correction", "Correction of a mistake in this edition"


class EditionNote(models.Model):
    """Public note on an edition. It is never edited; a later note corrects it.

    text: what changed, or what is wrong and what is right. reason: why.
    """

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="notes")
    kind = models.CharField(max_length=10, choices=EditionNoteKind.choices)
    text = models.TextField()
    reason = models.TextField()
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["publication", "noted_at", "pk"]

    def __str__(self) -> str:
        return f"{self.publication}, {self.kind}"


class CountedCell(models.Model):
    """A number of an edition that links to its evidence: ids of its place, and words to name it.

    value_text: the number as the edition prints it.
    """

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="counted_cells")
    table = models.TextField()
    title = models.TextField()
    row = models.TextField()
    row_label = models.TextField()
    column = models.TextField()
    column_label = models.TextField()
    value_text = models.TextField()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.table}, {self.row}, {self.column}"


class CountedPassage(models.Model):
    """A passage behind numbers of an edition. cells: primary keys of its CountedCells, in order.

    One row for each passage and not for each pair: an edition of 10,000 reviews has a quarter of a
    million passages, and most of them stand behind several numbers.
    """

    publication = models.ForeignKey(
        Publication, models.CASCADE, related_name="counted_passages", db_index=False
    )
    key = models.CharField(max_length=60)
    cells = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            # The key comes first: a passage's page asks for one key in a few editions.
            models.UniqueConstraint(
                fields=["key", "publication"], name="one_row_of_a_passage_in_an_edition"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class SigningCapacity(models.TextChoices):
    """Role of a signer: the analyst answers for the numbers, the author for the words.

    The editor answers for publishing them; kinds.py says which of them each kind needs.
    """

    ANALYST = "analyst", "Analyst"
    AUTHOR = "author", "Author"
    EDITOR = "editor", "Editor"


class Signature(models.Model):
    """A person's signature on exactly one content of a manuscript.

    content: hash of all that is published. snapshot, profile: of an overview alone. name: of the
    person at that time. voided_at: when a text was changed afterwards; the row stays. publication:
    edition that it was used for.
    """

    manuscript = models.ForeignKey(Manuscript, models.PROTECT, related_name="signatures")
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, null=True, related_name="signatures")
    profile = models.CharField(max_length=10, blank=True)
    content = models.CharField(max_length=64)
    capacity = models.CharField(max_length=10, choices=SigningCapacity.choices)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(max_length=310)
    signed_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)
    publication = models.ForeignKey(
        Publication, models.PROTECT, null=True, related_name="signatures"
    )

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                # Void and used signatures may repeat: the same person signs the same content again
                # after a text was changed and put back, or after an edition was withdrawn.
                fields=["snapshot", "content", "signed_by"],
                condition=Q(voided_at=None, publication=None),
                name="one_open_signature_of_a_person",
            ),
            models.UniqueConstraint(
                # Apart, because no two empty snapshots are equal to a database.
                fields=["manuscript", "content", "signed_by"],
                condition=Q(voided_at=None, publication=None, snapshot=None),
                name="one_open_signature_without_a_snapshot",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} as {self.capacity}"
