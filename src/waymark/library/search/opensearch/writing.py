"""Write the documents of records to indexes of a cluster, by any number of writers at once.

Each record has a *head* with the version of its row that is indexed and the ids of its documents.
Example: writer A read record 7 at version 5, with passages p1 to p4, and writer B at version 6,
when the passages p3 and p4 were withdrawn. They write in any order:

    1. the head, by compare and swap: it never goes back to an older version, and whoever replaces
       it has read the ids that its predecessor had or was going to write. It keeps those that are
       to be deleted: whoever repeats this version after a crash deletes them too
    2. the documents p1, p2 with version 6, and the deletion of p3, p4 with version 6
    3. the head once more, without the ids p3, p4

If A comes to step 2 late, the cluster refuses its p3 and p4, because version 6 deleted them; a
deletion is remembered for an hour (mapping.py). If A comes to step 1 late, it leaves the record to
B. If a writer dies, the record is not marked as indexed, and is written again by the next one.
"""

import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from waymark.core.errors import ServiceUnavailable
from waymark.library.search.index_values import (
    EXACT,
    PUBLIC,
    STAFF,
    passage_values,
    record_values,
)
from waymark.library.search.opensearch.cluster import Cluster, IndexMissing
from waymark.library.search.opensearch.mapping import (
    BEGINNINGS,
    HEADS,
    MARK,
    PARTS,
    Generation,
)
from waymark.library.search.protocol import DocumentVisibility, IndexDocuments

Json = dict[str, Any]
WORDS_AT_ONCE = 2_000_000
"""Characters of analysed text in one request, about a fifth of its size."""
RECORDS_AT_ONCE = 100
DELETED_AT_ONCE = 5_000
TRIES, PAUSE = 6, 0.5
"""Times that a busy cluster is asked, and seconds before the second time; then twice as long."""
BUSY = (429, 502, 503, 504)
CONFLICT, MISSING = 409, 404


def mark_of(document: str) -> int:
    """A number from 0 to 2**24 - 1 made of an id.

    Sums of them compare two sets of ids. The cluster adds in floating point, exactly up to 2**53:
    enough for 500 million documents.
    """
    return zlib.crc32(document.encode()) & 0xFFFFFF


@dataclass(frozen=True)
class _Written:
    """The documents of one record, by index and id."""

    record: int
    version: int
    documents: Mapping[str, Mapping[str, Json]]

    def head(self, former: Mapping[str, Sequence[str]]) -> Json:
        """The head. former: ids by index that it keeps until they are deleted."""
        ids = {part: list(documents) for part, documents in self.documents.items()}
        return {
            "number": self.record,
            MARK: mark_of(str(self.record)),
            "version": self.version,
            "ids": {
                part: list(dict.fromkeys([*listed, *former.get(part, ())]))
                for part, listed in ids.items()
            },
            **{part: len(listed) for part, listed in ids.items()},
            **{f"{part}_mark": sum(map(mark_of, listed)) for part, listed in ids.items()},
        }


def write_documents(
    cluster: Cluster, generations: Sequence[Generation], documents: Iterable[IndexDocuments]
) -> None:
    """Replace what is indexed of these records, unless a newer version of their rows is.

    Raises ServiceUnavailable; IndexMissing if a generation was deleted meanwhile.
    """
    written = [_written(record) for record in documents]
    for generation in generations:
        _write(cluster, generation, written)


def batches_of(documents: Iterable[IndexDocuments]) -> Iterator[list[IndexDocuments]]:
    """The documents in batches for one request each, as far as records are that small."""
    batch: list[IndexDocuments] = []
    size = 0
    for record in documents:
        batch.append(record)
        size += sum(len(passage.words.terms) for passage in record.passages)
        size += sum(len(text.terms) for view in record.records for text in view.texts)
        if size >= WORDS_AT_ONCE or len(batch) == RECORDS_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def refresh(cluster: Cluster, generation: Generation) -> None:
    """Let searches see what was written."""
    with cluster.asked() as client:
        client.indices.refresh(index=f"{generation.prefix}-{generation.name}-*")


def _written(record: IndexDocuments) -> _Written:
    # Of the record too: a passage whose report moves to another review is two documents.
    parts: dict[str, dict[str, Json]] = {part: {} for part in PARTS}
    for passage in record.passages:
        document = f"{record.record}.{passage.passage}"
        values = passage_values(record, passage)
        _add_document(parts, "passages", passage.visibility, document, values)
    for number, view in enumerate(record.records):
        document = f"{record.record}.{number}"
        _add_document(parts, "records", view.visibility, document, record_values(record, view))
    return _Written(record.record, record.version, parts)


def _add_document(
    parts: Mapping[str, dict[str, Json]],
    level: str,
    seen: DocumentVisibility,
    document: str,
    values: Json,
) -> None:
    """Add a document to the indexes of the audiences that may ever see it."""
    words = {word for text in values[EXACT] for word in text.split(" ") if word}
    values |= {BEGINNINGS: sorted(words), MARK: mark_of(document)}
    if seen.staff:
        parts[f"{STAFF}_{level}"][document] = values
    if seen.public:
        parts[f"{PUBLIC}_{level}"][document] = values


def _write(cluster: Cluster, generation: Generation, records: Sequence[_Written]) -> None:
    ours = _write_heads(cluster, generation, records)
    # Passages first: a record is never found without its passages.
    for level in PARTS:
        actions: list[list[Json]] = []
        for record in records:
            if record.record not in ours:
                continue
            versioned = {"version": record.version, "version_type": "external_gte"}
            there = record.documents[level]
            actions += [
                [{"index": {"_id": document, **versioned}}, values]
                for document, values in there.items()
            ]
            former = ours[record.record].get(level, [])
            actions += [
                [{"delete": {"_id": document, **versioned}}]
                for document in former
                if document not in there
            ]
        for status in _bulk(cluster, generation.writing(level), actions):
            if status not in (200, 201, CONFLICT, MISSING):
                raise ServiceUnavailable(f"the search cluster did not store a document: {status}")
    _forget_deleted(cluster, generation, [row for row in records if row.record in ours], ours)


def _forget_deleted(
    cluster: Cluster,
    generation: Generation,
    records: Sequence[_Written],
    formers: Mapping[int, Mapping[str, Sequence[str]]],
) -> None:
    """Write heads without the ids that were deleted; whoever has replaced one does it for us."""
    changed = [
        row
        for row in records
        if any(set(ids) - row.documents[part].keys() for part, ids in formers[row.record].items())
    ]
    if not changed:
        return
    heads = _read_heads(cluster, generation, [row.record for row in changed])
    actions = [
        [{"index": {"_id": str(row.record), **heads[row.record]["swap"]}}, row.head({})]
        for row in changed
        if heads[row.record].get("version") == row.version
    ]
    _bulk(cluster, generation.writing(HEADS), actions)


def _write_heads(
    cluster: Cluster, generation: Generation, records: Sequence[_Written]
) -> dict[int, dict[str, list[str]]]:
    """Write the heads; record -> the ids that its former head had, of those that are ours."""
    ours: dict[int, dict[str, list[str]]] = {}
    left = list(records)
    while left:
        formers = _read_heads(cluster, generation, [record.record for record in left])
        left = [
            record for record in left if formers[record.record].get("version", 0) <= record.version
        ]
        actions = [
            [
                {"index": {"_id": str(row.record), **formers[row.record]["swap"]}},
                row.head(formers[row.record].get("ids", {})),
            ]
            for row in left
        ]
        again = []
        statuses = _bulk(cluster, generation.writing(HEADS), actions)
        for record, status in zip(left, statuses, strict=True):
            if status == CONFLICT:
                again.append(record)
            elif status in (200, 201):
                ours[record.record] = formers[record.record].get("ids", {})
            else:
                raise ServiceUnavailable(f"the search cluster did not store a head: {status}")
        left = again
    return ours


def _read_heads(
    cluster: Cluster, generation: Generation, records: Sequence[int]
) -> dict[int, Json]:
    """Record -> its head, with the condition of replacing it as "swap". Not as of the refresh."""
    with cluster.asked() as client:
        answer = client.mget(index=generation.index(HEADS), body={"ids": list(map(str, records))})
    heads: dict[int, Json] = {}
    for row in answer["docs"]:
        if row.get("found"):
            swap = {"if_seq_no": row["_seq_no"], "if_primary_term": row["_primary_term"]}
            heads[int(row["_id"])] = {**row["_source"], "swap": swap}
        elif "error" in row:
            raise IndexMissing(f"the search cluster lacks an index: {row['_index']}")
        else:
            heads[int(row["_id"])] = {"swap": {"op_type": "create"}}
    return heads


def _bulk(cluster: Cluster, alias: str, actions: Sequence[Sequence[Json]]) -> list[int]:
    """Carry out actions on an index; the status of each. Those refused as busy are repeated."""
    statuses = [0] * len(actions)
    for start in range(0, len(actions), DELETED_AT_ONCE):
        left = list(range(start, min(start + DELETED_AT_ONCE, len(actions))))
        for attempt in range(TRIES):
            rows = [line for number in left for line in actions[number]]
            with cluster.asked() as client:
                answer = client.bulk(body=rows, index=alias, params={"require_alias": "true"})
            busy = []
            for number, item in zip(left, answer["items"], strict=True):
                (result,) = item.values()
                statuses[number] = result["status"]
                if (result.get("error") or {}).get("type") == "index_not_found_exception":
                    raise IndexMissing(f"the search cluster lacks an index: {alias}")
                if result["status"] in BUSY:
                    busy.append(number)
                elif result["status"] >= 400 and "error" in result:
                    _require_conflict(result)
            left = busy
            if not left:
                break
            time.sleep(PAUSE * 2**attempt)
    return statuses


def _require_conflict(result: Mapping[str, Any]) -> None:
    """Raise ServiceUnavailable for an error that is not a newer version."""
    if result["status"] != CONFLICT:
        error = result["error"]
        raise ServiceUnavailable(
            f"the search cluster refuses a document: {error.get('type')}: "
            f"{str(error.get('reason'))[:200]}"
        )
