"""Words that say a number, with the meaning that each must have. Pure; words.yaml has them as data.

A number is a digit, a number word, a share ("half"), a quantity ("several") or a rank ("largest").
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from waymark.core import yaml_file
from waymark.frameworks.variables import FrameworkPart, Words

WORDS = Path(__file__).resolve().parent / "words.yaml"
# fmt: off
SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
# fmt: on
VAGUE = ("dozen", "dozens", "hundred", "hundreds", "thousand", "thousands", "million", "millions")
"""Number words without one value: they can be exempt or cited, but not compared with a cell."""
CLAUSE = 120
"""Characters after a number in which the noun that it counts is looked for."""
DIGITS = re.compile(r"[0-9](?:[0-9,.]*[0-9])?")
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"


class Bounds(FrameworkPart):
    """Interval of a number. from, to: included; over, under: not."""

    at_least: Annotated[float | None, Field(alias="from")] = None
    to: float | None = None
    over: float | None = None
    under: float | None = None

    def contain(self, value: float) -> bool:
        return (
            (self.at_least is None or value >= self.at_least)
            and (self.to is None or value <= self.to)
            and (self.over is None or value > self.over)
            and (self.under is None or value < self.under)
        )


class QuantityWord(FrameworkPart):
    """Word with its other spellings and its meaning: a share, a count or a rank.

    means: the meaning in words. listed: False for a word too common to be looked for ("more"),
    which a sentence may still link. figure: True if people read it as a number ("half").
    """

    word: Words
    also: tuple[str, ...] = ()
    means: Words
    share: Bounds | None = None
    count: Bounds | None = None
    rank: int | None = None
    from_below: bool = False
    listed: bool = True
    figure: bool = False


class WordFile(FrameworkPart):
    """Content of words.yaml."""

    quantities: tuple[QuantityWord, ...]
    idioms: tuple[str, ...]
    places: tuple[str, ...]
    units: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class NumberFound:
    """Number in a sentence. value: None for a quantity word or a vague number word.

    meaning: of a quantity word.
    """

    start: int
    end: int
    text: str
    value: float | None = None
    meaning: QuantityWord | None = None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words of the file, ready to be found. numbers: number word -> value."""

    quantities: dict[str, QuantityWord]
    numbers: dict[str, float]
    pattern: re.Pattern[str]
    units: dict[str, str]
    unit_pattern: re.Pattern[str]

    def numbers_in(self, text: str) -> Iterator[NumberFound]:
        """Every number in a text, in order; without dates, places in a text and idioms."""
        for match in self.pattern.finditer(text):
            word = normal(match[0])
            if match.lastgroup == "digits":
                value = digits_value(match[0])
                yield NumberFound(match.start(), match.end(), match[0], value)
            elif match.lastgroup == "word":
                yield NumberFound(match.start(), match.end(), match[0], self.numbers.get(word))
            elif match.lastgroup == "quantity":
                meaning = self.quantities[word]
                yield NumberFound(match.start(), match.end(), match[0], None, meaning)

    def values_in(self, text: str) -> set[float]:
        """Values of the digits and number words of a text, years and places included."""
        values = {self.numbers[word] for word in _words_of(text) if word in self.numbers}
        return values | {digits_value(digits) for digits in DIGITS.findall(text)}

    def value_of(self, word: str) -> float | None:
        """Value of a number word or of digits; None for any other word."""
        if DIGITS.fullmatch(word):
            return digits_value(word)
        return self.numbers.get(word)

    def unit_after(self, text: str, at: int) -> str:
        """Unit of the first noun of a unit within four words, in the same clause; else ""."""
        clause = re.split(r"[,;:.?!()]", text[at : at + CLAUSE])[0]
        near = " ".join(clause.split()[:4])
        match = self.unit_pattern.search(near)
        return self.units[normal(match[0])] if match else ""

    @property
    def known_units(self) -> set[str]:
        return set(self.units.values())

    def plural_units(self, text: str) -> set[str]:
        """Units that a text names in the plural."""
        nouns = {normal(match[0]) for match in self.unit_pattern.finditer(text)}
        return {self.units[noun] for noun in nouns if noun.endswith(("s", "children", "people"))}

    def names_unit(self, text: str, unit: str) -> bool:
        """True if a text names a unit, in the singular or plural."""
        nouns = (normal(match[0]) for match in self.unit_pattern.finditer(text))
        return any(self.units[noun] == unit for noun in nouns)


def normal(word: str) -> str:
    """Lower case with single spaces."""
    return " ".join(word.lower().split())


def digits_value(digits: str) -> float:
    """Value of digits as typed: "1,200" -> 1200.0, "3.5." -> 3.5."""
    plain = digits.replace(",", "").strip(".")
    # "4.1.2" is a number of a paragraph, not a quantity: its first part stands for it.
    parts = plain.split(".")
    return float(".".join(parts[:2]) or 0)


def _words_of(text: str) -> list[str]:
    return re.findall(r"[a-z]+(?:-[a-z]+)?", text.lower())


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The vocabulary of words.yaml."""
    file, _ = yaml_file.read_yaml(WORDS.read_text("utf-8"), WordFile, file=WORDS.name)
    quantities = {
        normal(word): entry for entry in file.quantities for word in (entry.word, *entry.also)
    }
    numbers = {word: float(value) for value, word in enumerate(SMALL)}
    for place, ten in enumerate(TENS, start=2):
        numbers[ten] = place * 10.0
        numbers |= {f"{ten}-{unit}": place * 10.0 + at for at, unit in enumerate(SMALL[1:10], 1)}
    units = {noun: unit for unit, nouns in file.units.items() for noun in nouns}
    return Vocabulary(
        quantities,
        numbers,
        _number_pattern(file, numbers),
        units,
        re.compile(rf"(?<!\w)(?:{_any_of(units)})(?!\w)", re.IGNORECASE),
    )


def _any_of(words: Iterable[str]) -> str:
    """Alternatives, the longest first, so that "more than half" is found before "half"."""
    longest = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in longest)


def _number_pattern(file: WordFile, numbers: dict[str, float]) -> re.Pattern[str]:
    counted = {noun for nouns in file.units.values() for noun in nouns}
    quantities = [
        word for entry in file.quantities if entry.listed for word in (entry.word, *entry.also)
    ]
    words = [word for word in (*numbers, *VAGUE) if word != "one"]
    # "one" is mostly a pronoun: a number only before what tables count, or before "of the".
    one = rf"one(?=\s+(?:{_any_of(counted)}|of\s+(?:the|these|those|them))(?!\w))"
    return re.compile(
        rf"(?<!\w)(?:(?P<idiom>{_any_of(file.idioms)})"
        rf"|(?P<date>\d{{1,2}}\s+(?:{MONTHS})(?:\s+\d{{4}})?|(?:18|19|20)\d\d(?![\d,.]\d))"
        rf"|(?P<place>(?:{_any_of(file.places)})s?\s+\d[\d.]*)"
        rf"|(?P<quantity>{_any_of(quantities)})"
        rf"|(?P<word>{_any_of(words)}|{one})"
        rf"|(?P<digits>{DIGITS.pattern}))(?!\w)",
        re.IGNORECASE,
    )
