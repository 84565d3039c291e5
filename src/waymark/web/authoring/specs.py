"""Overviews in progress: create one, write its spec with a preview, freeze, history."""

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from waymark import pipeline
from waymark.accounts.models import User
from waymark.accounts.permissions import require_account
from waymark.core.errors import ConcurrentChange, NotFound, RuleError, SpecError
from waymark.core.wording import as_sentence
from waymark.overview.models import Overview
from waymark.overview.queries.overviews import latest_version, overview_for
from waymark.overview.queries.spec_versions import (
    OverviewState,
    compared_version,
    overview_history,
    overview_state,
    overview_states,
    visible_collections,
)
from waymark.overview.queries.templates import installed_specs, theme_choices
from waymark.overview.spec.template import (
    EVERYTHING,
    SILENCE_REPORT,
    THEME_STUDY,
    NewOverview,
    builtin_specs,
)
from waymark.publishing.queries.protected import closed_facts_note
from waymark.web.authoring.spec_preview import ALL, SpecPreview, preview_spec
from waymark.web.shared.clean_input import whole_number
from waymark.web.shared.fields import (
    CODE,
    CheckField,
    ChoiceField,
    HiddenField,
    OpenChoiceField,
    TextField,
    VerbatimField,
)
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.text_diff import DiffLine, diff_lines

ANALYSE = "analyse"
BUILTIN = "builtin:"
BUILTIN_LABELS = {
    EVERYTHING: "All tables and figures that come with Waymark",
    THEME_STUDY: "A theme study: reviews with a theme beside the others",
    SILENCE_REPORT: "A silence report: what reports do not say, by period and kind of report",
}
SPARE = 200
"""Line numbers beyond the last, for what is typed without script."""


def _require_analyst(request: HttpRequest) -> User:
    """The person, who may analyse. Raises NotPermitted."""
    return require_account(request.user, ANALYSE, "change an overview")


# ---- creating ----


class NewOverviewForm(SiteForm):
    """A new overview."""

    base = OpenChoiceField(
        "Copy from",
        hint="Its tables, figures and main points are copied, and you can change them afterwards. "
        "Chapters are copied only if you choose that below. The decision on small numbers must be "
        "made again.",
    )
    theme = OpenChoiceField(
        "Theme",
        hint="Of a theme study alone: a code that is found in a review or not, or a factor.",
    )
    title = TextField("Title", missing="Enter a title.", most=200, attrs={})
    slug = TextField(
        "Web address name",
        missing="Enter a web address name.",
        hint="Small letters, digits and hyphens, such as reviews-2020-to-2023. You cannot change "
        "it later.",
        most=60,
        attrs=CODE,
    )
    place = TextField(
        "Place (optional)",
        hint="As printed in every title. If you leave it empty, it stays as in the copy.",
        most=200,
        attrs={},
    )
    texts = CheckField(
        "Carry over the texts of the chapters of a copy. Each is marked until someone has read and "
        "confirmed it."
    )
    period = TextField(
        "Period (optional)",
        hint="As printed in every title, such as 2020 to 2023.",
        most=200,
        attrs={},
    )
    collection = OpenChoiceField(
        "Collection",
        hint="Choose a collection, or write a query as in the library. The query runs when the "
        "numbers are frozen. A copy can keep the reviews of the other overview.",
    )
    query = TextField(
        "Query", hint="For example, theme:neglect year:2004-2006.", most=1_000, attrs=CODE
    )
    groups = (
        ("", ("base", "theme", "texts", "title", "slug", "place", "period")),
        ("Which reviews", ("collection", "query")),
    )

    def __init__(self, person: User, **options: Any) -> None:
        super().__init__(**options)
        builtin = [(f"{BUILTIN}{name}", BUILTIN_LABELS.get(name, name)) for name in builtin_specs()]
        copies = [
            (row.overview.slug, f"A copy of {row.overview.title} ({row.overview.slug})")
            for row in overview_states(person)
        ]
        names = [
            (name, f"{name} ({number} review{'' if number == 1 else 's'})")
            for name, number in visible_collections(person, timezone.now())
        ]
        cast(ChoiceField, self.fields["base"]).choices = [*builtin, *copies]
        cast(ChoiceField, self.fields["theme"]).choices = [
            ("", "None, or as in the copy"),
            *theme_choices(),
        ]
        cast(ChoiceField, self.fields["collection"]).choices = [
            ("", "None, or as in the copy"),
            *names,
        ]

    def clean(self) -> dict[str, Any]:
        """One selection of reviews, unless a copy keeps its own."""
        values = self.cleaned_data
        if values.get("query") and values.get("collection"):
            self.add_error("query", "Choose a collection or write a query, not both.")
        elif values.get("base", "").startswith(BUILTIN) and self.select is None:
            self.add_error("query", "Choose a collection or write a query.")
        if values.get("base") == f"{BUILTIN}{THEME_STUDY}" and not values.get("theme"):
            self.add_error("theme", "Choose the theme of the study.")
        return values

    @property
    def chosen_theme(self) -> dict[str, str] | None:
        """The theme of a study as its specification has it; None to keep that of the copy."""
        kind, _, name = self.cleaned_data.get("theme", "").partition(":")
        return {kind: name} if name else None

    @property
    def select(self) -> dict[str, str] | None:
        """The selection of reviews; None to keep that of the copy."""
        return next(
            (
                {name: self.cleaned_data[name]}
                for name in ("query", "collection")
                if self.cleaned_data.get(name)
            ),
            None,
        )


@require_http_methods(["GET", "HEAD", "POST"])
def new_overview(request: HttpRequest) -> HttpResponse:
    """Create an overview."""
    person = _require_analyst(request)
    initial = {"base": f"{BUILTIN}everything", "texts": True, **request.GET.dict()}
    form = NewOverviewForm.of(request, person, initial=initial)
    overview = _create_overview(person, form) if form.is_valid() else None
    if overview is not None:
        messages.success(request, f"{overview.title} created.")
        return redirect("overview-tables", slug=overview.slug)
    return render(request, "specs/new.html", {"form": form}, status=form.http_status)


def _create_overview(person: User, form: NewOverviewForm) -> Overview | None:
    """Create the overview of a valid form; None, with the reason in the form, if refused."""
    values = form.cleaned_data
    source = _source_text(values["base"])
    beginning = NewOverview(
        slug=values["slug"],
        title=values["title"],
        place=values["place"] or None,
        period=values["period"] or None,
        select=form.select,
        theme=form.chosen_theme,
    )
    copied = values["texts"] and not values["base"].startswith(BUILTIN)
    try:
        return pipeline.begin_overview(
            by=person,
            source=source,
            new=beginning,
            now=timezone.now(),
            texts_of=overview_for(values["base"]) if copied else None,
        )
    except SpecError as error:
        _place_faults(form, error)
    except NotFound as error:
        form.refuse(error, "base")
    except RuleError as error:
        form.refuse(error, "slug")
    return None


def _source_text(base: str) -> str:
    """The YAML to copy. Raises NotFound."""
    if base.startswith(BUILTIN):
        text = installed_specs().get(base.removeprefix(BUILTIN))
        if text is None:
            raise NotFound(f"Waymark has no overview {base} to copy")
        return text
    return latest_version(overview_for(base)).spec


def _place_faults(form: NewOverviewForm, error: SpecError) -> None:
    """Put the faults of the YAML made from a form beside the fields that caused them."""
    fields = {"overview": "slug", "title": "title", "query": "query", "period": "period"}
    fields |= {"code": "theme", "factor": "theme"}
    for fault in error.faults:
        name, _, message = fault.message.partition(": ")
        field = fields.get(name, "base")
        if field not in form.errors:
            form.add_error(field, message if field != "base" else str(fault))


# ---- writing ----


@dataclass(frozen=True, slots=True)
class SpecConflict:
    """Someone else saved a version first. lines: theirs against what was typed here."""

    message: str
    lines: list[DiffLine]


class SpecForm(SiteForm):
    """A spec in its editor. seen: number of the version that is changed; table: of the preview."""

    seen = HiddenField()
    table = HiddenField()
    spec = VerbatimField("Specification")

    def clean_spec(self) -> str:
        """The text, its last line ended as in a file."""
        return f"{self.cleaned_data['spec'].rstrip()}\n"

    @property
    def values(self) -> dict[str, Any]:
        """The values that were sent."""
        self.full_clean()
        return {"table": "", **self.cleaned_data}

    @property
    def version_seen(self) -> int:
        """The number of the version that was changed. Raises RuleError for none."""
        number = whole_number(self.values.get("seen", ""))
        if number is None:
            raise RuleError("the form did not say which version was changed: open the page again")
        return number


@require_http_methods(["GET", "HEAD", "POST"])
def edit_spec(request: HttpRequest, slug: str) -> HttpResponse:
    """The spec of an overview in a form, with a preview; saving a version and freezing."""
    person = _require_analyst(request)
    current = overview_state(slug, person)
    table = request.GET.get("table", "")
    if request.method != "POST":
        return _editor_page(request, current, current.version.spec, SpecPreview(table=table))
    form = SpecForm.of(request)
    text, table = form.values["spec"], form.values["table"]
    if form.data.get("do", "preview") == "preview":
        preview = preview_spec(by=person, slug=slug, spec=text, table=table, now=timezone.now())
        wrong = preview.faults or preview.refusal
        return _editor_page(request, current, text, preview, status=400 if wrong else 200)
    try:
        return _save_version(request, person, slug, form)
    except ConcurrentChange as error:
        current = overview_state(slug, person)
        lines = diff_lines(current.version.spec, text)
        conflict = SpecConflict(as_sentence(error), lines)
        return _editor_page(
            request, current, text, SpecPreview(table=table), conflict=conflict, status=409
        )
    except SpecError as error:
        preview = SpecPreview(faults=tuple(error.faults), table=table)
    except (RuleError, NotFound) as error:
        preview = SpecPreview(refusal=as_sentence(error), table=table)
    return _editor_page(request, current, text, preview, status=400)


def _save_version(request: HttpRequest, person: User, slug: str, form: SpecForm) -> HttpResponse:
    """Save a version, and freeze it if the button says so."""
    if form.action not in {"save", "freeze"}:
        raise RuleError("the form did not say what to do: open the page again")
    now, seen, text = timezone.now(), form.version_seen, form.values["spec"]
    before = overview_state(slug, person)
    if form.action == "freeze":
        snapshot = pipeline.freeze_overview(
            by=person, spec=text, file=f"{slug}.yaml", now=now, seen=seen
        )
        same = before.snapshot is not None and snapshot.pk == before.snapshot.pk
        outcome = "Nothing has changed since" if same else "The numbers are frozen in"
        messages.success(request, f"{outcome} snapshot {snapshot.number}.")
        if note := closed_facts_note(snapshot):
            messages.info(request, note)
        return redirect("spec-history", slug=slug)
    pipeline.save_overview(by=person, slug=slug, spec=text, seen=seen, now=now)
    after = overview_state(slug, person).version.number
    outcome = (
        f"Version {after} is saved." if after != before.version.number else "No changes to save."
    )
    messages.success(request, outcome)
    query = urlencode({"table": form.values["table"]})
    return redirect(f"{reverse('spec', args=[slug])}?{query}")


def _editor_page(
    request: HttpRequest,
    current: OverviewState,
    text: str,
    preview: SpecPreview,
    *,
    conflict: SpecConflict | None = None,
    status: int = 200,
) -> HttpResponse:
    lines = text.count("\n") + 1
    # What was posted says which version was changed; once the person was told, it is the last.
    reopened = request.method != "POST" or conflict is not None
    last = current.version.number
    return render(
        request,
        "specs/spec.html",
        {
            "standing": current,
            "text": text,
            "rows": lines + 1,
            "numbers": range(1, lines + SPARE),
            "wrong": {fault.line for fault in preview.faults}
            | {fault.line for fault in preview.left_out},
            "shown": preview,
            "conflict": conflict,
            "seen": last if reopened else SpecForm.of(request).values.get("seen", ""),
            "all": ALL,
        },
        status=status,
    )


@require_POST
def spec_preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The preview of what is being written, as a part of a page."""
    person = _require_analyst(request)
    overview_state(slug, person)  # raises NotFound; the preview would answer with a fault
    values = SpecForm.of(request).values
    result = preview_spec(
        by=person, slug=slug, spec=values["spec"], table=values["table"], now=timezone.now()
    )
    return render(request, "specs/preview.html", {"shown": result, "all": ALL})


# ---- history ----


@require_safe
def spec_history(request: HttpRequest, slug: str) -> HttpResponse:
    """The versions of a spec, and the snapshots frozen of them."""
    person = _require_analyst(request)
    return render(request, "specs/history.html", {"history": overview_history(slug, person)})


@require_http_methods(["GET", "HEAD", "POST"])
def spec_version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A version of a spec with what it changed; saving it once more as the last."""
    person = _require_analyst(request)
    row = compared_version(slug, number, person)
    if request.method == "POST":
        pipeline.save_overview(
            by=person,
            slug=slug,
            spec=row.version.spec,
            seen=SpecForm.of(request).version_seen,
            now=timezone.now(),
        )
        messages.success(request, f"Version {number} restored as a new version.")
        return redirect("spec", slug=slug)
    return render(
        request,
        "specs/version.html",
        {
            "kept": row,
            "lines": diff_lines(row.before, row.version.spec) if row.before else [],
            "last": overview_state(slug, person).version.number,
        },
    )
