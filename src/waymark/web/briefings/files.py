"""Files of an edition, for everyone."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.briefings.queries.files import FILES, PDF, edition_file, learning_event
from waymark.core.errors import NotFound
from waymark.core.site_address import NO_ADDRESS
from waymark.web.briefings.public import edition_shown, gone
from waymark.web.shared.addresses import cited_address, shown_address
from waymark.web.shared.file_answers import file_answer


@require_safe
def event_page(request: HttpRequest, work: str, slug: str, number: int) -> HttpResponse:
    """The learning event of an edition, to read and print."""
    try:
        publication = edition_shown(work, slug, number)
    except NotFound:
        return gone(request, work, slug, number)
    place = [work, slug, number]
    address = shown_address(request, reverse("briefing-edition", args=place))
    context = {
        "publication": publication,
        "kind": work,
        "printed": learning_event(publication, address, timezone.now()),
    }
    return render(request, "briefings/event_pack.html", context)


@require_safe
def briefing_file(
    request: HttpRequest, work: str, slug: str, number: int, name: str
) -> HttpResponseBase:
    """A file of an edition, while all that it cites is public."""
    try:
        publication = edition_shown(work, slug, number)
    except NotFound:
        return gone(request, work, slug, number)
    address = cited_address(request, reverse("briefing-edition", args=[work, slug, number]))
    content = edition_file(publication, name, address or NO_ADDRESS, timezone.now())
    media_type = FILES[name].media_type
    return file_answer(
        request,
        content,
        name=f"{slug}-edition-{number}-{name}",
        media_type=media_type,
        attachment=media_type != PDF,
    )
