"""The pages of the browser tests are valid HTML, as the Nu validator of the W3C reads it."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.web.test_browser import PUBLIC, STAFF, places, sign_in

pytestmark = pytest.mark.browser

VALIDATOR = Path(__file__).parents[2] / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
SHORT_RUN = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss8m")
"""Compiling well and collecting at once cost half of the run. Code compiled in haste needs more
stack: with less, the schema of a page overflows it."""
# Pages behind forms, which have markup that no other page has.
FORMS = (
    "/staff/imports/",
    "/staff/subjects/",
    "/staff/subjects/add/",
    "/staff/subjects/load/",
    "/staff/subjects/neglect/edit/",
    "/staff/reviews/R05/subjects/",
    "/staff/reviews/L01/withdraw/",
)


def complaints_about(folder):
    """What the Nu validator says, errors and warnings, as (file, line, words)."""
    if shutil.which("java") is None:
        pytest.skip("the Nu validator needs Java: script/setup --dev")
    if not VALIDATOR.exists():
        pytest.fail("the Nu validator is not there: script/setup --dev")
    said = subprocess.run(
        [
            "java",
            *SHORT_RUN,
            "-jar",
            str(VALIDATOR),
            "--format",
            "json",
            "--exit-zero-always",
            str(folder),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    return [
        (Path(one["url"]).name, one.get("lastLine"), one["message"])
        for one in json.loads(said.stderr)["messages"]
        if one["type"] != "info" or one.get("subType") == "warning"
    ]


def test_the_validator_sees_a_fault_in_a_page_that_has_one(tmp_path):
    page = '<!doctype html><html lang="en"><title>A page</title><p id="a">One<p id="a">Two</html>'
    (tmp_path / "faulty.html").write_text(page, "utf-8")
    found = complaints_about(tmp_path)
    assert any(name == "faulty.html" and "Duplicate ID" in words for name, _line, words in found), (
        found
    )


def test_the_nu_validator_has_no_complaint_about_any_page(window, site, tmp_path):
    here = window()
    asked = here.page.context.request
    addresses = {}

    def keep(address):
        name = f"{len(addresses):03}.html"
        addresses[name] = address
        answer = asked.get(address)
        assert "text/html" in answer.headers["content-type"], address
        assert answer.status == (404 if address == "/no-such-page/" else 200), address
        (tmp_path / name).write_bytes(answer.body())

    for address in (*PUBLIC, *places(window)):
        keep(address)
    sign_in(here, site, "cataloguer")
    for address in (*STAFF, *FORMS):
        keep(address)
    found = [(addresses[name], line, words) for name, line, words in complaints_about(tmp_path)]
    assert found == []
