"""The kernel confines the child that reads a file, with and without bubblewrap's sandbox."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from waymark.documents.isolation import confinement, parent, sandbox
from waymark.documents.isolation.parent import close_readers, read_isolated
from waymark.documents.isolation.sandbox import sandbox_fault
from waymark.documents.reading.values import ReadingLimits
from waymark.pipeline.checks import host

pytestmark = pytest.mark.skipif(
    bool(confinement.confinement_faults()), reason=" ".join(confinement.confinement_faults())
)

# What a parser could do that a hostile file has taken over, in the place of the parser.
HOSTILE = """
import json, os, signal, socket, subprocess, sys, threading
from dataclasses import asdict
from pathlib import Path
from waymark.documents.isolation import worker
from waymark.documents.reading.values import ReadingLimits

file, secret, folder, port, other, desktop = sys.argv[1:]
NEW = os.O_CREAT | os.O_WRONLY

def outcome(act):
    try:
        act()
    except BaseException as error:
        return type(error).__name__
    return "done"

def thread():
    one = threading.Thread(target=lambda: None)
    one.start()
    one.join()

def hostile(job, limits):
    attempts = {
        "read the file of the job": lambda: Path(job["path"]).read_bytes(),
        "load a module": lambda: __import__("zipfile"),
        "begin a thread": thread,
        "read a secret": lambda: Path(secret).read_text(),
        "list a folder": lambda: os.listdir(folder),
        "create a file": lambda: os.close(os.open(f"{folder}/new", NEW)),
        "create a file in /tmp": lambda: os.close(os.open("/tmp/waymark-new", NEW)),
        "empty a file": lambda: os.truncate(secret, 0),
        "remove a file": lambda: os.unlink(secret),
        "rename a file": lambda: os.rename(secret, f"{folder}/moved"),
        "make a folder": lambda: os.mkdir(f"{folder}/made"),
        "make a link": lambda: os.symlink("/", f"{folder}/link"),
        "change a mode": lambda: os.chmod(secret, 0o777),
        "change an owner": lambda: os.chown(secret, 1, 1),
        "change a time": lambda: os.utime(secret),
        "connect": lambda: socket.create_connection(("127.0.0.1", int(port)), 2),
        "send a datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "ask the desktop": lambda: socket.socket(socket.AF_UNIX).connect(desktop),
        "end another process": lambda: os.kill(int(other), signal.SIGTERM),
        "read another's environment": lambda: Path(f"/proc/{other}/environ").read_bytes(),
        "run a program": lambda: subprocess.run(["/bin/true"], check=True),
        "run a copy": lambda: os.fork() or os._exit(0),
    }
    results = {name: outcome(act) for name, act in attempts.items()}
    handles = [int(name) for name in os.listdir("/proc/self/fd")]
    sockets = [h for h in handles if outcome(lambda: os.fstat(h)) == "done" and
               os.readlink(f"/proc/self/fd/{h}").startswith("socket")]
    return b"R" + json.dumps(results | {"sockets": len(sockets)}).encode()

worker._run_job = hostile
worker._warm_up()
# As in serve_jobs: the socket by which jobs and their files come.
jobs = socket.socket(fileno=os.dup(0))
handle = os.open(file, os.O_RDONLY)
job = {"do": "read", "path": f"/proc/self/fd/{handle}", "handle": handle}
mark, answer = worker._run_in_child(job | {"limits": asdict(ReadingLimits())})
print(answer[1:].decode() if mark == worker.ipc.ANSWER else [mark.decode(), answer.decode()])
"""
ALLOWED = {"read the file of the job", "load a module", "begin a thread"}


@pytest.fixture(scope="module")
def attempts(tmp_path_factory):
    """What came of each thing that a hostile child tried, without bubblewrap."""
    folder = tmp_path_factory.mktemp("hostile")
    file, secret = folder / "file.txt", folder / "secret"
    file.write_text("file")
    secret.write_text("secret")
    other = subprocess.Popen(["/bin/sleep", "60"])
    ours, theirs = socket.socketpair()
    with socket.socket() as server, socket.socket(socket.AF_UNIX) as desktop, ours, theirs:
        server.bind(("127.0.0.1", 0))
        server.listen()
        desktop.bind(str(folder / "desktop"))
        desktop.listen()
        words = [file, secret, folder, server.getsockname()[1], other.pid, folder / "desktop"]
        run = subprocess.run(
            [sys.executable, "-c", HOSTILE, *map(str, words)],
            stdin=theirs.fileno(),
            stdout=subprocess.PIPE,
            text=True,
            timeout=60,
            check=True,
        )
    assert other.poll() is None
    other.kill()
    other.wait()
    assert secret.read_text() == "secret"
    assert sorted(path.name for path in folder.iterdir()) == ["desktop", "file.txt", "secret"]
    return json.loads(run.stdout)


def test_a_hostile_child_reads_its_file_and_can_do_nothing_else(attempts):
    """Neither writes anywhere, nor reads another file, nor has a network, nor ends a process."""
    done = {name for name, result in attempts.items() if result == "done"}
    assert done == ALLOWED
    refused = {result for name, result in attempts.items() if name not in ALLOWED | {"sockets"}}
    assert refused == {"PermissionError"}


OPENED = """
import sys
from waymark.documents.isolation import confinement
root, *paths = sys.argv[1:]
confinement.load_libraries()
confinement.READABLE += (root,)
confinement.confine([], hidden=[paths[0].rpartition("/")[0]])
for path in paths:
    try:
        open(path).close()
        print("opened")
    except OSError as error:
        print(type(error).__name__)
"""


def test_a_data_folder_below_a_folder_of_programs_is_closed_all_the_same(tmp_path):
    """As /opt/waymark/waymark-data is, beside the programs in /opt."""
    files = [tmp_path / name for name in ("site/data/secret-key", "site/program", "other/program")]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("content")
    (tmp_path / "link").symlink_to(files[0].parent)
    words = [sys.executable, "-c", OPENED, tmp_path, *files, tmp_path / "link" / "secret-key"]
    run = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["PermissionError", "opened", "opened", "PermissionError"]


def test_the_stream_by_which_the_files_of_others_come_is_closed_in_the_child(attempts):
    assert attempts["sockets"] == 0


def test_without_bubblewrap_files_are_read_confined(tmp_path, monkeypatch):
    """The reading process is started anew, and its child reads the file as before."""
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    close_readers()
    sandbox_fault.cache_clear()
    try:
        path = tmp_path / "one.txt"
        path.write_text("1 Findings\n\nThe visits stopped in May.\n")
        assert "The visits stopped" in read_isolated(path, "one.txt", ReadingLimits()).text
        assert Path(f"/proc/{parent._idle[0]._process.pid}/comm").read_text() != "bwrap\n"
        (note,) = host.sandbox_notes()
        assert "no sandbox: bubblewrap is not installed" in note
        assert "the kernel confines the reading process (Landlock, filtered system calls)" in note
    finally:
        close_readers()
        sandbox_fault.cache_clear()


def test_the_doctor_says_what_the_confinement_lacks(monkeypatch):
    monkeypatch.setattr(confinement, "landlock_version", lambda: 0)
    monkeypatch.setattr(confinement, "_library", lambda: None)
    notes = list(host.sandbox_notes())
    assert any("use Linux 5.13 or later" in note for note in notes)
    assert any("install libseccomp" in note for note in notes)
