"""How the audit names what a record is about."""

from waymark.library.models import CatalogueRecord


def subject_of(record: CatalogueRecord) -> str:
    """ "review R01" or "resource translating-learning"."""
    if record.review is not None:
        return f"review {record.review.reference}"
    if record.resource is not None:
        return f"resource {record.resource.key}"
    raise LookupError(f"record {record.pk} is of nothing")
