"""The list of bodies, and the page of one with its reviews and what became of it."""

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import has_permission
from waymark.bodies import queries
from waymark.bodies.models import Body, BodyKind, BodySuccession
from waymark.follow_up.queries import PictureChoice, national_picture, recommendations_to
from waymark.library.queries.publishers import publications_of
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList, column_filter
from waymark.web.shared.paging import Paging, page_number
from waymark.web.shared.take_away import NamedLink, TakeAway, access_note

REVIEWS_ON_A_PAGE = 50
PUBLICATIONS_SHOWN = 20
MOST_IN_JSON = 1_000
"""Reviews, and publications, of a body in one JSON file; it has the number of all too."""
BODIES = StaffList(
    "body",
    "bodies",
    search=("name",),
    columns=(
        ListColumn("Body", "name", ("name",)),
        ListColumn("Kind", "kind", ("kind", "name")),
        ListColumn("Nation", "nation", ("nation", "name")),
    ),
    order="name",
    filters=(ListFilter("kind", "Kind", dict(BodyKind.choices), lambda value: Q(kind=value)),),
    size=50,
)


@require_safe
def body_list(request: HttpRequest) -> HttpResponse:
    """Boards, agencies and other bodies that reviews name."""
    rows = queries.open_bodies(request.user, timezone.now())
    view = BODIES.view(request, rows, column_filter("nation", "Nation", rows))
    return render(request, "bodies/list.html", {"list": view})


@require_safe
def body_page(request: HttpRequest, key: str) -> HttpResponse:
    """One body: its names, those before and after it, and its reviews."""
    now = timezone.now()
    body = queries.body_for(key, request.user, now)
    if body.key != key:
        return redirect("body", body.key, permanent=True)
    reviews = queries.reviews_of(body, request.user, now).order_by("-completed_on", "reference")
    number, total = page_number(request), reviews.count()
    paging = Paging.of(request, number, total=total, size=REVIEWS_ON_A_PAGE)
    start = (number - 1) * REVIEWS_ON_A_PAGE
    earlier, later = queries.successions_of(body)
    open_keys = set(queries.open_bodies(request.user, now).values_list("pk", flat=True))
    names = queries.public_names_of(body, request.user, now)
    published = publications_of(body, request.user, now)
    context = {
        "body": body,
        "names": [row for row in names if row.name != body.name],
        "identifiers": body.identifiers.all(),
        "earlier": [
            row for row in earlier if (row.earlier.merged_into or row.earlier).pk in open_keys
        ],
        "later": [row for row in later if (row.later.merged_into or row.later).pk in open_keys],
        "reviews": list(reviews[start : start + REVIEWS_ON_A_PAGE]),
        "paging": paging,
        "published": published[:PUBLICATIONS_SHOWN],
        "published_total": published.count(),
        "published_url": f"{reverse('find')}?{urlencode({'publisher': body.name})}",
        "asked": recommendations_to(body, request.user, now)[:REVIEWS_ON_A_PAGE],
        "made": national_picture(PictureChoice(board=body.key), request.user, now),
        "take": TakeAway(
            noun="record of a body",
            citation=f"{settings.SITE_NAME}. {body.name}. {_address(request, body)}",
            follow=[],
            download=[NamedLink("JSON", reverse("body-json", args=[body.key]))],
        ),
        "may_edit": has_permission(request.user, "catalogue"),
    }
    return render(request, "bodies/body.html", context)


def _address(request: HttpRequest, body: Body) -> str:
    return access_note(request, reverse("body", args=[body.key]))


@require_safe
def body_json(request: HttpRequest, key: str) -> HttpResponse:
    """One body as JSON, with its names, successions and reviews, as far as the person may see."""
    now = timezone.now()
    body = queries.body_for(key, request.user, now)
    reviews = queries.reviews_of(body, request.user, now).order_by("-completed_on", "reference")
    published = publications_of(body, request.user, now)
    earlier, later = queries.successions_of(body)
    open_keys = set(queries.open_bodies(request.user, now).values_list("pk", flat=True))
    content = {
        "key": body.key,
        "name": body.name,
        "kind": body.kind,
        "nation": body.nation,
        "begins_on": body.begins_on,
        "ends_on": body.ends_on,
        "names": [row.name for row in queries.public_names_of(body, request.user, now)],
        "identifiers": [
            {"scheme": row.scheme, "value": row.value} for row in body.identifiers.all()
        ],
        "earlier": [
            _succession(row.earlier, row) for row in earlier if _is_in(row.earlier, open_keys)
        ],
        "later": [_succession(row.later, row) for row in later if _is_in(row.later, open_keys)],
        "address": request.build_absolute_uri(reverse("body", args=[body.key])),
        "reviews_total": reviews.count(),
        "reviews": [
            {
                "reference": review.reference,
                "title": review.title,
                "address": request.build_absolute_uri(reverse("review", args=[review.reference])),
            }
            for review in reviews[:MOST_IN_JSON]
        ],
        "publications_total": published.count(),
        "publications": [
            {
                "key": work.key,
                "title": work.title,
                "address": request.build_absolute_uri(reverse("resource", args=[work.key])),
            }
            for work in published[:MOST_IN_JSON]
        ],
    }
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False, "indent": 1})


def _is_in(body: Body, shown: set[int]) -> bool:
    return (body.merged_into or body).pk in shown


def _succession(body: Body, row: BodySuccession) -> dict[str, object]:
    body = body.merged_into or body
    return {"key": body.key, "name": body.name, "kind": row.kind, "on": row.on}
