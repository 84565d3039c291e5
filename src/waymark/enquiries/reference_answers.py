"""Wording of the answer to a check of references (no Django)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from waymark.enquiries.citation_marks import CitationMark
from waymark.enquiries.references.compare import ReferenceDifference

NOT_FOUND = "We could not find this; it may not exist."
WHERE = (
    "We compared your references with our library alone, which has publications about learning "
    "from case reviews. A reference that we could not find may be right: look for it where you "
    "found it, in a library catalogue, or at its publisher. Programs that write text invent "
    "references that look right."
)


@dataclass(frozen=True, slots=True)
class AnsweredReference:
    """A checked reference. key: of its record, "" if it was not found."""

    text: str
    key: str
    differences: Sequence[ReferenceDifference]


def reference_answer(references: Iterable[AnsweredReference]) -> str:
    """The text of an answer, with a mark of citation for each record."""
    parts = [f"{number}. {_of_one(row)}" for number, row in enumerate(references, start=1)]
    return "\n\n".join(["We checked your references.", *parts, WHERE])


def _of_one(row: AnsweredReference) -> str:
    # A bracket in a reference must not look like one of our marks.
    text = row.text.replace("[", "(").replace("]", ")")
    if not row.key:
        return f"{text}\n{NOT_FOUND}"
    mark = CitationMark("record", row.key)
    if not row.differences:
        return f"{text}\nFound: {mark}"
    differences = (
        "\n".join(
            f"{part.name}: you have “{part.given}”; the publication has “{part.library}”."
            for part in row.differences
        )
        .replace("[", "(")
        .replace("]", ")")
    )
    return f"{text}\nFound, with differences: {mark}\n{differences}"
