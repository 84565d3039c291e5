"""Contacts of a year as protected counts: by topic and by channel, referred or not. Pure.

Both tables have the same column totals, so they are one system of counts: what one prints must not
undo what the other withholds. The number of all contacts is known.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from waymark.core.tables import whole_percent
from waymark.indicators.contact_terms import CHANNELS, TOPICS
from waymark.overview.disclosure.engine.cells import CountSystem, Equation
from waymark.overview.disclosure.engine.cube import ALL, CubeAxis, cube_system, key_of
from waymark.overview.disclosure.engine.protect_counts import ProtectedCounts, protect_counts

REFERRED, NOT_REFERRED = "yes", "no"
_TABLES = (("topic", TOPICS), ("channel", CHANNELS))


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """What is counted of a contact. topic: of TOPICS; channel: of CHANNELS."""

    topic: str
    channel: str
    referred: bool


@dataclass(frozen=True, slots=True)
class HighlightRow:
    """Row of a table, as printed: numbers with separators, or [c]."""

    label: str
    referred: str
    not_referred: str
    total: str


@dataclass(frozen=True, slots=True)
class ContactHighlightTables:
    """Protected counts of a year. referred_percent: None if the number is withheld."""

    profile: str
    total: str
    referred_percent: int | None
    topics: tuple[HighlightRow, ...]
    channels: tuple[HighlightRow, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values, to store and to publish."""
        return asdict(self)


def highlight_tables(contacts: Iterable[ContactFacts], profile: str) -> ContactHighlightTables:
    """Count and protect the contacts of a year.

    Raises RuleError for an unknown profile, UnprotectableCount if no pattern is safe.
    """
    rows = list(contacts)
    system = _system(rows)
    counts = protect_counts(system, profile)
    topics, channels = (_rows(counts, name, labels) for name, labels in _TABLES)
    return ContactHighlightTables(
        profile, topics[-1].total, _share(counts), tuple(topics), tuple(channels)
    )


def _system(rows: Sequence[ContactFacts]) -> CountSystem:
    """Both tables as one system, joined at their column totals."""
    cubes = []
    for name, labels in _TABLES:
        counted: Counter[tuple[str, ...]] = Counter(
            (getattr(row, name), REFERRED if row.referred else NOT_REFERRED) for row in rows
        )
        axes = (CubeAxis(tuple(labels)), CubeAxis((REFERRED, NOT_REFERRED)))
        cubes.append(cube_system(name, axes, counted))
    ties = tuple(
        Equation(((key_of("topic", (ALL, column)), 1), (key_of("channel", (ALL, column)), -1)))
        for column in (REFERRED, NOT_REFERRED, ALL)
    )
    first, second = cubes
    return CountSystem(
        (*first.counts, *second.counts), (*first.equations, *second.equations, *ties)
    )


def _rows(counts: ProtectedCounts, name: str, labels: Mapping[str, str]) -> list[HighlightRow]:
    lines = [*labels.items(), (ALL, "All contacts")]
    return [
        HighlightRow(
            label,
            *(_shown(counts, key_of(name, (key, to))) for to in (REFERRED, NOT_REFERRED, ALL)),
        )
        for key, label in lines
    ]


def _shown(counts: ProtectedCounts, key: str) -> str:
    number = counts.printed[key]
    return counts.shown(key) if number is None else f"{number:,}"


def _share(counts: ProtectedCounts) -> int | None:
    """Share of referred contacts, of the printed numbers alone."""
    referred = counts.printed[key_of("topic", (ALL, REFERRED))]
    total = counts.printed[key_of("topic", (ALL, ALL))]
    return whole_percent(referred, total) if referred is not None and total else None
