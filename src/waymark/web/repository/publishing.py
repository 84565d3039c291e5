"""Publish a review: the last step, confirmed on a page that says what becomes public."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark import pipeline
from waymark.accounts.models import State
from waymark.accounts.permissions import require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import NotReady, RuleError
from waymark.core.wording import list_in_words
from waymark.documents.models import Report, Review
from waymark.documents.queries import holdings
from waymark.library.queries.deposit_records import record_gaps
from waymark.pipeline.publishing.publication_reasons import OPENING
from waymark.web.repository.visibility import VisibilityForm
from waymark.web.shared.fields import CheckField, TicksField

PUBLISH = "publish reports"
CHOSEN = frozenset({State.RECEIVED, State.IN_CHECK})
"""States of files that are chosen at first: internal ones were kept back by a person."""


class PublishReviewForm(VisibilityForm):
    """The files that are published with a review, and the confirmation of gaps in its record."""

    reports = TicksField("Files that become public with it", ())
    incomplete = CheckField("Publish it without: none of this is known")

    def __init__(self, reports: list[Report], gaps: list[str], **options: Any) -> None:
        chosen = [report.key for report in reports if report.state in CHOSEN]
        super().__init__(initial={"reports": chosen}, **options)
        choices = [(report.key, _label_of(report)) for report in reports]
        cast(Any, self.fields["reports"]).choices = choices
        self.fields["incomplete"].help_text = f"Its record has {_missing(gaps)}."
        if not gaps:
            del self.fields["incomplete"]
        if not choices:
            del self.fields["reports"]


def _label_of(report: Report) -> str:
    state = report.get_state_display().lower()
    return f"{report.get_kind_display()}: {report.file_name} ({state})"


def _missing(gaps: list[str]) -> str:
    return list_in_words([f"no {gap}" for gap in gaps])


@require_http_methods(["GET", "HEAD", "POST"])
def publish_review(request: HttpRequest, reference: str) -> HttpResponse:
    """Publish a review, on a page that lists what becomes public and what is still open."""
    review = holdings.review_in_any_state(reference, request.user)
    require_permission(request.user, PUBLISH)
    unpublished = review.reports.filter(state__in=OPEN_TO_STAFF - OPENING).order_by("kind", "pk")
    reports, gaps = list(unpublished), record_gaps(review)
    form = PublishReviewForm.of(request, reports, gaps)
    reasons = pipeline.open_reasons(review, timezone.now(), whole=True)
    if form.is_valid():
        try:
            _publish(request, review, form)
        except NotReady as error:
            reasons = list(error.reasons)
            form.refuse("Nothing was published: someone must answer the questions below first")
        except RuleError as error:
            form.refuse(error, "incomplete" if "incomplete" in form.fields else None)
        else:
            messages.success(request, f"{reference} is now published.")
            return redirect("review-state", reference)
    return render(
        request,
        "staff/publish_review.html",
        {
            "record": review,
            "form": form,
            "reasons": reasons,
            "public_reports": review.reports.filter(state__in=OPENING),
        },
        status=form.http_status,
    )


def _publish(request: HttpRequest, review: Review, form: PublishReviewForm) -> None:
    pipeline.publish_record(
        by=request.user,
        review=review,
        now=timezone.now(),
        reports=form.cleaned_data.get("reports", ()),
        incomplete=form.cleaned_data.get("incomplete", False),
        seen=form.seen,
    )
