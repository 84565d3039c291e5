"""Settings, and the only reader of the environment. docs/settings.md describes every variable.

The data folder (WAYMARK_DATA) contains everything an installation owns: the database, the original
files, the search index, page images, publications and the secret key.
"""

import os
import re
import secrets
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import lazy

from waymark.core.extras import OptionalModule
from waymark.core.files import write_new
from waymark.core.opening_hours import OpeningHours, opening_hours
from waymark.core.uk_time import UK_TIME

PACKAGE = Path(__file__).resolve().parent


_ON, _OFF = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_DOMAIN = r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*"
_HOST = re.compile(rf"\*|\.?{_DOMAIN}|\[[0-9A-Fa-f:.]+\]")
_EMAIL_ADDRESS = re.compile(r"""[^\s@<>,;:"]+@[^\s@<>,;:"]+""")
MOST = 1_000_000
"""Largest number of a setting: more overflows the limits of the operating system."""
USUAL_HOURS = "Mon-Fri 09:00-17:00"
MOST_YEARS = 1_000
"""More leads to dates that a calendar does not have."""


def _text_setting(name: str, default: str = "") -> str:
    """Text on one line; the default for a missing or blank variable."""
    value = os.environ.get(name, "").strip() or default
    # Bytes that are not UTF-8 arrive as surrogates, which no page can show.
    if _CONTROL.search(value):
        raise ImproperlyConfigured(f"{name} must be text on one line, in UTF-8, not {value!r}")
    return value


def _flag_setting(name: str, *, default: bool = False) -> bool:
    """On or off; the default for a missing or blank variable."""
    value = os.environ.get(name, "").strip().lower()
    if value and value not in _ON | _OFF:
        raise ImproperlyConfigured(f"{name} must be 1 (on) or 0 (off), not {value!r}")
    return value in _ON if value else default


def _whole_number(name: str, default: int, most: int = MOST) -> int:
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


def _host_setting(name: str, default: str) -> list[str]:
    """Host names, separated by commas: without scheme, port and path, which never match."""
    hosts = [host.strip() for host in _text_setting(name, default).split(",") if host.strip()]
    for host in hosts or [""]:
        if not _HOST.fullmatch(host):
            raise ImproperlyConfigured(
                f"{name} must be host names separated by commas, such as library.example.org, "
                f"not {host!r}"
            )
    return hosts


def _domain_setting(name: str, default: str) -> str:
    """A domain name."""
    value = _text_setting(name, default)
    if not re.fullmatch(_DOMAIN, value):
        raise ImproperlyConfigured(
            f"{name} must be a domain name, such as library.example.org, not {value!r}"
        )
    return value


def _email_setting(name: str) -> str:
    """An email address without a person's name; "" for none."""
    value = _text_setting(name)
    if value and not _EMAIL_ADDRESS.fullmatch(value):
        raise ImproperlyConfigured(
            f"{name} must be an email address, such as library@example.org, not {value!r}"
        )
    return value


def _web_address(name: str) -> str:
    """The address of a page of another site; "" for none."""
    value = _text_setting(name)
    if value and not re.fullmatch(rf"https://{_DOMAIN}(/[!-~]*)?", value):
        raise ImproperlyConfigured(
            f"{name} must be an address such as https://www.bbc.co.uk/weather, not {value!r}"
        )
    return value


def _site_address(name: str, default: str = "") -> str:
    """Address of the site, without a path; the default for a missing or blank variable."""
    value = _text_setting(name, default).rstrip("/")
    if value and not re.fullmatch(rf"https?://{_DOMAIN}(:\d{{1,5}})?", value):
        raise ImproperlyConfigured(
            f"{name} must be the address of this site, such as https://library.example.org, "
            f"not {value!r}"
        )
    return value


def _day_setting(name: str, default: date) -> date:
    """A day as 2027-01-24."""
    value = _text_setting(name)
    try:
        return date.fromisoformat(value) if value else default
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} must be a day such as 2027-01-24, not {value[:20]!r}"
        ) from None


def _language_setting(name: str, default: str) -> str:
    """Languages joined by "+"."""
    value = _text_setting(name, default)
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,15}(\+[a-z][a-z0-9_]{1,15}){0,2}", value):
        raise ImproperlyConfigured(
            f"{name} must be one to three languages of Tesseract joined by +, such as eng+cym, "
            f"not {value!r}"
        )
    return value


def _desk_hours() -> OpeningHours:
    """Opening hours of the Information Service, by its nation and the days on which it is closed.

    Without WAYMARK_DESK_HOURS answers are due by usual hours, which no page names.
    """
    nation = _text_setting("WAYMARK_NATION", "ENG")
    closed = _text_setting("WAYMARK_CLOSED_DAYS")
    hours = _text_setting("WAYMARK_DESK_HOURS", USUAL_HOURS)
    try:
        return opening_hours(hours, nation, closed)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"WAYMARK_DESK_HOURS, WAYMARK_NATION or WAYMARK_CLOSED_DAYS makes no sense: {error}. "
            "Use hours such as Mon-Thu 09:00-17:00, Fri 09:00-16:30; one of ENG, NIR, SCT, WLS; "
            "and days such as 2026-12-24..2027-01-02, 2027-03-17"
        ) from None


def _search_backend(name: str) -> str:
    """The name of a search backend."""
    value = _text_setting(name, "tantivy")
    if value not in SEARCH_BACKENDS:
        known = ", ".join(SEARCH_BACKENDS)
        raise ImproperlyConfigured(
            f"{name} is {value!r}, but the known search backends are: {known}"
        )
    return value


def _file_setting(name: str) -> Path | None:
    """A file that exists; None for a missing or blank variable."""
    value = _text_setting(name)
    if value and not Path(value).is_file():
        raise ImproperlyConfigured(f"{name} must be the path of a file, and {value!r} is none")
    return Path(value).resolve() if value else None


def _folder_setting(name: str) -> Path | None:
    """A folder that exists; None for a missing or blank variable."""
    value = _text_setting(name)
    if value and not Path(value).is_dir():
        raise ImproperlyConfigured(f"{name} must be the path of a folder, and {value!r} is none")
    return Path(value).resolve() if value else None


def _imap_url(name: str) -> str:
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


def environment() -> dict[str, str]:
    """Copy of the environment, for child processes."""
    return dict(os.environ)


def in_force() -> dict[str, str]:
    """Settings from the environment, without secrets and without the data folder.

    User names and passwords are removed from addresses.
    """
    names = [name for name in os.environ if name.startswith("WAYMARK_")] + ["DATABASE_URL"]
    secret = {"WAYMARK_DATA", "WAYMARK_SECRET_KEY", "WAYMARK_IMAP_URL"}
    return {
        name: _without_password(os.environ[name])
        for name in sorted(names)
        if os.environ.get(name) and name not in secret
    }


def _without_password(value: str) -> str:
    # Two forms: postgresql://user:secret@host/name and ...?password=secret.
    value = re.sub(r"://\S*@", "://...@", value)
    return re.sub(r"(?i)password=[^&\s]*", "password=...", value)


DATA = Path(os.environ.get("WAYMARK_DATA") or "waymark-data").resolve()
DEBUG = _flag_setting("WAYMARK_DEBUG")
HTTPS = _flag_setting("WAYMARK_HTTPS")
ALLOWED_HOSTS = _host_setting("WAYMARK_HOSTS", "localhost,127.0.0.1,[::1]")
# Where readers find this site: an email is written by a worker, which sees no request.
SITE_ADDRESS = _site_address(
    "WAYMARK_SITE_ADDRESS",
    f"https://{ALLOWED_HOSTS[0].lstrip('.*') or 'localhost'}" if HTTPS else "http://localhost:8000",
)
# Repository name in OAI identifiers, which harvesters store: it must not change with the host.
REPOSITORY = _domain_setting("WAYMARK_REPOSITORY", "waymark.localhost")
SITE_NAME = _text_setting("WAYMARK_SITE_NAME", "Waymark")
# Contact of the information service, shown as given; hidden if empty.
CONTACT_EMAIL = _email_setting("WAYMARK_CONTACT_EMAIL")
CONTACT_PHONE = _text_setting("WAYMARK_CONTACT_PHONE")
# Who runs the site, for the pages contact, privacy, complaints and accessibility.
ORGANISATION = _text_setting("WAYMARK_ORGANISATION")
ORGANISATION_ADDRESS = _text_setting("WAYMARK_ORGANISATION_ADDRESS")
# Where mail to the site arrives: a maildir, an IMAP folder, or none. LMTP needs no setting.
MAILDIR = _folder_setting("WAYMARK_MAILDIR")
IMAP_URL = _imap_url("WAYMARK_IMAP_URL")
DESK_HOURS = _desk_hours()
OPENING_HOURS = _text_setting(
    "WAYMARK_OPENING_HOURS", DESK_HOURS.in_words() if _text_setting("WAYMARK_DESK_HOURS") else ""
)
# The Information Service: working days in which an enquiry is answered, and months after its end
# for which it is known who asked.
ANSWER_DAYS = _whole_number("WAYMARK_ANSWER_DAYS", 2, most=30)
KEEP_ENQUIRIES_MONTHS = _whole_number("WAYMARK_KEEP_ENQUIRIES_MONTHS", 12, most=120)
COMPLAINTS_EMAIL = _email_setting("WAYMARK_COMPLAINTS_EMAIL")
# The accessibility statement: who answers (the contact above if empty), and its days.
ACCESSIBILITY_EMAIL = _email_setting("WAYMARK_ACCESSIBILITY_EMAIL")
ACCESSIBILITY_PHONE = _text_setting("WAYMARK_ACCESSIBILITY_PHONE")
TESTED_ON = date(2026, 11, 29)
"""Day on which this version was last tested for accessibility, with the tools that it names."""
ACCESSIBILITY_PREPARED = _day_setting("WAYMARK_ACCESSIBILITY_PREPARED", TESTED_ON)
ACCESSIBILITY_REVIEWED = _day_setting("WAYMARK_ACCESSIBILITY_REVIEWED", ACCESSIBILITY_PREPARED)
EXIT_PAGE = _web_address("WAYMARK_EXIT_PAGE")
DATA_LICENCE = _text_setting("WAYMARK_DATA_LICENCE")
MAX_UPLOAD_MIB = _whole_number("WAYMARK_MAX_UPLOAD_MIB", 100)
MAX_PAGES = _whole_number("WAYMARK_MAX_PAGES", 1_500)
PARSE_SECONDS = _whole_number("WAYMARK_PARSE_SECONDS", 120)
PARSE_MEMORY_MIB = _whole_number("WAYMARK_PARSE_MEMORY_MIB", 2_048)
# Languages of text recognition, as Tesseract names them: English, Welsh and Irish are eng+cym+gle.
OCR_LANGUAGES = _language_setting("WAYMARK_OCR_LANGUAGES", "eng")
KEEP_YEARS = _whole_number("WAYMARK_KEEP_YEARS", 5, most=MOST_YEARS)
PUBLIC_BODIES = _file_setting("WAYMARK_PUBLIC_BODIES")
# Hosts on a private network whose feeds may be fetched: for tests, and feeds inside a network.
FEED_PRIVATE_HOSTS = (
    _host_setting("WAYMARK_FEED_PRIVATE_HOSTS", "")
    if _text_setting("WAYMARK_FEED_PRIVATE_HOSTS")
    else []
)
DEPOSITS = _flag_setting("WAYMARK_DEPOSITS", default=True)
SEARCH_BACKENDS = {"tantivy": "waymark.library.search.tantivy.backend.index_in"}
"""Name -> maker of the backend, given the folder where it may keep files."""
SEARCH_BACKEND = _search_backend("WAYMARK_SEARCH_BACKEND")
MAIL_FROM = _email_setting("WAYMARK_MAIL_FROM")
ALERTS_PER_DOMAIN = _whole_number("WAYMARK_ALERTS_PER_DOMAIN", 0)
"""Most emails of alerts to one domain in an hour; 0 for no limit."""


@cache
def _secret_key() -> str:
    """WAYMARK_SECRET_KEY, or a random key in the data folder (readable by its owner only)."""
    from_environment = os.environ.get("WAYMARK_SECRET_KEY")
    if from_environment:
        return from_environment
    key_file = DATA / "secret-key"
    if not key_file.exists():
        DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_new(key_file, secrets.token_urlsafe(48).encode("ascii"))
    return secret_key_in(key_file)


def secret_key_in(key_file: Path) -> str:
    """Secret key in a file. Raises ImproperlyConfigured if it is empty or damaged."""
    content = key_file.read_bytes()
    key = content.decode("ascii", errors="replace").strip()
    if not key or not content.isascii() or not key.isprintable():
        fault = "is damaged" if key else "is empty"
        raise ImproperlyConfigured(
            f"{key_file} {fault}: restore it from a backup, or delete it to create a new one, "
            "which signs everyone out"
        )
    return key


MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def _mail_server() -> dict[str, Any]:
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
    if url and not _email_setting("WAYMARK_MAIL_FROM"):
        raise ImproperlyConfigured("WAYMARK_SMTP_URL needs WAYMARK_MAIL_FROM, the sender's address")
    return {
        "host": parts.hostname or "",
        "port": port or MAIL_PORTS.get(parts.scheme, 25),
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": parts.scheme == "smtp+tls",
        "use_ssl": parts.scheme == "smtps",
    }


def _postgresql_database(url: str) -> dict[str, object]:
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
        "OPTIONS": parts,
    }


def _database_settings() -> dict[str, object]:
    """Database settings: PostgreSQL if DATABASE_URL is set, else SQLite in the data folder."""
    url = os.environ.get("DATABASE_URL", "")
    if url:
        return _postgresql_database(url)
    return {
        "ENGINE": "waymark.sqlite",
        "NAME": DATA / "waymark.sqlite3",
        "OPTIONS": {
            # With the default mode, simultaneous writes fail with "database is locked".
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # trusted_schema stays on: SQLite regards JSON_VALID in JSONField checks as unsafe.
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
            ),
        },
        # Threads of a test process share a file, so that locks behave as in production.
        "TEST": {"NAME": DATA / "test.sqlite3"},
    }


# Lazy, so that importing the settings does not create the data folder.
SECRET_KEY = lazy(_secret_key, str)()
DATABASES = {"default": _database_settings()}
MAIL_SERVER = _mail_server()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "waymark.accounts",
    "waymark.mail",
    "waymark.documents",
    "waymark.frameworks",
    "waymark.coding",
    "waymark.profiles",
    "waymark.bodies",
    "waymark.recommendations",
    "waymark.overview",
    "waymark.publishing",
    "waymark.library",
    "waymark.briefings",
    "waymark.alerts",
    "waymark.enquiries",
    "waymark.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "waymark.web.middleware.compression.TextCompression",
    "csp.middleware.CSPMiddleware",
    "waymark.web.middleware.robots.RobotsTagMiddleware",
    "waymark.web.middleware.data_use.DataUseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "waymark.web.middleware.body_limits.BodyLimits",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "waymark.web.middleware.errors.PrivatePages",
    "waymark.web.middleware.errors.WaymarkErrors",
]
CSRF_FAILURE_VIEW = "waymark.web.middleware.errors.stale_form"
ROOT_URLCONF = "waymark.web.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "waymark.web.middleware.context.site",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = UK_TIME.key
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "web" / "static"]
# `waymark serve` collects the static files here, with hashed names and compressed. Plain names are
# served from the package.
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "waymark.web.server.static_files.HashedStaticFiles"},
}
WHITENOISE_USE_FINDERS = True

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:  # browsers accept these names only from this host and over HTTPS
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# Larger files are streamed to disk while they arrive, not kept in memory.
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# Not /tmp, which is small and often in memory: BodyLimits checks the free space of this disk.
FILE_UPLOAD_TEMP_DIR = DATA / "receiving"
SILENCED_SYSTEM_CHECKS = ["files.E001"]  # the folder is created with the first file
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
