"""Scanned pages of a report: what became of them, and the choice of their words."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from waymark.core.errors import RuleError
from waymark.documents import services
from waymark.documents.queries import holdings
from waymark.documents.queries.recognition import leased_until, pages_of_report
from waymark.pipeline import choose_words
from waymark.web.shared.fields import RadioField, TextField
from waymark.web.shared.forms import SiteForm

RECOGNISE, OWN_WORDS = "recognise", "own-words"


class PageWordsForm(SiteForm):
    """The choice for the scanned pages of a report."""

    choice = RadioField(
        "What should happen to the scanned pages?",
        [
            (RECOGNISE, "Recognise their text again"),
            (OWN_WORDS, "Use the text in the file itself, or none: they are only images"),
        ],
        missing="Choose what should happen to the scanned pages.",
    )
    languages = RadioField(
        "In which languages are they?",
        [
            ("", "The usual ones for this review"),
            ("eng", "English"),
            ("eng+cym", "English and Welsh"),
            ("eng+gle", "English and Irish"),
        ],
        hint="Usual is what your administrator has set, with Welsh for a review in Wales and Irish "
        "for one in Northern Ireland.",
    )
    because = TextField(
        "Reason, if you use the text in the file or none",
        hint="Words that are only in the images of these pages are then not searched for names. "
        "We keep the reason in the audit record with your name.",
        most=500,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def scanned_pages(request: HttpRequest, key: str) -> HttpResponse:
    """The scanned pages of a report, with the form to choose their words."""
    report = holdings.report_in_any_state(key, request.user)
    pages = pages_of_report(report, request.user)
    form = PageWordsForm.of(request)
    if form.is_valid():
        try:
            choose_words(
                by=request.user,
                report=report,
                now=timezone.now(),
                numbers=[page.number for page in pages],
                languages=form.cleaned_data["languages"],
                own_words=form.cleaned_data["choice"] == OWN_WORDS,
                because=form.cleaned_data["because"],
            )
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "Your choice has been saved.")
            return redirect("scanned-pages", key=report.key)
    return render(
        request,
        "staff/scanned_pages.html",
        {
            "report": report,
            "pages": pages,
            "running_until": leased_until([report.pk]),
            "unread_because": services.reason_unread(report),
            "form": form,
        },
        status=form.http_status,
    )


@require_POST
def release_pages(request: HttpRequest, key: str) -> HttpResponse:
    """Let pages wait again that a process had begun which was stopped."""
    report = holdings.report_in_any_state(key, request.user)
    pages = services.release_pages(by=request.user, report=report, now=timezone.now())
    number = f"{len(pages)} page{'s' * (len(pages) != 1)}"
    messages.success(request, f"{number} released. Text recognition begins again by itself.")
    return redirect("scanned-pages", key=report.key)
