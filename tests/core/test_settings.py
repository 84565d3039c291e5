"""DATABASE_URL: an address of PostgreSQL, read as PostgreSQL's own programs read it."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from waymark.settings import _database


def said(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    found = _database()
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
        ("postgresql://ann:secret@db/way?no-such-option=1", "not an address"),
    ],
)
def test_a_wrong_address_is_refused_without_showing_its_password(monkeypatch, url, why):
    with pytest.raises(ImproperlyConfigured, match=why) as refused:
        said(monkeypatch, url)
    assert "secret" not in str(refused.value)
