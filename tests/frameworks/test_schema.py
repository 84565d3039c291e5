"""The YAML of a framework: what is refused, and at which line."""

import hashlib

import pytest

from waymark.core.errors import RuleError, SpecError
from waymark.frameworks.schema import cue_pattern, read_framework
from waymark.frameworks.services import builtin_frameworks
from waymark.frameworks.variables import age_in_months

GOOD = """\
framework: small
version: 1.0.0
title: Small
language: en-GB
licence: CC-BY-4.0
qualifiers: {valence: [concern, strength]}
variables:
- {id: year, name: Year, definition: When., level: review, type: year}
- {id: drink, name: Drink, definition: Drinking., level: review, type: state}
- id: sex
  name: Sex
  definition: Sex.
  level: child
  type: category
  values: [{value: female, label: Female}, {value: not_recorded, label: Not recorded}]
sections:
- {id: themes, name: Themes}
codes:
- {id: a, name: A, section: themes, definition: About a., theme: 1, cues: ["stop*"]}
- {id: a.b, name: B, section: themes, definition: About b., parent: a}
"""


CORE_1_0_0 = "d504dc4e9f8ab975992445ce9b7a1571431265db6bc383786006440a0289e032"
"""SHA-256 of the file as published: codings refer to it."""


def faults(source):
    with pytest.raises(SpecError) as error:
        read_framework(source, file="small.yaml")
    return [str(fault) for fault in error.value.faults]


def test_a_good_framework_is_read_whole():
    read = read_framework(GOOD, file="small.yaml")
    assert [code.id for code in read.codes] == ["a", "a.b"]
    assert [value.value for value in read.variable("drink").allowed][:2] == ["present", "suspected"]


def test_a_cycle_of_parents_is_told_at_each_line_of_it():
    source = GOOD.replace("theme: 1", "theme: 1, parent: a.b")
    assert faults(source) == [
        "line 19: a: its parents form a circle",
        "line 20: a.b: its parents form a circle",
    ]


def test_a_duplicate_id_is_told_at_its_second_line():
    assert faults(GOOD.replace("id: a.b,", "id: a,").replace(", parent: a", "")) == [
        "line 20: a is already used in codes"
    ]


def test_an_unknown_type_is_told_at_its_line():
    (fault,) = faults(GOOD.replace("type: year", "type: colour"))
    assert fault.startswith("line 8: type:")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("section: themes, definition: About b.", "section: other, definition: x", "no section"),
        ("parent: a}", "parent: z}", "its parent z is not a code"),
        ('["stop*"]', '["(stop"]', "cannot be read"),
        ("type: year}", "type: year, values: [{value: a, label: A}]}", "has no values"),
        ("version: 1.0.0", "version: one", "version"),
    ],
)
def test_other_faults_are_told_in_words(old, new, says):
    assert old in GOOD
    assert any(says in fault for fault in faults(GOOD.replace(old, new)))


@pytest.mark.parametrize(
    ("variable", "entered", "stored"),
    [("year", 2008, "2008"), ("drink", "suspected", "suspected"), ("sex", "female", "female")],
)
def test_what_a_person_says_is_stored_as_the_variable_holds_it(variable, entered, stored):
    assert read_framework(GOOD, file="x").variable(variable).stored(entered) == stored


@pytest.mark.parametrize(("variable", "entered"), [("year", "last year"), ("sex", "boy")])
def test_a_value_the_variable_does_not_have_is_refused(variable, entered):
    with pytest.raises(RuleError):
        read_framework(GOOD, file="x").variable(variable).stored(entered)


@pytest.mark.parametrize(
    ("text", "months"),
    [("3 weeks", 0), ("26 days", 0), ("5 months", 5), ("2 years", 24), ("1 year", 12)],
)
def test_an_age_is_kept_in_whole_months_rounded_down(text, months):
    assert age_in_months(text) == months


def test_an_age_in_words_is_refused_rather_than_guessed():
    with pytest.raises(RuleError):
        age_in_months("about five")


@pytest.mark.parametrize(
    ("cue", "text", "hit"),
    [
        ("smother*", "was Smothered by", "Smothered"),
        ("neglect*", "unneglected", None),
        ("closed too (soon|early)", "was closed  too early", "closed  too early"),
        ("learning (disab|difficult)*", "a learning disability", "learning disability"),
        ("post-?natal", "postnatal care", "postnatal"),
    ],
)
def test_a_cue_finds_whole_words_and_a_star_the_rest_of_one(cue, text, hit):
    match = cue_pattern(cue).search(text)
    assert (match.group() if match else None) == hit


def test_a_cue_is_made_a_pattern_once_however_many_others_there_are():
    """Python itself forgets a pattern after 512 others."""
    first = cue_pattern("smother*")
    for number in range(1_000):
        cue_pattern(f"word{number}*")
    assert cue_pattern("smother*") is first


def test_every_framework_that_comes_with_waymark_is_sound():
    for file in builtin_frameworks():
        read_framework(file.read_text("utf-8"), file=file.name)


def test_the_core_framework_of_2026_never_changes():
    core = next(file for file in builtin_frameworks() if file.name == "cr-core-1.0.0.yaml")
    assert hashlib.sha256(core.read_bytes()).hexdigest() == CORE_1_0_0


def test_every_core_framework_has_the_eleven_themes_first():
    for core in builtin_frameworks():
        read = read_framework(core.read_text("utf-8"), file=core.name)
        assert [code.theme for code in read.codes[:11]] == list(range(1, 12))
        assert all(code.definition and (code.include or code.exclude) for code in read.codes[:11])
