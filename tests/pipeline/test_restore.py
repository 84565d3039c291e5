"""Restoring: nothing damaged or hostile is taken, nothing that was there is lost."""

import io
import json
import os
import shutil
import tarfile
from pathlib import Path

import pytest

from tests.factories import NOON
from tests.pipeline.backups import assert_same, files, made
from tests.pipeline.forked import Child, Failed
from tests.pipeline.installation import ON_POSTGRESQL
from waymark.accounts.installation import sending_paused
from waymark.accounts.models import State
from waymark.core.errors import FileRefused, RuleError
from waymark.core.locks import FolderLock
from waymark.documents.models import Review
from waymark.pipeline import change_state
from waymark.pipeline.backup import check_backup, making, restoring

pytestmark = pytest.mark.skipif(ON_POSTGRESQL, reason="looks at SQLite's file")


@pytest.fixture(scope="session")
def backups(filled, tmp_path_factory, django_db_blocker):
    """A folder of backups and a file, of the same installation."""
    folder = tmp_path_factory.mktemp("backups")
    for name in ("backups", "one.tar"):
        Child(django_db_blocker, filled, made(folder / name)).result()
    return folder


@pytest.fixture
def folder(backups, tmp_path):
    return shutil.copytree(backups / "backups", tmp_path / "backups")


@pytest.fixture
def archive(backups, tmp_path):
    return Path(shutil.copy(backups / "one.tar", tmp_path / "one.tar"))


def own(folder):
    (place,) = (folder / "backups").iterdir()
    return place


def original(folder):
    """The first original that the manifest names, and where the folder keeps it."""
    manifest = json.loads((own(folder) / "manifest.json").read_bytes())
    file = next(entry for entry in manifest["files"] if entry["path"].startswith("originals/"))
    return file["path"], folder / "files" / file["sha256"][:2] / file["sha256"]


def flipped(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


# ---- damaged ----


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "bytes instead of"),
        (flipped, "has changed"),
        (Path.unlink, "is missing"),
    ],
)
def test_a_file_of_a_folder_that_was_cut_changed_or_lost_is_named(folder, damage, says):
    name, path = original(folder)
    damage(path)
    with pytest.raises(FileRefused, match=f"{name} .*{says}"):
        check_backup(folder)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "bytes instead of"),
        (flipped, "has changed"),
        (Path.unlink, "is missing"),
    ],
)
def test_a_database_that_was_cut_changed_or_lost_is_named(folder, damage, says):
    damage(own(folder) / "database.sqlite3")
    with pytest.raises(FileRefused, match=f"the database .*{says}"):
        check_backup(folder)


def test_what_does_not_belong_to_a_backup_is_named(folder):
    (own(folder) / "database.sqlite3-wal").write_bytes(b"of elsewhere")
    with pytest.raises(FileRefused, match=r"database.sqlite3-wal is not in its manifest"):
        check_backup(folder)


def test_a_link_in_place_of_a_file_is_not_followed(folder, tmp_path):
    name, path = original(folder)
    shutil.move(path, tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileRefused, match=f"{name} is missing"):
        check_backup(folder)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "manifest.json is damaged"),
        (b"[]", "manifest.json is damaged"),
        (b'{"format": "waymark-backup 9"}', "created by a newer version"),
        (b'{"format": "waymark-backup 1"}', "manifest.json is damaged"),
    ],
)
def test_a_manifest_that_says_nothing_of_sense_is_refused(folder, content, says):
    (own(folder) / "manifest.json").write_bytes(content)
    with pytest.raises(FileRefused, match=says):
        check_backup(folder)


def changed(folder, **values):
    path = own(folder) / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | values))


def test_a_manifest_with_other_numbers_of_rows_is_refused(folder):
    manifest = json.loads((own(folder) / "manifest.json").read_bytes())
    manifest["database"]["counts"]["documents_report"] += 1
    changed(folder, database=manifest["database"])
    with pytest.raises(FileRefused, match="table documents_report has 3 rows instead of 4"):
        check_backup(folder)


@pytest.mark.parametrize(
    "path",
    ["../outside", "/etc/passwd", "a/../../b", "waymark.sqlite3", "index/current", "a//b", ""],
)
def test_no_manifest_leads_out_of_the_data_folder(folder, path):
    manifest = json.loads((own(folder) / "manifest.json").read_bytes())
    changed(folder, files=[manifest["files"][0] | {"path": path}])
    with pytest.raises(FileRefused, match="not a path of a data folder"):
        check_backup(folder)


# ---- a file ----


def member(name, *, of=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = of, link
    return info


@pytest.mark.parametrize(
    "stranger",
    [
        member("../outside"),
        member("/etc/cron.d/outside"),
        member("data/originals/../../outside"),
        member("data/link", of=tarfile.SYMTYPE, link="/etc"),
        member("data/hard", of=tarfile.LNKTYPE, link="manifest.json"),
        member("data/pipe", of=tarfile.FIFOTYPE),
        member("data/device", of=tarfile.CHRTYPE),
        member("data/added"),
        member("database.sqlite3"),
        member("database.sqlite3-wal"),
    ],
    ids=lambda info: info.name,
)
def test_what_a_hostile_archive_holds_besides_is_refused_by_name(archive, stranger, tmp_path):
    rewritten = tmp_path / "hostile.tar"
    with tarfile.open(archive) as old, tarfile.open(rewritten, "w") as new:
        new.addfile(stranger, io.BytesIO())
        for info in old.getmembers():
            new.addfile(info, old.extractfile(info))
    with pytest.raises(FileRefused, match=f"{stranger.name} is not in its manifest"):
        check_backup(rewritten)
    assert not (tmp_path / "outside").exists()


def test_a_link_in_the_place_of_a_file_of_an_archive_is_refused(archive, tmp_path):
    rewritten = tmp_path / "hostile.tar"
    with tarfile.open(archive) as old, tarfile.open(rewritten, "w") as new:
        for info in old.getmembers():
            if info.name.startswith("data/originals/"):
                new.addfile(member(info.name, of=tarfile.SYMTYPE, link="/etc/passwd"))
            else:
                new.addfile(info, old.extractfile(info))
    with pytest.raises(FileRefused, match=r"originals/.* is not in its manifest"):
        check_backup(rewritten)


@pytest.mark.parametrize("share", [0.001, 0.3, 0.6, 0.9, 0.99])
def test_an_archive_that_was_cut_off_is_refused(archive, share):
    content = archive.read_bytes()
    archive.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(FileRefused, match=r"one.tar"):
        check_backup(archive)


def test_what_is_no_backup_is_refused(tmp_path, folder):
    (tmp_path / "letter.txt").write_text("Dear all" * 500)
    with pytest.raises(FileRefused, match="not a complete tar file"):
        check_backup(tmp_path / "letter.txt")
    with pytest.raises(FileRefused, match="it does not exist"):
        check_backup(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileRefused, match="it contains no backup"):
        check_backup(tmp_path / "empty")


def test_an_unfinished_backup_is_refused_and_passed_over_where_there_is_an_older_one(
    folder, restored, filled
):
    late = folder / "backups" / "2030-01-01T000000Z"
    shutil.copytree(own(folder), late)
    (late / "manifest.json").rename(late / "manifest.json.part")
    with pytest.raises(FileRefused, match="2030-01-01T000000Z: the backup is not finished"):
        check_backup(late)
    assert_same(restored(folder), filled)


# ---- where to ----


def test_a_folder_that_is_not_empty_is_left_as_it_is(folder, restored, data):
    before = files(data)
    with pytest.raises(Failed, match="is not empty: give a new folder with --data, or --replace"):
        restored(folder, data)
    assert files(data) == before


def test_what_was_there_is_kept_beside_and_nothing_of_it_gets_into_the_new_folder(
    folder, restored, data, filled
):
    (data / "waymark.sqlite3").write_bytes(b"a lost database")
    (data / "waymark.sqlite3-wal").write_bytes(b"the log of another database")
    (data / "page-images").mkdir()
    restored(folder, data, replace=True)
    assert_same(data, filled)
    assert not (data / "waymark.sqlite3-wal").exists()
    (previous,) = data.parent.glob("data.before-restore-*")
    assert (previous / "waymark.sqlite3").read_bytes() == b"a lost database"
    assert (previous / "waymark.sqlite3-wal").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to somebody else")
def test_what_root_restores_belongs_to_whom_the_folder_belonged(folder, restored, data):
    os.chown(data, 65_534, 65_534)
    restored(folder, data, replace=True)
    owners = {(path.stat().st_uid, path.stat().st_gid) for path in (data, *data.rglob("*"))}
    assert owners == {(65_534, 65_534)}


def test_nothing_is_restored_while_anything_runs_and_nothing_starts_meanwhile(
    folder, restored, data
):
    running = FolderLock(data)
    running.lock_shared()
    with pytest.raises(Failed, match="stop waymark serve, waymark dask-worker and all other"):
        restored(folder, data, replace=True)
    running.lock_exclusively()
    with pytest.raises(RuleError, match="is being restored or migrated"):
        FolderLock(data).lock_shared()
    running.close()
    restored(folder, data, replace=True)


def test_a_program_that_waits_for_the_folder_gets_the_new_one(data):
    holder, waiting = FolderLock(data), FolderLock(data)
    holder.lock_exclusively()
    waiting._open()
    data.rename(data.with_name("aside"))
    data.mkdir()
    holder.close()
    waiting.lock_shared()
    assert (data / "lock").exists()


def test_a_restore_that_fails_leaves_nothing(folder, restored, tmp_path, monkeypatch):
    monkeypatch.setattr(restoring, "FREE_ROOM", 10**18)
    with pytest.raises(Failed, match="MB free, and"):
        restored(folder, tmp_path / "new")
    monkeypatch.setattr(restoring, "FREE_ROOM", making.FREE_ROOM)
    flipped(original(folder)[1])
    with pytest.raises(Failed, match="has changed"):
        restored(folder, tmp_path / "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backups"]


# ---- what came after the backup ----


def withdraw():
    review = Review.objects.order_by("pk").first()
    change_state(by=None, item=review, state=State.WITHDRAWN, now=NOON)


def paused():
    return [sending_paused(), list(Review.objects.order_by("pk").values_list("state", flat=True))]


@pytest.mark.parametrize("lost", [False, True])
def test_what_was_withdrawn_after_the_backup_stays_so_and_no_emails_are_sent(
    folder, restored, data, run, lost
):
    run(data, withdraw)
    if lost:  # all that could be saved of the disk
        journal = (data / "removals.jsonl").read_bytes()
        shutil.rmtree(data)
        data.mkdir()
        (data / "removals.jsonl").write_bytes(journal)
    restored(folder, data, replace=not lost)
    assert run(data, paused) == [True, ["withdrawn", "published", "published"]]


def test_removals_of_another_installation_are_not_carried_over(folder, restored, data, run):
    run(data, withdraw)
    other = {"installation": "0" * 32, "version": 1}
    (data / "installation.json").write_text(json.dumps(other))
    restored(folder, data, replace=True)
    assert run(data, paused) == [True, ["published"] * 3]


# ---- of other versions ----


def test_a_backup_of_a_newer_version_is_refused(folder, restored):
    manifest = json.loads((own(folder) / "manifest.json").read_bytes())
    manifest["database"]["migrations"].append("library.0999_of_the_future")
    changed(folder, database=manifest["database"])
    with pytest.raises(Failed, match=r"newer version of Waymark .*0999_of_the_future"):
        restored(folder)


def test_a_backup_of_postgresql_is_not_restored_to_sqlite(folder, restored):
    manifest = json.loads((own(folder) / "manifest.json").read_bytes())
    changed(folder, database=manifest["database"] | {"kind": "postgresql"})
    with pytest.raises(Failed, match="Set DATABASE_URL to an empty database"):
        restored(folder)


def test_a_folder_that_a_restore_left_when_it_was_killed_is_named(folder, restored, tmp_path):
    left, output = tmp_path / ".new-restoring-0123abcd", tmp_path / "told.txt"
    left.mkdir()

    def tell(step):
        with output.open("a") as file:
            print(step, file=file)

    restored(folder, tmp_path / "new", tell=tell)
    assert f"note: an interrupted restore left {left}: delete it\n" in output.read_text()
    assert left.is_dir()
