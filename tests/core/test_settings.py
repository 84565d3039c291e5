"""Settings: the addresses of PostgreSQL, as its own programs read them, and of a mail server."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from waymark.settings import _database_settings, _mail_server


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
    assert tuple(_mail_server().values()) == parts


@pytest.mark.parametrize(
    "url", ["mail.example", "http://u:pw@mail.example", "smtp://:99", "smtp://a:x"]
)
def test_a_wrong_address_of_a_mail_server_is_told_without_its_password(monkeypatch, url):
    monkeypatch.setenv("WAYMARK_SMTP_URL", url)
    monkeypatch.setenv("WAYMARK_MAIL_FROM", "library@example.org")
    with pytest.raises(ImproperlyConfigured, match="not the address of a mail server") as error:
        _mail_server()
    assert "pw" not in str(error.value)


def test_letters_need_a_sender(monkeypatch):
    monkeypatch.setenv("WAYMARK_SMTP_URL", "smtp://relay")
    monkeypatch.delenv("WAYMARK_MAIL_FROM", raising=False)
    with pytest.raises(ImproperlyConfigured, match="needs WAYMARK_MAIL_FROM"):
        _mail_server()
