"""For cataloguers: subjects and related records."""

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
from waymark.library.queries.resources import RecordEntry, entry_of
from waymark.web.shared.clean_input import clean_line, whole_number
from waymark.web.shared.fields import ChoiceField, HiddenField
from waymark.web.shared.forms import SiteForm

OFFERED = 12
HOW = (
    ("related", "Related: the two are connected"),
    ("part-of", "Part of: this one is part of the other"),
    ("has-part", "Has part: the other is part of this one"),
    ("replaces", "Replaces: this one replaces the other"),
    ("replaced-by", "Replaced by: the other replaces this one"),
)
"""Ways to link, from the record on the page to the other."""
_OTHER_WAY = {"has-part": RelationKind.PART_OF, "replaced-by": RelationKind.REPLACES}


@dataclass(frozen=True, slots=True)
class RecordPage:
    """The record of a page. here: name of this page."""

    record: CatalogueRecord
    key: str
    title: str
    here: str


@require_http_methods(["GET", "HEAD", "POST"])
def resource_relations(request: HttpRequest, key: str) -> HttpResponse:
    """Subjects and relations of a resource."""
    resource = queries.resource_to_catalogue(key, request.user)
    page = RecordPage(resource.record, key, resource.title, "resource-about")
    return _relations_page(request, page)


@require_http_methods(["GET", "HEAD", "POST"])
def review_relations(request: HttpRequest, reference: str) -> HttpResponse:
    """Subjects and relations of a review."""
    holding = queries.review_to_catalogue(reference, request.user)
    if holding.record is None:
        messages.warning(request, "This review is not in the catalogue yet: save its data first.")
        return redirect("edit-review", reference)
    page = RecordPage(holding.record, reference, holding.review.title, "review-about")
    return _relations_page(request, page)


@require_safe
def subject_names(request: HttpRequest) -> JsonResponse:
    """Names of matching subjects, for suggestions while typing."""
    matches = queries.find_subjects_to_assign(
        clean_line(request.GET.get("q", "")), request.user, limit=OFFERED
    )
    names = [{"name": concept.name, "found_by": concept.found_by} for concept in matches]
    return JsonResponse({"subjects": names})


def _relations_page(request: HttpRequest, page: RecordPage) -> HttpResponse:
    if request.method == "POST":
        messages.success(request, _apply_change(request, page))
        return redirect(page.here, page.key)
    subject, other = (clean_line(request.GET.get(name, "")) for name in ("subject", "record"))
    concepts = linked.assigned_subjects(page.record)
    carried = {concept.key for concept in concepts}
    links = linked.links_of(page.record, request.user, timezone.now())
    named = [page.record.pk, *(link.entry.record for link in links)]
    return render(
        request,
        "catalogue/about.html",
        {
            "page": page,
            "record": page.record.review or page.record.resource,
            "given": concepts,
            "links": links,
            "subject": subject,
            "offered": [
                concept
                for concept in queries.find_subjects_to_assign(subject, request.user)
                if concept.key not in carried
            ],
            "other": other,
            "records": _matching_records(other, request, named),
            "hows": HOW,
        },
    )


def _matching_records(words: str, request: HttpRequest, named: list[int]) -> list[RecordEntry]:
    return [
        entry_of(record)
        for record in queries.find_records_to_link(words, request.user, exclude=named)
    ]


class RelationForm(SiteForm):
    """A button of the page. what: key of a subject, or number of a relation or a record."""

    what = HiddenField()
    how = ChoiceField("Link it as", HOW)

    @property
    def number(self) -> int:
        """The number of a valid form; 0 for none."""
        return whole_number(self.cleaned_data["what"]) or 0


def _apply_change(request: HttpRequest, page: RecordPage) -> str:
    """Do what a button asks for; a message."""
    now, record, form = timezone.now(), page.record, RelationForm.of(request)
    if not form.is_valid():
        raise NotFound("there is no such way to link records")
    subject = form.cleaned_data["what"]
    if form.action == "add-subject":
        services.change_subjects(by=request.user, record=record, add=[subject], now=now)
        return "Subject added."
    if form.action == "remove-subject":
        services.change_subjects(by=request.user, record=record, remove=[subject], now=now)
        return "Subject removed."
    if form.action == "unrelate":
        relation = queries.link_to_catalogue(form.number, record, request.user)
        services.unlink_records(by=request.user, relation=relation, now=now)
        return "Link removed."
    how = form.cleaned_data["how"]
    if form.action != "relate" or not how:
        raise RuleError("the form did not say what to do")
    other = queries.record_to_catalogue(form.number, request.user)
    turned = _OTHER_WAY.get(how)
    services.link_records(
        by=request.user,
        source=other if turned else record,
        target=record if turned else other,
        kind=turned or RelationKind(how),
        now=now,
    )
    return "Records linked."
