"""Codings and values as rows: one for each coding, a matrix of codes by reviews, the values."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from waymark.accounts.permissions import Actor
from waymark.coding.queries.coded_places import CodedPlace, ExportRequest, coded_places
from waymark.core.spans import Span
from waymark.documents.models import Report
from waymark.documents.queries.readings import passage_spans
from waymark.frameworks.queries import file_of
from waymark.pipeline.coding_exchange.project_export import case_values

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class CodingTable:
    """A table. name: of its sheet."""

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class CodingTables:
    """All tables of a request, and the codings they were made of."""

    codings: CodingTable
    matrix: CodingTable
    values: CodingTable
    places: tuple[CodedPlace, ...]


CODING_COLUMNS = (
    "review",
    "report",
    "kind",
    "page",
    "section",
    "code",
    "code_name",
    "words",
    "start",
    "end",
    "key",
    "qualifiers",
    "memo",
    "coder",
    "coded_at",
)
VALUE_COLUMNS = ("review", "person", "variable", "variable_name", "value", "words", "memo")


def coding_tables(person: Actor, request: ExportRequest, now: datetime) -> CodingTables:
    """The tables of a request. Raises as require_export does."""
    places = coded_places(person, request, now)
    names = {code.id: code.name for code in file_of(request.framework).codes}
    headings = SectionsOfReports()
    rows = tuple(_coding_row(place, names[place.code], headings) for place in places)
    return CodingTables(
        CodingTable("codings", CODING_COLUMNS, rows),
        code_matrix([(place.anchor.report.review.reference, place.code) for place in places]),
        _value_table(person, request, now),
        tuple(places),
    )


def _coding_row(place: CodedPlace, name: str, headings: "SectionsOfReports") -> tuple[Cell, ...]:
    anchor, report = place.anchor, place.anchor.report
    return (
        report.review.reference,
        report.key,
        report.get_kind_display(),
        anchor.page,
        headings.section(report, anchor.reading, anchor.start),
        place.code,
        name,
        anchor.exact,
        anchor.start,
        anchor.end,
        anchor.key,
        "; ".join(f"{key}: {value}" for key, value in sorted(place.qualifiers.items())),
        place.memo,
        place.coder,
        place.at.isoformat(timespec="seconds"),
    )


def code_matrix(pairs: Collection[tuple[str, str]]) -> CodingTable:
    """Reviews by codes: the number of codings. pairs: review and code of each coding."""
    counts = Counter(pairs)
    reviews = sorted({review for review, _ in pairs})
    codes = sorted({code for _, code in pairs})
    rows: list[tuple[Cell, ...]] = [
        (review, *(counts[review, code] for code in codes)) for review in reviews
    ]
    return CodingTable("codes_by_review", ("review", *codes), tuple(rows))


def _value_table(person: Actor, request: ExportRequest, now: datetime) -> CodingTable:
    names = {row.id: row.name for row in file_of(request.framework).variables}
    rows = tuple(
        (
            value.review,
            value.person.title,
            value.variable,
            names[value.variable],
            value.stored,
            " | ".join(quote.exact for quote in value.quotes),
            value.memo,
        )
        for value in case_values(person, request, now)
    )
    return CodingTable("values", VALUE_COLUMNS, rows)


class SectionsOfReports:
    """Heading paths above positions of reports: each report is read once."""

    def __init__(self) -> None:
        self._sections: dict[tuple[int, int], tuple[list[int], list[str]]] = {}

    def section(self, report: Report, reading: int, start: int) -> str:
        """The headings above a position, outermost first, joined with " > "; "" for none."""
        key = report.pk, reading
        if key not in self._sections:
            spans = passage_spans(report, reading, Span(0, 2**31 - 1))
            self._sections[key] = [row.start for row in spans], [row.heading for row in spans]
        starts, headings = self._sections[key]
        at = bisect_right(starts, start) - 1
        return headings[at] if at >= 0 else ""
