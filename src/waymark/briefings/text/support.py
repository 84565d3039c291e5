"""Check that each statement of a briefing is supported, and that its words say no more. Pure.

A statement is supported by passages, by numbers of a published table, or by a publication in the
catalogue. Without any of them it must be marked as the author's own.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from waymark.briefings.text.sections import MOST_WORDS, PARTS, QUESTIONS, SHORT
from waymark.briefings.text.statements import BriefingStatement, StatementText
from waymark.publishing.document.citations import CitedPassage, CitedRecord, one_line
from waymark.publishing.document.claims.vocabulary import NumberFound, normal, vocabulary

NEEDED = "cite a passage as [@KEY], or mark the statement as your own with {own}"
# A single mark after a letter is an apostrophe: "the boys' coats".
QUOTED = re.compile(
    r"[“\"]([^“”\"]+)[”\"]|(?<!\w)['\u2018](?=\w)((?:[^'\u2018\u2019]|(?<=\w)['\u2019](?=\w))+)['\u2019]"
)
STRAIGHT = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014", "''\"\"--")
WORD = re.compile(r"\w+(?:[\u2019'-]\w+)*")
NUMBER = (
    "“{0}” is not in the passages cited: cite one that has it, name a table as {{T3/row/column}},"
    " or give a reason as {{exempt {0}: reason}}"
)
REVIEWS = (
    "“{0}” counts reviews, and only a published table or the reviews cited here may: name a number"
    " as {{T3/row/column}}, or cite a passage of each review"
)
HEADING = (
    "“{0}” in the heading “{1}” is in no statement under it: write it there with its source, or"
    " leave it out"
)


@dataclass(frozen=True, slots=True)
class StatementFault:
    """Fault of a text with its remedy. number: of the statement, 0 for the text; line: from 1."""

    slot: str
    number: int
    line: int
    message: str

    def __str__(self) -> str:
        place = f"{self.slot}, statement {self.number}" if self.number else self.slot
        return f"{place} (line {self.line}): {self.message}" if self.line else self.message


@dataclass(frozen=True, slots=True)
class BriefingSources:
    """What statements may cite. refused: reason by key; cells: printed number by its mark.

    passages, records: by key. A cell without a printed number is in refused.
    """

    passages: Mapping[str, CitedPassage]
    records: Mapping[str, CitedRecord]
    cells: Mapping[str, str]
    refused: Mapping[str, str]

    def words_of(self, statement: BriefingStatement) -> list[CitedPassage]:
        """The passages of a statement that can be cited."""
        return [self.passages[key] for key in statement.passages if key in self.passages]


def text_faults(
    slot: str, text: StatementText, sources: BriefingSources
) -> Iterator[StatementFault]:
    """Every fault of the statements and headings of a text."""
    for part in text.parts:
        for number in numbers_without_source(part.heading, part.statements, sources):
            yield StatementFault(slot, 0, 0, HEADING.format(number, part.heading))
    for statement in text.statements:
        yield from statement_faults(statement, sources)


def statement_faults(
    statement: BriefingStatement, sources: BriefingSources
) -> Iterator[StatementFault]:
    """Every fault of a statement."""
    for message in (*_refused(statement, sources), *_support(statement, sources)):
        yield StatementFault(statement.slot, statement.number, statement.line, message)


def _refused(statement: BriefingStatement, sources: BriefingSources) -> Iterator[str]:
    for name in statement.passages:
        if name not in sources.passages or name in sources.refused:
            missing = f"there is no passage {name}: copy its key from its page"
            yield sources.refused.get(name, missing)
    for name in statement.names("cell"):
        if name not in sources.cells:
            yield sources.refused.get(name, f"{{{name}}} is no number of a published table")
    for name in statement.names("record"):
        if name not in sources.records:
            yield f"the public catalogue has no publication {name}"
    if statement.names("see"):
        yield "a briefing has no tables to refer to: name a number as {T3/row/column}"


def _support(statement: BriefingStatement, sources: BriefingSources) -> Iterator[str]:
    if statement.quotation:
        return
    if not statement.plain:
        yield from _cites(statement)
        yield from _quoted_words(statement, sources)
    if not statement.plain or statement.is_question:
        yield from _figures(statement, sources)
    yield from _counts_of_reviews(statement, sources)


def _cites(statement: BriefingStatement) -> Iterator[str]:
    cites = (*statement.passages, *statement.names("cell", "record"))
    if statement.own and statement.passages:
        yield "it is marked as your own and cites a passage: remove one of the two"
    elif not cites and not statement.own:
        yield f"nothing supports this statement: {NEEDED}"


def _plain(words: str) -> str:
    return one_line(words.translate(STRAIGHT)).lower()


def _quoted_words(statement: BriefingStatement, sources: BriefingSources) -> Iterator[str]:
    """Words in quotation marks that are in none of the passages cited."""
    if statement.own:
        return
    cited = [_plain(passage.words) for passage in sources.words_of(statement)]
    for double, single in QUOTED.findall(statement.words):
        quoted = double or single
        # The stop or comma before a closing mark can belong to the sentence around it.
        words = _plain(quoted).rstrip(".,;:?!")
        if words and not any(words in passage for passage in cited):
            yield f"the words “{quoted}” are not in the passages cited: quote them exactly"


def _figures(statement: BriefingStatement, sources: BriefingSources) -> Iterator[str]:
    """Numbers, other than of reviews, that no passage cited has and nothing exempts."""
    cited = _cited_words(statement, sources)
    words = vocabulary()
    known = words.values_in(cited)
    text = statement.words
    for number in words.numbers_in(text):
        if _needs_source(number) and not (
            words.unit_after(text, number.end) == "review"
            or number.value in known
            or normal(number.text) in normal(cited)
            or normal(number.text) in statement.exempt
        ):
            yield NUMBER.format(number.text)


def _counts_of_reviews(statement: BriefingStatement, sources: BriefingSources) -> Iterator[str]:
    """Numbers of reviews that are neither those cited nor the words of a passage."""
    reviews = len({passage.review for passage in sources.words_of(statement)})
    cited = _cited_words(statement, sources)
    words = vocabulary()
    for number in words.numbers_in(statement.words):
        if words.unit_after(statement.words, number.end) != "review":
            continue
        if not _counts(number, reviews) and not _says(cited, number):
            yield REVIEWS.format(number.text)


def _cited_words(statement: BriefingStatement, sources: BriefingSources) -> str:
    return " ".join(passage.words for passage in sources.words_of(statement))


def numbers_without_source(
    words: str, statements: Iterable[BriefingStatement], sources: BriefingSources, facts: str = ""
) -> list[str]:
    """Numbers of words that cannot cite, such as a heading, and that no statement has.

    facts: other words that may be repeated. "One" is no figure there: "one day at a time".
    """
    known = vocabulary()
    numbers = [
        number
        for number in known.numbers_in(words)
        if normal(number.text) != "one"
        and (_needs_source(number) or known.unit_after(words, number.end) == "review")
    ]
    if not numbers:
        return []
    rows = list(statements)
    cells = (sources.cells.get(name, "") for row in rows for name in row.names("cell"))
    printed = " ".join([*(row.words for row in rows), *cells, facts])
    values, text = known.values_in(printed), normal(printed)
    return [
        number.text
        for number in numbers
        if number.value not in values and normal(number.text) not in text
    ]


def _needs_source(number: NumberFound) -> bool:
    """True for figures; words such as "some" are a figure only before what they count."""
    return number.meaning is None or number.meaning.figure


def _counts(number: NumberFound, reviews: int) -> bool:
    """True if a number of reviews is that of the reviews cited: "three", or "some" for three."""
    if number.meaning is None:
        return reviews > 0 and number.value == reviews
    count = number.meaning.count
    return reviews > 0 and count is not None and count.contain(reviews)


def _says(cited: str, number: NumberFound) -> bool:
    """True if a passage itself has the number before the word: a plan had "eleven reviews"."""
    words = vocabulary()
    return number.value is not None and any(
        row.value == number.value and words.unit_after(cited, row.end) == "review"
        for row in words.numbers_in(cited)
    )


# ---- the seven-minute form ----


def word_count(text: StatementText, passages: Mapping[str, CitedPassage]) -> int:
    """Number of words that a text prints: headings, statements, and the passages it quotes."""
    printed = [part.heading for part in text.parts]
    for statement in text.statements:
        quoted = statement.passages if statement.quotation else ()
        printed += [statement.words, *(passages[key].words for key in quoted if key in passages)]
    return sum(len(WORD.findall(words)) for words in printed)


def short_form_faults(
    text: StatementText, passages: Mapping[str, CitedPassage]
) -> Iterator[StatementFault]:
    """What a seven-minute form lacks or has too much of."""
    for message in _short_form_problems(text, passages):
        yield StatementFault(SHORT, 0, 0, f"the seven-minute form {message}")


def _short_form_problems(
    text: StatementText, passages: Mapping[str, CitedPassage]
) -> Iterator[str]:
    parts = [part for part in text.parts if part.heading]
    if len(parts) != PARTS or len(parts) != len(text.parts):
        yield f"needs {PARTS} parts, each with a heading (###): it has {len(parts)}"
        return
    lists = [rows for listed, rows in parts[-1].blocks if listed]
    questions = [row for rows in lists for row in rows if row.plain]
    if len(questions) != QUESTIONS:
        yield (
            f"needs a list of {QUESTIONS} questions for the team in its last part: it has"
            f" {len(questions)} that end with a question mark"
        )
    if (words := word_count(text, passages)) > MOST_WORDS:
        yield f"can have {MOST_WORDS} words, not {words}: shorten it"
