"""The word lists of the anonymity check, read once from data/ (no Django)."""

import re
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parent / "data"
ENDINGS = (
    ("ies", "y"), ("ied", "y"), ("es", ""), ("s", ""), ("ed", ""), ("ed", "e"), ("ing", ""),
    ("ing", "e"), ("ly", ""), ("er", ""), ("er", "e"), ("ers", ""), ("ers", "e"), ("ness", ""),
    ("ment", ""), ("ments", ""), ("ation", "e"), ("ation", ""), ("ability", "able"), ("al", ""),
    ("or", "e"), ("ors", "e"), ("able", ""), ("ful", ""), ("less", ""),
)  # fmt: skip
NOUN = re.compile(
    r"...(?:tions?|sions?|ments|ships?|nesses|ologies|ology|isms?|hoods?|arities|bilit(?:y|ies))$"
)
PART_OF_PLACE = re.compile(
    r"\b(?:north|south|east|west|northern|southern|eastern|western|central|upper|lower|greater|inner"
    r"|outer|city|county)\b"
)
BEGINNINGS = ("un", "re", "non", "pre", "inter", "over", "under", "mis", "dis", "co", "sub", "in")

ALSO = {"i": "\u0130\u0131", "k": "\u212a", "s": "\u017f"}
"""Letters that are the same as one of a to z if case does not count."""


@cache
def _lists() -> dict[str, frozenset[str]]:
    content = yaml.safe_load((FOLDER / "words.yaml").read_text("utf-8"))
    return {name: frozenset(str(words).split()) for name, words in content.items()}


def words_of(name: str) -> frozenset[str]:
    """The words of one list of data/words.yaml."""
    return _lists()[name]


@cache
def phrases_of(name: str) -> tuple[str, ...]:
    """The lines of data/NAME.txt, without comments."""
    lines = (FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def in_either_case(words: Iterable[str]) -> str:
    """Pattern of words in lower case, however they are written; the longest is tried first.

    It finds what (?i:...) does four times as fast: re passes over a word whose first letter is
    another only where that letter is a class.
    """
    choices = []
    for first, same in groupby(sorted(words), key=lambda word: word[0]):
        rests = sorted((re.escape(word[1:]) for word in same), key=len, reverse=True)
        letter = f"[{first}{first.upper()}{ALSO.get(first, '')}]"
        choices.append(f"{letter}(?i:{'|'.join(rests)})")
    return "|".join(choices)


@cache
def common_words() -> frozenset[str]:
    """Ordinary English words in lower case."""
    return frozenset(word for line in phrases_of("common_words") for word in line.split())


@cache
def is_place_name(words: str) -> bool:
    """True for a large place of Britain and Ireland, alone or with a direction: "North Yorkshire".

    words: folded, as fold_words() makes them.
    """
    names = {
        name.strip().casefold() for line in phrases_of("place_names") for name in line.split(",")
    }
    return words in names or PART_OF_PLACE.sub("", words).strip() in names


@cache
def is_common(word: str) -> bool:
    """True for an ordinary word in lower case, also with a usual ending or beginning.

    "neglected" is common because "neglect" is; "co-ordinated" because of its parts.
    """
    if "-" in word and word not in common_words():
        return all(is_common(part) for part in word.split("-") if len(part) > 2)
    if _with_ending(word):
        return True
    return any(
        word.startswith(begin) and len(word) > len(begin) + 3 and _with_ending(word[len(begin) :])
        for begin in BEGINNINGS
    )


def _with_ending(word: str) -> bool:
    common = common_words()
    if word in common or NOUN.search(word):
        return True
    for ending, instead in ENDINGS:
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < 3:
            continue
        if stem + instead in common:
            return True
        # "planned" -> "plan"
        if stem[-1] == stem[-2] and not instead and stem[:-1] in common:
            return True
    return False
