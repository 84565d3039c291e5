"""Start rounds, send work back, and store an adjudicator's decisions until a review is settled."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.coding.assignments import assignment_of
from waymark.coding.models import (
    REASONS,
    Assignment,
    CodingRound,
    DisagreementDecision,
    ReturnedCoding,
    SuggestionRule,
)
from waymark.coding.round_draw import draw_assignments
from waymark.coding.services.codings import assign_coder
from waymark.core.errors import RuleError
from waymark.documents.models import Review
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of

MOST_REASONS = 20
MOST_REVIEWS = 2_000


@dataclass(frozen=True, slots=True)
class RoundOptions:
    """What a round asks of its coders and its adjudicator; see CodingRound."""

    share: int = 100
    seed: int = 1
    suggestions: str = SuggestionRule.HIDDEN
    names_hidden: bool = True
    variables: tuple[str, ...] = ()
    reasons: tuple[str, ...] = REASONS


@audit.serialized
def start_round(
    *,
    by: Actor,
    name: str,
    framework: Framework,
    reviews: Sequence[Review],
    coders: Sequence[User],
    options: RoundOptions,
    now: datetime,
) -> CodingRound:
    """Draw the assignments of a round and make them.

    Raises NotPermitted, also for a coder who may not code; RuleError for a name that is taken, a
    draft framework, a variable it lacks, or a review that is already assigned with it.
    """
    require_permission(by, "adjudicate")
    _check_round(name, framework, reviews, options)
    accounts = {coder.username: coder for coder in coders}
    by_reference = {review.reference: review for review in reviews}
    drawn = draw_assignments(by_reference, accounts, share=options.share, seed=options.seed)
    coding_round = CodingRound.objects.create(
        name=name,
        framework=framework,
        share=options.share,
        seed=options.seed,
        suggestions=options.suggestions,
        names_hidden=options.names_hidden,
        variables=list(options.variables),
        reasons=list(options.reasons),
        created_by=by if isinstance(by, User) else None,
        created_at=now,
    )
    coding_round.coders.set(accounts.values())
    for reference, names in drawn.items():
        for coder in names:
            assignment = assign_coder(
                by=by,
                review=by_reference[reference],
                framework=framework,
                coder=accounts[coder],
                now=now,
            )
            Assignment.objects.filter(pk=assignment.pk).update(round=coding_round)
    audit.record_about(
        by,
        "start coding round",
        coding_round,
        now,
        framework=str(framework),
        reviews=len(drawn),
        double_coded=sum(len(names) == 2 for names in drawn.values()),
        seed=options.seed,
    )
    return coding_round


def _check_round(
    name: str, framework: Framework, reviews: Sequence[Review], options: RoundOptions
) -> None:
    if not name:
        raise RuleError("a round needs a name")
    if CodingRound.objects.filter(name=name).exists():
        raise RuleError(f"there is already a round called {name}: give this one another name")
    if not 0 <= options.share <= 100:
        raise RuleError("the share to double-code is a percentage from 0 to 100")
    if len(reviews) > MOST_REVIEWS:
        raise RuleError(f"a round can have at most {MOST_REVIEWS:,} reviews, not {len(reviews):,}")
    if framework.published_at is None:
        raise RuleError(f"{framework} is a draft: publish it before coding with it")
    for variable in options.variables:
        file_of(framework).variable(variable)
    _check_reasons(options.reasons)
    assigned = Assignment.objects.filter(framework=framework, review__in=reviews)
    references = sorted(set(assigned.values_list("review__reference", flat=True)))
    if references:
        raise RuleError(
            f"already assigned with {framework}: {', '.join(references[:10])}: leave them out, or"
            " code them again with the next version of the framework"
        )


def _check_reasons(reasons: Collection[str]) -> None:
    if len(reasons) > MOST_REASONS:
        raise RuleError(f"a round can have at most {MOST_REASONS} reasons")


@audit.serialized
def change_reasons(
    *, by: Actor, coding_round: CodingRound, reasons: Sequence[str], now: datetime
) -> None:
    """Change the reasons that the adjudicator can choose from. Raises NotPermitted, RuleError."""
    require_permission(by, "adjudicate")
    _check_reasons(reasons)
    coding_round.reasons = list(dict.fromkeys(reasons))
    coding_round.save(update_fields=["reasons"])
    audit.record_about(by, "change reasons of round", coding_round, now, reasons=len(reasons))


@audit.serialized
def note_return(
    *, by: Actor, review: Review, framework: Framework, coder: User, note: str, now: datetime
) -> ReturnedCoding:
    """Store the note to a coder whose review is sent back: see pipeline.adjudication.send_back().

    Raises NotPermitted; RuleError without a note, or if the review is not assigned to the coder.
    """
    require_permission(by, "adjudicate")
    if not note.strip():
        raise RuleError("write what the coder should do: they see your note")
    returned = ReturnedCoding.objects.create(
        assignment=assignment_of(coder, review, framework),
        note=note.strip(),
        returned_by=by if isinstance(by, User) else None,
        returned_at=now,
    )
    audit.record_about(by, "send coding back", review, now, coder=coder.username)
    return returned


@audit.serialized
def store_decision(
    *,
    by: User,
    review: Review,
    framework: Framework,
    subject: tuple[str, str, int],
    between: Mapping[int, str],
    value: str,
    reason: str,
    now: datetime,
) -> DisagreementDecision:
    """Store a decision on a difference; an earlier one is superseded. It counts once settled.

    subject: kind, id and number of the person, 0 for the review: see DisagreementDecision. The
    caller has checked that coders differ there: pipeline.adjudication.decide(). Raises
    NotPermitted; RuleError without a reason.
    """
    require_permission(by, "adjudicate")
    if not reason.strip():
        raise RuleError("choose a reason, or write one: the coders read it")
    kind, name, number = subject
    about: dict[str, Any] = {"review": review, "framework": framework}
    about |= {"kind": kind, "name": name, "number": number}
    earlier = DisagreementDecision.objects.filter(**about, superseded_at=None).first()
    if earlier is not None:
        earlier.superseded_at = now
        earlier.save(update_fields=["superseded_at"])
    decision = DisagreementDecision.objects.create(
        **about,
        between={str(coder): of_coder for coder, of_coder in between.items()},
        value=value,
        reason=reason.strip(),
        decided_by=by,
        decided_at=now,
        replaces=earlier,
    )
    audit.record_about(by, "decide disagreement", review, now, about=name, number=number)
    return decision


@audit.serialized
def undo_decision(
    *, by: User, review: Review, framework: Framework, now: datetime
) -> DisagreementDecision:
    """Undo the person's last decision on a review; the one it replaced counts again.

    Raises NotPermitted; RuleError if there is none.
    """
    require_permission(by, "adjudicate")
    decisions = DisagreementDecision.objects.filter(review=review, framework=framework)
    last = decisions.filter(decided_by=by, superseded_at=None).order_by("decided_at", "pk").last()
    if last is None:
        raise RuleError("there is no decision of yours to undo")
    last.superseded_at = now
    last.save(update_fields=["superseded_at"])
    if last.replaces is not None:
        last.replaces.superseded_at = None
        last.replaces.save(update_fields=["superseded_at"])
    audit.record_about(by, "undo decision", review, now, about=last.name, number=last.number)
    return last
