"""Catalogue data of reviews: process and steps, details, and the sources of the abstract."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import NotFound, ParseError, RuleError
from waymark.core.licences import licence_in
from waymark.core.spans import Span
from waymark.core.uk_time import uk_date
from waymark.documents.anchors import ReportAnchors, move_anchors
from waymark.documents.keys import parse_span_key
from waymark.documents.models import Report, Review
from waymark.library.catalogue.content_notes import ordered_notes
from waymark.library.catalogue.draft_abstract import contains_sentence, single_spaced
from waymark.library.catalogue.review_process import StepReached, builtin_processes, step_problems
from waymark.library.models import AbstractPlace, ReviewDetails, ReviewStep
from waymark.library.queries.reviews import current_steps, plain_steps
from waymark.library.services.indexing import mark_changed

MOST_KEYWORDS = 40
LONGEST_REASON = 500
DETAILS = (
    "scheme",
    "pseudonym",
    "period_from",
    "period_to",
    "keywords",
    "anonymous",
    "content_notes",
    "rights_holder",
    "licence",
)


@audit.serialized
def set_details(
    *,
    by: Actor,
    review: Review,
    now: datetime,
    scheme: str = "",
    pseudonym: str = "",
    period_from: date | None = None,
    period_to: date | None = None,
    keywords: Iterable[str] = (),
    anonymous: bool = False,
    content_notes: Iterable[str] = (),
    rights_holder: str = "",
    licence: str = "",
) -> list[str]:
    """Set the process and the other details of a review; return the fields that changed.

    Raises RuleError for an unknown process or content note, a process that lacks a status which the
    review has reached, a period that ends before it begins, and a board named with an anonymous
    review.
    """
    require_permission(by, "catalogue")
    values = {
        "scheme": scheme,
        "pseudonym": " ".join(pseudonym.split()),
        "period_from": period_from,
        "period_to": period_to,
        "keywords": [word for text in keywords if (word := " ".join(text.split()))],
        "anonymous": anonymous,
        "content_notes": [note.value for note in ordered_notes(content_notes)],
        "rights_holder": " ".join(rights_holder.split()),
        "licence": licence_in(" ".join(licence.split())),
    }
    _check_details(review, values)
    _check_scheme(review, scheme)
    # Every review has details, stored or not: an empty row is created with the first change.
    details = ReviewDetails.objects.filter(review=review).first() or ReviewDetails(review=review)
    changed = [name for name in DETAILS if getattr(details, name) != values[name]]
    if changed:
        for name in changed:
            setattr(details, name, values[name])
        details.save()
        _audit_review(by, "change details", review, now, fields=changed)
    return changed


def _check_details(review: Review, values: Mapping[str, Any]) -> None:
    if len(values["keywords"]) > MOST_KEYWORDS:
        raise RuleError(f"a review can have {MOST_KEYWORDS} keywords")
    start, end = values["period_from"], values["period_to"]
    if start and end and end < start:
        raise RuleError("the period must end on or after the day it starts")
    if values["anonymous"] and review.board:
        raise RuleError("remove the board: an anonymous review must not name it")


def _check_scheme(review: Review, key: str) -> None:
    """Raise RuleError if a process is unknown, or lacks a status that the review has reached."""
    try:
        scheme = builtin_processes().process(key) if key else None
    except NotFound as error:
        raise RuleError(str(error)) from error
    lacking = [
        step.status
        for step in review.steps.filter(superseded_at=None)
        if scheme is None or scheme.step(step.status) is None
    ]
    if lacking:
        name = scheme.name.lower() if scheme else "a review without a process"
        raise RuleError(f"{name} has no status {lacking[0]}: remove that step first")


@audit.serialized
def record_step(
    *,
    by: Actor,
    review: Review,
    status: str,
    on: date,
    now: datetime,
    decision: str = "",
    reason: str = "",
) -> ReviewStep:
    """Record that a review reached a status on a day.

    Raises RuleError if its process does not allow it: each reason as a sentence.
    """
    require_permission(by, "catalogue")
    details = ReviewDetails.objects.filter(review=review).first()
    if details is None or not details.scheme:
        raise RuleError("choose the process of this review first")
    processes = builtin_processes()
    new = StepReached(status, on, decision, " ".join(reason.split()))
    if len(new.reason) > LONGEST_REASON:
        raise RuleError(f"the reason must have {LONGEST_REASON} characters or fewer")
    steps = plain_steps(current_steps(review))
    wrong = step_problems(
        processes, processes.process(details.scheme), steps, new, today=uk_date(now)
    )
    if wrong:
        raise RuleError(" ".join(wrong).rstrip("."))
    row = ReviewStep.objects.create(
        review=review,
        status=new.status,
        decision=new.decision,
        on=new.on,
        reason=new.reason,
        recorded_at=now,
    )
    _audit_review(by, "record step", review, now, status=status, on=on.isoformat())
    return row


@audit.serialized
def take_back_step(*, by: Actor, step: ReviewStep, now: datetime) -> None:
    """Withdraw the last step of a review as entered wrongly; its row stays.

    Raises RuleError for an earlier step, which later ones follow.
    """
    require_permission(by, "catalogue")
    steps = current_steps(step.review)
    if not steps or steps[-1].pk != step.pk:
        raise RuleError("only the last step can be removed: remove the later steps first")
    step.superseded_at = now
    step.save(update_fields=["superseded_at"])
    _audit_review(
        by, "take back step", step.review, now, status=step.status, on=step.on.isoformat()
    )


@audit.serialized
def set_abstract_places(
    *, by: Actor, review: Review, keys: Iterable[str], now: datetime
) -> list[str]:
    """Store the places in the reports from which sentences of a review's abstract come.

    keys: of sentences added now; earlier ones are checked again. A place stays while the abstract
    contains its sentence unchanged. Returns the keys of these, in the order of the abstract.
    Raises RuleError for a key that is not a place in a report of this review.
    """
    require_permission(by, "catalogue")
    earlier = {row.key: row for row in review.abstract_places.all()}
    before = list(earlier)
    sources = map(ReportAnchors, Report.objects.filter(review=review))
    reports = {source.key: source for source in sources}
    rows: list[AbstractPlace] = []
    for key in sorted({*keys, *before}):
        row = earlier.get(key) or _row_of_place(review, key, reports)
        if contains_sentence(review.summary, row.exact):
            row.pk = None
            rows.append(row)
    abstract = single_spaced(review.summary)
    rows.sort(key=lambda row: abstract.index(single_spaced(row.exact)))
    # Rewritten as a whole when anything differs: ordinals are positions in the abstract.
    places = [row.key for row in rows]
    if places != before:
        review.abstract_places.all().delete()
        for number, row in enumerate(rows):
            row.ordinal = number
        AbstractPlace.objects.bulk_create(rows)
        _audit_review(by, "place abstract", review, now, places=places)
    return places


@audit.serialized
def move_abstract_places(
    *, by: Actor, report: Report, moves: Mapping[str, Span], now: datetime
) -> dict[str, str]:
    """Move the places of an abstract's sentences to the same words in the current reading.

    moves: old citation key -> span in the current text. Returns the old and new keys. Raises
    NotPermitted.
    """
    require_permission(by, "add reports")
    places = AbstractPlace.objects.filter(report=report)
    moved = move_anchors(places, moves, ReportAnchors(report), unique=("review_id",))
    if moved:
        audit.record_about(by, "move abstract", report, now, keys=moved)
    return moved


def _row_of_place(review: Review, key: str, reports: dict[str, ReportAnchors]) -> AbstractPlace:
    """The row of a sentence. reports: by the keys of their current texts."""
    try:
        cited = parse_span_key(key)
    except ParseError as error:
        raise RuleError(f"{key} is not a place in a report") from error
    anchors = reports.get(cited.text)
    if anchors is None or cited.span.end > len(anchors.text):
        raise RuleError(f"{key} is not a place in a report of this review")
    return AbstractPlace(review=review, **anchors.fields(cited.span))


def _audit_review(by: Actor, action: str, review: Review, now: datetime, **detail: object) -> None:
    audit.record_about(by, action, review, now, **detail)
    mark_changed(reviews=[review.pk], now=now)
