"""Literature searches for the desk: the list, one search, its results and its report."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.core.errors import RuleError, ServiceUnavailable
from waymark.core.wording import as_sentence
from waymark.enquiries import services
from waymark.enquiries.models import Enquiry, LiteratureSearch, MessageSender
from waymark.enquiries.queries import desk, library_runs, search_reports, searches
from waymark.enquiries.search_report import screening_lines
from waymark.web.enquiries.search_forms import (
    AddPublicationForm,
    AddSourceForm,
    DescribeSearchForm,
    NewSearchForm,
    described_values,
)
from waymark.web.shared.clean_input import clean_lines, whole_number
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList
from waymark.web.shared.paging import Paging, page_number

SEARCHES = StaffList(
    "search",
    "searches",
    search=("title", "question", "enquiry__reference"),
    columns=(
        ListColumn("Search", "title", ("title",)),
        ListColumn("Enquiry", "enquiry", ("enquiry__reference",)),
        ListColumn("Results", "results", ("chosen",), falling=True),
        ListColumn("State", "state", ("finished_at",), falling=True),
        ListColumn("Begun", "begun", ("created_at",), falling=True),
    ),
    order="begun",
    filters=(
        ListFilter(
            "state",
            "State",
            {"open": "In progress", "finished": "Finished"},
            lambda value: searches.OPEN if value == "open" else ~searches.OPEN,
        ),
        ListFilter(
            "sent",
            "Report",
            {"sent": "Sent", "unsent": "Not sent"},
            lambda value: Q(sent_at__isnull=value == "unsent"),
        ),
    ),
)


@require_safe
def search_list(request: HttpRequest) -> HttpResponse:
    """All literature searches, the latest first."""
    view = SEARCHES.view(request, searches.listed_searches(request.user))
    return render(request, "enquiries/searches.html", {"list": view})


@require_http_methods(["GET", "HEAD", "POST"])
def new_search(request: HttpRequest) -> HttpResponse:
    """Begin a search, or copy a similar earlier one. ?enquiry= names the one that asks for it."""
    enquiry = _asking(request)
    words = _first_words(enquiry)
    now = timezone.now()
    if request.POST.get("do") == "copy":
        earlier = searches.search_for(_number(request, "search"), request.user)
        copy = services.copy_search(by=request.user, search=earlier, enquiry=enquiry, now=now)
        messages.success(request, "Copied: run it, and choose the results anew.")
        return redirect("literature-search", copy.pk)
    form = NewSearchForm.of(request)
    if form.is_valid():
        try:
            search = services.start_search(
                by=request.user, enquiry=enquiry, now=now, **form.cleaned_data
            )
        except RuleError as error:
            form.refuse(error)
        else:
            return redirect("edit-search", search.pk)
    typed = f"{form['title'].value() or ''} {form['question'].value() or ''}"
    similar = searches.similar_searches(f"{words} {typed}", request.user)
    context = {"form": form, "enquiry": enquiry, "words": words, "similar": similar}
    return render(request, "enquiries/new_search.html", context, status=form.http_status)


def _asking(request: HttpRequest) -> Enquiry | None:
    """The enquiry that a search is for; None without one. Raises NotFound."""
    reference = str(request.POST.get("enquiry") or request.GET.get("enquiry") or "")
    if not reference:
        # The permission is asked for also where nothing is read.
        desk.listed_enquiries(request.user)
        return None
    return desk.enquiry_for(reference, request.user)


def _first_words(enquiry: Enquiry | None) -> str:
    if enquiry is None:
        return ""
    first = enquiry.messages.exclude(sender=MessageSender.DESK).first()
    return first.text if first else ""


def _number(request: HttpRequest, name: str) -> int:
    return whole_number(str(request.POST.get(name, ""))) or 0


# ---- one search ----


@require_http_methods(["GET", "HEAD", "POST"])
def search_page(request: HttpRequest, number: int) -> HttpResponse:
    """A search as its report has it, with what is to be done next."""
    search = searches.search_for(number, request.user)
    action = str(request.POST.get("do", ""))
    if action in ACTIONS:
        return _done(request, search, ACTIONS[action])
    form = AddSourceForm.of(request)
    if form.is_valid():
        try:
            source = services.add_source(
                by=request.user, search=search, now=timezone.now(), **form.cleaned_data
            )
        except RuleError as error:
            form.refuse(error, "name")
        else:
            return redirect("search-source", search.pk, source.number)
    view = searches.view_of(search)
    context: dict[str, Any] = {
        "search": search,
        "view": view,
        "facts": [fact for fact in search_reports.search_facts(search) if fact[1]],
        "screening": screening_lines(view.counts),
        "form": form,
        "known": searches.known_sources(),
        "similar": searches.similar_searches(
            searches.search_text(search), request.user, without=search
        ),
        "endings": search_reports.ENDINGS,
        "usual": services.USUAL_RESULTS,
    }
    return render(request, "enquiries/search.html", context, status=form.http_status)


def _done(
    request: HttpRequest,
    search: LiteratureSearch,
    action: Callable[[HttpRequest, LiteratureSearch, datetime], str],
) -> HttpResponse:
    """Do what a button says, and show the search again."""
    try:
        message = action(request, search, timezone.now())
    except (RuleError, ServiceUnavailable) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, message)
    return redirect("literature-search", search.pk)


def _finish(request: HttpRequest, search: LiteratureSearch, now: datetime) -> str:
    services.finish_search(by=request.user, search=search, now=now)
    return "Finished. Send the report with the answer to the enquiry."


def _reopen(request: HttpRequest, search: LiteratureSearch, now: datetime) -> str:
    services.reopen_search(by=request.user, search=search, now=now)
    return "Opened again."


def _run(request: HttpRequest, search: LiteratureSearch, now: datetime) -> str:
    source = searches.source_for(search, _number(request, "source"))
    lines = services.run_source(by=request.user, source=source, now=now)
    return f"{lines} line{'' if lines == 1 else 's'} run in our library."


def _remove_source(request: HttpRequest, search: LiteratureSearch, now: datetime) -> str:
    source = searches.source_for(search, _number(request, "source"))
    services.remove_source(by=request.user, source=source, now=now)
    return f"{source.name} removed."


ACTIONS: dict[str, Callable[[HttpRequest, LiteratureSearch, datetime], str]] = {
    "finish": _finish,
    "reopen": _reopen,
    "run": _run,
    "remove-source": _remove_source,
}


@require_http_methods(["GET", "HEAD", "POST"])
def edit_search(request: HttpRequest, number: int) -> HttpResponse:
    """Question, scope, limits, rules and numbers of a search."""
    search = searches.search_for(number, request.user)
    form = DescribeSearchForm.of(request, initial=described_values(search))
    if form.is_valid():
        try:
            services.describe_search(
                by=request.user,
                search=search,
                description=form.description(),
                version=whole_number(form.cleaned_data["version"]) or 0,
                now=timezone.now(),
            )
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "Saved.")
            return redirect("literature-search", number)
    context = {"search": search, "form": form}
    return render(request, "enquiries/edit_search.html", context, status=form.http_status)


# ---- results ----


@require_http_methods(["GET", "HEAD", "POST"])
def search_results(request: HttpRequest, number: int) -> HttpResponse:
    """Choose results among what was found, add others, and write a note on each."""
    search = searches.search_for(number, request.user)
    action = str(request.POST.get("do", ""))
    form = AddPublicationForm(request.POST if action == "add" else None)
    if request.method == "POST" and (action != "add" or form.is_valid()):
        try:
            _change_results(request, search, form)
        except RuleError as error:
            if action != "add":
                messages.error(request, as_sentence(error))
                return redirect(request.get_full_path())
            form.refuse(error)
        else:
            return redirect(request.get_full_path())
    view = searches.view_of(search)
    total = len(library_runs.keys_to_choose(view))
    # The last record of the last page was chosen: what is before it is shown.
    pages = max(1, -(-total // library_runs.OFFERED))
    paging = Paging.of(
        request, min(page_number(request), pages), total=total, size=library_runs.OFFERED
    )
    context = {
        "search": search,
        "view": view,
        "form": form,
        "paging": paging,
        "offered": library_runs.records_to_choose(
            view, timezone.now(), first=max(0, paging.first - 1)
        ),
        "usual": services.USUAL_RESULTS,
    }
    return render(request, "enquiries/search_results.html", context, status=form.http_status)


def _change_results(
    request: HttpRequest, search: LiteratureSearch, form: AddPublicationForm
) -> None:
    """Do what a button of the results says; each also stores the notes that were typed."""
    now = timezone.now()
    notes = {
        pk: services.TypedNote(
            clean_lines(str(request.POST[f"note-{pk}"])),
            clean_lines(str(request.POST.get(f"before-{pk}", ""))),
        )
        for pk in search.results.values_list("pk", flat=True)
        if f"note-{pk}" in request.POST
    }
    if notes:
        services.save_notes(by=request.user, search=search, notes=notes, now=now)
        messages.success(request, "Notes saved.")
    if key := str(request.POST.get("choose", "")):
        services.choose_record(by=request.user, search=search, key=key, now=now)
    if row := _number(request, "remove"):
        services.remove_result(by=request.user, search=search, number=row, now=now)
    if form.is_bound and form.is_valid():
        services.add_publication(by=request.user, search=search, now=now, **form.cleaned_data)
