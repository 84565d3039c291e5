"""Files of official statistics become values; what is wrong with rows is listed."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest

from tests.indicators.invented import HEAD, MAPPING, NOON, SLUG, TABLE, imported, local, mapping
from tests.shared import SHARED, needs_shared
from waymark.core.errors import FileRefused, RuleError, SpecError
from waymark.core.sheet_rows import read_rows
from waymark.indicators.cells import plain_value
from waymark.indicators.inference import infer_mapping
from waymark.indicators.mapping import mapping_yaml, read_mapping
from waymark.indicators.models import IndicatorValue, StatisticalArea
from waymark.indicators.queries.values import value_on, values_of
from waymark.indicators.reading import measure_key, read_table
from waymark.indicators.services import import_values, save_mapping

pytestmark = pytest.mark.django_db


def shown(result):
    """Current values: (measure, area, period) -> as printed."""
    return {
        (row.measure.key, row.area.code, row.period.key): row.shown
        for row in values_of(result.indicator)
    }


def test_every_cell_of_a_table_is_stored_with_its_marker():
    result = imported()
    values = shown(result)
    assert (result.rows, result.stored, result.values.new) == (6, 6, 18)
    assert values["plans-at31", "E92000001", "2025-03-31"] == "1,020"
    assert values["started", "E92000001", "2023-24"] == "310"
    assert values["rate-per-10000", "E92000001", "2024-25"] == "45.0"
    assert values["plans-at31", "E06000903", "2025-03-31"] == "[c]"
    assert values["rate-per-10000", "E06000901", "2024-25"] == "[u]"
    assert StatisticalArea.objects.get(code="E06000901").parent.code == "E12000099"


def test_the_same_file_again_changes_nothing():
    imported()
    again = imported(now=NOON + timedelta(days=1))
    assert (again.values.new, again.values.revised, again.values.unchanged) == (0, 0, 18)
    assert IndicatorValue.objects.count() == 18


def test_a_changed_cell_is_a_revision_and_the_value_of_an_earlier_day_stays():
    result = imported()
    later = NOON + timedelta(days=40)
    revised = imported(TABLE.replace(",1020,", ",1017,"), now=later)
    assert (revised.values.new, revised.values.revised) == (0, 1)
    place = (result.indicator, "plans-at31", "E92000001", "2025-03-31")
    assert value_on(*place, date(2026, 4, 10), later).value.shown == "1,020"
    assert value_on(*place, date(2026, 4, 11), later).value.shown == "1,017"
    assert [row.revision for row in value_on(*place, date(2026, 4, 11), later).revisions] == [2, 1]


def test_a_number_that_becomes_a_marker_is_a_revision():
    imported()
    withheld = TABLE.replace(",37,10,48.1", ",c,10,48.1")
    assert imported(withheld, now=NOON + timedelta(days=1)).values.revised == 1


def test_bad_rows_are_listed_with_their_numbers_and_the_others_are_stored():
    lines = [
        *TABLE.split("\n"),
        f"2025,{local('E06000904', 'Dale')},many,3,4.0",
        f"20x5,{local('E06000905', 'East')},1,3,4.0",
        f"2025,{local('X1', 'Nowhere')},1,3,4.0",
        f"2025,{local('E06000901', 'Ashby Mere')},61,20,1.0",
        f"2025,{local('E06000906', 'Ford')},,3,4.0",
        f"2025,{local('E06000907', 'Glen')},1,3,4.0,9",
        "2025,Reporting year,Ward,E92000001,England,,,,,,Plans,1,2,3",
        f"2025,{local('E06000908', 'Hill')},7,3,4.0",
    ]
    result = imported("\n".join(lines))
    assert (result.rows, result.stored) == (14, 7)
    assert [(row.row, row.column) for row in result.refused] == [
        (8, "plans_at31"),
        (9, "time_period"),
        (10, "new_la_code"),
        (11, ""),
        (12, "plans_at31"),
        (13, ""),
        (14, "geographic_level"),
    ]
    assert "neither a number nor a marker" in result.refused[0].reason
    assert "row 5 is about the same area" in result.refused[3].reason
    assert result.file.refused[0]["row"] == 8


def test_a_file_without_a_readable_row_is_refused_and_leaves_nothing():
    table = f"{HEAD}\n2025,{local('E06000904', 'Dale')},many,3,4.0"
    with pytest.raises(RuleError, match="Row 2: 'many'"):
        imported(table)
    assert not IndicatorValue.objects.exists()


def test_a_file_without_a_column_of_the_mapping_is_refused():
    with pytest.raises(FileRefused, match="no column started"):
        imported(TABLE.replace("started", "begun"))


def test_a_workbook_gives_the_same_values_as_the_text_file():
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    page = book.create_sheet("Table 1")
    page.append(["Children on plans, invented"])
    for line in csv.reader(io.StringIO(TABLE)):
        page.append([float(text) if text.replace(".", "").isdigit() else text for text in line])
    out = io.BytesIO()
    book.save(out)
    result = import_values(
        by=None,
        file="plans.xlsx",
        content=out.getvalue(),
        mapping=mapping(sheet="Table 1", header=2),
        now=NOON,
    )
    values = shown(result)
    assert (result.rows, result.stored) == (6, 6)
    # A workbook stores 45.0 as 45: how many decimals are shown is only in its format.
    assert values["rate-per-10000", "E92000001", "2024-25"] == "45"
    assert values["plans-at31", "E06000903", "2025-03-31"] == "[c]"
    assert values["plans-at31", "E92000001", "2025-03-31"] == "1,020"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PK\x03\x04 no workbook", "damaged"),
        (b"a\x00b", "neither CSV nor XLSX"),
        (b'"a', "not CSV"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(content, reason):
    with pytest.raises(FileRefused, match=reason):
        read_rows(content, name="file")


def test_a_workbook_without_the_sheet_names_those_that_it_has():
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    with pytest.raises(FileRefused, match="no sheet Table 9"):
        read_rows(out.getvalue(), name="file", sheet="Table 9")


def test_a_mapping_is_yaml_that_is_saved_and_read_again():
    assert read_mapping(mapping_yaml(mapping())) == mapping()
    row = save_mapping(by=None, name="plans", text=MAPPING, now=NOON)
    assert read_mapping(row.text).indicator == SLUG
    with pytest.raises(SpecError, match="line 3"):
        save_mapping(by=None, name="plans", text="format: x\nindicator: a\nsource: {}", now=NOON)


def test_the_layout_of_official_files_is_detected():
    rows = read_rows(TABLE.encode(), name="plans_2025.csv")
    detected = infer_mapping(rows, name="plans_2025.csv")
    assert (detected.indicator, detected.title) == ("plans-2025", "Plans")
    assert [(row.column, row.unit, row.type) for row in detected.measures] == [
        ("plans_at31", "count", "day"),
        ("started", "count", None),
        ("rate_per_10000", "rate", None),
    ]
    with pytest.raises(FileRefused, match="Write a mapping"):
        infer_mapping([(1, ["year", "value"]), (2, ["2025", "1"])], name="other.csv")


def test_a_file_of_one_nation_needs_no_columns_of_areas():
    text = MAPPING.partition("area:")[0] + (
        "area: {nation: wales}\nmeasures:\n- {column: value, type: financial}\n"
    )
    result = import_values(
        by=None,
        file="wales.csv",
        content=b"time_period,value\n2023-24,3\n2024-25,[low]\n",
        mapping=read_mapping(text),
        now=NOON,
    )
    assert shown(result) == {
        ("value", "W92000004", "2023-24"): "3",
        ("value", "W92000004", "2024-25"): "[low]",
    }


# ---- the five tables of the Department for Education ----

TABLES = {
    "b1_children_in_need_2013_to_2025.csv": 17_056,
    "c3_factors_identified_at_end_of_assessment_2018_to_2025.csv": 52_480,
    "cla_number_and_rate_per_10k_children.csv": 7_515,
    "d3_cpps_subsequent_plan_2013_to_2025.csv": 6_396,
    "d5_cpps_at31march_by_duration_2013_to_2025.csv": 23_452,
}
"""File -> its cells, counted with csv: rows times columns of numbers."""
FIXED = {
    *("time_period", "time_identifier", "geographic_level", "country_code", "country_name"),
    *("region_code", "region_name", "old_la_code", "new_la_code", "la_name"),
    *("category", "population_type"),
}


def file_cells(content: bytes) -> dict[tuple[int, str, str], tuple[str, str, int]]:
    """Row, column and breakdown -> text, code of the area and year, read with csv alone."""
    cells = {}
    lines = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    for number, line in enumerate(lines, start=2):
        code = line["new_la_code"] or line["region_code"] or line["country_code"]
        for column in line:
            if column not in FIXED:
                place = (number, column, line.get("population_type", ""))
                cells[place] = (line[column], code, int(line["time_period"]))
    return cells


@needs_shared
@pytest.mark.parametrize("name", TABLES)
def test_every_cell_of_an_official_table_is_read_as_the_file_has_it(name):
    """Cell by cell, with its marker, its number of decimals, its area and its year."""
    content = (SHARED / "data" / "dfe" / name).read_bytes()
    rows = read_rows(content, name=name)
    reading = read_table(rows, infer_mapping(rows, name=name), name=name)
    assert reading.problems == []
    assert {
        (row.row, measure.column, measure.breakdown): (
            row.cell.plain,
            row.area,
            row.period.end.year,
        )
        for row in reading.values
        for measure in [reading.measures[row.measure]]
    } == file_cells(content)
    assert len(reading.values) == TABLES[name]


@needs_shared
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if cells < 7_000 else [pytest.mark.soak])
        for name, cells in TABLES.items()
    ],
)
def test_every_cell_of_an_official_table_is_stored_as_the_file_has_it(name):
    """What the database has of a file, cell by cell."""
    content = (SHARED / "data" / "dfe" / name).read_bytes()
    detected = infer_mapping(read_rows(content, name=name), name=name)
    result = import_values(by=None, file=name, content=content, mapping=detected, now=NOON)
    columns = {measure_key(column): column for _, column, _ in file_cells(content)}
    fields = ("row", "measure__key", "measure__breakdown", "area__code", "period_end")
    assert result.refused == ()
    assert {
        (row, columns[key.partition(".")[0]], breakdown): (
            plain_value(value, decimals, marker),
            area,
            end.year,
        )
        for row, key, breakdown, area, end, value, decimals, marker in values_of(
            result.indicator
        ).values_list(*fields, "value", "decimals", "marker")
    } == file_cells(content)


@needs_shared
def test_children_looked_after_on_a_day_and_during_a_year_have_different_periods():
    name = "cla_number_and_rate_per_10k_children.csv"
    rows = read_rows((SHARED / "data" / "dfe" / name).read_bytes(), name=name)
    reading = read_table(rows, infer_mapping(rows, name=name), name=name)
    kinds = {row.breakdown: row.period_type for row in reading.measures.values()}
    assert kinds == {
        "Children ceasing to be looked after each year": "financial",
        "Children looked after on 31 March each year": "day",
        "Children starting to be looked after each year": "financial",
    }
    england = [
        row.cell.value
        for row in reading.values
        if row.area == "E92000001"
        and row.measure == "children-count.children-looked-after-on-31-march-each-year"
        and row.period.end.year == 2025
    ]
    assert england == [Decimal(81770)]
