"""Records for other programs: files, feeds, the sitemap and OAI-PMH harvesting."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.html import linebreaks
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.content_state import ContentCache
from waymark.briefings.queries.editions import published_briefings, record_key
from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.errors import RuleError, require_found
from waymark.documents.models import Review
from waymark.enquiries.queries.published_answers import public_answers
from waymark.indicators.queries.indicators import record_key as indicator_key
from waymark.indicators.queries.indicators import visible_indicators
from waymark.library.exchange.oai import provider
from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writers import WRITINGS, ExportFormat
from waymark.library.exchange.writers.citations import references
from waymark.library.exchange.writers.schema_org import citation_tags, write_json_ld
from waymark.library.models import CatalogueRecord
from waymark.library.models.kinds import CASE_REVIEW
from waymark.library.queries.authors import open_authors
from waymark.library.queries.content_notes import content_notes_by_reference
from waymark.library.queries.exchange import (
    RESOURCE,
    REVIEW,
    PageOf,
    chosen_records,
    found_record_data,
    named_record,
)
from waymark.library.queries.harvest import LibraryRepository, listed_pages
from waymark.library.queries.library_mark import library_mark
from waymark.library.search.protocol import SearchRequest
from waymark.overview.queries.other_overviews import open_other_overviews
from waymark.publishing.queries import current_editions
from waymark.training.queries import record_key as course_key
from waymark.training.queries import visible_courses
from waymark.web.library.search_request import answer_to, search_request_of
from waymark.web.middleware.downloads import one_at_a_time
from waymark.web.middleware.pacing import EXPORTS, HARVESTS, paced
from waymark.web.middleware.robots import pages_to_list
from waymark.web.shared.addresses import cited_address, shown_address
from waymark.web.shared.take_away import NamedLink

MOST_RECORDS = 200
"""Records in one file of results; the next 200 are its page 2."""
FEED_ENTRIES = 50
TAG_YEAR = 2026
"""Year in the ids of feeds and entries, never to be changed: part of the ids."""
NO_ENTRY_YET = datetime(TAG_YEAR, 1, 1, tzinfo=UTC)
"""Time of the last change of a feed without entries: Django's is now, which always differs."""
ATOM = "application/atom+xml; charset=utf-8"
MOST_LISTED = 50_000
"""Most addresses in one sitemap (https://www.sitemaps.org/protocol.html)."""


def cited_pages(request: HttpRequest) -> PageOf:
    """Function that returns the address of a record's page for files, which people keep."""
    return lambda kind, name: cited_address(request, reverse(kind, args=[name]))


def pages_from(request: HttpRequest) -> PageOf:
    """Function that returns the absolute address of a record's page, for citations on a page."""
    return lambda kind, name: shown_address(request, reverse(kind, args=[name]))


# ---- one record ----


@require_safe
def review_file(request: HttpRequest, reference: str, ending: str) -> HttpResponse:
    """The record of a review in one of WRITINGS."""
    return _record_file(request, REVIEW, reference, ending)


@require_safe
def resource_file(request: HttpRequest, key: str, ending: str) -> HttpResponse:
    """The record of a resource in one of WRITINGS."""
    return _record_file(request, RESOURCE, key, ending)


def _record_file(request: HttpRequest, kind: str, name: str, ending: str) -> HttpResponse:
    writing = _export_format(ending)
    data = require_found(one_record(request, kind, name), f"there is no {kind} {name}")
    return records_file(writing, [data], name)


def one_record(request: HttpRequest, kind: str, name: str) -> RecordData | None:
    """Exportable data of a record; None if there is none that the person may see."""
    return named_record(
        kind, name, person=request.user, now=timezone.now(), page_of=cited_pages(request)
    )


@dataclass(frozen=True, slots=True)
class RecordExports:
    """Exports of a record that its page offers to other programs.

    files: label and address of each format; tags: names and contents for reference managers;
    json_ld: for search engines, None where they must not list the page; citation: the reference in
    Harvard style, as the file of that style has it today.
    """

    files: list[tuple[str, str]]
    tags: list[tuple[str, str]]
    json_ld: str | None
    citation: str


def record_exports(
    request: HttpRequest, kind: str, name: str, *, listed: bool
) -> RecordExports | None:
    """Exports of a review or resource; None if it has no record that the person may see."""
    data = one_record(request, kind, name)
    return None if data is None else exports_of(data, kind, name, listed=listed)


def exports_of(data: RecordData, kind: str, name: str, *, listed: bool) -> RecordExports:
    """Exports of a record whose data has been read."""
    # Escape "<" and "&" so that no text can end the script element.
    plain = write_json_ld([data]).decode().replace("<", "\\u003c").replace("&", "\\u0026")
    (citation,) = references([data], "harvard", accessed=timezone.localdate())
    return RecordExports(
        _file_links(kind, name), list(citation_tags(data)), plain if listed else None, citation
    )


def record_files(review: Review) -> list[NamedLink]:
    """The files of a review's record; none if it is not catalogued."""
    if not CatalogueRecord.objects.filter(review=review).exists():
        return []
    return [NamedLink(label, url) for label, url in _file_links(REVIEW, review.reference)]


def _file_links(kind: str, name: str) -> list[tuple[str, str]]:
    return [
        (writing.label, reverse(f"{kind}-record", args=[name, writing.ending]))
        for writing in WRITINGS.values()
    ]


def _export_format(ending: str) -> ExportFormat:
    writing = WRITINGS.get(ending)
    if writing is None:
        raise Http404(f"records are not available as {ending}")
    return writing


def records_file(writing: ExportFormat, records: list[RecordData], name: str) -> HttpResponse:
    """Records as a file to download. name: of the file, without its ending."""
    answer = HttpResponse(writing.write(records), content_type=writing.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}.{writing.ending}"'
    return answer


# ---- search results ----


@require_safe
@paced(EXPORTS)
def results_file(request: HttpRequest, ending: str) -> HttpResponseBase:
    """A page of search results, up to as many records as the format has, in one of WRITINGS."""
    writing = _export_format(ending)
    make = one_at_a_time(_made_file) if writing.slow else _made_file
    return make(request, writing)


def _made_file(request: HttpRequest, writing: ExportFormat) -> HttpResponse:
    if request.GET.get("chosen"):
        return records_file(writing, _chosen_records(request, writing.most), "chosen-records")
    search = search_request_of(request)
    return records_file(
        writing, _found_records(request, search, writing.most), f"results-{search.page}"
    )


def _chosen_records(request: HttpRequest, most: int) -> list[RecordData]:
    """The records that are ticked in the results. Raises RuleError for none and for too many."""
    keys = list(dict.fromkeys(request.GET.getlist("record")))
    if not keys:
        raise RuleError("Choose records first: tick the box below the title of each")
    if len(keys) > most:
        raise RuleError(f"Choose {most} records or fewer")
    return chosen_records(
        keys, person=request.user, now=timezone.now(), page_of=cited_pages(request)
    )


@require_safe
@paced(EXPORTS)
def results_json(request: HttpRequest) -> JsonResponse:
    """A page of search results, as `waymark search --json` prints it, without scores."""
    answer = answer_to(search_request_of(request), request, now=timezone.now(), limit=MOST_RECORDS)
    whole = answer.as_json() | {
        "page": answer.page,
        "pages": answer.pages,
        "forbidden_uses": FORBIDDEN_USES_IN_FULL,
    }
    return JsonResponse(whole, json_dumps_params={"ensure_ascii": False})


def _found_records(request: HttpRequest, search: SearchRequest, limit: int) -> list[RecordData]:
    return found_record_data(
        replace(search, limit=limit),
        person=request.user,
        now=timezone.now(),
        page_of=pages_from(request),
    )


@require_safe
def atom_feed(request: HttpRequest) -> HttpResponse:
    """Search results as an Atom feed, newest records first."""
    return _search_feed(request, AtomFeed, ATOM)


@require_safe
def rss_feed(request: HttpRequest) -> HttpResponse:
    """The same as RSS 2.0."""
    return _search_feed(request, RssFeed, "application/rss+xml; charset=utf-8")


class AtomFeed(Atom1Feed):
    """Atom whose bytes depend on its entries alone."""

    def latest_post_date(self) -> datetime:
        """Time of the latest change of an entry."""
        return super().latest_post_date() if self.items else NO_ENTRY_YET


def entry_html(text: str) -> str:
    """Plain text as the HTML of an entry: "<5 years" in it would be a tag."""
    return linebreaks(text, autoescape=True)


class RssFeed(Rss201rev2Feed):
    """RSS 2.0 whose bytes depend on its entries alone."""

    def latest_post_date(self) -> datetime:
        """Time of the latest change of an entry."""
        return super().latest_post_date() if self.items else NO_ENTRY_YET


def _search_feed(
    request: HttpRequest, form: type[SyndicationFeed], media_type: str
) -> HttpResponse:
    search = search_request_of(request)
    query = request.GET.urlencode()
    page = request.build_absolute_uri(reverse("find")) + (f"?{query}" if query else "")
    title = f"{settings.SITE_NAME}: {search.text or 'new in the library'}"
    return search_feed(request, search, title=title, page=page, form=form, media_type=media_type)


def search_feed(
    request: HttpRequest,
    search: SearchRequest,
    *,
    title: str,
    page: str,
    form: type[SyndicationFeed] = AtomFeed,
    media_type: str = ATOM,
) -> HttpResponse:
    """The records of a search, newest first, as a feed. page: the address it is of.

    The index is updated after the records, so that one day of change can have two contents.
    """
    records = _found_records(request, replace(search, sort="added"), FEED_ENTRIES)
    notes = content_notes_by_reference(record.key.removeprefix("review/") for record in records)
    path = page.removeprefix(request.build_absolute_uri("/"))
    feed = form(
        title=title,
        link=page,
        feed_guid=tag_uri(path),
        description="Records of the library, newest first.",
        language="en-gb",
        feed_url=request.build_absolute_uri(),
        feed_copyright=FORBIDDEN_USES_IN_FULL,
    )
    for record in records:
        feed.add_item(
            title=record.title,
            link=record.page,
            description=_entry_text(record, notes),
            unique_id=tag_uri(record.key),
            unique_id_is_permalink=False,
            pubdate=record.available_at,
            updateddate=record.changed_at,
            author_name="; ".join(record.creators) or settings.SITE_NAME,
            categories=list(record.subjects),
        )
    return feed_answer(request, feed, media_type)


def feed_answer(
    request: HttpRequest, feed: SyndicationFeed, media_type: str = ATOM
) -> HttpResponse:
    """A feed whose bytes depend on its entries alone; 304 if the reader has them.

    Only the tag decides that: the time of the latest entry stays where an entry is withdrawn.
    """
    content = feed.writeString("utf-8").encode()
    etag = f'"{sha256(content).hexdigest()[:32]}"'
    known = get_conditional_response(request, etag=etag)
    answer = known if known is not None else HttpResponse(content, content_type=media_type)
    answer["ETag"] = etag
    answer["Last-Modified"] = http_date(feed.latest_post_date().timestamp())
    return answer


def tag_uri(name: str) -> str:
    """Permanent id of an entry or a feed (RFC 4151): the same whatever host the site has.

    tag_uri("review/R01") -> "tag:library.example.org,2026:review/R01". Changing it would show every
    entry as new to every reader.
    """
    return f"tag:{settings.REPOSITORY},{TAG_YEAR}:{name}"


def _entry_text(record: RecordData, notes: Mapping[str, str]) -> str:
    """The abstract as HTML; of a review after what it describes, by kind."""
    return entry_html(_plain_entry(record, notes))


def _plain_entry(record: RecordData, notes: Mapping[str, str]) -> str:
    if record.kind != CASE_REVIEW:
        return record.abstract
    described = notes.get(
        record.key.removeprefix("review/"), "the death or serious harm of a child"
    )
    return f"Content note: this review describes {described}.\n\n{record.abstract}".strip()


# ---- sitemap and harvesting ----


_cached_sitemaps: ContentCache[bytes] = ContentCache(size=2)


@require_safe
def sitemap_xml(request: HttpRequest) -> HttpResponse:
    """Every page that search engines may list; cached for a state of the library."""
    # The same for everybody: what only staff may see is never listed.
    mark = library_mark(AnonymousUser(), timezone.now())
    key = request.scheme, request.get_host(), settings.DEPOSITS
    content = _cached_sitemaps.value(mark, key, lambda: _sitemap(request))
    return HttpResponse(content, content_type="application/xml")


def _sitemap(request: HttpRequest) -> bytes:
    page_of, now = pages_from(request), timezone.now()
    here: Callable[[str], str] = request.build_absolute_uri
    pages: list[tuple[str, datetime | None]] = [(here(entry), None) for entry in pages_to_list()]
    pages += [
        (here(reverse("overview", args=[entry.slug])), entry.published_at)
        for entry in current_editions()
    ]
    briefings = published_briefings()
    pages += [
        (here(reverse("briefing", args=[entry.kind, entry.slug])), entry.published_at)
        for entry in briefings
    ]
    pages += [
        (here(reverse("author", args=[key])), None)
        for key in open_authors(AnonymousUser(), now).values_list("key", flat=True)
    ]
    pages += [
        (here(reverse("other-overview", args=[row.slug])), row.changed_at)
        for row in open_other_overviews(AnonymousUser())
    ]
    answers = list(public_answers(now))
    pages += [
        (here(reverse("answer", args=[row.resource.key])), row.approved_at) for row in answers
    ]
    indicators, courses = visible_indicators(AnonymousUser()), visible_courses(AnonymousUser())
    pages += [(here(reverse("indicator", args=[row.slug])), row.changed_at) for row in indicators]
    pages += [(here(reverse("course", args=[row.slug])), row.changed_at) for row in courses]
    records = listed_pages(
        now,
        page_of,
        most=MOST_LISTED - len(pages),
        # Their pages redirect to the briefings and other pages, which are listed already.
        without=[
            *(record_key(entry.kind, entry.slug) for entry in briefings),
            *(row.resource.key for row in answers),
            *(indicator_key(row.slug) for row in indicators),
            *(course_key(row.slug) for row in courses),
        ],
    )
    return render_to_string("sitemap.xml", {"pages": [*pages, *records]}, request).encode()


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@paced(HARVESTS)
def oai_pmh(request: HttpRequest) -> HttpResponse:
    """OAI-PMH 2.0. It changes nothing, so a POST needs no token."""
    try:
        sent = request.POST if request.method == "POST" else request.GET
    except RequestDataTooBig:
        # The protocol requires an XML answer to every request: ignore the body.
        sent = request.GET
    arguments = [(name, value) for name, values in sent.lists() for value in values]
    now = datetime.now(UTC)
    source = LibraryRepository(
        name=settings.SITE_NAME,
        mail=settings.MAIL_FROM or f"library@{settings.REPOSITORY}",
        host=settings.REPOSITORY,
        page_of=pages_from(request),
        now=now,
    )
    address = request.build_absolute_uri(reverse("oai"))
    content = provider.answer_request(arguments, source, address=address, now=now)
    return HttpResponse(content, content_type="text/xml; charset=utf-8")
