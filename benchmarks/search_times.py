"""Times as the search benchmark takes and tells them."""

import statistics
import time
from collections.abc import Callable, Mapping

# kind -> way -> milliseconds of each question.
Times = dict[str, dict[str, list[float]]]
# Milliseconds by the clock, and of the processor in the thread that asks (none works in others).
Taken = tuple[float, float]
RATIOS = (("engine", "bare"), ("engine", "least"), ("whole", "bare"), ("fts5", "bare"))


def taken(work: Callable[[], object]) -> Taken:
    started, begun = time.perf_counter(), time.thread_time()
    work()
    worked = time.thread_time() - begun
    return (time.perf_counter() - started) * 1_000, worked * 1_000


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def middle(of: list[Taken]) -> Taken:
    """The median by the clock, and that of the processor."""
    clock, processor = zip(*of, strict=True)
    return statistics.median(clock), statistics.median(processor)


def in_turn(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Taken]:
    """Of each way the medians of its rounds: each comes after each other."""
    times: dict[str, list[Taken]] = {way: [] for way in ways}
    order = list(ways)
    for _ in range(rounds):
        for way in order:
            times[way].append(taken(ways[way]))
        order = [*order[1:], order[0]]
    return {way: middle(of) for way, of in times.items()}


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def print_table(times: Times) -> None:
    """p50/p95 of each kind and way, in milliseconds, then their ratios."""
    everything: dict[str, list[float]] = {}
    for ways in times.values():
        for way, values in ways.items():
            everything.setdefault(way, []).extend(values)
    print(f"{'p50/p95 ms':<15}" + "".join(f"{way:>15}" for way in everything), end="")
    print("".join(f"{f'{a}/{b}':>14}" for a, b in RATIOS))
    for kind, ways in {**times, "all": everything}.items():
        cells = {way: (statistics.median(values), p95(values)) for way, values in ways.items()}
        line = "".join(f"{f'{low:.2f}/{high:.2f}':>15}" for low, high in cells.values())
        for one, base in RATIOS:
            low, high = (a / b for a, b in zip(cells[one], cells[base], strict=True))
            line += f"{f'{low:.2f}/{high:.2f}':>14}"
        print(f"{kind:<15}{line}")
