"""A coder's queue: the reviews assigned to them, their own progress, and where they go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet

from waymark.accounts.models import User
from waymark.accounts.permissions import Person, require_account, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.coding.models import Assignment, Coding, CodingAction, ReadPart
from waymark.coding.queries.workbench import Desk
from waymark.documents.models import Report
from waymark.frameworks.models import Framework


def own_queue(person: Person) -> QuerySet[Assignment]:
    """The assignments of a coder whose review staff can read. Raises NotPermitted."""
    require_permission(person, "code")
    rows = Assignment.objects.filter(coder=person.pk, review__state__in=OPEN_TO_STAFF)
    return rows.select_related("review", "framework")


@dataclass(frozen=True, slots=True)
class QueuedReport:
    """A report in a coder's queue. parts: marked as read; codings: the coder's own."""

    report: Report
    parts: int
    codings: int


def queued_reports(coder: User, assignments: Sequence[Assignment]) -> dict[int, list[QueuedReport]]:
    """Primary key of an assignment -> the reports of its review, with the coder's own progress."""
    reports: dict[int, list[Report]] = {}
    reviews = {row.review_id for row in assignments}
    for report in Report.objects.filter(review__in=reviews, state__in=OPEN_TO_STAFF):
        reports.setdefault(report.review_id, []).append(report)
    codings = _counts(
        Coding.objects.filter(coder=coder, report__review__in=reviews, superseded_at=None),
        "code__framework",
    )
    parts = _counts(
        ReadPart.objects.filter(coder=coder, report__review__in=reviews, superseded_at=None),
        "framework",
    )
    return {
        row.pk: [
            QueuedReport(
                report,
                parts.get((report.pk, row.framework_id), 0),
                codings.get((report.pk, row.framework_id), 0),
            )
            for report in reports.get(row.review_id, [])
        ]
        for row in assignments
    }


@dataclass(frozen=True, slots=True)
class NextDesk:
    """A report that the coder has still to code, with its framework."""

    report: Report
    framework: Framework


def desks_to_code(person: Person) -> list[NextDesk]:
    """The reports of a coder's unfinished reviews, in the order of the queue."""
    coder = require_account(person, "code", "code a report")
    rows = list(own_queue(coder).filter(finished_at=None).order_by("started_at", "pk"))
    reports: dict[int, list[Report]] = {}
    open_ones = Report.objects.filter(
        review__in=[row.review_id for row in rows], state__in=OPEN_TO_STAFF
    )
    for report in open_ones.select_related("review"):
        reports.setdefault(report.review_id, []).append(report)
    return [
        NextDesk(report, row.framework) for row in rows for report in reports.get(row.review_id, [])
    ]


def desk_after(desk: Desk) -> NextDesk | None:
    """The report after this one in the coder's queue, then from its beginning; None if no other."""
    others = desks_to_code(desk.coder)
    here = next(
        (
            at
            for at, row in enumerate(others)
            if row.report == desk.report and row.framework == desk.framework
        ),
        None,
    )
    if here is None:
        return others[0] if others else None
    return [*others[here + 1 :], *others[:here], None][0]


def _counts(rows: QuerySet[Any], framework: str) -> dict[tuple[int, int], int]:
    counted = rows.order_by().values_list("report", framework).annotate(Count("pk"))
    return {(report, version): number for report, version, number in counted}


def latest_desk(person: Person) -> CodingAction | None:
    """The last act of a coder at a desk that they have not finished, None for none."""
    coder = require_account(person, "code", "code a report")
    open_work = Assignment.objects.filter(
        coder=coder,
        framework=OuterRef("framework"),
        review=OuterRef("report__review"),
        finished_at=None,
    )
    rows = CodingAction.objects.filter(
        Exists(open_work),
        coder=coder,
        report__state__in=OPEN_TO_STAFF,
        report__review__state__in=OPEN_TO_STAFF,
    )
    return rows.select_related("report", "framework").order_by("-decided_at", "-pk").first()


def place_of(action: CodingAction) -> int:
    """Position in the text that an act concerns, 0 for none."""
    codings = action.after.get("codings") or action.before.get("codings") or []
    places = codings or [one for one in [action.after.get("suggestion")] if one]
    return int(places[0]["start"]) if places else 0
