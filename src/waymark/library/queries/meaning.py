"""Search by meaning: whether it is on, and the passages that are near a question."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from waymark.accounts.models import AuditEntry
from waymark.core.errors import MissingExtra, RuleError
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

    described: its title and summary are near as well.
    """

    record: int
    likeness: float
    passages: tuple[int, ...]
    described: bool


def vector_folder() -> Path:
    """Where the vectors of all models are: they can be made again, so no backup has them."""
    return Path(settings.DATA) / "meaning"


def meaning_is_on() -> bool:
    """True if the setting is on and the gate of this collection and model says that it helps."""
    return bool(settings.MEANING) and bool((gate() or {}).get("helps"))


def gate() -> Mapping[str, object] | None:
    """The stored result of the gate of this model (gate.GateResult); None if it was not run."""
    # What stays off imports nothing: neither numpy's part nor the model.
    from waymark.library.meaning.embedder import MODEL_SHA256

    entries = AuditEntry.objects.filter(action=JUDGE, detail__model=MODEL_SHA256)
    entry = entries.order_by("-at", "-pk").first()
    return None if entry is None else entry.detail


def near_records(question: str, audience: SearchAudience) -> list[NearRecord]:
    """The records with the texts nearest to a question, nearest first; [] if it cannot be known.

    What was found must be checked in the database before it is shown.
    """
    from waymark.library.meaning.embedder import embedder
    from waymark.library.queries.vector_files import vectors_for

    try:
        vector = embedder().embed([question])[0]
    except (MissingExtra, RuleError) as error:
        # A search by words is better than none.
        log.warning("search by meaning: %s", error)
        return []
    near = vectors_for(staff=audience.staff).nearest(
        vector, now=microseconds(audience.now), limit=NEAR_PASSAGES
    )
    return _by_record(
        (one.record, one.passage, one.likeness) for one in near if one.likeness >= LEAST_LIKENESS
    )


def _by_record(near: Iterable[tuple[int, int, float]]) -> list[NearRecord]:
    """Records in the order of their nearest text; descriptions have no passage to show."""
    likeness: dict[int, float] = {}
    passages: dict[int, list[int]] = {}
    described = set()
    for record, passage, likeness_of_it in near:
        likeness.setdefault(record, likeness_of_it)
        if passage > 0:
            passages.setdefault(record, []).append(passage)
        else:
            described.add(record)
    return [
        NearRecord(
            record,
            nearest,
            tuple(passages.get(record, ())[:PASSAGES_OF_A_RECORD]),
            record in described,
        )
        for record, nearest in likeness.items()
    ][:RECORDS]
