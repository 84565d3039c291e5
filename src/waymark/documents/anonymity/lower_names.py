"""Names in lower case, where only a name can stand: "mum (karen)", "mr holloway" (no Django)."""

import re
from collections.abc import Iterator
from functools import cache

from waymark.documents.anonymity.word_lists import in_either_case, is_common, words_of

LOWER = r"[^\W\d_A-Z][^\W\d_A-Z'-]{1,29}"
TITLES = "mr|mrs|ms|miss|dr"


@cache
def _places() -> tuple[re.Pattern[str], ...]:
    """What stands around a name, however it is written."""
    roles = in_either_case(words_of("roles"))
    belongings = "|".join(sorted(words_of("belongings"), key=len, reverse=True))
    called = "(?:is |was )?(?:called|named|known as)"
    return (
        re.compile(rf"\b(?:{roles})(?:, | \()(?i:(?:{called} )?)(?P<name>{LOWER})(?=[,)])"),
        re.compile(rf"\b(?:{roles})(?i: {called}) (?P<name>{LOWER})\b"),
        re.compile(rf"(?:^|[.:;!?\n] ?)(?P<name>{LOWER}) (?:said|told|stated|disclosed|refused)\b"),
        re.compile(rf"\b(?i:{TITLES})\.? (?P<name>{LOWER})\b"),
        re.compile(rf"(?<![\w'-])(?P<name>{LOWER}?)'s (?:{belongings})\b"),
    )


def lower_case_names(text: str) -> Iterator[tuple[int, int]]:
    """Spans of words in lower case that stand where a name does and are no common words."""
    for pattern in _places():
        for match in pattern.finditer(text):
            word = match["name"]
            if word.islower() and not is_general(word):
                yield match.span("name")


def is_general(word: str) -> bool:
    """True for an ordinary word in lower case, an agency, a role or another word of its kind."""
    if is_common(word) or is_common(word.removesuffix("'s")):
        return True
    lists = ("roles", "titles", "agencies", "peoples", "institutions", "generic", "capital_words")
    return any(word in words_of(name) or word + "s" in words_of(name) for name in lists)
