"""The step of small numbers: which tables cannot be protected, and what can be done about each."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from waymark.accounts.models import User
from waymark.accounts.permissions import require_account
from waymark.core.errors import RuleError
from waymark.frameworks.queries import file_of
from waymark.overview.queries.spec_versions import (
    OverviewState,
    compared_version,
    overview_state,
)
from waymark.overview.spec.edits import entries_of
from waymark.overview.spec.remedies import remedies_of, with_remedy
from waymark.web.authoring.disclosure_decision import decision_form, decision_page
from waymark.web.authoring.spec_saving import SeenForm, save_spec
from waymark.web.shared.fields import HiddenField, TicksField


class RemedyForm(SeenForm):
    """A remedy for a table, by its button. rows: to be merged."""

    table = HiddenField()
    rows = TicksField("Rows", ())

    def __init__(self, rows: Iterable[tuple[str, str]], **options: object) -> None:
        super().__init__(**options)
        self.fields["rows"].choices = list(rows)  # type: ignore[attr-defined]


UNDO = "undo"


@require_POST
def remedy(request: HttpRequest, slug: str) -> HttpResponse:
    """Apply a remedy to a table, save the version, and check all tables again."""
    person = require_account(request.user, "analyse", "change an overview")
    state = overview_state(slug, person)
    if request.POST.get("do") == UNDO:
        return _undo(request, person, state)
    text, framework = state.version.spec, file_of(state.overview.framework)
    posted = request.POST.get("table", "")
    offered = {
        row
        for entry in entries_of(text, "tables")
        if entry["id"] == posted
        for option in remedies_of(text, entry, framework)
        for row in option.rows
    }
    form = RemedyForm.of(request, offered)
    if form.is_valid():
        table, rows = form.cleaned_data["table"], form.cleaned_data["rows"]
        try:
            changed = with_remedy(text, table, form.action, framework, rows=rows)
        except RuleError as error:
            form.refuse(error)
        else:
            if save_spec(request, person, slug, changed, form):
                undone = overview_state(slug, person).version.number
                return redirect(f"{reverse('decide', args=[slug])}?check=1&undo={undone}#check")
    return decision_page(request, state.version, decision_form(state.version), problems=form)


def _undo(request: HttpRequest, person: User, state: OverviewState) -> HttpResponse:
    """Save the version before the last once more; refused if another was saved since."""
    slug = state.overview.slug
    form = SeenForm.of(request)
    if form.is_valid():
        before = compared_version(slug, form.version_seen, person).before
        if before and save_spec(request, person, slug, before, form):
            return redirect(f"{reverse('decide', args=[slug])}?check=1#check")
    return decision_page(request, state.version, decision_form(state.version), problems=form)
