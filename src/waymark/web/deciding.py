"""The form in which the data controller's decision on disclosure is recorded."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark import pipeline
from waymark.accounts.models import User
from waymark.accounts.permissions import require
from waymark.core.errors import NotPermitted, Overtaken, SpecError
from waymark.overview.deciding import DecisionForm, form_faults
from waymark.overview.models import SpecVersion
from waymark.overview.queries import decision_of, latest_version, overview_for
from waymark.publishing.giving_out import still_shown
from waymark.web.typed import typed

PROFILES = (
    ("open", "Show every number", "Only where every review and report counted is public."),
    ("k3", "Withhold numbers under 3", "For national or regional overviews."),
    ("k5", "Withhold numbers under 5", "For smaller areas, or where a source is not public."),
    ("r5", "Round numbers to multiples of 5", "Where too many numbers would be withheld."),
)
FIELDS = ("profile", "controller", "role", "decided", "reason")


def _person(request: HttpRequest) -> User:
    require(request.user, "decide on disclosure")
    if not isinstance(request.user, User):  # require() has seen to it; this tells the type checker
        raise NotPermitted("recording a decision needs an account")
    return request.user


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, slug: str) -> HttpResponse:
    """The decision that stands, and the form for another."""
    person = _person(request)
    version = latest_version(overview_for(slug))
    if request.method != "POST":
        return _page(request, version, _current(version), {})
    values = {name: typed(request.POST.get(name, "")) for name in FIELDS}
    form, wrong = _read(values)
    if form is None:
        return _page(request, version, values, wrong)
    try:
        snapshot = pipeline.decide_disclosure(
            by=person, slug=slug, form=form, now=timezone.now(), seen=_seen(request)
        )
    except Overtaken as error:
        wrong = {"profile": f"{error}. Check the decision below, then record yours again."}
        return _page(request, latest_version(overview_for(slug)), values, wrong)
    except SpecError as error:
        wrong = {"profile": f"This overview cannot be shown under {form.profile}: {error}."}
        return _page(request, version, values, wrong)
    messages.success(request, f"The decision on the profile {form.profile} is recorded.")
    if warning := still_shown(slug, form.profile):
        messages.warning(request, f"{warning}.")
    if snapshot is None:
        messages.info(request, "An analyst must freeze the overview before it can be signed.")
        return redirect("writing", slug=slug)
    return redirect("sign-report", slug=slug)


def _current(version: SpecVersion) -> dict[str, str]:
    """The fields of the form as the decision has them; of a proposal only the profile."""
    decision = decision_of(version)
    if decision.proposed:
        return {"profile": decision.profile}
    return {
        "profile": decision.profile,
        "controller": decision.controller,
        "role": decision.role or "",
        "decided": decision.decided.isoformat(),
        "reason": decision.reason,
    }


def _read(values: dict[str, str]) -> tuple[DecisionForm | None, dict[str, str]]:
    """The decision as it was typed, or what is wrong with it by field."""
    wrong: dict[str, str] = {}
    if values["profile"] not in {name for name, _, _ in PROFILES}:
        wrong["profile"] = "Choose how small numbers are protected."
    try:
        decided = date.fromisoformat(values["decided"])
    except ValueError:
        wrong["decided"] = "Enter the date of the decision, as 2026-01-31."
        decided = date.min
    form = DecisionForm(
        values["profile"], values["controller"], values["role"], values["reason"], decided
    )
    wrong = {**wrong, **form_faults(form, timezone.now().date())}
    return (None, wrong) if wrong else (form, wrong)


def _seen(request: HttpRequest) -> int | None:
    number = request.POST.get("seen", "")
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else None


def _page(
    request: HttpRequest, version: SpecVersion, values: dict[str, str], wrong: dict[str, str]
) -> HttpResponse:
    return render(
        request,
        "specs/decide.html",
        {
            "overview": version.overview,
            "version": version,
            "decision": decision_of(version),
            "profiles": PROFILES,
            "values": values,
            "wrong": wrong,
        },
        status=400 if wrong else 200,
    )
