"""Servers that the benchmarks of pages start, and requests to them."""

import os
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from pathlib import Path

HERE = Path(__file__).resolve().parent
WAYMARK = Path(sys.executable).with_name("waymark")
START_SECONDS = 300
TICKS = os.sysconf("SC_CLK_TCK")
VISITORS = count(2)
"""Their addresses, all of this machine: 127.0.0.2 and so on."""


@dataclass(frozen=True)
class Server:
    """Server that listens. processes: function that lists those that answer requests.

    pid: of the process that started them.
    """

    port: int
    processes: Callable[[], list[int]]
    pid: int = 0

    def worked(self) -> float:
        """Seconds of processor of the processes that answer."""
        total = 0
        for process in self.processes():
            values = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(values[11]) + int(values[12])
        return total / TICKS


def fetch(port: int, address: str) -> bytes:
    """The content of a page, asked for by a new visitor: costly pages are limited for each."""
    number = next(VISITORS)
    visitor = f"127.{number >> 16}.{number >> 8 & 255}.{number & 255}"
    connection = HTTPConnection("127.0.0.1", port, timeout=300, source_address=(visitor, 0))
    connection.request("GET", address)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status == 200, (address, answer.status)
    return content


def middle(times: list[float]) -> tuple[float, float]:
    ordered = sorted(times)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def children_of(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(child) for child in listed]


def family(pid: int) -> list[int]:
    """A process, its children, their children and so on."""
    return [pid, *(member for child in children_of(pid) for member in family(child))]


def memory(pid: int) -> int:
    """MiB of a process, with its part of the pages that it shares."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.findall(r"^Pss: +(\d+)", rollup, re.MULTILINE)[0]) // 1024


@contextmanager
def running(
    command: list[str],
    port: int,
    *,
    log: Path | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[int]:
    """A server until the block ends; its pid. log: file for what it writes, None for none.

    settings: variables of its environment besides those of this process.
    """
    with (log or Path(os.devnull)).open("ab") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **(settings or {})}, stdout=output, stderr=output
        )
    try:
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                fetch(port, "/")
                break
            except OSError:
                assert time.monotonic() < until, "the server did not start"
                time.sleep(0.5)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def served(data: Path, *, log: Path | None = None) -> Iterator[Server]:
    """`waymark serve`; of its children those of the site answer requests."""
    port = free_port()
    command = [str(WAYMARK), "--data", str(data), "serve", "--port", str(port)]
    with running(command, port, log=log) as site:

        def processes() -> list[int]:
            gunicorn = [
                child
                for child in children_of(site)
                if Path(f"/proc/{child}/comm").read_text().strip() == "waymark site"
            ]
            return children_of(gunicorn[0])

        yield Server(port, processes, site)


@contextmanager
def served_bare(data: Path) -> Iterator[Server]:
    """The bare pages, by as many gunicorn processes and threads as Waymark has."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "site_bare_wsgi", f"--bind=127.0.0.1:{port}"]
    command += ["--workers=2", "--worker-class=gthread", "--threads=8", "--chdir", str(HERE)]
    settings = {
        "WAYMARK_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "site_bare",
        "PYTHONPATH": str(HERE),
    }
    with running(command, port, settings=settings) as gunicorn:
        yield Server(port, lambda: children_of(gunicorn))
