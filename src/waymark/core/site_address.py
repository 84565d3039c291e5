"""The address of this site as others can use it, in files that are kept and in citations."""

from collections.abc import Iterable
from urllib.parse import urlsplit

NO_ADDRESS = "no address"
"""In a citation, where this site has no address that others could open."""


def is_own_machine(host: str) -> bool:
    """True for names that mean the machine itself, and for "*"."""
    name = host.strip("[]").rstrip(".").lower()
    return (
        name in {"", "*", "localhost", "::1", "0.0.0.0"}  # noqa: S104  compared, not listened to
        or name.endswith(".localhost")
        or name.startswith("127.")
    )


def public_address(site: str) -> str:
    """The address without its last slash; "" if it leads each reader to their own machine."""
    return "" if is_own_machine(urlsplit(site).hostname or "") else site.rstrip("/")


def first_public_host(hosts: Iterable[str]) -> str:
    """The first host that others can open, "" if there is none; ".a.org" stands for a.org."""
    names = (host.lstrip(".*") for host in hosts)
    return next((name for name in names if not is_own_machine(name)), "")
