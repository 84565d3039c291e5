"""Tidy tables as CSV, Parquet and data package: faithful, harmless, and the same twice."""

import csv
import hashlib
import io
import json
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waymark.core.errors import RuleError
from waymark.publishing.formats.tidy.comma import (
    csv_parts,
    escape_formula,
    written_value,
)
from waymark.publishing.formats.tidy.files import TableFiles, checked_formats
from waymark.publishing.formats.tidy.package import (
    PackageDescription,
    PackageFile,
    datapackage_json,
    table_schema,
)
from waymark.publishing.formats.tidy.parquet import ROWS, write_parquet
from waymark.publishing.formats.tidy.readme import readme_text
from waymark.publishing.formats.tidy.shape import (
    CategoryValue,
    TableField,
    TableReference,
    TableShape,
    value_rows,
)

THINGS = TableShape(
    name="things",
    title="Things",
    unit="thing",
    text="One row for each thing.",
    fields=(
        TableField("thing", "string", "Its name.", required=True),
        TableField(
            "colour",
            "category",
            "Its colour.",
            values=(CategoryValue("red", "Red"), CategoryValue("blue", "Blue", "As the sky.")),
        ),
        TableField("months", "integer", "Its age.", unit="months"),
        TableField("share", "number", "Its share."),
        TableField("open", "boolean", "Whether it is open.", required=True),
        TableField("on", "date", "Its day."),
    ),
    key=("thing",),
    references=(TableReference(("colour",), "colours", ("colour",)),),
)
ROWS_OF_THINGS = [
    ("gate", "red", 12, 0.5, True, date(2026, 5, 4)),
    ('a "door", half\nopen', None, None, None, False, None),
    ("=1+1", "blue", 0, 12.0, True, None),
]


def in_csv(rows=ROWS_OF_THINGS):
    return b"".join(csv_parts(THINGS, rows))


def in_parquet(rows=ROWS_OF_THINGS, **metadata):
    out = io.BytesIO()
    write_parquet(THINGS, rows, out, metadata)
    return out.getvalue()


# ---- CSV ----


def test_csv_is_utf_8_with_lines_that_end_in_cr_lf_and_quotes_doubled():
    assert in_csv() == (
        b"thing,colour,months,share,open,on\r\n"
        b"gate,red,12,0.5,true,2026-05-04\r\n"
        b'"a ""door"", half\nopen",,,,false,\r\n'
        b"'=1+1,blue,0,12.0,true,\r\n"
    )


def test_csv_of_no_rows_is_its_names():
    assert in_csv([]) == b"thing,colour,months,share,open,on\r\n"


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+44", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "'quoted'"),
        *("\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20A1"),
    ],
)
def test_what_a_spreadsheet_would_take_for_a_formula_is_led_by_an_apostrophe(text):
    assert escape_formula(text) == f"'{text}"
    assert escape_formula(text).removeprefix("'") == text


@pytest.mark.parametrize("text", ["gate", "1 = 1", "a-b", "", "don't", "5 of 8"])
def test_any_other_text_stays_as_it_is(text):
    assert escape_formula(text) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_comes_back_as_it_stood(text):
    content = in_csv([("gate", None, 1, None, True, None), (text, None, 2, None, True, None)])
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert rows[2][0].removeprefix("'") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((None, ""), (True, "true"), (False, "false"), (-3, "-3"), (1000000, "1000000")),
        *((0.1, "0.1"), (1e-7, "0.0000001"), (1e21, "1000000000000000000000")),
        (date(2004, 2, 3), "2004-02-03"),
    ],
)
def test_numbers_days_and_yes_or_no_are_written_plainly(value, text):
    assert written_value(value) == text


# ---- Parquet ----


def test_parquet_holds_the_same_rows_with_types():
    table = pq.read_table(io.BytesIO(in_parquet()))
    assert [tuple(row.values()) for row in table.to_pylist()] == ROWS_OF_THINGS
    assert table.schema.field("colour").type == pa.dictionary(pa.int32(), pa.string())
    assert [str(table.schema.field(name).type) for name in THINGS.names[2:]] == [
        *("int64", "double", "bool", "date32[day]")
    ]


def test_parquet_says_what_it_is_of_which_framework_and_which_rows():
    schema = pq.read_schema(io.BytesIO(in_parquet(framework="small 1.0.0", snapshot_sha256="ab")))
    assert schema.metadata[b"waymark.framework"] == b"small 1.0.0"
    assert schema.metadata[b"waymark.snapshot_sha256"] == b"ab"
    assert json.loads(schema.metadata[b"waymark.schema"]) == table_schema(THINGS)
    assert schema.field("months").metadata == {b"description": b"Its age.", b"unit": b"months"}


def test_parquet_of_no_rows_has_its_fields():
    table = pq.read_table(io.BytesIO(in_parquet([])))
    assert (table.num_rows, table.column_names) == (0, list(THINGS.names))


def test_the_list_of_a_category_holds_only_what_is_in_use():
    parquet_file = pq.ParquetFile(io.BytesIO(in_parquet(ROWS_OF_THINGS[:1])))
    (chunk,) = parquet_file.read_row_group(0).column("colour").chunks
    assert chunk.dictionary.to_pylist() == ["red"]


def test_two_runs_give_the_same_bytes():
    assert in_csv() == in_csv()
    assert in_parquet(framework="small 1.0.0") == in_parquet(framework="small 1.0.0")


# ---- files ----


def test_files_of_many_rows_are_written_part_by_part(tmp_path):
    many = [(f"thing {n}", "red", n, None, True, None) for n in range(ROWS + 5)]
    with TableFiles(THINGS, tmp_path, ("csv", "parquet"), {}) as content:
        for row in many:
            content.add(row)
        assert len(content.waiting) == 5
        comma, parquet = content.close()
    assert (comma.rows, parquet.rows) == (ROWS + 5, ROWS + 5)
    assert (tmp_path / "things.csv").read_bytes() == in_csv(many)
    parquet_file = pq.ParquetFile(tmp_path / "things.parquet")
    assert [parquet_file.metadata.row_group(n).num_rows for n in (0, 1)] == [ROWS, 5]
    digest = hashlib.sha256((tmp_path / "things.parquet").read_bytes()).hexdigest()
    assert parquet.sha256 == digest


def test_formats_are_those_there_are():
    assert checked_formats(["Parquet ", "csv", "csv"]) == ("csv", "parquet")
    with pytest.raises(RuleError, match="xml is not a format of data: choose from csv, parquet"):
        checked_formats(["csv", "xml"])
    with pytest.raises(RuleError, match="is not a format"):
        checked_formats([])


# ---- what a folder is ----

ABOUT = PackageDescription(
    "things-data", "Things: data", "All things.", "3", "CC-BY-4.0", {"framework": "x 1"}
)


def test_the_listing_gives_types_values_keys_and_references():
    content = json.loads(datapackage_json(ABOUT, [PackageFile(THINGS, "things.csv", 10, "ab", 3)]))
    assert content["licenses"] == [
        {"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}
    ]
    assert (content["framework"], content["version"]) == ("x 1", "3")
    (resource,) = content["resources"]
    assert (resource["bytes"], resource["hash"], resource["rows"]) == (10, "sha256:ab", 3)
    schema = resource["schema"]
    assert schema["primaryKey"] == ["thing"]
    assert schema["foreignKeys"][0]["reference"] == {"resource": "colours", "fields": ["colour"]}
    assert schema["missingValues"] == [""]
    by_name = {field["name"]: field for field in schema["fields"]}
    assert by_name["thing"]["constraints"] == {"required": True, "unique": True}
    assert by_name["colour"]["type"] == "string"
    assert by_name["colour"]["constraints"] == {"enum": ["red", "blue"]}
    assert by_name["colour"]["categories"][1] == {"value": "blue", "label": "Blue"}
    assert by_name["months"]["unit"] == "months"


def test_without_a_licence_the_files_say_so():
    unlicensed = PackageDescription("d", "Things", "All.", "1", "", {})
    assert "licenses" not in json.loads(datapackage_json(unlicensed, []))
    assert "No licence is given with these files" in readme_text(unlicensed, []).decode()
    assert "Licence: CC-BY-4.0." in readme_text(ABOUT, []).decode()


def test_the_values_of_categories_are_rows_of_their_own():
    assert list(value_rows([THINGS])) == [
        ("things", "colour", 1, "red", "Red", None),
        ("things", "colour", 2, "blue", "Blue", "As the sky."),
    ]
