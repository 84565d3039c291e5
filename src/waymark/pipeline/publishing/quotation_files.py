"""Chosen passages as quotations with citations: plain text, or a Word document."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from waymark.core.uk_time import uk_date
from waymark.core.wording import date_in_words
from waymark.publishing.document.nodes import (
    HeadingNode,
    Node,
    NoteList,
    NoteMark,
    QuotationNode,
    ReportDocument,
    ReportNote,
)
from waymark.publishing.formats.word import render_word


@dataclass(frozen=True, slots=True)
class CitedQuotation:
    """Exact words of a report. short: where they are; citation: in full; key: of the passage."""

    words: str
    short: str
    citation: str
    key: str


def quotations_as_text(question: str, quotations: Sequence[CitedQuotation]) -> bytes:
    """The question, then each quotation with its citation, as plain text (UTF-8)."""
    parts = [question] if question else []
    parts += [
        f"[{number}] \u201c{' '.join(row.words.split())}\u201d\n{row.citation}"
        for number, row in enumerate(quotations, start=1)
    ]
    return ("\n\n".join(parts) + "\n").encode()


def quotations_as_word(
    question: str, quotations: Sequence[CitedQuotation], *, service: str, now: datetime
) -> bytes:
    """The same as a Word document; each quotation has a note with its citation."""
    numbered = list(enumerate(quotations, start=1))
    nodes: list[Node] = [
        QuotationNode(row.words, row.short, NoteMark(number), row.key) for number, row in numbered
    ]
    nodes.append(HeadingNode(2, "Sources", "sources"))
    nodes.append(NoteList(tuple(ReportNote(number, row.citation, "") for number, row in numbered)))
    return render_word(
        ReportDocument(
            title=question or "Quotations",
            subtitle="Quotations from reports",
            scope=service,
            edition=f"Chosen on {date_in_words(uk_date(now))}",
            dated=now,
            nodes=tuple(nodes),
        )
    )
