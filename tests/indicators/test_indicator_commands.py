"""Commands of the indicators, of the contacts log and of the training."""

import json

import pytest

from tests.forked_command import ForkedCommand
from tests.indicators.invented import MAPPING, TABLE
from tests.new_installations import new_installation

PLACE = ("plans-at31", "E92000001", "2025-03-31")


@pytest.fixture(scope="module")
def waymark(tmp_path_factory, django_db_blocker):
    """The command in an installation of this file's own."""
    folder = tmp_path_factory.mktemp("indicators")
    data = new_installation(folder / "data")
    (folder / "plans_2025.csv").write_text(TABLE, "utf-8")
    (folder / "mapping.yaml").write_text(MAPPING, "utf-8")
    return ForkedCommand(django_db_blocker, data, folder)


def test_a_table_is_imported_listed_exported_and_cited(waymark):
    first = waymark("indicators", "import", "plans_2025.csv", "--mapping", "mapping.yaml", "--json")
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout) == {
        "indicator": "children-on-plans",
        "rows": 6,
        "stored": 6,
        "new": 18,
        "revised": 0,
        "unchanged": 0,
        "refused": [],
    }
    again = waymark("indicators", "import", "plans_2025.csv", "--json")
    assert again.returncode == 0, again.stderr
    detected = json.loads(again.stdout)
    assert (detected["indicator"], detected["rows"], detected["stored"]) == ("plans-2025", 6, 6)
    listed = json.loads(waymark("indicators", "list", "--json").stdout)["indicators"]
    assert {row["slug"]: row["values"] for row in listed} == {
        "children-on-plans": 18,
        "plans-2025": 18,
    }
    exported = waymark("indicators", "export", "children-on-plans", "out.csv", "--json")
    assert json.loads(exported.stdout)["values"] == 18
    value = waymark("indicators", "value", "children-on-plans", *PLACE, "--json")
    assert json.loads(value.stdout)["value"] == "1020"
    early = waymark("indicators", "value", "children-on-plans", *PLACE, "--on", "2020-01-01")
    assert (early.returncode, early.stdout) == (1, "")


def test_bad_rows_are_listed_and_the_exit_code_says_so(waymark):
    bad = f"{TABLE}\n20x5,Reporting year,National,E92000001,England,,,,,,Plans,1,2,3\n"
    (waymark.folder / "bad.csv").write_text(bad, "utf-8")
    result = waymark("indicators", "import", "bad.csv", "--json")
    assert result.returncode == 1
    answer = json.loads(result.stdout)
    assert (answer["rows"], answer["stored"]) == (7, 6)
    assert [(row["row"], row["column"]) for row in answer["refused"]] == [(8, "time_period")]
    (waymark.folder / "other.csv").write_text("year,value\n2025,1\n", "utf-8")
    other = waymark("indicators", "import", "other.csv")
    assert other.returncode == 1
    assert "Write a mapping" in other.stderr


def test_contacts_are_logged_from_a_file_and_the_calendar_is_written(waymark):
    rows = (
        "date,topic,channel,referred,note\n2025-10-01,neglect,phone,yes,\n2025-10-01,x,phone,no,\n"
    )
    (waymark.folder / "contacts.csv").write_text(rows, "utf-8")
    logged = waymark("contacts", "import", "contacts.csv", "--json")
    answer = json.loads(logged.stdout)
    assert (logged.returncode, answer["rows"], answer["stored"]) == (1, 2, 1)
    assert json.loads(waymark("training", "list", "--json").stdout) == {"courses": []}
    written = waymark("training", "calendar", "courses.ics", "--json")
    assert json.loads(written.stdout)["sessions"] == 0
    assert (waymark.folder / "courses.ics").read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
