"""The data package of an overview: what it shows, in tidy tables, and no more."""

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from tests.overview.rows import fixture_rows, framework, spec
from tests.overview.small import FRAMEWORK, SPEC_YAML
from tests.publishing.small_release import EDITION, PROVENANCE, small_document, small_release
from waymark.overview.releases.release import make_release
from waymark.overview.spec.check import checked_overview
from waymark.overview.tables.export import table_csv, table_csvw, table_json
from waymark.publishing.document.nodes import DocumentImprint
from waymark.publishing.document.render import plain_document
from waymark.publishing.formats.package import data_package


def small(old="", new="", licence=""):
    return data_package(small_release(old, new), small_document(old, new), licence=licence)


def members(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def rows(content, name):
    text = members(content)[f"data/{name}.csv"].decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def cells(content):
    return {(row["table"], row["row"], row["column"]): row for row in rows(content, "cells")}


def test_the_same_release_gives_the_same_bytes():
    assert small() == small()


def test_it_holds_what_is_shown_what_it_means_and_where_it_comes_from():
    assert list(members(small())) == [
        *("README.md", "datapackage.json", "provenance.json", "spec.yaml"),
        "data/csv-metadata.json",
        *(
            f"data/{name}.{ending}"
            for name in ("tables", "notes", "cells", "definitions", "dictionary", "values")
            for ending in ("csv", "parquet")
        ),
        "checksums.txt",
    ]


def test_no_file_has_a_mark_of_a_note_or_a_sign_without_its_text():
    """Printed tables have "[note 3]" at a header; files for programs have the texts instead."""
    release, there = small_release(), members(small())
    assert not any(b"[note" in content for name, content in there.items() if "parquet" not in name)
    texts = {(row["table"], row["note"]) for row in rows(small(), "notes")}
    explained = {row["value"] for row in rows(small(), "values") if row["field"] == "mark"}
    for protected in release.tables:
        table, written = protected.table, json.dumps(table_json(protected))
        assert texts >= {(table.id, note) for note in table.notes}
        assert table_json(protected)["notes"] == list(table.notes)
        assert "[note" not in written + table_csv(protected)
        described = table_csvw(protected, "T.csv")
        assert all(note in described["dc:description"] for note in table.notes)
        marks = {cell.mark for row in table.rows for cell in row.cells if cell.mark}
        assert marks <= {entry["mark"] for entry in described["notes"]}
        assert marks <= set(table_json(protected)["shorthand"]) & explained


def test_every_cell_of_every_table_is_a_row_as_printed():
    release = small_release()
    there = cells(small())
    printed = {
        (entry.table.id, row.id, column.id): cell.shown
        for entry in release.tables
        for row in entry.table.rows
        for column, cell in zip(entry.table.columns, row.cells, strict=True)
    }
    assert list(there) == list(printed)
    for key, row in there.items():
        number = printed[key].replace(",", "")
        assert row["mark"] == (number if number.startswith("[") else "")
        assert row["value"] == "" if row["mark"] else float(row["value"]) == float(number)


def test_a_cell_says_what_it_counts_of_how_many():
    there = cells(small())
    fire = there["T3", "fire", "n"]
    assert (fire["row_label"], fire["role"], fire["kind"]) == ("Fire", "part", "count")
    assert (fire["unit"], fire["base"], fire["value"]) == ("review", "4", "1")
    share = there["T3", "fire", "percent"]
    assert (share["unit"], share["mark"], share["withheld"]) == ("per cent", "[x]", "false")
    assert there["T4", "ages.young", "died"]["unit"] == "child"
    assert there["T4", "people.one", "n"]["unit"] == "review"
    assert there["T10", "th.visits", "passages"]["unit"] == "passage"
    assert there["T14", "all", "kappa"]["unit"] == ""


def test_parquet_holds_the_same_cells():
    content = small()
    table = pq.read_table(io.BytesIO(members(content)["data/cells.parquet"]))
    for comma, typed in zip(rows(content, "cells"), table.to_pylist(), strict=True):
        assert [comma["table"], comma["row"], comma["column"]] == [
            *(typed["table"], typed["row"], typed["column"])
        ]
        assert (float(comma["value"]) if comma["value"] else None) == typed["value"]
        assert (comma["mark"] or None) == typed["mark"]
    assert table.schema.metadata[b"waymark.framework"] == b"adult-core 2.0.0"
    assert table.schema.metadata[b"waymark.snapshot_sha256"] == b"ab" * 32


def test_bases_notes_and_definitions_come_with_it():
    content = small()
    tables = {row["table"]: row for row in rows(content, "tables")}
    assert tables["T3"]["base"] == "4 reviews"
    assert tables["T3"]["profile"] == "open"
    notes = [row["note"] for row in rows(content, "notes") if row["table"] == "T3"]
    assert notes[-1] == "Disclosure profile open: no figures are withheld."
    definitions = {row["id"]: row for row in rows(content, "definitions")}
    assert definitions["fac.cold"]["definition"] == "Cold."


def test_it_says_which_rows_which_program_and_who_decided():
    provenance = json.loads(members(small())["provenance.json"])
    assert provenance["snapshot_sha256"] == PROVENANCE.sha256
    assert (provenance["framework"], provenance["profile"]) == ("adult-core 2.0.0", "open")
    assert provenance["decision"] == {
        "profile": "open",
        "controller": "A controller",
        "reason": "All is public.",
        "decided": "2026-01-02",
    }
    assert provenance["edition"] == EDITION.statement
    assert provenance["program"] == "Waymark 0.1.0"


def test_the_spec_in_it_asks_for_the_same():
    source = members(small())["spec.yaml"].decode()
    spec = checked_overview(source, FRAMEWORK, file="spec.yaml")
    assert spec == checked_overview(SPEC_YAML, FRAMEWORK, file="small.yaml")


def test_remarks_in_the_yaml_stay_behind():
    old, new = "place: Nowhere", "place: Nowhere # of which 4 were in one street"
    assert b"one street" not in members(small(old, new))["spec.yaml"]


def test_sizes_and_hashes_are_those_of_the_files():
    there = members(small())
    listed = json.loads(there["datapackage.json"])["resources"]
    assert {entry["path"] for entry in listed} == {
        name for name in there if name[:5] == "data/" and not name.endswith(".json")
    }
    for entry in listed:
        content = there[entry["path"]]
        assert entry["bytes"] == len(content)
        assert entry["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    for line in there["checksums.txt"].decode().splitlines():
        text, _, name = line.partition("  ")
        assert text == hashlib.sha256(there[name]).hexdigest()


def test_it_tells_its_licence_its_limits_and_that_silence_is_not_absence():
    text = members(small(licence="CC-BY-4.0"))["README.md"].decode()
    for words in ("Licence: CC-BY-4.0", "Silence is not absence", "no statistical tests are made"):
        assert words in text


def test_a_label_is_never_a_formula_and_comes_back_as_it_stood():
    content = small("all_label: All reviews", 'all_label: "=1+1"')
    labels = {row["row_label"] for row in rows(content, "cells")}
    assert "'=1+1" in labels
    table = pq.read_table(io.BytesIO(members(content)["data/cells.parquet"]))
    assert "=1+1" in table.column("row_label").to_pylist()


@pytest.mark.parametrize("profile", ["k3", "k5", "r5"])
def test_a_protected_overview_gives_no_record_and_no_withheld_number(profile):
    release = make_release(
        fixture_rows(), spec(), framework(), profile=profile, provenance=PROVENANCE
    )
    content = data_package(release, plain_document(release, EDITION), licence="")
    for name, packed in members(content).items():
        if name.endswith(".csv"):
            head = packed.decode().partition("\r\n")[0].split(",")
            assert not {"review", "child", "citation_key", "recommendation"} & set(head), name
    for row in rows(content, "cells"):
        assert (row["withheld"] == "true") == (row["mark"] == "[c]")
        assert bool(row["value"]) != bool(row["mark"])
    withheld = {key for key, row in cells(content).items() if row["withheld"] == "true"}
    assert (("T3", "assault", "n") in withheld) == (profile == "k5")


def test_the_csv_files_are_described_as_csv_on_the_web():
    """Each file has its columns in order; csvw 3.5 and frictionless 5.18 find them valid."""
    there = members(small(licence="CC-BY-4.0"))
    described = json.loads(there["data/csv-metadata.json"])
    assert described["@context"][0] == "http://www.w3.org/ns/csvw"
    assert described["dc:license"] == {"@id": "https://creativecommons.org/licenses/by/4.0/"}
    assert {f"data/{table['url']}" for table in described["tables"]} == {
        name for name in there if name.endswith(".csv")
    }
    for table in described["tables"]:
        head = there[f"data/{table['url']}"].decode().splitlines()[0].split(",")
        columns = table["tableSchema"]["columns"]
        assert [column["titles"] for column in columns] == head
        assert set(table["tableSchema"]["primaryKey"]) <= set(head)
    cell = {column["name"]: column for column in described["tables"][2]["tableSchema"]["columns"]}
    assert cell["value"]["datatype"] == "number"
    assert cell["kind"]["datatype"] == {"base": "string", "format": "^(count|percent|number)$"}


def test_a_package_without_a_licence_says_so_everywhere():
    there = members(small())
    for name in ("README.md", "datapackage.json", "provenance.json", "data/csv-metadata.json"):
        assert "No licence is given with these files" in there[name].decode(), name


def test_a_package_names_its_publisher_contact_licence_and_citation():
    imprint = DocumentImprint("Northshire", "help@example.org", citation="Northshire (2026).")
    document = replace(small_document(), imprint=imprint)
    there = members(data_package(small_release(), document, licence="CC-BY-4.0"))
    listed = json.loads(there["datapackage.json"])
    assert listed["contributors"] == [{"title": "Northshire", "roles": ["publisher"]}]
    assert listed["contact"] == "help@example.org"
    assert json.loads(there["data/csv-metadata.json"])["dc:publisher"] == "Northshire"
    origin = json.loads(there["provenance.json"])
    assert (origin["licence"], origin["cite_as"]) == ("CC-BY-4.0", "Northshire (2026).")
    assert "Contact: help@example.org" in there["README.md"].decode()


def test_a_single_table_is_described_with_its_marks_as_no_value():
    protected = small_release().table("T3")
    described = table_csvw(protected, "T3.csv", **{"dc:publisher": "Northshire"})
    assert described["url"] == "T3.csv"
    columns = described["tableSchema"]["columns"]
    assert [column["titles"] for column in columns] == ["Cause", "Reviews", "Per cent"]
    assert "[x]" in columns[2]["null"]
    assert columns[2]["datatype"] == "decimal"
