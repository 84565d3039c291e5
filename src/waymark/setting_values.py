"""Values of environment variables, for waymark.settings alone: each is checked when it is read.

Raises ImproperlyConfigured, which names the variable and says what it may be.
"""

import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from waymark.core.extras import OptionalModule

_ON, _OFF = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_DOMAIN = r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*"
_LOOPBACK = r"(localhost|127(\.\d{1,3}){3}|\[::1\])"
_HOST = re.compile(rf"\*|\.?{_DOMAIN}|\[[0-9A-Fa-f:.]+\]")
_EMAIL_ADDRESS = re.compile(r"""[^\s@<>,;:"]+@[^\s@<>,;:"]+""")
MOST = 1_000_000
"""Largest number of a setting: more overflows the limits of the operating system."""


def text_setting(name: str, default: str = "") -> str:
    """Text on one line; the default for a missing or blank variable."""
    value = os.environ.get(name, "").strip() or default
    # Bytes that are not UTF-8 arrive as surrogates, which no page can show.
    if _CONTROL.search(value):
        raise ImproperlyConfigured(f"{name} must be text on one line, in UTF-8, not {value!r}")
    return value


def flag_setting(name: str, *, default: bool = False) -> bool:
    """On or off; the default for a missing or blank variable."""
    value = os.environ.get(name, "").strip().lower()
    if value and value not in _ON | _OFF:
        raise ImproperlyConfigured(f"{name} must be 1 (on) or 0 (off), not {value!r}")
    return value in _ON if value else default


def number_setting(name: str, default: int, most: int = MOST) -> int:
    """Whole number from 1 to most; the default for a missing or blank variable."""
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    # isdigit() alone would take the digits of other scripts, and "²", which int() refuses.
    digits = value.isascii() and value.isdigit() and len(value) <= len(str(most))
    if not digits or not 1 <= int(value) <= most:
        raise ImproperlyConfigured(
            f"{name} must be a whole number of at least 1 and at most {most:,}, not {value[:20]!r}"
        )
    return int(value)


def names_setting(name: str, known: Collection[str]) -> frozenset[str]:
    """Some of the known names, separated by commas; none for a missing or blank variable."""
    names = {one.strip().lower() for one in text_setting(name).split(",") if one.strip()}
    if names - set(known):
        raise ImproperlyConfigured(
            f"{name} must be names separated by commas, of {', '.join(known)}, not "
            f"{', '.join(sorted(names - set(known)))!r}"
        )
    return frozenset(names)


def host_setting(name: str, default: str) -> list[str]:
    """Host names, separated by commas: without scheme, port and path, which never match."""
    hosts = [host.strip() for host in text_setting(name, default).split(",") if host.strip()]
    for host in hosts or [""]:
        if not _HOST.fullmatch(host):
            raise ImproperlyConfigured(
                f"{name} must be host names separated by commas, such as library.example.org, "
                f"not {host!r}"
            )
    return hosts


def domain_setting(name: str, default: str) -> str:
    """A domain name."""
    value = text_setting(name, default)
    if not re.fullmatch(_DOMAIN, value):
        raise ImproperlyConfigured(
            f"{name} must be a domain name, such as library.example.org, not {value!r}"
        )
    return value


def email_setting(name: str) -> str:
    """An email address without a person's name; "" for none."""
    value = text_setting(name)
    if value and not _EMAIL_ADDRESS.fullmatch(value):
        raise ImproperlyConfigured(
            f"{name} must be an email address, such as library@example.org, not {value!r}"
        )
    return value


def web_address_setting(name: str) -> str:
    """The address of a page of another site; "" for none."""
    value = text_setting(name)
    if value and not re.fullmatch(rf"https://{_DOMAIN}(/[!-~]*)?", value):
        raise ImproperlyConfigured(
            f"{name} must be an address such as https://www.bbc.co.uk/weather, not {value!r}"
        )
    return value


def site_address_setting(name: str, default: str = "") -> str:
    """Address of the site, without a path; the default for a missing or blank variable."""
    value = text_setting(name, default).rstrip("/")
    if value and not re.fullmatch(rf"https?://{_DOMAIN}(:\d{{1,5}})?", value):
        raise ImproperlyConfigured(
            f"{name} must be the address of this site, such as https://library.example.org, "
            f"not {value!r}"
        )
    return value


def listening_setting(name: str) -> tuple[str, int] | None:
    """Address and port on which to listen; None for a missing or blank variable."""
    value = text_setting(name)
    host, _, port = value.rpartition(":")
    try:
        address = str(ip_address(host.strip("[]"))) if value else ""
        sound = not value or (port.isascii() and port.isdigit() and 0 < int(port) < 65_536)
    except ValueError:
        sound = False
    if not sound:
        raise ImproperlyConfigured(
            f"{name} must be an address of this machine and a port, such as 127.0.0.1:9101 or "
            f"[::1]:9101, not {value[:50]!r}"
        )
    return (address, int(port)) if value else None


def node_addresses_setting(name: str) -> tuple[str, ...]:
    """Addresses of the nodes of a cluster, separated by commas; http:// only on this machine."""
    addresses = [one.strip().rstrip("/") for one in text_setting(name).split(",") if one.strip()]
    for address in addresses or [""]:
        encrypted = re.fullmatch(rf"https://({_DOMAIN}|\[[0-9A-Fa-f:]+\])(:\d{{1,5}})?", address)
        if not encrypted and not re.fullmatch(rf"http://{_LOOPBACK}(:\d{{1,5}})?", address):
            raise ImproperlyConfigured(
                f"{name} must be addresses separated by commas, such as "
                "https://node1.example.org:9200,https://node2.example.org:9200, without a user "
                f"(http:// is for this machine only), not {_without_user(address)!r}"
            )
    return tuple(addresses)


def originals_setting(name: str) -> str:
    """Address where originals are, such as s3://bucket/prefix; "" for the data folder."""
    value = text_setting(name).rstrip("/")
    if value:
        require_s3_address(value, name)
    return value


def require_s3_address(value: str, name: str) -> None:
    """Refuse what is no address of a bucket, or contains a key. name: of what has the value."""
    if not re.fullmatch(
        r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._-]{1,100}){0,8}", value
    ):
        raise ImproperlyConfigured(
            f"{name} must be the address of a bucket, such as s3://bucket/waymark, without a key "
            f"of access, not {_without_user(value)[:80]!r}"
        )


def dask_setting(name: str) -> str:
    """Address of a Dask scheduler; "" for none. It needs PostgreSQL."""
    value = text_setting(name).rstrip("/")
    if not value:
        return ""
    if not re.fullmatch(rf"(tcp|tls)://({_DOMAIN}|\[[0-9A-Fa-f:]+\]):\d{{1,5}}", value):
        raise ImproperlyConfigured(
            f"{name} must be the address of a Dask scheduler, such as "
            f"tls://scheduler.example.org:8786, not {_without_user(value)[:80]!r}"
        )
    if not os.environ.get("DATABASE_URL"):
        raise ImproperlyConfigured(
            f"{name} needs PostgreSQL, because workers on several machines write to the database: "
            f"set DATABASE_URL, or remove {name}"
        )
    return value


def _without_user(address: str) -> str:
    return re.sub(r"//.*@", "//...@", address)


def index_prefix_setting(name: str, default: str) -> str:
    """How the names of the indexes of this installation begin."""
    value = text_setting(name, default)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", value):
        raise ImproperlyConfigured(
            f"{name} must be up to 40 lower-case letters, digits and underscores, and begin with a "
            f"letter, not {value[:50]!r}"
        )
    return value


def secret_setting(name: str) -> str:
    """A secret: the variable, or the first line of the file that the variable with _FILE names."""
    value, file = text_setting(name), text_setting(f"{name}_FILE")
    if value and file:
        raise ImproperlyConfigured(f"set {name} or {name}_FILE, not both")
    if not file:
        return value
    try:
        return Path(file).read_text("utf-8").split("\n", 1)[0].strip()
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}") from None


def day_setting(name: str, default: date) -> date:
    """A day as 2027-01-24."""
    value = text_setting(name)
    try:
        return date.fromisoformat(value) if value else default
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} must be a day such as 2027-01-24, not {value[:20]!r}"
        ) from None


def days_setting(name: str) -> dict[str, int]:
    """Keys with whole numbers of days, as sent-emails=90, sessions=1; empty for none."""
    value = text_setting(name)
    days = {}
    for part in filter(None, (part.strip() for part in value.split(","))):
        match = re.fullmatch(r"([a-z-]{1,40})\s*=\s*([0-9]{1,5})", part)
        if match is None:
            raise ImproperlyConfigured(
                f"{name} must be names with days, such as sent-emails=90, sessions=1, not {part!r}"
            )
        days[match[1]] = int(match[2])
    return days


def language_setting(name: str, default: str) -> str:
    """Languages joined by "+"."""
    value = text_setting(name, default)
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,15}(\+[a-z][a-z0-9_]{1,15}){0,2}", value):
        raise ImproperlyConfigured(
            f"{name} must be one to three languages of Tesseract joined by +, such as eng+cym, "
            f"not {value!r}"
        )
    return value


def file_setting(name: str) -> Path | None:
    """A file that exists; None for a missing or blank variable."""
    value = text_setting(name)
    if value and not Path(value).is_file():
        raise ImproperlyConfigured(f"{name} must be the path of a file, and {value!r} is none")
    return Path(value).resolve() if value else None


def folder_setting(name: str) -> Path | None:
    """A folder that exists; None for a missing or blank variable."""
    value = text_setting(name)
    if value and not Path(value).is_dir():
        raise ImproperlyConfigured(f"{name} must be the path of a folder, and {value!r} is none")
    return Path(value).resolve() if value else None


def imap_setting(name: str) -> str:
    """A folder of an IMAP server; "" for none. No error quotes it: it can contain a password."""
    value = os.environ.get(name, "").strip()
    parts = urlsplit(value)
    try:
        sound = parts.scheme in {"imap", "imaps"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if value and (not sound or '"' in value or "\\" in value):
        raise ImproperlyConfigured(
            f"{name} is not the address of a mail folder: use imaps://user:password@host/INBOX"
        )
    return value


# ---- servers ----

MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def mail_server_setting() -> dict[str, Any]:
    """Mail server of WAYMARK_SMTP_URL: smtp:// plain, smtp+tls:// STARTTLS, smtps:// TLS.

    host is "" if no mail server is set. Raises ImproperlyConfigured without quoting the address,
    which can contain a password.
    """
    # Examples: smtps://ann:p%40ss@mail.example -> host mail.example, port 465, password "p@ss".
    url = os.environ.get("WAYMARK_SMTP_URL", "").strip()
    parts = urlsplit(url)
    try:
        port = parts.port
    # urlsplit reads a port only when asked, and raises for smtp://host:abc and for 70000. The error
    # would quote the address, so it goes no further.
    except ValueError:
        port = 0
    if url and (parts.scheme not in MAIL_PORTS or not parts.hostname or port == 0):
        raise ImproperlyConfigured(
            "WAYMARK_SMTP_URL is not the address of a mail server: use smtp://host, "
            "smtp+tls://user:password@host or smtps://user:password@host"
        )
    if url and not email_setting("WAYMARK_MAIL_FROM"):
        raise ImproperlyConfigured("WAYMARK_SMTP_URL needs WAYMARK_MAIL_FROM, the sender's address")
    return {
        "host": parts.hostname or "",
        "port": port or MAIL_PORTS.get(parts.scheme, 25),
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": parts.scheme == "smtp+tls",
        "use_ssl": parts.scheme == "smtps",
    }


def postgresql_setting(url: str) -> dict[str, object]:
    """Django settings for a PostgreSQL address, parsed like libpq: sockets, sslmode and so on.

    Raises ImproperlyConfigured without quoting the address, which can contain a password.
    """
    psycopg = OptionalModule("psycopg", "postgres")
    conninfo = OptionalModule("psycopg.conninfo", "postgres")

    if not url.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://")
    try:
        parts: dict[str, object] = dict(conninfo.conninfo_to_dict(url))
    except psycopg.Error:
        raise ImproperlyConfigured(
            "DATABASE_URL is not a PostgreSQL address: use postgresql://user@host/name"
        ) from None
    if not parts.get("dbname") and not parts.get("service"):
        raise ImproperlyConfigured(
            "DATABASE_URL names no database: use postgresql://user@host/name"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        # A new connection costs more than many a page. One that a server has closed is noticed.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": parts,
    }


@dataclass(frozen=True, slots=True)
class OrganisationSignIn:
    """Sign-in by an organisation (OpenID Connect). name: as people know the organisation.

    domains: of verified email addresses, one of which a person must have; group: claim and value
    that a person must have, ("", "") for none; factors: values of amr or acr that prove a second
    factor; private_hosts: hosts of the provider that may be on a private network.
    """

    issuer: str
    client_id: str
    client_secret: str
    name: str = "your organisation"
    domains: frozenset[str] = frozenset()
    group: tuple[str, str] = ("", "")
    factors: frozenset[str] = frozenset()
    private_hosts: tuple[str, ...] = ()


def organisation_setting() -> OrganisationSignIn | None:
    """The variables WAYMARK_OIDC_...; None without an issuer."""
    issuer = text_setting("WAYMARK_OIDC_ISSUER")
    if not issuer:
        return None
    private = _words("WAYMARK_OIDC_PRIVATE_HOSTS")
    parts = urlsplit(issuer)
    if not parts.hostname or (parts.scheme != "https" and parts.hostname not in private):
        raise ImproperlyConfigured(
            "WAYMARK_OIDC_ISSUER must be an address such as https://login.example.org, "
            f"not {issuer!r}"
        )
    client_id, secret = text_setting("WAYMARK_OIDC_CLIENT_ID"), _client_secret()
    if not client_id or not secret:
        raise ImproperlyConfigured(
            "WAYMARK_OIDC_ISSUER needs WAYMARK_OIDC_CLIENT_ID, and WAYMARK_OIDC_CLIENT_SECRET or "
            "WAYMARK_OIDC_CLIENT_SECRET_FILE"
        )
    claim, _, value = text_setting("WAYMARK_OIDC_GROUP").partition("=")
    if bool(claim) != bool(value):
        raise ImproperlyConfigured(
            "WAYMARK_OIDC_GROUP must be a claim and its value, such as groups=waymark"
        )
    return OrganisationSignIn(
        issuer=issuer,
        client_id=client_id,
        client_secret=secret,
        name=text_setting("WAYMARK_OIDC_NAME", "your organisation"),
        domains=frozenset(word.lower() for word in _words("WAYMARK_OIDC_DOMAINS")),
        group=(claim.strip(), value.strip()),
        factors=frozenset(_words("WAYMARK_OIDC_FACTOR")),
        private_hosts=private,
    )


def _words(name: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text_setting(name).split(",") if word.strip())


def _client_secret() -> str:
    file = file_setting("WAYMARK_OIDC_CLIENT_SECRET_FILE")
    if file is not None:
        return file.read_text("utf-8").strip()
    return text_setting("WAYMARK_OIDC_CLIENT_SECRET")
