"""Whether vectors find what is near a passage, a recommendation or a record better than words do.

    .venv/bin/python -m benchmarks.near passages --demo FOLDER
    .venv/bin/python -m benchmarks.near comments FILE [--cache FOLDER]
    .venv/bin/python -m benchmarks.near recommendations FILE [--cache FOLDER]
    .venv/bin/python -m benchmarks.near records --demo FOLDER

Each part orders the same texts three ways: by words (TextVectors, as "Said before" compares them),
by vectors, and by both, fused as a search is. What people decided says which are right; none of the
orders knows it. Means of nDCG@10 over questions, with the paired permutation test of the gate.

passages         the demo, with its vectors made: a coded passage is the question, and passages of
                 other reviews that have a code in common are right. Means and test over reviews,
                 since passages of one are not independent.
comments         px_dev.csv, comments of patients that people gave themes: the same with comments
recommendations  TAIC, as said_before.py: pairs that a person judged, ordered by likeness. Mean
                 precision of those that say the same, and rewordings found among five.
records          the demo: records that people linked, and records that answer the same judged
                 query with grade 2 or 3; words are here the subjects, as the pages use them.
"""

import argparse
import csv
import os
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.meaning import Vectors, cached
from benchmarks.said_before import JUDGEMENTS, PLANTED, reworded
from waymark.core.sheet_rows import read_rows
from waymark.follow_up.text_similarity import LEAST, MOST, TextVectors, stems_of
from waymark.library.meaning.embedder import embedder
from waymark.library.meaning.fusion import fused
from waymark.library.meaning.gate import DRAWS, SEED, chance_of, ndcg
from waymark.library.search.similar_texts import rank_similar
from waymark.recommendations.import_rows import fingerprint_of, read_recommendations

DEEP = 50
"""Places of each order that take part in the fusion."""
NEAR = (20, 50)
"""Passages near in meaning that words put in another order."""
QUESTIONS, COMMENTS = 400, 2_000
QUERIES = Path(__file__).resolve().parents[1] / "tests" / "library" / "quality" / "queries.yaml"
Order = Sequence[int]
Scores = dict[str, dict[str, list[float]]]
"""Way -> group -> nDCG of its questions."""


def by_words(vectors: TextVectors, text: str, excluded: set[int]) -> Order:
    near = vectors.nearest(text, least=0.0, most=DEEP + len(excluded))
    return [at for at, _ in near if at not in excluded][:DEEP]


def by_vectors(matrix: npt.NDArray[np.float32], vector: Vectors, excluded: set[int]) -> Order:
    products = matrix @ vector.astype(np.float32)
    order = np.argsort(-products, kind="stable")[: DEEP + len(excluded)]
    return [int(at) for at in order if int(at) not in excluded][:DEEP]


def three_ways(words: Order, vectors: Order) -> dict[str, Order]:
    return {"words": words, "vectors": vectors, "both": fused([words, vectors])}


def near_by_both(texts: Sequence[str], at: int, near: Order) -> Order:
    """As similar_passages(): the words order only what is near in meaning."""
    words = rank_similar(texts[at], [(other, texts[other]) for other in near], stems_of)
    return fused([near, [other for other, _ in words]])


def score(orders: Mapping[str, Order], right: Iterable[int], group: str, scores: Scores) -> None:
    grades = {str(at): 1 for at in right}
    if grades:
        for way, order in orders.items():
            scores[way][group].append(ndcg([str(at) for at in order], grades))


def print_scores(scores: Scores, title: str) -> None:
    """Means over groups of the means of their questions; each way against the first one."""
    ways = list(scores)
    means = {
        way: [float(np.mean(values)) for values in groups.values()]
        for way, groups in scores.items()
    }
    number = sum(len(values) for values in scores[ways[0]].values())
    print(f"{title}: {number} questions in {len(means[ways[0]])} groups")
    for way in ways:
        line = f"  {way:<10} nDCG@10 {np.mean(means[way]):.3f}"
        if way != ways[0]:
            differences = [new - old for new, old in zip(means[way], means[ways[0]], strict=True)]
            better = sum(value > 0 for value in differences)
            worse = sum(value < 0 for value in differences)
            line += f"  better {better}, worse {worse}, p {chance_of(differences):.4f}"
            line += f" (worse by chance {chance_of([-value for value in differences]):.4f})"
        print(line)


# ---- passages ----


def passages(arguments: argparse.Namespace) -> None:
    from waymark.coding.models import AgreedCode
    from waymark.documents.models import Passage, ReportText
    from waymark.library.meaning.vectors import text_hash
    from waymark.library.queries.vector_files import vectors_for

    content = dict(ReportText.objects.values_list("report_id", "content"))
    rows = [
        (row.report.review.reference, row.report_id, row.start, row.end,
         content[row.report_id][row.start : row.end])
        for row in Passage.objects.select_related("report__review").order_by("pk")
    ]  # fmt: skip
    known = vectors_for(staff=True).vectors_of(text_hash(row[4]) for row in rows)
    rows = [row for row in rows if text_hash(row[4]) in known]
    codes: dict[int, set[str]] = defaultdict(set)
    places: dict[int, list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        places[row[1]].append(at)
    agreed = AgreedCode.objects.filter(present=True, superseded_at=None)
    for code in agreed.select_related("code").prefetch_related("codings"):
        for coding in code.codings.all():
            for at in places[coding.report_id]:
                if rows[at][2] < coding.end and coding.start < rows[at][3]:
                    codes[at].add(code.code.code)
    texts = [row[4] for row in rows]
    matrix = np.stack([known[text_hash(text)] for text in texts])
    groups = [row[0] for row in rows]
    print(f"{len(texts)} passages, {len(codes)} of them coded")
    _similar(texts, matrix, groups, codes, list(codes), "passages with a code in common")


def _similar(
    texts: Sequence[str],
    vectors: Vectors,
    groups: Sequence[str],
    codes: Mapping[int, set[str]],
    questions: Sequence[int],
    title: str,
) -> None:
    """Print how well the texts of other groups that share a code are found from one of them."""
    words = TextVectors(texts, stems_of)
    matrix = vectors.astype(np.float32)
    members: dict[str, set[int]] = defaultdict(set)
    for at, group in enumerate(groups):
        members[group].add(at)
    ways = ("words", "vectors", "both", *(f"near {n}" for n in NEAR))
    scores: Scores = {way: defaultdict(list) for way in ways}
    for at in questions:
        own = members[groups[at]]
        right = {other for other, those in codes.items() if other not in own and those & codes[at]}
        orders = three_ways(by_words(words, texts[at], own), by_vectors(matrix, vectors[at], own))
        orders |= {f"near {n}": near_by_both(texts, at, orders["vectors"][:n]) for n in NEAR}
        score(orders, right, groups[at], scores)
    print_scores(scores, title)


def comments(arguments: argparse.Namespace) -> None:
    with Path(arguments.file).open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if 40 <= len(row["FFT answer"]) <= 600]
    names = list(rows[0])
    themes = names[names.index("Not assigned") + 1 :]
    chance = random.Random(SEED)  # noqa: S311 (no secrets)
    rows = chance.sample(rows, min(COMMENTS, len(rows)))
    texts = [row["FFT answer"] for row in rows]
    codes = {
        at: own
        for at, row in enumerate(rows)
        if (own := {t for t in themes if row[t] in {"1", "1.0"}})
    }
    vectors = cached(Path(arguments.cache) / "comments.npy", texts)
    questions = chance.sample(sorted(codes), min(QUESTIONS, len(codes)))
    groups = [row["Respondent ID"] or str(at) for at, row in enumerate(rows)]
    _similar(texts, vectors, groups, codes, questions, "comments with a theme in common")


# ---- recommendations ----


def recommendations(arguments: argparse.Namespace) -> None:
    path = Path(arguments.file)
    rows = read_recommendations(read_rows(path.read_bytes(), name=path.name), name=path.name).read
    texts = [row.text for row in rows]
    at_row = {row.row: at for at, row in enumerate(rows)}
    vectors = cached(Path(arguments.cache) / "recommendations.npy", texts)
    matrix = vectors.astype(np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    words = TextVectors(texts, stems_of)
    by_pair = {(pair.first, pair.second): pair.similarity for pair in words.pairs(least=0.05)}
    with JUDGEMENTS.open(encoding="ascii", newline="") as file:
        judged = [
            (at_row[int(row["first_row"])], at_row[int(row["second_row"])], row["judgement"])
            for row in csv.DictReader(file)
        ]
    right = np.array([judgement in {"same", "contradicts"} for _, _, judgement in judged])
    likeness = {
        "words": np.array([by_pair.get((min(a, b), max(a, b)), 0.0) for a, b, _ in judged]),
        "vectors": np.array([float(matrix[a] @ matrix[b]) for a, b, _ in judged]),
    }
    likeness["both"] = np.mean([_ranks(values) for values in likeness.values()], axis=0)
    print(f"{len(judged)} judged pairs, {int(right.sum())} say the same")
    for way, values in likeness.items():
        line = f"  {way:<10} mean precision {_mean_precision(values, right):.3f}"
        if way != "words":
            line += f"  p {_chance_of_orders(values, likeness['words'], right):.4f}"
        print(line)
    _rewordings(texts, words, matrix)


def _ranks(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.argsort(np.argsort(values, kind="stable"), kind="stable").astype(np.float64)


def _mean_precision(values: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> float:
    ordered = right[np.argsort(-values, kind="stable")]
    precision = np.cumsum(ordered) / np.arange(1, len(ordered) + 1)
    return float(precision[ordered].mean())


def _chance_of_orders(
    new: npt.NDArray[np.float64], old: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]
) -> float:
    """Share of draws that do as well when each pair takes its rank from either order by lot."""
    ranks = _ranks(new), _ranks(old)
    gain = _mean_precision(ranks[0], right) - _mean_precision(ranks[1], right)
    chance = np.random.default_rng(SEED)
    as_good = 0
    draws = DRAWS // 10
    for _ in range(draws):
        swapped = chance.integers(2, size=len(right)).astype(bool)
        one, other = np.where(swapped, *ranks), np.where(swapped, *reversed(ranks))
        as_good += _mean_precision(one, right) - _mean_precision(other, right) >= gain - 1e-12
    return (as_good + 1) / (draws + 1)


def _rewordings(texts: Sequence[str], words: TextVectors, matrix: npt.NDArray[np.float32]) -> None:
    chance = random.Random(16)  # noqa: S311 (no secrets)
    usual = [at for at, text in enumerate(texts) if 20 <= len(text.split()) <= 80]
    found = {"words": 0, "vectors": 0}
    for at in chance.sample(usual, PLANTED):
        text = reworded(texts[at], chance)
        ways: dict[str, Callable[[], Order]] = {
            "words": lambda text=text: [
                other for other, _ in words.nearest(text, least=LEAST, most=MOST)
            ],
            "vectors": lambda text=text: by_vectors(matrix, embedder().embed([text])[0], set()),
        }
        for way, near in ways.items():
            found[way] += any(
                fingerprint_of(texts[other]) == fingerprint_of(texts[at]) for other in near()[:MOST]
            )
    print(f"rewordings whose original is among the {MOST} shown: {found} of {PLANTED}")


# ---- records ----


def records(arguments: argparse.Namespace) -> None:
    import yaml
    from django.contrib.auth.models import AnonymousUser
    from django.utils import timezone

    from waymark.library.meaning.vectors import text_hash
    from waymark.library.models import Relation
    from waymark.library.queries.hydrate import open_records
    from waymark.library.queries.meaning import description_text
    from waymark.library.queries.resources import related_records
    from waymark.library.queries.vector_files import vectors_for

    now, visitor = timezone.now(), AnonymousUser()
    rows = list(open_records(visitor, now).select_related("review", "resource").order_by("pk"))
    texts = [description_text(row.described) for row in rows]
    known = vectors_for(staff=False).vectors_of(map(text_hash, texts))
    matrix = np.stack([known[text_hash(text)] for text in texts])
    places = {row.pk: at for at, row in enumerate(rows)}
    names = {
        (row.review.reference if row.review else row.resource.key): at
        for at, row in enumerate(rows)
    }
    linked: dict[int, set[int]] = defaultdict(set)
    for relation in Relation.objects.all():
        one, other = places.get(relation.source_id), places.get(relation.target_id)
        if one is not None and other is not None:
            linked[one].add(other)
            linked[other].add(one)
    together: dict[int, set[int]] = defaultdict(set)
    judged = yaml.safe_load(QUERIES.read_text("utf-8"))
    for query in [*judged["queries"], *judged["practice"], *judged["questions"]]:
        good = [names[name] for name, grade in query.items()
                if name != "ask" and grade >= 2 and name in names]  # fmt: skip
        for at in good:
            together[at].update(other for other in good if other != at)
    words = TextVectors(texts, stems_of)
    ways = ("subjects", "words", "vectors", "both")
    for title, right in (("linked by a person", linked), ("answers of one query", together)):
        scores: Scores = {way: defaultdict(list) for way in ways}
        for at in sorted(right):
            # A resource has only resources beside it.
            excluded = {at}
            if rows[at].resource_id is not None:
                excluded |= {other for other, row in enumerate(rows) if row.resource_id is None}
            subjects = [
                places[entry.record]
                for entry in related_records(rows[at], visitor, now, limit=DEEP)
                if entry.record in places
            ]
            near = by_vectors(matrix.astype(np.float32), matrix[at], excluded)
            orders = {
                "subjects": subjects,
                "words": by_words(words, texts[at], excluded),
                "vectors": near,
                "both": fused([subjects, near]),
            }
            score(orders, right[at] - excluded, str(at), scores)
        print_scores(scores, f"records, {title}")


def main() -> None:
    options = argparse.ArgumentParser(description="Near passages, recommendations and records.")
    options.add_argument("part", choices=["passages", "comments", "recommendations", "records"])
    options.add_argument("file", nargs="?", default="")
    options.add_argument("--demo", default="", help="data folder of the demo, with its vectors")
    options.add_argument("--cache", default=str(Path(tempfile.gettempdir()) / "waymark-vectors"))
    arguments = options.parse_args()
    if arguments.demo:
        os.environ |= {"WAYMARK_DATA": arguments.demo, "DJANGO_SETTINGS_MODULE": "waymark.settings"}
        import django

        django.setup()
    parts: dict[str, Callable[[argparse.Namespace], None]] = {
        "passages": passages, "comments": comments,
        "recommendations": recommendations, "records": records,
    }  # fmt: skip
    parts[arguments.part](arguments)


if __name__ == "__main__":
    sys.exit(main())
