"""Which numbers of an overview may be shown outside it: the one gate of commands and of the API.

The site shows editions, which came through the same rules when they were published.
"""

from datetime import datetime

from waymark.core.errors import RuleError
from waymark.overview import queries as overview
from waymark.overview.deciding import is_weaker
from waymark.overview.disclosure import PROFILES
from waymark.overview.models import Snapshot
from waymark.overview.release import NOT_FOR_GIVING_OUT, Release, with_warning
from waymark.publishing.fitness import decision_obstacles, rows_obstacles, source_obstacles
from waymark.publishing.models import Publication
from waymark.publishing.queries import release_for, release_of_next, standing

REMEDY = (
    "An analyst can look at the numbers all the same: waymark overview table or render, with"
    " --against-decision and --by NAME. It is recorded, and what is written says that it is not for"
    " giving out"
)


def edition_shown(snapshot: Snapshot, profile: str) -> Publication | None:
    """The edition that stands, where it is this snapshot under this profile."""
    stands = standing(snapshot.overview.slug)
    if stands is None or (stands.snapshot_id, stands.profile) != (snapshot.pk, profile):
        return None
    return stands


def still_shown(slug: str, profile: str) -> str:
    """What an edition goes on showing that a new decision withholds, as a sentence; or ""."""
    stands = standing(slug)
    if stands is None or not is_weaker(stands.profile, profile):
        return ""
    return (
        f"Edition {stands.edition} stands under the profile {stands.profile} and goes on showing"
        f" everybody what {profile} withholds: publish the next edition, or withdraw this one now"
    )


def release_to_show(
    snapshot: Snapshot,
    profile: str | None = None,
    *,
    now: datetime,
    against_decision: bool = False,
) -> Release:
    """A snapshot under the profile that was decided on, or under another that protects more.

    profile: None for the one decided on. Raises RuleError, with what to do, where nobody decided,
    where the profile protects less than the one decided on, where a review was withdrawn or opened
    to its coders again since, and where a source is not public. With against_decision the release
    is made all the same, and carries these reasons as its warning; whether the person may have it
    is asked by the service that records it.
    """
    decided = overview.decided_profile(snapshot)
    wanted = profile or decided
    if wanted not in PROFILES:
        known = ", ".join(PROFILES)
        raise RuleError(f"there is no disclosure profile {wanted}; there are {known}")
    stands = edition_shown(snapshot, wanted)
    if stands is not None:
        return release_for(stands)
    reasons = _reasons_before(snapshot, wanted, now)
    if reasons and not against_decision:
        raise RuleError(f"{'; '.join(reasons)}. {REMEDY}")
    if wanted == decided:
        release = release_of_next(snapshot, wanted)
    else:
        release = overview.release_of(snapshot, wanted)
    reasons += [str(one) for one in source_obstacles(snapshot, release, now)]
    if not reasons:
        return release
    if not against_decision:
        raise RuleError(f"{'; '.join(reasons)}. {REMEDY}")
    return with_warning(release, f"{NOT_FOR_GIVING_OUT}: {'; '.join(reasons)}.")


def _reasons_before(snapshot: Snapshot, profile: str, now: datetime) -> list[str]:
    """Why a profile is weaker than what was decided on, and the snapshot not to be given out."""
    obstacles = (*decision_obstacles(snapshot, now), *rows_obstacles(snapshot))
    reasons = [str(one) for one in obstacles]
    decision = overview.decision_of(snapshot)
    if is_weaker(profile, decision.profile):
        done = "proposed" if decision.proposed else f"the one that {decision.controller} decided on"
        reasons.append(f"the profile {profile} can show what {decision.profile}, {done}, withholds")
    return reasons
