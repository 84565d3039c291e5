"""Lists of abstracts in the shape of each year, made up for these tests."""

from pathlib import Path

import pytest

from waymark.core.errors import SpecError
from waymark.library.exchange.abstracts import builtin_profiles, read_abstracts, read_profiles
from waymark.library.exchange.abstracts.event import event_facts

LISTS = Path(__file__).parent / "abstracts"


def read(name: str):
    reading = read_abstracts((LISTS / name).read_bytes())
    return reading, list(reading.candidates)


def event(candidate) -> tuple[str, str, str, int | None, int | None]:
    values = candidate.abstract["event"]
    return values["outcome"], values["age"], values["sex"], values["month"], values["year"]


def said(candidate, *names: str) -> list[object]:
    return [candidate.abstract[name] for name in names]


def faults(reading) -> list[tuple[str, str]]:
    return [(fault.place, fault.message) for fault in reading.faults]


def test_2012_year_and_place_run_together_and_bare_keywords():
    reading, (first, two) = read("2012.html")

    assert (first.data.board, first.data.pseudonym, first.data.year) == (
        "Ceredane",
        "Child J",
        2012,
    )
    assert first.data.title == "Child J (Ceredane)"
    assert event(first) == ("death", "5 months", "male", 3, 2011)
    assert said(first, "recommendations", "keywords") == [
        ["sharing information between hospitals", "pre-birth assessment", "training for staff"],
        ["non-accidental injury", "information sharing", "young parents"],
    ]
    assert first.data.abstract.startswith("Death of a 5-month-old boy in March 2011")
    assert (two.data.board, two.data.pseudonym) == ("Stoke-under-Fell", "Child W and Child X")
    assert event(two) == ("serious harm", "2 years", "female", None, 2010)
    assert said(two, "keywords") == [["physical abuse", "twins"]]
    assert [place for place, _ in faults(reading)] == ["line 6"]


def test_2013_month_in_the_heading_and_a_name_used_twice():
    reading, (first, two) = read("2013.txt")

    assert (first.data.board, first.data.pseudonym, first.data.year) == ("Derrymore", "BDS12", 2013)
    assert said(first, "month", "issues", "recommendations") == [
        12,
        ["recording that could not be followed", "no chronology"],
        ["to keep one chronology", "to review thresholds"],
    ]
    assert first.data.keywords == ("neglect", "parental mental health", "recording")
    assert event(first) == ("serious harm", "3 years", "female", 6, 2012)
    assert event(two) == ("serious harm", "", "", None, None)
    assert first.notes == ("may be the same as the abstract on line 7: the same board and name",)
    assert two.notes == ("may be the same as the abstract on line 1: the same board and name",)
    assert reading.faults == ()


def test_2014_labels_lists_and_a_board_that_is_not_named():
    reading, (first, two) = read("2014.html")

    assert said(first, "month", "background", "learning", "model") == [
        12,
        "she had been in care since 2010 and had moved between placements.",
        ["plan moves with the young person", "hear what she says"],
        "a systems model.",
    ]
    assert first.data.keywords == (
        "suicide",
        "children in care (foster care, kinship)",
        "self-harm",
    )
    assert event(first) == ("death", "15 years", "female", 10, 2013)
    assert (two.data.board, two.data.pseudonym) == ("", "Family X")
    assert said(two, "anonymous") == [True]
    assert event(two) == ("death", "unspecified", "unspecified", None, 2012)
    assert faults(reading) == [
        ("line 14", "does not fit any part of an abstract: 'A paragraph that no label leads to.'")
    ]


def test_2017_anonymous_first_and_labels_with_two_colons():
    reading, (first, two) = read("2017.txt")

    assert (first.data.title, first.data.board) == ("Child AB (board not named)", "")
    assert said(first, "issues", "recommendations") == [
        ["safer sleep", "alcohol"],
        ["tell parents before the birth"],
    ]
    assert event(first) == ("death", "4 weeks", "female", 1, 2016)
    assert event(two) == ("death", "16 years", "male", 2, 2016)
    # The same name in two boards is no reason to think of one case.
    assert first.notes == two.notes == ()
    assert reading.faults == ()


def test_2018_dashes_without_space_or_left_out_and_one_event_in_two_boards():
    reading, (first, two, three) = read("2018.txt")

    assert [c.data.pseudonym for c in (first, two, three)] == [
        "Children F, G and H",
        "Child K",
        "Child Q",
    ]
    assert [c.abstract["anonymous"] for c in (first, two, three)] == [True, True, False]
    assert event(first) == ("serious harm", "", "", 5, 2017)
    assert said(first, "learning", "keywords") == [
        ["see each child", "compare what is said with what is seen"],
        ["neglct", "home conditions"],
    ]
    assert event(two) == event(three) == ("serious harm", "2 years", "male", 5, 2017)
    same = "the same outcome, age, sex and month"
    assert two.notes == (f"may be the same as the abstract on line 10: {same}",)
    assert three.notes == (f"may be the same as the abstract on line 6: {same}",)
    assert reading.faults == ()


def test_2021_titles_alone_take_the_year_of_the_list():
    reading, (first, two) = read("2021.html")

    assert (first.data.year, first.data.board) == (2021, "")
    assert first.data.pseudonym == "Child L: a review of practice (executive summary)"
    assert two.data.pseudonym == "Learning from Child M"
    assert said(first, "anonymous", "ethnicity", "learning", "recommendations") == [
        False,
        "not stated.",
        ["answer when help is asked for", "join up visits"],
        ["one worker for the family"],
    ]
    assert event(first) == ("death", "infant", "", 7, 2019)
    assert event(two) == ("serious harm", "7 months", "male", 8, 2019)
    assert first.notes == ("the heading names no board",)
    assert reading.faults == ()


def test_2022_a_label_that_vanished_is_read_by_its_place_and_told():
    reading, (first,) = read("2022.html")

    assert said(first, "learning", "recommendations") == [
        ["bruising in babies", "routes for referral"],
        ["a pathway for all hospitals"],
    ]
    assert first.notes == (
        "line 4: a label is missing; read as learning because of its position",
        "line 5: a label is missing; read as recommendations because of its position",
    )
    # Two dates are not one date.
    assert event(first) == ("serious harm", "infants", "", None, None)
    assert reading.faults == ()


def test_2024_and_2025_longer_labels_and_qualified_keywords():
    reading, (first, two) = read("2025.txt")

    assert (first.data.pseudonym, first.data.year) == ("DHR", 2024)
    assert event(first) == ("death", "7 years, 4 years", "", 3, 2022)
    assert first.data.keywords == ("domestic homicide reviews", "children (witnesses)")
    assert (two.data.board, two.data.pseudonym) == ("Cambrook and Peterley", "Gabriel")
    assert said(two, "learning", "recommendations", "keywords") == [
        ["exploitation", "school exclusion"],
        ["work together", "fund youth work"],
        ["child criminal exploitation (county lines)", "knife crime"],
    ]
    assert event(two) == ("death", "16 years", "male", 2, 2023)
    assert [place for place, _ in faults(reading)] == ["line 11"]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Death of a girl.", ("death", "", "female", None, None)),
        ("Death of a child whose sex is unknown.", ("death", "", "unspecified", None, None)),
        ("Murder of a boy and a girl aged 3 in May 2019.", ("death", "3 years", "mixed", 5, 2019)),
        (
            "Death of an 18-month-old girl in early 2015 who was abused.",
            ("death", "18 months", "female", None, 2015),
        ),
        (
            "Serious sexual abuse of two adolescents during 2009.",
            ("serious harm", "adolescents", "", None, 2009),
        ),
        ("Thirteen-year-old boy found in June 2020.", ("", "13 years", "male", 6, 2020)),
        ("A meeting was held.", ("", "", "", None, None)),
        ("", ("", "", "", None, None)),
    ],
)
def test_only_what_the_first_sentence_says_is_taken(sentence, expected):
    facts = event_facts(f"{sentence} A boy of 9 died in May 2001.", builtin_profiles().event)
    if not sentence:
        facts = event_facts("", builtin_profiles().event)
    assert (facts.outcome, facts.age, facts.sex, facts.month, facts.year) == expected


def test_a_list_without_headings_is_told():
    reading = read_abstracts(b"Nothing here is a heading.")
    assert reading.candidates == ()
    assert [fault.place for fault in reading.faults] == ["line 1", "line 1"]


def test_a_heading_with_nothing_under_it_is_told():
    reading = read_abstracts(b"2014 - Blackmoor - Child A\n2014 - Blackmoor - Child B\nDeath.\n")
    assert [first.data.pseudonym for first in reading.candidates] == ["Child B"]
    assert [(fault.place, fault.message) for fault in reading.faults] == [
        ("line 1", "there is nothing under this heading")
    ]


def test_profiles_with_a_broken_pattern_are_refused_with_the_line():
    source = (LISTS.parents[2] / "src/waymark/library/exchange/abstracts/profiles.yaml").read_text()
    broken = source.replace("keywords: 'keywords?'", "keywords: '(keywords'", 1)
    line = broken[: broken.index("'(keywords'")].count("\n") + 1
    with pytest.raises(SpecError, match=f"line {line}: 2012: missing \\)"):
        read_profiles(broken, file="profiles.yaml")


def test_a_very_long_line_of_commas_takes_no_time():
    text = "2012 - Ceredane - Child J\nDeath of a boy.\n" + "a (b, " * 20_000
    assert read_abstracts(text.encode()).candidates[0].data.pseudonym == "Child J"
