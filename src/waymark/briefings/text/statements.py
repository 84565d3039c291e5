"""Split the texts of a briefing into statements: each with its passages, numbers and sources. Pure.

A paragraph or an item of a list is a statement. {own} at its end marks it as the author's own.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from waymark.publishing.document.markdown import (
    Block,
    LinkedText,
    Runs,
    SectionHead,
    TextAside,
    TextList,
    TextMark,
    TextParagraph,
    TextQuote,
    WordsRun,
    read_text,
)

# The reader of texts knows exemptions, not owners: an exemption of no word stands for the mark.
OWN = re.compile(r"[ \t]*\{own\}")
SENTENCE_END = re.compile(r"[.!?][\u2019\u201d'\")]*(?=\s|$)")
_OWN_MARK = " {exempt : own}"
_IS_OWN = ": own"


@dataclass(frozen=True, slots=True)
class BriefingStatement:
    """Statement of a text. number: from 1 in the text; line: from 1, where its first words are.

    runs: its words and marks. own: marked as the author's own. quotation: it is the words of a
    passage. plain: it needs no support, as a question.
    """

    slot: str
    number: int
    line: int
    runs: Runs
    own: bool = False
    quotation: bool = False
    plain: bool = False

    def names(self, *kinds: str) -> tuple[str, ...]:
        """What its marks of some kinds refer to, each once, in order."""
        marks = (run for run in self.runs if isinstance(run, TextMark))
        return tuple(dict.fromkeys(mark.name for mark in marks if mark.kind in kinds))

    @property
    def passages(self) -> tuple[str, ...]:
        """Citation keys of its passages."""
        return self.names("note", "quote")

    @property
    def words(self) -> str:
        """Its words alone, on one line."""
        return " ".join("".join(_typed(run) for run in self.runs).split())

    @property
    def is_question(self) -> bool:
        """True if each of its sentences is a question: "Who asks?", not "They drank. Who asks?"."""
        ends = SENTENCE_END.findall(self.words)
        closed = self.words.rstrip("\u2019\u201d'\")").endswith("?")
        return closed and all(end.startswith("?") for end in ends)

    @property
    def exempt(self) -> Mapping[str, str]:
        """Reason by word, for numbers that need no source."""
        pairs = (name.partition(":") for name in self.names("exempt"))
        return {word.strip().lower(): reason.strip() for word, _, reason in pairs}


def _typed(run: WordsRun | LinkedText | TextMark) -> str:
    return "" if isinstance(run, TextMark) else run.text


@dataclass(frozen=True, slots=True)
class SectionPart:
    """Heading of a text, "" before the first, with the blocks under it. level: of the heading.

    blocks: of each, whether it is a list, and its statements.
    """

    heading: str
    level: int
    blocks: tuple[tuple[bool, tuple[BriefingStatement, ...]], ...]

    @property
    def statements(self) -> Iterator[BriefingStatement]:
        """All statements of the part, in order."""
        for _, statements in self.blocks:
            yield from statements


@dataclass(frozen=True, slots=True)
class StatementText:
    """Text of a briefing as read. faults: line and message of what cannot be read."""

    parts: tuple[SectionPart, ...]
    faults: tuple[tuple[int, str], ...]

    @property
    def statements(self) -> tuple[BriefingStatement, ...]:
        """All statements, in order."""
        return tuple(statement for part in self.parts for statement in part.statements)


def read_statements(slot: str, source: str, *, plain: bool = False) -> StatementText:
    """Split a text into parts and statements; never raises."""
    text = read_text(OWN.sub(_OWN_MARK, source))
    parts, current = [], SectionPart("", 0, ())
    number = 0
    for block in text.blocks:
        if isinstance(block, SectionHead):
            parts.append(current)
            current = SectionPart(block.text, block.level, ())
            continue
        statements = []
        for runs in _paragraphs_of(block):
            number += 1
            statement = BriefingStatement(slot, number, _line_of(runs), runs, plain=plain)
            statements.append(_marked(replace(statement, quotation=isinstance(block, TextQuote))))
        row = (isinstance(block, TextList), tuple(statements))
        current = replace(current, blocks=(*current.blocks, row))
    parts.append(current)
    faults = tuple((fault.line, fault.message) for fault in text.faults)
    return StatementText(tuple(part for part in parts if part.heading or part.blocks), faults)


def _marked(statement: BriefingStatement) -> BriefingStatement:
    """Statement with its mark {own} as a value."""
    rest = tuple(
        run
        for run in statement.runs
        if not (isinstance(run, TextMark) and run.kind == "exempt" and run.name == _IS_OWN)
    )
    return replace(statement, runs=rest, own=len(rest) < len(statement.runs))


def _paragraphs_of(block: Block) -> Sequence[Runs]:
    match block:
        case TextList():
            return block.items
        case TextAside():
            return block.paragraphs
        case TextQuote():
            return ((block.mark,),)
        case TextParagraph():
            return (block.runs,)
        case _:
            return ()


def _line_of(runs: Runs) -> int:
    """Line of the first run that has one; 0 for a paragraph that is only a link."""
    return next((run.line for run in runs if isinstance(run, WordsRun | TextMark)), 0)


def with_plain_questions(text: StatementText, *, last_part: bool = False) -> StatementText:
    """Text whose questions need no support. last_part: only those at its end do not."""
    first = len(text.parts) - 1 if last_part else 0
    parts = (*text.parts[:first], *map(_part_with_questions, text.parts[first:]))
    return replace(text, parts=parts if text.parts else ())


def _part_with_questions(part: SectionPart) -> SectionPart:
    blocks = tuple(
        (listed, tuple(replace(row, plain=row.is_question) for row in rows))
        for listed, rows in part.blocks
    )
    return replace(part, blocks=blocks)
