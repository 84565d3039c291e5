"""Assignments of reviews to coders: who codes what, who has finished, and what waits for them."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, Person, require_permission
from waymark.coding.models import AgreedCode, Assignment
from waymark.core.errors import RuleError
from waymark.documents.models import Report, Review
from waymark.documents.queries.reader import ReviewSelection
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import version_line


def assignment_of(coder: User, review: Review, framework: Framework) -> Assignment:
    """The assignment of a coder to a review. Raises RuleError if there is none."""
    # At most one: their usual order would join the reviews, for each of thousands of judgements.
    assignments = Assignment.objects.order_by("pk")
    assignment = assignments.filter(review=review, framework=framework, coder=coder).first()
    if assignment is None:
        raise RuleError(f"{review.reference} is not assigned to {coder}")
    return assignment


def require_open(coder: User, review: Review, framework: Framework) -> None:
    """Raise RuleError unless the review is assigned to the coder, who has not finished it.

    It applies to all that a coder writes: codings, judgements, recommendations.
    """
    _refuse_finished(assignment_of(coder, review, framework))


def require_open_in_any(coder: User, review: Review) -> None:
    """The same with any framework: for data outside frameworks, such as a review's children."""
    assignments = list(Assignment.objects.filter(review=review, coder=coder))
    if not assignments:
        raise RuleError(f"{review.reference} is not assigned to {coder}")
    if not any(assignment.finished_at is None for assignment in assignments):
        _refuse_finished(assignments[0])


def _refuse_finished(assignment: Assignment) -> None:
    if assignment.finished_at is not None:
        raise RuleError(finished_message(assignment.coder, assignment.review))


def finished_message(coder: User, review: Review) -> str:
    """Message that a finished review cannot be changed, and what to do."""
    return (
        f"{coder} has finished {review.reference}: to change it, ask an analyst to reopen it on the"
        f" server with `waymark coding reopen {review.reference} --coder {coder} --by NAME`"
    )


def finished_coders(review: Review, framework: Framework) -> list[User]:
    """The coders who have finished a review, first coder first."""
    done = Assignment.objects.filter(
        review=review, framework=framework, finished_at__isnull=False
    ).select_related("coder")
    return [assignment.coder for assignment in done]


def coders_of_reviews(
    reviews: ReviewSelection, framework: Framework
) -> dict[int, tuple[dict[str, bool], bool]]:
    """Primary key of a review -> {coder's name: finished}, and True if it is settled.

    A review of which a coder has finished since is not settled: the coder may differ. Reviews
    without coders are left out; a review that is coded with an earlier version alone has the coders
    of that version. For staff who manage the work: who codes, not what they coded.
    """
    progress: dict[int, tuple[dict[str, bool], bool]] = {}
    # Later versions replace what an earlier one tells of a review.
    for version in reversed(version_line(framework).versions):
        agreed = AgreedCode.objects.filter(
            code__framework=version, review__in=reviews, superseded_at=None
        )
        rows_agreed = agreed.order_by().values_list("review").annotate(Max("decided_at"))
        settled_at: dict[int, datetime] = dict(rows_agreed)
        work = Assignment.objects.filter(framework=version, review__in=reviews)
        coders: dict[int, dict[str, bool]] = defaultdict(dict)
        settled = set(settled_at)
        rows = work.order_by("position").values_list("review", "coder__username", "finished_at")
        for review, coder, finished_at in rows:
            coders[review][coder] = finished_at is not None
            if finished_at is not None and finished_at > settled_at.get(review, finished_at):
                settled.discard(review)
        progress |= {review: (names, review in settled) for review, names in coders.items()}
    return progress


def unfinished_of(coder: User, person: Actor = None) -> list[str]:
    """References of the reviews assigned to a coder and not finished, in order.

    Without those that the person codes too and has not finished: coders are blind to each other.
    """
    unfinished = Assignment.objects.filter(coder=coder, finished_at=None)
    if person != coder:
        unfinished = unfinished.exclude(review__in=unfinished_reviews_of(person))
    return sorted(set(unfinished.values_list("review__reference", flat=True)))


def own_open_work(person: Person, review: Review) -> list[Assignment]:
    """A person's own unfinished assignments to a review; none for people who do not code it."""
    if not isinstance(person, User):
        return []
    unfinished = Assignment.objects.filter(coder=person, review=review, finished_at=None)
    return list(unfinished.select_related("framework"))


def suggestion_rules_of(assignment: Assignment) -> set[str]:
    """When the rounds of a coder show suggestions in a review: of an assignment, and of those to
    other versions of its framework that are not finished.
    """
    rows = Assignment.objects.filter(
        Q(pk=assignment.pk) | Q(framework__name=assignment.framework.name, finished_at=None),
        coder=assignment.coder,
        review=assignment.review,
        round__isnull=False,
    )
    return set(rows.order_by().values_list("round__suggestions", flat=True))


def assigned_reviews(coder: User) -> QuerySet[Review]:
    """The reviews assigned to a coder and not finished. Raises NotPermitted."""
    require_permission(coder, "code")
    unfinished = Assignment.objects.filter(coder=coder, finished_at=None)
    return Review.objects.filter(pk__in=unfinished.values("review"))


def reviews_to_settle(person: Person) -> QuerySet[Review]:
    """Reviews whose coders have all finished with a framework, one of them after codes were agreed.

    Without those that the person still codes. Raises NotPermitted.
    """
    require_permission(person, "adjudicate")
    rows = unsettled_work().exclude(review__in=_open_work(person).values("review"))
    return Review.objects.filter(pk__in=rows.order_by().values("review"))


def unsettled_work() -> QuerySet[Assignment]:
    """Assignments finished since codes were agreed, of reviews that nobody is still coding.

    Each framework for itself.
    """
    # Every theme gets an agreed row when a review is settled, so no row means not settled.
    agreed = AgreedCode.objects.filter(
        review=OuterRef("review"),
        code__framework=OuterRef("framework"),
        superseded_at=None,
        decided_at__gte=OuterRef("finished_at"),
    )
    others = Assignment.objects.filter(
        review=OuterRef("review"), framework=OuterRef("framework"), finished_at=None
    )
    return Assignment.objects.filter(~Exists(agreed), ~Exists(others))


def unfinished_reviews_of(person: Actor) -> set[int]:
    """Primary keys of the reviews that a person codes and has not finished.

    Until they have, nothing that depends on the work of the other coders is shown to them.
    """
    return set(_open_work(person).values_list("review", flat=True))


def _open_work(person: Actor) -> QuerySet[Assignment]:
    if not isinstance(person, User):
        return Assignment.objects.none()
    return Assignment.objects.filter(coder=person, finished_at=None).order_by()


def unsettled_without_names(framework: Framework) -> QuerySet[Assignment]:
    """Assignments of rounds that hide the names of their coders, until their review is settled.

    Until then nobody who could decide where the coders differ may learn who did what.
    """
    agreed = AgreedCode.objects.filter(
        review=OuterRef("review"),
        code__framework=framework,
        superseded_at=None,
        decided_at__gte=OuterRef("finished_at"),
    )
    hidden = Assignment.objects.filter(framework=framework, round__names_hidden=True)
    return hidden.filter(~Exists(agreed)).order_by()


def coding_progress(reviews: Collection[int], person: Actor) -> dict[int, tuple[int, int | None]]:
    """Review primary key -> (coders assigned, coders finished).

    The second is None for a review that the person codes: how far others are is hidden from them.
    """
    hidden = unfinished_reviews_of(person)
    rows = (
        Assignment.objects.filter(review__in=reviews)
        .values_list("review")
        .annotate(Count("pk"), Count("finished_at"))
    )
    return {
        review: (assigned, None if review in hidden else finished)
        for review, assigned, finished in rows
    }


def progress_in_words(assigned: int, finished: int | None) -> str:
    """Coding progress of a review for a page."""
    if not assigned:
        return "not started"
    return "you are coding it" if finished is None else f"{finished} of {assigned} finished"


_LEAD_ACTIONS = (
    *("assign coder", "reopen coding", "send coding back", "settle codes", "settle judgements"),
    *("unsettle judgements", "decide disagreement", "undo decision"),
    *("import codings", "merge codings", "move codings", "move quotes"),
)
_OWN_WORK_ACTIONS = (
    *("export codings", "open coding import", "change coding import", "close coding import"),
    "drop coding import",
)
"""Actions that tell that a coder has work, but not of which review."""


def hidden_entries(person: Actor) -> Q | None:
    """Condition on audit entries that would tell a coder what others do with the same review.

    The person's own acts are not among them, but for suggestions that they asked for. None if the
    person codes nothing at the moment.
    """
    hidden = unfinished_reviews_of(person)
    if not hidden or not isinstance(person, User):
        return None
    others = Assignment.objects.filter(review__in=hidden).exclude(coder=person)
    names = set(others.order_by().values_list("coder__username", flat=True))
    subjects = [row.audit_subject() for row in Review.objects.filter(pk__in=hidden)]
    subjects += [row.audit_subject() for row in Report.objects.filter(review__in=hidden)]
    about = Q(subject__in=subjects) & (Q(actor__in=names) | Q(action__in=_LEAD_ACTIONS))
    work = Q(actor__in=names, action__in=_OWN_WORK_ACTIONS)
    # Also if the person asked for them: the entry says how many suggestions a review has.
    suggested = Q(subject__in=subjects, action="suggest")
    return (about | work) & ~Q(actor=person.get_username()) | suggested
