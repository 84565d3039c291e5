"""Counters of requests and of ended processes, for Prometheus; made only where they are used."""

from functools import cache
from typing import Any

from waymark.core.extras import LaterModule

prometheus = LaterModule("prometheus_client")
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@cache
def _requests() -> Any:
    return prometheus.Counter(
        "waymark_requests", "Answered requests.", ["method", "route", "status"]
    )


@cache
def _request_seconds() -> Any:
    return prometheus.Histogram(
        "waymark_request_seconds", "Time until an answer began.", buckets=SECONDS
    )


@cache
def process_ends() -> Any:
    """Counter of processes of the site that ended by themselves."""
    return prometheus.Counter(
        "waymark_process_ends", "Processes of the site that ended by themselves.", ["process"]
    )


def create() -> None:
    """Make all of them: two threads that did so at once would be refused."""
    _requests()
    _request_seconds()
    process_ends()


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count an answer. route: the pattern of its address."""
    _requests().labels(method, route, str(status)).inc()
    _request_seconds().observe(seconds)
