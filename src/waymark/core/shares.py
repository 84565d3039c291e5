"""Intervals of shares. Pure."""

from math import sqrt

Z = 1.959963984540054
"""95 per cent of the normal distribution are within this number of standard deviations."""


def wilson_interval(
    part: int, base: int, *, drawn: int = 0, population: int = 0
) -> tuple[float, float]:
    """The 95 per cent Wilson score interval of part of base, as shares from 0 to 1.

    0 <= part <= base, base >= 1. population: how many there were to draw from; drawn: how many were
    drawn (0 and 0: an infinite population). Source: E. B. Wilson, "Probable Inference", 1927, with
    the correction for a finite population: the base counts as
    base * (population - 1) / (population - drawn). For 18 of 24 drawn from 48, the base counts as
    24 * 47 / 24 = 47, and the interval is 0.61 to 0.85.
    """
    size = base * (population - 1) / (population - drawn) if population else float(base)
    share, square = part / base, Z * Z / size
    middle = (share + square / 2) / (1 + square)
    reach = Z * sqrt(share * (1 - share) / size + square / (4 * size)) / (1 + square)
    return max(0.0, middle - reach), min(1.0, middle + reach)
