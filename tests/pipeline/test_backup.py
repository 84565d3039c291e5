"""Backups: what is in them, while others write, and whatever moment they are killed at."""

import fcntl
import json
import shutil
import sqlite3
import stat
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.db import transaction
from numpy.random import default_rng

from tests.factories import NOON
from tests.pipeline.backups import assert_same, checks, files, fill, made, rows
from tests.pipeline.forked import Child, Failed
from tests.pipeline.installation import ON_POSTGRESQL
from waymark.accounts import audit
from waymark.core.errors import FileRefused
from waymark.documents.files.storage import keep_original
from waymark.documents.models import Original
from waymark.pipeline import ingest_files
from waymark.pipeline.backup import back_up, check_backup, making, unfinished_in
from waymark.settings import in_force

pytestmark = pytest.mark.skipif(ON_POSTGRESQL, reason="compares SQLite's files")

KILLS = 20


@pytest.mark.parametrize("name", ["backups", "one.tar"])
def test_a_backup_restores_to_the_same_rows_and_bytes(name, filled, run, restored, tmp_path):
    before = files(filled)
    place = run(filled, made(tmp_path / name))[0]
    assert files(filled) == before
    data = restored(place)
    assert_same(data, filled)
    assert [path.name for path in data.glob("waymark.sqlite3-*")] == ["waymark.sqlite3-queue"]
    faults = [fault for faults in run(data, checks).values() for fault in faults]
    (paused,) = faults
    assert paused.startswith("emails are paused (restored from the backup of 2026-05-04 12:00 UTC)")


@pytest.mark.parametrize(
    "table",
    [
        *("indicators_indicatorvalue", "training_coursesession", "recommendations_bodycontact"),
        *("data_access_dataapplication", "data_access_accessapproval", "library_resource"),
        "coding_machinecoder",
    ],
)
def test_what_is_compared_contains_every_service(table, filled):
    assert rows(filled / "waymark.sqlite3")[table]


def test_a_second_backup_in_a_folder_adds_what_is_new_and_the_first_can_still_be_restored(
    data, run, restored, tmp_path
):
    backups = tmp_path / "backups"
    first = run(data, made(backups))
    again = run(data, made(backups))
    assert (first[2], again[2]) == (first[1], 0)

    def one_more():
        (tmp_path / "more").mkdir()
        (tmp_path / "more" / "new.txt").write_text("1 Findings\n\nA letter was lost.\n")
        ingest_files([tmp_path / "more" / "new.txt"], workers=1, by=None, clock=lambda: NOON)

    old = shutil.copytree(data, tmp_path / "old")
    run(data, one_more)
    assert run(data, made(backups))[2] == 1
    assert_same(restored(backups), data)
    assert_same(restored(first[0]), old)


def test_the_copy_of_the_database_is_one_file_with_what_was_in_its_log(data, run, tmp_path):
    def work():
        audit.record_entry(actor=None, action="a test", subject="the log", now=NOON)
        assert (data / "waymark.sqlite3-wal").stat().st_size > 0
        return str(back_up(tmp_path / "backups", now=NOON).place)

    place = Path(run(data, work))
    assert sorted(path.name for path in place.iterdir()) == ["database.sqlite3", "manifest.json"]
    assert rows(place / "database.sqlite3")["accounts_auditentry"][-1][3] == "a test"
    with closing(sqlite3.connect(place / "database.sqlite3")) as copy:
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_vectors_of_texts_are_in_no_backup(data, run, tmp_path):
    """A text that is erased later would leave its vector in the copy."""
    vectors = data / "meaning" / "model" / "staff" / "values"
    vectors.parent.mkdir(parents=True)
    vectors.write_bytes(b"a vector of a text")
    backups = tmp_path / "backups"
    run(data, made(backups))
    copied = [path for path in backups.rglob("*") if path.is_file()]
    assert copied
    assert not [path for path in copied if b"a vector of a text" in path.read_bytes()]


def test_a_backup_is_for_its_owner_only(filled, run, tmp_path):
    run(filled, made(tmp_path / "backups"))
    run(filled, made(tmp_path / "one.tar"))
    for path in [*(tmp_path / "backups").rglob("*"), tmp_path / "one.tar"]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_passwords_of_the_settings_are_not_in_a_backup(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann:hunter2@db/way?sslmode=require")
    monkeypatch.setenv("WAYMARK_SMTP_URL", "smtps://post:hun@ter2@mail.example")
    monkeypatch.setenv("WAYMARK_SECRET_KEY", "hunter2")
    monkeypatch.setenv("WAYMARK_SITE_NAME", "Ours")
    values = in_force()
    assert values["DATABASE_URL"] == "postgresql://...@db/way?sslmode=require"
    assert values["WAYMARK_SMTP_URL"] == "smtps://...@mail.example"
    assert values["WAYMARK_SITE_NAME"] == "Ours"
    assert not {"WAYMARK_SECRET_KEY", "WAYMARK_DATA"} & set(values)
    assert "ter2" not in json.dumps(values)


def test_an_original_that_is_missing_is_told_and_one_that_was_erased_meanwhile_is_not(
    data, run, tmp_path
):
    first, second, _ = sorted(path for path in (data / "originals").rglob("*") if path.is_file())
    first.unlink()

    def work():
        copy = making.copy_database

        def then_erased(to):
            result = copy(to)
            second.unlink()
            Original.objects.filter(sha256=second.name).update(erased_at=NOON)
            return result

        making.copy_database = then_erased
        return back_up(tmp_path / "backups", now=NOON).missing

    assert run(data, work) == [f"originals/{first.name[:2]}/{first.name}"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("data/inside", "is in the data folder"),
        ("there.tar", "already exists"),
        ("other.zip", "NAME.tar"),
    ],
)
def test_no_backup_is_made_where_it_would_be_lost_or_write_over_something(
    filled, run, tmp_path, name, why
):
    (tmp_path / "there.tar").write_text("something else")
    path = filled / "inside" if name.startswith("data") else tmp_path / name
    with pytest.raises(Failed, match=why):
        run(filled, made(path))
    assert (tmp_path / "there.tar").read_text() == "something else"


def test_a_disk_without_room_is_told_before_anything_is_copied(filled, run, tmp_path, monkeypatch):
    monkeypatch.setattr(making, "FREE_ROOM", 10**18)
    with pytest.raises(Failed, match="MB free, and"):
        run(filled, made(tmp_path / "backups"))
    assert not list((tmp_path / "backups").rglob("database*"))


def test_a_damaged_database_makes_no_finished_backup(data, run, tmp_path):
    with closing(sqlite3.connect(data / "waymark.sqlite3")) as database:
        database.execute("PRAGMA foreign_keys=OFF")
        database.execute("DELETE FROM documents_review")
        database.commit()
    with pytest.raises(Failed, match="the database is damaged"):
        run(data, made(tmp_path / "backups"))
    with pytest.raises(FileRefused, match="not finished"):
        check_backup(tmp_path / "backups")


# ---- while others write ----


def keep_writing(folder: Path) -> None:
    """Store originals one after the other until killed."""
    number = 0
    while True:
        number += 1
        file = folder / "written.txt"
        file.write_text(f"report {number}")
        with transaction.atomic():
            sha256, size = keep_original(file)
            Original.objects.create(
                sha256=sha256, size=size, media_type="text/plain", stored_at=NOON
            )
        audit.record_entry(actor=None, action="store", subject=sha256, now=NOON)


@pytest.mark.parametrize("name", ["backups", "one.tar"])
def test_a_backup_made_while_others_write_holds_one_moment_of_it(
    name, data, run, restored, django_db_blocker, tmp_path
):
    writer = Child(django_db_blocker, data, lambda: keep_writing(tmp_path))
    while len(list((data / "originals").rglob("*"))) < 40:
        time.sleep(0.02)
    place = run(data, made(tmp_path / name))[0]
    writer.kill()
    new = restored(place)
    stored = {row[0] for row in rows(new / "waymark.sqlite3")["documents_original"]}
    there = {path.name for path in (new / "originals").rglob("*") if path.is_file()}
    assert stored == there
    assert 10 < len(stored) < len(rows(data / "waymark.sqlite3")["documents_original"]) + 1
    outcome = run(new, checks)
    for check in ("database is whole", "audit chain is whole", "original exists and is unchanged"):
        assert [faults for name, faults in outcome.items() if name.endswith(check)] == [[]]


def test_two_backups_do_not_write_to_one_folder_at_once(filled, run, tmp_path):
    backups = tmp_path / "backups"
    backups.mkdir()
    with (backups / "lock").open("w") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        with pytest.raises(Failed, match="another backup is being written"):
            run(filled, made(backups))
    run(filled, made(backups))


# ---- killed ----


def finished(path: Path) -> list[Path]:
    if path.suffix == ".tar":
        return [path] if path.exists() else []
    return [
        folder for folder in sorted(path.glob("backups/*")) if (folder / "manifest.json").exists()
    ]


def drill(filled, run, restored, blocker, path_of, *, kills: int, seed: int) -> tuple[int, int]:
    """Kill backups at random moments; how many were finished, and how many were not."""
    began = time.monotonic()
    run(filled, made(path_of(-1)))
    lasts = time.monotonic() - began
    moments = default_rng(seed)
    whole = broken = 0
    for number in range(kills):
        path = path_of(number)
        known = finished(path)
        child = Child(blocker, filled, made(path))
        time.sleep(moments.uniform(0, lasts * 1.2))
        child.kill()
        new = [folder for folder in finished(path) if folder not in known]
        whole += len(new)
        broken += not new
        for place in new:
            assert_same(restored(place), filled)
        cut_short = [path / "backups" / name for name in unfinished_in(path)]
        for place in [*cut_short, *path.parent.glob("*.part")]:
            with pytest.raises(FileRefused, match="not finished"):
                check_backup(place)
    return whole, broken


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_of_backups_killed_at_any_moment_the_finished_restore_and_the_others_are_refused(
    kind, filled, run, restored, django_db_blocker, tmp_path
):
    def path_of(number):
        return tmp_path / "backups" if kind == "folder" else tmp_path / f"backup{number}.tar"

    _, broken = drill(
        filled, run, restored, django_db_blocker, path_of, kills=KILLS // 2, seed=20130124
    )
    assert broken > 0
    # What was left behind is in nobody's way.
    assert_same(restored(run(filled, made(path_of(-2)))[0]), filled)


@pytest.mark.soak
def test_of_many_large_backups_killed_at_any_moment_every_finished_one_restores(
    run, restored, django_db_blocker, tmp_path
):
    data = tmp_path / "large"
    data.mkdir()

    def grown():
        fill(tmp_path / "reports", count=10)
        with transaction.atomic():
            for number in range(3_000):
                (tmp_path / "one").write_bytes(default_rng(number).bytes(20_000))
                sha256, size = keep_original(tmp_path / "one")
                Original.objects.create(
                    sha256=sha256, size=size, media_type="text/plain", stored_at=NOON
                )

    run(data, grown)
    whole, broken = drill(
        data,
        run,
        restored,
        django_db_blocker,
        lambda number: tmp_path / "backups",
        kills=60,
        seed=1,
    )
    assert whole + broken == 60
