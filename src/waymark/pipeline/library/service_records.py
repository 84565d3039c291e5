"""Records in the library of published indicators and courses, kept as these are.

So people find them where they search, and they are in feeds, exports and harvests. The worker
compares them after each change of the content: a restored copy comes right by itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from waymark.accounts import audit
from waymark.accounts.models import State
from waymark.accounts.queries import content_state
from waymark.core.errors import NotReady
from waymark.core.jobs import Clock, Job, JobQueue
from waymark.core.uk_time import uk_date
from waymark.indicators.models import Indicator, IndicatorState
from waymark.indicators.queries import indicators
from waymark.library import services as library
from waymark.library.catalogue.resource_description import (
    MOST_POINTS,
    ResourceDescription,
    changed_fields,
    tidy_description,
)
from waymark.library.models import Concept, Resource, ResourceKind, TopicVersion
from waymark.library.services.records import MOST_SUBJECTS
from waymark.library.services.resource_mapping import description_of
from waymark.pipeline.removals.state_changes import change_state
from waymark.training import queries as training
from waymark.training.models import Course, CourseState


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """The record that an indicator or course should have.

    since: when it became as it is; described_at: when its description last changed. subjects: keys,
    of the topics that staff chose for it.
    """

    key: str
    page: str
    description: ResourceDescription
    public: bool
    since: datetime
    described_at: datetime
    subjects: frozenset[str]


def _service_records() -> Iterator[ServiceRecord]:
    subjects = _subjects_of_topics()
    for row in Indicator.objects.exclude(published_at=None):
        page = reverse("indicator", args=[row.slug])
        description = ResourceDescription(
            kind=ResourceKind.STATISTICS,
            title=row.title,
            strapline=row.name,
            publisher=settings.SITE_NAME,
            published_on=uk_date(row.published_at or row.created_at),
            summary=row.definition,
            key_points=tuple(row.caution_list[:MOST_POINTS]),
            url=f"{settings.SITE_ADDRESS}{page}",
        )
        public = row.state == IndicatorState.PUBLISHED
        since = row.published_at or row.created_at
        yield ServiceRecord(
            indicators.record_key(row.slug),
            page,
            description,
            public,
            since,
            row.changed_at,
            _first_subjects(row.topics, subjects),
        )
    for course in Course.objects.exclude(published_at=None):
        page = reverse("course", args=[course.slug])
        description = ResourceDescription(
            kind=ResourceKind.TRAINING,
            title=course.title,
            publisher=course.provider,
            published_on=uk_date(course.published_at or course.created_at),
            audience=course.audience[:200],
            summary=course.summary,
            key_points=tuple(course.outcome_list[:MOST_POINTS]),
            cpd_hours=course.cpd_hours or None,
            url=f"{settings.SITE_ADDRESS}{page}",
        )
        public = course.state == CourseState.PUBLISHED
        key = training.record_key(course.slug)
        yield ServiceRecord(
            key,
            page,
            description,
            public,
            course.changed_at,
            course.changed_at,
            _first_subjects(course.topics, subjects),
        )


def _subjects_of_topics() -> dict[str, list[str]]:
    """Key of each topic -> keys of its subjects that are in use."""
    in_use = set(Concept.objects.filter(ended=False).values_list("key", flat=True))
    versions = TopicVersion.objects.filter(superseded_at=None).select_related("topic")
    return {
        row.topic.key: [subject for subject in row.subjects if subject in in_use]
        for row in versions
    }


def _first_subjects(topics: Iterable[str], subjects: Mapping[str, list[str]]) -> frozenset[str]:
    """The first subject of each topic: the others are of parts of it, and would mislead Find."""
    return frozenset(subjects[topic][0] for topic in topics if subjects.get(topic))


def update_service_records(*, now: datetime) -> bool:
    """Add, change, publish or withdraw the records that differ; True if any did."""
    records = list(_service_records())
    stored = {
        row.key: row
        for row in Resource.objects.filter(key__in=[row.key for row in records])
        .select_related("record")
        .prefetch_related("record__subjects")
    }
    return sum(_update(row, now) for row in records if _differs(row, stored.get(row.key))) > 0


def _differs(wanted: ServiceRecord, stored: Resource | None) -> bool:
    """True if the stored record should be added, changed, published or withdrawn."""
    if stored is None:
        return wanted.public
    # A publication that a cataloguer entered under this key is another one.
    if not stored.url.endswith(wanted.page):
        return False
    if not wanted.public:
        return stored.state == State.PUBLISHED
    return (
        _comes_back(wanted, stored)
        or bool(_changed(wanted, stored))
        or bool(_missing_subjects(wanted, stored))
    )


def _comes_back(wanted: ServiceRecord, stored: Resource) -> bool:
    # Staff can withdraw the record alone: it then stays so until the thing is published again.
    return stored.state == State.WITHDRAWN and stored.record.changed_at < wanted.since


def _missing_subjects(wanted: ServiceRecord, stored: Resource) -> frozenset[str]:
    """The subjects to add; cataloguers may remove them again until the thing is changed."""
    present = {concept.key for concept in stored.record.subjects.all()}
    if present and wanted.described_at <= stored.record.changed_at:
        return frozenset()
    missing = sorted(wanted.subjects - present)
    return frozenset(missing[: max(0, MOST_SUBJECTS - len(present))])


def _changed(wanted: ServiceRecord, stored: Resource) -> ResourceDescription | None:
    """The description to store; None if it is stored."""
    before = description_of(stored)
    # What cataloguers added, such as a licence, stays.
    values = {
        name: getattr(before, name)
        for name in (
            *("licence", "rights_holder", "nation", "language", "covers", "series"),
            *("author_bodies", "keywords"),
        )
    }
    description = replace(wanted.description, **values)
    return description if changed_fields(before, tidy_description(description)) else None


@audit.serialized_in("documents", "library")
def _update(wanted: ServiceRecord, now: datetime) -> bool:
    """Bring one record to what it should be; True if it was changed.

    Reads it once more: the worker and the page of a course may have seen the same difference.
    """
    stored = Resource.objects.filter(key=wanted.key).select_related("record").first()
    if not _differs(wanted, stored):
        return False
    if stored is None:
        resource = library.add_resource(
            by=None, description=wanted.description, key=wanted.key, now=now
        )
        if wanted.subjects:
            library.set_subjects(by=None, record=resource.record, subjects=wanted.subjects, now=now)
        _publish(resource, now)
        return True
    if not wanted.public:
        change_state(by=None, item=stored, state=State.WITHDRAWN, now=now)
        return True
    comes_back = _comes_back(wanted, stored)
    description, missing = _changed(wanted, stored), _missing_subjects(wanted, stored)
    if description:
        library.change_resource(by=None, resource=stored, description=description, now=now)
    if missing:
        present = stored.record.subjects.values_list("key", flat=True)
        library.set_subjects(by=None, record=stored.record, subjects={*present, *missing}, now=now)
    return (comes_back and _publish(stored, now)) or bool(description or missing)


def _publish(resource: Resource, now: datetime) -> bool:
    """Publish a record. One whose words wait for a person's answer stays unpublished."""
    with suppress(NotReady):
        change_state(by=None, item=resource, state=State.PUBLISHED, now=now)
        return True
    return False


class UpdateAfterChanges:
    """Job that compares the records once for each state of the content."""

    def __init__(self) -> None:
        self.digest = ""

    def __call__(self, clock: Clock) -> bool:
        """Compare them if anything changed; True if a record was changed."""
        state = content_state()
        digest = state.digest if state else ""
        if digest == self.digest:
            return False
        done = update_service_records(now=clock())
        self.digest = "" if done else digest
        return done


JOBS = (Job("records of indicators and courses", JobQueue.UPKEEP, UpdateAfterChanges()),)
