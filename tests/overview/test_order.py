"""The order of rows: as the framework has them, by size, or as they are listed."""

import pytest

from tests.overview.rows import DEMO_SPEC, fixture_rows, framework, spec
from tests.overview.small import FRAMEWORK, SPEC_YAML, rows
from waymark.core.errors import SpecError
from waymark.overview.disclosure.protect import protect_release
from waymark.overview.disclosure.release_plan import plan_of
from waymark.overview.spec.check import checked_overview
from waymark.overview.tables.tabulate import tabulate

CATEGORY = "    title: Recommendations by category and for whom\n"
BY_AGE = "    title: Children by age and whether they died\n"


def ids(source, table, profile="open"):
    if profile == "open":
        tables_counted = tabulate(fixture_rows(source), spec(source), framework())
    else:
        plan = plan_of(fixture_rows(source), spec(source), framework())
        tables_counted = [item.table for item in protect_release(plan, profile=profile).tables]
    return [row.id for item in tables_counted if item.id == table for row in item.rows]


def test_rows_by_size_have_the_largest_first_and_what_is_not_known_and_totals_last():
    """Under 1: 10, then 11, 8, 8, 5; of unknown age 3."""
    source = DEMO_SPEC.replace(BY_AGE, BY_AGE + "    order: count\n")
    assert ids(source, "T5") == [
        "from_1_to_5",
        "under_1",
        "from_6_to_10",
        "from_11_to_15",
        "from_16_to_17",
        "not_recorded",
        "all",
    ]


def test_under_a_profile_the_order_is_of_what_is_printed():
    source = (
        DEMO_SPEC.replace(
            "          variable: nature\n          subtotals:\n"
            "            - {id: deaths, label: All reviews of a death, deaths: true}\n"
            "        percent: true\n",
            "          variable: nature\n        percent: true\n",
        )
        .replace("{T3/deaths/n} of the ", "")
        .replace(
            "    title: Nature of the incident\n    blocks:",
            "    title: Nature of the incident\n    order: count\n    blocks:",
        )
    )
    # Suicide or accident 8, then other 6; assault 4 and infant death 6 are withheld.
    assert ids(source, "T3", "k5") == [
        "suicide_or_accident",
        "other",
        "assault",
        "infant_death",
        "all",
    ]


def test_codes_that_are_listed_keep_their_order():
    source = SPEC_YAML.replace(
        "title: Themes, of: {themes: true}}",
        "title: Themes, order: listed, of: {codes: [th.letters, th.visits.late, th.visits]}}",
    )
    tables_counted = tabulate(rows(), checked_overview(source, FRAMEWORK, file="s"), FRAMEWORK)
    (themes,) = [table for table in tables_counted if table.id == "T10"]
    assert [row.id for row in themes.rows] == ["th.letters", "th.visits.late", "th.visits"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    title: Cause\n", "    title: Cause\n    order: count\n", "cause has subtotals"),
        (
            "title: Themes, of: {themes: true}}",
            "title: Themes, order: listed, of: {themes: true}}",
            "order: listed needs codes that are listed in of.codes",
        ),
    ],
)
def test_an_order_that_cannot_be_is_told(old, new, message):
    with pytest.raises(SpecError, match=message):
        checked_overview(SPEC_YAML.replace(old, new, 1), FRAMEWORK, file="small.yaml")
