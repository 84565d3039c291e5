"""Erase who asked, of enquiries whose time is over."""

from waymark.core.jobs import Job, JobQueue
from waymark.enquiries.services.erasure import erase_due

JOBS = (
    Job(
        "erase personal data of enquiries",
        JobQueue.UPKEEP,
        lambda clock: erase_due(now=clock()) > 0,
    ),
)
