"""A document without pages: pieces in order -> one text, one page, passages with heading paths."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from waymark.core.errors import FileRefused
from waymark.documents.reading.headings import HeadingPath, is_section, shorten_text
from waymark.documents.reading.values import (
    ConcealedText,
    ReadingLimits,
    ReadPage,
    ReadPassage,
    ReadReport,
)

LONGEST_TITLE = 300
SMALLER = "Split it into smaller files"
# Control characters, soft hyphens and zero-width marks have no place in a text that is quoted.
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class FlowPiece:
    """One paragraph, item or heading. level: of a heading, 1 outermost; 0 for the others.

    listed: part of the contents of a document, which are in no chapter.
    """

    text: str
    kind: str = "paragraph"
    level: int = 0
    listed: bool = False


def without_parts(text: str, start: str, end: str) -> str:
    """The text without the parts from start to end, such as comments; in time that grows with it.

    A pattern such as "<!--.*?-->" looks to the end of the text from each start, where no end is.
    """
    parts = []
    at = 0
    while (begins := text.find(start, at)) >= 0:
        ends = text.find(end, begins + len(start))
        if ends < 0:
            break
        parts.append(text[at:begins])
        at = ends + len(end)
    return " ".join([*parts, text[at:]])


def tidy_text(text: str) -> str:
    """One line, single spaces, no control characters, NFC."""
    return unicodedata.normalize("NFC", " ".join(CONTROLS.sub("", text).split()))


def bounded_pieces(
    pieces: Iterable[FlowPiece], file_name: str, limits: ReadingLimits
) -> Iterator[FlowPiece]:
    """The pieces, up to the limits of passages, words and characters.

    Raises FileRefused beyond them.
    """
    words = characters = 0
    for count, piece in enumerate(pieces, start=1):
        words, characters = words + len(piece.text.split()), characters + len(piece.text)
        _refuse_beyond(count, limits.passages, "passages", file_name)
        _refuse_beyond(words, limits.words, "words", file_name)
        _refuse_beyond(characters, limits.characters, "characters", file_name)
        yield piece


def check_length(text: str, file_name: str, limits: ReadingLimits) -> None:
    """Raise FileRefused for a text beyond the limits of words or characters, before it is read."""
    _refuse_beyond(len(text.split()), limits.words, "words", file_name)
    _refuse_beyond(len(text), limits.characters, "characters", file_name)


def _refuse_beyond(count: int, limit: int, name: str, file_name: str) -> None:
    if count > limit:
        raise FileRefused(file_name, f"contains more than {limit:,} {name}", SMALLER)


def flowing_report(
    pieces: Iterable[FlowPiece],
    *,
    file_name: str,
    media_type: str,
    extractor: str,
    title: str = "",
    hidden: Iterable[ConcealedText] = (),
    warnings: Iterable[str] = (),
) -> ReadReport:
    """The report of a document without pages. Raises FileRefused if it has no words.

    title: the stated one; else the outermost heading, if it names no section, else the first words.
    The one heading that repeats the title stays out of the paths.
    """
    filled = [piece for piece in pieces if any(map(str.isalnum, piece.text))]
    if not filled:
        raise FileRefused(file_name, "has no text", "Check that it is the right file")
    title = tidy_text(title) or _title_of(filled)
    skipped = _title_heading(filled, title)
    path, listed = HeadingPath(), False
    passages = []
    at = 0
    for place, piece in enumerate(filled):
        end = at + len(piece.text)
        if piece.listed != listed:
            path, listed = HeadingPath(), piece.listed
        # A heading belongs to the path of what follows it, not to its own.
        in_path = piece.level and place != skipped
        if in_path:
            path.leave((piece.level,))
        passages.append(ReadPassage(at, end, 1, 1, str(path), piece.kind))
        if in_path:
            path.enter((piece.level,), piece.text)
        at = end + 1
    text = "\n".join(piece.text for piece in filled)
    return ReadReport(
        media_type=media_type,
        extractor=extractor,
        title=shorten_text(title, LONGEST_TITLE),
        text=text,
        pages=(ReadPage(1, 0.0, 0.0, 0, len(text), (), has_image=False),),
        passages=tuple(passages),
        hidden=tuple(hidden),
        warnings=tuple(warnings),
    )


def _title_of(pieces: list[FlowPiece]) -> str:
    titles = (piece.text for piece in pieces if piece.level == 1 and not is_section(piece.text))
    return next(titles, pieces[0].text)


def _title_heading(pieces: list[FlowPiece], title: str) -> int:
    """Place of the heading that is the title: the first, if no other is as far out; else -1.

    It begins the document, or its words are in the title; "Recommendations" is never one.
    """
    headings = [(piece.level, place) for place, piece in enumerate(pieces) if piece.level]
    if not headings:
        return -1
    level, place = headings[0]
    text = pieces[place].text
    alone = all(other > level for other, _ in headings[1:])
    says_title = (level == 1 or text == title) if place == 0 else (level == 1 and text in title)
    return place if alone and says_title and not is_section(text) else -1
