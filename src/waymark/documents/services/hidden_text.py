"""Hidden text of reports: the findings, the answers to them, and the reports they block."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import QuerySet

from waymark.accounts import audit
from waymark.accounts.models import State, User
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import RuleError
from waymark.documents.models import HiddenText, HiddenTextVerdict, Report
from waymark.documents.reading.values import (
    ALTERNATE,
    ANSWERED_ONE_BY_ONE,
    BOOKMARK,
    FIELD,
    METADATA,
    ConcealedText,
    hidden_warnings,
)

OPENING = frozenset({State.PUBLISHED, State.EMBARGOED})
LONGEST_ANSWER = 500
LONGEST_WORDS = 10_000
REPEATS_WORDS = "holds words that cannot be seen ("
ENDS_WHEN_SHOWN = (ALTERNATE, BOOKMARK, FIELD, METADATA)
"""Classes that are no finding where the pages show the same words."""
ROWS = 500


def store_hidden_text(*, report: Report, hidden: Sequence[ConcealedText]) -> None:
    """Store the findings of a file that is being stored, in the caller's transaction."""
    HiddenText.objects.bulk_create(
        (_row_of_finding(report, find) for find in hidden), batch_size=ROWS
    )


def _row_of_finding(report: Report, find: ConcealedText) -> HiddenText:
    return HiddenText(
        report=report,
        kind=find.kind,
        page=find.page,
        words=find.text[:LONGEST_WORDS],
        cause=find.cause[:200],
        box=list(find.box) if find.box is not None else None,
    )


@audit.serialized
def record_check(
    *, by: Actor, report: Report, hidden: Sequence[ConcealedText], now: datetime
) -> int:
    """Store the findings of a new check of a stored file; returns how many are new.

    Findings that are already stored keep their answers. Those that are compared with the visible
    words end if nobody has answered them and the check no longer finds them: the words are in the
    text now, such as a bookmark of a scan after recognition. No state changes. Raises NotPermitted.
    """
    require_permission(by, "add reports")
    known = set(report.hidden_texts.values_list("kind", "page", "words"))
    rows = [_row_of_finding(report, find) for find in hidden]
    new = [row for row in rows if (row.kind, row.page, row.words) not in known]
    # By words alone: a newer reader may know the page of a find that had none.
    present = {(row.kind, row.words) for row in rows}
    open_rows = report.hidden_texts.filter(kind__in=ENDS_WHEN_SHOWN, verdict="")
    closed = [row.pk for row in open_rows if (row.kind, row.words) not in present]
    HiddenText.objects.filter(pk__in=closed).delete()
    HiddenText.objects.bulk_create(new, batch_size=ROWS)
    # Earlier versions repeated the hidden words in the warnings, where all staff could read them.
    warnings = [line for line in report.warnings if REPEATS_WORDS not in line]
    Report.objects.filter(pk=report.pk).update(hidden_text_checked_at=now, warnings=warnings)
    audit.record_about(by, "look for hidden text", report, now, new=len(new), gone=len(closed))
    return len(new)


@audit.serialized
def answer_hidden_text(
    *,
    by: Actor,
    report: Report,
    kind: str,
    verdict: str,
    answer: str,
    now: datetime,
    places: Collection[int] = (),
) -> int:
    """Answer hidden text of one class in a report; returns the number of findings answered.

    places: ids of the findings, all of the class if there are none. Words that look like a failed
    redaction are harmless only one place at a time. A later answer replaces an earlier one.
    "replace" prevents publication of the report. Raises NotPermitted; RuleError without a reason or
    if the report has no such text.
    """
    require_permission(by, "decide on hidden text")
    answer = _checked_reason(answer)
    if verdict not in HiddenTextVerdict.values:
        raise RuleError("choose whether the hidden text is harmless or the file must be replaced")
    rows = report.hidden_texts.filter(kind=kind)
    if places:
        rows = rows.filter(pk__in=places)
    elif verdict == HiddenTextVerdict.HARMLESS and kind in ANSWERED_ONE_BY_ONE and len(rows) > 1:
        raise RuleError("choose the places that you checked: any of them can be a failed redaction")
    count = rows.update(
        verdict=verdict,
        answer=answer,
        answered_at=now,
        answered_by=by if isinstance(by, User) else None,
    )
    if not count:
        raise RuleError("the report has no hidden text of this kind: reload the page")
    audit.record_about(
        by,
        "decide on hidden text",
        report,
        now,
        kind=kind,
        verdict=verdict,
        answer=answer,
        finds=count,
    )
    return count


@audit.serialized
def answer_properties(*, by: Actor, words: Collection[str], answer: str, now: datetime) -> int:
    """Declare properties of files harmless in every report that has them; returns how many reports.

    Programs write the same author into all files of an office. words: those of the properties.
    Those with an answer keep it. The reason is recorded with each report. Raises NotPermitted;
    RuleError without a reason, or for words that no report has.
    """
    require_permission(by, "decide on hidden text")
    answer = _checked_reason(answer)
    rows = HiddenText.objects.filter(
        kind=METADATA, verdict="", words__in=words, report__state__in=OPEN_TO_STAFF
    )
    reports: dict[Report, list[int]] = defaultdict(list)
    for row in rows.select_related("report"):
        reports[row.report].append(row.pk)
    if not reports:
        raise RuleError("choose at least one property that nobody has decided on: reload the page")
    for report, ids in reports.items():
        HiddenText.objects.filter(pk__in=ids).update(
            verdict=HiddenTextVerdict.HARMLESS,
            answer=answer,
            answered_at=now,
            answered_by=by if isinstance(by, User) else None,
        )
        audit.record_about(
            by,
            "decide on hidden text",
            report,
            now,
            kind=METADATA,
            verdict=HiddenTextVerdict.HARMLESS,
            answer=answer,
            finds=len(ids),
        )
    return len(reports)


def _checked_reason(answer: str) -> str:
    answer = " ".join(answer.split())
    if not answer:
        raise RuleError("enter a reason: it is recorded with your name")
    if len(answer) > LONGEST_ANSWER:
        raise RuleError(f"the reason is longer than {LONGEST_ANSWER} characters: shorten it")
    return answer


def unanswered_findings(report: Report) -> QuerySet[HiddenText]:
    """The findings of a report not yet found harmless."""
    return _unanswered_in(report.hidden_texts.all())


def _unanswered_in(rows: QuerySet[HiddenText]) -> QuerySet[HiddenText]:
    return rows.exclude(verdict=HiddenTextVerdict.HARMLESS)


def reason_held_back(report: Report) -> str:
    """Reason why hidden text prevents publication, as the end of a sentence; "" if none does."""
    return reasons_held_back([report]).get(report.pk, "")


def reasons_held_back(reports: Collection[Report]) -> dict[int, str]:
    """The same of many, by primary key, in one query; without those that are not held back."""
    rows = _unanswered_in(HiddenText.objects.filter(report__in=reports))
    finds: defaultdict[int, list[ConcealedText]] = defaultdict(list)
    for report, page, kind, box in rows.values_list("report", "page", "kind", "box"):
        finds[report].append(ConcealedText(page, "", "", kind, (0, 0, 0, 0) if box else None))
    places = {
        report: "; ".join(line.partition(": ")[2] for line in hidden_warnings(rows))
        for report, rows in finds.items()
    }
    return {
        report: f"has hidden text that nobody has marked as harmless ({words})"
        for report, words in places.items()
        if words
    }


def open_questions(reports: Collection[Report]) -> dict[int, tuple[str, str]]:
    """Why hidden text prevents the publication of reports, and what to do, by primary key."""
    why = reasons_held_back(reports)
    questions = {report.pk: _question(report, why.get(report.pk, "")) for report in reports}
    return {report: question for report, question in questions.items() if question is not None}


def _question(report: Report, why: str) -> tuple[str, str] | None:
    if why:
        command = f"waymark reports answer {report.key}"
        return why, f"check it at Workspace, Hidden text or with {command}, then publish"
    if report.hidden_text_checked_at is None:
        return (
            "was stored before Waymark looked for hidden text",
            f"run waymark reports check {report.key}, then publish",
        )
    return None
