"""The reading process: `python -m waymark.documents.child`, started and fed by isolation.py.

It loads the parsers once, then forks a child for each job: a fork costs a few milliseconds, a new
Python a quarter of a second. The child limits itself, does the one job, writes its answer to a pipe
and ends. This process never opens a file of anybody's. It imports no Django.

When it has started it says READY on stdout. Jobs come on stdin as a length and JSON; what became of
each goes to stdout as one byte (ANSWER or DIED), a length and the answer, or JSON that says how the
child died. It ends when stdin does.
"""

import ctypes
import errno
import gc
import json
import os
import resource
import select
import signal
import struct
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pikepdf

from waymark.core.errors import Refused
from waymark.documents import parsers, wire
from waymark.documents.reading import Limits
from waymark.documents.render import page_as_png

JOB = struct.Struct("<I")
OUTCOME = struct.Struct("<cQ")
READY, ANSWER, DIED = b"r", b"A", b"D"
REPORT, IMAGE, REFUSED, NO_MEMORY = b"R", b"I", b"X", b"M"
CHUNK = 1 << 20
NEARLY_ALL = 0.95  # of the memory it may have
STDIN, STDOUT = 0, 1
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38


def serve() -> None:
    """Do jobs until stdin ends."""
    _warm_up()
    gc.collect()
    gc.freeze()
    gc.disable()
    _write(STDOUT, READY)
    while head := _read_exactly(STDIN, JOB.size):
        job = json.loads(_read_exactly(STDIN, JOB.unpack(head)[0]))
        mark, said = _in_child(job)
        _write(STDOUT, OUTCOME.pack(mark, len(said)))
        _write(STDOUT, said)


def _warm_up() -> None:
    """Read a page of our own: what that loads, every child then has and need not load again."""
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
            wire.encoded(parsers.read(Path(file.name), "page", Limits()))


def _in_child(job: dict[str, Any]) -> tuple[bytes, bytes]:
    """Fork, wait for the answer or the end of the time, and bury the child."""
    limits = Limits(**job["limits"])
    reading, writing = os.pipe()
    parent = os.getpid()
    try:
        child = os.fork()
    except OSError:
        os.close(reading)
        os.close(writing)
        return DIED, json.dumps({"how": "fork"}).encode()
    if child == 0:
        os.close(reading)
        _become_harmless(limits, parent)
        _write(writing, _done(job, limits))
        os._exit(0)
    os.close(writing)
    said, how = _gather(reading, limits)
    os.close(reading)
    if how:
        _kill(child)
    _, status, use = os.wait4(child, 0)
    if how:
        return DIED, json.dumps({"how": how}).encode()
    if status != 0:
        code = os.waitstatus_to_exitcode(status)
        died = {"how": "signal" if code < 0 else "error", "code": code}
        cost = {"seconds": use.ru_utime + use.ru_stime, "peak": use.ru_maxrss * 1024}
        return DIED, json.dumps(died | cost | {"room": _room(limits)}).encode()
    return ANSWER, said


def _gather(pipe: int, limits: Limits) -> tuple[bytes, str]:
    """What the child writes until it closes the pipe, and why that was cut short, or ""."""
    until = time.monotonic() + limits.wall_seconds
    parts: list[bytes] = []
    size = 0
    while True:
        ready, _, _ = select.select([pipe, STDIN], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return b"", "time"
        if STDIN in ready:  # nobody is left to hear the answer
            return b"", "alone"
        part = os.read(pipe, CHUNK)
        if not part:
            return b"".join(parts), ""
        size += len(part)
        if size > limits.answer:
            return b"", "size"
        parts.append(part)


def _kill(child: int) -> None:
    """End the child and all that it may have started."""
    for end in (os.killpg, os.kill):
        try:
            end(child, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _room(limits: Limits) -> int:
    """The memory a child may have, in bytes: less than its limit where the machine allows less."""
    _, allowed = resource.getrlimit(resource.RLIMIT_AS)
    return limits.memory if allowed == resource.RLIM_INFINITY else min(limits.memory, allowed)


def _become_harmless(limits: Limits, parent: int) -> None:
    """In the child: a group of its own, no more than the limits, no writing to files."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    libc = ctypes.CDLL(None)
    if hasattr(libc, "prctl"):
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    for what, most in (
        (resource.RLIMIT_AS, _room(limits)),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 2))


def _done(job: dict[str, Any], limits: Limits) -> bytes:
    """The answer to a job: its kind, then its content. Other errors end the child.

    A parser that ran out of memory may take the file for a damaged one: what it had decides.
    """
    path = Path(job["path"])
    room = _room(limits)
    try:
        if job["do"] == "page":
            return IMAGE + page_as_png(path, job["number"], job["width"])
        report = parsers.read(path, job["name"], limits)
        return REPORT + wire.encoded(report)
    except MemoryError:
        return NO_MEMORY + str(room).encode()
    except Exception as error:
        if getattr(error, "errno", None) == errno.ENOMEM or _most_used() > NEARLY_ALL * room:
            return NO_MEMORY + str(room).encode()
        if not isinstance(error, Refused):
            raise
        said = {"reason": error.reason, "remedy": error.remedy}
        return REFUSED + json.dumps(said).encode()


def _most_used() -> int:
    """The most memory that this process has had, in bytes; 0 where the system does not tell."""
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


def _write(target: int, said: bytes) -> None:
    rest = memoryview(said)
    while rest:
        rest = rest[os.write(target, rest) :]


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.setrecursionlimit(2_000)
    serve()
