"""Deciding where coders who have all finished differ, and settling what was decided."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.crypto import salted_hmac

from waymark.accounts.audit import serialized_in
from waymark.accounts.models import User
from waymark.accounts.permissions import Person, require_account, require_permission
from waymark.coding import services as coding
from waymark.coding.assignments import unfinished_reviews_of
from waymark.coding.models import (
    REASONS,
    Assignment,
    CodingRound,
    DisagreementDecision,
    DisagreementKind,
)
from waymark.coding.queries.rounds import decisions_of, require_complete
from waymark.core.errors import NotFound, NotPermitted, RuleError
from waymark.core.settle import AdjudicatorDecision
from waymark.core.wording import counted
from waymark.documents.models import Review
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of
from waymark.pipeline.coding.coder_differences import (
    ABSENT,
    PRESENT,
    Difference,
    PassageReader,
    code_differences,
    value_differences,
)
from waymark.pipeline.coding.settling import ReopenedCoding, reopen_coding, settle_review


@dataclass(frozen=True, slots=True)
class Adjudication:
    """A review that all coders have finished, with its differences in the framework's order."""

    review: Review
    framework: Framework
    coding_round: CodingRound | None
    coders: tuple[str, ...]
    differences: tuple[Difference, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Reasons to choose from."""
        return tuple(self.coding_round.reasons) if self.coding_round else REASONS

    @property
    def undecided(self) -> int:
        """Number of differences without a decision."""
        return sum(difference.decision is None for difference in self.differences)


def adjudication_of(
    review: Review, framework: Framework, person: Person, now: datetime
) -> Adjudication:
    """What an adjudicator decides on, with the words of reports that they may see.

    Raises NotPermitted, also for someone who coded the review with another; NotFound; RuleError
    until all coders have finished, and for someone who codes the review with any framework.
    """
    require_permission(person, "adjudicate")
    if review.pk in unfinished_reviews_of(person):
        raise RuleError(
            f"you still code {review.reference}: what other coders did is shown to you once you"
            " have finished"
        )
    assignments = require_complete(review, framework)
    if len(assignments) > 1 and any(row.coder_id == person.pk for row in assignments):
        raise NotPermitted(
            f"you coded {review.reference}: someone else decides where you and another coder differ"
        )
    coding_round = next((row.round for row in assignments if row.round), None)
    names = _names(assignments, hidden=coding_round is not None and coding_round.names_hidden)
    passages = PassageReader(person, now)
    differences = [
        *code_differences(review, framework, names, passages),
        *value_differences(review, framework, names, passages),
    ]
    decisions = {(row.kind, row.name, row.number): row for row in decisions_of(review, framework)}
    settled = _settled_decisions(review, framework)
    return Adjudication(
        review,
        framework,
        coding_round,
        tuple(names.values()),
        tuple(
            _with_decision(row, decisions.get(row.subject) or settled.get(row.subject))
            for row in differences
        ),
    )


def _names(assignments: list[Assignment], *, hidden: bool) -> dict[int, str]:
    """Coder -> name on the page, in the order of the columns."""
    if not hidden:
        return {row.coder_id: row.coder.username for row in assignments}
    # Keyed, and another order in each review, so that nobody learns who is "Coder 1".
    mixed = sorted(
        assignments,
        key=lambda row: salted_hmac("adjudication", f"{row.review_id} {row.pk}").digest(),
    )
    return {row.coder_id: f"Coder {number}" for number, row in enumerate(mixed, start=1)}


def _settled_decisions(
    review: Review, framework: Framework
) -> dict[tuple[str, str, int], DisagreementDecision]:
    """Decisions of a settled review that were not made on the page, as from a file; not stored.

    They are about any values: a coder who changes one is sent back first, which ends them.
    """
    decided: dict[tuple[str, str, int], DisagreementDecision] = {}
    current: dict[str, Any] = {"superseded_at": None, "basis": "adjudicated"}
    for code in review.agreed_codes.filter(code__framework=framework, **current).select_related(
        "code", "decided_by"
    ):
        subject = (DisagreementKind.CODE.value, code.code.code, 0)
        value = PRESENT if code.present else ABSENT
        decided[subject] = _unstored(value, code.reason, code.decided_by, code.decided_at)
    for row in review.agreed_judgements.filter(
        variable__framework=framework, **current
    ).select_related("variable", "child", "adult", "decided_by"):
        person = row.child or row.adult
        number = person.number if person else 0
        subject = (DisagreementKind.VARIABLE.value, row.variable.variable, number)
        decided[subject] = _unstored(row.value, row.reason, row.decided_by, row.decided_at)
    return decided


def _unstored(value: str, reason: str, by: User, at: datetime) -> DisagreementDecision:
    return DisagreementDecision(value=value, reason=reason, decided_by=by, decided_at=at)


def _with_decision(difference: Difference, decision: DisagreementDecision | None) -> Difference:
    """The difference with its decision, unless a coder has changed the value since."""
    now = {str(coder): value for coder, value in difference.between.items()}
    if decision is None or (decision.pk is not None and decision.between != now):
        return difference
    words = difference.options.get(decision.value, decision.value)
    return replace(difference, decision=decision, decided=words)


# ---- what the adjudicator does ----


@serialized_in("coding", "profiles")
def decide(
    *,
    by: Person,
    review: Review,
    framework: Framework,
    subject: tuple[str, str, int],
    value: str,
    reason: str,
    now: datetime,
) -> None:
    """Decide on a difference; what was decided takes effect when the review is settled.

    Raises as adjudication_of(); RuleError if the coders do not differ there (any more), for a value
    that the framework does not have, or without a reason.
    """
    person = require_account(by, "adjudicate", "decide where coders differ")
    rows = adjudication_of(review, framework, person, now).differences
    difference = next((row for row in rows if row.subject == subject), None)
    if difference is None:
        raise RuleError(f"coders do not differ on {subject[1]}: there is nothing to decide")
    stored = value.strip()
    if subject[0] == DisagreementKind.VARIABLE:
        stored = file_of(framework).variable(difference.name).stored(value)
    elif stored not in difference.options:
        raise RuleError(f"decide whether the review has the code {difference.name}")
    coding.store_decision(
        by=person,
        review=review,
        framework=framework,
        subject=subject,
        between=difference.between,
        value=stored,
        reason=reason,
        now=now,
    )


@serialized_in("coding", "profiles", "library")
def settle_decided(*, by: Person, review: Review, framework: Framework, now: datetime) -> None:
    """Settle a review with the decisions on its differences.

    Raises as adjudication_of(); RuleError while a difference has no decision.
    """
    person = require_account(by, "adjudicate", "settle a review")
    adjudication = adjudication_of(review, framework, person, now)
    if adjudication.undecided:
        number = adjudication.undecided
        raise RuleError(f"{counted(number, 'difference')} still to decide")
    codes: dict[str, AdjudicatorDecision] = {}
    judgements: dict[tuple[int | None, str], AdjudicatorDecision] = {}
    for row in adjudication.differences:
        if row.decision is None:
            continue
        decision = AdjudicatorDecision(row.decision.value, row.decision.reason)
        if row.kind == DisagreementKind.CODE:
            codes[row.name] = decision
        else:
            judgements[row.number or None, row.name] = decision
    settle_review(
        by=person,
        adjudicator=person,
        review=review,
        framework=framework,
        codes=codes,
        judgements=judgements,
        now=now,
    )


@serialized_in("coding", "profiles", "library")
def send_back(
    *, by: Person, review: Review, framework: Framework, coder: User, note: str, now: datetime
) -> ReopenedCoding:
    """Send one coder's review back with a note; the other coder's work is not touched.

    Raises as reopen_coding(); RuleError without a note.
    """
    coding.note_return(by=by, review=review, framework=framework, coder=coder, note=note, now=now)
    return reopen_coding(by=by, review=review, framework=framework, coder=coder, now=now)


def coder_called(adjudication: Adjudication, name: str) -> User:
    """The coder of a name on the page, also if names are hidden. Raises NotFound."""
    assignments = require_complete(adjudication.review, adjudication.framework)
    hidden = adjudication.coding_round is not None and adjudication.coding_round.names_hidden
    for coder, coder_name in _names(assignments, hidden=hidden).items():
        if coder_name == name:
            return User.objects.get(pk=coder)
    raise NotFound(f"{name[:60]} does not code {adjudication.review.reference}")
