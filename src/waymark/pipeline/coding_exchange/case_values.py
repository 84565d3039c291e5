"""Values of cases in a project that we exported, as judgements of the coder who imports.

Only our own cases: in another program a variable of the same name may mean something else. The
words that support a value are the selections that name it in their description.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from waymark.accounts.models import User
from waymark.coding.files.refi.guids import qda_guid, user_guid
from waymark.coding.files.refi.matching import (
    PersonOfCase,
    case_guid,
    entered_value,
    evidence_line,
    evidence_lines,
)
from waymark.coding.files.refi.scoring import ProjectPlaces
from waymark.core.spans import Span
from waymark.core.wording import counted
from waymark.documents.models import Review
from waymark.documents.reading.qda_values import QdaCase, QdaProject
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of
from waymark.frameworks.schema import FrameworkFile
from waymark.pipeline.coding_exchange.source_matching import MatchedSource
from waymark.profiles.models import Judgement

HIGHEST = 99
"""Number of a child or an adult of a review."""


@dataclass(slots=True)
class PlannedJudgement:
    """A value to record. name: of the person as the review names them; state: as of a coding."""

    match: MatchedSource
    person: PersonOfCase
    name: str
    variable: str
    value: str
    spans: tuple[Span, ...]
    state: str = "new"

    @property
    def review(self) -> Review:
        """The review it is about."""
        return self.match.report.review


@dataclass(frozen=True, slots=True)
class ValuesPlan:
    """Judgements of an import, and (name, reason) of the values that are not imported."""

    judgements: list[PlannedJudgement]
    losses: list[tuple[str, str]]


def plan_values(
    project: QdaProject,
    framework: Framework,
    coder: User,
    places: ProjectPlaces,
    sources: Collection[MatchedSource],
) -> ValuesPlan:
    """The judgements that the cases of a project contain for a coder."""
    reviews = {match.report.review_id: match for match in sources}
    own = list(_own_cases(project.cases, reviews.values()))
    known = {case.guid for case, _, _ in own}
    losses: list[tuple[str, str]] = []
    foreign = [case for case in project.cases if case.values and case.guid not in known]
    if foreign:
        number = sum(len(case.values) for case in foreign)
        reason = f"{counted(number, 'value')}: only cases that Waymark exported can be imported"
        losses.append((f"{len(foreign)} cases", reason))
    if user_guid(coder.get_username()) not in {user.guid for user in project.users}:
        number = sum(len(case.values) for case, _, _ in own)
        if number:
            losses.append((counted(number, "value"), f"{coder} did not export them"))
        return ValuesPlan([], losses)
    planned = list(_judgements(own, file_of(framework), _evidence(places, sources)))
    _compare_with_stored(planned, framework, coder)
    return ValuesPlan(planned, losses)


OwnCase = tuple[QdaCase, MatchedSource, PersonOfCase]
Evidence = Mapping[tuple[int, str], list[tuple[MatchedSource, Span]]]


def _own_cases(cases: Iterable[QdaCase], reviews: Iterable[MatchedSource]) -> Iterator[OwnCase]:
    people = [PersonOfCase("review")]
    people += [
        PersonOfCase(level, n) for level in ("child", "adult") for n in range(1, HIGHEST + 1)
    ]
    known = {
        case_guid(match.report.review.reference, person): (match, person)
        for match in reviews
        for person in people
    }
    for case in cases:
        if case.guid in known:
            yield case, *known[case.guid]


def _evidence(places: ProjectPlaces, sources: Iterable[MatchedSource]) -> Evidence:
    """(review, line of evidence) -> the words that support the value."""
    evidence: dict[tuple[int, str], list[tuple[MatchedSource, Span]]] = defaultdict(list)
    for match in sources:
        placed, _ = places.places(match.source)
        for row in placed:
            span = match.span_of(row.start, row.end)
            if span is None:
                continue
            for line in evidence_lines(row.selection.description):
                evidence[match.report.review_id, line].append((match, span))
    return evidence


def _judgements(
    own: Iterable[OwnCase], file: FrameworkFile, evidence: Evidence
) -> Iterator[PlannedJudgement]:
    names = {
        qda_guid("variable", file.framework, row.id): row.id
        for row in file.variables
        if row.derived is None
    }
    for case, match, person in own:
        for guid, value in case.values:
            if guid not in names:
                continue
            line = evidence_line(names[guid], person)
            quoted = evidence.get((match.report.review_id, line), [])
            # A judgement quotes one report.
            source = quoted[0][0] if quoted else match
            spans = tuple(sorted({span for own, span in quoted if own is source}))
            yield PlannedJudgement(source, person, case.description, names[guid], value, spans)


def _compare_with_stored(
    planned: Iterable[PlannedJudgement], framework: Framework, coder: User
) -> None:
    rows = Judgement.objects.filter(
        variable__framework=framework, coder=coder, superseded_at=None
    ).select_related("variable", "child", "adult")
    stored = {
        (row.review_id, _level(row), row.variable.variable): row
        for row in rows.prefetch_related("quotes")
    }
    file = file_of(framework)
    for judgement in planned:
        row = stored.get((judgement.review.pk, judgement.person, judgement.variable))
        if row is None:
            continue
        value = entered_value(file.variable(judgement.variable), row.value)
        spans = tuple(sorted({Span(quote.start, quote.end) for quote in row.quotes.all()}))
        same = (value, spans) == (judgement.value, judgement.spans)
        judgement.state = "unchanged" if same else "changed"


def _level(row: Judgement) -> PersonOfCase:
    if row.child is not None:
        return PersonOfCase("child", row.child.number)
    return PersonOfCase("adult", row.adult.number) if row.adult else PersonOfCase("review")
