"""Frozen rows, arranged for counting: the records of each unit, and their values. Pure.

Everything that a table asks of ten thousand records at once is a list in the order of the records;
quotes and their citation keys are looked up only for a cell that a person opens.
"""

from abc import abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload
from weakref import WeakValueDictionary

from waymark.core.evidence import CodeRow, JudgementRow, RecommendationRow
from waymark.core.tables import Cell, CellKind
from waymark.frameworks.families import with_descendants
from waymark.frameworks.schema import FrameworkFile
from waymark.frameworks.variables import VariableSpec
from waymark.overview.snapshot.rows import FrozenRows
from waymark.overview.spec.names import (
    FOUND,
    MISSED,
    recommendation_value,
    recommendation_variable,
)
from waymark.overview.spec.schema import Count, Unit, WhereCondition

Carrier = JudgementRow | CodeRow | RecommendationRow
"""A row whose quotes are evidence for what a cell counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One review, or one child or recommendation of a review: what a table counts.

    reference: as "R01", "R01/2" for the second child, or "R01/rec2" for the second recommendation.
    at: its index among the records of its unit; review_at: the index of its review among the
    reviews. There is one object of each, so two are equal only if they are the same.
    """

    review: str
    reference: str
    at: int
    review_at: int
    child: int | None = None
    recommendation: int | None = None


UNITS: tuple[Unit, ...] = ("review", "child", "recommendation")
CarriersOf = Callable[[Record], Iterable[Carrier | None]]


class LazyNames(Sequence[str]):
    """Names of the evidence for a cell, put together only when they are read.

    The cells of a large overview have millions, and nearly all of them are never opened.
    """

    __slots__ = ()

    @abstractmethod
    def _every(self) -> tuple[str, ...]: ...

    def __iter__(self) -> Iterator[str]:
        return iter(self._every())

    def __len__(self) -> int:
        return len(self._every())

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[str, ...]: ...

    def __getitem__(self, at: int | slice) -> str | tuple[str, ...]:
        return self._every()[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._every() == tuple(other)

    def __hash__(self) -> int:
        return hash(self._every())

    def __repr__(self) -> str:
        return repr(self._every())


class RecordReferences(LazyNames):
    """The references of the records that a cell counts, in their order."""

    __slots__ = ("_records",)

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records

    def _every(self) -> tuple[str, ...]:
        return tuple([record.reference for record in self._records])

    def __len__(self) -> int:
        return len(self._records)


class EvidenceKeys(LazyNames):
    """The citation keys of the quotes for a cell, each once, in the order of its records."""

    __slots__ = ("_carriers", "_records")

    def __init__(self, records: Sequence[Record], carriers: CarriersOf) -> None:
        self._records, self._carriers = records, carriers

    def of_review(self, review: str) -> tuple[str, ...]:
        """The keys of one review. Records are ordered by review, so they are found by bisection."""
        at = bisect_left(self._records, review, key=lambda record: record.review)
        keys: dict[str, None] = {}
        while at < len(self._records) and self._records[at].review == review:
            keys.update(dict.fromkeys(self._of(self._records[at])))
            at += 1
        return tuple(keys)

    def _of(self, record: Record) -> Iterator[str]:
        for row in self._carriers(record):
            if row is not None:
                for quote in row.quotes:
                    yield quote.key

    def _every(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(key for record in self._records for key in self._of(record)))

    def __bool__(self) -> bool:
        return any(True for record in self._records for _ in self._of(record))


def keys_of_review(evidence: Sequence[str], review: str) -> tuple[str, ...]:
    """The keys of a cell's evidence in one review; none if the evidence of the cell is closed."""
    return evidence.of_review(review) if isinstance(evidence, EvidenceKeys) else ()


@dataclass(frozen=True, slots=True)
class CountedRecords:
    """Records that a cell counts, ordered by review, with the rows that are evidence of each."""

    records: Sequence[Record]
    carriers: CarriersOf

    def cell(self, base: int | None, *, kind: CellKind = "count") -> Cell:
        """The number of records as a cell."""
        return Cell(len(self.records), base, kind, self.evidence, self.references)

    @property
    def references(self) -> RecordReferences:
        return RecordReferences(self.records)

    @property
    def evidence(self) -> EvidenceKeys:
        return EvidenceKeys(self.records, self.carriers)


class CodedReviews:
    """The agreed facts of the reviews that are counted, by record and variable."""

    def __init__(self, rows: FrozenRows, framework: FrameworkFile) -> None:
        self.rows = rows
        self.framework = framework
        self.reviews = tuple(
            Record(reference, reference, at, at)
            for at, reference in enumerate(row.reference for row in rows.reviews if row.counted)
        )
        self._reviews = {record.review: record for record in self.reviews}
        self.children = tuple(
            Record(row.review, f"{row.review}/{row.number}", at, self._at(row.review), row.number)
            for at, row in enumerate(rows.children)
        )
        self.recommendations = tuple(
            Record(
                *(row.review, f"{row.review}/rec{row.number}", at, self._at(row.review)),
                recommendation=row.number,
            )
            for at, row in enumerate(rows.recommendations)
        )
        self._children_of = _by_review(self.children)
        self._recommendations_of = _by_review(self.recommendations)
        self._levels = {variable.id: variable.level for variable in framework.variables}
        self._judged = self._judgements()
        self._codes: dict[str, dict[int, CodeRow]] = {}
        for row in rows.codes:
            if row.present:
                self._codes.setdefault(row.code, {})[self._at(row.review)] = row
        # Filled on first use: a release asks for few of the many sets of codes.
        self._borne: dict[tuple[str, ...], list[tuple[CodeRow, ...]]] = {}
        self._reports: dict[str, str] | None = None
        self._known: dict[tuple[Unit, str], list[str | None]] = {}

    @classmethod
    def of_rows(cls, rows: FrozenRows, framework: FrameworkFile) -> "CodedReviews":
        """The facts of frozen rows, arranged once for as long as they are in use.

        Arranging 10,000 reviews takes seconds, and counting and protecting need the same facts.
        """
        # Facts hold their rows, so no other rows can take the id of a living entry. A weak entry
        # keeps no snapshot in memory that its cache has let go.
        facts = _arranged.get(id(rows))
        if facts is None or facts.framework != framework:
            facts = _arranged[id(rows)] = cls(rows, framework)
        return facts

    def _at(self, review: str) -> int:
        return self._reviews[review].at

    def _judgements(self) -> dict[str, list[JudgementRow | None]]:
        """Variable -> the agreed judgement of each review, or of each child, in their order."""
        children = {(record.review, record.child): record.at for record in self.children}
        size = {"review": len(self.reviews), "child": len(self.children)}
        judged: dict[str, list[JudgementRow | None]] = {
            name: [None] * size[level] for name, level in self._levels.items() if level in size
        }
        reviews = {record.review: record.at for record in self.reviews}
        for row in self.rows.judgements:
            level = self._levels[row.variable]
            if (row.child is None) == (level == "review"):
                at = reviews[row.review] if row.child is None else children[row.review, row.child]
                judged[row.variable][at] = row
        return judged

    def review(self, reference: str) -> Record:
        """The counted review of a reference. Raises KeyError."""
        return self._reviews[reference]

    def review_of(self, report: str) -> str | None:
        """The review for which quotes of a report are evidence; None if there are none."""
        if self._reports is None:
            rows = (self.rows.judgements, self.rows.codes, self.rows.recommendations)
            self._reports = {
                place[0]: row.review for every in rows for row in every for place in row.places
            }
        return self._reports.get(report)

    def records_of_unit(self, unit: Unit) -> tuple[Record, ...]:
        """All records of a unit, reviews by reference, all others by review and number."""
        if unit == "recommendation":
            return self.recommendations
        return self.reviews if unit == "review" else self.children

    def records_meeting(
        self, where: WhereCondition | None, unit: Unit = "review"
    ) -> Sequence[Record]:
        """The records of a unit that meet a condition, in order; all if there is no condition."""
        every = self.records_of_unit(unit)
        if where is None:
            return every
        values = self.values(every, where.variable)
        return [
            record for record, value in zip(every, values, strict=True) if value in where.values
        ]

    def variable(self, name: str) -> VariableSpec:
        """The variable of an id: of recommendations, or of the framework. Raises RuleError."""
        return recommendation_variable(name, self.framework) or self.framework.variable(name)

    def recommendations_of(self, review: str) -> Sequence[Record]:
        """The recommendations of a review, by number."""
        return self._recommendations_of.get(review, ())

    def recommendation(self, record: Record) -> RecommendationRow:
        """The row of a recommendation."""
        return self.rows.recommendations[record.at]

    def children_of(self, review: Record) -> Sequence[Record]:
        """The children of a review, by number."""
        return self._children_of.get(review.review, ())

    def child_name(self, child: Record) -> str:
        """The name that the report uses for a child."""
        return self.rows.children[child.at].name

    def judgement(self, record: Record, variable: str) -> JudgementRow | None:
        """The agreed judgement; for a child and a fact about reviews, that of its review.

        None for a review and a fact about children. Raises KeyError for an unknown variable.
        """
        # A variable of the review, asked of children: every child has the value of its review.
        if self._levels[variable] == "review":
            return self._judged[variable][record.review_at]
        return None if record.child is None else self._judged[variable][record.at]

    def numbers(self, records: Sequence[Record], count: Count) -> list[str | None]:
        """The number of children, or of months, of each review; "" if it is not known."""
        if count == "children":
            return [str(len(self.children_of(record))) for record in records]
        months = {row.reference: getattr(row, count) for row in self.rows.reviews}
        return ["" if (n := months[record.review]) is None else str(n) for record in records]

    def evidence_row(
        self, record: Record, variable: str
    ) -> JudgementRow | RecommendationRow | None:
        """The row that is evidence of a value; None if nothing is known.

        For a recommendation it is the row of the recommendation itself.
        """
        if record.recommendation is None:
            return self.judgement(record, variable)
        row = self.recommendation(record)
        return None if recommendation_value(row, variable) is None else row

    def values(self, records: Sequence[Record], variable: str) -> Sequence[str | None]:
        """The value of each record, None if nothing was judged or reported."""
        unit = next((name for name in UNITS if records is self.records_of_unit(name)), None)
        if unit is None:
            return self._values(records, variable)
        if (unit, variable) not in self._known:
            self._known[unit, variable] = self._values(records, variable)
        return self._known[unit, variable]

    def _values(self, records: Sequence[Record], variable: str) -> list[str | None]:
        if not records:
            return []
        if records[0].recommendation is not None:
            rows = self.rows.recommendations
            return [recommendation_value(rows[record.at], variable) for record in records]
        values = [None if row is None else row.value for row in self._judged[variable]]
        if self._levels[variable] == "review":
            return [values[record.review_at] for record in records]
        return [None if record.child is None else values[record.at] for record in records]

    def theme_states(self, records: Sequence[Record], code: str) -> list[str | None]:
        """FOUND or MISSED: whether the review of each record shows a code or a part of it."""
        bearing = self.code_rows_by_review(with_descendants(self.framework, code))
        return [FOUND if bearing[record.review_at] else MISSED for record in records]

    def code_rows_by_review(self, codes: Iterable[str]) -> Sequence[tuple[CodeRow, ...]]:
        """For each review, the agreed rows of any of these codes, in the order of the codes."""
        family = tuple(codes)
        if family not in self._borne:
            by_review: list[list[CodeRow]] = [[] for _ in self.reviews]
            for code in family:
                for at, row in self._codes.get(code, {}).items():
                    by_review[at].append(row)
            self._borne[family] = [tuple(rows) for rows in by_review]
        return self._borne[family]


_arranged: WeakValueDictionary[int, CodedReviews] = WeakValueDictionary()


def _by_review(records: Iterable[Record]) -> dict[str, list[Record]]:
    by_review: dict[str, list[Record]] = {}
    for record in records:
        by_review.setdefault(record.review, []).append(record)
    return by_review
