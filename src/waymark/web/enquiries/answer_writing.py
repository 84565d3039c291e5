"""Write an answer for everyone, approve it, publish it and withdraw it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.models import State
from waymark.accounts.permissions import require_permission
from waymark.core.errors import NotFound, NotReady, RuleError
from waymark.enquiries.citation_marks import CitationMark, numbered
from waymark.enquiries.models import Enquiry, MessageSender, PublishedAnswer
from waymark.enquiries.queries import desk
from waymark.enquiries.queries import published_answers as queries
from waymark.library.queries.public_words import words_without_answer
from waymark.pipeline.publishing import published_answers as pipeline
from waymark.web.shared.fields import HiddenField, ReasonField, TextAreaField, TextField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList

CHANGE = ["GET", "HEAD", "POST"]
ANSWERS = StaffList(
    "answer",
    "answers",
    search=("resource__title", "text"),
    columns=(
        ListColumn("Question", "question", ("resource__title",)),
        ListColumn("State", "state", ("resource__state",)),
        ListColumn("Written by", "author", ("written_by__username",)),
        ListColumn("Written", "written", ("written_at",), falling=True),
    ),
    order="written",
    filters=(
        ListFilter("state", "State", dict(State.choices), lambda value: Q(resource__state=value)),
        ListFilter(
            "approved",
            "Approved",
            {"yes": "Approved", "no": "Waiting for approval"},
            lambda value: (
                ~Q(approved_mark="")
                if value == "yes"
                else Q(approved_mark="") & ~Q(resource__state=State.WITHDRAWN)
            ),
        ),
    ),
)


@require_safe
def answers_in_progress(request: HttpRequest) -> HttpResponse:
    """All answers for everyone, in any state."""
    view = ANSWERS.view(request, queries.answers_in_progress(request.user))
    return render(request, "answers/in_progress.html", {"list": view})


class AnswerForm(SiteForm):
    """A question and its answer for everyone."""

    question = TextField(
        "Question",
        missing="Enter the question.",
        hint="As anyone could ask it, in one sentence.",
        most=300,
    )
    text = TextAreaField(
        "Answer",
        missing="Enter the answer.",
        hint="Leave an empty line between paragraphs. Citations are marks, such as [record R07]. "
        "Leave out everything that says who asked, or why.",
        rows=16,
        most=20_000,
    )


class ApproveForm(SiteForm):
    """The approval. seen: mark of the answer that was read."""

    seen = HiddenField()


class WithdrawAnswerForm(SiteForm):
    """Why an answer is withdrawn."""

    reason = ReasonField(
        "Reason",
        missing="Enter why it is withdrawn.",
        hint="Visitors read it in place of the answer.",
        rows=2,
        most=300,
    )


@require_http_methods(CHANGE)
def new_answer(request: HttpRequest) -> HttpResponse:
    """Write an answer, from the thread of an enquiry (?enquiry=) or anew."""
    require_permission(request.user, desk.HANDLE)
    enquiry = _source(request)
    form = AnswerForm.of(request, initial=_from_thread(enquiry))
    if form.is_valid():
        try:
            answer = pipeline.write_answer(
                by=request.user, enquiry=enquiry, now=timezone.now(), **form.cleaned_data
            )
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "Saved. Choose its subjects, then ask for an approval.")
            return redirect("edit-answer", answer.resource.key)
    context = {"form": form, "enquiry": enquiry}
    return render(request, "answers/new.html", context, status=form.http_status)


def _source(request: HttpRequest) -> Enquiry | None:
    reference = request.GET.get("enquiry", "")
    if not reference:
        return None
    enquiry = desk.enquiry_for(reference, request.user)
    if enquiry.erased_at is not None:
        raise NotFound(f"{reference} was erased")
    return enquiry


def _from_thread(enquiry: Enquiry | None) -> dict[str, str]:
    """The last answer of an enquiry, with its marks, to be edited. Never the asker's own words."""
    if enquiry is None:
        return {}
    answers = enquiry.messages.filter(sender=MessageSender.DESK)
    last = answers.prefetch_related("citations").last()
    if last is None:
        return {}
    text = last.text
    for row in last.citations.all():
        text = text.replace(f"[{row.number}]", str(CitationMark(row.kind, row.key)))
    return {"text": text}


@require_http_methods(CHANGE)
def edit_answer(request: HttpRequest, key: str) -> HttpResponse:
    """An answer: change it, see what must be decided, approve and publish it, withdraw it."""
    answer = queries.answer_in_progress(key, request.user)
    action = str(request.POST.get("do", ""))
    initial = {"question": answer.resource.title, "text": answer.text}
    form = AnswerForm(request.POST) if action == "save" else AnswerForm(initial=initial)
    approve = (
        ApproveForm(request.POST)
        if action == "publish"
        else ApproveForm(initial={"seen": answer.mark})
    )
    withdraw = WithdrawAnswerForm(request.POST if action == "withdraw" else None)
    sent: SiteForm = {"save": form, "publish": approve, "withdraw": withdraw}.get(action, form)
    reasons: NotReady | None = None
    if sent.is_bound and sent.is_valid():
        try:
            messages.success(request, _do(request, action, answer, sent.cleaned_data))
        except NotReady as error:
            reasons = error
            sent.refuse("Decide on the words that may identify a person first.", alone=True)
        except RuleError as error:
            sent.refuse(error)
        else:
            return redirect("edit-answer", key)
    answer.refresh_from_db()
    context = _edit_context(request, answer) | {
        "form": form,
        "approve": approve,
        "withdraw": withdraw,
        "sent": sent,
        "reasons": reasons.reasons if reasons else [],
    }
    return render(request, "answers/edit.html", context, status=sent.http_status)


def _do(request: HttpRequest, action: str, answer: PublishedAnswer, values: dict[str, Any]) -> str:
    by, now = request.user, timezone.now()
    if action == "save":
        pipeline.write_answer(by=by, answer=answer, now=now, **values)
        return "Saved. The answer needs an approval."
    if action == "publish":
        pipeline.publish_answer(by=by, answer=answer, now=now, **values)
        return "The answer is public."
    pipeline.withdraw_answer(by=by, answer=answer, now=now, **values)
    return "The answer is withdrawn. Nobody can read it any more."


def _edit_context(request: HttpRequest, answer: PublishedAnswer) -> dict[str, Any]:
    sources = queries.sources_of(answer, timezone.now())
    own = answer.written_by in (None, request.user)
    return {
        "answer": answer,
        "resource": answer.resource,
        "text": numbered(answer.text),
        "sources": sources,
        "is_public": answer.resource.state == State.PUBLISHED,
        "waiting": words_without_answer(answer.resource),
        "subjects": answer.resource.record.subjects.count(),
        "may_approve": not (settings.ANSWERS_BY_TWO and own),
    }
