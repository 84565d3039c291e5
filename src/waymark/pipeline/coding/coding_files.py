"""Coding files -> coders' work: checked as a whole, compared with stored work, then stored.

A file is the whole work of one coder on one review. Example: stored are the codings "drink" at A
and "housing" at B; the file has "drink" at A with another memo and "police" at C. Then "housing" at
B is withdrawn, "drink" at A superseded, "police" at C added. The same file again changes nothing.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from waymark.accounts.audit import record_about, serialized_in
from waymark.accounts.models import User
from waymark.accounts.queries import no_account
from waymark.coding import services as coding
from waymark.coding.assignments import finished_message
from waymark.coding.files.coder_work import (
    AdultWork,
    ChildWork,
    CodingWork,
    JudgementWork,
    PersonWork,
    RecommendationWork,
    ReportPlace,
    Work,
    WorkChange,
    WorkItem,
    WorkKey,
    WorkReader,
    compare_work,
    work_by_key,
)
from waymark.coding.files.coding_file import ADJUDICATION, CodingFile, read_coding
from waymark.coding.models import Assignment, Coding
from waymark.coding.queries import current_codings
from waymark.core.errors import FileFault, RuleError, SpecError, WaymarkError
from waymark.core.evidence import text_of_key
from waymark.core.near_names import did_you_mean
from waymark.core.spans import Span
from waymark.core.uk_time import uk_date
from waymark.core.yaml_file import Lines, load_yaml
from waymark.documents.anchors import ReportAnchors
from waymark.documents.models import Report, Review, TextAnchor
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of
from waymark.pipeline.coding.settling import fault_at, import_adjudication, review_and_framework
from waymark.profiles import services as profiles
from waymark.profiles.models import Adult, Child, Judgement
from waymark.profiles.queries import current_judgements
from waymark.recommendations import services as recommendations
from waymark.recommendations.models import Recommendation
from waymark.recommendations.queries import recorded_by

PersonKey = tuple[str, int | None]
Outcome = Literal["stored", "superseded", "unchanged", "settled"]


@dataclass(frozen=True, slots=True)
class CodingImport:
    """Result of importing a coding file.

    outcome: "stored" if there was no work before; "superseded" if it replaced some; "unchanged" if
    it equals the stored work; "settled" for an adjudication.
    """

    outcome: Outcome
    change: WorkChange = field(default_factory=WorkChange)

    @property
    def new(self) -> bool:
        """True if anything was stored."""
        return self.outcome != "unchanged"


def import_coding_file(*, source: str, file: str, now: datetime) -> CodingImport:
    """Import a coding file or an adjudication file, according to its `format`.

    Raises SpecError, and RuleError as import_coding does.
    """
    value, _ = load_yaml(source, file=file)
    if isinstance(value, dict) and value.get("format") == ADJUDICATION:
        import_adjudication(source=source, file=file, now=now)
        return CodingImport("settled")
    return import_coding(source=source, file=file, now=now)


@serialized_in("coding", "profiles", "recommendations")
def import_coding(*, source: str, file: str, now: datetime) -> CodingImport:
    """Import one coder's whole work on one review: anything not in the file is withdrawn.

    The coder named in the file acts, with their own permissions. Raises SpecError with the line of
    every fault; RuleError if the file differs from the stored work and the coder has finished the
    review. Then nothing of the file is stored.
    """
    read, lines = read_coding(source, file=file)
    review, framework = review_and_framework(read.review, read.framework, file, lines)
    report, coder = _report_and_coder(read, review, file, lines)
    assignment = coding.assign_coder(
        by=coder, review=review, framework=framework, coder=coder, now=now
    )
    # A file that was imported before is recognised by its hash without comparing anything: also
    # where later versions would read it differently.
    finished = assignment.finished_at is not None
    digest = hashlib.sha256(source.encode()).hexdigest()
    if finished and assignment.file_sha256 == digest:
        return CodingImport("unchanged")
    desk = _CoderDesk(coder, review, framework, ReportAnchors(report), now)
    reader = WorkReader(
        file=file,
        lines=lines,
        framework=file_of(framework),
        report=desk.anchors.key,
        text=desk.anchors.text,
        children=[row.number for row in desk.children.values() if row.withdrawn_at is None],
        adults=[row.number for row in desk.adults.values() if row.withdrawn_at is None],
        today=uk_date(now),
    )
    planned = reader.read(read)
    change = compare_work(desk.current_work(planned), planned)
    if finished:
        return _unchanged_or_refused(change, assignment, file)
    _store_change(desk, reader, change)
    coding.finish_coding(by=coder, review=review, framework=framework, now=now, file_sha256=digest)
    record_about(coder, "import coding", review, now, file=file, sha256=digest, **change.counts)
    return CodingImport(_outcome_of(change), change)


def _report_and_coder(
    read: CodingFile, review: Review, file: str, lines: Lines
) -> tuple[Report, User]:
    report = Report.objects.filter(review=review, kind=read.report).first()
    coder = User.objects.filter(username=read.coder).first()
    if report is None:
        kinds = Report.objects.filter(review=review).order_by("kind").values_list("kind", flat=True)
        near = did_you_mean(read.report, kinds)
        raise fault_at(file, lines, "report", f"{read.review} has no {read.report}{near}")
    if coder is None:
        raise fault_at(file, lines, "coder", no_account(read.coder))
    return report, coder


def _unchanged_or_refused(change: WorkChange, assignment: Assignment, file: str) -> CodingImport:
    if not change:
        return CodingImport("unchanged", change)
    message = finished_message(assignment.coder, assignment.review)
    raise RuleError(
        f"{file} differs from the stored work, and nothing was changed: {message}."
        f" Differences: {'; '.join(change.lines())}"
    )


def _outcome_of(change: WorkChange) -> Outcome:
    before = (*change.same, *change.withdrawn, *(item for item, _ in change.changed))
    # People belong to the review: the first coder may have described them.
    if all(isinstance(item, PersonWork) for item in before):
        return "stored"
    return "superseded" if change else "unchanged"


def _store_change(desk: "_CoderDesk", reader: WorkReader, change: WorkChange) -> None:
    """Store the differences through the services. Raises SpecError with every fault."""
    faults: list[FileFault] = []

    def attempt(act: Callable[[WorkItem], None], item: WorkItem) -> None:
        try:
            act(item)
        except WaymarkError as error:
            faults.append(FileFault(reader.item_lines.get(item.key, 0), str(error)))

    # People last: they can be withdrawn only when they have no judgements left.
    for item in sorted(change.withdrawn, key=lambda item: isinstance(item, PersonWork)):
        attempt(desk.withdraw, item)
    for item in reader.items.values():
        if item not in change.same:
            attempt(desk.put, item)
    if faults:
        raise SpecError(reader.file, faults)


class _CoderDesk:
    """Current work of one coder on one report, and the services that change it."""

    def __init__(
        self,
        coder: User,
        review: Review,
        framework: Framework,
        anchors: ReportAnchors,
        now: datetime,
    ) -> None:
        self.coder, self.review, self.framework = coder, review, framework
        self.anchors, self.now = anchors, now
        self.codes = {row.code: row for row in framework.codes.all()}
        self.variables = {row.variable: row for row in framework.variables.all()}
        self.children = {row.number: row for row in review.children.all()}
        self.adults = {row.number: row for row in review.adults.all()}
        self._read_judgements()
        self._codings = {
            _coding_work(row).key: row
            for row in current_codings(review, framework)
            if row.coder_id == coder.pk
        }
        self._recommendations = {row.number: row for row in recorded_by(coder, review)}

    def _read_judgements(self) -> None:
        """The coder's own judgements by key; the people whom others judged."""
        self._judgements: dict[WorkKey, Judgement] = {}
        self._of_others: set[PersonKey] = set()
        for row in current_judgements(self.review, self.framework):
            if row.coder_id == self.coder.pk:
                self._judgements[_judgement_work(row).key] = row
            else:
                self._of_others.add(_person_of(row))

    # ---- current work ----

    def current_work(self, planned: Work) -> Work:
        """The coder's stored work, to be compared with the planned work."""
        return work_by_key(
            [
                *self._current_people(planned),
                *(_judgement_work(row) for row in self._judgements.values()),
                *(_coding_work(row) for row in self._codings.values()),
                *(_recommendation_work(row) for row in self._recommendations.values()),
            ]
        )

    def _current_people(self, planned: Work) -> Iterator[PersonWork]:
        """Children and adults that count as the coder's work.

        They belong to the review, so another coder's must not be withdrawn because a file does not
        describe them. A person counts if the file describes them, or if they are the coder's alone
        and nothing in the file refers to them. Example: coder A judged children 1 and 2, B only
        child 1. A's new file has child 1 only: child 2 counts too and is withdrawn. B's new file
        has neither: for B neither counts, because A judged both, and both stay.
        """
        # Nobody else codes the review: then everybody is this coder's.
        sole = not Assignment.objects.filter(review=self.review).exclude(coder=self.coder).exists()
        judged = {_person_of(row) for row in self._judgements.values()}
        planned_work = [item for item in planned.values() if isinstance(item, JudgementWork)]
        in_use = {_person_of_work(item) for item in planned_work}
        people: list[tuple[Child | Adult, PersonWork]] = [
            *((row, ChildWork(row.number, row.name)) for row in self.children.values()),
            *((row, AdultWork(row.number, row.name)) for row in self.adults.values()),
        ]
        for row, work in people:
            own = work.key not in self._of_others and (sole or work.key in judged)
            described = work.key in planned
            if row.withdrawn_at is None and (described or (own and work.key not in in_use)):
                yield work

    # ---- changes ----

    def withdraw(self, item: WorkItem) -> None:
        """Withdraw a stored item."""
        by, now = self.coder, self.now
        match item:
            case ChildWork():
                profiles.withdraw_child(by=by, child=self.children[item.number], now=now)
            case AdultWork():
                profiles.withdraw_adult(by=by, adult=self.adults[item.number], now=now)
            case JudgementWork():
                judgement = self._judgements[item.key]
                profiles.withdraw_judgement(by=by, judgement=judgement, now=now)
            case CodingWork():
                coding.withdraw_coding(by=by, coding=self._codings[item.key], now=now)
            case RecommendationWork():
                recommendation = self._recommendations[item.number]
                recommendations.withdraw_recommendation(
                    by=by, recommendation=recommendation, now=now
                )

    def put(self, item: WorkItem) -> None:
        """Store an item; it supersedes the coder's earlier one of the same key."""
        match item:
            case ChildWork():
                self.children[item.number] = profiles.add_child(
                    by=self.coder,
                    review=self.review,
                    number=item.number,
                    name=item.name,
                    now=self.now,
                )
            case AdultWork():
                self.adults[item.number] = profiles.add_adult(
                    by=self.coder,
                    review=self.review,
                    number=item.number,
                    name=item.name,
                    now=self.now,
                )
            case JudgementWork():
                self._judge(item)
            case CodingWork():
                coding.record_coding(
                    by=self.coder,
                    anchors=self.anchors,
                    span=item.place.span,
                    code=self.codes[item.code],
                    qualifiers=dict(item.qualifiers),
                    memo=item.memo,
                    now=self.now,
                )
            case RecommendationWork():
                self._recommend(item)

    def _judge(self, item: JudgementWork) -> None:
        profiles.record_judgement(
            by=self.coder,
            review=self.review,
            child=self.children[item.child] if item.child is not None else None,
            adult=self.adults[item.adult] if item.adult is not None else None,
            variable=self.variables[item.variable],
            value=item.entered,
            anchors=self.anchors,
            spans=[place.span for place in sorted(item.places)],
            memo=item.memo,
            now=self.now,
        )

    def _recommend(self, item: RecommendationWork) -> None:
        recommendations.record_recommendation(
            by=self.coder,
            framework=file_of(self.framework),
            anchors=self.anchors,
            span=item.place.span,
            number=item.number,
            category=item.category,
            audience=item.audience,
            smart=item.smart,
            now=self.now,
        )


def _place_of(row: TextAnchor) -> ReportPlace:
    return ReportPlace(text_of_key(row.key), Span(row.start, row.end))


def _judgement_work(row: Judgement) -> JudgementWork:
    return JudgementWork(
        row.child.number if row.child else None,
        row.variable.variable,
        row.value,
        frozenset(_place_of(quote) for quote in row.quotes.all()),
        row.memo,
        adult=row.adult.number if row.adult else None,
    )


def _person_of(row: Judgement) -> PersonKey:
    return _person_of_work(_judgement_work(row))


def _person_of_work(item: JudgementWork) -> PersonKey:
    """Key of the child or adult whom a judgement is about; that of no person for the review."""
    return ("child", item.child) if item.adult is None else ("adult", item.adult)


def _recommendation_work(row: Recommendation) -> RecommendationWork:
    smart = tuple(row.smart)
    return RecommendationWork(row.number, _place_of(row), row.category, row.audience, smart)


def _coding_work(row: Coding) -> CodingWork:
    qualifiers = frozenset((name, str(value)) for name, value in row.qualifiers.items())
    return CodingWork(row.code.code, _place_of(row), qualifiers, row.memo)
