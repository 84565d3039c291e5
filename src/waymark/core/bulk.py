"""Making very many rows at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Leave the search for unreachable cycles for later.

    While a million rows are made it would go through all of them again and again, which takes
    longer than making them; rows refer to no row, so it would find nothing. Counted references
    are let go as ever.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
