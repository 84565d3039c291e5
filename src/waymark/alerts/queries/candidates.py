"""The inbox of the Weekly alert, and the feeds that fill it."""

from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from waymark.accounts.permissions import Actor, require_permission
from waymark.alerts.models import AlertList, Candidate, FeedSource, IssueItem, ListSchedule
from waymark.alerts.queries.issues import EDIT
from waymark.core.errors import require_found
from waymark.core.uk_time import uk_date
from waymark.library.models import CatalogueRecord
from waymark.library.queries.hydrate import is_open, open_records

MANAGE = "manage feeds"
RECENT = timedelta(days=30)
NEWS = timedelta(days=183)
"""An older publication is no news, even if the library has it only now."""


def candidates(person: Actor, now: datetime) -> QuerySet[Candidate]:
    """All candidates but those whose record is no longer public. Raises NotPermitted."""
    require_permission(person, EDIT)
    visible = Q(record=None) | is_open(AnonymousUser(), now, prefix="record__")
    rows = Candidate.objects.filter(visible)
    return rows.select_related("source", "decided_by", "duplicate_of", "item__issue")


def waiting_candidates(person: Actor, now: datetime) -> QuerySet[Candidate]:
    """Candidates without a decision. Raises NotPermitted."""
    return candidates(person, now).filter(decision="")


def candidate_for(number: int, person: Actor, now: datetime) -> Candidate:
    """A candidate by its row number. Raises NotPermitted, NotFound."""
    row = candidates(person, now).filter(pk=number).first()
    return require_found(row, f"there is no candidate {number}")


def sources(person: Actor) -> QuerySet[FeedSource]:
    """The feeds on the list. Raises NotPermitted."""
    require_permission(person, MANAGE)
    return FeedSource.objects.filter(ended_at=None)


def source_for(number: int, person: Actor) -> FeedSource:
    """A feed on the list by its row number. Raises NotPermitted, NotFound."""
    return require_found(sources(person).filter(pk=number).first(), f"there is no feed {number}")


def sources_with_problems(person: Actor) -> QuerySet[FeedSource]:
    """The feeds that could not be read. Raises NotPermitted."""
    return sources(person).exclude(problem="")


def ungathered_records(now: datetime) -> QuerySet[CatalogueRecord]:
    """Records of recent publications that became public and are no candidate yet."""
    schedule = ListSchedule.objects.filter(alert_list=AlertList.WEEKLY).first()
    if schedule is None:
        return CatalogueRecord.objects.none()
    # Asked in every round of the worker: the index on available_at keeps it to the newest.
    since = max(schedule.starts_at, now - RECENT)
    published = uk_date(now) - NEWS
    records = open_records(AnonymousUser(), now).filter(
        Q(review__published_on__gte=published)
        | Q(resource__published_on__gte=published)
        | Q(resource__published_on=None, resource__year__gte=now.year),
        available_at__gt=since,
    )
    gathered = Candidate.objects.filter(record__isnull=False).values("record")
    weekly = IssueItem.objects.filter(issue__alert_list=AlertList.WEEKLY, record__isnull=False)
    return records.exclude(pk__in=gathered).exclude(pk__in=weekly.values("record"))
