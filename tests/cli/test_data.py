"""waymark data export: what it writes, what it refuses, and how it says so."""

import json

import pytest
from click.testing import CliRunner

from tests.factories import NOON
from tests.overview.world import SPEC, hide, make_world
from tests.publishing.giving import stored_edition
from waymark.accounts.models import AuditEntry
from waymark.cli import main
from waymark.overview.services import create_overview, freeze_overview


@pytest.fixture
def world(framework):
    return make_world(framework)


@pytest.fixture
def edition(world):
    def give_out(profile):
        spec = SPEC.replace("profile: open", f"profile: {profile}")
        spec = spec.replace("kind: crosstab", "kind: crosstab\n    process: true")
        made = create_overview(by=world.analyst, spec=spec, file="s.yaml", now=NOON)
        snapshot = freeze_overview(by=world.analyst, overview=made, now=NOON)
        stored_edition(snapshot, by=world.editor, profile=profile)

    return give_out


def run(*said):
    return CliRunner().invoke(main, ["data", "export", *map(str, said)])


def test_it_writes_what_is_public_and_names_the_files(world, tmp_path):
    hide(world.first)
    done = run("--to", tmp_path / "out", "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert (said["rows"]["reviews"], said["rows"]["children"]) == (3, 0)
    assert (said["refused"], said["withheld"]) == ([], 0)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        path.rpartition("/")[2] for path in said["files"]
    }
    assert not AuditEntry.objects.filter(action="export data").exists()


def test_under_an_account_it_writes_what_that_may_see_and_keeps_account(world, tmp_path):
    hide(world.first)
    done = run("--to", tmp_path / "out", "--by", world.analyst.username, "--formats", "csv")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / "children.csv").read_text("utf-8").count("\n") == 2
    assert AuditEntry.objects.filter(action="export data").get().actor == world.analyst.username


def test_rows_of_a_protected_overview_are_refused_with_exit_code_1(world, edition, tmp_path):
    edition("r5")
    done = run("--to", tmp_path / "out", "--overview", "small", "--json")
    assert done.exit_code == 1
    said = json.loads(done.stdout)
    assert [one["table"] for one in said["refused"]][:2] == ["reviews", "children"]
    assert "shown under the profile r5" in said["refused"][0]["reason"]
    assert said["rows"]["cells"] > 0
    spoken = run("--to", tmp_path / "spoken", "--overview", "small")
    assert spoken.exit_code == 1
    assert "not exported: reviews: small is shown under the profile r5" in spoken.stderr
    assert "listed without coded data: 2 reviews" in spoken.stderr


@pytest.mark.parametrize(
    ("said", "code", "why"),
    [
        (["--formats", "xls"], 1, "xls is not a format of data: choose from csv, parquet"),
        (["--overview", "nothing"], 1, "there is no published overview nothing"),
        (["--by", "nobody"], 1, "there is no account nobody"),
        (["--framework", "nothing 1.0.0"], 1, "there is no published framework nothing 1.0.0"),
        (["--overview", "small", "--as-at", "2026-01-01"], 2, "an overview has its own framework"),
        (["--as-at", "yesterday"], 2, "yesterday"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_and_nothing_is_written(
    world, tmp_path, said, code, why
):
    done = run("--to", tmp_path / "out", *said)
    assert done.exit_code == code
    assert why in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_day_of_what_is_overdue_is_told_in_the_files(world, tmp_path):
    assert run("--to", tmp_path / "out", "--as-at", "2020-02-29").exit_code == 0
    made = json.loads((tmp_path / "out" / "datapackage.json").read_text("utf-8"))
    assert made["overdue_as_at"] == "2020-02-29"
