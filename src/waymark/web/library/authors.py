"""Authors of publications: the list of them, and the page of one with its works."""

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import has_permission
from waymark.library.catalogue.author_names import in_reading_order
from waymark.library.models import Author, AuthorKind
from waymark.library.queries import authors as queries
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList
from waymark.web.shared.paging import Paging, page_number
from waymark.web.shared.take_away import NamedLink, TakeAway, access_note

WORKS_ON_A_PAGE = 50
MOST_IN_JSON = 1_000
AUTHORS = StaffList(
    "author",
    "authors",
    search=("name", "names__name"),
    columns=(
        ListColumn("Author", "name", ("name",)),
        ListColumn("Kind", "kind", ("kind", "name")),
        ListColumn("Works"),
    ),
    order="name",
    filters=(ListFilter("kind", "Kind", dict(AuthorKind.choices), lambda value: Q(kind=value)),),
    size=50,
)


@require_safe
def author_list(request: HttpRequest) -> HttpResponse:
    """Authors of the publications in the catalogue, with how many works each has here."""
    now = timezone.now()
    view = AUTHORS.view(request, queries.open_authors(request.user, now).distinct())
    works = queries.works_by_author(request.user, now)
    rows = [(row, works[row.pk]) for row in view.rows]
    return render(request, "resources/authors.html", {"list": view, "authors": rows})


@require_safe
def author_page(request: HttpRequest, key: str) -> HttpResponse:
    """One author: name forms and works."""
    now = timezone.now()
    author = queries.author_for(key, request.user, now)
    if author.key != key:
        return redirect("author", author.key, permanent=True)
    works = queries.works_of(author, request.user, now)
    number = page_number(request)
    paging = Paging.of(request, number, total=len(works), size=WORKS_ON_A_PAGE)
    start = (number - 1) * WORKS_ON_A_PAGE
    address = access_note(request, reverse("author", args=[author.key]))
    context = {
        "author": author,
        "heading": in_reading_order(author.name, body=author.kind == AuthorKind.BODY),
        "names": [row.name for row in queries.names_of(author) if row.name != author.name],
        "others": _open(queries.different_from(author), request),
        "works": works[start : start + WORKS_ON_A_PAGE],
        "paging": paging,
        "take": TakeAway(
            noun="author record",
            citation=f"{settings.SITE_NAME}. {author.name}: works in the catalogue. {address}",
            follow=[],
            download=[NamedLink("JSON", reverse("author-json", args=[author.key]))],
        ),
        "may_edit": has_permission(request.user, "catalogue"),
    }
    return render(request, "resources/author.html", context)


def _open(authors: list[Author], request: HttpRequest) -> list[Author]:
    """Those of some authors whose page the person may open."""
    if not authors:
        return []
    open_keys = set(queries.open_authors(request.user, timezone.now()).values_list("pk", flat=True))
    return [author for author in authors if author.pk in open_keys]


@require_safe
def author_json(request: HttpRequest, key: str) -> HttpResponse:
    """One author as JSON: {"key", "name", "kind", "names", "address", "works_total", "works"}.

    works: the first MOST_IN_JSON.
    """
    now = timezone.now()
    author = queries.author_for(key, request.user, now)
    rows = queries.works_of(author, request.user, now)
    works = [
        {
            "key": work.key,
            "title": work.title,
            "year": work.year,
            "kind": work.kind,
            "address": request.build_absolute_uri(reverse("resource", args=[work.key])),
        }
        for work in rows[:MOST_IN_JSON]
    ]
    content = {
        "key": author.key,
        "name": author.name,
        "kind": author.kind,
        "names": [row.name for row in queries.names_of(author)],
        "address": request.build_absolute_uri(reverse("author", args=[author.key])),
        "works_total": len(rows),
        "works": works,
    }
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False, "indent": 1})
