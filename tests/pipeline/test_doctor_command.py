"""The command doctor: on what is not there, damaged or of another version; it only looks."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from tests import forked_command
from tests.pipeline.installation import ON_POSTGRESQL, begin, bytes_of

pytestmark = pytest.mark.skipif(ON_POSTGRESQL, reason="looks at SQLite's file")


class Waymark(forked_command.Waymark):
    """Runs commands on one data folder, which may be missing; none shows a fault of the program."""

    def __call__(self, *words, code=0):
        run = super().__call__(*words, code=code)
        assert "Traceback" not in run.stderr
        return run


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A data folder that no test changes."""
    folder = tmp_path_factory.mktemp("sound")
    begin(folder / "data", folder / "reports")("work", "--once")
    return folder / "data"


@pytest.fixture
def waymark(sound, tmp_path, django_db_blocker):
    shutil.copytree(sound, tmp_path / "data")
    return Waymark(django_db_blocker, tmp_path / "data")


@pytest.fixture
def nowhere(tmp_path, django_db_blocker):
    """Runs commands on a folder that does not exist."""
    return Waymark(django_db_blocker, tmp_path / "nowhere", tmp_path)


def examined(waymark, code=3):
    printed = json.loads(waymark("doctor", "--json", code=code).stdout)
    assert printed["well"] is (code == 0)
    return {check["check"]: check["faults"] for check in printed["checks"]}


def test_a_sound_installation_is_well_and_looking_changes_no_byte(waymark):
    before = bytes_of(waymark.data)
    assert set(map(tuple, examined(waymark, code=0).values())) == {()}
    assert bytes_of(waymark.data) == before


def test_a_quick_examination_names_what_it_did_not_check_and_finds_the_rest(waymark):
    original, *_ = [path for path in (waymark.data / "originals").rglob("*") if path.is_file()]
    original.write_bytes(b"damaged")
    (waymark.data / "secret-key").write_bytes(b"")
    printed = json.loads(waymark("doctor", "--quick", "--json", code=3).stdout)
    faults = {check["check"]: check["faults"] for check in printed["checks"]}
    assert [name for name, found in faults.items() if found] == ["the secret key can be read"]
    assert "every original exists and is unchanged" in printed["not_checked"]
    assert "every original exists and is unchanged" not in faults
    assert "not checked: the database is whole" in waymark("doctor", "--quick", code=3).stdout
    everything = json.loads(waymark("doctor", "--json", code=3).stdout)
    assert everything["not_checked"] == []
    assert {*faults, *printed["not_checked"]} == {row["check"] for row in everything["checks"]}


@pytest.mark.parametrize("empty", [False, True])
def test_a_folder_without_an_installation_is_an_error_and_nothing_is_made_in_it(
    tmp_path, nowhere, empty
):
    if empty:
        nowhere.data.mkdir()
    ((name, (fault,)),) = examined(nowhere).items()
    assert name == "there is an installation"
    assert "--data or WAYMARK_DATA" in fault
    assert list(tmp_path.rglob("*")) == ([nowhere.data] if empty else [])


@pytest.mark.parametrize(
    "words",
    [
        ("search", "visits"),
        ("overview", "table", "x", "T1"),
        ("work", "--once"),
        ("index", "rebuild"),
        ("backup", "elsewhere"),
        ("thesaurus", "load", "--dry-run"),
    ],
)
def test_a_command_that_reads_begins_no_installation(nowhere, words):
    assert "there is no installation in" in nowhere(*words, code=3).stderr
    assert not nowhere.data.exists()


def test_a_damaged_page_of_the_database_is_found(waymark):
    path = waymark.data / "waymark.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = "SELECT rootpage FROM sqlite_master WHERE name = 'documents_passage'"
        (page,) = database.execute(root).fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)
    checks = examined(waymark)
    assert any("waymark restore" in fault for fault in checks["the database is whole"])
    assert "could not be checked" in checks["every page and passage is within its text"][0]
    assert checks["every original exists and is unchanged"] == []


def test_a_row_that_points_nowhere_is_found(waymark):
    with closing(sqlite3.connect(waymark.data / "waymark.sqlite3")) as database:
        database.execute("PRAGMA foreign_keys=OFF")
        database.execute("DELETE FROM documents_review WHERE id = 1")
        database.commit()
    (fault, *_) = examined(waymark)["the database is whole"]
    assert "points to a row of documents_review that does not exist" in fault


def test_a_file_that_is_no_database_is_a_fault_beside_checks_that_need_none(waymark):
    for suffix in ("-wal", "-shm"):
        (waymark.data / f"waymark.sqlite3{suffix}").unlink(missing_ok=True)
    (waymark.data / "waymark.sqlite3").write_bytes(b"no database at all" * 1000)
    checks = examined(waymark)
    assert "not a database" in checks["the database is whole"][0]
    assert checks["the secret key can be read"] == []


def apply(waymark, query, *values):
    with closing(sqlite3.connect(waymark.data / "waymark.sqlite3")) as database:
        database.execute(query, values)
        database.commit()


def test_a_database_of_a_newer_version_is_left_alone_by_every_command(waymark):
    apply(
        waymark,
        "INSERT INTO django_migrations (app, name, applied) VALUES (?, ?, '2030-01-01')",
        "library",
        "0999_of_the_future",
    )
    (fault,) = examined(waymark)["the database has the form of this version"]
    assert "newer version" in fault
    for words in (("search", "visits"), ("migrate",)):
        assert "newer version of Waymark" in waymark(*words, code=3).stderr
