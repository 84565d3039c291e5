"""Fetch a feed: only from public addresses, small, quick, and only if it has changed.

A name is resolved once, every address it has is checked, and the connection goes to one of the
checked ones, so that a name that changes its address between the two leads nowhere else. The same
is done again at each redirect.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from time import monotonic
from typing import TypeVar
from urllib.parse import SplitResult, urljoin, urlsplit

MOST_BYTES = 2_000_000
MOST_SECONDS = 30.0
"""For all of it: names, redirects, head and body."""
STEP_SECONDS = 10.0
"""Timeout of each step, such as connecting."""
MOST_REDIRECTS = 5
USUAL_PORTS = frozenset({80, 443})
ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.8"
MOVED = frozenset({301, 302, 303, 307, 308})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Read = TypeVar("Read")
_IPv4InIPv6 = (_NAT64, ipaddress.ip_network("2002::/16"), ipaddress.ip_network("2001::/32"))


class FetchFailed(Exception):
    """A feed that could not be fetched. final: trying again is of no use without a person."""

    def __init__(self, problem: str, remedy: str, *, final: bool = False) -> None:
        super().__init__(problem)
        self.problem, self.remedy, self.final = problem, remedy, final


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Limits of a fetch. private_hosts: host names that may be on a private network."""

    most_bytes: int = MOST_BYTES
    most_seconds: float = MOST_SECONDS
    private_hosts: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Fetched:
    """The answer. content: None if it has not changed. moved_to: its new permanent address."""

    content: bytes | None
    etag: str = ""
    last_modified: str = ""
    moved_to: str = ""


def fetch_feed(
    address: str,
    *,
    agent: str,
    etag: str = "",
    last_modified: str = "",
    limits: FetchLimits | None = None,
) -> Fetched:
    """Fetch an address. agent: who asks, for the publisher; etag, last_modified: of the copy here.

    Raises FetchFailed with what went wrong and what a person can do.
    """
    fetch = PublicFetch(limits or FetchLimits(), monotonic())
    headers = {"User-Agent": agent, "Accept": ACCEPT, "Accept-Encoding": "identity"}
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    moved_to, permanent, allowed = "", True, USUAL_PORTS | {port_of(parts_of(address))}
    for _ in range(MOST_REDIRECTS + 1):
        answer = fetch.once(address, headers, allowed, fetch.read_feed)
        if not answer.redirect:
            return replace(answer.fetched, moved_to=moved_to)
        address = redirected(address, answer.redirect)
        permanent = permanent and answer.permanent
        moved_to = address if permanent else moved_to
    raise FetchFailed(
        "the address leads from one redirect to the next without end",
        "Open it in a browser, and enter the address at which the feed is now.",
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    fetched: Fetched
    redirect: str = ""
    permanent: bool = False


@dataclass(frozen=True, slots=True)
class PublicFetch:
    """A fetch from the public internet: its limits, and when it began."""

    limits: FetchLimits
    began: float

    def seconds_left(self) -> float:
        left = self.limits.most_seconds - (monotonic() - self.began)
        if left <= 0:
            raise _too_slow()
        return left

    def once(
        self,
        address: str,
        headers: dict[str, str],
        ports: Collection[int],
        read: Callable[[http.client.HTTPResponse], Read],
        method: str = "GET",
        body: bytes | None = None,
    ) -> Read:
        """One request, without following a redirect. read: what is made of the answer."""
        parts = parts_of(address)
        if port_of(parts) not in ports:
            raise FetchFailed(
                f"it leads to port {port_of(parts)} of {parts.hostname}",
                "Enter the address at which the feed is now, if you trust it.",
                final=True,
            )
        host = str(parts.hostname)
        ip = checked_address(host, port_of(parts), self.limits.private_hosts)
        connection = connection_to(parts, ip, min(STEP_SECONDS, self.seconds_left()))
        # A server that sends a byte now and then meets no timeout of a step: end it from outside.
        watch = threading.Timer(self.seconds_left(), shut_connection, [connection])
        watch.daemon = True
        watch.start()
        try:
            path = parts.path or "/"
            connection.request(
                method, f"{path}?{parts.query}" if parts.query else path, body, headers
            )
            with connection.getresponse() as response:
                return read(response)
        except FetchFailed:
            raise
        except ssl.SSLError as error:
            raise FetchFailed(
                f"its certificate was not accepted ({error.reason or error})",
                "Ask the publisher, or enter another address of the feed.",
            ) from error
        except (OSError, http.client.HTTPException, AttributeError, ValueError) as error:
            self.seconds_left()
            raise FetchFailed(
                f"{host} did not answer properly ({_words(error)})",
                "Nothing to do now: we try again later.",
            ) from error
        finally:
            watch.cancel()
            connection.close()

    def read_feed(self, response: http.client.HTTPResponse) -> _Answer:
        """What a server answers to a request for a feed. Raises FetchFailed."""
        marks = Fetched(
            None, response.getheader("ETag") or "", response.getheader("Last-Modified") or ""
        )
        if response.status == 304:
            return _Answer(marks)
        if response.status in MOVED and (target := response.getheader("Location")):
            return _Answer(marks, target, response.status in {301, 308})
        if response.status != 200:
            raise _refused(response.status)
        content = self._body(response)
        return _Answer(replace(marks, content=content))

    def _body(self, response: http.client.HTTPResponse) -> bytes:
        content, most = bytearray(), self.limits.most_bytes
        while chunk := response.read(65_536):
            content += chunk
            if len(content) > most:
                raise _too_large(most)
            self.seconds_left()
        # Some servers compress whatever they are asked.
        if (response.getheader("Content-Encoding") or "").strip().lower() in {"gzip", "deflate"}:
            return _unpacked(bytes(content), most)
        return bytes(content)


# ---- where to ----


def parts_of(address: str) -> SplitResult:
    """The parts of an address of the web. Raises FetchFailed for another one."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise _no_address() from error
    plain = address.isascii() and not any(sign <= " " or sign == "\x7f" for sign in address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
        raise _no_address()
    if parts.username or parts.password:
        raise _no_address()
    return parts


def redirected(address: str, target: str) -> str:
    """Where a redirect leads. Raises FetchFailed."""
    try:
        return urljoin(address, target)
    except ValueError as error:
        raise _no_address() from error


def port_of(parts: SplitResult) -> int:
    """The port of an address."""
    return parts.port or (443 if parts.scheme == "https" else 80)


def checked_address(host: str, port: int, private_hosts: Collection[str] = ()) -> str:
    """An IP address of a host, all of whose addresses are public. Raises FetchFailed."""
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchFailed(
            f"there is no computer named {host}",
            "Check the address. If it is right, nothing to do: we try again later.",
        ) from error
    addresses = [str(row[4][0]) for row in rows]
    if host.lower() not in {name.lower() for name in private_hosts}:
        for ip in addresses:
            if not is_public(ip):
                raise FetchFailed(
                    f"{host} is not on the public internet",
                    "Enter the public address of the feed.",
                    final=True,
                )
    return addresses[0]


def is_public(ip: str) -> bool:
    """True for an address of the public internet, not of a private or special network."""
    try:
        address = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(str(address.ipv4_mapped))
        # An IPv4 address is written in them, which need not be a public one.
        if any(address in network for network in _IPv4InIPv6):
            return False
    return address.is_global and not address.is_multicast


def connection_to(parts: SplitResult, ip: str, timeout: float) -> http.client.HTTPConnection:
    """A connection to a checked address of a host, by the name of the host."""
    host, port = str(parts.hostname), port_of(parts)

    def connect(
        _place: tuple[str, int], timeout: float, source: tuple[str, int] | None = None
    ) -> socket.socket:
        return socket.create_connection((ip, port), timeout, source)

    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(host, port, timeout=timeout, context=context)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=timeout)
    # The only place at which http.client opens a socket; TLS still checks the name of the host.
    connection._create_connection = connect  # type: ignore[attr-defined]
    return connection


def shut_connection(connection: http.client.HTTPConnection) -> None:
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


# ---- what went wrong ----


def _unpacked(content: bytes, most: int) -> bytes:
    unpacking = zlib.decompressobj(wbits=47)
    try:
        plain = unpacking.decompress(content, most + 1)
    except zlib.error as error:
        raise FetchFailed(
            "its compressed answer is damaged", "Nothing to do now: we try again later."
        ) from error
    if len(plain) > most:
        raise _too_large(most)
    return plain


def _no_address() -> FetchFailed:
    return FetchFailed(
        "it leads to an address that is not one of the web (http or https)",
        "Enter the address at which the feed is now.",
        final=True,
    )


def _too_large(most: int) -> FetchFailed:
    return FetchFailed(
        f"it is larger than {most / 1_000_000:g} MB",
        "Ask the publisher for a feed with its newest entries alone.",
    )


def _too_slow() -> FetchFailed:
    return FetchFailed("it took too long", "Nothing to do now: we try again later.")


def _refused(status: int) -> FetchFailed:
    reason = http.client.responses.get(status, "")
    problem = f"its server answered {status} {reason}".rstrip()
    if status == 410:
        return FetchFailed(problem, "The feed has ended: remove it from the list.", final=True)
    if status in {401, 403}:
        return FetchFailed(problem, "Ask the publisher to let this service read the feed.")
    if status == 404:
        return FetchFailed(problem, "Look for the feed on the publisher's page; it may have moved.")
    return FetchFailed(problem, "Nothing to do now: we try again later.")


def _words(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:120]
