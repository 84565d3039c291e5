"""What became of an overview: the versions of its spec, and the snapshots frozen of them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from waymark.accounts.permissions import Actor, require
from waymark.core.errors import NotFound
from waymark.documents.queries import open_reviews
from waymark.overview.models import Overview, Snapshot, SpecVersion
from waymark.overview.queries import latest_version, overview_for


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an overview is. snapshot: the last one. changed: its spec is another since then."""

    overview: Overview
    version: SpecVersion
    snapshot: Snapshot | None

    @property
    def changed(self) -> bool:
        return self.snapshot is not None and self.snapshot.spec != self.version.spec

    @property
    def said(self) -> str:
        """In words."""
        if self.snapshot is None:
            return "Draft, never frozen"
        if self.changed:
            return f"Draft, changed since snapshot {self.snapshot.number}"
        return f"As frozen in snapshot {self.snapshot.number}"


def standing_of(slug: str, person: Actor) -> Standing:
    """How far an overview is. Raises NotPermitted, NotFound."""
    require(person, "analyse")
    return _standing(overview_for(slug))


def standings(person: Actor) -> list[Standing]:
    """How far every overview is, by name. Raises NotPermitted."""
    require(person, "write overviews")
    return [_standing(one) for one in Overview.objects.select_related("framework")]


def _standing(overview: Overview) -> Standing:
    last = _snapshots(overview).order_by("-number").first()
    return Standing(overview, latest_version(overview), last)


def _snapshots(overview: Overview) -> QuerySet[Snapshot]:
    """Without their rows, which may be large."""
    found = Snapshot.objects.filter(overview=overview).defer("rows")
    return found.select_related("taken_by")


def collections(person: Actor, now: datetime) -> list[tuple[str, int]]:
    """The collections of the reviews that a person may see, with how many each has. By name."""
    require(person, "analyse")
    rows = open_reviews(person, now).exclude(collection="").values_list("collection")
    return list(rows.annotate(number=Count("pk")).order_by("collection"))


@dataclass(frozen=True, slots=True)
class Frozen:
    """A snapshot in the history. version: the number of the version that it was frozen of.

    more: how many reviews more it counts than the one before it; None where that is not known.
    """

    snapshot: Snapshot
    version: int | None
    more: int | None

    @property
    def change(self) -> str:
        """Against the snapshot before it, in words."""
        if self.more is None:
            return "" if self.snapshot.number > 1 else "the first"
        if not self.more:
            return "the same number of reviews"
        return f"{abs(self.more)} {'more' if self.more > 0 else 'fewer'}"


@dataclass(frozen=True, slots=True)
class History:
    """Versions and snapshots of an overview, the newest first."""

    overview: Overview
    versions: tuple[SpecVersion, ...]
    snapshots: tuple[Frozen, ...]


def history_of(slug: str, person: Actor) -> History:
    """The history of an overview. Raises NotPermitted, NotFound."""
    require(person, "analyse")
    overview = overview_for(slug)
    versions = list(
        SpecVersion.objects.filter(overview=overview).select_related("saved_by").order_by("number")
    )
    first_of: dict[str, int] = {}
    for one in versions:
        first_of[one.spec] = one.number
    frozen: list[Frozen] = []
    before: int | None = None
    for snapshot in _snapshots(overview).order_by("number"):
        known = snapshot.reviews is not None and before is not None
        more = (snapshot.reviews or 0) - (before or 0) if known else None
        frozen.append(Frozen(snapshot, first_of.get(snapshot.spec), more))
        before = snapshot.reviews
    return History(overview, tuple(reversed(versions)), tuple(reversed(frozen)))


@dataclass(frozen=True, slots=True)
class Kept:
    """A version with the spec of the one before it, "" before the first. stands: it is the last."""

    overview: Overview
    version: SpecVersion
    before: str
    stands: bool


def version_of(slug: str, number: int, person: Actor) -> Kept:
    """One version of a spec. Raises NotPermitted, NotFound."""
    require(person, "analyse")
    overview = overview_for(slug)
    versions = SpecVersion.objects.filter(overview=overview).select_related("saved_by")
    found = versions.filter(number=number).first()
    if found is None:
        raise NotFound(f"{slug} has no version {number}")
    before = versions.filter(number=number - 1).values_list("spec", flat=True).first() or ""
    stands = not versions.filter(number__gt=number).exists()
    return Kept(overview, found, before, stands)
