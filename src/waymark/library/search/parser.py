"""Parser of the query language: typed text -> query tree, and notes on what was not understood.

    query    = any ; any = all {"OR" all} ; all = one {["AND"] one} ; one = {"NOT"} primary
    primary  = "(" any ")" | word | word"*" | "words" | field":"value
    field    = one of tree.FIELDS ; value = word, "words", or for years and dates a range

Words side by side are joined by AND: a reader who adds a word wants fewer hits. AND binds more
tightly than OR, and NOT more tightly than both. Operators are upper case, so that "and" in a
sentence stays a word. No input raises: the parser keeps what it understands and notes the rest.

    heron otter OR badger        -> (heron AND otter) OR badger
    heron (otter OR badger)      -> heron AND (otter OR badger)
    NOT "bed sharing" super*     -> NOT (phrase bed sharing) AND (prefix super)
    theme:neglect year:2004-     -> (field theme, neglect) AND (years 2004 to None)
    heron (otter                 -> heron AND otter, with a note: the bracket is not closed

The parser has three steps, and none recurses deeper than the brackets: characters to lexemes
(_QueryLexer), limits and brackets repaired (_limited_lexemes, _balanced_lexemes), lexemes to a tree
(_QueryParser).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from waymark.library.language.analyser import word_forms, words_in
from waymark.library.search.dates import dates_in_order, is_date
from waymark.library.search.tree import (
    DATE_FIELDS,
    FIELDS,
    OPERATORS,
    DatesNode,
    FieldNode,
    PhraseNode,
    PrefixNode,
    QueryTree,
    WordNode,
    YearsNode,
    all_of,
    any_of,
    as_text,
    none_of,
    word_text,
)

# Limits of a search. A prefix is the dearest leaf: the engine looks up every word that it may be.
LONGEST_QUERY = 1_000
DEEPEST_BRACKETS = 10
MOST_LEAVES = 50
MOST_PREFIXES = 5
SHORTEST_PREFIX = 2


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """Limits of one search: characters, depth of brackets, words, and words with a star."""

    characters: int = LONGEST_QUERY
    brackets: int = DEEPEST_BRACKETS
    words: int = MOST_LEAVES
    prefixes: int = MOST_PREFIXES


USUAL_LIMITS = QueryLimits()
STRATEGY_LIMITS = QueryLimits(characters=20_000, brackets=30, words=600, prefixes=100)
"""For the lines of a literature search, which only staff run."""

WRITTEN_NUMBERS = frozenset({"doi", "http", "https", "isbn", "issn", "urn"})
"""They begin an identifier or an address, and are no fields."""
QUOTES = '"“”„'
LEXEME = re.compile(rf"(?P<open>\()|(?P<close>\))|(?P<quote>[{QUOTES}])|(?P<run>[^\s(){QUOTES}]+)")
QUOTE = re.compile(f"[{QUOTES}]")
NAMED = re.compile(r"(?P<name>[A-Za-z]+):(?P<value>.*)", re.DOTALL)
YEARS = re.compile(
    r"(?P<one>[0-9]{4})|(?P<first>[0-9]{4})?(?:-|\u2013|\.\.)(?P<last>[0-9]{4})?", re.ASCII
)
DAY = r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?"
DATES = re.compile(rf"(?P<one>{DAY})|(?P<first>{DAY})?(?:\.\.|\u2013|-)(?P<last>{DAY})?", re.ASCII)
# A run of only these is punctuation between words and gets no note.
BETWEEN_WORDS = frozenset("-\u2013\u2014&+/.,;:!?\u2026'\u2019")

__all__ = ["ParsedQuery", "QueryNote", "as_text", "parse_query"]


@dataclass(frozen=True, slots=True)
class QueryNote:
    """A message about the query. start, end: code points of the query it is about.

    start == end == 0 if it is about the whole query. is_prose: about a word with a colon and a
    space after it, as titles have them: only specifications refuse it.
    """

    message: str
    start: int = 0
    end: int = 0
    is_prose: bool = False


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A parsed query. tree: None if there is nothing to search for. notes: in order of position."""

    tree: QueryTree | None
    notes: tuple[QueryNote, ...] = ()


Mark = Literal["(", ")", "AND", "OR", "NOT"]


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A mark, or the leaves of one typed word (several for a prefix with a hyphen: bed-shar*)."""

    mark: Mark | None
    leaves: tuple[QueryTree, ...]
    start: int
    end: int


def parse_query(text: str, limits: QueryLimits = USUAL_LIMITS) -> ParsedQuery:
    """Parse a typed query into a tree and notes. Never raises."""
    reading = _QueryLexer(text, limits)
    lexemes = _balanced_lexemes(_limited_lexemes(reading), reading.notes, limits.brackets)
    tree = _QueryParser(lexemes, reading.notes).read()
    notes = sorted(reading.notes, key=lambda note: (note.start, note.end))
    if tree is None and text.strip() and not notes:
        notes = [QueryNote("Enter a word to search for.", 0, len(text))]
    return ParsedQuery(tree, tuple(notes))


class _QueryLexer:
    """Lexer: from characters to lexemes."""

    def __init__(self, text: str, limits: QueryLimits) -> None:
        self.text = text[: limits.characters]
        self.limits = limits
        self.notes: list[QueryNote] = []
        if len(text) > limits.characters:
            message = f"We used only the first {limits.characters:,} characters."
            self.notes.append(QueryNote(message, limits.characters, len(text)))

    def lexemes(self) -> Iterator[Lexeme]:
        at = 0
        while match := LEXEME.search(self.text, at):
            start, at = match.span()
            if match["quote"]:
                content, at = self._quoted(start)
                yield from self._leaf(self._phrase(content, start, at), start, at)
            elif match["run"] is None:
                yield Lexeme("(" if match["open"] else ")", (), start, at)
            elif match["run"] in OPERATORS:
                mark: Mark = "AND" if match["run"] == "AND" else "OR"
                yield Lexeme("NOT" if match["run"] == "NOT" else mark, (), start, at)
            else:
                leaves, at = self._read_run(match["run"], start, at)
                yield from self._leaf(leaves, start, at)

    @staticmethod
    def _leaf(leaves: tuple[QueryTree, ...], start: int, end: int) -> Iterator[Lexeme]:
        if leaves:
            yield Lexeme(None, leaves, start, end)

    def _add_note(self, message: str, start: int, end: int) -> None:
        self.notes.append(QueryNote(message, start, end))

    def _quoted(self, start: int) -> tuple[str, int]:
        """The content of the quotation that opens at start, and the position after it."""
        closing = QUOTE.search(self.text, start + 1)
        if closing is None:
            end = len(self.text)
            self._add_note(
                "Add a closing quotation mark. We searched the rest as one phrase.", start, end
            )
            return self.text[start + 1 :], end
        return self.text[start + 1 : closing.start()], closing.end()

    def _phrase(self, content: str, start: int, end: int) -> tuple[QueryTree, ...]:
        typed_words = words_in(content)
        if not typed_words:
            self._add_note("There are no words between the quotation marks.", start, end)
            return ()
        return (PhraseNode(" ".join(typed_words), start=start, end=end),)

    def _read_run(self, run: str, start: int, end: int) -> tuple[tuple[QueryTree, ...], int]:
        """The leaves of a run without space, bracket or quotation mark, and where it ends."""
        named = NAMED.fullmatch(run)
        if named is None:
            return self._word(run, start, end), end
        name, value = named["name"].lower(), named["value"]
        if name in WRITTEN_NUMBERS:
            return self._word(run, start, end), end
        if name not in FIELDS:
            message = (
                f"There is no field {named['name']}. We searched for the words instead. "
                f"Fields: {', '.join(FIELDS)}."
            )
            self.notes.append(QueryNote(message, start, end, is_prose=not value))
            return self._word(run, start, end), end
        if not value and end < len(self.text) and self.text[end] in QUOTES:
            value, end = self._quoted(end)
        return self._field(name, value, start, end), end

    def _word(self, run: str, start: int, end: int) -> tuple[QueryTree, ...]:
        typed_words = words_in(run)
        if not typed_words:
            if set(run) - BETWEEN_WORDS:
                self._add_note(f"{run} contains no letters or numbers.", start, end)
            return ()
        if run.startswith("-"):
            self._add_note("To exclude a word, enter NOT before it.", start, end)
        # "practition*" is ("practition", "*", ""); "ab*cd" and "a*b*" have a star elsewhere.
        stem, star, after = run.rpartition("*")
        if not star or after or "*" in stem:
            if "*" in run:
                self._add_note("A star only works at the end of a word. We ignored it.", start, end)
            return (WordNode(word_text("-".join(typed_words)), start=start, end=end),)
        return self._prefix(typed_words, start, end)

    def _prefix(self, typed_words: list[str], start: int, end: int) -> tuple[QueryTree, ...]:
        # bed-shar* searches for bed, and for words that start with shar.
        *before, last = typed_words
        leaves: list[QueryTree] = [
            WordNode(word_text(word), start=start, end=end) for word in before
        ]
        if len(word_forms(last)[0]) < SHORTEST_PREFIX:
            message = f"Enter at least {SHORTEST_PREFIX} letters before a star."
            self._add_note(message, start, end)
        else:
            leaves.append(PrefixNode(last, start=start, end=end))
        return tuple(leaves)

    def _field(self, name: str, value: str, start: int, end: int) -> tuple[QueryTree, ...]:
        if name == "year":
            return self._years(value.strip(), start, end)
        if name in DATE_FIELDS:
            return self._dates(name, value.strip(), start, end)
        typed_words = words_in(value)
        if not typed_words:
            message = f'Enter a word, or "words", directly after {name}: (without a space).'
            self._add_note(message, start, end)
            return ()
        if "*" in value:
            self._add_note("A star does not work in a field. We ignored it.", start, end)
        return (FieldNode(name, " ".join(typed_words), start=start, end=end),)

    def _years(self, value: str, start: int, end: int) -> tuple[QueryTree, ...]:
        match = YEARS.fullmatch(value)
        ends = [match["one"] or match["first"], match["one"] or match["last"]] if match else []
        if not any(ends):
            message = "After year: enter a year or years, like 2004 or 2004-2006."
            self._add_note(message, start, end)
            return ()
        first, last = (int(year) if year else None for year in ends)
        # Two years in the wrong order are surely a slip: searched as if in order, with a note.
        if first is not None and last is not None and first > last:
            self._add_note(f"We searched for year:{last}-{first}.", start, end)
            first, last = last, first
        return (YearsNode(first, last, start=start, end=end),)

    def _dates(self, name: str, value: str, start: int, end: int) -> tuple[QueryTree, ...]:
        match = DATES.fullmatch(value)
        first = match and (match["one"] or match["first"])
        last = match and (match["one"] or match["last"])
        days = list(filter(None, (first, last)))
        if not days or not all(map(is_date, days)):
            message = (
                f"After {name}: enter a date or dates, like 2026-01-31, 2026 or 2026-01..2026-03."
            )
            self._add_note(message, start, end)
            return ()
        if not dates_in_order(first, last):
            self._add_note(f"We searched for {name}:{last}..{first}.", start, end)
            first, last = last, first
        return (DatesNode(name, first, last, start=start, end=end),)


def _limited_lexemes(reading: _QueryLexer) -> list[Lexeme]:
    """The lexemes, limited to as many words and prefixes as a search may have."""
    lexemes: list[Lexeme] = []
    leaves = prefixes = 0
    limits = reading.limits
    for lexeme in reading.lexemes():
        stars = sum(isinstance(leaf, PrefixNode) for leaf in lexeme.leaves)
        if lexeme.leaves and leaves + len(lexeme.leaves) > limits.words:
            message = f"We searched only the first {limits.words} words."
            reading.notes.append(QueryNote(message, lexeme.start, len(reading.text)))
            break
        if stars and prefixes + stars > limits.prefixes:
            message = f"We searched only the first {limits.prefixes} words with a star."
            reading.notes.append(QueryNote(message, lexeme.start, lexeme.end))
            continue
        leaves, prefixes = leaves + len(lexeme.leaves), prefixes + stars
        lexemes.append(lexeme)
    return lexemes


def _balanced_lexemes(lexemes: list[Lexeme], notes: list[QueryNote], deepest: int) -> list[Lexeme]:
    """The lexemes with every bracket closed, none deeper than deepest."""
    balanced: list[Lexeme] = []
    opened: list[Lexeme] = []
    for lexeme in lexemes:
        message = ""
        if lexeme.mark == "(":
            opened.append(lexeme)
            if len(opened) > deepest:
                message = f"We ignored brackets nested more than {deepest} deep."
        elif lexeme.mark == ")":
            message = "" if opened else "There is no opening bracket for this one. We ignored it."
            if opened and len(opened) > deepest:
                message = "We ignored this bracket and the one it closes."
            # A slice, because nothing is open at a stray ")": an empty list stays one.
            del opened[-1:]
        if message:
            notes.append(QueryNote(message, lexeme.start, lexeme.end))
        else:
            balanced.append(lexeme)
    return balanced + _closing_brackets(opened[:deepest], notes)


def _closing_brackets(opened: list[Lexeme], notes: list[QueryNote]) -> list[Lexeme]:
    """A closing bracket for each bracket that is still open."""
    for bracket in opened:
        message = "This bracket is not closed. We closed it at the end."
        notes.append(QueryNote(message, bracket.start, bracket.end))
    return [Lexeme(")", (), at.end, at.end) for at in opened]


class _QueryParser:
    """Parser: from balanced lexemes to a tree, never deeper than the brackets."""

    def __init__(self, lexemes: list[Lexeme], notes: list[QueryNote]) -> None:
        self.lexemes, self.notes, self.at = lexemes, notes, 0

    def read(self) -> QueryTree | None:
        return self._any()

    @property
    def _mark(self) -> Mark | Literal["end"] | None:
        return self.lexemes[self.at].mark if self.at < len(self.lexemes) else "end"

    def _add_note(self, lexeme: Lexeme, message: str) -> None:
        self.notes.append(QueryNote(message, lexeme.start, lexeme.end))

    def _any(self) -> QueryTree | None:
        parts = [part for part in [self._all()] if part is not None]
        while self._mark == "OR":
            operator = self.lexemes[self.at]
            self.at += 1
            before = len(parts)
            if (part := self._all()) is not None:
                parts.append(part)
            if not before or len(parts) == before:
                self._add_note(operator, "Enter words on both sides of OR.")
        return any_of(parts) if parts else None

    def _all(self) -> QueryTree | None:
        parts: list[QueryTree] = []
        waiting: Lexeme | None = None
        while self._mark in (None, "(", "NOT", "AND"):
            if self._mark == "AND":
                if waiting is not None or not parts:
                    self._add_note(self.lexemes[self.at], "Enter words on both sides of AND.")
                waiting = self.lexemes[self.at]
                self.at += 1
                continue
            if (part := self._one()) is not None:
                parts.append(part)
                waiting = None
        if waiting is not None and parts:
            self._add_note(waiting, "Enter words on both sides of AND.")
        return all_of(parts) if parts else None

    def _one(self) -> QueryTree | None:
        # NOT NOT a is a: the operators are counted in pairs.
        negated, operator = False, None
        while self._mark == "NOT":
            negated, operator = not negated, self.lexemes[self.at]
            self.at += 1
        part = self._primary()
        if part is None:
            if operator is not None:
                self._add_note(operator, "Enter a word after NOT.")
            return None
        return none_of(part) if negated else part

    def _primary(self) -> QueryTree | None:
        if self._mark == "(":
            bracket = self.lexemes[self.at]
            self.at += 1
            inner = self._any()
            self.at += 1  # the closing bracket: _balanced_lexemes() has made sure of it
            if inner is None:
                self._add_note(bracket, "There are no words between these brackets.")
            return inner
        if self._mark is None:
            self.at += 1
            return all_of(self.lexemes[self.at - 1].leaves)
        return None
