"""Factors that are recorded together: their combinations as unknowns."""

import re
from collections.abc import Iterator, Sequence
from itertools import product

from waymark.publishing.attack.grid import plain_label
from waymark.publishing.attack.merge_files import MergedTable, PrintedBlock
from waymark.publishing.attack.unknowns import Name, UnknownCounts

TOGETHER = re.compile(r"Counted: (.+?)\. Each counts once")
MANY = 6
"""The most factors whose combinations become unknowns: 64 of them."""


def tie_factors(system: UnknownCounts, table: MergedTable, note: str) -> None:
    """The number of several factors recorded in a review, tied to how often each is recorded.

    Factors a and b make four patterns: neither 00, b 01, a 10, both 11. The table prints none = 00,
    one = 01 + 10 and two = 11; another table prints a = 10 + 11 and b = 01 + 11. With a 7, b 6 and
    one 9, two follows: (7 + 6 - 9) / 2 = 2, although it is withheld.
    """
    listed = TOGETHER.search(note)
    block = table.blocks[0] if table.blocks else None
    if listed and block and block.base:
        sets = [_factor_labels(text) for text in listed[1].split(";")]
        if sum(map(len, sets)) <= MANY:
            _tie_patterns(system, table, block, sets)


def _tie_patterns(
    system: UnknownCounts, table: MergedTable, block: PrintedBlock, sets: Sequence[Sequence[str]]
) -> None:
    if block.base is None:
        return
    atoms = [label for labels in sets for label in labels]
    names = _pattern_unknowns(system, table, len(atoms), block.base[0])
    for place, label in enumerate(atoms):
        for name in system.named.get((*block.base, frozenset({label})), [])[:1]:
            parts = [names[pattern] for pattern in names if pattern[place]]
            system.add_sum(name, parts, guessed=True)
    # Rows "none of these", "one", "two" for two sets of factors: row n counts the patterns in which
    # n sets are met. With two sets of one factor each these are (no, no); (yes, no) and (no, yes);
    # (yes, yes).
    rows = [(table.id, at, 0) for at, line in block.lines if line.role == "part"]
    if len(rows) == len(sets) + 1:
        for number_of, row in enumerate(rows):
            parts = [names[pattern] for pattern in names if _sets_met(sets, pattern) == number_of]
            system.add_sum(row, parts, guessed=True)


def _pattern_unknowns(
    system: UnknownCounts, table: MergedTable, atoms: int, base: int
) -> dict[tuple[int, ...], Name]:
    """An unknown for each pattern of so many factors, recorded (1) or not (0)."""
    patterns = list(product((0, 1), repeat=atoms))
    names = [(f"{table.id} together", at, 0) for at in range(len(patterns))]
    system.low.update(dict.fromkeys(names, 0.0))
    system.high.update(dict.fromkeys(names, float(base)))
    return dict(zip(patterns, names, strict=True))


def _factor_labels(factors: str) -> list[str]:
    inside = re.search(r"\((.+)\)", factors)
    names: Iterator[str] = iter(inside[1].split(" or ")) if inside else iter([factors])
    return [plain_label(name) for name in names]


def _sets_met(sets: Sequence[Sequence[str]], pattern: Sequence[int]) -> int:
    """The number of sets with a factor recorded: of sets (a, b) and (c), pattern 1 1 0 meets 1."""
    met, at = 0, 0
    for factors in sets:
        met += any(pattern[at : at + len(factors)])
        at += len(factors)
    return met
