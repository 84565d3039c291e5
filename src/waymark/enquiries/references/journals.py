"""Name of the journal that a reference gives, compared with that of an article. Pure."""

from difflib import SequenceMatcher

from waymark.enquiries.references.parts import ReferenceText
from waymark.library.catalogue.duplicates import plain_title

SAME_JOURNAL = 0.85
"""Least similarity of two names of one journal, 0 to 1."""
MOST_WORDS = 12
"""Words of the longest name of a journal."""
_BEFORE = frozenset({"online", "internet", "in"})
_AFTER = frozenset({"vol", "volume", "issue", "no", "pp", "p", "available", "retrieved"})
"""Words that stand before and after the name of a journal."""


def journal_named(read: ReferenceText, at: int) -> str:
    """The words after a title until the first number: the name of a journal, "" for none."""
    while at < len(read.words) and read.words[at].plain in _BEFORE:
        at += 1
    end = at
    while end < len(read.words) and not _ends_name(read.words[end].plain):
        end += 1
    if end == at or end - at > MOST_WORDS:
        return ""
    return read.text[read.words[at].start : read.words[end - 1].end]


def _ends_name(word: str) -> bool:
    return word[0].isdigit() or word in _AFTER


def same_journal(given: str, journal: str) -> bool:
    """True for a name, its abbreviation word by word, or its first letters.

    "Br J Soc Work" and "BJSW" are the British Journal of Social Work.
    """
    small = {"of", "the", "and", "in", "for", "on"}
    ours = [word for word in plain_title(journal).split() if word not in small]
    theirs = [word for word in plain_title(given).split() if word not in small | {"online"}]
    if not theirs or "".join(theirs) == "".join(word[0] for word in ours):
        return True
    if len(ours) == len(theirs) and all(
        word.startswith(short) for word, short in zip(ours, theirs, strict=True)
    ):
        return True
    whole, named = " ".join(ours), " ".join(theirs)
    return SequenceMatcher(None, whole, named, autojunk=False).ratio() >= SAME_JOURNAL
