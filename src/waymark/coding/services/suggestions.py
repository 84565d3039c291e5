"""Store what programs suggest, and what people decide on it."""

from collections.abc import Iterable
from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.coding.assignments import require_open
from waymark.coding.models import (
    Coding,
    MachineCoder,
    MachineKind,
    MachineState,
    Suggestion,
    SuggestionDecision,
    SuggestionState,
)
from waymark.coding.queries import shown_suggestions
from waymark.coding.queries.machines import why_no_suggestions
from waymark.coding.services.codings import record_coding
from waymark.coding.suggest import SUGGESTER, SuggestedCode
from waymark.core.errors import RuleError
from waymark.core.spans import Span
from waymark.documents.anchors import ReportAnchors
from waymark.documents.models import Report
from waymark.frameworks.models import Code, Framework


@audit.serialized
def store_suggestions(
    *,
    by: Actor,
    report: Report,
    framework: Framework,
    suggestions: Iterable[SuggestedCode],
    now: datetime,
    machine: MachineCoder | None = None,
) -> int:
    """Store suggestions for a report; returns how many were new.

    machine: the program, None for the one that looks for cues. Raises NotPermitted; RuleError, and
    stores nothing, if a suggestion's quote is not the text at its place, or suggestions are off for
    the review.
    """
    require_permission(by, "suggest")
    if reason := why_no_suggestions(report.review):
        raise RuleError(reason)
    suggester = (machine or cue_machine(now)).name
    anchors = ReportAnchors(report)
    codes = {code.code: code for code in Code.objects.filter(framework=framework)}
    rows = []
    for suggested in suggestions:
        if suggested.span.of(anchors.text) != suggested.exact:
            raise RuleError(f"the suggested words are not in {report.key} at {suggested.span}")
        rows.append(
            Suggestion(
                code=codes[suggested.code],
                cue=suggested.cue,
                score=suggested.score,
                suggester=suggester,
                made_at=now,
                **anchors.fields(suggested.span),
            )
        )
    before = Suggestion.objects.filter(report=report).count()
    # Rows that exist are skipped by the constraint one_suggestion, also those decided already: a
    # refused suggestion does not come back when the suggester runs again.
    Suggestion.objects.bulk_create(rows, ignore_conflicts=True)
    new = Suggestion.objects.filter(report=report).count() - before
    if new:
        audit.record_about(by, "suggest", report.review, now, suggester=suggester, new=new)
    return new


def cue_machine(now: datetime) -> MachineCoder:
    """The row of the program that looks for cues; it exists from its first use."""
    machine, _ = MachineCoder.objects.get_or_create(
        name=SUGGESTER,
        defaults={
            "kind": MachineKind.CUES,
            "state": MachineState.READY,
            "asked_at": now,
            "done_at": now,
        },
    )
    return machine


@audit.serialized
def decide_suggestion(
    *, by: User, suggestion: Suggestion, accept: bool, now: datetime
) -> Coding | None:
    """Accept a suggestion, which records the person's own coding of the words, or refuse it.

    The suggestion and the decision stay in their own tables; other coders decide for themselves.
    Raises NotPermitted, RuleError if the person decided already, does not code this review or may
    not see suggestions yet, and all that record_coding raises.
    """
    require_permission(by, "code")
    record_decision(
        by=by, suggestion=suggestion, outcome="accepted" if accept else "refused", now=now
    )
    if not accept:
        return None
    return record_coding(
        by=by,
        anchors=ReportAnchors(suggestion.report, reading=suggestion.reading),
        span=Span(suggestion.start, suggestion.end),
        code=suggestion.code,
        qualifiers={},
        memo="",
        now=now,
    )


@audit.serialized
def record_decision(*, by: User, suggestion: Suggestion, outcome: str, now: datetime) -> None:
    """Store a person's decision on a suggestion they may see: accepted, changed or refused.

    Raises NotPermitted, RuleError as decide_suggestion().
    """
    require_permission(by, "code")
    require_open(by, suggestion.report.review, suggestion.code.framework)
    if not shown_suggestions(Suggestion.objects.filter(pk=suggestion.pk), by).exists():
        own = suggestion.decisions.filter(decided_by=by, superseded_at=None).first()
        if own is not None:
            word = "accepted" if own.accepted else "refused"
            raise RuleError(f"this suggestion was already {word}")
        reason = why_no_suggestions(suggestion.report.review)
        raise RuleError(reason or "this round shows a suggestion only after your own first answer")
    accepted = outcome != "refused"
    SuggestionDecision.objects.create(
        suggestion=suggestion,
        decided_by=by,
        accepted=accepted,
        changed=outcome == "changed",
        decided_at=now,
    )
    suggestion.refresh_from_db(fields=["state"])  # someone may have decided since it was shown
    if suggestion.state == SuggestionState.PENDING:
        suggestion.state = SuggestionState.ACCEPTED if accepted else SuggestionState.REJECTED
        suggestion.decided_by, suggestion.decided_at = by, now
        suggestion.save(update_fields=["state", "decided_by", "decided_at"])
    if not accepted:
        audit.record_about(
            by, "reject suggestion", suggestion.report.review, now, span=suggestion.key
        )


@audit.serialized
def undo_suggestion_decision(*, by: User, suggestion: Suggestion, now: datetime) -> None:
    """Take back a person's own decision on a suggestion; it stays on record, superseded.

    Raises NotPermitted; RuleError if there is none, or the person has finished the review.
    """
    require_permission(by, "code")
    require_open(by, suggestion.report.review, suggestion.code.framework)
    own = suggestion.decisions.filter(decided_by=by, superseded_at=None)
    if not own.update(superseded_at=now):
        raise RuleError("you have not decided on this suggestion")
    if suggestion.decided_by_id == by.pk:
        suggestion.state = SuggestionState.PENDING
        suggestion.decided_by = suggestion.decided_at = None
        suggestion.save(update_fields=["state", "decided_by", "decided_at"])
    audit.record_about(by, "reopen suggestion", suggestion.report.review, now, span=suggestion.key)
