"""Storing files by tasks of an executor, whatever becomes of them; and the settings of a cluster.

On a running cluster: tests/pipeline/test_dask.py.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import dask.config
import pytest
from django.core.exceptions import ImproperlyConfigured

import waymark
from tests.factories import NOON
from tests.pipeline.test_ingest_batch import text_files
from waymark import pipeline
from waymark.cli.dask_worker import dask_worker_command
from waymark.core.dask_executor import dask_executor
from waymark.core.errors import ServiceUnavailable
from waymark.core.executor import LocalExecutor, PartLost
from waymark.documents.files.storage import sha256_of
from waymark.documents.models import Report
from waymark.documents.services import find_in_reading
from waymark.pipeline.documents import cluster_ingest
from waymark.pipeline.documents.cluster_ingest import store_by_tasks
from waymark.pipeline.documents.file_batch import Batch
from waymark.setting_values import dask_setting

db = pytest.mark.django_db
FAULT = "the cluster that reads files has a worker"


def stored(files, executor) -> Batch:
    batch = Batch(files, workers=1, on_done=lambda name: None, encoding="")
    store_by_tasks(batch, executor, by=None, publish=False)
    return batch


class DyingWorkers:
    """An executor whose workers die of one file, after they have stored those before it.

    times: how often, until they read it.
    """

    places = 1

    def __init__(self, name: str, times: int) -> None:
        self.name, self.times = name, times

    def outcomes(self, function, parts) -> Iterator:
        for part in parts:
            names = [path.name for path, _ in part.files]
            if self.name in names and self.times:
                self.times -= 1
                before = names.index(self.name)
                function(cluster_ingest.replace(part, files=part.files[:before]))
                yield part, PartLost()
            else:
                yield part, function(part)


@db
def test_tasks_store_what_one_process_stores(tmp_path):
    files = text_files(tmp_path / "a", 7)
    bad = tmp_path / "a" / "bad.pdf"
    bad.write_bytes(b"%PDF-1.7\nno more than this")
    result = stored([*files, bad], LocalExecutor(1)).result
    assert (result.stored, result.pages, result.passages) == (7, 7, 28)
    assert [(row.file, row.reason) for row in result.refused] == [
        ("bad.pdf", "is damaged or cut short")
    ]
    again = pipeline.ingest_files([*files, bad], workers=1, by=None)
    assert (again.stored, again.already) == (0, 7)


@db
def test_files_of_equal_bytes_are_stored_once_and_named_twice(tmp_path):
    (file,) = text_files(tmp_path / "a", 1)
    copies = [shutil.copy(file, tmp_path / "a" / f"copy{number}.txt") for number in range(2)]
    batch = stored([file, *map(type(file), copies)], LocalExecutor(1))
    assert (batch.result.stored, batch.result.already, batch.unread) == (1, 2, 0)
    bad = [tmp_path / "a" / f"bad{number}.pdf" for number in range(2)]
    for path in bad:
        path.write_bytes(b"%PDF-1.7\nno more than this")
    refused = stored(bad, LocalExecutor(1))
    assert [row.file for row in refused.result.refused] == ["bad0.pdf", "bad1.pdf"]
    assert refused.unread == 0


@db
def test_a_task_that_is_lost_with_half_of_its_files_stored_is_finished(tmp_path):
    files = text_files(tmp_path / "a", 5)
    batch = stored(files, DyingWorkers("3.txt", times=1))
    assert (batch.result.stored, batch.result.refused, batch.unread) == (5, [], 0)
    assert Report.objects.count() == 5


@db
def test_a_file_that_ends_each_worker_is_refused_and_takes_no_other_with_it(tmp_path):
    files = text_files(tmp_path / "a", 5)
    batch = stored(files, DyingWorkers("3.txt", times=2))
    assert (batch.result.stored, batch.unread) == (4, 0)
    assert [(row.file, row.reason) for row in batch.result.refused] == [
        ("3.txt", "could not be read: each worker that tried it ended")
    ]


@db
def test_a_file_that_the_machine_of_the_worker_does_not_see_is_refused(tmp_path):
    task = cluster_ingest.FileTask(((tmp_path / "gone.txt", "0" * 64),), "", publish=False, by=None)
    (outcome,) = cluster_ingest.store_files(task)
    assert outcome.refused[0] == "is not on the machine of the worker"


@db
def test_a_file_that_the_worker_cannot_look_at_is_refused_and_takes_no_other_with_it(tmp_path):
    """As one in a folder that the user of the worker may not open."""
    (sound,) = text_files(tmp_path / "a", 1, paragraphs=8)
    files = ((tmp_path / ("a" * 300), "0" * 64), (sound, sha256_of(sound)))
    refused, done = cluster_ingest.store_files(cluster_ingest.FileTask(files, "", False, None))
    assert refused.refused[0] == "cannot be read: File name too long"
    assert done == cluster_ingest.FileOutcome(sound, sha256_of(sound))


@db
@pytest.mark.parametrize("where", ["this machine", "workers"])
def test_a_file_whose_words_cannot_be_examined_is_refused_alone(tmp_path, monkeypatch, where):
    files = text_files(tmp_path / "a", 3, paragraphs=7)
    find = find_in_reading

    def find_or_fail(read, name, *more):
        if name == files[1].name:
            raise ValueError("no such day")
        return find(read, name, *more)

    monkeypatch.setattr("waymark.documents.services.find_in_reading", find_or_fail)
    monkeypatch.setattr("waymark.pipeline.documents.cluster_ingest.find_in_reading", find_or_fail)
    if where == "workers":
        result = stored(files, LocalExecutor(1)).result
    else:
        result = pipeline.ingest_files(files, workers=1, by=None)
    assert (result.stored, result.stopped) == (2, "")
    assert [(row.file, row.reason) for row in result.refused] == [
        (files[1].name, "could not be stored: ValueError: no such day")
    ]


@db
def test_a_full_disk_at_a_worker_ends_the_batch(tmp_path, monkeypatch):
    files = text_files(tmp_path / "a", 3, paragraphs=9)  # unlike those of other tests

    def full(*given, **named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("waymark.documents.files.storage.write_whole", full)
    batch = Batch(files, workers=1, on_done=lambda name: None, encoding="")
    with pytest.raises(cluster_ingest.BatchStopped, match="free some disk space"):
        store_by_tasks(batch, LocalExecutor(1), by=None, publish=False)
    assert batch.unread == 3


@db
def test_without_a_scheduler_the_run_stops_with_what_to_check(tmp_path, settings, monkeypatch):
    monkeypatch.setattr("waymark.core.dask_executor.CONNECT_SECONDS", 0.3)
    settings.DASK = "tcp://127.0.0.1:9"
    result = pipeline.ingest_files(text_files(tmp_path / "a", 2), workers=1, by=None)
    assert result.stopped.startswith("the Dask scheduler at tcp://127.0.0.1:9 does not answer")
    assert "WAYMARK_DASK" in result.stopped
    assert (result.stored, result.unread) == (0, 2)


def test_an_encrypted_connection_needs_certificates(tmp_path):
    address = "tls://127.0.0.1:9"
    with (
        pytest.raises(ServiceUnavailable, match="no certificates are set"),
        dask_executor(address, "waymark"),
    ):
        pass
    file = str(tmp_path / "missing.pem")
    missing = {f"distributed.comm.tls.{name}": file for name in ("ca-file", "client.cert")}
    with (
        dask.config.set(missing),
        pytest.raises(ServiceUnavailable, match=r"certificates for .* cannot be read"),
        dask_executor(address, "waymark"),
    ):
        pass


@db
def test_a_worker_without_certificates_does_not_start_dask(settings, monkeypatch):
    """Dask's own program would end with a traceback of many lines."""
    started = []
    monkeypatch.setattr("os.execv", lambda *words: started.append(words))
    settings.DASK = "tls://127.0.0.1:9"
    with pytest.raises(ServiceUnavailable, match=r"no certificates are set.*docs/dask\.md"):
        dask_worker_command.callback(processes=1)
    assert not started


@db
def test_the_doctor_says_if_no_scheduler_answers_and_that_messages_are_open(settings, monkeypatch):
    monkeypatch.setattr("waymark.core.dask_executor.CONNECT_SECONDS", 0.3)
    settings.DASK = "tcp://127.0.0.1:9"
    results = {row.name: row.faults for row in pipeline.examine_installation(now=NOON, quick=True)}
    (fault,) = results[FAULT]
    assert fault.startswith("the Dask scheduler at tcp://127.0.0.1:9 does not answer")
    assert any("not encrypted" in note for note in pipeline.installation_notes())
    settings.DASK = ""
    assert FAULT not in {row.name for row in pipeline.examine_installation(now=NOON, quick=True)}
    assert not any("not encrypted" in note for note in pipeline.installation_notes())


def test_dask_is_loaded_by_work_for_a_cluster_alone():
    """Through core.extras, so that an installation without the setting needs none of it."""
    loading = re.compile(r"^\s*(import|from) (dask|distributed)\b", re.M)
    sources = Path(waymark.__file__).parent.rglob("*.py")
    assert [path for path in sources if loading.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize("address", ["tcp://scheduler:8786", "tls://10.0.0.5:8786", ""])
def test_an_address_of_a_scheduler(monkeypatch, address):
    monkeypatch.setenv("WAYMARK_DASK", address)
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/waymark")
    assert dask_setting("WAYMARK_DASK") == address


@pytest.mark.parametrize("address", ["scheduler:8786", "tcp://scheduler", "tls://ann:secret@a:1"])
def test_a_wrong_address_of_a_scheduler_is_refused(monkeypatch, address):
    monkeypatch.setenv("WAYMARK_DASK", address)
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/waymark")
    with pytest.raises(ImproperlyConfigured, match="WAYMARK_DASK must be the address") as refused:
        dask_setting("WAYMARK_DASK")
    assert "secret" not in str(refused.value)


def test_a_cluster_needs_postgresql(monkeypatch):
    monkeypatch.setenv("WAYMARK_DASK", "tls://scheduler:8786")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(ImproperlyConfigured, match=r"needs PostgreSQL.*set DATABASE_URL"):
        dask_setting("WAYMARK_DASK")
