"""Tables and figures of an overview, each in a form with a preview: no YAML needed."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from waymark.accounts.models import User
from waymark.accounts.permissions import require_account
from waymark.core import yaml_file
from waymark.core.errors import FileFault, NotFound, SpecError
from waymark.frameworks.queries import file_of
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.queries.spec_versions import OverviewState, overview_state
from waymark.overview.spec.edits import (
    Entry,
    entries_of,
    new_id,
    with_entry,
    with_entry_moved,
    with_table,
    without_table,
)
from waymark.web.authoring.spec_preview import ALL, SpecPreview, preview_spec
from waymark.web.authoring.spec_saving import SeenForm, save_spec
from waymark.web.authoring.table_form import KINDS, TableForm
from waymark.web.shared.fields import RadioField, TextField

CHANGE = ["GET", "HEAD", "POST"]
MOVES = {"up": -1, "down": 1}


def _state(request: HttpRequest, slug: str) -> tuple[User, OverviewState]:
    person = require_account(request.user, "analyse", "change an overview")
    return person, overview_state(slug, person)


@require_http_methods(CHANGE)
def tables(request: HttpRequest, slug: str) -> HttpResponse:
    """The tables and figures of an overview; one is moved up or down by POST."""
    person, state = _state(request, slug)
    text = state.version.spec
    form = SeenForm.of(request, initial={"seen": state.version.number})
    if form.is_valid():
        move, _, name = form.action.partition(":")
        known = {entry["id"] for entry in entries_of(text, "tables")}
        if move not in MOVES or name not in known:
            raise NotFound(f"{slug} has no table {name}")
        changed = with_entry_moved(text, "tables", name, MOVES[move])
        if save_spec(request, person, slug, changed, form):
            return redirect("overview-tables", slug=slug)
    figures = entries_of(text, "figures")
    rows = [
        {
            **table,
            "kind_label": KINDS[table["kind"]],
            "figures": [figure for figure in figures if figure["table"] == table["id"]],
        }
        for table in entries_of(text, "tables")
    ]
    context = {"overview": state.overview, "state": state, "tables": rows, "form": form}
    return render(request, "specs/tables.html", context, status=form.http_status)


# ---- one table ----


@require_http_methods(CHANGE)
def edit_table(request: HttpRequest, slug: str, table: str) -> HttpResponse:
    """One table: its form, a preview, saving and removing it."""
    person, state = _state(request, slug)
    entry, framework = _table_of(state, table)
    form = TableForm.of(request, entry, framework, initial={"seen": state.version.number})
    preview = SpecPreview(table=table)
    if form.is_valid():
        if form.action == "remove":
            changed = without_table(state.version.spec, table)
        else:
            changed = with_table(state.version.spec, form.entry)
        if form.action == "preview":
            preview = _table_preview(person, slug, changed, table, form)
        elif save_spec(request, person, slug, changed, form, place=_placer(changed, form)):
            removed = form.action == "remove"
            page = ("overview-tables", slug) if removed else ("edit-table", slug, table)
            return redirect(page[0], *page[1:])
    context = {
        "overview": state.overview,
        "entry": entry,
        "kind": KINDS[entry["kind"]],
        "figures": [
            figure
            for figure in entries_of(state.version.spec, "figures")
            if figure["table"] == table
        ],
        "coarser": [
            recode["label"]
            for block in entry.get("blocks", ())
            for recode in block.get("recodes", ())
        ],
        "form": form,
        "shown": preview,
        "all": ALL,
    }
    return render(request, "specs/table.html", context, status=form.http_status)


def _table_of(state: OverviewState, table: str) -> tuple[Entry, FrameworkFile]:
    entries = entries_of(state.version.spec, "tables")
    entry = next((row for row in entries if row["id"] == table), None)
    if entry is None:
        raise NotFound(f"{state.overview.slug} has no table {table}")
    return entry, file_of(state.overview.framework)


def _placer(changed: str, form: TableForm) -> Any:
    """What puts the faults of a changed text beside the fields of its table."""

    def place(error: SpecError) -> None:
        _, lines = yaml_file.load_yaml(changed, file="overview")
        names = [entry["id"] for entry in entries_of(changed, "tables")]
        at = names.index(form.before["id"]) if form.before["id"] in names else len(names)
        form.place_faults(error.faults, lines, ("tables", at))

    return place


def _table_preview(
    person: User, slug: str, changed: str, table: str, form: TableForm
) -> SpecPreview:
    """The preview of a table; its faults go to the fields of the form."""
    preview = preview_spec(by=person, slug=slug, spec=changed, table=table, now=timezone.now())
    if preview.faults:
        _placer(changed, form)(SpecError(slug, list(preview.faults)))
        return SpecPreview(table=table)
    return _without_lines(preview)


def _without_lines(preview: SpecPreview) -> SpecPreview:
    """A preview that leads to no line of the text, nor to help on writing it: neither is here."""
    parts = tuple(replace(part, line=0) for part in preview.left_out)
    return replace(preview, left_out=parts, disabled="")


@require_POST
def table_preview(request: HttpRequest, slug: str, table: str) -> HttpResponse:
    """The preview of what is being typed into the form, as a part of a page."""
    person, state = _state(request, slug)
    form = TableForm.of(request, *_table_of(state, table))
    preview = SpecPreview(table=table)
    if form.is_valid():
        changed = with_table(state.version.spec, form.entry)
        preview = _table_preview(person, slug, changed, table, form)
    if form.errors:
        faults = tuple(FileFault(0, problem.message) for problem in form.problems)
        preview = SpecPreview(faults=faults, table=table)
    return render(request, "specs/preview.html", {"shown": preview, "all": ALL})


# ---- a new table ----


class NewTableForm(SeenForm):
    """A new table of one of the kinds."""

    title = TextField("Title", missing="Enter a title.", most=200)
    kind = RadioField("What it shows", list(KINDS.items()), missing="Choose what it shows.")


@require_http_methods(CHANGE)
def add_table(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a table of a kind; its form comes next."""
    person, state = _state(request, slug)
    form = NewTableForm.of(request, initial={"seen": state.version.number})
    if form.is_valid():
        text = state.version.spec
        name = new_id(entries_of(text, "tables"), "T")
        kind, title = form.cleaned_data["kind"], form.cleaned_data["title"]
        entry = _new_table(name, kind, title, file_of(state.overview.framework))
        if save_spec(request, person, slug, with_entry(text, "tables", name, entry), form):
            return redirect("edit-table", slug=slug, table=name)
    context = {"overview": state.overview, "form": form}
    return render(request, "specs/add_table.html", context, status=form.http_status)


def _new_table(name: str, kind: str, title: str, framework: FrameworkFile) -> Entry:
    """A table of a kind that can be counted at once, with the first facts of the framework."""
    variables = framework.variables
    states = [variable for variable in variables if variable.type == "state"]
    contacts = [variable for variable in variables if variable.type == "contact"]
    categories = [row for row in variables if row.level == "review" and row.type == "category"]
    by_kind: dict[str, Entry] = {
        "crosstab": {
            "blocks": [
                {
                    "id": "main",
                    "title": title,
                    "unit": "review",
                    "base": "reviews read and coded",
                    "rows": {"variable": (categories or states)[0].id}
                    if categories or states
                    else {},
                    "all_label": "All reviews",
                }
            ]
        },
        "states": {"group": next((row.group for row in states if row.group), "")},
        "contacts": {"group": next((row.group for row in contacts if row.group), "")},
        "cooccurrence": {"of": [{"label": row.name, "any_of": [row.id]} for row in states[:2]]},
        "themes": {"of": {"themes": True}},
        "agreement": {"of": {"themes": True}},
    }
    return {"id": name, "kind": kind, "title": title, **by_kind.get(kind, {})}
