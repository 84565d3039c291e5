"""Read the statements of our own files that stand for fields, as "Board: Otter Board". Pure."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from waymark.library.exchange.readers.result import clean_line, day_in, kind_in, url_in
from waymark.library.exchange.statements import CONTENTS, LABELS, LISTS, title_and_page


def read_statements(notes: Iterable[str]) -> tuple[dict[str, Any], list[str]]:
    """({field: value}, the notes that state nothing) of the notes in a file that Waymark wrote."""
    values: dict[str, list[str]] = defaultdict(list)
    others = []
    names = {label: name for name, label in LABELS.items()}
    for note in notes:
        label, colon, value = clean_line(note).partition(": ")
        if colon and label in names:
            values[names[label]].append(value)
        else:
            others.append(note)
    stated: dict[str, Any] = {
        name: tuple(rows) if name in LISTS else rows[0] for name, rows in values.items()
    }
    if CONTENTS in stated:
        stated[CONTENTS] = tuple(map(title_and_page, values[CONTENTS]))
    if "kind" in stated:
        stated["kind"] = kind_in(stated["kind"])
    return _with_values(stated), others


def _with_values(stated: dict[str, Any]) -> dict[str, Any]:
    for name, read in (
        ("published_on", day_in),
        ("accessed_on", day_in),
        ("transcript_url", url_in),
    ):
        if name in stated:
            stated[name] = read(stated[name])
    return stated
