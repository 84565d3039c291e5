"""We used it: teams say what they changed; a person reads it before it is shown."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.permissions import require_permission
from waymark.briefings import services
from waymark.briefings.models import BriefingUse
from waymark.briefings.queries import editions
from waymark.briefings.queries.uses import waiting_uses
from waymark.core.errors import RuleError
from waymark.publishing.models import Publication
from waymark.web.shared.clean_input import whole_number
from waymark.web.shared.client_address import client_network
from waymark.web.shared.fields import DateField, TextAreaField, TextField
from waymark.web.shared.form_guard import GuardedForm
from waymark.web.shared.rate_limit import RateLimiter

LIMITER = RateLimiter(at_once=5, a_minute=1)
"""Records of one network: in memory, for minutes."""
WAIT = "We have received many records from your network. Wait a minute, then send this one."


class UseForm(GuardedForm):
    """What a team did."""

    team = TextField(
        "Your team and organisation",
        missing="Enter the name of your team.",
        hint="For example, Riverside health visiting team. Do not enter a person's name.",
        most=200,
    )
    used_on = DateField(
        "When did you use it?", missing="Enter the day on which you used it.", hint=""
    )
    change = TextAreaField(
        "What did you change?",
        missing="Enter what you changed.",
        hint="For example, who now does what. Write nothing about a child or a family.",
        most=2_000,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def record_use(request: HttpRequest, work: str, slug: str) -> HttpResponse:
    """Say what a team did with a briefing. It needs no account."""
    publication = editions.published_briefing(work, slug)
    form = UseForm.of(request)
    status = form.http_status
    if form.is_valid():
        if not LIMITER.allows(client_network(request)):
            form.refuse(WAIT)
            status = 429
        elif (status := _send(request, form, publication)) == 302:
            return redirect("briefing-use-received", work, slug)
    context = {"publication": publication, "form": form}
    answer = render(request, "briefings/use.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _send(request: HttpRequest, form: UseForm, publication: Publication) -> int:
    """Store a record; the HTTP status of the answer."""
    values = form.cleaned_data
    use = services.ReportedUse(values["team"], values["used_on"], values["change"])
    try:
        services.take_use(by=request.user, publication=publication, use=use, now=timezone.now())
    except services.TooManyUses as error:
        form.refuse(error)
        return 429
    except RuleError as error:
        form.refuse(error)
        return 400
    return 302


@require_safe
def use_received(request: HttpRequest, work: str, slug: str) -> HttpResponse:
    """Thanks for a record, with the way back."""
    publication = editions.published_briefing(work, slug)
    return render(request, "briefings/use_received.html", {"publication": publication})


@require_http_methods(["GET", "HEAD", "POST"])
def decide_uses(request: HttpRequest) -> HttpResponse:
    """Records that wait for a person: show each, or do not."""
    require_permission(request.user, "write briefings")
    if request.method == "POST":
        is_shown = request.POST.get("do") == "show"
        row = services.decide_use(
            by=request.user,
            use=whole_number(request.POST.get("use", "")) or 0,
            shown=is_shown,
            now=timezone.now(),
        )
        messages.success(request, f"{row.team}: {'shown' if is_shown else 'not shown'}.")
        return redirect("briefing-uses")
    decided = BriefingUse.objects.exclude(decided_at=None).select_related("manuscript")
    context = {"waiting": waiting_uses(request.user), "decided": decided[:50]}
    return render(request, "briefings/uses.html", context)
