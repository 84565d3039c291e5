"""One coder's whole work on one review as plain values: checked from a file, and compared."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from waymark.coding.files.coding_file import (
    AdultEntry,
    ChildEntry,
    CodingEntry,
    CodingFile,
    JudgementEntry,
    RecommendationEntry,
    find_quote,
)
from waymark.core.errors import FileFault, RuleError, SpecError
from waymark.core.spans import Span
from waymark.core.yaml_file import Lines, Path, line_of
from waymark.frameworks.schema import FrameworkFile
from waymark.frameworks.variables import Level

WorkKey = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True, order=True)
class ReportPlace:
    """A span of one report. report: the key of its text, which names the reading too."""

    report: str
    span: Span


@dataclass(frozen=True, slots=True)
class ChildWork:
    number: int
    name: str

    @property
    def key(self) -> WorkKey:
        return ("child", self.number)

    def __str__(self) -> str:
        return f"child {self.number}"

    @property
    def content(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class AdultWork:
    number: int
    name: str

    @property
    def key(self) -> WorkKey:
        return ("adult", self.number)

    def __str__(self) -> str:
        return f"adult {self.number}"

    @property
    def content(self) -> str:
        return self.name


PersonWork = ChildWork | AdultWork


@dataclass(frozen=True, slots=True)
class JudgementWork:
    """A value of a variable. value: as stored; entered: as the coder wrote it."""

    child: int | None
    variable: str
    value: str
    places: frozenset[ReportPlace]
    memo: str
    entered: object = field(default=None, compare=False)
    adult: int | None = None

    @property
    def key(self) -> WorkKey:
        return ("judgement", self.child, self.adult, self.variable)

    def __str__(self) -> str:
        if self.adult is not None:
            return f"{self.variable} of adult {self.adult}"
        return self.variable if self.child is None else f"{self.variable} of child {self.child}"

    @property
    def content(self) -> str:
        return self.value or "not recorded"


@dataclass(frozen=True, slots=True)
class CodingWork:
    code: str
    place: ReportPlace
    qualifiers: frozenset[tuple[str, str]]
    memo: str

    @property
    def key(self) -> WorkKey:
        span = self.place.span
        return ("coding", self.code, self.place.report, span.start, span.end)

    def __str__(self) -> str:
        span = self.place.span
        return f"{self.code} at {self.place.report}-{span.start}-{span.end}"

    @property
    def content(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in sorted(self.qualifiers))


@dataclass(frozen=True, slots=True)
class RecommendationWork:
    number: int
    place: ReportPlace
    category: str
    audience: str
    smart: tuple[str, ...]

    @property
    def key(self) -> WorkKey:
        return ("recommendation", self.number)

    def __str__(self) -> str:
        return f"recommendation {self.number}"

    @property
    def content(self) -> str:
        return ", ".join((self.category, self.audience, *self.smart))


WorkItem = PersonWork | JudgementWork | CodingWork | RecommendationWork
Work = Mapping[WorkKey, WorkItem]


def work_by_key(items: Iterable[WorkItem]) -> dict[WorkKey, WorkItem]:
    """Items by key, in their order."""
    return {item.key: item for item in items}


# ---- differences ----


@dataclass(frozen=True, slots=True)
class WorkChange:
    """Differences between two states of a coder's work. changed: pairs of before and after."""

    added: tuple[WorkItem, ...] = ()
    withdrawn: tuple[WorkItem, ...] = ()
    changed: tuple[tuple[WorkItem, WorkItem], ...] = ()
    same: tuple[WorkItem, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.withdrawn or self.changed)

    @property
    def counts(self) -> dict[str, int]:
        """Number of items of each kind of difference, and of those that are the same."""
        return {
            "added": len(self.added),
            "withdrawn": len(self.withdrawn),
            "changed": len(self.changed),
            "same": len(self.same),
        }

    def lines(self) -> list[str]:
        """Each difference in words, withdrawn ones first."""
        return [
            *(f"withdrawn: {_with_content(item)}" for item in self.withdrawn),
            *(f"changed: {_describe_difference(before, after)}" for before, after in self.changed),
            *(f"added: {_with_content(item)}" for item in self.added),
        ]


def compare_work(before: Work, after: Work) -> WorkChange:
    """Compare two states of one coder's work, item by item."""
    # Items have the same key if they are about the same thing: a child by its number, a judgement
    # by child and variable, a coding by code and span, a recommendation by its number. So a changed
    # value is "changed", and a moved quote is one coding withdrawn and another added.
    pairs = [(before[key], item) for key, item in after.items() if key in before]
    return WorkChange(
        added=tuple(item for key, item in after.items() if key not in before),
        withdrawn=tuple(item for key, item in before.items() if key not in after),
        changed=tuple(pair for pair in pairs if pair[0] != pair[1]),
        same=tuple(new for old, new in pairs if old == new),
    )


def _with_content(item: WorkItem) -> str:
    return f"{item}: {item.content}" if item.content else str(item)


def _describe_difference(before: WorkItem, after: WorkItem) -> str:
    if before.content != after.content:
        return f"{after}: {before.content or 'nothing'} -> {after.content or 'nothing'}"
    if isinstance(before, CodingWork) or getattr(before, "memo", "") != getattr(after, "memo", ""):
        return f"{after}: another memo"
    return f"{after}: different words of the report"


# ---- from a file ----


@dataclass(slots=True)
class WorkReader:
    """Check of a whole coding file: every entry becomes an item, or a fault with its line.

    report, text: key and text of the quoted report. children, adults: numbers already described.
    """

    file: str
    lines: Lines
    framework: FrameworkFile
    report: str
    text: str
    children: Collection[int]
    today: date
    adults: Collection[int] = ()
    items: dict[WorkKey, WorkItem] = field(default_factory=dict)
    item_lines: dict[WorkKey, int] = field(default_factory=dict)
    faults: list[FileFault] = field(default_factory=list)

    def read(self, coding: CodingFile) -> dict[WorkKey, WorkItem]:
        """The work a file describes. Raises SpecError with every fault."""
        self._each("children", coding.children, self._child)
        self._each("adults", coding.adults, self._adult)
        # People first: a judgement may be about one whom this file describes.
        self.children = {*self.children, *(entry.number for entry in coding.children)}
        self.adults = {*self.adults, *(entry.number for entry in coding.adults)}
        self._each("judgements", coding.judgements, self._judgement)
        self._each("codings", coding.codings, self._coding)
        self._each("recommendations", coding.recommendations, self._recommendation)
        if self.faults:
            raise SpecError(self.file, self.faults)
        return self.items

    def _each(
        self, part: str, entries: Iterable[object], read: Callable[..., WorkItem | None]
    ) -> None:
        for number, entry in enumerate(entries):
            at = (part, number)
            try:
                item = read(entry, at)
            except RuleError as error:
                self._fault(at, str(error))
                continue
            if item is not None:
                self._put(item, line_of(self.lines, at))

    def _put(self, item: WorkItem, line: int) -> None:
        earlier = self.items.get(item.key)
        if earlier is None:
            self.items[item.key], self.item_lines[item.key] = item, line
        elif earlier != item or isinstance(item, PersonWork):
            first = self.item_lines[item.key]
            # Only the coder knows which of the two is right: neither is used.
            message = (
                f"{item} is described twice: {_describe_conflict(earlier, item, first)}: remove one"
            )
            self.faults.append(FileFault(line, message))

    def _fault(self, at: Path, message: str) -> None:
        self.faults.append(FileFault(line_of(self.lines, at), message))

    def _place(self, quote: str, at: Path) -> ReportPlace | None:
        try:
            return ReportPlace(self.report, find_quote(self.text, quote))
        except RuleError as error:
            self._fault(at, str(error))
            return None

    def _child(self, entry: ChildEntry, at: Path) -> ChildWork:
        return ChildWork(entry.number, entry.name)

    def _adult(self, entry: AdultEntry, at: Path) -> AdultWork:
        return AdultWork(entry.number, entry.name)

    def _require_person(self, kind: str, number: int) -> None:
        if number not in (self.children if kind == "child" else self.adults):
            raise RuleError(f"there is no {kind} {number} in this review")

    def _level_of(self, entry: JudgementEntry) -> Level:
        """What a judgement is about. Raises RuleError for a person who is not in the review."""
        if entry.child is not None and entry.adult is not None:
            raise RuleError("a judgement is about a child or an adult: remove one of them")
        if entry.child is not None:
            self._require_person("child", entry.child)
            return "child"
        if entry.adult is not None:
            self._require_person("adult", entry.adult)
            return "adult"
        return "review"

    def _judgement(self, entry: JudgementEntry, at: Path) -> JudgementWork:
        level = self._level_of(entry)
        # Every quote is looked for, also after one that is missing: all faults are reported at
        # once.
        places = [
            self._place(quote, (*at, "quotes", number)) for number, quote in enumerate(entry.quotes)
        ]
        value = self.framework.variable(entry.variable).judged(
            entry.value,
            of=level,
            quoted=bool(entry.quotes),
            today=self.today,
        )
        quoted = frozenset(place for place in places if place is not None)
        about = (entry.child, entry.variable)
        return JudgementWork(*about, value, quoted, entry.memo, entry.value, entry.adult)

    def _coding(self, entry: CodingEntry, at: Path) -> CodingWork | None:
        self.framework.code(entry.code)
        self.framework.check_qualifiers(dict(entry.qualifiers))
        for kind, number in self.framework.people_in(entry.qualifiers):
            self._require_person(kind, number)
        place = self._place(entry.quote, (*at, "quote"))
        if place is None:
            return None
        return CodingWork(entry.code, place, frozenset(entry.qualifiers.items()), entry.memo)

    def _recommendation(self, entry: RecommendationEntry, at: Path) -> RecommendationWork | None:
        self.framework.recommendations.check(category=entry.category, audience=entry.audience)
        place = self._place(entry.quote, (*at, "quote"))
        if place is None:
            return None
        return RecommendationWork(entry.number, place, entry.category, entry.audience, entry.smart)


def _describe_conflict(earlier: WorkItem, later: WorkItem, line: int) -> str:
    if earlier.content != later.content:
        return (
            f"line {line} says {earlier.content or 'nothing'}, this line"
            f" {later.content or 'nothing'}"
        )
    return f"on line {line} and here"
