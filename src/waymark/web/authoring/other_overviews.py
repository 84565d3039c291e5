"""Overviews of other bodies for staff: forms, import from YAML, and the chapter on them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from pydantic import ValidationError as ModelError

from waymark.accounts.permissions import has_permission, require_account
from waymark.core.errors import RuleError, SpecError
from waymark.core.wording import as_sentence
from waymark.overview.models import OtherOverview
from waymark.overview.queries import other_overviews as queries
from waymark.overview.services import other_overviews as services
from waymark.overview.spec.other_overviews import (
    MOST_FINDINGS,
    PARTS,
    OtherOverviewEntry,
    finding_line,
    finding_of,
    read_other_overviews,
)
from waymark.publishing.queries.drafts import current_versions
from waymark.publishing.services import save_text
from waymark.web.authoring.texts import report_overview
from waymark.web.shared.clean_input import clean_line, whole_number
from waymark.web.shared.fields import LinesField, TextAreaField, TextField, VerbatimField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, StaffList

SLOT = "other-overviews"
"""The chapter of a report on other overviews."""
LONGEST_LINE = 600
OVERVIEWS = StaffList(
    "overview of another body",
    "overviews of other bodies",
    search=("title", "body", "nation"),
    columns=(
        ListColumn("Overview", "title", ("title",)),
        ListColumn("Body", "body", ("body", "title")),
        ListColumn("Period"),
        ListColumn("Published", "year", ("year", "title"), falling=True),
        ListColumn("Shown to"),
    ),
    order="title",
)


class OtherOverviewForm(SiteForm):
    """An overview of another body."""

    title = TextField("Title", missing="Enter the title.", most=200)
    slug = TextField(
        "Web address name",
        missing="Enter a web address name.",
        hint="Small letters, digits and hyphens. You cannot change it later.",
        most=60,
    )
    body = TextField("Body that published it", missing="Enter the body.", most=200)
    nation = TextField("Nation (optional)", most=60)
    period = TextField("Period of the reviews", missing="Enter the period.", most=60)
    year = TextField("Year of publication (optional)", most=4)
    reviews = TextField("Number of reviews (optional)", most=9)
    children = TextField("Number of children (optional)", most=9)
    method = TextAreaField(
        "How it was made (optional)", hint="In your own words: do not copy sentences.", most=4_000
    )
    caveats = LinesField(
        "Why its numbers are not comparable with ours",
        hint="One reason on each line, such as: counts incidents, not reviews.",
        missing="Enter at least one reason.",
        items=20,
    )
    judged_by = TextField("Who says so", missing="Enter who judged it.", most=200)
    record = TextField("Key of its record in the library (optional)", most=60)
    address = TextField("Web address (optional)", most=500)
    findings = LinesField(
        "Findings (optional)",
        hint=f"One on each line, in your own words: {PARTS}. Theme is a code or empty.",
        items=MOST_FINDINGS,
        most=LONGEST_LINE,
        rows=10,
    )

    @property
    def entry(self) -> OtherOverviewEntry:
        """The overview as a file has it. Raises ValueError with what is wrong."""
        values = {name: value or None for name, value in self.cleaned_data.items()}
        for name in ("year", "reviews", "children"):
            if values[name] is not None:
                values[name] = whole_number(str(values[name]))
                if values[name] is None:
                    raise ValueError(f"{self.fields[name].label}: enter a whole number")
        values["findings"] = [finding_of(line) for line in self.cleaned_data["findings"]]
        try:
            return OtherOverviewEntry.model_validate(values)
        except ModelError as error:
            first = error.errors()[0]
            place = " ".join(map(str, first["loc"]))
            raise ValueError(f"{place}: {first['msg'].removeprefix('Value error, ')}") from None


class OtherOverviewsForm(SiteForm):
    """A YAML text with overviews."""

    source = VerbatimField("Overviews as YAML")

    def clean_source(self) -> str:
        """Not empty."""
        source: str = self.cleaned_data["source"]
        if not source.strip():
            raise ValidationError("Paste the text of a file.")
        return source


@require_http_methods(["GET", "HEAD", "POST"])
def manage_other_overviews(request: HttpRequest) -> HttpResponse:
    """All overviews of other bodies, and the import of a file."""
    require_account(request.user, queries.WRITE, "keep overviews of other bodies")
    form = OtherOverviewsForm.of(request)
    if form.is_valid():
        try:
            entries = read_other_overviews(form.cleaned_data["source"], file="the text")
            rows = services.import_other_overviews(
                by=request.user, entries=entries, now=timezone.now()
            )
        except SpecError as error:
            form.refuse(error, "source")
        else:
            messages.success(request, f"{len(rows)} stored. List each to show it to everyone.")
            return redirect("keep-other-overviews")
    view = OVERVIEWS.view(request, OtherOverview.objects.all())
    context = {"list": view, "form": form}
    return render(request, "specs/others.html", context, status=form.http_status)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_other_overview(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Add an overview of another body, change it, list it or take it from the site."""
    require_account(request.user, queries.WRITE, "keep overviews of other bodies")
    row = queries.other_overview_for(slug, request.user) if slug else None
    if row is not None and request.POST.get("do") in {"list", "unlist"}:
        return _list_or_unlist(request, row)
    form = OtherOverviewForm.of(request, initial=_initial(row))
    if row is not None:
        del form.fields["slug"]
    if form.is_valid():
        try:
            if row is not None:
                form.cleaned_data["slug"] = row.slug
            entry = form.entry
            services.save_other_overview(
                by=request.user, entry=entry, is_new=row is None, now=timezone.now()
            )
        except (ValueError, RuleError) as error:
            form.refuse(str(error))
        else:
            messages.success(request, "Saved.")
            return redirect("edit-other-overview", entry.slug)
    context = {
        "row": row,
        "form": form,
        "may_publish": has_permission(request.user, services.PUBLISH),
    }
    return render(request, "specs/other.html", context, status=form.http_status)


def _initial(row: OtherOverview | None) -> dict[str, Any]:
    if row is None:
        return {}
    entry = queries.entry_of(row)
    plain = {name: value for name, value in entry.model_dump().items() if value is not None}
    lines = [finding_line(finding) for finding in entry.findings]
    return {**plain, "caveats": list(entry.caveats), "findings": lines}


def _list_or_unlist(request: HttpRequest, row: OtherOverview) -> HttpResponse:
    now = timezone.now()
    try:
        if request.POST["do"] == "list":
            services.list_other_overview(by=request.user, overview=row, now=now)
            messages.success(request, "Everyone can see it now.")
        else:
            reason = clean_line(request.POST.get("reason", ""))[:300]
            services.unlist_other_overview(by=request.user, overview=row, reason=reason, now=now)
            messages.success(request, "It is no longer on the public site.")
    except RuleError as error:
        messages.error(request, as_sentence(error))
    return redirect("edit-other-overview", row.slug)


@require_POST
def fill_chapter(request: HttpRequest, slug: str) -> HttpResponse:
    """Put the listed overviews into the chapter on other overviews, below what it has."""
    overview = report_overview(request, slug)
    rows = OtherOverview.objects.filter(listed=True).prefetch_related("findings")
    text = queries.chapter_text(rows.order_by("year", "title"))
    current = current_versions(overview).get(SLOT)
    before = f"{current.text.rstrip()}\n\n" if current is not None and current.text.strip() else ""
    if not rows:
        messages.error(request, "No overview of another body is listed yet.")
    else:
        save_text(
            by=request.user,
            overview=overview,
            slot=SLOT,
            text=before + text,
            base=current.number if current is not None else 0,
            now=timezone.now(),
        )
        messages.success(request, "Added below the text. Read it and change it before you sign.")
    return redirect("write-text", slug, SLOT)
