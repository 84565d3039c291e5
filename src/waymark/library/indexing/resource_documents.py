"""Index documents of resources: their catalogue record, which is all the library has of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.library.catalogue.resource_description import OF_EVALUATIONS
from waymark.library.indexing.embargo import embargo_end, opening_of
from waymark.library.indexing.index_fields import (
    analysed_subjects,
    analysed_text,
    available_from,
    day_of,
    names_of,
    terms_of,
)
from waymark.library.language.languages import language_of_tag
from waymark.library.models import CatalogueRecord, Resource
from waymark.library.models.kinds import KINDS, collection_of
from waymark.library.queries.subjects import RecordSubject
from waymark.library.search.known_items import (
    identifier_of,
    initials_of,
    name_orders,
    title_keys,
)
from waymark.library.search.protocol import DocumentVisibility, IndexDocuments, RecordDocument


def resource_documents(
    records: Iterable[CatalogueRecord], subjects: Mapping[int, list[RecordSubject]], now: datetime
) -> Iterator[IndexDocuments]:
    """Yield the documents of each record of a resource; none for a resource that nobody may see."""
    for record in records:
        resource = record.resource
        if resource is None or resource.state not in OPEN_TO_STAFF:
            yield IndexDocuments(record.pk)
        else:
            assigned = subjects.get(record.pk, [])
            yield IndexDocuments(record.pk, (_resource_document(record, resource, assigned, now),))


def _resource_document(
    record: CatalogueRecord, resource: Resource, subjects: Sequence[RecordSubject], now: datetime
) -> RecordDocument:
    """The one document of a resource: everybody who may see it sees all of it."""
    opening = opening_of(resource, now)
    # "Dated" needs a day: a resource with only a year sorts as of 1 January.
    year = resource.year or (resource.published_on.year if resource.published_on else None)
    return RecordDocument(
        visibility=DocumentVisibility(
            staff=True, public=opening is not None, since=embargo_end(opening)
        ),
        reports=(),
        title=analysed_text(resource.title, language_of_tag(resource.language)),
        texts=(
            *(
                analysed_text(text, language_of_tag(resource.language))
                for text in _own_texts(resource)
            ),
            *analysed_subjects(subjects),
        ),
        words={
            "kind": terms_of([resource.kind, KINDS[resource.kind]]),
            "subject": names_of(subjects),
            "nation": terms_of([resource.nation]),
            "title": terms_of([resource.title], language_of_tag(resource.language)),
            "author": terms_of(
                [
                    *(form for name in resource.authors for form in _forms_of(name, resource)),
                    resource.conducted_by,
                ]
            ),
            "publisher": terms_of([resource.publisher]),
        },
        facets={
            "collection": (collection_of(resource.kind),),
            "kind": (resource.kind,),
            "subject": tuple(subject.key for subject in subjects),
            "year": () if year is None else (str(year),),
            "nation": (resource.nation,) if resource.nation else (),
            "author": tuple(dict.fromkeys(resource.authors)),
            "publisher": (resource.publisher,) if resource.publisher else (),
        },
        identifiers=(
            *filter(None, map(identifier_of, _identifiers(resource))),
            *title_keys(resource.title, resource.strapline),
        ),
        dated=day_of(resource.published_on) or (day_of(date(year, 1, 1)) if year else 0),
        available=available_from(record, opening),
    )


def _forms_of(name: str, resource: Resource) -> tuple[str, ...]:
    return (name,) if name in resource.author_bodies else name_orders(name)


def _identifiers(resource: Resource) -> tuple[str, ...]:
    work = resource.isbn, resource.issn, resource.doi
    return resource.key, resource.report_number, *work, resource.url


def _own_texts(resource: Resource) -> list[str]:
    """The texts of a resource itself, the title first."""
    return [
        resource.title,
        resource.strapline,
        *resource.authors,
        initials_of(name for name in resource.authors if name not in resource.author_bodies),
        resource.conducted_by,
        resource.publisher,
        resource.series,
        resource.host_title,
        resource.report_number,
        *resource.editors,
        *resource.keywords,
        resource.summary,
        *resource.key_points,
        *(getattr(resource, name) for name in OF_EVALUATIONS),
        *(entry for entry, _ in resource.contents),
    ]
