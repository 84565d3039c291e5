"""Publications about the field: the list of them, and the page of one."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import has_permission
from waymark.briefings.queries.editions import briefing_of_record
from waymark.core.wording import list_in_words
from waymark.enquiries.queries.published_answers import public_answers
from waymark.indicators.queries.indicators import indicator_of_record
from waymark.library.access.indexing_policy import RULES, RecordClass
from waymark.library.catalogue.author_names import in_reading_order
from waymark.library.catalogue.citation import cite_resource
from waymark.library.catalogue.host_place import article_place
from waymark.library.models import CatalogueRecord, Resource, ResourceKind
from waymark.library.queries import resources as queries
from waymark.library.queries.authors import credited_authors
from waymark.library.queries.publishers import publisher_of
from waymark.library.queries.resources import AssignedSubject, RecordEntry, RecordLink
from waymark.library.services.resource_mapping import description_of
from waymark.training.queries import course_of_record
from waymark.web.library.exports import record_exports
from waymark.web.shared.take_away import NamedLink, TakeAway, feeds_of_record

ALSO = 6
"""Records on the same subjects, named at the foot of a page."""


@dataclass(frozen=True, slots=True)
class SubjectTag:
    """A subject of a record. url: the search for what else is about it."""

    key: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class RelatedRecords:
    """Subjects of a record, related records, and others on the same subjects."""

    subjects: list[SubjectTag]
    links: list[RecordLink]
    also: list[RecordEntry]


def subject_tag(subject: AssignedSubject) -> SubjectTag:
    """A subject as a link to the search for it."""
    return SubjectTag(
        subject.key, subject.name, f"{reverse('find')}?{urlencode({'subject': subject.key})}"
    )


def author_names(resource: Resource) -> str:
    """ "John Devaney, Lisa Bunting and David Hayes", or ""."""
    bodies = resource.author_bodies
    names = [in_reading_order(name, body=name in bodies) for name in resource.authors]
    return list_in_words(names)


def related_records(record: CatalogueRecord | None, request: HttpRequest) -> RelatedRecords:
    """Related records that a person may see; nothing without a record."""
    if record is None:
        return RelatedRecords([], [], [])
    now = timezone.now()
    links = queries.links_of(record, request.user, now)
    named = [link.entry.record for link in links]
    subjects = queries.assigned_subjects(record)
    also = queries.related_records(
        record, request.user, now, limit=ALSO, exclude=named, subjects=subjects
    )
    return RelatedRecords([subject_tag(subject) for subject in subjects], links, also)


@require_safe
def resource_page(request: HttpRequest, key: str) -> HttpResponse:
    """The catalogue entry of one publication, with a link to it."""
    now = timezone.now()
    record = queries.resource_for(key, request.user, now)
    if (briefing := briefing_of_record(key)) is not None:
        return redirect("briefing", briefing.kind, briefing.slug, permanent=True)
    if record.kind == ResourceKind.ANSWER and public_answers(now).filter(resource=record).exists():
        return redirect("answer", key, permanent=True)
    if (indicator := indicator_of_record(key, record.url, request.user)) is not None:
        return redirect("indicator", indicator.slug, permanent=True)
    if (course := course_of_record(key, record.url, request.user)) is not None:
        return redirect("course", course.slug, permanent=True)
    around = related_records(record.record, request)
    listed = RULES[RecordClass.RESOURCE].listed
    taking = record_exports(request, "resource", key, listed=listed)
    return render(
        request,
        "resources/resource.html",
        {
            "resource": record,
            "place_in_host": article_place(record.volume, record.issue, record.pages),
            "authors": credited_authors(record),
            "publisher": publisher_of(record, request.user, now),
            "host": urlsplit(record.url).hostname if record.url else "",
            "around": around,
            "holdings": record.holdings.all(),
            "series": queries.others_in_series(record, request.user, now),
            "taking": taking,
            "take": TakeAway(
                noun="resource",
                citation=taking.citation
                if taking
                else cite_resource(description_of(record), accessed=record.accessed_on),
                follow=feeds_of_record("resource", "", [tag.key for tag in around.subjects]),
                download=[NamedLink(*file) for file in taking.files] if taking else [],
                first="This record:",
                of="this publication",
                holder=record.rights_holder,
                licence=record.licence,
            ),
            "staff": has_permission(request.user, "see unpublished reports"),
            "may_catalogue": has_permission(request.user, "catalogue"),
        },
    )
