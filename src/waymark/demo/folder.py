"""Folder of a demo. A mark file shows that a demo made it; a demo is built into no other folder.

No Django here: the folder is checked before anything in it is opened, made or changed.
"""

import fcntl
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from waymark.core.errors import RuleError

FOLDER = Path("demo-data")
MARK = "demo.json"
ABOUT = {
    "format": "waymark-demo 1",
    "about": "The demo collection of Waymark: all of it is fictional. `waymark demo` builds only "
    "into a folder with this file.",
}
ACCOUNTS: tuple[tuple[str, str, str], ...] = (
    ("reader", "Demo reader", "reader"),
    ("cataloguer", "Demo cataloguer", "cataloguer"),
    ("coder.a", "Coder A", "coder"),
    ("coder.b", "Coder B", "coder"),
    ("analyst", "Demo analyst", "analyst"),
    ("editor", "Demo editor", "editor"),
    ("administrator", "Demo administrator", "administrator"),
)
"""Name, full name and role of each account of the demo."""


@dataclass(slots=True)
class DemoMark:
    """Mark file in a demo's folder. passwords_shown: True if the passwords were printed."""

    file: TextIO
    passwords_shown: bool

    def write(self, *, passwords_shown: bool) -> None:
        """Record if the passwords were printed, which is the last step of a build."""
        self.passwords_shown = passwords_shown
        content = {**ABOUT, "passwords_shown": passwords_shown}
        self.file.seek(0)
        self.file.truncate()
        self.file.write(json.dumps(content, indent=2) + "\n")
        self.file.flush()


@contextmanager
def locked_demo_folder(folder: Path, tell: Callable[[str], None]) -> Iterator[DemoMark]:
    """Lock the folder for a build; a second build waits and says so.

    Raises RuleError, with nothing changed, for a folder that no demo made.
    """
    earlier = _require_a_demo(folder)
    folder.mkdir(parents=True, exist_ok=True)
    # O_CREAT without O_TRUNC: a second build must not empty the mark that it then waits for.
    handle = os.open(folder / MARK, os.O_RDWR | os.O_CREAT, 0o644)
    with os.fdopen(handle, "r+", encoding="utf-8") as file:
        _wait_for(handle, folder, tell)
        mark = DemoMark(file, passwords_shown=_passwords_shown(file.read()))
        if earlier:  # its passwords may be in use
            mark.write(passwords_shown=True)
        elif not mark.passwords_shown:
            mark.write(passwords_shown=False)
        yield mark


def _passwords_shown(text: str) -> bool:
    """Read passwords_shown from a mark file; False if writing it was interrupted."""
    try:
        return bool(json.loads(text)["passwords_shown"])
    except (ValueError, TypeError, KeyError):
        return False


def _wait_for(handle: int, folder: Path, tell: Callable[[str], None]) -> None:
    """Take the lock of the mark file, which is released when the process ends, even by a crash."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        tell(f"Another program is building the demo in {folder}: waiting for it to finish")
        fcntl.flock(handle, fcntl.LOCK_EX)


def _require_a_demo(folder: Path) -> bool:
    """True if a version without mark files made the demo. Raises RuleError if no demo did."""
    if (folder / MARK).is_file() or not folder.exists():
        return False
    if not folder.is_dir():
        raise RuleError(f"{folder} is not a folder: give the demo another with --data")
    names = sorted(path.name for path in folder.iterdir())
    earlier = _is_earlier_demo(folder / "waymark.sqlite3")
    if names and not earlier:
        more = ", ..." if len(names) > 3 else ""
        raise RuleError(
            f"{folder.resolve()} was not made by a demo (it contains {', '.join(names[:3])}{more}) "
            "and was left unchanged: the demo needs a folder of its own. "
            "Give it a new one: waymark --data NEW-FOLDER demo"
        )
    return earlier


def _is_earlier_demo(database: Path) -> bool:
    """True if a database contains only what a demo makes.

    That is: every account is one of the demo's, and every review is fictional.
    """
    if not database.is_file():
        return False
    # Read only: opening a database for writing would create files beside it.
    address = f"{database.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True)) as reading:
            people = set(reading.execute("SELECT username, first_name FROM accounts_user"))
            (real,) = reading.execute(
                "SELECT count(*) FROM documents_review WHERE NOT fictional"
            ).fetchone()
    except sqlite3.Error:
        return False
    ours = {(name, full_name) for name, full_name, _role in ACCOUNTS}
    return bool(people) and people <= ours and real == 0
