"""Issues for those who edit them: the lists, a draft, its items, the preview and the approval."""

import base64
import hashlib
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from waymark.accounts.permissions import has_permission
from waymark.alerts.criteria import alert_criteria
from waymark.alerts.letters import STYLE, AlertLetter, Sender, issue_letter
from waymark.alerts.models import CHOSEN_BY_PEOPLE, AlertIssue, AlertList, IssueItem
from waymark.alerts.queries import issues as queries
from waymark.alerts.services import corrections
from waymark.alerts.services import issues as services
from waymark.alerts.services.item_texts import LONGEST_TEXT, ItemText
from waymark.alerts.services.schedules import HOUR, change_schedule
from waymark.core.errors import RuleError, ServiceUnavailable, require_found
from waymark.library.queries.topics import topic_names
from waymark.pipeline.build_alerts import build_issue
from waymark.web.library.exports import pages_from
from waymark.web.shared.fields import (
    CODE,
    CheckField,
    ChoiceField,
    HiddenField,
    OpenChoiceField,
    ReasonField,
    TextAreaField,
    TextField,
    TicksField,
)
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.paging import Paging, page_number

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ISSUES_ON_A_PAGE = 25
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


class IssueForm(SiteForm):
    """Title and introduction of a draft."""

    title = TextField("Title", missing="Enter a title.", most=200)
    introduction = ReasonField(
        "Introduction (optional)", hint="One paragraph.", rows=3, most=LONGEST_TEXT
    )


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


class ApprovalForm(SiteForm):
    """The checklist. seen: mark of the issue as it was shown."""

    seen = HiddenField()
    checklist = TicksField(
        "Before you approve",
        [(row.key, row.name) for row in alert_criteria().checklist],
        missing="Confirm each point.",
    )


class ScheduleForm(SiteForm):
    """The day of a list, and who approves its issues."""

    day = ChoiceField(
        "Day",
        [
            *((f"w{number}", f"Every {name}") for number, name in enumerate(WEEKDAYS)),
            *((f"m{day}", f"Monthly, on day {day}") for day in range(1, 29)),
        ],
        missing="Choose a day of the list.",
    )
    automatic = CheckField("Approve issues without a person")


# ---- the lists ----


@require_safe
def alert_lists(request: HttpRequest) -> HttpResponse:
    """All lists with their draft and their last issue, and their days."""
    rows = []
    schedules = {row.alert_list: row for row in queries.schedules(request.user)}
    for alert_list in AlertList:
        issues = queries.issues_of(alert_list, request.user)
        schedule = schedules.get(alert_list)
        form = None
        if schedule is not None:
            day = f"m{schedule.day}" if schedule.day else f"w{schedule.weekday}"
            initial = {"day": day, "automatic": schedule.automatic}
            form = ScheduleForm(initial=initial, auto_id=f"{alert_list}-%s")
            if alert_list in CHOSEN_BY_PEOPLE:
                del form.fields["automatic"]
        rows.append(
            {
                "list": alert_list,
                "schedule": schedule,
                "form": form,
                "draft": issues.filter(approved_at=None).first(),
                "last": issues.exclude(approved_at=None).first(),
                "by_people": alert_list in CHOSEN_BY_PEOPLE,
                "archived": alert_list in queries.ARCHIVED,
            }
        )
    may_approve = has_permission(request.user, queries.APPROVE)
    return render(request, "alerts/lists.html", {"rows": rows, "may_approve": may_approve})


@require_POST
def set_schedule(request: HttpRequest, alert_list: str) -> HttpResponse:
    """Change the day of a list, and who approves its issues."""
    known = _list_called(alert_list)
    form = ScheduleForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"{known.label} was not changed: choose a day of the list.")
        return redirect("edit-alerts")
    kind, number = form.cleaned_data["day"][0], int(form.cleaned_data["day"][1:])
    try:
        change_schedule(
            by=request.user,
            alert_list=known,
            weekday=number if kind == "w" else None,
            day=number if kind == "m" else None,
            hour=HOUR,
            automatic=form.cleaned_data["automatic"],
            now=timezone.now(),
        )
    except RuleError as error:
        messages.error(request, f"{known.label} was not changed: {error}.")
    else:
        messages.success(request, f"{known.label} was changed.")
    return redirect("edit-alerts")


def _list_called(name: str) -> AlertList:
    return AlertList(require_found(name if name in AlertList else None, f"there is no list {name}"))


@require_http_methods(["GET", "HEAD", "POST"])
def list_issues(request: HttpRequest, alert_list: str) -> HttpResponse:
    """All issues of a list; by POST a draft of what is new."""
    known, now = _list_called(alert_list), timezone.now()
    rows = queries.issues_of(known, request.user)
    if request.method == "POST":
        return _make_draft(request, known)
    paging = Paging.of(request, page_number(request), total=rows.count(), size=ISSUES_ON_A_PAGE)
    start = (page_number(request) - 1) * ISSUES_ON_A_PAGE
    context = {
        "list": known,
        "issues": rows[start : start + ISSUES_ON_A_PAGE],
        "paging": paging,
        "draft": rows.filter(approved_at=None).first(),
        "by_people": known in CHOSEN_BY_PEOPLE,
        "new": None if known in CHOSEN_BY_PEOPLE else queries.new_records(known, now).count(),
    }
    return render(request, "alerts/issues.html", context)


def _make_draft(request: HttpRequest, alert_list: AlertList) -> HttpResponse:
    now = timezone.now()
    if alert_list in CHOSEN_BY_PEOPLE:
        draft = services.open_draft(by=request.user, alert_list=alert_list, now=now)
        return redirect("edit-alert-issue", draft.pk)
    try:
        built = build_issue(by=request.user, alert_list=alert_list, now=now)
    except ServiceUnavailable:
        messages.error(request, "The search index is not ready: try again in some minutes.")
        return redirect("alert-issues", alert_list)
    if built.issue is None:
        messages.info(request, "Nothing new has become public since the last issue.")
        return redirect("alert-issues", alert_list)
    if built.approved:
        messages.success(request, f"“{built.issue.title}” is approved and will be sent.")
    return redirect("edit-alert-issue", built.issue.pk)


# ---- one issue ----


@require_http_methods(["GET", "HEAD", "POST"])
def edit_issue(request: HttpRequest, number: int) -> HttpResponse:
    """A draft with its items in order, or an approved issue with what can be corrected."""
    issue = queries.issue_for(number, request.user)
    form = IssueForm(initial={"title": issue.title, "introduction": issue.introduction})
    adding = ItemForm()
    if request.method == "POST":
        action = request.POST.get("do", "")
        form = IssueForm(request.POST) if action == "save" else form
        adding = ItemForm(request.POST) if action == "add" else adding
        if (action not in {"save", "add"}) or (form if action == "save" else adding).is_valid():
            return _change_issue(request, issue, action, form, adding)
    context = {
        "issue": issue,
        "list": AlertList(issue.alert_list),
        "items": list(issue.items.select_related("record", "candidate")),
        "form": form,
        "adding": adding,
        "by_people": issue.alert_list in CHOSEN_BY_PEOPLE,
        "archived": issue.alert_list in queries.ARCHIVED,
        "may_approve": has_permission(request.user, queries.APPROVE),
    }
    status = max(form.http_status, adding.http_status)
    return render(request, "alerts/edit_issue.html", context, status=status)


def _change_issue(
    request: HttpRequest, issue: AlertIssue, action: str, form: IssueForm, adding: ItemForm
) -> HttpResponse:
    by, now = request.user, timezone.now()
    try:
        if action == "save":
            services.change_issue(by=by, issue=issue, now=now, **form.cleaned_data)
            messages.success(request, "Saved.")
        elif action == "add":
            services.add_item(by=by, issue=issue, text=adding.text, now=now)
            messages.success(request, "Item added.")
        elif action == "group":
            services.group_items(by=by, issue=issue, now=now)
            messages.success(request, "Items of one topic are together.")
        elif action == "discard":
            services.discard_draft(by=by, issue=issue, now=now)
            messages.success(request, "The draft is discarded. Its candidates wait again.")
            return redirect("alert-issues", issue.alert_list)
    except RuleError as error:
        messages.error(request, f"Not done: {error}.")
    return redirect("edit-alert-issue", issue.pk)


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


# ---- preview and approval ----


@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, number: int) -> HttpResponse:
    """An issue as the web page and the email show it; the approval is here, after reading."""
    issue = queries.issue_for(number, request.user)
    form = ApprovalForm.of(request, initial={"seen": queries.issue_mark(issue)})
    if form.is_valid():
        try:
            services.approve_issue(
                by=request.user, issue=issue, now=timezone.now(), **form.cleaned_data
            )
        except RuleError as error:
            form.refuse(error)
            form.put("seen", queries.issue_mark(issue))
        else:
            messages.success(request, f"“{issue.title}” is approved and will be sent.")
            return redirect("edit-alert-issue", issue.pk)
    letter = _letter(request, issue)
    context = {
        "issue": issue,
        "items": list(issue.items.select_related("record__review", "record__resource")),
        "letter": letter,
        "size": len(letter.html.encode()) // 1_000 + 1 if letter else 0,
        "form": form,
        "may_approve": has_permission(request.user, queries.APPROVE),
    }
    return render(request, "alerts/preview.html", context, status=form.http_status)


# The style of the letter, and no other.
@csp_update({"style-src": [SELF, f"'sha256-{_STYLE_HASH}'"]})  # type: ignore[arg-type]
@require_safe
def email_preview(request: HttpRequest, number: int) -> HttpResponse:
    """The HTML part of the email of an issue. Raises NotFound without items."""
    letter = _letter(request, queries.issue_for(number, request.user))
    return HttpResponse(require_found(letter, "this issue has no item yet").html)


def _letter(request: HttpRequest, issue: AlertIssue) -> AlertLetter | None:
    """The email of an issue; None without items."""
    items = list(issue.items.select_related("record__review", "record__resource"))
    if not items:
        return None
    archived = issue.alert_list in queries.ARCHIVED
    address = (
        reverse("alert-issue", args=[issue.alert_list, issue.number])
        if archived
        else reverse("find")
    )
    return issue_letter(
        queries.letter_issue(
            issue,
            items,
            page_of=pages_from(request),
            address=request.build_absolute_uri(address),
        ),
        Sender(
            site=settings.SITE_NAME,
            home=request.build_absolute_uri("/"),
            because=f"You receive {AlertList(issue.alert_list).label} because you signed up.",
            organisation=settings.ORGANISATION,
            postal_address=settings.ORGANISATION_ADDRESS,
        ),
    )
