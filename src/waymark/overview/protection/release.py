"""A whole release protected together: versions of tables, links between them, earlier releases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from waymark.core.errors import Unprotectable
from waymark.overview.protection.cells import CountSystem, joined
from waymark.overview.protection.ledger import (
    Entry,
    change_since,
    check_method,
    kept_patterns,
    linked,
)
from waymark.overview.protection.recode import (
    Ladder,
    choose_each,
    next_step,
    released,
    tables_with,
)
from waymark.overview.protection.rounding import Rounded, rounded
from waymark.overview.protection.suppress import Pattern, suppress


@dataclass(frozen=True, slots=True)
class Past:
    """What was given out before. records, largest: those counted now, as in the ledger.

    keep: withhold again whatever an earlier release withheld.
    """

    ledger: tuple[Entry, ...] = ()
    records: Mapping[str, str] = field(default_factory=dict)
    keep: bool = False
    largest: int = 1


NOTHING_BEFORE = Past()


@dataclass(frozen=True, slots=True)
class SafeRelease:
    """steps: the place of the version shown of each table; pattern: audited, over all of them.

    system: the release alone, without earlier ones, as its own entry in the ledger holds it.
    """

    steps: Mapping[str, int]
    system: CountSystem
    pattern: Pattern


def suppressed_release(
    ladders: Sequence[Ladder],
    k: int,
    *,
    links: Sequence[CountSystem] = (),
    past: Past = NOTHING_BEFORE,
) -> SafeRelease:
    """Tables protected together at k. links: what else ties their counts (logic, joint counts).

    Each table starts with the version that would do for it alone and becomes coarser while the
    release as a whole needs it. Raises RuleError where a table has no version that will do.
    """
    places = choose_each(ladders, k)
    while True:
        system = joined([*(one.steps[places[one.table]].system for one in ladders), *links])
        try:
            pattern = _with_past(system, k, past)
        except Unprotectable as error:
            wanting = tables_with(_now(error.key, past), ladders, places)
            if not wanting:
                raise
        else:
            wanting = [
                one.table for one in ladders if not released(pattern, one.steps[places[one.table]])
            ]
            if not wanting:
                return SafeRelease(places, system, pattern)
        for ladder in ladders:
            if ladder.table in wanting:
                places[ladder.table] = next_step(ladder, places[ladder.table])


def _now(key: str, past: Past) -> str:
    """The key in this release of a count that an earlier one guards."""
    for entry in past.ledger:
        key = key.removeprefix(f"{entry.name}/")
    return key


def _with_past(system: CountSystem, k: int, past: Past) -> Pattern:
    check_method(past.ledger, rounding=False)
    forced = kept_patterns(past.ledger, system, past.records, k, keep=past.keep)
    whole = linked(system, past.ledger, past.records, largest=past.largest)
    guarded = frozenset[str]().union(*(entry.guarded for entry in past.ledger))
    return suppress(whole, k, forced=forced, guarded=guarded)


@dataclass(frozen=True, slots=True)
class RoundedRelease:
    """steps: the place of the version shown of each table; rounded: audited, over all of them."""

    steps: Mapping[str, int]
    rounded: Rounded


def rounded_release(
    ladders: Sequence[Ladder],
    base: int,
    *,
    links: Sequence[CountSystem] = (),
    past: Past = NOTHING_BEFORE,
) -> RoundedRelease:
    """Tables rounded together to multiples of base, so that totals add up across all of them.

    Each table starts with its finest version and becomes coarser while a small count in it can be
    narrowed too far. Raises RuleError where a table has no version that will do.
    """
    places = {ladder.table: 0 for ladder in ladders}
    check_method(past.ledger, rounding=True)
    before: dict[str, int] = {}
    for entry in past.ledger:
        if change_since(entry, past.records).all == 0:
            before |= entry.rounded
    while True:
        system = joined([*(one.steps[places[one.table]].system for one in ladders), *links])
        kept_patterns(past.ledger, system, past.records, base, keep=False)
        earlier = [linked(system, past.ledger, past.records, largest=past.largest)]
        try:
            made = rounded(system, base, besides=earlier, printed_before=before)
            return RoundedRelease(places, made)
        except Unprotectable as error:
            wanting = tables_with(error.key, ladders, places)
            if not wanting:
                raise
        for ladder in ladders:
            if ladder.table in wanting:
                places[ladder.table] = next_step(ladder, places[ladder.table])
