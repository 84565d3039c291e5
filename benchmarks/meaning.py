"""Search by meaning: what it brings on a public collection, and what it costs at 500,000 passages.

    .venv/bin/python benchmarks/meaning.py quality [--cache FOLDER]
    .venv/bin/python benchmarks/meaning.py speed [--reviews 5000] [--passages 100] [--queries 60]
    .venv/bin/python benchmarks/meaning.py scan [--rows 500000]

quality   Cranfield (1,400 abstracts, 225 questions): nDCG@10 and recall of 100 by words alone, by
          meaning alone and fused, with the paired test of the gate. Making 1,400 vectors takes some
          minutes, so they are kept in the cache.
speed     search.py's 5,000 reviews with 500,000 passages; the passages get random vectors, one in
          500 of them near a question (with fewer passages, further vectors make up --rows). The
          same questions to search_library(), by words alone, and to fuse(), which a page calls
          where meaning is on: all texts read, all rows checked.
scan      the nearest of random vectors in themes: how many of those that a comparison of all
          vectors finds, and how long each takes.
"""

import argparse
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.search import step_fill, step_index
from benchmarks.search_corpus import NOW, SEED, SHARED, a_word, real_words
from benchmarks.search_times import middle, p95, taken
from waymark.library.meaning.embedder import DIMENSIONS, SCALE, embedder
from waymark.library.meaning.fusion import fused
from waymark.library.meaning.gate import chance_of, ndcg
from waymark.library.meaning.scan import CANDIDATES
from waymark.library.meaning.vectors import BYTES_OF_HASH, VectorFiles, VectorRow

Vectors = npt.NDArray[np.int8]

CRANFIELD = SHARED / "data" / "cranfield"
PARTS = re.compile(r"^\.([ITABW])[ ]?(.*)$", re.MULTILINE)
DEEP = 100
ROUNDS = 3
BATCH = 50_000


# ---- quality ----


def entries(name: str) -> list[dict[str, str]]:
    text = (CRANFIELD / name).read_text("utf-8", errors="replace")
    return [_parts_of(entry) for entry in re.split(r"^\.I ", text, flags=re.M)[1:]]


def _parts_of(entry: str) -> dict[str, str]:
    marks = list(PARTS.finditer(entry))
    ends = [mark.start() for mark in marks[1:]] + [len(entry)]
    return {mark[1]: entry[mark.end() : end].strip() for mark, end in zip(marks, ends, strict=True)}


def judgements(documents: int) -> dict[int, dict[str, int]]:
    """Question -> those of so many documents that answer it, each with grade 1."""
    grades: dict[int, dict[str, int]] = {}
    for line in (CRANFIELD / "cranqrel").read_text().splitlines():
        query, document, code = (int(part) for part in line.split()[:3])
        if 1 <= code <= 4 and document <= documents:
            grades.setdefault(query, {})[str(document)] = 1
    return grades


def cached(file: Path, texts: list[str]) -> Vectors:
    """The vectors of the texts, as far as they are in the file, and made where they are not."""
    file.parent.mkdir(parents=True, exist_ok=True)
    there = np.load(file) if file.exists() else np.empty((0, DIMENSIONS), np.int8)
    begun = time.perf_counter()
    first = len(there)
    for start in range(first, len(texts), 50):
        there = np.vstack([there, embedder().embed(texts[start : start + 50])])
        np.save(file, there)
    if len(texts) > first:
        seconds = time.perf_counter() - begun
        print(f"{len(texts) - first} vectors made in {seconds:.0f} s: "
              f"{(len(texts) - first) / seconds:.1f} a second")  # fmt: skip
    return there


def orders_by_words(texts: list[tuple[str, str]], questions: list[str]) -> list[list[int]]:
    """The first DEEP documents for each question, any of whose words are enough."""
    from waymark.library.language.analyser import analyse_text
    from waymark.library.search.parser import parse_query
    from waymark.library.search.protocol import (
        AnalysedText,
        DocumentVisibility,
        IndexDocuments,
        IndexQuery,
        RecordDocument,
        SearchAudience,
    )
    from waymark.library.search.tantivy.backend import index_in
    from waymark.library.search.tree import any_of, text_nodes

    def analysed_text(text: str) -> AnalysedText:
        return AnalysedText(*analyse_text(text, "en"))

    everybody = DocumentVisibility(staff=True, public=True)
    documents = [
        IndexDocuments(number, (RecordDocument(
            visibility=everybody, reports=(), title=analysed_text(title),
            texts=(analysed_text(title), analysed_text(words)), words={}, facets={}, dated=0,
        ),))
        for number, (title, words) in enumerate(texts, 1)
    ]  # fmt: skip
    audience = SearchAudience(staff=False, now=datetime(2026, 1, 1, tzinfo=UTC))
    with tempfile.TemporaryDirectory(prefix="waymark-benchmark-") as folder:
        index = index_in(Path(folder) / "index")
        index.rebuild([documents])
        orders = []
        for question in questions:
            plain = re.sub(r"[^\w\s]", " ", question.lower())
            tree = any_of(list(text_nodes(parse_query(plain).tree)))
            results = index.find(IndexQuery(tree, audience, limit=DEEP, counted=False))
            orders.append([one.record for one in results.records])
    return orders


def quality(arguments: argparse.Namespace) -> None:
    if not CRANFIELD.exists():
        print(f"skipped: the Cranfield collection is not under {SHARED}/data (set WAYMARK_SHARED)")
        return
    texts = [(one.get("T", ""), one.get("W", "")) for one in entries("cran.all.1400")]
    texts = texts[: arguments.documents]
    questions = [" ".join(one["W"].split()) for one in entries("cran.qry")]
    cache = Path(arguments.cache)
    values = cached(cache / "cranfield.npy", [f"{title}. {words}" for title, words in texts])
    values = values[: len(texts)]
    asked = cached(cache / "questions.npy", questions).astype(np.float32)
    likeness = asked @ values.astype(np.float32).T
    meaning = [[int(at) + 1 for at in np.argsort(-row, kind="stable")[:DEEP]] for row in likeness]
    words = orders_by_words(texts, questions)
    ways = {
        "words": words,
        "meaning": meaning,
        "fused": [fused(pair) for pair in zip(words, meaning, strict=True)],
    }
    grades = judgements(len(texts))
    scores = {way: [] for way in ways}  # type: dict[str, list[float]]
    for way, orders in ways.items():
        recalls = []
        for number, order in enumerate(orders, 1):
            wanted = grades.get(number)
            if wanted:
                names = [str(one) for one in order]
                scores[way].append(ndcg(names, wanted))
                recalls.append(len(wanted.keys() & set(names[:DEEP])) / len(wanted))
        print(
            f"{way:<8} nDCG@10 {statistics.mean(scores[way]):.4f}, "
            f"recall of {DEEP} {statistics.mean(recalls):.4f}, {len(recalls)} questions"
        )
    differences = [b - a for a, b in zip(scores["words"], scores["fused"], strict=True)]
    better, worse = sum(one > 0 for one in differences), sum(one < 0 for one in differences)
    print(f"fused over words: {better} better, {worse} worse, p = {chance_of(differences):.5f}")


# ---- speed ----


def random_vectors(count: int, chance: np.random.Generator) -> Vectors:
    values = chance.standard_normal((count, DIMENSIONS), dtype=np.float32)
    values *= SCALE / np.linalg.norm(values, axis=1, keepdims=True)
    return np.rint(values).clip(-127, 127).astype(np.int8)


def give_vectors(questions: list[str], least: int, chance: np.random.Generator) -> int:
    """Vectors of what visitors may find, each in 500 near one of the questions; their number.

    least: where there are fewer passages, others are added that lead to no passage.
    """
    from waymark.documents.models import Passage
    from waymark.library.queries.vector_files import vectors_for

    near = embedder().embed(questions)
    rows = Passage.objects.order_by("pk").values_list("pk", "report__review__record__pk")
    listed = list(rows)
    beyond = listed[-1][0] + 1
    listed += [(beyond + number, beyond) for number in range(least - len(listed))]
    for start in range(0, len(listed), BATCH):
        some = listed[start : start + BATCH]
        values = random_vectors(len(some), chance)
        for at in range(0, len(some), 500):
            like = near[int(chance.integers(len(near)))]
            values[at] = (like * 0.6 + values[at] * 0.8).clip(-127, 127).astype(np.int8)
        names = [number.to_bytes(BYTES_OF_HASH, "big") for number, _ in some]
        given = [
            VectorRow(number, record, 0, name)
            for (number, record), name in zip(some, names, strict=True)
        ]
        vectors_for(staff=False).replace((), given, dict(zip(names, values, strict=True)))
    return len(listed)


def speed(arguments: argparse.Namespace) -> None:
    words = real_words()
    if not words:
        print(f"skipped: there are no texts under {SHARED}/data (set WAYMARK_SHARED)")
        return
    with tempfile.TemporaryDirectory(prefix="waymark-benchmark-") as made:
        folder = Path(arguments.folder or made)
        os.environ |= {"WAYMARK_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "waymark.settings"}
        os.environ.pop("DATABASE_URL", None)
        import django

        django.setup()
        chance = np.random.default_rng(SEED)
        asked = []
        while len(asked) < arguments.queries:
            three = {a_word(words, chance) for _ in range(3)}
            if len(three) == 3:
                asked.append(" ".join(three))
        if not (folder / "index").exists():
            step_fill(arguments, folder)
            step_index(arguments, folder)
        if not (folder / "meaning").exists():
            begun = time.perf_counter()
            count = give_vectors(asked, arguments.rows, chance)
            print(f"{count:,} vectors stored in {time.perf_counter() - begun:.0f} s")
        _ask_both(asked)


def _ask_both(asked: list[str]) -> None:
    from django.contrib.auth.models import AnonymousUser

    from waymark.library.queries import search_library
    from waymark.library.queries.fused_search import fuse
    from waymark.library.queries.meaning import near_records
    from waymark.library.queries.vector_files import vectors_for
    from waymark.library.search.protocol import SearchAudience, SearchRequest

    visitor = AnonymousUser()
    audience = SearchAudience(staff=False, now=NOW)
    vectors = vectors_for(staff=False)

    def request(text: str) -> SearchRequest:
        return SearchRequest(text, include_partial=True)

    def first_time(text: str) -> object:
        embedder().forget_questions()
        return fuse(request(text), visitor, NOW)

    ways: dict[str, Callable[[str], object]] = {
        "by words": lambda text: search_library(request(text), person=visitor, now=NOW),
        "with meaning": first_time,
        "its next page": lambda text: fuse(request(text), visitor, NOW),
        "of it vector and scan": lambda text: near_records(text, audience),
        "of it the vector": lambda text: embedder().embed([text]),
    }
    print(f"{len(vectors):,} vectors")
    fused_answers = [fuse(request(text), visitor, NOW) for text in asked]
    print(f"fused: {sum(answer.with_meaning for answer in fused_answers)} of {len(asked)}")
    _print_times(ways, asked)


def _print_times(ways: dict[str, Callable[[str], object]], asked: list[str]) -> None:
    times: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for text in asked:
        rounds: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
        for _ in range(ROUNDS):
            for way, ask in ways.items():
                rounds[way].append(taken(partial(ask, text)))
        for way, values in rounds.items():
            times[way].append(middle(values))
    for at, name in enumerate(("by the clock", "of the processor")):
        least = p95([value[at] for value in times["by words"]])
        for way, values in times.items():
            column = [value[at] for value in values]
            low, high = statistics.median(column), p95(column)
            print(f"{name:<18}{way:<22}{low:6.1f}/{high:6.1f} ms, p95 {high / least:.2f} times")


# ---- scan ----


def scan(arguments: argparse.Namespace) -> None:
    chance = np.random.default_rng(SEED)
    themes = random_vectors(2_000, chance)
    with tempfile.TemporaryDirectory(prefix="waymark-benchmark-") as folder:
        store = VectorFiles(Path(folder) / "vectors")
        for start in range(0, arguments.rows, 50_000):
            count = min(50_000, arguments.rows - start)
            values = (
                themes[chance.integers(len(themes), size=count)].astype(np.float32) * 0.6
                + random_vectors(count, chance) * 0.8
            )
            values = np.rint(values).clip(-127, 127).astype(np.int8)
            names = [n.to_bytes(BYTES_OF_HASH, "big") for n in range(start + 1, start + count + 1)]
            rows = [VectorRow(start + n, 1, 0, name) for n, name in enumerate(names, 1)]
            store.replace((), rows, dict(zip(names, values, strict=True)))
        whole = np.fromfile(store.folder / "values", np.int8).reshape(-1, DIMENSIONS)
        shares: list[float] = []
        times: dict[str, list[float]] = {"all": [], "ours": []}
        for at in chance.integers(len(whole), size=40).tolist():
            found: dict[str, list[int]] = {}
            for way, search in (("all", partial(_exact, whole)), ("ours", partial(_ours, store))):
                begun = time.perf_counter()
                found[way] = search(whole[at])
                times[way].append((time.perf_counter() - begun) * 1_000)
            shares.append(len(set(found["all"]) & set(found["ours"])) / len(found["all"]))
    print(
        f"{arguments.rows:,} vectors, {CANDIDATES:,} compared by numbers: "
        f"{statistics.median(times['ours']):.1f} ms, all compared: "
        f"{statistics.median(times['all']):.1f} ms; of the nearest {DEEP} found: "
        f"{statistics.mean(shares):.3f} (least {min(shares):.2f})"
    )


def _ours(store: VectorFiles, question: Vectors) -> list[int]:
    return [one.passage for one in store.nearest(question, now=0, limit=DEEP)]


def _exact(whole: Vectors, question: Vectors) -> list[int]:
    asked = question.astype(np.float32)
    products = np.concatenate([
        whole[start : start + 4_096].astype(np.float32) @ asked
        for start in range(0, len(whole), 4_096)
    ])  # fmt: skip
    return [int(at) + 1 for at in np.argsort(-products, kind="stable")[:DEEP]]


def main() -> None:
    options = argparse.ArgumentParser(description="Search by meaning: what it brings and costs.")
    options.add_argument("part", choices=["quality", "speed", "scan"])
    options.add_argument("--cache", default=str(Path(tempfile.gettempdir()) / "waymark-vectors"))
    options.add_argument("--reviews", type=int, default=5_000)
    options.add_argument("--passages", type=int, default=100, help="in each review")
    options.add_argument("--queries", type=int, default=60)
    options.add_argument("--documents", type=int, default=1_400, help="of Cranfield, the first")
    options.add_argument("--rows", type=int, default=500_000)
    options.add_argument("--folder", default="", help="a kept folder, to repeat the questions")
    arguments = options.parse_args()
    {"quality": quality, "speed": speed, "scan": scan}[arguments.part](arguments)


if __name__ == "__main__":
    main()
