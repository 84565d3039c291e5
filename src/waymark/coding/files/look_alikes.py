"""Characters that look alike: the reason why a quote that looks right is not in a report."""

# Example: the report prints "don't" with U+2019 and a coder types it with U+0027. The quote becomes
# the pattern (d)(o)(n)(\S?)(t), which matches one place, and the message is: character 4 is '
# (APOSTROPHE, U+0027), where the report has the other one (RIGHT SINGLE QUOTATION MARK, U+2019).
# The pattern also allows invisible characters between all others, such as a soft hyphen.

import re
import unicodedata
from dataclasses import dataclass

_INVISIBLE = "\u00ad\u200b-\u200f\u2060\ufeff"
"""Soft hyphen, zero-width characters and direction marks, which a report may contain."""
_BETWEEN = f"[{_INVISIBLE}]*"
_TYPED_OTHERWISE = frozenset("'\"`-")
"""Characters of a keyboard that printed text has in other forms: curly quotes, dashes."""
_LETTERS_NEEDED = 8
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class CharacterDifference:
    """One character of a quote that differs in the report. at: its place in the quote, from 1.

    quoted, printed: the characters; "" if only the other has one here.
    """

    at: int
    quoted: str
    printed: str

    def __str__(self) -> str:
        if not self.printed:
            quoted = _character_name(self.quoted)
            return f"character {self.at} is {quoted}, which the report does not have"
        if not self.quoted:
            return f"before character {self.at} the report has {_character_name(self.printed)}"
        return (
            f"character {self.at} is {_character_name(self.quoted)}, where the report has"
            f" {_character_name(self.printed)}"
        )


def character_differences(text: str, quote: str) -> tuple[CharacterDifference, ...]:
    """The characters in which a quote differs from the one place of a text that looks like it.

    A letter outside ASCII, a quotation mark or a hyphen of the quote matches any character, or
    none; every other character must be equal. Empty if no place or several look like the quote, or
    if fewer than 8 letters and digits, or less than half of its characters, are plain ASCII.
    """
    # Each run is one character, or one stretch of white space, and becomes one group of the
    # pattern.
    runs = list(re.finditer(r"\s+|\S", quote.strip()))
    plain = sum(run[0].isascii() and run[0].isalnum() for run in runs)
    if plain < max(_LETTERS_NEEDED, sum(not run[0].isspace() for run in runs) // 2):
        return ()
    pattern = _BETWEEN.join(f"({_pattern_of(quote.strip(), run)})" for run in runs)
    places = list(re.finditer(pattern, text))
    if len(places) != 1:
        return ()
    return tuple(_compared_characters(runs, places[0]))[:_MOST_NAMED]


def _pattern_of(quote: str, run: re.Match[str]) -> str:
    character = run[0]
    if character.isspace():
        return r"\s+"
    following = quote[run.end() : run.end() + 1]
    if character.isascii() and character not in _TYPED_OTHERWISE:
        # A letter with an accent may be one character in the report and two in the quote.
        return r"\S?" if following and unicodedata.combining(following) else re.escape(character)
    return r"\S?"


def _compared_characters(
    runs: list[re.Match[str]], place: re.Match[str]
) -> list[CharacterDifference]:
    compared = []
    end = place.start()
    for number, run in enumerate(runs, start=1):
        # Between two groups only invisible characters can match: the report has those, not the
        # quote.
        unseen = place.string[end : place.start(number)]
        compared += [CharacterDifference(run.start() + 1, "", mark) for mark in unseen]
        printed = place[number]
        if not run[0].isspace() and printed != run[0]:
            compared.append(CharacterDifference(run.start() + 1, run[0], printed))
        end = place.end(number)
    return compared


def _character_name(character: str) -> str:
    name = unicodedata.name(character, "no name")
    visible = f"{character} " if character.isprintable() and not character.isspace() else ""
    return f"{visible}({name}, U+{ord(character):04X})"
