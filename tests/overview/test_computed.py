"""A computed variable is counted like any other, but not beside its source under protection."""

import pytest

from tests.frameworks.test_version_1_1 import ALONE
from waymark.core.errors import SpecError
from waymark.frameworks.schema import read_framework
from waymark.overview.spec.check import checked_overview

FRAMEWORK = read_framework(ALONE, file="small.yaml")
SPEC = """\
overview: again
title: Reviews
subtitle: A test
about: [A table.]
framework: small 1.1.0
place: Northern Ireland
period: 2003 to 2005
select: {collection: demo}
disclosure: {profile: r5, controller: Ann Example, reason: A test, decided: 2026-01-12}
tables:
- id: T1
  kind: crosstab
  title: Reviews by nature
  blocks:
  - {id: a, title: A, unit: review, base: reviews, rows: {variable: group4}, all_label: All}
"""
BESIDE = """\
- id: T2
  kind: crosstab
  title: Reviews by trigger
  blocks:
  - {id: b, title: B, unit: review, base: reviews, rows: {variable: trigger}, all_label: All}
"""


def faults(source):
    try:
        checked_overview(source, FRAMEWORK, file="spec.yaml")
    except SpecError as error:
        return [str(fault) for fault in error.faults]
    return []


def test_a_computed_variable_alone_is_counted():
    assert faults(SPEC) == []


def test_a_computed_variable_beside_its_source_is_refused_under_protection():
    (fault,) = faults(SPEC + BESIDE)
    assert fault.startswith("line 11: T1 counts by group4, which is computed from trigger, and T2")
    assert faults((SPEC + BESIDE).replace("profile: r5", "profile: open")) == []


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("impairment", "impairment is of the type categories and cannot be counted"),
        ("age_of_adult", "age_of_adult is a fact about adults: adults are not counted in tables"),
    ],
)
def test_several_values_and_facts_about_adults_are_not_counted_in_tables(rows, says):
    found = faults(SPEC.replace("variable: group4", f"variable: {rows}"))
    assert any(says in fault for fault in found), found


def test_a_condition_on_several_values_is_refused():
    where = "where: {variable: impairment, values: [hearing]}, unit: child"
    found = faults(SPEC.replace("unit: review", where).replace("group4", "impairment"))
    assert any("has several values and cannot be a condition" in fault for fault in found), found
