"""Overviews in progress, and the signatures that they still need."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from waymark.accounts.models import User
from waymark.accounts.permissions import has_permission
from waymark.overview.models import Overview
from waymark.overview.queries.overviews import decision_of
from waymark.overview.queries.spec_versions import OverviewState, overview_states, state_of_overview
from waymark.publishing.document.report_plan import read_plan
from waymark.publishing.kinds import KIND_RULES
from waymark.publishing.models import (
    ManuscriptKind,
    Publication,
    ReportVersion,
    Signature,
)
from waymark.publishing.queries import current_editions
from waymark.publishing.queries.drafts import current_versions, plan_source
from waymark.publishing.queries.manuscripts import current_edition, unused_signatures
from waymark.publishing.queries.obstacles import missing_texts

NEEDS = KIND_RULES[ManuscriptKind.OVERVIEW].capacities
"""Permission that a person needs to sign an overview in a capacity."""


@dataclass(frozen=True, slots=True)
class OverviewInProgress:
    """Overview in progress. edition: the current one, if any.

    signed: signatures on its last snapshot that no edition has used. awaits_person: True if it
    needs the signature of the person who asks. has_news: True if there are rows or texts to sign
    that the edition does not have.
    """

    status: OverviewState
    edition: Publication | None
    signed: tuple[Signature, ...]
    awaits_person: bool
    has_news: bool

    @property
    def is_signed(self) -> bool:
        """True if both have signed, so that it can be published."""
        return {signature.capacity for signature in self.signed} == set(NEEDS)

    @property
    def is_frozen(self) -> bool:
        """True if the last version of its specification has been frozen."""
        return self.status.snapshot is not None and not self.status.changed

    @property
    def is_decided(self) -> bool:
        """True if the data controller's decision on disclosure is recorded."""
        return not decision_of(self.status.version).proposed

    @property
    def is_written(self) -> bool:
        """True if any of its texts was written, and all that were carried over are confirmed."""
        return self._texts().exists() and not self.texts_to_confirm

    @property
    def texts_to_confirm(self) -> int:
        """Number of texts that were carried over and that nobody has confirmed."""
        return self._texts().exclude(carried_from="").count()

    def _texts(self) -> QuerySet[ReportVersion]:
        rows = ReportVersion.objects.filter(manuscript__overview=self.status.overview)
        return rows.filter(superseded_at=None)

    @property
    def is_published(self) -> bool:
        """True if the current edition has everything that there is to publish."""
        return self.edition is not None and self.is_frozen and not self.has_news


def overviews_in_progress(person: User) -> list[OverviewInProgress]:
    """All overviews in progress, by name. Raises NotPermitted.

    No drafts are composed here, which would take seconds: the page for signing shows whether a
    draft has changed since it was signed.
    """
    editions = {edition.slug: edition for edition in current_editions()}
    signatures = _unused_signatures()
    return [
        _in_progress(person, status, editions.get(status.overview.slug), signatures)
        for status in overview_states(person)
    ]


def overview_in_progress(overview: Overview, person: User) -> OverviewInProgress:
    """One overview in progress. Raises NotPermitted."""
    status = state_of_overview(overview, person)
    return _in_progress(person, status, current_edition(overview.slug), _unused_signatures())


def _unused_signatures() -> dict[int | None, list[Signature]]:
    signed: dict[int | None, list[Signature]] = {}
    for signature in unused_signatures():
        signed.setdefault(signature.snapshot_id, []).append(signature)
    return signed


def _in_progress(
    person: User,
    status: OverviewState,
    edition: Publication | None,
    signatures: Mapping[int | None, list[Signature]],
) -> OverviewInProgress:
    snapshot = status.snapshot
    signed = tuple(signatures.get(snapshot.pk, ())) if snapshot else ()
    has_news = _has_news(status, edition)
    waits = has_news and _awaits_signature(person, signed)
    return OverviewInProgress(status, edition, signed, waits, has_news)


def _has_news(status: OverviewState, edition: Publication | None) -> bool:
    """True if there are rows or texts to sign that the edition does not have."""
    if status.snapshot is None:
        return False
    if edition is None or edition.snapshot_id != status.snapshot.pk:
        return True
    # The dates are enough here: a text saved after the edition is not in it.
    texts = ReportVersion.objects.filter(manuscript__overview=status.overview, superseded_at=None)
    return texts.filter(saved_at__gt=edition.published_at).exists()


def _awaits_signature(person: User, signed: tuple[Signature, ...]) -> bool:
    """True if the person has not signed and may give a signature that is missing."""
    if any(signature.signed_by_id == person.pk for signature in signed):
        return False
    capacities = {signature.capacity for signature in signed}
    return any(
        has_permission(person, action)
        for capacity, action in NEEDS.items()
        if capacity not in capacities
    )


def texts_to_write(person: User) -> list[tuple[Overview, int, datetime]]:
    """Frozen overviews with required chapters that have no text: how many, frozen when.

    Raises NotPermitted.
    """
    rows = []
    for status in overview_states(person):
        if status.snapshot is None:
            continue
        texts = {slot: row.text for slot, row in current_versions(status.overview).items()}
        plan = read_plan(plan_source(status.overview))
        if number := len(list(missing_texts(plan, texts))):
            rows.append((status.overview, number, status.snapshot.taken_at))
    return rows
