"""Try the addresses of published resources: a few in a minute, each every 90 days.

One that failed is tried again after a week. WAYMARK_LINK_CHECKS=0 switches it off.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings

from waymark import __version__
from waymark.alerts.feeds.fetching import FetchLimits
from waymark.alerts.feeds.link_status import LinkAnswer, ask_link
from waymark.core.jobs import Job, JobQueue, PacedRun
from waymark.library.models import Resource
from waymark.library.services import links

log = logging.getLogger(__name__)
EVERY = timedelta(minutes=1)
AT_ONCE = 3


def check_links(*, now: datetime) -> bool:
    """Try a few addresses that are due, each of another host; False if there was nothing to do."""
    if not settings.LINK_CHECKS:
        return False
    leased = links.lease_links(now=now, most=AT_ONCE)
    for resource in leased:
        answer = _ask(resource)
        if answer.unknown:
            links.postpone_link(resource=resource, now=now)
        else:
            links.note_link(resource=resource, status=answer.status, fault=answer.fault, now=now)
    return bool(leased)


def _ask(resource: Resource) -> LinkAnswer:
    """Ask its address. One at which the program fails is postponed, so that others have a turn."""
    try:
        return ask_link(
            resource.url,
            agent=f"Waymark/{__version__} ({settings.REPOSITORY})",
            limits=FetchLimits(private_hosts=settings.FEED_PRIVATE_HOSTS),
        )
    except Exception:
        log.exception("the address of %s could not be checked", resource.audit_subject())
        return LinkAnswer(unknown=True)


JOBS = (Job("check links", JobQueue.READING, PacedRun(lambda now: check_links(now=now), EVERY)),)
