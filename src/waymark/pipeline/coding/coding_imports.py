"""Forget the projects of other programs whose previews nobody decided about."""

from waymark.coding.services import forget_imports
from waymark.core.jobs import HourlyRun, Job, JobQueue

JOBS = (
    Job(
        "forget previews of coding imports",
        JobQueue.UPKEEP,
        HourlyRun(lambda now: forget_imports(now=now) > 0),
    ),
)
