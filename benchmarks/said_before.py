"""Said before: how many pairs that are shown say the same, how many rewordings are found, how fast.

    python -m benchmarks.said_before [FILE]

FILE: recommendations of transport inquiries (taic_recommendations_to_2012.csv). It is not part of
Waymark, so said_before_judgements.csv names its rows by number only, as a spreadsheet shows them: a
person read both texts of each pair and judged whether they ask for the same, the opposite
(contradicts), something else about the same matter (related), or something different. All pairs
from 0.6 are judged, and 50 of those from 0.4 to 0.6, chosen by lot; there are fewer than 50 pairs
between different inquiries in other words above 0.8 (26) and from 0.6 to 0.8 (30).

Without FILE only the speed is measured, on 100,000 invented texts with 100 planted rewordings.
"""

import csv
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from waymark.core.sheet_rows import read_rows
from waymark.follow_up.text_similarity import LEAST, MOST, TextVectors, stems_of
from waymark.recommendations.import_rows import (
    RecommendationRowRead,
    fingerprint_of,
    read_recommendations,
)

JUDGEMENTS = Path(__file__).with_name("said_before_judgements.csv")
BANDS = ((0.8, 1.01), (0.6, 0.8), (0.4, 0.6))
PLANTED, SEED, TEXTS, WORDS = 100, 16, 100_000, 20_000
LEFT_OUT = 0.15
"""Share of the words that a rewording leaves out."""
OTHER_WORDS = {
    "ensure that": "see to it that",
    "ensure": "make sure",
    "review": "re-examine",
    "should": "must",
    "procedures": "processes",
    "procedure": "process",
    "staff": "workers",
    "training": "instruction",
    "consider": "think about",
    "implement": "put in place",
    "provide": "give",
    "all": "every",
    "appropriate": "suitable",
    "develop": "draw up",
    "establish": "set up",
    "amend": "change",
    "include": "contain",
    "require": "oblige",
    "adequate": "sufficient",
    "inform": "tell",
    "identify": "find",
    "monitor": "watch",
    "prior to": "before",
    "regarding": "about",
    "undertake": "carry out",
    "check": "verify",
    "promote": "encourage",
    "assess": "evaluate",
    "improve": "strengthen",
    "risk": "danger",
    "maintain": "keep",
    "publish": "issue",
    "guidance": "advice",
    "existing": "present",
}


def main() -> None:
    """Print the precision of each band, the recall of rewordings, and the times."""
    if len(sys.argv) > 1:
        path = Path(sys.argv[1])
        rows = read_recommendations(read_rows(path.read_bytes(), name=path.name), name=path.name)
        _precision(rows.read)
        _recall([row.text for row in rows.read])
    _speed()


def _precision(rows: Sequence[RecommendationRowRead]) -> None:
    with JUDGEMENTS.open(encoding="ascii", newline="") as file:
        judged = {
            (int(row["first_row"]), int(row["second_row"])): row["judgement"]
            for row in csv.DictReader(file)
        }
    prints = [fingerprint_of(row.text) for row in rows]
    vectors = TextVectors((row.text for row in rows), stems_of)
    pairs = [
        (pair.similarity, judged.get((rows[pair.first].row, rows[pair.second].row), "not judged"))
        for pair in vectors.pairs(least=BANDS[-1][0])
        if rows[pair.first].inquiry != rows[pair.second].inquiry
        and prints[pair.first] != prints[pair.second]
    ]
    print("similarity   pairs  judged  same  contradicts  related  different  precision")
    for least, most in BANDS:
        counts = Counter(judgement for value, judgement in pairs if least <= value < most)
        number = counts.total() - counts["not judged"]
        right = counts["same"] + counts["contradicts"]
        print(
            f"{least:.1f} to {min(most, 1):.1f} {counts.total():>7} {number:>7} {counts['same']:>5}"
            f" {counts['contradicts']:>12} {counts['related']:>8} {counts['different']:>10}"
            f" {right / max(number, 1):>10.0%}"
        )


def _recall(texts: Sequence[str]) -> None:
    chance = random.Random(SEED)  # noqa: S311 (no secrets)
    usual = [at for at, text in enumerate(texts) if 20 <= len(text.split()) <= 80]
    vectors = TextVectors(texts, stems_of)
    shown = 0
    for at in chance.sample(usual, PLANTED):
        near = vectors.nearest(reworded(texts[at], chance), least=LEAST, most=MOST)
        shown += any(fingerprint_of(texts[other]) == fingerprint_of(texts[at]) for other, _ in near)
    print(f"rewordings whose original is among the {MOST} shown: {shown} of {PLANTED}")


def reworded(text: str, chance: random.Random) -> str:
    """The text with its clauses in another order, other words, and some words left out."""
    clauses = re.split(r"(?<=[.;,])\s+", text)
    if len(clauses) > 1:
        at = chance.randrange(1, len(clauses))
        clauses = clauses[at:] + clauses[:at]
    text = " ".join(clauses)
    for word, other in OTHER_WORDS.items():
        text = re.sub(rf"\b{word}\b", other, text, flags=re.IGNORECASE)
    kept = [word for word in text.split() if chance.random() > LEFT_OUT]
    return "It is recommended that " + " ".join(kept)


def _speed() -> None:
    """All pairs of many texts, and one against all; planted rewordings must be among the pairs."""
    numbers = np.random.default_rng(SEED)
    chance = random.Random(SEED)  # noqa: S311 (no secrets)
    share = 1 / np.arange(2, WORDS + 2)
    lengths = numbers.integers(15, 55, TEXTS - PLANTED)
    words = numbers.choice(WORDS, size=int(lengths.sum()), p=share / share.sum())
    ends = np.cumsum(lengths)
    texts = [
        " ".join(f"w{word}" for word in words[end - length : end])
        for end, length in zip(ends, lengths, strict=True)
    ]
    originals = chance.sample(range(len(texts)), PLANTED)
    planted = {(at, len(texts) + place) for place, at in enumerate(originals)}
    texts += [_shuffled(texts[at], chance) for at in originals]
    start = time.perf_counter()
    vectors = TextVectors(texts, str.split)
    print(f"vectors of {TEXTS:,} texts: {time.perf_counter() - start:.1f} s")
    start = time.perf_counter()
    pairs = {(pair.first, pair.second) for pair in vectors.pairs(least=LEAST)}
    print(f"all pairs of {TEXTS:,}: {time.perf_counter() - start:.1f} s, {len(pairs)} pairs")
    assert planted <= pairs, f"{len(planted - pairs)} planted rewordings are missing"
    times = []
    for text in texts[:50]:
        start = time.perf_counter()
        vectors.nearest(text, least=LEAST, most=MOST)
        times.append(time.perf_counter() - start)
    print(f"one against {TEXTS:,}: median {sorted(times)[25] * 1_000:.0f} ms")


def _shuffled(text: str, chance: random.Random) -> str:
    words = text.split()
    chance.shuffle(words)
    return " ".join(words[: max(1, round(len(words) * 0.9))])


if __name__ == "__main__":
    main()
