"""Rare facts that can lead a reader to a family, such as multiple births (no Django)."""

import re
from collections.abc import Iterator
from functools import cache

from waymark.documents.anonymity.identifiers import RARE_FACT, Identifier
from waymark.documents.anonymity.word_lists import phrases_of


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Lines of data/rare_facts.txt: "reason: word, word". A word may be a regular expression."""
    patterns = []
    for line in phrases_of("rare_facts"):
        reason, _, words = line.partition(": ")
        choices = "|".join(word.strip() for word in words.split(", "))
        patterns.append((reason, re.compile(rf"(?<!\w)(?i:{choices})(?!\w)")))
    return tuple(patterns)


def find_rare_facts(text: str) -> Iterator[Identifier]:
    """Mentions of rare facts, each with the reason why it is rare."""
    for reason, pattern in _patterns():
        for match in pattern.finditer(text):
            words = " ".join(match[0].split()).lower()
            yield Identifier(RARE_FACT, match.start(), match.end(), words, reason)
