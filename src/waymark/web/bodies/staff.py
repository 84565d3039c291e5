"""Records of bodies for staff: list, description, successions, and merging with a preview."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.accounts.permissions import require_permission
from waymark.bodies import queries, services
from waymark.bodies.models import Body, BodyKind, SuccessionKind
from waymark.core.errors import NotFound, RuleError, require_found
from waymark.core.wording import as_sentence
from waymark.library.queries.publishers import publishers_without_body
from waymark.web.shared.fields import (
    CheckField,
    ChoiceField,
    DateField,
    LinesField,
    TextAreaField,
    TextField,
)
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList, column_filter

MANAGE = "catalogue"
LONGEST_IDENTIFIER = 60
MOST_LISTED = 100
BODIES = StaffList(
    "body",
    "bodies",
    search=("name", "names__name"),
    columns=(
        ListColumn("Body", "name", ("name",)),
        ListColumn("Kind", "kind", ("kind", "name")),
        ListColumn("Nation", "nation", ("nation", "name")),
        ListColumn("Ended", "ended", ("ends_on",), falling=True),
        ListColumn("Added", "added", ("added_at",), falling=True),
    ),
    order="name",
    filters=(
        ListFilter("kind", "Kind", dict(BodyKind.choices), lambda value: Q(kind=value)),
        ListFilter(
            "record",
            "Record",
            {"listed": "Listed by staff", "unlisted": "Not listed", "merged": "Merged"},
            lambda value: (
                Q(merged_into__isnull=False)
                if value == "merged"
                else Q(listed=value == "listed", merged_into=None)
            ),
        ),
    ),
)


@require_http_methods(["GET", "HEAD", "POST"])
def manage_bodies(request: HttpRequest) -> HttpResponse:
    """All records of bodies, and the names of boards that no record has yet."""
    require_permission(request.user, MANAGE)
    if request.method == "POST":
        messages.success(request, f"{_add_records(request)} added.")
        return redirect("keep-bodies")
    rows = Body.objects.all().distinct()
    view = BODIES.view(request, rows, column_filter("nation", "Nation", Body.objects.all()))
    context = {
        "list": view,
        "without": queries.names_without_body(request.user)[:MOST_LISTED],
        "publishers": publishers_without_body(request.user, timezone.now())[:MOST_LISTED],
    }
    return render(request, "bodies/keep.html", context)


def _add_records(request: HttpRequest) -> int:
    """Add a record for each name that was chosen; return how many."""
    names, now = [name[:200] for name in request.POST.getlist("name")], timezone.now()
    if request.POST.get("of") != "publishers":
        return len(services.add_bodies_of_reviews(by=request.user, names=names, now=now))
    known = {name for name, _ in publishers_without_body(request.user, now)}
    chosen = [name for name in dict.fromkeys(names) if name in known]
    for name in chosen:
        # Listed, because each has a publication that everyone can see, with its publisher.
        services.add_body(by=request.user, about=services.BodyAbout(name, listed=True), now=now)
    return len(chosen)


class BodyForm(SiteForm):
    """Description of a body."""

    name = TextField("Name", missing="Enter the name of the body.", most=200)
    kind = ChoiceField("Kind", BodyKind.choices, missing="Choose the kind of body.")
    nation = TextField("Nation (optional)", most=60)
    begins_on = DateField("Began on (optional)")
    ends_on = DateField("Ended on (optional)")
    other_names = LinesField(
        "Other names (optional)",
        hint="One on each line, exactly as reviews write them.",
        items=services.MOST_NAMES,
    )
    identifiers = LinesField(
        "Identifiers (optional)",
        hint="One on each line, such as: charity 123456.",
        items=20,
        rows=2,
    )
    note = TextAreaField("Note (optional)", hint="Everyone can read it.", most=2_000)
    listed = CheckField("Show this body to everyone, also where no public review names it")

    @property
    def about(self) -> services.BodyAbout:
        """The description."""
        values = dict(self.cleaned_data)
        pairs = (line.rpartition(" ") for line in values.pop("identifiers"))
        values["identifiers"] = tuple((scheme.strip(), value) for scheme, _, value in pairs)
        return services.BodyAbout(**values)

    def clean_identifiers(self) -> tuple[str, ...]:
        """Each line has a scheme and a value."""
        lines: tuple[str, ...] = self.cleaned_data["identifiers"]
        for line in lines:
            if " " not in line or len(line) > LONGEST_IDENTIFIER:
                raise ValidationError(f"Enter a scheme, a space and a value, not “{line[:60]}”.")
        return lines


class SuccessionForm(SiteForm):
    """Which body took over."""

    later = TextField("Body that took over", hint="Its name.", missing="Enter its name.", most=200)
    how = ChoiceField("How", SuccessionKind.choices, missing="Choose how.")
    on = DateField("On (optional)")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, prefix="succession", **options)


@require_http_methods(["GET", "HEAD", "POST"])
def add_body(request: HttpRequest) -> HttpResponse:
    """Add a body."""
    require_permission(request.user, MANAGE)
    form = BodyForm.of(request)
    if form.is_valid():
        try:
            body = services.add_body(by=request.user, about=form.about, now=timezone.now())
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, f"{body} added.")
            return redirect("edit-body", body.key)
    return render(request, "bodies/edit.html", {"form": form}, status=form.http_status)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_body(request: HttpRequest, key: str) -> HttpResponse:
    """Change the description of a body, or what became of it."""
    require_permission(request.user, MANAGE)
    body = require_found(Body.objects.filter(key=key).first(), f"there is no body {key}")
    action = str(request.POST.get("do", ""))
    if action in SMALL_ACTIONS:
        try:
            SMALL_ACTIONS[action](request, body)
        except RuleError as error:
            messages.error(request, as_sentence(error))
        return redirect("edit-body", key)
    added = SuccessionForm(request.POST) if action == "succession" else SuccessionForm()
    if added.is_bound and added.is_valid() and _took_over(request, body, added):
        return redirect("edit-body", key)
    form = BodyForm(request.POST) if action == "save" else BodyForm(initial=_stored(body))
    if form.is_bound and form.is_valid():
        try:
            services.change_body(by=request.user, body=body, about=form.about, now=timezone.now())
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "Saved.")
            return redirect("edit-body", key)
    earlier, later = queries.successions_of(body)
    context = {
        "body": body,
        "form": form,
        "succession": added,
        "earlier": earlier,
        "later": later,
        "duplicates": body.duplicates.all(),
    }
    status = max(form.http_status, added.http_status)
    return render(request, "bodies/edit.html", context, status=status)


def _stored(body: Body) -> dict[str, Any]:
    names = [name for name in body.names.values_list("name", flat=True) if name != body.name]
    fields = ("name", "kind", "nation", "begins_on", "ends_on", "note", "listed")
    identifiers = [str(row) for row in body.identifiers.all()]
    stored = {field: getattr(body, field) for field in fields}
    return stored | {"other_names": names, "identifiers": identifiers}


def _took_over(request: HttpRequest, body: Body, form: SuccessionForm) -> bool:
    """Store a succession; False if the form has an error now."""
    later = queries.body_called(form.cleaned_data["later"])
    if later is None:
        form.refuse("no body has exactly this name: add it first", "later")
        return False
    try:
        services.add_succession(
            by=request.user,
            earlier=body,
            later=later,
            kind=form.cleaned_data["how"],
            on=form.cleaned_data["on"],
            now=timezone.now(),
        )
    except RuleError as error:
        form.refuse(error)
        return False
    return True


def _remove_succession(request: HttpRequest, body: Body) -> None:
    later = queries.body_with_key(str(request.POST.get("later", ""))[:80])
    services.remove_succession(by=request.user, earlier=body, later=later, now=timezone.now())


def _undo_merge(request: HttpRequest, body: Body) -> None:
    services.undo_merge(by=request.user, duplicate=body, now=timezone.now())


SMALL_ACTIONS = {"remove-succession": _remove_succession, "undo-merge": _undo_merge}


class MergeBodyForm(SiteForm):
    """The record that stays."""

    into = TextField(
        "Record that stays",
        hint="Its name, exactly as it is written there.",
        missing="Enter the name of the record that stays.",
        most=200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def merge_body(request: HttpRequest, key: str) -> HttpResponse:
    """Merge a second record of the same body: choose the other, see what it takes over, confirm."""
    require_permission(request.user, MANAGE)
    body = require_found(Body.objects.filter(key=key).first(), f"there is no body {key}")
    if body.merged_into_id is not None:
        raise NotFound(f"{body} is merged already")
    form, preview, into = MergeBodyForm.of(request), None, None
    if form.is_valid():
        into = queries.body_called(form.cleaned_data["into"])
        if into is None or into == body:
            form.refuse("no other record has exactly this name", "into")
        elif form.action == "merge":
            try:
                services.merge_bodies(
                    by=request.user, duplicate=body, into=into, now=timezone.now()
                )
            except RuleError as error:
                form.refuse(error)
            else:
                messages.success(request, f"Merged into {into}.")
                return redirect("edit-body", into.key)
        else:
            preview = queries.merge_preview(body, request.user)
    context = {"body": body, "form": form, "preview": preview, "into": into}
    return render(request, "bodies/merge.html", context, status=form.http_status)
