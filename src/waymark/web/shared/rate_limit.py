"""Rate limit on costly searches from one address without signing in.

Crawlers that follow every combination of filters, page by page, can use up a server. Searches,
first pages and a few filters are what people need and are never limited; later pages and long
combinations are limited where one address requests many of them in a short time. Each process
counts separately and in memory only: nothing about visitors is stored.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

FAR_PAGE, MANY_CHOICES = 10, 4
AT_ONCE, A_MINUTE = 30, 20
"""Costly pages allowed in one burst, and how many more each minute."""
MOST_ADDRESSES = 10_000


class RateLimiter:
    """Token bucket per address: `at_once` in one burst, `a_minute` more each minute."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        at_once: int = AT_ONCE,
        a_minute: float = A_MINUTE,
    ) -> None:
        self.clock, self.at_once, self.a_minute = clock, float(at_once), a_minute
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def allows(self, address: str) -> bool:
        """Return True and count one request when the address is within its limit.

        Example: after 30 at once, an address waits 3 seconds (60 / 20) for each further one.
        """
        now = self.clock()
        with self._lock:
            # pop and set move the address to the end, so the first one is the least recently seen.
            left, at = self._left.pop(address, (self.at_once, now))
            # Refill for the time since the last request, up to the size of the burst.
            left = min(self.at_once, left + (now - at) * self.a_minute / 60)
            allowed = left >= 1
            self._left[address] = (left - 1 if allowed else left, now)
            while len(self._left) > MOST_ADDRESSES:
                self._left.popitem(last=False)
        return allowed

    def forget(self) -> None:
        """Begin anew for all addresses."""
        with self._lock:
            self._left.clear()


def is_costly(*, page: int, choices: int) -> bool:
    """True for a page of results that people rarely request but crawlers do without end."""
    return page >= FAR_PAGE or choices >= MANY_CHOICES
