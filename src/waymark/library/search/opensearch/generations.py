"""Generations of the index in a cluster: which one is searched, and building another one.

A rebuild, while others go on writing and searching:

    1. take the turn: a document that one rebuild at a time may make, and that it keeps fresh
    2. make the indexes of a new generation. From now on every writer writes to both
    3. write the documents of all records; what a writer stored meanwhile is newer and stays
    4. replay: write the records whose rows changed since their numbers were read. They are those
       that a writer stored in the old generation just before step 2
    5. compare numbers of documents, and sums made of their ids, with the heads; and heads with the
       records that were written
    6. move the aliases of searches in one step, and delete the old generation

If it dies before step 6, the old generation stays in use, and the next rebuild deletes the new one.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from waymark.core.errors import RuleError, ServiceUnavailable
from waymark.core.executor import Executor, all_results
from waymark.library.search.opensearch.cluster import Cluster, IndexMissing
from waymark.library.search.opensearch.mapping import (
    HEADS,
    LEVELS,
    MARK,
    PARTS,
    Generation,
    generation_of,
    index_body,
    new_generation,
)
from waymark.library.search.opensearch.writing import (
    batches_of,
    mark_of,
    refresh,
    write_documents,
)
from waymark.library.search.protocol import IndexDocuments, RebuildProgress

TURN = "rebuild"
LOST = "each worker that wrote a part of the search index ended: run waymark index rebuild again"
ABANDONED = 600.0
"""Seconds without a sign of life after which the turn of a rebuild is over."""
HEALTH_SECONDS = 30
"""So long the cluster itself waits before it says how its indexes are."""
RECORDS_COMPARED = 10_000
READY_SECONDS = 3
"""Longest wait for whether there is an index: many pages ask, and go on without it."""
TRIES = 5
Replay = Callable[[], Iterable[IndexDocuments]]


class ClusterGenerations:
    """The generations in one cluster under one prefix."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.prefix = cluster.options.prefix
        self._searched = f"{self.prefix}-{PARTS[0]}"
        """One of the aliases by which the generation in use is known: they move together."""

    def current(self) -> Generation | None:
        """The generation that is searched; None if there is none, or only of another version."""
        found = self._with_alias(self._searched, request_timeout=READY_SECONDS)
        return found[0] if found and found[0].is_current else None

    def replace(self, documents: Iterable[IndexDocuments]) -> None:
        """Replace the documents of these records in each generation that is written to."""
        touched: set[Generation] = set()
        for batch in batches_of(documents):
            touched.update(self._write(batch))
        for generation in touched:
            try:
                refresh(self.cluster, generation)
            except IndexMissing:  # a rebuild has deleted it: the other one has the documents
                continue

    def _write(self, batch: Sequence[IndexDocuments]) -> list[Generation]:
        for _ in range(TRIES):
            generations = self._with_alias(f"{self.prefix}-writing")
            if not generations:
                break
            try:
                write_documents(self.cluster, generations, batch)
            except IndexMissing:  # deleted by a rebuild, which ended or begins
                continue
            return generations
        raise RuleError("there is no search index to update: run waymark index rebuild")

    def rebuild(
        self,
        parts: Sequence[Iterable[IndexDocuments]],
        *,
        executor: Executor,
        total: int,
        replayed: Replay | None,
    ) -> None:
        """Write a new generation with these documents and switch to it."""
        with self._turn(total) as generation:
            self._delete_unused()
            self._make(generation)
            write = partial(_write_part, self.cluster, generation)
            numbers: set[int] = set()
            for written in all_results(executor, write, parts, LOST):
                numbers.update(written)
            if replayed is not None:
                numbers.update(_write_part(self.cluster, generation, replayed()))
            self._wait_for_copies(generation)
            for fault in self.faults(generation, frozenset(numbers)):
                raise ServiceUnavailable(f"{fault}: run waymark index rebuild again")
            self._switch(generation)
            self._delete_unused()

    def faults(
        self, generation: Generation, numbers: frozenset[int] | None = None
    ) -> Iterator[str]:
        """Differences between the documents of a generation and its heads.

        numbers: of records that must have a head; None not to compare them.
        """
        refresh(self.cluster, generation)
        for part in PARTS:
            expected = self._sums(generation.index(HEADS), part, f"{part}_mark")
            there = self._totals(generation.index(part), None)
            if expected != there:
                yield (
                    f"the search cluster has {there[0]} {part.replace('_', ' ')} "
                    f"instead of {expected[0]}, or others than were written"
                )
        listed = sorted(numbers or ())
        for start in range(0, len(listed), RECORDS_COMPARED):
            some = listed[start : start + RECORDS_COMPARED]
            there = self._totals(generation.index(HEADS), some)
            if there != (len(some), sum(mark_of(str(number)) for number in some)):
                yield f"the search cluster has {there[0]} of {len(some)} records"

    def progress(self) -> RebuildProgress | None:
        """How far a rebuild is that is running anywhere; None if there is none."""
        turn = self._read_turn()
        if turn is None or time.time() - turn["beat"] > ABANDONED:
            return None
        heads = Generation(self.prefix, turn["generation"]).index(HEADS)
        try:
            done = self._totals(heads, None)[0]
        except IndexMissing:
            done = 0
        return RebuildProgress(done, turn["total"], time.time() - turn["begun"])

    # ---- the turn ----

    @contextmanager
    def _turn(self, total: int) -> Iterator[Generation]:
        """Hold the turn of a rebuild. Raises RuleError while another one has it."""
        former = self._read_turn()
        if former is not None and time.time() - former["beat"] < ABANDONED:
            raise RuleError("another process is building the search index: try again later")
        generation = new_generation(self.prefix)
        now = time.time()
        turn = {"generation": generation.name, "total": total, "begun": now, "beat": now}
        self._make_state()
        if former is not None:
            swap = {"if_seq_no": former["_seq_no"], "if_primary_term": former["_primary_term"]}
        else:
            swap = {"op_type": "create"}
        try:
            with self.cluster.asked() as client:
                client.index(index=self._state, id=TURN, body=turn, params=swap)
        except ServiceUnavailable as error:
            if getattr(error.__cause__, "status_code", None) == 409:
                message = "another process is building the search index: try again later"
                raise RuleError(message) from None
            raise
        try:
            yield generation
        finally:
            self._end_turn(generation)

    def _end_turn(self, generation: Generation) -> None:
        """Give up the turn, unless another process has taken it over."""
        turn = self._read_turn()
        if turn is not None and turn["generation"] == generation.name:
            swap = {"if_seq_no": turn["_seq_no"], "if_primary_term": turn["_primary_term"]}
            with self.cluster.asked() as client:
                client.delete(index=self._state, id=TURN, params=swap)

    @property
    def _state(self) -> str:
        return f"{self.prefix}-state"

    def _make_state(self) -> None:
        body = {
            "settings": {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}},
            "mappings": {"dynamic": False},
        }
        with self.cluster.asked() as client:
            client.indices.create(index=self._state, body=body, params={"ignore": 400})

    def _read_turn(self) -> dict[str, Any] | None:
        with self.cluster.asked() as client:
            row = client.get(index=self._state, id=TURN, params={"ignore": 404})
        if not row.get("found"):
            return None
        numbers = {name: row[name] for name in ("_seq_no", "_primary_term")}
        return {**row["_source"], **numbers}

    # ---- indexes ----

    def _with_alias(self, alias: str, **params: Any) -> list[Generation]:
        with self.cluster.asked() as client:
            found = client.indices.get_alias(name=alias, params={"ignore": 404, **params})
        # Without the alias the answer is an error, which names no generation.
        named = (generation_of(self.prefix, index) for index in found)
        return [generation for generation in named if generation is not None]

    def _make(self, generation: Generation) -> None:
        for level in LEVELS:  # the heads last: their alias tells writers of all
            body = index_body(generation, level, self.cluster.options)
            with self.cluster.asked() as client:
                client.indices.create(index=generation.index(level), body=body)

    def _wait_for_copies(self, generation: Generation) -> None:
        """Wait until no copy of a shard is being made: a node that fails then loses nothing."""
        refresh(self.cluster, generation)
        params = {
            "wait_for_no_initializing_shards": "true",
            "wait_for_status": "yellow",
            "request_timeout": HEALTH_SECONDS * 2,
            # The answer of a cluster that is not so far after HEALTH_SECONDS.
            "ignore": 408,
        }
        indexes = ",".join(generation.index(level) for level in LEVELS)
        for _ in range(TRIES):
            with self.cluster.asked() as client:
                if not client.cluster.health(index=indexes, params=params)["timed_out"]:
                    return
            _give_sign_of_life(self.cluster)
        raise ServiceUnavailable(
            "the search cluster does not copy the new index to its nodes: check their disks"
        )

    def _switch(self, generation: Generation) -> None:
        """Let searches use a generation, and no writer write to another one: in one step."""
        turn = self._read_turn()
        if turn is None or turn["generation"] != generation.name:
            raise RuleError("another process has taken over building the search index")
        actions: list[dict[str, Any]] = []
        for level in LEVELS:
            alias = f"{self.prefix}-{level}"
            actions += [
                {"remove": {"index": former.index(level), "alias": alias}}
                for former in self._with_alias(alias)
            ]
            actions.append({"add": {"index": generation.index(level), "alias": alias}})
        actions += [
            {"remove": {"index": other.index(HEADS), "alias": f"{self.prefix}-writing"}}
            for other in self._with_alias(f"{self.prefix}-writing")
            if other != generation
        ]
        with self.cluster.asked() as client:
            client.indices.update_aliases(body={"actions": actions})

    def _delete_unused(self) -> None:
        """Delete the indexes of generations that are not searched."""
        used = self._with_alias(self._searched)
        with self.cluster.asked() as client:
            names = list(client.indices.get_alias(index=f"{self.prefix}-*"))
        unused = [
            name
            for name in names
            if (found := generation_of(self.prefix, name)) is not None and found not in used
        ]
        if unused:
            with self.cluster.asked() as client:
                client.indices.delete(index=",".join(unused), params={"ignore_unavailable": "true"})

    # ---- sums ----

    def _totals(self, index: str, records: Sequence[int] | None) -> tuple[int, int]:
        """The number of documents, and the sum of their marks. records: heads of these only."""
        query = {"match_all": {}} if records is None else {"terms": {"number": list(records)}}
        answer = self._aggregated(index, query, {"marks": {"sum": {"field": MARK}}})
        return answer["hits"]["total"]["value"], int(answer["aggregations"]["marks"]["value"])

    def _sums(self, index: str, *fields: str) -> tuple[int, ...]:
        sums = {field: {"sum": {"field": field}} for field in fields}
        answer = self._aggregated(index, {"match_all": {}}, sums)
        return tuple(int(answer["aggregations"][field]["value"]) for field in fields)

    def _aggregated(self, index: str, query: Any, sums: dict[str, Any]) -> dict[str, Any]:
        body = {"query": query, "size": 0, "track_total_hits": True, "aggs": sums}
        params = {"allow_partial_search_results": "false"}
        with self.cluster.asked() as client:
            answer: dict[str, Any] = client.search(index=index, body=body, params=params)
        return answer


def _give_sign_of_life(cluster: Cluster) -> None:
    """Write the time by which others know that this rebuild goes on."""
    with cluster.asked() as client:
        client.update(
            index=f"{cluster.options.prefix}-state",
            id=TURN,
            body={"doc": {"beat": time.time()}},
            params={"retry_on_conflict": 5},
        )


def _write_part(
    cluster: Cluster, generation: Generation, documents: Iterable[IndexDocuments]
) -> list[int]:
    """Write a part of a new generation; return the numbers of its records."""
    numbers: list[int] = []
    for batch in batches_of(documents):
        write_documents(cluster, [generation], batch)
        numbers += [record.record for record in batch]
        _give_sign_of_life(cluster)
    return numbers
