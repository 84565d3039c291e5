"""A draft abstract: sentences of the reports, word for word, each in its place."""

from hypothesis import given
from hypothesis import strategies as st

from waymark.core.spans import Span
from waymark.library.catalogue.draft_abstract import (
    MAX_SENTENCES,
    PARTS,
    EvidenceOfPart,
    ReportParagraph,
    compose_abstract,
    contains_sentence,
    part_of,
    propose_sentences,
    single_spaced,
)

REPORT = [
    ("Summary", "1.1 In May 2004 a baby girl of four months died at home. The cause is unknown."),
    (
        "The family",
        "2.1 The mother had been depressed since the birth. The father drank heavily at home.",
    ),
    ("Terms of reference", "The panel should say why nobody visited and what was not recorded."),
    ("Findings", "3.1 Nobody recorded the visits of that winter. It rained in March that year."),
    ("Recommendations", "Recommendation 1: The Trust should tell the school of every visit."),
]


def paragraphs(rows=REPORT, report="aaaaaaaaaaaa"):
    made, start = [], 0
    for number, (heading, text) in enumerate(rows):
        made.append(ReportParagraph(report, start, text, heading, number / len(rows)))
        start += len(text) + 1
    return made


def said(proposed, part):
    return [one.text for one in proposed if one.part == part]


def test_each_part_is_found_under_its_headings_and_by_its_cues():
    found = propose_sentences(paragraphs())
    assert said(found, "event") == ["In May 2004 a baby girl of four months died at home."]
    assert said(found, "background") == [
        "The mother had been depressed since the birth.",
        "The father drank heavily at home.",
    ]
    assert said(found, "issues") == ["Nobody recorded the visits of that winter."]
    assert said(found, "recommendations") == ["The Trust should tell the school of every visit."]


def test_the_terms_of_reference_are_no_findings():
    assert all("The panel should say" not in one.text for one in propose_sentences(paragraphs()))


def test_what_people_agreed_comes_before_what_the_rules_find():
    text = "\n".join(text for _, text in REPORT)
    start = text.index("It rained")
    mark = EvidenceOfPart("issues", "aaaaaaaaaaaa", Span(start, start + 5), "recording")
    found = propose_sentences(paragraphs(), [mark])
    rain = next(one for one in found if one.text == "It rained in March that year.")
    assert (rain.part, rain.why) == ("issues", "agreed: recording")


def test_of_two_sentences_on_one_agreed_subject_one_is_proposed():
    rows = [("Findings", "The school was never told of it. The doctor was never told of it.")]
    marks = [
        EvidenceOfPart("issues", "aaaaaaaaaaaa", Span(start, start + 5), "telling")
        for start in (0, 34)
    ]
    assert len(said(propose_sentences(paragraphs(rows), marks), "issues")) == 1


def test_a_whole_date_is_warned_of():
    rows = [("Summary", "The boy of three years died on 4 March 2004 in hospital.")]
    (event,) = propose_sentences(paragraphs(rows))
    assert event.caution == "Contains a full date. Abstracts give only the month or the year."


def test_nothing_is_proposed_where_nothing_speaks_for_it():
    assert (
        propose_sentences(
            paragraphs([("Annex", "The meeting room was on the second floor of it.")])
        )
        == []
    )
    assert propose_sentences([]) == []


TEXT = """a baby died in 2004 The mother drank Nobody recorded the visit. should tell! Was he seen?
4.2 Recommendation 1: “No” said Dr. Bell; depressed aged six weeks \u00a0 é 12.3.2004"""
WORDS = st.sampled_from([*TEXT.split(), "\n", ""])
HEADINGS = st.sampled_from(
    ["Summary", "Family > History", "Findings", "Recommendations", "", "Annex"]
)


@given(
    st.lists(st.tuples(HEADINGS, st.lists(WORDS, min_size=1, max_size=60)), max_size=12),
    st.lists(
        st.tuples(st.sampled_from(PARTS), st.integers(0, 400), st.integers(1, 60)), max_size=6
    ),
)
def test_every_proposal_stands_word_for_word_at_its_place(rows, marks):
    texts = [(heading, " ".join(words)) for heading, words in rows]
    agreed = [
        EvidenceOfPart(part, "aaaaaaaaaaaa", Span(start, start + size), f"{part} {start % 3}")
        for part, start, size in marks
    ]
    content = "\n".join(text for _, text in texts)
    found = propose_sentences(paragraphs(texts), agreed)
    for one in found:
        assert one.span.of(content) == one.text
        assert one.text.strip() == one.text
        assert one.why
    assert len({one.span for one in found}) == len(found)
    order = [(PARTS.index(one.part), one.span.start) for one in found]
    assert order == sorted(order)
    assert all(len(said(found, part)) <= MAX_SENTENCES[part] for part in PARTS)


# ---- from chosen sentences to an abstract ----


def test_chosen_sentences_become_paragraphs_with_the_names_of_their_parts():
    chosen = [("issues", "Nobody  asked."), ("event", "A child died."), ("issues", "None came.")]
    assert compose_abstract(chosen) == "A child died.\n\nKey issues: Nobody asked. None came."


def test_what_the_cataloguer_wrote_stays_and_each_part_is_added_to():
    before = "A boy died.\n\nKey issues: Nobody asked.\n\nOf note elsewhere."
    after = compose_abstract(
        [("issues", "None came."), ("background", "They moved.")], after=before
    )
    assert after.split("\n\n") == [
        "A boy died.",
        "Background: They moved.",
        "Key issues: Nobody asked. None came.",
        "Of note elsewhere.",
    ]


@given(st.lists(st.tuples(st.sampled_from(PARTS), st.text("ab .\n", min_size=1)), max_size=8))
def test_taking_the_same_sentences_twice_adds_nothing(chosen):
    chosen = [(part, text) for part, text in chosen if text.strip()]
    once = compose_abstract(chosen)
    assert compose_abstract(chosen, after=once) == once
    assert all(contains_sentence(once, text) for _, text in chosen)


def test_a_changed_sentence_is_no_longer_that_of_the_report():
    assert contains_sentence("A child  died.\n\nSoon.", "A child\ndied.")
    assert not contains_sentence("A child was dying.", "A child died.")
    assert part_of("key issues: x") == "issues"
    assert part_of("Anything") == "event"
    assert single_spaced(" a\n\n b ") == "a b"
