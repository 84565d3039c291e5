"""Sources of an edition that were public when it was published and are no longer."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from waymark.core.evidence import report_of_key
from waymark.core.tables import ProtectedTable
from waymark.documents.queries.reader import open_reports, open_reviews
from waymark.overview.tables.export import review_of


def closed_sources(protected: ProtectedTable, now: datetime) -> frozenset[str]:
    """References of reviews and keys of reports that a table links to and that are not public."""
    cells = [cell for row in protected.table.rows for cell in row.cells]
    reviews = {review_of(record) for cell in cells for record in cell.records}
    reports = {report_of_key(key) for cell in cells for key in cell.evidence}
    # Visibility is asked as the public has it, not as the person who looks: staff see more.
    everybody = AnonymousUser()
    seen = open_reviews(everybody, now).filter(reference__in=reviews)
    read = open_reports(everybody, now).filter(key__in=reports)
    reviews -= set(seen.values_list("reference", flat=True))
    return frozenset(reviews | reports - set(read.values_list("key", flat=True)))
