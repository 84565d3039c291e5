"""Reading by a Dask cluster: a scheduler, two workers, PostgreSQL; the same rows as in one process.

Each installation is a database and a data folder of its own, a copy of one that was made once.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer

import psycopg
import pytest

from tests.core.test_parallel import numbers_taken_from, process_of, refuse, squared
from tests.dask_cluster import dask_cluster
from tests.databases import environment_for
from tests.documents.making import inflating, page_tree_loop
from tests.documents.scans import SETUP, scan_of
from tests.documents.test_bad_input import slow
from tests.factories import NOON
from tests.pipeline.test_ingest_batch import text_files
from tests.postgresql_server import new_database, running_server, server_programs
from waymark.core.dask_executor import DaskExecutor, dask_executor
from waymark.core.errors import RuleError, ServiceUnavailable
from waymark.core.executor import LocalExecutor, PartLost
from waymark.documents.files.storage import TEMPORARY, files_of, sha256_of
from waymark.library.indexing.documents import DocumentsOf
from waymark.library.search.protocol import SearchAudience
from waymark.library.search.tantivy.backend import index_in
from waymark.pipeline.documents.cluster_ingest import FileOutcome, FileTask, store_files

pytestmark = pytest.mark.skipif(server_programs() is None, reason="PostgreSQL is not installed")
WAYMARK = [sys.executable, "-m", "waymark"]
SOUND = 9
HOSTILE = ("bomb.pdf", "loop.pdf", "slow.pdf")
# What reading writes, but for numbers of rows and times.
ROWS = {
    "originals": "SELECT sha256, media_type, size FROM documents_original",
    "reports": """
        SELECT p.key, v.reference, p.title, p.file_name, p.page_count, p.extractor, p.state,
               p.warnings::text, p.kind, p.reading, p.anonymity_checked_at IS NULL
        FROM documents_report p JOIN documents_review v ON v.id = p.review_id""",
    "texts": """
        SELECT p.key, t.content, t.furniture::text FROM documents_reporttext t
        JOIN documents_report p ON p.id = t.report_id""",
    "pages": """
        SELECT p.key, g.number, g.start, g."end", encode(g.words, 'hex'), g.source
        FROM documents_page g JOIN documents_report p ON p.id = g.report_id""",
    "recognised": """
        SELECT p.key, r.number, r.state, r.in_text, r.attempts, r.confidence, r.engine, r.languages,
               encode(r.words, 'hex') FROM documents_pagerecognition r
        JOIN documents_report p ON p.id = r.report_id""",
    "passages": 'SELECT key, ordinal, start, "end", page, heading, kind FROM documents_passage',
    "reviews": "SELECT reference, title, state FROM documents_review",
    "records": """
        SELECT v.reference, c.indexed_at IS NULL FROM library_cataloguerecord c
        JOIN documents_review v ON v.id = c.review_id""",
    "audit": "SELECT action, subject, detail::text FROM accounts_auditentry",
}


class Installation:
    """A database and a data folder."""

    def __init__(self, url: str, data: Path) -> None:
        self.data = data
        self.environment = {**environment_for(data), "DATABASE_URL": url}
        # The file that takes for ever must do so no longer than a test may.
        self.environment["WAYMARK_PARSE_SECONDS"] = "2"
        self.url = url

    def command(self, *words: str) -> list[str]:
        return [*WAYMARK, "--data", str(self.data), *words]

    def run(self, *words: str, code: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            self.command(*words),
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done

    def rows(self, query: str) -> list[tuple]:
        with psycopg.connect(self.url) as database:
            return sorted(database.execute(query).fetchall(), key=repr)

    def contents(self) -> dict[str, list[tuple]]:
        return {name: self.rows(query) for name, query in ROWS.items()}

    def stored(self) -> int:
        return self.rows("SELECT count(*) FROM documents_report")[0][0]


def two_installations(url: str, folder: Path) -> tuple[Installation, Installation]:
    """Two new installations that are equal, with the same identifier."""
    name = f"dask_{os.urandom(4).hex()}"
    first = Installation(new_database(url, f"{name}_one"), folder / "one")
    first.run("migrate")
    copied = new_database(url, f"{name}_two", f"TEMPLATE {name}_one")
    shutil.copytree(folder / "one", folder / "two")
    return first, Installation(copied, folder / "two")


@pytest.fixture(scope="module")
def server():
    with running_server() as url:
        yield url


@pytest.fixture(scope="module")
def installations(server, tmp_path_factory):
    return two_installations(server, tmp_path_factory.mktemp("installations"))


@pytest.fixture(scope="module")
def cluster(installations, tmp_path_factory):
    _, second = installations
    with dask_cluster(tmp_path_factory.mktemp("cluster") / "logs", second.environment) as cluster:
        cluster.start_workers()
        yield cluster


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return folder_of_files(tmp_path_factory.mktemp("files") / "reports", SOUND)


def folder_of_files(folder: Path, sound: int, *, paragraphs: int = 60, scans: int = 1) -> Path:
    """Sound files, of which some are scanned pages, a copy of one, and three hostile ones."""
    paths = text_files(folder, sound - scans, paragraphs=paragraphs)
    for number in range(scans):
        scan_of(folder / f"scan{number}.pdf", f"{SETUP}Page {number} of a scanned review.")
    shutil.copyfile(paths[0], folder / "again.txt")
    inflating(folder / "bomb.pdf", mebibytes=200)
    page_tree_loop(folder / "loop.pdf")
    slow(folder / "slow.pdf", times=100_000)
    return folder


def counted(outcome: dict) -> dict:
    """The outcome of a run, without what differs from run to run."""
    kept = {name: value for name, value in outcome.items() if name != "seconds"}
    kept |= {name: sorted(kept[name], key=repr) for name in ("refused", "held")}
    # The time by the clock may be over before that of work.
    (slow_file,) = [row for row in kept["refused"] if row["file"] == "slow.pdf"]
    assert slow_file.pop("reason").startswith("took more than")
    return kept | {"reports": sorted(kept["reports"]), "known": sorted(kept["known"])}


def ingested(installation, cluster, files, *, kills, kill_recognising: bool = False) -> dict:
    """What a run on the cluster prints. kills: numbers of reports at which a worker is killed.

    kill_recognising: one more, when the first page is recognised.
    """
    run = subprocess.Popen(
        installation.command("ingest", str(files), "--json"),
        # The command finds no Tesseract, so that workers must have recognised what is recognised.
        env={**cluster.environment, "PATH": str(Path(sys.executable).parent)},
        stdout=subprocess.PIPE,
        text=True,
    )
    for number in kills:
        while run.poll() is None and installation.stored() < number:
            time.sleep(0.1)
        assert run.poll() is None
        os.kill(next(iter(cluster.workers().values())), signal.SIGKILL)
    while kill_recognising and run.poll() is None:
        time.sleep(0.1)
        if installation.rows(
            "SELECT 1 FROM documents_pagerecognition WHERE state = 'done' AND NOT in_text"
        ):
            os.kill(next(iter(cluster.workers().values())), signal.SIGKILL)
            kill_recognising = False
    printed, _ = run.communicate(timeout=1_000)
    assert printed, cluster.log()
    return json.loads(printed)


def check_equal(alone, shared) -> None:
    """Fail unless two installations have the same rows and originals."""
    contents = shared.contents()
    for name, rows in alone.contents().items():
        assert contents[name] == rows, name
    # The beginning of a file is left by who is killed while writing it, and deleted a day later.
    originals = [
        sorted(path.name for path in files_of(one.data / "originals") if path.suffix != TEMPORARY)
        for one in (alone, shared)
    ]
    assert originals[0] == originals[1]
    assert not list((shared.data / "arriving").iterdir())


def test_a_cluster_stores_the_same_rows_as_one_process_though_a_worker_is_killed(
    installations, cluster, files
):
    alone, shared = installations
    expected = json.loads(alone.run("ingest", str(files), "--json", code=1).stdout)
    assert (expected["stored"], expected["already"]) == (SOUND, 1)
    assert sorted(row["file"] for row in expected["refused"]) == list(HOSTILE)
    printed = ingested(shared, cluster, files, kills=[1])
    assert counted(printed) == counted(expected)
    check_equal(alone, shared)


@pytest.mark.soak
def test_a_thousand_files_and_four_killed_workers(server, tmp_path, capsys):
    alone, shared = two_installations(server, tmp_path)
    files = folder_of_files(tmp_path / "files", 997, paragraphs=3, scans=8)
    with dask_cluster(tmp_path / "logs", shared.environment) as cluster:
        cluster.start_workers()
        expected = json.loads(alone.run("ingest", str(files), "--json", code=1).stdout)
        kills = [200, 500, 800]
        printed = ingested(shared, cluster, files, kills=kills, kill_recognising=True)
    figures = f"one process {expected['seconds']} s, two workers {printed['seconds']} s\n"
    with capsys.disabled():
        sys.stdout.write(figures)
    assert counted(printed) == counted(expected)
    assert (printed["stored"], printed["recognised"]) == (997, 8)
    check_equal(alone, shared)


def test_an_index_that_workers_wrote_has_what_one_process_wrote(installations, cluster, tmp_path):
    _, shared = installations
    numbers = [number for (number,) in shared.rows("SELECT id FROM library_cataloguerecord")]
    parts = [DocumentsOf(tuple(sorted(numbers)[at::3]), NOON) for at in range(3)]
    index = index_in(tmp_path / "index")
    with dask_executor(cluster.address, cluster.resource) as executor:
        index.rebuild(parts, executor=executor, total=len(numbers))
    staff = SearchAudience(staff=True, now=NOON)
    alone = index_in(shared.data / "index")
    written, expected = (sorted(one.indexed(numbers, staff), key=repr) for one in (index, alone))
    assert written == expected
    assert len(written) == SOUND
    assert list(index.faults()) == []
    assert {path.name for path in (tmp_path / "index").glob("*/*")} == {"staff", "public"}


def test_the_doctor_finds_the_workers_and_no_fault(installations, cluster):
    _, shared = installations
    answer = json.loads(shared.run("doctor", "--quick", "--json", **cluster.settings).stdout)
    assert "the cluster that reads files has a worker" in {row["check"] for row in answer["checks"]}


def test_dask_ends_no_worker_for_the_memory_that_a_file_takes(cluster):
    workers = cluster.client.scheduler_info(n_workers=-1)["workers"].values()
    assert [worker["memory_limit"] for worker in workers] == [0, 0]


def test_two_workers_that_do_the_same_task_store_its_file_once(installations, cluster, tmp_path):
    """As after a worker that was thought dead: its task was given to another as well."""
    _, shared = installations
    (path,) = text_files(tmp_path / "more", 1, paragraphs=61)
    before = shared.stored()
    task = FileTask(((path, sha256_of(path)),), "", publish=False, by=None)
    with dask_executor(cluster.address, cluster.resource) as executor:
        outcomes = [outcome for _, outcome in executor.outcomes(store_files, [task] * 4)]
    assert outcomes == [[FileOutcome(path, sha256_of(path))]] * 4
    assert shared.stored() == before + 1
    stored = shared.rows("SELECT count(*) FROM accounts_auditentry WHERE action = 'store report'")
    assert stored == [(SOUND + 1,)]


# ---- both executors ----


@pytest.fixture(params=["processes of this machine", "workers of a cluster"])
def executor(request):
    if request.param == "processes of this machine":
        yield LocalExecutor(2)
        return
    cluster = request.getfixturevalue("cluster")
    with dask_executor(cluster.address, cluster.resource) as executor:
        yield executor


def test_each_part_comes_with_its_result(executor):
    assert dict(executor.outcomes(squared, range(9))) == {n: n * n for n in range(9)}
    assert os.getpid() not in {number for _, number in executor.outcomes(process_of, range(4))}


def test_no_more_parts_are_taken_than_are_worked_ahead(executor):
    taken = []
    outcomes = executor.outcomes(squared, numbers_taken_from(taken))
    next(outcomes)
    assert len(taken) == 4
    outcomes.close()


def test_a_part_that_fails_ends_the_work_with_its_error(executor):
    with pytest.raises(RuleError, match="part 2 is wrong"):
        list(executor.outcomes(refuse, range(5)))


# ---- what becomes of workers ----


def end_worker(part: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_without_a_worker_of_this_installation_nothing_waits_for_ever(cluster, monkeypatch):
    monkeypatch.setattr("waymark.core.dask_executor.CONNECT_SECONDS", 0.2)
    with (
        pytest.raises(ServiceUnavailable, match="no worker of this installation and version"),
        dask_executor(cluster.address, "waymark-another"),
    ):
        pass


# From here on workers end, and at last the scheduler: starting them again takes seconds.


def test_a_part_that_ends_each_worker_is_lost_and_the_scheduler_goes_on(cluster):
    with dask_executor(cluster.address, cluster.resource) as executor:
        ((part, outcome),) = executor.outcomes(end_worker, ["a part"])
    assert (part, outcome) == ("a part", PartLost())


def test_work_without_any_worker_left_is_given_up(cluster):
    """All workers are killed, and what would start others."""
    cluster.kill("worker")
    executor = DaskExecutor(cluster.client, cluster.address, cluster.resource, alone_seconds=0.5)
    with pytest.raises(ServiceUnavailable, match="no worker of this installation and version"):
        list(executor.outcomes(time.sleep, [60]))


def test_work_of_a_scheduler_that_ends_is_given_up(cluster):
    executor = DaskExecutor(cluster.client, cluster.address, cluster.resource, alone_seconds=60)
    killing = Timer(0.5, cluster.kill, ["scheduler"])
    killing.start()
    with pytest.raises(ServiceUnavailable, match="does not answer, or was restarted"):
        list(executor.outcomes(time.sleep, [60]))
