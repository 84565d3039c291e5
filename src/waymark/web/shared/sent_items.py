"""How many sent items of alerts a record has, for the page on which it is changed."""

from django.http import HttpRequest

from waymark.accounts.permissions import has_permission
from waymark.alerts.queries.issues import APPROVE, items_of_record
from waymark.documents.models import Review
from waymark.library.models import Resource


def sent_items(request: HttpRequest, item: Review | Resource | None) -> int:
    """Number of items about a record; 0 for who may not correct them, and without a record."""
    record = getattr(item, "record", None)
    if record is None or not has_permission(request.user, APPROVE):
        return 0
    return items_of_record(record).count()
