"""The history of published releases of an overview, for the protection of the next. Pure."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from waymark.core.errors import SpecError
from waymark.overview.disclosure.count_keys import with_keys
from waymark.overview.disclosure.engine.cells import joined_systems
from waymark.overview.disclosure.engine.history import ReleaseLedgerEntry
from waymark.overview.disclosure.engine.history_file import from_bytes, is_complete, to_bytes
from waymark.overview.disclosure.engine.release import EarlierReleases
from waymark.overview.disclosure.release_plan import ReleasePlan
from waymark.overview.disclosure.theme_access import facts_crossed, lists_themes
from waymark.overview.snapshot.rows import FrozenRows
from waymark.overview.spec.schema import read_overview


def past_of(rows: FrozenRows, earlier: Sequence[bytes], *, keep: bool) -> EarlierReleases:
    """Earlier releases in the engine's form, as seen from these rows. earlier: ledger entries."""
    return EarlierReleases(
        tuple(_with_keys(from_bytes(entry)) for entry in earlier),
        review_digests(rows),
        keep=keep,
        largest=largest_review(rows),
    )


def _with_keys(entry: ReleaseLedgerEntry) -> ReleaseLedgerEntry:
    """An entry from its file, where counts are known by their texts alone."""
    return replace(entry, system=with_keys(entry.system))


@lru_cache(maxsize=64)
def renamed_entry(content: bytes, name: str) -> bytes:
    """A ledger entry under another name, so that several overviews have different names."""
    return to_bytes(replace(from_bytes(content), name=name))


def review_digests(rows: FrozenRows) -> dict[str, str]:
    """Review -> a digest of the facts agreed about it and its children, without the quotes."""
    facts: dict[str, list[tuple[int, str, str]]] = {reference: [] for reference in rows.counted}
    for child in rows.children:
        facts[child.review].append((child.number, "", ""))
    for row in rows.judgements:
        facts[row.review].append((row.child or 0, row.variable, row.value))
    return {
        reference: hashlib.sha256(json.dumps(sorted(rows_of_review)).encode()).hexdigest()
        for reference, rows_of_review in sorted(facts.items())
    }


def largest_review(rows: FrozenRows) -> int:
    """The most children that a review has; 1 if none has any."""
    sizes: dict[str, int] = {}
    for child in rows.children:
        sizes[child.review] = sizes.get(child.review, 0) + 1
    return max(sizes.values(), default=1)


def open_entry(plan: ReleasePlan, name: str, past: EarlierReleases) -> ReleaseLedgerEntry:
    """The ledger entry of a release under open: every count was printed."""
    finest = [ladder.steps[0].system for ladder in plan.ladders]
    system = joined_systems([*finest, *plan.links])
    return ReleaseLedgerEntry(
        name,
        system,
        frozenset(),
        past.records,
        1,
        largest=past.largest,
        opened=lists_themes(plan.spec.tables),
        crossed=facts_crossed(plan.spec, plan.facts.framework),
    )


@lru_cache(maxsize=64)
def completed_entry(content: bytes, spec: str) -> bytes:
    """An entry of the first format completed from its spec; others as they are.

    spec: the source; if it can no longer be read, the worst is assumed. The first format did not
    keep the facts by which codes were counted, so such counts are as bad as lists of reviews.
    """
    if is_complete(content):
        return content
    entry = from_bytes(content)
    try:
        read, _ = read_overview(spec, file="overview.yaml")
    except SpecError:
        return to_bytes(entry)
    crossed = frozenset[str]() if entry.rounded else facts_crossed(read, None)
    listed = (entry.k == 1 or read.disclosure.open_process) and lists_themes(read.tables)
    return to_bytes(replace(entry, opened=listed or bool(crossed), crossed=crossed))
