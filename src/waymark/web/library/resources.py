"""Publications about the field: the list of them, and the page of one."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import has_permission
from waymark.core.errors import NotFound
from waymark.core.wording import list_in_words
from waymark.library.access.indexing_policy import RULES, RecordClass
from waymark.library.catalogue.citation import cite_resource, in_reading_order
from waymark.library.models import CatalogueRecord, Resource
from waymark.library.models.kinds import KINDS
from waymark.library.queries import resources as queries
from waymark.library.queries.resources import RecordEntry, RecordLink
from waymark.library.queries.subjects import RecordSubject
from waymark.library.services.resource_mapping import description_of
from waymark.web.library.exports import record_exports
from waymark.web.shared.paging import Paging, page_number

PAGE_SIZE = 20
ALSO = 6
"""Records on the same subjects, named at the foot of a page."""


@dataclass(frozen=True, slots=True)
class ResourceKindFilter:
    """A kind of resource with how many there are. url: the list of these."""

    label: str
    number: int
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class SubjectTag:
    """A subject of a record. url: the search for what else is about it."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class ResourceItem:
    """A resource in a list. authors: as a sentence names them."""

    resource: Resource
    authors: str


@dataclass(frozen=True, slots=True)
class RelatedRecords:
    """Subjects of a record, related records, and others on the same subjects."""

    subjects: list[SubjectTag]
    links: list[RecordLink]
    also: list[RecordEntry]


def subject_tag(subject: RecordSubject) -> SubjectTag:
    """A subject as a link to the search for it."""
    return SubjectTag(subject.name, f"{reverse('library')}?{urlencode({'subject': subject.key})}")


def author_names(resource: Resource) -> str:
    """ "John Devaney, Lisa Bunting and David Hayes", or ""."""
    return list_in_words([in_reading_order(name) for name in resource.authors])


def related_records(record: CatalogueRecord | None, request: HttpRequest) -> RelatedRecords:
    """Related records that a person may see; nothing without a record."""
    if record is None:
        return RelatedRecords([], [], [])
    now = timezone.now()
    links = queries.links_of(record, request.user, now)
    named = [link.entry.record for link in links]
    also = queries.related_records(record, request.user, now, limit=ALSO, exclude=named)
    subjects = [subject_tag(concept) for concept in queries.assigned_subjects(record)]
    return RelatedRecords(subjects, links, also)


@require_safe
def resource_list(request: HttpRequest) -> HttpResponse:
    """Publications of one or all kinds, newest first."""
    now, number, kind = timezone.now(), page_number(request), request.GET.get("kind", "")
    counts = queries.kind_counts(request.user, now)
    if kind and kind not in KINDS:
        raise NotFound(f"there is no kind of resource {kind}")
    total, rows = queries.resources_listed(
        request.user, now, kind=kind, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE
    )
    page = reverse("resources")
    return render(
        request,
        "resources/list.html",
        {
            "items": [ResourceItem(row, author_names(row)) for row in rows],
            "kinds": [
                ResourceKindFilter(
                    KINDS[name], count, f"{page}?{urlencode({'kind': name})}", name == kind
                )
                for name, count in counts.items()
            ],
            "kind": KINDS[kind] if kind else "",
            "total": total,
            "paging": Paging.of(request, number, total=total, size=PAGE_SIZE),
        },
    )


@require_safe
def resource_page(request: HttpRequest, key: str) -> HttpResponse:
    """The catalogue entry of one publication, with a link to it."""
    now = timezone.now()
    record = queries.resource_for(key, request.user, now)
    description = description_of(record)
    return render(
        request,
        "resources/resource.html",
        {
            "resource": record,
            "authors": author_names(record),
            "host": urlsplit(record.url).hostname if record.url else "",
            "around": related_records(record.record, request),
            "series": queries.others_in_series(record, request.user, now),
            "citation": cite_resource(description, accessed=record.accessed_on),
            "taking": record_exports(
                request, "resource", key, listed=RULES[RecordClass.RESOURCE].listed
            ),
            "staff": has_permission(request.user, "see unpublished reports"),
            "may_catalogue": has_permission(request.user, "catalogue"),
        },
    )
