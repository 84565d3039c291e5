"""Reading publications: what stands for everybody, its page, its PDF, and what is behind it.

An edition stands from when it is published until it is withdrawn or a newer one takes its place.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Max

from waymark.accounts.permissions import Actor
from waymark.core.errors import NotFound
from waymark.overview import queries as overview
from waymark.overview.behind import CellUse
from waymark.overview.disclosure import ProtectedTable
from waymark.overview.release import Release
from waymark.publishing.compare import Comparison, Relation, compare
from waymark.publishing.models import Publication
from waymark.publishing.nodes import Document, Edition
from waymark.publishing.render import document


def standing(slug: str) -> Publication | None:
    """The newest edition of an overview, unless it was withdrawn.

    An older edition does not come back when the newest is withdrawn: what was wrong with the one
    may be wrong with the other.
    """
    newest = (
        Publication.objects.filter(slug=slug)
        .select_related("snapshot__overview")
        .order_by("-edition")
        .first()
    )
    return newest if newest is not None and newest.withdrawn_at is None else None


def publication_for(slug: str) -> Publication:
    """The edition that stands. Raises NotFound, also where it was withdrawn."""
    found = standing(slug)
    if found is None:
        raise NotFound(f"there is no published overview {slug}")
    return found


def publications() -> list[Publication]:
    """The edition that stands of each overview, the newest first."""
    newest = Publication.objects.values("slug").annotate(last=Max("edition"))
    pairs = {(row["slug"], row["last"]) for row in newest}
    rows = Publication.objects.filter(withdrawn_at=None).select_related("snapshot__overview")
    found = [row for row in rows if (row.slug, row.edition) in pairs]
    return sorted(found, key=lambda row: row.published_at, reverse=True)


def ledger_of(slug: str, *, up_to: int | None = None) -> tuple[bytes, ...]:
    """What was given out of an overview, edition by edition, also what was withdrawn since.

    up_to: the last edition to take in.
    """
    editions = Publication.objects.filter(slug=slug).order_by("edition")
    if up_to is not None:
        editions = editions.filter(edition__lte=up_to)
    kept = (bytes(ledger) for ledger in editions.values_list("ledger", flat=True))
    return tuple(entry for entry in kept if entry)


def release_for(publication: Publication) -> Release:
    """What an edition shows: protected as it was when it was given out."""
    earlier = _earlier(publication)
    return overview.release_of(publication.snapshot, publication.profile, earlier)


def _earlier(publication: Publication) -> tuple[bytes, ...]:
    """Its own entry too: what it withheld it goes on withholding. Under open nothing matters."""
    if publication.profile == "open":
        return ()
    return ledger_of(publication.slug, up_to=publication.edition)


def document_of(publication: Publication) -> Document:
    """The document of an edition, from the protected tables of its snapshot."""
    release = release_for(publication)
    return document(release, Edition(publication.edition, publication.published_at))


def table_of(publication: Publication, table: str) -> ProtectedTable:
    """A table of an edition. Raises NotFound."""
    return release_for(publication).table(table)


@dataclass(frozen=True, slots=True)
class Compared:
    """Two editions side by side."""

    first: Publication
    second: Publication
    comparison: Comparison


def compared(first: str, second: str) -> Compared:
    """The editions that stand of two overviews. Raises NotFound."""
    one, other = publication_for(first), publication_for(second)
    counted = overview.counted_reviews(one.snapshot), overview.counted_reviews(other.snapshot)
    relation: Relation = "overlapping" if counted[0] & counted[1] else "apart"
    if counted[0] == counted[1]:
        relation = "same"
    return Compared(one, other, compare(release_for(one), release_for(other), relation))


def pdf_path(publication: Publication) -> Path:
    """The file of an edition. Raises NotFound where it was withdrawn or is not on the disk."""
    path = Path(settings.DATA) / "publications" / publication.pdf
    if publication.withdrawn_at is not None or not path.is_file():
        raise NotFound(f"there is no PDF of {publication}")
    return path


def cell_evidence(
    publication: Publication, table: str, row: str, column: str, *, person: Actor, now: datetime
) -> overview.CellEvidence:
    """What stands behind a number of an edition. Raises NotFound, also for a withheld number."""
    return overview.cell_evidence(
        publication.snapshot,
        table,
        row,
        column,
        person=person,
        now=now,
        profile=publication.profile,
        earlier=_earlier(publication),
    )


@dataclass(frozen=True, slots=True)
class Use:
    """A cell of an edition that a passage carries."""

    publication: Publication
    cell: CellUse


def uses_of(keys: Iterable[str]) -> list[Use]:
    """Where published overviews use citation keys. Whether the passage is open is asked there."""
    editions = [(one, _earlier(one)) for one in publications()]
    return [
        Use(publication, cell)
        for key in keys
        for publication, earlier in editions
        for cell in overview.uses_of(publication.snapshot, key, publication.profile, earlier)
    ]
