"""Helpers of all export formats: text in one line, names, languages."""

import re
from collections.abc import Iterable

from waymark.library.catalogue.author_names import looks_like_body
from waymark.library.exchange.record import RecordData
from waymark.library.exchange.statements import (
    CONTENTS,
    LABELS,
    ORGANISATION,
    PERSON,
    entry_of_contents,
)

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


def paragraphs_of(text: str) -> list[str]:
    """The paragraphs of a text, each in one line."""
    parts = re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    return [paragraph for part in parts if (paragraph := single_line(part))]


def statements(record: RecordData, names: Iterable[str]) -> list[str]:
    """Fields that a format has no place for, each as "Board: Otter Board"."""
    return [
        f"{LABELS[name]}: {text}"
        for name in names
        for value in _values_of(record, name)
        if (text := single_line(value))
    ]


def _values_of(record: RecordData, name: str) -> list[str]:
    if name == "kind":
        return [record.kind_label or record.kind]
    if name in {ORGANISATION, PERSON}:
        # Only where the look of a name says something else.
        body = name == ORGANISATION
        return [
            one
            for one in record.creators
            if record.is_body(one) == body and looks_like_body(one) != body
        ]
    if name == CONTENTS:
        return [entry_of_contents(title, page) for title, page in record.contents]
    value = getattr(record, name)
    if isinstance(value, tuple):
        return [str(one) for one in value]
    return [] if value is None else [str(value)]


def evaluation_statements(record: RecordData) -> list[str]:
    """What an evaluation says of itself, each in one line: "Method: Before and after"."""
    return [f"{label}: {single_line(words)}" for label, words in record.evaluation]


def family_and_given(name: str) -> tuple[str, str]:
    """Split "Surname, First" into surname and first names."""
    family, _, first_names = name.partition(",")
    return single_line(family), single_line(first_names)
