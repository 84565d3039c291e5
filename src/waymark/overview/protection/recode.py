"""Coarser before emptier: of each table the finest version that loses little or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from waymark.core.errors import NotShown, Unprotectable
from waymark.overview.protection.cells import CountSystem
from waymark.overview.protection.suppress import Pattern, suppress

ALONE = (
    "In every version it has, more than half of its numbers would have to be withheld, or a number"
    " of people or reviews under {0} could be worked out. Leave it out, or give it a coarser"
    " version."
)
BESIDE = (
    "With what the other tables and earlier editions print, even its coarsest version would lose"
    " more than half of its numbers, or give a small one away. Leave it out, or give it a coarser"
    " version."
)


MOST_WITHHELD = 0.5
"""How much of its interior a table may lose; of more it is no table any longer."""


@dataclass(frozen=True, slots=True)
class Step:
    """One version of a table. interior: the keys of its cells that are no totals.

    last_resort: a version that gives up what the table is about (totals only); it is taken only
    when every other would lose more than half of its interior.
    """

    name: str
    system: CountSystem
    interior: frozenset[str]
    last_resort: bool = False


@dataclass(frozen=True, slots=True)
class Ladder:
    """The versions of one table, the finest first.

    lesser: the table of which this is a part that gives way before others do; "" for all others.
    """

    table: str
    steps: tuple[Step, ...]
    lesser: str = ""


def share_withheld(step: Step, withheld: frozenset[str]) -> float:
    """How much of the interior goes, 0 to 1; 0 where there is none."""
    return len(step.interior & withheld) / len(step.interior) if step.interior else 0.0


def choose(ladder: Ladder, k: int) -> int:
    """The place of the step to show of one table; as choose_each."""
    return choose_each([ladder], k)[ladder.table]


def choose_each(ladders: Sequence[Ladder], k: int) -> dict[str, int]:
    """The place of the step to show of each table, every step tried on its own.

    The first of which nothing need be withheld; failing that, the first that keeps at least half
    of its interior. Raises NotShown with every table that has none, so that all are put right at
    once.
    """
    found = {ladder.table: _chosen(ladder, k) for ladder in ladders}
    wanting = [table for table, place in found.items() if place is None]
    if len(wanting) == 1:
        said = (
            f"{wanting[0]} would lose more than half of its cells at {k} in every version: leave"
            " it out, or give it a coarser one"
        )
    elif wanting:
        said = (
            f"{', '.join(wanting[:-1])} and {wanting[-1]} would each lose more than half of their"
            f" cells at {k} in every version: leave them out, or give them coarser ones"
        )
    if wanting:
        raise NotShown(said, dict.fromkeys(wanting, ALONE.format(k)))
    return {table: place for table, place in found.items() if place is not None}


def _chosen(ladder: Ladder, k: int) -> int | None:
    """The place of the step to show; None where there is none."""
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


def _share_alone(step: Step, k: int) -> float | None:
    """None where some count cannot be protected at all, or too much goes for its own sake.

    What has no interior loses nothing; whether it can be protected shows in the release.
    """
    if share_withheld(step, step.system.primaries(k)) > MOST_WITHHELD:
        return None
    if not step.interior:
        return 0.0
    try:
        pattern = suppress(step.system, k, insiders=True)
    except Unprotectable:
        return None
    return share_withheld(step, pattern.withheld)


def next_step(ladder: Ladder, place: int) -> int:
    """The step after one that will not do in the release as a whole. Raises NotShown."""
    if place + 1 < len(ladder.steps):
        return place + 1
    said = (
        f"{ladder.table} cannot be shown in this release, with what the other tables and earlier"
        " releases print: leave it out, or give it a coarser version"
    )
    raise NotShown(said, {ladder.table: BESIDE})


def tables_with(key: str, ladders: Sequence[Ladder], places: dict[str, int]) -> list[str]:
    """The tables whose chosen step holds a count."""
    return [one.table for one in ladders if key in one.steps[places[one.table]].system.index]


def released(pattern: Pattern, step: Step) -> bool:
    """Whether a step still keeps at least half of its interior in the pattern of a release."""
    return share_withheld(step, pattern.withheld) <= MOST_WITHHELD
