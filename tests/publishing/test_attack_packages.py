"""The attack on data packages: each side door is opened by hand, and the attack must see it."""

import csv
import hashlib
import io
import json
import struct
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.overview.rows import fixture_rows, framework, spec
from tests.publishing.small_release import EDITION, PROVENANCE
from waymark.overview.releases.release import make_release
from waymark.publishing.attack.audit import attack_folders
from waymark.publishing.document.render import plain_document
from waymark.publishing.formats.archive import pack_archive
from waymark.publishing.formats.package import data_package
from waymark.publishing.queries.export import FORMATS

NAME = "overview-data.zip"
ASSAULT = ("T3", "assault", "n")


@pytest.fixture(scope="module")
def at_5():
    """The members of the default overview's package under k5, by name."""
    release = make_release(fixture_rows(), spec(), framework(), profile="k5", provenance=PROVENANCE)
    content = data_package(release, plain_document(release, EDITION), licence="")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def audit_of(at_5, tmp_path):
    """Write the package with some members changed, its hashes made right; the audit of it."""

    def write(*, honest=True, also=None, **changed):
        members = {**at_5, **{name.replace("__", "."): one for name, one in changed.items()}}
        members |= also or {}
        if honest:
            members = with_right_hashes(members)
        (tmp_path / NAME).write_bytes(pack_archive(members.items()))
        return attack_folders(tmp_path)

    return write


def with_right_hashes(members):
    listed = json.loads(members["datapackage.json"])
    for one in listed["resources"]:
        content = members[one["path"]]
        one["bytes"] = len(content)
        one["hash"] = f"sha256:{hashlib.sha256(content).hexdigest()}"
    members["datapackage.json"] = json.dumps(listed).encode()
    lines = [
        f"{hashlib.sha256(content).hexdigest()}  {name}\n"
        for name, content in members.items()
        if name != "checksums.txt"
    ]
    return {**members, "checksums.txt": "".join(lines).encode()}


def said(audit):
    return {leak.what for leak in audit.leaks}


# ---- CSV ----


def in_csv(members, change, name="data/cells.csv"):
    """The CSV of cells after a function changed its list of rows."""
    rows = list(csv.DictReader(io.StringIO(members[name].decode(), newline="")))
    rows = change(rows) or rows
    out = io.StringIO()
    made = csv.DictWriter(out, list(rows[0]), lineterminator="\r\n")
    made.writeheader()
    made.writerows(rows)
    return out.getvalue().encode()


def cell(rows, table, row, column):
    wanted = (table, row, column)
    return next(one for one in rows if (one["table"], one["row"], one["column"]) == wanted)


def put(field, value, place=ASSAULT):
    def change(rows):
        cell(rows, *place)[field] = value

    return change


def sorted_by_truth(rows):
    """Factors in the order of what was counted: the withheld one among the others."""
    moved = [one for one in rows if one["row"] == "fac.parental_learning_disability"]
    rest = [one for one in rows if one["row"] != "fac.parental_learning_disability"]
    at = next(n for n, one in enumerate(rest) if one["row"] == "fac.social_isolation")
    return [*rest[:at], *moved, *rest[at:]]


def one_decimal_more(rows):
    cell(rows, "T3", "other", "n")["value"] = "6.0000001"


def not_told_at_all(rows):
    one = cell(rows, *ASSAULT)
    one["mark"], one["withheld"] = "", "false"


def with_a_column(rows):
    return [{**one, "counted": "1"} for one in rows]


def test_the_package_itself_holds(audit_of):
    audit = audit_of(honest=False)
    assert (audit.leaks, audit.exposed, audit.k) == ((), (), 5)
    assert {(one.row, one.low, one.high) for one in audit.narrowed if one.table == "T3"} == {
        ("Physical or sexual assault", 0, 10),
        ("Sudden unexpected infant death", 0, 10),
    }


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (put("value", "4"), "a withheld cell contains 4"),
        (put("value", "NaN"), "a withheld cell contains NaN"),
        (put("value", " "), "a withheld cell contains  "),
        (put("withheld", "false"), "two fields disagree on whether it is withheld"),
        (put("base", "4"), "a withheld cell has a base of its own"),
        (not_told_at_all, "it is empty, where others have a number or a mark"),
        (put("row_number", "3"), "its row or column number is not its position"),
        (sorted_by_truth, "its row labels differ from overview-data.zip/data/cells.parquet"),
        (one_decimal_more, "a number with decimals, where counts are whole"),
        (with_a_column, "an unexpected column"),
    ],
)
def test_what_a_csv_of_cells_tells_besides_its_numbers_is_found(at_5, audit_of, change, what):
    audit = audit_of(also={"data/cells.csv": in_csv(at_5, change)})
    assert what in said(audit)


def test_a_withheld_number_in_one_of_two_files_is_taken_over_and_told(at_5, audit_of):
    def change(rows):
        one = cell(rows, *ASSAULT)
        one["value"], one["mark"], one["withheld"] = "4", "", "false"

    audit = audit_of(also={"data/cells.csv": in_csv(at_5, change)})
    assert any("4 where overview-data.zip/data/cells.parquet has [c]" in one for one in said(audit))
    assert {one.row: (one.low, one.high) for one in audit.narrowed if one.table == "T3"} == {
        "Sudden unexpected infant death": (6, 6)
    }


def test_an_order_by_number_gives_away_where_a_withheld_row_stands(at_5, tmp_path):
    def change(rows):
        made = sorted_by_truth([one for one in rows if one["table"] == "T8"])
        return [{**one, "row_number": ""} for one in made]

    for name in ("tables", "notes"):
        (tmp_path / f"{name}.csv").write_bytes(at_5[f"data/{name}.csv"])
    (tmp_path / "cells.csv").write_bytes(in_csv(at_5, change))
    (tmp_path / "datapackage.json").write_text("{}")
    audit = attack_folders(tmp_path)
    assert "rows are in order of number, and this one is among them" in said(audit)


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("notes", "note", "Physical or sexual assault: 4 reviews."),
        ("tables", "title", "Nature of the incident (Physical or sexual assault 4)"),
        ("definitions", "includes", "assault 4"),
    ],
)
def test_a_number_beside_a_name_in_any_other_table_is_found(at_5, audit_of, name, field, value):
    path = f"data/{name}.csv"
    changed = in_csv(at_5, lambda rows: rows[0].update({field: value}), path)
    audit = audit_of(also={path: changed})
    assert "says 4 where the table withholds the number" in said(audit)


# ---- Parquet ----


def in_parquet(table):
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def cells_of(members):
    return pq.read_table(io.BytesIO(members["data/cells.parquet"]))


def test_a_number_in_the_parquet_alone_is_found(at_5, audit_of):
    table = cells_of(at_5)
    rows = table.to_pylist()
    at = next(n for n, one in enumerate(rows) if (one["table"], one["row"]) == ("T3", "assault"))
    values = [one["value"] for one in rows]
    values[at] = 4.0
    place = table.column_names.index("value")
    changed = table.set_column(place, table.schema.field("value"), pa.array(values, pa.float64()))
    audit = audit_of(also={"data/cells.parquet": in_parquet(changed)})
    assert "a withheld cell contains 4" in said(audit)


def test_a_list_of_a_category_that_holds_what_no_row_has_is_found(at_5, audit_of):
    table = cells_of(at_5)
    marks = pa.array(table.column("mark").to_pylist(), pa.string()).dictionary_encode()
    longer = pa.DictionaryArray.from_arrays(
        marks.indices, pa.array([*marks.dictionary.to_pylist(), "4 assaults"])
    )
    place = table.column_names.index("mark")
    changed = table.set_column(place, "mark", longer)
    audit = audit_of(also={"data/cells.parquet": in_parquet(changed)})
    assert "its list contains a value that no row has: 4 assaults" in said(audit)


def test_metadata_of_parquet_are_read(at_5, audit_of):
    table = cells_of(at_5)
    held = {**table.schema.metadata, b"waymark.remark": b"assault: 4"}
    audit = audit_of(also={"data/cells.parquet": in_parquet(table.replace_schema_metadata(held))})
    assert "says 4 where the table withholds the number" in said(audit)
    fields = [
        one.with_metadata({b"description": b"Physical or sexual assault: 4"})
        if one.name == "value"
        else one
        for one in table.schema
    ]
    audit = audit_of(also={"data/cells.parquet": in_parquet(table.cast(pa.schema(fields)))})
    assert "says 4 where the table withholds the number" in said(audit)


def test_bytes_of_parquet_that_belong_to_no_column_are_found(at_5, audit_of):
    content = at_5["data/cells.parquet"]
    length = struct.unpack("<I", content[-8:-4])[0]
    footer = len(content) - 8 - length
    hidden = content[:footer] + b"assault 4" + content[footer:]
    audit = audit_of(also={"data/cells.parquet": hidden})
    assert "bytes that belong to no column" in said(audit)


def test_statistics_that_are_not_those_of_the_rows_are_found(at_5, audit_of):
    """The least and the most as they were before numbers were withheld, left in the footer."""
    rows = cells_of(at_5).select(["table", "row", "column", "value", "mark"])
    one_table = rows.filter(pa.compute.equal(rows.column("table"), "T3"))
    before = in_parquet(one_table)
    assert before.count(struct.pack("<d", 6.0)) >= 1
    changed = before.replace(struct.pack("<d", 6.0), struct.pack("<d", 4.0))
    kept = pq.read_table(io.BytesIO(changed)).column("value").to_pylist()
    footer = len(before) - 8 - struct.unpack("<I", before[-8:-4])[0]
    told = before[:footer] + before[footer:].replace(struct.pack("<d", 6.0), struct.pack("<d", 4.0))
    assert kept
    audit = audit_of(also={"data/cells.parquet": told})
    assert "its statistics are not those of its rows" in said(audit)


# ---- the listing, and around it ----


def test_rows_about_single_reviews_are_found(at_5, audit_of):
    records = b"review,nature\r\nR01,assault\r\n"
    audit = audit_of(also={"data/reviews.csv": records})
    assert "its rows are about single records, which reveals withheld numbers" in said(audit)


def test_a_file_that_nothing_tells_of_is_found(audit_of):
    audit = audit_of(also={"data/working.sqlite3": b"4"})
    assert "it is in the package, but not in its listing" in said(audit)


@pytest.mark.parametrize("field", ["hash", "bytes"])
def test_the_hash_or_size_of_other_numbers_is_found(at_5, audit_of, field):
    listed = json.loads(at_5["datapackage.json"])
    listed["resources"][0][field] = {"hash": "sha256:" + "0" * 64, "bytes": 4}[field]
    audit = audit_of(honest=False, datapackage__json=json.dumps(listed).encode())
    assert "its listed size or hash is of other content" in said(audit)


def test_a_checksum_of_other_numbers_is_found(at_5, audit_of):
    changed = at_5["checksums.txt"].replace(b"data/cells.csv", b"data/before.csv")
    audit = audit_of(honest=False, checksums__txt=changed)
    assert "its listed size or hash is of other content" in said(audit)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("provenance.json", '"as_printed": {', '"as_printed": {"assault": 4,'),
        ("datapackage.json", '"resources": [', '"counted": {"assault": 4}, "resources": ['),
        ("spec.yaml", "overview:", "assault: 4\noverview:"),
        ("spec.yaml", "overview:", "# Physical or sexual assault: 4\noverview:"),
        ("README.md", "# ", "Physical or sexual assault: 4\n# "),
    ],
)
def test_a_number_beside_a_name_in_any_other_file_is_found(at_5, audit_of, name, old, new):
    changed = at_5[name].replace(old.encode(), new.encode(), 1)
    assert changed != at_5[name]
    audit = audit_of(also={name: changed})
    assert "says 4 where the table withholds the number" in said(audit)


@pytest.mark.parametrize("where", ["before", "after", "remark", "between"])
def test_what_an_archive_holds_besides_its_files_is_found(at_5, tmp_path, where):
    content = pack_archive(at_5.items())
    path = tmp_path / NAME
    if where == "before":
        path.write_bytes(b"assault 4" + content)
    elif where == "after":
        path.write_bytes(content + b"assault 4")
    elif where == "remark":
        path.write_bytes(content)
        with zipfile.ZipFile(path, "a") as archive:
            archive.comment = b"assault 4"
    else:
        path.write_bytes(content)
        with zipfile.ZipFile(path, "a") as archive:
            archive.fp.seek(archive.start_dir)
            archive.fp.write(b"assault 4")
            archive.start_dir += 9
            archive._didModify = True
    found = said(attack_folders(tmp_path))
    assert found & {
        "bytes before it that belong to no file",
        "bytes that belong to no file",
        "a comment on the archive",
    }


def test_two_files_of_one_name_are_found(at_5, tmp_path):
    path = tmp_path / NAME
    path.write_bytes(pack_archive(at_5.items()))
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("README.md", "assault 4")
    assert "two files with the same name" in said(attack_folders(tmp_path))


# ---- beside other formats, and as a folder ----


def test_a_folder_of_tidy_files_is_read_as_an_archive_is(at_5, tmp_path):
    for name, content in at_5.items():
        (tmp_path / name.rpartition("/")[2]).write_bytes(content)
    listed = json.loads(at_5["datapackage.json"])
    for one in listed["resources"]:
        one["path"] = one["path"].rpartition("/")[2]
    (tmp_path / "datapackage.json").write_text(json.dumps(listed))
    for name in ("checksums.txt", "spec.yaml", "provenance.json"):
        (tmp_path / name).unlink()
    audit = attack_folders(tmp_path)
    assert (audit.leaks, audit.exposed, audit.k) == ((), (), 5)
    (tmp_path / "reviews.csv").write_bytes(b"review,nature\r\nR01,assault\r\n")
    assert "its rows are about single records, which reveals withheld numbers" in said(
        attack_folders(tmp_path)
    )


def test_an_open_overview_may_give_rows_about_single_reviews(tmp_path):
    release = make_release(
        fixture_rows(), spec(), framework(), profile="open", provenance=PROVENANCE
    )
    (tmp_path / NAME).write_bytes(
        data_package(release, plain_document(release, EDITION), licence="")
    )
    (tmp_path / "reviews.csv").write_bytes(b"review,nature\r\nR01,assault\r\n")
    for name, content in FORMATS["json"](release, plain_document(release, EDITION)):
        (tmp_path / name).write_bytes(content)
    assert attack_folders(tmp_path).is_safe


def test_json_that_says_more_than_it_prints_is_found(tmp_path):
    table = {
        "id": "T1",
        "base": "12 reviews read and coded",
        "columns": [{"label": "Reviews"}],
        "rows": [
            {"label": "Fire", "role": "part", "cells": [{"shown": "5", "value": 4}]},
            {"label": "All", "role": "total", "cells": [{"shown": "10", "value": 10}]},
        ],
        "notes": ["Disclosure profile r5: numbers are rounded to multiples of 5 so that totals"],
    }
    (tmp_path / "overview.json").write_text(json.dumps({"tables": [table]}))
    assert "its value is not the printed number" in said(attack_folders(tmp_path))
