"""What an import of a REFI-QDA project would do: every coding with its words, and every loss."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, has_permission, require_permission
from waymark.accounts.queries import find_account
from waymark.coding.files.refi.guids import user_guid
from waymark.coding.files.refi.matching import (
    MatchedCode,
    match_codes,
    notes_of_coding,
    without_evidence,
)
from waymark.coding.files.refi.page_boxes import PageChoice, choose_page_reading, words_in_region
from waymark.coding.files.refi.scoring import LEAST_SCORE, ProjectPlaces, project_places
from waymark.coding.memos import LONGEST_MEMO
from waymark.coding.models import Assignment, Coding
from waymark.core.errors import NotPermitted, RuleError
from waymark.core.spans import Span
from waymark.core.wording import counted
from waymark.documents.keys import span_key
from waymark.documents.reading.qda_values import (
    QdaCoding,
    QdaProject,
    QdaRegion,
    QdaSelection,
    QdaSource,
)
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of, framework_or_current
from waymark.pipeline.coding_exchange.case_values import PlannedJudgement, plan_values
from waymark.pipeline.coding_exchange.source_matching import MatchedSource, match_sources

MOST_TOGETHER = 200_000
"""Codings of one import."""
MOST_MEMO_CHARACTERS = 50_000_000
"""Of the memos of one import: a long note can be that of every coding."""


@dataclass(frozen=True, slots=True)
class ProjectChoices:
    """Decisions of the person who imports.

    framework: label, "" for the current one. users: GUID or name -> account; the others are the
    importer's, with the name kept. codes: GUID or name -> id. assign: also assign the reviews.
    """

    framework: str = ""
    users: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    assign: bool = False


@dataclass(frozen=True, slots=True)
class ProjectLoss:
    """Something of a project that is not imported. kind: of thing, such as "selection"."""

    kind: str
    name: str
    reason: str

    def as_json(self) -> dict[str, str]:
        """For the report."""
        return {"kind": self.kind, "name": self.name, "reason": self.reason}


@dataclass(slots=True)
class PlannedCoding:
    """A coding to record. state: new, changed or unchanged; how: what its place rests on."""

    match: MatchedSource
    span: Span
    code: str
    coder: User
    memo: str
    qualifiers: dict[str, str]
    how: str
    state: str = "new"

    @property
    def key(self) -> str:
        """Citation key of its words."""
        return span_key(self.match.anchors.key, self.span)

    @property
    def words(self) -> str:
        """The words of the report."""
        return self.span.of(self.match.anchors.text)


@dataclass(slots=True)
class ProjectPlan:
    """The plan of an import. others: sources that are not our reports; boxes: reading of
    rectangles, None if there are none."""

    project: QdaProject
    framework: Framework
    coder: User
    places: ProjectPlaces
    boxes: PageChoice | None
    sources: list[MatchedSource]
    others: list[tuple[QdaSource, str]]
    codes: list[MatchedCode]
    users: dict[str, User]
    to_assign: set[tuple[int, int]]
    codings: list[PlannedCoding] = field(default_factory=list)
    judgements: list[PlannedJudgement] = field(default_factory=list)
    losses: list[ProjectLoss] = field(default_factory=list)

    def lose(self, kind: str, name: str, reason: str) -> None:
        """Note a loss."""
        self.losses.append(ProjectLoss(kind, " ".join(name.split())[:120], reason))

    def count(self, state: str) -> int:
        """Number of codings in a state."""
        return sum(coding.state == state for coding in self.codings)


def plan_project(
    project: QdaProject, *, by: Actor, coder: User, choices: ProjectChoices, now: datetime
) -> ProjectPlan:
    """The plan of importing a project for a coder. Nothing is stored.

    by: who imports; only the operator plans for others than themselves. Raises NotPermitted,
    NotFound for an unknown account or framework, RuleError for an unknown code.
    """
    require_permission(by, "code")
    require_permission(coder, "code")
    framework = framework_or_current(choices.framework)
    file = file_of(framework)
    for code in choices.codes.values():
        file.code(code)
    users = _users_of(project, by, coder, choices)
    coders = {user.pk: user for user in (coder, *users.values())}
    # A plan compares with stored codings, so it would show a coder's unfinished work.
    if by is not None and any(user != by for user in coders.values()):
        raise NotPermitted("you can import only your own codings; the operator imports for others")
    places = project_places(project)
    assigned = set(
        Assignment.objects.filter(framework=framework, coder__in=coders).values_list(
            "review", flat=True
        )
    )
    person = by if isinstance(by, User) else coder
    matched, others = match_sources(
        project.sources, person, now, reviews=None if choices.assign else assigned
    )
    plan = ProjectPlan(
        project=project,
        framework=framework,
        coder=coder,
        places=places,
        boxes=_page_choice(matched),
        sources=matched,
        others=others,
        codes=match_codes(project.codes, file, choices.codes),
        users=users,
        to_assign=set(),
    )
    may_join = has_permission(by, "adjudicate")
    _CodingPlanner(plan, assign=choices.assign, may_join=may_join).plan_all()
    values = plan_values(project, framework, coder, places, matched)
    plan.judgements = values.judgements
    for name, reason in values.losses:
        plan.lose("value", name, reason)
    _note_other_losses(plan)
    return plan


def _users_of(
    project: QdaProject, by: Actor, coder: User, choices: ProjectChoices
) -> dict[str, User]:
    """GUID of a user of the project -> the account that gets their codings."""
    users: dict[str, User] = {}
    for user in project.users:
        name = choices.users.get(user.guid) or choices.users.get(user.name)
        users[user.guid] = find_account(name) if name else coder
    return users


def _page_choice(sources: Iterable[MatchedSource]) -> PageChoice | None:
    rows = [
        (region, match.pages, match.anchors.text)
        for match in sources
        if match.source.regions
        for region in match.source.regions
    ]
    return choose_page_reading(rows) if rows else None


class _CodingPlanner:
    """Fills the codings and losses of a plan."""

    def __init__(self, plan: ProjectPlan, *, assign: bool, may_join: bool) -> None:
        self.plan, self.assign = plan, assign
        self.codes = {code.guid: code for code in plan.codes}
        self.notes = {note.guid: note for note in plan.project.notes}
        self.names = {user.guid: user.name for user in plan.project.users}
        self.file = file_of(plan.framework)
        self.open = self._assignments()
        self.planned: dict[tuple[str, str, int], PlannedCoding] = {}
        # Parts of the memo of each coding, in order and each once.
        self.remarks: dict[tuple[str, str, int], dict[str, None]] = defaultdict(dict)
        self.memo_characters = 0
        self.unmatched: dict[str, int] = defaultdict(int)
        self.refused: set[tuple[int, int]] = set()
        self.coders_of = self._coders_of_reviews() if assign and not may_join else {}

    def _assignments(self) -> dict[tuple[int, int], bool]:
        """(review, coder) -> True if the coder has not finished it."""
        coders = {self.plan.coder.pk, *(user.pk for user in self.plan.users.values())}
        rows = Assignment.objects.filter(framework=self.plan.framework, coder__in=coders)
        return {
            (review, coder): finished is None
            for review, coder, finished in rows.values_list("review", "coder", "finished_at")
        }

    def _coders_of_reviews(self) -> dict[int, set[int]]:
        """Review -> its coders. One more of them would stop its round and change its agreement."""
        coders: dict[int, set[int]] = defaultdict(set)
        rows = Assignment.objects.filter(framework=self.plan.framework)
        for review, coder in rows.values_list("review", "coder"):
            coders[review].add(coder)
        return coders

    def plan_source(self, match: MatchedSource) -> None:
        placed, others = self.plan.places.places(match.source)
        texts = {row.selection.guid for row in placed}
        for row in placed:
            span = match.span_of(row.start, row.end)
            if span is None:
                reason = "its words are not in the text of the report, or in several places"
                self._lose_selection(row.selection, reason)
            else:
                self._plan_selection(match, row.selection, span, row.how)
        for other in others:
            self._lose_selection(other.selection, other.reason)
        for region in match.source.regions:
            if region.guid not in texts:
                self._plan_region(match, region)
        for coding in match.source.codings:
            self._lose_document_coding(match.source, coding)

    def _plan_region(self, match: MatchedSource, region: QdaRegion) -> None:
        span, how = match.folded.find(region.words), "words"
        boxes = self.plan.boxes
        if span is None and boxes is not None:
            trusted = boxes.stated and boxes.confirmed / boxes.stated >= LEAST_SCORE
            span = words_in_region(region, match.pages, boxes.reading) if trusted else None
            how = "rectangle"
        if span is None:
            reason = "nothing confirms which words of the page its rectangle means"
            self._lose_selection(region, reason)
        else:
            self._plan_selection(match, region, span, how)

    def _lose_selection(self, selection: QdaSelection | QdaRegion, reason: str) -> None:
        # A selection without a code, such as the evidence of a value, is a loss too.
        codes = [self.codes[row.code].name for row in selection.codings if row.code in self.codes]
        kind = "coding" if codes else "selection"
        name = f"{', '.join(codes)}: {selection.name}" if codes else selection.name
        self.plan.lose(kind, name or selection.guid, reason)

    def _lose_document_coding(self, source: QdaSource, coding: QdaCoding) -> None:
        code = self.codes.get(coding.code)
        name = f"{code.name if code else coding.code}: {source.name}"
        self.plan.lose("coding", name, "a whole document cannot be coded here, only its words")

    def _plan_selection(
        self, match: MatchedSource, selection: QdaSelection | QdaRegion, span: Span, how: str
    ) -> None:
        remark = without_evidence(selection.description)
        notes = [self.notes[guid].text for guid in selection.notes if guid in self.notes]
        if not selection.codings and (remark or notes):
            self.plan.lose("memo", selection.name, "it is about words without a code")
        for coding in selection.codings:
            code = self.codes.get(coding.code)
            if code is None or not code.code:
                self.unmatched[code.name if code else coding.code] += 1
                continue
            self._plan_coding(match, coding, code.code, span, [remark, *notes], how)

    def _plan_coding(
        self,
        match: MatchedSource,
        coding: QdaCoding,
        code: str,
        span: Span,
        remarks: Sequence[str],
        how: str,
    ) -> None:
        coder = self.plan.users.get(coding.user, self.plan.coder)
        if not self._is_assigned(match, coder):
            return
        # A note named twice is one note.
        notes = [self.notes[guid] for guid in dict.fromkeys(coding.notes) if guid in self.notes]
        self._count_memo(*remarks, *(note.text for note in notes))
        read = notes_of_coding(coding.guid, notes, remarks, self.file)
        for line in read.unknown:
            self.plan.lose(
                "qualifier", line, f"{self.plan.framework} does not have it: in the memo"
            )
        planned = PlannedCoding(match, span, code, coder, "", dict(read.qualifiers), how)
        place = planned.key, code, coder.pk
        # A rectangle and the selection of its words are one coding.
        self.planned.setdefault(place, planned)
        parts = filter(None, (read.memo, self._kept_name(coding, coder)))
        self.remarks[place] |= dict.fromkeys(parts)

    def _count_memo(self, *parts: str) -> None:
        self.memo_characters += sum(map(len, parts))
        if self.memo_characters > MOST_MEMO_CHARACTERS:
            most = f"{MOST_MEMO_CHARACTERS:,}"
            raise RuleError(f"the memos of the project have more than {most} characters: split it")

    def _join_memos(self) -> None:
        """Give each coding its memo; those with a longer one than can be stored are lost."""
        for place, parts in self.remarks.items():
            self.planned[place].memo = "\n\n".join(parts)
            if len(self.planned[place].memo) > LONGEST_MEMO:
                planned = self.planned.pop(place)
                reason = f"its memo has more than {LONGEST_MEMO:,} characters: shorten it"
                self.plan.lose("coding", f"{planned.code}: {planned.words[:100]}", reason)

    def _kept_name(self, coding: QdaCoding, coder: User) -> str:
        """Who coded in the other program, if their codings become another person's."""
        if not coding.user or coding.user == user_guid(coder.get_username()):
            return ""
        name = self.names.get(coding.user, "")
        if not name or self.plan.users[coding.user] != self.plan.coder:
            return ""
        day = f" on {coding.at[:10]}" if coding.at else ""
        return f"Coded by {name}{day}, imported from {_program(self.plan.project)}"

    def _is_assigned(self, match: MatchedSource, coder: User) -> bool:
        place = match.report.review_id, coder.pk
        if place in self.open:
            return True
        if self.assign and self.coders_of.get(place[0], set()) - {coder.pk}:
            self._refuse(match, coder, "others code it: ask an analyst to assign it to you")
            return False
        if self.assign:
            self.plan.to_assign.add(place)
            self.open[place] = True
            return True
        reason = f"it is not assigned to {coder}: assign it, or import with assigning"
        self._refuse(match, coder, reason)
        return False

    def _refuse(self, match: MatchedSource, coder: User, reason: str) -> None:
        place = match.report.review_id, coder.pk
        if place not in self.refused:
            self.refused.add(place)
            self.plan.lose("report", match.report.review.reference, reason)

    def plan_all(self) -> None:
        """Plan the codings of every source."""
        for match in self.plan.sources:
            self.plan_source(match)
        for name, number in sorted(self.unmatched.items()):
            codings = counted(number, "coding")
            reason = f"{self.plan.framework} has no such code: {codings} not imported"
            self.plan.lose("code", name, reason)
        if len(self.planned) > MOST_TOGETHER:
            raise RuleError(f"the project has more than {MOST_TOGETHER:,} codings: split it")
        self._join_memos()
        self.plan.codings = list(self.planned.values())
        self._compare_with_stored()
        # What equals the stored work of a finished review changes nothing.
        self.plan.codings = [row for row in self.plan.codings if self._is_storable(row)]

    def _is_storable(self, row: PlannedCoding) -> bool:
        place = row.match.report.review_id, row.coder.pk
        if row.state == "unchanged" or self.open[place]:
            return True
        reason = f"{row.coder} has finished it: ask an analyst to reopen it"
        self._refuse(row.match, row.coder, reason)
        return False

    def _compare_with_stored(self) -> None:
        reports = {coding.match.report.pk for coding in self.plan.codings}
        rows = Coding.objects.filter(
            report__in=reports,
            code__framework=self.plan.framework,
            coder__in={coding.coder.pk for coding in self.plan.codings},
            superseded_at=None,
        ).values_list("key", "code__code", "coder", "memo", "qualifiers")
        stored: dict[tuple[str, str, int], Any] = {
            (key, code, coder): (memo, qualifiers) for key, code, coder, memo, qualifiers in rows
        }
        for place, coding in self.planned.items():
            if place in stored:
                same = stored[place] == (coding.memo, coding.qualifiers)
                coding.state = "unchanged" if same else "changed"


def _program(project: QdaProject) -> str:
    return " ".join(project.origin.split()) or "another program"


def _note_other_losses(plan: ProjectPlan) -> None:
    """What of a project we do not read at all, or have no place for."""
    for source, reason in plan.others:
        plan.lose("source", source.name or source.guid, reason)
    plan.losses.extend(_unread(plan.project))
    times = sum(bool(row.at) for source in plan.project.sources for row in _codings_of(source))
    if times:
        plan.lose("time", counted(times, "coding"), "the time of coding here is that of the import")


def _codings_of(source: QdaSource) -> Iterator[QdaCoding]:
    for selection in source.selections:
        yield from selection.codings
    for region in source.regions:
        yield from region.codings


def _unread(project: QdaProject) -> Iterator[ProjectLoss]:
    for name, number in project.left_out:
        yield ProjectLoss(name.lower(), f"{number}", "Waymark has no such thing")
    if project.sets:
        yield ProjectLoss("set", f"{len(project.sets)}", "Waymark has no sets of codes and sources")
    other = sum(source.other_selections for source in project.sources)
    if other:
        yield ProjectLoss("selection", f"{other}", "it is of a picture, a sound or a film")
