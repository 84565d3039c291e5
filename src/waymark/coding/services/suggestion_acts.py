"""What a coder decides on a suggestion in the workbench, as acts that can be undone."""

from datetime import datetime
from typing import Any

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import require_permission
from waymark.coding.models import ActionKind, CodingAction, Suggestion
from waymark.coding.queries import shown_suggestions
from waymark.coding.queries.machines import why_no_suggestions
from waymark.coding.queries.workbench import Desk
from waymark.coding.services.workbench import (
    CodingPlace,
    append_act,
    begin_act,
    current_coding,
)
from waymark.core.errors import ConcurrentChange, RuleError
from waymark.core.spans import Span
from waymark.documents.models import Report
from waymark.frameworks.models import Framework


@audit.serialized
def take_suggestion(
    *,
    by: User,
    report: Report,
    framework: Framework,
    reading: int,
    act: str,
    suggestion: int,
    span: Span | None = None,
    code: str = "",
    now: datetime,
) -> CodingAction:
    """Record a coding of one's own because of a suggestion; the suggestion stays what it is.

    span, code: where the coder changed them. Raises as coding.services.workbench.add_code, and
    RuleError if the coder decided already or may not see the suggestion.
    """
    require_permission(by, "code")
    desk = Desk(by, report, framework)
    if earlier := begin_act(desk, act, reading):
        return earlier
    row = _suggestion_at(desk, suggestion)
    own = CodingPlace(Span(row.start, row.end), row.code.code)
    place = CodingPlace(span or own.span, code or own.code)
    outcome = "accepted" if place == own else "changed"
    added = {"start": place.span.start, "end": place.span.end, "code": place.code}
    added |= {"qualifiers": {}, "memo": ""}
    codings = [] if current_coding(desk, place) else [added]
    return _decide(desk, act, row, outcome, {"codings": []}, {"codings": codings}, now)


@audit.serialized
def refuse_suggestion(
    *,
    by: User,
    report: Report,
    framework: Framework,
    reading: int,
    act: str,
    suggestion: int,
    now: datetime,
) -> CodingAction:
    """Record that a suggestion is wrong. Raises as take_suggestion()."""
    require_permission(by, "code")
    desk = Desk(by, report, framework)
    if earlier := begin_act(desk, act, reading):
        return earlier
    return _decide(desk, act, _suggestion_at(desk, suggestion), "refused", {}, {}, now)


def _suggestion_at(desk: Desk, number: int) -> Suggestion:
    # Checked first, and one error for all that the coder may not see: numbers could be counted.
    if reason := why_no_suggestions(desk.report.review):
        raise RuleError(reason)
    rows = Suggestion.objects.select_related("code")
    rows = rows.filter(
        pk=number,
        report=desk.report,
        reading=desk.report.reading,
        code__framework=desk.framework,
    )
    decided = rows.filter(decisions__decided_by=desk.coder, decisions__superseded_at=None)
    row = shown_suggestions(rows, desk.coder).first() or decided.first()
    if row is None:
        raise ConcurrentChange("there is no such suggestion here now: reload the page")
    return row


def _decide(
    desk: Desk,
    act: str,
    row: Suggestion,
    outcome: str,
    before: dict[str, Any],
    after: dict[str, Any],
    now: datetime,
) -> CodingAction:
    about = {"id": row.pk, "start": row.start, "end": row.end, "code": row.code.code}
    return append_act(
        desk,
        act,
        ActionKind.SUGGESTION,
        {**before, "suggestion": {**about, "outcome": ""}},
        {**after, "suggestion": {**about, "outcome": outcome}},
        now,
    )
