"""Title, board and dates of a review as its report states them: a proposal that a person confirms.

Only the beginning of the report is read, where title pages are. What is not stated there in plain
words is not proposed.
"""

# Example: "Serious case review: Child Fern\nZennorshire Safeguarding Children Board\nThe review was
# completed on 12 March 2013. Published 4 May 2014." proposes the first line as the title, the
# second as the board, and both dates, each with its words.

import re
from dataclasses import dataclass
from datetime import date

READ = 6_000
"""Characters at the beginning of a report that are read."""
TITLE_LINES = 15
"""Lines among which the title is looked for."""
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
DAY = rf"(\d{{1,2}})(?:st|nd|rd|th)?\s+({'|'.join(MONTHS)}),?\s+((?:19|20)\d\d)"
# At most 60 characters between the word and the date, and no full stop: one statement.
COMPLETED = re.compile(rf"\b(?:completed|concluded|finished)\b[^.\n]{{0,60}}?\b{DAY}\b", re.I)
PUBLISHED = re.compile(
    rf"\b(?:published|publication date|date of publication)\b[^.\n]{{0,60}}?\b{DAY}\b", re.I
)
FOOTNOTE_MARK = re.compile(
    r"(?:\s*[*\u2020\u2021\u00a7\u00b9\u00b2\u00b3\u2070\u2074-\u2079]+"
    r"|\s*\[\d{1,2}\]|(?<=[a-z]{3})\d{1,2})+$"
)
"""Mark of a footnote at the end of a title: a sign, a raised digit, or a digit attached to a word.

In text raised digits are plain ones. "Child A1" and "Review 2" end with a number of their own.
"""
LINE = re.compile(r"[^\n]+")
TITLE = re.compile(r"\b(?:review|report|child)\b", re.I)
BOARD = re.compile(
    r"\b(?:[A-Z][\w\u2019'-]+,? (?:(?:and|of|the|&) )?){1,6}"
    r"(?:Local )?(?:Area )?(?:Safeguarding|Child Protection)"
    r"(?: (?:Children(?:[\u2019']s)?|Child))? (?:Board|Partnership|Committee)\b"
)


@dataclass(frozen=True, slots=True)
class StatedValue:
    """A value of the record, the words of the report that state it, and where they begin."""

    value: str | date
    words: str
    start: int


def propose_record(text: str) -> dict[str, StatedValue]:
    """Field of the record -> what the beginning of a report states; without what it does not."""
    beginning = text[:READ]
    stated = {
        "title": _title_in(beginning),
        "board": _board_in(beginning),
        "completed_on": _date_in(COMPLETED, beginning),
        "published_on": _date_in(PUBLISHED, beginning),
    }
    return {field: value for field, value in stated.items() if value is not None}


def _title_in(text: str) -> StatedValue | None:
    """The first short line that reads like the title of a report: no sentence."""
    lines = [match for match in LINE.finditer(text) if match[0].strip()][:TITLE_LINES]
    for match in lines:
        line = " ".join(match[0].split())
        if 8 <= len(line) <= 200 and TITLE.search(line) and not line.endswith((".", ";", ",")):
            return StatedValue(FOOTNOTE_MARK.sub("", line), line, match.start())
    return None


def _board_in(text: str) -> StatedValue | None:
    match = BOARD.search(text)
    if match is None:
        return None
    words = " ".join(match[0].split())
    return StatedValue(words.removeprefix("The "), words, match.start())


def _date_in(pattern: re.Pattern[str], text: str) -> StatedValue | None:
    """The first real date that a pattern finds."""
    for match in pattern.finditer(text):
        day, month, year = match.groups()
        try:
            stated = date(int(year), MONTHS.index(month.lower()) + 1, int(day))
        except ValueError:
            continue
        return StatedValue(stated, " ".join(match[0].split()), match.start())
    return None
