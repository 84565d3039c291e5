"""Our recommendations: a body enters by a mailed link, and reports what it does."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from waymark.core.errors import NotFound, RuleError
from waymark.follow_up.queries import recommendation_view
from waymark.recommendations import services
from waymark.recommendations.models import BodyContact
from waymark.recommendations.queries.contacts import (
    contact_with,
    open_link,
    own_addressee,
    own_addressees,
)
from waymark.web.follow_up.ledger_forms import (
    DoneForm,
    OwnActionForm,
    OwnEntryForm,
    OwnProgressForm,
    number_in,
)
from waymark.web.shared.client_address import client_network
from waymark.web.shared.fields import EmailField
from waymark.web.shared.form_guard import GuardedForm
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, StaffList

SESSION = "body_contact"
STAYS_FOR = timedelta(hours=8)
OURS = StaffList(
    "recommendation",
    "recommendations",
    search=("words", "review__reference", "review__title"),
    columns=(
        ListColumn("Recommendation", "review", ("review__reference", "number")),
        ListColumn("Standing", "standing", ("standing",)),
        ListColumn("Notified on", "told", ("told_on",), falling=True),
        ListColumn("Late since", "late", ("overdue_from",), falling=True, empty_last=True),
    ),
    order="late",
)


def _contact(request: HttpRequest) -> BodyContact | None:
    """Who has entered by a link: nobody after 8 hours, or once the address was removed."""
    entered = request.session.get(SESSION)
    if not isinstance(entered, dict):
        return None
    until = datetime.fromisoformat(str(entered.get("until", "2000-01-01T00:00:00+00:00")))
    return contact_with(entered.get("id")) if timezone.now() < until else None


class AskLinkForm(GuardedForm):
    """The address to which the link is mailed."""

    address = EmailField(
        "Email address that your organisation registered with us",
        missing="Enter an email address, such as name@example.org.",
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def our_recommendations(request: HttpRequest) -> HttpResponse:
    """The recommendations to a body that has entered; for others the form that mails a link."""
    contact = _contact(request)
    if contact is not None and request.method != "POST":
        view = OURS.view(request, own_addressees(contact))
        context = {"list": view, "contact": contact, "today": timezone.localdate()}
        return render(request, "follow_up/ours.html", context)
    form, asked = AskLinkForm.of(request), False
    if form.is_valid():
        try:
            services.request_link(
                by=request.user,
                address=form.cleaned_data["address"],
                network=client_network(request),
                now=timezone.now(),
            )
        except RuleError as error:
            form.refuse(error)
        else:
            asked = True
    context = {"form": form, "asked": asked}
    return render(request, "follow_up/ask_link.html", context, status=form.http_status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Enter by a mailed link: the button does it, because programs open links in emails."""
    now = timezone.now()
    if request.method != "POST":
        try:
            link = open_link(token, now)
        except NotFound:
            return render(request, "follow_up/enter.html", {"body": None}, status=404)
        return render(request, "follow_up/enter.html", {"body": link.contact.body})
    contact = services.use_link(token=token, now=now)
    request.session.cycle_key()
    request.session[SESSION] = {"id": contact.pk, "until": (now + STAYS_FOR).isoformat()}
    return redirect("our-recommendations")


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Leave."""
    request.session.pop(SESSION, None)
    request.session.cycle_key()
    messages.success(request, "You have left.")
    return redirect("our-recommendations")


FORMS: Mapping[str, Callable[..., SiteForm]] = {
    "entry": OwnEntryForm,
    "progress": OwnProgressForm,
    "action": OwnActionForm,
    "done": DoneForm,
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def our_recommendation(request: HttpRequest, number: int) -> HttpResponse:
    """One recommendation to the body: what it has reported, and the forms to report more."""
    contact = _contact(request)
    if contact is None:
        return redirect("our-recommendations")
    own = own_addressee(contact, number)
    action = str(request.POST.get("do", ""))
    forms = {name: form(request.POST) if action == name else form() for name, form in FORMS.items()}
    sent = forms.get(action)
    if sent is not None and sent.is_valid():
        try:
            _report(contact, number, sent)
        except RuleError as error:
            sent.refuse(error)
        else:
            messages.success(request, "Thank you. It is shown as reported by you.")
            return redirect("our-recommendation", number)
    view = recommendation_view(own.review.reference, own.number, None, timezone.now())
    alone = [row for row in view.addressees if row.addressee.pk == own.pk]
    context: dict[str, Any] = {
        "contact": contact,
        "own": alone[0] if alone else None,
        "own_alone": alone,
        "recommendation": view.recommendation,
        "review": own.review,
        "forms": forms,
        "sent": sent,
    }
    status = sent.http_status if sent is not None else 200
    return render(request, "follow_up/own.html", context, status=status)


def _report(contact: BodyContact, number: int, form: SiteForm) -> None:
    now = timezone.now()
    if isinstance(form, DoneForm):
        services.finish_own_action(
            contact=contact,
            addressee=number,
            action=number_in(form, "number"),
            done_on=form.cleaned_data["done_on"],
            evidence=form.cleaned_data["evidence"],
            now=now,
        )
        return
    if isinstance(form, OwnEntryForm):
        services.report_own(contact=contact, addressee=number, what=form.entry, now=now)
    elif isinstance(form, OwnProgressForm):
        services.report_own(contact=contact, addressee=number, what=form.progress, now=now)
    elif isinstance(form, OwnActionForm):
        services.report_own(contact=contact, addressee=number, what=form.new_action, now=now)
