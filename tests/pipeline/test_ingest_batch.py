"""A batch of files: each for itself, and a disk that is full ends it with all that was stored."""

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.databases import environment_for
from tests.factories import make_person
from tests.new_installations import new_installation
from waymark import pipeline
from waymark.accounts.models import Role
from waymark.accounts.permissions import Actor
from waymark.core.errors import FileRefused
from waymark.documents import services as documents
from waymark.documents.files import storage
from waymark.documents.ingest import expand_paths
from waymark.documents.models import Intake, IntakeState, ListedWords, PossibleIdentifier

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WAYMARK = Path(sys.executable).with_name("waymark")
NOBODY: Actor = None
sqlite_only = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="SQLite's limit of pages")


def text_files(folder: Path, count: int, *, paragraphs: int = 3) -> list[Path]:
    """Text files of one review each."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{number}.txt" for number in range(count)]
    for number, path in enumerate(paths):
        lines = [f"Review {number}."]
        lines += [f"Visit {n} of review {number} was not written down." for n in range(paragraphs)]
        path.write_text("\n\n".join(lines))
    return paths


def test_files_that_cannot_be_read_are_refused_and_the_others_stored(tmp_path):
    sound = text_files(tmp_path / "reports", 2)
    gone = tmp_path / "reports" / "gone.txt"
    broken = tmp_path / "reports" / "broken.txt"
    broken.symlink_to("/proc/self/mem")  # opens, and gives an input/output error when it is read
    result = pipeline.ingest_files([gone, sound[0], broken, sound[1]], workers=2, by=NOBODY)
    assert (result.stored, result.stopped, result.unread) == (2, "", 0)
    assert sorted((refusal.file, refusal.reason) for refusal in result.refused) == [
        ("broken.txt", "cannot be read: Input/output error"),
        ("gone.txt", "is no longer there"),
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_this_user_may_not_read_is_refused(tmp_path):
    (closed,) = text_files(tmp_path / "reports", 1)
    closed.chmod(0)
    result = pipeline.ingest_files([closed], workers=1, by=NOBODY)
    assert [refusal.reason for refusal in result.refused] == ["cannot be read: permission denied"]


def test_a_folder_names_what_cannot_be_opened_in_it(tmp_path):
    folder = tmp_path / "reports"
    sound = text_files(folder, 1)
    (folder / "link.pdf").symlink_to(tmp_path / "nowhere.pdf")
    (folder / ".link.pdf").symlink_to(tmp_path / "nowhere.pdf")
    os.mkfifo(folder / "pipe.pdf")
    assert expand_paths([folder]) == [*sound, folder / "link.pdf"]
    result = pipeline.ingest_files(expand_paths([folder]), workers=1, by=NOBODY)
    assert (result.stored, result.stopped) == (1, "")
    assert [(refusal.file, refusal.reason) for refusal in result.refused] == [
        ("link.pdf", "is no longer there")
    ]


@pytest.mark.parametrize(("mode", "refused"), [(0, "closed"), (0o444, "0.txt")])
def test_a_folder_within_that_this_user_may_not_open_is_refused(tmp_path, mode, refused):
    sound = text_files(tmp_path / "reports", 2)
    closed = tmp_path / "reports" / "closed"
    text_files(closed, 1)
    closed.chmod(mode)
    if os.access(closed, os.X_OK):
        pytest.skip("this user may open every folder")
    try:
        result = pipeline.ingest_files(expand_paths([tmp_path / "reports"]), workers=1, by=NOBODY)
    finally:
        closed.chmod(0o700)
    assert (result.stored, result.stopped) == (len(sound), "")
    assert [(refusal.file, refusal.reason) for refusal in result.refused] == [
        (refused, "cannot be read: permission denied")
    ]


def test_a_preview_names_files_that_cannot_be_read(tmp_path):
    (sound,) = text_files(tmp_path / "reports", 1)
    preview = pipeline.preview_ingest([tmp_path / "gone.txt", sound], workers=1, by=NOBODY)
    assert preview.new == [sound]
    assert [refusal.file for refusal in preview.result.refused] == ["gone.txt"]


def test_a_file_that_changes_while_it_is_read_is_refused_and_leaves_nothing(tmp_path):
    (file,) = text_files(tmp_path, 1)
    before = storage.sha256_of(file)
    file.write_text("Another text")
    with pytest.raises(FileRefused, match="changed while it was being read"):
        storage.keep_original(file, expected=before)
    changed = storage.sha256_of(file)
    assert not storage.original_path(changed).exists()
    assert changed not in storage.arriving_names()


def test_an_upload_that_is_taken_by_another_reader_is_not_postponed(tmp_path):
    intake = Intake.objects.create(
        batch="b",
        file_name="a.txt",
        staged="a",
        state=IntakeState.READING,
        attempts=2,
        lease_until=NOON + documents.LEASE,
        received_at=NOON,
    )
    intake.attempts = 1
    documents.postpone_intake(by=None, intake=intake, now=NOON)
    intake.refresh_from_db()
    assert (intake.attempts, intake.lease_until) == (2, NOON + documents.LEASE)


# ---- a database that may not grow: a program of its own, with real transactions ----

LIMITED = """
import json, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
import django
django.setup()
from django.db import connection
from waymark import pipeline
from waymark.documents.files import storage
from waymark.documents.models import Intake, IntakeState, Report
from waymark.library.models import CatalogueRecord
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
def limit(pages):
    with connection.cursor() as cursor:
        (size,) = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count = {size + pages}")
def read_at(**after):
    return pipeline.read_upload(clock=lambda: NOON + timedelta(**after))
paths = [Path(name) for name in sys.argv[2:]]
"""
BATCH = """
limit(24)
first = pipeline.ingest_files(paths, workers=1, by=None).as_json()
reports = Report.objects.count()
limit(1_000_000)
second = pipeline.ingest_files(paths, workers=1, by=None).as_json()
waiting = CatalogueRecord.objects.filter(indexed_at=None).count()
print(json.dumps({"first": first, "reports": reports, "second": second, "waiting": waiting}))
"""
QUEUE = """
staged = storage.stage_upload([paths[0].read_bytes()])
intake = Intake.objects.create(
    batch="b", file_name="a.txt", staged=staged, state=IntakeState.WAITING, received_at=NOON
)
limit(8)
# More often than a file may crash its reader.
tries = [read_at(minutes=minutes) for minutes in range(0, 10, 2)]
limit(1_000_000)
intake.refresh_from_db()
before = [intake.state, intake.attempts]
tries += [read_at(minutes=8, seconds=59), read_at(minutes=10)]
intake.refresh_from_db()
print(json.dumps({"tries": tries, "before": before, "after": intake.state}))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """An installation with one report."""
    place = tmp_path_factory.mktemp("installed")
    (start,) = text_files(place, 1)
    command = [WAYMARK, "ingest", start]
    data = new_installation(place / "data")
    subprocess.run(command, env=environment_for(data), check=True, capture_output=True)
    return data


@pytest.fixture
def data(installed, tmp_path):
    return Path(shutil.copytree(installed, tmp_path / "data"))


def run_limited(data: Path, script: str, paths: list[Path]) -> dict:
    """What a program prints on an installation whose database may hardly grow."""
    environment = {**environment_for(data), "DJANGO_SETTINGS_MODULE": "waymark.settings"}
    command = [sys.executable, "-c", LIMITED + script, str(data), *map(str, paths)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@sqlite_only
def test_a_full_database_ends_the_batch_and_the_next_run_finishes_it(data, tmp_path):
    large = text_files(tmp_path / "large", 5, paragraphs=200)
    out = run_limited(data, BATCH, large)
    first, second = out["first"], out["second"]
    assert out["reports"] == first["stored"] + 1 < 6
    assert first["stopped"] == "database or disk is full: free some disk space and try again"
    assert (first["refused"], first["unread"]) == ([], 5 - first["stored"])
    assert (second["stored"], second["already"]) == (5 - first["stored"], first["stored"])
    assert (second["stopped"], second["unread"], out["waiting"]) == ("", 0, 0)


@sqlite_only
def test_an_upload_stays_in_the_queue_while_the_disk_is_full(data, tmp_path):
    large = text_files(tmp_path / "large", 1, paragraphs=600)
    out = run_limited(data, QUEUE, large)
    assert out["tries"] == [False] * 6 + [True]
    assert (out["before"], out["after"]) == ([IntakeState.READING, 0], IntakeState.STORED)


# ---- a disk of a few megabytes that is really full ----

MOUNTED = ["unshare", "--map-root-user", "--mount", "sh", "-c"]


def small_disk_is_possible() -> bool:
    if shutil.which("unshare") is None:
        return False
    script = "mount -t tmpfs -o size=1m none /mnt && touch /mnt/a"
    return subprocess.run([*MOUNTED, script], capture_output=True).returncode == 0


ON_A_SMALL_DISK = """
set -e
mount -t tmpfs -o size=24m none "$PLACE"
cp -r "$INSTALLED" "$PLACE/data"
dd if=/dev/zero of="$PLACE/filler" bs=1024 count=100000 2>/dev/null || true
dd if=/dev/zero of="$PLACE/more" bs=1024 count=1 2>/dev/null || true
truncate -s -600k "$PLACE/filler"
code=0
"$WAYMARK" ingest "$REPORTS/large" --json > "$OUT/full.json" 2> "$OUT/full.err" || code=$?
echo $code > "$OUT/full.code"
rm "$PLACE/filler"
"$WAYMARK" ingest "$REPORTS/large" --json > "$OUT/last.json"
"$WAYMARK" doctor > "$OUT/doctor.txt"
"""


@sqlite_only
@pytest.mark.skipif(not small_disk_is_possible(), reason="this user may not mount a small disk")
def test_a_full_disk_loses_nothing_that_was_stored(installed, tmp_path):
    text_files(tmp_path / "large", 8, paragraphs=900)
    place = tmp_path / "data"
    place.mkdir()
    variables = {"PLACE": place, "REPORTS": tmp_path, "OUT": tmp_path, "WAYMARK": WAYMARK}
    variables["INSTALLED"] = installed
    environment = environment_for(place) | {name: str(path) for name, path in variables.items()}
    environment["WAYMARK_DATA"] = str(place / "data")
    done = subprocess.run(
        [*MOUNTED, ON_A_SMALL_DISK], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr + (tmp_path / "doctor.txt").read_text()
    full = json.loads((tmp_path / "full.json").read_text())
    assert (tmp_path / "full.code").read_text() == "3\n"
    assert full["refused"] == []
    assert full["unread"] == 8 - full["stored"] > 0
    assert "free some disk space" in full["stopped"]
    message = (tmp_path / "full.err").read_text().splitlines()[-1]
    assert message.startswith("waymark: stopped: ")
    assert message.endswith("it continues where this run stopped.")
    last = json.loads((tmp_path / "last.json").read_text())
    assert (last["stored"], last["already"]) == (8 - full["stored"], full["stored"])
    assert "fault" not in (tmp_path / "doctor.txt").read_text()


def test_words_listed_during_a_batch_are_found_in_the_files_that_were_read_before(tmp_path):
    """Identifiers are looked for while a file waits to be stored, and again if the list changed."""
    files = text_files(tmp_path / "reports", 6)
    keeper = make_person(Role.CATALOGUER)

    def list_after_the_first(name):
        if not ListedWords.objects.exists():
            documents.list_words(by=keeper, words=["written down"], rule="always", now=NOON)

    pipeline.ingest_files(files, workers=2, by=NOBODY, on_done=list_after_the_first)
    found = PossibleIdentifier.objects.filter(words="written down")
    # All but the first, which was stored before.
    assert found.values("report").distinct().count() == 5
