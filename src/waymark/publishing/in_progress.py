"""Reading the overviews that are worked on, and whose signature each of them waits for."""

from collections.abc import Mapping
from dataclasses import dataclass

from waymark.accounts.models import User
from waymark.accounts.permissions import may
from waymark.overview.versions import Standing, standings
from waymark.publishing.models import Capacity, Publication, ReportVersion, Signature
from waymark.publishing.queries import publications

NEEDS: Mapping[Capacity, str] = {
    Capacity.ANALYST: "analyse",
    Capacity.EDITOR: "publish overviews",
}
"""What a person must be allowed to do, to sign in a capacity."""


@dataclass(frozen=True, slots=True)
class OverviewInProgress:
    """An overview that is worked on. edition: the one that stands, if any.

    signed: signatures on its last snapshot that no edition has used. waits: for a signature of the
    person who asks.
    """

    standing: Standing
    edition: Publication | None
    signed: tuple[Signature, ...]
    waits: bool

    @property
    def is_signed(self) -> bool:
        """Whether both have signed, so that it can be published."""
        return {one.capacity for one in self.signed} == set(Capacity.values)


def in_progress(person: User) -> list[OverviewInProgress]:
    """Every overview that is worked on, by name. Raises NotPermitted.

    Drafts are not made for this: that a draft has changed since it was signed is seen where it is
    signed.
    """
    editions = {one.slug: one for one in publications()}
    signed: dict[int, list[Signature]] = {}
    open_ones = Signature.objects.filter(voided_at=None, publication=None)
    for one in open_ones.select_related("signed_by"):
        signed.setdefault(one.snapshot_id, []).append(one)
    made = []
    for standing in standings(person):
        edition = editions.get(standing.overview.slug)
        snapshot = standing.snapshot
        on_it = tuple(signed.get(snapshot.pk, ())) if snapshot else ()
        waits = _is_news(standing, edition) and _lacks(person, on_it)
        made.append(OverviewInProgress(standing, edition, on_it, waits))
    return made


def _is_news(standing: Standing, edition: Publication | None) -> bool:
    """Whether there is something to sign: rows or texts that the edition does not have."""
    if standing.snapshot is None:
        return False
    if edition is None or edition.snapshot_id != standing.snapshot.pk:
        return True
    texts = ReportVersion.objects.filter(overview=standing.overview, superseded_at=None)
    return texts.filter(saved_at__gt=edition.published_at).exists()


def _lacks(person: User, signed: tuple[Signature, ...]) -> bool:
    """Whether a signature is missing that a person may give, who has given none."""
    if any(one.signed_by_id == person.pk for one in signed):
        return False
    taken = {one.capacity for one in signed}
    return any(may(person, action) for capacity, action in NEEDS.items() if capacity not in taken)
