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
TITLE = re.compile(r"\b(?:review|report|child)\b", re.I)
BOARD = re.compile(
    r"\b(?:[A-Z][\w\u2019'-]+,? (?:(?:and|of|the|&) )?){1,6}"
    r"(?:Local )?(?:Area )?(?:Safeguarding|Child Protection)"
    r"(?: (?:Children(?:[\u2019']s)?|Child))? (?:Board|Partnership|Committee)\b"
)


@dataclass(frozen=True, slots=True)
class StatedDate:
    """A date, and the words of the report that state it."""

    day: date
    words: str


@dataclass(frozen=True, slots=True)
class RecordProposal:
    """What a report states about its review. "" and None: it is not stated in plain words."""

    title: str = ""
    board: str = ""
    completed: StatedDate | None = None
    published: StatedDate | None = None


def propose_record(text: str) -> RecordProposal:
    """Title, board and dates, from the beginning of the text of a report."""
    start = text[:READ]
    board = BOARD.search(start)
    return RecordProposal(
        title=_title_in(start),
        board=" ".join(board[0].split()).removeprefix("The ") if board else "",
        completed=_date_in(COMPLETED, start),
        published=_date_in(PUBLISHED, start),
    )


def _title_in(text: str) -> str:
    """The first short line that reads like the title of a report: no sentence."""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    lines = [line for line in lines if line][:TITLE_LINES]
    return next(
        (
            line
            for line in lines
            if 8 <= len(line) <= 200 and TITLE.search(line) and not line.endswith((".", ";", ","))
        ),
        "",
    )


def _date_in(pattern: re.Pattern[str], text: str) -> StatedDate | None:
    """The first real date that a pattern finds."""
    for match in pattern.finditer(text):
        day, month, year = match.groups()
        try:
            stated = date(int(year), MONTHS.index(month.lower()) + 1, int(day))
        except ValueError:
            continue
        return StatedDate(stated, " ".join(match[0].split()))
    return None
