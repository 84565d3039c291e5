"""The parts of search by meaning, without its model: pieces of words, vectors, fusion, the gate."""

import os
from pathlib import Path

import numpy as np
import pytest

from waymark.core.errors import RuleError
from waymark.library.meaning.embedder import DIMENSIONS, Embedder
from waymark.library.meaning.fusion import fused
from waymark.library.meaning.gate import chance_of, gate_result, ndcg
from waymark.library.meaning.scan import CANDIDATES
from waymark.library.meaning.vectors import COLUMNS, VectorFiles, VectorRow
from waymark.library.meaning.wordpiece import piece_numbers, vocabulary
from waymark.library.search.parser import parse_query
from waymark.library.search.questions import is_question

# ---- pieces of words ----


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        # As the package tokenizers 0.23 gives them for the same model.
        ("Safeguarding", [101, 28805, 2075, 102]),
        (
            "Nobody asked the baby's father, at home.",
            [101, 6343, 2356, 1996, 3336, 1005, 1055, 2269, 1010, 2012, 2188, 1012, 102],
        ),
        (
            "Pháiste: £40 \u2013 co-sleeping",
            [101, 6887, 15593, 2618, 1024, 1069, 12740, 1516, 2522, 1011, 5777, 102],
        ),
        ("the child\u2019s 漢字 \u200dx", [101, 1996, 2775, 1521, 1055, 1904, 100, 1060, 102]),
        ("", [101, 102]),
        ("x" * 101, [101, 100, 102]),
    ],
)
def test_a_text_is_divided_as_the_model_learned_it(text, numbers):
    assert piece_numbers(text, 256) == numbers


def test_a_long_text_is_cut_before_its_end_mark():
    numbers = piece_numbers("baby " * 50, 10)
    assert numbers == [101, *[vocabulary()["baby"]] * 8, 102]


def test_the_vocabulary_is_whole():
    assert len(vocabulary()) == 30_522


def test_a_model_that_is_not_the_tested_one_is_refused(tmp_path):
    other = tmp_path / "model.onnx"
    other.write_bytes(b"something else")
    with pytest.raises(RuleError, match=r"not the one that Waymark was tested with: .*model\.onnx"):
        Embedder(other)


# ---- vectors ----


def vector(*places):
    """A vector that is 100 at these places."""
    values = np.zeros(DIMENSIONS, np.int8)
    values[list(places)] = 100
    return values


def row(passage, record=1, *, opens=0, text=b"a"):
    return VectorRow(passage, record, opens, text.ljust(16, b"."))


def key(text):
    return text.ljust(16, b".")


@pytest.fixture
def store(tmp_path):
    return VectorFiles(tmp_path / "vectors")


def near(store, question, *, now=0, limit=10):
    return [one.passage for one in store.nearest(question, now=now, limit=limit)]


def test_the_nearest_passages_come_first(store):
    given = {key(b"a"): vector(1, 2), key(b"b"): vector(2, 3), key(b"c"): vector(9)}
    store.replace([1], [row(11), row(12, text=b"b"), row(13, text=b"c")], given)
    assert near(store, vector(1, 2)) == [11, 12, 13]
    assert near(store, vector(9), limit=1) == [13]


def test_a_store_without_vectors_finds_nothing(store):
    assert near(store, vector(1)) == []


def test_a_passage_is_found_only_from_its_moment_on(store):
    store.replace([1], [row(11, opens=500)], {key(b"a"): vector(1)})
    assert near(store, vector(1), now=499) == []
    assert near(store, vector(1), now=500) == [11]
    store.replace([1], [row(11, opens=0)], {})
    assert near(store, vector(1), now=0) == [11]


def test_a_removal_is_seen_where_mapped_files_show_no_change(store):
    """As on another host: its map keeps what it mapped, and only files opened anew are as now."""
    given = {key(b"a"): vector(1), key(b"b"): vector(2)}
    store.replace([1], [row(11), row(12, text=b"b")], given)
    assert near(store, vector(1)) == [11, 12]
    # Files of the same names with what is in these; the map stays one of these.
    for name in COLUMNS:
        copy = store.folder / f"{name}.copy"
        copy.write_bytes((store.folder / name).read_bytes())
        copy.replace(store.folder / name)
    store.replace([1], [row(12, text=b"b")], {})
    assert near(store, vector(1)) == [12]
    store.replace([1], [row(12, text=b"b", opens=500)], {})
    assert near(store, vector(1), now=499) == []


def test_a_removed_passage_leaves_no_bytes_behind(store):
    store.replace([1], [row(11)], {key(b"a"): vector(*range(DIMENSIONS))})
    store.replace([2], [row(21, 2, text=b"b")], {key(b"b"): vector(5)})
    store.replace([1], [], {})
    assert near(store, vector(1, 5)) == [21]
    for name in ("hashes", "signs", "values", "opens", "records", "passages"):
        content = (store.folder / name).read_bytes()
        assert not any(content[: len(content) // 2]), name
    assert store.vectors_of([key(b"a")]) == {}


def test_the_place_of_a_removed_passage_is_used_again(store):
    store.replace([1], [row(11), row(12, text=b"b")], {key(b"a"): vector(1), key(b"b"): vector(2)})
    store.replace([1], [row(12, text=b"b")], {})
    store.replace(
        [3], [row(31, 3, text=b"c"), row(32, 3)], {key(b"c"): vector(3), key(b"a"): vector(1)}
    )
    assert len(store) == 3
    assert [one.passage for one in store.rows()] == [31, 12, 32]
    assert near(store, vector(2), limit=1) == [12]


def test_the_vector_of_an_equal_text_is_known(store):
    store.replace([1], [row(11), row(12, text=b"b")], {key(b"a"): vector(1), key(b"b"): vector(2)})
    known = store.vectors_of([key(b"b"), key(b"z")])
    assert list(known) == [key(b"b")]
    assert known[key(b"b")].tolist() == vector(2).tolist()


def test_a_passage_with_another_text_gets_another_vector(store):
    store.replace([1], [row(11)], {key(b"a"): vector(1)})
    store.replace([1], [row(11, text=b"b")], {key(b"b"): vector(2)})
    assert [(one.passage, one.text) for one in store.rows()] == [(11, key(b"b"))]


def test_what_a_process_left_that_died_while_adding_is_written_over(store):
    store.replace([1], [row(11)], {key(b"a"): vector(1)})
    with (store.folder / "values").open("ab") as file:
        file.write(b"\x05" * (DIMENSIONS + 7))
    store.replace([2], [row(21, 2, text=b"b")], {key(b"b"): vector(2)})
    assert near(store, vector(2), limit=1) == [21]
    assert len(store) == 2


def test_what_a_process_left_that_died_while_adding_goes_with_the_next_change(store):
    """It has no passage yet, so no removal of a passage would reach it."""
    store.replace([1], [row(11)], {key(b"a"): vector(1)})
    for name, length in (("hashes", 16), ("values", DIMENSIONS)):
        with (store.folder / name).open("ab") as file:
            file.write(b"\x05" * length)
    store.replace([2], [], {})
    assert (store.folder / "hashes").read_bytes() == key(b"a")
    assert (store.folder / "values").read_bytes() == vector(1).tobytes()
    assert near(store, vector(1)) == [11]


@pytest.fixture
def synced(monkeypatch):
    """Names of the files that were forced to the disk, each with its length then."""
    files = []
    real = os.fsync

    def noted(handle):
        path = Path(f"/proc/self/fd/{handle}").readlink()
        files.append((path.name, os.fstat(handle).st_size))
        real(handle)

    monkeypatch.setattr(os, "fsync", noted)
    return files


def test_added_vectors_are_on_the_disk_before_their_passages_and_once_in_a_change(store, synced):
    """Otherwise a failure of power could leave a record noted as complete without its vectors."""
    given = {key(b"a"): vector(1), key(b"b"): vector(2)}
    store.replace([1], [row(11), row(12, text=b"b")], given)
    assert [file for file in synced if file[0] in COLUMNS] == [
        ("hashes", 32),
        ("signs", 96),
        ("values", 2 * DIMENSIONS),
        ("opens", 16),
        ("records", 16),
        ("passages", 16),
    ]


@pytest.mark.parametrize("last", list(COLUMNS))
def test_a_disk_that_fails_while_vectors_are_added_leaves_nothing_half_there(
    store, monkeypatch, last
):
    store.replace([1], [row(11)], {key(b"a"): vector(1)})
    given = {key(b"b"): vector(2)}

    def fail(handle):
        if Path(f"/proc/self/fd/{handle}").readlink().name == last:
            raise OSError("the disk failed")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="the disk failed"):
            store.replace([2], [row(21, 2, text=b"b")], given)
    whole = [11, 21] if last == "passages" else [11]
    assert sorted(near(store, vector(1, 2))) == whole
    store.replace([2], [row(21, 2, text=b"b")], given)
    assert near(store, vector(2)) == [21, 11]


def test_what_a_process_left_that_died_while_removing_goes_with_the_next_change(store):
    """The passage is gone already, and the rest of its row is not."""
    given = {key(b"a"): vector(1), key(b"b"): vector(*range(DIMENSIONS))}
    store.replace([1], [row(11), row(12, text=b"b")], given)
    with (store.folder / "passages").open("r+b") as file:
        file.seek(8)
        file.write(bytes(8))
    store.replace([3], [], {})
    for name in ("hashes", "signs", "values", "opens", "records", "passages"):
        content = (store.folder / name).read_bytes()
        assert not any(content[len(content) // 2 :]), name
    assert near(store, vector(1)) == [11]


def test_among_many_vectors_the_nearest_are_those_of_comparing_all(store):
    """More than are compared by their numbers; the nearest 20 of all are nearly all found."""
    chance = np.random.default_rng(7)
    count = 3 * CANDIDATES
    themes = chance.standard_normal((200, DIMENSIONS))
    values = themes[chance.integers(200, size=count)] + chance.standard_normal((count, DIMENSIONS))
    values = (values / np.linalg.norm(values, axis=1, keepdims=True) * 400).clip(-127, 127)
    values = np.rint(values).astype(np.int8)
    names = [number.to_bytes(16, "big") for number in range(1, count + 1)]
    rows = [VectorRow(number, 1, 0, name) for number, name in enumerate(names, 1)]
    store.replace([1], rows, dict(zip(names, values, strict=True)))
    shares = []
    for at in range(0, count, count // 10):
        question = values[at]
        all_of_them = np.argsort(-(values.astype(float) @ question.astype(float)))[:20] + 1
        shares.append(len(set(all_of_them) & set(near(store, question, limit=20))) / 20)
    assert np.mean(shares) >= 0.95


# ---- fusion ----


def test_what_two_orders_share_comes_before_what_one_has_first():
    # 2: 1/62 + 1/61; 1: 1/61; 3: 1/62.
    assert fused([[1, 2], [2, 3]]) == [2, 1, 3]


def test_what_only_the_words_find_first_stays_above_all_that_only_meaning_finds():
    assert fused([[7], [1, 2, 3]])[0] == 7


# ---- questions ----


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("babies sleeping with parents", True),
        ("what can we learn about fathers", True),
        ("young carers", False),
        ("baby", False),
        ('"babies sleeping with parents"', False),
        ('babies "sleeping with" parents', False),
        ("babies sleep* with parents", False),
        ("babies sleeping OR parents", False),
        ("babies sleeping NOT parents", False),
        ("babies AND sleeping AND parents", False),
        ("(babies sleeping) with parents", False),
        ("theme:neglect babies sleeping parents", False),
        ("babies sleeping year:2004", False),
        ("review of Child Birch", False),
        ("Devaney Reed Hayes", False),
        ("learning from neglect 2013", False),
        ("what about the", False),
        ("", False),
    ],
)
def test_only_a_question_in_words_is_searched_by_meaning(text, expected):
    assert is_question(text, parse_query(text).tree) is expected


# ---- gate ----


def test_the_chance_of_differences_is_the_share_of_signs_that_do_as_well():
    # Of the 8 ways to give 1, 2 and 3 a sign one has a sum of 6; two have one of 4 and more.
    assert chance_of([1, 2, 3]) == pytest.approx(1 / 8, abs=0.01)
    assert chance_of([-1, 2, 3]) == pytest.approx(2 / 8, abs=0.01)
    assert chance_of([0, 0]) == 1.0
    assert chance_of([0.1, 0.2]) == chance_of([0.1, 0.2])


def test_meaning_helps_only_if_it_is_better_and_not_by_chance():
    def helps(*pairs):
        return gate_result(pairs, model="m", at="").helps

    assert helps(*[(0.2, 0.4)] * 20)
    assert not helps(*[(0.4, 0.2)] * 20)
    assert not helps(*[(0.2, 0.4)] * 3, *[(0.2, 0.2)] * 30)
    assert not helps(*[(0.2, 0.2)] * 50)


def test_fewer_than_twenty_queries_show_nothing_however_good_they_are():
    result = gate_result([(0.2, 0.4)] * 19, model="m", at="")
    assert result.chance < 0.001
    assert not result.helps


def test_a_result_counts_the_queries_that_got_better_and_worse():
    result = gate_result([(0.5, 0.75), (0.5, 0.25), (1.0, 1.0), (0, 1)], model="m", at="t")
    assert (result.queries, result.better, result.worse) == (4, 2, 1)
    assert (result.words, result.fused) == (0.5, 0.75)


def test_ndcg_is_the_gain_over_that_of_the_best_order():
    # Gains 7 and 1 in the wrong order: (1 + 7/log2(3)) / (7 + 1/log2(3)).
    assert ndcg(["b", "a"], {"a": 3, "b": 1}) == pytest.approx(5.4165 / 7.6309, abs=1e-4)
    assert ndcg(["a", "b"], {"a": 3, "b": 1}) == 1.0
    assert ndcg(["x"], {}) == 0.0
