"""Advice on words that can hurt or blame, for editors. Pure; language_advice.yaml has the words.

Advice never blocks. Quotations are left alone: they are the words of somebody else.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from waymark.core import yaml_file

WORDS = Path(__file__).resolve().parent / "language_advice.yaml"
LEFT_ALONE = re.compile(
    # Quotations in double and single quotation marks; an apostrophe inside a word ends none.
    r"“[^”]*”|\"[^\"]*\"|\u2018(?:[^\u2019]|\u2019(?=\w))*\u2019(?!\w)"
    # Marks of drafts: {quote KEY}, {exempt two: reason}, [@KEY].
    r"|\{[^{}\n]*\}|\[@[^\[\]\n]*\]"
)
BESIDE = 40
"""Characters shown before and after the words."""


class AdviceEntry(BaseModel):
    """Entry of the list. words: forms that are looked for; instead: what to write."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: Annotated[tuple[str, ...], Field(min_length=1)]
    reason: Annotated[str, Field(min_length=1)]
    instead: Annotated[str, Field(min_length=1)]


class _AdviceFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    entries: tuple[AdviceEntry, ...]


@dataclass(frozen=True, slots=True)
class LanguageAdvice:
    """Words of a text with advice. place: of the text, "" if there is one; line: from 1.

    around: the words with those beside them, in one line.
    """

    place: str
    line: int
    words: str
    around: str
    reason: str
    instead: str

    def __str__(self) -> str:
        where = f"{self.place}, line {self.line}" if self.place else f"line {self.line}"
        return f"{where}: “{self.words}”. {self.reason}. Instead: {self.instead}"


@lru_cache(maxsize=1)
def advice_entries() -> tuple[AdviceEntry, ...]:
    """The list, in the order of the file."""
    text = WORDS.read_text("utf-8")
    return yaml_file.read_yaml(text, _AdviceFile, file=WORDS.name)[0].entries


@lru_cache(maxsize=1)
def _search() -> tuple[re.Pattern[str], dict[str, AdviceEntry]]:
    """One pattern of all forms, the longest first, and the entry of each form."""
    entries = {_form(words): entry for entry in advice_entries() for words in entry.words}
    forms = sorted(entries, key=lambda form: (-len(form), form))
    choices = "|".join(r"\s+".join(map(re.escape, form.split())) for form in forms)
    return re.compile(rf"(?<![\w-])(?:{choices})(?![\w-])", re.IGNORECASE), entries


def _form(words: str) -> str:
    return " ".join(words.lower().split())


def language_advice(text: str, place: str = "") -> list[LanguageAdvice]:
    """Advice on a text, in its order. place: its name, for pages with several texts."""
    pattern, entries = _search()
    own = LEFT_ALONE.sub(lambda quoted: re.sub(r"\S", "\x00", quoted[0]), text)
    advice = []
    for match in pattern.finditer(own):
        entry = entries[_form(match[0])]
        around = text[max(0, match.start() - BESIDE) : match.end() + BESIDE]
        advice.append(
            LanguageAdvice(
                place=place,
                line=text.count("\n", 0, match.start()) + 1,
                words=" ".join(match[0].split()),
                around=" ".join(around.split()).lstrip(".,;: "),
                reason=entry.reason,
                instead=entry.instead,
            )
        )
    return advice


def advice_on_fields(fields: Iterable[tuple[str, str]]) -> list[LanguageAdvice]:
    """Advice on several texts, each with its name: "Abstract"."""
    return [advice for name, text in fields for advice in language_advice(text, name)]
