"""Recognising scanned pages by tasks of an executor, whatever becomes of the workers.

On a running cluster: tests/pipeline/test_dask.py.
"""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from tests.documents.scans import SETUP, WORDS, needs_tesseract, page_image, pdf_of_pages
from tests.factories import NOON, make_person
from tests.pipeline.test_recognition import recognised, states
from waymark import pipeline
from waymark.accounts.models import AuditEntry, Role
from waymark.core.errors import ServiceUnavailable
from waymark.core.executor import HERE, PartLost
from waymark.documents import services
from waymark.documents.files.storage import original_path
from waymark.documents.models import RecognitionState
from waymark.documents.queries.reader import text_of
from waymark.pipeline.documents import page_recognition
from waymark.pipeline.documents.cluster_recognition import (
    PageTask,
    RereadingTask,
    read_again,
    read_again_by_tasks,
    recognise_by_tasks,
    recognise_page,
)
from waymark.pipeline.documents.recognition import RecognitionResult, recognise_at_workers

DONE, WAITING = RecognitionState.DONE, RecognitionState.WAITING
ENDS = "could not be read: each worker that tried it ended"


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    """Two scanned pages."""
    image = page_image(SETUP + WORDS)
    return pdf_of_pages(tmp_path_factory.mktemp("scans") / "scan.pdf", [image, image])


@pytest.fixture
def stored(db, settings, tmp_path, scan):
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    return pipeline.store_file(by=None, path=scan, now=NOON)


class DyingWorkers:
    """An executor whose workers end with a part: the first times, before or after doing it."""

    places = 1

    def __init__(self, times: int, *, done: bool) -> None:
        self.times, self.done = times, done

    def outcomes(self, function, parts) -> Iterator:
        for part in parts:
            if not self.times:
                yield part, function(part)
                continue
            self.times -= 1
            if self.done:
                function(part)
            yield part, PartLost()


def by_tasks(report, executor, by=None) -> RecognitionResult:
    result = RecognitionResult()
    names: list[str] = []
    recognise_at_workers(executor, by, [report.pk], result, names.append, timezone.now)
    assert set(names) <= {"scan.pdf"}
    return result


def give_words(report, *texts) -> None:
    """The words of each waiting page, without recognising them."""
    for text in texts:
        page = services.lease_page(now=NOON, reports=[report.pk])
        services.finish_page(by=None, page=page, recognised=recognised(text), now=NOON)


@needs_tesseract
def test_tasks_recognise_what_one_process_recognises(stored):
    person = make_person(Role.CATALOGUER, name="cataloguer")
    result = by_tasks(stored, HERE, by=person)
    assert (result.recognised, result.failed, result.reports) == (2, [], [stored.key])
    assert states(stored) == [(1, DONE, True), (2, DONE, True)]
    assert text_of(stored) == f"{WORDS}\n{WORDS}"
    entry = AuditEntry.objects.get(action="use recognised words")
    assert (entry.actor, entry.detail["pages"]) == ("cataloguer", [1, 2])


@needs_tesseract
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_page_whose_worker_died_before_or_after_storing_it_is_recognised_once(stored, done):
    services.choose_pages(
        by=None, report=stored, now=NOON, numbers=[2], own_words=True, because="Only images."
    )
    pages = list(
        recognise_by_tasks(
            DyingWorkers(1, done=done), by=None, reports=[stored.pk], clock=timezone.now
        )
    )
    assert [(page.number, page.state) for page in pages] == [(1, DONE)]
    page = stored.recognitions.get(number=1)
    assert (page.state, page.attempts) == (DONE, 1)
    assert page.confidence >= 90


def test_a_page_that_ends_each_worker_has_failed_and_takes_no_other_with_it(stored):
    tried = []

    class OnePageEnds:
        places = 1

        def outcomes(self, function, parts):
            for part in parts:
                first = part.page == stored.recognitions.get(number=1).pk
                tried.append(first)
                if not first:
                    page = stored.recognitions.get(number=2)
                    services.finish_page(
                        by=None, page=page, recognised=recognised("Second."), now=NOON
                    )
                yield part, PartLost() if first else None

    pages = list(
        recognise_by_tasks(OnePageEnds(), by=None, reports=[stored.pk], clock=timezone.now)
    )
    assert [(page.number, page.state) for page in pages] == [(2, DONE), (1, "failed")]
    assert stored.recognitions.get(number=1).reason == ENDS
    # The last time after all others, with nothing beside it.
    assert tried == [True, False, True]


def test_a_page_that_has_lost_its_lease_is_left_to_the_other_process(stored):
    tasks = []

    class Late:
        places = 1

        def outcomes(self, function, parts):
            tasks.append(next(iter(parts)))
            services.release_pages(by=None, report=stored, now=NOON)
            yield tasks[0], function(tasks[0])

    list(recognise_by_tasks(Late(), by=None, reports=[stored.pk], clock=timezone.now))
    assert states(stored)[0] == (1, WAITING, False)


def test_a_worker_without_tesseract_ends_the_tasks_and_the_pages_wait_again(
    stored, monkeypatch, tmp_path
):
    monkeypatch.setenv("PATH", str(tmp_path))
    pages = recognise_by_tasks(HERE, by=None, reports=[stored.pk], clock=timezone.now)
    with pytest.raises(ServiceUnavailable, match=r"Tesseract is not installed on .*where a worker"):
        list(pages)
    assert states(stored) == [(1, WAITING, False), (2, WAITING, False)]
    assert list(stored.recognitions.values_list("attempts", flat=True)) == [0, 0]


@needs_tesseract
def test_without_a_scheduler_the_pages_are_recognised_here(stored, settings, monkeypatch, caplog):
    monkeypatch.setattr("waymark.core.dask_executor.CONNECT_SECONDS", 0.3)
    settings.DASK = "tcp://127.0.0.1:9"
    result = pipeline.recognise_pages(by=None, reports=[stored])
    assert (result.recognised, result.waiting, result.reports) == (2, 0, [stored.key])
    assert "scanned pages are recognised on this machine alone: the Dask scheduler" in caplog.text
    # Nothing waits now, so nothing is asked of the cluster.
    caplog.clear()
    assert pipeline.recognise_pages(by=None, reports=[stored]).recognised == 0
    assert caplog.text == ""


def test_a_report_is_read_again_once_though_two_workers_do_it(stored):
    give_words(stored, "First.", "Second.")
    task = RereadingTask(stored.pk, None)
    assert [read_again(task), read_again(task)] == [None, None]
    assert text_of(stored) == "First.\nSecond."
    assert AuditEntry.objects.filter(action="use recognised words").count() == 1


def test_two_processes_that_have_read_a_report_store_its_text_once(stored, monkeypatch):
    """Both began before either had stored it."""
    give_words(stored, "First.", "Second.")
    read_job, reads = page_recognition.read_job, []

    def read_as_the_other_stores(*given):
        read = read_job(*given)
        if not reads:
            reads.append(read)
            read_again(RereadingTask(stored.pk, None))
        return read

    monkeypatch.setattr(page_recognition, "read_job", read_as_the_other_stores)
    assert read_again(RereadingTask(stored.pk, None)) is None
    assert AuditEntry.objects.filter(action="use recognised words").count() == 1


def test_a_report_that_ends_each_worker_keeps_its_text_and_says_why(stored):
    give_words(stored, "First.", "Second.")
    outcomes = read_again_by_tasks(
        DyingWorkers(2, done=False), by=None, reports=[stored], clock=timezone.now
    )
    assert outcomes[stored.pk].reason == ENDS
    assert list(stored.recognitions.values_list("state", "reason")) == [("failed", ENDS)] * 2
    assert text_of(stored) == "\n"


def test_a_report_whose_file_is_damaged_meanwhile_says_so(stored):
    give_words(stored, "First.", "Second.")
    path = original_path(stored.original_id)
    path.chmod(0o600)
    path.write_bytes(b"%PDF-1.4 nothing")
    outcomes = read_again_by_tasks(HERE, by=None, reports=[stored], clock=timezone.now)
    assert (outcomes[stored.pk].file, outcomes[stored.pk].reason) == (
        "scan.pdf",
        stored.recognitions.first().reason,
    )


def test_a_task_of_a_page_that_another_worker_has_done_does_nothing(stored):
    page = services.lease_page(now=NOON)
    services.finish_page(by=None, page=page, recognised=recognised("First."), now=NOON)
    recognise_page(PageTask(page.pk, 1, page.lease_until, None))
    assert services.recognised_pages(stored)[1].words[0].text == "First."
