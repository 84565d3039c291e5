"""For cataloguers: publications whose address does not work."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from waymark.library.queries.links import broken_links
from waymark.web.shared.lists import ListColumn, StaffList

BROKEN_LINKS = StaffList(
    "link that does not work",
    "links that do not work",
    search=("title", "url", "publisher"),
    columns=(
        ListColumn("Publication", "title", ("title",)),
        ListColumn("Address", "address", ("url",)),
        ListColumn("Has failed since", "since", ("link_failed_at",)),
        ListColumn("Last tried", "tried", ("link_checked_at",), falling=True),
        ListColumn("Status", "status", ("link_status",), number=True, empty_last=True),
        ListColumn("What was wrong"),
    ),
    order="since",
)


@require_safe
def links_to_mend(request: HttpRequest) -> HttpResponse:
    """Links of public records that do not work, those that have failed longest first."""
    view = BROKEN_LINKS.view(request, broken_links(request.user))
    return render(request, "catalogue/links.html", {"list": view})
