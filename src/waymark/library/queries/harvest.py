"""The library as a repository for harvesters (OAI-PMH): all records that were ever public.

Records that are no longer public are sent as deleted, so that harvesters remove their copies.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.db.models import Min, Q, QuerySet

from waymark.library.access.indexing_policy import RULES, RecordClass
from waymark.library.exchange.oai.repository import (
    HarvestItem,
    ListRequest,
    MetadataFormat,
    RecordSet,
)
from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writers.dublin_core import OAI_DC, dublin_core_element
from waymark.library.exchange.writers.dublin_core import SCHEMA as OAI_DC_SCHEMA
from waymark.library.exchange.writers.marc import NAMESPACE, marcxml_element
from waymark.library.exchange.writers.marc import SCHEMA as MARC_SCHEMA
from waymark.library.exchange.writers.mods import NAMESPACE as MODS
from waymark.library.exchange.writers.mods import SCHEMA as MODS_SCHEMA
from waymark.library.exchange.writers.mods import mods_element
from waymark.library.models import CatalogueRecord
from waymark.library.models.kinds import CASE_REVIEW, KINDS, kind_of
from waymark.library.queries.exchange import (
    RESOURCE,
    REVIEW,
    PageOf,
    exchange_key,
    kind_and_name,
    record_data,
)
from waymark.library.queries.hydrate import open_records

SALT = "waymark.oai"
RESOURCES = "resources"
FORMATS = (
    MetadataFormat("oai_dc", OAI_DC_SCHEMA, OAI_DC),
    MetadataFormat("marc21", MARC_SCHEMA, NAMESPACE),
    MetadataFormat("mods", MODS_SCHEMA, MODS),
)


@dataclass(frozen=True, slots=True)
class LibraryRepository:
    """The library as a HarvestSource. host: the repository's name in identifiers."""

    name: str
    mail: str
    host: str
    page_of: PageOf
    now: datetime

    def earliest(self) -> datetime:
        """The earliest datestamp; now if there are no items."""
        first = _ever_public().aggregate(first=Min("harvest_at"))["first"]
        return first or self.now

    def sets(self) -> Sequence[RecordSet]:
        """Case reviews; resources; and each kind of resource."""
        kinds = [(kind, label) for kind, label in KINDS.items() if kind != CASE_REVIEW]
        return [
            RecordSet(CASE_REVIEW, f"{KINDS[CASE_REVIEW]}s"),
            RecordSet(RESOURCES, "Resources"),
            *(RecordSet(f"{RESOURCES}:{kind}", label) for kind, label in kinds),
        ]

    def formats(self) -> Sequence[MetadataFormat]:
        """Dublin Core, MARC 21 in XML and MODS, for every record."""
        return FORMATS

    def item(self, identifier: str) -> HarvestItem | None:
        """The item with this identifier; None if it was never public."""
        scheme, _, rest = identifier.partition(f":{self.host}:")
        kind, _, name = rest.partition("/")
        if scheme != "oai" or kind not in {REVIEW, RESOURCE}:
            return None
        condition = Q(review__reference=name) if kind == REVIEW else Q(resource__key=name)
        return next(iter(self._items(list(_ever_public().filter(condition)))), None)

    def items(self, request: ListRequest, limit: int) -> Sequence[HarvestItem]:
        """The next items, read in a few queries."""
        rows = _listed_rows(request)
        if request.after is not None:
            # A key instead of an offset: rows that change during a harvest move to the end of the
            # list, and an offset would then skip others.
            at, number = request.after
            rows = rows.filter(Q(harvest_at__gt=at) | Q(harvest_at=at, pk__gt=number))
        return self._items(list(rows.order_by("harvest_at", "pk")[:limit]))

    def count(self, request: ListRequest) -> int:
        """The number of items in the whole list."""
        return _listed_rows(request).count()

    def seal(self, text: str) -> str:
        """The text, signed, in letters that need no escaping in a web address."""
        return signing.dumps(text, salt=SALT)

    def unseal(self, token: str) -> str | None:
        """The text of a token that seal() made; None for any other token."""
        try:
            text = signing.loads(token, salt=SALT)
        except signing.BadSignature:
            return None
        return str(text)

    def _items(self, rows: Sequence[CatalogueRecord]) -> list[HarvestItem]:
        data = {
            record.key: record
            for record in record_data(
                [row.pk for row in rows], person=AnonymousUser(), now=self.now, page_of=self.page_of
            )
        }
        return [self._item(row, data) for row in rows]

    def _item(self, row: CatalogueRecord, data: Mapping[str, RecordData]) -> HarvestItem:
        key = exchange_key(row)
        record = data.get(key)
        metadata = (
            {}
            if record is None
            else {
                "oai_dc": partial(dublin_core_element, record),
                "marc21": partial(marcxml_element, record),
                "mods": partial(mods_element, record),
            }
        )
        kind = kind_of(row)
        sets = (kind,) if kind == CASE_REVIEW else (RESOURCES, f"{RESOURCES}:{kind}")
        at = row.harvest_at or datetime.min.replace(tzinfo=UTC)
        return HarvestItem(f"oai:{self.host}:{key}", at, row.pk, sets, metadata)


def _ever_public() -> QuerySet[CatalogueRecord]:
    """All records that are or were public."""
    rows = CatalogueRecord.objects.filter(available_at__isnull=False, harvest_at__isnull=False)
    return rows.select_related("review", "resource")


def _listed_rows(request: ListRequest) -> QuerySet[CatalogueRecord]:
    """The rows of a whole list: of its set and between its dates."""
    rows = _ever_public()
    if request.set_spec == CASE_REVIEW:
        rows = rows.filter(review__isnull=False)
    elif request.set_spec:
        rows = rows.filter(resource__isnull=False)
        _, _, kind = request.set_spec.partition(":")
        rows = rows.filter(resource__kind=kind) if kind else rows
    if request.since is not None:
        rows = rows.filter(harvest_at__gte=request.since)
    if request.until is not None:
        rows = rows.filter(harvest_at__lte=request.until)
    return rows


def listed_pages(
    now: datetime, page_of: PageOf, *, most: int, without: Collection[str]
) -> list[tuple[str, datetime]]:
    """Sitemap entries (page, last change) of public records that search engines may list.

    Newest first, at most `most`. without: keys of resources that have another page.
    """
    listed = [
        kind for kind in (RecordClass.CASE_REVIEW, RecordClass.RESOURCE) if RULES[kind].listed
    ]
    allowed = Q(pk__in=[])
    if RecordClass.CASE_REVIEW in listed:
        allowed |= Q(review__isnull=False)
    if RecordClass.RESOURCE in listed:
        allowed |= Q(resource__isnull=False)
    rows = open_records(AnonymousUser(), now).filter(allowed).select_related("review", "resource")
    rows = rows.exclude(resource__key__in=without)
    return [
        (page_of(*kind_and_name(row)), row.changed_at)
        for row in rows.order_by("-changed_at", "pk")[:most]
    ]
