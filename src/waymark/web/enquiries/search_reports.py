"""Report of a literature search as a file: for the desk, and for the asker it was sent to."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.core.errors import NotFound
from waymark.enquiries.models import LiteratureSearch
from waymark.enquiries.queries import search_reports, searches
from waymark.enquiries.search_report import compose_search_report
from waymark.publishing.formats.pdf import render_pdf
from waymark.publishing.formats.word import render_word
from waymark.web.shared.file_answers import file_answer

MEDIA_TYPES: dict[str, tuple[str, Callable[..., bytes]]] = {
    "pdf": ("application/pdf", render_pdf),
    "docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        render_word,
    ),
}
"""Ending -> media type, and what renders the file."""


@require_safe
def search_report(request: HttpRequest, number: int, ending: str) -> HttpResponseBase:
    """The report as a file, for staff; of a search in progress, a draft."""
    return _report(request, searches.search_for(number, request.user), ending)


@require_safe
def sent_report(
    request: HttpRequest, reference: str, token: str, number: int, ending: str
) -> HttpResponseBase:
    """The report that was sent with an answer, for whoever has the private link."""
    return _report(request, search_reports.sent_search(reference, token, number), ending)


def _report(request: HttpRequest, search: LiteratureSearch, ending: str) -> HttpResponseBase:
    if ending not in MEDIA_TYPES:
        raise NotFound(f"a report has no file {ending}")
    media_type, rendered = MEDIA_TYPES[ending]
    document = compose_search_report(search_reports.report_of(search, timezone.now()))
    name = f"literature-search-{search.pk}.{ending}"
    answer = file_answer(request, rendered(document), name=name, media_type=media_type)
    answer["Cache-Control"] = "private, no-store"
    return answer
