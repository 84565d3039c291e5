"""Staff pages of programs that suggest codes: train one, ask for suggestions, draw samples."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.accounts.models import User
from waymark.accounts.permissions import has_permission, require_permission
from waymark.coding import services
from waymark.coding.models import CodingRound, MachineCoder
from waymark.coding.queries import machines as queries
from waymark.coding.queries.rounds import possible_coders
from waymark.coding.queries.samples import all_samples
from waymark.coding.queries.settled_texts import FEWEST_REVIEWS
from waymark.coding.queries.suggestion_figures import figures_for
from waymark.coding.services.samples import MOST_PASSAGES
from waymark.core.errors import NotFound, RuleError
from waymark.core.uk_time import uk_date
from waymark.core.wording import as_sentence, counted
from waymark.datasets.queries import withheld_reviews
from waymark.documents.queries.reader import open_reviews, review_for
from waymark.frameworks.queries import current_framework, framework_called, published_frameworks
from waymark.web.rounds.suggester_figures import held_out_rows, used_rows
from waymark.web.shared.fields import ChoiceField, LinesField, NumberField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, StaffList

CHANGE = ["GET", "HEAD", "POST"]
MOST_REVIEWS = 2_000
SUGGESTERS = StaffList(
    "suggester",
    "suggesters",
    search=("name", "framework__name"),
    columns=(
        ListColumn("Suggester", "name", ("name",)),
        ListColumn("Framework", "framework", ("framework__name", "framework__version")),
        ListColumn("State", "state", ("state",)),
        ListColumn("Reports read", "reports", ("reports_read",), falling=True, number=True),
        ListColumn("Suggestions", "suggestions", ("suggestions",), falling=True, number=True),
        ListColumn("Asked for", "asked", ("asked_at",), falling=True),
    ),
    order="-asked",
)


def require_on() -> None:
    """Raise NotFound where suggestions are off: then there is no such page."""
    if not queries.suggestions_on():
        raise NotFound("suggestions are off in this installation")


class TrainingForm(SiteForm):
    """The framework version to learn from."""

    framework = ChoiceField("Framework version", missing="Choose a framework.")

    def __init__(self, **options: Any) -> None:
        super().__init__(initial={"framework": str(current_framework() or "")}, **options)
        frameworks = [(str(row), str(row)) for row in published_frameworks()]
        self.fields["framework"].choices = frameworks  # type: ignore[attr-defined]


@require_http_methods(CHANGE)
def suggester_list(request: HttpRequest) -> HttpResponse:
    """All programs; train another."""
    require_permission(request.user, queries.LEAD)
    require_on()
    form = TrainingForm.of(request)
    if request.method == "POST" and form.is_valid():
        try:
            machine = services.request_training(
                by=request.user,
                framework=framework_called(form.cleaned_data["framework"]),
                now=timezone.now(),
            )
        except (RuleError, NotFound) as error:
            form.refuse(error)
        else:
            messages.success(request, f"{machine.name} will be trained. It can take some minutes.")
            return redirect("suggester", machine.pk)
    leave_out = withheld_reviews(request.user)
    rows = queries.listed_machines(request.user, timezone.now(), leave_out)
    view = SUGGESTERS.view(request, rows)
    connects = settings.LANGUAGE_MODELS and has_permission(request.user, queries.CONNECT)
    context = {"list": view, "form": form, "fewest": FEWEST_REVIEWS, "connects": connects}
    return render(request, "suggestions/list.html", context, status=form.http_status)


# ---- one program ----


class ReadingForm(SiteForm):
    """What a program is to read: the reviews of a round, or of references."""

    framework = ChoiceField("Framework version", missing="Choose a framework.")
    round = ChoiceField("All reviews of a round")
    reviews = LinesField(
        "Or reviews", hint="References, one on each line.", rows=4, items=MOST_REVIEWS
    )

    def __init__(self, machine: MachineCoder, **options: Any) -> None:
        super().__init__(initial={"framework": str(current_framework() or "")}, **options)
        self.fields["framework"].choices = _frameworks(machine)  # type: ignore[attr-defined]
        rounds = CodingRound.objects.values_list("pk", "name")
        self.fields["round"].choices = [  # type: ignore[attr-defined]
            ("", "No round"),
            *((str(key), name) for key, name in rounds),
        ]


class SampleForm(SiteForm):
    """Who reads how many passages without a suggestion."""

    framework = ChoiceField("Framework version", missing="Choose a framework.")
    reader = ChoiceField("Who reads", missing="Choose who reads the passages.")
    size = NumberField(
        "Number of passages",
        missing="Enter a number, such as 100.",
        hint="With 100 passages without a miss, at most about 4 in 100 are missed.",
    )
    seed = NumberField(
        "Seed of the draw",
        missing="Enter a whole number.",
        hint="With the same number anyone can repeat the draw.",
    )

    def __init__(self, machine: MachineCoder, **options: Any) -> None:
        initial = {
            "framework": str(current_framework() or ""),
            "size": 100,
            "seed": f"{uk_date(timezone.now()):%y%m%d}",
        }
        super().__init__(initial=initial, **options)
        self.fields["framework"].choices = _frameworks(machine)  # type: ignore[attr-defined]
        readers = [(row.username, row.username) for row in possible_coders()]
        self.fields["reader"].choices = [("", "Choose"), *readers]  # type: ignore[attr-defined]


def _frameworks(machine: MachineCoder) -> list[tuple[str, str]]:
    rows = [machine.framework] if machine.framework else published_frameworks()
    return [(str(row), str(row)) for row in rows]


@require_http_methods(CHANGE)
def suggester(request: HttpRequest, number: int) -> HttpResponse:
    """A program: its figures; ask it to read reviews, draw a sample, end it."""
    machine = _machine(request, number)
    act = request.POST.get("do", "") if request.method == "POST" else ""
    reading = ReadingForm(machine, **sent_form(request, act == "read"))
    sample = SampleForm(machine, **sent_form(request, act == "sample"))
    if act == "end":
        return _ended(request, machine)
    if act == "read" and reading.is_valid() and _asked(request, machine, reading):
        return redirect("suggester", number)
    if act == "sample" and sample.is_valid() and _drawn(request, machine, sample):
        return redirect("suggester", number)
    framework = machine.framework or current_framework()
    now = timezone.now()
    leave_out = withheld_reviews(request.user)
    used = figures_for(machine, framework, request.user, now, leave_out) if framework else None
    status = 400 if reading.errors or sample.errors or (act and act not in ACTS) else 200
    context = {
        "machine": machine,
        "unusable": queries.why_unusable(machine),
        "reading": reading,
        "sample": sample,
        "form": sample if sample.errors else reading,
        "framework": framework,
        "used": used,
        "rows": used_rows(used, framework) if used and framework else [],
        "scores": machine.scores,
        "codes": held_out_rows(machine, leave_out),
        "samples": all_samples(request.user, now).filter(machine=machine),
        "waiting": queries.runs_of(machine, request.user, now).filter(done_at=None).count(),
        "refused": queries.runs_of(machine, request.user, now).exclude(refused="")[:20],
    }
    return render(request, "suggestions/suggester.html", context, status=status)


ACTS = ("read", "sample", "end")


def _machine(request: HttpRequest, number: int) -> MachineCoder:
    require_permission(request.user, queries.LEAD)
    require_on()
    leave_out = withheld_reviews(request.user)
    return queries.machine_for(number, request.user, timezone.now(), leave_out)


def sent_form(request: HttpRequest, own: bool) -> dict[str, Any]:  # noqa: FBT001 which form was sent
    return {"data": request.POST} if own else {}


def _asked(request: HttpRequest, machine: MachineCoder, form: ReadingForm) -> bool:
    values = form.cleaned_data
    now = timezone.now()
    try:
        reviews = [review_for(name, request.user, now) for name in dict.fromkeys(values["reviews"])]
        if values["round"]:
            of_round = open_reviews(request.user, now).filter(assignments__round=values["round"])
            reviews += list(of_round.distinct())
        if not reviews:
            raise RuleError("choose a round, or enter references of reviews")
        number = services.request_suggestions(
            by=request.user,
            machine=machine,
            framework=framework_called(values["framework"]),
            reviews=reviews,
            now=now,
        )
    except (RuleError, NotFound) as error:
        form.refuse(error)
        return False
    messages.success(request, f"{machine.name} will read {counted(number, 'report')}.")
    return True


def _drawn(request: HttpRequest, machine: MachineCoder, form: SampleForm) -> bool:
    values = form.cleaned_data
    try:
        sample = services.draw_sample(
            by=request.user,
            machine=machine,
            framework=framework_called(values["framework"]),
            reader=User.objects.get(username=values["reader"]),
            size=_whole(values["size"], MOST_PASSAGES),
            seed=_whole(values["seed"], 999_999),
            now=timezone.now(),
        )
    except (RuleError, NotFound) as error:
        form.refuse(error)
        return False
    messages.success(
        request,
        f"{sample.rows.count()} of {sample.passages} passages drawn with the seed {sample.seed}."
        f" {sample.reader} finds them in Passages to read.",
    )
    return True


def _whole(number: Any, most: int) -> int:
    if number != int(number) or not 0 <= number <= most:
        raise RuleError(f"enter a whole number from 0 to {most:,}")
    return int(number)


def _ended(request: HttpRequest, machine: MachineCoder) -> HttpResponse:
    try:
        services.end_machine(by=request.user, machine=machine, now=timezone.now())
        messages.success(request, f"{machine.name} suggests nothing more. What it suggested stays.")
    except RuleError as error:
        messages.error(request, as_sentence(error))
    return redirect("suggester", machine.pk)
