"""Every example of docs/spec.md is read, counted on the shared fixture, and means what is said."""

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.overview.rows import fixture_rows, framework
from tests.overview.small import values
from tests.publishing.small_release import EDITION, PROVENANCE
from waymark.overview.releases.release import Release, make_release
from waymark.overview.spec.check import checked_overview
from waymark.overview.spec.template import EVERYTHING, builtin_specs, with_parts
from waymark.publishing.document.predictive_value import PredictiveAnswer, panel_answer
from waymark.publishing.document.render import plain_document

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "spec.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.M | re.S)


@cache
def release(number: int) -> Release:
    """An example put into the overview that comes with Waymark, counted and drawn."""
    parts = yaml.safe_load(EXAMPLES[number])
    if "tables" in parts:
        parts = {"points": [], "logic": [], "figures": []} | parts
    source = with_parts(builtin_specs()[EVERYTHING], parts)
    read = checked_overview(source, framework(), file="spec.md")
    return make_release(
        fixture_rows(source), read, framework(), profile="open", provenance=PROVENANCE
    )


def of_table(name: str) -> Release:
    """The example that has a table of this id first."""
    return release(next(n for n, one in enumerate(EXAMPLES) if f"- id: {name}" in one))


def table(name, *columns):
    return values(of_table(name).table(name).table, *columns)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_example_can_be_counted_and_rendered(number):
    assert plain_document(release(number), EDITION).nodes


def test_there_is_an_example_of_everything_that_can_be_chosen():
    keys = set(re.findall(r"(\w+):", "\n".join(EXAMPLES)))
    assert keys >= {
        "query", "exclude", "sample_of", "variable", "codes", "rows", "columns", "base", "where",
        "bands", "groups", "subtotals", "recodes", "order", "title", "notes", "intro", "label",
        "tables", "figures", "parts", "predictive_value", "disclosure",
    }  # fmt: skip


def test_a_table_by_size_with_its_shares():
    assert table("T20", "n", "percent") == {
        "suicide_or_accident": ("8", "33"),
        "infant_death": ("6", "25"),
        "other": ("6", "25"),
        "assault": ("4", "17"),
        "all": ("24", "100"),
    }


def test_groups_in_an_order_and_in_words_of_one_s_own():
    assert table("T21", "n") == {
        "violence": ("4",),
        "other_deaths": ("14",),
        "others": ("6",),
        "all": ("24",),
    }


def test_bands_columns_and_another_base():
    """Under 1: 10, of whom 7 died; 45 in all, of whom 18; of unknown age 3, none died."""
    found = table("T22", "died", "did_not_die", "n")
    assert found["age.infants"] == ("7", "3", "10")
    assert found["age.older"] == ("11", "21", "32")
    assert found["age.not_recorded"] == ("0", "3", "3")
    assert found["subjects.all"][-1] == "30"


def test_layers_are_the_table_of_all_once_more_for_each_value_of_a_third_fact():
    """As T22, of all and of the children of each nature of incident: the layers add up to it."""
    found = table("T35", "died", "did_not_die", "n")
    assert found["age.infants"] == ("7", "3", "10")
    natures = ("suicide_or_accident", "infant_death", "other", "assault")
    for row in ("infants", "older", "not_recorded", "all"):
        layers = [map(int, found[f"age_{nature}.{row}"]) for nature in natures]
        assert (
            tuple(str(sum(numbers)) for numbers in zip(*layers, strict=True)) == found[f"age.{row}"]
        )


def test_codes_in_the_order_of_the_list_and_by_another_fact():
    assert list(table("T23", "n").items()) == [
        ("prac.communication", ("21",)),
        ("prac.assessment", ("22",)),
    ]
    made = values(of_table("T23").table("T24").table)
    assert made["prac.communication"] == ("3", "5", "8", "16", "5")


def test_factors_with_the_columns_that_were_chosen():
    (number,) = [n for n, one in enumerate(EXAMPLES) if "id: T25" in one]
    made = release(number).table("T25").table
    assert [one.id for one in made.columns] == ["recorded", "percent", "not_mentioned"]
    assert values(made, "recorded", "percent")["fac.domestic_violence"] == ("13", "54")
    assert made.rows[0].id == "fac.parental_mental_health"


def test_figures_of_a_table_of_one_s_own():
    (number,) = [n for n, one in enumerate(EXAMPLES) if "id: F20" in one]
    years, parts = release(number).figures
    assert years.text.startswith(
        "2005, 2006 and 2008 have the largest number: 5 of 24 reviews each."
    )
    assert parts.text.startswith(
        "2005, 2006 and 2008 are the largest groups: 5 of 24 reviews each."
    )


def test_the_share_of_a_sample_has_the_interval_that_is_told():
    (number,) = [n for n, one in enumerate(EXAMPLES) if "sample_of" in one]
    made = release(number).table("T3").table
    assert values(made, "percent", "interval_lower", "interval_upper")["deaths"] == (
        "75",
        "61",
        "85",
    )


def test_the_panel_is_on_where_both_numbers_are_given():
    (number,) = [n for n, one in enumerate(EXAMPLES) if "predictive_value" in one]
    found = panel_answer(release(number))
    assert isinstance(found, PredictiveAnswer)
    assert (found.one_in, found.one_in_population) == (3692, 4000)
