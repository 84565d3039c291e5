"""An attacker without any solver: tries every table of whole numbers that fits what is printed."""

from collections.abc import Iterable, Iterator

from waymark.overview.disclosure.engine.cells import CountSystem


def seen_by_trying(
    system: CountSystem, withheld: Iterable[str], *, limit: int
) -> dict[str, tuple[int, int]]:
    """Withheld or latent key -> least and most in any table that fits, no count above limit."""
    hidden = set(withheld) | {c.key for c in system.counts if c.exposure == "latent"}
    order = [count.key for count in system.counts if count.key in hidden]
    printed = {count.key: count.value for count in system.counts if count.key not in hidden}
    equations = [(dict(equation.terms), equation.constant) for equation in system.equations]
    found: dict[str, tuple[int, int]] = {}
    for table in _tables(order, equations, printed, limit):
        for key in order:
            least, most = found.get(key, (table[key], table[key]))
            found[key] = min(least, table[key]), max(most, table[key])
    return found


def _tables(
    order: list[str],
    equations: list[tuple[dict[str, int], int]],
    known: dict[str, int],
    limit: int,
) -> Iterator[dict[str, int]]:
    if not order:
        yield known
        return
    key, rest = order[0], order[1:]
    for value in range(limit + 1):
        table = {**known, key: value}
        if all(_can_hold(terms, constant, table, limit) for terms, constant in equations):
            yield from _tables(rest, equations, table, limit)


def _can_hold(terms: dict[str, int], constant: int, table: dict[str, int], limit: int) -> bool:
    low = high = 0
    for key, factor in terms.items():
        ends = (table[key], table[key]) if key in table else (0, limit)
        low += min(factor * ends[0], factor * ends[1])
        high += max(factor * ends[0], factor * ends[1])
    return low <= constant <= high
