"""Save a cataloguer's forms, all or nothing, and never over someone else's change."""

# Example: two people open the same form, whose fields have the hash v1. The first saves, and the
# record's hash becomes v2. The second sends v1 as `seen`; it is not v2, so ConcurrentChange is
# raised.

from dataclasses import dataclass
from datetime import date, datetime

from waymark.accounts.audit import serialized_in
from waymark.accounts.permissions import Actor
from waymark.core.errors import ConcurrentChange
from waymark.documents import services as documents
from waymark.documents.models import Review
from waymark.library import services as library
from waymark.library.catalogue.resource_description import ResourceDescription, version_of
from waymark.library.models import Resource, ReviewDetails
from waymark.library.queries.public_words import Mark, find_public_words, mark_of
from waymark.library.services.resource_mapping import description_of
from waymark.pipeline.publishing.publication_reasons import OPENING, require_described_anonymously

OVERTAKEN = (
    "this record was changed while you were editing: check the current version, then save again"
)


@dataclass(frozen=True, slots=True)
class ReviewDescription:
    """Description of a review: the fields of Review and ReviewDetails that cataloguers edit.

    summary: the abstract.
    """

    title: str
    nation: str = ""
    board: str = ""
    review_type: str = ""
    period: str = ""
    completed_on: date | None = None
    published_on: date | None = None
    summary: str = ""
    scheme: str = ""
    pseudonym: str = ""
    period_from: date | None = None
    period_to: date | None = None
    keywords: tuple[str, ...] = ()
    anonymous: bool = False
    content_notes: tuple[str, ...] = ()
    rights_holder: str = ""
    licence: str = ""


REVIEW_FIELDS = (
    "title",
    "nation",
    "board",
    "review_type",
    "period",
    "completed_on",
    "published_on",
    "summary",
)
DETAIL_FIELDS = (
    *("scheme", "pseudonym", "period_from", "period_to", "anonymous"),
    *("rights_holder", "licence"),
)


def review_description(review: Review) -> ReviewDescription:
    """The current description of a review."""
    details = ReviewDetails.objects.filter(review=review).first() or ReviewDetails(review=review)
    return ReviewDescription(
        **{name: getattr(review, name) for name in REVIEW_FIELDS},
        **{name: getattr(details, name) for name in DETAIL_FIELDS},
        keywords=tuple(details.keywords),
        content_notes=tuple(details.content_notes),
    )


@serialized_in("documents", "library")
def describe_review(
    *,
    by: Actor,
    review: Review,
    description: ReviewDescription,
    now: datetime,
    places: tuple[str, ...] = (),
    seen: str | None = None,
) -> list[str]:
    """Replace the description of a review; returns the names of the changed fields.

    A review published for an anonymous board loses its board's name. places: keys of the sentences
    of its abstract that came from a draft. seen: version_of() the description in the person's form.
    Raises NotPermitted, RuleError, and ConcurrentChange if the description has changed since; and
    NotReady if the review is public and the new description has words that may identify people.
    """
    # Within the transaction and in turn with other writers: nobody can save between this check and
    # the changes below.
    review.refresh_from_db()
    if seen is not None and version_of(review_description(review)) != seen:
        raise ConcurrentChange(OVERTAKEN)
    before = _marks(review)
    fields = {name: getattr(description, name) for name in REVIEW_FIELDS}
    if description.anonymous:
        fields["board"] = ""
    changed = documents.change_review(by=by, review=review, now=now, **fields)
    changed += library.set_details(
        by=by,
        review=review,
        now=now,
        keywords=description.keywords,
        content_notes=description.content_notes,
        **{name: getattr(description, name) for name in DETAIL_FIELDS},
    )
    require_described_anonymously(Review.objects.get(pk=review.pk), before, now)
    library.catalogue_review(by=by, review=review, now=now)
    library.set_abstract_places(by=by, review=review, keys=places, now=now)
    return changed


@serialized_in("documents", "library")
def describe_resource(
    *,
    by: Actor,
    resource: Resource,
    description: ResourceDescription,
    now: datetime,
    seen: str | None = None,
) -> list[str]:
    """Replace the description of a resource; the rest as above."""
    resource.refresh_from_db()
    if seen is not None and version_of(description_of(resource)) != seen:
        raise ConcurrentChange(OVERTAKEN)
    before = _marks(resource)
    changed = library.change_resource(by=by, resource=resource, description=description, now=now)
    require_described_anonymously(resource, before, now)
    return changed


def _marks(item: Review | Resource) -> set[Mark]:
    """The mentions of identifiers in a description; none if the record is not public."""
    if item.state not in OPENING:
        return set()
    return {mark_of(row) for row in find_public_words(item)}
