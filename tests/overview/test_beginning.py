"""Beginning an overview: the text of another with other names, its comments kept."""

from datetime import date

import pytest
import yaml

from tests.factories import NOON
from tests.overview.rows import DEMO_SPEC, framework, spec
from waymark.core.errors import SpecError
from waymark.core.placeholders import find_placeholders
from waymark.frameworks.services import builtin_frameworks, load_framework, publish_framework
from waymark.overview.queries.templates import installed_specs
from waymark.overview.spec.check import checked_overview
from waymark.overview.spec.template import (
    EVERYTHING,
    NewOverview,
    builtin_specs,
    new_specification,
    with_parts,
)

TODAY = date(2026, 5, 4)


def test_the_overview_that_comes_with_waymark_has_every_table_and_figure_of_the_demo():
    ours, demos = (yaml.safe_load(item) for item in (builtin_specs()[EVERYTHING], DEMO_SPEC))
    for part in ("tables", "figures", "logic", "points"):
        assert ours[part] == demos[part]


def test_the_overview_that_comes_with_waymark_fits_its_framework_and_nobody_decided_on_it():
    read = checked_overview(builtin_specs()[EVERYTHING], framework(), file="it.yaml")
    assert [table.id for table in read.tables] == [f"T{n}" for n in range(1, 19)]
    assert read.disclosure.proposed


def test_a_copy_has_its_own_names_and_keeps_all_else_with_its_comments():
    new = NewOverview("mine", "A title: with a colon # and more", place="Derry", period="2001")
    result = new_specification(builtin_specs()[EVERYTHING], new, today=TODAY)
    read = checked_overview(result, framework(), file="mine.yaml")
    assert (read.overview, read.title) == ("mine", "A title: with a colon # and more")
    assert (read.place, read.period) == ("Derry", "2001")
    changed = set(builtin_specs()[EVERYTHING].split("\n")) - set(result.split("\n"))
    assert changed == {
        "overview: new-overview",
        "title: Learning from case reviews",
        "place: Place",
        "period: Period",
    }


def test_a_copy_can_ask_for_other_reviews():
    query = "theme:neglect year:2004-2006"
    result = new_specification(
        DEMO_SPEC, NewOverview("mine", "Mine", select={"query": query}), today=TODAY
    )
    read = spec(result)
    assert (read.select.query, read.select.collection) == (query, None)
    assert read.tables == spec().tables


def test_what_was_decided_for_one_overview_is_only_proposed_for_its_copy():
    decision = spec(
        new_specification(DEMO_SPEC, NewOverview("mine", "Mine"), today=TODAY)
    ).disclosure
    assert (decision.profile, decision.proposed, decision.decided) == ("open", True, TODAY)
    assert decision.controller == "Not yet named"
    assert "Copied from demo" in decision.reason
    assert find_placeholders(decision.reason)


def test_a_part_that_is_not_there_is_put_in_front():
    assert with_parts("b: 1\n", {"a": [1, 2]}) == "a:\n- 1\n- 2\nb: 1\n"


def test_comments_before_the_next_name_stay_where_they_are():
    source = "a:\n  x: 1\n\n# about b\nb: 2 # two\n# the end\n"
    assert with_parts(source, {"a": 3, "b": 4}) == "a: 3\n\n# about b\nb: 4\n# the end\n"


def test_names_that_do_not_begin_a_line_cannot_be_taken_apart():
    with pytest.raises(SpecError, match="start each name on a new line"):
        with_parts("{a: 1, b: 2}", {"a": 3})


@pytest.mark.django_db
def test_facts_asked_only_where_a_service_was_in_contact_are_left_out_of_what_reports_leave_out():
    leave_out = {}
    for file in sorted(builtin_frameworks(), key=lambda file: file.name):
        core = load_framework(by=None, source=file.read_text("utf-8"), file=file.name, now=NOON)
        publish_framework(by=None, framework=core, now=NOON)
        read = yaml.safe_load(installed_specs()[EVERYTHING])
        assert read["framework"] == str(core)
        (silence,) = [table for table in read["tables"] if table["kind"] == "silence"]
        leave_out[core.version] = silence.get("leave_out")
    # The first version of the framework has no such facts.
    assert leave_out == {"1.0.0": None, "1.1.0": ["contact_with", "contact_when"]}
