"""Search by meaning: whether it is on, and the passages that are near a question."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings

from waymark.accounts.models import AuditEntry
from waymark.core.errors import MissingExtra, RuleError
from waymark.documents.models import Review
from waymark.library.meaning.embedder import MODEL_SHA256, embedder
from waymark.library.meaning.vectors import NearPassage, text_hash
from waymark.library.models import CatalogueRecord, Resource
from waymark.library.queries.vector_files import vectors_for
from waymark.library.search.index_values import microseconds
from waymark.library.search.protocol import SearchAudience

log = logging.getLogger(__name__)

JUDGE = "judge search by meaning"
"""Action of the audit log. Its last entry is the gate: it is in every backup, and stays when the
vectors are deleted."""
RECORDS = 20
"""Most records that are found by meaning."""
NEAR_PASSAGES = 200
"""Passages among which the records are: several are of the same."""
PASSAGES_OF_A_RECORD = 3
LEAST_LIKENESS = 0.3
"""Below this, texts have no more in common than their language."""


@dataclass(frozen=True, slots=True)
class NearRecord:
    """A record near a question. likeness: of its nearest text; passages: nearest first.

    description: hash of its title and summary if they are near as well, else b"".
    """

    record: int
    likeness: float
    passages: tuple[int, ...]
    description: bytes


def meaning_is_on() -> bool:
    """True if the setting is on and the gate of this collection and model says that it helps."""
    return bool(settings.MEANING) and bool((gate() or {}).get("helps"))


def gate() -> Mapping[str, object] | None:
    """The stored result of the gate of this model (gate.GateResult); None if it was not run."""
    entries = AuditEntry.objects.filter(action=JUDGE, detail__model=MODEL_SHA256)
    entry = entries.order_by("-at", "-pk").first()
    return None if entry is None else entry.detail


def description_text(item: Review | Resource) -> str:
    """The text of a record beside its passages: its title and summary."""
    return f"{item.title}. {item.summary}"


def current_descriptions(hashes: Mapping[int, bytes]) -> set[int]:
    """Those of some records, each with the hash of a description, that still have this one."""
    if not hashes:
        return set()
    records = CatalogueRecord.objects.select_related("review", "resource").in_bulk(list(hashes))
    return {
        number
        for number, record in records.items()
        if text_hash(description_text(record.described)) == hashes[number]
    }


def near_records(question: str, audience: SearchAudience) -> list[NearRecord]:
    """The records with the texts nearest to a question, nearest first; [] if it cannot be known.

    What was found must be checked in the database before it is shown.
    """
    try:
        vector = embedder().embed_question(question)
    except (MissingExtra, RuleError) as error:
        # A search by words is better than none.
        log.warning("search by meaning: %s", error)
        return []
    near = vectors_for(staff=audience.staff).nearest(
        vector, now=microseconds(audience.now), limit=NEAR_PASSAGES
    )
    return _by_record(row for row in near if row.likeness >= LEAST_LIKENESS)


def _by_record(near: Iterable[NearPassage]) -> list[NearRecord]:
    """Records in the order of their nearest text; descriptions have no passage to show."""
    likeness: dict[int, float] = {}
    passages: dict[int, list[int]] = {}
    descriptions: dict[int, bytes] = {}
    for row in near:
        likeness.setdefault(row.record, row.likeness)
        if row.passage > 0:
            passages.setdefault(row.record, []).append(row.passage)
        else:
            descriptions[row.record] = row.text
    return [
        NearRecord(
            record,
            nearest,
            tuple(passages.get(record, ())[:PASSAGES_OF_A_RECORD]),
            descriptions.get(record, b""),
        )
        for record, nearest in likeness.items()
    ][:RECORDS]
