"""Gate for the commands and the API: the numbers of an overview that may be shown.

The site shows editions, which passed the same rules when they were published.
"""

from datetime import datetime

from waymark.core.errors import RuleError
from waymark.overview.disclosure.protect import PROFILES
from waymark.overview.models import Snapshot
from waymark.overview.queries import overviews as overview
from waymark.overview.releases.release import DO_NOT_SHARE, Release, with_warning
from waymark.overview.spec.disclosure_decision import is_weaker
from waymark.publishing.models import Publication
from waymark.publishing.queries import current_edition, edition_release, next_release
from waymark.publishing.queries.obstacles import (
    decision_obstacles,
    rows_obstacles,
    source_obstacles,
)

REMEDY = (
    "An analyst can still see the numbers: waymark overview table or render, with"
    " --against-decision and --by NAME. This is recorded, and all output is marked DO NOT"
    " SHARE"
)


def matching_edition(snapshot: Snapshot, profile: str) -> Publication | None:
    """Current edition, if it is this snapshot under this profile."""
    edition = current_edition(snapshot.overview.slug)
    if edition is None or (edition.snapshot_id, edition.profile) != (snapshot.pk, profile):
        return None
    return edition


def exposure_warning(slug: str, profile: str) -> str:
    """Warning that the current edition shows what a new decision withholds; "" if it does not."""
    edition = current_edition(slug)
    if edition is None or not is_weaker(edition.profile, profile):
        return ""
    return (
        f"Edition {edition.edition} was published under the profile {edition.profile} and still"
        f" shows everyone what {profile} withholds: publish the next edition, or withdraw this"
        " one now"
    )


def release_to_show(
    snapshot: Snapshot, profile: str | None = None, *, now: datetime, against_decision: bool = False
) -> Release:
    """Release of a snapshot under the profile decided on, or under one that protects more.

    profile: None for the one decided on. Raises RuleError, with the remedy, if nobody has decided,
    if the profile protects less than the one decided on, if a review was withdrawn or reopened to
    its coders after freezing, and if a source is not public. With against_decision the release is
    made anyway and has these reasons as its warning; the service that records it checks the
    person's right.
    """
    decided = overview.decided_profile(snapshot)
    chosen = profile or decided
    if chosen not in PROFILES:
        known = ", ".join(PROFILES)
        raise RuleError(f"there is no disclosure profile {chosen}; there are {known}")
    edition = matching_edition(snapshot, chosen)
    if edition is not None:
        return edition_release(edition)
    reasons = _reasons_before(snapshot, chosen, now)
    if reasons and not against_decision:
        raise RuleError(f"{'; '.join(reasons)}. {REMEDY}")
    # Under another profile this is not the next edition, so the ledger does not apply.
    if chosen == decided:
        release = next_release(snapshot, chosen)
    else:
        release = overview.release_of(snapshot, chosen)
    reasons += [str(obstacle) for obstacle in source_obstacles(snapshot, release, now)]
    if not reasons:
        return release
    if not against_decision:
        raise RuleError(f"{'; '.join(reasons)}. {REMEDY}")
    return with_warning(release, f"{DO_NOT_SHARE}: {'; '.join(reasons)}.")


def _reasons_before(snapshot: Snapshot, profile: str, now: datetime) -> list[str]:
    """Reasons against a profile and a snapshot that can be found before a release is made."""
    obstacles = (*decision_obstacles(snapshot, now), *rows_obstacles(snapshot))
    reasons = [str(obstacle) for obstacle in obstacles]
    decision = overview.decision_of(snapshot)
    if is_weaker(profile, decision.profile):
        done = "proposed" if decision.proposed else f"the one that {decision.controller} decided on"
        reasons.append(f"the profile {profile} can show what {decision.profile}, {done}, withholds")
    return reasons
