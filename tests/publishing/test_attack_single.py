"""The independent attack on single reviews: what follows of those that numbers name, of children
and reviews of one group, for somebody who is counted, and of several editions together.
"""

import json

import pytest

from waymark.core.errors import NotFound
from waymark.publishing.attack.audit import attack_folders
from waymark.publishing.attack.report import audit_json, audit_text

WITHHELD = ["Disclosure profile k3: a number of people or reviews under 3 is withheld"]
ROUNDED = ["Disclosure profile r5: no number is further than 4 from the true count"]
PROCESS = ["Disclosure profile k3: these numbers are about the process of review"]
SIX = ["A1", "A2", "A3", "A4", "A5", "A6"]


def table(name, columns, rows, *, base="6 reviews read and coded", notes=WITHHELD, opened=()):
    """rows: label -> cells, "All" and "Read" by their labels. opened: the reviews of each row."""
    names = dict(opened)
    roles = {"All": "total", "Read and coded": "measure"}
    return {
        "id": name,
        "base": base,
        "columns": [{"label": one} for one in columns],
        "rows": [
            {
                "label": label,
                "role": roles.get(label, "part"),
                "cells": [{"shown": one, "records": names.get(label, [])} for one in cells],
            }
            for label, cells in rows.items()
        ],
        "notes": notes,
    }


def edition(path, *tables):
    path.mkdir(exist_ok=True)
    (path / "overview.json").write_text(json.dumps({"tables": tables}), "utf-8")
    return path


def intervals(audit):
    return {(one.row, one.column): (one.low, one.high) for one in audit.narrowed}


def read(reviews):
    """A flow that names the reviews."""
    base = f"{len(reviews)} reviews identified"
    row = {"Read and coded": [str(len(reviews))]}
    named = {"Read and coded": reviews}
    return table("T1", ["Reviews"], row, base=base, notes=PROCESS, opened=named)


# ---- themes that open, and themes by facts about people ----


def themes(opened):
    return table("T10", ["Reviews"], {"Visits": ["3"]}, notes=PROCESS, opened=opened)


BY_DRINK = table(
    "T11", ["Drink (n = 3)", "No drink (n = 3)"], {"Visits": ["3", "0"]}, notes=PROCESS
)
BY_CAUSE = table("T12", ["Fire (n = 3)", "Fall (n = 3)"], {"Visits": ["2", "1"]}, notes=PROCESS)
CROSSED = table(
    "T3",
    ["Drink", "No drink", "All"],
    {"Fire": ["[c]", "[c]", "3"], "Fall": ["[c]", "[c]", "3"], "All": ["3", "3", "6"]},
)
FOLLOWS = {
    ("Fire", "Drink"): (2, 2),
    ("Fire", "No drink"): (1, 1),
    ("Fall", "Drink"): (1, 1),
    ("Fall", "No drink"): (2, 2),
}


def test_reviews_that_themes_name_give_away_what_a_crossing_withholds(tmp_path):
    """Visits in A1 to A3, and in all three with drink: these are they. Two of them are fires."""
    opened = {"Visits": SIX[:3]}
    audit = attack_folders(
        edition(tmp_path, read(SIX), CROSSED, themes(opened), BY_DRINK, BY_CAUSE)
    )
    assert intervals(audit) == FOLLOWS
    assert {(one.review, one.value) for one in audit.named} == {
        *((review, "drink") for review in SIX[:3]),
        *((review, "no drink") for review in SIX[3:]),
    }
    assert not audit.is_safe


def test_two_crossings_of_a_theme_bound_a_third_though_no_review_is_named(tmp_path):
    audit = attack_folders(edition(tmp_path, CROSSED, themes({}), BY_DRINK, BY_CAUSE))
    assert intervals(audit) == FOLLOWS
    assert audit.named == ()


@pytest.mark.parametrize(("telling", "other"), [("Visits", "Letters"), ("Letters", "Visits")])
def test_what_each_of_several_themes_tells_of_a_crossing_is_put_together(tmp_path, telling, other):
    """One theme is that of the test above; the other is in all six reviews, and tells nothing."""
    every = table("T10", ["Reviews"], {telling: ["3"], other: ["6"]}, notes=PROCESS)
    heads = ["Drink (n = 3)", "No drink (n = 3)"]
    by_drink = table("T11", heads, {telling: ["3", "0"], other: ["3", "3"]}, notes=PROCESS)
    heads = ["Fire (n = 3)", "Fall (n = 3)"]
    by_cause = table("T12", heads, {telling: ["2", "1"], other: ["3", "3"]}, notes=PROCESS)
    audit = attack_folders(edition(tmp_path, CROSSED, every, by_drink, by_cause))
    assert intervals(audit) == FOLLOWS


def test_two_facts_with_the_same_labels_are_told_apart_by_their_numbers(tmp_path):
    """Three reviews with drink are recorded, two with cold homes: "Recorded" is two facts."""
    columns = ["Recorded", "Not recorded as such", "All"]
    drink = {"Fire": ["[c]", "[c]", "3"], "Fall": ["[c]", "[c]", "3"], "All": ["3", "3", "6"]}
    cold = {"Fire": ["[c]", "[c]", "3"], "Fall": ["[c]", "[c]", "3"], "All": ["2", "4", "6"]}
    audit = attack_folders(
        edition(tmp_path, table("T3", columns, drink), table("T4", columns, cold))
    )
    ends = {one.high for one in audit.narrowed if (one.table, one.column) == ("T4", "Recorded")}
    assert ends == {2}
    assert audit.untried == ()


def test_nothing_of_a_crossing_follows_without_themes_by_its_facts(tmp_path):
    opened = {"Visits": SIX[:3]}
    audit = attack_folders(edition(tmp_path, read(SIX), CROSSED, themes(opened)))
    assert set(intervals(audit).values()) == {(0, 3)}
    assert (audit.exposed, audit.named) == ((), ())


def test_a_named_review_of_which_a_fact_follows_is_exposed_whatever_the_counts(tmp_path):
    opened = {"Visits": ["A1"]}
    visits = table("T10", ["Reviews"], {"Visits": ["1"]}, notes=PROCESS, opened=opened)
    causes = table("T11", ["Fire (n = 3)", "Fall (n = 3)"], {"Visits": ["1", "0"]}, notes=PROCESS)
    audit = attack_folders(edition(tmp_path, read(SIX), visits, causes))
    (named,) = audit.named
    assert (named.review, named.fact, named.value) == ("A1", "fire / fall", "fire")
    assert (audit.exposed, audit.is_safe) == ((), False)
    assert audit_json(audit)["named"] == [{"review": "A1", "fact": "fire / fall", "value": "fire"}]
    assert "A1: fire: FOLLOWS of fire / fall" in audit_text(audit)


def test_what_all_reviews_have_is_no_news_of_one_of_them(tmp_path):
    opened = {"Visits": ["A1"]}
    visits = table("T10", ["Reviews"], {"Visits": ["1"]}, notes=PROCESS, opened=opened)
    causes = table("T11", ["Fire (n = 6)", "Fall (n = 0)"], {"Visits": ["1", "0"]}, notes=PROCESS)
    assert attack_folders(edition(tmp_path, read(SIX), visits, causes)).is_safe


def test_kinds_that_are_counted_together_are_said_of_a_review_as_far_as_that(tmp_path):
    opened = {"Visits": ["A1"]}
    visits = table("T10", ["Reviews"], {"Visits": ["1"]}, notes=PROCESS, opened=opened)
    columns = ["Fire and fall together (n = 3)", "Harm (n = 3)"]
    together = table("T11", columns, {"Visits": ["1", "0"]}, notes=PROCESS)
    cause = {"Fire": ["[c]"], "Fall": ["[c]"], "Harm": ["3"], "All": ["6"]}
    causes = table("T3", ["Reviews"], cause)
    (named,) = attack_folders(edition(tmp_path, read(SIX), visits, causes, together)).named
    assert (named.review, named.value) == ("A1", "fall or fire")


def test_passages_of_those_who_meet_a_condition_tell_who_they_are(tmp_path):
    """Five passages of A1, one each of A2 and A3: the one review with five passages is A1."""
    opened = themes({"Visits": SIX[:3]})
    opened["columns"].append({"label": "Passages"})
    reports = ["a", "a", "a", "a", "a", "b", "c"]
    (row,) = opened["rows"]
    row["cells"][0]["evidence"] = [f"{one}-{at}-9" for at, one in enumerate(reports)]
    row["cells"].append({"shown": "7"})
    base = "3 reviews read and coded where drink is recorded as present or suspected"
    within = table("T11", ["Reviews", "Passages"], {"Visits": ["1", "5"]}, base=base, notes=PROCESS)
    audit = attack_folders(edition(tmp_path, read(SIX), opened, within))
    assert {one.review for one in audit.named if one.value != "none of these"} == {"A1"}
    assert {one.review for one in audit.named if one.value == "none of these"} == {"A2", "A3"}


def test_records_that_do_not_fit_the_numbers_are_left_out_and_that_is_told(tmp_path):
    """Two with drink have visits, of whom the themes know one alone."""
    opened = table("T10", ["Reviews"], {"Visits": ["1"]}, notes=PROCESS, opened={"Visits": ["A1"]})
    audit = attack_folders(edition(tmp_path, read(SIX), CROSSED, opened, BY_DRINK))
    assert set(intervals(audit).values()) == {(0, 3)}
    assert audit.untried == ("single reviews and children: the numbers contradict each other",)
    assert "not tested: single reviews" in audit_text(audit)


def test_facts_that_are_too_many_to_be_set_against_each_other_are_named(tmp_path):
    """Four facts of five values each: 6 to the power of 4 combinations, so three at a time."""
    facts = [[f"{letter}{at}" for at in range(5)] for letter in "abcd"]
    tables = [
        table(
            f"T{10 * one + other}",
            [*facts[other], "All"],
            {row: ["1"] * 5 + ["5"] for row in facts[one]} | {"All": ["5"] * 5 + ["25"]},
            base="25 reviews read and coded",
        )
        for one in range(4)
        for other in range(one + 1, 4)
    ]
    (told,) = attack_folders(edition(tmp_path, *tables)).untried
    assert told.endswith("not tested all at once")
    assert all(f"{letter}0" in told for letter in "abcd")


# ---- children and reviews of one group ----


def by_cause(name, cells, base, unit):
    rows = {"Fire": [cells[0]], "Fall": [cells[1]], "Harm": [cells[2]], "All": [cells[3]]}
    return table(name, [unit], rows, base=base)


REVIEWS = by_cause("T3", ["[c]", "[c]", "8", "12"], "12 reviews read and coded", "Reviews")


def test_a_group_of_which_there_are_children_has_a_review(tmp_path):
    children = by_cause("T4", ["5", "3", "12", "20"], "20 children", "Children")
    audit = attack_folders(edition(tmp_path, REVIEWS, children))
    assert intervals(audit) == {("Fire", "Reviews"): (1, 3), ("Fall", "Reviews"): (1, 3)}
    assert len(audit.exposed) == 2


def test_a_group_without_children_has_no_review(tmp_path):
    children = by_cause("T4", ["5", "0", "15", "20"], "20 children", "Children")
    audit = attack_folders(edition(tmp_path, REVIEWS, children))
    assert intervals(audit) == {("Fire", "Reviews"): (4, 4), ("Fall", "Reviews"): (0, 0)}


def test_the_numbers_of_children_of_reviews_bound_how_many_reviews_a_group_has(tmp_path):
    """No review has more than two children: five are of three reviews, which leaves one."""
    sizes = {"1 child": ["9"], "2 children": ["3"], "All": ["12"]}
    numbers = table("T2", ["Reviews"], sizes, base="12 reviews read and coded")
    children = by_cause("T4", ["5", "2", "8", "15"], "15 children", "Children")
    audit = attack_folders(edition(tmp_path, numbers, REVIEWS, children))
    assert intervals(audit) == {("Fire", "Reviews"): (3, 3), ("Fall", "Reviews"): (1, 1)}


def test_a_kind_that_is_not_known_is_the_same_in_rows_and_in_columns(tmp_path):
    """Of children "Not known" is a row, of reviews a column: the fires are tied all the same."""
    columns = ["Fire", "Fall", "Not known", "All"]
    rows = {"1 child": ["[c]", "[c]", "0", "8"], "2 children": ["[c]", "[c]", "0", "4"]}
    rows["All"] = ["6", "6", "0", "12"]
    crossed = table("T3", columns, rows, base="12 reviews read and coded")
    counts = {"Fire": ["7"], "Fall": ["9"], "Not known": ["0"], "All": ["16"]}
    children = table("T4", ["Children"], counts, base="16 children")
    children["rows"][2]["role"] = "unknown"
    audit = attack_folders(edition(tmp_path, crossed, children))
    assert intervals(audit)["2 children", "Fire"] == (1, 1)
    assert intervals(audit)["2 children", "Fall"] == (3, 3)


# ---- somebody who is counted ----


@pytest.mark.parametrize(("others", "learnt"), [("9", {"Fire", "Fall"}), ("8", set())])
def test_whoever_is_the_only_one_in_a_withheld_count_learns_the_one_beside_it(
    tmp_path, others, learnt
):
    """Three in both: who is one of them knows that two are in the other. Of four it is not few."""
    rows = {"Fire": ["[c]"], "Fall": ["[c]"], "Harm": [others], "All": ["12"]}
    audit = attack_folders(edition(tmp_path, table("T3", ["Reviews"], rows, base="12 reviews")))
    assert audit.exposed == ()
    assert {one.learnt.row for one in audit.insiders} == learnt
    assert audit.is_safe is not bool(learnt)
    if learnt:
        place = {"table": "T3", "column": "Reviews"}
        assert audit_json(audit)["insiders"][0] == {
            "known": {**place, "row": "Fire"},
            "learnt": {**place, "row": "Fall"},
            "low": 2,
            "high": 2,
        }
        assert "T3 Fall, Reviews: 2 to 2: FOLLOWS for the only person in T3 Fire" in audit_text(
            audit
        )


# ---- what was withheld for the sake of others ----


@pytest.mark.parametrize(("fires", "exposed"), [("2", ["Fire"]), ("3", [])])
def test_to_whoever_knows_all_numbers_only_small_ones_are_exposed(tmp_path, fires, exposed):
    """Fires are 2 to 4 by their children: a secret where they are 2, and none where they are 3."""
    children = by_cause("T4", ["4", "4", "12", "20"], "20 children", "Children")
    sizes = {"1 child": ["4"], "2 children": ["8"], "All": ["12"]}
    numbers = table("T2", ["Reviews"], sizes, base="12 reviews read and coded")
    crossed = by_cause("T3", ["[c]", "[c]", "[c]", "12"], "12 reviews read and coded", "Reviews")
    folder = edition(tmp_path / "k3", numbers, crossed, children)
    assert "Fire" in [one.row for one in attack_folders(folder).exposed]
    all_numbers = [fires, "3", str(9 - int(fires)), "12"]
    every = by_cause("T3", all_numbers, "12 reviews read and coded", "Reviews")
    audit = attack_folders(folder, counted=edition(tmp_path / "open", every))
    assert [one.row for one in audit.exposed] == exposed


# ---- what reports state ----


def test_how_few_reports_do_not_state_a_fact_is_a_secret_where_the_fact_is_a_factor(tmp_path):
    """50 of 48, rounded, is 46 to 48: at most 2 reports state no kind, and at most 2 no cold."""
    base = "48 reviews read and coded"
    stated = {"Kind of harm": ["50"], "Cold home": ["50"]}
    silence = table("T3", ["Stated"], stated, base=base, notes=ROUNDED)
    factors = table("T4", ["Recorded"], {"Cold home": ["50"]}, base=base, notes=ROUNDED)
    audit = attack_folders(edition(tmp_path / "r5", silence, factors))
    assert {(one.table.rpartition("/")[2], one.row) for one in audit.exposed} == {
        ("T3", "Cold home"),
        ("T4", "Cold home"),
    }


# ---- several editions ----


def two_editions(path, *, names=SIX):
    rows = {"Fire": ["[c]"], "Fall": ["[c]"], "All": ["6"]}
    edition(path / "first", read(names), table("T3", ["Reviews"], rows))
    rows = {"Fire": ["2"], "Fall": ["6"], "All": ["8"]}
    later = table("T3", ["Reviews"], rows, base="8 reviews read and coded")
    edition(path / "second", read([*SIX, "A7", "A8"]), later)
    return path


def test_a_later_edition_gives_away_what_an_earlier_one_withholds(tmp_path):
    """Two fires of all eight reviews: no more among the first six."""
    audit = attack_folders(two_editions(tmp_path))
    assert intervals(audit) == {("Fire", "Reviews"): (0, 2), ("Fall", "Reviews"): (4, 6)}
    (exposed,) = audit.exposed
    assert (exposed.table, exposed.row) == ("first/T3", "Fire")
    assert audit.files == ("first/overview.json", "second/overview.json")


def test_folders_are_attacked_together_where_several_are_given(tmp_path):
    two_editions(tmp_path)
    audit = attack_folders(tmp_path / "second", tmp_path / "first")
    assert [one.table for one in audit.exposed] == ["first/T3"]
    assert attack_folders(tmp_path / "first").is_safe


def test_editions_of_other_reviews_say_nothing_of_each_other(tmp_path):
    audit = attack_folders(two_editions(tmp_path, names=[f"B{at}" for at in range(6)]))
    assert set(intervals(audit).values()) == {(0, 6)}
    assert audit.is_safe


def test_what_all_that_came_have_is_no_news_of_one_of_them(tmp_path):
    """Five falls after three, and no more fires: both that came are falls, as the numbers say."""
    for name, fall, reviews in (("first", 3, SIX), ("second", 5, [*SIX, "A7", "A8"])):
        opened = {"Visits": ["A1", "A4"]}
        base = f"{len(reviews)} reviews read and coded"
        visits = table(
            "T10", ["Reviews"], {"Visits": ["2"]}, notes=PROCESS, opened=opened, base=base
        )
        columns = ["Fire (n = 3)", f"Fall (n = {fall})"]
        causes = table("T11", columns, {"Visits": ["1", "1"]}, notes=PROCESS, base=base)
        edition(tmp_path / name, read(reviews), visits, causes)
    assert attack_folders(tmp_path).is_safe


def test_a_folder_of_nothing_is_told_among_others(tmp_path):
    (tmp_path / "none").mkdir()
    with pytest.raises(NotFound, match="none contains no file of an overview"):
        attack_folders(two_editions(tmp_path), tmp_path / "none")


def test_a_count_in_two_tables_tells_the_only_person_in_it_nothing_new(tmp_path):
    """Cold homes [c] as a factor, and [c] again in a table of what reports state."""
    cold = {"Cold home": ["[c]"]}
    factors, stated = table("T8", ["Recorded"], cold), table("T18", ["Stated"], cold)
    audit = attack_folders(edition(tmp_path / "files", factors, stated))
    assert audit.insiders == ()
    assert audit.is_safe


def test_themes_and_the_good_practice_within_them_are_different_facts(tmp_path):
    """Visits in 5 of 6 reviews, by cause 3 and [c]; and praised in 1: all three can be true."""
    found = table("T10", ["Reviews"], {"Visits": ["5"]}, notes=PROCESS)
    crossed = table("T11", ["Fire (n = 3)", "Fall (n = 3)"], {"Visits": ["3", "[c]"]})
    good = table("T15", ["Reviews"], {"Visits": ["1"]}, notes=PROCESS)
    audit = attack_folders(edition(tmp_path / "files", read(SIX), found, crossed, good))
    assert not any("contradict" in what for what in audit.untried)
    assert intervals(audit)["Visits", "Fall (n = 3)"] == (2, 2)
