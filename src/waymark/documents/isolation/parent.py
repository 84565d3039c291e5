"""Read files in disposable children, so that a hostile or damaged file can only fail by itself.

A reading process (worker.py) has the parsers loaded and forks a child for each job. The child is
limited in memory, processor time, open files and file writing, and killed with its process group
when its time is over. All are in a sandbox where there is one (sandbox.py). No Django here, and
none in the child.

Limits of one job with WAYMARK_PARSE_SECONDS=120, in the order in which they end it:

    120 s   of processor time   SIGXCPU; the kernel kills the child at 122 s
    240 s   of the clock        the reading process kills the child and answers {"how": "time"}
    255 s   of the clock        this program gives up the reading process itself (GRACE_SECONDS)
"""

import atexit
import json
import os
import resource
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

from pydantic import TypeAdapter, ValidationError

import waymark
from waymark.core.data_folder import data_folders
from waymark.core.errors import FileRefused, NotEnoughMemory, RuleError, ServiceUnavailable
from waymark.documents.isolation import ipc
from waymark.documents.isolation.engine import Engine, engine_as_json
from waymark.documents.isolation.sandbox import sandboxed
from waymark.documents.reading.qda_values import QdaProject
from waymark.documents.reading.recognised import RecognisedPage, from_json
from waymark.documents.reading.values import MIB, ReadingLimits, ReadReport

GRACE_SECONDS = 15.0  # seconds by which a reading process may answer after the child's own time
START_SECONDS = 60.0  # seconds that a reading process may take to start
ON_TRIAL = 1_024 * MIB  # extra memory for the second try that tells damage from lack of memory
_QDA = TypeAdapter(QdaProject)
AGAIN = "Ask for another copy, or print it to a new file and upload that"
SMALLER = "Split it into smaller files, or ask for a simpler copy"


class ReaderProcess:
    """One running reading process, for one thread at a time; `close` ends it."""

    def __init__(self) -> None:
        source = str(Path(waymark.__file__).parent.parent)
        self.owner = os.getpid()
        self._jobs, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                # -P: no module is imported from the working directory, where uploads could lie. The
                # environment has no secrets of the installation: the child reads hostile files.
                sandboxed([sys.executable, "-P", "-m", "waymark.documents.isolation.worker"]),
                stdin=theirs.fileno(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"PYTHONPATH": source, "OPENBLAS_NUM_THREADS": "1", "PATH": os.defpath},
                start_new_session=True,  # Ctrl-C in the terminal ends the program, which ends it
                bufsize=0,
            )
        try:
            self._read(1, time.monotonic() + START_SECONDS)
        except (EOFError, TimeoutError) as error:
            self.close()
            # An error of the system, not of the file: nothing is refused because of it.
            raise ChildProcessError(
                "the reading process does not start, which can happen when memory is full: close "
                "other programs. Run python -m waymark.documents.isolation.worker to see why"
            ) from error

    @property
    def usable(self) -> bool:
        return self.owner == os.getpid() and self._process.poll() is None

    def ask(self, job: dict[str, Any], file_name: str, limits: ReadingLimits) -> bytes:
        """The answer to one job. Raises FileRefused when the child ends without one.

        Raises EOFError, BrokenPipeError or TimeoutError when this process itself is gone or silent.
        """
        hidden = [str(folder) for folder in data_folders()]
        content = json.dumps(job | {"limits": asdict(limits), "hidden": hidden}).encode()
        until = time.monotonic() + limits.wall_seconds + GRACE_SECONDS
        with _opened(Path(job["path"])) as files:
            self._send(ipc.JOB.pack(len(content)) + content, files)
        mark, length = ipc.OUTCOME.unpack(self._read(ipc.OUTCOME.size, until))
        answer = self._read(length, until)
        if mark != ipc.ANSWER:
            _raise_refusal(file_name, json.loads(answer), limits)
        return answer

    def close(self) -> None:
        """End the process and what it is reading."""
        self._jobs.close()
        if self._process.stdout:
            self._process.stdout.close()
        if self.owner != os.getpid():  # a copy of another process's reader, inherited by fork()
            return
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, content: bytes, files: list[int]) -> None:
        """Send a job with the descriptor of its file, which comes with the first byte."""
        if self._jobs.fileno() < 0:
            raise BrokenPipeError
        try:
            sent = socket.send_fds(self._jobs, [content], files)
            self._jobs.sendall(content[sent:])
        except ConnectionError as error:
            raise BrokenPipeError from error

    def _read(self, size: int, until: float) -> bytes:
        stream = self._process.stdout
        if stream is None or stream.closed:
            raise EOFError
        parts = bytearray()
        while len(parts) < size:
            ready, _, _ = select.select([stream], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise TimeoutError
            part = os.read(stream.fileno(), min(size - len(parts), MIB))
            if not part:
                raise EOFError
            parts += part
        return bytes(parts)


@contextmanager
def _opened(path: Path) -> Iterator[list[int]]:
    """Descriptor of the file of a job; none if it cannot be opened, which the child then says.

    Nothing is read from it here. A file of another user that only this one may read, as root may,
    is copied: in the sandbox no process has such rights.
    """
    with ExitStack() as stack:
        try:
            # Not blocking, because a pipe without a writer would wait here without a time limit.
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            yield []
            return
        stack.callback(os.close, handle)
        about = os.fstat(handle)
        readable = about.st_uid == os.geteuid() or about.st_mode & stat.S_IROTH
        if not readable and stat.S_ISREG(about.st_mode):
            with path.open("rb") as source:
                copy = stack.enter_context(tempfile.TemporaryFile())
                shutil.copyfileobj(source, copy)
                copy.flush()
            yield [copy.fileno()]
            return
        yield [handle]


class _ReaderCrashed(FileRefused):
    """A child was killed by its own fault: the file is damaged, or memory ran out."""


def _raise_refusal(file_name: str, died: dict[str, Any], limits: ReadingLimits) -> NoReturn:
    """Raise FileRefused for a child that ended without an answer, with reason and remedy."""
    how = died["how"]
    if how == "signal":
        _raise_killed(file_name, died, limits)
    if how == "fork":
        raise NotEnoughMemory(
            file_name, "could not be read: the computer could not start a reading process"
        )
    reason, remedy = {
        "time": (f"took more than {limits.wall_seconds} seconds to read", SMALLER),
        "size": (f"contains more than {limits.answer // MIB} MiB of text", SMALLER),
    }.get(how, ("could not be read: it is damaged in an unknown way", AGAIN))
    raise FileRefused(file_name, reason, remedy)


def _raise_killed(file_name: str, died: dict[str, Any], limits: ReadingLimits) -> NoReturn:
    """Raise FileRefused for a child that a signal ended.

    died: code (minus the signal), seconds of work, peak and room in bytes. A child that aborts
    with more than half of its room in use most likely failed to allocate: with room for 2,048 MiB
    and a peak of 1,300 MiB the reason is memory; with a peak of 200 MiB it is damage, which
    _raise_crash_cause() then confirms by a second try with more memory.
    """
    by = signal.Signals(-died["code"])
    if by == signal.SIGXCPU or (by == signal.SIGKILL and died["seconds"] >= limits.cpu_seconds):
        reason = f"took more than {limits.cpu_seconds} seconds of work to read"
        raise FileRefused(file_name, reason, SMALLER)
    if by == signal.SIGKILL:  # by Linux, when memory is full, or by a person
        reason = "could not be read: its reader was killed, which can happen when memory is full"
        raise NotEnoughMemory(file_name, reason)
    if died["peak"] > died["room"] // 2:
        raise _memory_refusal(file_name, died["room"], limits)
    raise _ReaderCrashed(file_name, f"made its reader crash ({by.name}): it is damaged", AGAIN)


def _memory_refusal(file_name: str, room: int, limits: ReadingLimits) -> FileRefused:
    """Refusal of a file for which room bytes of memory were not enough."""
    reason = f"needs more than {room // MIB:,} MiB of memory to read"
    if room < limits.memory:
        reason += ", and this computer allows no more to one program"
        return NotEnoughMemory(file_name, reason)
    reason += ", the limit that WAYMARK_PARSE_MEMORY_MIB sets"
    return FileRefused(file_name, reason, SMALLER)


# Threads borrow a process for one job each, so with n reading threads at most n processes exist. A
# forked copy of this program must not use them, since two programs would write to one pipe: owner
# tells the copies apart.
_idle: list[ReaderProcess] = []
_lock = threading.Lock()


@contextmanager
def _idle_reader(*, new: bool) -> Iterator[ReaderProcess]:
    """Lend an idle reading process, or a new one; it is kept for the next job while it lives."""
    with _lock:
        for dead in [reader for reader in _idle if not reader.usable]:
            _idle.remove(dead)
            dead.close()
        reader = _idle.pop() if _idle and not new else None
    reader = reader or ReaderProcess()
    try:
        yield reader
    finally:
        with _lock:
            if reader.usable:
                _idle.append(reader)


@atexit.register
def close_readers() -> None:
    """End the idle reading processes (they also end by themselves when this process does)."""
    with _lock:
        while _idle:
            _idle.pop().close()


@dataclass(frozen=True, slots=True)
class ReadingJob:
    """A file to read. name: as a person knows it, which path need not show.

    encoding: of a text, as a person names it; "" to find it by the content. recognised: pages of a
    PDF, by number, whose words were recognised in their image. local: gives the file if it is not
    at path, and raises FileRefused.
    """

    path: Path
    name: str
    encoding: str = ""
    recognised: Mapping[int, RecognisedPage] = field(default_factory=dict)
    local: Callable[[], AbstractContextManager[Path]] | None = None

    def message(self) -> dict[str, Any]:
        """The job as it is sent to the reading process."""
        pages = {number: page.as_json() for number, page in self.recognised.items()}
        job = {"do": "read", "path": str(self.path), "name": self.name}
        return job | {"encoding": self.encoding, "recognised": pages}


Examine = Callable[[ReadingJob, ReadReport], None]


def read_isolated(path: Path, file_name: str, limits: ReadingLimits) -> ReadReport:
    """Read one file in a child. Raises FileRefused, whatever the file does."""
    return read_job(ReadingJob(path, file_name), limits)


def read_job(job: ReadingJob, limits: ReadingLimits) -> ReadReport:
    """Read one file in a child. Raises FileRefused, whatever the file does."""
    if job.local is not None:
        with job.local() as path:
            return read_job(replace(job, path=path, local=None), limits)
    return _decode_answer(_answer_or_raise(job.message(), job.name, limits), job.name)


def recognise_isolated(
    path: Path, number: int, engine: Engine, languages: str, limits: ReadingLimits
) -> RecognisedPage:
    """Recognise the words of page number (from 1) of a PDF in a child. Raises FileRefused."""
    job = {
        "do": "recognise",
        "path": str(path),
        "number": number,
        "languages": languages,
        "engine": engine_as_json(engine),
    }
    answer = _answer_or_raise(job, path.name, limits)[1:]
    try:
        return from_json(json.loads(answer))
    except (RuleError, ValueError) as error:
        raise FileRefused(
            path.name, f"page {number} could not be recognised: the answer is damaged", AGAIN
        ) from error


def read_qda_isolated(path: Path, file_name: str, limits: ReadingLimits) -> QdaProject:
    """Read a REFI-QDA file in a child. Raises FileRefused, whatever the file does."""
    job = {"do": "qda", "path": str(path), "name": file_name}
    answer = _answer_or_raise(job, file_name, limits)[1:]
    try:
        return _QDA.validate_json(answer)
    except ValidationError as error:
        reason = "could not be read: the result is inconsistent"
        raise FileRefused(file_name, reason, AGAIN) from error


def _decode_answer(answer: bytes, file_name: str) -> ReadReport:
    try:
        return ipc.decode_report(answer[1:])
    except RuleError as error:
        raise FileRefused(
            file_name, "could not be read: the result is inconsistent", AGAIN
        ) from error


def draw_isolated(
    path: Path, number: int, width: int, limits: ReadingLimits, file_format: str = "png"
) -> bytes:
    """Page number (from 1) of a PDF as "webp" or "png", width pixels wide. Raises FileRefused."""
    job = {"do": "page", "path": str(path), "number": number, "width": width, "format": file_format}
    return _answer_or_raise(job, path.name, limits)[1:]


def _answer_or_raise(job: dict[str, Any], file_name: str, limits: ReadingLimits) -> bytes:
    try:
        answer = _raw_answer(job, file_name, limits)
    except _ReaderCrashed as crashed:
        _raise_crash_cause(crashed, job, limits)
    kind = answer[:1]
    if kind == ipc.REFUSED:
        refusal = json.loads(answer[1:])
        raise FileRefused(file_name, str(refusal["reason"]), str(refusal["remedy"]))
    if kind == ipc.NO_MEMORY:
        raise _memory_refusal(file_name, int(answer[1:]), limits)
    return answer


def _raise_crash_cause(
    crashed: _ReaderCrashed, job: dict[str, Any], limits: ReadingLimits
) -> NoReturn:
    """Raise FileRefused that tells damage from lack of memory.

    pdfium aborts for both; with 1 GiB more memory it aborts again only for damage.
    """
    more = replace(limits, memory=limits.memory + ON_TRIAL)
    if not _memory_is_free(more.memory):
        reason = f"{crashed.reason}, or needs more than {limits.memory // MIB:,} MiB of memory"
        raise NotEnoughMemory(crashed.file, reason) from crashed
    try:
        _raw_answer(job, crashed.file, more)
    except FileRefused as again:
        if isinstance(again, _ReaderCrashed):
            raise crashed from None
    raise _memory_refusal(crashed.file, limits.memory, limits) from crashed


def _memory_is_free(memory: int) -> bool:
    """True if so many bytes are free, and one program may use them."""
    _, allowed = resource.getrlimit(resource.RLIMIT_AS)
    if allowed != resource.RLIM_INFINITY and allowed < memory:
        return False
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return False
    free = [int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")]
    return bool(free) and free[0] * 1024 > memory


def _raw_answer(job: dict[str, Any], file_name: str, limits: ReadingLimits) -> bytes:
    """The answer of a reading process; one that turns out to be dead is replaced once."""
    for new in (False, True):
        with _idle_reader(new=new) as reader:
            try:
                return reader.ask(job, file_name, limits)
            except (BrokenPipeError, EOFError):
                reader.close()
            except TimeoutError:
                reader.close()
                reason = f"could not be read: no answer within {limits.wall_seconds:,} seconds"
                raise FileRefused(file_name, reason, SMALLER) from None
    reason = (
        "could not be read: the reading process ended twice, which can happen when memory is full"
    )
    raise NotEnoughMemory(file_name, reason)


def read_many(
    jobs: Iterable[ReadingJob],
    *,
    workers: int,
    limits: ReadingLimits,
    examine: Examine = lambda job, read: None,
) -> Generator[tuple[ReadingJob, ReadReport | FileRefused], None, None]:
    """Read files side by side; each comes with its report or refusal as soon as it is done.

    At most twice `workers` files are under way or waiting to be taken, so that memory stays flat.
    examine: called in the thread that read a file, while the caller deals with those before.
    """
    waiting = iter(jobs)
    with ThreadPoolExecutor(workers, thread_name_prefix="reading") as pool:
        under_way: dict[Future[ReadReport | FileRefused], ReadingJob] = {}
        try:
            while True:
                # Twice as many jobs as threads: a thread always finds one ready while the results
                # of others are stored, and no more than that many answers wait in memory.
                while len(under_way) < 2 * workers and (job := next(waiting, None)) is not None:
                    under_way[pool.submit(_report_or_refusal, job, limits, examine)] = job
                if not under_way:
                    return
                done, _ = wait(under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    job = under_way.pop(future)
                    yield job, future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _report_or_refusal(
    job: ReadingJob, limits: ReadingLimits, examine: Examine
) -> ReadReport | FileRefused:
    """Runs in a reading thread: the caller waits for its disk while this answer is unpacked."""
    try:
        read = read_job(job, limits)
    except FileRefused as refused:
        return refused
    except ServiceUnavailable as error:  # where its original is; others may be read
        return FileRefused(job.name, f"could not be read: {error}", "Then try again")
    examine(job, read)
    return read
