"""Find and quote: passages for a question as quotations, and a draft by the operator's model."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from waymark.accounts.permissions import has_permission, require_permission
from waymark.coding.queries.machines import drafting_model
from waymark.coding.quote_draft import (
    FAULTS,
    MOST_CHARACTERS,
    MOST_PASSAGES,
    MOST_QUESTION,
    QuoteDraft,
)
from waymark.core.errors import NotFound, RuleError
from waymark.core.wording import as_sentence
from waymark.documents.queries.reader import CitedPlace, cited_place
from waymark.library.queries.content_notes import content_notes_together
from waymark.library.queries.question_passages import passages_for_question, unpublished_among
from waymark.library.search.results import PassageHit
from waymark.pipeline.publishing.quotation_files import (
    CitedQuotation,
    quotations_as_text,
    quotations_as_word,
)
from waymark.pipeline.quote_drafts import DRAFT, OFF, draft_paragraph
from waymark.web.shared.clean_input import clean_line
from waymark.web.shared.file_answers import file_answer
from waymark.web.shared.passage_citation import passage_citation

STAFF = "see unpublished reports"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOST_CHOSEN = 50
NOT_PUBLISHED = "Not published: for work within this service only."


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage for a question. public: everyone can read it; chosen: it is ticked.

    address: of its page, for what is printed.
    """

    hit: PassageHit
    address: str
    public: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A sentence of a model. quote: the words of the report that it rests on."""

    text: str
    quote: str
    place: CitedPlace


@dataclass(frozen=True, slots=True)
class ShownDraft:
    """A draft as the page shows it. dropped: number of sentences left out, and why."""

    lines: tuple[DraftLine, ...]
    dropped_total: int
    dropped: tuple[tuple[int, str], ...]


@require_safe
def find_and_quote(request: HttpRequest) -> HttpResponse:
    """Ask a question and choose among the passages with its words."""
    require_permission(request.user, STAFF)
    return _page(request, clean_line(request.GET.get("q", ""))[:MOST_QUESTION])


@require_POST
def quotations(request: HttpRequest) -> HttpResponseBase:
    """The chosen passages as a file of quotations with their citations."""
    require_permission(request.user, STAFF)
    question, keys, now = _question(request), _chosen(request), timezone.now()
    if not keys or len(keys) > MOST_CHOSEN:
        problem = f"choose at least one passage, and {MOST_CHOSEN} at most"
        return _page(request, question, keys, problem=problem)
    places = [cited_place(key, request.user, now) for key in keys]
    unpublished = unpublished_among(keys, now)
    rows = [_quotation(request, row, public=row.key not in unpublished) for row in places]
    if request.POST.get("do") == "docx":
        content, ending, media_type = (
            quotations_as_word(question, rows, service=settings.SITE_NAME, now=now),
            "docx",
            WORD,
        )
    else:
        content = quotations_as_text(question, rows)
        ending, media_type = "txt", "text/plain; charset=utf-8"
    answer = file_answer(request, content, name=f"quotations.{ending}", media_type=media_type)
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
def quote_draft(request: HttpRequest) -> HttpResponse:
    """A paragraph from the chosen passages by the operator's own model. It is stored nowhere."""
    require_permission(request.user, DRAFT)
    if drafting_model() is None:
        raise NotFound(OFF)
    question, keys, now = _question(request), _chosen(request), timezone.now()
    try:
        draft = draft_paragraph(by=request.user, question=question, passages=keys, now=now)
    except RuleError as error:
        return _page(request, question, keys, problem=str(error))
    places = [cited_place(key, request.user, now) for key in keys]
    return _page(request, question, keys, draft=_shown(draft, places))


def _question(request: HttpRequest) -> str:
    return clean_line(request.POST.get("q", ""))[:MOST_QUESTION]


def _chosen(request: HttpRequest) -> list[str]:
    """The ticked citation keys, each once, in the order of the page; a few more than allowed."""
    return list(dict.fromkeys(request.POST.getlist("passage")[: MOST_CHOSEN + 1]))


def _quotation(request: HttpRequest, place: CitedPlace, *, public: bool) -> CitedQuotation:
    citation = passage_citation(request, place)
    return CitedQuotation(
        words=place.quote,
        short=f"{place.report.review.title}, page {place.page}",
        citation=citation if public else f"{citation} {NOT_PUBLISHED}",
        key=place.key,
    )


def _shown(draft: QuoteDraft, places: Sequence[CitedPlace]) -> ShownDraft:
    return ShownDraft(
        lines=tuple(
            DraftLine(row.text, row.span.of(places[row.passage].quote), places[row.passage])
            for row in draft.sentences
        ),
        dropped_total=draft.dropped_total,
        dropped=tuple((count, FAULTS[fault]) for fault, count in draft.dropped.items()),
    )


def _page(
    request: HttpRequest,
    question: str,
    chosen: Sequence[str] = (),
    *,
    draft: ShownDraft | None = None,
    problem: str = "",
) -> HttpResponse:
    now = timezone.now()
    hits = passages_for_question(question, person=request.user, now=now) if question else ()
    machine = drafting_model() if has_permission(request.user, DRAFT) else None
    context: dict[str, Any] = {
        "question": question,
        "found": _found(request, hits, chosen, now),
        "not_published": NOT_PUBLISHED,
        "passage_notes": content_notes_together(hit.reference for hit in hits),
        "highlighting": urlencode({"q": question}),
        "model": machine,
        "most_passages": MOST_PASSAGES,
        "most_characters": MOST_CHARACTERS,
        "most_question": MOST_QUESTION,
        "draft": draft,
        "problem": as_sentence(problem) if problem else "",
    }
    page = render(request, "staff/find_and_quote.html", context, status=400 if problem else 200)
    page["Cache-Control"] = "private, no-store"
    return page


def _found(
    request: HttpRequest, hits: Sequence[PassageHit], chosen: Sequence[str], now: datetime
) -> list[FoundPassage]:
    unpublished = unpublished_among([hit.passage.key for hit in hits], now)
    return [
        FoundPassage(
            hit,
            request.build_absolute_uri(reverse("passage", args=[hit.passage.key])),
            public=hit.passage.key not in unpublished,
            chosen=hit.passage.key in chosen,
        )
        for hit in hits
    ]
