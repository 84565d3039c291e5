"""Ask us: the form, the page in between for a child at risk, and the thread of an enquiry."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.enquiries import services
from waymark.enquiries.at_risk import may_be_at_risk
from waymark.enquiries.models import EnquiryKind, PublishedAnswer
from waymark.enquiries.queries import desk
from waymark.enquiries.queries.published_answers import answers_like
from waymark.web.shared.addresses import page_and_query
from waymark.web.shared.client_address import client_network
from waymark.web.shared.fields import (
    EmailField,
    HiddenField,
    RadioField,
    TextAreaField,
    TextField,
)
from waymark.web.shared.form_guard import GuardedForm

KINDS: dict[str, str] = {
    EnquiryKind.QUESTION: "A question",
    EnquiryKind.SEARCH: "A literature search",
    EnquiryKind.REFERENCES: "A check of references",
    EnquiryKind.COPY: "A copy or a loan",
    EnquiryKind.CONSULTANCY: "Help with a project",
}
HINTS: dict[str, str] = {
    EnquiryKind.QUESTION: "About learning from case reviews, a report or a number.",
    EnquiryKind.SEARCH: "We search for publications about your topic and send you a list.",
    EnquiryKind.REFERENCES: "Paste your references. We tell you which of them exist.",
    EnquiryKind.COPY: "How to read a publication that is not available here.",
    EnquiryKind.CONSULTANCY: "For example, planning a review of your own.",
}
WITH_ANSWERS = frozenset({EnquiryKind.QUESTION, EnquiryKind.SEARCH})
"""Kinds of enquiries that an earlier answer may save."""
LONGEST = 20_000


class AskForm(GuardedForm):
    """A question to the Information Service."""

    asked_from = HiddenField()
    seen_help = HiddenField()
    seen_answers = HiddenField()
    kind = RadioField(
        "What do you need?", tuple(KINDS.items()), HINTS, missing="Choose what you need."
    )
    text = TextAreaField(
        "Your question",
        missing="Enter your question.",
        hint="Say what you want to know and what you need it for. Do not name a child or a family.",
        rows=8,
        most=LONGEST,
    )
    address = EmailField(
        "Email address",
        missing="",
        hint="We send our answer there. We do not use it for anything else.",
    )
    phone = TextField(
        "Telephone number (optional)",
        hint="If you would rather be called, leave the email address empty.",
        most=40,
        attrs={"autocomplete": "tel", "inputmode": "tel"},
    )
    name = TextField("Name (optional)", most=200, attrs={"autocomplete": "name"})
    visible = ("kind", "text", "address", "phone", "name")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["address"].error_messages["invalid"] = (
            "Enter an email address, such as name@example.org."
        )

    @property
    def shown_fields(self) -> list[Any]:
        """The fields that a person fills in."""
        return [self[name] for name in self.visible]

    def clean_asked_from(self) -> str:
        """A page of this site, or none."""
        return page_and_query(self.cleaned_data["asked_from"])

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError without a way to answer."""
        values: dict[str, Any] = super().clean() or {}
        if "address" in values and not values["address"] and not values.get("phone"):
            raise ValidationError({"address": "Enter an email address or a telephone number."})
        return values

    def enquiry(self) -> services.NewEnquiry:
        """The enquiry of a valid form."""
        names = ("kind", "text", "name", "address", "phone", "asked_from")
        values = {name: self.cleaned_data[name] for name in names}
        return services.NewEnquiry(**values, form=self.shown_mark)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask the Information Service. It needs no account."""
    form = AskForm.of(
        request, initial={"asked_from": page_and_query(request.GET.get("page", ""))[:300]}
    )
    status, changes = form.http_status, form.action == "change"
    if not changes and form.is_valid():
        if needs_help_first(form):
            return help_first(request, form, "ask")
        if answers := _answers_first(form):
            return _offer_answers(request, form, answers)
        try:
            enquiry = services.take_enquiry(
                by=request.user,
                asked=form.enquiry(),
                network=client_network(request),
                now=timezone.now(),
            )
        except services.TooManyEnquiries as error:
            form.refuse(error)
            status = 429
        else:
            return redirect("enquiry-thread", enquiry.reference, enquiry.token)
    if changes:
        form = AskForm(initial=_typed(form))
    elif status != 429:
        status = form.http_status
    return _private(render(request, "enquiries/ask.html", _ask_context(form), status=status))


def _ask_context(form: AskForm) -> dict[str, Any]:
    return {
        "form": form,
        "asked_from": str(form["asked_from"].value() or ""),
        "days": settings.ANSWER_DAYS,
        "hours": settings.OPENING_HOURS,
        "months": settings.KEEP_ENQUIRIES_MONTHS,
    }


def _typed(form: GuardedForm) -> Mapping[str, str]:
    return {name: str(form[name].value() or "") for name in form.fields}


def needs_help_first(form: GuardedForm) -> bool:
    """True if the words suggest that a child is at risk, and the page about that was not shown."""
    values = form.cleaned_data
    return not values["seen_help"] and may_be_at_risk(values["text"])


def help_first(request: HttpRequest, form: GuardedForm, page: str, *args: str) -> HttpResponse:
    """Show whom to call, before anything is sent. The text stays, and can be sent or changed."""
    form.put("seen_help", "yes")
    typed = [(name, form[name].value() or "") for name in form.fields]
    text, action = form.cleaned_data["text"], reverse(page, args=args)
    context = {"typed": typed, "text": text, "action": action}
    return _private(render(request, "enquiries/at_risk.html", context))


def _answers_first(form: AskForm) -> list[PublishedAnswer]:
    """Published answers to offer before a question is sent; none a second time."""
    values = form.cleaned_data
    if values["seen_answers"] or values["kind"] not in WITH_ANSWERS:
        return []
    return answers_like(values["text"], timezone.now())


def _offer_answers(
    request: HttpRequest, form: AskForm, answers: list[PublishedAnswer]
) -> HttpResponse:
    """Show what was answered before. Nothing is sent yet; the text stays."""
    form.put("seen_answers", "yes")
    typed = [(name, form[name].value() or "") for name in form.fields]
    context = {"typed": typed, "text": form.cleaned_data["text"], "answers": answers}
    return _private(render(request, "enquiries/answered_before.html", context))


def _private(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    return answer


class ReplyForm(GuardedForm):
    """A message of the asker in a thread."""

    seen_help = HiddenField()
    text = TextAreaField(
        "Add a message",
        missing="Enter your message.",
        hint="For example, another question, or something that we should know.",
        most=LONGEST,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def enquiry_thread(request: HttpRequest, reference: str, token: str) -> HttpResponse:
    """The enquiry of an asker, opened by its private link: messages, answers, and a reply."""
    enquiry = desk.thread_of(reference, token)
    form = ReplyForm.of(request)
    status, changes = form.http_status, form.action == "change"
    if not changes and form.is_valid():
        if needs_help_first(form):
            return help_first(request, form, "enquiry-thread", reference, token)
        try:
            services.reply_on_page(
                by=request.user,
                enquiry=enquiry,
                token=token,
                text=form.cleaned_data["text"],
                network=client_network(request),
                now=timezone.now(),
            )
        except services.TooManyEnquiries as error:
            form.refuse(error)
            status = 429
        else:
            return redirect("enquiry-thread", reference, token)
    if changes:
        form = ReplyForm(initial=_typed(form))
    elif status != 429:
        status = form.http_status
    context = {
        "enquiry": enquiry,
        "messages_of": enquiry.messages.prefetch_related(
            "citations", "attachments", "search_reports"
        ),
        "form": form,
        "months": settings.KEEP_ENQUIRIES_MONTHS,
    }
    return _private(render(request, "enquiries/thread.html", context, status=status))
