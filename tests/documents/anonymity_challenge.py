"""A seeded set of texts with planted identifiers: invented names and numbers in neutral sentences.

No sentence is taken from a report. A frame is a sentence with a place for an identifier; the frames
called later were written after the rules.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from waymark.documents.anonymity.search import find_identifiers

SEED = 20260504

Names = dict[str, list[tuple[str, str]]]
Frames = dict[str, str]

_DATA = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
NAMES: Names = _DATA["names"]
"""Origin -> given name and surname. Some are common words too, such as Grace, Will and Patience."""
LATER_NAMES: Names = _DATA["later_names"]
FRAMES: Frames = _DATA["frames"]
"""Frame -> a sentence. given, surname, full: forms of a name; other: another name of its origin."""
LATER_FRAMES: Frames = _DATA["later_frames"]
CLEAN: list[str] = _DATA["clean"]
"""Sentences without identifiers; they surround the frames."""
LATER_CLEAN: list[str] = _DATA["later_clean"]


@dataclass(frozen=True, slots=True)
class Planted:
    """A text with one identifier: text[start:end]. group: its type or origin; frame: its name."""

    text: str
    start: int
    end: int
    group: str
    frame: str


def planted_names(frames: Frames, names_by_origin: Names) -> Iterator[Planted]:
    """Every name of every origin in every frame, among clean sentences."""
    dice = random.Random(SEED)  # noqa: S311
    for frame, sentence in frames.items():
        for origin, names in names_by_origin.items():
            for position, (given, surname) in enumerate(names):
                other = " ".join(names[position - 1])
                forms = name_forms(given, surname)
                yield _plant(dice, sentence, forms, other, origin, frame)


def name_forms(given: str, surname: str) -> dict[str, str]:
    """The forms of a name that frames use."""
    full = f"{given} {surname}"
    initial = f"{given[0]}."
    return {
        "given": given,
        "surname": surname,
        "full": full,
        "initial": initial,
        "upper": full.upper(),
    }


def _plant(
    dice: random.Random, sentence: str, forms: dict[str, str], other: str, group: str, frame: str
) -> Planted:
    name = next(
        form for key, form in forms.items() if f"{{{key}}}" in sentence and key != "initial"
    )
    filled = sentence.format(**forms, other=other)
    before, after = dice.sample(CLEAN, 2)
    text = f"{before}\n{filled}\n{after}"
    start = len(before) + 1 + filled.index(name)
    return Planted(text, start, start + len(name), group, frame)


def is_found(planted: Planted) -> bool:
    """True if every letter of the identifier lies in an identifier that the rules find."""
    covered = {
        position
        for find in find_identifiers(planted.text)
        for position in range(find.start, find.end)
    }
    return all(
        position in covered
        for position in range(planted.start, planted.end)
        if planted.text[position].isalnum()
    )


def recall_by(planted: list[tuple[Planted, bool]], key: str) -> dict[str, float]:
    """Share of identifiers found by "group" or "frame"."""
    results: dict[str, list[bool]] = {}
    for item, found in planted:
        results.setdefault(getattr(item, key), []).append(found)
    return {name: sum(found) / len(found) for name, found in results.items()}


# ---- the other types ----

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
MADE_UP = ("Oakfield", "Brackenthwaite", "St Brannoc's", "Tullynure", "Pentremawr", "Larkhill")
INSTITUTIONS = (
    "Primary School", "Nursery", "Surgery", "Hospital", "Medical Centre", "Children's Home",
    "Church", "Mosque", "High School", "primary school", "Academy", "Health Centre",
)  # fmt: skip
OFFICIAL = (
    "AB ## ## ## C",
    "LM1# %%%",
    "%IZ ####",
    "BS14C00###",
    "[201#] NIFam #",
    "%%%%%######%9#%%",
)
CONTACTS = (
    "07### ######", "028 9### ####", "+353 87 ### ####", "(0113) ### ####",
    "k.whitcombe@example.org", "tomasz#@example.org", "https://www.facebook.com/lowri##",
    "https://www.instagram.com/oisin_kinsella",
)  # fmt: skip
POSTCODES = ("BT1# #%%", "LS# #%%", "SW1# #%%", "D0# ^#^^", "H9# ^^##")
RARE = (
    "triplets", "cystic fibrosis", "osteogenesis imperfecta", "murder trial", "twin", "haemophilia",
    "lottery winner", "liver transplant", "surrogacy", "retinoblastoma", "newspaper headlines",
)  # fmt: skip
LETTERS = {"%": "ABEGHJLNRSTX", "^": "ACDEFHKNPRTVWXY"}
"""The letters of codes: "%" is one of those in every British code, "^" one of an Eircode."""


def _fill(dice: random.Random, pattern: str) -> str:
    """The pattern with a digit for each "#" and a letter for each "%" and "^"."""
    return "".join(
        str(dice.randrange(1, 10)) if sign == "#" else dice.choice(LETTERS.get(sign, sign))
        for sign in pattern
    )


def _health_number(dice: random.Random) -> str:
    """Ten digits with a right check digit (modulus 11): NHS, Health and Care or CHI number."""
    begin = dice.choice(("4", "6", "7", "32", "35", "0101", "2511"))
    while True:
        nine = begin + _fill(dice, "#" * (9 - len(begin)))
        check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(nine)) % 11
        if check != 10:
            ten = nine + str(check % 11)
            return dice.choice((ten, f"{ten[:3]} {ten[3:6]} {ten[6:]}"))


def _date(dice: random.Random) -> str:
    day, month, year = dice.randrange(4, 20), dice.randrange(12), dice.randrange(1995, 2016)
    return dice.choice(
        (
            f"{day} {MONTHS[month]} {year}",
            f"{day:02}/{month + 1:02}/{year}",
            f"{day}.{month + 1}.{year % 100:02}",
            f"{MONTHS[month]} {day}, {year}",
            f"{day}th of {MONTHS[month]} {year}",
        )
    )


def _address(dice: random.Random) -> str:
    if dice.random() < 0.5:
        return _fill(dice, dice.choice(POSTCODES))
    name = dice.choice(("Bracken", "Mill", "Larkhill", "Old Forge", "Tullynure", "Victoria"))
    kind = dice.choice(("Road", "Street", "Lane", "Close", "Terrace", "Park", "View", "Avenue"))
    return f"{dice.randrange(1, 200)} {name} {kind}"


def _institution(dice: random.Random) -> str:
    return f"{dice.choice(MADE_UP)} {dice.choice(INSTITUTIONS)}"


def _initials(dice: random.Random) -> str:
    return _fill(dice, dice.choice(("%.%.", "%.%.%.", "%. %.", "%. %. %.")))


def _place(dice: random.Random) -> str:
    return dice.choice(("Ardnaree", "Brackenthwaite", "Pentremawr", "Tullynure", "Great Quernby"))


def _official(dice: random.Random) -> str:
    return _fill(dice, dice.choice(OFFICIAL))


def _contact(dice: random.Random) -> str:
    return _fill(dice, dice.choice(CONTACTS))


def _rare(dice: random.Random) -> str:
    return dice.choice(RARE)


MAKERS: dict[str, Callable[[random.Random], str]] = {
    "initials": _initials,
    "birth-date": _date,
    "exact-date": _date,
    "place": _place,
    "address": _address,
    "institution": _institution,
    "health-number": _health_number,
    "official-number": _official,
    "contact": _contact,
    "rare-fact": _rare,
}

PSEUDONYMS = (
    ("Child A and Child {} were seen.", "CDEF", "a gap in the sequence"),
    ("{} was three. In the notes Child {} is said to be shy.", "", "the real initial"),
    ("Child {}, a boy, was shy. Child {}, a girl, was not.", "ABMT", "one pseudonym for two"),
    ("Child {} was the second child.", "", "a name that is not declared"),
)


def planted_numbers(each: int = 48) -> Iterator[Planted]:
    """Identifiers of the types that are not names of people."""
    dice = random.Random(SEED)  # noqa: S311
    for group, frames in _DATA["other_frames"].items():
        for count in range(each):
            frame = frames[count % len(frames)]
            yield _plant(
                dice, frame.replace("{}", "{full}"), {"full": MAKERS[group](dice)}, "", group, frame
            )
    given = [name for names in NAMES.values() for name, _ in names]
    for count in range(each):
        frame, letters, title = PSEUDONYMS[count % len(PSEUDONYMS)]
        name = given[count]
        values = [dice.choice(letters)] * 2 if letters else [name, name[0].upper()]
        yield _plant_pseudonym(dice, frame.format(*values), title)


def _plant_pseudonym(dice: random.Random, sentence: str, frame: str) -> Planted:
    before = CLEAN[dice.randrange(8)]
    start = len(before) + 1 + sentence.rindex("Child ")
    if frame == "one pseudonym for two":
        start = len(before) + 1
    if frame == "a name that is not declared":
        start += len("Child ")
    end = start + len(
        sentence[start - len(before) - 1 :].split(" w")[0].split(",")[0].split(" i")[0]
    )
    return Planted(f"{before}\n{sentence}", start, end, "pseudonym", frame)


def false_alarms(sentences: list[str]) -> tuple[int, int]:
    """Mentions that the rules find in sentences without identifiers, and the number of words."""
    text = "\n".join(sentences)
    return len(find_identifiers(text)), len(text.split())
