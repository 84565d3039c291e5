"""Work on many parts in several processes at once, with the results in the order of the parts."""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from threading import Thread, get_native_id
from typing import TypeVar

from waymark.core.processes import end_with_parent

MOST_PROCESSES = 4
"""More would take memory and the disk from the site, which answers at the same time."""
NICE = 5
LOW_PRIORITY = 10
"""Niceness of long work that nobody waits for."""
AHEAD = 2
"""Parts for each process that are worked on before the results of earlier ones are used."""

Part = TypeVar("Part")
Result = TypeVar("Result")


def processors() -> int:
    """Number of processes that are worth their while here."""
    return min(len(os.sched_getaffinity(0)), MOST_PROCESSES)


def at_low_priority(function: Callable[[], Result]) -> Result:
    """Run a function on a thread of low priority and wait for its result.

    Of a process that does nothing else: pages of other processes then come first. The thread ends
    with the process. A connection to the database that it opens is for it to close.
    """
    outcome: Future[Result] = Future()

    def run() -> None:
        try:
            os.setpriority(os.PRIO_PROCESS, get_native_id(), LOW_PRIORITY)
            outcome.set_result(function())
        except BaseException as error:  # noqa: BLE001 (raised again in the thread that waits)
            outcome.set_exception(error)

    Thread(target=run, name="low priority", daemon=True).start()
    return outcome.result()


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
