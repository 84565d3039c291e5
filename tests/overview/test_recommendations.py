"""Recommendations, and themes across, counted by hand from a small set of rows. See small.py."""

import pytest
from defusedxml import ElementTree as ET

from tests.overview.small import FRAMEWORK, SPEC_YAML, judged, key, rows, values
from waymark.core.errors import SpecError
from waymark.overview.charts.charts import draw_figure
from waymark.overview.disclosure.protect import protect_release, protect_tables
from waymark.overview.disclosure.release_plan import plan_of
from waymark.overview.snapshot.coded_reviews import CodedReviews
from waymark.overview.snapshot.rows import freeze_rows
from waymark.overview.spec.check import checked_overview
from waymark.overview.tables.lineage import (
    evidence_by_review,
    linked_cells,
    reviews_of_cell,
    uses_of_keys,
)
from waymark.overview.tables.tabulate import tabulate
from waymark.overview.tables.themes_by_group import kinds_of, safe_kinds

TABLES = """\
  - id: T11
    kind: themes
    title: Themes by cause
    of: {themes: true}
    columns: {variable: cause, subtotals: [{id: deaths, label: Deaths, deaths: true}]}
  - id: T12
    kind: crosstab
    title: Asked
    blocks:
      - id: asked
        title: Category
        unit: recommendation
        base: recommendations
        rows: {variable: recommendation.category}
        columns: {variable: recommendation.audience}
        each: For each review
        all_label: All recommendations
  - id: T13
    kind: crosstab
    title: Followed
    blocks:
      - id: smart
        title: Criteria
        unit: recommendation
        base: recommendations
        rows: {variable: recommendation.smart}
        all_label: All recommendations
      - id: status
        title: Status
        unit: recommendation
        base: recommendations
        rows: {variable: recommendation.category}
        columns: {variable: recommendation.status_and_evidence}
        all_label: All recommendations
      - id: council
        title: Of the council, by impact
        unit: recommendation
        base: recommendations to the council
        where: {variable: recommendation.audience, values: [council]}
        rows: {variable: recommendation.impact}
        all_label: All of these
figures:
  - {id: F7, kind: matrix, table: T11, title: Themes by cause}
  - {id: F4, kind: stacked, table: T12, title: Asked, column: n, parts: [nurses, council]}
  - id: F8
    kind: shares
    table: T13
    block: status
    title: Status
    parts: [complete_with_change, complete_without_change, in_progress, overdue, not_judged]
"""
SOURCE = (SPEC_YAML.split("figures:")[0] + TABLES).replace("period:", "as_at: 2010-03-31\nperiod:")
SPEC = checked_overview(SOURCE, FRAMEWORK, file="small.yaml")
MADE = {table.id: table for table in tabulate(rows(), SPEC, FRAMEWORK)}


def figures(profile="open"):
    by_id = {
        table.table.id: table for table in protect_tables(tuple(MADE.values()), profile=profile)
    }
    return {figure.id: draw_figure(figure, by_id[figure.table]) for figure in SPEC.figures}


def test_recommendations_of_reviews_that_count_are_counted_by_category_and_audience():
    assert values(MADE["T12"]) == {
        "visits": ("1", "1", "2"),
        "rules": ("0", "2", "2"),
        "elsewhere": ("0", "1", "1"),
        "all": ("1", "4", "5"),
        "each": ("[z]", "[z]", "1.2"),  # 5 of 4 reviews: 1.25
    }
    assert MADE["T12"].unit == "recommendation"


def test_a_recommendation_stands_with_every_criterion_it_meets():
    smart = {row: printed[-1] for row, printed in values(MADE["T13"]).items() if "smart" in row}
    assert smart == {
        "smart.specific": "1",
        "smart.measurable": "1",
        "smart.achievable": "1",
        "smart.relevant": "1",
        "smart.timed": "2",
        "smart.every": "1",
        "smart.all": "5",
    }


def test_complete_is_split_by_evidence_and_overdue_stands_apart_from_in_progress():
    expected = SPEC.figures[2].parts
    assert values(MADE["T13"], *expected)["status.visits"] == ("1", "1", "0", "0", "0")
    assert values(MADE["T13"], *expected)["status.rules"] == ("0", "0", "1", "1", "0")
    assert values(MADE["T13"], *expected)["status.all"] == ("1", "1", "1", "1", "1")
    labels = {column.id: column.label for column in MADE["T13"].columns}
    assert labels["not_judged"] == "Nothing reported yet"


def test_only_recommendations_that_meet_the_condition_are_counted():
    printed = {row: printed[-1] for row, printed in values(MADE["T13"]).items() if "council" in row}
    assert printed == {
        "council.no_evidence": "2",
        "council.activity_only": "1",
        "council.practice_change": "0",
        "council.outcome_for_children": "0",
        "council.not_judged": "1",
        "council.all": "4",
    }


def test_the_day_for_which_overdue_is_asked_is_told():
    assert any("on 31 March 2010" in note for note in MADE["T13"].notes)
    source = SOURCE.replace("as_at: 2010-03-31\n", "")
    spec = checked_overview(source, FRAMEWORK, file="small.yaml")
    without = {table.id: table for table in tabulate(rows(), spec, FRAMEWORK)}["T13"]
    assert any("on the day the numbers were frozen" in note for note in without.notes)


def test_a_number_of_recommendations_opens_to_their_own_words():
    cell = MADE["T13"].cell("status.rules", "overdue")
    assert (cell.records, cell.evidence) == (("A1/rec3",), (key("A1", 960),))
    table = next(item for item in SPEC.tables if item.id == "T13")
    (evidence,) = evidence_by_review(
        CodedReviews(rows(), FRAMEWORK), table, "status.rules", cell, reviews_of_cell(cell)
    )
    assert (evidence.review, evidence.children) == ("A1", ())
    (words,) = evidence.quotes
    assert words.description == (
        "Recommendation 3. Category: Rules; For whom: Council; Status: Overdue;"
        " Impact: No evidence of change"
    )


def test_a_recommendation_of_which_nothing_was_told_says_so():
    cell = MADE["T12"].cell("elsewhere", "n")
    table = next(item for item in SPEC.tables if item.id == "T12")
    (evidence,) = evidence_by_review(
        CodedReviews(rows(), FRAMEWORK), table, "elsewhere", cell, reviews_of_cell(cell)
    )
    assert "Nothing reported yet" in evidence.quotes[0].description


def test_the_words_of_a_recommendation_carry_the_narrowest_numbers():
    tables = [(value, linked_cells(value)) for value in MADE.values()]
    used = uses_of_keys(tables, "A1", [key("A1", 960)])[key("A1", 960)]
    assert [(use.table, use.row, use.column) for use in used if use.table == "T13"] == [
        ("T13", "status.rules", "overdue")
    ]


def test_themes_across_have_the_base_of_each_column_in_its_head():
    table = MADE["T11"]
    assert [column.label for column in table.columns] == [
        "Fire (n = 1)",
        "Fall (n = 1)",
        "Deaths (n = 2)",
        "Harm (n = 1)",
        "Not known (n = 1)",
    ]
    assert values(table) == {
        "th.visits": ("1", "1", "2", "0", "0"),
        "th.letters": ("0", "1", "1", "0", "0"),
    }


def test_a_theme_across_opens_to_its_passages_and_to_the_fact_that_places_the_review():
    cell = MADE["T11"].cell("th.letters", "fall")
    assert (cell.records, cell.evidence) == (("A2",), (key("A2", 300), key("A2", 20)))
    table = next(item for item in SPEC.tables if item.id == "T11")
    (evidence,) = evidence_by_review(
        CodedReviews(rows(), FRAMEWORK), table, "th.letters", cell, reviews_of_cell(cell)
    )
    assert [words.description for words in evidence.quotes] == ["Cause: Fall", "Letters"]


def safe(bases, k=3):
    facts = CodedReviews(rows(), FRAMEWORK)
    table = next(item for item in SPEC.tables if item.id == "T11")
    results = safe_kinds(kinds_of(table.columns, facts), bases.get, k)
    return [item.id for item in results.kinds], results


def test_kinds_withheld_stand_in_one_column_with_the_sum_as_base():
    ids, results = safe({"deaths": 9, "harm": 9, "unknown": 9})
    assert ids == ["fire-fall", "deaths", "harm", "unknown"]
    assert results.kinds[0].label == "Fire and fall together"
    assert [record.review for record in results.kinds[0].reviews] == ["A1", "A2"]
    assert results.together == ("Fire", "Fall")


def test_a_subtotal_that_would_tell_kinds_apart_goes():
    """Deaths less fall would be fire, which stands together with harm."""
    ids, results = safe({"fall": 9, "deaths": 9, "unknown": 9})
    assert ids == ["fire-harm", "fall", "unknown"]
    assert results.hidden == ("Deaths",)


def test_a_kind_of_few_is_left_out():
    ids, results = safe({"fire": 9, "fall": 9, "deaths": 18, "harm": 9, "unknown": 2})
    assert ids == ["fire", "fall", "deaths", "harm"]
    assert results.hidden == ("Not known",)


def test_where_nothing_can_stand_apart_all_reviews_are_one_column():
    assert safe({})[0] == ["all"]
    assert safe({"fire": 9, "fall": 9, "harm": 9})[0] == ["all"]


def test_recommendations_are_about_the_process_whatever_the_profile():
    source = SOURCE.split("points:")[0] + "select:" + SOURCE.split("select:")[1].split("tables:")[0]
    spec = checked_overview(f"{source}tables:\n{TABLES}", FRAMEWORK, file="small.yaml")
    protection = protect_release(plan_of(rows(), spec, FRAMEWORK), profile="k3")
    by_id = {table.table.id: table.table for table in protection.tables}
    assert values(by_id["T12"]) == values(MADE["T12"])
    assert by_id["T12"].cell("all", "n").evidence
    assert [table.id for table in by_id["T11"].columns] == ["all"]


def test_a_matrix_prints_every_number_with_its_base():
    drawn = figures()["F7"]
    words = [
        text.text for text in ET.fromstring(drawn.svg).iter("{http://www.w3.org/2000/svg}text")
    ]
    assert words.count("1 of 1") == 3
    assert "2 of 2" in words
    assert drawn.text.startswith("In “Deaths”, visits is the most frequent theme: 2 of 2 reviews.")


def test_bars_of_parts_print_the_parts_and_the_whole():
    drawn = figures()["F4"]
    words = [
        text.text for text in ET.fromstring(drawn.svg).iter("{http://www.w3.org/2000/svg}text")
    ]
    visits, rules = words.index("Visit more"), words.index("Rules")
    assert words[visits : visits + 4] == ["Visit more", "1", "1", "2"]
    assert words[rules : rules + 3] == ["Rules", "2", "2"]
    assert drawn.text.startswith(
        "Visit more and Rules are the largest groups: 2 of 5 recommendations"
    )


def test_shares_fill_one_length_and_say_the_whole():
    drawn = figures()["F8"]
    root = ET.fromstring(drawn.svg)
    words = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert words.count("n = 2") == 2
    rects = [item.attrib for item in root.iter("{http://www.w3.org/2000/svg}rect")]
    edges = [item for item in rects if item["fill"] == "none" and float(item["height"]) == 24]
    ends = {round(float(item["x"]) + float(item["width"])) for item in edges}
    assert max(ends) == 558  # the scale ends at 560, less the gap


OF = "        unit: recommendation\n        base: recommendations\n"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("recommendation.audience}", "cause}", "cause is not a fact about recommendations"),
        ("recommendation.audience}", "recommendation.colour}", "there is no variable"),
        ("values: [council]", "values: [king]", "has no value king"),
        ("variable: cause, sub", "variable: recommendation.status, sub", "unit must be"),
        (
            "kind: matrix, table: T11",
            "kind: matrix, table: T10",
            "use matrix for tables with columns by a fact",
        ),
        ("block: status", "block: fate", "T13 has no block fate"),
        (", parts: [nurses, council]", "", "list two or more parts"),
        (
            f"{OF}        rows: {{variable: recommendation.smart}}",
            "        unit: review\n        base: reviews\n        rows: {variable: cause}",
            "put recommendations into a table of their own",
        ),
    ],
)
def test_what_is_wrong_with_a_spec_is_told(old, new, says):
    assert old in SOURCE
    with pytest.raises(SpecError, match=says):
        checked_overview(SOURCE.replace(old, new), FRAMEWORK, file="small.yaml")


def test_an_overview_without_recommendations_has_none_to_count():
    empty = freeze_rows(
        framework=rows().framework,
        framework_sha256=rows().framework_sha256,
        spec=SOURCE,
        reviews=[],
        children=[],
        judgements=[judged("A9", "cause", "fire")],
        codes=[],
        double_coded=[],
    )
    table = {item.id: item for item in tabulate(empty, SPEC, FRAMEWORK)}["T12"]
    assert values(table, "n") == {
        "visits": ("0",),
        "rules": ("0",),
        "all": ("0",),
        "each": ("[z]",),
    }
