"""Work on many parts in several processes at once, with the results in the order of the parts."""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from typing import TypeVar

from waymark.core.processes import end_with_parent

MOST_PROCESSES = 4
"""More would take memory and the disk from the site, which answers at the same time."""
NICE = 5
AHEAD = 2
"""Parts for each process that are worked on before the results of earlier ones are used."""

Part = TypeVar("Part")
Result = TypeVar("Result")


def processors() -> int:
    """Number of processes that are worth their while here."""
    return min(len(os.sched_getaffinity(0)), MOST_PROCESSES)


def in_parallel(
    function: Callable[[Part], Result], parts: Iterable[Part], *, processes: int
) -> Iterator[Result]:
    """Yield the result of a function for each part, in order, worked out by copies of this process.

    function, parts and results must be values that can be pickled. processes: 1 to work here.
    Only a few parts are worked ahead, so memory does not grow with their number. No connection
    to a database may be open: two processes must not use one.
    """
    if processes < 2:
        yield from map(function, parts)
        return
    pool = ProcessPoolExecutor(
        processes,
        mp_context=get_context("fork"),
        initializer=_prepare_copy,
        initargs=(os.getpid(),),
    )
    remaining = iter(parts)
    waiting: deque[Future[Result]] = deque()
    try:
        waiting.extend(pool.submit(function, part) for part in islice(remaining, AHEAD * processes))
        while waiting:
            yield waiting.popleft().result()
            waiting.extend(pool.submit(function, part) for part in islice(remaining, 1))
    finally:
        pool.shutdown(cancel_futures=True)


def _prepare_copy(parent: int) -> None:
    end_with_parent(parent)
    # Ctrl-C reaches every process of the terminal: the parent alone decides what follows.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICE)
