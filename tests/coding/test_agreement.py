"""Agreement statistics against published examples and hand-worked numbers."""

import numpy as np
import pytest

from waymark.coding.agreement import (
    agreement_within_codes,
    bootstrap_interval,
    cohen_kappa,
    draws,
    gwet_ac1,
    raw_agreement,
)
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
        # AC1 counts the values of the scale, also in a draw without the rare one.
        scale = (("rare", "y", "n"),) if statistic is gwet_ac1 else ()
        values.append(statistic(first, second, *scale))
    expected = np.quantile(values, [0.025, 0.975])
    monkeypatch.setattr(draws, "DRAWN_AT_A_TIME", 7 * len(reviews))
    interval = bootstrap_interval(statistic, reviews, rounds=60)
    assert [interval.lower, interval.upper] == pytest.approx(expected, abs=1e-12)


def test_one_unit_gives_no_interval():
    with pytest.raises(RuleError, match="at least two"):
        bootstrap_interval(raw_agreement, [(["y"], ["y"])])


def test_ac1_counts_all_values_of_the_scale_also_those_nobody_gave():
    """Four units, three alike; y has 5 of 8 ratings. Two values: chance 2 * 5/8 * 3/8 = 15/32.
    Three: half of that, so (3/4 - 15/64) / (49/64) = 33/49."""
    first, second = ["y", "y", "y", "n"], ["y", "y", "n", "n"]
    assert gwet_ac1(first, second) == pytest.approx((3 / 4 - 15 / 32) / (17 / 32))
    assert gwet_ac1(first, second, ["y", "n", "unclear"]) == pytest.approx(33 / 49)
    with pytest.raises(RuleError, match="'n' is not a value of the scale: y, unclear"):
        gwet_ac1(first, second, ["y", "unclear"])


# Two codes of ten units: all alike on the first, half of them yes; on the second each coder says
# yes once, to different units.
COMMON = [(["y"] * 5 + ["n"] * 5, ["y"] * 5 + ["n"] * 5)]
RARE = [(["y"] + ["n"] * 9, ["n"] * 9 + ["y"])]


def test_within_codes_the_chance_of_each_code_is_taken_apart():
    """Raw 1 and 0.8, chance 0.5 and (1 + 81) / 100: kappa is 0.48 / 0.68. Pooled: 18 of 20 alike, 6
    of 20 yes by each, chance 0.09 + 0.49, so 0.32 / 0.42."""
    within = agreement_within_codes(cohen_kappa, [COMMON, RARE])
    assert within.together == pytest.approx(0.48 / 0.68)
    assert within.mean == pytest.approx((1 - 0.02 / 0.18) / 2)
    pooled = cohen_kappa(COMMON[0][0] + RARE[0][0], COMMON[0][1] + RARE[0][1])
    assert pooled == pytest.approx(0.32 / 0.42)
    assert within.interval.lower < within.together < within.interval.upper


def test_knowing_which_codes_are_common_is_no_agreement_within_them():
    """Each says yes to 9 of 10 units of one code and 1 of 10 of the other, differing on two units
    of each: less alike than by chance, but pooled kappa is far above zero."""
    often = [(["n"] + ["y"] * 9, ["y"] * 9 + ["n"])]
    within = agreement_within_codes(cohen_kappa, [often, RARE])
    assert within.together == within.mean == pytest.approx(-0.02 / 0.18)
    pooled = cohen_kappa(often[0][0] + RARE[0][0], often[0][1] + RARE[0][1])
    assert pooled == pytest.approx((0.8 - 0.5) / 0.5)


def test_within_codes_is_the_statistic_itself_for_a_single_code():
    within = agreement_within_codes(gwet_ac1, [RARE])
    assert within.together == within.mean == gwet_ac1(*RARE[0])
    assert agreement_within_codes(cohen_kappa, []).together is None
