"""Citation of a passage, for its page and for quotations."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from waymark.documents.queries.reader import CitedPlace
from waymark.web.shared.addresses import shown_address


def passage_citation(request: HttpRequest, place: CitedPlace) -> str:
    """Citation of a passage, as one line of plain text."""
    review = place.report.review
    parts = [
        f"{review.board}. " if review.board else "",
        review.title,
        f" ({date_format(review.published_on, 'Y')})" if review.published_on else "",
        f", {place.report.get_kind_display().lower()}",
        f", page {place.page}" if place.report.page_count > 1 else "",
        ". ",
        shown_address(request, reverse("passage", args=[place.key])),
        f" (accessed {date_format(timezone.localdate(), 'j F Y')}).",
        f" {place.scan_mark}." if place.scan_mark else "",
        " Fictional, written for demonstration." if review.fictional else "",
    ]
    return "".join(parts)
