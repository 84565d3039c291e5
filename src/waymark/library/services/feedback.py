"""The only writer of answers to "Was this page useful?"."""

from datetime import date

from django.db import transaction
from django.db.models import F

from waymark.library.models import PageFeedback


@transaction.atomic
def count_page_feedback(*, kind: str, page: str, useful: bool, day: date) -> None:
    """Count one answer about a page.

    Nobody is passed in and nothing is written to the audit log: an answer belongs to no person.
    """
    row, _ = PageFeedback.objects.get_or_create(
        page=page, day=day, useful=useful, defaults={"kind": kind}
    )
    # Added by the database, so that answers at the same moment all count.
    PageFeedback.objects.filter(pk=row.pk).update(number=F("number") + 1)
