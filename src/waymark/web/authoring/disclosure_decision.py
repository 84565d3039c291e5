"""The form in which the data controller's decision on disclosure is recorded."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark import pipeline
from waymark.accounts.permissions import has_permission, require_account
from waymark.core.errors import ConcurrentChange, SpecError
from waymark.overview.models import SpecVersion
from waymark.overview.queries.overviews import decision_of, latest_version, overview_for
from waymark.overview.spec.disclosure_decision import DecisionForm, form_faults
from waymark.overview.spec.selection import DisclosureDecision
from waymark.publishing.queries.release_gate import exposure_warning
from waymark.web.shared.clean_input import whole_number
from waymark.web.shared.fields import DateField, HiddenField, RadioField, ReasonField, TextField
from waymark.web.shared.forms import SiteForm

PROFILES = (
    ("open", "Show every number", "Only where every review and report counted is public."),
    ("k3", "Withhold numbers under 3", "For national or regional overviews."),
    ("k5", "Withhold numbers under 5", "For smaller areas, or where a source is not public."),
    ("r5", "Round numbers to multiples of 5", "Where too many numbers would be withheld."),
)


class DisclosureForm(SiteForm):
    """A decision on disclosure. seen: number of the version that was on the page."""

    seen = HiddenField()
    profile = RadioField(
        "How small numbers are protected",
        [(name, f"{label} ({name})") for name, label, _ in PROFILES],
        hints={name: hint for name, _, hint in PROFILES},
        missing="Choose how small numbers are protected.",
    )
    controller = TextField(
        "Data controller", hint="The person or body that decided, by name.", most=200
    )
    role = TextField("Role", hint="For example, chair of the safeguarding board.", most=200)
    decided = DateField(
        "Date of the decision", missing="Enter the date of the decision, such as 31 1 2026."
    )
    reason = ReasonField(
        "Reason",
        hint="Why this protection is enough. Do not name a person whom a review is about.",
        most=2_000,
    )

    def clean(self) -> dict[str, Any]:
        """Check that the decision is complete."""
        for name, message in form_faults(self.decision, timezone.localdate()).items():
            if name not in self.errors:
                self.add_error(name, message)
        return self.cleaned_data

    @property
    def decision(self) -> DecisionForm:
        """The decision that was entered."""
        values = {"decided": date.min, **self.cleaned_data}
        return DecisionForm(
            **{
                name: values.get(name, "")
                for name in ("profile", "controller", "role", "reason", "decided")
            }
        )

    @property
    def version_seen(self) -> int | None:
        """The number of the version that was on the page."""
        return whole_number(self.cleaned_data["seen"])


@require_http_methods(["GET", "HEAD", "POST"])
def decide_on_disclosure(request: HttpRequest, slug: str) -> HttpResponse:
    """Record a decision on disclosure."""
    person = require_account(request.user, "decide on disclosure", "record a decision")
    version = latest_version(overview_for(slug))
    initial = {**_initial_values(decision_of(version)), "seen": version.number}
    if "check" in request.GET and has_permission(person, "analyse"):
        # The check was a part of this page before.
        return redirect("check-tables", slug)
    form = DisclosureForm.of(request, initial=initial)
    if not form.is_valid():
        return decision_page(request, version, form)
    profile = form.decision.profile
    try:
        snapshot = pipeline.decide_disclosure(
            by=person, slug=slug, form=form.decision, now=timezone.now(), seen=form.version_seen
        )
    except ConcurrentChange as error:
        version = latest_version(overview_for(slug))
        form.put("seen", str(version.number))
        form.add_error("profile", f"{error}. Check the decision below, then record yours again.")
        return decision_page(request, version, form)
    except SpecError as error:
        form.refuse(f"This overview cannot be shown under {profile}: {error}", "profile")
        return decision_page(request, version, form)
    messages.success(request, f"The decision on the profile {profile} is recorded.")
    if profile != "open" and has_permission(person, "analyse"):
        pipeline.ask_table_check(by=person, slug=slug, now=timezone.now())
    if warning := exposure_warning(slug, profile):
        messages.warning(request, f"{warning}.")
    if snapshot is None:
        messages.info(request, "An analyst must freeze the overview before it can be signed.")
        return redirect("writing", slug=slug)
    return redirect("sign-report", slug=slug)


def _initial_values(decision: DisclosureDecision) -> dict[str, object]:
    """The current decision as the form takes it; of a proposal only the profile."""
    if decision.proposed:
        return {"profile": decision.profile}
    return {
        "profile": decision.profile,
        "controller": decision.controller,
        "role": decision.role or "",
        "decided": decision.decided,
        "reason": decision.reason,
    }


def decision_page(request: HttpRequest, version: SpecVersion, form: DisclosureForm) -> HttpResponse:
    """The decision and its form, with the way to the check of all tables for analysts."""
    person = require_account(request.user, "decide on disclosure", "record a decision")
    context = {
        "overview": version.overview,
        "decision": decision_of(version),
        "form": form,
        "may_check": has_permission(person, "analyse"),
    }
    return render(request, "specs/decide.html", context, status=form.http_status)
