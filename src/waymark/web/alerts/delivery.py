"""Delivery of an issue for staff, and subscribers whose emails fail."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.permissions import has_permission
from waymark.alerts.models import Bounce, Dispatch, MailingState, Subscriber
from waymark.alerts.queries import completeness, failing
from waymark.alerts.queries.dispatches import NOT_SETTLED
from waymark.alerts.queries.subscriber_lists import masked, subscriber_with
from waymark.alerts.services import bounces, sending
from waymark.core.errors import RuleError, require_found
from waymark.mail.bounce_reasons import BounceKind
from waymark.web.shared.clean_input import whole_number
from waymark.web.shared.lists import ListColumn, StaffList

KINDS = {
    BounceKind.USER_UNKNOWN: "The address does not exist",
    BounceKind.HOST_UNKNOWN: "The domain takes no email",
    BounceKind.FULL: "Mailbox full",
    BounceKind.REFUSED: "Refused",
    BounceKind.TOO_BIG: "Too big",
    BounceKind.POLICY: "Refused by a policy",
    BounceKind.DELAYED: "Delayed",
    BounceKind.COMPLAINT: "Complaint: marked as spam",
    BounceKind.AUTO_REPLY: "Automatic reply",
    BounceKind.DELIVERED: "Delivered",
}
FAILING = StaffList(
    "subscriber",
    "subscribers",
    search=(),
    columns=(
        ListColumn("Subscriber", "number", ("pk",)),
        ListColumn("Last failure", "last", ("last_failure",), falling=True),
        ListColumn("What happened"),
        ListColumn("In a row"),
        ListColumn("State"),
    ),
    order="-last",
)


@dataclass(frozen=True, slots=True)
class FailingRow:
    """A subscriber in the list. name: their address, masked; bounce: the last one."""

    subscriber: Subscriber
    name: str
    bounce: Bounce
    what: str
    in_a_row: int


@require_http_methods(["GET", "HEAD", "POST"])
def delivery_page(request: HttpRequest, number: int) -> HttpResponse:
    """Whether everyone due received an issue, or why not; settle what nobody knows."""
    report = completeness.report_by_number(number, request.user)
    if request.method == "POST":
        try:
            messages.success(request, _settle(request, report))
        except RuleError as error:
            messages.error(request, f"Nothing was changed: {error}.")
        return redirect("alert-delivery", number=number)
    context = {
        "report": report,
        "states": [(state, state in NOT_SETTLED) for state in MailingState],
        "kinds": [(KINDS[BounceKind(kind)], n) for kind, n in report.bounces.items()],
        "may_settle": has_permission(request.user, completeness.SEND),
    }
    return render(request, "alerts/staff/delivery.html", context)


def _settle(request: HttpRequest, report: completeness.DeliveryReport) -> str:
    """Do what the sent form asks for, and return a message. Raises RuleError, NotFound."""
    by, now = request.user, timezone.now()
    dispatch = _dispatch(request.POST.get("dispatch", ""), report)
    action = request.POST.get("action", "")
    if action == "retry":
        number = sending.retry_failed(by=by, dispatch=dispatch, now=now)
        return f"{_emails(number)} will be sent again."
    if action not in ("arrived", "again"):
        raise RuleError("choose a button on this page")
    typed = map(whole_number, request.POST.getlist("mailing"))
    chosen = [mailing for mailing in typed if mailing]
    if not chosen and "all" not in request.POST:
        raise RuleError("tick the emails to decide on")
    settled = sending.settle_unknown(
        by=by,
        dispatch=dispatch,
        mailings=None if "all" in request.POST else chosen,
        arrived=action == "arrived",
        now=now,
    )
    if settled.sent:
        return f"Counted as sent: {_emails(settled.sent)}."
    return f"{_emails(settled.again)} will be sent again."


def _emails(number: int) -> str:
    return "1 email" if number == 1 else f"{number:,} emails"


def _dispatch(typed: str, report: completeness.DeliveryReport) -> Dispatch:
    rows = [row.dispatch for row in report.dispatches if str(row.dispatch.pk) == typed]
    return require_found(rows[0] if rows else None, "there is no such mailing of this issue")


@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    """Mailings that are being sent, and those that wait for a person."""
    rows = completeness.unfinished_deliveries(request.user)
    return render(request, "alerts/staff/deliveries.html", {"rows": rows})


@require_safe
def failing_list(request: HttpRequest) -> HttpResponse:
    """Subscribers with a failure or complaint that nobody has looked at."""
    view = FAILING.view(request, failing.failing_subscribers(request.user))
    numbers = [row.pk for row in view.rows]
    last = failing.last_bounces(numbers)
    in_a_row = failing.failures_in_a_row(numbers, timezone.now())
    rows = [
        FailingRow(
            row,
            masked(row.address),
            last[row.pk],
            KINDS[BounceKind(last[row.pk].kind)],
            in_a_row.get(row.pk, 0),
        )
        for row in view.rows
    ]
    return render(request, "alerts/staff/failing.html", {"list": view, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def failures_page(request: HttpRequest, number: int) -> HttpResponse:
    """What came back from a subscriber; take it off the list."""
    subscriber = subscriber_with(number, request.user)
    if request.method == "POST":
        bounces.mark_seen(by=request.user, subscriber=subscriber, now=timezone.now())
        messages.success(request, f"Subscriber {number} is off the list of failing addresses.")
        return redirect("failing-subscribers")
    rows = failing.bounces_of(subscriber, request.user)
    context = {
        "subscriber": subscriber,
        "bounces": [(row, KINDS[BounceKind(row.kind)]) for row in rows],
        "unseen": any(row.seen_at is None for row in rows),
    }
    return render(request, "alerts/staff/failures.html", context)
