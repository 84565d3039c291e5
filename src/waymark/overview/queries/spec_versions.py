"""History of an overview: versions of its specification, and snapshots frozen from them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Count, OuterRef, QuerySet, Subquery

from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import NotFound
from waymark.documents.queries.reader import open_reviews
from waymark.overview.models import Overview, Snapshot, SpecVersion
from waymark.overview.queries.overviews import latest_version, overview_for

Row = TypeVar("Row", SpecVersion, Snapshot)


@dataclass(frozen=True, slots=True)
class OverviewState:
    """State of an overview. snapshot: the last. changed: its specification changed since then."""

    overview: Overview
    version: SpecVersion
    snapshot: Snapshot | None

    @property
    def changed(self) -> bool:
        return self.snapshot is not None and self.snapshot.spec != self.version.spec

    @property
    def in_words(self) -> str:
        """The state in words."""
        if self.snapshot is None:
            return "Draft, not frozen yet"
        if self.changed:
            return f"Draft, changed since snapshot {self.snapshot.number}"
        return f"As frozen in snapshot {self.snapshot.number}"


def overview_state(slug: str, person: Actor) -> OverviewState:
    """The state of an overview. Raises NotPermitted, NotFound."""
    require_permission(person, "analyse")
    return _state_of(overview_for(slug))


def state_of_overview(overview: Overview, person: Actor) -> OverviewState:
    """The state of an overview, for those who write it. Raises NotPermitted."""
    require_permission(person, "write overviews")
    return _state_of(overview)


def overview_states(person: Actor) -> list[OverviewState]:
    """The state of every overview, by name. Raises NotPermitted."""
    require_permission(person, "write overviews")
    overviews = list(Overview.objects.select_related("framework"))
    versions = _last_of_each(SpecVersion.objects.select_related("saved_by"))
    snapshots = _last_of_each(Snapshot.objects.defer("rows").select_related("taken_by", "overview"))
    return [
        OverviewState(overview, versions[overview.pk], snapshots.get(overview.pk))
        for overview in overviews
    ]


def _last_of_each(rows: QuerySet[Row]) -> dict[int, Row]:
    """Primary key of an overview -> the last of its rows, which are numbered: one query."""
    last = rows.model._default_manager.filter(overview=OuterRef("overview")).order_by("-number")
    return {row.overview_id: row for row in rows.filter(pk=Subquery(last.values("pk")[:1]))}


def _state_of(overview: Overview) -> OverviewState:
    last = _snapshots_without_rows(overview).order_by("-number").first()
    return OverviewState(overview, latest_version(overview), last)


def _snapshots_without_rows(overview: Overview) -> QuerySet[Snapshot]:
    """Snapshots without their rows, which may be large."""
    snapshots = Snapshot.objects.filter(overview=overview).defer("rows")
    return snapshots.select_related("taken_by")


def visible_collections(person: Actor, now: datetime) -> list[tuple[str, int]]:
    """Collections of the reviews that a person may see, by name, with the number of reviews."""
    require_permission(person, "analyse")
    rows = open_reviews(person, now).exclude(collection="").values_list("collection")
    return list(rows.annotate(number=Count("pk")).order_by("collection"))


@dataclass(frozen=True, slots=True)
class FrozenSnapshot:
    """A snapshot in the history. version: the number of the version it was frozen from.

    more: the change in counted reviews since the snapshot before; None if not known.
    """

    snapshot: Snapshot
    version: int | None
    more: int | None

    @property
    def change(self) -> str:
        """The change since the snapshot before, in words."""
        if self.more is None:
            return "" if self.snapshot.number > 1 else "the first"
        if not self.more:
            return "the same number of reviews"
        return f"{abs(self.more)} {'more' if self.more > 0 else 'fewer'}"


@dataclass(frozen=True, slots=True)
class OverviewHistory:
    """Versions and snapshots of an overview, the newest first."""

    overview: Overview
    versions: tuple[SpecVersion, ...]
    snapshots: tuple[FrozenSnapshot, ...]


def overview_history(slug: str, person: Actor) -> OverviewHistory:
    """The history of an overview. Raises NotPermitted, NotFound."""
    require_permission(person, "analyse")
    overview = overview_for(slug)
    versions = list(
        SpecVersion.objects.filter(overview=overview).select_related("saved_by").order_by("number")
    )
    version_numbers: dict[str, int] = {}
    for version in versions:
        # A specification that was restored has two versions: the snapshot belongs to the later one.
        version_numbers[version.spec] = version.number
    frozen: list[FrozenSnapshot] = []
    before: int | None = None
    for snapshot in _snapshots_without_rows(overview).order_by("number"):
        known = snapshot.reviews is not None and before is not None
        more = (snapshot.reviews or 0) - (before or 0) if known else None
        frozen.append(FrozenSnapshot(snapshot, version_numbers.get(snapshot.spec), more))
        before = snapshot.reviews
    return OverviewHistory(overview, tuple(reversed(versions)), tuple(reversed(frozen)))


@dataclass(frozen=True, slots=True)
class ComparedVersion:
    """A version. before: the specification before it, "" for the first. is_latest: the last."""

    overview: Overview
    version: SpecVersion
    before: str
    is_latest: bool


def compared_version(slug: str, number: int, person: Actor) -> ComparedVersion:
    """One version of a specification. Raises NotPermitted, NotFound."""
    require_permission(person, "analyse")
    overview = overview_for(slug)
    versions = SpecVersion.objects.filter(overview=overview).select_related("saved_by")
    version = versions.filter(number=number).first()
    if version is None:
        raise NotFound(f"{slug} has no version {number}")
    before = versions.filter(number=number - 1).values_list("spec", flat=True).first() or ""
    is_latest = not versions.filter(number__gt=number).exists()
    return ComparedVersion(overview, version, before, is_latest)
