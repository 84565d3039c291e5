"""A Dask cluster for tests, started by the steps of docs/dask.md: its scheduler, and workers."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import dask.config
from distributed import Client, Scheduler

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "dask.md").read_text("utf-8")
START_SECONDS = 90


def step(beginning: str) -> list[str]:
    """The words of the only step of the guide that begins so."""
    (line,) = re.findall(rf"^ {{4,}}({re.escape(beginning)}.*)$", GUIDE, re.M)
    return line.split()


def certificates(folder: Path) -> dict[str, str]:
    """The settings of the guide with a certificate that signs itself, so is its authority too."""
    key, certificate = folder / "dask-key.pem", folder / "dask.pem"
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=waymark"]
    subprocess.run(
        ["openssl", *words, "-keyout", key, "-out", certificate], check=True, capture_output=True
    )
    (folder / "dask-ca.pem").write_bytes(certificate.read_bytes())
    lines = re.findall(r"^    (DASK_[A-Z_]+)=(\S+)$", GUIDE, re.M)
    return {name: value.replace("/etc/waymark", str(folder)) for name, value in lines}


class DaskCluster:
    """A scheduler on this machine. folder: for the logs; environment: of its processes."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {**environment, "PYTHONPATH": str(ROOT)}
        # One death of a worker is bad luck, the second the fault of its part: quicker than four.
        self.environment["DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"] = "1"

    def start_scheduler(self) -> None:
        """Start the scheduler of the guide, and a client of it."""
        folder = self.folder
        words = step("dask scheduler")
        words[words.index("--host") + 1] = "127.0.0.1"
        words[words.index("--port") + 1] = "0"
        self._start("scheduler", [*words, "--scheduler-file", str(folder / "scheduler")])
        while not (folder / "scheduler").exists():
            self._check_started()
        self.client = Client(scheduler_file=str(folder / "scheduler"))
        self.address = self.client.scheduler.address
        self.environment["WAYMARK_DASK"] = self.address

    @property
    def settings(self) -> dict[str, str]:
        """What a command needs to use it."""
        names = (name for name in self.environment if "DASK" in name)
        return {name: self.environment[name] for name in names}

    def start_workers(self) -> None:
        """Start the two workers of the guide; wait until they are connected."""
        self._start("worker", step("waymark dask-worker"))
        while len(self.workers()) < 2:
            self._check_started()
        workers = self.client.scheduler_info(n_workers=-1)["workers"].values()
        (self.resource,) = {name for worker in workers for name in worker["resources"]}

    def workers(self) -> dict[str, int]:
        """Address -> process number of each worker that answers."""
        answers = self.client.run(os.getpid, on_error="return")
        return {address: number for address, number in answers.items() if isinstance(number, int)}

    def parts_done(self) -> int:
        """Number of parts of Waymark that its workers have done."""

        def finished(dask_scheduler: Scheduler) -> set[str]:
            log = dask_scheduler.transition_log
            return {str(row[0]) for row in log if row[2] == "memory"}

        return sum(key.startswith("waymark-") for key in self.client.run_on_scheduler(finished))

    def end(self) -> None:
        """End every process of it."""
        if hasattr(self, "client"):
            self.client.close(timeout=1)
        for name in [*self.processes]:
            self.kill(name)

    def kill(self, name: str) -> None:
        """End the scheduler or all workers, as a power cut does."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def log(self) -> str:
        """What its processes have printed."""
        return "".join(path.read_text("utf-8") for path in sorted(self.folder.glob("*.log")))

    def _start(self, name: str, words: list[str]) -> None:
        program = Path(sys.executable).with_name(words[0])
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [program, *words[1:]],
                env=self.environment,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )
        self._until = time.monotonic() + START_SECONDS

    def _check_started(self) -> None:
        assert all(process.poll() is None for process in self.processes.values()), self.log()
        assert time.monotonic() < self._until, self.log()
        time.sleep(0.05)


@contextmanager
def dask_cluster(folder: Path, environment: Mapping[str, str]) -> Iterator[DaskCluster]:
    """A cluster without workers, which ends with the block; this process is its client, too."""
    folder.mkdir()
    settings = certificates(folder)
    here = {
        name.removeprefix("DASK_").lower().replace("__", ".").replace("_", "-"): value
        for name, value in settings.items()
    }
    with dask.config.set(here):
        cluster = DaskCluster(folder, {**environment, **settings})
        try:
            cluster.start_scheduler()
            yield cluster
        finally:
            cluster.end()
