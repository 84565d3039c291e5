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
from waymark.accounts.permissions import may, require
from waymark.core.errors import NotFound, NotPermitted, Overtaken, RuleError, SpecError
from waymark.overview.beginning import Beginning, builtin_specs
from waymark.overview.models import Overview
from waymark.overview.queries import latest_version, overview_for
from waymark.overview.versions import (
    Standing,
    collections,
    history_of,
    standing_of,
    standings,
    version_of,
)
from waymark.publishing.in_progress import in_progress
from waymark.web.differences import DiffLine, difference
from waymark.web.fields import (
    CODE,
    ChoiceField,
    HiddenField,
    OpenChoiceField,
    TextField,
    VerbatimField,
)
from waymark.web.forms import SiteForm
from waymark.web.spec_preview import ALL, Shown, sentence, shown

ANALYSE = "analyse"
BUILTIN = "builtin:"
BUILTIN_SAID = {"everything": "All tables and figures that come with Waymark"}
SPARE = 200
"""Line numbers beyond the last, for what is typed without script."""


def _analyst(request: HttpRequest) -> User:
    """The person, who may analyse. Raises NotPermitted."""
    require(request.user, ANALYSE)
    if not isinstance(request.user, User):  # require() has seen to it; this tells the type checker
        raise NotPermitted("working on overviews needs an account")
    return request.user


@require_safe
def specs(request: HttpRequest) -> HttpResponse:
    """Overviews in progress, and those that need the person's signature."""
    require(request.user, "write overviews")
    if not isinstance(request.user, User):  # require() has seen to it; this tells the type checker
        raise NotPermitted("working on overviews needs an account")
    overviews = in_progress(request.user)
    return render(
        request,
        "specs/list.html",
        {
            "overviews": overviews,
            "waiting": [overview for overview in overviews if overview.waits],
            "may_analyse": may(request.user, ANALYSE),
        },
    )


# ---- creating ----


class NewOverviewForm(SiteForm):
    """A new overview."""

    base = OpenChoiceField(
        "Copy from",
        hint="Its text is copied: tables, figures, titles and notes. You can change everything "
        "afterwards.",
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
        ("", ("base", "title", "slug", "place", "period")),
        ("Which reviews", ("collection", "query")),
    )

    def __init__(self, person: User, **options: Any) -> None:
        super().__init__(**options)
        builtin = [(f"{BUILTIN}{name}", BUILTIN_SAID.get(name, name)) for name in builtin_specs()]
        copies = [
            (row.overview.slug, f"A copy of {row.overview.title} ({row.overview.slug})")
            for row in standings(person)
        ]
        names = [
            (name, f"{name} ({number} review{'' if number == 1 else 's'})")
            for name, number in collections(person, timezone.now())
        ]
        cast(ChoiceField, self.fields["base"]).choices = [*builtin, *copies]
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
        return values

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
def new(request: HttpRequest) -> HttpResponse:
    """Create an overview."""
    person = _analyst(request)
    initial = {"base": f"{BUILTIN}everything", **request.GET.dict()}
    form = NewOverviewForm.of(request, person, initial=initial)
    overview = _create(person, form) if form.is_valid() else None
    if overview is not None:
        messages.success(request, f"{overview.title} created.")
        return redirect("spec", slug=overview.slug)
    return render(request, "specs/new.html", {"form": form}, status=form.http_status)


def _create(person: User, form: NewOverviewForm) -> Overview | None:
    """Create the overview of a valid form; None, with the reason in the form, if refused."""
    values = form.cleaned_data
    source = _source(values["base"])
    beginning = Beginning(
        slug=values["slug"],
        title=values["title"],
        place=values["place"] or None,
        period=values["period"] or None,
        select=form.select,
    )
    try:
        return pipeline.begin_overview(
            by=person, source=source, wanted=beginning, now=timezone.now()
        )
    except SpecError as error:
        _place_faults(form, error)
    except NotFound as error:
        form.refuse(error, "base")
    except RuleError as error:
        form.refuse(error, "slug")
    return None


def _source(base: str) -> str:
    """The YAML to copy. Raises NotFound."""
    if base.startswith(BUILTIN):
        text = builtin_specs().get(base.removeprefix(BUILTIN))
        if text is None:
            raise NotFound(f"Waymark has no overview {base} to copy")
        return text
    return latest_version(overview_for(base)).spec


def _place_faults(form: NewOverviewForm, error: SpecError) -> None:
    """Put the faults of the YAML made from a form beside the fields that caused them."""
    fields = {"overview": "slug", "title": "title", "query": "query", "period": "period"}
    for fault in error.faults:
        name, _, message = fault.message.partition(": ")
        field = fields.get(name, "base")
        if field not in form.errors:
            form.add_error(field, message if field != "base" else str(fault))


# ---- writing ----


@dataclass(frozen=True, slots=True)
class Conflict:
    """Someone else saved a version first. lines: theirs against what was typed here."""

    said: str
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
        number = self.values.get("seen", "")
        if not (number.isascii() and number.isdecimal() and len(number) < 10):
            raise RuleError("the form did not say which version was changed: open the page again")
        return int(number)


@require_http_methods(["GET", "HEAD", "POST"])
def spec(request: HttpRequest, slug: str) -> HttpResponse:
    """The spec of an overview in a form, with a preview; saving a version and freezing."""
    person = _analyst(request)
    current = standing_of(slug, person)
    table = request.GET.get("table", "")
    if request.method != "POST":
        return _editor(request, current, current.version.spec, Shown(table=table))
    form = SpecForm.of(request)
    text, table = form.values["spec"], form.values["table"]
    if form.data.get("do", "preview") == "preview":
        preview = shown(by=person, slug=slug, spec=text, table=table, now=timezone.now())
        wrong = preview.faults or preview.refusal
        return _editor(request, current, text, preview, status=400 if wrong else 200)
    try:
        return _save(request, person, slug, form)
    except Overtaken as error:
        current = standing_of(slug, person)
        lines = difference(current.version.spec, text)
        conflict = Conflict(sentence(error), lines)
        return _editor(request, current, text, Shown(table=table), conflict=conflict, status=409)
    except SpecError as error:
        preview = Shown(faults=tuple(error.faults), table=table)
    except (RuleError, NotFound) as error:
        preview = Shown(refusal=sentence(error), table=table)
    return _editor(request, current, text, preview, status=400)


def _save(request: HttpRequest, person: User, slug: str, form: SpecForm) -> HttpResponse:
    """Save a version, and freeze it if the button says so."""
    if form.action not in {"save", "freeze"}:
        raise RuleError("the form did not say what to do: open the page again")
    now, seen, text = timezone.now(), form.version_seen, form.values["spec"]
    before = standing_of(slug, person)
    if form.action == "freeze":
        snapshot = pipeline.freeze_overview(
            by=person, spec=text, file=f"{slug}.yaml", now=now, seen=seen
        )
        same = before.snapshot is not None and snapshot.pk == before.snapshot.pk
        outcome = "Nothing has changed since" if same else "The numbers are frozen in"
        messages.success(request, f"{outcome} snapshot {snapshot.number}.")
        return redirect("spec-history", slug=slug)
    pipeline.save_overview(by=person, slug=slug, spec=text, seen=seen, now=now)
    after = standing_of(slug, person).version.number
    outcome = (
        f"Version {after} is saved." if after != before.version.number else "No changes to save."
    )
    messages.success(request, outcome)
    query = urlencode({"table": form.values["table"]})
    return redirect(f"{reverse('spec', args=[slug])}?{query}")


def _editor(
    request: HttpRequest,
    current: Standing,
    text: str,
    preview: Shown,
    *,
    conflict: Conflict | None = None,
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
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The preview of what is being written, as a part of a page."""
    person = _analyst(request)
    current = standing_of(slug, person)
    values = SpecForm.of(request).values
    result = shown(
        by=person, slug=slug, spec=values["spec"], table=values["table"], now=timezone.now()
    )
    return render(request, "specs/preview.html", {"standing": current, "shown": result, "all": ALL})


# ---- history ----


@require_safe
def history(request: HttpRequest, slug: str) -> HttpResponse:
    """The versions of a spec, and the snapshots frozen of them."""
    person = _analyst(request)
    return render(request, "specs/history.html", {"history": history_of(slug, person)})


@require_http_methods(["GET", "HEAD", "POST"])
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A version of a spec with what it changed; saving it once more as the last."""
    person = _analyst(request)
    row = version_of(slug, number, person)
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
            "lines": difference(row.before, row.version.spec) if row.before else [],
            "last": standing_of(slug, person).version.number,
        },
    )
