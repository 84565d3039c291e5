"""Commands that gather candidates and make issues."""

import json

import pytest
from click.testing import CliRunner

from tests.alerts.feed_server import feed_server
from tests.alerts.rows import public_record
from tests.factories import NOON
from waymark.alerts.services.schedules import start_lists
from waymark.alerts.services.sources import add_source
from waymark.cli import alerts as commands
from waymark.cli import main

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(monkeypatch):
    """The command in this process, on the database of the test."""
    monkeypatch.setattr(commands, "start_django", lambda: None)

    def answer(*arguments: str) -> dict[str, object]:
        result = CliRunner().invoke(main, ["alerts", *arguments, "--json"])
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return answer


def test_gather_says_which_feeds_have_a_problem_and_what_to_do(run, settings):
    settings.FEED_PRIVATE_HOSTS = ("localhost",)
    with feed_server() as server:
        for name, path in (("Agency", "/atom"), ("Gone", "/missing")):
            add_source(by=None, name=name, address=server.address(path), now=NOON)
        answer = run("gather")
    assert (answer["feeds"], answer["candidates"]) == (2, 1)
    assert answer["problems"] == [
        {
            "feed": "Gone",
            "problem": "its server answered 404 Not Found",
            "remedy": "Look for the feed on the publisher's page; it may have moved.",
        }
    ]


def test_build_makes_the_issue_of_a_list(run):
    start_lists(by=None, now=NOON.replace(day=1))
    public_record("R1")
    assert run("build", "library", "reviews") == {
        "issues": [
            {"list": "library", "issue": 1, "items": 1, "approved": True},
            {"list": "reviews", "issue": 1, "items": 1, "approved": False},
        ]
    }
    assert run("build", "library")["issues"][0]["issue"] is None
