"""Upkeep of the desk: erase who asked when the time is over, and hide answers without support."""

from django.db.models import Count, Max

from waymark.core.jobs import Clock, Job, JobQueue
from waymark.enquiries.services.erasure import erase_due
from waymark.pipeline.publishing.published_answers import hide_unsupported_answers
from waymark.publishing.models import ManuscriptKind, Publication

_checked: dict[str, object] = {}
"""Editions of overviews when this process last compared the answers with them."""


def hide_answers(clock: Clock) -> bool:
    """Compare answers with the editions that they cite, when those have changed."""
    overviews = Publication.objects.filter(kind=ManuscriptKind.OVERVIEW)
    editions = overviews.aggregate(number=Count("pk"), withdrawn=Max("withdrawn_at"))
    if editions == _checked:
        return False
    hidden = hide_unsupported_answers(now=clock())
    _checked.update(editions)
    return hidden > 0


JOBS = (
    Job(
        "erase personal data of enquiries",
        JobQueue.UPKEEP,
        lambda clock: erase_due(now=clock()) > 0,
    ),
    Job("hide answers without support", JobQueue.UPKEEP, hide_answers),
)
