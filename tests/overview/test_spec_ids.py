"""Ids that would name two things in a specification are reported with the line and a remedy."""

import pytest

from tests.overview.small import FRAMEWORK
from waymark.core.errors import SpecError
from waymark.overview.spec.check import checked_overview

SPEC = """\
overview: small
title: Small
subtitle: For tests
framework: adult-core 2.0.0
place: Nowhere
period: 2001 to 2003
select: SELECT
disclosure: {profile: open, controller: A controller, reason: Public., decided: 2026-01-02}
tables:
  - id: T1
    kind: crosstab
    title: One
    blocks:
      - id: only
        title: One
        unit: UNIT
        base: all
        all_label: All
        rows:
          ROWS
  - {id: T2, kind: states, title: Factors, group: factors, show: SHOW}
  - {id: T3, kind: themes, title: Themes, of: {codes: CODES}}
"""
GOOD = {
    "SELECT": "{reviews: [R1, R2], exclude: [{review: R2, reason: Lost.}]}",
    "UNIT": "review",
    "ROWS": "{variable: cause, groups: [{id: d, label: D, deaths: true}]}",
    "SHOW": "[recorded]",
    "CODES": "[th.visits]",
}
FIRST = "{{id: {0}, label: A, from: 0, to: 9}}"
AGES = f"{{{{variable: age, bands: [{FIRST}, {{{{id: {{1}}, label: B, from: 10}}}}]}}}}"
GROUPS = "{{variable: cause, groups: [{{id: {0}, label: A, {1}}}, {{id: {2}, label: B, {3}}}]}}"
FIRE, FALL = "values: [fire]", "values: [fall]"


def faults(**changes):
    source = SPEC
    for name, text in (GOOD | changes).items():
        source = source.replace(name, text)
    try:
        checked_overview(source, FRAMEWORK, file="small.yaml")
    except SpecError as error:
        return [str(fault) for fault in error.faults]
    return []


def test_a_spec_in_which_every_name_stands_for_one_thing_fits():
    assert faults() == []


@pytest.mark.parametrize(
    ("unit", "rows", "message"),
    [
        ("child", AGES.format("a", "a"), "a is used twice: give each a different id"),
        ("child", AGES.format("a", "all"), "all is reserved for tables: choose another id"),
        ("child", AGES.format("outside", "b"), "outside is reserved for tables"),
        ("child", AGES.format("a", "not_recorded"), "not_recorded is already a row or column"),
        ("review", GROUPS.format("a", FIRE, "a", FALL), "a is used twice"),
        ("review", GROUPS.format("n", FIRE, "b", FALL), "n is reserved for tables"),
        ("review", GROUPS.format("harm", FIRE, "b", FALL), "harm is already a row or column"),
        (
            "review",
            GROUPS.format("unknown", FIRE, "b", "rest: true"),
            "unknown is already a row or column: choose another id",
        ),
        (
            "review",
            GROUPS.format("a", "rest: true", "b", "rest: true"),
            "b: only one group can have rest",
        ),
        (
            "review",
            "{variable: cause, subtotals: [{id: fire, label: F, values: [fire, fall]}]}",
            "fire is already a row or column: choose another id",
        ),
    ],
)
def test_rows_of_one_id_are_told_at_their_line(unit, rows, message):
    (fault,) = faults(UNIT=unit, ROWS=rows)
    assert fault.startswith(f"line 20: {message}")


def test_a_group_may_have_the_name_of_a_value_that_it_holds():
    assert faults(ROWS=GROUPS.format("fire", FIRE, "harm", "rest: true")) == []


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SHOW", "[percent, percent]", "line 21: percent is listed twice"),
        ("SHOW", "[]", "line 21: T2: list at least one column in show"),
        ("CODES", "[th.visits, th.visits]", "line 22: th.visits is listed twice"),
        ("SELECT", "{reviews: [R1, R1]}", "line 7: R1 is listed twice"),
        (
            "SELECT",
            "{collection: c, exclude: [{review: R2, reason: A.}, {review: R2, reason: B.}]}",
            "line 7: R2 is excluded twice",
        ),
    ],
)
def test_what_is_listed_twice_is_told_at_its_line(name, value, message):
    assert faults(**{name: value}) == [message]
