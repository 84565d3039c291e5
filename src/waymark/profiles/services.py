"""Services that record children and judgements of a review, and settle the agreed values."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.coding.assignments import require_open, require_open_in_any
from waymark.core.errors import RuleError
from waymark.core.settle import AdjudicatorDecision, SettledValue, settle_values
from waymark.core.spans import Span
from waymark.core.uk_time import uk_date
from waymark.documents.anchors import ReportAnchors, move_anchors
from waymark.documents.models import Report, Review
from waymark.frameworks.models import Framework, Variable
from waymark.frameworks.queries import file_of
from waymark.frameworks.variables import Level
from waymark.profiles.models import (
    Adult,
    AgreedJudgement,
    Child,
    DescribedPerson,
    GroupAnswer,
    Judgement,
    JudgementQuote,
)
from waymark.profiles.queries import current_judgements, quotes_anchored_in

NOT_MENTIONED = "not_mentioned"
Person = TypeVar("Person", Child, Adult)
FactKey = tuple[int | None, str]
"""Number of the child or adult, None for a review, and the variable, which has one level."""


@audit.serialized
def add_child(*, by: User, review: Review, number: int, name: str, now: datetime) -> Child:
    """Add a child to a review, by number; a later name replaces the earlier one.

    Raises NotPermitted, RuleError unless the review is assigned to the coder and not finished.
    """
    return _add_person(Child, by=by, review=review, number=number, name=name, now=now)


@audit.serialized
def add_adult(*, by: User, review: Review, number: int, name: str, now: datetime) -> Adult:
    """Add an adult to a review, by number; a later name replaces the earlier one.

    Raises NotPermitted, RuleError unless the review is assigned to the coder and not finished.
    """
    return _add_person(Adult, by=by, review=review, number=number, name=name, now=now)


def _add_person(
    model: type[Person], *, by: User, review: Review, number: int, name: str, now: datetime
) -> Person:
    require_permission(by, "code")
    require_open_in_any(by, review)
    people = model._default_manager
    person, new = people.get_or_create(review=review, number=number, defaults={"name": name})
    about: dict[str, Any] = {person.LEVEL: person}
    described = DescribedPerson.objects.filter(**about)
    # The first coder's name stays, so that nobody sees by it how another coder describes a person.
    others = described.filter(withdrawn_at=None).exclude(coder=by).exists()
    shared = person.name if others else name
    if not new and (person.name != shared or person.withdrawn_at is not None):
        person.name, person.withdrawn_at = shared, None
        person.save(update_fields=["name", "withdrawn_at"])
    described.update_or_create(
        coder=by,
        **about,
        defaults={"name": name, "described_at": now, "withdrawn_at": None},
    )
    audit.record_about(by, f"describe {person.LEVEL}", review, now, number=number)
    return person


@audit.serialized
def withdraw_child(*, by: User, child: Child, now: datetime) -> None:
    """Withdraw a child: it is no longer counted, and stays on record.

    Raises NotPermitted, RuleError while the child has current judgements, or for a review that is
    not open to the coder.
    """
    _withdraw_person(child, by=by, now=now)


@audit.serialized
def withdraw_adult(*, by: User, adult: Adult, now: datetime) -> None:
    """Withdraw an adult, who stays on record.

    Raises NotPermitted, RuleError while the adult has current judgements, or for a review that is
    not open to the coder.
    """
    _withdraw_person(adult, by=by, now=now)


def _withdraw_person(person: Child | Adult, *, by: User, now: datetime) -> None:
    require_permission(by, "code")
    require_open_in_any(by, person.review)
    current = person.judgements.filter(superseded_at=None)
    if current.filter(coder=by).exists():
        raise RuleError(f"{person.LEVEL} {person.number} still has judgements: withdraw them first")
    described = DescribedPerson.objects.filter(**{person.LEVEL: person}, withdrawn_at=None)
    described.filter(coder=by).update(withdrawn_at=now)
    # A person whom another coder describes or judges stays in the review, which nobody is told.
    if not current.exists() and not described.exists():
        person.withdrawn_at = now
        person.save(update_fields=["withdrawn_at"])
    audit.record_about(by, f"withdraw {person.LEVEL}", person.review, now, number=person.number)


@audit.serialized
def record_judgement(
    *,
    by: User,
    review: Review,
    child: Child | None,
    variable: Variable,
    value: object,
    anchors: ReportAnchors,
    spans: Sequence[Span],
    memo: str,
    now: datetime,
    adult: Adult | None = None,
) -> Judgement:
    """Store a coder's value of a variable with its quotes; it supersedes the earlier one.

    Raises NotPermitted; RuleError for a review that is not assigned to the coder or that they have
    finished, a value the variable does not have or that cannot be, a value that needs a quote and
    has none, a child or adult of another review, or a report of another review.
    """
    require_permission(by, "code")
    require_open(by, review, variable.framework)
    spec = file_of(variable.framework).variable(variable.variable)
    level = _level_of(child, adult)
    stored = spec.judged(value, of=level, quoted=bool(spans), today=uk_date(now))
    _require_same_review(review, (child, adult), anchors)
    about = {"review": review, "child": child, "adult": adult, "variable": variable, "coder": by}
    Judgement.objects.filter(**about, superseded_at=None).update(superseded_at=now)
    judgement = Judgement.objects.create(**about, value=stored, memo=memo, decided_at=now)
    JudgementQuote.objects.bulk_create(
        JudgementQuote(judgement=judgement, **anchors.fields(span)) for span in spans
    )
    detail = {"variable": spec.id, **_person_detail(child, adult), "value": stored}
    audit.record_about(by, "judge", review, now, **detail)
    return judgement


def _require_same_review(
    review: Review, people: Sequence[Child | Adult | None], anchors: ReportAnchors
) -> None:
    """Raise RuleError for a child or adult of another review, or a report about another."""
    for person in people:
        if person is not None and person.review_id != review.pk:
            raise RuleError(f"{_named(person)} belongs to another review")
    if anchors.report.review_id != review.pk:
        raise RuleError(f"{anchors.report.key} is a report about another review")


@audit.serialized
def withdraw_judgement(*, by: User, judgement: Judgement, now: datetime) -> None:
    """Withdraw a judgement: it stays on record, superseded.

    Raises NotPermitted, RuleError for another coder's judgement or a finished review.
    """
    require_permission(by, "code")
    if judgement.coder_id != by.pk:
        raise RuleError("only the coder who made a judgement can withdraw it")
    require_open(by, judgement.review, judgement.variable.framework)
    Judgement.objects.filter(pk=judgement.pk, superseded_at=None).update(superseded_at=now)
    audit.record_about(
        by,
        "withdraw judgement",
        judgement.review,
        now,
        variable=judgement.variable.variable,
        **_person_detail(judgement.child, judgement.adult),
    )


@audit.serialized
def answer_group(
    *,
    by: User,
    review: Review,
    group: str,
    variables: Sequence[Variable],
    child: Child | None,
    adult: Adult | None,
    report: Report,
    now: datetime,
) -> GroupAnswer:
    """Answer factors and contacts that the coder has not judged with "not mentioned", as one act.

    Raises as record_judgement(); RuleError if all of them have an answer.
    """
    require_permission(by, "code")
    judged = set(
        Judgement.objects.filter(
            review=review, coder=by, child=child, adult=adult, superseded_at=None
        ).values_list("variable", flat=True)
    )
    open_ones = [row for row in variables if row.pk not in judged]
    if not open_ones:
        raise RuleError(f"every question of {group} has an answer already")
    anchors = ReportAnchors(report)
    judgements = [
        record_judgement(
            by=by,
            review=review,
            child=child,
            adult=adult,
            variable=variable,
            value=NOT_MENTIONED,
            anchors=anchors,
            spans=(),
            memo="",
            now=now,
        )
        for variable in open_ones
    ]
    answer = GroupAnswer.objects.create(coder=by, review=review, group=group, answered_at=now)
    answer.judgements.set(judgements)
    return answer


@audit.serialized
def undo_group_answer(*, by: User, answer: GroupAnswer, now: datetime) -> int:
    """Undo the act: its judgements that are still current are withdrawn; return their number.

    Raises NotPermitted, RuleError for another coder's act, one that is undone or a finished review.
    """
    require_permission(by, "code")
    if answer.coder_id != by.pk or answer.undone_at is not None:
        raise RuleError("there is nothing to undo: it is undone already")
    current = answer.judgements.filter(superseded_at=None)
    rows = list(current.select_related("review", "variable__framework", "child", "adult"))
    for row in rows:
        withdraw_judgement(by=by, judgement=row, now=now)
    answer.undone_at = now
    answer.save(update_fields=["undone_at"])
    return len(rows)


@audit.serialized
def move_quotes(
    *, by: Actor, report: Report, moves: Mapping[str, Span], now: datetime
) -> dict[str, str]:
    """Move quotes of judgements to the same words in the current reading of their report.

    moves: old citation key -> span in the current text. Returns the old and new keys. Raises
    NotPermitted.
    """
    require_permission(by, "add reports")
    moved = move_anchors(quotes_anchored_in(report), moves, ReportAnchors(report))
    if moved:
        audit.record_about(by, "move quotes", report, now, keys=moved)
    return moved


@audit.serialized
def unsettle_judgements(*, by: Actor, review: Review, framework: Framework, now: datetime) -> int:
    """End the agreed values of a review until it is settled again; return their number."""
    require_permission(by, "adjudicate")
    agreed = AgreedJudgement.objects.filter(
        review=review, variable__framework=framework, superseded_at=None
    ).update(superseded_at=now)
    if agreed:
        audit.record_about(
            by, "unsettle judgements", review, now, framework=str(framework), agreed=agreed
        )
    return agreed


@audit.serialized
def settle_judgements(
    *,
    by: Actor,
    adjudicator: User,
    review: Review,
    framework: Framework,
    coders: Sequence[User],
    decisions: Mapping[FactKey, AdjudicatorDecision],
    now: datetime,
) -> None:
    """Derive the agreed values of a review from its finished coders and the decisions.

    Every coder must have judged every fact that any of them judged. Raises RuleError that names
    what is still open.
    """
    require_permission(by, "adjudicate")
    current = current_judgements(review, framework)
    # One mapping for each coder: {(None, "ending"): "death", (1, "age"): "3"} says that the review
    # ended in a death and that its child 1 was 3. (None, ...) is about the whole review.
    work: list[dict[FactKey, str]] = [
        {_fact_key(row): row.value for row in current if row.coder_id == coder.pk}
        for coder in coders
    ]
    settled = settle_values(work, decisions, silent=None)
    AgreedJudgement.objects.filter(
        review=review, variable__framework=framework, superseded_at=None
    ).update(superseded_at=now)
    stored = _AgreedFacts(review, framework, adjudicator, now)
    # A coder who has not finished may have judgements, but no part in the agreement.
    finished = {coder.pk for coder in coders}
    for agreement in settled:
        weighed = [
            row for row in current if _fact_key(row) == agreement.key and row.coder_id in finished
        ]
        # A value that no coder gave rests on the words that were weighed to decide it.
        stored.add(agreement, [row for row in weighed if row.value == agreement.value] or weighed)
    stored.save()
    audit.record_about(
        by, "settle judgements", review, now, framework=str(framework), coders=len(coders)
    )


class _AgreedFacts:
    """Agreed values of a review, with those computed from them, until save() writes them all."""

    def __init__(
        self, review: Review, framework: Framework, adjudicator: User, now: datetime
    ) -> None:
        self._review, self._adjudicator, self._now = review, adjudicator, now
        self._rows: list[tuple[AgreedJudgement, Sequence[Judgement]]] = []
        self._children = {row.number: row for row in Child.objects.filter(review=review)}
        self._adults = {row.number: row for row in Adult.objects.filter(review=review)}
        self._variables = {
            row.variable: row for row in Variable.objects.filter(framework=framework)
        }
        self._computed = [
            (variable.id, variable.derived)
            for variable in file_of(framework).variables
            if variable.derived is not None
        ]

    def add(self, agreement: SettledValue[FactKey], support: Sequence[Judgement]) -> None:
        """Add an agreed value, and the values that are computed from it."""
        _, source = agreement.key
        self._add_row(agreement, source, agreement.value, support)
        for variable, derivation in self._computed:
            value = derivation.value_of(agreement.value)
            if derivation.source == source and value is not None:
                self._add_row(agreement, variable, value, support)

    def save(self) -> None:
        """Write the values, and the judgements that each rests on."""
        AgreedJudgement.objects.bulk_create(row for row, _ in self._rows)
        links = AgreedJudgement.judgements.through
        links.objects.bulk_create(
            links(agreedjudgement=row, judgement=judgement)
            for row, support in self._rows
            for judgement in support
        )

    def _add_row(
        self, agreement: SettledValue[FactKey], name: str, value: str, support: Sequence[Judgement]
    ) -> None:
        number, variable = agreement.key[0], self._variables[name]
        of_adult = variable.level == "adult"
        agreed = AgreedJudgement(
            review=self._review,
            child=None if number is None or of_adult else self._children[number],
            adult=self._adults[number] if number is not None and of_adult else None,
            variable=variable,
            value=value,
            basis=agreement.basis,
            reason=agreement.reason,
            decided_by=self._adjudicator,
            decided_at=self._now,
        )
        self._rows.append((agreed, support))


def _level_of(child: Child | None, adult: Adult | None) -> Level:
    if child is not None and adult is not None:
        raise RuleError("a judgement is about a child or an adult, not both")
    return "child" if child is not None else "adult" if adult is not None else "review"


def _named(person: Child | Adult) -> str:
    return f"{'child' if isinstance(person, Child) else 'adult'} {person.number}"


def _person_detail(child: Child | None, adult: Adult | None) -> dict[str, int | None]:
    """The person in an audit entry: as before there were adults, unless it is about one."""
    if adult is not None:
        return {"adult": adult.number}
    return {"child": child.number if child else None}


def _fact_key(judgement: Judgement) -> FactKey:
    person = judgement.child or judgement.adult
    return person.number if person else None, judgement.variable.variable
