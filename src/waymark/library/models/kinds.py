"""Kinds of library records, as searches and pages name them."""

from waymark.library.models import CatalogueRecord, ResourceKind

CASE_REVIEW = "case-review"
KINDS: dict[str, str] = {CASE_REVIEW: "Case review"} | {
    str(kind.value): str(kind.label) for kind in ResourceKind
}
"""kind -> label; the kind of reviews first."""


def kind_of(record: CatalogueRecord) -> str:
    """The kind of a record: one of KINDS."""
    return CASE_REVIEW if record.resource is None else record.resource.kind
