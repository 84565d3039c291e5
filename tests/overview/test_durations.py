"""How long reviews took, and facts about their conduct that a framework may not record yet."""

import re
from dataclasses import replace
from datetime import date

import pytest

from tests.overview.small import FRAMEWORK_YAML, SPEC_YAML, judged, rows, values
from waymark.core.errors import SpecError
from waymark.frameworks.schema import read_framework
from waymark.overview.disclosure.protect import protect_release
from waymark.overview.disclosure.release_plan import plan_of
from waymark.overview.snapshot.durations import months_to_publication, months_to_report
from waymark.overview.spec.check import checked_overview
from waymark.overview.tables.tabulate import tabulate

TIMES = """  - id: T17
    kind: crosstab
    title: How long reviews took, and who took part
    blocks:
      - id: report
        title: Months to the report
        unit: review
        base: reviews
        rows:
          count: months_to_report
          bands: [{id: fast, label: Under 9, from: 0, to: 8}, {id: slow, label: 9 or more, from: 9}]
        least: Shortest
        median: Median
        most: Longest
        all_label: All
      - id: public
        title: Months to publication
        unit: review
        base: reviews
        rows: {count: months_to_publication, bands: [{id: any, label: Any, from: 0}]}
        all_label: All
      - id: family
        title: Family took part
        unit: review
        base: reviews
        rows: {variable: family_took_part}
        all_label: All
        optional: true
"""
FRAMEWORK = read_framework(FRAMEWORK_YAML, file="adult-core.yaml")
LATER = read_framework(
    FRAMEWORK_YAML.replace("version: 2.0.0", "version: 2.1.0").replace(
        "sections:",
        "  - id: family_took_part\n    name: Family took part\n    definition: In the review.\n"
        "    level: review\n    type: category\n    values: [{value: 'yes', label: Took part},"
        " {value: invited, label: Invited}, {value: not_stated, label: Not stated,"
        " unknown: true}]\nsections:",
        1,
    ),
    file="adult-core.yaml",
)  # fmt: skip


@pytest.mark.parametrize(
    ("period", "completed", "months"),
    [
        ("July 2001 to October 2002", date(2003, 10, 17), 12),
        ("July 2001 to October 2002, with earlier history", date(2002, 10, 31), 0),
        ("from May 1999 to december 2000", date(2001, 1, 1), 1),
        ("March 2004", date(2004, 12, 1), 9),
        ("2001 to 2002", date(2003, 10, 17), None),
        ("May 2001 to 2002", date(2003, 10, 17), None),
        ("", date(2003, 10, 17), None),
        ("July 2001 to October 2002", None, None),
        ("July 2001 to October 2003", date(2003, 9, 30), None),
    ],
)
def test_months_are_counted_from_the_last_month_of_the_period_to_that_of_completion(
    period, completed, months
):
    assert months_to_report(period, completed) == months


def test_months_to_publication_are_counted_from_completion():
    assert months_to_publication(date(2003, 10, 17), date(2004, 2, 3)) == 4
    assert months_to_publication(date(2003, 10, 17), None) is None
    assert months_to_publication(None, date(2004, 2, 3)) is None
    assert months_to_publication(date(2003, 10, 17), date(2003, 9, 1)) is None


def spec(framework=FRAMEWORK, times=TIMES):
    source = SPEC_YAML.replace("\nfigures:\n", f"\n{times}figures:\n", 1)
    source = source.replace("adult-core 2.0.0", f"adult-core {framework.version}")
    return checked_overview(source, framework, file="small.yaml")


def timed():
    """A1 took 4 months, A2 14 and A3 9; of A4 none are known. A6 is not counted."""
    months = {"A1": (4, 3), "A2": (14, None), "A3": (9, 0), "A6": (99, 99)}
    reviews = (
        replace(row, months_to_report=to[0], months_to_publication=to[1])
        for row in rows().reviews
        for to in (months.get(row.reference, (None, None)),)
    )
    judgements = (*rows().judgements, judged("A1", "family_took_part", "yes", 600))
    return replace(rows(), reviews=tuple(reviews)), judgements


def test_a_number_of_a_review_is_counted_in_bands_and_one_that_is_not_given_has_its_own_row():
    """Of four reviews A1 names 9 members of staff and A2 names 10; A3 gives no number."""
    source = FRAMEWORK_YAML.replace("version: 2.0.0", "version: 2.2.0").replace(
        "sections:",
        "  - {id: staff, name: Staff, definition: Met., level: review, type: number}\nsections:",
        1,
    )
    framework = read_framework(source, file="adult-core.yaml")
    block = """  - id: T17
    kind: crosstab
    title: Who took part
    blocks:
      - id: staff
        title: Staff
        unit: review
        base: reviews
        rows: {variable: staff, bands: [{id: few, label: Few, from: 0, to: 9}, {id: many, label: Many, from: 10}]}
        all_label: All
"""  # noqa: E501
    met = [
        judged("A1", "staff", "9", 1),
        judged("A2", "staff", "10", 2),
        judged("A3", "staff", "", 3),
    ]
    judgements = tuple(sorted((*rows().judgements, *met), key=str))
    frozen = replace(rows(), framework="adult-core 2.2.0", judgements=judgements)
    tables = tabulate(frozen, spec(framework, block), framework)
    (table,) = (one for one in tables if one.id == "T17")
    assert values(table) == {
        "few": ("1",),
        "many": ("1",),
        "not_recorded": ("1",),
        "not_judged": ("1",),
        "all": ("4",),
    }
    with pytest.raises(SpecError, match="ages and numbers need bands"):
        spec(framework, re.sub("bands: .*]", "process: true", block))


def counted(framework=FRAMEWORK):
    frozen, judgements = timed()
    if framework is LATER:
        frozen = replace(
            frozen, framework="adult-core 2.1.0", judgements=tuple(sorted(judgements, key=str))
        )
    return next(one for one in tabulate(frozen, spec(framework), framework) if one.id == "T17")


def test_reviews_are_counted_by_months_and_those_without_dates_have_a_row_of_their_own():
    assert values(counted()) == {
        "report.fast": ("1",),
        "report.slow": ("2",),
        "report.not_recorded": ("1",),
        "report.all": ("4",),
        "report.least": ("4",),
        "report.median": ("9",),
        "report.most": ("14",),
        "public.any": ("2",),
        "public.not_recorded": ("2",),
        "public.all": ("4",),
    }


def test_the_range_leads_to_the_reviews_at_its_ends_and_the_median_to_all_with_dates():
    records = {
        name: list(counted().cell(f"report.{name}", "n").records)
        for name in ("least", "median", "most")
    }
    assert records == {"least": ["A1"], "median": ["A1", "A2", "A3"], "most": ["A2"]}
    assert not any(cell.evidence for row in counted().rows for cell in row.cells)
    assert any("link to reviews, not to passages" in note for note in counted().notes)


def test_what_the_framework_does_not_record_is_named_below_the_table():
    note = "The framework adult-core 2.0.0 does not record: Family took part."
    assert note in counted().notes
    assert not any(row.id.startswith("family") for row in counted().rows)


def test_the_next_version_of_the_framework_may_record_it_and_other_rows_keep_their_ids():
    later = counted(LATER)
    assert not any("does not record" in note for note in later.notes)
    shown = values(later)
    assert shown | values(counted()) == shown
    assert {row: cells[0] for row, cells in shown.items() if row.startswith("family")} == {
        "family.yes": "1",
        "family.invited": "0",
        "family.not_stated": "0",
        "family.not_judged": "3",
        "family.all": "4",
    }


@pytest.mark.parametrize("profile", ["k3", "k5"])
def test_how_long_reviews_took_is_about_the_process_so_it_is_printed_however_small(profile):
    read = spec()
    alone = read.model_copy(update={"tables": read.tables[-1:], "points": (), "figures": ()})
    (table,) = protect_release(plan_of(timed()[0], alone, FRAMEWORK), profile=profile).tables
    assert values(table.table) == values(counted())


def test_whether_the_family_took_part_is_a_fact_about_people_and_is_withheld_if_few_did():
    frozen, judgements = timed()
    later = replace(
        frozen, framework="adult-core 2.1.0", judgements=tuple(sorted(judgements, key=str))
    )
    read = spec(LATER)
    alone = read.model_copy(update={"tables": read.tables[-1:], "points": (), "figures": ()})
    plan = plan_of(later, alone, LATER)
    exposures = {count.key: count.exposure for part in plan.tables[0].parts
                 for count in part.versions[0].counts.system.counts}  # fmt: skip
    assert exposures["review: family_took_part is yes"] == "sensitive"
    assert exposures["review: months_to_report is 0-8"] == "known"


PUBLIC = "rows: {count: months_to_publication, bands: [{id: any, label: Any, from: 0}]}"
REFUSED = [
    ("unit: review", "unit: child", "months_to_report is counted for each review"),
    (PUBLIC, f"columns: {{variable: cause}}\n        {PUBLIC}", "months are counted of all"),
    (PUBLIC, f"where: {{variable: cause, values: [fire]}}\n        {PUBLIC}", "are counted of all"),
    (PUBLIC, f"rows: {{variable: cause}}\n        {PUBLIC.replace('rows', 'columns')}",
     "in rows, not in columns"),
    (PUBLIC, "least: Least\n        rows: {variable: cause}", "least and most need rows"),
    ("count: months_to_report", "count: children", "least and most need rows that count"),
    (PUBLIC, f"optional: true\n        {PUBLIC}", "optional blocks need two others"),
    (", bands: [{id: any, label: Any, from: 0}]", "", "months_to_publication needs bands"),
    ("optional: true\n", "\n", "there is no variable family_took_part"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "says"), REFUSED)
def test_months_that_cannot_be_counted_so_are_refused(old, new, says):
    assert old in TIMES
    with pytest.raises(SpecError, match=says):
        spec(times=TIMES.replace(old, new, 1))
