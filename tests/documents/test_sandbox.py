"""Files are read in a sandbox where bubblewrap can make one: no network, no file, no writing."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from waymark.core.errors import FileRefused
from waymark.documents.isolation import parent, sandbox
from waymark.documents.isolation.parent import close_readers, read_isolated
from waymark.documents.isolation.sandbox import sandbox_fault, sandboxed
from waymark.documents.reading.values import ReadingLimits

TEXT = "1 Findings\n\nThe visits stopped in May. Nobody asked why.\n"
needs_sandbox = pytest.mark.skipif(sandbox_fault() != "", reason=sandbox_fault())


@pytest.fixture
def fresh():
    """Reading processes begin in the test and end with it."""
    close_readers()
    sandbox_fault.cache_clear()
    yield
    close_readers()
    sandbox_fault.cache_clear()


def within(code, *arguments):
    """Exit code and output of a Python program in the sandbox."""
    command = sandboxed([sys.executable, "-I", "-S", "-c", code, *map(str, arguments)])
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    lines = (run.stdout + run.stderr).strip().splitlines()
    return run.returncode, lines[-1] if lines else ""


@needs_sandbox
def test_a_program_in_the_sandbox_reaches_no_network():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        code = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 3)"
        assert within(code, server.getsockname()[1])[0] == 1
    assert within("import socket; print(len(socket.if_nameindex()))") == (0, "1")


@needs_sandbox
def test_it_sees_no_file_but_programs_libraries_and_its_own_code(tmp_path):
    secret = tmp_path / "secret-key"
    secret.write_text("secret")
    for path in (secret, "/etc/passwd", "/var", "/root/.ssh", "/home"):
        assert "FileNotFoundError" in within("import sys; open(sys.argv[1])", path)[1], path
    assert within("import os; print(len([n for n in os.listdir('/proc') if n.isdigit()]))") == (
        0,
        "2",
    )


@needs_sandbox
@pytest.mark.parametrize("folder", ["/usr", sys.prefix, Path(sandbox.__file__).parent])
def test_it_can_write_nowhere_but_in_memory(folder):
    code = "import sys; open(sys.argv[1] + '/written', 'w')"
    assert "Read-only file system" in within(code, folder)[1]
    assert within("open('/tmp/written', 'w').write('x' * 1000)")[0] == 0
    code = "open('/tmp/written', 'wb').write(bytes(17 * 1024 * 1024))"
    assert "No space left on device" in within(code)[1]


@needs_sandbox
def test_the_reading_process_itself_is_in_the_sandbox(fresh, tmp_path, monkeypatch):
    """Seen from outside: it has a network, processes and mounts of its own."""
    path = tmp_path / "one.txt"
    path.write_text(TEXT)
    assert "The visits stopped" in read_isolated(path, "one.txt", ReadingLimits()).text
    (reader,) = parent._idle
    reading = reader._process.pid
    inside = [
        int(pid) for pid in Path(f"/proc/{reading}/task/{reading}/children").read_text().split()
    ]
    for kind in ("net", "pid", "mnt", "ipc"):
        ours = Path(f"/proc/self/ns/{kind}").readlink()
        assert Path(f"/proc/{inside[0]}/ns/{kind}").readlink() != ours, kind


@pytest.mark.parametrize("place", ["not installed", "not allowed"])
def test_without_a_sandbox_files_are_read_all_the_same(fresh, tmp_path, monkeypatch, place):
    """The limits of memory, time and files remain; `waymark doctor` says what is missing."""
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'setting up uid map: Permission denied' >&2; exit 1\n")
    program.chmod(0o755)
    found = None if place == "not installed" else str(program)
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: found)
    path = tmp_path / "one.txt"
    path.write_text(TEXT)
    assert "The visits stopped" in read_isolated(path, "one.txt", ReadingLimits()).text
    reason = {
        "not installed": "bubblewrap is not installed: install bubblewrap",
        "not allowed": "not allowed to make one here (setting up uid map: Permission denied)",
    }
    assert reason[place] in sandbox_fault()
    assert sandboxed(["a"]) == ["a"]


def test_a_file_that_only_root_may_read_is_read(fresh, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root can give a file to another user")
    path = tmp_path / "one.txt"
    path.write_text(TEXT)
    path.chmod(0o600)
    shutil.chown(path, 12_345)
    assert "The visits stopped" in read_isolated(path, "one.txt", ReadingLimits()).text


@pytest.mark.parametrize("fault", ["missing", "folder"])
def test_a_file_that_cannot_be_opened_is_refused_with_its_reason(tmp_path, fault):
    path = tmp_path if fault == "folder" else tmp_path / "missing.txt"
    words = {"missing": "is no longer there", "folder": "cannot be read: Is a directory"}
    with pytest.raises(FileRefused, match=words[fault]):
        read_isolated(path, "one.txt", ReadingLimits())


@needs_sandbox
def test_a_program_in_a_folder_of_tmp_is_not_hidden_by_the_folder_in_memory(tmp_path, monkeypatch):
    code = tmp_path / "waymark"
    code.mkdir()
    (code / "own.txt").write_text("readable")
    monkeypatch.setattr(sandbox, "_source", lambda: code)
    shown = subprocess.run(
        sandboxed(["/bin/cat", f"{code}/own.txt"]), capture_output=True, text=True, check=False
    )
    assert shown.stdout == "readable", shown.stderr


@needs_sandbox
def test_a_data_folder_below_a_folder_of_programs_is_not_seen(tmp_path, monkeypatch):
    """As /opt/waymark/waymark-data, and what a restore put aside, are below /opt."""
    data, aside = tmp_path / "site" / "data", tmp_path / "site" / "data.before-restore-2027"
    for folder in (data, aside):
        folder.mkdir(parents=True)
        (folder / "secret-key").write_text("secret")
    (data.parent / "program").write_text("readable")
    monkeypatch.setattr(sandbox, "_source", lambda: tmp_path)
    monkeypatch.setenv("WAYMARK_DATA", str(data))
    code = "import sys; print(open(sys.argv[1]).read())"
    assert within(code, data.parent / "program") == (0, "readable")
    assert "FileNotFoundError" in within(code, data / "secret-key")[1]
    assert "FileNotFoundError" in within(code, aside / "secret-key")[1]
    code = "import sys; open(sys.argv[1] + '/written', 'w')"
    assert "Read-only file system" in within(code, data)[1]
