"""How fast one address may walk through the library without signing in.

Programs that follow every combination of filters, page by page, can take all that a server has.
Searches, first pages and a few choices are what people need and are never held up; far pages and
long combinations are, where one address asks for many of them in a short time. Each process
counts for itself and forgets what it counted when it ends: nothing about visitors is stored.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

FAR_PAGE, MANY_CHOICES = 10, 4
AT_ONCE, A_MINUTE = 30, 20
"""Far pages and long combinations at once, and how many more each minute."""
MOST_ADDRESSES = 10_000


class Pace:
    """So many at once for each address, and so many more a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def allows(self, address: str) -> bool:
        """Whether an address may have one more; counts it if so."""
        now = self.clock()
        with self._lock:
            left, at = self._left.pop(address, (float(AT_ONCE), now))
            left = min(float(AT_ONCE), left + (now - at) * A_MINUTE / 60)
            allowed = left >= 1
            self._left[address] = (left - 1 if allowed else left, now)
            while len(self._left) > MOST_ADDRESSES:
                self._left.popitem(last=False)
        return allowed


def is_costly(*, page: int, choices: int) -> bool:
    """Whether a page of results is one that people rarely ask for, and programs without end."""
    return page >= FAR_PAGE or choices >= MANY_CHOICES
