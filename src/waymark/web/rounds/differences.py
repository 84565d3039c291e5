"""Staff pages of an adjudicator: reviews to settle, and each difference with its context.

And the page on which coders see afterwards what was decided, and why.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.permissions import require_account
from waymark.coding import services
from waymark.coding.queries import rounds as queries
from waymark.core.errors import NotFound, RuleError
from waymark.core.wording import as_sentence
from waymark.documents.queries.reader import review_for
from waymark.frameworks.queries import framework_for
from waymark.pipeline.coding import adjudication, settled_decisions
from waymark.pipeline.coding.adjudication import Adjudication
from waymark.pipeline.coding.coder_differences import Difference
from waymark.web.shared.clean_input import clean_line, clean_lines, whole_number
from waymark.web.shared.fields import ChoiceField, RadioField, ReasonField, TextAreaField, TextField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, StaffList

CHANGE = ["GET", "HEAD", "POST"]
TO_SETTLE = StaffList(
    "review to settle",
    "reviews to settle",
    search=("review__reference", "review__title", "round__name"),
    columns=(
        ListColumn("Review", "review", ("review__reference",)),
        ListColumn("Framework", "framework", ("framework__name", "framework__version")),
        ListColumn("Round", "round", ("round__name",), empty_last=True),
        ListColumn("Coded by the first coder", "finished", ("finished_at",), falling=True),
    ),
    order="review",
)


@require_safe
def to_settle(request: HttpRequest) -> HttpResponse:
    """Reviews that all coders have finished and that are not settled since."""
    view = TO_SETTLE.view(request, queries.work_to_settle(request.user, timezone.now()))
    return render(request, "rounds/to_settle.html", {"list": view})


class DifferenceForm(SiteForm):
    """A decision on one difference. chosen: a reason of the list; reason: in free words."""

    value = RadioField("Decision", (), missing="Choose what is agreed.")
    typed = TextField("Agreed value", hint="As coders enter it.", most=500)
    chosen = ChoiceField("Reason")
    reason = ReasonField("Reason in your own words", hint="The coders read it.", rows=2, most=1_000)

    def __init__(self, difference: Difference, reasons: tuple[str, ...], **options: Any) -> None:
        super().__init__(initial=_decided_values(difference, reasons), **options)
        self.difference = difference
        self.fields["chosen"].choices = [  # type: ignore[attr-defined]
            ("", "Choose a reason"),
            *((reason, reason) for reason in reasons),
        ]
        if difference.options:
            del self.fields["typed"]
            self.fields["value"].choices = list(  # type: ignore[attr-defined]
                difference.options.items()
            )
        else:
            del self.fields["value"]

    def clean(self) -> dict[str, Any]:
        """A reason is needed, from the list or in free words."""
        values = self.cleaned_data
        if not values.get("chosen") and not values.get("reason"):
            self.add_error("chosen", "Choose a reason, or write one: the coders read it.")
        return values

    @property
    def whole_reason(self) -> str:
        """Reason of the list, and the words that explain it."""
        parts = (self.cleaned_data["chosen"], self.cleaned_data["reason"])
        return ": ".join(part for part in parts if part)

    @property
    def agreed(self) -> str:
        """The value that was decided."""
        return str(self.cleaned_data.get("value") or self.cleaned_data.get("typed") or "")


def _decided_values(difference: Difference, reasons: tuple[str, ...]) -> dict[str, str]:
    decision = difference.decision
    if decision is None:
        return {}
    chosen = next((row for row in reasons if decision.reason.startswith(row)), "")
    words = decision.reason.removeprefix(chosen).removeprefix(": ")
    return {"value": decision.value, "typed": decision.value, "chosen": chosen, "reason": words}


class SendBackForm(SiteForm):
    """Send the work of one coder back."""

    coder = ChoiceField("Whose work", missing="Choose whose work goes back.")
    note = TextAreaField(
        "Note to the coder",
        missing="Write what the coder should do: they see your note.",
        rows=3,
        most=2_000,
    )

    def __init__(self, coders: tuple[str, ...], **options: Any) -> None:
        super().__init__(auto_id="back-%s", **options)
        self.fields["coder"].choices = [(name, name) for name in coders]  # type: ignore[attr-defined]


@require_http_methods(CHANGE)
def adjudicate(request: HttpRequest, reference: str, name: str, version: str) -> HttpResponse:
    """The differences of a review, one at a time (?item=); decide, undo, send back, settle."""
    now, framework = timezone.now(), framework_for(name, version)
    review = review_for(reference, request.user, now)
    page = reverse("adjudicate", args=[reference, name, version])
    try:
        work = adjudication.adjudication_of(review, framework, request.user, now)
    except RuleError as error:
        refused = {"reason": as_sentence(error), "heading": f"Differences in {reference}"}
        return render(request, "rounds/not_yet.html", refused, status=409)
    if request.method == "POST" and request.POST.get("do") in {"undo", "settle"}:
        return _act(request, work, page)
    place = _place(request, work)
    difference = work.differences[place - 1] if work.differences else None
    sends_back = request.POST.get("do") == "return"
    back = SendBackForm.of(request, work.coders) if sends_back else SendBackForm(work.coders)
    form = None
    if difference is not None:
        form = DifferenceForm(difference, work.reasons)
        if request.method == "POST" and not sends_back:
            form = DifferenceForm.of(request, difference, work.reasons)
            if form.is_valid() and _decided(request, work, form):
                return redirect(f"{page}?item={_next_open(work, place)}#difference")
    if sends_back and back.is_valid():
        return _sent_back(request, work, back)
    context = {
        "work": work,
        "page": page,
        "difference": difference,
        "place": place,
        "total": len(work.differences),
        "settled": review.agreed_codes.filter(
            code__framework=framework, superseded_at=None
        ).first(),
        "form": form,
        "back": back,
    }
    status = max(back.http_status, form.http_status if form else 200)
    return render(request, "rounds/adjudicate.html", context, status=status)


def _place(request: HttpRequest, work: Adjudication) -> int:
    """The number of the difference in the address, the first open one without it."""
    if not work.differences:
        return 0
    text = request.GET.get("item", "")
    number = whole_number(text) if text else _next_open(work, 0)
    if number is None or not 1 <= number <= len(work.differences):
        raise NotFound(f"{work.review.reference} has {len(work.differences)} differences")
    return number


def _next_open(work: Adjudication, after: int) -> int:
    """The next difference without a decision, from a place on and then from the beginning."""
    numbered = list(enumerate(work.differences, start=1))
    later = [*numbered[after:], *numbered[: max(0, after - 1)]]
    open_ones = [number for number, row in later if row.decision is None]
    return open_ones[0] if open_ones else min(max(1, after), len(work.differences))


def _decided(request: HttpRequest, work: Adjudication, form: DifferenceForm) -> bool:
    try:
        adjudication.decide(
            by=request.user,
            review=work.review,
            framework=work.framework,
            subject=form.difference.subject,
            value=form.agreed,
            reason=form.whole_reason,
            now=timezone.now(),
        )
    except RuleError as error:
        form.refuse(error)
        return False
    messages.success(request, f"Decided: {form.difference.label}.")
    return True


def _act(request: HttpRequest, work: Adjudication, page: str) -> HttpResponse:
    person = require_account(request.user, "adjudicate", "decide where coders differ")
    about: dict[str, Any] = {"review": work.review, "framework": work.framework}
    about["now"] = timezone.now()
    try:
        if request.POST["do"] == "undo":
            undone = services.undo_decision(by=person, **about)
            messages.success(request, f"Undone: your decision on {undone.name}.")
            subject = (undone.kind, undone.name, undone.number)
            places = [row.subject for row in work.differences]
            item = places.index(subject) + 1 if subject in places else 1
            return redirect(f"{page}?item={item}#difference")
        adjudication.settle_decided(by=person, **about)
    except RuleError as error:
        messages.error(request, f"Nothing was changed: {error}.")
        return redirect(page)
    messages.success(request, f"{work.review.reference} is settled. Overviews can count it.")
    return redirect("disagreements")


def _sent_back(request: HttpRequest, work: Adjudication, form: SendBackForm) -> HttpResponse:
    coder = adjudication.coder_called(work, form.cleaned_data["coder"])
    adjudication.send_back(
        by=request.user,
        review=work.review,
        framework=work.framework,
        coder=coder,
        note=clean_lines(form.cleaned_data["note"]),
        now=timezone.now(),
    )
    name = clean_line(form.cleaned_data["coder"])
    messages.success(request, f"Sent back to {name} with your note. It returns here once finished.")
    return redirect("disagreements")


@require_safe
def own_decisions(request: HttpRequest) -> HttpResponse:
    """What was decided on the reviews that the person coded, and why; work that came back."""
    coder = require_account(request.user, "code", "see what was decided on your coding")
    now = timezone.now()
    context = {
        "settled": settled_decisions.settled_for(coder, now),
        "notes": settled_decisions.notes_for(coder, now),
    }
    return render(request, "rounds/decisions.html", context)
