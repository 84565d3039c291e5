"""Record codings, and settle the agreed layer."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.coding.assignments import assignment_of, finished_coders, require_open
from waymark.coding.memos import check_memo
from waymark.coding.models import (
    AgreedCode,
    Assignment,
    Coding,
    Suggestion,
)
from waymark.coding.queries import codings_anchored_in, current_codings
from waymark.core.errors import RuleError
from waymark.core.settle import AdjudicatorDecision, settle_values
from waymark.core.spans import Span
from waymark.documents.anchors import ReportAnchors, move_anchors
from waymark.documents.keys import span_key, text_key
from waymark.documents.models import Report, Review
from waymark.frameworks.models import Code, Framework
from waymark.frameworks.queries import file_of


@audit.serialized
def assign_coder(
    *, by: Actor, review: Review, framework: Framework, coder: User, now: datetime
) -> Assignment:
    """Assign a review to a coder; coders are numbered in the order of their assignment.

    Raises NotPermitted if the coder may not code, RuleError for a draft framework.
    """
    require_permission(coder, "code")
    if by != coder:
        require_permission(by, "adjudicate")
    _require_published(framework)
    # Assigning again changes nothing: a position, once given, keeps the first two coders apart from
    # later ones, and agreement is computed from those two.
    known = Assignment.objects.filter(review=review, framework=framework)
    existing = known.filter(coder=coder).first()
    if existing is not None:
        return existing
    assignment = Assignment.objects.create(
        review=review, framework=framework, coder=coder, position=known.count() + 1, started_at=now
    )
    audit.record_about(
        by, "assign coder", review, now, coder=coder.username, position=assignment.position
    )
    return assignment


@audit.serialized
def finish_coding(
    *, by: User, review: Review, framework: Framework, now: datetime, file_sha256: str = ""
) -> None:
    """Declare a coder's review complete. Raises NotPermitted; RuleError if it is not assigned.

    file_sha256: of the coding file with the whole work, if there is one.
    """
    require_permission(by, "code")
    assignment = assignment_of(by, review, framework)
    assignment.finished_at, assignment.file_sha256 = now, file_sha256
    assignment.save(update_fields=["finished_at", "file_sha256"])
    audit.record_about(by, "finish coding", review, now, framework=str(framework))


@audit.serialized
def reopen_coding(
    *, by: Actor, review: Review, framework: Framework, coder: User, now: datetime
) -> int:
    """Reopen a finished review for its coder; returns the number of agreed codes superseded.

    Agreed codes come from finished work, so they end until the review is settled again. Raises
    NotPermitted, also if the coder may no longer code; RuleError if the review is not assigned to
    the coder, or not finished.
    """
    require_permission(by, "adjudicate")
    require_permission(coder, "code")
    assignment = assignment_of(coder, review, framework)
    if assignment.finished_at is None:
        raise RuleError(f"{coder} has not finished {review.reference}: it does not need reopening")
    assignment.finished_at, assignment.file_sha256 = None, ""
    assignment.save(update_fields=["finished_at", "file_sha256"])
    agreed = AgreedCode.objects.filter(
        review=review, code__framework=framework, superseded_at=None
    ).update(superseded_at=now)
    audit.record_about(
        by,
        "reopen coding",
        review,
        now,
        coder=coder.username,
        framework=str(framework),
        agreed_codes=agreed,
    )
    return agreed


@audit.serialized
def record_coding(
    *,
    by: User,
    anchors: ReportAnchors,
    span: Span,
    code: Code,
    qualifiers: Mapping[str, Any],
    memo: str,
    now: datetime,
) -> Coding:
    """Store a coding; it supersedes the coder's earlier one of the same span and code.

    Raises NotPermitted if the person may not code; RuleError for a draft framework, a review that
    is not assigned to the coder or that they have finished, a span outside the text, an unknown
    qualifier, or a memo above LONGEST_MEMO.
    """
    require_permission(by, "code")
    _require_published(code.framework)
    report = anchors.report
    require_open(by, report.review, code.framework)
    file_of(code.framework).check_qualifiers(dict(qualifiers))
    check_memo(memo)
    # The constraint one_current_coding allows one row per span, code and coder that is not
    # superseded, so the earlier one ends before the new one is written.
    fields = anchors.fields(span)
    judged = Coding.objects.filter(key=fields["key"], code=code, coder=by, superseded_at=None)
    judged.update(superseded_at=now)
    coding = Coding.objects.create(
        code=code,
        coder=by,
        qualifiers=dict(qualifiers),
        memo=memo,
        decided_at=now,
        **fields,
    )
    audit.record_about(by, "code", report.review, now, code=code.code, span=coding.key)
    return coding


@audit.serialized
def withdraw_coding(*, by: User, coding: Coding, now: datetime) -> None:
    """Withdraw a coder's own coding: it stays on record, superseded.

    Raises NotPermitted; RuleError for another coder's coding or a review the coder has finished.
    """
    require_permission(by, "code")
    if coding.coder_id != by.pk:
        raise RuleError("you can withdraw only your own codings")
    require_open(by, coding.report.review, coding.code.framework)
    Coding.objects.filter(pk=coding.pk, superseded_at=None).update(superseded_at=now)
    audit.record_about(by, "withdraw coding", coding.report.review, now, span=coding.key)


@audit.serialized
def merge_codings(
    *, by: Actor, report: Report, moves: Mapping[str, Span], now: datetime
) -> list[Coding]:
    """Supersede codings that would move onto another one of the same coder and code.

    As when a coder codes the same words twice: the later decision counts, the earlier one is
    history. Call it before move_codings(), with the same moves. Returns the superseded codings.
    Raises NotPermitted.
    """
    # Example: a coder coded "asked why" in the first text (9 am) and again in the second (10 am).
    # The first moves to the second's place: that of 9 am is superseded. Another coder's stays.
    require_permission(by, "add reports")
    text = text_key(report.key, report.reading)
    places = {key: span_key(text, span) for key, span in moves.items()}
    current = Coding.objects.filter(report=report, superseded_at=None)
    concerned = current.filter(key__in={*places, *places.values()}).select_related("code", "coder")
    latest: dict[tuple[str, int, int], Coding] = {}
    merged = []
    for row in concerned.order_by("decided_at", "pk"):
        place = (places.get(row.key, row.key), row.code_id, row.coder_id)
        if place in latest:
            merged.append(latest[place])
        latest[place] = row
    Coding.objects.filter(pk__in=[row.pk for row in merged]).update(superseded_at=now)
    if merged:
        rows = [
            {"span": row.key, "code": row.code.code, "coder": row.coder.username} for row in merged
        ]
        audit.record_about(by, "merge codings", report, now, superseded=rows)
    return merged


@audit.serialized
def move_codings(
    *, by: Actor, report: Report, moves: Mapping[str, Span], now: datetime
) -> dict[str, str]:
    """Move codings and suggestions to the same words in the current reading of their report.

    moves: old citation key -> span in the current text. Who decided what, and when, stays as it
    was: only the place of the words changes. Codings that meet there: see merge_codings(). Returns
    the old and new keys. Raises NotPermitted.
    """
    require_permission(by, "add reports")
    anchors = ReportAnchors(report)
    codings = codings_anchored_in(report)
    # Decided suggestions move too: the suggester must not propose again what a person rejected.
    suggestions = Suggestion.objects.filter(report=report)
    moved = move_anchors(codings, moves, anchors)
    moved |= move_anchors(suggestions, moves, anchors, unique=("code_id", "suggester"))
    if moved:
        audit.record_about(by, "move codings", report, now, keys=moved)
    return moved


@audit.serialized
def settle_codes(
    *,
    by: Actor,
    adjudicator: User,
    review: Review,
    framework: Framework,
    decisions: Mapping[str, AdjudicatorDecision],
    now: datetime,
) -> None:
    """Create the agreed codes of a review from its finished coders' work and the decisions.

    Every theme and every code used gets a row, present or absent. Earlier rows are superseded.
    Raises RuleError that names the codes still undecided.
    """
    # Example: two coders finished; both used "a", only the first used "b", and "t" is a theme that
    # neither used. "a" is agreed present and "t" agreed absent (basis "both"); "b" needs a
    # decision.
    require_permission(by, "adjudicate")
    coders = finished_coders(review, framework)
    codings = current_codings(review, framework)
    codes = {code.code: code for code in Code.objects.filter(framework=framework)}
    themes = {code.code: "absent" for code in codes.values() if code.theme is not None}
    used = {
        coder.pk: {row.code.code: "present" for row in codings if row.coder_id == coder.pk}
        for coder in coders
    }
    settled = settle_values([themes | own for own in used.values()], decisions, silent="absent")
    AgreedCode.objects.filter(review=review, code__framework=framework, superseded_at=None).update(
        superseded_at=now
    )
    # Only codings of coders who have finished support an agreed code: work in progress may change.
    supporting: dict[str, list[Coding]] = defaultdict(list)
    for row in codings:
        if row.coder_id in used:
            supporting[row.code.code].append(row)
    agreed = AgreedCode.objects.bulk_create(
        AgreedCode(
            review=review,
            code=codes[outcome.key],
            present=outcome.value == "present",
            basis=outcome.basis,
            reason=outcome.reason,
            decided_by=adjudicator,
            decided_at=now,
        )
        for outcome in settled
    )
    links = AgreedCode.codings.through
    links.objects.bulk_create(
        links(agreedcode=row, coding=coding)
        for row, outcome in zip(agreed, settled, strict=True)
        if row.present
        for coding in supporting[outcome.key]
    )
    audit.record_about(
        by, "settle codes", review, now, framework=str(framework), coders=len(coders)
    )


def _require_published(framework: Framework) -> None:
    if framework.published_at is None:
        raise RuleError(f"{framework} is a draft: publish it before coding with it")
