"""Threads that wait for something slow: a process that draws a page, a store of files.

Some stay free for pages, however many visitors ask for such things and however slow they are.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from waymark.web.server.serve import THREADS

WAITING_AT_ONCE = THREADS - 2
"""Threads of one process that wait at a time."""
_places = BoundedSemaphore(WAITING_AT_ONCE)


@contextmanager
def place_to_wait() -> Iterator[bool]:
    """True if this thread may wait during the block; False if enough do."""
    free = _places.acquire(blocking=False)
    try:
        yield free
    finally:
        if free:
            _places.release()
