"""IPC codec between the reading process (worker.py) and the program that feeds it (parent.py).

Not pickle: a child that a hostile file has taken over must not be able to run code in its parent.
So the parent also checks that a report it receives keeps the laws of documents/reading/values.py.
No Django.

Frames, all numbers little-endian:

    job, to the reading process        length (4 bytes) | JSON
    outcome, from the reading process  "A" or "D" | length (8 bytes) | answer, or JSON of a death
    answer of a child                  "R" report | "I" PNG | "W" JSON of recognised words
                                       | "Q" JSON of a REFI-QDA file | "X" JSON of a refusal
                                       | "M" bytes
    report                             length (8 bytes) | JSON | packed word boxes, page by page
"""

# Example: a child refuses a file with a 55-byte JSON object, so the outcome is 9 + 56 bytes: b"A",
# 56 as 8 bytes, b"X", the object. The same child killed for its time gives b"D", the length of the
# JSON, and {"how": "time"}.

import json
import os
import struct
from typing import Any

from waymark.core.errors import RuleError
from waymark.documents.reading.values import (
    HIDDEN_CLASSES,
    PAGE_SOURCES,
    ConcealedText,
    ReadPage,
    ReadPassage,
    ReadReport,
    RunningLine,
    broken_laws,
)
from waymark.documents.reading.words import WordBoxes, pack_words, unpack_words

JOB = struct.Struct("<I")
OUTCOME = struct.Struct("<cQ")
READY, ANSWER, DIED = b"r", b"A", b"D"
REPORT, IMAGE, RECOGNISED, QDA, REFUSED, NO_MEMORY = b"R", b"I", b"W", b"Q", b"X", b"M"
REPORT_HEAD = struct.Struct("<Q")


def write_all(target: int, content: bytes) -> None:
    """Write content to a file descriptor; os.write may take only part of it at a time."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(target, rest) :]


def encode_report(report: ReadReport) -> bytes:
    """A report -> bytes: the length of the JSON part, the JSON part, the packed words by page."""
    words = [pack_words(page.words) for page in report.pages]
    values = {
        "media_type": report.media_type,
        "extractor": report.extractor,
        "title": report.title,
        "text": report.text,
        "pages": [
            (
                page.number,
                page.width,
                page.height,
                page.start,
                page.end,
                page.has_image,
                page.source,
                len(box),
            )
            for page, box in zip(report.pages, words, strict=True)
        ],
        "passages": [
            (row.start, row.end, row.page, row.last_page, row.heading, row.kind)
            for row in report.passages
        ],
        "furniture": report.furniture,
        "running": [(row.page, row.text, row.box) for row in report.running_lines],
        "hidden": [(row.page, row.text, row.cause, row.kind, row.box) for row in report.hidden],
        "warnings": report.warnings,
        "unread": report.unread,
    }
    head = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return b"".join([REPORT_HEAD.pack(len(head)), head, *words])


def decode_report(answer: bytes) -> ReadReport:
    """Bytes of `encode_report` -> the report. Raises RuleError for any other, or a broken law."""
    try:
        report = _decode_unchecked(answer)
    except (struct.error, ValueError, TypeError, KeyError, AttributeError) as error:
        raise RuleError("the reader's answer is not a report") from error
    broken = broken_laws(report)
    if broken:
        raise RuleError(f"the reader's answer is inconsistent: {broken[0]}")
    return report


def _decode_unchecked(answer: bytes) -> ReadReport:
    (length,) = REPORT_HEAD.unpack_from(answer)
    at = REPORT_HEAD.size + length
    values = json.loads(answer[REPORT_HEAD.size : at].decode("utf-8"))
    pages = []
    for number, width, height, start, end, has_image, source, size in values["pages"]:
        if source not in PAGE_SOURCES:
            raise ValueError(f"not a source of a page's words: {source!r}")
        words = _decode_words(answer[at : at + size])
        at += size
        place = int(number), float(width), float(height), int(start), int(end)
        pages.append(ReadPage(*place, words, bool(has_image), source))
    return ReadReport(
        media_type=str(values["media_type"]),
        extractor=str(values["extractor"]),
        title=str(values["title"]),
        text=str(values["text"]),
        pages=tuple(pages),
        passages=tuple(_decode_passage(row) for row in values["passages"]),
        furniture=tuple((int(start), int(end)) for start, end in values["furniture"]),
        running_lines=tuple(_decode_running(row) for row in values["running"]),
        hidden=tuple(_decode_hidden(row) for row in values["hidden"]),
        warnings=tuple(str(warning) for warning in values["warnings"]),
        unread=tuple(int(number) for number in values["unread"]),
    )


def _decode_hidden(row: Any) -> ConcealedText:
    page, text, why, kind, box = row
    if kind not in HIDDEN_CLASSES:
        raise ValueError(f"not a class of hidden text: {kind!r}")
    x0, y0, x1, y1 = box or (0, 0, 0, 0)
    place = (float(x0), float(y0), float(x1), float(y1)) if box else None
    return ConcealedText(int(page), str(text), str(why), kind, place)


def _decode_running(row: Any) -> RunningLine:
    page, text, (x0, y0, x1, y1) = row
    return RunningLine(int(page), str(text), (float(x0), float(y0), float(x1), float(y1)))


def _decode_words(packed: bytes) -> WordBoxes:
    try:
        return unpack_words(packed)
    except RuleError as error:
        raise ValueError(str(error)) from error


def _decode_passage(row: Any) -> ReadPassage:
    start, end, page, last_page, heading, kind = row
    if kind not in {"paragraph", "item", "heading"}:
        raise ValueError(f"not a kind of passage: {kind!r}")
    return ReadPassage(int(start), int(end), int(page), int(last_page), str(heading), kind)
