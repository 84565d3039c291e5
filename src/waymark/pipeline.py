"""The stages in order, as plain calls: read this first.

    file -> original -> pages -> text -> passages -> suggestions -> codings and judgements
         -> agreed -> frozen overview -> protected tables -> publication
         \\-> catalogue record -> index -> search hit

Each step is a service of its stage; what one stage's work means for another is said here only.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from waymark.accounts.models import State, User
from waymark.accounts.permissions import Actor, require
from waymark.coding import services as coding
from waymark.coding.file import (
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
from waymark.core.errors import Fault, NotFound, Refused, RuleError, SpecError, WaymarkError
from waymark.core.settle import Decision
from waymark.core.yamlfile import Lines, line_of
from waymark.documents import services as documents
from waymark.documents.anchors import Anchors
from waymark.documents.ingest import IngestResult, reading_limits, sort_out
from waymark.documents.isolation import read_isolated, read_many
from waymark.documents.models import Report, ReportKind, Review
from waymark.documents.queries import report_with_bytes
from waymark.documents.reading import ReadReport
from waymark.documents.storage import sha256_of, staging
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of, framework_for
from waymark.library import services as library
from waymark.profiles import services as profiles
from waymark.recommendations import services as recommendations

# ---- files -> reports, records and index ----

IDLE_SECONDS = 1.0


def take_in(
    *,
    by: Actor,
    path: Path,
    now: datetime,
    review: Review | None = None,
    kind: str = ReportKind.OVERVIEW,
) -> Report:
    """Read one file in a child and store it. Raises Refused, NotPermitted."""
    require(by, "take in reports")
    read = read_isolated(path, path.name, reading_limits())
    report, _ = _store(
        by=by, path=path, file_name=path.name, read=read, review=review, kind=kind, now=now
    )
    return report


@transaction.atomic
def _store(
    *,
    by: Actor,
    path: Path,
    file_name: str,
    read: ReadReport,
    review: Review | None,
    kind: str,
    now: datetime,
    publish: bool = False,
) -> tuple[Report, bool]:
    """Store a report, give its review a record, and have the index follow; all or nothing."""
    report, stored = documents.store_report(
        by=by, path=path, file_name=file_name, read=read, review=review, kind=kind, now=now
    )
    if publish and stored:
        for thing, set_state in (
            (report, partial(documents.set_report_state, report=report)),
            (report.review, partial(documents.set_review_state, review=report.review)),
        ):
            if thing.state != State.PUBLISHED:
                set_state(by=by, state=State.PUBLISHED, now=now)
    if stored:
        library.catalogue_review(by=by, review=report.review, now=now)
    return report, stored


def ingest(
    files: Iterable[Path],
    *,
    workers: int,
    by: Actor,
    publish: bool = False,
    on_done: Callable[[str], None] = lambda name: None,
    clock: Callable[[], datetime] = timezone.now,
) -> IngestResult:
    """Take in files side by side; what is here already is not read again.

    Each file is stored, or refused with its reason, by itself: a run that is killed has stored
    some files whole, and the same run again takes in the rest. on_done: told the name of each
    file. Raises NotPermitted.
    """
    require(by, "take in reports")
    begun = time.monotonic()
    found = sort_out(files)
    result = IngestResult(refused=found.refused)

    def unknown() -> Iterator[Path]:
        for path in found.files:
            if report_with_bytes(sha256_of(path)) is None:
                yield path
            else:
                result.already += 1
                on_done(path.name)

    for refusal in found.refused:
        on_done(refusal.file)
    for path, read in read_many(unknown(), workers=workers, limits=reading_limits()):
        if isinstance(read, Refused):
            result.refused.append(read)
        else:
            report, stored = _store(
                by=by,
                path=path,
                file_name=path.name,
                read=read,
                review=None,
                kind=ReportKind.OVERVIEW,
                publish=publish,
                now=clock(),
            )
            result.count(report.key, read, stored=stored)
        on_done(path.name)
    # Where another process writes the index, its worker finds these records by their state.
    with suppress(RuleError):
        while library.index_changed(now=clock()).done:
            continue
    result.seconds = time.monotonic() - begun
    return result


def read_upload(*, clock: Callable[[], datetime] = timezone.now) -> bool:
    """Take up the upload that has waited longest, and store or refuse it; False: none waits.

    The lease is what is still to do: a worker that dies leaves it to the next.
    """
    intake = documents.lease_intake(now=clock())
    if intake is None:
        return False
    path = staging() / intake.staged
    try:
        if not path.exists():
            raise Refused(intake.file_name, "is no longer here", "Upload it again")
        read = read_isolated(path, intake.file_name, reading_limits())
    except Refused as refused:
        documents.refuse_intake(by=None, intake=intake, refused=refused, now=clock())
        return True
    with transaction.atomic():
        now = clock()
        report, stored = _store(
            by=None,
            path=path,
            file_name=intake.file_name,
            read=read,
            review=intake.review,
            kind=intake.kind,
            now=now,
        )
        documents.finish_intake(by=None, intake=intake, report=report, stored=stored, now=now)
    return True


def work(
    *,
    once: bool,
    clock: Callable[[], datetime] = timezone.now,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Read what was uploaded and have the index follow, until stopped; once: until all is done.

    What is still to do is a state in the database, so any number of these may run, and one that
    is killed loses nothing.
    """
    documents.sweep(by=None, now=clock())
    while True:
        read = read_upload(clock=clock)
        indexed = library.index_changed(now=clock())
        if read or indexed.done:
            continue
        if once:
            return
        pause(IDLE_SECONDS)


@transaction.atomic
def change_state(*, by: Actor, thing: Review | Report, state: State, now: datetime) -> None:
    """Say who may see a review or a report, and have the library follow.

    What becomes hidden is hidden at once: every query asks for the state. Raises NotPermitted.
    """
    if isinstance(thing, Review):
        documents.set_review_state(by=by, review=thing, state=state, now=now)
        review = thing
    else:
        documents.set_report_state(by=by, report=thing, state=state, now=now)
        review = thing.review
    library.mark_changed(reviews=[review.pk], now=now)


# ---- coding files -> codings and judgements, through the services a person's clicks use ----


@transaction.atomic
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
    faults: list[Fault] = []
    for part, entries, store in (
        ("children", read.children, work.child),
        ("judgements", read.judgements, work.judgement),
        ("codings", read.codings, work.coding),
        ("recommendations", read.recommendations, work.recommendation),
    ):
        for number, entry in enumerate(entries):
            try:
                store(entry)
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


# ---- coders' work -> the agreed layer ----


@transaction.atomic
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
        name, _, version = framework.partition(" ")
        return review, framework_for(name, version)
    except NotFound as error:
        raise _fault(file, lines, "framework", str(error)) from error


def _fault(file: str, lines: Lines, key: str, message: str) -> SpecError:
    return SpecError(file, [Fault(line_of(lines, (key,)), message)])


# ---- passages -> suggestions ----


def suggest_codes(*, by: Actor, report: Report, framework: Framework, now: datetime) -> int:
    """Suggest codes for a report from the framework's cues; returns how many were new."""
    anchors = Anchors(report)
    passages = [
        PassageText(start, anchors.text[start:end], heading)
        for start, end, heading in report.passages.exclude(kind="heading").values_list(
            "start", "end", "heading"
        )
    ]
    return coding.store_suggestions(
        by=by,
        report=report,
        framework=framework,
        found=suggest(passages, file_of(framework)),
        now=now,
    )
