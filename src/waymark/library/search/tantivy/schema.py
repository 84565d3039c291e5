"""Schemas of the Tantivy indexes of an audience, one of records and one of passages.

There are two because BM25 compares the length of a document with the mean length, and records are
a hundred times as long as passages: in one index every passage would count as very short.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tantivy import Document, Schema, SchemaBuilder

from waymark.library.language.analyser import ANALYSER
from waymark.library.search.protocol import (
    FACETS,
    TEXT_FIELDS,
    AnalysedText,
    DocumentVisibility,
    IndexDocuments,
    RecordDocument,
)

# Folded words, for phrases and prefixes; and terms of their language, for words.
EXACT, STEMS = "exact", "stems"
IDENTIFIER = "identifier"
YEAR = "year"
CODE = "code"
"""The field of a review's agreed codes, by which topics are searched."""
# Values of the field `audience`; TIMED: public from `since` (included) to `until` (excluded).
STAFF, PUBLIC, TIMED = "staff", "public", "timed"
RAW_FACETS = tuple(facet for facet in FACETS if facet != YEAR)
# Change it with every change of the fields or of their values: old indexes are built again.
STAMP = f"schema 8, analyser {ANALYSER}"

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EVER = 2**62
# Distance of two days in the field `order`, and of two seconds in `added`: the record number is
# added in between, so that records of one day or second have a fixed order. Record 7 on day 3 is
# 3 * 2**32 + 7, record 8 on the same day comes after it, and both before day 4.
A_DAY, A_SECOND = 2**32, 2**31


def microseconds(at: datetime) -> int:
    """Whole microseconds since 1970, without rounding through floats."""
    return (at - EPOCH) // timedelta(microseconds=1)


def added_at(moment_of_it: datetime) -> int:
    """The lowest value of the field `added` at a moment; below 2**63 until the year 2106."""
    return microseconds(moment_of_it) // 1_000_000 * A_SECOND


def words_field(name: str) -> str:
    """The index field of a query field: theme -> theme_words."""
    return f"{name}_words"


def _shared_fields() -> SchemaBuilder:
    """Fields of both schemas. record is text: Tantivy silently ignores deletion by number."""
    return (
        SchemaBuilder()
        .add_text_field("record", tokenizer_name="raw", index_option="basic")
        .add_text_field("audience", tokenizer_name="raw", index_option="basic")
        .add_integer_field("since", fast=True)
        .add_integer_field("until", fast=True)
        .add_text_field(EXACT, tokenizer_name="whitespace")
        .add_text_field(STEMS, tokenizer_name="whitespace")
        .add_integer_field("number", fast=True)
    )


def record_schema() -> Schema:
    """Schema of records. number: of the record. order: for newest and oldest. added: when the
    public could first find it, 0 if unknown. title_order: for the order by title. language: all
    languages of its texts."""
    builder = _shared_fields()
    builder.add_text_field("title", tokenizer_name="whitespace")
    builder.add_text_field("title_order", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("language", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("reports", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(IDENTIFIER, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("order", fast=True)
    builder.add_integer_field("added", fast=True, indexed=True)
    builder.add_integer_field(YEAR, fast=True, indexed=True)
    for facet in RAW_FACETS:
        builder.add_text_field(facet, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(CODE, tokenizer_name="raw", index_option="basic")
    for name in TEXT_FIELDS:
        builder.add_text_field(words_field(name), tokenizer_name="whitespace")
    return builder.build()


def passage_schema() -> Schema:
    """Schema of passages. number: of the passage; of_record: of its record, as `record` has it, to
    be read for many passages at once. kind: heading or text."""
    builder = _shared_fields()
    builder.add_integer_field("of_record", fast=True)
    builder.add_text_field("kind", tokenizer_name="raw", index_option="basic")
    return builder.build()


def record_documents(
    documents: IndexDocuments, schema: Schema
) -> Iterator[tuple[DocumentVisibility, Document]]:
    """The documents for the indexes of records, each with who may see it."""
    for record in documents.records:
        document = Document.from_dict(
            {
                **_audience_values(record.visibility),
                **_text_values(record.texts),
                "record": str(documents.record),
                "number": documents.record,
                "title": record.title.terms,
                "title_order": record.title.folded,
                "language": sorted({text.language for text in record.texts}),
                "reports": " ".join(map(str, record.reports)),
                # Records of one day or second are ordered by their numbers.
                "order": record.dated * A_DAY + documents.record,
                "added": 0
                if record.available is None
                else added_at(record.available) + documents.record,
                IDENTIFIER: list(record.identifiers),
                YEAR: [int(year) for year in record.facets.get(YEAR, ())],
                **{facet: list(record.facets.get(facet, ())) for facet in RAW_FACETS},
                CODE: list(record.codes),
                **_field_values(record),
            },
            schema,
        )
        yield record.visibility, document


def passage_documents(
    documents: IndexDocuments, schema: Schema
) -> Iterator[tuple[DocumentVisibility, Document]]:
    """The documents for the indexes of passages, each with who may see it."""
    for passage in documents.passages:
        document = Document.from_dict(
            {
                **_audience_values(passage.visibility),
                **_text_values((passage.words,)),
                "record": str(documents.record),
                "of_record": documents.record,
                "number": passage.passage,
                "kind": "heading" if passage.heading else "text",
            },
            schema,
        )
        yield passage.visibility, document


def _audience_values(seen: DocumentVisibility) -> dict[str, Any]:
    timed = seen.since is not None or seen.until is not None
    marks = [STAFF] if seen.staff else []
    if seen.public:
        marks.append(TIMED if timed else PUBLIC)
    return {
        "audience": marks,
        "since": 0 if seen.since is None else microseconds(seen.since),
        "until": EVER if seen.until is None else microseconds(seen.until),
    }


def _text_values(texts: tuple[AnalysedText, ...]) -> dict[str, list[str]]:
    """Each text is a separate value: the engine leaves a gap, so no phrase spans two texts."""
    return {EXACT: [text.folded for text in texts], STEMS: [text.terms for text in texts]}


def _field_values(record: RecordDocument) -> dict[str, list[str]]:
    return {words_field(name): list(record.words.get(name, ())) for name in TEXT_FIELDS}
