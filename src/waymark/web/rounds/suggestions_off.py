"""Staff page of the collections and reviews for which suggestions are switched off."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.accounts.permissions import require_permission
from waymark.coding import services
from waymark.coding.models import SuggestionBlock
from waymark.coding.queries import machines as queries
from waymark.core.errors import NotFound, RuleError, require_found
from waymark.documents.models import Review
from waymark.documents.queries.reader import review_for
from waymark.web.rounds.suggesters import CHANGE, require_on, sent_form
from waymark.web.shared.clean_input import whole_number
from waymark.web.shared.fields import TextField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, StaffList

BLOCKS = StaffList(
    "place",
    "places",
    search=("collection", "review__reference", "reason"),
    columns=(
        ListColumn("Collection", "collection", ("collection",)),
        ListColumn("Review", "review", ("review__reference",)),
        ListColumn("Reason"),
        ListColumn("Switched off", "since", ("blocked_at",), falling=True),
        ListColumn("Switch on"),
    ),
    order="-since",
)


class BlockForm(SiteForm):
    """A collection or a review for which suggestions are switched off."""

    collection = TextField("Collection", most=60)
    review = TextField("Or review", hint="Its reference.", most=60)
    reason = TextField("Reason", most=300)


@require_http_methods(CHANGE)
def suggestions_off(request: HttpRequest) -> HttpResponse:
    """Where suggestions are off; switch them off or on."""
    require_permission(request.user, queries.LEAD)
    require_on()
    blocks = queries.open_blocks(request.user, timezone.now())
    act = request.POST.get("do", "") if request.method == "POST" else ""
    form = BlockForm(**sent_form(request, act == "off"))
    if act == "on":
        block = require_found(
            blocks.filter(pk=whole_number(request.POST.get("block", "")) or 0).first(),
            "it is on already",
        )
        services.lift_block(by=request.user, block=block, now=timezone.now())
        messages.success(request, "Suggestions are on there again.")
        return redirect("suggestions-off")
    if act == "off" and form.is_valid() and _blocked(request, form):
        return redirect("suggestions-off")
    status = 400 if form.errors or (request.method == "POST" and act != "off") else 200
    context = {"list": BLOCKS.view(request, blocks), "form": form}
    return render(request, "suggestions/off.html", context, status=status)


def _blocked(request: HttpRequest, form: BlockForm) -> bool:
    values = form.cleaned_data
    try:
        block = _switch_off(request, values)
    except (RuleError, NotFound) as error:
        form.refuse(error)
        return False
    messages.success(request, f"Suggestions are off for {block}.")
    return True


def _switch_off(request: HttpRequest, values: dict[str, str]) -> SuggestionBlock:
    now = timezone.now()
    if bool(values["collection"]) == bool(values["review"]):
        raise RuleError("enter a collection or a review")
    review: Review | None = None
    if values["review"]:
        review = review_for(values["review"], request.user, now)
    return services.block_suggestions(
        by=request.user,
        collection=values["collection"],
        review=review,
        reason=values["reason"],
        now=now,
    )
