"""An overview written to a folder."""

import csv
import json

import pytest

from tests.factories import NOON
from tests.overview.world import SPEC
from tests.publishing.small_release import small_release
from tests.written_once import written_once
from waymark.core.errors import FileRefused, NotFound, RuleError
from waymark.overview import services as overview
from waymark.overview.tables.export import table_csv, table_json, table_text
from waymark.pipeline import render_overview
from waymark.publishing.queries.export import render_to_folder
from waymark.publishing.queries.release_gate import release_to_show


@pytest.fixture
@written_once
def snapshot(world):
    document = overview.create_overview(by=world.analyst, spec=SPEC, file="s.yaml", now=NOON)
    return overview.freeze_overview(by=world.analyst, overview=document, now=NOON)


def rendered(snapshot, folder, *, profile=None, **more):
    release = release_to_show(snapshot, profile, now=NOON)
    return render_to_folder(snapshot, release, folder, now=NOON, **more)


def contents(files):
    return {file.name: file.read_bytes() for file in files}


def test_every_format_is_written_and_two_runs_give_the_same_bytes(snapshot, tmp_path):
    every = ["html", "pdf", "docx", "xlsx", "ods", "csv", "json"]
    first = contents(rendered(snapshot, tmp_path / "one", formats=every))
    assert set(first) == {
        "overview.html",
        "F1.svg",
        "overview.pdf",
        "overview.docx",
        "overview.xlsx",
        "overview.ods",
        "overview.json",
        *(f"T{n}.csv{more}" for n in (1, 2, 3, 10) for more in ("", "-metadata.json")),
    }
    assert contents(rendered(snapshot, tmp_path / "two", formats=every)) == first
    assert b"Draft, not published" in first["overview.html"]


def test_a_folder_with_something_in_it_is_left_alone(snapshot, tmp_path):
    (tmp_path / "mine").write_text("x")
    with pytest.raises(FileRefused, match="not empty"):
        rendered(snapshot, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


def test_an_empty_folder_is_filled(snapshot, tmp_path):
    (tmp_path / "empty").mkdir()
    rendered(snapshot, tmp_path / "empty", formats=["json"])
    assert [file.name for file in (tmp_path / "empty").iterdir()] == ["overview.json"]


@pytest.mark.parametrize(
    ("formats", "says"),
    [
        (["html", "rtf"], "rtf is not a format"),
        (["gif"], "gif is not a format"),
        ([""], "nothing is not a format"),
    ],
)
def test_a_format_that_is_not_there_is_refused_and_nothing_is_written(
    snapshot, tmp_path, formats, says
):
    with pytest.raises(RuleError, match=says):
        rendered(snapshot, tmp_path / "new", formats=formats)
    assert not (tmp_path / "new").exists()


def test_a_profile_that_would_leave_a_table_all_but_empty_is_refused(snapshot, tmp_path):
    with pytest.raises(
        RuleError, match="T2 and T3 would each lose more than half of their cells at 5"
    ):
        rendered(snapshot, tmp_path / "new", profile="k5")


def test_an_overview_that_is_not_there_is_not_found(db, tmp_path):
    with pytest.raises(NotFound, match="there is no overview nothing"):
        render_overview(
            "nothing", tmp_path / "new", profile=None, formats=["html"], by=None, now=NOON
        )


def test_json_gives_each_cell_its_value_base_and_evidence():
    document = table_json(small_release().table("T3"))
    assert list(document)[:4] == ["id", "title", "unit", "base"]
    assert [column["label"] for column in document["columns"]] == ["Reviews", "Per cent"]
    fire = document["rows"][0]
    assert (fire["label"], fire["cells"][0]["value"], fire["cells"][0]["base"]) == ("Fire", 1, 4)
    assert fire["cells"][0]["evidence"] == ["000000000001-20-30"]
    assert json.loads(json.dumps(document)) == document


def test_csv_is_a_header_and_one_line_for_each_row():
    rows = list(csv.reader(table_csv(small_release().table("T3")).splitlines()))
    assert rows[0] == ["Cause", "Reviews", "Per cent"]
    assert rows[1] == ["Fire", "1", "[x]"]
    assert rows[-1] == ["All reviews", "4", "[x]"]


def test_csv_of_several_blocks_names_the_block_of_each_row():
    rows = list(csv.reader(table_csv(small_release().table("T4")).splitlines()))
    assert rows[0][:3] == ["Group", "Reviews and children", "All"]
    assert rows[1] == ["Reviews by people", "One", "2", "[z]", "[z]"]


def test_a_label_is_never_a_formula_of_a_spreadsheet():
    document = small_release("all_label: All reviews", 'all_label: "=1+1"')
    assert "'=1+1,4," in table_csv(document.table("T3"))


def test_text_has_even_columns_with_the_base_above_and_notes_below():
    lines = table_text(small_release().table("T3")).splitlines()
    assert lines[0] == "T3. Cause: reviews, Nowhere, 2001 to 2003"
    assert lines[1] == "Base: 4 reviews."
    assert lines[3:5] == ["Cause        Reviews  Per cent", "Fire               1       [x]"]
    assert lines[-1] == "Disclosure profile open: no figures are withheld."
