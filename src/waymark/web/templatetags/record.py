"""The frame around each staff page of a record."""

from django import template
from django.utils import timezone

from waymark.documents.models import Report, Review
from waymark.library.models import Resource
from waymark.web.shared.record_frame import RecordFrame, frame_of, reason_page

register = template.Library()
register.filter("reason_page", reason_page)


@register.simple_tag(takes_context=True)
def record_frame(context: template.Context, record: Review | Report | Resource) -> RecordFrame:
    """Tabs, checklist, state and next action of a record: {% record_frame review as frame %}."""
    request = context["request"]
    page = request.resolver_match.url_name if request.resolver_match else ""
    # Kept with the request: the breadcrumbs and the page ask for the same.
    frame: RecordFrame | None = vars(request).get("record_frame")
    if frame is None:
        frame = frame_of(record, page, request.user, timezone.now())
        vars(request)["record_frame"] = frame
    return frame
