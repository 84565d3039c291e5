"""Whether reports can be published: their hidden text, scanned pages and anonymity together."""

from collections.abc import Callable, Collection, Iterable

from waymark.core.errors import NotReady, OpenReason
from waymark.documents.models import Report
from waymark.documents.services import anonymity, hidden_text, recognition

HIDDEN_TEXT, ANONYMITY, SCANNED_PAGES = "hidden-text", "anonymity", "scanned-pages"
QUESTIONS: dict[str, Callable[[Collection[Report]], dict[int, tuple[str, str]]]] = {
    HIDDEN_TEXT: hidden_text.open_questions,
    ANONYMITY: anonymity.open_questions,
    SCANNED_PAGES: recognition.open_questions,
}
"""Kind of an open reason -> the rule that gives the reason and what to do, by primary key."""


def open_reasons(reports: Iterable[Report]) -> list[OpenReason]:
    """Every reason why reports cannot be published yet, in as many queries for one as for all."""
    reports = list(reports)
    answers = {kind: questions(reports) for kind, questions in QUESTIONS.items()}
    return [
        OpenReason(kind, report.key, report.file_name, *of_kind[report.pk])
        for report in reports
        for kind, of_kind in answers.items()
        if report.pk in of_kind
    ]


def require_ready(reports: Iterable[Report]) -> None:
    """Raise NotReady with every reason why reports cannot be published yet."""
    if reasons := open_reasons(reports):
        raise NotReady(reasons)


def reason_not_ready(report: Report) -> str:
    """Reasons why what was found in a report prevents publication, as the end of a sentence; or "".

    Without those of an earlier version that never looked.
    """
    return reasons_not_ready([report]).get(report.pk, "")


def reasons_not_ready(reports: Collection[Report]) -> dict[int, str]:
    """The same of many, by primary key, in as few queries; without those that are ready."""
    rules = (
        hidden_text.reasons_held_back(reports),
        anonymity.reasons_not_anonymous(reports),
        recognition.reasons_unread(reports),
    )
    reasons = {
        report.pk: ", and it ".join(filter(None, (rule.get(report.pk) for rule in rules)))
        for report in reports
    }
    return {report: words for report, words in reasons.items() if words}
