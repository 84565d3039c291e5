"""Check all tables under a profile, and the buttons that change those which cannot be shown."""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from waymark import pipeline
from waymark.accounts.models import User
from waymark.accounts.permissions import require_account
from waymark.core.errors import RuleError, require_found
from waymark.frameworks.queries import file_of
from waymark.overview.queries.spec_versions import (
    OverviewState,
    compared_version,
    overview_state,
)
from waymark.overview.spec.edits import entries_of
from waymark.overview.spec.remedies import remedies_of, with_remedy, with_tables_of
from waymark.publishing.queries import current_edition
from waymark.web.authoring.protection_check import check_page_of
from waymark.web.authoring.spec_saving import SeenForm, save_spec
from waymark.web.shared.clean_input import whole_number
from waymark.web.shared.fields import HiddenField, TicksField
from waymark.web.shared.forms import SiteForm

UNDO, TABLES_OF_EDITION = "undo", "tables-of-edition"


class CheckForm(SiteForm):
    """The button of a profile that is to be checked."""

    profile = HiddenField()


class RemedyForm(SeenForm):
    """A remedy for a table, by its button. rows: to be merged; profile: of the check."""

    table = HiddenField()
    profile = HiddenField()
    rows = TicksField("Rows", ())

    def __init__(self, rows: Iterable[tuple[str, str]], **options: object) -> None:
        super().__init__(**options)
        self.fields["rows"].choices = list(rows)  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
def check_tables(request: HttpRequest, slug: str) -> HttpResponse:
    """Checks of all tables; by POST queue that of a profile, which changes nothing."""
    person = require_account(request.user, "analyse", "check the tables of an overview")
    state = overview_state(slug, person)
    form = CheckForm.of(request)
    if form.is_valid():
        profile = form.cleaned_data["profile"]
        try:
            pipeline.ask_table_check(by=person, slug=slug, profile=profile, now=timezone.now())
        except RuleError as error:
            form.refuse(error)
        else:
            return redirect(_address(slug, profile))
    return _check_page(request, person, state, form)


def _address(slug: str, profile: str, undo: int | None = None) -> str:
    """Address of the check of a profile. undo: version of the remedy that led there."""
    query = urlencode({"profile": profile} | ({"undo": undo} if undo else {}))
    return f"{reverse('check-tables', args=[slug])}?{query}#check"


def _check_page(
    request: HttpRequest, person: User, state: OverviewState, form: SiteForm
) -> HttpResponse:
    """The page. form: whose errors are shown."""
    undo = whole_number(request.GET.get("undo", ""))
    profile = request.GET.get("profile", "") or str(form.data.get("profile", ""))
    context = {
        "overview": state.overview,
        "version": state.version,
        # Only the change that was made last, and only until another follows.
        "undo": undo if undo == state.version.number and undo > 1 else None,
        "form": form,
        "check": check_page_of(state, person, profile, timezone.now()),
    }
    return render(request, "specs/check_tables.html", context, status=form.http_status)


@require_POST
def remedy(request: HttpRequest, slug: str) -> HttpResponse:
    """Apply a remedy to a table, save the version, and check all tables again."""
    person = require_account(request.user, "analyse", "change an overview")
    state = overview_state(slug, person)
    form = RemedyForm.of(request, _rows_offered(request, state))
    if form.is_valid():
        try:
            changed = _remedied(state, person, form)
        except RuleError as error:
            form.refuse(error)
        else:
            if save_spec(request, person, slug, changed, form):
                profile = form.cleaned_data["profile"]
                check = pipeline.ask_table_check(
                    by=person, slug=slug, profile=profile, now=timezone.now()
                )
                undo = None if form.action == UNDO else check.version.number
                return redirect(_address(slug, check.profile, undo))
    return _check_page(request, person, overview_state(slug, person), form)


def _rows_offered(request: HttpRequest, state: OverviewState) -> set[tuple[str, str]]:
    """The rows of the posted table that can be merged, ids and labels."""
    text, framework = state.version.spec, file_of(state.overview.framework)
    return {
        row
        for entry in entries_of(text, "tables")
        if entry["id"] == request.POST.get("table", "")
        for option in remedies_of(text, entry, framework)
        for row in option.rows
    }


def _remedied(state: OverviewState, person: User, form: RemedyForm) -> str:
    """The YAML as the button changes it. Raises RuleError if that cannot be done any more."""
    text, slug = state.version.spec, state.overview.slug
    if form.action == UNDO:
        # The version before the last once more; save_spec refuses if another was saved since.
        return compared_version(slug, form.version_seen, person).before or text
    if form.action == TABLES_OF_EDITION:
        edition = require_found(current_edition(slug), f"there is no published edition of {slug}")
        return with_tables_of(text, edition.frozen.spec)
    table, rows = form.cleaned_data["table"], form.cleaned_data["rows"]
    return with_remedy(text, table, form.action, file_of(state.overview.framework), rows=rows)
