"""Agreement of coders, from their independent work before anything was settled.

Our own arithmetic on numpy: the packages for it are wrong, unmaintained, slow or GPL. Tests compare
it with published examples and with other programs.
"""

from waymark.coding.agreement.draws import FEWEST_REVIEWS, FEWEST_UNITS, ConfidenceInterval
from waymark.coding.agreement.two_coders import (
    Pair,
    Statistic,
    bootstrap_interval,
    bootstrap_intervals,
    cohen_kappa,
    gwet_ac1,
    raw_agreement,
)
from waymark.coding.agreement.within_codes import WithinCodes, agreement_within_codes

__all__ = [
    "FEWEST_REVIEWS",
    "FEWEST_UNITS",
    "ConfidenceInterval",
    "Pair",
    "Statistic",
    "WithinCodes",
    "agreement_within_codes",
    "bootstrap_interval",
    "bootstrap_intervals",
    "cohen_kappa",
    "gwet_ac1",
    "raw_agreement",
]
