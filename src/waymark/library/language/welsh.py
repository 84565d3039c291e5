"""Initial mutations of Welsh: the first letters of a word change with the word before it.

plant (children): y plant (the children), ei blant (his), fy mhlant (my), ei phlant (her). Readers
search for the word, not for one of its mutated forms.

The radical (unmutated word) cannot always be recovered: blant may come from plant or be a word
blant, and nad (that ... not) is not a form of tad (father), though nhad is. So the index stores
words as they are, and a query is expanded instead: from the typed word to every radical it may
come from, and from each radical to all its forms.

    typed blant -> radicals blant, plant
                -> forms of blant: flant, mlant;  forms of plant: blant, mhlant, phlant
                -> searched: blant, flant, mlant, plant, mhlant, phlant

Some of these are not Welsh words (flant); they match nothing and cost little.
"""

from functools import lru_cache

# Initial letters -> their mutations: soft, nasal, aspirate; "" if they are dropped (gardd, ardd).
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
"""A vowel gets an h after "her", "our" and "their": anghenion, eu hanghenion (their needs)."""

BEGINNINGS = (
    *("ngh", "ch", "dd", "ff", "mh", "ng", "nh", "ll", "ph", "rh", "th"),
    *"bcdfghlmnprt",
    *"aeiouwy",
)
"""Letters and digraphs that a Welsh word may begin with, longest first: "ngh" before "ng"."""
AFTER_G = frozenset("aeiouwylr")
"""First letters of a word that has lost its g: gardd (garden) -> ardd, gwlad -> wlad."""
SHORTEST = 3
"""Letters of the shortest word that is mutated: o, yn and i'r are left alone."""


@lru_cache(maxsize=16_384)
def related_forms(word: str) -> tuple[str, ...]:
    """All forms of every radical that this word may come from, the word itself first.

    word: folded (lower case, without accents). Symmetric: b is in related_forms(a)
    exactly if a is in related_forms(b), so it does not matter which form the reader types.
    """
    if len(word) < SHORTEST:
        return (word,)
    words = [word]
    for radical in possible_radicals(word):
        words.append(radical)
        words += mutated_forms(radical)
    return tuple(shape for shape in dict.fromkeys(words) if len(shape) >= SHORTEST)


def possible_radicals(word: str) -> list[str]:
    """The radicals that this word may come from, itself first: blant -> blant, plant."""
    beginning = _initial_letters(word)
    words = [word]
    words += [
        radical + word[len(beginning) :]
        for radical, into in CHANGES.items()
        if beginning and beginning in into
    ]
    if word[0] in AFTER_G and beginning not in {"ll", "rh"}:
        words.append(f"g{word}")
    if word[0] == "h" and len(word) > 1 and word[1] in "aeiouwy":
        words.append(word[1:])
    return words


def mutated_forms(radical: str) -> list[str]:
    """The mutated forms of a radical: plant -> blant, mhlant, phlant."""
    beginning = _initial_letters(radical)
    rest = radical[len(beginning) :]
    if beginning == "g" and rest[:1] not in AFTER_G:
        return [f"ng{rest}"]
    return [shape + rest for shape in CHANGES.get(beginning, ())]


def _initial_letters(word: str) -> str:
    return next((letters for letters in BEGINNINGS if word.startswith(letters)), "")
