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

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import lazy

from waymark.core.data_folder import data_folder
from waymark.core.files import write_new
from waymark.core.opening_hours import OpeningHours, opening_hours
from waymark.core.site_address import first_public_host
from waymark.core.uk_time import UK_TIME
from waymark.setting_values import (
    dask_setting,
    day_setting,
    days_setting,
    domain_setting,
    email_setting,
    file_setting,
    flag_setting,
    folder_setting,
    host_setting,
    imap_setting,
    index_prefix_setting,
    language_setting,
    listening_setting,
    mail_server_setting,
    names_setting,
    node_addresses_setting,
    number_setting,
    organisation_setting,
    originals_setting,
    postgresql_setting,
    secret_setting,
    site_address_setting,
    text_setting,
    web_address_setting,
)

PACKAGE = Path(__file__).resolve().parent


USUAL_HOURS = "Mon-Fri 09:00-17:00"
MOST_YEARS = 1_000
"""More leads to dates that a calendar does not have."""


def _desk_hours() -> OpeningHours:
    """Opening hours of the Information Service, by its nation and the days on which it is closed.

    Without WAYMARK_DESK_HOURS answers are due by usual hours, which no page names.
    """
    nation = text_setting("WAYMARK_NATION", "ENG")
    closed = text_setting("WAYMARK_CLOSED_DAYS")
    hours = text_setting("WAYMARK_DESK_HOURS", USUAL_HOURS)
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
    value = text_setting(name, "tantivy")
    if value not in SEARCH_BACKENDS:
        known = ", ".join(SEARCH_BACKENDS)
        raise ImproperlyConfigured(
            f"{name} is {value!r}, but the known search backends are: {known}"
        )
    return value


def _opensearch_options() -> dict[str, Any]:
    """Where the cluster is; see waymark.library.search.opensearch.cluster.ClusterOptions."""
    user = text_setting("WAYMARK_OPENSEARCH_USER")
    password = secret_setting("WAYMARK_OPENSEARCH_PASSWORD")
    if bool(user) != bool(password):
        raise ImproperlyConfigured(
            "WAYMARK_OPENSEARCH_USER needs WAYMARK_OPENSEARCH_PASSWORD or "
            "WAYMARK_OPENSEARCH_PASSWORD_FILE, and these need a user"
        )
    if ":" in user:
        raise ImproperlyConfigured("WAYMARK_OPENSEARCH_USER must have no colon")
    return {
        "hosts": node_addresses_setting("WAYMARK_OPENSEARCH_HOSTS"),
        "prefix": index_prefix_setting("WAYMARK_OPENSEARCH_PREFIX", "waymark"),
        "user": user,
        "password": password,
        "ca_file": str(file_setting("WAYMARK_OPENSEARCH_CA") or ""),
        "shards": number_setting("WAYMARK_OPENSEARCH_SHARDS", 1, most=100),
        "replicas": number_setting("WAYMARK_OPENSEARCH_REPLICAS", 1, most=10),
    }


def environment() -> dict[str, str]:
    """Copy of the environment, for child processes."""
    return dict(os.environ)


def in_force() -> dict[str, str]:
    """Settings from the environment, without secrets and without the data folder.

    User names and passwords are removed from addresses.
    """
    names = [name for name in os.environ if name.startswith("WAYMARK_")] + ["DATABASE_URL"]
    secret = {"WAYMARK_DATA", "WAYMARK_SECRET_KEY", "WAYMARK_IMAP_URL"}
    secret |= {"WAYMARK_LANGUAGE_MODEL_KEY", "WAYMARK_OPENSEARCH_PASSWORD"}
    secret |= {"WAYMARK_OIDC_CLIENT_SECRET"}
    return {
        name: _without_password(os.environ[name])
        for name in sorted(names)
        if os.environ.get(name) and name not in secret
    }


def _without_password(value: str) -> str:
    # Two forms: postgresql://user:secret@host/name and ...?password=secret.
    value = re.sub(r"://\S*@", "://...@", value)
    return re.sub(r"(?i)password=[^&\s]*", "password=...", value)


DATA = data_folder()
DEBUG = flag_setting("WAYMARK_DEBUG")
HTTPS = flag_setting("WAYMARK_HTTPS")
# Binding for other sites of the domain, so only where the operator says so.
HSTS_SUBDOMAINS = flag_setting("WAYMARK_HSTS_SUBDOMAINS")
HSTS_PRELOAD = flag_setting("WAYMARK_HSTS_PRELOAD")
ALLOWED_HOSTS = host_setting("WAYMARK_HOSTS", "localhost,127.0.0.1,[::1]")
# Where readers find this site: an email is written by a worker, which sees no request.
_HOST = first_public_host(ALLOWED_HOSTS)
SITE_ADDRESS = site_address_setting(
    "WAYMARK_SITE_ADDRESS",
    f"{'https' if HTTPS else 'http'}://{_HOST or ('localhost' if HTTPS else 'localhost:8000')}",
)
# Repository name in OAI identifiers, which harvesters store: it must not change with the host.
REPOSITORY = domain_setting("WAYMARK_REPOSITORY", "waymark.localhost")
SITE_NAME = text_setting("WAYMARK_SITE_NAME", "Waymark")
# Contact of the information service, shown as given; hidden if empty.
CONTACT_EMAIL = email_setting("WAYMARK_CONTACT_EMAIL")
CONTACT_PHONE = text_setting("WAYMARK_CONTACT_PHONE")
# Who runs the site, for the pages contact, privacy, complaints and accessibility.
ORGANISATION = text_setting("WAYMARK_ORGANISATION")
ORGANISATION_ADDRESS = text_setting("WAYMARK_ORGANISATION_ADDRESS")
# Where mail to the site arrives: a maildir, an IMAP folder, or none. LMTP needs no setting.
MAILDIR = folder_setting("WAYMARK_MAILDIR")
IMAP_URL = imap_setting("WAYMARK_IMAP_URL")
DESK_HOURS = _desk_hours()
OPENING_HOURS = text_setting(
    "WAYMARK_OPENING_HOURS", DESK_HOURS.in_words() if text_setting("WAYMARK_DESK_HOURS") else ""
)
# The Information Service: working days in which an enquiry is answered, and months after its end
# for which it is known who asked.
ANSWER_DAYS = number_setting("WAYMARK_ANSWER_DAYS", 2, most=30)
KEEP_ENQUIRIES_MONTHS = number_setting("WAYMARK_KEEP_ENQUIRIES_MONTHS", 12, most=120)
# An answer is published only if another person than its author approves it.
ANSWERS_BY_TWO = flag_setting("WAYMARK_ANSWERS_BY_TWO", default=True)
COMPLAINTS_EMAIL = email_setting("WAYMARK_COMPLAINTS_EMAIL")
# The accessibility statement: who answers (the contact above if empty), and its days.
ACCESSIBILITY_EMAIL = email_setting("WAYMARK_ACCESSIBILITY_EMAIL")
ACCESSIBILITY_PHONE = text_setting("WAYMARK_ACCESSIBILITY_PHONE")
TESTED_ON = date(2026, 11, 29)
"""Day on which this version was last tested for accessibility, with the tools that it names."""
ACCESSIBILITY_PREPARED = day_setting("WAYMARK_ACCESSIBILITY_PREPARED", TESTED_ON)
ACCESSIBILITY_REVIEWED = day_setting("WAYMARK_ACCESSIBILITY_REVIEWED", ACCESSIBILITY_PREPARED)
EXIT_PAGE = web_address_setting("WAYMARK_EXIT_PAGE")
DATA_LICENCE = text_setting("WAYMARK_DATA_LICENCE")
MAX_UPLOAD_MIB = number_setting("WAYMARK_MAX_UPLOAD_MIB", 100)
# Uploads of one account in 24 hours, and files of all accounts that wait to be read.
UPLOADS_A_DAY_MIB = number_setting("WAYMARK_UPLOADS_A_DAY_MIB", 5_000)
UPLOADS_WAITING_MIB = number_setting("WAYMARK_UPLOADS_WAITING_MIB", 20_000)
MAX_PAGES = number_setting("WAYMARK_MAX_PAGES", 1_500)
PARSE_SECONDS = number_setting("WAYMARK_PARSE_SECONDS", 120)
PARSE_MEMORY_MIB = number_setting("WAYMARK_PARSE_MEMORY_MIB", 2_048)
# Languages of text recognition, as Tesseract names them: English, Welsh and Irish are eng+cym+gle.
OCR_LANGUAGES = language_setting("WAYMARK_OCR_LANGUAGES", "eng")
KEEP_YEARS = number_setting("WAYMARK_KEEP_YEARS", 5, most=MOST_YEARS)
PUBLIC_BODIES = file_setting("WAYMARK_PUBLIC_BODIES")
# Hosts on a private network whose feeds and links may be asked: for tests, and inside a network.
FEED_PRIVATE_HOSTS = (
    host_setting("WAYMARK_FEED_PRIVATE_HOSTS", "")
    if text_setting("WAYMARK_FEED_PRIVATE_HOSTS")
    else []
)
# Whether the addresses of published resources are tried now and then.
LINK_CHECKS = flag_setting("WAYMARK_LINK_CHECKS", default=True)
ROLES = ("reader", "cataloguer", "coder", "analyst", "editor", "administrator")
# Roles that need a second factor at sign-in.
SECOND_FACTOR_ROLES = names_setting("WAYMARK_SECOND_FACTOR", ROLES)
# Sign-in by an organisation (OpenID Connect); None if it is off.
ORGANISATION_SIGN_IN = organisation_setting()
DEPOSITS = flag_setting("WAYMARK_DEPOSITS", default=True)
# Hours until a session ends of an account that is only a reader's; for staff see sessions.py.
READER_SESSION_HOURS = number_setting("WAYMARK_READER_SESSION_HOURS", 12, most=24 * 30)
# Programs that suggest codes, when people ask for it. Off: no control, no job, no import.
SUGGESTIONS = flag_setting("WAYMARK_SUGGESTIONS", default=True)
# Language models at an address that an administrator enters: off unless it is switched on here.
LANGUAGE_MODELS = flag_setting("WAYMARK_LANGUAGE_MODELS")
# Drafts from chosen passages by such a model (Find and quote): off unless it is switched on too.
QUOTE_DRAFTS = flag_setting("WAYMARK_QUOTE_DRAFTS")
LANGUAGE_MODEL_KEY = text_setting("WAYMARK_LANGUAGE_MODEL_KEY")
SEARCH_BACKENDS = {
    "tantivy": "waymark.library.search.tantivy.backend.index_in",
    "opensearch": "waymark.library.queries.search_backend.cluster_index",
}
"""Name -> maker of the backend, given the folder where it may keep files."""
SEARCH_BACKEND = _search_backend("WAYMARK_SEARCH_BACKEND")
OPENSEARCH = _opensearch_options() if SEARCH_BACKEND == "opensearch" else {}
"""Values of ClusterOptions."""
# Search by meaning as well: needs the extra "semantic", and judged queries that say it helps.
MEANING = flag_setting("WAYMARK_MEANING")
# Where originals are, if not in the data folder: an S3 address.
ORIGINALS = originals_setting("WAYMARK_ORIGINALS")
# Workers on other machines that read files, besides this process.
DASK = dask_setting("WAYMARK_DASK")
MAIL_FROM = email_setting("WAYMARK_MAIL_FROM")
# Days for which personal data are kept, where the retention schedule has others.
RETENTION = days_setting("WAYMARK_RETENTION")
# Who is told when the site needs a person, and from when on.
OPERATOR_EMAIL = email_setting("WAYMARK_OPERATOR_EMAIL")
DISK_WARNING_MIB = number_setting("WAYMARK_DISK_WARNING_MIB", 2_048)
BACKUP_HOURS = number_setting("WAYMARK_BACKUP_HOURS", 48, most=10_000)
METRICS = listening_setting("WAYMARK_METRICS")
ALERTS_PER_DOMAIN = number_setting("WAYMARK_ALERTS_PER_DOMAIN", 0)
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


def _database_settings() -> dict[str, object]:
    """Database settings: PostgreSQL if DATABASE_URL is set, else SQLite in the data folder."""
    url = os.environ.get("DATABASE_URL", "")
    if url:
        return postgresql_setting(url)
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
MAIL_SERVER = mail_server_setting()
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
    "waymark.indicators",
    "waymark.training",
    "waymark.data_access",
    "waymark.web",
]
MIDDLEWARE = [
    "waymark.web.middleware.request_log.RequestLog",
    "waymark.web.middleware.probes.Probes",
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
    "waymark.web.middleware.pacing.OpenFormsPace",
    "waymark.web.middleware.first_steps.FirstSteps",
    "waymark.web.middleware.fresh_sign_in.FreshSignIn",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "waymark.web.accounts.kept_forms.KeptForms",
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
    {"NAME": "waymark.accounts.passwords.CommonPasswords"},
    {"NAME": "waymark.accounts.passwords.OwnWords"},
    {"NAME": "waymark.accounts.passwords.Sequences"},
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

SESSION_ENGINE = "waymark.accounts.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:  # browsers accept these names only from this host and over HTTPS
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
MESSAGE_STORAGE = "waymark.web.shared.message_cookies.Messages"
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
# Lists of browsers take a domain only with its subdomains.
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and (HSTS_SUBDOMAINS or HSTS_PRELOAD)
SECURE_HSTS_PRELOAD = HTTPS and HSTS_PRELOAD
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
SILENCED_SYSTEM_CHECKS = [
    "files.E001",  # the folder is created with the first file
    # Subdomains and the lists of browsers bind names that may not be the operator's: by setting.
    *("security.W005", "security.W021"),
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

JSON_LOGS = flag_setting("WAYMARK_JSON_LOGS")
ACCESS_LOG = flag_setting("WAYMARK_ACCESS_LOG")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {"()": f"waymark.core.log_lines.{'JsonLines' if JSON_LOGS else 'TextLines'}"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "waymark.access": {"level": "INFO"},
        # It logs each failed attempt with a traceback; what came of it is logged by Waymark.
        "opensearch": {"level": "ERROR"},
    },
}
