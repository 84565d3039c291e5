"""Emails that are not sent: those that wait, and those that are not tried again by themselves."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from waymark.accounts.installation import pause_of_sending
from waymark.mail import queries
from waymark.mail import services as outbox
from waymark.mail.smtp import can_send
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList

NOT_TRIED_AGAIN = Q(lease_until=None) & ~Q(failed="")
EMAILS = StaffList(
    "email",
    "emails",
    search=("subject", "to", "key"),
    columns=(
        ListColumn("Email", "subject", ("subject",)),
        ListColumn("To", "to", ("to",)),
        ListColumn("Written", "written", ("written_at",), falling=True),
        ListColumn("Attempts", "attempts", ("attempts",), falling=True, number=True),
        ListColumn("State"),
    ),
    order="written",
    filters=(
        ListFilter(
            "state",
            "State",
            {"failed": "Not sent, no further attempts", "waiting": "Waiting to be sent"},
            lambda value: NOT_TRIED_AGAIN if value == "failed" else ~NOT_TRIED_AGAIN,
        ),
    ),
)


@require_safe
def unsent_emails(request: HttpRequest) -> HttpResponse:
    """The emails that are not sent, the oldest first."""
    return render(
        request,
        "staff/letters.html",
        {
            "list": EMAILS.view(request, queries.unsent_rows(request.user)),
            "can_send": can_send(),
            "pause": pause_of_sending(),
        },
    )


@require_POST
def retry_email(request: HttpRequest, number: int) -> HttpResponse:
    """Try an email that failed again."""
    letter = queries.letter_for(number, request.user)
    outbox.send_again(by=request.user, letter=letter, now=timezone.now())
    messages.success(request, "We will try to send the email again.")
    return redirect("letters")
