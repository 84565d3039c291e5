"""Frozen rows, arranged for counting: who is counted, and what is known of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from waymark.core.evidence import CodeRow, JudgementRow, RecommendationRow
from waymark.core.tables import Cell, CellKind
from waymark.frameworks.schema import CodeSpec, FrameworkFile, VariableSpec
from waymark.overview.recommended import recommendation_variable, said_of
from waymark.overview.snapshot import FrozenRows
from waymark.overview.spec import CodeChoice, Unit


@dataclass(frozen=True, slots=True)
class Record:
    """One review, or one child or recommendation of a review: what a table counts."""

    review: str
    child: int | None = None
    recommendation: int | None = None

    @property
    def reference(self) -> str:
        """As "R01", "R01/2" for the second child, or "R01/rec2" for the second recommendation."""
        if self.recommendation is not None:
            return f"{self.review}/rec{self.recommendation}"
        return self.review if self.child is None else f"{self.review}/{self.child}"


@dataclass(frozen=True, slots=True)
class Counted:
    """Records that a cell counts, with the keys of the words that carry them."""

    records: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()

    def cell(self, base: int | None, *, kind: CellKind = "count") -> Cell:
        """The count of the records as a cell."""
        return Cell(len(self.records), base, kind, self.evidence, self.records)


class Facts:
    """The agreed facts of the reviews that count, found by record and variable."""

    def __init__(self, rows: FrozenRows, framework: FrameworkFile) -> None:
        self.rows = rows
        self.framework = framework
        self.reviews = tuple(Record(row.reference) for row in rows.reviews if row.counted)
        self.children = tuple(Record(child.review, child.number) for child in rows.children)
        self._recommended = {
            Record(row.review, recommendation=row.number): row for row in rows.recommendations
        }
        self.recommendations = tuple(self._recommended)
        self._judged = {(row.review, row.child, row.variable): row for row in rows.judgements}
        self._levels = {variable.id: variable.level for variable in framework.variables}
        self._codes: dict[tuple[str, str], CodeRow] = {
            (row.review, row.code): row for row in rows.codes if row.present
        }
        self._names = {Record(one.review, one.number): one.name for one in rows.children}
        self._children_of: dict[str, list[Record]] = {}
        for child in self.children:
            self._children_of.setdefault(child.review, []).append(child)

    def of_unit(self, unit: Unit) -> tuple[Record, ...]:
        """All records of a unit, reviews by reference, all others by review and number."""
        if unit == "recommendation":
            return self.recommendations
        return self.reviews if unit == "review" else self.children

    def variable(self, name: str) -> VariableSpec:
        """The variable of an id: of recommendations, or of the framework. Raises RuleError."""
        return recommendation_variable(name, self.framework) or self.framework.variable(name)

    def recommendations_of(self, review: str) -> Sequence[Record]:
        """The recommendations of a review, by number."""
        return [record for record in self.recommendations if record.review == review]

    def recommendation(self, record: Record) -> RecommendationRow:
        """The row of a recommendation."""
        return self._recommended[record]

    def children_of(self, review: Record) -> Sequence[Record]:
        """The children of a review, by number."""
        return self._children_of.get(review.review, [])

    def name_of(self, child: Record) -> str:
        """What the report calls a child."""
        return self._names[child]

    def judgement(self, record: Record, variable: str) -> JudgementRow | None:
        """What is agreed; for a child and a fact about reviews, what is agreed of its review.

        Of a recommendation, what is known of it.
        """
        if record.recommendation is not None:
            return said_of(self._recommended[record], variable)
        child = record.child if self._levels[variable] == "child" else None
        return self._judged.get((record.review, child, variable))

    def value(self, record: Record, variable: str) -> str | None:
        """The agreed value, None where nothing was judged."""
        row = self.judgement(record, variable)
        return None if row is None else row.value

    def bearing(self, review: Record, codes: Iterable[str]) -> list[CodeRow]:
        """The agreed rows by which a review bears any of the codes."""
        found = (self._codes.get((review.review, code)) for code in codes)
        return [row for row in found if row is not None]


def counted(records: Iterable[tuple[Record, Iterable[JudgementRow | CodeRow | None]]]) -> Counted:
    """Records with the rows that carry them -> what a cell holds; each key once, in order."""
    references: list[str] = []
    keys: dict[str, None] = {}
    for record, rows in records:
        references.append(record.reference)
        for row in rows:
            if row is not None:
                keys.update(dict.fromkeys(quote.key for quote in row.quotes))
    return Counted(tuple(references), tuple(keys))


def variables_of(framework: FrameworkFile, group: str) -> list[VariableSpec]:
    """The variables of a group, in the framework's order."""
    return [variable for variable in framework.variables if variable.group == group]


def codes_of(framework: FrameworkFile, choice: CodeChoice) -> list[CodeSpec]:
    """The codes chosen, in the framework's order."""
    if choice.themes:
        return [code for code in framework.codes if code.theme is not None]
    if choice.section:
        return [code for code in framework.codes if code.section == choice.section]
    return [code for code in framework.codes if code.id in choice.codes]


def with_descendants(framework: FrameworkFile, code: str) -> tuple[str, ...]:
    """A code and all below it: who codes a part of a theme has coded the theme."""
    found = [code]
    for other in found:
        found += [below.id for below in framework.codes if below.parent == other]
    return tuple(found)
