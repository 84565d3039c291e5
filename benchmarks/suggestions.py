"""The learned suggester beside a plain TF-IDF linear SVC, on coded comments of patients.

    .venv/bin/python benchmarks/suggestions.py

6,462 comments of ../shared/data/px with up to 49 labels; a fifth of the respondents is unseen by
both. Plain is TfidfVectorizer() and LinearSVC() of scikit-learn, one for each label. Prints micro
and macro F1, recall at 3, seconds of processor to train (also with 6,000 texts and 30 labels) and
texts suggested for in such a second. Fails if ours is not at least level in all three.
"""

import csv
import os
import sys
import time
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from waymark.coding.learned.evaluation import Evaluation, evaluate, scores
from waymark.coding.learned.tables import coded_texts
from waymark.coding.learned.text_model import CodedText, train

SHARED = Path(os.environ.get("WAYMARK_SHARED", Path(__file__).parents[2] / "shared"))
FIRST_LABEL = 12
FIFTH = 5


def main() -> None:
    file = SHARED / "data" / "px" / "px_dev.csv"
    if not file.exists():
        sys.exit(f"{file} is not there: nothing was measured")
    content = file.read_text("utf-8")
    labels = next(csv.reader(content.splitlines()))[FIRST_LABEL:]
    texts, codes = coded_texts(
        content, file=file.name, text="FFT answer", labels=labels, group="Respondent ID"
    )
    groups = sorted({row.group for row in texts})
    chosen = np.random.default_rng(1).permutation(len(groups))[: len(groups) // FIFTH]
    unseen_groups = {groups[number] for number in chosen}
    seen = [row for row in texts if row.group not in unseen_groups]
    unseen = [row for row in texts if row.group in unseen_groups]
    print(f"{len(seen):,} texts learned from, {len(unseen):,} unseen, {len(codes)} labels")
    plain = report("plain TF-IDF and linear SVC", *timed(lambda: plain_scores(seen, unseen, codes)))
    model, seconds = timed(lambda: train(seen, codes))
    ours = report("ours", evaluate(model, unseen, codes), seconds)
    many = [row.text for row in texts] * 2
    _, seconds = timed(lambda: model.probabilities(many[:10_000]))
    print(f"suggesting: {10_000 / seconds:,.0f} texts a second of processor")
    frequent = sorted(codes, key=lambda code: -sum(code in row.codes for row in texts))[:30]
    _, seconds = timed(lambda: train(texts[:6_000], frequent))
    print(f"training on 6,000 texts and 30 labels: {seconds:.1f} s")
    worse = [
        name
        for name in ("micro_f1", "macro_f1", "recall_at_3")
        if getattr(ours, name) < getattr(plain, name)
    ]
    sys.exit(f"below the plain one: {worse}" if worse else 0)


def timed(work):
    """An answer, and the seconds of processor that it took."""
    begun = time.process_time()
    return work(), time.process_time() - begun


def plain_scores(seen: list[CodedText], unseen: list[CodedText], codes) -> Evaluation:
    vectorizer = TfidfVectorizer()
    features = vectorizer.fit_transform([row.text for row in seen])
    others = vectorizer.transform([row.text for row in unseen])
    given = np.array([[code in row.codes for code in codes] for row in unseen])
    distances = np.full(given.shape, -9.0, dtype=np.float32)
    for number, code in enumerate(codes):
        has = np.array([code in row.codes for row in seen])
        if has.any():
            distances[:, number] = LinearSVC().fit(features, has).decision_function(others)
    return scores(given, distances > 0, distances, codes)


def report(name: str, result: Evaluation, seconds: float) -> Evaluation:
    print(
        f"{name:30} micro F1 {result.micro_f1:.3f}  macro F1 {result.macro_f1:.3f}  "
        f"recall@3 {result.recall_at_3:.3f}  {seconds:5.1f} s to train"
    )
    return result


if __name__ == "__main__":
    main()
