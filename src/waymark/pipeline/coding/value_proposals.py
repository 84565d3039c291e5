"""Own codings and passages -> proposals of values of a case profile, for the coder alone."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from waymark.coding.models import Assignment, Coding
from waymark.coding.queries import hidden_suggestions
from waymark.coding.queries.settled_texts import passage_texts
from waymark.core.evidence import text_key
from waymark.core.spans import Span
from waymark.documents.keys import span_key
from waymark.documents.models import Report
from waymark.documents.queries.readings import pages_of
from waymark.frameworks.queries import file_of
from waymark.frameworks.schema import FrameworkFile
from waymark.frameworks.variables import nation_id
from waymark.profiles.case_profile import ProfileQuestion, ProfileSubject
from waymark.profiles.proposals import CodedWords, proposals_of
from waymark.profiles.queries import value_in_words


@dataclass(frozen=True, slots=True)
class WordsForValue:
    """Words that may speak for a value. value: in words; key: citation key; page: of its start."""

    value: str
    key: str
    quote: str
    page: int
    reason: str


def proposals_for(
    assignment: Assignment,
    subject: ProfileSubject,
    question: ProfileQuestion,
    reports: Sequence[Report],
) -> list[WordsForValue]:
    """Proposals for a question of a coder's case profile; none while their round hides them.

    Without words on which the round hides a suggestion from the coder.
    reports: of the review, that the coder may see. Of codings, only the coder's own are read.
    """
    if not question.proposals_open:
        return []
    framework = file_of(assignment.framework)
    variable = framework.variable(question.variable.variable)
    nation = nation_id(assignment.review.nation)
    proposals = []
    for report in reports:
        passages = passage_texts(report)
        pages = pages_of(report, report.reading)
        starts = [page.start for page in pages]
        coded = _own_words(assignment, subject, report, framework)
        hidden = hidden_suggestions(report, assignment.coder).values_list("start", "end")
        places = list(hidden.order_by())
        for proposal in proposals_of(variable, framework, passages, coded, nation):
            # The cues of codes find the same words: a proposal must not show what the round hides.
            span = proposal.span
            if any(start < span.end and span.start < end for start, end in places):
                continue
            page = bisect_right(starts, proposal.span.start)
            proposals.append(
                WordsForValue(
                    value_in_words(question.variable, proposal.value),
                    span_key(text_key(report.key, report.reading), proposal.span),
                    proposal.exact,
                    pages[max(page - 1, 0)].number if pages else 1,
                    proposal.reason,
                )
            )
    return proposals


def _own_words(
    assignment: Assignment, subject: ProfileSubject, report: Report, framework: FrameworkFile
) -> list[CodedWords]:
    """What the coder has coded in the current text, without what is about another person."""
    rows = Coding.objects.filter(
        coder=assignment.coder,
        code__framework=assignment.framework,
        report=report,
        reading=report.reading,
        superseded_at=None,
    )
    words = []
    for row in rows.select_related("code"):
        people = [
            number
            for level, number in framework.people_in(row.qualifiers)
            if level == subject.level
        ]
        if not people or subject.number in people:
            span = Span(row.start, row.end)
            words.append(CodedWords(span, row.code.code, row.code.name, row.exact))
    return words
