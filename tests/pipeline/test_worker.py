"""The jobs of the workers: one line registers a job, and every registered job runs."""

import importlib
import pkgutil

import pytest

from tests.factories import NOON
from waymark import pipeline
from waymark.core.jobs import Job, JobQueue
from waymark.pipeline.worker import JOBS, jobs_of, run_worker

MODULES = [
    importlib.import_module(module.name)
    for module in pkgutil.walk_packages(pipeline.__path__, "waymark.pipeline.")
]


@pytest.fixture
def data(settings, tmp_path):
    settings.DATA = tmp_path


def test_a_job_that_a_module_lists_is_registered():
    listed = {job for module in MODULES for job in getattr(module, "JOBS", ())}
    assert set(JOBS) == listed
    assert len({job.name for job in JOBS}) == len(JOBS)


def test_each_queue_has_jobs_and_each_job_is_in_one_queue():
    queues = [jobs_of(queue) for queue in JobQueue]
    assert all(queues)
    assert sorted(job.name for queue in queues for job in queue) == sorted(job.name for job in JOBS)


@pytest.mark.django_db
@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_every_job_runs_and_says_that_an_empty_installation_has_no_task_for_it(job, data):
    assert job.run(lambda: NOON) is False


@pytest.mark.django_db
def test_a_worker_runs_every_job_in_each_round_until_none_has_a_task(data):
    rounds = {"long": 3, "short": 1}
    began = []

    def counted(name):
        def run(clock):
            began.append((name, clock()))
            rounds[name] -= 1
            return rounds[name] >= 0

        return Job(name, JobQueue.UPKEEP, run)

    run_worker(once=True, jobs=map(counted, rounds), clock=lambda: NOON)
    assert began == [("long", NOON), ("short", NOON)] * 4


@pytest.mark.django_db
def test_a_worker_that_is_not_to_end_pauses_when_no_job_has_a_task(data):
    class StoppedError(Exception):
        pass

    def stop(seconds):
        assert 0 < seconds <= 2
        raise StoppedError

    with pytest.raises(StoppedError):
        run_worker(once=False, jobs=jobs_of(JobQueue.UPKEEP), clock=lambda: NOON, pause=stop)
