"""A demo has a folder of its own, and builds into no other."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import pytest

from waymark.core.errors import RuleError
from waymark.demo.folder import MARK, locked_demo_folder

WAYMARK = [sys.executable, "-m", "waymark"]


def tell_nobody(_step):
    pass


def waymark(*words, here, data=None):
    """The command in a folder, as somebody runs it who has exported WAYMARK_DATA."""
    environment = {name: lines for name, lines in os.environ.items() if name != "WAYMARK_DATA"}
    if data is not None:
        environment["WAYMARK_DATA"] = str(data)
    return subprocess.run(
        [*WAYMARK, *map(str, words)],
        cwd=here,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def library(tmp_path):
    """The folder of somebody's library, with a report and an account."""
    folder = tmp_path / "library"
    folder.mkdir()
    return database_in(folder, people=[("ann", "")], fictional=[0])


def database_in(folder, *, people, fictional):
    """The folder with a database of these accounts and of a review for each mark."""
    with closing(sqlite3.connect(folder / "waymark.sqlite3")) as database, database:
        database.execute("CREATE TABLE accounts_user (username, first_name)")
        database.execute("CREATE TABLE documents_review (fictional)")
        database.executemany("INSERT INTO accounts_user VALUES (?, ?)", people)
        database.executemany(
            "INSERT INTO documents_review VALUES (?)", [(mark,) for mark in fictional]
        )
    return folder


@pytest.mark.parametrize("exists", [False, True])
def test_a_new_or_an_empty_folder_becomes_a_demos(tmp_path, exists):
    folder = tmp_path / "new" / "folder"
    if exists:
        folder.mkdir(parents=True)
    with locked_demo_folder(folder, tell_nobody) as mark:
        assert not mark.passwords_shown
    assert json.loads((folder / MARK).read_text("utf-8"))["format"] == "waymark-demo 1"


def test_a_library_that_no_demo_made_is_refused_and_left_as_it_is(library):
    before = contents(library)
    with (
        pytest.raises(RuleError, match="and was left unchanged") as caught,
        locked_demo_folder(library, tell_nobody),
    ):
        pass
    assert str(library) in str(caught.value)
    assert "waymark --data NEW-FOLDER demo" in str(caught.value)
    assert contents(library) == before


def test_the_command_refuses_a_library_with_exit_code_3(library, tmp_path):
    before = contents(library)
    run = waymark("--data", library, "demo", "--no-serve", here=tmp_path)
    assert (run.returncode, len(run.stderr.splitlines())) == (3, 1)
    assert run.stderr.startswith(f"waymark: {library} was not made by a demo")
    assert contents(library) == before


def test_the_demo_never_builds_into_the_folder_that_waymark_data_names(library, tmp_path):
    """Its own folder is refused here, so that nothing has to be built to see which it is."""
    here = tmp_path / "here"
    (here / "demo-data").mkdir(parents=True)
    (here / "demo-data" / "notes.txt").write_text("Mine.", "utf-8")
    run = waymark("demo", "--no-serve", here=here, data=library)
    assert run.returncode == 3
    assert f"{here / 'demo-data'} was not made by a demo (it contains notes.txt)" in run.stderr
    assert list(library.iterdir()) == [library / "waymark.sqlite3"]


@pytest.mark.parametrize(
    ("people", "fictional", "is_demo"),
    [
        ([("reader", "Demo reader"), ("coder.a", "Coder A")], [1, 1], True),
        ([("reader", "Demo reader")], [], True),
        ([("reader", "Demo reader")], [1, 0], False),
        ([("reader", "Demo reader"), ("ann", "")], [1], False),
        ([("editor", "")], [], False),
        ([], [], False),
    ],
)
def test_a_demo_of_a_version_without_marks_is_known_by_holding_nothing_else(
    tmp_path, people, fictional, is_demo
):
    database_in(tmp_path, people=people, fictional=fictional)
    if is_demo:
        with locked_demo_folder(tmp_path, tell_nobody) as mark:
            assert mark.passwords_shown
        assert (tmp_path / MARK).is_file()
    else:
        with (
            pytest.raises(RuleError, match="was not made by a demo"),
            locked_demo_folder(tmp_path, tell_nobody),
        ):
            pass
        assert not (tmp_path / MARK).exists()


def test_a_mark_cut_short_while_it_was_written_is_still_a_mark(tmp_path):
    (tmp_path / MARK).write_text('{"format": "way', "utf-8")
    (tmp_path / "waymark.sqlite3").write_bytes(b"")
    with locked_demo_folder(tmp_path, tell_nobody) as mark:
        assert not mark.passwords_shown
        mark.write(passwords_shown=True)
    with locked_demo_folder(tmp_path, tell_nobody) as mark:
        assert mark.passwords_shown


def _build(folder, building_now, may_end):
    with locked_demo_folder(folder, tell_nobody):
        building_now.set()
        may_end.wait(30)


def test_a_second_build_waits_for_the_first_and_says_so(tmp_path):
    spawn = get_context("spawn")
    building_now, may_end = spawn.Event(), spawn.Event()
    first = spawn.Process(target=_build, args=(tmp_path, building_now, may_end))
    first.start()
    assert building_now.wait(30)
    steps = []

    def tell(step):
        steps.append(step)
        may_end.set()

    with locked_demo_folder(tmp_path, tell):
        assert steps == [
            f"Another program is building the demo in {tmp_path}: waiting for it to finish"
        ]
    first.join(30)


@pytest.mark.parametrize("command", ["demo", "serve"])
def test_a_busy_port_is_told_with_another_before_anything_is_made(tmp_path, command):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        run = waymark("--data", tmp_path / "new", command, "--port", port, here=tmp_path)
    assert run.returncode == 3
    assert run.stderr.startswith(
        f"waymark: port {port} is not available (another program, perhaps another Waymark, is "
        "using it): try --port "
    )
    assert not Path(tmp_path / "new").exists()
