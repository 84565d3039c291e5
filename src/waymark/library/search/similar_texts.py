"""Rank earlier texts by the rare words that they share with a new one (no Django)."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from math import log, sqrt


def rank_similar(
    text: str, others: Sequence[tuple[int, str]], stem: Callable[[str], Iterable[str]]
) -> list[tuple[int, float]]:
    """Numbers of the texts that are similar, the most similar first, with the cosine.

    others: number and text of each; stem: the stems of a text. Each word that occurs in a text
    counts once, with its inverse document frequency: of 100 texts, a word in 1 weighs ln 101 and a
    word in all of them ln 2.
    """
    stems = {number: set(stem(other)) for number, other in others}
    frequency = Counter(word for words in stems.values() for word in words)
    weights = {word: log(1 + len(stems) / number) for word, number in frequency.items()}
    own_words = {word: weights[word] for word in set(stem(text)) if word in weights}
    size = _norm(own_words.values())
    scored = [
        (number, _dot(own_words, words) / (size * _norm(weights[word] for word in words)))
        for number, words in stems.items()
        if size and words & own_words.keys()
    ]
    return sorted(scored, key=lambda pair: (-pair[1], pair[0]))


def _dot(weights: dict[str, float], words: set[str]) -> float:
    return sum(weights[word] ** 2 for word in words & weights.keys())


def _norm(weights: Iterable[float]) -> float:
    return sqrt(sum(weight**2 for weight in weights))
