"""Reviews whose small numbers an overview protects: single facts would undo the protection."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from django.db.models import F, Max

from waymark.accounts.permissions import Person, has_permission
from waymark.overview.models import Snapshot
from waymark.overview.queries import overviews as overview
from waymark.publishing.models import Publication
from waymark.publishing.queries.manuscripts import edition_rows


def reviews_with_protected_numbers() -> Mapping[str, str]:
    """Reference -> overview that counts the review under a profile other than open.

    In an edition, or in the snapshot for the next. An overview whose current edition is open
    protects nothing.
    """
    protected: dict[str, str] = {}
    for slug, snapshot in _protecting_snapshots():
        for reference in overview.counted_reviews(snapshot):
            protected.setdefault(reference, slug)
    return protected


def facts_are_withheld(reference: str, person: Person) -> bool:
    """True if the agreed facts of a review must not be told to a person: see docs/data.md."""
    if has_permission(person, "see protected numbers"):
        return False
    return any(reference in overview.counted_reviews(taken) for _, taken in _protecting_snapshots())


def _protecting_snapshots() -> Iterator[tuple[str, Snapshot]]:
    """Overview and snapshot that was or will be published under a protecting profile, by overview.

    Two queries, however many overviews there are: the page of each review asks for them.
    """
    newest = Snapshot.objects.alias(newest=Max("overview__snapshots__number"))
    last = newest.filter(number=F("newest")).defer("rows").select_related("overview")
    drafts = list(last.order_by("overview__slug"))
    editions: dict[str, list[Publication]] = defaultdict(list)
    # Only what was frozen can be published, so every edition is of one of these overviews.
    for edition in edition_rows().order_by("slug", "edition") if drafts else ():
        editions[edition.slug].append(edition)
    for draft in drafts:
        published = editions[draft.overview.slug]
        # An edition under open already shows every number, so single rows reveal nothing more.
        if published and published[-1].withdrawn_at is None and published[-1].profile == "open":
            continue
        taken = {row.frozen.pk: row.frozen for row in published if row.profile != "open"}
        if overview.decided_profile(draft) != "open":
            taken[draft.pk] = draft
        for snapshot in taken.values():
            yield draft.overview.slug, snapshot
