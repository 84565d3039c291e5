"""Words in the public description of a review or resource that may identify a person."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.core.errors import RuleError
from waymark.documents.queries import holdings
from waymark.library import services
from waymark.library.models import PublicWordsVerdict, Publishable
from waymark.library.queries import public_words, repository
from waymark.web.shared.fields import RadioField, TextField
from waymark.web.shared.forms import SiteForm


class PublicWordsForm(SiteForm):
    """The answer to the ticked words of a description."""

    verdict = RadioField(
        "What did you decide?",
        PublicWordsVerdict.choices,
        missing="Choose whether the words may be published or identify nobody.",
    )
    answer = TextField(
        "Reason",
        missing="Enter a reason.",
        hint="We keep it in the audit record with your name. Do not repeat the words.",
        most=500,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def review_words(request: HttpRequest, reference: str) -> HttpResponse:
    """The words of a review's description, and the form to decide on them."""
    review = holdings.review_in_any_state(reference, request.user)
    return _words_page(request, review, reference, "review")


@require_http_methods(["GET", "HEAD", "POST"])
def resource_words(request: HttpRequest, key: str) -> HttpResponse:
    """The words of a resource's description, and the form to decide on them."""
    return _words_page(request, repository.resource_to_publish(key, request.user), key, "resource")


def _words_page(request: HttpRequest, item: Publishable, key: str, kind: str) -> HttpResponse:
    words = public_words.public_words_of(item, request.user)
    form = PublicWordsForm.of(request)
    if form.is_valid():
        ticked = set(request.POST.getlist("words"))
        try:
            services.answer_public_words(
                by=request.user,
                item=item,
                marks=[row.mark for row in words if "|".join(row.mark) in ticked],
                now=timezone.now(),
                **form.cleaned_data,
            )
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "Your answer has been saved.")
            return redirect(f"{kind}-words", key)
    return render(
        request,
        "staff/public_words.html",
        {
            "name": key,
            "words": words,
            "waiting": sum(row.answer is None for row in words),
            "ticked": set(request.POST.getlist("words")),
            "form": form,
            "edit_page": reverse(f"edit-{kind}", args=[key]),
            "state_page": reverse(f"{kind}-state", args=[key]),
        },
        status=form.http_status,
    )
