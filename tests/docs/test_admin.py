"""docs/admin.md: every step of it is run, in its order and as it stands, on one installation.

The machine's own programs (git, systemctl, script/setup) are small stand-ins: the service is the
real site, and pulling a new version is played by taking the last migration back.
"""

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.databases import environment_for
from tests.pipeline.installation import ON_POSTGRESQL, TEXTS
from tests.postgresql_server import running_server, server_programs

pytestmark = pytest.mark.skipif(ON_POSTGRESQL, reason="the page shows SQLite")

PAGE = Path(__file__).resolve().parents[2] / "docs" / "admin.md"
SERVICE = """#!/bin/sh
case $1 in
start) waymark serve --port {port} >>{root}/log 2>&1 & echo $! >{root}/pid ;;
stop) of=/proc/$(cat {root}/pid); kill "$(cat {root}/pid)"
  while grep -q "^State:.[^Z]" $of/status 2>/dev/null; do sleep 0.1; done ;;
esac
"""
PULL = """#!{python}
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "waymark.settings"
sys.path.insert(0, "{tests}")
import django
django.setup()
from tests.pipeline.last_migration import undo_last_migration
undo_last_migration()
"""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def blocks_below(page=PAGE):
    """Heading -> the steps below it, one block of lines each."""
    parts = re.split(r"^## (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {
        heading: re.findall(r"(?:^    \S.*\n)+", text, re.MULTILINE)
        for heading, text in zip(parts[::2], parts[1::2], strict=True)
    }


class Machine:
    """The places of the page in a folder of this test, and one shell for all steps."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("srv/waymark/script", "mnt/backups", "mnt/old-disk", "bin"):
            (root / name).mkdir(parents=True)
        self.program("srv/waymark/script/setup", "#!/bin/sh\n")
        self.program("bin/systemctl", SERVICE.format(port=free_port(), root=root))
        self.program("bin/git", PULL.format(python=sys.executable, tests=PAGE.parents[1]))
        (root / "bin" / "waymark").symlink_to(Path(sys.executable).with_name("waymark"))
        self.data = root / "srv" / "waymark-data"

    def program(self, name: str, text: str) -> None:
        (self.root / name).write_text(text)
        (self.root / name).chmod(0o755)

    def run(self, block: str) -> str:
        """Run the lines of a step; each has to end well."""
        script = re.sub(r"(?<![\w/])/(srv|mnt)/", rf"{self.root}/\1/", block)
        environment = environment_for(self.data)
        environment["PATH"] = f"{self.root}/bin:{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-euc", f"cd {self.root}/srv/waymark\n{script}"],
            capture_output=True,
            text=True,
            timeout=300,
            env=environment,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
        return done.stdout

    def run_beside(self, server: str, block: str) -> str:
        """Run a step with a server's address, as its user, in the place of db.example."""
        folder = server.partition("?host=")[2]
        for name in ("createdb", "dropdb"):
            (self.root / "bin" / name).unlink(missing_ok=True)
            (self.root / "bin" / name).symlink_to(server_programs() / name)
        address = re.compile(r"postgresql://waymark@db\.example/(\w+)")
        block = address.sub(rf"'postgresql://waymark@/\1?host={folder}'", block)
        return self.run(f"export PGUSER=waymark\n{block}".replace("-h db.example", f"-h {folder}"))

    def stop(self) -> None:
        if (self.root / "pid").exists():
            subprocess.run([self.root / "bin" / "systemctl", "stop"], check=False, timeout=60)


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    made = Machine(tmp_path_factory.mktemp("machine"))
    yield made
    made.stop()


def steps(heading):
    return blocks_below()[heading]


def run_all(machine, heading):
    return [machine.run(block) for block in steps(heading)]


def test_install(machine):
    run_all(machine, "Install")
    assert (machine.data / "waymark.sqlite3").exists()
    (machine.root / "report.txt").write_text(TEXTS["one.txt"])
    machine.run(f"waymark ingest {machine.root}/report.txt --publish")


def test_back_up_while_the_site_runs(machine):
    run_all(machine, "Back up")
    assert (machine.root / "mnt/backups/waymark-may.tar").exists()
    assert len(list((machine.root / "mnt/backups/waymark/backups").iterdir())) == 1


def test_restore_beside_and_into_the_place(machine):
    run_all(machine, "Restore")
    assert (machine.root / "srv/waymark-copy/waymark.sqlite3").exists()
    assert len(list((machine.root / "srv").glob("waymark-data.before-restore-*"))) == 1


@pytest.mark.skipif(server_programs() is None, reason="PostgreSQL's server is not installed")
def test_move_to_postgresql_and_back(machine):
    there, back = steps("Move to PostgreSQL and back")
    with running_server() as server:
        machine.run_beside(server, "dropdb -h db.example waymark\n")  # the page creates it
        printed = machine.run_beside(server, there)
        assert "Set DATABASE_URL to the new address" in printed
        assert not (machine.data / "waymark.sqlite3").exists()
        for step in ("waymark doctor\n", back):
            machine.run(f"export DATABASE_URL='{server}'\n{step}")
    assert (machine.data / "waymark.sqlite3").exists()
    machine.run("waymark doctor\nsystemctl start waymark\n")


def test_a_lost_disk(machine):
    machine.stop()
    (machine.root / "mnt/old-disk/removals.jsonl").write_bytes(b"")
    shutil.rmtree(machine.data)
    run_all(machine, "A lost disk")
    assert (machine.data / "waymark.sqlite3").exists()


def test_a_search_that_does_not_work(machine):
    shutil.rmtree(machine.data / "index")
    run_all(machine, "Search does not work")
    assert (machine.data / "index").exists()


def test_upgrade(machine):
    run_all(machine, "Upgrade")
    assert len(list((machine.data / "before-migrating").iterdir())) == 1


def test_a_lost_phone(machine):
    row = "SELECT id, 'salt', 0, '2026-05-01' FROM accounts_user WHERE username = 'ann'"
    into = "INSERT INTO accounts_secondfactor (person_id, salt, last_step, added_at)"
    with closing(sqlite3.connect(machine.data / "waymark.sqlite3")) as database:
        database.execute(f"{into} {row}")
        database.commit()
    assert "ann" in run_all(machine, "Lost phone or passkey")[-1]


def test_leavers(machine):
    assert "closed" in run_all(machine, "Leavers")[-1]


def test_every_section_of_the_page_is_run():
    assert list(blocks_below()) == [
        "Install",
        "Back up",
        "Restore",
        "Move to PostgreSQL and back",
        "A lost disk",
        "Search does not work",
        "Upgrade",
        "Lost phone or passkey",
        "Leavers",
    ]
    assert all(blocks_below().values())
