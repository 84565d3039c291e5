"""Queries of rounds: what the people who lead them may see, and when.

Coders are blind to each other until all coders of a review have finished it. A person who leads a
round and codes in it is a coder like any other: of a review that they have not finished, nothing
that depends on the others is shown to them, not even that somebody has finished.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from waymark.accounts.models import User
from waymark.accounts.permissions import ALLOWED, Person, require_permission
from waymark.coding.assignments import unfinished_reviews_of, unsettled_work
from waymark.coding.models import (
    AgreedCode,
    Assignment,
    Coding,
    CodingRound,
    DisagreementDecision,
    ReturnedCoding,
)
from waymark.core.errors import NotFound, RuleError, require_found
from waymark.documents.models import Review
from waymark.documents.queries.reader import open_reviews
from waymark.frameworks.models import Framework


def listed_rounds(person: Person, now: datetime) -> QuerySet[CodingRound]:
    """All rounds, with their numbers of coders and of reviews that the person may see.

    Raises NotPermitted.
    """
    require_permission(person, "adjudicate")
    rounds = CodingRound.objects.select_related("framework")
    seen = Q(assignments__review__in=open_reviews(person, now))
    return rounds.annotate(
        reviews=Count("assignments__review", distinct=True, filter=seen),
        people=Count("coders", distinct=True),
    )


def round_for(number: int, person: Person) -> CodingRound:
    """The round of a number. Raises NotPermitted, NotFound."""
    require_permission(person, "adjudicate")
    rounds = CodingRound.objects.select_related("framework")
    return require_found(rounds.filter(pk=number).first(), "there is no such round")


@dataclass(frozen=True, slots=True)
class RoundReview:
    """A review of a round.

    finished: names of the coders who have finished; None while the person must not know.

    settled: its codes are agreed since the last coder finished; False while they must not know.
    """

    review: Review
    coders: tuple[str, ...]
    finished: tuple[str, ...] | None
    settled: bool

    @property
    def complete(self) -> bool:
        """True if all coders have finished, and the person may know."""
        return self.finished is not None and len(self.finished) == len(self.coders)


def reviews_of_round(coding_round: CodingRound, person: Person, now: datetime) -> list[RoundReview]:
    """The reviews of a round by reference, each with what the person may know of its progress."""
    require_permission(person, "adjudicate")
    assignments = coding_round.assignments.filter(review__in=open_reviews(person, now))
    assignments = assignments.select_related("review", "coder")
    grouped: dict[Review, list[Assignment]] = defaultdict(list)
    for assignment in assignments.order_by("review__reference", "position"):
        grouped[assignment.review].append(assignment)
    agreed = AgreedCode.objects.filter(
        code__framework=coding_round.framework, review__in=list(grouped), superseded_at=None
    )
    settled_at: dict[int, datetime] = dict(
        agreed.order_by().values_list("review").annotate(Max("decided_at"))
    )
    hidden = unfinished_reviews_of(person)
    rows = []
    for review, own in grouped.items():
        done = tuple(row.coder.username for row in own if row.finished_at is not None)
        last = max((row.finished_at for row in own if row.finished_at), default=None)
        agreed_at = settled_at.get(review.pk)
        settled = agreed_at is not None and last is not None and agreed_at >= last
        rows.append(
            RoundReview(
                review,
                tuple(row.coder.username for row in own),
                None if review.pk in hidden else done,
                settled and review.pk not in hidden,
            )
        )
    return rows


def require_complete(review: Review, framework: Framework) -> list[Assignment]:
    """The assignments of a review, all finished, first coder first.

    Raises NotFound if nobody codes it with the framework, RuleError until all have finished.
    """
    assignments = list(
        Assignment.objects.filter(review=review, framework=framework)
        .select_related("coder", "round")
        .order_by("position")
    )
    if not assignments:
        raise NotFound(f"nobody codes {review.reference} with {framework}")
    if any(assignment.finished_at is None for assignment in assignments):
        raise RuleError(
            f"{review.reference} is still being coded: what coders did is shown once all of them"
            " have finished"
        )
    return assignments


def decisions_of(review: Review, framework: Framework) -> list[DisagreementDecision]:
    """Current decisions on the differences of a review, in the order in which they were made."""
    return list(
        DisagreementDecision.objects.filter(
            review=review, framework=framework, superseded_at=None
        ).select_related("decided_by")
    )


def complete_pairs(assignments: QuerySet[Assignment]) -> dict[Review, tuple[User, User]]:
    """Reviews that two coders have finished, and nobody is still coding: the first two coders.

    Only work before anything was settled is independent: later coders may have been asked because
    the first two differed.
    """
    grouped: dict[Review, list[Assignment]] = defaultdict(list)
    rows = assignments.select_related("review", "coder").order_by("review__reference", "position")
    for row in rows:
        grouped[row.review].append(row)
    pairs: dict[Review, tuple[User, User]] = {}
    for review, own in grouped.items():
        if len(own) >= 2 and all(row.finished_at is not None for row in own):
            pairs[review] = own[0].coder, own[1].coder
    return pairs


def codings_of(reviews: Collection[Review], framework: Framework) -> list[Coding]:
    """Current codings of reviews that all coders have finished. For agreement."""
    return list(
        Coding.objects.filter(
            report__review__in=reviews, code__framework=framework, superseded_at=None
        )
        .select_related("code", "report")
        .order_by("report", "start", "pk")
    )


def notes_to(coder: User, review: Review, framework: Framework) -> list[ReturnedCoding]:
    """Notes with which a review was sent back to a coder, latest first. Only the coder's own."""
    return list(
        ReturnedCoding.objects.filter(
            assignment__coder=coder, assignment__review=review, assignment__framework=framework
        )
    )


def possible_coders() -> list[User]:
    """Accounts that may code, by name."""
    people = User.objects.filter(is_active=True, grants__role__in=ALLOWED["code"])
    return list(people.distinct().order_by("username"))


def uncoded_reviews(framework: Framework, person: Person, now: datetime) -> list[str]:
    """References of reviews with a report that nobody codes with a framework version."""
    assigned = Assignment.objects.filter(framework=framework).values("review")
    reviews = open_reviews(person, now).filter(reports__isnull=False).exclude(pk__in=assigned)
    return sorted(set(reviews.values_list("reference", flat=True)))


def work_to_settle(person: Person, now: datetime) -> QuerySet[Assignment]:
    """First assignment of each review that all coders have finished since it was last settled.

    Without reviews that the person still codes with another framework. Raises NotPermitted.
    """
    require_permission(person, "adjudicate")
    unsettled = unsettled_work().filter(review=OuterRef("review"), framework=OuterRef("framework"))
    rows = Assignment.objects.filter(
        Exists(unsettled), position=1, review__in=open_reviews(person, now)
    ).exclude(review__in=unfinished_reviews_of(person))
    return rows.select_related("review", "framework", "round")
