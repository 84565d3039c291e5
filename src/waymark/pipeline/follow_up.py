"""Chase who is late with recommendations, count these, and forget links that are long over."""

from datetime import datetime

from waymark.accounts.content_state import digest_mark
from waymark.core.jobs import Clock, HourlyRun, Job, JobQueue
from waymark.core.uk_time import uk_date
from waymark.follow_up.queries import blocks_to_count
from waymark.recommendations.services import chase_late, forget_links, store_counts


def chase(now: datetime) -> bool:
    """Chase who is late; True if anything was done."""
    result = chase_late(now=now)
    return bool(result.reminded or result.listed)


class CountRun:
    """Counting of recommendations by one worker, after each change and each day."""

    def __init__(self) -> None:
        self.counted: object = None

    def __call__(self, clock: Clock) -> bool:
        """Count what is not counted yet; True if there was anything."""
        now = clock()
        # Asked in each round: the reviews are read only if something has changed.
        state = (digest_mark(), uk_date(now))
        if state == self.counted:
            return False
        blocks = blocks_to_count(now)
        for block in blocks:
            store_counts(block.number, block.counted_for, block.count().axes)
        self.counted = state
        return bool(blocks)


JOBS = (
    Job("chase late recommendations", JobQueue.UPKEEP, HourlyRun(chase)),
    Job("count recommendations", JobQueue.UPKEEP, CountRun()),
    Job("forget links of bodies", JobQueue.UPKEEP, lambda clock: forget_links(now=clock()) > 0),
)
