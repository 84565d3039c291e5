"""The commands for scanned pages."""

import json

import pytest
import typst

from tests.documents.scans import SETUP, WORDS, needs_tesseract, page_image, pdf_of_pages
from tests.forked_command import Waymark
from tests.new_installations import new_installation


@pytest.fixture(scope="module")
def waymark(django_db_blocker, tmp_path_factory):
    return Waymark(django_db_blocker, new_installation(tmp_path_factory.mktemp("scans")))


def mixed(folder, meetings):
    """A typeset page and a scanned one."""
    typed = typst.compile(f"{SETUP}The panel met {meetings} times.".encode())
    return pdf_of_pages(folder / "mixed.pdf", [typed, page_image(SETUP + WORDS)])


def test_pages_wait_until_a_person_says_that_they_need_no_text(waymark, tmp_path):
    run = waymark("ingest", mixed(tmp_path, "nine"), "--no-ocr", "--publish", code=1)
    assert "1 scanned page needs text recognition (OCR): " in run.stderr
    assert "held back mixed.pdf: it has scanned pages whose text is not recognised" in run.stderr
    (review,) = json.loads(waymark("review", "list", "--json").stdout)["reviews"]
    name, report = review["review"], review["reports"][0]["report"]
    assert "1 page needs OCR: waymark reports recognise" in waymark("review", "show", name).stdout
    refused = waymark("review", "publish", name, code=1)
    assert "not recognised yet (page 2)" in refused.stderr
    wrong = waymark("reports", "recognise", report, "--pages", "two", code=2)
    assert "--pages takes numbers such as 3,4 or 3-5, not 'two'" in wrong.stderr
    assert waymark("reports", "recognise", "--pages", "2", code=2)
    chosen = waymark(
        "reports", "recognise", report, "--own-words", "--because", "Only images.", "--json"
    )
    assert json.loads(chosen.stdout) == {
        "recognised": 0,
        "waiting": 0,
        "reports": [],
        "failed": [],
        "notes": [],
    }
    waymark("review", "publish", name)


@needs_tesseract
def test_ingest_and_the_command_recognise_pages(waymark, tmp_path):
    done = json.loads(waymark("ingest", mixed(tmp_path, "ten"), "--json").stdout)
    assert (done["recognised"], done["waiting"]) == (1, 0)
    (report,) = done["reports"]
    again = waymark("reports", "recognise", report, "--pages", "1-2", "--language", "eng", "--json")
    assert json.loads(again.stdout)["recognised"] == 2
    hits = json.loads(waymark("search", "misunderstanding", "--json").stdout)["hits"]
    assert hits[0]["passages"][0]["scan"] == "Text recognised from a scan"
    missing = waymark("reports", "recognise", report, "--language", "xyz", code=1)
    assert "Tesseract has no language 'xyz' here: install it" in missing.stderr
