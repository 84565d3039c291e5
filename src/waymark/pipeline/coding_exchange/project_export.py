"""Codings as a REFI-QDA project: a coder's own work, or what has been settled.

Coders work independently, so a coder exports own work alone. Settled work is the agreed layer: it
names no coder.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from django.db.models import Prefetch

from waymark import __version__
from waymark.accounts.permissions import Actor
from waymark.coding.files.refi.codebook import code_losses, codes_of_framework
from waymark.coding.files.refi.guids import code_guid, qda_guid, source_guid, user_guid
from waymark.coding.files.refi.matching import (
    MEMO,
    QUALIFIERS,
    PersonOfCase,
    case_guid,
    entered_value,
    evidence_line,
)
from waymark.coding.files.refi.writing import printable, project_package
from waymark.coding.queries.coded_places import (
    CodedPlace,
    ExportRequest,
    coded_places,
    require_export,
)
from waymark.core.errors import RuleError
from waymark.core.wording import counted
from waymark.documents.files.originals import OriginalStore, original_store
from waymark.documents.keys import text_key
from waymark.documents.models import Original, Report, TextAnchor
from waymark.documents.queries.reader import open_reports
from waymark.documents.queries.readings import content_of
from waymark.documents.reading.qda_values import (
    QdaCase,
    QdaCoding,
    QdaNote,
    QdaProject,
    QdaSelection,
    QdaSource,
    QdaText,
    QdaUser,
    QdaVariable,
)
from waymark.frameworks.queries import file_of
from waymark.library.queries.originals import offered_originals
from waymark.profiles.models import AgreedJudgement, Judgement, JudgementQuote
from waymark.publishing.queries.protected import reviews_with_protected_numbers

AGREED = "Agreed codings"
MOST_ORIGINALS = 256 * 1024**2
"""Bytes of all original files in a project, which is made in memory."""
ORIGIN = f"Waymark {__version__}"


@dataclass(frozen=True, slots=True)
class CaseValue:
    """A value to export, with the quotations that support it. name: of the person in the review."""

    review: str
    person: PersonOfCase
    name: str
    variable: str
    stored: str
    quotes: tuple[TextAnchor, ...]
    memo: str = ""


@dataclass(frozen=True, slots=True)
class ProjectExport:
    """A project file. losses: what it cannot contain, in words."""

    content: bytes
    codings: int
    values: int
    losses: tuple[str, ...]


def case_values(person: Actor, request: ExportRequest, now: datetime) -> list[CaseValue]:
    """The values of a request, by review and person, with quotes of reports that they may see.

    Raises as require_export does.
    """
    require_export(person, request)
    reviews = request.reports(person, now).values("review")
    visible = JudgementQuote.objects.filter(report__in=open_reports(person, now))
    quotes = visible.select_related("report__review")
    if request.coder is not None:
        own = Judgement.objects.filter(
            coder=request.coder,
            variable__framework=request.framework,
            review__in=reviews,
            superseded_at=None,
        ).prefetch_related(Prefetch("quotes", quotes))
        return _case_values((row, row.memo, [row]) for row in own.select_related(*PEOPLE))
    agreed = AgreedJudgement.objects.filter(
        variable__framework=request.framework, review__in=reviews, superseded_at=None
    ).prefetch_related(Prefetch("judgements__quotes", quotes))
    return _case_values((row, "", row.judgements.all()) for row in agreed.select_related(*PEOPLE))


PEOPLE = ("review", "child", "adult", "variable")


def _case_values(
    rows: Iterable[tuple[Judgement | AgreedJudgement, str, Iterable[Judgement]]],
) -> list[CaseValue]:
    values = [
        CaseValue(
            row.review.reference,
            _person(row),
            next((one.name for one in (row.child, row.adult) if one is not None), ""),
            row.variable.variable,
            row.value,
            tuple(quote for judgement in quoted for quote in judgement.quotes.all()),
            memo,
        )
        for row, memo, quoted in rows
    ]
    return sorted(values, key=lambda row: (row.review, row.person.level, row.person.number or 0))


def _person(row: Judgement | AgreedJudgement) -> PersonOfCase:
    if row.child is not None:
        return PersonOfCase("child", row.child.number)
    return PersonOfCase("adult", row.adult.number) if row.adult else PersonOfCase("review")


# ---- the project ----


def export_project(*, person: Actor, request: ExportRequest, now: datetime) -> ProjectExport:
    """The project file of a request. Raises RuleError if there is nothing to export."""
    places = coded_places(person, request, now)
    values = case_values(person, request, now)
    if not places and not values:
        raise RuleError("there is nothing to export: no coding or value matches")
    builder = _ProjectBuilder(request, places, values)
    project = builder.project()
    if request.originals:
        builder.add_originals()
    content = project_package(project, moment=_moment(now), originals=builder.originals)
    return ProjectExport(content, len(places), len(values), tuple(builder.losses()))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


TextOfReport = tuple[int, int]


class _ProjectBuilder:
    def __init__(
        self, request: ExportRequest, places: list[CodedPlace], values: list[CaseValue]
    ) -> None:
        self.request, self.places, self.values = request, places, values
        self.file = file_of(request.framework)
        self.user = QdaUser(
            user_guid(request.coder.get_username() if request.coder else AGREED),
            request.coder.get_username() if request.coder else AGREED,
        )
        self.notes: list[QdaNote] = []
        self.reports: dict[TextOfReport, Report] = {}
        self.codings: dict[TextOfReport, dict[str, list[QdaCoding]]] = defaultdict(dict)
        self.anchors: dict[str, TextAnchor] = {}
        self.evidence: dict[str, list[str]] = defaultdict(list)
        self.originals: dict[str, Callable[[], bytes]] = {}
        self.without_file = 0

    def project(self) -> QdaProject:
        for place in self.places:
            self._place(place.anchor).append(self._coding(place))
        for value in self.values:
            for quote in value.quotes:
                self._place(quote)
                line = evidence_line(value.variable, value.person)
                if line not in self.evidence[quote.key]:
                    self.evidence[quote.key].append(line)
        return QdaProject(
            kind="project",
            name=f"{self.file.title}: {self.user.name}",
            origin=ORIGIN,
            entry="project.qde",
            users=(self.user,),
            codes=codes_of_framework(self.file),
            variables=tuple(self._variables()),
            cases=tuple(self._cases()),
            sources=tuple(self._sources()),
            notes=tuple(self.notes),
        )

    def losses(self) -> Iterator[str]:
        """What the project cannot contain, in words."""
        yield from code_losses(self.file)
        memos = sum(bool(value.memo) for value in self.values)
        if memos:
            yield f"memos of {counted(memos, 'value')}"
        memos = sum(printable(place.memo) != place.memo for place in self.places)
        if memos:
            yield f"control characters in {counted(memos, 'memo')}"
        if not self.request.originals:
            yield "page images and the original files"
        else:
            yield "page images"
            if self.without_file:
                yield f"the original files of {counted(self.without_file, 'report')}, not offered"
        if self.request.layer == "agreed":
            yield "who coded, and which codes are agreed absent"

    def add_originals(self) -> None:
        """Add the files of reports that everyone who may see the report may download.

        Not of reviews whose overview protects small numbers, and not beside an earlier reading,
        whose text is not that of the file as it is read now. Raises RuleError if they are large.
        """
        offered = offered_originals(self.reports.values())
        protected = reviews_with_protected_numbers()
        store, size = original_store(), 0
        used = [report.original_id for report in self.reports.values()]
        sizes = dict(Original.objects.filter(pk__in=used).values_list("pk", "size"))
        for (pk, reading), report in self.reports.items():
            sha256 = report.original_id
            current = reading == report.reading and report.review.reference not in protected
            if pk not in offered or not current or not store.has(sha256):
                self.without_file += 1
                continue
            size += sizes[sha256]
            self.originals[source_guid(text_key(report.key, reading))] = partial(
                _bytes_of, store, sha256
            )
        if size > MOST_ORIGINALS:
            most = MOST_ORIGINALS // 1024**2
            raise RuleError(
                f"the original files have more than {most} MiB together: choose fewer reviews, or"
                " leave them out"
            )

    def _place(self, anchor: TextAnchor) -> list[QdaCoding]:
        text = anchor.report_id, anchor.reading
        self.reports[text] = anchor.report
        self.anchors[anchor.key] = anchor
        return self.codings[text].setdefault(anchor.key, [])

    def _coding(self, place: CodedPlace) -> QdaCoding:
        guid = qda_guid("coding", place.anchor.key, place.code, self.user.guid)
        notes = []
        if place.qualifiers:
            lines = (f"{name}: {value}" for name, value in sorted(place.qualifiers.items()))
            notes.append(self._note("qualifiers", guid, QUALIFIERS, "\n".join(lines)))
        if place.memo:
            notes.append(self._note("memo", guid, MEMO, place.memo))
        code = code_guid(self.file.framework, place.code)
        return QdaCoding(guid, code, self.user.guid, _moment(place.at), tuple(notes))

    def _note(self, kind: str, coding: str, name: str, text: str) -> str:
        guid = qda_guid(kind, coding)
        self.notes.append(QdaNote(guid, name, text, self.user.guid))
        return guid

    def _sources(self) -> Iterator[QdaSource]:
        for (pk, reading), selections in self.codings.items():
            report = self.reports[pk, reading]
            rows = (self._selection(key, codings) for key, codings in selections.items())
            review = report.review.reference
            yield QdaSource(
                guid=source_guid(text_key(report.key, reading)),
                name=f"{review} {report.get_kind_display()}: {report.title}",
                kind="TextSource",
                text=QdaText(content_of(report, reading)),
                hashes=(),
                selections=tuple(sorted(rows, key=lambda row: (row.start, row.end))),
                regions=(),
                codings=(),
            )

    def _selection(self, key: str, codings: Collection[QdaCoding]) -> QdaSelection:
        anchor = self.anchors[key]
        return QdaSelection(
            guid=qda_guid("selection", key),
            name=anchor.exact,
            start=anchor.start,
            end=anchor.end,
            description="\n".join(self.evidence.get(key, ())),
            user=self.user.guid,
            codings=tuple(codings),
        )

    def _variables(self) -> Iterator[QdaVariable]:
        used = {value.variable for value in self.values}
        for row in self.file.variables:
            if row.id in used:
                guid = qda_guid("variable", self.file.framework, row.id)
                yield QdaVariable(guid, row.name, self._type(row.id), f"{row.id}: {row.definition}")

    def _type(self, variable: str) -> str:
        stored = (value.stored for value in self.values if value.variable == variable)
        numeric = self.file.variable(variable).type in {"year", "number"}
        return "Integer" if numeric and all(stored) else "Text"

    def _cases(self) -> Iterator[QdaCase]:
        people: dict[tuple[str, PersonOfCase], list[CaseValue]] = defaultdict(list)
        for value in self.values:
            people[value.review, value.person].append(value)
        for (review, person), values in people.items():
            sources = {
                source_guid(text_key(report.key, reading))
                for (_, reading), report in self.reports.items()
                if report.review.reference == review
            }
            keys = {quote.key for value in values for quote in value.quotes}
            yield QdaCase(
                guid=case_guid(review, person),
                name=review if person.number is None else f"{review}, {person.title}",
                description=values[0].name,
                values=tuple(self._value(value) for value in values),
                sources=tuple(sorted(sources)),
                selections=tuple(sorted(qda_guid("selection", key) for key in keys)),
            )

    def _value(self, value: CaseValue) -> tuple[str, str]:
        guid = qda_guid("variable", self.file.framework, value.variable)
        return guid, entered_value(self.file.variable(value.variable), value.stored)


def _bytes_of(store: OriginalStore, sha256: str) -> bytes:
    with store.local_file(sha256) as path:
        return path.read_bytes()
