"""Chase those who are late with recommendations, and forget links that are long over."""

from datetime import datetime, timedelta

from waymark.core.jobs import Clock, Job, JobQueue
from waymark.recommendations.services import chase_late, forget_links

EVERY = timedelta(hours=1)


class HourlyChase:
    """The chase of one worker, once an hour: what is due changes once a day."""

    def __init__(self) -> None:
        self.ran_at: datetime | None = None

    def __call__(self, clock: Clock) -> bool:
        """Chase if an hour has passed; True if anything was done."""
        now = clock()
        if self.ran_at is not None and timedelta() <= now - self.ran_at < EVERY:
            return False
        self.ran_at = now
        result = chase_late(now=now)
        return bool(result.reminded or result.listed)


JOBS = (
    Job("chase late recommendations", JobQueue.UPKEEP, HourlyChase()),
    Job("forget links of bodies", JobQueue.UPKEEP, lambda clock: forget_links(now=clock()) > 0),
)
