"""Names that are near to one that does not exist, for errors. Pure."""

from collections.abc import Iterable
from difflib import get_close_matches

NEAR = 0.5
"""How alike names must be, from 0 to 1."""
MOST_SHOWN = 3
MOST_LISTED = 12


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of an error about an unknown name: "; did you mean a or b?".

    If none of the known names is near, all of them are listed where they are few; else "".

    "natur" among nature and outcome -> "; did you mean nature?"; "xyz" -> "; choose one of: nature,
    outcome".
    """
    names = list(dict.fromkeys(known))
    folded = {each.lower(): each for each in reversed(names)}
    near = get_close_matches(name.lower(), folded, n=MOST_SHOWN, cutoff=NEAR)
    if near:
        return f"; did you mean {' or '.join(folded[each] for each in near)}?"
    return f"; choose one of: {', '.join(names)}" if 0 < len(names) <= MOST_LISTED else ""
