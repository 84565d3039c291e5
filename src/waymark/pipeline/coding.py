"""Passages -> suggestions; coders' work -> the agreed layer."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from waymark.accounts.audit import in_turn
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor
from waymark.coding import services as coding
from waymark.coding.file import (
    ADJUDICATION,
    ChildEntry,
    CodeDecision,
    CodingEntry,
    JudgementEntry,
    RecommendationEntry,
    find_quote,
    read_adjudication,
    read_coding,
)
from waymark.coding.queries import finished_coders
from waymark.coding.suggest import PassageText, suggest
from waymark.core.errors import Fault, NotFound, RuleError, SpecError, WaymarkError
from waymark.core.settle import Decision
from waymark.core.yamlfile import Lines, line_of, load
from waymark.documents.anchors import Anchors
from waymark.documents.models import Report, Review
from waymark.documents.queries import passages_of
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of, framework_called
from waymark.library import services as library
from waymark.profiles import services as profiles
from waymark.recommendations import services as recommendations


def import_coding_file(*, source: str, file: str, now: datetime) -> bool:
    """Take in a coding file or an adjudication file, whichever its `format` says it is.

    False where that coder had finished the review before. Raises SpecError.
    """
    value, _ = load(source, file=file)
    if isinstance(value, dict) and value.get("format") == ADJUDICATION:
        import_adjudication(source=source, file=file, now=now)
        return True
    return import_coding(source=source, file=file, now=now)


@in_turn
def import_coding(*, source: str, file: str, now: datetime) -> bool:
    """Take in one coder's work on one review; False where that coder had finished it before.

    The coder named in the file acts, with the coder's own permissions. Raises SpecError with the
    line of every fault; then nothing of the file is kept.
    """
    read, lines = read_coding(source, file=file)
    review, framework = _review_and_framework(read.review, read.framework, file, lines)
    report = Report.objects.filter(review=review, kind=read.report).first()
    coder = User.objects.filter(username=read.coder).first()
    if report is None:
        raise _fault(file, lines, "report", f"{read.review} has no {read.report}")
    if coder is None:
        raise _fault(file, lines, "coder", f"there is no account {read.coder}")
    assignment = coding.assign(by=coder, review=review, framework=framework, coder=coder, now=now)
    if assignment.finished_at is not None:
        return False
    work = _CodersWork(coder, review, framework, Anchors(report), now)
    entries: list[tuple[str, int, Callable[[], None]]] = [
        *(("children", n, partial(work.child, one)) for n, one in enumerate(read.children)),
        *(("judgements", n, partial(work.judgement, one)) for n, one in enumerate(read.judgements)),
        *(("codings", n, partial(work.coding, one)) for n, one in enumerate(read.codings)),
        *(
            ("recommendations", n, partial(work.recommendation, one))
            for n, one in enumerate(read.recommendations)
        ),
    ]
    faults: list[Fault] = []
    for part, number, store in entries:
        try:
            store()
        except WaymarkError as error:
            faults.append(Fault(line_of(lines, (part, number)), str(error)))
    if faults:
        raise SpecError(file, faults)
    coding.finish(by=coder, review=review, framework=framework, now=now)
    return True


class _CodersWork:
    """One coder at one report: stores an entry of a coding file through the services."""

    def __init__(
        self, coder: User, review: Review, framework: Framework, anchors: Anchors, now: datetime
    ) -> None:
        self.coder, self.review, self.anchors, self.now = coder, review, anchors, now
        self.file = file_of(framework)
        self.codes = {row.code: row for row in framework.codes.all()}
        self.variables = {row.variable: row for row in framework.variables.all()}
        self.children = {row.number: row for row in review.children.all()}

    def child(self, entry: ChildEntry) -> None:
        self.children[entry.number] = profiles.add_child(
            by=self.coder, review=self.review, number=entry.number, name=entry.name, now=self.now
        )

    def judgement(self, entry: JudgementEntry) -> None:
        if entry.child is not None and entry.child not in self.children:
            raise RuleError(f"there is no child {entry.child} in {self.review.reference}")
        self.file.variable(entry.variable)
        profiles.judge(
            by=self.coder,
            review=self.review,
            child=self.children[entry.child] if entry.child is not None else None,
            variable=self.variables[entry.variable],
            value=entry.value,
            anchors=self.anchors,
            spans=[find_quote(self.anchors.text, quote) for quote in entry.quotes],
            memo=entry.memo,
            now=self.now,
        )

    def coding(self, entry: CodingEntry) -> None:
        self.file.code(entry.code)
        coding.record_coding(
            by=self.coder,
            anchors=self.anchors,
            span=find_quote(self.anchors.text, entry.quote),
            code=self.codes[entry.code],
            qualifiers=entry.qualifiers,
            memo=entry.memo,
            now=self.now,
        )

    def recommendation(self, entry: RecommendationEntry) -> None:
        recommendations.record_recommendation(
            by=self.coder,
            framework=self.file,
            anchors=self.anchors,
            span=find_quote(self.anchors.text, entry.quote),
            number=entry.number,
            category=entry.category,
            audience=entry.audience,
            smart=entry.smart,
            now=self.now,
        )


@in_turn
def settle_review(
    *,
    by: Actor,
    adjudicator: User,
    review: Review,
    framework: Framework,
    codes: Mapping[str, Decision],
    judgements: Mapping[tuple[int | None, str], Decision],
    now: datetime,
) -> None:
    """Make a review's agreed codes and values from its finished coders, and tell the index.

    Raises RuleError naming what the adjudicator has still to decide.
    """
    coding.settle_codes(
        by=by,
        adjudicator=adjudicator,
        review=review,
        framework=framework,
        decisions=codes,
        now=now,
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
    """Settle a review by an adjudication file, as the adjudicator it names. Raises SpecError."""
    read, lines = read_adjudication(source, file=file)
    review, framework = _review_and_framework(read.review, read.framework, file, lines)
    person = User.objects.filter(username=read.adjudicator).first()
    if person is None:
        raise _fault(file, lines, "adjudicator", f"there is no account {read.adjudicator}")
    shape = file_of(framework)
    codes: dict[str, Decision] = {}
    judgements: dict[tuple[int | None, str], Decision] = {}
    for number, one in enumerate(read.decisions):
        try:
            if isinstance(one, CodeDecision):
                codes[shape.code(one.code).id] = Decision(one.agreed, one.reason)
            else:
                value = shape.variable(one.variable).stored(one.agreed)
                judgements[one.child, one.variable] = Decision(value, one.reason)
        except RuleError as error:
            at = line_of(lines, ("decisions", number))
            raise SpecError(file, [Fault(at, str(error))]) from error
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
        raise _fault(file, lines, "decisions", str(error)) from error


def _review_and_framework(
    reference: str, framework: str, file: str, lines: Lines
) -> tuple[Review, Framework]:
    review = Review.objects.filter(reference=reference).first()
    if review is None:
        raise _fault(file, lines, "review", f"there is no review {reference}")
    try:
        return review, framework_called(framework)
    except NotFound as error:
        raise _fault(file, lines, "framework", str(error)) from error


def _fault(file: str, lines: Lines, key: str, message: str) -> SpecError:
    return SpecError(file, [Fault(line_of(lines, (key,)), message)])


def suggest_codes(*, by: Actor, report: Report, framework: Framework, now: datetime) -> int:
    """Suggest codes for a report from the framework's cues; returns how many were new."""
    passages = [
        PassageText(row.start, row.text, row.heading)
        for row in passages_of(report)
        if row.kind != "heading"
    ]
    return coding.store_suggestions(
        by=by,
        report=report,
        framework=framework,
        found=suggest(passages, file_of(framework)),
        now=now,
    )
