"""The first letters of Welsh words, which change with what stands before them.

plant (children): y plant, ei blant, fy mhlant, ei phlant. A reader looks for the word, not for one
of its shapes. From a shape one cannot always tell the word: blant is plant or a word blant, and nad
(that not) is no shape of tad (father) though nhad is. So nothing is folded in the index: a word
that is looked for stands for all shapes of every word that it may be a shape of.
"""

from functools import lru_cache

# What a word begins with -> what that becomes: soft, nasal, aspirate; "" where it falls away.
CHANGES: dict[str, tuple[str, ...]] = {
    "p": ("b", "mh", "ph"),
    "t": ("d", "nh", "th"),
    "c": ("g", "ngh", "ch"),
    "b": ("f", "m"),
    "d": ("dd", "n"),
    "g": ("", "ng"),
    "m": ("f",),
    "ll": ("l",),
    "rh": ("r",),
} | {vowel: (f"h{vowel}",) for vowel in "aeiouwy"}
"""A vowel takes an h after her, our and their: eu hanghenion."""

BEGINNINGS = (
    *("ngh", "ch", "dd", "ff", "mh", "ng", "nh", "ll", "ph", "rh", "th"),
    *(
        "b",
        "c",
        "d",
        "f",
        "g",
        "h",
        "l",
        "m",
        "n",
        "p",
        "r",
        "t",
        "a",
        "e",
        "i",
        "o",
        "u",
        "w",
        "y",
    ),
)
"""Letters of the Welsh alphabet and clusters that a word may begin with, the longest first."""
AFTER_G = frozenset("aeiouwylr")
"""What a word that has lost its g begins with."""
SHORTEST = 3
"""Letters of the shortest word that is changed: o, yn and i'r are not shapes of anything."""


@lru_cache(maxsize=16_384)
def shapes(word: str) -> tuple[str, ...]:
    """All shapes of every word that this may be a shape of, itself first.

    word: folded (lower case, without accents). shapes(a) holds b exactly where shapes(b) holds a.
    """
    if len(word) < SHORTEST:
        return (word,)
    found = [word]
    for radical in radicals(word):
        found.append(radical)
        found += changed(radical)
    return tuple(shape for shape in dict.fromkeys(found) if len(shape) >= SHORTEST)


def radicals(word: str) -> list[str]:
    """The words that this may be a shape of, itself first."""
    beginning = _beginning(word)
    found = [word]
    found += [
        radical + word[len(beginning) :]
        for radical, into in CHANGES.items()
        if beginning and beginning in into
    ]
    if word[0] in AFTER_G and beginning not in {"ll", "rh"}:
        found.append(f"g{word}")
    if word[0] == "h" and len(word) > 1 and word[1] in "aeiouwy":
        found.append(word[1:])
    return found


def changed(radical: str) -> list[str]:
    """The shapes that a word takes: plant -> blant, mhlant, phlant."""
    beginning = _beginning(radical)
    rest = radical[len(beginning) :]
    if beginning == "g" and rest[:1] not in AFTER_G:
        return [f"ng{rest}"]
    return [shape + rest for shape in CHANGES.get(beginning, ())]


def _beginning(word: str) -> str:
    return next((letters for letters in BEGINNINGS if word.startswith(letters)), "")
