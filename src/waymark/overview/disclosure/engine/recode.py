"""Recoding before suppression: of each table the finest version that loses little or nothing.

Ages in six bands by outcome, 12 cells, would lose 8; in four bands 2 of 8; so the table is shown in
four bands with 2 cells suppressed. A version that loses more than half is not shown at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from waymark.core.errors import TablesNotShown, UnprotectableCount
from waymark.core.wording import list_in_words
from waymark.overview.disclosure.engine.cells import CountSystem
from waymark.overview.disclosure.engine.suppress import SuppressionPattern, suppress_counts

ALONE = (
    "In every version, more than half of its numbers would have to be withheld, or a number of"
    " people or reviews under {0} could be worked out. Leave it out, or add a less detailed"
    " version."
)
BESIDE = (
    "Because of the numbers in other tables and earlier editions, even its least detailed version"
    " would lose more than half of its numbers, or reveal a small one. Leave it out, or add a less"
    " detailed version."
)


MOST_WITHHELD = 0.5
"""The largest share of its interior that a table may lose; beyond it, it is no table any more."""


@dataclass(frozen=True, slots=True)
class RecodeStep:
    """One version of a table. interior: the keys of its cells that are no totals.

    last_resort: a version that gives up the subject of the table (totals only); it is taken only
    if every other would lose more than half of its interior.
    """

    name: str
    system: CountSystem
    interior: frozenset[str]
    last_resort: bool = False


@dataclass(frozen=True, slots=True)
class RecodeLadder:
    """The versions of one table, the finest first.

    lesser: the table of which this is a part that gives way before others do; "" for all others.
    """

    table: str
    steps: tuple[RecodeStep, ...]
    lesser: str = ""


def share_withheld(step: RecodeStep, withheld: frozenset[str]) -> float:
    """The share of the interior that is withheld, 0 to 1; 0 if there is no interior."""
    return len(step.interior & withheld) / len(step.interior) if step.interior else 0.0


def choose_steps(ladders: Sequence[RecodeLadder], k: int) -> dict[str, int]:
    """The place of the step to show of each table, every step tried on its own.

    The first of which nothing need be withheld; failing that, the first that keeps at least half
    of its interior. Raises TablesNotShown with every table that has none, so that all are put
    right at once.
    """
    chosen = {ladder.table: _chosen_step(ladder, k) for ladder in ladders}
    wanting = [table for table, place in chosen.items() if place is None]
    if len(wanting) == 1:
        message = (
            f"{wanting[0]} would lose more than half of its cells at {k} in every version: leave"
            " it out, or add a less detailed one"
        )
    elif wanting:
        message = (
            f"{list_in_words(wanting)} would each lose more than half of their"
            f" cells at {k} in every version: leave them out, or add less detailed ones"
        )
    if wanting:
        raise TablesNotShown(message, dict.fromkeys(wanting, ALONE.format(k)))
    return {table: place for table, place in chosen.items() if place is not None}


def _chosen_step(ladder: RecodeLadder, k: int) -> int | None:
    """The place of the step to show; None if there is none."""
    # 8 of 12 cells lost, then 2 of 8, then none but totals only: the second is shown, because the
    # last resort is no "whole" version although nothing of it is withheld.
    shares = [_share_alone(step, k) for step in ladder.steps]
    whole = (
        place
        for place, step in enumerate(ladder.steps)
        if shares[place] == 0 and not step.last_resort
    )
    half = (
        place for place, share in enumerate(shares) if share is not None and share <= MOST_WITHHELD
    )
    return next(whole, next(half, None))


def _share_alone(step: RecodeStep, k: int) -> float | None:
    """The share withheld; None if a count cannot be protected, or primaries alone are too many.

    A step without an interior loses nothing; the release as a whole shows if it is safe.
    """
    if share_withheld(step, step.system.primaries(k)) > MOST_WITHHELD:
        return None
    if not step.interior:
        return 0.0
    try:
        pattern = suppress_counts(step.system, k, insiders=True)
    except UnprotectableCount:
        return None
    return share_withheld(step, pattern.withheld)


def next_step(ladder: RecodeLadder, place: int) -> int:
    """The step after one that will not do in the release as a whole. Raises TablesNotShown."""
    if place + 1 < len(ladder.steps):
        return place + 1
    message = (
        f"{ladder.table} cannot be shown in this release, because of the numbers in other tables"
        " and earlier releases: leave it out, or add a less detailed version"
    )
    raise TablesNotShown(message, {ladder.table: BESIDE})


def tables_with(key: str, ladders: Sequence[RecodeLadder], places: dict[str, int]) -> list[str]:
    """The tables whose chosen step has a count."""
    return [
        ladder.table for ladder in ladders if key in ladder.steps[places[ladder.table]].system.index
    ]


def keeps_half(pattern: SuppressionPattern, step: RecodeStep) -> bool:
    """Return True if a step keeps at least half of its interior in the pattern of a release."""
    return share_withheld(step, pattern.withheld) <= MOST_WITHHELD
