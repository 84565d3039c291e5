"""Staff pages of rounds: start one from a draw that can be repeated, and see how far it is."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.models import User
from waymark.accounts.permissions import Person, require_account, require_permission
from waymark.coding import services
from waymark.coding.models import REASONS, SuggestionRule
from waymark.coding.queries import rounds as queries
from waymark.coding.round_draw import draw_assignments
from waymark.coding.services.rounds import MOST_REASONS, MOST_REVIEWS, RoundOptions
from waymark.core.errors import NotFound, RuleError
from waymark.core.uk_time import uk_date
from waymark.documents.models import Review
from waymark.documents.queries.reader import review_for
from waymark.frameworks.queries import current_framework, framework_called, published_frameworks
from waymark.web.shared.fields import (
    CheckField,
    ChoiceField,
    LinesField,
    NumberField,
    RadioField,
    TextField,
    TicksField,
)
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, StaffList

LEAD = "adjudicate"
CHANGE = ["GET", "HEAD", "POST"]
ROUNDS = StaffList(
    "round",
    "rounds",
    search=("name", "framework__name"),
    columns=(
        ListColumn("Round", "name", ("name",)),
        ListColumn("Framework", "framework", ("framework__name", "framework__version")),
        ListColumn("Reviews", "reviews", ("reviews",), falling=True, number=True),
        ListColumn("Coders", "coders", ("people",), falling=True, number=True),
        ListColumn("Started", "started", ("created_at",), falling=True),
    ),
    order="-started",
)


@require_safe
def round_list(request: HttpRequest) -> HttpResponse:
    """All rounds."""
    view = ROUNDS.view(request, queries.listed_rounds(request.user, timezone.now()))
    return render(request, "rounds/list.html", {"list": view})


class RoundForm(SiteForm):
    """A new round. reviews: references that nobody codes yet with the framework."""

    name = TextField("Name", missing="Enter a name for the round.", most=120)
    framework = ChoiceField("Framework", missing="Choose a framework.")
    reviews = LinesField(
        "Reviews",
        missing="Enter the references of the reviews.",
        hint="References, one on each line. At first: the reviews that nobody codes yet with the"
        " latest framework. The preview names them.",
        rows=8,
        items=MOST_REVIEWS,
    )
    coders = TicksField("Coders", (), missing="Choose who codes.")
    share = NumberField(
        "Share coded by two people, in per cent",
        missing="Enter a percentage, such as 25.",
        hint="The other reviews are coded by one person.",
    )
    seed = NumberField(
        "Seed of the draw",
        missing="Enter a whole number.",
        hint="With the same number anyone can repeat the draw.",
    )
    suggestions = RadioField(
        "Coders see suggestions of software",
        SuggestionRule.choices,
        missing="Choose when coders see suggestions.",
        hints={
            "hidden": "The work of the coders is then independent of software.",
            "after": "The first answer is stored before a suggestion is shown.",
        },
    )
    names_hidden = CheckField("Hide the names of the coders from the adjudicator")
    variables = LinesField(
        "Variables to judge",
        hint="Ids, one on each line. Leave empty for all.",
        rows=3,
        items=1_000,
    )
    reasons = LinesField(
        "Reasons that the adjudicator can choose from",
        hint="One on each line. You can change them later.",
        rows=6,
        items=MOST_REASONS,
    )
    groups = (
        ("What is coded", ("name", "framework", "reviews", "variables")),
        ("Who codes what", ("coders", "share", "seed")),
        ("What they see", ("suggestions", "names_hidden", "reasons")),
    )

    def __init__(self, person: Person, **options: Any) -> None:
        framework = current_framework()
        uncoded = queries.uncoded_reviews(framework, person, timezone.now()) if framework else []
        initial = {
            "framework": str(framework or ""),
            "reviews": "\n".join(uncoded[:200]),
            "share": 25,
            "seed": f"{uk_date(timezone.now()):%y%m%d}",
            "suggestions": SuggestionRule.HIDDEN,
            "names_hidden": True,
            "reasons": "\n".join(REASONS),
        }
        super().__init__(initial=initial, **options)
        frameworks = [(str(row), str(row)) for row in published_frameworks()]
        self.fields["framework"].choices = frameworks  # type: ignore[attr-defined]
        coders = [(row.username, row.username) for row in queries.possible_coders()]
        self.fields["coders"].choices = coders  # type: ignore[attr-defined]

    def clean_share(self) -> int:
        """A whole percentage."""
        return self._whole("share", 100)

    def clean_seed(self) -> int:
        """A whole number."""
        return self._whole("seed", 999_999)

    def _whole(self, name: str, most: int) -> int:
        number = self.cleaned_data[name]
        if number is None or number != int(number) or not 0 <= number <= most:
            label = self.fields[name].label
            raise forms.ValidationError(f"{label} must be a whole number from 0 to {most:,}.")
        return int(number)


@dataclass(frozen=True, slots=True)
class DrawnReview:
    """A review of the draw, with its one or two coders."""

    reference: str
    title: str
    coders: tuple[str, ...]


@require_http_methods(CHANGE)
def add_round(request: HttpRequest) -> HttpResponse:
    """Preview the draw of a round, then start it. A draw that was not previewed is shown first."""
    require_permission(request.user, LEAD)
    form = RoundForm.of(request, request.user)
    drawn: list[DrawnReview] = []
    changed = False
    if request.method == "POST" and form.is_valid():
        try:
            drawn = _draw(request, form)
            changed = request.POST.get("previewed", _hash_of(drawn)) != _hash_of(drawn)
            if form.action == "start" and not changed:
                started = _start(request, form)
                messages.success(request, "Round started. The coders find their reviews in Queue.")
                return redirect("coding-round", started)
        except (RuleError, NotFound) as error:
            form.refuse(error)
    context = {
        "form": form,
        "drawn": drawn,
        "double": sum(len(row.coders) == 2 for row in drawn),
        "previewed": _hash_of(drawn),
        "changed": changed and form.action == "start",
    }
    return render(request, "rounds/add.html", context, status=form.http_status)


def _draw(request: HttpRequest, form: RoundForm) -> list[DrawnReview]:
    values = form.cleaned_data
    titles = {one.reference: one.title for one in _reviews(request, values["reviews"])}
    drawn = draw_assignments(
        list(titles), values["coders"], share=values["share"], seed=values["seed"]
    )
    return [
        DrawnReview(reference, titles[reference], coders) for reference, coders in drawn.items()
    ]


def _hash_of(drawn: list[DrawnReview]) -> str:
    """Tells one draw from another."""
    return sha256(repr([(row.reference, row.coders) for row in drawn]).encode()).hexdigest()


def _reviews(request: HttpRequest, references: tuple[str, ...]) -> list[Review]:
    now = timezone.now()
    return [review_for(reference, request.user, now) for reference in dict.fromkeys(references)]


def _start(request: HttpRequest, form: RoundForm) -> int:
    values = form.cleaned_data
    started = services.start_round(
        by=require_account(request.user, LEAD, "start a round"),
        name=values["name"],
        framework=framework_called(values["framework"]),
        reviews=_reviews(request, values["reviews"]),
        coders=list(User.objects.filter(username__in=values["coders"])),
        options=RoundOptions(
            share=values["share"],
            seed=values["seed"],
            suggestions=values["suggestions"],
            names_hidden=values["names_hidden"],
            variables=values["variables"],
            reasons=values["reasons"] or REASONS,
        ),
        now=timezone.now(),
    )
    return started.pk


class ReasonsForm(SiteForm):
    """The reasons of a round."""

    reasons = LinesField(
        "Reasons that the adjudicator can choose from",
        missing="Enter at least one reason.",
        hint="One on each line. Decisions that were made keep their reason.",
        rows=6,
        items=MOST_REASONS,
    )


@require_http_methods(CHANGE)
def round_page(request: HttpRequest, number: int) -> HttpResponse:
    """A round: its rules, its reviews, and how far they are; change its reasons."""
    coding_round = queries.round_for(number, request.user)
    form = ReasonsForm.of(request, initial={"reasons": "\n".join(coding_round.reasons)})
    if request.method == "POST" and form.is_valid():
        services.change_reasons(
            by=request.user,
            coding_round=coding_round,
            reasons=form.cleaned_data["reasons"],
            now=timezone.now(),
        )
        messages.success(request, "Reasons saved.")
        return redirect("coding-round", number)
    rows = queries.reviews_of_round(coding_round, request.user, timezone.now())
    context = {
        "round": coding_round,
        "coders": sorted(coder.username for coder in coding_round.coders.all()),
        "rows": rows,
        "form": form,
        "double": sum(len(row.coders) > 1 for row in rows),
        "settled": sum(row.settled for row in rows),
    }
    return render(request, "rounds/round.html", context, status=form.http_status)
