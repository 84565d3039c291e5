"""Making very many rows at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

MANY = 100_000
"""Objects from which on looking through them for cycles is felt."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Make rows by the million without looking for unreachable cycles among them.

    The search would go through all of them again and again, which takes longer than making them;
    rows refer to no row, so it would find nothing. Where many were made it leaves them out from
    then on, too. Counted references are let go as ever, and rows with them.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if gc.get_count()[0] > MANY:
            gc.freeze()
        gc.enable()
