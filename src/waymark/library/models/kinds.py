"""Kinds of library records, as searches and pages name them."""

from waymark.library.models import CatalogueRecord, ResourceKind

CASE_REVIEW = "case-review"
KINDS: dict[str, str] = {CASE_REVIEW: "Case review"} | {
    str(kind.value): str(kind.label) for kind in ResourceKind
}
"""kind -> label; the kind of reviews first."""

COLLECTIONS: dict[str, str] = {
    "reviews": "Reviews",
    "resources": "Resources",
    "courses": "Courses",
}
"""Part of the library -> label: the tabs of Find, in their order. A new kind of record that gets a
part of its own is added here and in collection_of()."""


def collection_of(kind: str) -> str:
    """The part of the library that a kind of record is in: one of COLLECTIONS."""
    if kind == CASE_REVIEW:
        return "reviews"
    return "courses" if kind == ResourceKind.TRAINING else "resources"


def kind_of(record: CatalogueRecord) -> str:
    """The kind of a record: one of KINDS."""
    return CASE_REVIEW if record.resource is None else record.resource.kind
