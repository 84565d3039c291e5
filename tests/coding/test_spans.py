"""Agreement on spans: alpha-U, gamma and F1, against published examples and other programs."""

import json
from dataclasses import replace
from random import Random
from time import process_time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shared import SHARED, needs_shared
from waymark.coding.agreement import gamma as of_gamma
from waymark.coding.agreement.alpha_u import unitized_disagreement
from waymark.coding.agreement.draws import drawn_times
from waymark.coding.agreement.gamma import gamma, total_disorder
from waymark.coding.agreement.span_summary import summarise_spans
from waymark.coding.agreement.spans import CodedSpan, marked_characters
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
    figures = (found.observed[0], found.expected[0], found.alphas[0])
    assert figures == pytest.approx((observed, expected, alpha), abs=1e-4)


def test_alpha_u_of_all_codes_of_the_textbook_adds_up_their_disagreements():
    every = summarise_spans(textbook("c", "k"), {"text": 300})[-1]
    assert every.code == ""
    assert every.alpha_u == pytest.approx(0.8591, abs=5e-4)


def test_alpha_u_of_one_long_span_against_three_short_ones():
    # r0: -11111111-    r1: --1-1-1---    as dkpro-statistics finds it
    spans = spans_of("r0", (1, 9)) + spans_of("r1", (2, 3), (4, 5), (6, 7))
    found = unitized_disagreement(spans, ["r0", "r1"], {"d": 10})
    assert (found.observed[0], found.expected[0]) == pytest.approx((0.91, 0.5351), abs=1e-4)
    assert found.alphas[0] == pytest.approx(-0.7003, abs=1e-4)


def test_alpha_u_reads_documents_as_one_text_with_gaps_over_their_ends():
    texts = {"d1": 40, "empty": 30, "d2": 50}
    one = spans_of("a", (5, 12), (20, 31)) + spans_of("b", (6, 12), document="d1")
    one = [replace(span, document="d1") for span in one]
    two = spans_of("a", (8, 20), document="d2") + spans_of("b", (40, 50), document="d2")
    joined = [
        replace(span, document="one", start=span.start + after, end=span.end + after)
        for after, some in ((0, one), (70, two))
        for span in some
    ]
    apart = unitized_disagreement(one + two, ["a", "b"], texts)
    whole = unitized_disagreement(joined, ["a", "b"], {"one": 120})
    assert apart.observed == pytest.approx(whole.observed)
    assert apart.expected == pytest.approx(whole.expected)


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
    spans = spans_of("a", *first) + spans_of("b", *second)
    (f1,) = marked_characters(spans, ["a", "b"], ["d"]).f1()
    expected = 2 * len(a & b) / (len(a) + len(b)) if a or b else float("nan")
    assert f1 == pytest.approx(expected, nan_ok=True)


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


# ---- intervals ----


def double_coded(documents, seed=7):
    """Spans of two coders in so many documents of 300 characters, near each other and of two codes;
    every fourth document has none."""
    random = Random(seed)  # noqa: S311
    for number in range(documents):
        name = f"d{number:04}"
        for start in range(10, 200, 60) if number % 4 else ():
            code = random.choice("xy")
            end = start + random.randint(3, 40)
            yield CodedSpan(name, "a", code, start, end)
            if random.random() < 0.8:
                yield CodedSpan(name, "b", code, start + random.randint(0, 2), end + 2)


def drawn_anew(spans, lengths, times):
    """The spans and lengths of one draw: the documents in their order, copies beside each other."""
    copies, texts = [], {}
    for (document, length), number in zip(lengths.items(), times, strict=True):
        for copy in range(int(number)):
            name = f"{document} {copy}"
            texts[name] = length
            copies += [replace(s, document=name) for s in spans if s.document == document]
    return copies, texts


def test_intervals_are_those_of_the_figures_of_every_draw_of_whole_documents():
    spans, lengths = list(double_coded(21)), {f"d{number:04}": 300.0 for number in range(21)}
    rows = {row.code: row for row in summarise_spans(spans, lengths)}
    times = next(drawn_times(21))[:40]
    own = [span for span in spans if span.code == "x"]
    drawn = [drawn_anew(own, lengths, row) for row in times]
    alphas = unitized_disagreement(own, ["a", "b"], lengths, times).alphas
    f1 = marked_characters(own, ["a", "b"], lengths).f1(times)
    for place, (copies, texts) in enumerate(drawn):
        whole = unitized_disagreement(copies, ["a", "b"], texts)
        assert alphas[place] == pytest.approx(whole.alphas[0])
        assert f1[place] == pytest.approx(marked_characters(copies, ["a", "b"], texts).f1()[0])
    row = rows["x"]
    everything = np.concatenate(list(drawn_times(21)))
    for figure, values in (
        ("alpha_u", unitized_disagreement(own, ["a", "b"], lengths, everything).alphas),
        ("f1", marked_characters(own, ["a", "b"], lengths).f1(everything)),
    ):
        interval = row.intervals[figure]
        ends = (interval.lower, interval.upper)
        assert ends == pytest.approx(np.quantile(values, [0.025, 0.975]))
    assert all(
        one.intervals[figure].lower < value < one.intervals[figure].upper
        for one in rows.values()
        for figure, value in one.figures.items()
    )
    assert (row.documents, row.interval_reason) == (21, "")
    assert summarise_spans(spans, lengths) == list(rows.values())


def test_gamma_of_a_draw_compares_the_disorders_of_its_documents():
    spans, lengths = list(double_coded(5)), [f"d{number:04}" for number in range(5)]
    disorders = of_gamma.document_disorders(spans, ["a", "b"], lengths)
    once, twice = np.ones((1, 5)), np.array([[0.0, 2, 0, 3, 0]])
    assert disorders.gammas(once)[0] == pytest.approx(gamma(spans, ["a", "b"]).value)
    observed = 2 * disorders.observed[1] + 3 * disorders.observed[3]
    expected = np.mean(2 * disorders.sampled[:, 1] + 3 * disorders.sampled[:, 3])
    assert disorders.gammas(twice)[0] == pytest.approx(1 - observed / expected)
    assert np.isnan(disorders.gammas(np.array([[5.0, 0, 0, 0, 0]]))[0])


def test_few_documents_and_a_code_that_few_have_get_no_interval_and_the_reason():
    lengths = {f"d{number:04}": 300.0 for number in range(20)}
    (*_, every) = summarise_spans(list(double_coded(19)), dict(list(lengths.items())[:19]))
    assert every.alpha_u is not None
    assert set(every.intervals.values()) == {None}
    assert every.interval_reason == "19 documents to draw from; an interval needs 20"
    rare = [replace(span, code="rare") for span in double_coded(4)]
    of_code = {row.code: row for row in summarise_spans([*double_coded(20), *rare], lengths)}
    assert of_code["rare"].interval_reason == "in 3 documents; an interval needs 10"
    assert None not in of_code["x"].intervals.values()


def test_intervals_of_fifteen_hundred_spans_in_four_hundred_documents_cost_seconds_at_most():
    spans, lengths = list(double_coded(400)), {f"d{number:04}": 300.0 for number in range(400)}
    assert len(spans) > 1_500
    begun = process_time()
    times = np.concatenate(list(drawn_times(len(lengths))))
    unitized_disagreement(spans, ["a", "b"], lengths, times)
    marked_characters(spans, ["a", "b"], lengths).f1(times)
    assert process_time() - begun < 2
