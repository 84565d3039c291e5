"""Corrected coding files and the accounts of those who come and go, by the command."""

import hashlib
import json

import pytest

from tests.cli.test_command import CODING
from tests.forked_command import Waymark
from tests.new_installations import new_installation
from waymark.accounts.models import Role
from waymark.cli.site import ROLES

QUOTE = "Nobody asked why the visits ended."
REPORT = f"1 Findings\n\nThe file held no chronology.\n\n{QUOTE}\n"


@pytest.fixture(scope="module")
def waymark(django_db_blocker, tmp_path_factory):
    run = Waymark(django_db_blocker, new_installation(tmp_path_factory.mktemp("data")))
    reports = tmp_path_factory.mktemp("reports")
    (reports / "one.txt").write_text(REPORT)
    run("framework", "load", "--publish")
    run("ingest", reports / "one.txt")
    run("account", "create", "ann", "--role", "coder")
    run("account", "create", "judge", "--role", "analyst")
    run("account", "create", "boss", "--role", "administrator")
    return run


@pytest.fixture(scope="module")
def review(waymark):
    """Ingest names a review by the beginning of the hash of its report."""
    return f"r-{hashlib.sha256(REPORT.encode()).hexdigest()[:12]}"


@pytest.fixture
def file(tmp_path, review):
    path = tmp_path / "one.yaml"
    path.write_text(CODING % (review, QUOTE))
    return path


def test_a_coding_file_is_stored_known_again_refused_when_corrected_and_taken_when_reopened(
    waymark, file, review
):
    assert waymark("coding", "import", file).stdout == "one.yaml: stored\n"
    again = waymark("coding", "import", file).stdout
    same = "one.yaml: already imported with the same content. Nothing was changed. "
    assert again == f"{same}The coder has finished the review\n"
    file.write_text(file.read_text().replace("prac.recording", "prac.assessment"))
    refused = waymark("coding", "import", file, code=1)
    assert refused.stdout == ""
    assert f"`waymark coding reopen {review} --coder ann --by NAME`" in refused.stderr
    assert "added: prac.assessment at" in refused.stderr
    waymark("coding", "reopen", review, "--coder", "ann", "--by", "ann", code=1)
    waymark("coding", "settle", review, "--by", "judge")
    reopened = waymark("coding", "reopen", review, "--coder", "ann", "--by", "judge").stdout
    assert f"{review} is open to ann" in reopened
    assert "and 1 agreed values have ended: settle the review again" in reopened
    taken = json.loads(waymark("coding", "import", file, "--json").stdout)
    assert (taken["stored"], taken["outcome"]) == (True, "superseded")
    assert [taken[name] for name in ("added", "withdrawn", "changed", "same")] == [1, 1, 0, 1]
    assert [line.split(" at ")[0] for line in taken["differences"]] == [
        "withdrawn: prac.recording",
        "added: prac.assessment",
    ]


def test_bytes_that_are_not_utf_8_are_refused_in_one_line_without_a_traceback(waymark, file):
    file.write_bytes(file.read_bytes() + "# Zoë\n".encode("latin-1"))
    run = waymark("coding", "import", file, code=1)
    assert run.stderr.startswith("waymark: one.yaml, line 10: byte 0xEB (perhaps ë) at character 5")
    assert len(run.stderr.splitlines()) == 1


def test_accounts_are_listed_changed_closed_and_reopened(waymark):
    waymark("account", "grant", "ann", "--role", "analyst")
    assert waymark("account", "withdraw", "ann", "--role", "coder").stdout == "ann: analyst\n"
    assert waymark("account", "close", "ANN").stdout.splitlines()[0] == "ann is closed"
    rows = {row["name"]: row for row in json.loads(waymark("account", "list", "--json").stdout)}
    assert rows["ann"] == {
        "name": "ann",
        "full_name": "",
        "roles": ["analyst"],
        "last_signed_in": None,
        "closed": True,
        "unfinished_reviews": [],
    }
    assert "ann: analyst; never signed in; closed\n" in waymark("account", "list").stdout
    assert waymark("account", "reopen", "ann").stdout == "ann is open: analyst\n"


def test_a_person_is_invited_and_signed_out_by_the_command(waymark):
    words = ("account", "invite", "cy", "--role", "reader", "--email", "cy@example.org", "--json")
    made = json.loads(waymark(*words).stdout)
    assert (made["account"], made["mailed"]) == ("cy", True)
    assert "/account/link/" in made["link"]
    assert waymark("account", "email", "cy", "c@example.org").stdout == "cy: c@example.org\n"
    again = json.loads(waymark("account", "invite", "cy", "--json").stdout)
    assert again["link"] != made["link"]
    assert waymark("account", "forget-failures", "cy").stdout == "cy: 0 failed attempts forgotten\n"
    assert waymark("account", "sign-out", "cy").stdout == "cy: 0 sessions ended\n"


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["account", "close", "boss"], 1, "last administrator"),
        (["account", "withdraw", "boss", "--role", "administrator"], 1, "last administrator"),
        (["account", "close", "nobody"], 1, "there is no account nobody"),
        (["account", "remove-factor", "ann"], 1, "ann has no second factor"),
        (["account", "grant", "ann", "--role", "king"], 2, "'king' is not one of"),
    ],
)
def test_what_cannot_be_done_with_an_account_says_why(waymark, words, code, says):
    assert says in waymark(*words, code=code).stderr


def test_the_command_knows_every_role():
    assert set(ROLES) == set(Role.values)


def test_a_file_to_fill_in_is_written_only_for_somebody_who_may_code(waymark, review, tmp_path):
    waymark("account", "create", "ed", "--role", "editor")
    path = tmp_path / "ed.yaml"
    refused = waymark("coding", "new", review, "--coder", "ed", "--to", path, code=1).stderr
    assert "ed cannot code: you need one of the roles analyst, coder." in refused
    assert "waymark account grant NAME --role ROLE" in refused
    assert not path.exists()
