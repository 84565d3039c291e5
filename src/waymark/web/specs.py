"""Working on overviews: beginning one, writing its spec with a preview, freezing, its history."""

from dataclasses import dataclass, field

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
from waymark.web.spec_preview import ALL, Shown, sentence, shown
from waymark.web.typed import typed

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
    """Every overview that is worked on, and those that wait for the person's signature."""
    require(request.user, "write overviews")
    if not isinstance(request.user, User):  # require() has seen to it; this tells the type checker
        raise NotPermitted("working on overviews needs an account")
    found = in_progress(request.user)
    return render(
        request,
        "specs/list.html",
        {
            "overviews": found,
            "waiting": [one for one in found if one.waits],
            "may_analyse": may(request.user, ANALYSE),
        },
    )


# ---- beginning ----


@dataclass(slots=True)
class Form:
    """The form of a new overview as it was sent. wrong: field -> what is wrong with it."""

    base: str = f"{BUILTIN}everything"
    slug: str = ""
    title: str = ""
    place: str = ""
    period: str = ""
    collection: str = ""
    query: str = ""
    wrong: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, request: HttpRequest) -> "Form":
        """As it was sent, or as the address asks for it."""
        said = request.POST if request.method == "POST" else request.GET
        made = cls()
        for name in ("base", "slug", "title", "place", "period", "collection", "query"):
            value = typed(said.get(name, ""))
            if value:
                setattr(made, name, value)
        return made

    @property
    def select(self) -> dict[str, str] | None:
        """Which reviews; None as in what it begins with."""
        if self.query:
            return {"query": self.query}
        return {"collection": self.collection} if self.collection else None

    def check(self) -> None:
        """Notes what is missing."""
        if not self.slug:
            self.wrong["slug"] = "Give it a name for addresses."
        if not self.title:
            self.wrong["title"] = "Give it a title."
        if self.query and self.collection:
            self.wrong["query"] = "Choose a collection or write a query, not both."
        elif self.base.startswith(BUILTIN) and self.select is None:
            self.wrong["query"] = "Say which reviews: choose a collection or write a query."


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form for a new overview, and beginning it."""
    person = _analyst(request)
    form = Form.of(request)
    if request.method == "POST":
        form.check()
        source = _source(form.base)
        made = None if form.wrong else _begun(person, form, source)
        if made is not None:
            messages.success(request, f"{made.title} is begun.")
            return redirect("spec", slug=made.slug)
    context = {
        "form": form,
        "builtin": [(f"{BUILTIN}{name}", BUILTIN_SAID.get(name, name)) for name in builtin_specs()],
        "standings": standings(person),
        "collections": collections(person, timezone.now()),
    }
    return render(request, "specs/new.html", context, status=400 if form.wrong else 200)


def _begun(person: User, form: Form, source: str) -> Overview | None:
    """The overview that a form asks for; None where something is wrong, as the form then says."""
    wanted = Beginning(
        slug=form.slug,
        title=form.title,
        place=form.place or None,
        period=form.period or None,
        select=form.select,
    )
    try:
        return pipeline.begin_overview(by=person, source=source, wanted=wanted, now=timezone.now())
    except SpecError as error:
        _place_faults(form, error)
    except NotFound as error:
        form.wrong["base"] = sentence(error)
    except RuleError as error:
        form.wrong["slug"] = sentence(error)
    return None


def _source(base: str) -> str:
    """The YAML to begin with. Raises NotFound."""
    if base.startswith(BUILTIN):
        found = builtin_specs().get(base.removeprefix(BUILTIN))
        if found is None:
            raise NotFound(f"Waymark has no overview {base} to begin with")
        return found
    return latest_version(overview_for(base)).spec


def _place_faults(form: Form, error: SpecError) -> None:
    """Puts the faults of the YAML that was made of a form beside the fields they come from."""
    fields = {"overview": "slug", "title": "title", "query": "query", "period": "period"}
    for fault in error.faults:
        name, _, said = fault.message.partition(": ")
        where = fields.get(name, "base")
        form.wrong.setdefault(where, said if where != "base" else str(fault))


# ---- writing ----


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else saved a version meanwhile. lines: theirs against what was written here."""

    said: str
    lines: list[DiffLine]


@require_http_methods(["GET", "HEAD", "POST"])
def spec(request: HttpRequest, slug: str) -> HttpResponse:
    """The spec of an overview in a form, with a preview; saving a version and freezing."""
    person = _analyst(request)
    standing = standing_of(slug, person)
    table = request.GET.get("table", "")
    if request.method != "POST":
        return _editor(request, standing, standing.version.spec, Shown(table=table))
    text = _sent(request)
    table = request.POST.get("table", "")
    action = request.POST.get("do", "preview")
    if action == "preview":
        found = shown(by=person, slug=slug, spec=text, table=table, now=timezone.now())
        wrong = found.faults or found.refusal
        return _editor(request, standing, text, found, status=400 if wrong else 200)
    try:
        return _kept(request, person, slug, text, action)
    except Overtaken as error:
        standing = standing_of(slug, person)
        lines = difference(standing.version.spec, text)
        conflict = Conflict(sentence(error), lines)
        return _editor(request, standing, text, Shown(table=table), conflict=conflict, status=409)
    except SpecError as error:
        found = Shown(faults=tuple(error.faults), table=table)
    except (RuleError, NotFound) as error:
        found = Shown(refusal=sentence(error), table=table)
    return _editor(request, standing, text, found, status=400)


def _sent(request: HttpRequest) -> str:
    """What was written: lines end as in a file, and the last one ends."""
    text = request.POST.get("spec", "").replace("\r\n", "\n").replace("\r", "\n")
    return f"{text.rstrip()}\n"


def _seen(request: HttpRequest) -> int:
    """The number of the version that was changed. Raises RuleError where the form has none."""
    said = request.POST.get("seen", "")
    if not (said.isascii() and said.isdecimal() and len(said) < 10):
        raise RuleError("the form did not say which version was changed: open the page again")
    return int(said)


def _kept(request: HttpRequest, person: User, slug: str, text: str, action: str) -> HttpResponse:
    """Saves a version; freezes it too where that was asked for."""
    if action not in {"save", "freeze"}:
        raise RuleError("the form did not say what to do: open the page again")
    now, seen = timezone.now(), _seen(request)
    before = standing_of(slug, person)
    if action == "freeze":
        made = pipeline.freeze_overview(
            by=person, spec=text, file=f"{slug}.yaml", now=now, seen=seen
        )
        same = before.snapshot is not None and made.pk == before.snapshot.pk
        said = "Nothing has changed since" if same else "The numbers are frozen in"
        messages.success(request, f"{said} snapshot {made.number}.")
        return redirect("spec-history", slug=slug)
    pipeline.save_overview(by=person, slug=slug, spec=text, seen=seen, now=now)
    after = standing_of(slug, person).version.number
    said = (
        f"Version {after} is saved." if after != before.version.number else "Nothing was changed."
    )
    messages.success(request, said)
    query = urlencode({"table": request.POST.get("table", "")})
    return redirect(f"{reverse('spec', args=[slug])}?{query}")


def _editor(
    request: HttpRequest,
    standing: Standing,
    text: str,
    found: Shown,
    *,
    conflict: Conflict | None = None,
    status: int = 200,
) -> HttpResponse:
    lines = text.count("\n") + 1
    # What was posted says which version was changed; once the person was told, it is the last.
    told = request.method != "POST" or conflict is not None
    last = standing.version.number
    return render(
        request,
        "specs/spec.html",
        {
            "standing": standing,
            "text": text,
            "rows": lines + 1,
            "numbers": range(1, lines + SPARE),
            "wrong": {one.line for one in found.faults} | {one.line for one in found.left_out},
            "shown": found,
            "conflict": conflict,
            "seen": last if told else request.POST.get("seen", ""),
            "all": ALL,
        },
        status=status,
    )


@require_POST
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The preview of what is being written, as a part of a page."""
    person = _analyst(request)
    standing = standing_of(slug, person)
    found = shown(
        by=person,
        slug=slug,
        spec=_sent(request),
        table=request.POST.get("table", ""),
        now=timezone.now(),
    )
    return render(request, "specs/preview.html", {"standing": standing, "shown": found, "all": ALL})


# ---- what became of it ----


@require_safe
def history(request: HttpRequest, slug: str) -> HttpResponse:
    """The versions of a spec, and the snapshots frozen of them."""
    person = _analyst(request)
    return render(request, "specs/history.html", {"history": history_of(slug, person)})


@require_http_methods(["GET", "HEAD", "POST"])
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A version of a spec with what it changed; saving it once more as the last."""
    person = _analyst(request)
    found = version_of(slug, number, person)
    if request.method == "POST":
        pipeline.save_overview(
            by=person, slug=slug, spec=found.version.spec, seen=_seen(request), now=timezone.now()
        )
        messages.success(request, f"Version {number} stands again, as a version of its own.")
        return redirect("spec", slug=slug)
    return render(
        request,
        "specs/version.html",
        {
            "kept": found,
            "lines": difference(found.before, found.version.spec) if found.before else [],
            "last": standing_of(slug, person).version.number,
        },
    )
