"""Writing to the cluster: versions of rows, and a new index built while others write and search."""

import json
import random
import threading

import pytest
from opensearchpy import OpenSearch

from tests.cluster.collection import OPEN, PUBLIC, WELSH
from waymark.core.errors import RuleError, ServiceUnavailable
from waymark.core.executor import LocalExecutor
from waymark.library.indexing.index_fields import analysed_text
from waymark.library.search.opensearch import backend, writing
from waymark.library.search.opensearch.backend import OpenSearchIndex
from waymark.library.search.opensearch.level import OpenSearchLevel
from waymark.library.search.protocol import (
    IndexDocuments,
    IndexQuery,
    PassageDocument,
    RecordDocument,
)
from waymark.library.search.tree import WordNode

pytestmark = pytest.mark.cluster


def record(number: int, *texts: str, version: int = 1) -> IndexDocuments:
    """A record with a passage for each text; without any it is hidden from everybody."""
    words = tuple(map(analysed_text, texts))
    views = (RecordDocument(OPEN, (number,), words[0], words, {}, {}, 7),) if words else ()
    passages = tuple(
        PassageDocument(OPEN, number * 100 + place, text, False) for place, text in enumerate(words)
    )
    return IndexDocuments(number, views, passages, version)


def found(index, word: str) -> set[int]:
    query = IndexQuery(WordNode(word), PUBLIC, limit=100, counted=False)
    return {one.record for one in index.find(query).records}


def indexes_of(options) -> list[str]:
    """The names of the indexes of an installation, without the one that holds turns."""
    client = OpenSearch(list(options.hosts))
    names = client.indices.get_alias(index=f"{options.prefix}-*")
    client.close()
    return sorted(name for name in names if not name.endswith("-state"))


@pytest.fixture
def built(index):
    """An index of two records."""
    index.rebuild([[record(1, "heron"), record(2, "otter")]], total=2)
    return index


def test_an_older_version_never_replaces_a_newer_one(built):
    built.replace([record(1, "badger", version=3)])
    built.replace([record(1, "heron", "stoat", version=2)])
    assert found(built, "badger") == {1}
    assert found(built, "heron") == found(built, "stoat") == set()
    # The older version has a passage that no newer one had to delete.
    assert built.count_passages(PUBLIC, without=frozenset()) == 2
    assert list(built.faults()) == []


def test_a_record_that_is_hidden_stays_hidden_when_an_older_version_comes_late(built):
    built.replace([record(1, version=3)])
    built.replace([record(1, "heron", version=2)])
    assert found(built, "heron") == set()
    assert built.count_passages(PUBLIC, without=frozenset()) == 1


def test_who_repeats_a_version_after_a_crash_deletes_what_was_left(built, monkeypatch):
    """The writer dies between the head and the documents, when a record is hidden."""
    built.replace([record(1, "heron", "stoat", version=5)])
    bulk = writing._bulk

    def dies(cluster, alias, actions):
        if not alias.endswith("heads-write"):
            raise KeyboardInterrupt
        return bulk(cluster, alias, actions)

    with monkeypatch.context() as changed:
        changed.setattr(writing, "_bulk", dies)
        with pytest.raises(KeyboardInterrupt):
            built.replace([record(1, version=6)])
    assert found(built, "stoat") == {1}
    built.replace([record(1, version=6)])
    assert found(built, "heron") == found(built, "stoat") == set()
    assert built.count_passages(PUBLIC, without=frozenset()) == 1
    assert list(built.faults()) == []


def test_writers_at_the_same_time_leave_the_newest_version_of_each_record(built, options):
    """Four writers store versions 2 to 9 of eight records, each in an order of its own."""
    texts = {version: [f"word{version}"] * (version % 3) for version in range(2, 10)}
    faults: list[Exception] = []

    def write(seed: int) -> None:
        writer = OpenSearchIndex(options)
        versions = list(texts)
        random.Random(seed).shuffle(versions)  # noqa: S311
        try:
            for version in [*versions[: 4 + seed % 2], 9]:
                writer.replace(
                    record(number, *texts[version], version=version) for number in range(1, 9)
                )
        except Exception as error:  # noqa: BLE001
            faults.append(error)

    texts[9] = ["last", "otter"]
    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert faults == []
    assert found(built, "last") == set(range(1, 9))
    assert all(found(built, f"word{version}") == set() for version in range(2, 9))
    assert list(built.faults()) == []


def test_a_rebuild_keeps_what_is_written_while_it_runs(built, options):
    """Record 2 changes and record 3 is hidden after the rebuild began and before it reads them."""
    built.replace([record(3, "kestrel")])
    other = OpenSearchIndex(options)
    seen = []

    def documents():
        yield record(1, "heron")
        other.replace([record(2, "salmon", version=2), record(3, version=2)])
        # The old index answers, with what was just written.
        seen.append((found(other, "salmon"), found(other, "kestrel"), other.progress()))
        yield record(2, "otter")
        yield record(3, "kestrel")

    built.rebuild([documents()], total=3, replayed=lambda: [record(4, "plover")])
    ((changed, hidden, progress),) = seen
    assert (changed, hidden) == ({2}, set())
    assert (progress.total, built.progress()) == (3, None)
    # Record 4 was stored in the old index alone, just before the new one was there.
    assert [found(built, word) for word in ("heron", "salmon", "plover")] == [{1}, {2}, {4}]
    assert found(built, "otter") == found(built, "kestrel") == set()
    assert list(built.faults()) == []
    assert len(indexes_of(options)) == 5


def test_a_rebuild_that_is_cut_short_changes_nothing_and_the_next_one_tidies_up(built, options):
    def documents():
        yield record(1, "badger")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        built.rebuild([documents()], total=2)
    assert (found(built, "heron"), found(built, "badger")) == ({1}, set())
    assert len(indexes_of(options)) == 10
    # Until then, writers store in both.
    built.replace([record(2, "salmon", version=2)])
    assert found(built, "salmon") == {2}
    built.rebuild([[record(1, "badger")]], total=1)
    assert found(built, "badger") == {1}
    assert len(indexes_of(options)) == 5


def test_only_one_rebuild_runs_and_one_that_died_is_succeeded(built, options):
    client = OpenSearch(list(options.hosts))
    turn = {"generation": "0", "total": 1, "begun": 0, "beat": 4e9}
    client.index(index=f"{options.prefix}-state", id="rebuild", body=turn)
    with pytest.raises(RuleError, match="another process is building"):
        built.rebuild([[record(1, "badger")]], total=1)
    assert found(built, "heron") == {1}
    client.index(index=f"{options.prefix}-state", id="rebuild", body=turn | {"beat": 0})
    client.close()
    assert built.progress() is None
    built.rebuild([[record(1, "badger")]], total=1)
    assert found(built, "badger") == {1}


def test_a_rebuild_whose_turn_another_one_took_over_switches_nothing(built, options):
    client = OpenSearch(list(options.hosts))
    turn = {"generation": "another", "total": 1, "begun": 0, "beat": 0}

    def documents():
        yield record(1, "badger")
        client.index(index=f"{options.prefix}-state", id="rebuild", body=turn)

    with pytest.raises(RuleError, match="has taken over"):
        built.rebuild([documents()], total=1)
    assert (found(built, "heron"), found(built, "badger")) == ({1}, set())
    left = client.get(index=f"{options.prefix}-state", id="rebuild")["_source"]["generation"]
    client.delete(index=f"{options.prefix}-state", id="rebuild")
    client.close()
    assert left == "another"


def test_an_index_that_lacks_a_document_is_never_switched_to(built, options):
    """The document is deleted behind our back while the new index is built."""
    client = OpenSearch(list(options.hosts))

    def documents():
        yield record(1, "badger")
        yield record(2, "badger")

    def replayed():
        searched = client.indices.get_alias(name=f"{options.prefix}-staff_records")
        for name in indexes_of(options):
            if name.endswith("-staff_records") and name not in searched:
                client.delete(index=name, id="2.0")
        return []

    with pytest.raises(ServiceUnavailable, match="has 1 staff records instead of 2"):
        built.rebuild([documents()], total=2, replayed=replayed)
    client.close()
    assert (found(built, "heron"), found(built, "badger")) == ({1}, set())


def test_a_document_lost_from_the_cluster_is_a_fault(built, options):
    assert list(built.faults()) == []
    client = OpenSearch(list(options.hosts))
    client.delete(index=f"{options.prefix}-staff_passages", id="1.100")
    client.close()
    (fault,) = built.faults()
    assert fault.startswith("the search cluster has 1 staff passages instead of 2")


def test_an_index_of_another_version_is_not_ready(built, monkeypatch):
    assert built.ready()
    monkeypatch.setattr("waymark.library.search.opensearch.mapping.STAMP", "newer")
    assert not built.ready()


def test_several_parts_are_written_by_processes_at_once(index):
    parts = [[record(number, "heron") for number in range(start, start + 20)] for start in (1, 21)]
    index.rebuild(parts, executor=LocalExecutor(2), total=40)
    assert found(index, "heron") == set(range(1, 41))


def test_languages_are_asked_for_once_until_something_is_written(built, options, monkeypatch):
    """They were three of the ten requests of a search."""
    asked = []
    ask = OpenSearchLevel._ask

    def noted(level, body):
        asked.append(json.dumps(body))
        return ask(level, body)

    monkeypatch.setattr(OpenSearchLevel, "_ask", noted)
    query = IndexQuery(WordNode("heron"), PUBLIC)

    def search() -> int:
        asked.clear()
        records = [match.record for match in built.find(query).records]
        assert built.best_passages(query, records=records, limit=3).keys() == {1}
        return sum('"language"' in body for body in asked)

    assert [search(), search()] == [1, 0]
    assert len(asked) <= 7
    assert built.languages(PUBLIC) == ("en",)
    built.replace([record(3, WELSH)])
    assert built.languages(PUBLIC) == ("en", "cy")
    # Another process learns of it some seconds later.
    other = OpenSearchIndex(options)
    assert other.languages(PUBLIC) == ("en", "cy")
    built.replace([record(3, version=2)])
    assert other.languages(PUBLIC) == ("en", "cy")
    monkeypatch.setattr(backend, "LANGUAGES_SECONDS", 0)
    assert other.languages(PUBLIC) == ("en",)
