"""Both engines find the same: the same records, counts, facets and passages, in the same order.

Scores are sums of numbers with seven digits. Engines add them in different orders, so two records
whose scores differ in the sixth digit may come in either order: such a tie is the one difference.
Words near each other are the other one: OpenSearch counts those that are nearer for more.
"""

import random
from dataclasses import replace

import pytest

from tests.cluster.collection import (
    LATER,
    PUBLIC,
    STAFF,
    WORDS,
    demo_documents,
    random_tree,
)
from tests.library.quality.measure import judged_queries
from waymark.library.search.known_items import known_item_of
from waymark.library.search.parser import parse_query
from waymark.library.search.protocol import IndexQuery
from waymark.library.search.tantivy.backend import TantivyIndex
from waymark.library.search.tree import AndNode, ExpandedNode, WordNode

pytestmark = pytest.mark.cluster
TIE = 1e-5
"""Largest difference of two scores, as a part of them, that counts as none."""
EVERYTHING = 1_000


@pytest.fixture(scope="module")
def embedded(tmp_path_factory) -> TantivyIndex:
    index = TantivyIndex(tmp_path_factory.mktemp("tantivy"))
    index.rebuild([demo_documents()])
    return index


@pytest.fixture(scope="module")
def cluster(index):
    index.rebuild([demo_documents()], total=132)
    return index


def assert_same_order(ours, theirs) -> None:
    """The same records with the same scores, in the same order except for ties."""
    assert {one.record for one in ours} == {one.record for one in theirs}
    scores = {one.record: one.score for one in ours}
    for one, other in zip(ours, theirs, strict=True):
        assert one.score == pytest.approx(other.score, rel=TIE)
        assert scores[other.record] == pytest.approx(one.score, rel=TIE)
    reports = {one.record: one.reports for one in ours}
    assert reports == {one.record: one.reports for one in theirs}


def assert_same(embedded, cluster, query: IndexQuery, *, passages: bool = True) -> int:
    ours, theirs = embedded.find(query), cluster.find(query)
    assert (ours.total, ours.passages_total) == (theirs.total, theirs.passages_total), query.tree
    assert ours.facets == theirs.facets, query.tree
    assert_same_order(ours.records, theirs.records)
    if passages:
        records = [one.record for one in ours.records[:10]]
        best = embedded.best_passages(query, records=records, limit=3)
        other = cluster.best_passages(query, records=records, limit=3)
        assert {k: v.total for k, v in best.items()} == {k: v.total for k, v in other.items()}
    return ours.total


def check_trees(embedded, cluster, seeds: range) -> None:
    matching = 0
    for seed in seeds:
        draw = random.Random(seed)  # noqa: S311
        audience = draw.choice((PUBLIC, STAFF, LATER))
        query = IndexQuery(random_tree(draw), audience, limit=EVERYTHING)
        query = replace(query, without=frozenset(draw.sample(range(1, 130), 2)))
        if seed % 3 == 0:
            query = replace(query, selections={"collection": ("reviews",), "year": ("2004",)})
        matching += assert_same(embedded, cluster, query, passages=seed % 4 == 0) > 0
    # Trees that match nothing compare nothing.
    assert matching > len(seeds) / 3


def test_random_trees_give_the_same_answers(embedded, cluster):
    check_trees(embedded, cluster, range(30))


@pytest.mark.soak
def test_five_hundred_random_trees_give_the_same_answers(embedded, cluster):
    check_trees(embedded, cluster, range(500))


def test_judged_queries_give_the_same_answers(embedded, cluster):
    texts = [one.ask for group in ("queries", "known") for one in judged_queries(group)][::4]
    for text in texts:
        tree = parse_query(text).tree
        known = known_item_of(text, is_name=False)
        query = IndexQuery(tree, PUBLIC, known=known, limit=EVERYTHING, counted=False)
        assert_same_order(embedded.find(query).records, cluster.find(query).records)


@pytest.mark.parametrize("sort", ["newest", "oldest", "title", "added"])
def test_every_order_is_the_same(embedded, cluster, sort):
    query = IndexQuery(WordNode("child"), STAFF, sort=sort, limit=EVERYTHING, counted=False)
    ours, theirs = embedded.find(query).records, cluster.find(query).records
    assert [one.record for one in ours] == [one.record for one in theirs]
    assert len(ours) > 20


def test_pages_follow_each_other_without_gap_or_repetition(cluster):
    query = IndexQuery(WordNode("child"), STAFF, limit=EVERYTHING, counted=False)
    whole = [one.record for one in cluster.find(query).records]
    pages = [
        one.record
        for offset in range(0, len(whole), 7)
        for one in cluster.find(replace(query, limit=7, offset=offset)).records
    ]
    assert pages == whole


def test_words_near_each_other_are_found_in_the_same_records(embedded, cluster):
    for words in ("mother-baby", "health-visitor", "school-police"):
        for apart in (1, 3):
            query = IndexQuery(WordNode(words, apart=apart), STAFF, limit=EVERYTHING)
            ours, theirs = embedded.find(query), cluster.find(query)
            assert {one.record for one in ours.records} == {one.record for one in theirs.records}


def test_passages_are_the_same_and_in_the_same_order(embedded, cluster):
    trees = [
        WordNode("neglect"),
        AndNode((WordNode("mother"), WordNode("school"))),
        ExpandedNode(WordNode("baby"), (WordNode("infant"), WordNode("young-child"))),
    ]
    for tree in trees:
        query = IndexQuery(tree, PUBLIC, limit=20)
        assert embedded.find_passages(query) == cluster.find_passages(query)
        records = [one.record for one in embedded.find(query).records]
        assert embedded.best_passages(query, records=records, limit=3) == cluster.best_passages(
            query, records=records, limit=3
        )


def test_what_only_staff_may_see_is_found_by_staff_alone(embedded, cluster):
    for audience in (PUBLIC, LATER, STAFF):
        every = IndexQuery(None, audience, sort="newest", limit=EVERYTHING)
        assert_same(embedded, cluster, every, passages=False)
        without = frozenset({1})
        count = embedded.count_passages(audience, without=without)
        assert cluster.count_passages(audience, without=without) == count > 0
        assert embedded.languages(audience) == cluster.languages(audience) == ("en", "cy")
        everybody = range(1, 140)
        ours = embedded.indexed(everybody, audience)
        assert {one.record for one in ours} == {
            one.record for one in cluster.indexed(everybody, audience)
        }
        for word in (*WORDS, "negelct", "methadon", "skool"):
            assert embedded.similar_words(word, audience) == cluster.similar_words(word, audience)
