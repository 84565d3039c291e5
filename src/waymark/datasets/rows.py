"""Facts of a review -> rows of the tables, limited to facts whose quotes are open. Pure."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from waymark.core.evidence import (
    ChildRow,
    CodeRow,
    JudgementRow,
    Quote,
    RecommendationRow,
    report_of_key,
)
from waymark.datasets.shapes import (
    DIFFERS,
    NOT_JUDGED,
    NOT_KEPT,
    NOT_RECORDED,
    NOT_SAID,
    NUMBERS,
    RECORDED,
    WITHHELD,
    variables_of_level,
)
from waymark.frameworks.schema import CodeSpec, FrameworkFile
from waymark.frameworks.variables import SEPARATOR, SILENT, VariableSpec
from waymark.overview.spec.names import CRITERIA
from waymark.publishing.formats.tidy.shape import Row, Value


@dataclass(frozen=True, slots=True)
class CatalogueValues:
    """Catalogue values of a review, included for every review that a person may see."""

    reference: str
    title: str
    collection: str
    nation: str
    board: str
    review_type: str
    period: str
    completed_on: date | None
    published_on: date | None
    fictional: bool


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """A review with the agreed facts. withheld: True if they may not be given row by row.

    qualifiers: by code and citation key, then by name, every value given; None if the rows do not
    have them.
    """

    catalogued: CatalogueValues
    coded: bool = False
    withheld: bool = False
    children: tuple[ChildRow, ...] = ()
    judgements: tuple[JudgementRow, ...] = ()
    codes: tuple[CodeRow, ...] = ()
    qualifiers: Mapping[tuple[str, str], Mapping[str, Collection[str]]] | None = None
    recommendations: tuple[RecommendationRow, ...] = ()

    @property
    def reference(self) -> str:
        return self.catalogued.reference


Fact = TypeVar("Fact", JudgementRow, CodeRow, RecommendationRow)


def as_open(facts: ReviewFacts, reports: Collection[str]) -> ReviewFacts:
    """The facts with quotes from open reports, or without any quotes. reports: keys of open ones.

    A code with quotes only from closed reports counts as not found. If no report is open, the
    review counts as not coded.
    """
    if not reports:
        return ReviewFacts(facts.catalogued, withheld=facts.withheld)
    return replace(
        facts,
        judgements=tuple(_open_rows(facts.judgements, reports)),
        codes=tuple(_open_rows(facts.codes, reports)),
        recommendations=tuple(_open_rows(facts.recommendations, reports)),
    )


def _open_rows(rows: Collection[Fact], reports: Collection[str]) -> Iterator[Fact]:
    for row in rows:
        places = tuple(place for place in row.places if report_of_key(place[0]) in reports)
        # A row without any places rests on silence, which is open to everybody. A row whose places
        # are all closed is left out; one with some open places keeps these alone.
        if places or not row.places:
            yield row if len(places) == len(row.places) else row._replace(places=places)


def withheld_facts(facts: ReviewFacts) -> ReviewFacts:
    """The catalogue values of a review alone, marked as withheld."""
    return ReviewFacts(facts.catalogued, withheld=True)


class ReviewRows:
    """Rows of a review in each table. framework: the one of all facts.

    source_of: citation key -> how its words were recognised in a scan, "" if they were not.
    """

    def __init__(
        self, framework: FrameworkFile, source_of: Callable[[str], str] = lambda key: ""
    ) -> None:
        self.framework, self._source_of = framework, source_of
        self.name = f"{framework.framework} {framework.version}"
        self.variables = {variable.id: variable for variable in framework.variables}
        self.codes = {code.id: code for code in framework.codes}
        self.labels = {
            variable.id: {value.value: value.label for value in variable.allowed}
            for variable in framework.variables
        }
        self.of_review = variables_of_level(framework, "review")
        self.of_child = variables_of_level(framework, "child")

    def rows_of(self, table: str, facts: ReviewFacts) -> Iterator[Row]:
        """The rows of a review in a table, by the table's name."""
        makers: dict[str, Callable[[ReviewFacts], Iterator[Row]]] = {
            "reviews": self._reviews,
            "children": self._children,
            "judgements": self._judgements,
            "judgement_quotes": self._judgement_quotes,
            "codings": self._codings,
            "review_codes": self._review_codes,
            "recommendations": self._recommendations,
        }
        return makers[table](facts)

    def _reviews(self, facts: ReviewFacts) -> Iterator[Row]:
        review = facts.catalogued
        known = {row.variable: row for row in facts.judgements if row.child is None}
        missing = WITHHELD if facts.withheld else NOT_JUDGED
        yield (
            *(review.reference, review.title, review.collection or None, review.nation or None),
            *(review.board or None, review.review_type or None, review.period or None),
            *(review.completed_on, review.published_on, review.fictional, self.name),
            *(facts.coded, facts.withheld, len(facts.children) if facts.coded else None),
            *_variable_values(self.of_review, known, missing),
        )

    def _children(self, facts: ReviewFacts) -> Iterator[Row]:
        for child in facts.children:
            known = {row.variable: row for row in facts.judgements if row.child == child.number}
            columns = _variable_values(self.of_child, known, NOT_JUDGED)
            name = f"{child.review}/{child.number}"
            yield name, child.review, child.number, self.name, *columns

    def _judgements(self, facts: ReviewFacts) -> Iterator[Row]:
        for row in facts.judgements:
            variable = self.variables[row.variable]
            number = int(row.value) if variable.type in NUMBERS and row.value else None
            yield (
                *(_judgement_id(row), row.review, _child_id(row), variable.level, row.variable),
                *(variable.name, row.value or None, self._value_label(variable, row.value), number),
                *(row.value in SILENT, row.basis, len(row.places), self.name),
            )

    def _value_label(self, variable: VariableSpec, value: str) -> str:
        """A value in words, as a person reads it in a table."""
        if not value:
            return "Not recorded"
        if variable.type == "age":
            return f"{value} month{'s' * (value != '1')}"
        labels = self.labels[variable.id]
        return SEPARATOR.join(labels.get(part, part) for part in variable.values_in(value))

    def _judgement_quotes(self, facts: ReviewFacts) -> Iterator[Row]:
        for row in facts.judgements:
            for quote in row.quotes:
                yield _judgement_id(row), row.review, *self._quote_values(quote)

    def _quote_values(self, quote: Quote) -> tuple[Value, ...]:
        read_from = self._source_of(quote.key) or "file"
        return quote.key, quote.report, quote.page, quote.exact, read_from

    def _codings(self, facts: ReviewFacts) -> Iterator[Row]:
        for row in facts.codes:
            for quote in row.quotes:
                yield (
                    *(f"{row.review}/{row.code}/{quote.key}", row.review),
                    *(*_code_values(self.codes[row.code]), row.basis),
                    *self._qualifier_values(facts, row.code, quote.key),
                    *(*self._quote_values(quote), self.name),
                )

    def _qualifier_values(self, facts: ReviewFacts, code: str, key: str) -> Iterator[Value]:
        """The qualifiers of a passage, in the order of the framework."""
        qualifiers = None if facts.qualifiers is None else facts.qualifiers.get((code, key), {})
        for name in self.framework.qualifiers:
            values = () if qualifiers is None else qualifiers.get(name, ())
            if values:
                yield DIFFERS if len(values) > 1 else next(iter(values))
            else:
                yield NOT_KEPT if qualifiers is None else NOT_SAID

    def _review_codes(self, facts: ReviewFacts) -> Iterator[Row]:
        present = {row.code: row for row in facts.codes if row.present}
        for code in self.framework.codes if facts.coded else ():
            row = present.get(code.id)
            # Not found: coders read the review and did not use the code. That is not absence.
            state, basis, passages = "not_found", None, 0
            if row is not None:
                state, basis, passages = "found", row.basis, len(row.places)
            name = f"{facts.reference}/{code.id}"
            seen: tuple[Value, ...] = (code.parent, state, basis, passages, self.name)
            yield name, facts.reference, *_code_values(code), *seen

    def _recommendations(self, facts: ReviewFacts) -> Iterator[Row]:
        for row in facts.recommendations:
            yield (
                *(f"{row.review}/rec{row.number}", row.review, row.number),
                *(row.category, row.audience),
                *[name in row.smart for name in CRITERIA],
                *(row.status or "nothing_told", row.impact or "nothing_told", row.overdue),
                *(*self._quote_values(row.quotes[0]), self.name),
            )


def _judgement_id(row: JudgementRow) -> str:
    return f"{_child_id(row) or row.review}/{row.variable}"


def _child_id(row: JudgementRow) -> str | None:
    return None if row.child is None else f"{row.review}/{row.child}"


def _code_values(code: CodeSpec) -> tuple[Value, ...]:
    return code.id, code.name, code.section, code.theme


def _variable_values(
    variables: Collection[VariableSpec], known: dict[str, JudgementRow], missing: str
) -> Iterator[Value]:
    """The value of each variable; a number is followed by its status: known, or why not."""
    for variable in variables:
        row = known.get(variable.id)
        if variable.type in NUMBERS:
            yield from _number_and_status(row, missing)
        elif variable.type in {"text", "categories"}:
            yield row.value or None if row else None
        else:
            yield row.value if row else missing


def _number_and_status(row: JudgementRow | None, missing: str) -> tuple[Value, Value]:
    """A number and its status. missing: the status if nothing was judged."""
    if row is None:
        return None, missing
    return (int(row.value), RECORDED) if row.value else (None, NOT_RECORDED)
