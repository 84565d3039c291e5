"""What a cataloguer's forms write: whole, or not at all, and never over somebody else's change."""

from dataclasses import dataclass
from datetime import date, datetime

from waymark.accounts.audit import in_turn
from waymark.accounts.permissions import Actor
from waymark.core.errors import Overtaken
from waymark.documents import services as documents
from waymark.documents.models import Review
from waymark.library import services as library
from waymark.library.described import description_of
from waymark.library.description import Description, version_of
from waymark.library.models import Resource, ReviewDetails

OVERTAKEN = "somebody has changed the record meanwhile: look at what it says now, then save again"


@dataclass(frozen=True, slots=True)
class ReviewDescription:
    """What a cataloguer says of a review: the fields of Review and ReviewDetails that are theirs.

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
DETAIL_FIELDS = ("scheme", "pseudonym", "period_from", "period_to", "anonymous")


def review_described(review: Review) -> ReviewDescription:
    """What is said of a review now."""
    details = ReviewDetails.objects.filter(review=review).first() or ReviewDetails(review=review)
    return ReviewDescription(
        **{name: getattr(review, name) for name in REVIEW_FIELDS},
        **{name: getattr(details, name) for name in DETAIL_FIELDS},
        keywords=tuple(details.keywords),
    )


@in_turn
def describe_review(
    *,
    by: Actor,
    review: Review,
    said: ReviewDescription,
    now: datetime,
    places: tuple[str, ...] = (),
    seen: str | None = None,
) -> list[str]:
    """Describe a review anew and keep where its abstract is from; the fields that changed.

    A review published for a board that is not named loses its board's name. places: keys of the
    sentences that were taken from a draft. seen: version_of() what the person had before them.
    Raises NotPermitted, RuleError, and Overtaken where the review says something else by now.
    """
    review.refresh_from_db()
    if seen is not None and version_of(review_described(review)) != seen:
        raise Overtaken(OVERTAKEN)
    fields = {name: getattr(said, name) for name in REVIEW_FIELDS}
    if said.anonymous:
        fields["board"] = ""
    changed = documents.change_review(by=by, review=review, now=now, **fields)
    changed += library.set_details(
        by=by,
        review=review,
        now=now,
        keywords=said.keywords,
        **{name: getattr(said, name) for name in DETAIL_FIELDS},
    )
    library.catalogue_review(by=by, review=review, now=now)
    library.keep_abstract_places(by=by, review=review, keys=places, now=now)
    return changed


@in_turn
def describe_resource(
    *,
    by: Actor,
    resource: Resource,
    description: Description,
    now: datetime,
    seen: str | None = None,
) -> list[str]:
    """Describe a resource anew; the fields that changed. seen: as above. Raises as above."""
    resource.refresh_from_db()
    if seen is not None and version_of(description_of(resource)) != seen:
        raise Overtaken(OVERTAKEN)
    return library.change_resource(by=by, resource=resource, description=description, now=now)
