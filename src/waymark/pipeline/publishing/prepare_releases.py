"""Protect the numbers of overviews before anybody opens a page with them.

The next edition of each overview and the current editions, as far as their profile is not open:
after freezing, after a decision, and after an edition that they are protected against.
"""

from collections.abc import Iterator

from waymark.accounts.content_state import FinishedState
from waymark.accounts.queries import content_state
from waymark.core.jobs import Clock, Job, JobQueue
from waymark.overview import services as overview
from waymark.overview.models import Overview, Snapshot
from waymark.overview.queries.overviews import decided_profile, last_snapshot
from waymark.overview.queries.prepared_releases import is_prepared, protection_key
from waymark.publishing.queries import current_editions, earlier_entries
from waymark.publishing.queries.ledger import entries_up_to

finished = FinishedState()


def prepare_next(clock: Clock) -> bool:
    """Protect the next release that is not prepared; False if all are."""
    state = content_state()
    # Asked in every round: one query, unless something has changed.
    if state is None or state.digest == finished.digest:
        return False
    keys, all_prepared = [], True
    for snapshot, profile, earlier in _releases():
        keys.append(protection_key(snapshot, profile, earlier))
        if is_prepared(snapshot, profile, earlier):
            continue
        if overview.prepare_release(
            snapshot=snapshot, profile=profile, earlier=earlier, now=clock()
        ):
            return True
        # Another worker makes it, or was killed: then its lease ends.
        all_prepared = False
    overview.drop_prepared(except_keys=keys)
    if all_prepared:
        finished.digest = state.digest
    return False


def _releases() -> Iterator[tuple[Snapshot, str, tuple[bytes, ...]]]:
    """Snapshot, profile and ledger of each release that pages show."""
    for row in Overview.objects.all():
        snapshot = last_snapshot(row)
        if snapshot is not None and (profile := decided_profile(snapshot)) != "open":
            yield snapshot, profile, earlier_entries(snapshot, profile)
    for edition in current_editions():
        if edition.profile != "open":
            yield edition.frozen, edition.profile, entries_up_to(edition)


JOBS = (Job("prepare protected numbers", JobQueue.READING, prepare_next),)
