"""The fields of an index and their values, the same for every search engine."""

from datetime import UTC, datetime, timedelta
from typing import Any

from waymark.library.search.protocol import (
    FACETS,
    TEXT_FIELDS,
    AnalysedText,
    DocumentVisibility,
    IndexDocuments,
    PassageDocument,
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


def record_values(documents: IndexDocuments, record: RecordDocument) -> dict[str, Any]:
    """The fields of one document of a record."""
    return {
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
        "added": 0 if record.available is None else added_at(record.available) + documents.record,
        IDENTIFIER: list(record.identifiers),
        YEAR: [int(year) for year in record.facets.get(YEAR, ())],
        **{facet: list(record.facets.get(facet, ())) for facet in RAW_FACETS},
        CODE: list(record.codes),
        **_field_values(record),
    }


def passage_values(documents: IndexDocuments, passage: PassageDocument) -> dict[str, Any]:
    """The fields of the document of a passage."""
    return {
        **_audience_values(passage.visibility),
        **_text_values((passage.words,)),
        "record": str(documents.record),
        "of_record": documents.record,
        "number": passage.passage,
        "kind": "heading" if passage.heading else "text",
    }


def report_numbers(stored: object) -> tuple[int, ...]:
    """The numbers in the field `reports`: "3 5" -> 3, 5."""
    return tuple(int(number) for number in str(stored or "").split())


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
