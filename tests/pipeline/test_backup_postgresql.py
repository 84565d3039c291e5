"""Backups of an installation whose database is PostgreSQL: by pg_dump, into an empty database."""

import json

import psycopg.sql
import pytest

from tests.pipeline.installation import ON_POSTGRESQL, Waymark, begin, bytes_of

pytestmark = pytest.mark.skipif(not ON_POSTGRESQL, reason="needs PostgreSQL")

COUNTED = ("documents_report", "documents_passage", "library_cataloguerecord", "accounts_user")


def counts(waymark):
    with psycopg.connect(waymark.environment()["DATABASE_URL"]) as database:
        return {
            table: database.execute(
                psycopg.sql.SQL("SELECT count(*) FROM {}").format(psycopg.sql.Identifier(table))
            ).fetchone()[0]
            for table in COUNTED
        }


def originals(waymark):
    return {name: of for name, of in bytes_of(waymark.data).items() if "originals" in name}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    return begin(folder / "data", folder / "reports")


@pytest.mark.parametrize("name", ["backups", "one.tar"])
def test_a_backup_restores_to_an_empty_database_and_to_no_other(installed, tmp_path, name):
    place = json.loads(installed("backup", tmp_path / name, "--json").stdout)["backup"]
    manifest = installed("restore", place, "--check", "--json").stdout
    assert json.loads(manifest)["well"] is True
    new = Waymark(tmp_path / "new")
    new("restore", place)
    assert counts(new) == counts(installed)
    assert originals(new) == originals(installed)
    assert "3 results" not in new("search", "nothing-like-it").stdout
    again = new("restore", place, "--replace", code=3).stderr
    assert "the database that DATABASE_URL names is not empty" in again
    new("sending", "resume")
    new("doctor")


def test_no_password_is_seen_in_a_backup(installed, tmp_path):
    url = installed.environment()["DATABASE_URL"]
    other = Waymark(installed.data, DATABASE_URL=url.replace("waymark@", "waymark:hunter2@"))
    other("backup", tmp_path / "backups")
    for path in (tmp_path / "backups").rglob("manifest.json"):
        assert "hunter2" not in path.read_text()
