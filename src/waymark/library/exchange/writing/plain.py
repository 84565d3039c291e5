"""What every form needs: text in one line, names, languages."""

import re

SPACE = re.compile(r"\s+")
CONTROL = re.compile("[\x00-\x08\x0b\x0c-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
MARC_LANGUAGES = {"en": "eng", "ga": "gle", "cy": "wel", "gd": "gla"}


def clean(text: str) -> str:
    """Without what no XML may hold and no program wants."""
    return CONTROL.sub("", text)


def line(text: str) -> str:
    """In one line: a line break would begin a field of its own in some forms."""
    return SPACE.sub(" ", clean(text)).strip()


def is_person(name: str) -> bool:
    """Whether a name is of a person: those are written "Surname, First"."""
    return "," in name


def family_and_given(name: str) -> tuple[str, str]:
    """ "Surname, First" in its two parts."""
    family, _, given = name.partition(",")
    return line(family), line(given)
