"""Reviews whose coded facts would undo the protection of an overview that counts them."""

from collections.abc import Mapping

from waymark.accounts.permissions import Actor, has_permission
from waymark.overview.models import Overview, Snapshot
from waymark.overview.queries import overviews as overview
from waymark.publishing.queries.manuscripts import current_edition, edition_rows


def withheld_reviews(person: Actor) -> Mapping[str, str]:
    """Reference -> overview, for reviews whose facts a person may not have row by row.

    The overview counts them under a profile other than open, in an edition or in the snapshot for
    the next. An overview whose current edition is open withholds nothing.
    """
    if has_permission(person, "see protected numbers"):
        return {}
    withheld_by: dict[str, str] = {}
    for source in Overview.objects.order_by("slug"):
        # An edition under open already shows every number, so single rows reveal nothing more.
        current = current_edition(source.slug)
        if current is not None and current.profile == "open":
            continue
        for snapshot in _protecting_snapshots(source):
            for reference in overview.counted_reviews(snapshot):
                withheld_by.setdefault(reference, source.slug)
    return withheld_by


def _protecting_snapshots(source: Overview) -> list[Snapshot]:
    """The snapshots of an overview that were or will be published under a protecting profile."""
    editions = edition_rows().filter(slug=source.slug).exclude(profile="open")
    snapshots = {edition.frozen.pk: edition.frozen for edition in editions}
    last = Snapshot.objects.defer("rows").filter(overview=source).order_by("-number").first()
    if last is not None and overview.decided_profile(last) != "open":
        snapshots[last.pk] = last
    return list(snapshots.values())
