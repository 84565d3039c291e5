"""Answers of a coder's case profile, with passages given by citation key or in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from waymark.accounts.audit import serialized_in
from waymark.accounts.models import User
from waymark.accounts.permissions import require_permission
from waymark.coding.assignments import assignment_of
from waymark.coding.files.coding_file import find_quote
from waymark.coding.models import Assignment
from waymark.core.errors import NotFound, ParseError, RuleError
from waymark.core.evidence import report_of_key
from waymark.core.spans import Span
from waymark.documents.anchors import ReportAnchors
from waymark.documents.keys import parse_span_key
from waymark.documents.models import Report, Review
from waymark.documents.queries.reader import open_reviews, reports_of, text_of
from waymark.frameworks.models import Framework, Variable
from waymark.profiles import services as profiles
from waymark.profiles.models import Adult, Child, Judgement


def open_profiles(coder: User, now: datetime) -> list[Assignment]:
    """Assignments of a coder to reviews they may see, unfinished first. Raises NotPermitted."""
    require_permission(coder, "code")
    own = Assignment.objects.filter(coder=coder, review__in=open_reviews(coder, now))
    rows = own.select_related("review", "framework", "round").order_by("review__reference")
    return sorted(rows, key=lambda row: row.finished_at is not None)


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer as it was entered. passages: citation keys or words of a report, one on a line."""

    value: str | Sequence[str]
    passages: Sequence[str]
    memo: str = ""


@serialized_in("coding", "profiles")
def answer_question(
    *,
    by: User,
    review: Review,
    framework: Framework,
    variable: str,
    number: int,
    answer: GivenAnswer,
    now: datetime,
) -> Judgement:
    """Store an answer of a coder; it supersedes the earlier one.

    number: of the child or adult, 0 for a question about the review. Raises as record_judgement();
    RuleError also for words that are not in the report, with what is nearly the same, and for
    passages of several reports; NotFound for an unknown variable or person.
    """
    assignment_of(by, review, framework)
    row = Variable.objects.filter(framework=framework, variable=variable).first()
    if row is None:
        raise NotFound(f"{framework} has no variable {variable[:80]}")
    child, adult = people_at(review, row.level, number)
    report, spans = _places(review, answer.passages, by, now)
    return profiles.record_judgement(
        by=by,
        review=review,
        child=child,
        adult=adult,
        variable=row,
        value=answer.value,
        anchors=ReportAnchors(report),
        spans=spans,
        memo=answer.memo,
        now=now,
    )


def people_at(review: Review, level: str, number: int) -> tuple[Child | None, Adult | None]:
    """The child or the adult of a number; neither for the review. Raises NotFound."""
    if level == "review":
        return None, None
    people = review.children if level == "child" else review.adults
    person = people.filter(number=number).first()
    if isinstance(person, Child):
        return person, None
    if isinstance(person, Adult):
        return None, person
    raise NotFound(f"{review.reference} has no {level} {number}")


def first_report(review: Review, coder: User, now: datetime) -> Report:
    """The first report of a review that a coder may see. Raises RuleError if there is none."""
    reports = reports_of(review, coder, now)
    if not reports:
        raise RuleError(f"{review.reference} has no report that you may see")
    return reports[0]


def _places(
    review: Review, passages: Sequence[str], coder: User, now: datetime
) -> tuple[Report, list[Span]]:
    """The report and the spans of passages, each a citation key or words of a report."""
    reports = reports_of(review, coder, now)
    lines = dict.fromkeys(part.strip() for part in passages if part.strip())
    places = [_place(line, reports) for line in lines]
    if len({report.pk for report, _ in places}) > 1:
        raise RuleError("the passages are of several reports: give those of one report")
    report = places[0][0] if places else first_report(review, coder, now)
    return report, [span for _, span in places]


def _place(line: str, reports: Sequence[Report]) -> tuple[Report, Span]:
    """The place of one citation key, or of words that occur once. Raises RuleError."""
    try:
        cited = parse_span_key(line)
    except ParseError:
        return _place_of_words(line, reports)
    report = next((row for row in reports if row.key == report_of_key(line)), None)
    if report is None or cited.reading != report.reading:
        raise RuleError(f"{line} is not a passage of a report of this review, as it is read now")
    if cited.span.end > len(text_of(report)):
        raise RuleError(f"{line} is after the end of the report")
    return report, cited.span


def _place_of_words(words: str, reports: Sequence[Report]) -> tuple[Report, Span]:
    faults = []
    for report in reports:
        try:
            return report, find_quote(text_of(report), words)
        except RuleError as error:
            faults.append(str(error))
    raise RuleError(faults[0] if faults else "this review has no report that you may see")
