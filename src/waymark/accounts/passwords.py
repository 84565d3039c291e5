"""Passwords that others would try first: common ones, words of this site, repeats and sequences."""

import gzip
import re
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from waymark.accounts.models import Role

COMMON_FILE = Path(__file__).with_name("common-passwords.txt.gz")
"""Passwords of 12 characters and more that breaches contain most often, in lower case."""
MOST_ADDED = 8
"""So many digits and signs around a common password leave it common."""
LEAST_OWN = 6
"""Characters that a password needs besides words of the site, repeats and sequences."""
LEAST_WORD = 4
SEQUENCES = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
)
_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_NO_LETTER = re.compile(r"[\W\d_]+")


@cache
def _common_long() -> frozenset[str]:
    with gzip.open(COMMON_FILE, "rt", encoding="utf-8") as lines:
        return frozenset(line.rstrip("\n") for line in lines)


class CommonPasswords(CommonPasswordValidator):
    """Refuses the passwords of Django's list and of ours, also with digits around or repeated."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a common password."""
        typed = password.casefold().strip()
        core = _ENDS.sub("", typed)
        if len(typed) - len(core) > MOST_ADDED:
            core = typed
        for text in {typed, core, _repeated_part(typed), _repeated_part(core)}:
            if text and (text in self.passwords or text in _common_long()):
                raise ValidationError("This password is too common.", code="too_common")


def _repeated_part(text: str) -> str:
    """What a text repeats, "abc" of "abcabcab"; "" if it does not."""
    lengths = range(1, len(text) // 2 + 1)
    return next((text[:one] for one in lengths if text[one:] == text[:-one]), "")


class OwnWords:
    """Refuses passwords of words that belong to the site or the person, with little besides."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError if too little is left without these words."""
        text = password.casefold()
        left = text
        for word in sorted(_words_of(user), key=len, reverse=True):
            left = left.replace(word, " ")
        if left != text and len(_NO_LETTER.sub("", left)) < LEAST_OWN:
            raise ValidationError(
                "This password is mostly the name of this site, of a role or of yourself.",
                code="own_words",
            )

    def get_help_text(self) -> str:
        """The rule in words."""
        return "Your password cannot be the name of this site, of a role or of yourself."


def _words_of(person: Any) -> set[str]:
    """Words that a stranger would try for a person here."""
    texts: Iterable[str] = (
        *("waymark", "password", settings.SITE_NAME, settings.ORGANISATION),
        *settings.ALLOWED_HOSTS,
        *Role.labels,
        *(getattr(person, field, "") for field in ("username", "first_name", "email")),
    )
    words = {word for text in texts for word in re.findall(r"\w+", text.casefold())}
    return {word for word in words if len(word) >= LEAST_WORD}


class Sequences:
    """Refuses passwords that are mostly one character, a short repeat or a sequence of keys."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError if too few characters are neither repeated nor in a sequence."""
        text = password.casefold()
        repeated = _repeated_part(text)
        if (repeated and len(repeated) < 2 * LEAST_OWN) or _free_characters(text) < LEAST_OWN:
            raise ValidationError(
                "This password is mostly a repeat or a sequence of keys.", code="sequence"
            )

    def get_help_text(self) -> str:
        """The rule in words."""
        return "Your password cannot be a repeat or a sequence of keys."


def _free_characters(text: str) -> int:
    """Characters that do not follow from the one before: 1 of "aaaa", of "3456" and of "rewq"."""
    return len(text) - sum(_follows(first, second) for first, second in pairwise(text))


def _follows(first: str, second: str) -> bool:
    if first == second:
        return True
    pair, back = first + second, second + first
    return any(pair in keys or back in keys for keys in SEQUENCES)
