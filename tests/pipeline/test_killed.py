"""A process killed at the worst moment: while it stores a file, withdraws a review or publishes.

The moment is a statement of the real database: a trigger calls a function that kills the process.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import environment_for, rows_of
from tests.new_installations import new_installation

pytestmark = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="a function of SQLite kills")
WAYMARK = Path(sys.executable).with_name("waymark")
BRIEFING = """
def publish_briefing(now):
    from waymark.accounts.models import Role, RoleGrant, User
    from waymark.publishing import services
    from waymark.publishing.models import Manuscript
    from waymark.publishing.queries.manuscripts import ManuscriptContent, signatures_on_content
    briefing, _ = Manuscript.objects.get_or_create(kind="briefing", slug="neglect")
    content = ManuscriptContent(briefing, "5" * 64)
    for capacity, role in (("author", Role.CATALOGUER), ("editor", Role.EDITOR)):
        person, _ = User.objects.get_or_create(username=role)
        RoleGrant.objects.get_or_create(person=person, role=role)
        services.sign_content(
            by=person, content=content, capacity=capacity, current=lambda: "5" * 64, now=now
        )
    prepared = services.PreparedEdition(
        content=content, number=1, title="Neglect", report=b"{}", pdf=b"%PDF-1.7 A briefing",
        signatures=tuple(signatures_on_content(content)),
    )
    services.publish_prepared(by=person, prepared=prepared, current=lambda: "5" * 64, now=now)
"""
KILLED = (
    BRIEFING
    + """
import os, signal, sys
from django.db.backends.signals import connection_created
def deadly(connection, **_):
    connection.connection.create_function("die", 0, lambda: os.kill(os.getpid(), signal.SIGKILL))
    try:
        trigger = f"CREATE TEMP TRIGGER deadly {sys.argv[1]} BEGIN SELECT die(); END"
        connection.connection.execute(trigger)
    except Exception:
        pass  # the table is not there yet
connection_created.connect(deadly)
import django
django.setup()
from django.utils import timezone
from waymark import pipeline
from waymark.accounts.models import State
from waymark.documents.models import Review
from pathlib import Path
now = timezone.now()
if sys.argv[2] == "ingest":
    pipeline.ingest_files([Path(sys.argv[3])], workers=1, by=None, publish=True)
elif sys.argv[2] == "publish":
    publish_briefing(now)
else:
    pipeline.change_state(by=None, item=Review.objects.get(), state=State(sys.argv[2]), now=now)
"""
)
WHILE_STORING = [
    "AFTER INSERT ON documents_original",
    "AFTER INSERT ON documents_passage",
    "AFTER INSERT ON library_cataloguerecord",
]
NEVER = "BEFORE DELETE ON accounts_installation"
IN_TRANSACTION = "BEFORE UPDATE OF removals_seen ON accounts_installation"


@pytest.fixture
def report(tmp_path):
    file = tmp_path / "report.txt"
    file.write_text("A review.\n\nThe visits stopped in May. Nobody asked why.\n")
    return file


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """An installation with one published report."""
    place = tmp_path_factory.mktemp("installed")
    (place / "a.txt").write_text("Another review.\n\nThe file held two letters.\n")
    waymark(new_installation(place / "data"), "ingest", str(place / "a.txt"), "--publish")
    return place / "data"


@pytest.fixture
def data(installed, tmp_path):
    return Path(shutil.copytree(installed, tmp_path / "data"))


def waymark(data, *words):
    done = subprocess.run(
        [WAYMARK, "--data", data, *words], env=environment_for(data), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_with(data, trigger, *words):
    command = [sys.executable, "-c", KILLED, trigger, *words]
    environment = {**environment_for(data), "DJANGO_SETTINGS_MODULE": "waymark.settings"}
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def killed(data, trigger, *words):
    done = run_with(data, trigger, *words)
    assert done.returncode == -signal.SIGKILL, done.stderr


def originals(data):
    return [path for path in (data / "originals").rglob("*") if path.is_file()]


def state_of(data):
    ((state,),) = rows_of(data, "SELECT state FROM documents_review")
    return state


def journal(data):
    lines = [json.loads(line) for line in (data / "removals.jsonl").read_text().splitlines()]
    return [(line["subject"].split()[0], line["state"]) for line in lines if "state" in line]


@pytest.mark.parametrize("trigger", WHILE_STORING)
def test_a_file_whose_storing_was_killed_is_taken_in_by_the_same_command(data, report, trigger):
    killed(data, trigger, "ingest", str(report))
    assert len(originals(data)) == 2
    assert len(rows_of(data, "SELECT * FROM documents_original")) == 1
    unknown = json.loads(waymark(data, "files", "unknown", "--json"))
    assert (len(unknown["arriving"]), unknown["originals"]) == (1, [])
    result = json.loads(waymark(data, "ingest", str(report), "--json"))
    assert (result["stored"], len(originals(data))) == (1, 2)
    assert list((data / "arriving").iterdir()) == []


def test_a_withdrawal_killed_after_its_line_is_carried_out_at_the_next_start(data):
    killed(data, IN_TRANSACTION, "withdrawn")
    assert (state_of(data), journal(data)) == ("published", [("review", "withdrawn")])
    waymark(data, "search", "visits")
    assert state_of(data) == "withdrawn"
    assert journal(data) == [("review", "withdrawn")]


def test_a_withdrawal_killed_before_its_line_did_not_happen(data):
    killed(data, "BEFORE UPDATE OF state ON documents_review", "withdrawn")
    assert (state_of(data), journal(data)) == ("published", [])
    waymark(data, "search", "visits")
    assert state_of(data) == "published"


def test_putting_back_that_is_killed_opens_nothing_that_the_journal_does_not_say(data):
    killed(data, IN_TRANSACTION, "withdrawn")
    waymark(data, "work", "--once")
    killed(data, "BEFORE INSERT ON accounts_auditentry", "published")
    assert (state_of(data), journal(data)) == ("withdrawn", [("review", "withdrawn")])
    killed(data, IN_TRANSACTION, "published")
    after = [("review", "withdrawn"), ("review", "published")]
    assert (state_of(data), journal(data)) == ("published", after)
    waymark(data, "work", "--once")
    assert state_of(data) == "published"


@pytest.mark.parametrize(
    "trigger",
    [
        "BEFORE INSERT ON publishing_publication",
        "BEFORE UPDATE OF publication_id ON publishing_signature",
    ],
)
def test_publishing_that_is_killed_leaves_a_file_that_the_next_run_adopts(data, trigger):
    killed(data, trigger, "publish")
    assert rows_of(data, "SELECT * FROM publishing_publication") == []
    unknown = json.loads(waymark(data, "files", "unknown", "--json"))
    assert (len(unknown["arriving"]), unknown["publications"]) == (1, [])
    (file,) = (data / "publications").iterdir()
    assert unknown["arriving"] == [str(file)]
    done = run_with(data, NEVER, "publish")
    assert done.returncode == 0, done.stderr
    editions = rows_of(data, "SELECT kind, slug, edition, pdf FROM publishing_publication")
    assert editions == [("briefing", "neglect", 1, file.name)]
    assert list((data / "publications").iterdir()) == [file]
    assert list((data / "arriving").iterdir()) == []
    assert "FAULT" not in waymark(data, "doctor")
