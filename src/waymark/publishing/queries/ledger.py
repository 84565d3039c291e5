"""Ledger of earlier releases that a release must not undo.

Whoever has two releases of overlapping reviews can subtract one from the other. So each edition
keeps a ledger entry, and the next one is protected against all entries that it can be compared
with, also those of withdrawn editions: somebody may have a copy.
"""

from functools import lru_cache

from waymark.overview.disclosure.release_history import completed_entry, renamed_entry
from waymark.overview.models import Snapshot
from waymark.overview.queries import overviews as overview
from waymark.publishing.models import Publication


def ledger_entries_for(
    snapshot: Snapshot, *, up_to: Publication | None = None
) -> tuple[bytes, ...]:
    """Entries of all editions that a snapshot can be compared with: see ledger_entries_before."""
    counted = _counted_reviews(snapshot.pk, snapshot.sha256)
    return ledger_entries_before(snapshot.overview.slug, counted, up_to=up_to)


def ledger_entries_before(
    slug: str, counted: frozenset[str], *, up_to: Publication | None = None
) -> tuple[bytes, ...]:
    """Entries of all editions that an overview of these reviews can be compared with.

    slug: of the overview. Its own editions count, and those of other overviews that share a review
    with it or with one that does. up_to: the last edition to include, in the order of publication.
    """
    rows = Publication.objects.exclude(ledger=b"").select_related("snapshot").order_by("pk")
    if up_to is not None:
        # Keys are given in the order of publication, which dates need not be: clocks can be wrong.
        rows = rows.filter(pk__lte=up_to.pk)
    earlier = list(rows.defer("snapshot__rows", "report"))
    connected = _connected_editions(counted, earlier)
    return tuple(
        # Entries of other overviews get their name, for messages: "differ from demo, edition 1".
        entry if row.slug == slug else renamed_entry(entry, f"{row.slug}, edition {row.edition}")
        for row in earlier
        if (row.slug == slug or row.pk in connected)
        and (entry := completed_entry(bytes(row.ledger), row.frozen.spec))
    )


def earlier_entries(snapshot: Snapshot, profile: str) -> tuple[bytes, ...]:
    """Entries that the next edition is protected against; none under open."""
    return () if profile == "open" else ledger_entries_for(snapshot)


def entries_up_to(publication: Publication) -> tuple[bytes, ...]:
    """Entries that an edition was protected against, with its own; none under open.

    With its own entry it goes on withholding exactly what it withheld when it was published.
    """
    if publication.profile == "open":
        return ()
    return ledger_entries_for(publication.frozen, up_to=publication)


def _connected_editions(counted: frozenset[str], editions: list[Publication]) -> set[int]:
    """Keys of the editions that count one of these reviews, or one of a connected edition.

    Example: reviews {1, 2}; edition A counts {2, 3}, B {3, 4}, C {5}. A shares review 2, and B
    shares review 3 with A, so A and B are connected: the new release less A, plus B, tells
    something about review 4. C is not.
    """
    # Grows like a component of a graph in which editions are joined by the reviews they share.
    reviews = set(counted)
    connected: set[int] = set()
    grown = True
    # At most as many rounds as there are editions: each round but the last adds one.
    while grown:
        grown = False
        for edition in editions:
            its_reviews = _counted_reviews(edition.frozen.pk, edition.frozen.sha256)
            if edition.pk not in connected and not reviews.isdisjoint(its_reviews):
                connected.add(edition.pk)
                reviews |= its_reviews
                grown = True
    return connected


@lru_cache(maxsize=512)
def _counted_reviews(pk: int, sha256: str) -> frozenset[str]:
    """Reviews that a snapshot counts; it never changes. sha256: only part of the cache key."""
    return overview.counted_reviews(Snapshot.objects.defer("rows").get(pk=pk))
