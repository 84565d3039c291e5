"""Jobs about subscribers of the alerts."""

from waymark.alerts.services.sign_ups import forget_unconfirmed
from waymark.core.jobs import Job, JobQueue

JOBS = (
    Job(
        "forget sign-ups that nobody confirmed",
        JobQueue.UPKEEP,
        lambda clock: forget_unconfirmed(now=clock()) > 0,
    ),
)
