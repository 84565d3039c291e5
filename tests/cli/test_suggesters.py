"""`waymark coding suggest` and `waymark coding train`."""

import hashlib
import json

import pytest

from tests.forked_command import Waymark
from tests.new_installations import new_installation

REPORT = "1 Findings\n\nThe records were poor, and nobody shared information.\n"


@pytest.fixture(scope="module")
def waymark(django_db_blocker, tmp_path_factory):
    run = Waymark(django_db_blocker, new_installation(tmp_path_factory.mktemp("data")))
    reports = tmp_path_factory.mktemp("reports")
    (reports / "one.txt").write_text(REPORT)
    run("framework", "load", "--publish")
    run("ingest", reports / "one.txt")
    return run


@pytest.fixture(scope="module")
def review(waymark):
    return f"r-{hashlib.sha256(REPORT.encode()).hexdigest()[:12]}"


def test_cues_suggest_codes_once(waymark, review):
    first, again = (
        json.loads(waymark("coding", "suggest", review, "--json").stdout) for _ in range(2)
    )
    assert first["reviews"][0]["review"] == review
    assert first["reviews"][0]["suggestions"] >= 1
    assert again == {"reviews": [{"review": review, "suggestions": 0}]}


def test_an_unknown_suggester_is_refused(waymark, review):
    refused = waymark("coding", "suggest", review, "--suggester", "linear 9", code=1)
    assert "there is no suggester linear 9" in refused.stderr


def test_training_below_the_minimum_is_refused_with_the_reason(waymark):
    refused = waymark("coding", "train", code=1)
    assert "0 settled reviews can be learned from" in refused.stderr
    assert "at least 6 are needed" in refused.stderr
