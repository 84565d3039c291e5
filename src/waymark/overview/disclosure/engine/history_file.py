"""Ledger entries as bytes: the part of a release that is kept for all time, and secret.

An entry has the true values of withheld counts. It is kept like the rows themselves and is never
part of a publication.
"""

import json
import zlib
from typing import Any

from waymark.core.errors import RuleError
from waymark.overview.disclosure.engine.cells import Count, CountSystem, Equation
from waymark.overview.disclosure.engine.history import ReleaseLedgerEntry

FORMAT = "waymark-ledger 2"
FIRST = "waymark-ledger 1"
"""The format before, without the fields "opened" and "crossed"."""


def to_bytes(entry: ReleaseLedgerEntry) -> bytes:
    """Compressed canonical JSON."""
    plain = {
        "format": FORMAT,
        "name": entry.name,
        "counts": [[c.key, c.value, c.exposure, c.weight] for c in entry.system.counts],
        "equations": [[list(e.terms), e.constant] for e in entry.system.equations],
        "withheld": sorted(entry.withheld),
        "records": dict(entry.records),
        "k": entry.k,
        "rounded": dict(entry.rounded),
        "within": entry.within,
        "largest": entry.largest,
        "opened": entry.opened,
        "crossed": None if entry.crossed is None else sorted(entry.crossed),
    }
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return zlib.compress(text.encode(), 9)


def from_bytes(content: bytes) -> ReleaseLedgerEntry:
    """An entry from its bytes. Raises RuleError if it is of another format.

    Of an entry of the first format the worst is assumed: reviews were listed, and codes were
    counted by any fact. Its spec says more (overview.disclosure.release_history.completed_entry).
    """
    plain: dict[str, Any] = json.loads(zlib.decompress(content))
    if plain["format"] not in {FIRST, FORMAT}:
        raise RuleError(f"this ledger is of the format {plain['format']}, not {FORMAT}")
    crossed = plain.get("crossed")
    system = CountSystem(
        tuple(Count(*count) for count in plain["counts"]),
        tuple(
            Equation(tuple((key, factor) for key, factor in terms), constant)
            for terms, constant in plain["equations"]
        ),
    )
    return ReleaseLedgerEntry(
        plain["name"],
        system,
        frozenset(plain["withheld"]),
        plain["records"],
        plain["k"],
        plain["rounded"],
        plain["within"],
        plain["largest"],
        plain.get("opened", True),
        None if crossed is None else frozenset(crossed),
    )


def is_complete(content: bytes) -> bool:
    """Return True if an entry has all fields of the present format."""
    return bool(json.loads(zlib.decompress(content))["format"] == FORMAT)
