"""Say how two recommendations relate: the same, a contradiction, or neither."""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from waymark.accounts.permissions import Person, has_permission
from waymark.core.errors import NotFound, RuleError
from waymark.core.wording import as_sentence
from waymark.follow_up.queries.said_before import (
    ComparedRecommendation,
    recommendation_of,
    recommendation_with,
)
from waymark.recommendations import services
from waymark.recommendations.models import Comparison
from waymark.recommendations.relation_keys import RelationKey, read_relation_key

ADDRESS = re.compile(r"recommendations/(?:schemes/)?([\w-]{1,60})/(\d{1,9})/?$")


def may_compare(person: Person) -> bool:
    """True for those who say how two recommendations relate."""
    return has_permission(person, "code") or has_permission(person, "record progress")


@require_POST
def relate(request: HttpRequest) -> HttpResponse:
    """Store how two recommendations relate, or take it back; then show the first of them."""
    now = timezone.now()
    one = _recommendation(request, str(request.POST.get("one", "")))
    relation = str(request.POST.get("relation", ""))
    try:
        other = _other(request)
        if relation == "undo":
            services.take_back_relation(by=request.user, one=one.key, other=other.key, now=now)
            words = f"The comparison with {other.label} is undone."
        else:
            services.relate_recommendations(
                by=request.user, one=one.key, other=other.key, relation=relation, now=now
            )
            words = f"{other.label}: {Comparison(relation).label.lower()}."
    except RuleError as error:
        messages.error(request, as_sentence(error))
    else:
        messages.success(request, words)
    if one.scheme:
        return redirect("inquiry-recommendation", one.scheme, one.number)
    return redirect("recommendation", one.review, one.number)


def _recommendation(request: HttpRequest, text: str) -> ComparedRecommendation:
    key = read_relation_key(text)
    row = recommendation_with(key, request.user, timezone.now()) if key else None
    if row is None:
        raise NotFound(f"there is no recommendation {text[:40]}")
    return row


def _other(request: HttpRequest) -> ComparedRecommendation:
    """The other of the two: by its key, or by the address of its page."""
    if "address" not in request.POST:
        return _recommendation(request, str(request.POST.get("other", "")))
    address = str(request.POST["address"])[:300].strip()
    match = ADDRESS.search(address)
    row = None
    if match is not None:
        row = _at_address(request, match[1], int(match[2]), scheme="/schemes/" in address)
    if row is None:
        raise RuleError(
            "no recommendation has this address: open its page, and copy the address from there"
        )
    return row


def _at_address(
    request: HttpRequest, name: str, number: int, *, scheme: bool
) -> ComparedRecommendation | None:
    now = timezone.now()
    if scheme:
        row = recommendation_with(RelationKey(inquiry=number), request.user, now)
        return row if row is not None and row.scheme == name else None
    return recommendation_of(name, number, request.user, now)
