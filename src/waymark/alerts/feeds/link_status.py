"""Whether an address answers: asked under the limits of fetching, without reading what is there.

A server is asked for the head alone (HEAD). Many servers refuse that, or answer it wrongly: what
does not work is asked for as a browser does (GET), and the connection ends after the head.
"""

import http.client
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic
from urllib.parse import quote, urlsplit, urlunsplit

from waymark.alerts.feeds.fetching import (
    MOST_REDIRECTS,
    MOVED,
    USUAL_PORTS,
    FetchFailed,
    FetchLimits,
    PublicFetch,
    parts_of,
    port_of,
    redirected,
)

REFUSES_PROGRAMS = frozenset({401, 402, 403, 405, 406, 407, 418, 429, 451, 999})
"""Answers of a server that is there, and shows the page to people alone or to those who pay."""
_KEPT = "/?#[]@!$&'()*+,;=:%~-._"


@dataclass(frozen=True, slots=True)
class LinkAnswer:
    """What came of asking an address. status: of HTTP, None without an answer.

    fault: why the link does not work, in words, "" if it does. unknown: nothing was learned, such
    as when this computer has no connection itself.
    """

    status: int | None = None
    fault: str = ""
    unknown: bool = False


def ask_link(address: str, *, agent: str, limits: FetchLimits | None = None) -> LinkAnswer:
    """Ask an address whether it answers, and follow where it leads."""
    fetch = PublicFetch(limits or FetchLimits(), monotonic())
    answers = _answers(fetch, address, {"User-Agent": agent, "Accept": "*/*"})
    answer = next(answers)
    if answer.status is not None and answer.status < 400:
        return answer
    # A computer that is not public, or does not exist, is not asked twice.
    return next(answers, answer)


def _answers(fetch: PublicFetch, address: str, headers: dict[str, str]) -> Iterator[LinkAnswer]:
    for method in ("HEAD", "GET"):
        try:
            status = _followed(fetch, ascii_address(address), headers, method)
        except FetchFailed as error:
            yield LinkAnswer(fault=error.problem, unknown=_no_network(error))
            if error.final or isinstance(error.__cause__, socket.gaierror):
                return
        else:
            yield LinkAnswer(status, _fault_of(status))


def _followed(fetch: PublicFetch, address: str, headers: dict[str, str], method: str) -> int:
    ports = USUAL_PORTS | {port_of(parts_of(address))}
    for _ in range(MOST_REDIRECTS + 1):
        status, target = fetch.once(address, headers, ports, _head, method)
        if not target:
            return status
        address = ascii_address(redirected(address, target))
    raise FetchFailed("the address leads from one redirect to the next without end", "")


def _head(response: http.client.HTTPResponse) -> tuple[int, str]:
    """Status, and where a redirect leads, "" for none."""
    status = response.status
    return status, (response.getheader("Location") or "") if status in MOVED else ""


def _fault_of(status: int) -> str:
    if status < 400 or status in REFUSES_PROGRAMS:
        return ""
    return f"its server answered {status} {http.client.responses.get(status, '')}".rstrip()


def _no_network(error: FetchFailed) -> bool:
    """True if no name could be looked up at all: the fault is not that of the address."""
    cause = error.__cause__
    return isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_AGAIN


def ascii_address(address: str) -> str:
    """An address with letters of other scripts and spaces as they are sent over the network."""
    try:
        parts = urlsplit(address)
        host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    except (ValueError, UnicodeError):
        # As it is: parts_of() refuses it with the reason.
        return address
    path, query = quote(parts.path, safe=_KEPT), quote(parts.query, safe=_KEPT)
    return urlunsplit((parts.scheme, host, path, query, ""))
