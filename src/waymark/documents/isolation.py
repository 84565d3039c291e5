"""Reading files in disposable children: whatever a file does to its reader, it costs only the file.

A *nursery* (child.py) is a process with the parsers loaded that forks a child for each job. The
child is limited in memory, processor time, open files and file writing, and killed with its process
group when the time is over. No Django here, and none in the child.
"""

import atexit
import json
import os
import resource
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NoReturn

import waymark
from waymark.core.errors import Refused, RuleError
from waymark.documents import wire
from waymark.documents.reading import MIB, Limits, ReadReport

JOB_HEAD, OUTCOME_HEAD = 4, 9
GRACE = 15.0  # seconds that a nursery may answer later than the child's own time
START = 60.0  # seconds that a nursery may take to start
ON_TRIAL = 1_024 * MIB  # by so much more memory than its limit may tell what ended a reader
AGAIN = "Ask for another copy, or print it to a new file and take in that"
SMALLER = "Split it into smaller files, or ask for a simpler copy"
MEMORY = (
    "The file may well be sound: close other programs or use a computer with more free memory, "
    "then take it in again"
)


class Nursery:
    """One reading process. Not for two threads at a time; `close` ends it."""

    def __init__(self) -> None:
        source = str(Path(waymark.__file__).parent.parent)
        self.owner = os.getpid()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "waymark.documents.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": source, "OPENBLAS_NUM_THREADS": "1", "PATH": os.defpath},
            start_new_session=True,
            bufsize=0,
        )
        try:
            self._read(1, time.monotonic() + START)
        except (EOFError, TimeoutError) as error:
            self.close()
            raise RuleError(
                "the reading process does not start, as happens when memory is full: close other "
                "programs; python -m waymark.documents.child says more"
            ) from error

    @property
    def usable(self) -> bool:
        return self.owner == os.getpid() and self._process.poll() is None

    def ask(self, job: dict[str, Any], file_name: str, limits: Limits) -> bytes:
        """The answer to one job. Raises Refused when the child ends without one.

        Raises EOFError, BrokenPipeError or TimeoutError when this process itself is gone or silent.
        """
        said = json.dumps(job | {"limits": asdict(limits)}).encode()
        until = time.monotonic() + limits.wall_seconds + GRACE
        self._write(len(said).to_bytes(JOB_HEAD, "little") + said)
        head = self._read(OUTCOME_HEAD, until)
        answer = self._read(int.from_bytes(head[1:], "little"), until)
        if head[:1] != b"A":
            _refuse(file_name, json.loads(answer), limits)
        return answer

    def close(self) -> None:
        """End the process and whatever it is reading."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()
        if self.owner != os.getpid():  # a copy, come with a fork of the process that owns it
            return
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _write(self, said: bytes) -> None:
        stream = self._process.stdin
        if stream is None or stream.closed:
            raise BrokenPipeError
        rest = memoryview(said)
        while rest:
            rest = rest[os.write(stream.fileno(), rest) :]

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


class _Crashed(Refused):
    """The reader ran onto something that it does not survive: damage, or the end of its memory."""


def _refuse(file_name: str, died: dict[str, Any], limits: Limits) -> NoReturn:
    """Raise Refused with how a child ended, and what to do."""
    how = died["how"]
    if how == "signal":
        _refuse_stopped(file_name, died, limits)
    reason, remedy = {
        "time": (f"took more than {limits.wall_seconds} seconds to read", SMALLER),
        "size": (f"holds more than {limits.answer // MIB} MiB of text", SMALLER),
        "fork": ("could not be read: the computer could start no reading process", MEMORY),
    }.get(how, ("could not be read: it is damaged in a way that the reader does not know", AGAIN))
    raise Refused(file_name, reason, remedy)


def _refuse_stopped(file_name: str, died: dict[str, Any], limits: Limits) -> NoReturn:
    """Raise Refused where a signal ended a child: seconds of work, bytes it had and might have."""
    by = signal.Signals(-died["code"])
    if by == signal.SIGXCPU or (by == signal.SIGKILL and died["seconds"] >= limits.cpu_seconds):
        reason = f"took more than {limits.cpu_seconds} seconds of work to read"
        raise Refused(file_name, reason, SMALLER)
    if by == signal.SIGKILL:  # by Linux, where memory is full, or by a person
        reason = "could not be read: its reader was stopped, as happens when memory is full"
        raise Refused(file_name, reason, MEMORY)
    if died["peak"] > died["room"] // 2:
        raise Refused(file_name, *_no_memory(died["room"], limits))
    raise _Crashed(file_name, f"made its reader stop ({by.name}): it is damaged", AGAIN)


def _no_memory(room: int, limits: Limits) -> tuple[str, str]:
    """Reason and remedy where so many bytes of memory were not enough."""
    reason = f"needs more than {room // MIB:,} MiB of memory to read"
    if room < limits.memory:
        return f"{reason}, and this computer allows no more to one program", MEMORY
    return f"{reason}, the limit that WAYMARK_PARSE_MEMORY_MIB sets", SMALLER


_idle: list[Nursery] = []
_lock = threading.Lock()


@contextmanager
def _nursery(*, new: bool) -> Iterator[Nursery]:
    """An idle nursery, or a new one; it is kept for the next job while it lives."""
    with _lock:
        for dead in [nursery for nursery in _idle if not nursery.usable]:
            _idle.remove(dead)
            dead.close()
        nursery = _idle.pop() if _idle and not new else None
    nursery = nursery or Nursery()
    try:
        yield nursery
    finally:
        with _lock:
            if nursery.usable:
                _idle.append(nursery)


@atexit.register
def close_nurseries() -> None:
    """End the idle reading processes (they also end by themselves when this process does)."""
    with _lock:
        while _idle:
            _idle.pop().close()


def read_isolated(path: Path, file_name: str, limits: Limits) -> ReadReport:
    """Read one file in a child. Raises Refused, whatever the file does.

    check_hidden: also look for words that cannot be seen (PDF: about 0.1 seconds a page).
    """
    return _report(_ask(_reading(path, file_name), file_name, limits), file_name)


def _reading(path: Path, file_name: str) -> dict[str, Any]:
    return {"do": "read", "path": str(path), "name": file_name}


def _report(answer: bytes, file_name: str) -> ReadReport:
    try:
        return wire.decoded(answer[1:])
    except RuleError as error:
        raise Refused(file_name, "gave an answer that does not hold together", AGAIN) from error


def draw_isolated(path: Path, number: int, width: int, limits: Limits) -> bytes:
    """Page number (from 1) of a PDF as PNG, width pixels wide. Raises Refused."""
    job = {"do": "page", "path": str(path), "number": number, "width": width}
    return _ask(job, path.name, limits)[1:]


def _ask(job: dict[str, Any], file_name: str, limits: Limits) -> bytes:
    try:
        answer = _answer(job, file_name, limits)
    except _Crashed as crashed:
        _refuse_crashed(crashed, job, limits)
    kind = answer[:1]
    if kind == b"X":
        said = json.loads(answer[1:])
        raise Refused(file_name, str(said["reason"]), str(said["remedy"]))
    if kind == b"M":
        raise Refused(file_name, *_no_memory(int(answer[1:]), limits))
    return answer


def _refuse_crashed(crashed: _Crashed, job: dict[str, Any], limits: Limits) -> NoReturn:
    """Raise Refused that tells damage from want of memory.

    Pdfium ends itself for both; with much more memory it ends again only for damage.
    """
    more = replace(limits, memory=limits.memory + ON_TRIAL)
    if not _machine_has(more.memory):
        reason = f"{crashed.reason}, or needs more than {limits.memory // MIB:,} MiB of memory"
        raise Refused(crashed.file, reason, MEMORY) from crashed
    try:
        _answer(job, crashed.file, more)
    except Refused as again:
        if isinstance(again, _Crashed):
            raise crashed from None
    raise Refused(crashed.file, *_no_memory(limits.memory, limits)) from crashed


def _machine_has(memory: int) -> bool:
    """Whether so many bytes are free, and allowed to one program."""
    _, allowed = resource.getrlimit(resource.RLIMIT_AS)
    if allowed != resource.RLIM_INFINITY and allowed < memory:
        return False
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return False
    free = [int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")]
    return bool(free) and free[0] * 1024 > memory


def _answer(job: dict[str, Any], file_name: str, limits: Limits) -> bytes:
    """A nursery's answer. One that is found dead is replaced once: it may have died of anything."""
    for new in (False, True):
        with _nursery(new=new) as nursery:
            try:
                return nursery.ask(job, file_name, limits)
            except (BrokenPipeError, EOFError):
                nursery.close()
            except TimeoutError:
                nursery.close()
                reason = f"had no answer from its reader in {limits.wall_seconds:,} seconds"
                raise Refused(file_name, reason, SMALLER) from None
    reason = "could not be read: the reading process ended twice, as happens when memory is full"
    raise Refused(file_name, reason, MEMORY)


def read_many(
    paths: Iterable[Path], *, workers: int, limits: Limits
) -> Iterator[tuple[Path, ReadReport | Refused]]:
    """Read files side by side; each comes with its report or refusal as soon as it is done.

    At most twice `workers` files are under way or waiting to be taken, so that memory stays flat.
    """
    waiting = iter(paths)
    with ThreadPoolExecutor(workers, thread_name_prefix="reading") as pool:
        under_way: dict[Future[bytes | Refused], Path] = {}
        try:
            while True:
                while len(under_way) < 2 * workers and (path := next(waiting, None)) is not None:
                    under_way[pool.submit(_answer_or_refusal, path, limits)] = path
                if not under_way:
                    return
                done, _ = wait(under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    path = under_way.pop(future)
                    yield path, _report_or_refusal(future.result(), path)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _answer_or_refusal(path: Path, limits: Limits) -> bytes | Refused:
    """In a reading thread, which then asks for the next file while this answer is unpacked."""
    try:
        return _ask(_reading(path, path.name), path.name, limits)
    except Refused as refused:
        return refused


def _report_or_refusal(answer: bytes | Refused, path: Path) -> ReadReport | Refused:
    if isinstance(answer, Refused):
        return answer
    try:
        return _report(answer, path.name)
    except Refused as refused:
        return refused
