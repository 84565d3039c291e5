"""Pause garbage collection while very many rows are created."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

MANY = 100_000
"""Number of objects above which a search for cycles takes noticeable time."""


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause the cyclic garbage collector while millions of rows are created.

    It would scan all rows again and again, which takes longer than creating them, and find nothing,
    because rows do not refer to each other. If many were created, they are frozen, so that later
    scans skip them too. Reference counting still frees rows.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        # get_count()[0] is the number of objects since the last collection: about the new rows.
        if gc.get_count()[0] > MANY:
            gc.freeze()
        gc.enable()
