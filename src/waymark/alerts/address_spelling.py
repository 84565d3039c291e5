"""The one spelling in which an email address is stored to be unique (no Django).

1. Blanks around it and one dot after the domain are left out.
2. The domain is in small letters and in the form that mail servers use: büro.example is
   xn--bro-hoa.example.
3. The part before the @ is in small letters. In theory a mail server may tell Ann@ from ann@; in
   practice none does, and people type both.
4. Dots and +tags before the @ stay: they are other mailboxes at most providers.

The part before the @ must be plain letters, digits and signs: few mail servers take others.
"""

import re

from waymark.core.errors import ParseError

LONGEST, LONGEST_NAME = 254, 64
_NAME = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_AMBIGUOUS = frozenset("\u00df\u03c2\u200c\u200d")
"""Letters of domain names that two versions of the standard convert differently."""


def address_key(address: str) -> str:
    """The spelling that makes an address unique. Raises ParseError for what is no address.

    Examples: " Ann.Lee+Alerts@Büro.Example. " -> "ann.lee+alerts@xn--bro-hoa.example".
    """
    name, at, domain = address.strip().rpartition("@")
    name = name.lower()
    if not at or not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise ParseError("the part before the @ is not valid", text=address, at=0)
    key = f"{name}@{_domain_key(address, domain)}"
    if len(key) > LONGEST:
        raise ParseError("the address is too long", text=address, at=LONGEST)
    return key


def _domain_key(address: str, domain: str) -> str:
    at = address.rfind("@") + 1
    try:
        if _AMBIGUOUS & set(domain):
            raise UnicodeError(domain)
        ascii_domain = domain.removesuffix(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise ParseError("the part after the @ is not valid", text=address, at=at) from None
    labels = ascii_domain.split(".")
    if len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdigit():
        raise ParseError("the part after the @ is not valid", text=address, at=at)
    return ascii_domain


def mailbox_of(key: str) -> str:
    """The mailbox that most providers deliver an address to: without +tag and dots.

    For limits alone: who floods a mailbox varies these. Example: "a.lee+x@a.example" ->
    "alee@a.example".
    """
    name, _, domain = key.rpartition("@")
    plain = name.partition("+")[0].replace(".", "")
    return f"{plain or name}@{domain}"
