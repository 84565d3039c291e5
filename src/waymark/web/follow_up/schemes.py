"""Pages of schemes whose inquiries are not case reviews: counts, rows, and one recommendation."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.permissions import has_permission
from waymark.core.errors import RuleError
from waymark.core.wording import as_sentence
from waymark.follow_up.queries import inquiries
from waymark.follow_up.queries.said_before import said_before
from waymark.recommendations import services
from waymark.recommendations.models import SCHEME_STATES
from waymark.recommendations.relation_keys import RelationKey
from waymark.web.follow_up.comparing import may_compare
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList

MOST_RECIPIENTS = 20
ROWS = StaffList(
    "row",
    "rows",
    search=("recommendation__text", "words", "number", "recommendation__inquiry__reference"),
    columns=(
        ListColumn("Recommendation", "inquiry", ("recommendation__inquiry__reference", "number")),
        ListColumn("Made to", "words", ("words",)),
        ListColumn("State", "status", ("status",)),
        ListColumn("Made on", "made", ("made_on", "number"), falling=True),
    ),
    order="-made",
)


@require_http_methods(["GET", "HEAD", "POST"])
def scheme_page(request: HttpRequest, key: str) -> HttpResponse:
    """Counts of a scheme, and its recommendations by addressee."""
    now = timezone.now()
    scheme = inquiries.scheme_with(key, request.user, now)
    if request.method == "POST":
        try:
            services.set_scheme_state(
                by=request.user, scheme=scheme, state=str(request.POST.get("state", "")), now=now
            )
        except RuleError as error:
            messages.error(request, as_sentence(error))
        else:
            messages.success(request, f"{scheme.name}: {scheme.get_state_display().lower()}.")
        return redirect("recommendations" if scheme.state == "withdrawn" else request.path)
    picture = next(row for row in inquiries.scheme_pictures(request.user, now) if row.key == key)
    states = ListFilter(
        "status",
        "State",
        {value: value for value in picture.states if value},
        lambda value: Q(status=value),
    )
    recipients = dict(list(picture.recipients.items())[:MOST_RECIPIENTS])
    context = {
        "scheme": scheme,
        "picture": picture,
        "tables": (
            ("By state", "State", picture.states, "Not stated"),
            ("By recipient", "Recipient", recipients, "Not named"),
            ("By year in which it was made", "Year", picture.years, "Not known"),
        ),
        "more_recipients": len(picture.recipients) - len(recipients),
        "list": ROWS.view(request, inquiries.scheme_rows(scheme, request.user, now), states),
        "states": [
            state
            for state in SCHEME_STATES
            if state != scheme.state and has_permission(request.user, "publish reports")
        ],
    }
    return render(request, "follow_up/scheme.html", context)


@require_safe
def inquiry_recommendation_page(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """A recommendation of an inquiry, with the state of everyone it was made to."""
    now = timezone.now()
    view = inquiries.inquiry_recommendation(key, number, request.user, now)
    row = view.recommendation
    own = RelationKey(inquiry=row.pk)
    may_relate = may_compare(request.user)
    context = {
        "view": view,
        "recommendation": row,
        "inquiry": row.inquiry,
        "scheme": row.inquiry.scheme,
        "before": said_before(
            row.text,
            request.user,
            now,
            key=own,
            source=f"inquiry-{row.inquiry_id}",
            with_different=may_relate,
        ),
        "may_relate": own if may_relate else None,
    }
    return render(request, "follow_up/inquiry_recommendation.html", context)
