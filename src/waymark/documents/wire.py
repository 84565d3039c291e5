"""What crosses from the reading child to its parent: JSON and packed word boxes (no Django).

Not pickle: a child that a hostile file has taken over must not be able to run code in its parent.
So the parent also checks that what comes back keeps the laws of a reading.
"""

import json
import struct
from typing import Any

from waymark.core.errors import RuleError
from waymark.documents.reading import (
    HIDDEN_CLASSES,
    Concealed,
    ReadPage,
    ReadPassage,
    ReadReport,
    broken_laws,
)
from waymark.documents.words import WordBoxes, pack, unpack

HEAD = struct.Struct("<Q")


def encoded(report: ReadReport) -> bytes:
    """A report -> bytes: the length of the JSON part, the JSON part, the packed words by page."""
    words = [pack(page.words) for page in report.pages]
    said = {
        "media_type": report.media_type,
        "extractor": report.extractor,
        "title": report.title,
        "text": report.text,
        "pages": [
            (page.number, page.width, page.height, page.start, page.end, page.has_image, len(box))
            for page, box in zip(report.pages, words, strict=True)
        ],
        "passages": [
            (each.start, each.end, each.page, each.last_page, each.heading, each.kind)
            for each in report.passages
        ],
        "furniture": report.furniture,
        "hidden": [
            (found.page, found.text, found.why, found.kind, found.box) for found in report.hidden
        ],
        "warnings": report.warnings,
    }
    head = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return b"".join([HEAD.pack(len(head)), head, *words])


def decoded(answer: bytes) -> ReadReport:
    """Bytes of `encoded` -> the report. Raises RuleError when they are not, or break a law."""
    try:
        report = _decoded(answer)
    except (struct.error, ValueError, TypeError, KeyError, AttributeError) as error:
        raise RuleError("the reader's answer is not a report") from error
    broken = broken_laws(report)
    if broken:
        raise RuleError(f"the reader's answer does not hold together: {broken[0]}")
    return report


def _decoded(answer: bytes) -> ReadReport:
    (length,) = HEAD.unpack_from(answer)
    said = json.loads(answer[HEAD.size : HEAD.size + length].decode("utf-8"))
    pages = []
    at = HEAD.size + length
    for number, width, height, start, end, has_image, size in said["pages"]:
        packed = answer[at : at + size]
        at += size
        words = _words(packed)
        place = int(number), float(width), float(height), int(start), int(end)
        pages.append(ReadPage(*place, words, bool(has_image)))
    return ReadReport(
        media_type=str(said["media_type"]),
        extractor=str(said["extractor"]),
        title=str(said["title"]),
        text=str(said["text"]),
        pages=tuple(pages),
        passages=tuple(ReadPassage(*_passage(row)) for row in said["passages"]),
        furniture=tuple((int(start), int(end)) for start, end in said["furniture"]),
        hidden=tuple(_concealed(row) for row in said["hidden"]),
        warnings=tuple(str(warning) for warning in said["warnings"]),
    )


def _concealed(row: Any) -> Concealed:
    page, text, why, kind, box = row
    if kind not in HIDDEN_CLASSES:
        raise ValueError(f"no class of hidden text: {kind!r}")
    x0, y0, x1, y1 = box or (0, 0, 0, 0)
    place = (float(x0), float(y0), float(x1), float(y1)) if box else None
    return Concealed(int(page), str(text), str(why), kind, place)


def _words(packed: bytes) -> WordBoxes:
    try:
        return unpack(packed)
    except RuleError as error:
        raise ValueError(str(error)) from error


def _passage(row: Any) -> tuple[int, int, int, int, str, str]:
    start, end, page, last_page, heading, kind = row
    if kind not in {"paragraph", "item", "heading"}:
        raise ValueError(f"no kind of passage: {kind!r}")
    return int(start), int(end), int(page), int(last_page), str(heading), kind
