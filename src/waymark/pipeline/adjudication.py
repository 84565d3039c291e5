"""Differences between coders who have all finished: shown side by side, decided, settled."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
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
    Coding,
    CodingRound,
    DisagreementDecision,
    DisagreementKind,
    ReturnedCoding,
)
from waymark.coding.queries import current_codings
from waymark.coding.queries.rounds import decisions_of, require_complete
from waymark.core.errors import NotFound, NotPermitted, RuleError
from waymark.core.settle import AdjudicatorDecision
from waymark.documents.models import Review, TextAnchor
from waymark.documents.queries.reader import open_reports, open_reviews
from waymark.documents.queries.readings import content_of
from waymark.frameworks.models import Code, Framework, Variable
from waymark.frameworks.queries import file_of
from waymark.pipeline.coding import ReopenedCoding, reopen_coding, settle_review
from waymark.profiles.models import Judgement
from waymark.profiles.queries import current_judgements, value_in_words

AROUND = 240
"""Characters of context on each side of a passage."""
PRESENT, ABSENT = "present", "absent"


@dataclass(frozen=True, slots=True)
class PassageInContext:
    """Words that a coder chose, with those around them. key: citation key.

    All is empty for a passage of a report that the person may not see.
    """

    key: str
    page: int
    before: str
    exact: str
    after: str
    memo: str = ""


@dataclass(frozen=True, slots=True)
class CoderPosition:
    """What one coder decided. coder: a name, or "Coder 1" if names are hidden.

    value: "" if the coder gave none; label: the value in words.
    """

    coder: str
    value: str
    label: str
    passages: tuple[PassageInContext, ...]
    memo: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A code or variable on which coders differ. number: of the child or adult, 0 for the review.

    about: "Child 1", "" for the review. options: value -> label, any of which can be decided;
    empty if the value is typed. decision: the current one, None while it is open.
    """

    kind: str
    name: str
    number: int
    label: str
    about: str
    definition: str
    positions: tuple[CoderPosition, ...]
    between: Mapping[int, str]
    options: Mapping[str, str]
    decision: DisagreementDecision | None = None
    decided: str = ""

    @property
    def subject(self) -> tuple[str, str, int]:
        """Kind, id and number."""
        return self.kind, self.name, self.number


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
    differences = [
        *_code_differences(review, framework, names, _Context(person, now)),
        *_value_differences(review, framework, names, _Context(person, now)),
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


def _code_differences(
    review: Review, framework: Framework, names: Mapping[int, str], context: "_Context"
) -> Iterator[Difference]:
    used: dict[str, dict[int, list[Coding]]] = defaultdict(lambda: defaultdict(list))
    for row in current_codings(review, framework):
        if row.coder_id in names:
            used[row.code.code][row.coder_id].append(row)
    for code in Code.objects.filter(framework=framework, code__in=used):
        by_coder = used[code.code]
        if len(by_coder) == len(names):
            continue
        positions = tuple(
            CoderPosition(
                name,
                PRESENT if by_coder.get(coder) else ABSENT,
                "Coded" if by_coder.get(coder) else "Not coded",
                tuple(context.around(row, row.memo) for row in by_coder.get(coder, ())),
            )
            for coder, name in names.items()
        )
        yield Difference(
            DisagreementKind.CODE,
            code.code,
            0,
            code.name,
            "",
            code.definition,
            positions,
            {coder: PRESENT if by_coder.get(coder) else ABSENT for coder in names},
            {PRESENT: "The review has this code", ABSENT: "The review does not have this code"},
        )


def _value_differences(
    review: Review, framework: Framework, names: Mapping[int, str], context: "_Context"
) -> Iterator[Difference]:
    given: dict[tuple[int, str], dict[int, Judgement]] = defaultdict(dict)
    for row in current_judgements(review, framework):
        if row.coder_id in names:
            person = row.child or row.adult
            given[person.number if person else 0, row.variable.variable][row.coder_id] = row
    variables = {row.variable: row for row in Variable.objects.filter(framework=framework)}
    for (number, name), by_coder in given.items():
        if len(by_coder) == len(names) and len({row.value for row in by_coder.values()}) == 1:
            continue
        variable = variables[name]
        options = {str(row["value"]): str(row["label"]) for row in variable.values}
        yield Difference(
            DisagreementKind.VARIABLE,
            name,
            number,
            variable.name,
            f"{variable.get_level_display()} {number}" if number else "",
            variable.definition,
            tuple(
                _value_position(variable, label, by_coder.get(coder), context)
                for coder, label in names.items()
            ),
            {coder: by_coder[coder].value for coder in names if coder in by_coder},
            options if variable.type != "categories" else {},
        )


def _value_position(
    variable: Variable, coder: str, judgement: Judgement | None, context: "_Context"
) -> CoderPosition:
    if judgement is None:
        return CoderPosition(coder, "", "No answer", ())
    passages = tuple(context.around(quote) for quote in judgement.quotes.all())
    return CoderPosition(
        coder,
        judgement.value,
        value_in_words(variable, judgement.value) or "Not recorded",
        passages,
        # A memo can repeat the words that it is about.
        judgement.memo if all(passage.key for passage in passages) else "",
    )


class _Context:
    """The words around passages that a person may see; each text is read once."""

    def __init__(self, person: Person, now: datetime) -> None:
        self._reports = open_reports(person, now)
        self._open: dict[int, bool] = {}
        self._texts: dict[tuple[int, int], str] = {}

    def around(self, row: TextAnchor, memo: str = "") -> PassageInContext:
        """A passage with up to AROUND characters on each side, cut between words.

        Empty if the person may not see its report.
        """
        report = row.report_id
        if report not in self._open:
            self._open[report] = self._reports.filter(pk=report).exists()
        if not self._open[report]:
            return PassageInContext("", 0, "", "", "")
        if (report, row.reading) not in self._texts:
            self._texts[report, row.reading] = content_of(row.report, row.reading)
        text = self._texts[report, row.reading]
        before = text[max(0, row.start - AROUND) : row.start]
        after = text[row.end : row.end + AROUND]
        if row.start > AROUND:
            before = f"… {before.partition(' ')[2]}"
        if row.end + AROUND < len(text):
            after = f"{after.rpartition(' ')[0]} …"
        return PassageInContext(row.key, row.page, before, row.exact, after, memo)


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
        raise RuleError(f"{number} difference{'s' * (number != 1)} still to decide")
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
    for coder, shown in _names(assignments, hidden=hidden).items():
        if shown == name:
            return User.objects.get(pk=coder)
    raise NotFound(f"{name[:60]} does not code {adjudication.review.reference}")


# ---- what coders see afterwards ----


@dataclass(frozen=True, slots=True)
class DecidedDifference:
    """A decision of an adjudicator, as a coder of the review sees it."""

    label: str
    about: str
    own: str
    agreed: str
    reason: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class SettledReview:
    """A review that a coder finished and that was settled since, with all that was decided."""

    assignment: Assignment
    decided: tuple[DecidedDifference, ...]


def settled_for(coder: User, now: datetime) -> list[SettledReview]:
    """Reviews that a person coded and that are settled, latest first. Raises NotPermitted."""
    require_permission(coder, "code")
    done = Assignment.objects.filter(
        coder=coder, finished_at__isnull=False, review__in=open_reviews(coder, now)
    )
    rows = []
    latest_first = done.select_related("review", "framework", "round").order_by("-finished_at")
    for assignment in latest_first:
        decided = tuple(_decided(assignment))
        if assignment.review.agreed_codes.filter(
            code__framework=assignment.framework, superseded_at=None
        ).exists():
            rows.append(SettledReview(assignment, decided))
    return rows


def _decided(assignment: Assignment) -> Iterator[DecidedDifference]:
    review, framework, coder = assignment.review, assignment.framework, assignment.coder_id
    current = {"superseded_at": None, "basis": "adjudicated"}
    own_codes = {row.code_id for row in current_codings(review, framework) if row.coder_id == coder}
    codes = review.agreed_codes.filter(code__framework=framework, **current)
    for code in codes.select_related("code", "decided_by").order_by("code__order"):
        yield DecidedDifference(
            code.code.name,
            "",
            "Coded" if code.code_id in own_codes else "Not coded",
            "Has this code" if code.present else "Does not have this code",
            code.reason,
            code.decided_by.username,
            code.decided_at,
        )
    judged = {
        (row.variable_id, row.child_id, row.adult_id): row.value
        for row in current_judgements(review, framework)
        if row.coder_id == coder
    }
    values = review.agreed_judgements.filter(variable__framework=framework, **current)
    for value in values.select_related("variable", "child", "adult", "decided_by").order_by(
        "variable__order", "child__number", "adult__number"
    ):
        person = value.child or value.adult
        own = judged.get((value.variable_id, value.child_id, value.adult_id))
        if own is None and file_of(framework).variable(value.variable.variable).derived:
            continue
        yield DecidedDifference(
            value.variable.name,
            f"{value.variable.get_level_display()} {person.number}" if person else "",
            "No answer" if own is None else value_in_words(value.variable, own),
            value_in_words(value.variable, value.value),
            value.reason,
            value.decided_by.username,
            value.decided_at,
        )


def notes_for(coder: User, now: datetime) -> list[ReturnedCoding]:
    """Notes on reviews that were sent back to a person and are not finished again."""
    require_permission(coder, "code")
    return list(
        ReturnedCoding.objects.filter(
            assignment__coder=coder,
            assignment__finished_at=None,
            assignment__review__in=open_reviews(coder, now),
        ).select_related("assignment__review", "assignment__framework")
    )
