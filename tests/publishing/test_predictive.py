"""What a factor would be worth as a prediction: only with sources, and next to nothing."""

from fractions import Fraction
from functools import lru_cache

import pytest

from tests.overview.rows import DEMO_SPEC, fixture_rows, framework, spec
from tests.publishing.small_release import EDITION, PROVENANCE, small_document, small_release
from waymark.overview.releases.release import make_release
from waymark.publishing.document.nodes import (
    FactList,
    HeadingNode,
    InlineNumber,
    ParagraphNode,
    plain_text,
)
from waymark.publishing.document.predictive_value import (
    PredictiveAnswer,
    one_in,
    panel_answer,
    panel_nodes,
    predictive_value,
)
from waymark.publishing.document.render import plain_document

CELL = "predictive_value:\n  factor: {table: T8, row: ROW, column: recorded}\n"
AMONG = "  among: families known to a service\n"
HARM = "  harm: {one_in: 4000, source: A report, date: 2017-11-01}\n"
FACTOR = "  factor_in_population: {percent: 50, source: A survey, date: 2016-03-01}\n"
VIOLENCE = CELL.replace("ROW", "fac.domestic_violence")
WHOLE = VIOLENCE + AMONG + HARM + FACTOR


@pytest.mark.parametrize(
    ("factor", "expected"),
    [
        # 0.71 / 4,000 / 0.5 = 0.000355, which is 1 in 2,816.9; and so on.
        (Fraction(50, 100), 2817),
        (Fraction(71, 100), 4000),
        (Fraction(30, 100), 1690),
    ],
)
def test_71_per_cent_of_reviews_and_1_family_in_4000(factor, expected):
    value = predictive_value(Fraction(71, 100), harm=Fraction(1, 4000), factor=factor)
    assert one_in(value) == expected


@lru_cache(maxsize=8)
def release(block, profile="open"):
    source = DEMO_SPEC.replace("\nfigures:\n", f"\n{block}figures:\n", 1)
    return make_release(
        fixture_rows(source), spec(source), framework(), profile=profile, provenance=PROVENANCE
    )


def said(block, profile="open"):
    nodes = list(panel_nodes(release(block, profile)))
    return " ".join(plain_text(node.words) for node in nodes if isinstance(node, ParagraphNode))


def test_the_panel_says_in_words_that_nothing_can_be_predicted():
    """13 of 24 reviews record domestic violence: 13/24 / 4,000 / 0.5 is 1 in 3,692.3."""
    assert panel_answer(release(WHOLE)) == PredictiveAnswer(
        Fraction(13, 24), 3692, 4000, is_more_frequent=True
    )
    text = said(WHOLE)
    assert text.startswith("13 of 24 reviews record: Domestic violence.")
    assert "about 1 in 3,692 of those with the factor (0.027 per cent)" in text
    assert "would be wrong about 3,691 of every 3,692" in text
    assert text.endswith("It cannot predict what will happen to any family.")


def test_the_number_that_the_panel_rests_on_opens_to_its_words():
    (first, *_) = [node for node in panel_nodes(release(WHOLE)) if isinstance(node, ParagraphNode)]
    assert first.words[0] == InlineNumber(
        "T8", "fac.domestic_violence", "recorded", "13", opens=True
    )


def test_the_panel_names_its_sources_with_their_dates():
    (facts,) = [node for node in panel_nodes(release(WHOLE)) if isinstance(node, FactList)]
    assert facts.facts == (
        ("Among", "families known to a service"),
        ("Such a review", "1 in 4,000. Source: A report (1 November 2017)"),
        ("The factor", "50 per cent. Source: A survey (1 March 2016)"),
    )


def test_a_factor_no_rarer_outside_reviews_tells_nothing_new():
    common = WHOLE.replace("percent: 50", "percent: 60")
    assert "So the factor adds nothing to what is known without it." in said(common)


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (VIOLENCE, "How common serious harm is and how common the factor is are not given."),
        (VIOLENCE + AMONG + HARM, "How common the factor is is not given."),
        (VIOLENCE + AMONG + FACTOR, "How common serious harm is is not given."),
        (
            WHOLE.replace("one_in: 4000", "one_in: 1").replace("percent: 50", "percent: 1"),
            "The two prevalences cannot both be true",
        ),
    ],
)
def test_without_both_prevalences_the_panel_is_off_and_says_why(block, reason):
    assert panel_answer(release(block)).reason.startswith(reason)
    assert said(block).startswith(f"Not given. {reason}")


def test_a_number_that_is_withheld_has_no_panel():
    block = WHOLE.replace("fac.domestic_violence", "fac.parental_learning_disability")
    assert (
        panel_answer(release(block, "k5")).reason
        == "The number of reviews that this is based on is not shown."
    )
    assert "learning disability" not in said(block, "k5").lower()


def test_on_a_base_under_20_there_is_no_panel():
    block = WHOLE.replace("fac.domestic_violence", "fac.cold")
    release = small_release("tables:\n", f"{block}tables:\n")
    assert panel_answer(release).reason == "The base is under 20, too small for a share."


def test_an_overview_that_does_not_ask_for_it_has_no_panel_and_the_reason_is_known():
    assert list(panel_nodes(small_release())) == []
    assert panel_answer(small_release()).reason.startswith("No factor is named.")
    headings = [node.anchor for node in small_document().nodes if isinstance(node, HeadingNode)]
    assert "predictive-value" not in headings


def test_the_panel_stands_under_what_figures_cannot_tell():
    nodes = plain_document(release(WHOLE), EDITION).nodes
    anchors = [node.anchor for node in nodes if isinstance(node, HeadingNode)]
    assert anchors[anchors.index("limits") + 1] == "predictive-value"
