"""Sandbox of a reading process: bubblewrap, where it is installed and the system allows it.

In it a process has no network, sees no other process, no data folder and no other file of this
computer but programs and libraries, and can write nothing but a small folder in memory. The file
of a job is handed over as an open descriptor. Without bubblewrap the limits of worker.py remain.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import waymark
from waymark.core.data_folder import data_folders
from waymark.documents.isolation.engine import PROGRAM as TESSERACT
from waymark.documents.isolation.engine import folders_of_program

PROGRAM = "bwrap"
HOW_TO_INSTALL = "install bubblewrap (Debian and Ubuntu: apt install bubblewrap)"
SCRATCH = 16 * 1024 * 1024
"""Bytes of the folder in memory."""
TRIAL_SECONDS = 20
ROOTS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")


def sandboxed(command: list[str]) -> list[str]:
    """The command in the sandbox; unchanged if there is none."""
    return command if sandbox_fault() else [*_options(), *command]


@cache
def sandbox_fault() -> str:
    """Why there is no sandbox, as a sentence with the remedy; "" if it works."""
    if shutil.which(PROGRAM) is None:
        return f"bubblewrap is not installed: {HOW_TO_INSTALL}"
    trial = [sys.executable, "-I", "-S", "-c", "open('/proc/self/status').close()"]
    try:
        done = subprocess.run(
            [*_options(), *trial], capture_output=True, timeout=TRIAL_SECONDS, check=False, env={}
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not start ({error})"
    if done.returncode == 0:
        return ""
    reason = " ".join(done.stderr.decode("utf-8", "replace").split())[:200]
    return (
        f"bubblewrap is not allowed to make one here ({reason}): let this user make user "
        "namespaces, or in a container, let it use them"
    )


def _options() -> list[str]:
    program = shutil.which(PROGRAM) or PROGRAM
    return [
        program,
        # No network, no processes of others, no mounts of others.
        "--unshare-all",
        "--die-with-parent",
        # First, so that it does not hide an installation in a folder of /tmp.
        *("--size", str(SCRATCH), "--tmpfs", "/tmp"),  # noqa: S108 (in the sandbox alone)
        *_visible_folders(),
        *_hidden_folders(),
        *("--proc", "/proc", "--dev", "/dev"),
        *("--chdir", "/"),
        "--",
    ]


def _visible_folders() -> Iterator[str]:
    """Options for what can be read: programs, libraries, Python and Waymark's own code."""
    yield from ("--ro-bind", "/usr", "/usr")
    for name in ROOTS:
        root = Path(name)
        if root.is_symlink():
            yield from ("--symlink", str(root.readlink()), name)
        elif root.exists():
            yield from ("--ro-bind", name, name)
    yield from ("--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache")
    # Programs that are not of the system, such as another Tesseract.
    for folder in _program_folders():
        yield from ("--ro-bind-try", folder, folder)
    for folder in _own_folders():
        if not folder.startswith("/usr/"):
            yield from ("--ro-bind", folder, folder)


def _hidden_folders() -> Iterator[str]:
    """Options that put an empty folder in the place of each data folder below a visible one."""
    visible = ("/usr", *ROOTS, *_program_folders(), *_own_folders())
    for folder in data_folders():
        holds_program = any(Path(own).is_relative_to(folder) for own in _own_folders())
        shown = any(folder.is_relative_to(Path(place).resolve()) for place in visible)
        if shown and folder.is_dir() and not holds_program:
            yield from ("--tmpfs", str(folder), "--remount-ro", str(folder))


def _program_folders() -> list[str]:
    return ["/opt", *folders_of_program(shutil.which(TESSERACT) or "")]


def _own_folders() -> list[str]:
    return sorted({sys.base_prefix, sys.base_exec_prefix, sys.prefix, str(_source())})


def _source() -> Path:
    return Path(waymark.__file__).parent
