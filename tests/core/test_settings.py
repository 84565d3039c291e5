"""Settings: the addresses of PostgreSQL, as its own programs read them, and of a mail server;
values that make no sense."""

import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.databases import environment_for
from waymark.core.setting_names import misspelt_settings
from waymark.setting_values import (
    email_setting,
    flag_setting,
    host_setting,
    mail_server_setting,
    site_address_setting,
)
from waymark.settings import _database_settings


def said(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    found = _database_settings()
    names = ("USER", "PASSWORD", "HOST", "PORT", "NAME", "OPTIONS")
    return tuple(found[name] for name in names)


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("postgresql://ann:p%40ss@db:5433/way", ("ann", "p@ss", "db", "5433", "way", {})),
        ("postgres://ann@[::1]/way", ("ann", "", "::1", "", "way", {})),
        ("postgresql:///way?host=/run/pg", ("", "", "/run/pg", "", "way", {})),
        ("postgresql://%2Frun%2FPg/way", ("", "", "/run/Pg", "", "way", {})),
        (
            "postgresql://ann@db/way?sslmode=require",
            ("ann", "", "db", "", "way", {"sslmode": "require"}),
        ),
    ],
)
def test_an_address_names_person_password_place_and_database(monkeypatch, url, parts):
    assert said(monkeypatch, url) == parts


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://ann:secret@db/way", "begin with postgresql://"),
        ("postgresql://ann:secret@db", "names no database"),
        ("postgresql://ann:secret@db/way?no-such-option=1", "not a PostgreSQL address"),
    ],
)
def test_a_wrong_address_is_refused_without_showing_its_password(monkeypatch, url, why):
    with pytest.raises(ImproperlyConfigured, match=why) as refused:
        said(monkeypatch, url)
    assert "secret" not in str(refused.value)


# ---- the mail server ----


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("", ("", 25, "", "", False, False)),
        ("smtp://relay", ("relay", 25, "", "", False, False)),
        ("smtp+tls://ann:p%40ss@mail.example", ("mail.example", 587, "ann", "p@ss", True, False)),
        ("smtps://ann:pw@mail.example:2465", ("mail.example", 2465, "ann", "pw", False, True)),
    ],
)
def test_an_address_of_a_mail_server_says_how_to_reach_it(monkeypatch, url, parts):
    monkeypatch.setenv("WAYMARK_SMTP_URL", url)
    monkeypatch.setenv("WAYMARK_MAIL_FROM", "library@example.org")
    assert tuple(mail_server_setting().values()) == parts


@pytest.mark.parametrize(
    "url", ["mail.example", "http://u:pw@mail.example", "smtp://:99", "smtp://a:x"]
)
def test_a_wrong_address_of_a_mail_server_is_told_without_its_password(monkeypatch, url):
    monkeypatch.setenv("WAYMARK_SMTP_URL", url)
    monkeypatch.setenv("WAYMARK_MAIL_FROM", "library@example.org")
    with pytest.raises(ImproperlyConfigured, match="not the address of a mail server") as error:
        mail_server_setting()
    assert "pw" not in str(error.value)


def test_letters_need_a_sender(monkeypatch):
    monkeypatch.setenv("WAYMARK_SMTP_URL", "smtp://relay")
    monkeypatch.delenv("WAYMARK_MAIL_FROM", raising=False)
    with pytest.raises(ImproperlyConfigured, match="needs WAYMARK_MAIL_FROM"):
        mail_server_setting()


# ---- names that do not exist ----


def test_a_misspelt_name_is_told_with_the_nearest_one():
    names = ("WAYMARK_HOST", "WAYMARK_SITENAME", "WAYMARK_HTTPS", "WAYMARK_TEST_DATA", "HOSTS")
    assert misspelt_settings(names) == [
        "the setting WAYMARK_HOST does not exist and has no effect: did you mean WAYMARK_HOSTS?",
        (
            "the setting WAYMARK_SITENAME does not exist and has no effect: did you mean"
            " WAYMARK_SITE_NAME?"
        ),
    ]


# ---- values that make no sense ----


def start_with(data, **values):
    """End of a command that needs only the settings."""
    return subprocess.run(
        [sys.executable, "-m", "waymark", "account", "list"],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment_for(data) | values,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WAYMARK_HTTPS", "maybe"),
        ("WAYMARK_DEBUG", "2"),
        ("WAYMARK_DEPOSITS", "closed"),
        ("WAYMARK_HOSTS", "https://library.example.org"),
        ("WAYMARK_HOSTS", "library.example.org:8000"),
        ("WAYMARK_HOSTS", "library.example.org www.example.org"),
        ("WAYMARK_HOSTS", ","),
        ("WAYMARK_REPOSITORY", "https://library.example.org/oai"),
        ("WAYMARK_SITE_ADDRESS", "library.example.org"),
        ("WAYMARK_SITE_ADDRESS", "https://library.example.org/alerts"),
        ("WAYMARK_SITE_NAME", "Our\nlibrary"),
        ("WAYMARK_SITE_NAME", "Leabharlann \udce9"),
        ("WAYMARK_CONTACT_EMAIL", "ask at the desk"),
        ("WAYMARK_MAIL_FROM", "Library <library@example.org>"),
        ("WAYMARK_MAIL_FROM", "library.example.org"),
        ("WAYMARK_MAX_UPLOAD_MIB", "0"),
        ("WAYMARK_MAX_PAGES", "-5"),
        ("WAYMARK_PARSE_SECONDS", "1.5"),
        ("WAYMARK_PARSE_SECONDS", "²"),
        ("WAYMARK_PARSE_MEMORY_MIB", "9" * 5_000),
        ("WAYMARK_PARSE_MEMORY_MIB", "1000001"),
        ("WAYMARK_KEEP_YEARS", "9000"),
        ("WAYMARK_SEARCH_BACKEND", "elastic"),
        ("WAYMARK_SMTP_URL", "mail.example"),
        ("DATABASE_URL", "mysql://localhost/way"),
    ],
)
def test_a_value_that_makes_no_sense_is_named_at_the_start(tmp_path, name, value):
    run = start_with(tmp_path / "data", **{name: value})
    assert (run.returncode, run.stdout) == (3, "")
    assert run.stderr.startswith(f"waymark: {name} ")
    assert len(run.stderr.splitlines()) == 1
    assert not (tmp_path / "data").exists()


def test_the_error_for_an_unknown_search_backend_lists_the_known_ones(tmp_path):
    run = start_with(tmp_path, WAYMARK_SEARCH_BACKEND="elastic")
    assert "is 'elastic', but the known search backends are: tantivy, opensearch" in run.stderr


@pytest.mark.parametrize(
    ("read", "name", "value", "meaning"),
    [
        (flag_setting, "WAYMARK_HTTPS", " On ", True),
        (flag_setting, "WAYMARK_HTTPS", "0", False),
        (flag_setting, "WAYMARK_HTTPS", " ", False),
        (email_setting, "WAYMARK_MAIL_FROM", "library@mail", "library@mail"),
        (email_setting, "WAYMARK_MAIL_FROM", " ", ""),
        (site_address_setting, "WAYMARK_SITE_ADDRESS", "https://a.example/", "https://a.example"),
        (site_address_setting, "WAYMARK_SITE_ADDRESS", "http://127.0.0.1:8", "http://127.0.0.1:8"),
    ],
)
def test_a_value_is_read_without_the_blanks_around_it(monkeypatch, read, name, value, meaning):
    monkeypatch.setenv(name, value)
    assert read(name) == meaning


def test_host_names_may_have_blanks_between_them_and_a_blank_variable_is_none(monkeypatch):
    monkeypatch.setenv("WAYMARK_HOSTS", "library.example.org, .example.ie, *, [::1], 10.0.0.5,")
    expected = ["library.example.org", ".example.ie", "*", "[::1]", "10.0.0.5"]
    assert host_setting("WAYMARK_HOSTS", "localhost") == expected
    monkeypatch.setenv("WAYMARK_HOSTS", " ")
    assert host_setting("WAYMARK_HOSTS", "localhost") == ["localhost"]
