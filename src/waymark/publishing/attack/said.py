"""Withheld rows that some text names with a number beside them."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from waymark.publishing.attack.equations import HEAD
from waymark.publishing.attack.grid import WITHHELD, Leak, Words, number
from waymark.publishing.attack.merged import Published
from waymark.publishing.attack.read_office import PRINT

WORD = re.compile("[a-z]{3}")
DATA = ("/", "row ", "metadata")
"""Where data are, not sentences: ids of rows, which can be plain words, are looked for there."""


def said(
    tables: Sequence[Published], words: Sequence[Words], names: Sequence[tuple[str, str]]
) -> Iterator[Leak]:
    """A withheld row named in words with a number beside it. names: ids and labels of rows."""
    labels = {line.label for table in tables for line in table.lines}
    labels |= {column for table in tables for column in table.columns}
    labels |= {head[1] for head in map(HEAD.fullmatch, labels) if head}
    secret = _secret(tables)
    ids = {one: secret[label] for one, label in names if label in secret and WORD.search(one)}
    plain = [text for text in words if text.where.startswith(DATA)]
    for held, texts in ((secret, words), (ids, plain)):
        for label, table in held.items():
            for text, number_said in _beside_numbers(label, texts, labels):
                where = f"{text.where}: {table} {label}"
                what = f"says {number_said} where the table withholds the number"
                yield Leak(text.file, where, what)


def _beside_numbers(
    label: str, words: Sequence[Words], labels: Collection[str]
) -> Iterator[tuple[Words, str]]:
    """The texts in which a number follows a label, with that number."""
    named = re.compile(rf"(?<![\w-]){re.escape(label)}\s*[:=,(]?\s*(\d[\d,.]*)", re.IGNORECASE)
    for text in words:
        for found in named.finditer(text.text):
            if not _is_label(text, found, labels):
                yield text, found[1].rstrip(".,")


def _secret(tables: Sequence[Published]) -> dict[str, str]:
    """Labels of rows whose counts are all withheld, that no other row bears, with their tables."""
    times = Counter(line.label for table in tables for line in table.lines)
    return {
        line.label: table.id
        for table in tables
        for line in table.lines
        if times[line.label] == 1
        and all(number(line.cells[at]) is None for at in table.counts())
        and any(line.cells[at] == WITHHELD for at in table.counts())
    }


def _is_label(text: Words, found: re.Match[str], labels: Collection[str]) -> bool:
    """Whether a number belongs to a longer label, or in print to the row that follows."""
    whole, secret = text.text.lower(), found[0][: found.start(1) - found.start()]
    name = secret.rstrip(" :=,(").lower()
    for label in labels:
        lower = label.lower()
        inside = lower.find(name)
        if inside >= 0 and len(lower) > len(name) and found.start() >= inside:
            start = found.start() - inside
            if whole.startswith(lower, start):
                return True
    rest = whole[found.start(1) :]
    return text.where == PRINT and any(rest.startswith(label.lower()) for label in labels)
