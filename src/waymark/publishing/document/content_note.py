"""Note at the head of a document about what its quotations describe. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from waymark.publishing.document.citations import ReportContent
from waymark.publishing.document.nodes import (
    ParagraphNode,
    QuotationNode,
    ReportDocument,
    StyledText,
)

NotesOfReviews = Callable[[Iterable[str]], str]
"""Content notes of reviews, by their references, as one phrase; "" for none."""

OPENING = "This report is about children who died or were seriously harmed."


def no_notes(references: Iterable[str]) -> str:
    """Notes where nobody has chosen any."""
    return ""


def with_content_note(
    document: ReportDocument, report: ReportContent, notes_of: NotesOfReviews
) -> ReportDocument:
    """A document that begins with a note on the reviews whose words it shows.

    Without quotations or chosen notes it is unchanged. Kinds of content alone: no detail, no
    number of reviews. What a document no longer quotes, because the review was withdrawn, does not
    count.
    """
    quoted = [node.key for node in document.nodes if isinstance(node, QuotationNode)]
    passages = [report.passages[key] for key in quoted if key in report.passages]
    notes = notes_of(dict.fromkeys(passage.review for passage in passages))
    if not notes:
        return document
    note = ParagraphNode(
        (
            StyledText("Content note.", strong=True),
            f" {OPENING} The reviews that it quotes describe {notes}.",
        )
    )
    return replace(document, nodes=(note, *document.nodes))
