"""File format of frozen rows: writing the newest format, and reading it and all earlier ones. Pure.

JSON in UTF-8, one line for each review, so that neither writing nor reading needs all of it in
memory; compressed by Zstandard, which takes a fifth of the time of zlib and is smaller.
The hash is over the lines before compression: rows in a fixed order, no spaces. The same rows and
the same specification give the same hash on every machine.
"""

import hashlib
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter
from sys import intern
from typing import Any, TypeVar

from pydantic_core import from_json, to_json

from waymark.core.errors import RuleError
from waymark.core.evidence import (
    ChildRow,
    CodeRow,
    DoubleCoded,
    JudgementRow,
    Place,
    RecommendationRow,
)
from waymark.documents.keys import parse_span_key
from waymark.overview.snapshot.rows import (
    AnsweredQuery,
    FrozenRows,
    PopulationBase,
    ReviewRow,
    SuggestedCodeUse,
    SuggesterUse,
)
from waymark.overview.spec.population import BaseKey

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FIRST = "waymark-rows 1"
"""One JSON object of all rows, each with the names of its fields."""
SECOND = "waymark-rows 2"
"""As the newest, but characters outside ASCII are escaped."""
FORMAT = "waymark-rows 3"
OPTIONS: Mapping[int, int] = {
    # Higher levels save little of what is left.
    zstd.CompressionParameter.compression_level: 1,
    zstd.CompressionParameter.checksum_flag: 1,
}
CHUNK = 1 << 20
"""Bytes that are compressed, or decompressed, at a time."""
MAGIC = b"\x28\xb5\x2f\xfd"
"""First bytes of Zstandard: the earlier formats were compressed by zlib."""
DAMAGED = "the frozen rows are damaged: restore the database from a backup"
Plain = list[Any]


@dataclass(frozen=True, slots=True)
class PackedRows:
    """Frozen rows as stored bytes. sha256: of the lines before compression, in hex."""

    content: bytes
    sha256: str


def pack_rows(rows: FrozenRows) -> PackedRows:
    """Frozen rows in the newest format."""
    digest, pack = hashlib.sha256(), zstd.ZstdCompressor(options=OPTIONS)

    def compressed(lines: bytes) -> bytes:
        digest.update(lines)
        return pack.compress(lines)

    # Hashing and compressing release the interpreter lock, so lines are written at the same time.
    with ThreadPoolExecutor(max_workers=1) as worker:
        content = b"".join(worker.map(compressed, _in_chunks(_row_lines(rows))))
    return PackedRows(content + pack.flush(), digest.hexdigest())


def _in_chunks(lines: Iterable[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size > CHUNK:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def digest_of(content: bytes) -> str:
    """SHA-256 of the lines before compression. Raises RuleError if the content is damaged."""
    digest = hashlib.sha256()
    for part in _decompressed_parts(content):
        digest.update(part)
    return digest.hexdigest()


def unpack_rows(content: bytes) -> FrozenRows:
    """Frozen rows from their bytes, in any format; values that a format does not have are empty.

    Raises RuleError for an unknown format, and if the rows are damaged.
    """
    lines = _joined_lines(_decompressed_parts(content))
    try:
        head = from_json(next(lines, b""))
        if head["format"] in {FORMAT, SECOND}:
            return _read_rows(head, lines)
    except ValueError as error:
        raise RuleError(DAMAGED) from error
    if head["format"] == FIRST:
        return _read_first(head)
    raise RuleError(f"these rows are not in the format {FORMAT}: freeze the overview again")


def _decompressed_parts(content: bytes) -> Iterator[bytes]:
    unpack = zstd.ZstdDecompressor() if content.startswith(MAGIC) else zlib.decompressobj()
    try:
        # A decompressor waits for more if the end is missing, and reports no fault by itself.
        for at in range(0, len(content), CHUNK):
            yield unpack.decompress(content[at : at + CHUNK])
    except (zstd.ZstdError, zlib.error, EOFError) as error:
        raise RuleError(DAMAGED) from error
    if not unpack.eof:
        raise RuleError(DAMAGED)


def _joined_lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    # A chunk can end inside a line: the rest of it is put before the next chunk.
    for part in parts:
        *whole, rest = (rest + part).split(b"\n")
        yield from whole
    if rest:
        yield rest


# ---- the newest format ----

Of = TypeVar("Of", ChildRow, JudgementRow, CodeRow, DoubleCoded, RecommendationRow)


def _row_lines(rows: FrozenRows) -> Iterator[bytes]:
    """The lines of the newest format: a head, then one line for each review, by reference."""
    answered = rows.answered
    head: dict[str, Any] = {
        "format": FORMAT,
        "framework": rows.framework,
        "framework_sha256": rows.framework_sha256,
        "spec": rows.spec,
        "answered": answered and [answered.query, answered.explanation, answered.references],
    }
    # Only if there are any: other rows keep their hash.
    if rows.earlier:
        head["earlier"] = rows.earlier
    if rows.suggesters:
        head["suggesters"] = [_suggester_line(use) for use in rows.suggesters]
    if rows.bases:
        head["bases"] = [astuple(base) for base in rows.bases]
    yield to_json(head) + b"\n"
    children, judgements = _by_review(rows.children), _by_review(rows.judgements)
    codes, twice = _by_review(rows.codes), _by_review(rows.double_coded)
    recommendations = _by_review(rows.recommendations)
    for review in rows.reviews:
        name = review.reference
        # The review is in the head of the line, so its rows leave out their first field, review.
        line = [
            _review_line(review),
            [(row.number, row.name) for row in children.get(name, ())],
            [row[1:] for row in judgements.get(name, ())],
            # Qualifiers come last and only if there are any: other rows keep their hash.
            [row[1:] if row.qualifiers else row[1:5] for row in codes.get(name, ())],
            [(sorted(row.first), sorted(row.second)) for row in twice.get(name, ())],
            [row[1:] for row in recommendations.get(name, ())],
        ]
        yield to_json(line) + b"\n"


def _suggester_line(use: SuggesterUse) -> Plain:
    *numbers, codes = astuple(use)
    return [*numbers, [list(row) for row in codes]]


def _suggester_use(line: Plain) -> SuggesterUse:
    name, kind, reviews, passages, unsuggested, read, read_with_code, codes = line
    uses = tuple(SuggestedCodeUse(*row) for row in codes)
    return SuggesterUse(
        name, kind, reviews, passages, unsuggested, read, read_with_code, codes=uses
    )


def _review_line(review: ReviewRow) -> Plain:
    line = [
        *(review.reference, review.title, review.obtained, review.coded),
        *(review.excluded, review.summary_only),
    ]
    months = [review.months_to_report, review.months_to_publication]
    # Months come last and only if they are known: other rows keep their hash.
    return line if months == [None, None] else [*line, *months]


def _by_review(rows: Iterable[Of]) -> Mapping[str, list[Of]]:
    """Rows by review. Frozen rows are in the order of the review."""
    return {review: list(group) for review, group in groupby(rows, key=attrgetter("review"))}


def _read_rows(head: dict[str, Any], lines: Iterable[bytes]) -> FrozenRows:
    reviews: list[ReviewRow] = []
    children: list[ChildRow] = []
    judgements: list[JudgementRow] = []
    codes: list[CodeRow] = []
    twice: list[DoubleCoded] = []
    recommendations: list[RecommendationRow] = []
    # The same few ids and report keys occur in every line. Interned, each is in memory once.
    for line in lines:
        review, *parts = from_json(line)
        reviews.append(ReviewRow(*review))
        name = reviews[-1].reference
        children += [ChildRow(name, number, called) for number, called in parts[0]]
        judgements += [
            JudgementRow(
                name, child, intern(variable), intern(value), intern(basis), _quote_places(places)
            )
            for child, variable, value, basis, places in parts[1]
        ]
        codes += [
            CodeRow(
                *(name, intern(code), present, intern(basis), _quote_places(places)),
                tuple(tuple(map(intern, values)) for of_row in qualifiers for values in of_row),
            )
            for code, present, basis, places, *qualifiers in parts[2]
        ]
        twice += [
            DoubleCoded(name, frozenset(first), frozenset(second)) for first, second in parts[3]
        ]
        recommendations += [
            RecommendationRow(
                review=name,
                number=number,
                category=category,
                audience=audience,
                smart=tuple(smart),
                status=status,
                impact=impact,
                overdue=overdue,
                places=_quote_places(places),
            )
            for number, category, audience, smart, status, impact, overdue, places in parts[4]
        ]
    return FrozenRows(
        framework=head["framework"],
        framework_sha256=head["framework_sha256"],
        spec=head["spec"],
        reviews=tuple(reviews),
        children=tuple(children),
        judgements=tuple(judgements),
        codes=tuple(codes),
        double_coded=tuple(twice),
        recommendations=tuple(recommendations),
        answered=_answered_query(head["answered"]),
        earlier=tuple((version, number) for version, number in head.get("earlier", ())),
        suggesters=tuple(_suggester_use(line) for line in head.get("suggesters", ())),
        bases=tuple(_population_base(line) for line in head.get("bases", ())),
    )


def _population_base(line: Plain) -> PopulationBase:
    (indicator, as_at, *rest), *others = line
    return PopulationBase(BaseKey(indicator, date.fromisoformat(as_at), *rest), *others)


def _quote_places(rows: list[Plain]) -> tuple[Place, ...]:
    return tuple(
        [(intern(report), start, end, page, exact) for report, start, end, page, exact in rows]
    )


def _answered_query(values: Plain | None) -> AnsweredQuery | None:
    return AnsweredQuery(values[0], values[1], tuple(values[2])) if values else None


# ---- the first format ----


# Places were citation keys with the text of the quote; the key contains report, start and end.
def _read_first(plain: dict[str, Any]) -> FrozenRows:
    answered = plain.get("answered")
    return FrozenRows(
        framework=plain["framework"],
        framework_sha256=plain["framework_sha256"],
        spec=plain["spec"],
        reviews=tuple(ReviewRow(**row) for row in plain["reviews"]),
        children=tuple(ChildRow(**row) for row in plain["children"]),
        judgements=tuple(JudgementRow(**_with_places(row)) for row in plain["judgements"]),
        codes=tuple(CodeRow(**_with_places(row)) for row in plain["codes"]),
        double_coded=tuple(
            DoubleCoded(row["review"], frozenset(row["first"]), frozenset(row["second"]))
            for row in plain["double_coded"]
        ),
        recommendations=tuple(
            RecommendationRow(**_with_places(row) | {"smart": tuple(row["smart"])})
            for row in plain.get("recommendations", ())
        ),
        answered=_answered_query(
            [answered["query"], answered["meaning"], answered["found"]] if answered else None
        ),
    )


def _with_places(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"places": tuple(_first_place(**quote) for quote in row.pop("quotes"))}


def _first_place(key: str, report: str, page: int, exact: str) -> Place:
    span = parse_span_key(key).span
    return report, span.start, span.end, page, exact
