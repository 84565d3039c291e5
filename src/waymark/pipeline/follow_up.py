"""Chase those who are late with recommendations, and forget links that are long over."""

from datetime import datetime

from waymark.core.jobs import HourlyRun, Job, JobQueue
from waymark.recommendations.services import chase_late, forget_links


def chase(now: datetime) -> bool:
    """Chase who is late; True if anything was done."""
    result = chase_late(now=now)
    return bool(result.reminded or result.listed)


JOBS = (
    Job("chase late recommendations", JobQueue.UPKEEP, HourlyRun(chase)),
    Job("forget links of bodies", JobQueue.UPKEEP, lambda clock: forget_links(now=clock()) > 0),
)
