"""Overviews in progress, and the signatures that they still need."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from waymark.accounts.models import User
from waymark.core.uk_time import uk_date
from waymark.overview.models import Overview, TableCheck
from waymark.overview.queries.overviews import decision_of
from waymark.overview.queries.prepared_releases import is_refused
from waymark.overview.queries.spec_versions import OverviewState, overview_states, state_of_overview
from waymark.overview.spec.disclosure_decision import decision_gaps
from waymark.publishing.document.report_plan import PLAN, default_plan, read_plan
from waymark.publishing.kinds import KIND_RULES
from waymark.publishing.models import (
    ManuscriptKind,
    Publication,
    ReportVersion,
    Signature,
)
from waymark.publishing.queries import current_editions
from waymark.publishing.queries.ledger import earlier_entries
from waymark.publishing.queries.manuscripts import (
    awaits_signature,
    current_edition,
    unused_signatures,
)
from waymark.publishing.queries.obstacles import missing_texts, text_obstacles

NEEDS = KIND_RULES[ManuscriptKind.OVERVIEW].capacities
"""Permission that a person needs to sign an overview in a capacity."""


@dataclass(frozen=True, slots=True)
class OverviewInProgress:
    """Overview in progress. edition: the current one, if any.

    signed: signatures on its last snapshot that no edition has used. awaits_person: True if it
    needs the signature of the person who asks. is_signable: True if so, and nothing that is known
    without composing its draft prevents signing. has_news: True if there are rows or texts to sign
    that the edition does not have. missing_texts: number of required chapters without a text; 0
    before anything is frozen.
    """

    status: OverviewState
    edition: Publication | None
    signed: tuple[Signature, ...]
    awaits_person: bool
    is_signable: bool
    has_news: bool
    missing_texts: int

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
    def blocking_check(self) -> str:
        """State of the check of all tables under the profile decided on: "", "waiting" or "failed".

        "failed": a table stops the release, of the last version or of the frozen numbers.
        """
        profile = decision_of(self.status.version).profile
        if self._is_refused(profile):
            return "failed"
        check = TableCheck.objects.filter(version=self.status.version, profile=profile).first()
        return "" if check is None else check.blocking

    def _is_refused(self, profile: str) -> bool:
        """True if a worker found that the frozen numbers cannot be shown."""
        snapshot = self.status.snapshot
        if snapshot is None or not self.is_frozen or profile == "open":
            return False
        return is_refused(snapshot, profile, earlier_entries(snapshot, profile))

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


def overviews_in_progress(person: User, now: datetime) -> list[OverviewInProgress]:
    """All overviews in progress, by name, in as many queries for one as for all.

    No drafts are composed here, which would take seconds: the page for signing shows whether a
    draft has changed since it was signed. Raises NotPermitted.
    """
    editions = {edition.slug: edition for edition in current_editions()}
    signatures, statuses = _unused_signatures(), overview_states(person)
    texts = _current_texts([status.overview.pk for status in statuses])
    return [
        _in_progress(
            person,
            status,
            editions.get(status.overview.slug),
            signatures,
            texts[status.overview.pk],
            now,
        )
        for status in statuses
    ]


def overview_in_progress(overview: Overview, person: User, now: datetime) -> OverviewInProgress:
    """One overview in progress. Raises NotPermitted."""
    status, edition = state_of_overview(overview, person), current_edition(overview.slug)
    texts = _current_texts([overview.pk])[overview.pk]
    return _in_progress(person, status, edition, _unused_signatures(), texts, now)


def _current_texts(overviews: Collection[int]) -> dict[int, list[ReportVersion]]:
    """Primary key of an overview -> the current versions of its texts."""
    rows = ReportVersion.objects.filter(
        manuscript__overview__in=overviews, superseded_at=None
    ).annotate(overview_pk=F("manuscript__overview"))
    texts: dict[int, list[ReportVersion]] = {pk: [] for pk in overviews}
    for row in rows:
        texts[row.overview_pk].append(row)
    return texts


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
    texts: Collection[ReportVersion],
    now: datetime,
) -> OverviewInProgress:
    snapshot = status.snapshot
    signed = tuple(signatures.get(snapshot.pk, ())) if snapshot else ()
    has_news = _has_news(status, edition, texts)
    waits = has_news and awaits_signature(ManuscriptKind.OVERVIEW, signed, person)
    signable = waits and _is_signable(status, texts, now)
    missing = _missing_texts(texts) if snapshot else 0
    return OverviewInProgress(status, edition, signed, waits, signable, has_news, missing)


def _missing_texts(texts: Collection[ReportVersion]) -> int:
    """Number of required chapters that have no text."""
    written = {row.slot: row.text for row in texts}
    plan = read_plan(written.get(PLAN, "").strip() or default_plan())
    return len(list(missing_texts(plan, written)))


def _is_signable(status: OverviewState, texts: Collection[ReportVersion], now: datetime) -> bool:
    """True if the decision is recorded and frozen, and the texts are written and confirmed."""
    if status.snapshot is None:
        return False
    decision = decision_of(status.snapshot)
    if decision_of(status.version) != decision or list(decision_gaps(decision, uk_date(now))):
        return False
    written = {row.slot: row.text for row in texts}
    plan = read_plan(written.get(PLAN, "").strip() or default_plan())
    return not text_obstacles(plan, written, [row.slot for row in texts if row.carried_from])


def _has_news(
    status: OverviewState, edition: Publication | None, texts: Collection[ReportVersion]
) -> bool:
    """True if there are rows or texts to sign that the edition does not have."""
    if status.snapshot is None:
        return False
    if edition is None or edition.snapshot_id != status.snapshot.pk:
        return True
    # The dates are enough here: a text saved after the edition is not in it.
    return any(row.saved_at > edition.published_at for row in texts)
