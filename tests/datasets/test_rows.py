"""What is known of reviews, as rows: five states spelled out, silence never as absence."""

import pytest

from tests.overview.small import FRAMEWORK, rows
from waymark.datasets.rows import CatalogueValues, ReviewFacts, ReviewRows, as_open, withheld_facts
from waymark.datasets.shapes import framework_shapes
from waymark.frameworks.schema import read_framework
from waymark.frameworks.services import builtin_frameworks
from waymark.publishing.formats.tidy.shape import dictionary_rows, value_rows

SHAPES = framework_shapes(FRAMEWORK)
FROZEN = rows()


def facts(reference, **values):
    """What is known of a review of the small rows."""
    about = CatalogueValues(
        *(reference, f"Review {reference}", "", "Nowhere", "", "", "", None, None, False)
    )
    known = {
        name: tuple(row for row in getattr(FROZEN, name) if row.review == reference)
        for name in ("children", "judgements", "codes", "recommendations")
    }
    return ReviewFacts(about, coded=True, **{**known, **values})


def table(name, *every):
    """The rows of a table, as mappings of the names of its fields."""
    result = ReviewRows(FRAMEWORK)
    names = SHAPES[name].names
    return [
        dict(zip(names, row, strict=True))
        for record in every
        for row in result.rows_of(name, record)
    ]


REPORT_1 = {"000000000001"}


# ---- one row for each thing ----


def test_a_review_is_one_row_with_a_column_for_each_fact_that_is_judged_of_reviews():
    (row,) = table("reviews", facts("A1"))
    assert row["review"] == "A1"
    assert (row["nation"], row["board"]) == ("Nowhere", None)
    assert row["framework"] == "adult-core 2.0.0"
    assert (row["coded"], row["rows_withheld"], row["children"]) == (True, False, 2)
    assert (row["year"], row["year_status"]) == (2001, "said")
    assert (row["cause"], row["fac.cold"], row["fac.alone"]) == ("fire", "present", "suspected")
    assert row["ag.nurse"] == "in_contact"


def test_the_five_states_are_told_apart_and_none_of_them_from_what_nobody_judged():
    every = [facts(item) for item in ("A1", "A2", "A3", "A4")]
    rows = [(row["fac.cold"], row["fac.alone"]) for row in table("reviews", *every)]
    assert rows == [
        ("present", "suspected"),
        ("stated_absent", "not_mentioned"),
        ("not_mentioned", "unclear"),
        ("present", "not_judged"),
    ]


def test_a_child_is_one_row_and_a_number_that_is_not_there_says_why():
    rows = table("children", facts("A1"), facts("A3"), facts("A4"))
    assert [(row["child"], row["age"], row["age_status"]) for row in rows] == [
        ("A1/1", 360, "said"),
        ("A1/2", 840, "said"),
        ("A3/1", None, "not_recorded"),
        ("A4/1", 599, "said"),
        ("A4/2", None, "not_judged"),
        ("A4/3", None, "not_judged"),
    ]
    assert [row["fate"] for row in rows[:2]] == ["lives", "died"]


def test_what_reports_call_a_child_is_nowhere():
    text = str([table(name, facts("A1")) for name in SHAPES])
    assert "Person" not in text


def test_a_judgement_is_one_row_with_its_unit_value_and_label():
    rows = {row["judgement"]: row for row in table("judgements", facts("A1"), facts("A3"))}
    cold = rows["A1/fac.cold"]
    assert (cold["review"], cold["child"], cold["unit"]) == ("A1", None, "review")
    assert (cold["value"], cold["value_label"]) == ("present", "Recorded as present")
    assert (cold["silence"], cold["quotes"], cold["basis"]) == (False, 1, "sole")
    age = rows["A1/1/age"]
    assert (age["child"], age["unit"], age["number"]) == ("A1/1", "child", 360)
    assert age["value_label"] == "360 months"
    silent = rows["A3/fac.cold"]
    assert (silent["value"], silent["silence"], silent["quotes"]) == ("not_mentioned", True, 0)
    unknown = rows["A3/1/age"]
    assert (unknown["value"], unknown["value_label"]) == (None, "Not recorded")
    assert (unknown["number"], unknown["silence"]) == (None, True)


def test_the_words_behind_a_judgement_are_rows_of_their_own():
    rows = table("judgement_quotes", facts("A3"))
    cause = next(row for row in rows if row["judgement"] == "A3/cause")
    assert cause["citation_key"] == "000000000003-20-30"
    assert (cause["report"], cause["page"], cause["words"]) == ("000000000003", 1, "words at 20")
    assert not any(row["judgement"] == "A3/fac.cold" for row in rows)


def test_quoted_words_that_were_recognised_in_a_scan_say_so():
    marks = {"000000000003-20-30": "poor-scan"}
    shape = SHAPES["judgement_quotes"]
    rows = [
        dict(zip(shape.names, row, strict=True))
        for row in ReviewRows(FRAMEWORK, lambda key: marks.get(key, "")).rows_of(
            "judgement_quotes", facts("A3")
        )
    ]
    read_from = {row["citation_key"]: row["read_from"] for row in rows}
    assert read_from.pop("000000000003-20-30") == "poor-scan"
    assert set(read_from.values()) <= {"file"}


def test_a_coding_is_a_place_with_a_code():
    rows = table("codings", facts("A1"))
    assert [(row["code"], row["citation_key"]) for row in rows] == [
        ("th.visits", "000000000001-200-210"),
        ("th.visits", "000000000001-300-310"),
        ("th.visits.late", "000000000001-300-310"),
        ("th.visits.late", "000000000001-400-410"),
    ]
    assert (rows[0]["code_label"], rows[0]["theme"], rows[2]["theme"]) == ("Visits", 1, None)
    assert len({row["coding"] for row in rows}) == 4


def test_every_code_of_a_coded_review_is_found_or_not_found():
    rows = table("review_codes", facts("A2"), facts("A3"))
    assert [(row["review_code"], row["state"], row["passages"]) for row in rows] == [
        ("A2/th.visits", "not_found", 0),
        ("A2/th.visits.late", "found", 1),
        ("A2/th.letters", "found", 1),
        ("A3/th.visits", "not_found", 0),
        ("A3/th.visits.late", "not_found", 0),
        ("A3/th.letters", "not_found", 0),
    ]
    assert rows[1]["parent"] == "th.visits"


def test_a_recommendation_is_one_row_with_what_was_last_told():
    first, second, third = table("recommendations", facts("A1"))
    assert (first["recommendation"], first["category"]) == ("A1/rec1", "visits")
    assert [first[name] for name in ("specific", "timed")] == [True, True]
    assert (first["status"], first["impact"]) == ("complete", "practice_change")
    assert [second[name] for name in ("specific", "overdue")] == [False, False]
    assert third["overdue"] is True
    rows = table("recommendations", facts("A3"))[1]
    assert (rows["category"], rows["status"], rows["impact"]) == (
        *("forms", "nothing_told", "nothing_told"),
    )


# ---- what is open ----


def test_what_rests_on_closed_words_alone_is_not_told():
    shut = as_open(facts("A1"), {"another-report"})
    (row,) = table("reviews", shut)
    assert (row["cause"], row["fac.cold"], row["year_status"]) == (*["not_judged"] * 3,)
    assert table("codings", shut) == table("judgement_quotes", shut) == []
    assert table("recommendations", shut) == []
    assert {row["state"] for row in table("review_codes", shut)} == {"not_found"}


def test_a_code_found_in_closed_words_cannot_be_told_from_one_not_found():
    shut = table("review_codes", as_open(facts("A2"), {"another-report"}))
    bare = table("review_codes", facts("A2", codes=()))
    assert shut == bare


def test_what_is_said_in_an_open_and_a_closed_report_is_told_with_the_open_words():
    both = facts("A1")
    words = both.codes[0].quotes
    closed = words[1]._replace(text="closed")
    code = both.codes[0]._replace(places=(tuple(words[0]), tuple(closed)))
    printed = as_open(facts("A1", codes=(code,)), REPORT_1)
    assert [row["citation_key"] for row in table("codings", printed)] == ["000000000001-200-210"]
    assert table("review_codes", printed)[0]["passages"] == 1


def test_words_are_open_in_every_reading_of_an_open_report():
    both = facts("A1")
    words = both.codes[0].quotes
    later = words[1]._replace(text=f"{words[1].text}r2")
    code = both.codes[0]._replace(places=(tuple(words[0]), tuple(later)))
    printed = as_open(facts("A1", codes=(code,)), REPORT_1)
    assert len(table("codings", printed)) == 2
    assert table("codings", as_open(facts("A1", codes=(code,)), {"another-report"})) == []


def test_silence_rests_on_no_words_and_stays():
    (row,) = table("reviews", as_open(facts("A2"), {"another-report"}))
    assert (row["fac.alone"], row["fac.cold"]) == ("not_mentioned", "not_judged")


def test_a_review_of_which_no_report_is_open_is_as_if_it_had_not_been_coded():
    shut = as_open(facts("A1"), set())
    (row,) = table("reviews", shut)
    assert (row["coded"], row["children"], row["cause"]) == (False, None, "not_judged")
    assert all(not table(name, shut) for name in SHAPES if name != "reviews")


def test_a_withheld_review_keeps_its_place_in_the_catalogue_and_loses_its_facts():
    known = withheld_facts(facts("A1"))
    (row,) = table("reviews", known)
    assert (row["title"], row["rows_withheld"]) == ("Review A1", True)
    assert (row["children"], row["year"], row["year_status"]) == (None, None, "withheld")
    assert {row["cause"], row["fac.cold"], row["ag.nurse"]} == {"withheld"}
    assert all(not table(name, known) for name in SHAPES if name != "reviews")


# ---- the dictionary ----


@pytest.mark.parametrize("name", SHAPES)
def test_every_value_that_stands_in_a_category_is_in_the_dictionary(name):
    allowed = {(field.name, value.value) for field in SHAPES[name].fields for value in field.values}
    expected = {field.name for field in SHAPES[name].fields if field.type == "category"}
    every = [facts(item) for item in ("A1", "A2", "A3", "A4")]
    for row in table(name, *every, withheld_facts(facts("A1"))):
        for field in expected:
            assert row[field] is None or (field, row[field]) in allowed


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_required_is_never_empty_and_keys_name_one_row(name):
    every = table(name, *(facts(item) for item in ("A1", "A2", "A3", "A4")))
    assert every
    for field in SHAPES[name].fields:
        if field.required:
            assert all(row[field.name] is not None for row in every), field.name
    keys = [tuple(row[part] for part in SHAPES[name].key) for row in every]
    assert len(set(keys)) == len(keys)


def test_every_reference_leads_to_a_row():
    every = [facts(item) for item in ("A1", "A2", "A3", "A4")]
    rows = {name: table(name, *every) for name in SHAPES}
    for name, shape in SHAPES.items():
        for reference in shape.references:
            there = {tuple(row[part] for part in reference.key) for row in rows[reference.table]}
            for row in rows[name]:
                key = tuple(row[part] for part in reference.fields)
                assert None in key or key in there


def test_the_dictionary_says_units_and_definitions_of_the_framework():
    fields = {(row[0], row[1]): row for row in dictionary_rows(SHAPES.values())}
    assert fields["children", "age"][3:6] == ("integer", "months", False)
    assert fields["reviews", "fac.cold"][6] == "Cold home. Cold."
    values = {(row[0], row[1], row[3]): row[4:] for row in value_rows(SHAPES.values())}
    assert values["reviews", "cause", "fire"] == ("Fire", "Counts as a death.")
    assert values["reviews", "cause", "unknown"] == ("Not known", "Used if it is not known.")
    assert values["reviews", "fac.cold", "stated_absent"] == ("Stated absent", None)


@pytest.mark.parametrize("file", builtin_frameworks(), ids=lambda file: file.stem)
def test_no_two_columns_of_a_table_have_the_same_name(file):
    shapes = framework_shapes(read_framework(file.read_text("utf-8"), file=file.name))
    for shape in shapes.values():
        names = [field.name for field in shape.fields]
        assert len(names) == len(set(names)), shape.name
