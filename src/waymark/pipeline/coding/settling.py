"""Coders' work -> the agreed layer, and its end when work is reopened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from waymark.accounts.audit import serialized_in
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor
from waymark.accounts.queries import no_account
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.coding import services as coding
from waymark.coding.assignments import finished_coders
from waymark.coding.files.coding_file import CodeDecision, read_adjudication
from waymark.core.errors import FileFault, NotFound, RuleError, SpecError
from waymark.core.near_names import did_you_mean
from waymark.core.settle import AdjudicatorDecision
from waymark.core.yaml_file import Lines, line_of
from waymark.documents.models import Review
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of, framework_called
from waymark.library import services as library
from waymark.overview.queries.overviews import snapshots_counting
from waymark.profiles import services as profiles


@dataclass(frozen=True, slots=True)
class ReopenedCoding:
    """A review reopened for a coder. codes, judgements: numbers of agreed rows superseded.

    snapshots: the last snapshot of each overview that counts the review as it was agreed.
    """

    review: str
    codes: int
    judgements: int
    snapshots: tuple[str, ...]


@serialized_in("coding", "profiles", "library")
def reopen_coding(
    *, by: Actor, review: Review, framework: Framework, coder: User, now: datetime
) -> ReopenedCoding:
    """Reopen a finished review for its coder; its agreed codes and values end.

    Snapshots are copies and do not change; later ones leave the review out until it is settled
    again. Raises as coding.services.reopen_coding does.
    """
    codes = coding.reopen_coding(by=by, review=review, framework=framework, coder=coder, now=now)
    judgements = profiles.unsettle_judgements(by=by, review=review, framework=framework, now=now)
    # Where nothing was agreed, nothing changes for readers: a changed record would tell coders.
    if codes or judgements:
        library.mark_changed(reviews=[review.pk], now=now)
    snapshots = tuple(
        f"{snapshot.overview.slug}, snapshot {snapshot.number}"
        for snapshot in snapshots_counting(review)
    )
    return ReopenedCoding(review.reference, codes, judgements, snapshots)


@serialized_in("coding", "profiles", "library")
def settle_review(
    *,
    by: Actor,
    adjudicator: User,
    review: Review,
    framework: Framework,
    codes: Mapping[str, AdjudicatorDecision],
    judgements: Mapping[tuple[int | None, str], AdjudicatorDecision],
    now: datetime,
) -> None:
    """Create a review's agreed codes and values from its finished coders; mark it for the index.

    Raises RuleError that names what the adjudicator still has to decide.
    """
    coding.settle_codes(
        by=by, adjudicator=adjudicator, review=review, framework=framework, decisions=codes, now=now
    )
    profiles.settle_judgements(
        by=by,
        adjudicator=adjudicator,
        review=review,
        framework=framework,
        coders=finished_coders(review, framework),
        decisions=judgements,
        now=now,
    )
    library.mark_changed(reviews=[review.pk], now=now)


def import_adjudication(*, source: str, file: str, now: datetime) -> None:
    """Settle a review with an adjudication file, as the adjudicator it names. Raises SpecError."""
    read, lines = read_adjudication(source, file=file)
    review, framework = review_and_framework(read.review, read.framework, file, lines)
    person = User.objects.filter(username=read.adjudicator).first()
    if person is None:
        raise fault_at(file, lines, "adjudicator", no_account(read.adjudicator))
    shape = file_of(framework)
    codes: dict[str, AdjudicatorDecision] = {}
    judgements: dict[tuple[int | None, str], AdjudicatorDecision] = {}
    # A wrong code or value in decision 7 of the file is reported at its line, not as a broken file.
    for number, entry in enumerate(read.decisions):
        try:
            if isinstance(entry, CodeDecision):
                codes[shape.code(entry.code).id] = AdjudicatorDecision(entry.agreed, entry.reason)
            else:
                value = shape.variable(entry.variable).stored(entry.agreed)
                number_of = entry.child if entry.adult is None else entry.adult
                judgements[number_of, entry.variable] = AdjudicatorDecision(value, entry.reason)
        except RuleError as error:
            at = line_of(lines, ("decisions", number))
            raise SpecError(file, [FileFault(at, str(error))]) from error
    try:
        settle_review(
            by=person,
            adjudicator=person,
            review=review,
            framework=framework,
            codes=codes,
            judgements=judgements,
            now=now,
        )
    except RuleError as error:
        raise fault_at(file, lines, "decisions", str(error)) from error


def review_and_framework(
    reference: str, framework: str, file: str, lines: Lines
) -> tuple[Review, Framework]:
    """The review and the framework that a file names. Raises SpecError with the line."""
    review = Review.objects.filter(reference=reference).first()
    if review is None:
        # Withdrawn and expired reviews are not named: a file shows nothing of who may see them.
        rows = Review.objects.filter(state__in=OPEN_TO_STAFF).order_by("reference")
        known = rows.values_list("reference", flat=True)
        near = did_you_mean(reference, known)
        raise fault_at(file, lines, "review", f"there is no review {reference}{near}")
    try:
        return review, framework_called(framework)
    except NotFound as error:
        raise fault_at(file, lines, "framework", str(error)) from error


def fault_at(file: str, lines: Lines, key: str, message: str) -> SpecError:
    """An error with a single fault, at a key of the file."""
    return SpecError(file, [FileFault(line_of(lines, (key,)), message)])
