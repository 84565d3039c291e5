"""Audit form of a body: to read, to print, and as a file."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.bodies import queries
from waymark.core.errors import NotFound
from waymark.follow_up.queries.audit_form import audit_form
from waymark.publishing.formats.printed_form import form_as_excel, form_as_word
from waymark.web.middleware.downloads import one_at_a_time
from waymark.web.shared.file_answers import file_answer

OFFICE = "application/vnd.openxmlformats-officedocument."
WRITERS = {
    "docx": (form_as_word, f"{OFFICE}wordprocessingml.document"),
    "xlsx": (form_as_excel, f"{OFFICE}spreadsheetml.sheet"),
}


@require_safe
def audit_page(request: HttpRequest, key: str) -> HttpResponse:
    """The audit form of a body."""
    now = timezone.now()
    body = queries.body_for(key, request.user, now)
    if body.key != key:
        return redirect("body-audit", body.key, permanent=True)
    printed = audit_form(body, request.user, now)
    table = printed.parts[0].table
    number = len(table.rows) if table else 0
    context = {"body": body, "printed": printed, "number": number}
    return render(request, "bodies/audit.html", context)


@require_safe
@one_at_a_time
def audit_file(request: HttpRequest, key: str, ending: str) -> HttpResponseBase:
    """The form as a file. Raises NotFound."""
    if ending not in WRITERS:
        raise NotFound(f"there is no file {ending} of an audit form")
    now = timezone.now()
    body = queries.body_for(key, request.user, now)
    write, media_type = WRITERS[ending]
    content = write(audit_form(body, request.user, now))
    return file_answer(request, content, name=f"audit-{body.key}.{ending}", media_type=media_type)
