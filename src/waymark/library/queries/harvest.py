"""What harvesters (OAI-PMH) are told: every record the public ever found, also that it is gone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.db.models import Min, Q, QuerySet

from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writing.dublin_core import OAI_DC, dublin_core_element
from waymark.library.exchange.writing.dublin_core import SCHEMA as OAI_DC_SCHEMA
from waymark.library.exchange.writing.marc import NAMESPACE, marcxml_element
from waymark.library.exchange.writing.marc import SCHEMA as MARC_SCHEMA
from waymark.library.hits import open_records
from waymark.library.kinds import CASE_REVIEW, KINDS, kind_of
from waymark.library.listing import RULES, RecordClass
from waymark.library.models import CatalogueRecord
from waymark.library.oai import Format, Item, Set, Wanted
from waymark.library.queries.exchange import (
    RESOURCE,
    REVIEW,
    PageOf,
    key_of,
    name_of,
    record_data,
)

SALT = "waymark.oai"
RESOURCES = "resources"
FORMATS = (
    Format("oai_dc", OAI_DC_SCHEMA, OAI_DC),
    Format("marc21", MARC_SCHEMA, NAMESPACE),
)


@dataclass(frozen=True, slots=True)
class Repository:
    """The library as oai.Source. host: the repository's name in identifiers."""

    name: str
    mail: str
    host: str
    page_of: PageOf
    now: datetime

    def earliest(self) -> datetime:
        """The first moment at which anything was told."""
        found = _ever().aggregate(first=Min("harvest_at"))["first"]
        return found or self.now

    def sets(self) -> Sequence[Set]:
        """Case reviews; resources, and each kind of them."""
        kinds = [(kind, label) for kind, label in KINDS.items() if kind != CASE_REVIEW]
        return [
            Set(CASE_REVIEW, f"{KINDS[CASE_REVIEW]}s"),
            Set(RESOURCES, "Resources"),
            *(Set(f"{RESOURCES}:{kind}", label) for kind, label in kinds),
        ]

    def formats(self) -> Sequence[Format]:
        """Dublin Core and MARC 21 in XML, of every record."""
        return FORMATS

    def item(self, identifier: str) -> Item | None:
        """The item of an identifier of this repository."""
        scheme, _, rest = identifier.partition(f":{self.host}:")
        kind, _, name = rest.partition("/")
        if scheme != "oai" or kind not in {REVIEW, RESOURCE}:
            return None
        wanted = Q(review__reference=name) if kind == REVIEW else Q(resource__key=name)
        return next(iter(self._items(list(_ever().filter(wanted)))), None)

    def items(self, wanted: Wanted, limit: int) -> Sequence[Item]:
        """The next items, with what they need read in a few queries."""
        rows = _listed(wanted)
        if wanted.after is not None:
            at, number = wanted.after
            rows = rows.filter(Q(harvest_at__gt=at) | Q(harvest_at=at, pk__gt=number))
        return self._items(list(rows.order_by("harvest_at", "pk")[:limit]))

    def count(self, wanted: Wanted) -> int:
        """How many items the list has now."""
        return _listed(wanted).count()

    def seal(self, said: str) -> str:
        """Signed, of letters that need no escaping in an address."""
        return signing.dumps(said, salt=SALT)

    def unseal(self, token: str) -> str | None:
        """What was sealed here."""
        try:
            said = signing.loads(token, salt=SALT)
        except signing.BadSignature:
            return None
        return str(said)

    def _items(self, rows: Sequence[CatalogueRecord]) -> list[Item]:
        data = {
            one.key: one
            for one in record_data(
                [row.pk for row in rows],
                person=AnonymousUser(),
                now=self.now,
                page_of=self.page_of,
            )
        }
        return [self._item(row, data) for row in rows]

    def _item(self, row: CatalogueRecord, data: Mapping[str, RecordData]) -> Item:
        key = key_of(row)
        told = data.get(key)
        metadata = (
            {}
            if told is None
            else {
                "oai_dc": partial(dublin_core_element, told),
                "marc21": partial(marcxml_element, told),
            }
        )
        kind = kind_of(row)
        sets = (kind,) if kind == CASE_REVIEW else (RESOURCES, f"{RESOURCES}:{kind}")
        at = row.harvest_at or datetime.min.replace(tzinfo=UTC)
        return Item(f"oai:{self.host}:{key}", at, row.pk, sets, metadata)


def _ever() -> QuerySet[CatalogueRecord]:
    """Every record that the public could find at some time."""
    rows = CatalogueRecord.objects.filter(available_at__isnull=False, harvest_at__isnull=False)
    return rows.select_related("review", "resource")


def _listed(wanted: Wanted) -> QuerySet[CatalogueRecord]:
    """A whole list: of its set and between its dates."""
    rows = _ever()
    if wanted.spec == CASE_REVIEW:
        rows = rows.filter(review__isnull=False)
    elif wanted.spec:
        rows = rows.filter(resource__isnull=False)
        _, _, kind = wanted.spec.partition(":")
        rows = rows.filter(resource__kind=kind) if kind else rows
    if wanted.since is not None:
        rows = rows.filter(harvest_at__gte=wanted.since)
    if wanted.until is not None:
        rows = rows.filter(harvest_at__lte=wanted.until)
    return rows


def listed_pages(now: datetime, page_of: PageOf, *, most: int) -> list[tuple[str, datetime]]:
    """For a sitemap: the pages of public records that search engines may list, with when each
    last changed; the newest first, at most `most`."""
    listed = [
        kind for kind in (RecordClass.CASE_REVIEW, RecordClass.RESOURCE) if RULES[kind].listed
    ]
    allowed = Q(pk__in=[])
    if RecordClass.CASE_REVIEW in listed:
        allowed |= Q(review__isnull=False)
    if RecordClass.RESOURCE in listed:
        allowed |= Q(resource__isnull=False)
    rows = open_records(AnonymousUser(), now).filter(allowed).select_related("review", "resource")
    return [
        (page_of(*name_of(row)), row.changed_at)
        for row in rows.order_by("-changed_at", "pk")[:most]
    ]
