"""Reviews whose small numbers an overview protects: single facts would undo the protection."""

from collections.abc import Mapping

from waymark.overview.models import Overview, Snapshot
from waymark.overview.queries import overviews as overview
from waymark.publishing.queries.manuscripts import current_edition, edition_rows


def reviews_with_protected_numbers() -> Mapping[str, str]:
    """Reference -> overview that counts the review under a profile other than open.

    In an edition, or in the snapshot for the next. An overview whose current edition is open
    protects nothing.
    """
    protected: dict[str, str] = {}
    for source in Overview.objects.order_by("slug"):
        # An edition under open already shows every number, so single rows reveal nothing more.
        current = current_edition(source.slug)
        if current is not None and current.profile == "open":
            continue
        for snapshot in _protecting_snapshots(source):
            for reference in overview.counted_reviews(snapshot):
                protected.setdefault(reference, source.slug)
    return protected


def _protecting_snapshots(source: Overview) -> list[Snapshot]:
    """The snapshots of an overview that were or will be published under a protecting profile."""
    editions = edition_rows().filter(slug=source.slug).exclude(profile="open")
    snapshots = {edition.frozen.pk: edition.frozen for edition in editions}
    last = Snapshot.objects.filter(overview=source).order_by("-number").first()
    if last is not None and overview.decided_profile(last) != "open":
        snapshots[last.pk] = last
    return list(snapshots.values())
