"""Names that are near to one that does not exist, for errors. Pure."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from difflib import get_close_matches

NEAR = 0.5
"""How alike names must be, from 0 to 1. Low: a list of three wrong guesses costs less than none."""
MOST_SHOWN = 3
MOST_LISTED = 12


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of an error about an unknown name: "; did you mean a or b?".

    If none of the known names is near, all of them are listed where they are few; else "".

    "natur" among nature and outcome -> "; did you mean nature?"; "xyz" -> "; choose one of: nature,
    outcome".
    """
    # A set has no order of its own, and a message is always the same.
    names = sorted(known) if isinstance(known, AbstractSet) else list(dict.fromkeys(known))
    folded = {each.lower(): each for each in reversed(names)}
    near = get_close_matches(name.lower(), folded, n=MOST_SHOWN, cutoff=NEAR)
    if near:
        return f"; did you mean {' or '.join(folded[each] for each in near)}?"
    return f"; choose one of: {', '.join(names)}" if 0 < len(names) <= MOST_LISTED else ""


def one_of(value: str, allowed: Iterable[str]) -> str:
    """The end of an error about a value off a list: names that are near, then the whole list.

    "asault" of assault and other -> "; did you mean assault? It is one of assault, other".
    """
    names = list(dict.fromkeys(allowed))
    near = did_you_mean(value, names)
    if near.endswith("?"):
        return f"{near} It is one of {', '.join(names)}"
    return f"; it is one of {', '.join(names)}"
