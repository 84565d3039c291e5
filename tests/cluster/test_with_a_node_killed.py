"""A node is killed while others write and search, and comes back. The tests belong together."""

import threading
from collections.abc import Callable
from functools import partial

import pytest
from opensearchpy import OpenSearch

from tests.cluster.collection import PUBLIC
from tests.cluster.test_writers import found, record
from waymark.core.errors import ServiceUnavailable
from waymark.library.search.opensearch.backend import OpenSearchIndex
from waymark.library.search.protocol import IndexQuery

pytestmark = pytest.mark.cluster
NUMBERS = range(1, 21)
HIDDEN = range(21, 26)
WITHDRAWN = range(1, 6)
LATEST = 1_000_000
"""A version after all that the writers store."""
PARTS = ("staff_records", "public_records", "staff_passages", "public_passages", "heads")
ALL = IndexQuery(None, PUBLIC, sort="newest", limit=100, counted=False)


class Work:
    """Two writers that store records over and over, and a reader, until it is stopped."""

    def __init__(self, options) -> None:
        self.options = options
        self.stopped = threading.Event()
        self.stored = dict.fromkeys(NUMBERS, 1)
        self.shown: list[set[int]] = []
        self.refused: list[str] = []
        self.threads = [
            threading.Thread(target=self.write, args=(NUMBERS[:10],)),
            threading.Thread(target=self.write, args=(NUMBERS[10:],)),
            threading.Thread(target=self.read),
        ]

    def write(self, mine: range) -> None:
        writer, version = OpenSearchIndex(self.options), 1
        while not self.stopped.is_set():
            version += 1
            for number in mine:
                self.unless_refused(partial(self.store, writer, number, version))

    def store(self, writer: OpenSearchIndex, number: int, version: int) -> None:
        writer.replace([record(number, "heron", f"word{version}", version=version)])
        self.stored[number] = version

    def read(self) -> None:
        reader = OpenSearchIndex(self.options)
        while not self.stopped.is_set():
            self.unless_refused(lambda: self.shown.append(records_in(reader)))

    def unless_refused(self, act: Callable[[], None]) -> None:
        """The next round repeats it, as a job would."""
        try:
            act()
        except ServiceUnavailable as error:
            self.refused.append(str(error))

    def until(self, reached: Callable[[], bool]) -> None:
        while not reached():
            assert all(thread.is_alive() for thread in self.threads)
            self.stopped.wait(0.05)

    def stop(self) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join()


def records_in(index: OpenSearchIndex) -> set[int]:
    return {one.record for one in index.find(ALL).records}


def test_nothing_is_lost_and_nothing_hidden_is_shown(nodes, options, index):
    """Of 25 records five are hidden before a node is killed; the others change all the time."""
    index.rebuild([[record(number, "heron") for number in [*NUMBERS, *HIDDEN]]], total=25)
    index.replace(record(number, version=2) for number in HIDDEN)
    work = Work(options)
    for thread in work.threads:
        thread.start()
    try:
        work.until(lambda: len(work.shown) >= 3 and min(work.stored.values()) >= 2)
        nodes.kill("n2")
        # Old versions of hidden records come late, from a writer that knew nothing.
        work.unless_refused(lambda: index.replace(record(number, "heron") for number in HIDDEN))
        before = dict(work.stored)
        work.until(lambda: all(work.stored[number] > before[number] for number in NUMBERS))
    finally:
        work.stop()
    assert found(index, "heron") == set(NUMBERS)
    for number, version in work.stored.items():
        assert number in found(index, f"word{version}")
    assert list(index.faults()) == []
    # Between two refreshes a record may be lacking that is replaced; never is another one shown.
    assert all(seen <= set(NUMBERS) for seen in work.shown)
    assert all(message.startswith("the search cluster") for message in work.refused)


def numbers_on(host: str, options, part: str) -> list[int]:
    """The numbers of the documents in a node's own copies of an index."""
    client = OpenSearch([host])
    answer = client.search(
        index=f"{options.prefix}-{part}",
        body={"size": 1_000, "sort": ["number"], "docvalue_fields": ["number"]},
        params={"preference": "_only_local"},
    )
    client.close()
    return [row["fields"]["number"][0] for row in answer["hits"]["hits"]]


def test_a_node_that_comes_back_has_what_the_others_have_and_nothing_withdrawn(
    nodes, options, index
):
    """Its copies still have five records that were withdrawn while it was away."""
    assert "n2" not in nodes.processes
    index.replace(record(number, version=LATEST) for number in WITHDRAWN)
    index.replace([record(6, "heron", "kestrel", version=LATEST)])
    nodes.start("n2")
    left = [number for number in NUMBERS if number not in WITHDRAWN]
    # From its first answers on, while its copies are brought up to date.
    nodes.wait_for_nodes(2)
    assert found(index, "heron") == set(left)
    nodes.wait_for_nodes(2, "green")
    assert list(index.faults()) == []
    passages = sorted([*(number * 100 for number in left), *(n * 100 + 1 for n in left)])
    expected = {
        **{part: passages for part in PARTS if part.endswith("passages")},
        **{part: left for part in PARTS if part.endswith("records")},
        "heads": sorted([*NUMBERS, *HIDDEN]),
    }
    for host in nodes.hosts:
        assert {part: numbers_on(host, options, part) for part in PARTS} == expected, host
    # An old version that comes late is refused by the copies of both nodes.
    index.replace(record(number, "heron") for number in WITHDRAWN)
    for host in nodes.hosts:
        assert numbers_on(host, options, "public_records") == left
