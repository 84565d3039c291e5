"""The tables as pandas DataFrames: the rows of the files, and every example of the manual."""

import csv
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from django.apps import apps

from tests.datasets.conftest import VISITOR
from tests.factories import NOON
from tests.new_installations import new_installation
from tests.overview.world import hide
from tests.publishing.giving import stored_edition
from tests.web.conftest import coded, core
from waymark import api
from waymark.accounts.models import User
from waymark.core.errors import NotFound, NotPermitted
from waymark.datasets.queries import record_shapes, request_for
from waymark.datasets.services import export_records
from waymark.overview.services import create_overview, freeze_overview
from waymark.publishing.formats.tidy.comma import written_value

ROOT = Path(__file__).resolve().parents[2]
RECORDS = (
    *("reviews", "children", "judgements", "judgement_quotes"),
    *("codings", "review_codes", "recommendations"),
)
FIXTURES = (core, coded)
"""Of the tests of pages: a review coded with the default framework."""
DEMO = """
overview: demo
title: A demonstration
subtitle: Of the manual
framework: cr-core 1.0.0
place: A place
period: 2005
select: {reviews: [W01]}
disclosure: {profile: open, controller: A body, reason: Nobody is real., decided: 2026-01-12}
tables:
  - id: T3
    kind: crosstab
    title: Nature
    blocks:
      - id: nature
        title: Nature
        unit: review
        base: reviews read and coded
        rows: {variable: nature}
        all_label: All reviews
"""
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs/api.md").read_text("utf-8"), re.S)


@pytest.mark.parametrize("table", RECORDS)
def test_a_frame_holds_the_rows_of_the_csv(world, tmp_path, table):
    export_records(by=VISITOR, folder=tmp_path / "out", now=NOON, formats=["csv"])
    with (tmp_path / "out" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    result = getattr(api, table)()
    assert list(result.columns) == names
    results = [[plain(value) for value in row] for row in result.itertuples(index=False)]
    assert results == [[text.removeprefix("'") for text in row] for row in rows]


def plain(value):
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return written_value(value.date())
    return written_value(value.item() if hasattr(value, "item") else value)


def test_types_are_those_of_the_dictionary(world):
    result = api.children()
    expected = {"string": "str", "category": "category", "integer": "Int64", "boolean": "boolean"}
    shape = record_shapes(request_for(VISITOR, NOON))["children"]
    assert {name: str(kind) for name, kind in result.dtypes.items()} == {
        field.name: expected[field.type] for field in shape.fields
    }
    sexes = next(field for field in shape.fields if field.name == "sex")
    assert list(result["sex"].cat.categories) == [value.value for value in sexes.values]
    assert {name: result.attrs[name] for name in ("title", "unit")} == {
        "title": "Children",
        "unit": "child",
    }


def test_rows_are_those_of_the_account_that_is_named(world):
    hide(world.first)
    assert len(api.codings()) == 0
    assert len(api.codings(by=world.analyst.username)) == 1
    with pytest.raises(NotFound, match="no account nobody"):
        api.codings(by="nobody")


def test_rows_that_an_overview_withholds_are_not_permitted(world, frozen, edition):
    edition(frozen("r5"), "r5")
    with pytest.raises(NotPermitted, match="shown under the profile r5"):
        api.children(overview="small")
    assert len(api.children(overview="small", by=world.analyst.username)) == 1
    assert set(api.reviews()["drink"]) == {"withheld", "not_judged"}


def test_the_cells_of_a_table_are_those_that_are_printed(world, frozen):
    frozen()
    rows = api.overview_table("small", "t2")
    assert list(rows["table"].unique()) == ["T2"]
    present = rows[(rows["row"] == "present") & (rows["column"] == "n")].iloc[0]
    assert (present["value"], present["base"], present["unit"]) == (1.0, 2, "review")
    with pytest.raises(NotFound, match="has no table T99"):
        api.overview_table("small", "T99")


def test_importing_loads_neither_pandas_nor_django():
    code = "import waymark.api, sys; print({'pandas', 'pyarrow', 'django'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_the_command_starts_without_pandas():
    code = "import waymark.cli, sys; print({'pandas', 'pyarrow', 'django'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


# ---- the manual ----


def test_every_table_is_in_the_manual():
    text = (ROOT / "docs/api.md").read_text("utf-8")
    for name in (*RECORDS, "overview_table", "dictionary", "open_data"):
        assert f"`{name}`" in text or f"api.{name}(" in text, name


@pytest.fixture
def demo(coded):
    """A review coded with the default framework, and an overview of it that was frozen."""
    analyst = User.objects.get(username="analyst")
    overview_made = create_overview(by=analyst, spec=DEMO, file="demo.yaml", now=NOON)
    freeze_overview(by=analyst, overview=overview_made, now=NOON)
    stored_edition(overview_made.snapshots.get(), by=analyst)


def test_every_example_of_the_manual_runs(demo, monkeypatch, tmp_path):
    monkeypatch.setattr(api, "open_data", lambda folder: None)
    names: dict[str, object] = {}
    assert len(EXAMPLES) == 12
    for number, example in enumerate(EXAMPLES, start=1):
        file = tmp_path / f"example_{number}.py"
        file.write_text(example, "utf-8")
        names = runpy.run_path(str(file), init_globals=names)


LIBRARY = (
    *(api.reviews, api.children, api.judgements, api.judgement_quotes, api.codings),
    *(api.review_codes, api.recommendations, api.dictionary, api.briefings, api.answers),
    *(api.briefing_statements, api.briefing_uses, api.alert_items),
)


def test_without_a_library_every_table_of_one_gives_the_same_clear_error(monkeypatch):
    monkeypatch.setattr(apps, "ready", False)
    for table in (
        *LIBRARY,
        lambda: api.overview_table("demo", "T3"),
        lambda: api.check_references("Text"),
    ):
        with pytest.raises(api.WaymarkError, match=r"no library is open: call open_data\(\)"):
            table()


def test_a_notebook_opens_a_data_folder(tmp_path):
    """With an event loop around it, as notebooks have."""
    code = f"""
import asyncio
from waymark import api

async def cell():
    api.open_data({str(tmp_path / "library")!r})
    try:
        api.reviews()
    except api.WaymarkError as error:
        print(error)

asyncio.run(cell())
"""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("WAYMARK_")}
    waymark = Path(sys.executable).with_name("waymark")
    library = [waymark, "--data", new_installation(tmp_path / "library")]
    subprocess.run([*library, "migrate"], env=environment, capture_output=True, check=True)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout == "no framework is published yet: load one first\n", done.stderr


def test_a_folder_without_an_installation_is_not_opened_and_nothing_is_made_in_it(tmp_path):
    code = f"from waymark import api; api.open_data({str(tmp_path)!r})"
    outside = ("WAYMARK_", "DATABASE_URL")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(outside)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert f"there is no installation in {tmp_path}" in done.stderr
    assert list(tmp_path.iterdir()) == []
