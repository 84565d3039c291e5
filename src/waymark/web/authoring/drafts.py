"""The draft of a report as readers will see it, page and PDF, for those who may sign it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark import pipeline
from waymark.core.errors import RuleError
from waymark.library.queries.content_notes import content_notes_together
from waymark.overview.models import Overview
from waymark.publishing.document.content_note import with_content_note
from waymark.publishing.document.nodes import chapters_of
from waymark.publishing.formats.html import PageLinks, render_fragment
from waymark.publishing.formats.pdf import render_pdf
from waymark.publishing.queries.drafts import ReportDraft, marked_document
from waymark.publishing.queries.imprint import with_imprint
from waymark.web.authoring.carried import texts_to_confirm
from waymark.web.authoring.obstacles import obstacle_links
from waymark.web.authoring.preparing import preparing_page
from waymark.web.authoring.texts import report_overview
from waymark.web.overviews.chapters import FRONT


@require_safe
def draft_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The whole report on one page, marked as a draft."""
    if waiting := _waiting(request, slug):
        return waiting
    overview, report = _draft_report(request, slug)
    document = marked_document(report) if report.composed else None
    links = PageLinks(
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
            "content_notes": content_notes_together(
                passage.review for passage in report.report.passages.values()
            ),
            "body": render_fragment(document, address=None, links=links) if document else "",
            "wrong": obstacle_links(request, overview, report.obstacles),
            "carried": texts_to_confirm(overview, report.report.texts),
        },
    )
    return _without_caching(answer)


@require_safe
def draft_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    """The draft as PDF. Each page says that it is a draft."""
    if waiting := _waiting(request, slug):
        return waiting
    _, report = _draft_report(request, slug)
    if report.composed is None or any(not fault.readable for fault in report.composed.faults):
        reasons = "; ".join(str(fault) for fault in report.obstacles)
        raise RuleError(f"the PDF of the draft is not available yet: {reasons}")
    document = with_content_note(marked_document(report), report.report, content_notes_together)
    answer = HttpResponse(render_pdf(with_imprint(document, slug)), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{slug}-draft.pdf"'
    return _without_caching(answer)


def _waiting(request: HttpRequest, slug: str) -> HttpResponse | None:
    return preparing_page(request, report_overview(request, slug), "draft", "Read the draft")


def _draft_report(request: HttpRequest, slug: str) -> tuple[Overview, ReportDraft]:
    """The overview and its draft. Raises NotPermitted; NotFound if nothing has been frozen."""
    overview = report_overview(request, slug)
    return overview, pipeline.report_draft(overview, timezone.now())


def _without_caching(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
