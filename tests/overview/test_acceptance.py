"""The numbers of the default overview, from the facts of the shared fixture."""

from functools import lru_cache

import pytest

from tests.overview.own_attacker import narrowed
from tests.overview.rows import DEMO_SPEC, fixture_rows, framework, spec, with_value
from tests.overview.small import values
from tests.overview.test_ledger import KEEP, first, release, two_more
from tests.overview.test_ledger import printed as printed_of
from waymark.core.errors import RuleError
from waymark.overview.tables.tabulate import tabulate


@lru_cache(maxsize=1)
def _tables():
    return {table.id: table for table in tabulate(fixture_rows(), spec(), framework())}


def printed(name, *columns):
    return list(values(_tables()[name], *columns).values())


def test_t1_reviews_identified_obtained_and_read():
    assert printed("T1") == [("26",), ("24",), ("0",), ("24",), ("6",)]


def test_t2_reviews_by_year():
    assert [row[0] for row in printed("T2", "n")] == ["2", "3", "5", "5", "4", "5", "24"]
    assert [row[0] for row in printed("T2", "death")] == ["2", "2", "4", "4", "2", "4", "18"]


def test_t3_nature_of_the_incident_in_the_order_of_the_framework():
    assert [row[0] for row in printed("T3", "n")] == ["4", "6", "8", "18", "6", "24"]
    assert [row[0] for row in printed("T3", "percent")] == ["17", "25", "33", "75", "25", "100"]


def test_t4_children_in_each_review_and_their_sex():
    printed = values(_tables()["T4"], "n", "died")
    counts = [printed[f"children.{item}"][0] for item in ("one", "two", "three_or_more", "all")]
    assert counts == ["12", "6", "6", "24"]
    assert printed["children.median"][0] == "1.5"
    assert printed["sex.female"] == ("20", "7")
    assert printed["sex.male"] == ("22", "11")
    assert printed["sex.not_recorded"] == ("3", "0")
    assert printed["sex.all"] == ("45", "18")


def test_t5_children_by_age():
    assert [row[0] for row in printed("T5", "n")] == ["10", "11", "8", "8", "5", "3", "45"]
    assert [row[0] for row in printed("T5", "died")] == ["7", "3", "1", "3", "4", "0", "18"]


def test_t6_register_status_of_subject_children():
    assert printed("T6") == [
        ("5", "17"),
        ("6", "20"),
        ("14", "47"),
        ("5", "17"),
        ("30", "100"),
    ]
    assert _tables()["T6"].base == "30 children who were a subject of a review"


def test_t7_services_from_most_to_least():
    cells_shown = printed("T7", "n")
    assert len(cells_shown) == 12
    assert (cells_shown[0], cells_shown[-1]) == (("20",), ("4",))
    assert _tables()["T7"].rows[-1].label == "Probation"


def test_t8_factors_with_their_bounds():
    table = values(_tables()["T8"], "recorded", "percent", "lower", "upper")
    assert len(table) == 11
    assert table["fac.parental_mental_health"] == ("15", "63", "58", "92")
    assert table["fac.domestic_violence"] == ("13", "54", "50", "92")
    assert table["fac.parental_learning_disability"] == ("4", "17", "13", "92")


def test_t9_factors_recorded_together():
    assert [row[0] for row in printed("T9")] == ["4", "6", "6", "8", "24"]


def test_t10_themes_by_reviews():
    printed = values(_tables()["T10"], "n", "passages")
    assert list(printed.items())[:3] == [
        ("prac.assessment", ("22", "104")),
        ("prac.communication", ("21", "96")),
        ("prac.interagency", ("20", "83")),
    ]
    assert list(printed.items())[-1] == ("prac.organisation", ("10", "22"))
    assert sum(int(passages) for _, passages in printed.values()) == 579


def test_t11_themes_by_the_nature_of_the_incident():
    table = _tables()["T11"]
    bases = [column.label.rsplit("(", 1)[1] for column in table.columns]
    assert bases == ["n = 4)", "n = 6)", "n = 8)", "n = 18)", "n = 6)"]
    assert values(table)["prac.communication"] == ("3", "5", "8", "16", "5")
    assert len(table.rows) == 11


def test_t12_recommendations_by_category_and_for_whom():
    printed = values(_tables()["T12"], "n")
    assert [row[0] for row in printed.values()] == [
        "27",
        "22",
        "14",
        "12",
        "9",
        "7",
        "5",
        "96",
        "4.0",
    ]
    assert values(_tables()["T12"])["all"] == ("38", "24", "13", "9", "8", "4", "96")


def test_t13_criteria_status_and_impact():
    table = _tables()["T13"]
    criteria = ("specific", "measurable", "achievable", "relevant", "timed", "every")
    assert [table.cell(f"smart.{criterion}", "n").value for criterion in criteria] == [
        70,
        41,
        60,
        84,
        52,
        11,
    ]
    status = ("complete", "in_progress", "overdue", "not_started", "superseded", "not_accepted")
    for block in ("category", "impact"):
        printed = [table.cell(f"{block}.all", criterion).value for criterion in status]
        assert printed == [51, 26, 9, 6, 4, 0]
    impacts = ("no_evidence", "activity_only", "practice_change", "outcome_for_children")
    assert [table.cell(f"impact.{criterion}", "n").value for criterion in impacts] == [
        40,
        33,
        17,
        6,
    ]
    split = ("complete_with_change", "complete_without_change")
    assert sum(table.cell("category.all", criterion).value for criterion in split) == 51
    changed = [table.cell(f"impact.{criterion}", "complete").value for criterion in impacts[2:]]
    assert table.cell("category.all", split[0]).value == sum(changed)


def test_t14_agreement():
    names = ("units", "agreed", "raw", "kappa", "ac1")
    assert values(_tables()["T14"], *names)["all"] == ("66", "59", "0.894", "0.788", "0.788")


def test_silence_turned_into_stated_absence_moves_the_upper_bound_alone():
    changed = with_value(fixture_rows(), "R09", "fac.parental_mental_health", "stated_absent")
    after = {table.id: table for table in tabulate(changed, spec(), framework())}
    moved = {
        (name, row.id, column.id)
        for name, table in _tables().items()
        for row in table.rows
        for column in table.columns
        if table.cell(row.id, column.id).value != after[name].cell(row.id, column.id).value
    }
    row = "fac.parental_mental_health"
    silence = {("T18", row, "stated_absent"), ("T18", row, "not_mentioned")}
    assert moved == {("T8", row, "upper"), ("T8", row, "not_mentioned"), *silence}
    assert values(after["T8"], "upper")[row] == ("88",)


def test_every_count_of_something_said_carries_words_and_every_silence_none():
    for table in _tables().values():
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                silent = row.role == "unknown" or column.id in {"not_mentioned", "not_judged"}
                if silent or table.id in {"T1", "T14", "T17"} or (table.id, row.id) == ("T9", "0"):
                    continue
                assert bool(cell.evidence) == bool(cell.records), (table.id, row.id, column.id)


def test_release_2_at_k5_is_refused_unless_the_old_pattern_is_kept_and_then_tells_0_to_10():
    """24 reviews of 4, 6, 8, 6; then 26 of 5, 6, 9, 6, of which nothing is under 5."""
    assert printed_of(release(two_more())) == ["5", "6", "9", "20", "6", "26"]
    with pytest.raises(RuleError, match="only 2 records differ from edition 1, fewer than 5"):
        release(two_more(), earlier=[first()])
    stored = printed_of(release(two_more(), earlier=[first()], source=KEEP))
    assert stored == ["[c]", "[c]", "9", "20", "6", "26"]
    # Whoever has both knows 10 together then and 11 now, and that two more came, one of them a
    # suicide or an accident; of the printed release they would know that 5 and 6 stand there now.
    known = {"then": (10, 10), "now": (11, 11)}
    sums = [
        ({"assault": 1, "infant": 1, "then": -1}, 0),
        ({"assault 2": 1, "infant 2": 1, "now": -1}, 0),
    ]
    sums += [({f"{item} 2": 1, item: -1, f"{item} came": -1}, 0) for item in ("assault", "infant")]
    hidden = [f"{item}{when}" for item in ("assault", "infant") for when in ("", " 2", " came")]
    ranges = narrowed(known, hidden, sums, ["assault"], ceiling=26)
    assert ranges == {"assault": (0, 10)}
    in_full = known | {"assault 2": (5, 5), "infant 2": (6, 6)}
    left = [item for item in hidden if item not in in_full]
    assert narrowed(in_full, left, sums, ["assault"], ceiling=26) == {"assault": (4, 5)}


def test_halves_of_a_per_cent_are_rounded_up():
    printed = values(_tables()["T8"], "recorded", "percent", "lower")
    assert 100 * 15 / 24 == 62.5
    assert printed["fac.parental_mental_health"][:2] == ("15", "63")
    assert 100 * 3 / 24 == 12.5
    assert printed["fac.parental_learning_disability"][2] == "13"


def test_no_number_of_the_facts_stands_in_the_spec():
    """Counts are never written there; bands, versions and dates are not counts."""
    points = DEMO_SPEC.split("points:")[1].split("select:")[0]
    written = [word for word in points.replace("table 8", "").split() if word.strip(".,").isdigit()]
    assert written == ["1"]  # "under 1 year old": a band, not a count


def test_t14_bounds_stand_where_there_are_units_enough_to_bear_them():
    printed = values(_tables()["T14"], "kappa_lower", "kappa_upper")
    assert printed["prac.assessment"] == ("[x]", "[x]")
    lower, upper = (float(item) for item in printed["all"])
    assert 0.4 < lower < 0.788 < upper < 1
