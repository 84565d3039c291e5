"""Gather candidates for the Weekly alert: from the feeds on the list, and from the library."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from waymark import __version__
from waymark.accounts.permissions import Actor, require_permission
from waymark.alerts.feeds.fetching import FetchFailed, FetchLimits, fetch_feed
from waymark.alerts.feeds.reading import NotAFeed, read_feed
from waymark.alerts.models import FeedSource
from waymark.alerts.queries.candidates import ungathered_records
from waymark.alerts.queries.issues import EDIT
from waymark.alerts.services import candidates as inbox
from waymark.alerts.services import sources
from waymark.alerts.services.candidates import Gathered
from waymark.core.jobs import Clock, Job, JobQueue
from waymark.core.wording import date_in_words
from waymark.library.exchange.record import RecordData
from waymark.library.queries.exchange import exchange_key, record_data

log = logging.getLogger(__name__)
AT_ONCE = 100
REPORT = "Report the fault. We try again later."


@dataclass(frozen=True, slots=True)
class GatheringResult:
    """What was gathered. candidates: new ones that wait; problems: (name, problem, remedy)."""

    feeds: int
    candidates: int
    problems: tuple[tuple[str, str, str], ...]


def gather_now(*, by: Actor, now: datetime) -> GatheringResult:
    """Fetch every feed that is due, and gather what is new in the library. Raises NotPermitted."""
    require_permission(by, EDIT)
    feeds, waiting, problems = 0, gather_records(now=now), []
    while (source := sources.lease_source(now=now)) is not None:
        waiting += _gather(source, now)
        feeds += 1
        if source.problem:
            problems.append((source.name, source.problem, source.remedy))
    return GatheringResult(feeds, waiting, tuple(problems))


def _fetch_next(clock: Clock = timezone.now) -> bool:
    source = sources.lease_source(now=clock())
    if source is None:
        return False
    _gather(source, clock())
    return True


def _gather(source: FeedSource, now: datetime) -> int:
    """Gather one feed; return how many candidates of it wait.

    A feed at which the program fails has that as its problem, so that the others have their turn.
    """
    try:
        return _fetch_and_read(source, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("%s could not be gathered", source.audit_subject())
        problem = f"the program failed to read it ({type(error).__name__})"
        sources.note_problem(source=source, problem=problem, remedy=REPORT, final=False, now=now)
        return 0


def _fetch_and_read(source: FeedSource, now: datetime) -> int:
    try:
        fetched = fetch_feed(
            source.address,
            agent=f"Waymark/{__version__} ({settings.REPOSITORY})",
            etag=source.etag,
            last_modified=source.last_modified,
            limits=FetchLimits(private_hosts=settings.FEED_PRIVATE_HOSTS),
        )
        entries = (
            [] if fetched.content is None else read_feed(fetched.content, address=source.address)
        )
    except FetchFailed as error:
        sources.note_problem(
            source=source,
            problem=error.problem,
            remedy=error.remedy,
            final=error.final,
            now=now,
        )
        return 0
    except NotAFeed as error:
        sources.note_problem(
            source=source, problem=error.problem, remedy=error.remedy, final=False, now=now
        )
        return 0
    gathered = [
        Gathered(
            title=entry.title,
            entry=entry.name,
            summary=entry.summary,
            publisher=source.name,
            dated=entry.dated,
            address=entry.address,
            doi=entry.doi,
            topic=source.topic,
        )
        for entry in entries
    ]
    waiting = inbox.store_candidates(by=None, source=source, gathered=gathered, now=now)
    # After its entries: a process that dies in between fetches the feed again.
    sources.note_read(
        source=source,
        etag=fetched.etag,
        last_modified=fetched.last_modified,
        moved_to=fetched.moved_to,
        now=now,
    )
    return waiting


def gather_records(*, now: datetime) -> int:
    """Make candidates of records that became public; return how many wait."""
    numbers = list(ungathered_records(now).values_list("pk", flat=True)[:AT_ONCE])
    if not numbers:
        return 0
    records = record_data(numbers, person=AnonymousUser(), now=now, page_of=lambda *_: "")
    # record_data() answers in the order of the numbers, without those closed in this moment.
    known = {record.key: record for record in records}
    rows = ungathered_records(now).filter(pk__in=numbers).select_related("review", "resource")
    gathered = [
        _of_record(known[exchange_key(row)], row.pk) for row in rows if exchange_key(row) in known
    ]
    return inbox.store_candidates(by=None, source=None, gathered=gathered, now=now)


def _of_record(record: RecordData, number: int) -> Gathered:
    return Gathered(
        title=record.title,
        summary=first_paragraph(record.abstract),
        publisher="; ".join(record.creators),
        dated=dated(record),
        address=record.url,
        doi=record.doi,
        record=number,
    )


def first_paragraph(text: str) -> str:
    """The first paragraph of an abstract, as a summary."""
    return " ".join(text.strip().partition("\n\n")[0].split())


def dated(record: RecordData) -> str:
    """The date of publication in words, "" if unknown."""
    if record.published_on:
        return date_in_words(record.published_on)
    return str(record.year or "")


def _gather_records(clock: Clock = timezone.now) -> bool:
    return gather_records(now=clock()) > 0


JOBS = (
    Job("fetch feeds", JobQueue.READING, _fetch_next),
    Job("gather new records", JobQueue.UPKEEP, _gather_records),
)
