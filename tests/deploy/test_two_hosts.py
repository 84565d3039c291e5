"""Two hosts serve one installation: a database of PostgreSQL and a shared data folder."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import requests

from tests.postgresql_server import new_database, running_server, server_programs
from tests.web.conftest import _wait_for
from tests.web.test_alert_journey import free_port
from tests.web.test_serve import until

pytestmark = pytest.mark.skipif(
    server_programs() is None, reason="PostgreSQL's server is not installed"
)
ROOT = Path(__file__).resolve().parents[2]
WAYMARK = Path(sys.executable).with_name("waymark")
PASSWORD = "correct horse battery"
FILES = 8
ROWS = """
import django
django.setup()
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2SHA1PasswordHasher
# The hosts accept such a hash and compare it at once: each usual one takes half a second.
PBKDF2SHA1PasswordHasher.iterations = 1
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher"]
from tests.factories import NOON, make_person, make_report, make_review
from waymark.accounts.models import Role
from waymark.library.services import catalogue_review, index_changed
from waymark.pipeline.start import start_installation
lock = start_installation(now=NOON, new=True, migrate=True)
make_person(Role.CATALOGUER, Role.EDITOR, name="ann")
make_person(Role.CODER, name="ben")
for reference in ("T1", "T2"):
    review = make_review(reference, title=f"Review kx{reference}", summary="Kxsummary.")
    make_report(review, f"The kxword of {reference} stopped in May.")
    catalogue_review(by=None, review=review, now=NOON)
while index_changed(now=NOON).done:
    pass
"""
LISTS = (
    *("/find/?q=kxword", "/library/results.json?q=kxword", "/library/results.ris?q=kxword"),
    "/library/feed.atom",
    "/oai/?verb=ListIdentifiers&metadataPrefix=oai_dc",
)


@dataclass(frozen=True)
class Host:
    """A host that answers requests."""

    address: str

    def get(self, path: str, browser: requests.Session | None = None) -> requests.Response:
        return (browser or requests).get(self.address + path, timeout=60)

    def send(self, path: str, browser: requests.Session, **sent) -> requests.Response:
        """What a form of a page is answered."""
        page = self.get(path, browser).text
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        files = sent.pop("files", None)
        return browser.post(
            self.address + path, fields | sent, files=files, timeout=60, headers=self._from(path)
        )

    def _from(self, path: str) -> dict[str, str]:
        return {"Referer": self.address + path}


@pytest.fixture(scope="module")
def database():
    with running_server() as url:
        yield new_database(url, f"hosts_{os.getpid()}")


@pytest.fixture(scope="module")
def hosts(database, tmp_path_factory):
    """Two hosts, which start at the same moment."""
    environment = {name: v for name, v in os.environ.items() if not name.startswith("WAYMARK_")} | {
        "WAYMARK_DATA": str(tmp_path_factory.mktemp("shared") / "data"),
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "waymark.settings",
    }
    subprocess.run([sys.executable, "-c", ROWS], env=environment, check=True, cwd=ROOT)
    with ExitStack() as stack:
        started = []
        for port in (free_port(), free_port()):
            process = subprocess.Popen(
                [WAYMARK, "serve", "--port", str(port)],
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(process.wait, timeout=30)
            stack.callback(process.terminate)
            started.append((port, process))
        for port, process in started:
            _wait_for(port, process)
        yield [Host(f"http://127.0.0.1:{port}") for port, _ in started]


@pytest.fixture(scope="module")
def signed_in(hosts):
    """A browser of ann, who signed in on the first host."""
    return browser_of_ann(hosts)


def browser_of_ann(hosts):
    browser = requests.Session()
    answer = hosts[0].send("/sign-in/", browser, name="ann", password=PASSWORD)
    assert "Sign out" in answer.text
    return browser


def rows(database, query):
    with psycopg.connect(database) as connection:
        return connection.execute(query).fetchall()


def test_a_session_of_one_host_is_one_of_the_other_and_ends_on_both(hosts):
    first, second = hosts
    signed_in = browser_of_ann(hosts)
    assert second.get("/staff/my-work/", signed_in).status_code == 200
    page = second.get("/", signed_in).text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    signed_in.post(f"{second.address}/sign-out/", {"csrfmiddlewaretoken": token}, timeout=60)
    assert "/sign-in/" in first.get("/staff/my-work/", signed_in).url


def test_wrong_passwords_are_counted_together(hosts):
    """Five on the two hosts: the sixth waits, also on the other."""
    for number in range(5):
        answer = hosts[number % 2].send("/sign-in/", requests.Session(), name="ben", password="x")
        assert "incorrect" in answer.text
    for host in hosts:
        answer = host.send("/sign-in/", requests.Session(), name="ben", password=PASSWORD)
        assert "too many attempts" in answer.text


def test_a_static_file_is_the_same_on_both(hosts):
    """Both collected into one folder at the same moment."""
    found = [re.findall(r'(?:href|src)="(/static/[^"]+)"', host.get("/").text) for host in hosts]
    assert found[0] == found[1] != []
    for address in found[0]:
        texts = {host.get(address).content for host in hosts}
        assert len(texts) == 1, address
        assert texts != {b""}


def test_each_file_is_read_once_by_the_workers_of_two_hosts(hosts, signed_in, database):
    text = "1 Findings\n\nThe visits of number {} stopped in May. Nobody asked why.\n"
    files = [("files", (f"{number}.txt", text.format(number).encode())) for number in range(FILES)]
    answer = hosts[0].send("/staff/upload/", signed_in, kind="overview-report", files=files)
    assert answer.status_code == 200, answer.text
    states = "SELECT state, count(*), max(attempts) FROM documents_intake GROUP BY state"
    until(lambda: rows(database, states) == [("stored", FILES, 1)], seconds=60)
    closed = "SELECT count(*) FROM accounts_auditentry WHERE action = 'close intake'"
    assert rows(database, closed) == [(FILES,)]
    assert rows(database, "SELECT count(*) FROM documents_report") == [(2 + FILES,)]


def test_what_one_host_withdraws_is_gone_from_the_other_at_once(hosts, signed_in):
    """Pages, counts, files, feeds and searches, also those that the other had in memory."""
    first, second = hosts
    with ThreadPoolExecutor(4) as pool:
        before = list(pool.map(lambda path: second.get(path).text, LISTS))
        assert [path for path, text in zip(LISTS, before, strict=True) if "T1" not in text] == []
    assert second.get("/reviews/T1/").status_code == 200
    counted = reviews_on_home(second)
    done = first.send("/staff/reviews/T1/withdraw/", signed_in, reason="Sent by mistake.")
    assert done.ok
    assert second.get("/reviews/T1/").status_code == 410
    assert reviews_on_home(second) == counted - 1
    for path in LISTS:
        assert "kxT1" not in second.get(path).text, path
        assert "/reviews/T1/" not in second.get(path).text, path
        assert "T2" in second.get(path).text, path


def reviews_on_home(host):
    text = re.sub(r"<[^>]+>|&nbsp;", " ", host.get("/").text)
    return max(int(number) for number in re.findall(r"(\d+)\s+(?:case\s+)?reviews?", text))
