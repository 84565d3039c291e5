"""Overviews: their specifications, and the frozen rows that they are counted from."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from waymark.frameworks.models import Framework


class Overview(models.Model):
    """An analysis of a set of reviews, as specified by the last of its versions."""

    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=300)
    framework = models.ForeignKey(Framework, models.PROTECT, related_name="overviews")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["slug"]

    def __str__(self) -> str:
        return self.slug

    def audit_subject(self) -> str:
        return f"overview {self.slug}"


class SpecVersion(models.Model):
    """The YAML of an overview as one person saved it: superseded by the next, never edited.

    title: from that YAML. spec: the YAML.
    """

    overview = models.ForeignKey(Overview, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(help_text="counted from 1 in the overview")
    title = models.CharField(max_length=300)
    spec = models.TextField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["overview", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["overview", "number"], name="one_version_of_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.overview_id} version {self.number}"


class Snapshot(models.Model):
    """The agreed rows at one moment: frozen, and the only source of the tables.

    rows: in the format of snapshot/file_format.py; sha256: of the rows before compression. spec:
    the YAML at that moment. code_version: of the program that froze it. reviews: number of counted
    reviews; None in snapshots of earlier versions of Waymark.
    """

    overview = models.ForeignKey(Overview, models.PROTECT, related_name="snapshots")
    number = models.PositiveIntegerField(help_text="counted from 1 in the overview")
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    spec = models.TextField()
    rows = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    code_version = models.CharField(max_length=40)
    reviews = models.PositiveIntegerField(null=True)

    class Meta:
        ordering: ClassVar = ["overview", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["overview", "number"], name="one_snapshot_of_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.overview_id} snapshot {self.number}"


class TableCheck(models.Model):
    """Check whether all tables of a version can be shown under a profile, made by a worker.

    attempts: how often a worker has begun. left_out: number of tables that cannot be shown, as far
    as it has come. done_at: None while it waits or runs. result: see
    pipeline/publishing/check_tables.py.
    content: hash of all that it was counted from. digest: of the last change in the database
    before it began.
    """

    version = models.ForeignKey(SpecVersion, models.CASCADE, related_name="table_checks")
    profile = models.CharField(max_length=10)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    result = models.JSONField(null=True)
    content = models.CharField(max_length=64, blank=True, default="")
    digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["version", "profile"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "profile"], name="one_check_of_a_version_under_a_profile"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} under {self.profile}"

    @property
    def is_done(self) -> bool:
        """True if it has a result and nobody has asked again since."""
        return self.done_at is not None

    @property
    def blocking(self) -> str:
        """ "failed": not all tables can be shown; "waiting": not known yet; "" if they can."""
        if not self.is_done or self.result is None:
            return "waiting"
        return "failed" if self.result.get("failure") or self.result.get("refused") else ""


class PreparedRelease(models.Model):
    """Protection of a snapshot under a profile, made once by a worker for all processes.

    key: hash of profile, ledger of earlier editions and version of the program. lease_until: while
    a worker makes it. content: as disclosure/protection_file.py writes it, empty until it is made.
    It has withheld numbers, is never shown, and can be made again at any time. is_refused: content
    is the reason why the numbers cannot be shown.
    """

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="prepared")
    key = models.CharField(max_length=64)
    lease_until = models.DateTimeField(null=True)
    content = models.BinaryField(default=b"")
    is_refused = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["snapshot", "key"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["snapshot", "key"], name="one_prepared_release_of_a_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.snapshot} prepared"


class OtherOverview(models.Model):
    """An overview that another body published, entered as data: facts with their source, no copy.

    year: of publication. reviews, children: how many it counts, null if it does not say. method:
    how it was made, in our words. caveats: why its numbers are not comparable with ours, one in
    each line; judged_by: who says so. record: key of its record in the library, "" for none.
    listed: everybody can see it.
    """

    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=300)
    body = models.CharField(max_length=200)
    nation = models.CharField(max_length=60, blank=True)
    period = models.CharField(max_length=60)
    year = models.PositiveSmallIntegerField(null=True)
    reviews = models.PositiveIntegerField(null=True)
    children = models.PositiveIntegerField(null=True)
    method = models.TextField(blank=True)
    caveats = models.TextField()
    judged_by = models.CharField(max_length=200)
    record = models.SlugField(max_length=120, blank=True)
    address = models.URLField(max_length=500, blank=True)
    listed = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-year", "title"]

    def __str__(self) -> str:
        return self.title

    def audit_subject(self) -> str:
        return f"other-overview {self.slug}"

    @property
    def caveat_lines(self) -> list[str]:
        """Each reason against comparing."""
        return [line for line in self.caveats.splitlines() if line]


class OtherFinding(models.Model):
    """A finding of another overview in our words, with its place. theme: id of a code, or "".

    number of base units, as printed there; null if the finding is in words. page: as printed.
    """

    overview = models.ForeignKey(OtherOverview, models.CASCADE, related_name="findings")
    theme = models.CharField(max_length=80, blank=True)
    text = models.CharField(max_length=400)
    page = models.CharField(max_length=40, blank=True)
    number = models.DecimalField(max_digits=9, decimal_places=1, null=True)
    base = models.PositiveIntegerField(null=True)
    unit = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering: ClassVar = ["overview", "pk"]

    def __str__(self) -> str:
        return self.text
