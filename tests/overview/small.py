"""A small framework, spec and set of rows, small enough to count by hand."""

from functools import lru_cache

from waymark.core.evidence import (
    ChildRow,
    CodeRow,
    DoubleCoded,
    JudgementRow,
    Quote,
    RecommendationRow,
)
from waymark.frameworks.schema import read_framework
from waymark.overview.snapshot.rows import FrozenRows, ReviewRow, freeze_rows
from waymark.overview.spec.check import checked_overview
from waymark.overview.tables.tabulate import tabulate

FRAMEWORK_YAML = """\
framework: adult-core
version: 2.0.0
title: Learning from adult reviews
language: en-GB
licence: CC-BY-4.0
variables:
  - {id: year, name: Year, definition: Year of the review., level: review, type: year}
  - id: cause
    name: Cause
    definition: Why the review was held.
    level: review
    type: category
    values:
      - {value: fire, label: Fire, death: true}
      - {value: fall, label: Fall, death: true}
      - {value: harm, label: Harm}
      - {value: unknown, label: Not known, unknown: true}
  - {id: fac.cold, name: Cold home, definition: Cold., level: review, type: state, group: factors}
  - id: fac.alone
    name: Living alone
    definition: Alone.
    level: review
    type: state
    group: factors
  - {id: ag.nurse, name: Nurse, definition: Visited., level: review, type: contact, group: agencies}
  - {id: age, name: Age, definition: Age., level: child, type: age}
  - id: fate
    name: Fate
    definition: What happened.
    level: child
    type: category
    values:
      - {value: died, label: Died, death: true}
      - {value: lives, label: Lives}
sections:
  - {id: themes, name: Themes}
codes:
  - {id: th.visits, name: Visits, section: themes, definition: Visits., theme: 1}
  - {id: th.visits.late, name: Late visits, section: themes, definition: Late., parent: th.visits}
  - {id: th.letters, name: Letters, section: themes, definition: Letters., theme: 2}
recommendations:
  categories: [{value: visits, label: Visit more}, {value: rules, label: Rules}]
  audiences: [{value: nurses, label: Nurses}, {value: council, label: Council}]
"""
FRAMEWORK = read_framework(FRAMEWORK_YAML, file="adult-core.yaml")

SPEC_YAML = """\
overview: small
title: A small overview
subtitle: For tests
framework: adult-core 2.0.0
place: Nowhere
period: 2001 to 2003
points:
  - "Of {T3/all/n} reviews, {T3/deaths/n} followed a death."
select:
  collection: small
disclosure: {profile: open, controller: A controller, reason: All is public., decided: 2026-01-02}
tables:
  - {id: T1, kind: flow, title: Flow}
  - id: T2
    kind: crosstab
    title: Years
    blocks:
      - id: year
        title: Year
        unit: review
        base: reviews
        rows: {variable: year}
        columns:
          variable: cause
          groups:
            - {id: death, label: Death, deaths: true}
            - {id: other, label: Other, rest: true}
        all_label: All years
  - id: T3
    kind: crosstab
    title: Cause
    blocks:
      - id: cause
        title: Cause
        unit: review
        base: reviews
        rows: {variable: cause, subtotals: [{id: deaths, label: Deaths, deaths: true}]}
        percent: true
        all_label: All reviews
  - id: T4
    kind: crosstab
    title: People
    all_first: true
    blocks:
      - id: people
        title: Reviews by people
        unit: review
        base: reviews
        rows:
          count: children
          shown_by: fate
          bands: [{id: one, label: One, from: 1, to: 1}, {id: more, label: 2 or more, from: 2}]
        median: Median
        all_label: All reviews
      - id: ages
        title: People by age
        unit: child
        base: people
        rows:
          variable: age
          bands:
            - {id: young, label: Under 50, from: 0, to: 599}
            - {id: old, label: 50 or more, from: 600}
        columns:
          variable: fate
          groups: [{id: died, label: Died, deaths: true}, {id: lives, label: Lives, rest: true}]
        all_label: All people
  - {id: T7, kind: contacts, title: Services, group: agencies}
  - id: T8
    kind: states
    title: Factors
    group: factors
    show:
      [recorded, percent, lower, upper, present, suspected, stated_absent, not_mentioned, unclear]
  - id: T9
    kind: cooccurrence
    title: Together
    of: [{label: Cold home, any_of: [fac.cold]}, {label: Living alone, any_of: [fac.alone]}]
  - {id: T10, kind: themes, title: Themes, of: {themes: true}}
  - {id: T14, kind: agreement, title: Agreement, of: {themes: true}}
figures:
  - {id: F1, kind: flow, table: T1, title: Flow}
  - {id: F2, kind: columns, table: T2, column: n, title: Years}
  - {id: F3, kind: bars, table: T3, column: n, title: Cause}
  - {id: F5, kind: ranges, table: T8, title: Factors}
  - {id: F6, kind: dots, table: T10, column: n, title: Themes}
"""
SPEC = checked_overview(SPEC_YAML, FRAMEWORK, file="small.yaml")


def quote(review: str, at: int) -> Quote:
    report = f"{int(review[1:]):012x}"
    return Quote(report, at, at + 10, 1, f"words at {at}")


def key(review: str, at: int) -> str:
    return quote(review, at).key


def judged(review: str, variable: str, value: str, at: int | None = None, child: int | None = None):
    quotes = () if at is None else (quote(review, at),)
    return JudgementRow(review, child, variable, value, "sole", quotes)


ALL_FIVE = ("specific", "measurable", "achievable", "relevant", "timed")


def asked(review, number, category, audience, status, impact, *, smart=(), overdue=False):
    quotes = (quote(review, 900 + 20 * number),)
    return RecommendationRow(
        review, number, category, audience, tuple(smart), status, impact, overdue, quotes
    )


def rows() -> FrozenRows:
    """A1 to A4 are counted, A5 was not obtained, A6 was excluded, A7 is not coded yet.

    A1: 2001, fire, cold present, alone suspected; two people of 30 and 70 years, the older died.
    A2: 2001, fall, cold stated absent, alone not mentioned; one person of 50 years, died.
    A3: 2003, harm, cold not mentioned, alone unclear; one person of unknown age, lives.
    A4: 2003, cause not known, cold present, alone never judged; three people, one judged by age.
    Recommendations: three of A1, the last overdue; two of A3, the second about something that the
    framework does not list and of which nothing was told.
    """
    return freeze_rows(
        framework="adult-core 2.0.0",
        framework_sha256="f" * 64,
        spec=SPEC_YAML,
        reviews=[
            *(ReviewRow(f"A{n}", f"Review A{n}", True, True) for n in (4, 2, 3, 1)),
            ReviewRow("A5", "Review A5", False, False),
            ReviewRow("A6", "Review A6", True, True, "a summary only"),
            ReviewRow("A7", "Review A7", True, False),
        ],
        children=[
            ChildRow("A1", 1, "Person A"),
            ChildRow("A1", 2, "Person B"),
            ChildRow("A2", 1, "Person C"),
            ChildRow("A3", 1, "Person D"),
            *(ChildRow("A4", n, f"Person E{n}") for n in (1, 2, 3)),
            ChildRow("A6", 1, "Person F"),
        ],
        judgements=[
            judged("A1", "year", "2001", 10),
            judged("A1", "cause", "fire", 20),
            judged("A1", "fac.cold", "present", 30),
            judged("A1", "fac.alone", "suspected", 40),
            judged("A1", "ag.nurse", "in_contact", 50),
            judged("A1", "age", "360", 60, child=1),
            judged("A1", "fate", "lives", 70, child=1),
            judged("A1", "age", "840", 80, child=2),
            judged("A1", "fate", "died", 90, child=2),
            judged("A2", "year", "2001", 10),
            judged("A2", "cause", "fall", 20),
            judged("A2", "fac.cold", "stated_absent", 30),
            judged("A2", "fac.alone", "not_mentioned"),
            judged("A2", "ag.nurse", "not_mentioned"),
            judged("A2", "age", "600", 60, child=1),
            judged("A2", "fate", "died", 70, child=1),
            judged("A3", "year", "2003", 10),
            judged("A3", "cause", "harm", 20),
            judged("A3", "fac.cold", "not_mentioned"),
            judged("A3", "fac.alone", "unclear", 40),
            judged("A3", "ag.nurse", "no_contact", 50),
            judged("A3", "age", "", child=1),
            judged("A3", "fate", "lives", 70, child=1),
            judged("A4", "year", "2003", 10),
            judged("A4", "cause", "unknown", 20),
            judged("A4", "fac.cold", "present", 30),
            judged("A4", "ag.nurse", "in_contact", 50),
            judged("A4", "age", "599", 60, child=1),
            judged("A4", "fate", "lives", 70, child=1),
            judged("A4", "fate", "lives", 80, child=2),
            judged("A4", "fate", "died", 90, child=3),
            judged("A6", "cause", "fire", 20),
        ],
        codes=[
            CodeRow("A1", "th.visits", True, "both", (quote("A1", 200), quote("A1", 300))),
            CodeRow("A1", "th.visits.late", True, "both", (quote("A1", 300), quote("A1", 400))),
            CodeRow("A2", "th.visits.late", True, "sole", (quote("A2", 200),)),
            CodeRow("A2", "th.letters", True, "sole", (quote("A2", 300),)),
            CodeRow("A3", "th.visits", False, "sole", ()),
        ],
        double_coded=[
            DoubleCoded("A1", frozenset({"th.visits"}), frozenset({"th.visits.late"})),
            DoubleCoded("A2", frozenset({"th.visits", "th.letters"}), frozenset({"th.letters"})),
        ],
        recommendations=[
            asked("A1", 1, "visits", "nurses", "complete", "practice_change", smart=ALL_FIVE),
            asked("A1", 2, "visits", "council", "complete", "activity_only"),
            asked("A1", 3, "rules", "council", "in_progress", "no_evidence", overdue=True),
            asked("A3", 1, "rules", "council", "in_progress", "no_evidence", smart=("timed",)),
            asked("A3", 2, "forms", "council", "", ""),
            asked("A6", 1, "rules", "council", "complete", "no_evidence"),
        ],
    )


@lru_cache(maxsize=4)
def tables(frozen_rows: FrozenRows | None = None):
    """The tables of the small spec, by id."""
    tables_counted = tabulate(frozen_rows or rows(), SPEC, FRAMEWORK)
    return {table.id: table for table in tables_counted}


def values(table, *columns: str) -> dict[str, tuple[object, ...]]:
    """Row id -> what is printed in the columns, all where none is named."""
    column_ids = columns or [column.id for column in table.columns]
    return {
        row.id: tuple(table.cell(row.id, name).shown for name in column_ids) for row in table.rows
    }
