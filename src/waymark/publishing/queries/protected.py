"""Reviews whose small numbers an overview protects: single facts would undo the protection."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from django.db.models import F, OuterRef, Q, Subquery

from waymark.accounts.permissions import Person, has_permission
from waymark.overview.models import Snapshot
from waymark.overview.queries import overviews as overview


def reviews_with_protected_numbers() -> Mapping[str, str]:
    """Reference -> overview that counts the review under a profile other than open.

    In an edition, or in the snapshot for the next. An overview whose current edition is open
    protects nothing.
    """
    protected: dict[str, str] = {}
    for slug, snapshot in protecting_snapshots():
        for reference in overview.counted_reviews(snapshot):
            protected.setdefault(reference, slug)
    return protected


def facts_are_withheld(reference: str, person: Person) -> bool:
    """True if the agreed facts of a review must not be told to a person: see docs/data.md."""
    if has_permission(person, "see protected numbers"):
        return False
    return any(
        reference in overview.counted_reviews(snapshot) for _, snapshot in protecting_snapshots()
    )


def closed_facts_note(snapshot: Snapshot) -> str:
    """Note that the agreed facts of the counted reviews leave the public data; "" if they do not.

    A single fact could undo the protection of the numbers.
    """
    profile = overview.decided_profile(snapshot)
    counted = overview.counted_reviews(snapshot)
    if not any(row.pk == snapshot.pk for _, row in protecting_snapshots()):
        return ""
    return (
        f"Under the profile {profile} the agreed facts of the {len(counted):,} counted"
        f" review{'s' * (len(counted) != 1)} leave the public data, pages and filters of Find, so"
        " that nobody can work out small numbers from them."
    )


def protecting_snapshots() -> Iterator[tuple[str, Snapshot]]:
    """Overview and snapshot that was or will be published under a protecting profile, by overview.

    One query, however many overviews there are: the page of each review asks for them.
    """
    newest = Snapshot.objects.filter(overview=OuterRef("overview")).order_by("-number")
    rows = (
        Snapshot.objects.defer("rows")
        .select_related("overview")
        .annotate(
            newest=Subquery(newest.values("number")[:1]),
            edition=F("publications__edition"),
            profile=F("publications__profile"),
            withdrawn_at=F("publications__withdrawn_at"),
        )
        .filter(Q(number=F("newest")) | Q(edition__isnull=False))
        .order_by("overview__slug", "edition", "number")
    )
    for slug, group in groupby(rows, key=lambda row: row.overview.slug):
        snapshots = list(group)
        published = sorted(
            (row for row in snapshots if row.edition is not None), key=lambda row: row.edition
        )
        # An edition under open already shows every number, so single rows reveal nothing more.
        if published and published[-1].withdrawn_at is None and published[-1].profile == "open":
            continue
        protecting = {row.pk: row for row in published if row.profile != "open"}
        draft = max(snapshots, key=lambda row: row.number)
        if overview.decided_profile(draft) != "open":
            protecting[draft.pk] = draft
        for snapshot in protecting.values():
            yield slug, snapshot
