"""Schemas of the Tantivy indexes of an audience, one of records and one of passages.

There are two because BM25 compares the length of a document with the mean length, and records are
a hundred times as long as passages: in one index every passage would count as very short.
"""

from collections.abc import Iterator

from tantivy import Document, Schema, SchemaBuilder

from waymark.library.language.analyser import ANALYSER
from waymark.library.search.index_values import (
    CODE,
    EXACT,
    IDENTIFIER,
    RAW_FACETS,
    STEMS,
    YEAR,
    passage_values,
    record_values,
    words_field,
)
from waymark.library.search.protocol import TEXT_FIELDS, DocumentVisibility, IndexDocuments

# Change it with every change of the fields or of their values: old indexes are built again.
STAMP = f"schema 9, analyser {ANALYSER}"


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
    public could first find it, 0 if unknown. title_order: for the order by title, with the number
    of the record. language: all languages of its texts."""
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
        values = record_values(documents, record)
        # Else records with equal titles come segment by segment: what was changed last comes last.
        values["title_order"] += f"\0{documents.record:020}"
        yield record.visibility, Document.from_dict(values, schema)


def passage_documents(
    documents: IndexDocuments, schema: Schema
) -> Iterator[tuple[DocumentVisibility, Document]]:
    """The documents for the indexes of passages, each with who may see it."""
    for passage in documents.passages:
        yield passage.visibility, Document.from_dict(passage_values(documents, passage), schema)
