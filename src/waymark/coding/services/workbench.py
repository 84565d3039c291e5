"""Acts of a coder in the workbench: each is one transaction, stored once, and can be undone.

An act says what it replaces and by what (see coding.models.actions). Undo and redo replace the
other way round, by the same function, so whatever can be done can be undone. Codings are recorded
and withdrawn by the services that coding files use: rows are superseded, never edited.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import require_permission
from waymark.coding.assignments import require_open
from waymark.coding.memos import check_memo
from waymark.coding.models import (
    ActionKind,
    Coding,
    CodingAction,
    ReadPart,
    ReportMemo,
    Suggestion,
)
from waymark.coding.queries.workbench import Desk, last_action, report_memo
from waymark.coding.services.codings import record_coding, withdraw_coding
from waymark.coding.services.suggestions import record_decision, undo_suggestion_decision
from waymark.core.errors import ConcurrentChange, RuleError
from waymark.core.spans import Span
from waymark.documents.anchors import ReportAnchors
from waymark.documents.models import Report
from waymark.frameworks.models import Code, Framework

LONGEST_ACT = 40
OVERTAKEN = (
    "this was changed in another window, or by a coding file: see how it is now, then try again"
)


@dataclass(frozen=True, slots=True)
class CodingPlace:
    """Names a current coding of a coder in a report: its words and its code."""

    span: Span
    code: str


@audit.serialized
def add_code(
    *,
    by: User,
    report: Report,
    framework: Framework,
    reading: int,
    act: str,
    span: Span,
    code: str,
    now: datetime,
) -> CodingAction | None:
    """Apply a code to words; None if they have it already.

    This and the other acts raise NotPermitted; ConcurrentChange if the page shows what is no longer
    so; RuleError for all else that is wrong, such as a review that is finished. reading: of the
    text that the page shows. act: id chosen by the page; with one that was used before, nothing
    happens and the earlier act is returned.
    """
    require_permission(by, "code")
    desk = Desk(by, report, framework)
    if earlier := begin_act(desk, act, reading):
        return earlier
    place = CodingPlace(span, code)
    if current_coding(desk, place):
        return None
    added = {"start": span.start, "end": span.end, "code": code, "qualifiers": {}, "memo": ""}
    return append_act(desk, act, ActionKind.CODE, {"codings": []}, {"codings": [added]}, now)


@audit.serialized
def change_coding(
    *,
    by: User,
    report: Report,
    framework: Framework,
    reading: int,
    act: str,
    place: CodingPlace,
    span: Span | None = None,
    qualifiers: Mapping[str, Any] | None = None,
    memo: str | None = None,
    now: datetime,
) -> CodingAction | None:
    """Change the boundaries, the qualifiers or the memo of a coding; None if nothing changes."""
    require_permission(by, "code")
    desk = Desk(by, report, framework)
    if earlier := begin_act(desk, act, reading):
        return earlier
    old = _content(_require_current(desk, place))
    new = dict(old)
    if span is not None:
        new |= {"start": span.start, "end": span.end}
    if qualifiers is not None:
        new["qualifiers"] = dict(qualifiers)
    if memo is not None:
        check_memo(memo)
        new["memo"] = memo
    if new == old:
        return None
    moved = span is not None and span != place.span
    if moved and current_coding(desk, CodingPlace(_span_of(new), place.code)):
        raise RuleError("these words already have this code")
    kind = ActionKind.BOUNDARIES if moved else ActionKind.CHANGE
    return append_act(desk, act, kind, {"codings": [old]}, {"codings": [new]}, now)


@audit.serialized
def remove_coding(
    *,
    by: User,
    report: Report,
    framework: Framework,
    reading: int,
    act: str,
    place: CodingPlace,
    now: datetime,
) -> CodingAction:
    """Remove a coding; it stays on record, superseded."""
    require_permission(by, "code")
    desk = Desk(by, report, framework)
    if earlier := begin_act(desk, act, reading):
        return earlier
    old = _content(_require_current(desk, place))
    return append_act(desk, act, ActionKind.REMOVE, {"codings": [old]}, {"codings": []}, now)


@audit.serialized
def write_report_memo(
    *,
    by: User,
    report: Report,
    framework: Framework,
    reading: int,
    act: str,
    text: str,
    now: datetime,
) -> CodingAction | None:
    """Store the coder's memo on the report, "" to remove it; None if nothing changes."""
    require_permission(by, "code")
    desk = Desk(by, report, framework)
    if earlier := begin_act(desk, act, reading):
        return earlier
    check_memo(text)
    before = report_memo(desk)
    if text == before:
        return None
    return append_act(desk, act, ActionKind.MEMO, {"memo": before}, {"memo": text}, now)


@audit.serialized
def mark_part(
    *,
    by: User,
    report: Report,
    framework: Framework,
    reading: int,
    act: str,
    part: int,
    read: bool,
    now: datetime,
) -> CodingAction | None:
    """Mark a part of the report as read, or as not read; None if nothing changes."""
    require_permission(by, "code")
    desk = Desk(by, report, framework)
    if earlier := begin_act(desk, act, reading):
        return earlier
    if _read_part(desk, part).exists() == read:
        return None
    marks: tuple[list[int], list[int]] = ([], [part]) if read else ([part], [])
    before, after = ({"read": parts} for parts in marks)
    return append_act(desk, act, ActionKind.READ, before, after, now)


@audit.serialized
def undo_act(
    *,
    by: User,
    report: Report,
    framework: Framework,
    act: str,
    target: str = "",
    now: datetime,
) -> CodingAction:
    """Take back the last act that was not taken back; it stays on record.

    target: id of the act that the page offers to undo, if it knows; another window may have acted
    since.
    """
    require_permission(by, "code")
    desk = Desk(by, report, framework)
    if earlier := begin_act(desk, act):
        return earlier
    last = last_action(desk)
    undone = _require_target(last, last and last.undo, target, "undo")
    action = append_act(desk, act, ActionKind.UNDO, undone.after, undone.before, now, target=undone)
    return _with_stack(action, undo=undone.beneath, redo=action, beneath=last and last.redo)


@audit.serialized
def redo_act(
    *,
    by: User,
    report: Report,
    framework: Framework,
    act: str,
    target: str = "",
    now: datetime,
) -> CodingAction:
    """Do again what was undone last, if nothing else was done since. target: see undo_act()."""
    require_permission(by, "code")
    desk = Desk(by, report, framework)
    if earlier := begin_act(desk, act):
        return earlier
    last = last_action(desk)
    undone = _require_target(last, last and last.redo, target, "redo")
    action = append_act(desk, act, ActionKind.REDO, undone.after, undone.before, now, target=undone)
    return _with_stack(action, undo=action, redo=undone.beneath, beneath=last and last.undo)


# ---- acting ----


def begin_act(desk: Desk, act: str, reading: int = 0) -> CodingAction | None:
    """The act of this id if it was stored before. Raises RuleError if the coder may not act now."""
    if not 0 < len(act) <= LONGEST_ACT:
        raise RuleError("an act needs an id: reload the page and try again")
    earlier = CodingAction.objects.filter(coder=desk.coder, act=act).first()
    if earlier is not None:
        if (earlier.report_id, earlier.framework_id) != (desk.report.pk, desk.framework.pk):
            raise RuleError("this id belongs to an act at another report: reload the page")
        return earlier
    require_open(desk.coder, desk.report.review, desk.framework)
    # Read in the transaction: a newer text may have been accepted since the page was shown.
    desk.report.refresh_from_db(fields=["reading"])
    if reading and reading != desk.report.reading:
        raise ConcurrentChange("the report has a newer text now: reload the page and code in that")
    return None


def append_act(
    desk: Desk,
    act: str,
    kind: ActionKind,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    now: datetime,
    *,
    target: CodingAction | None = None,
) -> CodingAction:
    """Replace what is current, and append the act, with the stack of an act that was done."""
    _replace(desk, before, after, now)
    last = last_action(desk)
    action = CodingAction.objects.create(
        **desk.columns,
        act=act,
        number=last.number + 1 if last else 1,
        kind=kind,
        reading=desk.report.reading,
        before=before,
        after=after,
        target=target,
        decided_at=now,
    )
    return _with_stack(action, undo=action, redo=None, beneath=last and last.undo)


def _with_stack(
    action: CodingAction,
    *,
    undo: CodingAction | None,
    redo: CodingAction | None,
    beneath: CodingAction | None,
) -> CodingAction:
    action.undo, action.redo, action.beneath = undo, redo, beneath
    action.save(update_fields=["undo", "redo", "beneath"])
    return action


def _require_target(
    last: CodingAction | None, action: CodingAction | None, target: str, what: str
) -> CodingAction:
    if last is None or action is None:
        raise RuleError(f"there is nothing to {what}")
    if target and action.act != target:
        raise ConcurrentChange(OVERTAKEN)
    if action.reading != last.report.reading:
        raise RuleError(f"there is nothing to {what} in the newer text of the report")
    return action


# ---- replacing ----


def _replace(
    desk: Desk, before: Mapping[str, Any], after: Mapping[str, Any], now: datetime
) -> None:
    """Make current what is in after instead of before. Raises ConcurrentChange if that is not."""
    # Before the codings: where a round shows suggestions after the coder's own answer, the coding
    # that a suggestion leads to is not that answer.
    if "suggestion" in before:
        _replace_decision(desk, before["suggestion"], after["suggestion"], now)
    if "codings" in before:
        _replace_codings(desk, before["codings"], after["codings"], now)
    if "memo" in before:
        _replace_memo(desk, before["memo"], after["memo"], now)
    if "read" in before:
        _replace_read(desk, before["read"], after["read"], now)


def _replace_codings(
    desk: Desk, before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]], now: datetime
) -> None:
    current = [_require_current(desk, _place_of(row)) for row in before]
    if [_content(row) for row in current] != list(before):
        raise ConcurrentChange(OVERTAKEN)
    replaced = {_place_of(row) for row in before}
    stays = {_place_of(row) for row in after}
    if any(current_coding(desk, place) for place in stays - replaced):
        raise ConcurrentChange(OVERTAKEN)
    for coding in current:
        if CodingPlace(Span(coding.start, coding.end), coding.code.code) not in stays:
            withdraw_coding(by=desk.coder, coding=coding, now=now)
    if not after:
        return
    anchors = ReportAnchors(desk.report)
    for row in after:
        record_coding(
            by=desk.coder,
            anchors=anchors,
            span=_span_of(row),
            code=_code(desk, row["code"]),
            qualifiers=row["qualifiers"],
            memo=row["memo"],
            now=now,
        )


def _replace_decision(
    desk: Desk, before: Mapping[str, Any], after: Mapping[str, Any], now: datetime
) -> None:
    suggestion = Suggestion.objects.select_related("code__framework", "report__review").get(
        pk=before["id"]
    )
    if before["outcome"]:
        undo_suggestion_decision(by=desk.coder, suggestion=suggestion, now=now)
    if after["outcome"]:
        record_decision(by=desk.coder, suggestion=suggestion, outcome=after["outcome"], now=now)


def _replace_memo(desk: Desk, before: str, after: str, now: datetime) -> None:
    if report_memo(desk) != before:
        raise ConcurrentChange(OVERTAKEN)
    ReportMemo.objects.filter(**desk.columns, superseded_at=None).update(superseded_at=now)
    if after:
        ReportMemo.objects.create(**desk.columns, text=after, decided_at=now)
    audit.record_about(desk.coder, "write report memo", desk.report, now)


def _replace_read(desk: Desk, before: Sequence[int], after: Sequence[int], now: datetime) -> None:
    for part in before:
        if not _read_part(desk, part).update(superseded_at=now):
            raise ConcurrentChange(OVERTAKEN)
    for part in after:
        if _read_part(desk, part).exists():
            raise ConcurrentChange(OVERTAKEN)
        ReadPart.objects.create(
            **desk.columns, reading=desk.report.reading, part=part, decided_at=now
        )
    audit.record_about(desk.coder, "mark read pages", desk.report, now)


def _read_part(desk: Desk, part: int) -> Any:
    return ReadPart.objects.filter(
        **desk.columns, reading=desk.report.reading, part=part, superseded_at=None
    )


def current_coding(desk: Desk, place: CodingPlace) -> Coding | None:
    return (
        Coding.objects.filter(
            coder=desk.coder,
            report=desk.report,
            reading=desk.report.reading,
            start=place.span.start,
            end=place.span.end,
            code__code=place.code,
            code__framework=desk.framework,
            superseded_at=None,
        )
        .select_related("code__framework", "report__review")
        .first()
    )


def _require_current(desk: Desk, place: CodingPlace) -> Coding:
    coding = current_coding(desk, place)
    if coding is None:
        raise ConcurrentChange(OVERTAKEN)
    return coding


def _content(coding: Coding) -> dict[str, Any]:
    return {
        "start": coding.start,
        "end": coding.end,
        "code": coding.code.code,
        "qualifiers": coding.qualifiers,
        "memo": coding.memo,
    }


def _span_of(row: Mapping[str, Any]) -> Span:
    return Span(row["start"], row["end"])


def _place_of(row: Mapping[str, Any]) -> CodingPlace:
    return CodingPlace(_span_of(row), row["code"])


def _code(desk: Desk, code: str) -> Code:
    row = Code.objects.filter(framework=desk.framework, code=code).first()
    if row is None:
        raise RuleError(f"{desk.framework} has no code {code}")
    row.framework = desk.framework
    return row
