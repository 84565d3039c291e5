"""Agreement on spans: alpha-U, gamma and F1, against published examples and other programs."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shared import SHARED, needs_shared
from waymark.coding.agreement import gamma as of_gamma
from waymark.coding.agreement.gamma import gamma, total_disorder
from waymark.coding.agreement.span_summary import summarise_spans
from waymark.coding.agreement.spans import CodedSpan, character_f1, unitized_disagreement
from waymark.core.errors import RuleError

CONTINUA = sorted((SHARED / "data" / "agreement" / "pygamma").glob("*.json"))
# Krippendorff 2004, p. 254: coder, code, start and length in a text from 150 to 450.
TEXTBOOK = (
    *(("i", "c", 225, 70), ("i", "c", 370, 30)),
    *(("j", "c", 220, 80), ("j", "c", 355, 20), ("j", "c", 400, 20)),
    *(("i", "k", 180, 60), ("i", "k", 300, 50)),
    *(("j", "k", 180, 60), ("j", "k", 300, 50)),
)


def textbook(*codes):
    return [
        CodedSpan("text", coder, code, start - 150, start - 150 + length)
        for coder, code, start, length in TEXTBOOK
        if code in codes
    ]


def spans_of(coder, *ends, code="x", document="d"):
    return [CodedSpan(document, coder, code, start, end) for start, end in ends]


# ---- alpha-U ----


@pytest.mark.parametrize(
    ("code", "observed", "expected", "alpha"),
    [("c", 0.0144, 0.0532, 0.7286), ("k", 0, 0.0490, 1)],
)
def test_alpha_u_of_the_textbook(code, observed, expected, alpha):
    found = unitized_disagreement(textbook(code), ["i", "j"], {"text": 300})
    assert (found.observed, found.expected, found.alpha) == pytest.approx(
        (observed, expected, alpha), abs=1e-4
    )


def test_alpha_u_of_all_codes_of_the_textbook_adds_up_their_disagreements():
    every = summarise_spans(textbook("c", "k"), {"text": 300})[-1]
    assert every.code == ""
    assert every.alpha_u == pytest.approx(0.8591, abs=5e-4)


def test_alpha_u_of_one_long_span_against_three_short_ones():
    # r0: -11111111-    r1: --1-1-1---    as dkpro-statistics finds it
    spans = spans_of("r0", (1, 9)) + spans_of("r1", (2, 3), (4, 5), (6, 7))
    found = unitized_disagreement(spans, ["r0", "r1"], {"d": 10})
    assert (found.observed, found.expected) == pytest.approx((0.91, 0.5351), abs=1e-4)
    assert found.alpha == pytest.approx(-0.7003, abs=1e-4)


# ---- gamma ----


def continuum(units):
    """Spans moved to the right of 0, which changes no distance."""
    return [
        CodedSpan("d", one["annotator"], one["category"], one["start"] + 99, one["end"] + 99)
        for one in units
    ]


@needs_shared
@pytest.mark.parametrize("path", CONTINUA, ids=[path.stem for path in CONTINUA])
def test_the_disorder_of_each_continuum_is_that_of_pygamma(path):
    fixture = json.loads(path.read_text("utf-8"))
    spans = continuum(fixture["continuum"])
    coders = sorted({span.coder for span in spans})
    size = len(spans) / len(coders)
    best = fixture["tier1"]["bestAlignmentDisorder"]
    assert total_disorder(spans, coders) / size == pytest.approx(best, abs=1e-5)
    sampled = []
    for sample in fixture["tier2"]["sampledContinua"]:
        moved = continuum(sample["units"])
        sampled.append(total_disorder(moved, coders) / (len(moved) / len(coders)))
        assert sampled[-1] == pytest.approx(sample["bestAlignmentDisorder"], abs=1e-5)


def test_two_coders_by_assignment_have_the_disorder_of_the_integer_program():
    first = spans_of("a", (0, 9), (12, 20), (30, 31), code="x") + spans_of("a", (5, 9), code="y")
    second = spans_of("b", (1, 9), (13, 18), code="x") + spans_of("b", (4, 9), (50, 60), code="y")
    own = of_gamma._disorder_of_two(first, second)
    assert own == pytest.approx(of_gamma._disorder_of_many([first, second]))


def test_gamma_of_the_same_spans_is_one_and_the_same_each_time():
    spans = spans_of("a", (0, 9), (20, 30)) + spans_of("b", (0, 9), (20, 30))
    assert gamma(spans, ["a", "b"]).value == 1
    near = spans_of("a", (0, 9), (20, 30)) + spans_of("b", (1, 9), (22, 30))
    assert gamma(near, ["a", "b"]) == gamma(near, ["a", "b"])
    assert 0.5 < gamma(near, ["a", "b"]).value < 1


def test_gamma_falls_when_an_exact_match_becomes_a_partial_one():
    whole = spans_of("a", (0, 10), (50, 60)) + spans_of("b", (0, 10), (50, 60))
    part = spans_of("a", (0, 10), (50, 60)) + spans_of("b", (0, 10), (50, 55))
    assert gamma(part, ["a", "b"]).value < gamma(whole, ["a", "b"]).value


def test_spans_of_different_documents_are_not_aligned():
    spans = spans_of("a", (0, 10), document="d1") + spans_of("b", (0, 10), document="d2")
    assert gamma(spans, ["a", "b"]).observed == pytest.approx(2)


# ---- characters ----

ENDS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 9)).map(lambda e: (e[0], e[0] + e[1])), max_size=5
)


@given(ENDS, ENDS)
def test_f1_is_that_of_the_sets_of_characters(first, second):
    a, b = ({n for start, end in ends for n in range(start, end)} for ends in (first, second))
    f1 = character_f1(spans_of("a", *first) + spans_of("b", *second), ["a", "b"])
    assert f1 == (pytest.approx(2 * len(a & b) / (len(a) + len(b))) if a or b else None)


def test_a_code_that_one_coder_used_has_no_figures():
    spans = spans_of("a", (0, 9)) + spans_of("b", (0, 9)) + spans_of("a", (20, 25), code="y")
    of_code = {row.code: row for row in summarise_spans(spans, {"d": 40})}
    assert (of_code["y"].alpha_u, of_code["y"].gamma, of_code["y"].f1) == (None, None, None)
    assert of_code["x"].f1 == 1
    assert of_code["y"].spans == {"a": 1, "b": 0}


def test_so_many_spans_over_each_other_are_refused():
    spans = [span for coder in "abc" for span in spans_of(coder, *[(0, 9 + n) for n in range(90)])]
    with pytest.raises(RuleError, match="too many spans overlap"):
        total_disorder(spans, ["a", "b", "c"])
