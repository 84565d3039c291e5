"""An item of an issue: edit, move or remove it; correct or withdraw it after approval."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.alerts.models import IssueItem
from waymark.alerts.queries import issues as queries
from waymark.alerts.services import corrections
from waymark.alerts.services import issues as services
from waymark.alerts.services.item_texts import LONGEST_TEXT, ItemText
from waymark.core.errors import RuleError
from waymark.library.queries.topics import topic_names
from waymark.web.library.exports import pages_from
from waymark.web.shared.fields import CODE, OpenChoiceField, ReasonField, TextAreaField, TextField
from waymark.web.shared.forms import SiteForm


def _groups() -> list[tuple[str, str]]:
    return [("", "No group"), *((name, name) for name in topic_names().values())]


class ItemForm(SiteForm):
    """An item of an issue."""

    heading = TextField("Heading", missing="Enter a heading.", most=300)
    summary = TextAreaField(
        "Summary",
        missing="Enter a summary.",
        hint="One paragraph in our own words: what it is, and what is new or useful.",
        rows=5,
        most=LONGEST_TEXT,
    )
    group = OpenChoiceField("Topic", _groups)
    source = TextField("Source", hint="Who published it.", most=200)
    dated = TextField("Date", hint="As the source states it, such as 12 February 2026.", most=60)
    address = TextField(
        "Further information",
        hint="The address of the publication. Items of the library lead to their page here.",
        most=1_000,
        attrs=CODE,
    )
    content_note = TextField(
        "Content note (optional)",
        hint="If it describes something upsetting, such as “About the deaths of babies.”",
        most=300,
    )

    @property
    def text(self) -> ItemText:
        """The item as it was entered."""
        names = ItemText.__dataclass_fields__
        return ItemText(**{name: self.cleaned_data[name] for name in names})


class CorrectionForm(ItemForm):
    """A correction of an item after approval."""

    correction = ReasonField(
        "Message to those who received it",
        missing="Enter a message to those who received the item.",
        rows=3,
        most=LONGEST_TEXT,
    )


class WithdrawalForm(SiteForm):
    """A withdrawal of an item after approval."""

    reason = ReasonField(
        "Message to those who received it",
        missing="Enter a message to those who received the item.",
        rows=3,
        most=LONGEST_TEXT,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit_item(request: HttpRequest, number: int) -> HttpResponse:
    """Edit, move or remove an item of a draft; correct or withdraw one that was approved."""
    item = queries.item_for(number, request.user)
    approved = item.issue.approved_at is not None
    action = request.POST.get("do", "")
    names = ItemText.__dataclass_fields__
    form_class = CorrectionForm if approved else ItemForm
    form = form_class(initial={name: getattr(item, name) for name in names})
    withdrawal = WithdrawalForm()
    if request.method == "POST":
        form = form_class(request.POST) if action == "save" else form
        withdrawal = WithdrawalForm(request.POST) if action == "withdraw" else withdrawal
        sent: SiteForm = withdrawal if action == "withdraw" else form
        if action not in {"save", "withdraw"} or sent.is_valid():
            try:
                return _change_item(request, item, action, sent)
            except RuleError as error:
                if not sent.is_bound:
                    messages.error(request, f"Not done: {error}.")
                    return redirect("edit-alert-issue", item.issue_id)
                sent.refuse(error)
    context = {
        "item": item,
        "issue": item.issue,
        "form": form,
        "withdrawal": withdrawal,
        "approved": approved,
        "page": queries.item_address(item, pages_from(request)),
    }
    status = max(form.http_status, withdrawal.http_status)
    return render(request, "alerts/edit_item.html", context, status=status)


def _change_item(
    request: HttpRequest, item: IssueItem, action: str, form: SiteForm
) -> HttpResponse:
    values: dict[str, Any] = {"by": request.user, "item": item, "now": timezone.now()}
    if action == "withdraw":
        corrections.withdraw_item(**values, correction=form.cleaned_data["reason"])
        messages.success(request, "The item is withdrawn from the site and its feed.")
    elif action == "save" and isinstance(form, CorrectionForm):
        corrections.correct_item(
            **values, text=form.text, correction=form.cleaned_data["correction"]
        )
        messages.success(request, "The item is corrected.")
    elif action == "save" and isinstance(form, ItemForm):
        services.change_item(**values, text=form.text)
        messages.success(request, "Saved.")
    elif action == "remove":
        services.remove_item(**values)
        messages.success(request, "Item removed.")
    elif action in {"up", "down"}:
        services.move_item(**values, up=action == "up")
    return redirect(reverse("edit-alert-issue", args=[item.issue_id]) + f"#item-{item.pk}")
