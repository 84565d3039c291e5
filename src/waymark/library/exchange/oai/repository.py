"""The repository that harvesters (OAI-PMH) read, as the protocol sees it: sets, formats, items.

Pure. queries.harvest has the repository of the library.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from lxml import etree


@dataclass(frozen=True, slots=True)
class MetadataFormat:
    """A metadata format. prefix: its name in requests."""

    prefix: str
    schema: str
    namespace: str


@dataclass(frozen=True, slots=True)
class RecordSet:
    """A set of records. spec: hierarchical, levels divided by colons."""

    spec: str
    name: str


@dataclass(frozen=True, slots=True)
class HarvestItem:
    """A record as harvesters get it. number: orders items with the same datestamp.

    metadata: prefix -> function that makes the description; empty if the item is deleted.
    """

    identifier: str
    datestamp: datetime
    number: int
    sets: tuple[str, ...]
    metadata: Mapping[str, Callable[[], etree._Element]] = field(default_factory=dict)

    @property
    def deleted(self) -> bool:
        """True if harvesters may know the record, but it is no longer public."""
        return not self.metadata


@dataclass(frozen=True, slots=True)
class ListRequest:
    """A request for a list. since, until: both included, None: no limit.

    after: (datestamp, number) of the last item sent, None at the beginning; sent: items so far.
    """

    prefix: str
    set_spec: str = ""
    since: datetime | None = None
    until: datetime | None = None
    after: tuple[datetime, int] | None = None
    sent: int = 0


class HarvestSource(Protocol):
    """A repository of items. host: its name in identifiers."""

    @property
    def name(self) -> str: ...

    @property
    def mail(self) -> str: ...

    @property
    def host(self) -> str: ...

    def earliest(self) -> datetime:
        """The earliest datestamp, including deleted items."""

    def sets(self) -> Sequence[RecordSet]:
        """All sets."""

    def formats(self) -> Sequence[MetadataFormat]:
        """All metadata formats."""

    def item(self, identifier: str) -> HarvestItem | None:
        """The item with this identifier; None if it was never public."""

    def items(self, request: ListRequest, limit: int) -> Sequence[HarvestItem]:
        """The next items of a list in the order (datestamp, number), at most limit."""

    def count(self, request: ListRequest) -> int:
        """The number of items in the whole list, including those sent."""

    def seal(self, text: str) -> str:
        """Sign a text, so that unseal() can tell it from a forged one."""

    def unseal(self, token: str) -> str | None:
        """The text that was sealed; None for any other token."""
