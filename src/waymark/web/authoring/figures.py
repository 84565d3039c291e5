"""Figures of an overview, each in a form."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from waymark.accounts.permissions import require_account
from waymark.core.errors import NotFound
from waymark.frameworks.queries import file_of
from waymark.overview.queries.spec_versions import OverviewState, overview_state
from waymark.overview.spec.cells import possible_columns
from waymark.overview.spec.edits import Entry, entries_of, new_id, with_entry
from waymark.overview.spec.fitting import with_theme_in_place
from waymark.overview.spec.schema import read_overview
from waymark.web.authoring.spec_saving import SeenForm, save_spec
from waymark.web.shared.fields import OpenChoiceField, TextField, TicksField

CHANGE = ["GET", "HEAD", "POST"]
KINDS = (
    ("bars", "Bars"),
    ("columns", "Columns"),
    ("dots", "Dots"),
    ("stacked", "Stacked bars"),
    ("shares", "Shares: stacked bars of one length"),
    ("ranges", "Shares with their bounds"),
    ("matrix", "Matrix"),
    ("flow", "Flow of reviews"),
)
COLUMN_NAMES = {"n": "Number", "percent": "Percentage", "recorded": "Recorded"}


class FigureForm(SeenForm):
    """A figure of a table. columns: those that its table can have; blocks: id and title."""

    title = TextField("Title", missing="Enter a title.", most=200)
    kind = OpenChoiceField("Drawn as", KINDS)
    column = OpenChoiceField(
        "Column to draw", hint="Flow, matrix and shares with bounds need none."
    )
    block = OpenChoiceField("Block")
    parts = TicksField("Parts, for stacked bars and shares (optional)", ())

    def __init__(self, columns: list[str], blocks: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(**options)
        choices = [(name, COLUMN_NAMES.get(name, name.replace("_", " "))) for name in columns]
        self.fields["column"].choices = [("", "None"), *choices]  # type: ignore[attr-defined]
        self.fields["parts"].choices = choices  # type: ignore[attr-defined]
        self.fields["block"].choices = [("", "The whole table"), *blocks]  # type: ignore[attr-defined]
        if not blocks:
            del self.fields["block"]

    def entry(self, before: Entry) -> Entry:
        """The figure as YAML values."""
        values = self.cleaned_data
        parts = [name for name in before.get("parts", ()) if name in values["parts"]]
        parts += [name for name in values["parts"] if name not in parts]
        given = {
            "kind": values["kind"],
            "column": values["column"],
            "block": values.get("block", ""),
            "title": values["title"],
            "parts": parts,
        }
        names = {"kind", "column", "block", "title", "parts"}
        rest = {name: value for name, value in before.items() if name not in names}
        return {**rest, **{name: value for name, value in given.items() if value}}


@require_http_methods(CHANGE)
def edit_figure(request: HttpRequest, slug: str, figure: str) -> HttpResponse:
    """One figure: its form, saving and removing it."""
    person = require_account(request.user, "analyse", "change an overview")
    state = overview_state(slug, person)
    figures = entries_of(state.version.spec, "figures")
    entry = next((row for row in figures if row["id"] == figure), None)
    if entry is None:
        raise NotFound(f"{slug} has no figure {figure}")
    return _figure_page(request, state, entry, name=figure)


@require_http_methods(CHANGE)
def add_figure(request: HttpRequest, slug: str, table: str) -> HttpResponse:
    """Add a figure to a table; it has the table's title until it gets its own."""
    person = require_account(request.user, "analyse", "change an overview")
    state = overview_state(slug, person)
    tables = entries_of(state.version.spec, "tables")
    of = next((row for row in tables if row["id"] == table), None)
    if of is None:
        raise NotFound(f"{slug} has no table {table}")
    name = new_id(entries_of(state.version.spec, "figures"), "F")
    entry = {"id": name, "kind": "bars", "table": table, "title": of["title"], "column": "n"}
    return _figure_page(request, state, entry, name="")


def _figure_page(
    request: HttpRequest, state: OverviewState, entry: Entry, *, name: str
) -> HttpResponse:
    person = require_account(request.user, "analyse", "change an overview")
    slug, text = state.overview.slug, state.version.spec
    read, _ = read_overview(text, file=slug)
    spec = with_theme_in_place(read, file_of(state.overview.framework))
    table = next(row for row in spec.tables if row.id == entry["table"])
    sample = spec.select.sample_of is not None
    columns = possible_columns(table, file_of(state.overview.framework), sample=sample)
    blocks = [(block.id, block.title) for block in getattr(table, "blocks", ())]
    form = FigureForm.of(
        request,
        sorted(columns.ids),
        blocks if len(blocks) > 1 else [],
        initial={**entry, "seen": state.version.number},
    )
    if form.is_valid():
        changed = None if form.action == "remove" else form.entry(entry)
        if save_spec(
            request, person, slug, with_entry(text, "figures", entry["id"], changed), form
        ):
            return redirect("edit-table", slug=slug, table=table.id)
    context = {
        "overview": state.overview,
        "form": form,
        "name": name,
        "table": table.id,
        "title": entry["title"],
    }
    return render(request, "specs/figure.html", context, status=form.http_status)
