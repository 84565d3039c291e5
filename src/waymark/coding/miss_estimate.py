"""How many codes a program misses, estimated from passages that a person read. Pure.

It rests on three things: the passages were drawn by chance from those without any suggestion, the
program's suggestions were compared with what was agreed afterwards, and the person who read the
sample is taken to be right.

Example: the program found a code in 30 passages. Of 1,000 passages without a suggestion 100 were
read, and 2 of them had the code. So about 20 were missed, and 30 of 50 found: 0.6. By Wilson's
interval of 2 in 100 (of 1,000), 6 to 66 were missed: between 0.31 and 0.84 were found.
"""

from dataclasses import dataclass

from waymark.core.shares import wilson_interval

FEWEST_READ = 10
"""Passages read below which nothing is estimated."""


@dataclass(frozen=True, slots=True)
class MissEstimate:
    """Estimated share of the passages with a code that the program found; 95 per cent interval.

    All None where nothing was found and nothing is estimated to be missed.
    """

    share: float | None
    share_low: float | None
    share_high: float | None


def estimate_misses(*, found: int, with_code: int, read: int, passages: int) -> MissEstimate | None:
    """The estimate for one code; None below FEWEST_READ, if more than that many could be read.

    found: passages in which the program found the code. with_code: of the passages read, those
    that have it; passages: all without a suggestion.
    """
    if not passages:
        return MissEstimate(*((1.0 if found else None,) * 3))
    if read < min(FEWEST_READ, passages):
        return None
    if read >= passages:
        low = high = with_code / passages
    else:
        low, high = wilson_interval(with_code, read, drawn=read, population=passages)
    missed = [share * passages for share in (with_code / read, low, high)]
    share, most, least = (found / (found + number) if found + number else None for number in missed)
    return MissEstimate(share, share_low=least, share_high=most)
