"""Numbers of chapters and sections of a report. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from waymark.publishing.document.blocks import ChapterPieces, Piece, WrittenBlock
from waymark.publishing.document.markdown import SectionHead
from waymark.publishing.document.nodes import HeadingNode


def number_chapters(unnumbered: Sequence[ChapterPieces]) -> list[list[Piece]]:
    """Number the headings of chapters and sections, those in texts too."""
    counted = lettered = 0
    result: list[list[Piece]] = []
    for chapter in unnumbered:
        number = ""
        if chapter.numbered == "count":
            counted += 1
            number = str(counted)
        elif chapter.numbered == "letter":
            # A plan has at most 60 chapters, but nobody needs more than 26 appendices: after Z
            # comes A.
            number = f"Appendix {chr(ord('A') + lettered % 26)}"
            lettered += 1
        result.append(list(_number_sections(chapter.pieces, number)))
    return result


def _number_sections(pieces: Sequence[Piece], number: str) -> Iterator[Piece]:
    sections = parts = 0
    chapter = ""
    lead = number.removeprefix("Appendix ")
    for piece in pieces:
        match piece:
            case HeadingNode(level=2):
                chapter = piece.anchor
                yield replace(piece, number=number)
            case HeadingNode(level=3):
                sections += 1
                yield replace(piece, number=f"{lead}.{sections}" if lead else "")
            case WrittenBlock(block=SectionHead() as head):
                parts += 1
                # An editor's heading of level 4 has an anchor, so that it can be linked to, but no
                # number.
                # Chapter 4 with generated sections 4.1 and 4.2: a section that an editor writes
                # after them is 4.3, and a heading of level 4 in it has no number.
                sections += head.level == 3
                section_number = f"{lead}.{sections}" if lead and head.level == 3 else ""
                yield HeadingNode(head.level, head.text, f"{chapter}--{parts}", section_number)
            case _:
                yield piece
