"""Queries of samples of passages without a suggestion, and of the people who read them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from waymark.accounts.models import User
from waymark.accounts.permissions import Person, require_account, require_permission
from waymark.accounts.visibility import in_visible
from waymark.coding.assignments import unfinished_reviews_of
from waymark.coding.models import PassageSample, SampledPassage
from waymark.coding.queries.machines import LEAD
from waymark.core.errors import require_found
from waymark.documents.models import Passage, Report
from waymark.documents.queries.readings import content_of


def _counted(
    rows: QuerySet[PassageSample], person: Person, now: datetime
) -> QuerySet[PassageSample]:
    visible = Q(in_visible(Report, person, now=now, prefix="rows__report__"))
    visible &= ~Q(rows__report__review__in=unfinished_reviews_of(person))
    return rows.select_related("machine", "framework", "reader").annotate(
        size=Count("rows", filter=visible),
        answered=Count("rows", filter=visible & Q(rows__answered_at__isnull=False)),
    )


def own_samples(person: Person, now: datetime) -> QuerySet[PassageSample]:
    """The samples that a person is asked to read. Raises NotPermitted."""
    reader = require_account(person, "code", "read passages")
    return _counted(PassageSample.objects.filter(reader=reader), person, now)


def all_samples(person: Person, now: datetime) -> QuerySet[PassageSample]:
    """All samples: how many passages were read, not what was answered. Raises NotPermitted."""
    require_permission(person, LEAD)
    return _counted(PassageSample.objects.all(), person, now)


@dataclass(frozen=True, slots=True)
class PassageToRead:
    """A passage of a sample with its words, and what its reader answered."""

    row: SampledPassage
    text: str
    heading: str


def sample_for(number: int, person: Person, now: datetime) -> PassageSample:
    """The person's own sample of a number. Raises NotPermitted, NotFound."""
    row = own_samples(person, now).filter(pk=number).first()
    return require_found(row, "there is no such sample")


def passages_to_read(sample: PassageSample, now: datetime) -> QuerySet[SampledPassage]:
    """The passages of a sample that its reader may still see, in order.

    Without those of a review that they code now: no suggestion is there, which they must not know.
    """
    reader: User = sample.reader
    visible = sample.rows.filter(in_visible(Report, reader, now=now, prefix="report__"))
    visible = visible.exclude(report__review__in=unfinished_reviews_of(reader))
    return visible.select_related("report__review")


def passage_to_read(sample: PassageSample, number: int, now: datetime) -> PassageToRead | None:
    """The passage of a number, or the first without an answer if number is 0; None if all are."""
    rows = passages_to_read(sample, now)
    rows = rows.filter(number=number) if number else rows.filter(answered_at=None)
    row = rows.first()
    if row is None:
        return None
    text = content_of(row.report, row.reading)[row.start : row.end]
    passages = Passage.objects.filter(report=row.report, start=row.start)
    heading = passages.values_list("heading", flat=True).first() or ""
    return PassageToRead(row, text, heading)
