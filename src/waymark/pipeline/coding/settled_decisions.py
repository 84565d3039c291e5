"""What coders see once their review is settled: each decision with its reason, and their notes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from waymark.accounts.models import User
from waymark.accounts.permissions import require_permission
from waymark.coding.models import Assignment, ReturnedCoding
from waymark.coding.queries import current_codings
from waymark.documents.queries.reader import open_reviews
from waymark.frameworks.queries import file_of
from waymark.profiles.queries import current_judgements, value_in_words


@dataclass(frozen=True, slots=True)
class DecidedDifference:
    """A decision of an adjudicator, as a coder of the review sees it."""

    label: str
    about: str
    own: str
    agreed: str
    reason: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class SettledReview:
    """A review that a coder finished and that was settled since, with all that was decided."""

    assignment: Assignment
    decided: tuple[DecidedDifference, ...]


def settled_for(coder: User, now: datetime) -> list[SettledReview]:
    """Reviews that a person coded and that are settled, latest first. Raises NotPermitted."""
    require_permission(coder, "code")
    done = Assignment.objects.filter(
        coder=coder, finished_at__isnull=False, review__in=open_reviews(coder, now)
    )
    rows = []
    latest_first = done.select_related("review", "framework", "round").order_by("-finished_at")
    for assignment in latest_first:
        decided = tuple(_decided(assignment))
        if assignment.review.agreed_codes.filter(
            code__framework=assignment.framework, superseded_at=None
        ).exists():
            rows.append(SettledReview(assignment, decided))
    return rows


def _decided(assignment: Assignment) -> Iterator[DecidedDifference]:
    review, framework, coder = assignment.review, assignment.framework, assignment.coder_id
    current = {"superseded_at": None, "basis": "adjudicated"}
    own_codes = {row.code_id for row in current_codings(review, framework) if row.coder_id == coder}
    codes = review.agreed_codes.filter(code__framework=framework, **current)
    for code in codes.select_related("code", "decided_by").order_by("code__order"):
        yield DecidedDifference(
            code.code.name,
            "",
            "Coded" if code.code_id in own_codes else "Not coded",
            "Has this code" if code.present else "Does not have this code",
            code.reason,
            code.decided_by.username,
            code.decided_at,
        )
    judged = {
        (row.variable_id, row.child_id, row.adult_id): row.value
        for row in current_judgements(review, framework)
        if row.coder_id == coder
    }
    values = review.agreed_judgements.filter(variable__framework=framework, **current)
    for value in values.select_related("variable", "child", "adult", "decided_by").order_by(
        "variable__order", "child__number", "adult__number"
    ):
        person = value.child or value.adult
        own = judged.get((value.variable_id, value.child_id, value.adult_id))
        if own is None and file_of(framework).variable(value.variable.variable).derived:
            continue
        yield DecidedDifference(
            value.variable.name,
            f"{value.variable.get_level_display()} {person.number}" if person else "",
            "No answer" if own is None else value_in_words(value.variable, own),
            value_in_words(value.variable, value.value),
            value.reason,
            value.decided_by.username,
            value.decided_at,
        )


def notes_for(coder: User, now: datetime) -> list[ReturnedCoding]:
    """Notes on reviews that were sent back to a person and are not finished again."""
    require_permission(coder, "code")
    return list(
        ReturnedCoding.objects.filter(
            assignment__coder=coder,
            assignment__finished_at=None,
            assignment__review__in=open_reviews(coder, now),
        ).select_related("assignment__review", "assignment__framework")
    )
