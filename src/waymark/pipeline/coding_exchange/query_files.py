"""Results of queries over codings as files: rows, matrices, a report of quotations."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from waymark.coding.files.refi.writing import printable
from waymark.coding.queries.code_queries import CodeQuery, QueryResult, QueryRow
from waymark.core.errors import RuleError
from waymark.core.extras import OptionalModule
from waymark.core.wording import counted
from waymark.frameworks.queries import file_of
from waymark.pipeline.coding_exchange.coding_rows import Cell, CodingTable, code_matrix
from waymark.pipeline.coding_exchange.row_files import CSV, XLSX, csv_bytes, workbook_bytes
from waymark.publishing.formats.archive import repack_archive

python_docx = OptionalModule("docx", "report")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
QUOTATION_COLUMNS = (
    *("review", "report", "page", "section", "code", "code_name", "words", "before", "after"),
    *("qualifiers", "memo", "key"),
)


@dataclass(frozen=True, slots=True)
class QueryFile:
    """A file of a result."""

    content: bytes
    media_type: str


def query_file(
    ending: str, query: CodeQuery, result: QueryResult, title: str, now: datetime
) -> QueryFile:
    """A file of a result. ending: a key of FILES. Raises RuleError for another one."""
    write = FILES.get(ending)
    if write is None:
        raise RuleError(f".{ending} is not a format of results: choose of {', '.join(FILES)}")
    return write(query, result, title, now)


def code_names(query: CodeQuery) -> dict[str, str]:
    """Id -> name of the codes of a query's framework."""
    return {code.id: code.name for code in file_of(query.request.framework).codes}


def quotation_table(query: CodeQuery, result: QueryResult) -> CodingTable:
    """A row for each coding of a result."""
    names = code_names(query)
    rows = tuple(_quotation(row, names) for row in result.rows)
    return CodingTable("quotations", QUOTATION_COLUMNS, rows)


def _quotation(row: QueryRow, names: Mapping[str, str]) -> tuple[Cell, ...]:
    place, anchor = row.place, row.place.anchor
    return (
        anchor.report.review.reference,
        anchor.report.key,
        anchor.page,
        row.section,
        place.code,
        names[place.code],
        anchor.exact,
        anchor.prefix,
        anchor.suffix,
        "; ".join(f"{name}: {value}" for name, value in sorted(place.qualifiers.items())),
        place.memo,
        anchor.key,
    )


def pair_table(result: QueryResult) -> CodingTable:
    """Codes by codes: the number of reviews in which both are together."""
    pairs = result.pairs()
    codes = sorted({code for pair in pairs for code in pair})
    rows: list[tuple[Cell, ...]] = [
        (
            code,
            *(pairs[code, other].reviews if (code, other) in pairs else 0 for other in codes),
        )
        for code in codes
    ]
    return CodingTable("codes_by_code", ("code", *codes), tuple(rows))


def case_table(result: QueryResult) -> CodingTable:
    """Reviews by codes: the number of codings."""
    places = [row.place for row in result.rows]
    return code_matrix([(place.anchor.report.review.reference, place.code) for place in places])


def _quotations_csv(query: CodeQuery, result: QueryResult, title: str, now: datetime) -> QueryFile:
    return QueryFile(csv_bytes(quotation_table(query, result)), CSV)


def _pairs_csv(query: CodeQuery, result: QueryResult, title: str, now: datetime) -> QueryFile:
    return QueryFile(csv_bytes(pair_table(result)), CSV)


def _cases_csv(query: CodeQuery, result: QueryResult, title: str, now: datetime) -> QueryFile:
    return QueryFile(csv_bytes(case_table(result)), CSV)


def _workbook(query: CodeQuery, result: QueryResult, title: str, now: datetime) -> QueryFile:
    tables = [quotation_table(query, result), pair_table(result), case_table(result)]
    content, _ = workbook_bytes(tables, now)
    return QueryFile(content, XLSX)


def _quotation_report(
    query: CodeQuery, result: QueryResult, title: str, now: datetime
) -> QueryFile:
    """A Word document: the quotations by code and review, with page, section and citation key."""
    document = python_docx.Document()
    document.core_properties.title = printable(title)
    document.core_properties.author = document.core_properties.comments = ""
    document.core_properties.created = now.astimezone(UTC).replace(tzinfo=None)
    document.add_heading("Quotation report", level=0)
    document.add_paragraph(printable(title))
    document.add_paragraph(
        f"{counted(len(result.rows), 'quotation')} in {counted(result.reviews, 'review')}."
    )
    names = code_names(query)
    rows = sorted(result.rows, key=lambda row: row.place.code)
    for code, group in groupby(rows, key=lambda row: row.place.code):
        document.add_heading(f"{printable(names[code])} ({code})", level=1)
        for row in group:
            anchor = row.place.anchor
            document.add_paragraph(f"\u201c{printable(anchor.exact)}\u201d", style="Quote")
            where = [anchor.report.review.reference, f"page {anchor.page}", row.section, anchor.key]
            document.add_paragraph(printable(", ".join(filter(None, where))))
            if row.place.memo:
                document.add_paragraph(f"Memo: {printable(row.place.memo)}")
    out = io.BytesIO()
    document.save(out)
    return QueryFile(repack_archive(out.getvalue(), {}), DOCX)


FILES: Mapping[str, Callable[[CodeQuery, QueryResult, str, datetime], QueryFile]] = {
    "csv": _quotations_csv,
    "codes.csv": _pairs_csv,
    "reviews.csv": _cases_csv,
    "xlsx": _workbook,
    "docx": _quotation_report,
}
