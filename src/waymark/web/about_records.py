"""For cataloguers: what a record is about, and which records have to do with it."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.core.errors import NotFound, RuleError
from waymark.library import services
from waymark.library.models import CatalogueRecord, RelationKind
from waymark.library.queries import cataloguing as queries
from waymark.library.queries import resources as linked
from waymark.library.queries.resources import Entry, entry_of
from waymark.web.typed import typed

OFFERED = 12
HOW = (
    ("related", "Related: both have to do with each other"),
    ("part-of", "Part of: this one is a part of the other"),
    ("has-part", "Has as a part: the other is a part of this one"),
    ("replaces", "Replaces: this one stands in the other's place"),
    ("replaced-by", "Replaced by: the other stands in this one's place"),
)
"""Ways to link, as the record on the page sees them."""
_OTHER_WAY = {"has-part": RelationKind.PART_OF, "replaced-by": RelationKind.REPLACES}


@dataclass(frozen=True, slots=True)
class Page:
    """The record a page is about. back: where its data are edited; here: name of the page."""

    record: CatalogueRecord
    key: str
    title: str
    here: str
    back: str


@require_http_methods(["GET", "HEAD", "POST"])
def of_resource(request: HttpRequest, key: str) -> HttpResponse:
    """Subjects and relations of a resource."""
    resource = queries.held_resource(key, request.user)
    page = Page(resource.record, key, resource.title, "resource-about", "edit-resource")
    return _answer(request, page)


@require_http_methods(["GET", "HEAD", "POST"])
def of_review(request: HttpRequest, reference: str) -> HttpResponse:
    """Subjects and relations of a review."""
    held = queries.held_review(reference, request.user)
    if held.record is None:
        messages.warning(request, "This review is not in the catalogue yet: save its data first.")
        return redirect("edit-review", reference)
    page = Page(held.record, reference, held.review.title, "review-about", "edit-review")
    return _answer(request, page)


@require_safe
def subjects(request: HttpRequest) -> JsonResponse:
    """Names of subjects that what was typed may mean, for the list below the field."""
    found = queries.subjects_found(typed(request.GET.get("q", "")), request.user, limit=OFFERED)
    names = [{"name": one.name, "found_by": one.found_by} for one in found]
    return JsonResponse({"subjects": names})


def _answer(request: HttpRequest, page: Page) -> HttpResponse:
    if request.method == "POST":
        messages.success(request, _change(request, page))
        return redirect(page.here, page.key)
    subject, other = (typed(request.GET.get(name, "")) for name in ("subject", "record"))
    given = linked.subjects_given(page.record)
    carried = {one.key for one in given}
    links = linked.links_of(page.record, request.user, timezone.now())
    named = [page.record.pk, *(link.entry.record for link in links)]
    return render(
        request,
        "catalogue/about.html",
        {
            "page": page,
            "given": given,
            "links": links,
            "subject": subject,
            "offered": [
                one
                for one in queries.subjects_found(subject, request.user)
                if one.key not in carried
            ],
            "other": other,
            "records": _entries(other, request, named),
            "hows": HOW,
        },
    )


def _entries(words: str, request: HttpRequest, named: list[int]) -> list[Entry]:
    return [entry_of(one) for one in queries.records_found(words, request.user, but=named)]


def _change(request: HttpRequest, page: Page) -> str:
    """Do what a button asks for; what was done, as a sentence."""
    now, record = timezone.now(), page.record
    do, said = request.POST.get("do", ""), typed(request.POST.get("what", ""))
    if do == "add-subject":
        services.change_subjects(by=request.user, record=record, add=[said], now=now)
        return "The subject is added."
    if do == "remove-subject":
        services.change_subjects(by=request.user, record=record, remove=[said], now=now)
        return "The subject is taken away."
    number = int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0
    if do == "unrelate":
        relation = queries.held_relation(number, record, request.user)
        services.unrelate(by=request.user, relation=relation, now=now)
        return "The link is taken away."
    if do != "relate":
        raise RuleError("the form named nothing to do")
    _relate(request, record, queries.held_record(number, request.user))
    return "The records are linked."


def _relate(request: HttpRequest, record: CatalogueRecord, other: CatalogueRecord) -> None:
    how = request.POST.get("how", "")
    if how not in dict(HOW):
        raise NotFound(f"there is no way {how} to link records")
    turned = _OTHER_WAY.get(how)
    services.relate(
        by=request.user,
        source=other if turned else record,
        target=record if turned else other,
        kind=turned or RelationKind(how),
        now=timezone.now(),
    )
