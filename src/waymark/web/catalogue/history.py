"""History of a record for staff: its entries in the audit log."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from waymark.accounts import queries as accounts
from waymark.library.queries import cataloguing as queries

RECORD_ACTIONS = (
    "add resource",
    "change resource",
    "add review",
    "enter review",
    "change review",
    "change details",
    "catalogue",
    "set subjects",
    "relate records",
    "unrelate records",
    "record step",
    "take back step",
    "place abstract",
    "answer public words",
    "record family told",
    "withdraw family told",
    "set state",
)
REPORT_ACTIONS = (
    "store report",
    "name report",
    "move report",
    "decide on hidden text",
    "answer alerts",  # as earlier versions wrote it
    "answer possible identifiers",
    "release pages",
    "replace reading",
    "set retention",
    "begin retention",
    "erase file",
    "set state",
)
"""Actions in the history of a record and of its files: not what coders do, which is their own."""


@require_safe
def review_history(request: HttpRequest, reference: str) -> HttpResponse:
    """Audit entries of a review and its files, newest first."""
    review = queries.review_to_catalogue(reference, request.user).review
    names = {report.audit_subject(): report.file_name for report in review.reports.all()}
    entries = [
        *accounts.history_of([review.audit_subject()], request.user, actions=RECORD_ACTIONS),
        *accounts.history_of(names, request.user, actions=REPORT_ACTIONS),
    ]
    entries.sort(key=lambda entry: -entry.pk)
    rows = [(entry, names.get(entry.subject, "")) for entry in entries]
    return render(request, "catalogue/history.html", {"record": review, "history": rows})


@require_safe
def resource_history(request: HttpRequest, key: str) -> HttpResponse:
    """Audit entries of a resource, newest first."""
    resource = queries.resource_to_catalogue(key, request.user)
    entries = accounts.history_of([resource.audit_subject()], request.user, actions=RECORD_ACTIONS)
    rows = [(entry, "") for entry in entries]
    return render(request, "catalogue/history.html", {"record": resource, "history": rows})
