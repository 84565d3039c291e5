"""A copy of the database that is put back shows nothing of what was removed since it was made.

With a real SQLite file, copied and put back, and the real site and commands on it.
"""

import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.databases import environment_for, rows_of
from tests.new_installations import migrated_database
from waymark.web.server.serve import STOP_SECONDS

pytestmark = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="copies the file of SQLite")
WAYMARK = Path(sys.executable).with_name("waymark")
START = """
import django, sys
django.setup()
from pathlib import Path
from django.core.management import call_command
from django.utils import timezone
from waymark import pipeline
from waymark.accounts.models import Role, State
from waymark.documents import services as documents
from waymark.documents.models import Report, Review
from waymark.library import services as library
from waymark.library.models import Resource
from waymark.mail.models import Letter
from waymark.overview import services as overviews
from waymark.pipeline.checks.checks_before_serving import open_installation
from waymark.publishing.models import Publication
now = timezone.now()
"""
BUILD = (
    START
    + """
from tests.factories import make_person
from tests.frameworks.test_schema import GOOD
from tests.overview.world import SPEC, make_world
from tests.publishing.giving import give_out
from waymark.frameworks.services import load_framework, publish_framework
from waymark.library.catalogue.resource_description import ResourceDescription
from waymark.mail.outbox import write_letter
from waymark.library.services.resources import add_resource
from waymark.mail.email_text import EmailText
call_command("migrate", verbosity=0)
open_installation(now=now)
framework = load_framework(by=None, source=GOOD, file="small.yaml", now=now)
publish_framework(by=None, framework=framework, now=now)
world = make_world(framework)
overview = overviews.create_overview(by=world.analyst, spec=SPEC, file="s.yaml", now=now)
snapshot = overviews.freeze_overview(by=world.analyst, overview=overview, now=now)
give_out(editor=world.editor, analyst=world.analyst, snapshot=snapshot, now=now)
for name in ("heron", "otter", "erased", "late", "stays"):
    path = Path(sys.argv[1]) / f"{name}.txt"
    path.write_text(f"A review of {name}.\\n\\nThe {name} was seen in May. Nobody asked why.\\n")
    review = documents.add_review(by=None, reference=name, title=f"Of {name}", now=now)
    report = pipeline.store_file(by=None, path=path, review=review, now=now)
    for thing in (report, report.review):
        pipeline.change_state(by=None, item=thing, state=State.PUBLISHED, now=now)
plover = ResourceDescription(kind="tool", title="plover tool", year=2020)
resource = add_resource(by=None, description=plover, now=now, key="plover")
pipeline.change_state(by=None, item=resource, state=State.PUBLISHED, now=now)
write_letter(key="to a board", to="a@board.example", wording=EmailText("Received", "Thank you."),
             now=now)
library.index_changed(now=now)
"""
)
REMOVE = (
    START
    + """
from datetime import timedelta
from waymark.library.services.retention import TombstoneText
from waymark.publishing.services import withdraw_edition
def change(thing, state, **more):
    pipeline.change_state(by=None, item=thing, state=state, now=now, **more)
reports = {one.review.reference: one for one in Report.objects.select_related("review")}
change(Review.objects.get(reference="heron"), State.WITHDRAWN,
       tombstone=TombstoneText("It was sent by mistake.", "", None))
change(reports["otter"], State.EXPIRED)
change(reports["erased"], State.WITHDRAWN)
documents.erase_original(by=None, report=reports["erased"], now=now)
change(Review.objects.get(reference="late"), State.EMBARGOED,
       public_from=now + timedelta(days=300))
change(Resource.objects.get(), State.WITHDRAWN)
withdraw_edition(by=None, publication=Publication.objects.get(), reason="A mistake.", now=now)
# Withdrawn and put back: nothing is left to do about it.
for state in (State.WITHDRAWN, State.PUBLISHED):
    change(Review.objects.get(reference="stays"), state)
library.index_changed(now=now)
"""
)
GONE = {"heron": 410, "otter": 200, "erased": 200, "late": 404, "stays": 200}


def environment(data):
    return {
        **environment_for(data),
        "DJANGO_SETTINGS_MODULE": "waymark.settings",
        "PYTHONPATH": os.pathsep.join([str(Path.cwd()), *sys.path]),
    }


def run(data, *command):
    done = subprocess.run(command, env=environment(data), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def copy_database(source, target):
    """As `sqlite3 .backup` does."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def keys_of(data):
    rows = rows_of(
        data,
        "SELECT reference, key, original_id FROM documents_report r "
        "JOIN documents_review v ON r.review_id = v.id",
    )
    return {reference: (key, sha256) for reference, key, sha256 in rows}


@pytest.fixture(scope="module")
def removed(tmp_path_factory):
    """An installation from which things were removed, and beside it the copy from before that."""
    place = tmp_path_factory.mktemp("installation")
    data, reports = migrated_database(place / "data"), place / "reports"
    reports.mkdir()
    run(data, sys.executable, "-c", BUILD, str(reports))
    copy_database(data / "waymark.sqlite3", place / "copy.sqlite3")
    run(data, sys.executable, "-c", REMOVE)
    return place


@pytest.fixture
def restored(removed, tmp_path):
    """The data folder with the copy in place of the database."""
    data = tmp_path / "data"
    shutil.copytree(removed / "data", data)
    for path in data.glob("waymark.sqlite3*"):
        path.unlink()
    shutil.copy(removed / "copy.sqlite3", data / "waymark.sqlite3")
    return data


def page(address):
    try:
        with urlopen(address, timeout=30) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.fixture
def address(restored):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [WAYMARK, "--data", restored, "serve", "--port", str(port)],
        env=environment(restored),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=STOP_SECONDS + 10)


def first_answer(address):
    """The first page that the site gives at all."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            return page(address)
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the site did not answer in time")


def test_the_first_answer_of_the_site_shows_nothing_of_what_was_removed(restored, address):
    keys = keys_of(restored)
    assert first_answer(f"{address}/reviews/heron/")[0] == 410
    assert {name: page(f"{address}/reviews/{name}/")[0] for name in GONE} == GONE
    reports = {name: page(f"{address}/reports/{keys[name][0]}/")[0] for name in GONE}
    assert reports == {"heron": 410, "otter": 410, "erased": 410, "late": 404, "stays": 200}
    assert page(f"{address}/resources/plover/")[0] == 410
    assert page(f"{address}/overviews/small/")[0] == 404
    assert page(f"{address}/overviews/small.pdf")[0] == 404
    assert "It was sent by mistake." in page(f"{address}/reviews/heron/")[1]
    for word in ("heron", "otter", "erased", "late", "plover"):
        content = page(f"{address}/library/results.json?q={word}")[1]
        assert f"The {word} was seen" not in content
    assert "The stays was seen" in page(f"{address}/library/results.json?q=seen")[1]
    original = restored / "originals" / keys["erased"][1][:2] / keys["erased"][1]
    assert not original.exists()
    assert list((restored / "publications").iterdir()) == []


def test_emails_wait_after_a_copy_was_put_back_and_the_command_says_so(restored):
    run(restored, WAYMARK, "work", "--once")
    status = json.loads(run(restored, WAYMARK, "sending", "status", "--json"))
    assert status["paused"] is True
    assert status["waiting"] == 1
    assert "restored copy" in status["reason"]
    run(restored, WAYMARK, "sending", "resume")
    run(restored, WAYMARK, "work", "--once")
    assert json.loads(run(restored, WAYMARK, "sending", "status", "--json"))["paused"] is False


def test_a_reading_command_repeats_the_removals_and_the_audit_says_so_once(restored):
    hits = json.loads(run(restored, WAYMARK, "search", "heron", "--json"))
    assert hits["total"] == 0
    journal = (restored / "removals.jsonl").read_text()
    query = "SELECT detail FROM accounts_auditentry WHERE action = 'replayed after restore'"
    ((detail,),) = rows_of(restored, query)
    keys = keys_of(restored)
    assert json.loads(detail)["changed"] == [
        "review heron",
        f"report {keys['otter'][0]}",
        f"report {keys['erased'][0]}",
        "review late",
        "resource plover",
        "overview small",
    ]
    run(restored, WAYMARK, "search", "heron")
    assert len(rows_of(restored, query)) == 1
    assert (restored / "removals.jsonl").read_text() == journal


def test_a_notebook_does_not_read_a_copy_before_the_removals_are_repeated(restored):
    program = "import sys; from waymark import api; api.open_data(sys.argv[1])"
    command = [sys.executable, "-c", program, str(restored)]
    done = subprocess.run(command, env=environment(restored), capture_output=True, text=True)
    assert done.returncode != 0
    assert re.search(r"is older than .*removals\.jsonl.*run waymark work --once first", done.stderr)
    run(restored, WAYMARK, "work", "--once")
    run(restored, *command)


def test_a_copy_from_before_any_report_opens_none_that_was_withdrawn_or_erased(removed, tmp_path):
    """The reports are taken in anew, as somebody would who has lost the newer copies."""
    data = tmp_path / "data"
    shutil.copytree(removed / "data", data)
    for path in data.glob("waymark.sqlite3*"):
        path.unlink()
    shutil.rmtree(data / "originals")
    (data / "installation.json").unlink()
    done = subprocess.run(
        [WAYMARK, "ingest", removed / "reports", "--publish", "--json"],
        env=environment(data),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    result = json.loads(done.stdout)
    assert [(refusal["file"], refusal["reason"][:18]) for refusal in result["refused"]] == [
        ("erased.txt", "was erased here on")
    ]
    states = dict(rows_of(data, "SELECT file_name, state FROM documents_report"))
    assert states == {
        "heron.txt": "withdrawn",
        "otter.txt": "expired",
        "late.txt": "received",  # its embargo has not ended
        "stays.txt": "published",
    }
