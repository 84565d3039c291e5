"""Helpers of all export formats: text in one line, names, languages."""

import re

from waymark.library.exchange.record import RecordData

SPACE = re.compile(r"\s+")
CONTROL = re.compile("[\x00-\x08\x0b\x0c-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
MARC_LANGUAGES = {"en": "eng", "ga": "gle", "cy": "wel", "gd": "gla"}


def printable_text(text: str) -> str:
    """The text without control characters, which are not allowed in XML."""
    return CONTROL.sub("", text)


def single_line(text: str) -> str:
    """The text in one line: a line break would begin a new field in some formats."""
    return SPACE.sub(" ", printable_text(text)).strip()


def rights_statements(record: RecordData) -> list[str]:
    """Rights holder and licence, each as a statement that exchange.readers.rights reads back."""
    holder, licence = single_line(record.rights_holder), single_line(record.licence)
    return [f"Rights holder: {holder}"] * bool(holder) + [f"Licence: {licence}"] * bool(licence)


def evaluation_statements(record: RecordData) -> list[str]:
    """What an evaluation says of itself, each in one line: "Method: Before and after"."""
    return [f"{label}: {single_line(words)}" for label, words in record.evaluation]


def is_person(name: str) -> bool:
    """True for the name of a person, which is written "Surname, First"."""
    return "," in name


def family_and_given(name: str) -> tuple[str, str]:
    """Split "Surname, First" into surname and first names."""
    family, _, first_names = name.partition(",")
    return single_line(family), single_line(first_names)
