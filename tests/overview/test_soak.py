"""Releases by lot: what they withhold stays withheld, and most of them can be given out."""

import sys

import numpy as np
import pytest

from tests.overview.lots import TABLES, THEMES, KindsCounted, lot, protected

GIVEN_OUT = 0.8
"""Of ordinary specs at k3 with 100 reviews: a protection that refuses everything is none."""


def some_tables(seed: int) -> list[str]:
    """Four to seven tables of the kinds that overviews have."""
    draw = np.random.default_rng(seed)
    return sorted(map(str, draw.choice(sorted(TABLES), draw.integers(4, 8), replace=False)))


def share_given_out(seeds: range, *, reviews: int, profile: str = "k3") -> float:
    """How many of the releases can be given out whole, each attacked with all that it prints."""
    k, given_out = int(profile[1]), 0
    for seed in seeds:
        drawn = lot(seed, reviews)
        made = protected(drawn.rows, *some_tables(seed), profile=profile)
        given_out += made is not None
        for theme in THEMES if made else ():
            for cell, _, (low, high) in KindsCounted(drawn, made, theme).narrowed(k):
                assert low == 0, (seed, theme, cell, low, high)
                assert high >= k, (seed, theme, cell, low, high)
    return given_out / len(seeds)


def test_six_releases_withhold_what_they_should():
    assert share_given_out(range(100, 106), reviews=100) >= GIVEN_OUT


@pytest.mark.soak
def test_sixty_ordinary_specs_can_mostly_be_given_out(capsys):
    share = share_given_out(range(100, 160), reviews=100)
    with capsys.disabled():
        sys.stdout.write(f"\ngiven out at k3, 100 reviews: {share:.0%} of 60 specs\n")
    assert share >= GIVEN_OUT


@pytest.mark.soak
@pytest.mark.parametrize(("reviews", "profile"), [(40, "k3"), (60, "k3"), (100, "k5")])
def test_small_collections_withhold_what_they_should(reviews, profile, capsys):
    share = share_given_out(range(200, 260), reviews=reviews, profile=profile)
    with capsys.disabled():
        sys.stdout.write(f"\ngiven out at {profile}, {reviews} reviews: {share:.0%} of 60 specs\n")
