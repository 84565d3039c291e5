"""Schema of frameworks: nations, examples, several values, derived variables and mappings."""

from datetime import date

import pytest

from waymark.core.errors import RuleError, SpecError
from waymark.frameworks.schema import read_framework
from waymark.frameworks.variables import nation_id

GOOD = """\
framework: small
version: 1.1.0
supersedes: 1.0.0
mapping:
  p.absence: c.not_in_school
  nature: group4
title: Small
language: en-GB
licence: CC-BY-4.0
qualifiers: {valence: [concern, strength], about_whom: [listed_person]}
variables:
- id: trigger
  name: What led to the review
  definition: What happened.
  level: review
  type: category
  since: 1.1.0
  values:
  - {value: overt, label: Assault}
  - {value: covert, label: Hidden assault}
  - {value: sudi, label: Sudden death}
- id: group4
  name: Nature of the incident
  definition: Groups of the trigger.
  level: review
  type: category
  values: [{value: assault, label: Assault}, {value: infant_death, label: Infant death}]
  derived: {from: trigger, groups: {assault: [overt, covert], infant_death: [sudi]}}
- id: impairment
  name: Impairment of the child
  definition: As the report says.
  level: child
  type: categories
  nations: [england, wales]
  equivalents: {wales: [additional learning needs]}
  values:
  - {value: none, label: None stated, alone: true}
  - {value: hearing, label: Hearing}
  - {value: learning, label: Learning}
  - {value: not_stated, label: Not stated, unknown: true}
- {id: months, name: Months to the report, definition: Counted., level: review, type: number}
- {id: age_of_adult, name: Age of the adult, definition: In years., level: adult, type: age}
sections:
- {id: child, name: The child}
codes:
- id: c.not_in_school
  name: "Education: absence, exclusion, not in school"
  section: child
  definition: Out of school.
  rule: Code this if no school has the child.
  cues: ["attendance"]
  cues_by_nation: {northern_ireland: ["Education Authority"], scotland: ["not in education"]}
  equivalents: {scotland: [additional support needs], england: [EHCP]}
  crosswalk: {wales: Children missing education, england_2014_17: Education}
  language_note: Say what the school did.
  aliases: [c.education]
  example: {report: R07, quote: "she was not on a roll", note: No school had her.}
  counter_example: {report: R07, quote: "the college tutor", note: The mother studied.}
"""

ALONE = GOOD.replace(GOOD[GOOD.index("supersedes") : GOOD.index("title")], "")
"""The same without a version before it, to be loaded."""


def small():
    return read_framework(GOOD, file="small.yaml")


def faults(old, new):
    assert old in GOOD
    with pytest.raises(SpecError) as error:
        read_framework(GOOD.replace(old, new), file="small.yaml")
    return [str(fault) for fault in error.value.faults]


def judged(variable, value, *, of, quoted=True):
    read = small().variable(variable)
    return read.judged(value, of=of, quoted=quoted, today=date(2026, 1, 1))


def test_a_code_carries_its_rule_examples_nations_and_crosswalk():
    code = small().code("c.not_in_school")
    assert code.rule == "Code this if no school has the child."
    assert (code.example.report, code.counter_example.note) == ("R07", "The mother studied.")
    assert code.equivalent_words == [
        ("England", ("EHCP",)),
        ("Scotland", ("additional support needs",)),
    ]
    assert code.crosswalk_lines == [
        ("England, triennial analysis 2014-2017", "Education"),
        ("Wales", "Children missing education"),
    ]


def test_cues_of_a_nation_are_for_reviews_of_that_nation_alone():
    code = small().code("c.not_in_school")
    assert code.cues_in("northern_ireland") == ("attendance", "Education Authority")
    assert code.cues_in("england") == ("attendance",)
    assert code.cues_in(None) == ("attendance",)


@pytest.mark.parametrize(
    ("name", "nation"),
    [("Northern Ireland", "northern_ireland"), ("Wales", "wales"), ("United Kingdom", None)],
)
def test_a_nation_is_known_by_its_name(name, nation):
    assert nation_id(name) == nation


@pytest.mark.parametrize(
    "entered", [["learning", "hearing"], "learning,hearing", "hearing, learning"]
)
def test_several_values_are_stored_in_the_order_of_the_framework(entered):
    assert small().variable("impairment").stored(entered) == "hearing, learning"
    assert small().variable("impairment").values_in("hearing, learning") == ("hearing", "learning")


@pytest.mark.parametrize("entered", [["none", "hearing"], "not_stated, learning", "blind", []])
def test_values_that_exclude_each_other_or_are_unknown_are_refused(entered):
    with pytest.raises(RuleError):
        small().variable("impairment").stored(entered)


@pytest.mark.parametrize(
    ("entered", "stored"), [(7, "7"), ("07", "7"), ("not stated", ""), ("Not recorded", "")]
)
def test_a_number_is_stored_as_digits_and_may_be_unknown(entered, stored):
    assert judged("months", entered, of="review") == stored


@pytest.mark.parametrize("entered", ["seven", "-1", "1.5", "99999"])
def test_a_number_in_words_or_out_of_range_is_refused(entered):
    with pytest.raises(RuleError):
        judged("months", entered, of="review")


def test_a_computed_variable_cannot_be_judged():
    with pytest.raises(RuleError, match="group4 is computed from trigger: record that instead"):
        judged("group4", "assault", of="review")


def test_each_value_of_the_source_has_its_group():
    derived = small().variable("group4").derived
    assert [derived.value_of(name) for name in ("overt", "covert", "sudi", "other")] == [
        "assault",
        "assault",
        "infant_death",
        None,
    ]


def test_a_fact_about_an_adult_is_about_nobody_else():
    assert judged("age_of_adult", "34 years", of="adult") == "408"
    with pytest.raises(RuleError, match="age_of_adult is a fact about an adult"):
        judged("age_of_adult", "34 years", of="child")


def test_a_qualifier_may_name_a_person_of_the_review():
    small().check_qualifiers({"about_whom": "adult 2"})
    for wrong in ("listed_person", "adult", "child 0", "mother"):
        with pytest.raises(RuleError, match="is a person of the review, such as child 1"):
            small().check_qualifiers({"about_whom": wrong})


def test_an_earlier_id_is_answered_with_the_later_one():
    for earlier in ("p.absence", "c.education"):
        with pytest.raises(RuleError, match=r": in 1\.1\.0 it is c\.not_in_school"):
            small().code(earlier)


WRONG = [
    (
        "infant_death: [sudi]}}",
        "infant_death: [covert]}}",
        "covert of trigger must be in one group",
    ),
    ("infant_death: [sudi]}}", "infant_death: [sudi, none]}}", "trigger has no value none"),
    ("{assault: [overt,", "{other: [overt,", "assault is not in both its values and its groups"),
    ("from: trigger,", "from: months,", "months is not a category of each review"),
    ("since: 1.1.0", "since: 1.2.0", "1.2.0 is later than this version"),
    ("value: sudi,", "value: overt,", "overt is already one of its values"),
    ("nature: group4", "nature: group5", "nature: group5 is neither a code nor a variable"),
    ("supersedes: 1.0.0\n", "", "a mapping needs supersedes"),
    ("supersedes: 1.0.0", "supersedes: 1.1.0", "1.1.0 is not an earlier version than 1.1.0"),
    ("aliases: [c.education]", "aliases: [c.not_in_school]", "is already the name of"),
    ('["not in education"]', '["(not"]', "cannot be read"),
    ("  rule:", "  nations: [wales]\n  rule:", "for northern_ireland, but does not apply there"),
    ("{wales: [additional learning needs]}", "{ireland: [a]}", "ireland: must be 'england'"),
    ("label: None stated,", "label: None, stated,", "a text with a comma needs quotes"),
]


@pytest.mark.parametrize(("old", "new", "says"), WRONG, ids=[says for _, _, says in WRONG])
def test_each_fault_is_told_with_its_line(old, new, says):
    told = faults(old, new)
    assert any(says in fault and fault.startswith("line ") for fault in told), told


def test_the_line_of_a_fault_is_that_of_its_part():
    (fault,) = faults("infant_death: [sudi]}}", "infant_death: [sudi, none]}}")
    derived = GOOD[: GOOD.index("derived:")].count("\n") + 1
    assert fault.startswith(f"line {derived}: ")


def test_values_too_long_to_be_stored_together_are_refused():
    values = "\n".join(f"  - {{value: {'v' * 40}{n}, label: V}}" for n in range(13))
    hearing = "- {value: hearing, label: Hearing}"
    (fault,) = faults(hearing, f"{hearing}\n{values}")
    assert "have more than 500 characters" in fault
