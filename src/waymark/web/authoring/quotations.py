"""Page to choose a passage of a theme and quote it in a chapter of an overview."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from waymark.coding.queries import ReviewWithCode, reviews_with_code
from waymark.core.errors import NotFound
from waymark.documents.keys import parse_span_key
from waymark.frameworks.queries import code_for
from waymark.overview.models import Overview
from waymark.publishing import services
from waymark.publishing.queries import drafts
from waymark.publishing.queries.drafts import ReportDraft
from waymark.web.authoring.texts import (
    CHANGE,
    draft_shown,
    plan_of,
    report_overview,
    themes_of,
    title_of,
)
from waymark.web.shared.clean_input import clean_line
from waymark.web.shared.paging import Paging, page_number

REVIEWS_ON_A_PAGE = 10


@dataclass(frozen=True, slots=True)
class QuotablePassage:
    """Passage to choose. refused: why it cannot be cited, or ""."""

    key: str
    page: int
    words: str
    refused: str


@dataclass(frozen=True, slots=True)
class ReviewPassages:
    """Passages of one review that have a theme."""

    bearing: ReviewWithCode
    passages: list[QuotablePassage]


@require_http_methods(CHANGE)
def choose_passages(request: HttpRequest, slug: str, theme: str) -> HttpResponse:
    """Agreed public passages of a theme, to quote in a chapter."""
    overview = report_overview(request, slug)
    themes = themes_of(overview)
    if theme not in themes:
        raise NotFound(f"the framework has no theme {theme}")
    slots = plan_of(overview).slots(tuple(themes))
    to = clean_line(request.POST.get("to", "") or request.GET.get("to", ""))
    if to not in slots:
        own = [slot for slot in slots if slot.endswith(f":{theme}")]
        to = (own or slots)[0]
    if request.method == "POST":
        return _append_quotation(
            request, overview, to, clean_line(request.POST.get("key", "")), theme
        )
    number = page_number(request)
    # As a visitor sees them: only public passages can be cited, whoever writes.
    total, reviews = reviews_with_code(
        code_for(overview.framework, theme),
        AnonymousUser(),
        timezone.now(),
        offset=(number - 1) * REVIEWS_ON_A_PAGE,
        limit=REVIEWS_ON_A_PAGE,
    )
    draft = draft_shown(overview)
    return render(
        request,
        "writing/passages.html",
        {
            "overview": overview,
            "theme": theme,
            "name": themes[theme],
            "to": to,
            "to_title": title_of(overview, to),
            "slots": [(slot, title_of(overview, slot)) for slot in slots],
            "reviews": [_review_passages(bearing, draft) for bearing in reviews],
            "total": total,
            "paging": Paging.of(request, number, total=total, size=REVIEWS_ON_A_PAGE),
        },
    )


def _review_passages(bearing: ReviewWithCode, draft: ReportDraft | None) -> ReviewPassages:
    keys = [quote.key for quote in bearing.quotes]
    # A draft that cannot be composed (content "") says of no passage that it refuses it.
    refused = drafts.draft_side_doors(draft, keys) if draft and draft.content else {}
    return ReviewPassages(
        bearing,
        [
            QuotablePassage(quote.key, quote.page, quote.exact, refused.get(quote.key, ""))
            for quote in bearing.quotes
        ],
    )


def _append_quotation(
    request: HttpRequest, overview: Overview, slot: str, key: str, theme: str
) -> HttpResponse:
    parse_span_key(key)  # what is no citation key would become a broken line of the chapter
    current = drafts.current_versions(overview).get(slot)
    text = current.text.rstrip() if current else ""
    services.save_text(
        by=request.user,
        overview=overview,
        slot=slot,
        text=f"{text}\n\n{{quote {key}}}\n".lstrip(),
        # The version that the text is based on, so that a concurrent change is refused.
        base=current.number if current else 0,
        now=timezone.now(),
    )
    messages.success(request, f"We added the quotation to the end of “{title_of(overview, slot)}”.")
    page = reverse("choose-passages", args=[overview.slug, theme])
    return redirect(f"{page}?{urlencode({'to': slot})}")
