"""Frozen rows as bytes: the one way to write them down, and every way they were ever written.

JSON, one line a review, so that neither writing nor reading holds it all at once; zlib-compressed.
The hash is over the lines before compression: rows in a fixed order, no spaces. The same rows and
the same spec give the same hash on every machine. Pure.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from sys import intern
from typing import Any, TypeVar

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
from waymark.overview.snapshot import AnsweredQuery, FrozenRows, ReviewRow

FIRST = "waymark-rows 1"
"""One JSON object of all rows, each with the names of its fields."""
FORMAT = "waymark-rows 2"
LEVEL = 1
"""Of compression: a higher one takes five times as long and saves a sixth."""
CHUNK = 1 << 20
"""Bytes that are compressed, or decompressed, at a time."""
Plain = list[Any]


@dataclass(frozen=True, slots=True)
class Packed:
    """Frozen rows as they are kept. sha256: of the lines before compression, in hex."""

    content: bytes
    sha256: str


def packed(rows: FrozenRows) -> Packed:
    """Frozen rows written down, in the newest format."""
    digest, pack = hashlib.sha256(), zlib.compressobj(LEVEL)

    def taken(lines: list[str]) -> bytes:
        written = "".join(lines).encode()
        digest.update(written)
        return pack.compress(written)

    # Hashing and compressing go on beside: both leave the interpreter to whoever writes the lines.
    with ThreadPoolExecutor(max_workers=1) as beside:
        made = [beside.submit(taken, lines) for lines in _batches(_written(rows))]
        content = b"".join(part.result() for part in made)
    return Packed(content + pack.flush(), digest.hexdigest())


def _batches(lines: Iterable[str]) -> Iterator[list[str]]:
    waiting: list[str] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size > CHUNK:
            yield waiting
            waiting, size = [], 0
    yield waiting


def digest_of(content: bytes) -> str:
    """SHA-256 of what was packed, before compression. Raises zlib.error for anything else."""
    digest = hashlib.sha256()
    for part in _unpacked(content):
        digest.update(part)
    return digest.hexdigest()


def unpacked(content: bytes) -> FrozenRows:
    """Frozen rows from what was packed, in any format. Raises RuleError for one that is not known.

    What earlier formats did not keep is empty.
    """
    lines = _lines(_unpacked(content))
    head = json.loads(next(lines))
    match head.get("format"):
        case str(one) if one == FORMAT:
            return _read(head, lines)
        case str(one) if one == FIRST:
            return _read_first(head)
    raise RuleError(f"these rows are not of the format {FORMAT}: freeze the overview again")


def _unpacked(content: bytes) -> Iterator[bytes]:
    unpack = zlib.decompressobj()
    for at in range(0, len(content), CHUNK):
        yield unpack.decompress(content[at : at + CHUNK])
    yield unpack.flush()


def _lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for part in parts:
        *whole, rest = (rest + part).split(b"\n")
        yield from whole
    if rest:
        yield rest


# ---- the newest format ----

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False).encode
Of = TypeVar("Of", ChildRow, JudgementRow, CodeRow, DoubleCoded, RecommendationRow)


def _written(rows: FrozenRows) -> Iterator[str]:
    """The head, then the reviews by reference."""
    answered = rows.answered
    head = {
        "format": FORMAT,
        "framework": rows.framework,
        "framework_sha256": rows.framework_sha256,
        "spec": rows.spec,
        "answered": answered and [answered.query, answered.meaning, answered.found],
    }
    yield _encode(head) + "\n"
    children, judgements = _by_review(rows.children), _by_review(rows.judgements)
    codes, twice = _by_review(rows.codes), _by_review(rows.double_coded)
    asked = _by_review(rows.recommendations)
    for one in rows.reviews:
        name = one.reference
        line = [
            [name, one.title, one.obtained, one.coded, one.excluded, one.summary_only],
            [(row.number, row.name) for row in children.get(name, ())],
            [row[1:] for row in judgements.get(name, ())],
            [row[1:] for row in codes.get(name, ())],
            [(sorted(row.first), sorted(row.second)) for row in twice.get(name, ())],
            [row[1:] for row in asked.get(name, ())],
        ]
        yield _encode(line) + "\n"


def _by_review(rows: Iterable[Of]) -> Mapping[str, list[Of]]:
    """Frozen rows are ordered by review."""
    return {review: list(of) for review, of in groupby(rows, key=attrgetter("review"))}


def _read(head: dict[str, Any], lines: Iterable[bytes]) -> FrozenRows:
    reviews: list[ReviewRow] = []
    children: list[ChildRow] = []
    judgements: list[JudgementRow] = []
    codes: list[CodeRow] = []
    twice: list[DoubleCoded] = []
    asked: list[RecommendationRow] = []
    for line in lines:
        review, *parts = json.loads(line)
        reviews.append(ReviewRow(*review))
        name = reviews[-1].reference
        children += [ChildRow(name, number, called) for number, called in parts[0]]
        judgements += [
            JudgementRow(name, child, intern(variable), intern(value), intern(basis), _places(said))
            for child, variable, value, basis, said in parts[1]
        ]
        codes += [
            CodeRow(name, intern(code), present, intern(basis), _places(said))
            for code, present, basis, said in parts[2]
        ]
        twice += [
            DoubleCoded(name, frozenset(first), frozenset(second)) for first, second in parts[3]
        ]
        asked += [
            RecommendationRow(
                review=name,
                number=number,
                category=category,
                audience=audience,
                smart=tuple(smart),
                status=status,
                impact=impact,
                overdue=overdue,
                places=_places(said),
            )
            for number, category, audience, smart, status, impact, overdue, said in parts[4]
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
        recommendations=tuple(asked),
        answered=_answered(head["answered"]),
    )


def _places(said: list[Plain]) -> tuple[Place, ...]:
    return tuple(
        [(intern(report), start, end, page, exact) for report, start, end, page, exact in said]
    )


def _answered(said: Plain | None) -> AnsweredQuery | None:
    return AnsweredQuery(said[0], said[1], tuple(said[2])) if said else None


# ---- the first format ----


def _read_first(plain: dict[str, Any]) -> FrozenRows:
    said = plain.get("answered")
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
        answered=_answered([said["query"], said["meaning"], said["found"]] if said else None),
    )


def _with_places(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"places": tuple(_first_place(**quote) for quote in row.pop("quotes"))}


def _first_place(key: str, report: str, page: int, exact: str) -> Place:
    _, span = parse_span_key(key)
    return report, span.start, span.end, page, exact
