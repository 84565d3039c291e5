"""Annual reports: editions for visitors; staff describe, write, sign, publish and withdraw them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.permissions import has_permission, require_permission
from waymark.core.errors import NotFound, RuleError
from waymark.core.uk_time import uk_date
from waymark.indicators.annual_about import ABOUT, AnnualAbout
from waymark.indicators.annual_content import compose_annual
from waymark.indicators.queries import annual as queries
from waymark.indicators.services import annual as services
from waymark.publishing.document.nodes import EditionInfo, ReportDocument
from waymark.publishing.formats.html import render_fragment
from waymark.publishing.kinds import KIND_RULES
from waymark.publishing.models import Manuscript, Publication, SigningCapacity
from waymark.publishing.queries.editions import pdf_path
from waymark.publishing.services import withdraw_edition
from waymark.web.middleware.tombstones import withdrawn_page
from waymark.web.shared.clean_input import clean_line, whole_number
from waymark.web.shared.fields import HiddenField, LinesField, TextAreaField, TextField
from waymark.web.shared.file_answers import file_answer
from waymark.web.shared.forms import SiteForm

CHANGE = ["GET", "HEAD", "POST"]
WRITE = "edit indicators"
TEXTS = {"foreword": "Foreword", "method": "About this report"}


def _body(document: ReportDocument) -> SafeString:
    """HTML of a document: publishing.formats.html escapes everything."""
    return mark_safe(render_fragment(document, address=None))  # noqa: S308


# ---- editions ----


@require_safe
def annual_report(request: HttpRequest, slug: str, number: int | None = None) -> HttpResponse:
    """An edition in full. number: None for the current one."""
    try:
        publication = queries.annual_edition(slug, number)
    except NotFound:
        return _gone(request, queries.withdrawn_annual(slug, number))
    current = queries.annual_editions(slug)[0]
    return render(
        request,
        "indicators/annual.html",
        {
            "publication": publication,
            "body": _body(queries.annual_document(publication)),
            "editions": queries.annual_editions(slug),
            "newer": current if current.edition > publication.edition else None,
            "may_edit": has_permission(request.user, WRITE),
        },
    )


def _gone(request: HttpRequest, row: Publication) -> HttpResponse:
    return withdrawn_page(
        request,
        f"Annual report, edition {row.edition}",
        uk_date(row.withdrawn_at or row.published_at),
    )


@require_safe
def annual_pdf(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """PDF of an edition, as published."""
    publication = queries.annual_edition(slug, number)
    return file_answer(
        request,
        pdf_path(publication),
        name=f"{slug}-edition-{number}.pdf",
        media_type="application/pdf",
        attachment=False,
    )


# ---- staff ----


class AnnualForm(SiteForm):
    """Description of a report."""

    slug = TextField(
        "Web address name",
        missing="Enter a web address name.",
        hint="Lower-case letters, digits and hyphens. You cannot change it later.",
        most=60,
    )
    title = TextField("Title", missing="Enter a title.", hint="Such as How safe are our children?")
    subtitle = TextField("Subtitle", hint="Such as the year.")
    indicators = LinesField(
        "Indicators",
        missing="Enter at least one indicator.",
        hint="Their web address names, one on each line, in the order of the chapters.",
        items=50,
    )

    @property
    def about(self) -> AnnualAbout:
        """The description. Raises RuleError for a name that no indicator can have."""
        values = self.cleaned_data
        try:
            return AnnualAbout(
                title=values["title"], subtitle=values["subtitle"], indicators=values["indicators"]
            )
        except ValueError as error:
            raise RuleError("names of indicators have lower-case letters and hyphens") from error


@require_http_methods(CHANGE)
def annual_reports(request: HttpRequest) -> HttpResponse:
    """All annual reports, and the form to add one."""
    rows = queries.annual_manuscripts(request.user)
    form = AnnualForm.of(request)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.add_annual_report(
                by=request.user,
                slug=form.cleaned_data["slug"],
                about=form.about,
                now=timezone.now(),
            )
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "Annual report added.")
            return redirect("edit-annual-report", made.slug)
    context = {"form": form, "manuscripts": rows}
    return render(request, "indicators/annual_list.html", context, status=form.http_status)


class AnnualTextForm(SiteForm):
    """A text of a report. base: number of the version that it began with."""

    slot = HiddenField()
    base = HiddenField()
    text = TextAreaField(
        "Text",
        hint='Empty lines divide paragraphs. Lines that begin with "- " are a list.',
        rows=8,
        most=50_000,
    )


@require_http_methods(CHANGE)
def edit_annual_report(request: HttpRequest, slug: str) -> HttpResponse:
    """The draft of a report with its forms: describe, write, sign, publish, withdraw."""
    manuscript = queries.annual_manuscript(slug, request.user)
    if request.method == "POST":
        try:
            if (answer := _act(request, manuscript)) is not None:
                return answer
        except RuleError as error:
            messages.error(request, f"Nothing was changed: {error}.")
        return redirect("edit-annual-report", slug)
    draft = queries.annual_draft(manuscript)
    edition = EditionInfo(None, timezone.now(), draft.content.sha256)
    rules = KIND_RULES[manuscript.kind]
    mine = any(row.signed_by_id == request.user.pk for row in draft.signatures)
    return render(
        request,
        "indicators/annual_edit.html",
        {
            "manuscript": manuscript,
            "draft": draft,
            "describe": _describe_form(draft),
            "texts": _text_forms(draft),
            "body": _body(compose_annual(draft.content, edition)),
            "capacities": [
                capacity
                for capacity, action in rules.capacities.items()
                if not mine and has_permission(request.user, action)
            ],
            "may_publish": has_permission(request.user, rules.publish),
        },
    )


def _describe_form(draft: queries.AnnualDraft) -> AnnualForm:
    content = draft.content
    names = tuple(row.slug for row in content.indicators)
    values = {"title": content.title, "subtitle": content.subtitle, "indicators": names}
    form = AnnualForm(initial=values)
    del form.fields["slug"]
    return form


def _text_forms(draft: queries.AnnualDraft) -> list[tuple[str, AnnualTextForm]]:
    saved = queries.annual_texts(draft.manuscript)
    slots = {
        **TEXTS,
        **{f"indicator--{row.slug}": row.name for row in draft.content.indicators},
    }
    forms = []
    for at, (slot, label) in enumerate(slots.items()):
        row = saved.get(slot)
        values = {"slot": slot, "base": row.number if row else 0, "text": row.text if row else ""}
        form = AnnualTextForm(initial=values, auto_id=f"text-{at}-%s")
        form.fields["text"].label = label
        forms.append((label, form))
    return forms


def _act(request: HttpRequest, manuscript: Manuscript) -> HttpResponse | None:
    """Carry out what the button says. Raises RuleError."""
    actions: dict[str, Any] = {
        "describe": _describe,
        "text": _save_text,
        "sign": _sign,
        "publish": _publish,
        "withdraw": _withdraw,
    }
    action = actions.get(request.POST.get("do", ""))
    if action is None:
        raise RuleError("the page did not say what to do: use its buttons")
    answer: HttpResponse | None = action(request, manuscript)
    return answer


def _describe(request: HttpRequest, manuscript: Manuscript) -> None:
    form = AnnualForm(data=request.POST)
    del form.fields["slug"]
    if not form.is_valid():
        raise RuleError("; ".join(problem.message for problem in form.problems).rstrip("."))
    services.describe_annual_report(
        by=request.user, manuscript=manuscript, about=form.about, now=timezone.now()
    )
    messages.success(request, "Description saved.")


def _save_text(request: HttpRequest, manuscript: Manuscript) -> None:
    form = AnnualTextForm(data=request.POST)
    if not form.is_valid() or form.cleaned_data["slot"] == ABOUT:
        raise RuleError("the text cannot be saved: it is too long or has no place")
    services.save_annual_text(
        by=request.user,
        manuscript=manuscript,
        slot=form.cleaned_data["slot"],
        text=form.cleaned_data["text"],
        base=whole_number(form.cleaned_data["base"]) or 0,
        now=timezone.now(),
    )
    messages.success(request, "Text saved.")


def _sign(request: HttpRequest, manuscript: Manuscript) -> None:
    capacity = request.POST.get("capacity", "")
    if capacity not in SigningCapacity.values:
        raise RuleError("choose in which capacity you sign")
    services.sign_annual_report(
        by=request.user,
        manuscript=manuscript,
        capacity=SigningCapacity(capacity),
        seen=clean_line(request.POST.get("seen", ""))[:64],
        now=timezone.now(),
    )
    messages.success(request, f"You have signed as {capacity}.")


def _publish(request: HttpRequest, manuscript: Manuscript) -> HttpResponse:
    now = timezone.now()
    prepared = services.prepare_annual_report(by=request.user, manuscript=manuscript, now=now)
    if isinstance(prepared, Publication):
        row = prepared
    else:
        row = services.publish_annual_report(by=request.user, prepared=prepared, now=now)
    messages.success(request, f"Edition {row.edition} is published.")
    return redirect("annual-report", row.slug)


def _withdraw(request: HttpRequest, manuscript: Manuscript) -> None:
    require_permission(request.user, KIND_RULES[manuscript.kind].publish)
    withdraw_edition(
        by=request.user,
        publication=queries.annual_edition(manuscript.slug),
        reason=clean_line(request.POST.get("reason", ""))[:300],
        now=timezone.now(),
    )
    messages.success(request, "The current edition is withdrawn.")
