"""Bring the search index up to date."""

import logging

from django.utils import timezone

from waymark.core.errors import RuleError, ServiceUnavailable
from waymark.core.jobs import Clock, Job, JobQueue
from waymark.library import services as library

log = logging.getLogger(__name__)


def update_index(*, clock: Clock = timezone.now) -> None:
    """Bring the search index up to date. Raises RuleError if another process holds it too long.

    Raises ServiceUnavailable if a cluster does not answer.
    """
    while library.index_changed(now=clock()).done:
        continue


def _index_some(clock: Clock) -> bool:
    try:
        return library.index_changed(now=clock()).done > 0
    # A rebuild may take longer than we wait for it, and a cluster may not answer.
    except (RuleError, ServiceUnavailable) as error:
        log.warning("%s", error)
        return False


JOBS = (Job("update the search index", JobQueue.UPKEEP, _index_some),)
