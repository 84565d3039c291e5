"""Keep the vectors of search by meaning up to date.

Vectors follow the records in two steps. follow_changes(), with the index of words, removes at once
what may no longer be found and changes from when it may; it computes nothing. embed_some(), in a
slower queue, makes the vectors that are missing. Which records are complete is in the state beside
the vectors, so that vectors that were deleted are made again.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.jobs import HOUR
from waymark.library.indexing.meaning_texts import MeaningTexts, meaning_texts
from waymark.library.meaning.embedder import embedder
from waymark.library.meaning.gate import GateResult
from waymark.library.meaning.vectors import VectorFiles
from waymark.library.queries.meaning import JUDGE
from waymark.library.queries.vector_files import (
    COMPLETE,
    SETTLED,
    record_versions,
    settled_mark,
    vector_folder,
    vectors_for,
)

if TYPE_CHECKING:
    from waymark.library.meaning.embedder import Vectors

log = logging.getLogger(__name__)

AT_ONCE = 32
"""Texts in one run, which takes some seconds."""
RECORDS_AT_ONCE = 50
USED = "used"
"""Note beside the vectors: when a worker with the setting on last saw them, to the hour."""
UNUSED = timedelta(days=1)


def follow_changes(records: Iterable[int], *, now: datetime) -> None:
    """Remove the vectors of texts of these records that may no longer be found, and move moments.

    Without vectors it does nothing.
    """
    if not vector_folder().exists():
        return
    numbers = list(records)
    for start in range(0, len(numbers), RECORDS_AT_ONCE):
        some = numbers[start : start + RECORDS_AT_ONCE]
        _store(some, meaning_texts(some, now))


def embed_some(*, now: datetime) -> bool:
    """Make some of the vectors that are missing; False if none is.

    With the setting off it deletes vectors that are not in use. Raises MissingExtra without the
    extra, and RuleError if the model's file is another one.
    """
    if not settings.MEANING:
        return forget_unused_vectors(now=now)
    store = vectors_for(staff=True)
    _note_use(store, now)
    newest = settled_mark()
    if store.note(SETTLED) == newest:
        return False
    # Read before the texts, so that a later change is pending again.
    versions = record_versions()
    complete: dict[str, str] = store.note(COMPLETE) or {}
    follow_changes([int(key) for key in complete if key not in versions], now=now)
    done = {key: version for key, version in complete.items() if key in versions}
    pending = [key for key, version in versions.items() if done.get(key) != version]
    left = AT_ONCE
    for key in pending[:RECORDS_AT_ONCE]:
        embedded, whole = _embed_record(int(key), now, most=left)
        left -= embedded
        if whole:
            done[key] = versions[key]
        if left <= 0:
            break
    if done != complete:
        store.write_note(COMPLETE, done)
    if done == versions:
        store.write_note(SETTLED, newest)
    return True


def _embed_record(record: int, now: datetime, *, most: int) -> tuple[int, bool]:
    """Make at most so many vectors of a record; their number, and whether it has all of them."""
    texts = meaning_texts([record], now)
    missing = _store([record], texts)
    some = missing[:most]
    if some:
        vectors = embedder().embed([texts.texts[text] for text in some])
        # Read again: something may have been withdrawn in these seconds.
        again = meaning_texts([record], now)
        _store([record], again, dict(zip(some, vectors, strict=True)))
    return len(some), len(some) == len(missing)


def forget_unused_vectors(*, now: datetime) -> bool:
    """Delete all vectors if no worker has used them for a day; False if it did not.

    Not at once: the setting may be off in one shell or worker and on in the rest of the site.
    """
    if not vector_folder().exists():
        return False
    store = vectors_for(staff=True)
    used = _last_use(store)
    if used is None:
        store.write_note(USED, now.isoformat())
    if used is None or now - used < UNUSED:
        return False
    shutil.rmtree(vector_folder(), ignore_errors=True)
    log.warning(
        "deleted the vectors of search by meaning: WAYMARK_MEANING is off here, and no worker has "
        "used them since %s",
        used.isoformat(timespec="minutes"),
    )
    return True


def _note_use(store: VectorFiles, now: datetime) -> None:
    used = _last_use(store)
    if used is None or now - used >= HOUR:
        store.write_note(USED, now.isoformat())


def _last_use(store: VectorFiles) -> datetime | None:
    used = store.note(USED)
    return None if used is None else datetime.fromisoformat(used)


@audit.serialized
def store_gate(*, by: Actor, result: GateResult, now: datetime) -> None:
    """Store what the judged queries of this collection say of this model."""
    require_permission(by, "catalogue")
    audit.record_entry(actor=by, action=JUDGE, subject="search", now=now, **result.as_json())


def _store(
    records: Sequence[int], texts: MeaningTexts, new: dict[bytes, Vectors] | None = None
) -> list[bytes]:
    """Store the rows whose vectors are known; return the hashes of the texts that lack one."""
    known = dict(new or {})
    staff = vectors_for(staff=True)
    known |= staff.vectors_of(texts.texts.keys() - known.keys())
    for audience, rows in ((staff, texts.staff), (vectors_for(staff=False), texts.public)):
        audience.replace(records, [row for row in rows if row.text in known], known)
    return [key for key in texts.texts if key not in known]
