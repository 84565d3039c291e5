"""For cataloguers: the list of resources, and the form for one."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark import pipeline
from waymark.accounts.permissions import has_permission, require_permission
from waymark.core.errors import ConcurrentChange, NotReady
from waymark.core.language_advice import advice_on_fields
from waymark.enquiries.queries.published_answers import answer_of_record
from waymark.library import services
from waymark.library.catalogue.resource_description import (
    ResourceDescription,
    changed_fields,
    version_of,
)
from waymark.library.models import BulkKind, Resource
from waymark.library.queries import cataloguing as queries
from waymark.library.queries.cataloguing import SimilarRecord
from waymark.library.services.links import check_link_soon
from waymark.library.services.resource_mapping import description_of
from waymark.web.catalogue.resource_form import AddressForm, ResourceForm, initial_values
from waymark.web.library.resources import author_names
from waymark.web.shared.forms import CurrentValue
from waymark.web.shared.record_lists import RESOURCES, bulk_actions, resource_filters
from waymark.web.shared.sent_items import sent_items

CATALOGUE = "catalogue"
PUBLISH = "publish reports"
DISTINGUISHING_FIELDS = frozenset({"title", "authors", "year", "doi", "isbn", "url"})
"""Fields that distinguish works: only a change of these starts a search for duplicates."""


@require_safe
def resource_list(request: HttpRequest) -> HttpResponse:
    """All resources in any state."""
    rows = queries.listed_resources(request.user)
    view = RESOURCES.view(request, rows, *resource_filters(request.user))
    return render(
        request,
        "catalogue/list.html",
        {
            "list": view,
            "bulk_kind": "resource",
            "bulk_actions": bulk_actions(request.user, BulkKind.RESOURCE),
            "resources": [(resource, author_names(resource)) for resource in view.rows],
            "may_catalogue": has_permission(request.user, CATALOGUE),
            "may_publish": has_permission(request.user, PUBLISH),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def add_resource(request: HttpRequest) -> HttpResponse:
    """Add a resource."""
    require_permission(request.user, CATALOGUE)
    form = ResourceForm.of(request, initial={"language": "en"})
    same: list[SimilarRecord] = []
    if form.is_valid():
        same = queries.similar_resources(form.description, request.user)
        if form.confirms(same):
            resource = services.add_resource(
                by=request.user, description=form.description, now=timezone.now()
            )
            messages.success(request, "Resource added. Add subjects, then publish it.")
            return redirect("resource-about", resource.key)
    return _resource_page(request, None, form, same=same)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_resource(request: HttpRequest, key: str) -> HttpResponse:
    """Change the description of a resource."""
    resource = queries.resource_to_catalogue(key, request.user)
    if answer_of_record(key) is not None:
        return redirect("edit-answer", key)
    stored = description_of(resource)
    initial = {**initial_values(stored), "seen": version_of(stored)}
    form = ResourceForm.of(request, initial=initial)
    if not form.is_valid():
        return _resource_page(request, resource, form)
    same = _likely_duplicates(request, form.description, resource)
    if not form.confirms(same):
        return _resource_page(request, resource, form, same=same)
    try:
        changed = pipeline.describe_resource(
            by=request.user,
            resource=resource,
            description=form.description,
            now=timezone.now(),
            seen=form.cleaned_data["seen"],
        )
    except NotReady as error:
        form.refuse(error)
        return _resource_page(request, resource, form)
    except ConcurrentChange:
        resource.refresh_from_db()
        stored = description_of(resource)
        form.put("seen", version_of(stored))
        current = form.current_values(initial_values(stored), initial_values(form.description))
        return _resource_page(request, resource, form, current=current)
    messages.success(request, "Saved." if changed else "No changes to save.")
    return redirect("edit-resource", resource.key)


def _likely_duplicates(
    request: HttpRequest, description: ResourceDescription, resource: Resource
) -> list[SimilarRecord]:
    """Likely duplicates, if what distinguishes works was changed."""
    if DISTINGUISHING_FIELDS.isdisjoint(changed_fields(description_of(resource), description)):
        return []
    return queries.similar_resources(description, request.user, exclude=resource.key)


@require_http_methods(["GET", "HEAD", "POST"])
def resource_address(request: HttpRequest, key: str) -> HttpResponse:
    """Where the publication of a resource is, and the form to change that alone."""
    resource = queries.resource_to_catalogue(key, request.user)
    if request.POST.get("do") == "check":
        check_link_soon(by=request.user, resource=resource, now=timezone.now())
        messages.success(request, "The address is tried within a few minutes.")
        return redirect("resource-address", key)
    stored = description_of(resource)
    initial = {**initial_values(stored), "seen": version_of(stored)}
    form = AddressForm.of(request, stored, initial=initial)
    same: list[SimilarRecord] = []
    if form.is_valid():
        same = _likely_duplicates(request, form.description, resource)
        if form.confirms(same) and _save_address(request, resource, form):
            return redirect("resource-address", resource.key)
    context = {
        "record": resource,
        "form": form,
        "same": same,
        "checks_links": settings.LINK_CHECKS,
    }
    return render(request, "catalogue/address.html", context, status=form.http_status)


def _save_address(request: HttpRequest, resource: Resource, form: AddressForm) -> bool:
    """Save it; False, with the reason in the form, if a rule or a newer version is against it."""
    try:
        changed = pipeline.describe_resource(
            by=request.user,
            resource=resource,
            description=form.description,
            now=timezone.now(),
            seen=form.cleaned_data["seen"],
        )
    except (NotReady, ConcurrentChange) as error:
        form.refuse(error)
        resource.refresh_from_db()
        form.put("seen", version_of(description_of(resource)))
        return False
    messages.success(request, "Saved." if changed else "No changes to save.")
    return True


def _resource_page(
    request: HttpRequest,
    resource: Resource | None,
    form: ResourceForm,
    *,
    same: list[SimilarRecord] | None = None,
    current: list[CurrentValue] | None = None,
) -> HttpResponse:
    """The form, with what has to be put right or decided first."""
    return render(
        request,
        "catalogue/resource.html" if resource else "catalogue/new_resource.html",
        {
            "record": resource,
            "sent_items": sent_items(request, resource),
            "heading": "Record",
            "form": form,
            "advice": advice_on_fields(form.own_words("strapline", "summary", "key_points")),
            "same": same or [],
            "current": current,
        },
        status=form.http_status if current is None else 409,
    )
