"""The cue suggester: what it finds and, more important, what it leaves alone."""

import pytest

from waymark.coding.suggest import PassageText, is_negated, suggestions_for
from waymark.frameworks.schema import read_framework

FRAMEWORK = read_framework(
    """\
framework: small
version: 1.0.0
title: Small
language: en-GB
licence: CC-BY-4.0
sections:
- {id: themes, name: Themes, look_in: findings}
- {id: outcome, name: Outcome, look_in: opening}
- {id: harm, name: Harm}
codes:
- {id: share, name: Sharing, section: themes, definition: d, cues: ["not shared", "sharing"]}
- {id: death, name: Suicide, section: outcome, definition: d, cues: ["suicide"]}
- {id: neglect, name: Neglect, section: harm, definition: d, cues: ["neglect*"]}
""",
    file="small.yaml",
)


def codes(text, *, heading="Findings", start=0):
    passages = [PassageText(start, text, heading), PassageText(9_000, "End of it.", "")]
    return [(suggested.code, suggested.exact) for suggested in suggestions_for(passages, FRAMEWORK)]


def test_a_suggestion_is_the_sentence_with_the_cue_at_its_place():
    text = "The school knew. The letter was not shared with the doctor. Nobody asked."
    (suggested,) = suggestions_for([PassageText(100, text, "Findings")], FRAMEWORK)
    assert suggested.exact == "The letter was not shared with the doctor."
    assert (suggested.span.start, suggested.cue) == (100 + text.index("The letter"), "not shared")


@pytest.mark.parametrize(
    "text",
    [
        "There was no evidence of neglect.",
        "The mother denied neglecting the baby.",
        "She had never been neglected.",
        "Without neglect in the home, the plan ended.",
    ],
)
def test_a_negated_cue_suggests_nothing(text):
    assert codes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "The visitor did not call again, but neglect was plain.",
        "No plan was made. Neglect went on.",
    ],
)
def test_a_negation_in_another_clause_or_sentence_silences_nothing(text):
    assert [code for code, _ in codes(text)] == ["neglect"]


def test_a_cue_that_itself_says_not_is_found():
    assert [code for code, _ in codes("It was not shared.")] == ["share"]


@pytest.mark.parametrize("heading", ["Terms of reference", "Contents", "Appendix > Glossary"])
def test_sections_that_say_nothing_about_the_case_suggest_nothing(heading):
    assert codes("Neglect and suicide.", heading=heading) == []


def test_a_theme_is_not_suggested_from_a_recommendation():
    assert codes("Information sharing must improve.", heading="7 Recommendations") == []


def test_what_happened_is_suggested_only_where_a_report_opens():
    assert codes("He died by suicide.", start=0) == [("death", "He died by suicide.")]
    assert codes("A suicide in 1999 was recalled.", start=8_000) == []


def test_a_sentence_gets_a_code_once():
    assert len(codes("Neglect, more neglect and neglected teeth.")) == 1


def test_a_negation_far_before_the_cue_does_not_reach_it():
    sentence = "No " + "word " * 20 + "neglect"
    assert not is_negated(sentence, sentence.index("neglect"))


NATIONAL = read_framework(
    """\
framework: small
version: 1.0.0
title: Small
language: en-GB
licence: CC-BY-4.0
sections:
- {id: harm, name: Harm}
codes:
- id: enquiry
  name: Enquiries into harm
  section: harm
  definition: d
  cues: ["enquir*"]
  cues_by_nation:
    england: ["section 47"]
    northern_ireland: ["Article 66"]
    wales: ["section 126"]
- id: hearing
  name: Hearings of children
  section: harm
  definition: d
  nations: [scotland]
  cues: ["hearing"]
""",
    file="national.yaml",
)


@pytest.mark.parametrize(
    ("nation", "hits"),
    [
        ("England", ["section 47"]),
        ("Northern Ireland", ["Article 66"]),
        ("Wales", ["section 126"]),
        ("Scotland", ["hearing"]),
        ("", ["hearing"]),
        ("United Kingdom", ["hearing"]),
    ],
)
def test_words_of_the_law_of_another_nation_suggest_nothing(nation, hits):
    text = "A section 47 began. An Article 66 began. A section 126 began. The hearing was late."
    passages = [PassageText(0, text, "Findings")]
    assert [found.cue for found in suggestions_for(passages, NATIONAL, nation)] == hits


def test_words_of_every_nation_suggest_in_each_of_them():
    passages = [PassageText(0, "No notes were left. Enquiries ended.", "Findings")]
    for nation in ("England", "Scotland", ""):
        assert [found.cue for found in suggestions_for(passages, NATIONAL, nation)] == ["Enquiries"]
