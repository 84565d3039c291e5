"""The reading process (`python -m waymark.documents.isolation.worker`), fed by parent.py.

It loads the parsers once, then forks a child for each job: a fork costs a few milliseconds, a new
Python a quarter of a second. The child limits itself, does its one job, writes the answer to a pipe
and ends. This process itself never opens an uploaded file. It imports no Django.

It writes READY to stdout when it has started, then reads jobs from stdin and writes their outcomes
to stdout in the frames of ipc.py. It ends when stdin does.
"""

import ctypes
import errno
import gc
import json
import os
import resource
import select
import signal
import socket
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pikepdf

from waymark.core.errors import FileRefused
from waymark.core.files import refuse_unreadable
from waymark.documents import parsers
from waymark.documents.isolation import ipc, tesseract
from waymark.documents.isolation.confinement import confine, load_libraries
from waymark.documents.isolation.engine import folders_of_program
from waymark.documents.isolation.render import page_as_image
from waymark.documents.parsers import pdf, qda
from waymark.documents.reading.recognised import from_json
from waymark.documents.reading.values import ReadingLimits, ReadReport, excess

CHUNK = 1 << 20
SPLIT = "Split it into smaller files"
NEARLY_ALL = 0.95  # of the memory limit
STDIN, STDOUT = 0, 1
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38


def serve_jobs() -> None:
    """Do jobs until stdin ends."""
    _warm_up()
    # Children share this process's memory until one of the two writes to a page of it. A collection
    # would touch every object and so copy all of it into every child: freeze what is loaded.
    gc.collect()
    gc.freeze()
    gc.disable()
    ipc.write_all(STDOUT, ipc.READY)
    # One job at a time: parallel reading is the caller's, who runs several of these processes.
    jobs = socket.socket(fileno=os.dup(STDIN))
    while job := _next_job(jobs):
        mark, answer = _run_in_child(job)
        if "handle" in job:
            os.close(job["handle"])
        ipc.write_all(STDOUT, ipc.OUTCOME.pack(mark, len(answer)))
        ipc.write_all(STDOUT, answer)


def _next_job(jobs: socket.socket) -> dict[str, Any] | None:
    """The next job, with its file as an open descriptor; None at the end.

    path: of the descriptor, which opens the file anew wherever it is. In the sandbox its own path
    does not exist.
    """
    first, handles, _, _ = socket.recv_fds(jobs, 1, 1)
    if not first:
        return None
    head = first + _read_exactly(STDIN, ipc.JOB.size - 1)
    job: dict[str, Any] = json.loads(_read_exactly(STDIN, ipc.JOB.unpack(head)[0]))
    if handles and Path("/proc/self/fd").exists():
        job |= {"handle": handles[0], "path": f"/proc/self/fd/{handles[0]}"}
    return job


def _warm_up() -> None:
    """Read a page of our own, so that every child inherits what this loads."""
    load_libraries()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        lines = b"".join(b"0 -14 Td (Some words to read.) Tj " for _ in range(40))
        page.Contents = pdf.make_stream(b"BT /F1 11 Tf 60 800 Td " + lines + b"ET")
        with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
            pdf.save(file.name)
            ipc.encode_report(parsers.read_file(Path(file.name), "page", ReadingLimits()))


def _run_in_child(job: dict[str, Any]) -> tuple[bytes, bytes]:
    """Fork, wait for the answer or the time limit, and reap the child. Returns mark and answer."""
    limits = ReadingLimits(**job["limits"])
    reading, writing = os.pipe()
    parent = os.getpid()
    try:
        child = os.fork()
    except OSError:
        os.close(reading)
        os.close(writing)
        return ipc.DIED, json.dumps({"how": "fork"}).encode()
    if child == 0:
        # In the child. Whatever happens below, it must never return into serve_jobs(): then two
        # processes would read jobs from one pipe. An exception ends it with status 1.
        os.close(reading)
        _restrict_child(limits, parent, {writing, job.get("handle", writing)})
        _confine_child(job)
        ipc.write_all(writing, _run_job(job, limits))
        os._exit(0)  # not sys.exit: no clean-up of the parent may run twice
    os.close(writing)
    answer, how = _gather_answer(reading, limits)
    os.close(reading)
    if how:
        _kill_group(child)
    _, status, use = os.wait4(child, 0)
    if how:
        return ipc.DIED, json.dumps({"how": how}).encode()
    if status != 0:
        code = os.waitstatus_to_exitcode(status)
        died = {"how": "signal" if code < 0 else "error", "code": code}
        cost = {"seconds": use.ru_utime + use.ru_stime, "peak": use.ru_maxrss * 1024}
        return ipc.DIED, json.dumps(died | cost | {"room": _memory_room(limits)}).encode()
    return ipc.ANSWER, answer


def _gather_answer(pipe: int, limits: ReadingLimits) -> tuple[bytes, str]:
    """Read from the child until it closes the pipe. Returns the answer and why it was cut short.

    The reason is "" for a whole answer, else "time", "size" or "alone" (the program that asked has
    gone: stdin is readable only at its end, because it sends no job before it has an answer).
    """
    until = time.monotonic() + limits.wall_seconds
    parts: list[bytes] = []
    size = 0
    while True:
        ready, _, _ = select.select([pipe, STDIN], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return b"", "time"
        if STDIN in ready:
            return b"", "alone"
        part = os.read(pipe, CHUNK)
        if not part:
            return b"".join(parts), ""
        size += len(part)
        if size > limits.answer:
            return b"", "size"
        parts.append(part)


def _kill_group(child: int) -> None:
    """End the child and all that it may have started."""
    # The group exists only once the child has called setsid(): until then killpg finds nobody.
    for end in (os.killpg, os.kill):
        try:
            end(child, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _memory_room(limits: ReadingLimits) -> int:
    """The memory a child may have, in bytes: less than its limit where the machine allows less."""
    _, allowed = resource.getrlimit(resource.RLIMIT_AS)
    return limits.memory if allowed == resource.RLIM_INFINITY else min(limits.memory, allowed)


def _confine_child(job: dict[str, Any]) -> None:
    """In the child: give up all but the file of the job, and the program that recognises text."""
    programs: list[str] = []
    if job["do"] == "recognise":
        engine = job["engine"]
        programs = [path for path in (engine["program"], engine.get("data", "")) if path]
        programs += folders_of_program(engine["program"])
    confine([job.get("handle", job["path"])], programs=programs, hidden=job.get("hidden", ()))


def _restrict_child(limits: ReadingLimits, parent: int, kept: set[int]) -> None:
    """In the child: start a process group, set the limits, and give up writing to files.

    kept: descriptors that stay open, the pipe to the parent and the file of the job.
    """
    os.setsid()
    # Neither the stream of jobs, which brings the files of others, nor that of outcomes.
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    _close_others(kept)
    libc = ctypes.CDLL(None)
    if hasattr(libc, "prctl"):
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # A parent that died before prctl() sends no signal any more: the child has a new parent then.
    if os.getppid() != parent:
        os._exit(1)
    for limit, most in (
        (resource.RLIMIT_AS, _memory_room(limits)),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(limit, (most, most))
    # The soft limit sends SIGXCPU, which parent.py reports as too much work; a child that
    # ignores it is killed at the hard limit, 2 seconds later.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 2))


def _close_others(kept: set[int]) -> None:
    """Close all descriptors but the streams and some others."""
    below = 3
    for handle in sorted(kept):
        os.closerange(below, handle)
        below = handle + 1
    os.closerange(below, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _run_job(job: dict[str, Any], limits: ReadingLimits) -> bytes:
    """The answer to a job: its kind, then its content. Other errors end the child.

    A parser that runs out of memory may report the file as damaged. So any error of a child that
    has used nearly all of its memory counts as a lack of memory: with a limit of 2,048 MiB, from
    1,946 MiB.
    """
    path = Path(job["path"])
    room = _memory_room(limits)
    try:
        return _answer_of(path, job, limits)
    except MemoryError:
        return ipc.NO_MEMORY + str(room).encode()
    except Exception as error:
        if getattr(error, "errno", None) == errno.ENOMEM or _peak_memory() > NEARLY_ALL * room:
            return ipc.NO_MEMORY + str(room).encode()
        if not isinstance(error, FileRefused):
            raise
        refusal = {"reason": error.reason, "remedy": error.remedy}
        return ipc.REFUSED + json.dumps(refusal).encode()


def _answer_of(path: Path, job: dict[str, Any], limits: ReadingLimits) -> bytes:
    if job["do"] == "page":
        image = page_as_image(path, job["number"], job["width"], job["format"])
        return ipc.IMAGE + image
    with refuse_unreadable(path), path.open("rb"):
        pass
    if job["do"] == "recognise":
        return ipc.RECOGNISED + tesseract.answer_job(path, job)
    if job["do"] == "qda":
        project = qda.read_qda_file(path, job["name"], limits)
        return ipc.QDA + json.dumps(asdict(project), separators=(",", ":")).encode()
    report = _read_report(path, job, limits)
    if too_much := excess(report, limits):
        # Refused here: the program that stores it would need minutes for millions of rows.
        raise FileRefused(job["name"], f"contains {too_much}", SPLIT)
    return ipc.REPORT + ipc.encode_report(report)


def _read_report(path: Path, job: dict[str, Any], limits: ReadingLimits) -> ReadReport:
    if not job.get("recognised"):
        return parsers.read_file(path, job["name"], limits, job["encoding"])
    pages = {int(number): from_json(page) for number, page in job["recognised"].items()}
    return pdf.read_pdf(path, job["name"], limits, pages)


def _peak_memory() -> int:
    """Peak address space of this process in bytes; 0 where the system does not report it."""
    try:
        status = Path("/proc/self/status").read_text("ascii")
    except OSError:
        return 0
    peaks = [line.split()[1] for line in status.splitlines() if line.startswith("VmPeak:")]
    return int(peaks[0]) * 1024 if peaks else 0


def _read_exactly(source: int, size: int) -> bytes:
    """size bytes, or b"" at the end."""
    parts = bytearray()
    while len(parts) < size:
        part = os.read(source, size - len(parts))
        if not part:
            return b""
        parts += part
    return bytes(parts)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.setrecursionlimit(2_000)
    serve_jobs()
