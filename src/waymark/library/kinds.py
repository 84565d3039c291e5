"""The kinds of thing that the library holds a record of, as its searches and pages name them."""

from waymark.library.models import CatalogueRecord, ResourceKind

CASE_REVIEW = "case-review"
KINDS: dict[str, str] = {CASE_REVIEW: "Case review"} | {
    str(kind.value): str(kind.label) for kind in ResourceKind
}
"""kind -> what it is called; that of a review first."""


def kind_of(record: CatalogueRecord) -> str:
    """One of KINDS."""
    return CASE_REVIEW if record.resource is None else record.resource.kind
