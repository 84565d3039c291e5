"""Two steps of an overview: choose its reviews, and freeze its numbers."""

from typing import Any, cast

import yaml
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark import pipeline
from waymark.accounts.models import User
from waymark.accounts.permissions import require_account
from waymark.core.errors import NotFound, RuleError, SpecError
from waymark.overview.queries.overviews import decision_of
from waymark.overview.queries.spec_versions import overview_state, visible_collections
from waymark.overview.spec.schema import read_overview
from waymark.overview.spec.selection import SpecSelection
from waymark.overview.spec.template import with_parts
from waymark.publishing.queries.protected import closed_facts_note
from waymark.web.authoring.spec_saving import SeenForm, save_spec
from waymark.web.shared.fields import (
    CODE,
    CheckField,
    ChoiceField,
    LinesField,
    OpenChoiceField,
    TextField,
)

CHANGE = ["GET", "HEAD", "POST"]


class ReviewsForm(SeenForm):
    """The reviews of an overview, chosen in one of three ways; if no program suggested codes."""

    collection = OpenChoiceField("Collection")
    query = TextField(
        "Search",
        hint="Written as in Find, such as theme:neglect year:2010-2015. It runs when the numbers "
        "are frozen.",
        most=1_000,
        attrs=CODE,
    )
    reviews = LinesField("References of reviews", hint="One on each line.", rows=5)
    no_machine = CheckField(
        "No program suggested codes for these reviews",
        hint="The method chapter then says that no machine was used. The numbers cannot be frozen "
        "if a program did suggest codes.",
    )

    def __init__(self, person: User, **options: Any) -> None:
        super().__init__(**options)
        names = [
            (name, f"{name} ({number} review{'' if number == 1 else 's'})")
            for name, number in visible_collections(person, timezone.now())
        ]
        cast(ChoiceField, self.fields["collection"]).choices = [("", "None"), *names]

    def clean(self) -> dict[str, Any]:
        """Exactly one way to choose reviews."""
        chosen = self.chosen
        if not self.errors and len(chosen) != 1:
            message = "Choose a collection, write a search or list references"
            self.add_error("collection", f"{message}{': only one of them' if chosen else ''}.")
        return self.cleaned_data

    @property
    def chosen(self) -> dict[str, Any]:
        """The ways that were filled in, with their values."""
        values = {name: self.cleaned_data.get(name) for name in ("collection", "query", "reviews")}
        return {
            name: list(value) if name == "reviews" else value
            for name, value in values.items()
            if value
        }


@require_http_methods(CHANGE)
def choose_reviews(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose the reviews of an overview."""
    person = require_account(request.user, "analyse", "change an overview")
    state = overview_state(slug, person)
    text = state.version.spec
    spec = read_overview(text, file=slug)[0]
    select = spec.select
    initial = _initial_selection(select, state.version.number) | {"no_machine": spec.no_machine}
    form = ReviewsForm.of(request, person, initial=initial)
    if form.is_valid():
        parts: dict[str, Any] = {"select": _new_selection(text, form.chosen)}
        if form.cleaned_data["no_machine"] != spec.no_machine:
            parts["no_machine"] = not spec.no_machine
        if save_spec(request, person, slug, with_parts(text, parts), form):
            return redirect("overview-tables", slug=slug)
    context = {"overview": state.overview, "select": select, "form": form}
    return render(request, "specs/reviews.html", context, status=form.http_status)


def _initial_selection(select: SpecSelection, number: int) -> dict[str, Any]:
    return {
        "collection": select.collection or "",
        "query": select.query or "",
        "reviews": select.reviews,
        "seen": number,
    }


def _new_selection(text: str, chosen: dict[str, Any]) -> dict[str, Any]:
    """The selection with the reviews chosen; what is excluded, and the sample, stay."""
    before = yaml.safe_load(text)["select"]
    unchanged = {name: before[name] for name in ("exclude", "sample_of") if name in before}
    return {**chosen, **unchanged}


@require_http_methods(CHANGE)
def freeze_numbers(request: HttpRequest, slug: str) -> HttpResponse:
    """Freeze the numbers of an overview as its last version defines them."""
    person = require_account(request.user, "analyse", "freeze an overview")
    state = overview_state(slug, person)
    form = SeenForm.of(request, initial={"seen": state.version.number})
    if form.is_valid() and _freeze(request, person, slug, form):
        return redirect("overview-freeze", slug=slug)
    context = {
        "overview": state.overview,
        "state": state,
        "select": read_overview(state.version.spec, file=slug)[0].select,
        "form": form,
    }
    return render(request, "specs/freeze.html", context, status=form.http_status)


def _freeze(request: HttpRequest, person: User, slug: str, form: SeenForm) -> bool:
    """Freeze the version that was on the page; False, with the reason in the form, if refused."""
    state = overview_state(slug, person)
    before, last = state.snapshot, state.version
    if last.number != form.version_seen:
        form.put("seen", str(last.number))
        form.refuse(
            f"{last.saved_by} saved version {last.number} since you opened this page."
            " Check it, then freeze again."
        )
        return False
    try:
        snapshot = pipeline.freeze_overview(
            by=person,
            spec=last.spec,
            file=f"{slug}.yaml",
            now=timezone.now(),
            seen=form.version_seen,
        )
    except SpecError as error:
        for fault in error.faults:
            form.refuse(f"Line {fault.line} of the specification: {fault.message}")
        return False
    except (RuleError, NotFound) as error:
        form.refuse(error)
        return False
    if decision_of(last).profile != "open":
        pipeline.ask_table_check(by=person, slug=slug, now=timezone.now())
    same = before is not None and before.pk == snapshot.pk
    outcome = "Nothing has changed since" if same else "The numbers are frozen in"
    messages.success(request, f"{outcome} snapshot {snapshot.number}.")
    if note := closed_facts_note(snapshot):
        messages.info(request, note)
    return True
