"""Catalogue records for export to other catalogues, limited to what a person may see."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet

from waymark.accounts.permissions import Actor
from waymark.core.site_address import public_address
from waymark.documents.models import Review
from waymark.library.exchange.record import RecordData
from waymark.library.models import CatalogueRecord, Relation, Resource, ResourceKind, ReviewDetails
from waymark.library.models.kinds import KINDS, kind_of
from waymark.library.queries.agreed_facts import (
    YEAR_OF_REVIEW,
    publication_years,
    values_of,
    year_of,
)
from waymark.library.queries.hydrate import VisibleRows, open_records, visible_facts, visible_rows
from waymark.library.queries.search import found_rows
from waymark.library.queries.subjects import subjects_of
from waymark.library.search.protocol import SearchRequest

REVIEW, RESOURCE = "review", "resource"

PageOf = Callable[[str, str], str]
"""("review", reference) or ("resource", key) -> the https address of its page."""


def exchange_key(record: CatalogueRecord) -> str:
    """Name of a record for other catalogues: "review/R01" or "resource/neglect-2012"."""
    kind, name = kind_and_name(record)
    return f"{kind}/{name}"


def kind_and_name(record: CatalogueRecord) -> tuple[str, str]:
    """REVIEW and its reference, or RESOURCE and its key."""
    if record.review is not None:
        return REVIEW, record.review.reference
    if record.resource is not None:
        return RESOURCE, record.resource.key
    raise LookupError(f"record {record.pk} has neither review nor resource")


def named_record(
    kind: str, name: str, *, person: Actor, now: datetime, page_of: PageOf
) -> RecordData | None:
    """The record of a review or resource; None if there is none the person may see."""
    condition = Q(review__reference=name) if kind == REVIEW else Q(resource__key=name)
    numbers = CatalogueRecord.objects.filter(condition).values_list("pk", flat=True)
    records = record_data(list(numbers), person=person, now=now, page_of=page_of)
    return records[0] if records else None


def chosen_records(
    keys: Sequence[str], *, person: Actor, now: datetime, page_of: PageOf
) -> list[RecordData]:
    """The records with these keys that the person may see, in their order; see exchange_key()."""
    names: dict[str, list[str]] = {REVIEW: [], RESOURCE: []}
    for key in keys:
        kind, _, name = key.partition("/")
        if kind in names:
            names[kind].append(name)
    condition = Q(review__reference__in=names[REVIEW]) | Q(resource__key__in=names[RESOURCE])
    numbers = list(CatalogueRecord.objects.filter(condition).values_list("pk", flat=True))
    records = record_data(numbers, person=person, now=now, page_of=page_of)
    place = {key: number for number, key in enumerate(keys)}
    return sorted(records, key=lambda record: place[record.key])


def review_data(
    record: CatalogueRecord,
    review: Review,
    *,
    year: int | None,
    subjects: Iterable[str],
    related: Iterable[CatalogueRecord],
    page_of: PageOf,
) -> RecordData:
    """The record of a review from what its page has read already, without a query.

    related: linked records that the person may see.
    """
    pairs = ((title_of(other), page_of(*kind_and_name(other))) for other in related)
    number = record.pk
    around = _RelatedValues(
        {number: tuple(subjects)}, {number: year}, {number: tuple(pairs)}, page_of
    )
    return _review_data(record, review, around)


def record_data(
    numbers: Sequence[int], *, person: Actor, now: datetime, page_of: PageOf
) -> list[RecordData]:
    """The records with these numbers that the person may see, in order; a few queries."""
    return _record_data(numbers, visible_rows(list(numbers), person, now), person, now, page_of)


def found_record_data(
    request: SearchRequest, *, person: Actor, now: datetime, page_of: PageOf
) -> list[RecordData]:
    """The records on one page of search results. Raises ServiceUnavailable."""
    numbers, rows = found_rows(request, person=person, now=now)
    return _record_data(numbers, rows, person, now, page_of)


def _record_data(
    numbers: Sequence[int], rows: VisibleRows, person: Actor, now: datetime, page_of: PageOf
) -> list[RecordData]:
    records, around = rows.records, _related_values(rows, person, now, page_of)
    return [_exchange_record(records[number], around) for number in numbers if number in records]


@dataclass(frozen=True, slots=True)
class _RelatedValues:
    """Values beside the database rows of some records, by record number."""

    subjects: Mapping[int, tuple[str, ...]]
    years: Mapping[int, int | None]
    related: Mapping[int, tuple[tuple[str, str], ...]]
    page_of: PageOf


def _related_values(
    rows: VisibleRows, person: Actor, now: datetime, page_of: PageOf
) -> _RelatedValues:
    subjects = subjects_of(rows.records)
    return _RelatedValues(
        {
            number: tuple(subject.name for subject in subjects.get(number, ()) if subject.assigned)
            for number in rows.records
        },
        _review_years(rows),
        _related_records(rows.records, open_records(person, now), page_of),
        page_of,
    )


def _review_years(rows: VisibleRows) -> dict[int, int | None]:
    """The agreed year of each review, limited to evidence that the person may see."""
    years, stated = values_of(rows.reports, YEAR_OF_REVIEW), publication_years(rows.reports)
    return {
        record.pk: year_of(
            record.review, visible_facts(years, record, rows), stated.get(record.review.pk)
        )
        for record in rows.records.values()
        if record.review is not None
    }


def _related_records(
    numbers_given: Iterable[int], seen: QuerySet[CatalogueRecord], page_of: PageOf
) -> dict[int, tuple[tuple[str, str], ...]]:
    """(title, page) of the related records of each record that the person may see."""
    numbers = set(numbers_given)
    pairs = Relation.objects.filter(Q(source__in=numbers) | Q(target__in=numbers))
    beside: dict[int, list[int]] = defaultdict(list)
    for source, target in pairs.order_by("pk").values_list("source_id", "target_id"):
        beside[source].append(target)
        beside[target].append(source)
    related = {other for number in numbers for other in beside[number]}
    visible = seen.select_related("review", "resource").in_bulk(list(related))
    return {
        number: tuple(
            (title_of(visible[target]), page_of(*kind_and_name(visible[target])))
            for target in beside[number]
            if target in visible
        )
        for number in numbers
    }


def title_of(record: CatalogueRecord) -> str:
    """The title of the review or resource."""
    described = record.review or record.resource
    return described.title if described is not None else ""


def _exchange_record(record: CatalogueRecord, around: _RelatedValues) -> RecordData:
    if record.review is not None:
        return _review_data(record, record.review, around)
    if record.resource is not None:
        return _resource_data(record, record.resource, around)
    raise LookupError(f"record {record.pk} has neither review nor resource")


def _review_data(record: CatalogueRecord, review: Review, around: _RelatedValues) -> RecordData:
    details: ReviewDetails | None = getattr(review, "details", None)
    return RecordData(
        kind=kind_of(record),
        kind_label=KINDS[kind_of(record)],
        title=review.title,
        key=exchange_key(record),
        page=around.page_of(REVIEW, review.reference),
        # Of publication, as its page has it: the year of the review is a fact, not a date of print.
        year=review.published_on.year if review.published_on else around.years.get(record.pk),
        published_on=review.published_on,
        nation=review.nation,
        board=review.board,
        review_type=review.review_type,
        pseudonym=details.pseudonym if details else "",
        rights_holder=details.rights_holder if details else "",
        licence=details.licence if details else "",
        period=review.period,
        abstract=review.summary,
        subjects=around.subjects[record.pk],
        keywords=tuple(details.keywords) if details else (),
        related=around.related[record.pk],
        available_at=record.available_at,
        changed_at=record.changed_at,
    )


def _resource_data(
    record: CatalogueRecord, resource: Resource, around: _RelatedValues
) -> RecordData:
    return RecordData(
        kind=resource.kind,
        kind_label=KINDS[resource.kind],
        title=resource.title,
        key=exchange_key(record),
        page=around.page_of(RESOURCE, resource.key),
        strapline=resource.strapline,
        authors=tuple(resource.authors),
        author_bodies=tuple(resource.author_bodies),
        conducted_by=resource.conducted_by,
        publisher=resource.publisher,
        series=resource.series,
        report_number=resource.report_number,
        year=resource.year,
        published_on=resource.published_on,
        nation=resource.nation,
        audience=resource.audience,
        language=resource.language,
        abstract=resource.summary,
        key_points=tuple(resource.key_points),
        contents=tuple((title, page) for title, page in resource.contents),
        evaluation=_evaluation_of(resource),
        subjects=around.subjects[record.pk],
        url=_address_for_others(resource.url),
        doi=resource.doi,
        isbn=resource.isbn,
        rights_holder=resource.rights_holder,
        licence=resource.licence,
        editors=tuple(resource.editors),
        host_title=resource.host_title,
        volume=resource.volume,
        issue=resource.issue,
        pages=resource.pages,
        edition=resource.edition,
        place=resource.place,
        issn=resource.issn,
        keywords=tuple(resource.keywords),
        transcript_url=resource.transcript_url,
        accessed_on=resource.accessed_on,
        related=around.related[record.pk],
        available_at=record.available_at,
        changed_at=record.changed_at,
    )


def _evaluation_of(resource: Resource) -> tuple[tuple[str, str], ...]:
    """What an evaluation says of itself; nothing of other resources."""
    if resource.kind != ResourceKind.EVALUATION:
        return ()
    values = (
        ("What was evaluated", resource.evaluated),
        ("Where", resource.setting),
        ("Method", resource.method),
        ("Sample", resource.sample),
        ("Findings", " ".join(resource.key_points)),
        ("Limits", resource.limits),
        ("Standard of evidence", resource.standard),
        ("Cost", resource.cost),
    )
    return tuple((label, words) for label, words in values if words.strip())


def _address_for_others(url: str) -> str:
    """The address of a work; "" if it is a page of this site that only this machine can open."""
    own = settings.SITE_ADDRESS
    return "" if url.startswith(f"{own}/") and not public_address(own) else url
