"""What the catalogue says of a review: its process and steps, its details, where its abstract is
from."""

from collections.abc import Iterable
from datetime import date, datetime

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require
from waymark.core.errors import NotFound, ParseError, RuleError
from waymark.core.spans import Span
from waymark.documents.anchors import Anchors
from waymark.documents.keys import parse_span_key
from waymark.documents.models import Report, Review
from waymark.library.abstract import still_said
from waymark.library.models import AbstractPlace, ReviewDetails, ReviewStep
from waymark.library.queries.reviews import standing_steps, taken
from waymark.library.schemes import Taken, builtin_schemes, wrong_with
from waymark.library.services.indexing import mark_changed

MOST_KEYWORDS = 40
LONGEST_REASON = 500
DETAILS = ("scheme", "pseudonym", "period_from", "period_to", "keywords", "anonymous")


@audit.in_turn
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
) -> list[str]:
    """Say which process a review follows, and the rest of its details; the fields that changed.

    Raises RuleError for a process that there is none of or that lacks a status which the review
    has reached, a period that ends before it begins, and a board named with an anonymous review.
    """
    require(by, "catalogue")
    words = [word for one in keywords if (word := " ".join(one.split()))]
    said = {
        "scheme": scheme,
        "pseudonym": " ".join(pseudonym.split()),
        "period_from": period_from,
        "period_to": period_to,
        "keywords": words,
        "anonymous": anonymous,
    }
    if len(words) > MOST_KEYWORDS:
        raise RuleError(f"at most {MOST_KEYWORDS} keywords for one review")
    if period_from and period_to and period_to < period_from:
        raise RuleError("the period looked at ends before it begins")
    if anonymous and review.board:
        raise RuleError("a review published for a board that is not named must not name the board")
    _check_scheme(review, scheme)
    details = ReviewDetails.objects.filter(review=review).first() or ReviewDetails(review=review)
    changed = [name for name in DETAILS if getattr(details, name) != said[name]]
    if changed:
        for name in changed:
            setattr(details, name, said[name])
        details.save()
        _record(by, "change details", review, now, fields=changed)
    return changed


def _check_scheme(review: Review, scheme: str) -> None:
    known = builtin_schemes()
    try:
        wanted = known.scheme(scheme) if scheme else None
    except NotFound as error:
        raise RuleError(str(error)) from error
    lacking = [
        one.status
        for one in review.steps.filter(superseded_at=None)
        if wanted is None or wanted.step(one.status) is None
    ]
    if lacking:
        name = wanted.name.lower() if wanted else "a review without a process"
        raise RuleError(f"{name} has no status {lacking[0]}: take that step back first")


@audit.in_turn
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
    """Say that a review reached a status, on a day. Raises RuleError where its process does not
    allow it: each reason as a sentence."""
    require(by, "catalogue")
    details = ReviewDetails.objects.filter(review=review).first()
    if details is None or not details.scheme:
        raise RuleError("say first which process the review follows")
    known = builtin_schemes()
    new = Taken(status, on, decision, " ".join(reason.split()))
    if len(new.reason) > LONGEST_REASON:
        raise RuleError(f"the reason is longer than {LONGEST_REASON} characters")
    wrong = wrong_with(
        known, known.scheme(details.scheme), taken(standing_steps(review)), new, today=now.date()
    )
    if wrong:
        raise RuleError(" ".join(wrong).rstrip("."))
    made = ReviewStep.objects.create(
        review=review,
        status=new.status,
        decision=new.decision,
        on=new.on,
        reason=new.reason,
        recorded_at=now,
    )
    _record(by, "record step", review, now, status=status, on=on.isoformat())
    return made


@audit.in_turn
def take_back_step(*, by: Actor, step: ReviewStep, now: datetime) -> None:
    """Take back the last step of a review, as entered wrongly; its row stays. Raises RuleError for
    an earlier one, on which later ones rest."""
    require(by, "catalogue")
    standing = standing_steps(step.review)
    if not standing or standing[-1].pk != step.pk:
        raise RuleError("only the last step can be taken back: take back those after it first")
    step.superseded_at = now
    step.save(update_fields=["superseded_at"])
    _record(by, "take back step", step.review, now, status=step.status, on=step.on.isoformat())


@audit.in_turn
def keep_abstract_places(
    *, by: Actor, review: Review, keys: Iterable[str], now: datetime
) -> list[str]:
    """Keep from which places in the reports the sentences of a review's abstract come.

    keys: of the sentences that were taken, and of those that stood before. Kept are those whose
    words the abstract still holds unchanged; the keys of these, in the order of the abstract.
    Raises RuleError for a key that is no place in a report of this review.
    """
    require(by, "catalogue")
    reports = {one.key: Anchors(one) for one in Report.objects.filter(review=review)}
    wanted = set(keys) | set(review.abstract_places.values_list("key", flat=True))
    rows: list[AbstractPlace] = []
    for key in sorted(wanted):
        anchors, span = _place(key, reports)
        exact = span.of(anchors.text)
        if still_said(review.summary, exact):
            rows.append(AbstractPlace(review=review, **anchors.fields(span)))
    folded = " ".join(review.summary.split())
    rows.sort(key=lambda row: folded.index(" ".join(row.exact.split())))
    before = list(review.abstract_places.values_list("key", flat=True))
    kept = [row.key for row in rows]
    if kept != before:
        review.abstract_places.all().delete()
        for number, row in enumerate(rows):
            row.ordinal = number
        AbstractPlace.objects.bulk_create(rows)
        _record(by, "place abstract", review, now, places=kept)
    return kept


def _place(key: str, reports: dict[str, Anchors]) -> tuple[Anchors, Span]:
    try:
        report, span = parse_span_key(key)
    except ParseError as error:
        raise RuleError(f"{key} is no place in a report") from error
    anchors = reports.get(report)
    if anchors is None or span.end > len(anchors.text):
        raise RuleError(f"{key} is no place in a report of this review")
    return anchors, span


def _record(by: Actor, action: str, review: Review, now: datetime, **detail: object) -> None:
    audit.record(actor=by, action=action, subject=f"review {review.reference}", now=now, **detail)
    mark_changed(reviews=[review.pk], now=now)
