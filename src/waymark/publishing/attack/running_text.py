"""Withheld rows that some text names with a number beside them."""

import re
from collections.abc import Collection, Iterator, Sequence

from waymark.publishing.attack.equations import HEAD
from waymark.publishing.attack.grid import WITHHELD, Leak, LooseText, PrintedRow, printed_number
from waymark.publishing.attack.merge_files import MergedTable
from waymark.publishing.attack.read_office import PRINT

WORD = re.compile("[a-z]{3}")
DATA = ("/", "row ", "metadata")
"""Places of data, not sentences: ids of rows, which can be plain words, are sought only there."""


def text_leaks(
    tables: Sequence[MergedTable], words: Sequence[LooseText], names: Sequence[tuple[str, str]]
) -> Iterator[Leak]:
    """A withheld row named in words with a number beside it. names: ids and labels of rows.

    The table withholds "Probation"; a paragraph says "Probation: 3", and a JSON path ends in
    "ag.probation: 3". "Probation 2003 to 2005" is the label of another row, and no leak.
    """
    labels = {line.label for table in tables for line in table.lines}
    labels |= {column for table in tables for column in table.columns}
    labels |= {head[1] for head in map(HEAD.fullmatch, labels) if head}
    secret = _withheld_labels(tables)
    ids = {row: secret[label] for row, label in names if label in secret and WORD.search(row)}
    # An id is a common word in prose ("other: 3 reviews"), so ids are looked for in data files
    # only.
    plain = [text for text in words if text.where.startswith(DATA)]
    for withheld, texts in ((secret, words), (ids, plain)):
        for label, table in withheld.items():
            for text, number_said in _beside_numbers(label, texts, labels):
                where = f"{text.where}: {table} {label}"
                what = f"says {number_said} where the table withholds the number"
                yield Leak(text.file, where, what)


# ---- briefings ----

BRIEFING = re.compile(r"(?:briefing|guide)-")
"""Beginning of the names of files of briefings, which are all sentences."""
SENTENCE = re.compile(r"[^.?!]+")
COUNTED = re.compile(
    r"(?<![\w-])(\d[\d,]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|no)\s+"
    r"(?:of\s+(?:the\s+|these\s+)?)?(?:\w+\s+){0,2}"
    r"(?:reviews?|reports?|children|child|babies|infants|families|parents|mothers|fathers)(?![\w-])",
    re.IGNORECASE,
)
PLAINEST = 5
"""Labels with fewer letters, such as "Male", are words of any sentence."""


def sentence_leaks(tables: Sequence[MergedTable], words: Sequence[LooseText]) -> Iterator[Leak]:
    """A sentence of a briefing that counts and names a row whose number is withheld.

    The table withholds "Sexual abuse"; a briefing says "In two reviews sexual abuse was known".
    """
    secret = {
        label: table
        for label, table in _withheld_labels(tables).items()
        if len(re.sub(r"\W", "", label)) >= PLAINEST
    }
    named = {
        label: re.compile(rf"(?<![\w-]){re.escape(label)}(?![\w-])", re.IGNORECASE)
        for label in secret
    }
    for text in words:
        if not BRIEFING.match(text.file):
            continue
        for sentence in SENTENCE.findall(text.text):
            counted = COUNTED.search(sentence)
            for label, pattern in named.items():
                if counted is not None and pattern.search(sentence):
                    where = f"{text.where}: {secret[label]} {label}"
                    what = f"a briefing says {counted[0]} of what the table withholds"
                    yield Leak(text.file, where, what)


def _beside_numbers(
    label: str, words: Sequence[LooseText], labels: Collection[str]
) -> Iterator[tuple[LooseText, str]]:
    """The texts in which a number follows a label, with that number."""
    named = re.compile(rf"(?<![\w-]){re.escape(label)}\s*[:=,(]?\s*(\d[\d,.]*)", re.IGNORECASE)
    for text in words:
        for match in named.finditer(text.text):
            if not _is_label(text, match, labels):
                yield text, match[1].rstrip(".,")


def _withheld_labels(tables: Sequence[MergedTable]) -> dict[str, str]:
    """Labels of rows whose counts are all withheld, in each table that has them; with a table."""
    lines = [(table, line) for table in tables for line in table.lines]
    printed = {line.label for table, line in lines if not _is_withheld(table, line)}
    return {line.label: table.id for table, line in lines if line.label not in printed}


def _is_withheld(table: MergedTable, line: PrintedRow) -> bool:
    cells = [line.cells[at] for at in table.counts()]
    return WITHHELD in cells and all(printed_number(cell) is None for cell in cells)


def _is_label(text: LooseText, match: re.Match[str], labels: Collection[str]) -> bool:
    """Return True if a number belongs to a longer label, or in print to the next row."""
    # "Probation: 2003 to 2005": the label of a row begins like the withheld one and goes on with a
    # number; in print, without lines, the next row may begin with one.
    whole, secret = text.text.lower(), match[0][: match.start(1) - match.start()]
    name = secret.rstrip(" :=,(").lower()
    for label in labels:
        lower = label.lower()
        inside = lower.find(name)
        if inside >= 0 and len(lower) > len(name) and match.start() >= inside:
            start = match.start() - inside
            if whole.startswith(lower, start):
                return True
    rest = whole[match.start(1) :]
    return text.where == PRINT and any(rest.startswith(label.lower()) for label in labels)
