"""Divide binary MARC records (ISO 2709) into fields, whatever their lengths and labels say.

A record is a leader of 24 bytes, a directory with 12 bytes for each field (tag, length, start), the
fields, each ending with 1E, and the byte 1D. Programs that count letters instead of bytes write
wrong lengths, and others write UTF-8 under the label of MARC-8; the ends of the fields and the
bytes themselves are right.
"""

import re

from pymarc import Field, Indicators, Record, Subfield
from pymarc.marc8 import marc8_to_unicode

from waymark.documents.parsers.charset import decode_text

END_OF_FIELD, SUBFIELD = b"\x1e", "\x1f"
LEADER, ENTRY = 24, 12
DIRECTORY_ENTRY = re.compile(rb"([0-9A-Za-z]{3})(\d{4})(\d{5})")
CODED = "a"
"""The label of Unicode, at position 9 of the leader; a blank is MARC-8."""


class DamagedRecord(ValueError):
    """A record that cannot be divided into fields; the reason in words."""


def divide_record(chunk: bytes) -> tuple[Record, list[str]]:
    """A record without its last byte, and notes of what was put right. Raises DamagedRecord."""
    leader = chunk[:LEADER]
    if len(leader) < LEADER or not leader[:5].isdigit():
        raise DamagedRecord("it does not begin with a leader of 24 characters")
    directory, separator, rest = chunk[LEADER:].partition(END_OF_FIELD)
    if not separator or len(directory) % ENTRY:
        raise DamagedRecord("its directory is damaged")
    entries = [
        DIRECTORY_ENTRY.fullmatch(directory[start : start + ENTRY])
        for start in range(0, len(directory), ENTRY)
    ]
    parts = rest.removesuffix(END_OF_FIELD).split(END_OF_FIELD) if rest else []
    if len(parts) != len(entries):
        raise DamagedRecord(f"it has {len(parts)} fields, but its directory lists {len(entries)}")
    listed = []
    for entry in entries:
        if entry is None:
            raise DamagedRecord("its directory is damaged")
        listed.append((int(entry[3]), int(entry[2]), entry[1].decode()))
    # The fields are in the order of their starts, which need not be that of the directory.
    order = sorted(range(len(listed)), key=lambda place: listed[place][0])
    texts, notes = _decoded(parts, labelled=leader[9:10].decode("latin-1") == CODED)
    if int(leader[:5]) != len(chunk) + 1 or _lengths_differ([listed[i] for i in order], parts):
        notes.append("its lengths were wrong and were put right")
    record = Record(force_utf8=True)
    by_entry = dict(zip(order, texts, strict=True))
    for place, (_, _, tag) in enumerate(listed):
        record.add_field(_field(tag, by_entry[place]))
    record.leader = leader.decode("latin-1")  # type: ignore[assignment]
    return record, notes


def _lengths_differ(listed: list[tuple[int, int, str]], parts: list[bytes]) -> bool:
    start = 0
    for (said_start, said_length, _), part in zip(listed, parts, strict=True):
        if (said_start, said_length) != (start, len(part) + 1):
            return True
        start += len(part) + 1
    return False


def _decoded(parts: list[bytes], *, labelled: bool) -> tuple[list[str], list[str]]:
    """The texts of the fields: UTF-8 if they are that, else as labelled or guessed, with a note."""
    whole = END_OF_FIELD.join(parts)
    try:
        text = whole.decode()
    except UnicodeDecodeError:
        if not labelled:
            return [marc8_to_unicode(part, hide_utf8_warnings=True) for part in parts], []
        text, _ = decode_text(whole)
        note = "is labelled UTF-8 but is not: compare letters with accents"
        return text.split("\x1e"), [note]
    notes = [] if labelled or whole.isascii() else ["its text is UTF-8, though its label is not"]
    return text.split("\x1e"), notes


def _field(tag: str, text: str) -> Field:
    if tag < "010" and tag.isdigit():
        return Field(tag, data=text)
    if len(text) < 3 or text[2] != SUBFIELD:
        raise DamagedRecord(f"the field {tag} has no subfields")
    subfields = [Subfield(part[0], part[1:]) for part in text[3:].split(SUBFIELD) if part]
    return Field(tag, indicators=Indicators(text[0], text[1]), subfields=subfields)
