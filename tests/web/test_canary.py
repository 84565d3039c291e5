"""What is withdrawn is gone everywhere within a minute, while the site is served: real processes.

A word of its own (a canary) stands in each place where a review, its report and a publication say
something. All ways out are fetched before, and again after withdrawing until no canary is left.
"""

import http.cookiejar
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from tests.databases import environment_for
from tests.documents.making import REPORT, typeset
from tests.new_installations import migrated_database
from waymark.web.server.serve import STOP_SECONDS

WAYMARK = Path(sys.executable).with_name("waymark")
PASSWORD = "correct horse battery"
MINUTE = 60
CANARY = re.compile(r"kx[a-z]{3,8}q")
START = """
import django, sys
django.setup()
from datetime import timedelta
from pathlib import Path
from django.core.management import call_command
from django.utils import timezone
from waymark import pipeline
from waymark.accounts.models import Role, State
from waymark.documents import services as documents
from waymark.documents.models import Report, Review
from waymark.library import services as library
from waymark.library.models import Resource
now = timezone.now()
"""
PLANT = (
    START
    + """
from waymark.accounts.services import create_account
from waymark.library.catalogue.resource_description import ResourceDescription
from waymark.library.services.resources import add_resource
from tests.factories import answer_identifiers
from waymark.frameworks.services import builtin_frameworks, load_framework, publish_framework
call_command("migrate", verbosity=0)
create_account(name="editor", password=sys.argv[2], roles=[Role.EDITOR], by=None, now=now)
built = next(file for file in builtin_frameworks() if file.name.startswith("cr-core"))
framework = load_framework(by=None, source=built.read_text("utf-8"), file=built.name, now=now)
publish_framework(by=None, framework=framework, now=now)
for reference, file in (("K1", "canary.pdf"), ("H1", "heron.pdf")):
    said = {name: f"kx{name}q" if reference == "K1" else "heron" for name in ("title", "board")}
    review = documents.add_review(
        by=None, reference=reference, nation=said["title"].replace("title", "nation"),
        review_type=said["title"].replace("title", "type"), summary=said["title"].replace(
        "title", "summary"), now=now, **said)
    report = pipeline.store_file(by=None, path=Path(sys.argv[1]) / file, review=review, now=now)
    answer_identifiers(report)
    for thing in (report, report.review):
        pipeline.change_state(by=None, item=thing, state=State.PUBLISHED, now=now)
resource = add_resource(
    by=None,
    description=ResourceDescription(kind="tool", title="kxtoolq", year=2020),
    now=now,
    key="tool",
)
pipeline.change_state(by=None, item=resource, state=State.PUBLISHED, now=now)
print(report.key, Report.objects.get(review__reference="K1").key)
"""
)
WITHDRAW = (
    START
    + """
from waymark.library.services.retention import TombstoneText
for thing in (Review.objects.get(reference="K1"), Resource.objects.get()):
    pipeline.change_state(
        by=None,
        item=thing,
        state=State.WITHDRAWN,
        tombstone=TombstoneText("It was sent by mistake."),
        now=now,
    )
"""
)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return migrated_database(tmp_path_factory.mktemp("canary"))


@pytest.fixture(scope="module")
def environment(data):
    return {
        **environment_for(data),
        "DJANGO_SETTINGS_MODULE": "waymark.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }


@pytest.fixture(scope="module")
def key(data, environment, tmp_path_factory):
    """The key of the report with canaries."""
    made = tmp_path_factory.mktemp("reports")
    # A title in the properties that is not in the text would hold publication back.
    report = REPORT.replace("A title nobody sees", "Case management review: Child Oak")
    typeset(report.replace("Oak", "kxtextq"), made / "canary.pdf")
    typeset(report.replace("Oak", "Heron"), made / "heron.pdf")
    command = [sys.executable, "-c", PLANT, str(made), PASSWORD]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[1]


@pytest.fixture(scope="module")
def address(data, environment, key):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [WAYMARK, "--data", data, "serve", "--port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env=environment, **quiet)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=STOP_SECONDS + 10)


class Reader:
    """A visitor, or the editor, with the cookies of a browser."""

    def __init__(self, address):
        self.address = address
        self.opener = build_opener(HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def get(self, place, **sent):
        """Status and content of a page."""
        content = urlencode(sent).encode() if sent else None
        try:
            with self.opener.open(f"{self.address}{place}", content, timeout=30) as answer:
                return answer.status, answer.read().decode("utf-8", "replace")
        except HTTPError as error:
            with error:
                return error.code, error.read().decode("utf-8", "replace")

    def sign_in(self):
        _, page = self.get("/sign-in/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        said = {"csrfmiddlewaretoken": token, "name": "editor", "password": PASSWORD}
        assert self.get("/sign-in/", **said)[0] == 200
        assert "Sign out" in self.get("/")[1]


def found(reader, places):
    """Place -> canaries in what came back that were not in the address itself."""
    seen = {}
    for place in places:
        canaries = set(CANARY.findall(reader.get(place)[1])) - set(CANARY.findall(place))
        if canaries:
            seen[place] = canaries
    return seen


def stored_with_canaries(data):
    """The stored files of data in which a canary is left."""
    files = (data / "data-files").glob("*-reviews.csv")
    return [file for file in files if CANARY.search(file.read_text("utf-8"))]


def until(happened, seconds):
    """The seconds until it happened."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        if happened():
            return time.monotonic() - begun
        time.sleep(0.2)
    raise AssertionError(f"it did not happen within {seconds} seconds")


def ready(address):
    try:
        return "kxtitleq" in Reader(address).get("/find/?q=kxtextq")[1]
    except OSError:
        return False


SEARCHES = (
    "/find/?q=kxtextq",
    "/find/?q=kxtitleq",
    "/find/?q=board:kxboardq",
    "/find/?q=kxtetxq",
    "/find/?q=kxtolq",
    "/find/?q=summer",
    "/find/?q=summer&nation=kxnationq",
    "/find/",
)
WAYS = (
    "/library/results.json",
    "/library/results.json?q=summer",
    "/library/results.ris",
    "/library/results.bib",
    "/library/results.jsonld",
    "/library/feed.atom",
    "/library/feed.rss?q=summer",
    "/oai/?verb=ListRecords&metadataPrefix=oai_dc",
    "/sitemap.xml",
    "/data/reviews.csv",
    "/",
    "/topics/",
    "/topics/neglect/",
    "/topics/neglect/feed.atom",
    "/resources/",
)


def own_pages(key, reader):
    """The pages of the review, its report, a passage and its image, and of the publication."""
    _, page = reader.get(f"/reports/{key}/pages/1/")
    passage = re.search(r'href="(/p/[0-9a-f-]+/)', page)[1]
    return (
        "/reviews/K1/",
        "/reviews/K1/record.ris",
        f"/reports/{key}/",
        f"/reports/{key}/pages/1/",
        f"/reports/{key}/pages/1/image.png",
        f"/reports/{key}/pages/1/image-480.webp",
        passage,
        "/resources/tool/",
        "/resources/tool/record.ris",
    )


def test_within_a_minute_nothing_of_what_was_withdrawn_is_left(address, environment, data, key):
    until(lambda: ready(address), 120)
    visitor, editor = Reader(address), Reader(address)
    editor.sign_in()
    own = own_pages(key, visitor)
    places = (*SEARCHES, *WAYS, *own)
    before = found(visitor, places)
    assert set().union(*before.values()) >= {
        "kxtitleq",
        "kxboardq",
        "kxnationq",
        "kxtypeq",
        "kxsummaryq",
        "kxtextq",
        "kxtoolq",
    }
    assert {place for place in own if visitor.get(place)[0] == 200} == set(own)
    suggestion = visitor.get("/find/?q=kxtetxq")[1]
    assert "kxtextq" in suggestion
    drawn = list((data / "page-images").rglob(f"{key}-*.*"))
    assert drawn
    assert len(stored_with_canaries(data)) == 1
    subprocess.run([sys.executable, "-c", WITHDRAW], env=environment, check=True)
    withdrawn = time.monotonic()
    # Pages at once: every query asks for the state.
    for reader in (visitor, editor):
        for place in own:
            status, content = reader.get(place)
            assert status == 410, place
            assert "It was sent by mistake." in content
            assert not CANARY.findall(content), place
    assert not any(path.exists() for path in drawn)
    # Files of data are not deleted at once, but never sent again.
    assert not found(visitor, ["/data/reviews.csv"])
    left = {}

    def gone():
        left.update(visitor=found(visitor, places), editor=found(editor, places))
        return not left["visitor"] and not left["editor"] and not stored_with_canaries(data)

    until(gone, MINUTE)
    print(f"gone from every way out {time.monotonic() - withdrawn:.1f} s after withdrawing")  # noqa: T201
    assert "heron" in visitor.get("/find/?q=summer")[1]
    assert "It was sent by mistake." in visitor.get("/reviews/K1/")[1]
