"""Dates, lists and messages in words."""

from collections.abc import Sequence
from datetime import date


def date_in_words(day: date) -> str:
    """Date in words: 24 January 2013."""
    return f"{day.day} {day:%B %Y}"


def list_in_words(items: Sequence[str]) -> str:
    """A list as read in a sentence: "a, b and c", "a and b", "a", or ""."""
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def counted(number: int, singular: str, plural: str = "") -> str:
    """A number with its noun: "1 coding", "1,204 codings". plural: if it is not singular + "s"."""
    return f"{number:,} {singular if number == 1 else plural or f'{singular}s'}"


def as_sentence(message: Exception | str) -> str:
    """A message with a capital and a full stop."""
    text = str(message).rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."
