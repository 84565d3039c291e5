"""The draft of a report as readers will see it, page and PDF, for those who may sign it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark import pipeline
from waymark.core.errors import RuleError
from waymark.overview.models import Overview
from waymark.publishing.html import Links, fragment
from waymark.publishing.nodes import chapters_of
from waymark.publishing.pdf import pdf
from waymark.publishing.reports import Draft, marked_draft
from waymark.web.mending import mends
from waymark.web.report_pages import FRONT
from waymark.web.writing import report_overview


@require_safe
def draft(request: HttpRequest, slug: str) -> HttpResponse:
    """The whole report on one page, marked as a draft."""
    overview, report = _draft(request, slug)
    document = marked_draft(report) if report.composed else None
    links = Links(
        passage=lambda key: reverse("passage", args=[key]),
        review=lambda reference: reverse("review", args=[reference]),
    )
    chapters = chapters_of(document) if document else []
    answer = render(
        request,
        "writing/draft.html",
        {
            "overview": overview,
            "draft": report,
            "document": document,
            "chapters": [
                chapter.heading for chapter in chapters if chapter.heading.anchor != FRONT
            ],
            "body": fragment(document, address=None, links=links) if document else "",
            "wrong": mends(request, overview, report.in_the_way),
        },
    )
    return _kept_by_none(answer)


@require_safe
def draft_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    """The draft as PDF. Each page says that it is a draft."""
    _, report = _draft(request, slug)
    if report.composed is None or any(not fault.readable for fault in report.composed.faults):
        reasons = "; ".join(str(fault) for fault in report.in_the_way)
        raise RuleError(f"the PDF of the draft is not available yet: {reasons}")
    answer = HttpResponse(pdf(marked_draft(report)), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{slug}-draft.pdf"'
    return _kept_by_none(answer)


def _draft(request: HttpRequest, slug: str) -> tuple[Overview, Draft]:
    """Raises NotPermitted, and NotFound where nothing has been frozen."""
    overview = report_overview(request, slug)
    return overview, pipeline.report_draft(overview, timezone.now())


def _kept_by_none(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
