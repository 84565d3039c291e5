"""Bring the search index up to date."""

import logging

from django.utils import timezone

from waymark.core.errors import RuleError
from waymark.core.jobs import Clock, Job, JobQueue
from waymark.library import services as library

log = logging.getLogger(__name__)


def update_index(*, clock: Clock = timezone.now) -> None:
    """Bring the search index up to date. Raises RuleError if another process holds it too long."""
    while library.index_changed(now=clock()).done:
        continue


def _index_some(clock: Clock) -> bool:
    try:
        return library.index_changed(now=clock()).done > 0
    except RuleError as error:  # a rebuild may take longer than we wait for it
        log.warning("%s", error)
        return False


JOBS = (Job("update the search index", JobQueue.UPKEEP, _index_some),)
