"""No request breaks a page: random methods, queries, headers and bodies at every address."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories import make_person
from tests.web.built_demo import copy_of_demo, shared_folder
from tests.web.walker import FIRST, Walker
from waymark.accounts.models import Role

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The data folder of this test."""
    settings.DATA = tmp_path


@pytest.mark.django_db
def test_300_random_requests_get_an_answer(coded):
    """Short form of the walk below, on one coded report."""
    walker = Walker(20, [make_person(role) for role in Role])
    walker.learn((*FIRST, f"/reports/{coded.key}/"), most=25)
    assert list(walker.walk(300)) == []


@pytest.mark.django_db
def test_the_walk_notices_a_page_that_breaks(monkeypatch):
    def broken(*_):
        raise ValueError("broken on purpose")

    monkeypatch.setattr("waymark.web.middleware.context.concern_url", broken)
    walker = Walker(1, [])
    fault = next(walker.walk(40))
    assert (fault.person, "broken on purpose" in fault.where) == ("visitor", True)


@pytest.mark.soak
def test_20_000_random_requests_to_the_demo_get_an_answer(tmp_path, tmp_path_factory):
    data = tmp_path / "data"
    copy_of_demo(data, shared_folder(tmp_path_factory))
    command = [sys.executable, "-m", "tests.web.walker", str(data), "--requests", "20000"]
    walk = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (walk.stdout, walk.returncode) == ("", 0), walk.stderr
