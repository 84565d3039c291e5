"""Agreement statistics against published examples and hand-worked numbers."""

import numpy as np
import pytest

from waymark.coding.agreement import (
    bootstrap_interval,
    cohen_kappa,
    gwet_ac1,
    raw_agreement,
)
from waymark.coding.agreement import two_coders as agreement
from waymark.core.errors import RuleError


def pair(both_yes, first_only, second_only, both_no):
    first = ["y"] * (both_yes + first_only) + ["n"] * (second_only + both_no)
    second = ["y"] * both_yes + ["n"] * first_only + ["y"] * second_only + ["n"] * both_no
    return first, second


def test_the_double_coding_of_sixty_six_units_gives_the_figures_worked_out_by_hand():
    # 59 of 66 alike; chance (33*34 + 33*32)/66^2 = 0.5; (0.89394 - 0.5)/0.5 = 0.78788
    rated = pair(30, 3, 4, 29)
    assert raw_agreement(*rated) == pytest.approx(59 / 66)
    assert cohen_kappa(*rated) == pytest.approx(0.787879, abs=1e-6)
    assert gwet_ac1(*rated) == pytest.approx(0.7880, abs=1e-4)


def test_on_a_rare_code_kappa_falls_and_ac1_does_not():
    # 62 of 66 alike, one both present: kappa about 0.30, AC1 about 0.93
    rated = pair(1, 2, 2, 61)
    assert cohen_kappa(*rated) == pytest.approx(0.302, abs=0.002)
    assert gwet_ac1(*rated) == pytest.approx(0.934, abs=0.002)


def test_cohens_own_kind_of_example_with_three_values():
    # Observed 27/50; chance (20*18 + 20*20 + 10*12)/2500 = 0.352; kappa = 0.188/0.648
    counts = {"aa": 10, "ab": 6, "ac": 4, "ba": 5, "bb": 12, "bc": 3, "ca": 3, "cb": 2, "cc": 5}
    first = [key[0] for key, n in counts.items() for _ in range(n)]
    second = [key[1] for key, n in counts.items() for _ in range(n)]
    assert cohen_kappa(first, second) == pytest.approx(0.188 / 0.648)


def test_perfect_agreement_on_one_value_counts_as_one():
    assert cohen_kappa(["y"] * 5, ["y"] * 5) == gwet_ac1(["y"] * 5, ["y"] * 5) == 1.0


@pytest.mark.parametrize("rated", [([], []), (["y"], ["y", "n"])])
def test_unequal_or_empty_codings_are_refused(rated):
    with pytest.raises(RuleError):
        cohen_kappa(*rated)


def test_the_interval_of_the_double_coding_is_the_one_worked_out_elsewhere():
    # An independent bootstrap of the same 66 units gave 0.63 to 0.91.
    interval = bootstrap_interval(cohen_kappa, [pair(30, 3, 4, 29)])
    assert interval.lower == pytest.approx(0.63, abs=0.03)
    assert interval.upper == pytest.approx(0.91, abs=0.03)


def test_the_interval_is_the_same_every_time():
    reviews = [pair(5, 1, 0, 5), pair(5, 0, 1, 5), pair(4, 1, 1, 5)]
    assert bootstrap_interval(raw_agreement, reviews) == bootstrap_interval(raw_agreement, reviews)


def test_with_enough_reviews_whole_reviews_are_drawn():
    # Reviews in full agreement or in none: drawn whole they spread far more than their units would.
    reviews = [pair(5, 0, 0, 5), pair(0, 5, 5, 0)] * 10
    whole = bootstrap_interval(raw_agreement, reviews)
    units = bootstrap_interval(raw_agreement, reviews[:19])
    assert whole.upper - whole.lower > 2 * (units.upper - units.lower)


@pytest.mark.parametrize("statistic", [raw_agreement, cohen_kappa, gwet_ac1])
def test_an_interval_is_that_of_the_statistic_of_every_draw(statistic, monkeypatch):
    # Three values, one of them so rare that many draws are without it; the draws made one by one.
    reviews = [pair(4, 1, n % 3, 5 - n % 2) for n in range(23)]
    reviews.append((["rare", "y"], ["rare", "n"]))
    random = np.random.default_rng(20080)
    values = []
    for drawn in random.integers(len(reviews), size=(60, len(reviews))):
        first = [value for at in drawn for value in reviews[at][0]]
        second = [value for at in drawn for value in reviews[at][1]]
        values.append(statistic(first, second))
    expected = np.quantile(values, [0.025, 0.975])
    monkeypatch.setattr(agreement, "DRAWN_AT_A_TIME", 7 * len(reviews))
    interval = bootstrap_interval(statistic, reviews, rounds=60)
    assert [interval.lower, interval.upper] == pytest.approx(expected, abs=1e-12)


def test_one_unit_gives_no_interval():
    with pytest.raises(RuleError, match="at least two"):
        bootstrap_interval(raw_agreement, [(["y"], ["y"])])
