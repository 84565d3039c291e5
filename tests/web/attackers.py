"""Attackers and readers of a running site, as threads and sockets of this process."""

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread

PAGES = ("/", "/find/?q=neglect", "/topics/", "/about/", "/subjects/")
"""What readers open in turn."""
HALF_SENT = (
    b"GET /about/ HTTP/1.1\r\nHost: local",
    b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\nname=",
    (
        b"POST /deposit/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n"
        b"Cookie: csrftoken=" + b"k" * 32 + b"\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
    ),
    b"POST /oai/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\nverb=",
)
LARGE = 500 * 1024 * 1024
"""Bytes that a large body announces."""
PIECE = 64 * 1024
TOKEN = "made-up-" * 4
LARGE_TO = (
    "/oai/",
    "/sign-in/",
    f"/alerts/confirm/{TOKEN}/",
    f"/alerts/preferences/{TOKEN}/",
    "/deposit/",
)
"""Addresses to which large bodies are sent, without a cookie or with one of their own making."""


def read_pages(port: int, *, readers: int, seconds: float) -> list[float]:
    """Seconds of each page that readers opened side by side, a failed one as infinite."""
    times: list[float] = []
    until = time.monotonic() + seconds

    def read(first: int) -> None:
        page = first
        while time.monotonic() < until:
            times.append(_open_page(port, PAGES[page % len(PAGES)]))
            page += 1
            # A person reads a page before the next: without this, readers only measure each other.
            time.sleep(0.2)

    threads = [Thread(target=read, args=(number,)) for number in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def _open_page(port: int, page: str) -> float:
    """Seconds until a page is there; infinite if it is not within 30 seconds."""
    begun = time.monotonic()
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", page)
        answer = connection.getresponse()
        answer.read()
        return time.monotonic() - begun if answer.status == 200 else float("inf")
    except (OSError, HTTPException):
        return float("inf")
    finally:
        connection.close()


def p95(times: Sequence[float]) -> float:
    """The time that 19 of 20 pages are within."""
    return sorted(times)[int(len(times) * 0.95)]


@contextmanager
def slow_senders(port: int, number: int) -> Iterator[None]:
    """Connections that send a byte a second of a request that never ends, and come again."""
    stop = Event()

    def send() -> None:
        with ExitStack() as stack:
            open_ones = [_half_sent(port, at, stack) for at in range(number)]
            while not stop.wait(1.0):
                for at, connection in enumerate(open_ones):
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        connection.close()
                        open_ones[at] = _half_sent(port, at, stack)

    with _in_threads([Thread(target=send)], stop):
        yield


def _half_sent(port: int, number: int, stack: ExitStack) -> socket.socket:
    connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
    with suppress(OSError):
        connection.sendall(HALF_SENT[number % len(HALF_SENT)])
    return connection


@contextmanager
def large_bodies(port: int, number: int) -> Iterator[list[int]]:
    """Senders of large bodies as fast as they can, again and again; the statuses they get."""
    stop = Event()
    statuses: list[int] = []

    def send(first: int) -> None:
        page = first
        while not stop.is_set():
            with suppress(OSError):
                statuses.append(_send_large(port, LARGE_TO[page % len(LARGE_TO)], stop))
            page += 1
            time.sleep(0.05)

    with _in_threads([Thread(target=send, args=(at,)) for at in range(number)], stop):
        yield statuses


def _send_large(port: int, page: str, stop: Event) -> int:
    """The status of the answer to a large body, which is sent until the site closes; 0 for none."""
    head = (
        f"POST {page} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {LARGE}\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nCookie: csrftoken={TOKEN}\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n'
    )
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head.encode())
        with suppress(OSError):
            for _ in range(LARGE // PIECE):
                if stop.is_set():
                    break
                connection.sendall(bytes(PIECE))
        with suppress(OSError):
            first = connection.recv(64).split()
            return int(first[1]) if len(first) > 1 else 0
    return 0


@contextmanager
def _in_threads(threads: Sequence[Thread], stop: Event) -> Iterator[None]:
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
