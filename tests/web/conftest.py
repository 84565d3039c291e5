"""A small coded review, and a real browser."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import ConsoleMessage, Page, sync_playwright

from tests.factories import NOON, make_person, make_report, make_review
from tests.web.built_demo import copy_of_demo, shared_folder
from tests.written_once import written_once
from waymark import pipeline
from waymark.accounts.models import Role
from waymark.documents.models import Report
from waymark.frameworks.models import Framework
from waymark.frameworks.services import builtin_frameworks, load_framework, publish_framework

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-headless-shell")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

PARAGRAPHS = (
    "1.1 A child of four months, called Child Beech here, died suddenly at home in May 2004.",
    "1.2 The review was completed in 2005. Child Beech was a girl.",
    "2.1 The mother had been treated for depression for many years.",
    "2.2 It was thought that the father drank too much, but nobody asked.",
    "2.3 There was no history of violence between the parents.",
    "3.1 Two letters about <missed> appointments were filed & never passed on to the school nurse.",
    "3.2 The health visitor wrote no chronology.",
    "3.3 Information sharing between the two services came late.",
    "Recommendation 1: The Trust should tell the school about missed appointments.",
)

CODING = """
format: waymark-coding 1
framework: cr-core 1.0.0
review: W01
report: overview-report
coder: coder
children:
- {number: 1, name: "Child Beech"}
judgements:
- {variable: review_year, value: 2005, quotes: ["The review was completed in 2005."]}
- {variable: nature, value: infant_death, quotes: ["died suddenly at home"]}
- variable: fac.parental_mental_health
  value: present
  quotes: ["The mother had been treated for depression for many years."]
- variable: fac.alcohol_misuse
  value: suspected
  quotes: ["It was thought that the father drank too much"]
- variable: fac.domestic_violence
  value: stated_absent
  quotes: ["There was no history of violence between the parents."]
- {variable: fac.neglect, value: not_mentioned}
- variable: ag.health_visiting
  value: in_contact
  quotes: ["The health visitor wrote no chronology."]
- {variable: age, child: 1, value: "4 months", quotes: ["A child of four months"]}
- {variable: sex, child: 1, value: female, quotes: ["Child Beech was a girl."]}
- {variable: outcome, child: 1, value: died, quotes: ["died suddenly at home"]}
codings:
- code: prac.communication
  quote: "Two letters about <missed> appointments were filed & never passed on to the school nurse."
- code: prac.recording
  quote: "The health visitor wrote no chronology."
recommendations:
- number: 1
  quote: "The Trust should tell the school about missed appointments."
  category: information_sharing_and_recording
  audience: health
  smart: [specific]
"""

ADJUDICATION = """
format: waymark-adjudication 1
framework: cr-core 1.0.0
review: W01
adjudicator: analyst
decisions: []
"""


@pytest.fixture
def core(db) -> Framework:
    """The default framework, published."""
    return _published_core()


@written_once
def _published_core() -> Framework:
    file = next(file for file in builtin_frameworks() if file.name.startswith("cr-core"))
    made = load_framework(by=None, source=file.read_text("utf-8"), file=file.name, now=NOON)
    publish_framework(by=None, framework=made, now=NOON)
    return made


@pytest.fixture
def coded(core):
    """The report of a published review about nobody, coded by one coder and settled."""
    return _settled_report()


@written_once
def _settled_report() -> Report:
    make_person(Role.CODER, name="coder")
    make_person(Role.ANALYST, name="analyst")
    review = make_review(
        "W01", title="Case management review: Child Beech", fictional=True, board="A board"
    )
    made = make_report(review, *PARAGRAPHS)
    pipeline.import_coding(source=CODING, file="W01.coder.yaml", now=NOON)
    pipeline.import_adjudication(source=ADJUDICATION, file="W01.yaml", now=NOON)
    return made


@pytest.fixture
def key_of(coded):
    """The citation key of words of the coded report."""

    def of(words: str) -> str:
        start = "\n".join(PARAGRAPHS).index(words)
        return f"{coded.key}-{start}-{start + len(words)}"

    return of


@pytest.fixture(scope="module")
def chromium():
    """Debian's Chromium, or its part without windows, started once for each file of tests.

    Playwright keeps an event loop running in the thread while it lives; Django refuses to ask its
    database beside one, so the browser must be gone before other files have their turn.
    """
    if CHROMIUM is None:
        pytest.fail("the browser tests need Chromium: script/setup --dev")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    if not AXE.exists():
        pytest.fail("the accessibility tests need axe-core: script/setup --dev")
    return AXE.read_text("utf-8")


# ---- the demo collection, served as an installation serves it ----


@dataclass(frozen=True)
class Site:
    """A running site with the demo collection. passwords: of the demo accounts, by name.

    data: its folder.
    """

    address: str
    passwords: dict[str, str]
    data: Path


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """`waymark demo`, then `waymark serve`, in a data folder of their own: nothing is simulated."""
    data = tmp_path_factory.mktemp("site") / "data"
    printed = copy_of_demo(data, shared_folder(tmp_path_factory))
    passwords = dict(re.findall(r"^  (\S+) +(\S+)$", printed, re.MULTILINE))
    program = [str(Path(sys.executable).with_name("waymark")), "--data", str(data)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("WAYMARK_")}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serving = subprocess.Popen([*program, "serve", "--port", str(port)], env=environment)
    try:
        _wait_for(port, serving)
        yield Site(f"http://127.0.0.1:{port}", passwords, data)
    finally:
        serving.terminate()
        serving.wait(timeout=30)


def _wait_for(port: int, serving: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert serving.poll() is None, "the site did not start"
        try:
            with urlopen(f"http://127.0.0.1:{port}/about/", timeout=5) as answer:
                assert answer.status == 200
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the site did not answer within 30 seconds")


@dataclass
class Window:
    """A browser window on the site; complaints: what its console said was wrong."""

    page: Page
    complaints: list[str]


@pytest.fixture
def window(chromium, site):
    """Opens windows on the site: window(script=, dark=, width=), closed after the test."""
    contexts = []

    def opened(*, script=True, dark=False, width=1280, without_csp=False) -> Window:
        context = chromium.new_context(
            base_url=site.address,
            java_script_enabled=script,
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": 860},
            bypass_csp=without_csp,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        made = Window(context.new_page(), [])
        made.page.on("console", lambda said: _note(made, said))
        made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
        return made

    yield opened
    for context in contexts:
        context.close()


def _note(window: Window, said: ConsoleMessage) -> None:
    if said.type in {"error", "warning"}:
        window.complaints.append(said.text)
