"""deploy/upgrade: upgrades a real installation, and goes back with its backup if that fails.

git, the backup, the migration and the restore are real. The service is a small stand-in that
answers /readyz, because starting the site is tested elsewhere.
"""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.databases import environment_for
from tests.mail.test_outbox import free_port
from tests.new_installations import new_installation
from tests.pipeline.installation import ON_POSTGRESQL
from waymark.core.locks import FolderLock

pytestmark = pytest.mark.skipif(ON_POSTGRESQL, reason="looks into the file of SQLite")

SCRIPT = Path(__file__).resolve().parents[2] / "deploy" / "upgrade"
SETUP = (
    "#!/bin/sh\nmkdir -p .venv/bin && cp program .venv/bin/waymark && chmod +x .venv/bin/waymark\n"
)
PROGRAM = f"""#!/bin/sh
# {{version}}
[ "$1" != serve ] || exec {sys.executable} -c '{{serve}}'
[ "$1" != migrate ] || {{migrate}}
exec {Path(sys.executable).with_name("waymark")} "$@"
"""
ANSWER = """
import http.server, os
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(os.environ["WAYMARK_PORT"])), Ready).serve_forever()
"""
CHANGE = f"""{sys.executable} -c "
import os, sqlite3
database = sqlite3.connect(os.environ['WAYMARK_DATA'] + '/waymark.sqlite3')
database.execute('CREATE TABLE of_the_new_version (id)')
database.commit()
" """
LATE = """
import os, sqlite3
database = sqlite3.connect(os.environ['WAYMARK_DATA'] + '/waymark.sqlite3')
database.execute('CREATE TABLE IF NOT EXISTS saved_before_the_stop (id)')
database.commit()
"""
"""What a person saves while the first backup is made."""
SERVICE = """#!/bin/sh
echo $1 >>{root}/service.log
case $1 in
start) {root}/checkout/.venv/bin/waymark serve >/dev/null 2>&1 & echo $! >{root}/pid ;;
stop) {python} -c "{late}"
  kill "$(cat {root}/pid)" 2>/dev/null
  while kill -0 "$(cat {root}/pid)" 2>/dev/null; do sleep 0.05; done ;;
esac
"""


class Machine:
    """A checkout with its versions, an installation, backups and a service."""

    def __init__(self, root):
        self.root, self.checkout = root, root / "checkout"
        self.data = new_installation(root / "data")
        (self.checkout / "script").mkdir(parents=True)
        (root / "bin").mkdir()
        self.write(
            root / "bin" / "systemctl", SERVICE.format(root=root, python=sys.executable, late=LATE)
        )
        self.write(self.checkout / "script" / "setup", SETUP)
        self.environment = environment_for(self.data) | {
            "PATH": f"{root}/bin:{os.environ['PATH']}",
            "HOME": str(root),
            "WAYMARK_CHECKOUT": str(self.checkout),
            "WAYMARK_BACKUPS": str(root / "backups"),
            "WAYMARK_PORT": str(free_port()),
            "WAYMARK_READY_SECONDS": "3",
        }
        self.run("git", "init", "--quiet")
        self.version("v1", serve=ANSWER, migrate="true")
        self.version("v2", serve=ANSWER, migrate=CHANGE)
        self.version("v2-stops", serve="import sys; sys.exit(3)", migrate=CHANGE)
        given = """test "$WAYMARK_SITE_NAME|$DATABASE_URL" = "North and South|" """
        self.version("v2-settings", serve=ANSWER, migrate=given)
        self.version("v2-fails", serve=ANSWER, migrate=f"{{ {CHANGE}; exit 3; }}")
        self.install("v1")

    @staticmethod
    def write(path, text):
        path.write_text(text, "utf-8")
        path.chmod(0o755)

    def run(self, *words):
        return subprocess.run(
            words,
            cwd=self.checkout,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def version(self, name, **parts):
        self.write(self.checkout / "program", PROGRAM.format(version=name, **parts))
        (self.checkout / ".gitignore").write_text(".venv\n")
        self.run("git", "add", "--all")
        of = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        self.run("git", *of, "commit", "--quiet", "--message", name)
        assert self.run("git", "tag", name).returncode == 0

    def install(self, name):
        self.stop()
        self.run("git", "checkout", "--quiet", "--detach", name)
        self.run("script/setup")
        with closing(sqlite3.connect(self.data / "waymark.sqlite3")) as database:
            for table in ("of_the_new_version", "saved_before_the_stop"):
                database.execute(" ".join(("DROP TABLE IF EXISTS", table)))
            database.commit()
        self.run("systemctl", "start")
        (self.root / "service.log").unlink()

    def installed(self):
        return (self.checkout / ".venv/bin/waymark").read_text("utf-8").splitlines()[1][2:]

    def has_table(self, name):
        with closing(sqlite3.connect(self.data / "waymark.sqlite3")) as database:
            query = "SELECT count(*) FROM sqlite_master WHERE name = ?"
            return database.execute(query, [name]).fetchone() == (1,)

    def is_migrated(self):
        return self.has_table("of_the_new_version")

    def steps(self):
        log = self.root / "service.log"
        return log.read_text("ascii").split() if log.exists() else []

    def stop(self):
        with suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int((self.root / "pid").read_text("ascii")), signal.SIGTERM)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    machine = Machine(tmp_path_factory.mktemp("upgraded"))
    yield machine
    machine.stop()


@pytest.fixture
def machine(shared):
    shared.install("v1")
    return shared


def test_a_version_that_works_is_kept(machine):
    run = machine.run(SCRIPT, "v2")
    assert run.returncode == 0, run.stderr
    assert (machine.installed(), machine.is_migrated(), machine.steps()) == (
        *("v2", True, ["stop", "start"]),
    )
    assert len(list((machine.root / "backups/backups").iterdir())) >= 1


@pytest.mark.parametrize("version", ["v2-stops", pytest.param("v2-fails", marks=pytest.mark.soak)])
def test_after_a_version_that_does_not_work_the_earlier_one_runs_with_its_data(machine, version):
    run = machine.run(SCRIPT, version)
    assert run.returncode == 1, run.stderr
    assert f"{version} does not work: going back to " in run.stderr
    assert "Emails are paused" in run.stderr
    assert (machine.installed(), machine.is_migrated()) == ("v1", False)
    assert machine.has_table("saved_before_the_stop")
    assert machine.steps()[-2:] == ["stop", "start"]


def test_the_settings_of_the_service_are_those_of_the_upgrade(machine):
    """Names as systemd reads them; comments and other lines are none."""
    machine.install("v1")
    settings = machine.root / "settings"
    settings.write_text('# A comment\n\nWAYMARK_SITE_NAME="North and South"  \n;DATABASE_URL=x\n')
    machine.environment["WAYMARK_SETTINGS"] = str(settings)
    done = machine.run(SCRIPT, "v2-settings")
    del machine.environment["WAYMARK_SETTINGS"]
    assert done.returncode == 0, done.stderr
    assert machine.installed() == "v2-settings"


def test_without_a_backup_nothing_is_changed(machine):
    (machine.root / "not-a-folder").write_text("")
    machine.environment["WAYMARK_BACKUPS"] = str(machine.root / "not-a-folder")
    run = machine.run(SCRIPT, "v2")
    machine.environment["WAYMARK_BACKUPS"] = str(machine.root / "backups")
    assert run.returncode == 2
    assert "the backup failed: nothing was changed" in run.stderr
    assert (machine.installed(), machine.steps()) == ("v1", [])


def test_while_another_process_uses_the_folder_the_site_goes_on_unchanged(machine):
    """As a Dask worker does, which the service does not stop."""
    worker = FolderLock(machine.data)
    worker.lock_shared()
    run = machine.run(SCRIPT, "v2")
    worker.close()
    assert run.returncode == 2
    assert "another waymark command or Dask worker uses" in run.stderr
    assert (machine.installed(), machine.steps()) == ("v1", ["stop", "start"])


@pytest.mark.parametrize("fault", ["unknown", "changed"])
def test_an_unknown_version_and_a_changed_checkout_are_refused(machine, fault):
    if fault == "changed":
        (machine.checkout / "program").write_text("changed")
    run = machine.run(SCRIPT, "v9" if fault == "unknown" else "v2")
    machine.run("git", "checkout", "--quiet", "program")
    assert run.returncode == 2
    assert "nothing was changed" in run.stderr
    assert (machine.installed(), machine.steps()) == ("v1", [])
