"""Network address of the client, and its network."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Address of the client; behind a proxy (WAYMARK_HTTPS), the one that the proxy saw."""
    if settings.HTTPS:
        seen = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if seen:
            return seen
    return str(request.META.get("REMOTE_ADDR", ""))


def client_site(request: HttpRequest) -> str:
    """The IPv6 site of the client, which is the first 48 bits; "" for any other.

    A site has 65,536 networks: whoever has one is a stranger as often as they want.
    """
    try:
        network = ipaddress.ip_network(client_network(request))
    except ValueError:
        return ""
    if isinstance(network, ipaddress.IPv4Network):
        return ""
    return str(network.supernet(new_prefix=48))


def client_network(request: HttpRequest) -> str:
    """Network of the client: an IPv4 address, or the first 64 bits of an IPv6 one.

    A household or an office has a /64 for itself, and so as many addresses as a program wants.
    """
    text = client_address(request).partition("%")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))
