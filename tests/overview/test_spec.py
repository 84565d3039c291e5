"""The YAML of an overview: what is wrong is told with its line."""

import pytest

from tests.overview.rows import spec
from tests.overview.small import FRAMEWORK, SPEC_YAML
from waymark.core.errors import SpecError
from waymark.overview.spec_check import checked_overview


def faults(source):
    with pytest.raises(SpecError) as told:
        checked_overview(source, FRAMEWORK, file="small.yaml")
    return [str(fault) for fault in told.value.faults]


def line_of(words):
    return 1 + SPEC_YAML.split(words)[0].count("\n")


def test_the_spec_of_the_demo_fits_the_framework_that_comes_with_waymark():
    assert [table.id for table in spec().tables] == [f"T{n}" for n in range(1, 15)]
    assert [figure.id for figure in spec().figures] == [f"F{n}" for n in range(1, 9)]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("rows: {variable: year}", "rows: {variable: month}", "there is no variable month"),
        ("rows: {variable: year}", "rows: {variable: fate}", "fate is a fact about children"),
        ("group: agencies}", "group: factors}", "there is no group factors of contact variables"),
        ("any_of: [fac.alone]", "any_of: [fac.warm]", "there is no variable fac.warm"),
        ("any_of: [fac.alone]", "any_of: [cause]", "cause is not a factor with states"),
        ("kind: flow, table: T1", "kind: flow, table: T9", "cannot be drawn of a cooccurrence"),
        ("kind: flow, table: T1", "kind: flow, table: T99", "there is no table T99"),
        ("from: 600}", "from: 599}", "bands must rise and not overlap"),
        ("period: 2001 to 2003", "periode: 2001", "is not known here"),
        ("{id: T10, kind: themes", "{id: T9, kind: themes", "T9 stands here twice"),
        ("count: children", "variable: cause", "a median needs rows that count children"),
        (
            "label: Other, rest: true}",
            "label: Other, values: [fire]}",
            "a value stands in two groups",
        ),
    ],
)
def test_what_does_not_fit_the_framework_is_told_at_its_line(old, new, says):
    told = faults(SPEC_YAML.replace(old, new, 1))
    assert any(says in fault for fault in told), told
    assert all(fault.startswith("line ") for fault in told)


def test_a_fault_inside_a_table_is_told_at_its_own_line_not_the_tables():
    (fault,) = faults(SPEC_YAML.replace("title: Years\n", "title: 7\n"))
    assert fault == f"line {line_of('    title: Years')}: title: must be text"


def test_a_kind_of_table_that_is_not_there_is_told():
    (fault,) = faults(SPEC_YAML.replace("kind: themes", "kind: cloud"))
    assert fault.startswith(f"line {line_of('- {id: T10')}")
    assert "cloud" in fault


def test_collection_and_reviews_exclude_each_other():
    (fault,) = faults(SPEC_YAML.replace("collection: small", "collection: small\n  reviews: [A1]"))
    assert "say one of collection, reviews and query" in fault


def test_another_version_of_the_framework_is_not_taken_for_this_one():
    (fault,) = faults(SPEC_YAML.replace("adult-core 2.0.0", "adult-core 2.0.1"))
    assert "the overview is about adult-core 2.0.1, the framework is adult-core 2.0.0" in fault


def test_the_decision_on_disclosure_needs_a_name_a_reason_and_a_date():
    told = faults(SPEC_YAML.replace("controller: A controller, reason: All is public., ", ""))
    assert [fault.split(": ", 1)[1] for fault in told] == [
        "controller: is missing",
        "reason: is missing",
    ]
