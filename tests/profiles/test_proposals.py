"""Proposals of values of a case profile: what words speak for, and what they do not."""

import pytest
from pydantic import TypeAdapter

from waymark.coding.suggest import PassageText
from waymark.core.spans import Span
from waymark.frameworks.evidence import evidence_files, evidence_for
from waymark.frameworks.queries import read_once
from waymark.frameworks.schema import evidence_faults, read_framework
from waymark.frameworks.services import builtin_frameworks
from waymark.frameworks.variables import ValueEvidence
from waymark.profiles.proposals import CodedWords, proposals_of

NEWEST = builtin_frameworks()[-1]


@pytest.fixture(scope="module")
def core():
    return read_once(NEWEST.read_text("utf-8"), NEWEST.name)


def proposed(core, variable, text, heading="Findings", coded=()):
    """(value, words) of the proposals in a report of one passage."""
    rows = proposals_of(core.variable(variable), core, [PassageText(0, text, heading)], coded, None)
    assert all(row.span.of(text) == row.exact for row in rows)
    return [(row.value, row.exact) for row in rows]


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ("fac.alcohol_misuse", "The father drank every day.", "present"),
        ("fac.alcohol_misuse", "The father was thought to drink.", "suspected"),
        ("fac.alcohol_misuse", "The mother did not drink.", "stated_absent"),
        ("ag.police", "The police came twice.", "in_contact"),
        ("ag.police", "Nobody told the police.", "no_contact"),
        ("age", "A boy aged five months lived with his mother.", "5"),
        ("age", "He was a two-year-old boy, aged 2.", "24"),
        ("review_year", "The review was completed in May 2009.", "2009"),
        ("parallel_process", "An inquest was held.", "inquest"),
        ("trigger_class", "The baby died suddenly and unexpectedly: SUDI.", "fatal.related.sudi"),
    ],
)
def test_the_value_is_read_from_the_sentence_with_the_cue(core, variable, text, value):
    assert proposed(core, variable, f"{text} The rest says nothing.") == [(value, text)]


@pytest.mark.parametrize(
    ("variable", "text", "heading"),
    [
        ("age", "A boy aged 5 months and a girl aged 2 years.", "Findings"),  # two values
        ("age", "He was aged 99 years.", "Findings"),  # no child
        ("parallel_process", "There was no inquest.", "Findings"),  # negated
        ("fac.neglect", "Training on neglect is needed.", "Recommendations"),
        ("fac.neglect", "Neglect", "Contents"),
        ("fac.neglect", "Nothing of the kind is named.", "Findings"),
        ("source_of_harm", "The father was convicted.", "Findings"),  # no evidence is listed
    ],
)
def test_words_that_speak_for_no_single_value_propose_nothing(core, variable, text, heading):
    assert proposed(core, variable, text, heading) == []


def test_what_happened_to_the_child_is_read_from_the_opening_alone(core):
    rows = [PassageText(0, "x" * 300, "1"), PassageText(301, "A suicide is named.", "2")]
    trigger = core.variable("trigger_class")
    assert proposals_of(trigger, core, rows, [], None) == []
    assert len(proposals_of(trigger, core, [PassageText(0, "A suicide.", "1"), *rows], [], None))


def test_own_codings_come_first_and_are_not_repeated_by_their_cues(core):
    text = "The home was dirty. There was neglect."
    coded = [
        CodedWords(Span(0, 19), "harm.neglect", "Neglect in the background", text[:19]),
        CodedWords(Span(20, 38), "harm.neglect", "Neglect in the background", text[20:]),
        CodedWords(Span(0, 8), "prac.neglect", "Responding to neglect", text[:8]),
    ]
    assert proposed(core, "fac.neglect", text, coded=coded) == [
        ("present", "The home was dirty."),
        ("present", "There was neglect."),
    ]
    absent = "There was no sign of neglect."
    whole = [CodedWords(Span(0, len(absent)), "harm.neglect", "Neglect", absent)]
    assert proposed(core, "fac.neglect", absent, coded=whole) == [("stated_absent", absent)]


def test_at_most_five_proposals_of_a_value_are_made(core):
    text = " ".join(f"Neglect was seen in week {week}." for week in range(1, 9))
    assert len(proposed(core, "fac.neglect", text)) == 5


def test_what_the_program_lists_fits_the_framework_and_leaves_out_what_a_version_lacks(core):
    listed = evidence_files()[core.framework]
    faults = [
        fault
        for name, rows in listed.items()
        for fault in evidence_faults(core.variable(name), rows, core, ())
    ]
    assert faults == []
    first = read_once(builtin_frameworks()[0].read_text("utf-8"), builtin_frameworks()[0].name)
    codes = {code.id for code in first.codes}
    for variable in first.variables:
        for row in evidence_for(variable, first):
            assert set(row.codes) <= codes


def test_a_framework_can_list_evidence_itself_and_its_faults_are_named(core):
    variable = core.variable("nature")
    rows = TypeAdapter(tuple[ValueEvidence, ...]).validate_python(
        [{"value": "gone", "cues": ["("]}, {"codes": ["no.code"]}]
    )
    messages = [message for _, message in evidence_faults(variable, rows, core, ("evidence",))]
    assert messages[0] == "nature: gone is not one of its values"
    assert messages[1].startswith("nature: the cue '(' cannot be read")
    assert messages[2:] == [
        "nature: evidence for a category names its value",
        "nature: there is no code no.code",
    ]
    source = NEWEST.read_text("utf-8").replace(
        "  - id: review_year\n", '  - id: review_year\n    evidence: [{cues: ["completed"]}]\n', 1
    )
    own = read_framework(source, file="own")
    assert [row.cues for row in evidence_for(own.variable("review_year"), own)] == [("completed",)]
